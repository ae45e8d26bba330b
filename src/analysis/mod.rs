//! Analysis: one Analyzer turns frames into columns and meters, for live input, files, demo and tests alike.

pub mod band_power;
pub mod band_track;
pub mod column;
pub mod distribution;
pub mod resolution;
pub mod slice;
pub mod spectral;
pub mod tiers;
