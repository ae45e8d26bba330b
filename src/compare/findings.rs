//! Findings: what is different, in short sentences with figures, most telling first. Evidence, not orders.
//!
//! Aligned versions of one song differ by exactly what was done to one of them, so small differences count. Other
//! songs are different music: there, only what lies outside the reference's own spread is worth a word. Where
//! one gain explains everything, there is nothing to say.

use serde::Serialize;

use crate::analysis::column::Column;
use crate::analysis::summary::Summary;
use crate::compare::difference::Difference;
use crate::compare::peaks::PeakTrack;
use crate::compare::runs::{band_name, band_runs};
use crate::compare::spread::{Span, Spread};

/// Differences up to this, in dB and LU, are those of rounding and of two analyses.
const ONLY_GAIN_DB: f64 = 0.1;
/// Bands this far below the loudest third-octave are not heard.
const UNHEARD_DB: f64 = -60.0;
/// A side/mid ratio below this is mono to every ear.
const MONO_DB: f64 = -30.0;
/// What a mono band's side/mid ratio counts as.
const NO_SIDE_DB: f64 = -60.0;
/// Neighbouring bands whose widths differ by less than this are named together.
const SAME_WIDTH_DB: f64 = 1.5;
/// True peaks over full scale this close together are the same on both sides.
const SAME_PEAK_DB: f64 = 0.3;
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
}

/// One side of a comparison, over the part that is compared.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// All figures.
    pub summary: &'a Summary,
    /// Columns of a coarse tier: tier 3 lasts 0.7 s.
    pub slices: &'a [Column],
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
    level_db: 1.5,
    side_db: 2.0,
    balance_db: 1.5,
    loudness_lu: 1.0,
    peak_ratio_lu: 2.0,
    range_lu: 3.0,
    outside_only: true,
};

/// All findings, most severe first.
pub fn findings(mix: &Material, reference: &Material, difference: &Difference) -> Vec<Finding> {
    if difference.is_only_gain(ONLY_GAIN_DB) {
        return Vec::new();
    }
    let thresholds = if difference.alignment.is_some() {
        &ALIGNED
    } else {
        &OTHER_SONG
    };
    let spread = Spread::new(reference.slices);
    let mut found = spectrum(mix.summary, difference, &spread, thresholds);
    found.extend(width(mix.summary, reference.summary, &spread, thresholds));
    found.extend(balance(mix.summary, reference.summary, thresholds));
    found.extend(loudness(reference.summary, difference, thresholds));
    found.extend(peak_ratio(mix, reference, difference, thresholds));
    found.extend(range(reference.summary, difference, thresholds));
    found.extend(overs(mix, reference));
    found.sort_by(|a, b| b.severity.total_cmp(&a.severity));
    found
}

fn spectrum(
    mix: &Summary,
    difference: &Difference,
    spread: &Spread,
    thresholds: &Thresholds,
) -> Vec<Finding> {
    let loudest_db = mix
        .third_octave
        .mean_db
        .iter()
        .flatten()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    let counted = |band: usize| {
        let difference_db = difference.third_octave.db[band]?;
        let mix_db = mix.third_octave.mean_db[band]?;
        // What the reference has there, at the mix's loudness.
        let loudest_here_db = mix_db.max(mix_db - difference_db);
        (loudest_here_db > loudest_db + UNHEARD_DB).then_some(difference_db)
    };
    let differences_db: Vec<f64> = (0..difference.third_octave.db.len())
        .map(|band| counted(band).unwrap_or(0.0))
        .collect();
    let runs = band_runs(&differences_db, thresholds.level_db);
    let is_finding = |peak: usize| {
        !thresholds.outside_only || spread.third_octave[peak].excludes(differences_db[peak])
    };
    runs.into_iter()
        .filter(|run| is_finding(run.peak))
        .map(|run| {
            let value = differences_db[run.peak];
            let bands = band_name(run.first, run.last);
            Finding {
                area: Area::Spectrum,
                text: format!(
                    "Mix: {} dB, {bands}: {} than the reference",
                    signed(value),
                    tone_word(run.peak, value)
                ),
                value: rounded(value),
                unit: "dB",
                severity: severity(value, spread.third_octave[run.peak]),
            }
        })
        .collect()
}

/// What an engineer calls more or less of a third-octave band.
fn tone_word(band: usize, difference_db: f64) -> &'static str {
    let [more, less] = match band {
        // Up to 50 Hz, 200 Hz, 500 Hz, 2 kHz, 5 kHz.
        0..=4 => ["deeper", "lighter in the sub-bass"],
        5..=10 => ["boomier", "thinner"],
        11..=14 => ["muddier", "leaner"],
        15..=20 => ["more forward in the middle", "more hollow in the middle"],
        21..=24 => ["harsher", "softer"],
        _ => ["brighter", "duller"],
    };
    if difference_db > 0.0 { more } else { less }
}

