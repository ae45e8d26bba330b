//! What a reference says of itself: where it stands, how far it is read.

use crate::session::references::ReferenceData;
use crate::view::readout::minutes;
use crate::view::shelf::target_words;
use crate::view::side::SideState;

/// Where the picture's right edge lies, if it lies beside it, and which region is compared.
pub(super) fn detail(data: &ReferenceData, at_edge_secs: Option<f64>) -> String {
    if let Some(target) = &data.target {
        return target_words(target);
    }
    if data.programme.is_none() {
        return String::new();
    }
    let kept = if data.is_kept_sound { "the last " } else { "" };
    let length = format!("{kept}{}", minutes(data.duration_secs()));
    let place = match at_edge_secs {
        Some(secs) => format!("{} of {length}", minutes(secs)),
        // It is over, or the mix has not come to it.
        None => length,
    };
    match data.region {
        Some(region) => format!(
            "{place} [{}–{}]",
            minutes(region.start_secs),
            minutes(region.start_secs + region.length_secs)
        ),
        None => place,
    }
}

/// Whether it can be read, and how far that is.
pub(super) fn reference_state(data: &ReferenceData) -> SideState {
    match (&data.failure, &data.programme) {
        (Some(why), _) => SideState::Failed(why.clone()),
        (None, None) => SideState::Loading(data.progress),
        (None, Some(_)) if data.target.is_some() => SideState::Timeless,
        (None, Some(_)) => SideState::Running,
    }
}
