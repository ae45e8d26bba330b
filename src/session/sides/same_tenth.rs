//! Loudness of a mix and of what lies beside it at the same tenth of a second of the mix.
//!
//! The meters of both sides are of now, but not of the same now: the one is published a little before the other. Beside a
//! drum hit that is a unit of loudness, so the points that both have are read instead.

use crate::analysis::meters::Meters;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::sides::loudness_history::{LoudnessHistory, POINT_SECS};

/// The newest tenth of a second that meters and a history of the mix and meters beside it have all heard, counted from 1,
/// with the points that end with it; `None` where they have none in common.
pub fn same_tenth(
    mix: &Meters,
    history: &LoudnessHistory,
    beside: &Meters,
) -> Option<(usize, [LoudnessPoint; 2])> {
    let tenth = heard_tenths(mix).min(beside.num_loudness_points);
    let points = [point_at(mix, history, tenth)?, recent(beside, tenth)?];
    Some((tenth, points))
}

/// How many tenths of a second meters have heard.
pub fn heard_tenths(meters: &Meters) -> usize {
    let rate = f64::from(meters.format.sample_rate_hz.max(1));
    match meters.num_loudness_points {
        // Those of a snapshot have none.
        0 => (meters.end_frame as f64 / rate / POINT_SECS + 1e-6) as usize,
        count => count,
    }
}

/// The point of a side that ends with a tenth of a second, counted from 1.
pub fn point_at(meters: &Meters, history: &LoudnessHistory, tenth: usize) -> Option<LoudnessPoint> {
    let kept = || {
        let points = history.points();
        points.get(tenth.checked_sub(1)?).copied()
    };
    recent(meters, tenth).or_else(kept)
}

/// The same of the newest points of meters.
fn recent(meters: &Meters, tenth: usize) -> Option<LoudnessPoint> {
    let behind = meters.num_loudness_points.checked_sub(tenth)?;
    let at = meters.loudness_points.len().checked_sub(behind + 1)?;
    meters.loudness_points.get(at).copied()
}
