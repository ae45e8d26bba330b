//! Comparison: what is different between the mix and the reference, and whether it is real.

pub mod alignment;
pub mod common_rate;
pub mod correlation;
pub mod fingerprint;
pub mod tracker;
pub mod whitening;
