//! Comparison: what is different between the mix and the reference, and whether it is real.

pub mod alignment;
pub mod band_bins;
pub mod candidates;
pub mod common_rate;
pub mod comparison;
pub mod correlation;
pub mod difference;
pub mod distance;
pub mod evidence;
pub mod findings;
pub mod fingerprint;
pub mod heard;
pub mod matching;
pub mod peaks;
pub mod place;
pub mod programmes;
pub mod rivals;
pub mod runs;
pub mod sections;
pub mod sides;
pub mod speed;
pub mod spread;
pub mod target;
pub mod tracker;
pub mod verdict;
pub mod whitening;
