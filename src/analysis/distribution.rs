//! How often each bin had which level: mean, maximum and percentiles of any stretch of columns.
//!
//! A histogram per bin makes percentiles of an hour as cheap as those of a second, and lets columns leave again, so
//! that the live curves can follow the last seconds.

use std::borrow::Cow;
use std::ops::Range;

use crate::analysis::band_range::BandRange;
use crate::analysis::column::{Column, LEVEL_FLOOR_DB, TierColumn};
use crate::analysis::level_cells::{
    CELL_SHIFT, NUM_CELLS, highest_cell, level_of_code, quantiles_db,
};
use crate::dsp::fast_math::power_from_db;
use crate::dsp::grid::NUM_BINS;
use crate::dsp::wide::widely;
use crate::units::db;

/// Curves over the grid, `[bin]`, tone levels in dBFS; −∞ where there was no signal or no bin.
#[derive(Debug, Default, PartialEq)]
pub struct SpectrumCurves {
    /// Mean of the powers.
    pub mean_db: Vec<f32>,
    /// Level that 10 % of the columns stay below.
    pub p10_db: Vec<f32>,
    /// Median.
    pub p50_db: Vec<f32>,
    /// Level that 10 % of the columns exceed.
    pub p90_db: Vec<f32>,
    /// Maximum; of the sliding distribution, within 0.375 dB.
    pub max_db: Vec<f32>,
    /// Between which levels its thirds of an octave move.
    pub range: BandRange,
}

impl Clone for SpectrumCurves {
    fn clone(&self) -> Self {
        let mut curves = Self::default();
        curves.clone_from(self);
        curves
    }

    /// Uses the storage again: meters are published many times a second.
    fn clone_from(&mut self, source: &Self) {
        self.mean_db.clone_from(&source.mean_db);
        self.p10_db.clone_from(&source.p10_db);
        self.p50_db.clone_from(&source.p50_db);
        self.p90_db.clone_from(&source.p90_db);
        self.max_db.clone_from(&source.max_db);
        self.range.clone_from(&source.range);
    }
}

impl SpectrumCurves {
    /// Curves without signal.
    pub fn silent() -> Self {
        let silent = vec![f32::NEG_INFINITY; NUM_BINS];
        Self {
            mean_db: silent.clone(),
            p10_db: silent.clone(),
            p50_db: silent.clone(),
            p90_db: silent.clone(),
            max_db: silent,
            range: BandRange::silent(),
        }
    }
}

/// Levels kept of each bin's distribution.
pub const NUM_QUANTILES: usize = 20;

/// How levels are spread over time: `quantiles[bin][n]` is what the part (n + ½) / 20 of the columns stays below, in
/// dBFS; −∞ where there is nothing. Each counts as a twentieth of the time.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelQuantiles(pub Vec<[f32; NUM_QUANTILES]>);

impl LevelQuantiles {
    /// Those of a distribution.
    pub fn new(distribution: &Distribution) -> Self {
        let parts = std::array::from_fn(|n| (n as f64 + 0.5) / NUM_QUANTILES as f64);
        Self(distribution.quantiles(parts))
    }
}

/// A histogram of levels for every bin.
pub struct Distribution {
    /// `counts[bin * NUM_CELLS + cell]`
    pub(super) counts: Vec<u32>,
    /// Sums of linear powers, `[bin]`.
    powers: Vec<f64>,
    /// Highest level codes ever added, `[bin]`.
    max_codes: Vec<u16>,
    num_columns: u32,
    /// Cells of the newest columns, `[column][bin]`, not yet in `counts`: all columns at once for each bin need a tenth of
    /// the cache that all bins for each column do.
    waiting: Vec<[u16; NUM_BINS]>,
    /// Of columns that were taken out, the same.
    leaving: Vec<[u16; NUM_BINS]>,
}

/// Columns that wait at most, and as many that leave.
const MOST_WAITING: usize = 8;

impl Default for Distribution {
    fn default() -> Self {
        Self {
            counts: vec![0; NUM_BINS * NUM_CELLS],
            powers: vec![0.0; NUM_BINS],
            max_codes: vec![0; NUM_BINS],
            num_columns: 0,
            waiting: Vec::with_capacity(MOST_WAITING),
            leaving: Vec::with_capacity(MOST_WAITING),
        }
    }
}

