//! What matches: tone, width, dynamics and loudness that no finding names and that lie close together.

use crate::compare::difference::{BandDifference, Difference};
use crate::compare::findings::{Area, Finding};
use crate::compare::relation::Relation;
use crate::compare::runs::band_name;
use crate::dsp::fractional_octave::third_octave;

/// Third-octave bands within this of each other count as matching.
const SAME_TONE_DB: f64 = 1.2;
/// A run of matching bands shorter than this, an octave, is not worth a word.
const LEAST_BANDS: usize = 3;
/// Third-octave bands from 31.5 Hz to 16 kHz: outside, most records hold nothing.
const TOLD_BANDS: std::ops::Range<usize> = 2..30;
/// Side/mid ratios within this are the same width.
const SAME_WIDTH_DB: f64 = 1.0;
/// Loudness ranges within this are the same; the range itself is good to ±1 LU.
const SAME_RANGE_LU: f64 = 1.5;
/// Peak-to-loudness ratios within this are the same.
const SAME_PEAK_RATIO_LU: f64 = 1.0;
/// Loudness within this is the same.
pub(super) const SAME_LOUDNESS_LU: f64 = 0.5;

/// The sentence of what matches.
pub(super) fn what_matches(
    difference: &Difference,
    relation: Relation,
    findings: &[Finding],
) -> String {
    let has = |area: Area| findings.iter().any(|finding| finding.area == area);
    let mut same: Vec<String> = vec![];
    if let Some((first, last, within_db)) =
        matching_tone(&judged_tone(difference, relation, findings))
    {
        let bands = band_name(first, last);
        same.push(format!("the tone at {bands} (within {within_db:.1} dB)"));
    }
    same.extend(matching_width(&difference.bands, findings));
    let pairs = [
        (
            "the loudness range",
            difference.range_lu,
            SAME_RANGE_LU,
            Area::Dynamics,
        ),
        (
            "the peak-to-loudness ratio",
            difference.plr_lu,
            SAME_PEAK_RATIO_LU,
            Area::Dynamics,
        ),
        (
            "the loudness",
            difference.loudness_offset_lu,
            SAME_LOUDNESS_LU,
            Area::Loudness,
        ),
    ];
    for (name, value, most, area) in pairs {
        let is_same = |lu: &f64| lu.abs() < most && !(area == Area::Loudness && has(area));
        if let Some(lu) = value.filter(is_same) {
            same.push(format!("{name} (within {:.1} LU)", rounded_up(lu.abs())));
        }
    }
    match same.split_last() {
        None => "Little matches: neither tone, width, dynamics nor loudness lie close together."
            .to_owned(),
        Some((only, [])) => capitalised(&format!("{only} matches.")),
        Some((last, others)) => capitalised(&format!("{} and {last} match.", others.join(", "))),
    }
}

/// What is judged of the tone in each third-octave band; none where a finding names it, or nobody hears it.
fn judged_tone(
    difference: &Difference,
    relation: Relation,
    findings: &[Finding],
) -> Vec<Option<f64>> {
    let judged = match relation {
        // As far apart as it is drawn, and as it is told.
        Relation::OtherSong => {
            let both = difference.octave_departures().into_iter();
            let further = |(a, b): (Option<f64>, &Option<f64>)| Some(a?.abs().max((*b)?.abs()));
            both.zip(&difference.octave_db).map(further).collect()
        }
        _ => difference.tone_departures(),
    };
    let is_free = |band: usize| {
        let third = third_octave(band);
        !is_named(findings, Area::Spectrum, [third.low_hz, third.high_hz])
    };
    let bands = judged.into_iter().enumerate();
    bands
        .map(|(band, db)| db.filter(|_| is_free(band)))
        .collect()
}

/// Whether a finding of this kind names frequencies of a band.
fn is_named(findings: &[Finding], area: Area, [low_hz, high_hz]: [f64; 2]) -> bool {
    // The edges of neighbours are rounded.
    let middle_hz = (low_hz * high_hz).sqrt();
    let of_area = findings.iter().filter(|finding| finding.area == area);
    of_area
        .flat_map(|finding| &finding.named_hz)
        .any(|[from, to]| (*from..*to).contains(&middle_hz))
}

/// First and last band of the longest run that matches, and within how many decibels.
fn matching_tone(differences_db: &[Option<f64>]) -> Option<(usize, usize, f64)> {
    let is_same =
        |band: &usize| differences_db[*band].is_some_and(|value| value.abs() < SAME_TONE_DB);
    let bands: Vec<usize> = TOLD_BANDS
        .filter(|band| *band < differences_db.len())
        .filter(is_same)
        .collect();
    let longest = bands
        .chunk_by(|before, after| after - before == 1)
        .max_by_key(|run| run.len())
        .filter(|run| run.len() >= LEAST_BANDS)?;
    let within = longest
        .iter()
        .filter_map(|band| differences_db[*band])
        .fold(0.0f64, |most, value| most.max(value.abs()));
    Some((*longest.first()?, *longest.last()?, rounded_up(within)))
}

fn matching_width(bands: &[BandDifference], findings: &[Finding]) -> Option<String> {
    let known: Vec<(&BandDifference, f64)> = bands
        .iter()
        .filter_map(|band| Some((band, band.side_to_mid_db?)))
        .collect();
    let same: Vec<&(&BandDifference, f64)> = known
        .iter()
        .filter(|(band, apart_db)| {
            apart_db.abs() < SAME_WIDTH_DB
                && !is_named(findings, Area::Stereo, [band.low_hz, band.high_hz])
        })
        .collect();
    let within = same
        .iter()
        .fold(0.0f64, |most, (_, apart_db)| most.max(apart_db.abs()));
    let within = format!("(within {:.1} dB)", rounded_up(within));
    match same.len() {
        0 => None,
        n if n == known.len() => Some(format!("the width {within}")),
        _ => {
            let names: Vec<String> = same.iter().map(|(band, _)| band_words(band)).collect();
            Some(format!("the width at {} {within}", names.join(", ")))
        }
    }
}

/// "120–500 Hz", "500 Hz–2 kHz".
pub fn band_words(band: &BandDifference) -> String {
    let hz = |hz: f64| {
        if hz >= 1000.0 {
            format!("{} kHz", hz / 1000.0)
        } else {
            format!("{hz} Hz")
        }
    };
    let (low, high) = (hz(band.low_hz), hz(band.high_hz));
    let unit = |words: &str| words.split_whitespace().last().map(str::to_owned);
    if unit(&low) == unit(&high) {
        let low = low.split_whitespace().next().unwrap_or_default().to_owned();
        return format!("{low}–{high}");
    }
    format!("{low}–{high}")
}

fn capitalised(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// To the next tenth: "within" must hold.
fn rounded_up(value: f64) -> f64 {
    ((value * 10.0 - 1e-6).ceil() / 10.0).max(0.1)
}
