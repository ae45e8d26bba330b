//! A finding, and how those that say the same word become one.

use serde::Serialize;

use super::words::{place_words, rounded};

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// Level over frequency.
    Spectrum,
    /// Width and balance.
    Stereo,
    /// Loudness of the whole.
    Loudness,
    /// Peaks against loudness, loudness range.
    Dynamics,
    /// Over full scale.
    Peaks,
}

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What it is about.
    pub area: Area,
    /// A sentence with figure and place.
    pub text: String,
    /// The figure: mix minus matched reference, but the true peak itself for [`Area::Peaks`].
    pub value: f64,
    /// Unit of the figure.
    pub unit: &'static str,
    /// 0 … 1: 0.5 is heard at once of the same song, and of another one as far from its mean as its own 10-90 % span reaches.
    pub severity: f64,
    /// The frequencies it is about, where it is about some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_hz: Option<[f64; 2]>,
    /// All stretches of frequency that its words name.
    #[serde(skip)]
    pub named_hz: Vec<[f64; 2]>,
    /// The seconds of the mix where nearly all of it lies; none where that is everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_secs: Option<[f64; 2]>,
    /// The same in the reference's own time, of a mix whose own time is that of an evening.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub song_secs: Option<[f64; 2]>,
    /// The same as `text`, to follow "the mix is": "duller (−2.0 dB, 5–20 kHz)".
    #[serde(skip)]
    pub clause: String,
}

impl Finding {
    /// A finding that has no words yet.
    pub(super) fn of(area: Area, value: f64, unit: &'static str, severity: f64) -> Self {
        Self {
            area,
            text: String::new(),
            value: rounded(value),
            unit,
            severity,
            frequency_hz: None,
            named_hz: vec![],
            time_secs: None,
            song_secs: None,
            clause: String::new(),
        }
    }

    /// The same with its place told by the song that both are, where `song_secs` knows it.
    pub fn in_song_time(mut self, song_secs: impl Fn([f64; 2]) -> Option<[f64; 2]>) -> Self {
        let Some((own, song)) = self.time_secs.and_then(|own| Some((own, song_secs(own)?))) else {
            return self;
        };
        let [before, now] = [own, song].map(|[from, to]| place_words(Some(&(from..to))));
        for words in [&mut self.text, &mut self.clause] {
            *words = words.replace(&before, &format!("{now} of the song"));
        }
        self.song_secs = Some(song.map(rounded));
        self
    }
}

/// A finding about a part of the spectrum, whose word others may have as well.
pub(super) struct Said {
    pub word: &'static str,
    pub figure: String,
    pub finding: Finding,
}

/// Each word once: what others say with the same word is added to the most severe.
pub(super) fn told(mut said: Vec<Said>) -> Vec<Finding> {
    for said in &mut said {
        said.finding.named_hz.extend(said.finding.frequency_hz);
    }
    said.sort_by(|a, b| b.finding.severity.total_cmp(&a.finding.severity));
    let mut once: Vec<Said> = vec![];
    for said in said {
        match once.iter_mut().find(|other| other.word == said.word) {
            Some(other) => {
                other.figure += &format!("; {}", said.figure);
                other.finding.named_hz.extend(said.finding.named_hz);
            }
            None => once.push(said),
        }
    }
    once.into_iter()
        .map(
            |Said {
                 word,
                 figure,
                 finding,
             }| Finding {
                text: format!("Mix: {figure}: {word} than the reference"),
                clause: format!("{word} ({figure})"),
                ..finding
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_an_evening_is_told_as_one_in_the_song() {
        let own = [185.2, 201.0];
        let words = format!(
            "side/mid −3.0 dB, 2–8 kHz{}",
            place_words(Some(&(own[0]..own[1])))
        );
        let finding = Finding {
            time_secs: Some(own),
            text: format!("Mix: {words}: narrower than the reference"),
            clause: format!("narrower ({words})"),
            ..Finding::of(Area::Stereo, -3.0, "dB", 0.4)
        };
        let told = finding
            .clone()
            .in_song_time(|secs| Some(secs.map(|secs| secs - 120.0)));
        assert_eq!(
            told.text,
            "Mix: side/mid −3.0 dB, 2–8 kHz, 1:05–1:21 of the song: narrower than the reference"
        );
        assert!(
            told.clause.contains("1:05–1:21 of the song)"),
            "{}",
            told.clause
        );
        assert_eq!(
            (told.time_secs, told.song_secs.is_some()),
            (Some(own), true)
        );
        let unknown = finding.clone().in_song_time(|_| None);
        assert_eq!((unknown.text, unknown.song_secs), (finding.text, None));
    }
}
