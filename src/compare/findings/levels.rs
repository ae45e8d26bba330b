//! Loudness, dynamics, peaks and faults: quieter, denser, over full scale, with a channel inverted.

use super::case::{Case, Kind, severity_of};
use super::finding::{Area, Finding};
use super::words::{minutes, signed};
use crate::analysis::summary::Summary;
use crate::compare::difference::MOST_OF_THEM;
use crate::compare::sides::Sides;
use crate::units::db;

/// True peaks over full scale this close together are the same on both sides.
const SAME_PEAK_DB: f64 = 0.3;
/// A true peak from here on is over: less is told as 0.0 dBTP.
const LEAST_OVER_DBTP: f64 = 0.05;
/// From so many samples at full scale on a mix is called clipped: one or two are a peak that was normalised.
const CLIPPED_SAMPLES: u64 = 3;
/// A DC offset from here on costs headroom: −54 dBFS.
const LEAST_DC: f64 = 0.002;
/// One from here on is a fault, whatever the reference has: −34 dBFS.
const GROSS_DC: f64 = 0.02;
/// A loudness range counts once it is measured over so much (EBU Tech 3342); before, the table greys it.
const RANGE_SETTLES_SECS: f64 = 60.0;
/// A gain this close to what it does to the loudness is told by the loudness.
const SAME_GAIN_DB: f64 = 0.8;

/// Of loudness and dynamics.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let all = [loudness(case), peak_ratio(case), range(case)];
    all.into_iter().flatten().collect()
}

/// What is wrong with the mix, even where one gain explains all the rest.
pub(super) fn faults(case: &Case, is_only_gain: bool) -> Vec<Finding> {
    let all = [
        sides(case),
        one_side(case),
        dc(case, is_only_gain),
        overs(case, is_only_gain),
    ];
    all.into_iter().flatten().collect()
}

/// What was done to left and right.
fn sides(case: &Case) -> Option<Finding> {
    let sides = case.difference.alignment?.sides;
    let words = sides.words()?;
    let is_one = sides.inverted[0] != sides.inverted[1];
    Some(Finding {
        text: format!("Mix: {words}, beside the reference"),
        clause: words.to_owned(),
        ..Finding::of(
            Area::Stereo,
            if sides.inverted == Sides::default().inverted {
                1.0
            } else {
                -1.0
            },
            "polarity",
            if is_one { 0.95 } else { 0.8 },
        )
    })
}

/// A channel that is silent.
fn one_side(case: &Case) -> Option<Finding> {
    case.is_one_sided().then(|| Finding {
        text: "Mix: sound in one of its two channels only, where the reference has it in both"
            .to_owned(),
        clause: "sound in one channel only".to_owned(),
        ..Finding::of(Area::Stereo, 1.0, "channel", 0.98)
    })
}

/// What both sides have is told after what differs.
const SHARED_SEVERITY: f64 = 0.1;

/// A reference that is worse is an excuse for a little of it only.
fn dc(case: &Case, is_only_gain: bool) -> Option<Finding> {
    let dc = |summary: &Summary| summary.levels.dc_offset.map(f64::abs);
    let mix = dc(case.mix.summary)?;
    let gain = db::amplitude_from_db(case.difference.loudness_offset_lu.unwrap_or(0.0));
    let reference = dc(case.reference.summary).unwrap_or(0.0);
    let has_it_too = mix < 1.5 * gain * reference;
    let is_excused = has_it_too && (is_only_gain || mix < GROSS_DC);
    let value = db::db_from_amplitude(mix);
    let figure = format!("{} dBFS", signed(value));
    let beside = match has_it_too {
        true => "as the reference has",
        false => "which the reference has not",
    };
    (mix >= LEAST_DC && !is_excused).then(|| Finding {
        text: format!("Mix: a DC offset of {figure}, {beside}"),
        clause: format!("a DC offset ({figure})"),
        // What both have is worth mending, but it is no difference.
        ..Finding::of(
            Area::Peaks,
            value,
            "dBFS",
            match has_it_too {
                true => severity_of(mix / 0.1).min(SHARED_SEVERITY),
                false => severity_of(mix / 0.01),
            },
        )
    })
}

