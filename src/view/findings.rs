//! The findings as plain data: verdict, then a row each with figure, place and severity; or why there are none yet.

use crate::compare::findings::{Area, Finding};
use crate::session::Session;
use crate::session::action::Mark;
use crate::session::pairing::heard::Heard;
use crate::view::readout::{fixed, minutes, signed};

/// Less than this between a finding and the curve beside it is not seen.
const LEAST_NOTED_DB: f64 = 0.3;

/// What is said where nothing lies outside.
pub const NOTHING: &str = "Nothing outside the reference's own spread.";

/// Everything the drawer of findings shows.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingsScene {
    /// What was compared, in a line.
    pub heading: String,
    /// What differs, what matches, how sure.
    pub verdict: Vec<String>,
    /// How the figures lie to what is drawn, where they do not agree; else empty.
    pub note: String,
    /// Most severe first.
    pub rows: Vec<FindingRow>,
    /// Why there is nothing yet, or that there is nothing.
    pub state: Option<String>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingRow {
    /// "+2.4 dB".
    pub figure: String,
    /// The sentence.
    pub text: String,
    /// When to listen.
    pub place: String,
    /// "tone · strong".
    pub kind: String,
    /// 0 … 1.
    pub severity: f64,
    /// Where it lies in the mix: all that was compared where it is everywhere.
    pub mark: Mark,
}

impl FindingsScene {
    /// The findings of a session.
    pub fn of(session: &Session) -> Self {
        match &session.heard {
            Some(Ok(heard)) if heard.generation == session.pair.references.generation() => {
                let record = session.pair.references.active();
                let compared = record.map(|record| record.data().compared());
                let followed = session.pair.beside.followed;
                Self::new(heard, followed.is_some() && followed != compared)
            }
            Some(Err(why)) => Self::waiting(why),
            _ => Self::waiting("Comparing …"),
        }
    }

    fn waiting(why: &str) -> Self {
        Self {
            heading: String::new(),
            verdict: vec![],
            note: String::new(),
            rows: vec![],
            state: Some(why.to_owned()),
        }
    }

    /// Where the picture follows a section, it shows another part of the record than what was compared.
    fn new(heard: &Heard, follows_section: bool) -> Self {
        let told = &heard.told;
        let left_out_db = match follows_section {
            true => 0.0,
            false => told.difference.left_out_db(heard.relation),
        };
        let rows = told.findings.iter();
        let rows = rows.map(|finding| FindingRow::new(finding, heard.mix_secs, left_out_db));
        Self {
            heading: compared_words(heard),
            note: match follows_section {
                true => FOLLOWS.to_owned(),
                false => tone_note(&told.findings, left_out_db),
            },
            verdict: told.verdict.to_vec(),
            state: told.findings.is_empty().then(|| NOTHING.to_owned()),
            rows: rows.collect(),
        }
    }
}

const FOLLOWS: &str = "The picture follows the section that fits: another part of the reference than these findings are of.";

/// A finding of tone that a mark points at: it is told by its strongest third of an octave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointedFinding {
    /// Its figure in dB.
    pub db: f64,
}

/// The finding of tone that a mark points at, if it is the mark of one.
pub fn pointed_finding(session: &Session, mark: Mark) -> Option<PointedFinding> {
    let Some(Ok(heard)) = &session.heard else {
        return None;
    };
    let told = &heard.told;
    let is_meant = |finding: &&Finding| mark_of(finding, heard.mix_secs) == mark;
    let finding = told.findings.iter().find(is_meant)?;
    (finding.area == Area::Spectrum).then_some(PointedFinding { db: finding.value })
}

/// Why curves and marks read otherwise than the findings of tone: those are matched by loudness, which an equaliser
/// moves too. Empty where they do not, by what the findings leave out in dB.
pub fn tone_note(findings: &[Finding], left_out_db: f64) -> String {
    let is_of_tone = |finding: &Finding| finding.area == Area::Spectrum;
    if left_out_db.abs() < LEAST_NOTED_DB || !findings.iter().any(is_of_tone) {
        return String::new();
    }
    let way = if left_out_db > 0.0 { "higher" } else { "lower" };
    format!(
        "Curves and marks show tone {} dB {way}: they are matched by loudness, and what is boosted or cut moves that too.",
        fixed(left_out_db.abs(), 1)
    )
}

