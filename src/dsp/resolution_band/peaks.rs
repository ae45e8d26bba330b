//! The peaks of a transform: between which bins each lies, how high it is, and into which cell of the grid that falls.
//!
//! Noise has a peak every third bin, and no branch predictor foresees where. So all that is worked out of a peak is worked
//! out of every bin, eight at a time, and what remains to be done for the peaks alone has no branch.

use glam::{BVec4A, Vec4};

use crate::dsp::grid::{BINS_PER_OCTAVE, bin_from_hz};

/// From here on every number is whole.
const WHOLE: f32 = 8_388_608.0;

/// Where the bins of a transform lie on the grid, and which of them are peaks. Arrays are `[bin - first_bin - 1]`: neither the
/// first bin nor the last has two neighbours.
pub(super) struct Peaks {
    /// Cells from the first border of the band.
    cells_from_start: Vec<f32>,
    cells_per_bin: Vec<f32>,
    half_bins_per_bin: Vec<f32>,
    /// 1 for each bin that is higher than its neighbours; as many as make whole eights.
    are_peaks: Vec<u8>,
    /// Level of the parabola through the bin and its neighbours.
    levels_db: Vec<f32>,
    /// The cell in which it has that.
    cells: Vec<u32>,
}

impl Peaks {
    /// Of bins of a width in Hz, for cells from one on.
    pub fn new(bins: std::ops::Range<usize>, bin_width_hz: f64, first_cell: usize) -> Self {
        let inner =
            || (bins.start + 1..bins.end.saturating_sub(1)).map(|bin| (bin as f64).max(0.5));
        let cell = |bin: f64| bin_from_hz(bin * bin_width_hz) - first_cell as f64 + 0.5;
        let per_bin = |bin: f64| BINS_PER_OCTAVE / std::f64::consts::LN_2 / bin;
        let count = inner().count();
        Self {
            cells_from_start: inner().map(|bin| cell(bin) as f32).collect(),
            cells_per_bin: inner().map(|bin| per_bin(bin) as f32).collect(),
            half_bins_per_bin: inner().map(|bin| (0.5 / bin) as f32).collect(),
            are_peaks: vec![0; count.next_multiple_of(8)],
            levels_db: vec![0.0; count],
            cells: vec![0; count],
        }
    }

    /// Finds them in the levels of the bins.
    #[inline(always)]
    pub fn find(&mut self, levels_db: &[f32]) {
        let count = self.levels_db.len();
        let (before, here, after) = (
            &levels_db[..count],
            &levels_db[1..][..count],
            &levels_db[2..][..count],
        );
        let are_peaks = &mut self.are_peaks[..count];
        for n in 0..count {
            are_peaks[n] = u8::from((here[n] > before[n]) & (here[n] >= after[n]));
        }
        let (peaks_db, cells) = (&mut self.levels_db[..count], &mut self.cells[..count]);
        let cells_from_start = &self.cells_from_start[..count];
        let cells_per_bin = &self.cells_per_bin[..count];
        let half_bins_per_bin = &self.half_bins_per_bin[..count];
        for n in 0..count {
            let slope = 0.5 * (after[n] - before[n]);
            let curve = 0.5 * (after[n] + before[n]) - here[n];
            let offset_bins = -0.5 * slope / curve;
            peaks_db[n] = here[n] + 0.5 * slope * offset_bins;
            // The logarithm's series to the second order.
            let bend = 1.0 - half_bins_per_bin[n] * offset_bins;
            cells[n] = whole_below(cells_from_start[n] + cells_per_bin[n] * offset_bins * bend);
        }
    }

    /// Puts each peak into the cell it lies in, if it is higher than what is there: its level, and for the ratios the powers
    /// of its bin.
    #[inline(always)]
    pub fn raise(&self, levels_db: &mut [f32], powers: &[[f32; 4]], cell_powers: &mut [[f32; 4]]) {
        let count = self.cells.len();
        let powers = &powers[1..][..count];
        let (peaks_db, cells) = (&self.levels_db[..count], &self.cells[..count]);
        let cell_powers = &mut cell_powers[..levels_db.len()];
        for (eight, marks) in self.are_peaks.as_chunks::<8>().0.iter().enumerate() {
            let mut left = u64::from_le_bytes(*marks);
            while left != 0 {
                let n = 8 * eight + left.trailing_zeros() as usize / 8;
                left &= left - 1;
                let cell = cells[n] as usize;
                let Some(level_db) = levels_db.get_mut(cell) else {
                    continue;
                };
                let is_higher = peaks_db[n] > *level_db;
                *level_db = if is_higher { peaks_db[n] } else { *level_db };
                let (new, old) = (
                    Vec4::from_array(powers[n]),
                    Vec4::from_array(cell_powers[cell]),
                );
                cell_powers[cell] = Vec4::select(BVec4A::splat(is_higher), new, old).to_array();
            }
        }
    }
}

/// The whole number at or below one; of less than 0, and of what is no number, one above all cells. Conversions that saturate
/// do not vectorise.
#[inline(always)]
fn whole_below(x: f32) -> u32 {
    let x = if x > -1.0 { x } else { -1.0 };
    let nearest = (x + WHOLE) - WHOLE;
    let below = nearest - if nearest > x { 1.0 } else { 0.0 };
    (below + WHOLE).to_bits() & 0x007f_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_below_are_those_of_a_conversion() {
        let mut x = 0.0f32;
        while x < 1030.0 {
            for x in [x, x.next_up(), x.next_down().max(0.0)] {
                assert_eq!(whole_below(x), x as u32, "{x}");
            }
            x += 0.0625;
        }
        assert_eq!(whole_below(-0.0), 0);
        for none in [-1e-9, -0.3, -1.0, -7.5, f32::NEG_INFINITY, f32::NAN] {
            assert!(whole_below(none) > 100_000, "{none}");
        }
    }
}
