//! What was measured in a marked stretch, as plain data.

use crate::session::action::Mark;
use crate::view::side::SpectrumScene;

/// What was measured in a marked stretch, without the match: that is applied where it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkScene {
    /// What is marked.
    pub mark: Mark,
    /// Integrated loudness of both sides within it, LUFS.
    pub loudness_lufs: [Option<f64>; 2],
    /// Mean power of A over B within the marked frequencies, in dB; `None` where no frequencies are marked.
    pub band_difference_db: Option<f64>,
    /// Curves of both sides within it, smoothed.
    pub spectra: [SpectrumScene; 2],
}