fn width(
    mix: &Summary,
    reference: &Summary,
    spread: &Spread,
    thresholds: &Thresholds,
) -> Vec<Finding> {
    let side_db = |summary: &Summary, band: usize| {
        let band = &summary.stereo.bands[band];
        band.level_dbfs?;
        Some(band.side_to_mid_db.unwrap_or(NO_SIDE_DB))
    };
    let differences_db: Vec<Option<f64>> =
        (0..mix.stereo.bands.len().min(reference.stereo.bands.len()))
            .map(|band| {
                let (mix_db, reference_db) = (side_db(mix, band)?, side_db(reference, band)?);
                let difference_db = mix_db.max(MONO_DB) - reference_db.max(MONO_DB);
                let is_outside =
                    !thresholds.outside_only || spread.side_to_mid[band].excludes(difference_db);
                (difference_db.abs() >= thresholds.side_db && is_outside).then_some(difference_db)
            })
            .collect();
    let mut found = Vec::new();
    let mut band = 0;
    while band < differences_db.len() {
        let Some(first_db) = differences_db[band] else {
            band += 1;
            continue;
        };
        let is_same =
            |other: &&Option<f64>| other.is_some_and(|db| (db - first_db).abs() < SAME_WIDTH_DB);
        let count = differences_db[band..].iter().take_while(is_same).count();
        let mut together: Vec<f64> = differences_db[band..band + count]
            .iter()
            .flatten()
            .copied()
            .collect();
        together.sort_by(f64::total_cmp);
        let value = together[together.len() / 2];
        let bands = &mix.stereo.bands;
        let (low_hz, high_hz) = (bands[band].low_hz, bands[band + count - 1].high_hz);
        found.push(Finding {
            area: Area::Stereo,
            text: format!(
                "Mix: side/mid {} dB, {}: {} than the reference",
                signed(value),
                span_name(low_hz, high_hz),
                if value > 0.0 { "wider" } else { "narrower" }
            ),
            value: rounded(value),
            unit: "dB",
            severity: severity(value, spread.side_to_mid[band]),
        });
        band += count;
    }
    found
}

fn balance(mix: &Summary, reference: &Summary, thresholds: &Thresholds) -> Option<Finding> {
    let value = mix.stereo.balance_db? - reference.stereo.balance_db?;
    (value.abs() >= thresholds.balance_db).then(|| Finding {
        area: Area::Stereo,
        text: format!(
            "Mix: balance {} dB: leans more to the {} than the reference",
            signed(value),
            if value > 0.0 { "left" } else { "right" }
        ),
        value: rounded(value),
        unit: "dB",
        severity: severity_of(value.abs() / 2.0),
    })
}

fn loudness(
    reference: &Summary,
    difference: &Difference,
    thresholds: &Thresholds,
) -> Option<Finding> {
    let value = difference.loudness_offset_lu?;
    (value.abs() >= thresholds.loudness_lu).then(|| Finding {
        area: Area::Loudness,
        text: format!(
            "Mix: {} LU integrated: {} than the reference",
            signed(value),
            if value > 0.0 { "louder" } else { "quieter" }
        ),
        value: rounded(value),
        unit: "LU",
        severity: severity_of(value.abs() / half_range_lu(reference)),
    })
}

/// The reference's loudness range is its own 10-95 % spread.
fn half_range_lu(reference: &Summary) -> f64 {
    reference
        .loudness
        .range_lu
        .map_or(1.0, |range| 0.5 * range)
        .max(1.0)
}

/// Only where most seconds of the song agree: a single stroke also moves the ratio of the whole.
fn peak_ratio(
    mix: &Material,
    reference: &Material,
    difference: &Difference,
    thresholds: &Thresholds,
) -> Option<Finding> {
    let value = difference.plr_lu?;
    let crest_db = mix.peaks?.median_crest_db()? - reference.peaks?.median_crest_db()?;
    let agree = crest_db.abs() >= thresholds.peak_ratio_lu && crest_db.signum() == value.signum();
    (agree && value.abs() >= thresholds.peak_ratio_lu).then(|| Finding {
        area: Area::Dynamics,
        text: format!(
            "Mix: peak to loudness {} LU: {} than the reference",
            signed(value),
            if value > 0.0 { "less dense" } else { "denser" }
        ),
        value: rounded(value),
        unit: "LU",
        severity: severity_of(value.abs() / 4.0),
    })
}

fn range(reference: &Summary, difference: &Difference, thresholds: &Thresholds) -> Option<Finding> {
    let value = difference.range_lu?;
    (value.abs() >= thresholds.range_lu).then(|| Finding {
        area: Area::Dynamics,
        text: format!(
            "Mix: loudness range {} LU: {} than the reference",
            signed(value),
            if value > 0.0 {
                "moves more"
            } else {
                "moves less"
            }
        ),
        value: rounded(value),
        unit: "LU",
        severity: severity_of(value.abs() / half_range_lu(reference)),
    })
}

/// The mix passes full scale, and the reference does not, or less far.
fn overs(mix: &Material, reference: &Material) -> Option<Finding> {
    let mix_dbtp = mix.summary.loudness.true_peak_dbtp?;
    let reference_dbtp = reference.summary.loudness.true_peak_dbtp;
    if mix_dbtp <= 0.0
        || reference_dbtp.is_some_and(|reference| reference > mix_dbtp - SAME_PEAK_DB)
    {
        return None;
    }
    let places = mix
        .peaks
        .filter(|peaks| peaks.num_overs() > 0)
        .map_or(String::new(), |peaks| {
            let first_secs = peaks.first_over_secs().unwrap_or(0.0);
            format!(
                " at {} places, the first at {}",
                peaks.num_overs(),
                minutes(first_secs)
            )
        });
    let beside = reference_dbtp.map_or(String::new(), |peak| {
        format!("; the reference peaks at {} dBTP", signed(peak))
    });
    Some(Finding {
        area: Area::Peaks,
        text: format!(
            "Mix: over full scale, true peak {} dBTP{places}{beside}",
            signed(mix_dbtp)
        ),
        value: rounded(mix_dbtp),
        unit: "dBTP",
        severity: severity_of(mix_dbtp),
    })
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

fn span_name(low_hz: f64, high_hz: f64) -> String {
    let name = |hz: f64| {
        if hz >= 1000.0 {
            format!("{} kHz", hz / 1000.0)
        } else {
            format!("{hz} Hz")
        }
    };
    format!("{}–{}", name(low_hz), name(high_hz))
}

/// Three decimals, as everywhere in the JSON.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0 + 0.0
}
