//! What is compared of another song, and of inputs that were heard: copies of a part of each, with all that is known of it.

use crate::analysis::column::{Column, NUM_TIERS};
use crate::compare::heard::HeardSide;
use crate::session::pairing::side_by_side::{LEAST_SECS, LONG_TIER};
use crate::session::references::SharedReference;
use crate::session::sides::history::History;
use crate::session::sides::loudness_history::POINT_SECS;

/// More columns than this are taken from a coarser tier.
const MOST_COLUMNS: u64 = 1024;

/// The part of another song that is compared.
pub(super) fn reference_side(name: String, reference: &SharedReference, tier: usize) -> HeardSide {
    reference.with(|data| {
        if let Some(target) = &data.target {
            return HeardSide {
                name,
                sample_rate_hz: data.sample_rate_hz,
                columns: target.columns(),
                slice_secs: 1.0,
                ..HeardSide::default()
            };
        }
        let slice = data.tier_secs(tier);
        let region = data.compared();
        let [start, end] = [0.0, region.length_secs].map(|secs| region.start_secs + secs);
        let index = |secs: f64| (secs / slice).round().max(0.0) as u64;
        let columns = (index(start)..index(end)).filter_map(|index| {
            let bins = *data.column(tier, index)?;
            Some(Column { index, bins })
        });
        let points = data.loudness.points();
        let point = |secs: f64| ((secs / POINT_SECS).round() as usize).min(points.len());
        let whole = data.programme.as_ref().map(|programme| &programme.summary);
        let part = data.summary();
        let of_it = part.or(whole);
        HeardSide {
            name,
            sample_rate_hz: data.sample_rate_hz,
            columns: columns.collect(),
            slice_secs: slice,
            start_secs: start,
            loudness: points[point(start)..point(end)].to_vec(),
            true_peak_dbtp: of_it.and_then(|summary| summary.loudness.true_peak_dbtp),
            levels: of_it.map(|summary| summary.levels).unwrap_or_default(),
            is_measured_whole: part.is_some() && !data.is_kept_sound,
            ..HeardSide::default()
        }
    })
}

/// The finest tier that is coarse enough for the length and still has its beginning, and what of the time the sides
/// have in it; each side with its own time under mix time 0. Where all have let the beginning go, it is what the tier
/// has that goes back furthest. `None` if that is too little.
pub(super) fn kept_part(
    sides: &[(&History, f64)],
    [from_secs, to_secs]: [f64; 2],
) -> Option<(usize, [f64; 2])> {
    let kept_from_secs = |tier: usize| {
        let kept = sides.iter();
        let kept = kept.map(|(side, offset_secs)| side.kept_from_secs(tier) - offset_secs);
        kept.fold(f64::NEG_INFINITY, f64::max)
    };
    let fits = |tier: &usize| {
        let slice = sides.iter().map(|(side, _)| side.tier_secs(*tier));
        let slice = slice.fold(f64::INFINITY, f64::min);
        ((to_secs - from_secs) / slice) as u64 <= MOST_COLUMNS
            && kept_from_secs(*tier) <= from_secs + slice
    };
    let furthest = |a: &usize, b: &usize| {
        kept_from_secs(*a)
            .total_cmp(&kept_from_secs(*b))
            .then(b.cmp(a))
    };
    let mut tiers = LONG_TIER..NUM_TIERS;
    let tier = tiers
        .find(fits)
        .or_else(|| (LONG_TIER..NUM_TIERS).min_by(furthest))?;
    let from_secs = from_secs.max(kept_from_secs(tier));
    (to_secs - from_secs >= LEAST_SECS).then_some((tier, [from_secs, to_secs]))
}

/// Copies what a side has of its own time; `None` if too little of it has columns.
pub(super) fn heard_side(side: &History, tier: usize, secs: [f64; 2]) -> Option<HeardSide> {
    let slice = side.tier_secs(tier);
    let first = (secs[0] / slice).ceil().max(0.0) as u64;
    let end = (secs[1] / slice).floor().max(0.0) as u64;
    let columns = side.columns.range(tier, first..end);
    let points = side.loudness.points();
    let point = |secs: f64| ((secs / POINT_SECS).round().max(0.0) as usize).min(points.len());
    let loudness = &points[point(secs[0])..point(secs[1])];
    let is_enough = (columns.len() as f64) * slice >= 0.5 * LEAST_SECS;
    is_enough.then(|| HeardSide {
        name: side.name.clone(),
        sample_rate_hz: side.format().sample_rate_hz,
        start_secs: columns.first().map_or(0.0, |c| c.index as f64 * slice),
        columns,
        slice_secs: slice,
        loudness: loudness.to_vec(),
        true_peak_dbtp: side.meters.true_peak_dbtp,
        levels: side.meters.measured,
        is_measured_whole: true,
        ..HeardSide::default()
    })
}