/// What was compared with what: "A Monitor, 0:03 – 0:38 · B record, 0:20 – 0:55".
pub fn compared_words(heard: &Heard) -> String {
    let stretch = |secs: [f64; 2]| {
        let [from, to] = secs.map(minutes);
        format!("{from} – {to}")
    };
    let [a, b] = heard.sides.each_ref().map(|side| side.name.as_str());
    let num_pieces = heard.places.len();
    if num_pieces > 1 {
        let secs: f64 = heard
            .places
            .iter()
            .map(|at| at.to_secs - at.from_secs)
            .sum();
        let length = minutes(secs);
        let of = stretch(heard.mix_secs);
        return format!("A {a}, {length} in {num_pieces} stretches of {of} · B {b}, beside each");
    }
    let of_b = heard.reference_secs().map(stretch);
    let of_b = of_b.map_or(String::new(), |secs| format!(", {secs}"));
    let in_song = heard.kept_in_song_secs().map(stretch);
    let in_song = in_song.map_or(String::new(), |secs| format!(" · {secs} of the song"));
    format!("A {a}, {} · B {b}{of_b}{in_song}", stretch(heard.mix_secs))
}

impl FindingRow {
    fn new(finding: &Finding, mix_secs: [f64; 2], left_out_db: f64) -> Self {
        let mut place = place_words(finding);
        if finding.area == Area::Spectrum && left_out_db.abs() >= LEAST_NOTED_DB {
            let in_curves = signed(Some(finding.value + left_out_db));
            place += &format!(" · {in_curves} dB at equal loudness");
        }
        Self {
            mark: mark_of(finding, mix_secs),
            figure: format!("{} {}", signed(Some(finding.value)), finding.unit),
            text: finding.text.clone(),
            place,
            kind: format!(
                "{} · {}",
                area_name(finding.area),
                severity_name(finding.severity)
            ),
            severity: finding.severity,
        }
    }
}

/// Where a finding lies in the mix: all that was compared where it is everywhere.
fn mark_of(finding: &Finding, mix_secs: [f64; 2]) -> Mark {
    let [from_secs, to_secs] = finding.time_secs.unwrap_or(mix_secs);
    Mark {
        from_secs,
        to_secs,
        hz: finding.frequency_hz,
    }
}

/// When to listen: "0:48 – 1:12", "throughout". Peaks say it themselves.
pub fn place_words(finding: &Finding) -> String {
    match (finding.song_secs.or(finding.time_secs), finding.area) {
        (Some([from, to]), _) if finding.song_secs.is_some() => {
            format!("{} – {} of the song", minutes(from), minutes(to))
        }
        (Some([from, to]), _) => format!("{} – {}", minutes(from), minutes(to)),
        (None, Area::Peaks) => String::new(),
        (None, Area::Loudness | Area::Dynamics) => "the whole".to_owned(),
        (None, Area::Spectrum | Area::Stereo) => "throughout".to_owned(),
    }
}

/// What a finding is about, in a word.
pub fn area_name(area: Area) -> &'static str {
    match area {
        Area::Spectrum => "tone",
        Area::Stereo => "stereo",
        Area::Loudness => "loudness",
        Area::Dynamics => "dynamics",
        Area::Peaks => "peaks",
    }
}

/// A severity in a word: 0.5 is heard at once of the same song, and as far out as another one itself goes.
pub fn severity_name(severity: f64) -> &'static str {
    match severity {
        s if s >= 0.5 => "strong",
        s if s >= 0.25 => "clear",
        _ => "slight",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(area: Area) -> Finding {
        Finding {
            area,
            text: String::new(),
            value: 3.0,
            unit: "dB",
            severity: 0.4,
            frequency_hz: Some([80.0, 160.0]),
            named_hz: vec![],
            time_secs: None,
            song_secs: None,
            clause: String::new(),
        }
    }

    #[test]
    fn a_finding_of_tone_says_what_the_curves_show_of_it() {
        let place =
            |area, left_out_db| FindingRow::new(&finding(area), [0.0, 60.0], left_out_db).place;
        assert_eq!(
            place(Area::Spectrum, -1.1),
            "throughout · +1.9 dB at equal loudness"
        );
        assert_eq!(place(Area::Spectrum, 0.2), "throughout");
        assert_eq!(place(Area::Stereo, -1.1), "throughout");
        assert!(tone_note(&[finding(Area::Spectrum)], -1.1).contains("1.1 dB lower"));
        assert_eq!(tone_note(&[finding(Area::Stereo)], -1.1), "");
    }
}
