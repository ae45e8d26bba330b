//! A slice of time before packing: the levels and ratios of all bins as numbers.

use std::ops::Range;

use crate::analysis::column::{
    Column, LEVEL_FLOOR_DB, LEVEL_STEP_DB, RATIO_STEP_DB, left_to_right_db, level_db,
    side_to_mid_db,
};
use crate::dsp::fast_math::power_from_db;
use crate::dsp::grid::NUM_BINS;
use crate::dsp::wide::widely;

/// One time slice; all arrays are `[bin]` with [`NUM_BINS`] entries.
#[derive(Clone, Debug)]
pub struct Slice {
    /// Tone level in dBFS, mean power of left and right; −200 is silence or absent.
    pub level_db: Vec<f32>,
    /// Left to right power ratio in dB.
    pub left_to_right_db: Vec<f32>,
    /// Side to mid power ratio in dB.
    pub side_to_mid_db: Vec<f32>,
}

impl Slice {
    /// A slice without sound.
    pub fn silent() -> Self {
        Self {
            level_db: vec![-200.0; NUM_BINS],
            left_to_right_db: vec![0.0; NUM_BINS],
            side_to_mid_db: vec![0.0; NUM_BINS],
        }
    }

    /// Packs the slice: the same codes as [`pack_bin`](crate::analysis::column::pack_bin), in a loop that
    /// vectorises.
    pub fn pack(&self, index: u64) -> Column {
        let mut bins = [0; NUM_BINS];
        self.pack_bins(0..NUM_BINS, &mut bins);
        Column { index, bins }
    }

    /// Packs some of the bins.
    pub fn pack_bins(&self, range: Range<usize>, bins: &mut [u32; NUM_BINS]) {
        pack_levels(
            &self.level_db[range.clone()],
            &self.left_to_right_db[range.clone()],
            &self.side_to_mid_db[range.clone()],
            &mut bins[range],
        );
    }

    /// Takes the levels and ratios of packed bins.
    pub fn unpack(&mut self, bins: &[u32; NUM_BINS]) {
        for (bin, packed) in bins.iter().enumerate() {
            self.level_db[bin] = level_db(*packed).unwrap_or(-200.0);
            self.left_to_right_db[bin] = left_to_right_db(*packed);
            self.side_to_mid_db[bin] = side_to_mid_db(*packed);
        }
    }

    /// The linear power of every bin; silence is 0.
    pub fn write_powers(&self, powers: &mut [f32]) {
        powers_of_levels(&self.level_db, powers);
    }
}

widely! {
    fn pack_levels(level_db: &[f32], left_to_right_db: &[f32], side_to_mid_db: &[f32], bins: &mut [u32]) {
        let count = bins.len();
        let (level_db, left_to_right_db) = (&level_db[..count], &left_to_right_db[..count]);
        let side_to_mid_db = &side_to_mid_db[..count];
        for bin in 0..count {
            let level = (level_db[bin] - LEVEL_FLOOR_DB) * (1.0 / LEVEL_STEP_DB);
            let ratio = |db: f32| whole_number(db * (1.0 / RATIO_STEP_DB) + 128.0, 255.0);
            bins[bin] = whole_number(level, 65535.0)
                | ratio(left_to_right_db[bin]) << 16
                | ratio(side_to_mid_db[bin]) << 24;
        }
    }
}

widely! {
    fn powers_of_levels(levels_db: &[f32], powers: &mut [f32]) {
        for (power, level_db) in powers.iter_mut().zip(levels_db) {
            let audible = if *level_db > LEVEL_FLOOR_DB { 1.0 } else { 0.0 };
            *power = audible * power_from_db(*level_db);
        }
    }
}

/// Rounds to the nearest whole number in 0 … max. Adding 2^23 leaves it in the low mantissa bits: conversions that
/// saturate do not vectorise.
#[inline(always)]
fn whole_number(x: f32, max: f32) -> u32 {
    const ROUNDER: f32 = 8_388_608.0;
    (x.max(0.0).min(max) + ROUNDER).to_bits() & 0x007f_ffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::pack_bin;

    #[test]
    fn packs_as_one_bin_is_packed() {
        let mut slice = Slice::silent();
        for bin in 0..NUM_BINS {
            slice.level_db[bin] = -170.0 + 0.217 * bin as f32;
            slice.left_to_right_db[bin] = -60.0 + 0.12 * bin as f32;
            slice.side_to_mid_db[bin] = 60.0 - 0.11 * bin as f32;
        }
        let column = slice.pack(7);
        assert_eq!(column.index, 7);
        for bin in 0..NUM_BINS {
            let exact = pack_bin(
                slice.level_db[bin],
                slice.left_to_right_db[bin],
                slice.side_to_mid_db[bin],
            );
            let difference = |shift: u32, mask: u32| {
                (column.bins[bin] >> shift & mask).abs_diff(exact >> shift & mask)
            };
            assert!(difference(0, 0xffff) <= 1, "level of bin {bin}");
            assert!(
                difference(16, 0xff) <= 1 && difference(24, 0xff) <= 1,
                "ratios of bin {bin}"
            );
        }
    }
}
