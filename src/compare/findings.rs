//! Findings: what is different, in short sentences with figures, most telling first. Evidence, not orders.
//!
//! Aligned versions of one song differ by exactly what was done to one of them, so small differences count. Other
//! songs are different music: there, only what lies outside the reference's own spread is worth a word. Where
//! one gain explains everything, there is nothing to say.

mod levels;
mod tone;
mod width;

use std::ops::Range;

use serde::Serialize;

use crate::analysis::column::Column;
use crate::analysis::summary::Summary;
use crate::compare::comparison::Relation;
use crate::compare::difference::Difference;
use crate::compare::peaks::PeakTrack;
use crate::compare::place::{Slices, place_of};
use crate::compare::spread::{Span, Spread};

/// Differences up to this, in dB and LU, are those of rounding and of two analyses.
const ONLY_GAIN_DB: f64 = 0.1;
/// Spreads below this are taken as this, so that steady noise does not make everything severe.
const LEAST_SPREAD_DB: f64 = 0.5;

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
    /// 0 … 1: 0.5 is as far from the reference's mean as its own 10-90 % span reaches.
    pub severity: f64,
    /// The frequencies it is about, where it is about some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_hz: Option<[f64; 2]>,
    /// The seconds of the mix where nearly all of it lies; none where that is everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_secs: Option<[f64; 2]>,
    /// The same as `text`, to follow "the mix is": "duller (−2.0 dB, 5–20 kHz)".
    #[serde(skip)]
    pub clause: String,
}

impl Finding {
    /// A finding that has no words yet.
    fn of(area: Area, value: f64, unit: &'static str, severity: f64) -> Self {
        Self {
            area,
            text: String::new(),
            value: rounded(value),
            unit,
            severity,
            frequency_hz: None,
            time_secs: None,
            clause: String::new(),
        }
    }
}

/// A finding about a part of the spectrum, whose word others may have as well.
struct Said {
    word: &'static str,
    figure: String,
    finding: Finding,
}

/// Each word once: what others say with the same word is added to the most severe.
fn told(mut said: Vec<Said>) -> Vec<Finding> {
    said.sort_by(|a, b| b.finding.severity.total_cmp(&a.finding.severity));
    let mut once: Vec<Said> = vec![];
    for said in said {
        match once.iter_mut().find(|other| other.word == said.word) {
            Some(other) => other.figure += &format!("; {}", said.figure),
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

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The same song, or the same time.
    Aligned,
    /// Another song.
    Song,
    /// What several songs have in common.
    Target,
}

/// One side of a comparison, over the part that is compared.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// All figures.
    pub summary: &'a Summary,
    /// Its course over time.
    pub slices: Slices<'a>,
    /// Its peaks, if they were followed.
    pub peaks: Option<&'a PeakTrack>,
}

/// From where on a difference counts.
struct Thresholds {
    level_db: f64,
    side_db: f64,
    balance_db: f64,
    loudness_lu: f64,
    peak_ratio_lu: f64,
    range_lu: f64,
    /// Only what the reference itself never does.
    outside_only: bool,
}

const ALIGNED: Thresholds = Thresholds {
    level_db: 1.2,
    side_db: 1.0,
    balance_db: 0.5,
    loudness_lu: 0.5,
    peak_ratio_lu: 1.0,
    // The range itself is only good to ±1 LU (Tech 3342), and an equaliser moves it.
    range_lu: 1.5,
    outside_only: false,
};

const OTHER_SONG: Thresholds = Thresholds {
    level_db: 2.0,
    side_db: 2.5,
    balance_db: 1.5,
    loudness_lu: 1.0,
    peak_ratio_lu: 2.0,
    range_lu: 3.0,
    outside_only: true,
};

/// What all findings of a comparison are drawn from.
struct Case<'a> {
    mix: &'a Material<'a>,
    reference: &'a Material<'a>,
    difference: &'a Difference,
    kind: Kind,
    thresholds: &'a Thresholds,
    spread: Spread,
}

impl Case<'_> {
    /// Where an aligned song has a difference, in seconds of the mix, if that is in one place.
    fn place(
        &self,
        level_db: impl Fn(&Column) -> f64,
        gain_db: f64,
        difference_db: f64,
    ) -> Option<Range<f64>> {
        self.difference
            .alignment
            .filter(|found| found.is_laid_in_time())?;
        let (mix, reference) = (&self.mix.slices, &self.reference.slices);
        place_of(mix, reference, level_db, gain_db, difference_db)
    }
}

/// A place as words to go into a sentence: nothing, or ", 0:48–1:12".
fn place_words(place: Option<&Range<f64>>) -> String {
    place.map_or(String::new(), |place| {
        format!(", {}–{}", minutes(place.start), minutes(place.end))
    })
}

fn place_secs(place: Option<&Range<f64>>) -> Option<[f64; 2]> {
    place.map(|place| [rounded(place.start), rounded(place.end)])
}

/// All findings, most severe first.
pub fn findings(
    mix: &Material,
    reference: &Material,
    difference: &Difference,
    relation: Relation,
) -> Vec<Finding> {
    let (kind, thresholds) = match relation {
        Relation::SameSong(_) | Relation::SameTime(_) => (Kind::Aligned, &ALIGNED),
        Relation::OtherSong => (Kind::Song, &OTHER_SONG),
        Relation::Target => (Kind::Target, &OTHER_SONG),
    };
    let slices = &reference.slices;
    let case = Case {
        mix,
        reference,
        difference,
        kind,
        thresholds,
        spread: match kind {
            Kind::Song => Spread::of_phrases(slices.columns, slices.slice_secs),
            Kind::Aligned | Kind::Target => Spread::new(slices.columns),
        },
    };
    let is_only_gain = difference.is_only_gain(ONLY_GAIN_DB);
    let mut found = levels::faults(&case, is_only_gain);
    if !is_only_gain && difference.loudness_offset_lu.is_some() {
        found.extend(told(tone::findings(&case)));
        found.extend(told(width::findings(&case)));
        found.extend(width::balance(&case));
        found.extend(levels::findings(&case));
    }
    found.sort_by(|a, b| b.severity.total_cmp(&a.severity));
    found
}

/// How far a difference lies out, measured by the reference's own span.
fn severity(difference_db: f64, span: Span) -> f64 {
    severity_of(difference_db.abs() / span.half_db().max(LEAST_SPREAD_DB))
}

/// 0 … 1 from a multiple of a spread; 0.5 for once.
fn severity_of(multiple: f64) -> f64 {
    (1000.0 * multiple / (1.0 + multiple)).round() / 1000.0
}

/// "+2.4" or "−1.9", with a minus sign that is one.
fn signed(value: f64) -> String {
    format!("{value:+.1}").replace('-', "−")
}

fn minutes(secs: f64) -> String {
    let whole = secs as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

/// Three decimals, as everywhere in the JSON.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0 + 0.0
}
