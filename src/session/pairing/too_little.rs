//! From how much music on two sides are compared, and what is said of less.

use crate::session::pairing::pair::Pair;
use crate::session::pairing::side_by_side::{LEAST_MARKED_SECS, LEAST_SECS};
use crate::session::sides::beside::{CompanionFrame, is_aligned};
use crate::session::sides::history::History;

/// Whether a person has marked what is asked for: a picture that stands still asks for all since the measurement began.
pub(super) fn is_marked(mix: &History, asked_secs: Option<[f64; 2]>) -> bool {
    asked_secs.is_some_and(|[from_secs, _]| from_secs != mix.measured_from_secs)
}

/// Why nothing is compared, if it is for want of music: more of it may come, or it will not.
pub(super) fn too_little(
    pair: &Pair,
    beside: &CompanionFrame,
    asked_secs: Option<[f64; 2]>,
) -> String {
    let mix = pair.mix.drawn();
    let begun_secs = mix.map_or(0.0, |mix| mix.measured_from_secs);
    let end_secs = mix.map_or(0.0, History::end_secs);
    let [from_secs, to_secs] = asked_secs.unwrap_or([begun_secs, end_secs]);
    let is_marked = mix.is_some_and(|mix| is_marked(mix, asked_secs));
    let stands_still = asked_secs.is_some() || pair.mix.recalled_name().is_some();
    let (least_secs, least) = match is_marked && is_aligned(beside.tracking) {
        true => (LEAST_MARKED_SECS, "three"),
        false => (LEAST_SECS, "ten"),
    };
    if is_marked && to_secs - from_secs < least_secs {
        let marked_secs = to_secs - from_secs;
        return format!(
            "Too short: {marked_secs:.1} s are marked, and findings need {least} seconds."
        );
    }
    if !stands_still {
        return LISTENING.to_owned();
    }
    let common_secs: f64 = match is_aligned(beside.tracking) {
        true => beside
            .stretches
            .all()
            .iter()
            .map(|stretch| {
                (stretch.to_secs.min(to_secs) - stretch.from_secs.max(from_secs)).max(0.0)
            })
            .sum(),
        false => to_secs - from_secs,
    };
    match is_aligned(beside.tracking) {
        true => format!(
            "Too short: the two have {common_secs:.0} s in common, and findings need {least} seconds."
        ),
        false => format!(
            "Too short: {common_secs:.0} s of music are there, and findings need ten seconds."
        ),
    }
}

const LISTENING: &str = "Listening: ten seconds of music are needed.";
pub(super) const ALIGNING: &str =
    "Aligning: the place of the mix in the reference is not known yet.";
