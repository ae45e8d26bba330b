//! Comparison: what is different between the mix and the reference, and whether it is real.
