//! Decoding and measurement: files arrive to the sample, and every figure is held to a published table or an independent meter.

mod band_levels;
mod bands;
mod calibration;
mod conformance;
mod decoding;
mod demo_song;
mod ebu_from_files;
mod ebu_tech_3341;
mod ebu_tech_3342;
mod invariance;
mod loudness_oracle;
mod punch;
mod stereo_band_ranges;
mod true_peak;

#[path = "../support/mod.rs"]
mod support;
