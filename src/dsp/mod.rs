//! Signal processing: pure functions and small machines from samples to numbers.
//!
//! Nothing here knows threads, files, the GPU or the clock, and nothing here can fail.

pub mod ballistics;
pub mod crossover;
pub mod decimator;
pub mod excitation;
pub mod fast_math;
pub mod fractional_octave;
pub mod frame_history;
pub mod grid;
pub mod half_band;
pub mod k_weighting;
pub mod levels;
pub mod loudness;
pub mod loudness_gating;
pub mod punch;
pub mod resolution_band;
pub mod samples;
pub mod signals;
pub mod sliding;
pub mod slots;
pub mod stereo;
pub mod true_peak;
pub mod wide;
pub mod window;
