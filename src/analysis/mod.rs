//! Analysis: one Analyzer turns frames into columns and meters, for live input, files, demo and tests alike.

mod absence;
pub mod analyzer;
pub mod band_power;
pub mod band_range;
pub mod band_track;
pub mod bridge;
pub mod column;
pub mod distribution;
pub mod downmix;
pub mod excitation;
pub mod level_cells;
pub mod live;
pub mod metering;
pub mod meters;
pub mod placed_curves;
pub mod power_shares;
pub mod programme;
pub mod punch;
pub mod resolution;
pub mod slice;
pub mod song_clock;
pub mod spectral;
pub mod stereo_band_range;
pub mod summary;
pub mod tap;
pub mod tiers;
pub mod time_grid;
