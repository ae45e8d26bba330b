//! What the picture wants of the companion, without a lock.

use std::sync::atomic::{AtomicBool, AtomicU64};

/// What the picture tells the companion.
#[derive(Debug)]
pub(super) struct Wishes {
    /// Seconds added to the offset by hand, as bits.
    pub(super) nudge_bits: AtomicU64,
    /// The offset of a section that is followed, as bits; NaN for none.
    pub(super) section_bits: AtomicU64,
    /// Mix time from which on the mix is measured, as bits.
    pub(super) measured_from_bits: AtomicU64,
    pub(super) stop: AtomicBool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            nudge_bits: AtomicU64::default(),
            section_bits: AtomicU64::new(f64::NAN.to_bits()),
            measured_from_bits: AtomicU64::default(),
            stop: AtomicBool::default(),
        }
    }
}
