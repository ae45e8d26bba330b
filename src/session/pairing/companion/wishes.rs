//! What the picture wants of the companion, without a lock.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::analysis::tap::Tap;
use crate::compare::tracker::CHECK_SECS;

/// What the picture tells the companion.
#[derive(Debug)]
pub(super) struct Wishes {
    /// Seconds added to the offset by hand, as bits.
    pub(super) nudge_bits: AtomicU64,
    /// The offset of a section that is followed, as bits; NaN for none.
    pub(super) section_bits: AtomicU64,
    /// Mix time from which on the mix is measured, as bits.
    pub(super) measured_from_bits: AtomicU64,
    /// Nobody sees what lies beside a mix in which nothing sounds.
    pub(super) may_rest: AtomicBool,
    pub(super) stop: AtomicBool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            nudge_bits: AtomicU64::default(),
            section_bits: AtomicU64::new(f64::NAN.to_bits()),
            measured_from_bits: AtomicU64::default(),
            may_rest: AtomicBool::default(),
            stop: AtomicBool::default(),
        }
    }
}

impl Wishes {
    /// Whether the reference rests beside a mix.
    pub(super) fn let_rest_beside(&self, tap: &Tap) -> bool {
        self.may_rest.load(Ordering::Relaxed) && tap.pause_secs() >= CHECK_SECS
    }
}
