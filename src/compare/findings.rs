//! Findings: what is different, in short sentences with figures, most telling first. Evidence, not orders.
//!
//! Aligned versions of one song differ by exactly what was done to one of them, so small differences count. Other
//! songs are different music: there, only what lies outside the reference's own spread is worth a word. Where
//! one gain explains everything, there is nothing to say.

mod case;
mod finding;
mod levels;
mod order;
mod punch;
mod tone;
mod width;
mod words;

use crate::compare::difference::Difference;
use crate::compare::relation::Relation;
use crate::compare::spread::Spread;

use case::{ALIGNED, Case, Kind, OTHER_SONG};
use finding::told;

pub use case::Material;
pub use finding::{Area, Finding};
pub use order::keep_order;

/// Differences up to this, in dB and LU, are those of rounding and of two analyses.
const ONLY_GAIN_DB: f64 = 0.1;

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
        found.extend(told(punch::findings(&case)));
    }
    found.sort_by(|a, b| b.severity.total_cmp(&a.severity));
    found
}
