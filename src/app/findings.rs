//! Findings in the window: while their drawer is open, the mix heard so far is compared every few seconds on a thread
//! of its own.

use std::time::Instant;

/// When findings were last looked for.
#[derive(Default)]
pub(super) struct FindingsClock {
    pub(super) running: bool,
    /// When, of which choice of reference, and of which stretch.
    pub(super) last: Option<(Instant, u64, Option<[f64; 2]>)>,
}