/// The gain of the mix; of an aligned song without what an equaliser did to the loudness.
fn loudness(case: &Case) -> Option<Finding> {
    let loudness_lu = case.difference.loudness_offset_lu?;
    let gain_db = loudness_lu + case.difference.tone_offset_db.unwrap_or(0.0);
    let is_shared = case.difference.tone_offset_share >= MOST_OF_THEM;
    let departs = (gain_db - loudness_lu).abs() >= SAME_GAIN_DB;
    let is_gain = case.kind == Kind::Aligned && is_shared && departs;
    let (value, unit) = if is_gain {
        (gain_db, "dB")
    } else {
        (loudness_lu, "LU")
    };
    // Of a gain beside boosts and cuts the table's loudness says something else, and has its own word there.
    let (word, figure) = match (is_gain, value > 0.0) {
        (true, true) => ("turned up", format!("{} dB in most bands", signed(value))),
        (true, false) => ("turned down", format!("{} dB in most bands", signed(value))),
        (false, true) => ("louder", format!("{} LU integrated", signed(value))),
        (false, false) => ("quieter", format!("{} LU integrated", signed(value))),
    };
    let than = if is_gain { "beside" } else { "than" };
    (value.abs() >= case.thresholds.loudness_lu).then(|| Finding {
        text: format!("Mix: {figure}: {word} {than} the reference"),
        clause: format!("{word} ({figure})"),
        ..Finding::of(Area::Loudness, value, unit, case.loudness_severity(value))
    })
}

/// Only where most seconds of the song agree: a single stroke also moves the ratio of the whole.
fn peak_ratio(case: &Case) -> Option<Finding> {
    let value = case.difference.plr_lu?;
    let crest_db = match (case.mix.peaks, case.reference.peaks) {
        (Some(mix), Some(reference)) => mix.median_crest_db()? - reference.median_crest_db()?,
        // Of what is heard live, the median of peak to short-term loudness says the same of most seconds.
        _ => case.difference.psr_lu?,
    };
    let agree =
        crest_db.abs() >= case.thresholds.peak_ratio_lu && crest_db.signum() == value.signum();
    let word = if value > 0.0 { "punchier" } else { "denser" };
    let figure = format!("PLR {} LU", signed(value));
    (agree && value.abs() >= case.thresholds.peak_ratio_lu).then(|| Finding {
        text: format!("Mix: {figure}: {word} than the reference"),
        clause: format!("{word} ({figure})"),
        ..Finding::of(Area::Dynamics, value, "LU", severity_of(value.abs() / 4.0))
    })
}

fn range(case: &Case) -> Option<Finding> {
    let value = case.difference.range_lu?;
    let sides = [case.mix.summary, case.reference.summary];
    // A target is of whole tracks.
    let is_settled = |side: &Summary| side.duration_secs >= RANGE_SETTLES_SECS;
    if case.kind != Kind::Target && !sides.into_iter().all(is_settled) {
        return None;
    }
    let word = if value > 0.0 {
        "more dynamic"
    } else {
        "less dynamic"
    };
    let figure = format!("loudness range {} LU", signed(value));
    (value.abs() >= case.thresholds.range_lu).then(|| Finding {
        text: format!("Mix: {figure}: {word} than the reference"),
        clause: format!("{word} ({figure})"),
        ..Finding::of(Area::Dynamics, value, "LU", case.loudness_severity(value))
    })
}

/// The mix passes full scale or is cut off there. A reference that is worse is no excuse; one that one gain turns into
/// the mix is, if it passes it too.
fn overs(case: &Case, is_only_gain: bool) -> Option<Finding> {
    let mix_dbtp = case.mix.summary.loudness.true_peak_dbtp?;
    let reference_dbtp = case.reference.summary.loudness.true_peak_dbtp;
    let clipped = case.mix.summary.levels.clipped_samples;
    let is_over = mix_dbtp >= LEAST_OVER_DBTP || clipped >= CLIPPED_SAMPLES;
    let is_same =
        is_only_gain && reference_dbtp.is_some_and(|reference| reference > mix_dbtp - SAME_PEAK_DB);
    if !is_over || is_same {
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
    let clips = match clipped {
        0..CLIPPED_SAMPLES => String::new(),
        count => format!(", {count} clipped samples"),
    };
    let beside = reference_dbtp.map_or(String::new(), |peak| {
        format!("; the reference peaks at {} dBTP", signed(peak))
    });

    let word = if mix_dbtp >= LEAST_OVER_DBTP {
        "over full scale"
    } else {
        "clipped"
    };
    let peak = signed(mix_dbtp);
    Some(Finding {
        text: format!("Mix: {word}, true peak {peak} dBTP{places}{clips}{beside}"),
        clause: format!("{word} ({peak} dBTP{places}{clips})"),
        ..Finding::of(
            Area::Peaks,
            mix_dbtp,
            "dBTP",
            severity_of(mix_dbtp.max(0.2)),
        )
    })
}