impl Distribution {
    /// Columns in the distribution.
    pub fn num_columns(&self) -> u32 {
        self.num_columns
    }

    /// Counts a column in.
    pub fn add(&mut self, column: &Column) {
        self.add_for_mean(&column.bins, &column.bins);
    }

    /// Counts a column in, whose part in the mean is that of another one.
    pub(super) fn add_for_mean(&mut self, bins: &[u32; NUM_BINS], mean: &[u32; NUM_BINS]) {
        self.num_columns += 1;
        const NONE: [u16; NUM_BINS] = [0; NUM_BINS];
        let at = self.waiting.len();
        self.waiting.resize(at + 1, NONE);
        write_cells(bins, &mut self.waiting[at]);
        if self.waiting.len() == MOST_WAITING {
            self.settle();
        }
        add_powers(mean, &mut self.powers);
        keep_highest(bins, &mut self.max_codes);
    }

    pub(super) fn settle(&mut self) {
        count(&self.waiting, &self.leaving, &mut self.counts);
        self.waiting.clear();
        self.leaving.clear();
    }

    /// The counts with those that wait, and without those that leave.
    fn all_counts(&self) -> Cow<'_, [u32]> {
        if self.waiting.is_empty() && self.leaving.is_empty() {
            return Cow::Borrowed(&self.counts);
        }
        let mut counts = self.counts.clone();
        count(&self.waiting, &self.leaving, &mut counts);
        Cow::Owned(counts)
    }

    /// Counts those of tier 0 in which anything sounds: a pause is no quiet music.
    pub fn add_finest(&mut self, columns: &[TierColumn]) {
        let finest = columns.iter().filter(|column| column.tier == 0);
        for column in finest.map(|column| &column.column) {
            if column.sounds() {
                self.add(column);
            }
        }
    }

    /// Takes a column out that was added before, with its part in the mean. The maximum stays, see
    /// [`curves`](Self::curves).
    pub(super) fn remove(&mut self, codes: &[u16; NUM_BINS], mean: &[u16; NUM_BINS]) {
        self.num_columns -= 1;
        self.leaving.push(codes.map(|code| code >> CELL_SHIFT));
        if self.leaving.len() == MOST_WAITING {
            self.settle();
        }
        for (power, &code) in self.powers.iter_mut().zip(mean) {
            *power -= power_of_code(u32::from(code));
        }
    }

    /// Takes a column out that was added before.
    pub fn take_out(&mut self, bins: &[u32; NUM_BINS]) {
        let codes = codes_of(bins);
        self.remove(&codes, &codes);
    }

    /// Counts in what another one has.
    pub fn absorb(&mut self, other: &Self) {
        self.counts
            .iter_mut()
            .zip(other.all_counts().iter())
            .for_each(|(count, other)| *count += other);
        self.powers
            .iter_mut()
            .zip(&other.powers)
            .for_each(|(power, other)| *power += other);
        let codes = self.max_codes.iter_mut().zip(&other.max_codes);
        codes.for_each(|(code, other)| *code = (*code).max(*other));
        self.num_columns += other.num_columns;
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.waiting.clear();
        self.leaving.clear();
        self.powers.fill(0.0);
        self.max_codes.fill(0);
        self.num_columns = 0;
    }

    /// Levels that these parts (rising, 0 … 1) of the columns stay below, `[bin][part]` in dBFS; −∞ where there is
    /// nothing.
    pub fn quantiles<const N: usize>(&self, parts: [f64; N]) -> Vec<[f32; N]> {
        let counts = self.all_counts();
        let bins = counts.chunks_exact(NUM_CELLS);
        bins.map(|counts| quantiles_db(counts, 0, self.num_columns, parts))
            .collect()
    }

    /// The curves of everything counted in.
    pub fn curves(&self) -> SpectrumCurves {
        self.curves_within(|_| 0..NUM_CELLS)
    }

    /// The same where it is known between which cells each bin has counts; absent bins must have them from cell 0 on.
    pub(super) fn curves_within(&self, range_of: impl Fn(usize) -> Range<usize>) -> SpectrumCurves {
        let mut curves = SpectrumCurves::silent();
        if self.num_columns == 0 {
            return curves;
        }
        let counts = self.all_counts();
        for bin in 0..NUM_BINS {
            let all = &counts[bin * NUM_CELLS..][..NUM_CELLS];
            // Nothing above absent: the bin lies beyond Nyquist, or all was silence.
            if all[0] == self.num_columns && self.powers[bin] <= 0.0 {
                continue;
            }
            let range = range_of(bin);
            let (first, counts) = (range.start, &all[range]);
            let mean = self.powers[bin].max(0.0) / f64::from(self.num_columns);
            curves.mean_db[bin] = (db::db_from_power(mean) as f32).max(LEVEL_FLOOR_DB);
            let quantiles = quantiles_db(counts, first, self.num_columns, [0.1, 0.5, 0.9]);
            [curves.p10_db[bin], curves.p50_db[bin], curves.p90_db[bin]] = quantiles;
            let highest = first + highest_cell(counts);
            let cell_max = ((highest + 1) << CELL_SHIFT) - 1;
            curves.max_db[bin] = level_of_code(cell_max.min(self.max_codes[bin].into()) as f32);
        }
        curves
    }
}

