//! Signal processing: pure functions and small machines from samples to numbers.
//!
//! Nothing here knows threads, files, the GPU or the clock, and nothing here can fail.

pub mod grid;
