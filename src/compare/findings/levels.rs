//! Loudness, dynamics and peaks: quieter, denser, over full scale.

use super::{Area, Case, Finding, minutes, rounded, severity_of, signed};
use crate::analysis::summary::Summary;

/// True peaks over full scale this close together are the same on both sides.
const SAME_PEAK_DB: f64 = 0.3;

/// Of loudness, of dynamics and of peaks.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let all = [loudness(case), peak_ratio(case), range(case), overs(case)];
    all.into_iter().flatten().collect()
}

fn loudness(case: &Case) -> Option<Finding> {
    let value = case.difference.loudness_offset_lu?;
    let word = if value > 0.0 { "louder" } else { "quieter" };
    let figure = format!("{} LU integrated", signed(value));
    (value.abs() >= case.thresholds.loudness_lu).then(|| Finding {
        area: Area::Loudness,
        text: format!("Mix: {figure}: {word} than the reference"),
        value: rounded(value),
        unit: "LU",
        severity: severity_of(value.abs() / half_range_lu(case.reference.summary)),
        frequency_hz: None,
        time_secs: None,
        clause: format!("{word} ({figure})"),
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
fn peak_ratio(case: &Case) -> Option<Finding> {
    let value = case.difference.plr_lu?;
    let crest_db = case.mix.peaks?.median_crest_db()? - case.reference.peaks?.median_crest_db()?;
    let agree =
        crest_db.abs() >= case.thresholds.peak_ratio_lu && crest_db.signum() == value.signum();
    let word = if value > 0.0 { "less dense" } else { "denser" };
    let figure = format!("peak to loudness {} LU", signed(value));
    (agree && value.abs() >= case.thresholds.peak_ratio_lu).then(|| Finding {
        area: Area::Dynamics,
        text: format!("Mix: {figure}: {word} than the reference"),
        value: rounded(value),
        unit: "LU",
        severity: severity_of(value.abs() / 4.0),
        frequency_hz: None,
        time_secs: None,
        clause: format!("{word} ({figure})"),
    })
}

fn range(case: &Case) -> Option<Finding> {
    let value = case.difference.range_lu?;
    let [word, clause] = if value > 0.0 {
        ["moves more", "more dynamic"]
    } else {
        ["moves less", "less dynamic"]
    };
    let figure = format!("loudness range {} LU", signed(value));
    (value.abs() >= case.thresholds.range_lu).then(|| Finding {
        area: Area::Dynamics,
        text: format!("Mix: {figure}: {word} than the reference"),
        value: rounded(value),
        unit: "LU",
        severity: severity_of(value.abs() / half_range_lu(case.reference.summary)),
        frequency_hz: None,
        time_secs: None,
        clause: format!("{clause} ({figure})"),
    })
}

/// The mix passes full scale, and the reference does not, or less far.
fn overs(case: &Case) -> Option<Finding> {
    let mix_dbtp = case.mix.summary.loudness.true_peak_dbtp?;
    let reference_dbtp = case.reference.summary.loudness.true_peak_dbtp;
    if mix_dbtp <= 0.0
        || reference_dbtp.is_some_and(|reference| reference > mix_dbtp - SAME_PEAK_DB)
    {
        return None;
    }
    let places =
        case.mix
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
        frequency_hz: None,
        time_secs: None,
        clause: format!("over full scale ({} dBTP{places})", signed(mix_dbtp)),
    })
}