/// Counts the cells of columns in, and those of others out that are counted in by then.
fn count(coming: &[[u16; NUM_BINS]], leaving: &[[u16; NUM_BINS]], counts: &mut [u32]) {
    for (bin, counts) in counts.chunks_exact_mut(NUM_CELLS).enumerate() {
        for column in coming {
            counts[usize::from(column[bin])] += 1;
        }
        for column in leaving {
            counts[usize::from(column[bin])] -= 1;
        }
    }
}

widely! {
    fn write_cells(bins: &[u32; NUM_BINS], cells: &mut [u16; NUM_BINS]) {
        for (cell, packed) in cells.iter_mut().zip(bins) {
            *cell = ((packed & 0xffff) >> CELL_SHIFT) as u16;
        }
    }
}

widely! {
    /// Adds the powers of packed bins.
    pub(super) fn add_powers(bins: &[u32; NUM_BINS], powers: &mut [f64]) {
        let powers = &mut powers[..NUM_BINS];
        for bin in 0..NUM_BINS {
            powers[bin] += power_of_code(bins[bin] & 0xffff);
        }
    }
}

widely! {
    /// Keeps the highest codes of packed bins.
    fn keep_highest(bins: &[u32; NUM_BINS], max_codes: &mut [u16]) {
        let max_codes = &mut max_codes[..NUM_BINS];
        for bin in 0..NUM_BINS {
            max_codes[bin] = max_codes[bin].max(bins[bin] as u16);
        }
    }
}

pub(super) fn codes_of(bins: &[u32; NUM_BINS]) -> [u16; NUM_BINS] {
    std::array::from_fn(|bin| bins[bin] as u16)
}

#[inline(always)]
fn power_of_code(code: u32) -> f64 {
    let power = power_from_db(level_of_code(code as f32));
    f64::from(if code == 0 { 0.0 } else { power })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::pack_bin;

    fn column(level_db: f32) -> Column {
        Column {
            index: 0,
            bins: [pack_bin(level_db, 0.0, 0.0); NUM_BINS],
        }
    }

    #[test]
    fn percentiles_mean_and_maximum_of_evenly_spread_levels() {
        let mut distribution = Distribution::default();
        (0..1000).for_each(|n| distribution.add(&column(-50.0 + 0.04 * n as f32)));
        let curves = distribution.curves();
        let check = |read: f32, expected: f32, tolerance: f32| {
            assert!(
                (read - expected).abs() < tolerance,
                "{read} dB, not {expected}"
            );
        };
        check(curves.p10_db[3], -46.0, 0.1);
        check(curves.p50_db[3], -30.0, 0.1);
        check(curves.p90_db[3], -14.0, 0.1);
        check(curves.max_db[3], -10.04, 0.01);
        let mean: f64 = (0..1000)
            .map(|n| db::power_from_db(-50.0 + 0.04 * f64::from(n)))
            .sum::<f64>()
            / 1000.0;
        check(curves.mean_db[3], db::db_from_power(mean) as f32, 0.01);
    }

    #[test]
    fn no_signal_has_no_level() {
        let mut distribution = Distribution::default();
        assert_eq!(distribution.curves(), SpectrumCurves::silent());
        distribution.add(&column(f32::NEG_INFINITY));
        assert_eq!(distribution.curves(), SpectrumCurves::silent());
    }
}
