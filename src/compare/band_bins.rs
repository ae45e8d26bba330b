//! What a column holds within a band of frequencies, mid and side apart.

use crate::analysis::column::{Column, level_db, side_to_mid_db};
use crate::dsp::fast_math::power_from_db;
use crate::dsp::fractional_octave::FrequencyBand;
use crate::dsp::grid::{NUM_BINS, bin_from_hz};

/// The bins of the grid within a band.
#[derive(Clone, Copy, Debug)]
pub struct BandBins {
    first: usize,
    end: usize,
}

impl BandBins {
    /// Those of a band.
    pub fn new(band: FrequencyBand) -> Self {
        let bin = |hz: f64| (bin_from_hz(hz).round().max(0.0) as usize).min(NUM_BINS);
        Self {
            first: bin(band.low_hz),
            end: bin(band.high_hz),
        }
    }

    /// All of them.
    pub fn all() -> Self {
        Self {
            first: 0,
            end: NUM_BINS,
        }
    }

    /// Powers of mid and side of a column. Sums of tone levels: good for ratios only.
    pub fn mid_and_side(&self, column: &Column) -> [f64; 2] {
        let mut powers = [0.0; 2];
        for &packed in &column.bins[self.first..self.end] {
            if let Some(level_db) = level_db(packed) {
                let power = f64::from(power_from_db(level_db));
                let ratio = f64::from(power_from_db(side_to_mid_db(packed)));
                powers[0] += power / (1.0 + ratio);
                powers[1] += power * ratio / (1.0 + ratio);
            }
        }
        powers
    }
}
