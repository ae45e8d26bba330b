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
    counts: Vec<u32>,
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
        self.num_columns += 1;
        const NONE: [u16; NUM_BINS] = [0; NUM_BINS];
        let at = self.waiting.len();
        self.waiting.resize(at + 1, NONE);
        write_cells(&column.bins, &mut self.waiting[at]);
        if self.waiting.len() == MOST_WAITING {
            self.settle();
        }
        add_levels(&column.bins, &mut self.powers, &mut self.max_codes);
    }

    fn settle(&mut self) {
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

    /// Counts those of tier 0 in.
    pub fn add_finest(&mut self, columns: &[TierColumn]) {
        for column in columns.iter().filter(|column| column.tier == 0) {
            self.add(&column.column);
        }
    }

    /// Takes a column out that was added before. The maximum stays, see [`curves`](Self::curves).
    fn remove(&mut self, codes: &[u16; NUM_BINS]) {
        self.num_columns -= 1;
        self.leaving.push(codes.map(|code| code >> CELL_SHIFT));
        if self.leaving.len() == MOST_WAITING {
            self.settle();
        }
        for (power, &code) in self.powers.iter_mut().zip(codes) {
            *power -= power_of_code(u32::from(code));
        }
    }

    /// Takes a column out that was added before.
    pub fn take_out(&mut self, bins: &[u32; NUM_BINS]) {
        self.remove(&std::array::from_fn(|bin| bins[bin] as u16));
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
    fn curves_within(&self, range_of: impl Fn(usize) -> Range<usize>) -> SpectrumCurves {
        let mut curves = SpectrumCurves::silent();
        if self.num_columns == 0 {
            return curves;
        }
        let counts = self.all_counts();
        for bin in 0..NUM_BINS {
            let all = &counts[bin * NUM_CELLS..][..NUM_CELLS];
            // Nothing above absent: the bin lies beyond Nyquist, or all was silence.
            if all[0] == self.num_columns {
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

/// The distribution of the newest columns only.
pub struct SlidingDistribution {
    distribution: Distribution,
    /// Level codes of the columns counted in, oldest at `next` once full.
    columns: Vec<[u16; NUM_BINS]>,
    next: usize,
    capacity: usize,
    /// Lowest and highest cell of each bin that may have counts: a fraction of all, and the others need no look.
    bounds: Vec<[usize; 2]>,
}

/// Bounds of a bin without counts.
const NO_BOUNDS: [usize; 2] = [NUM_CELLS - 1, 0];

impl SlidingDistribution {
    /// A distribution over at most this many columns.
    pub fn new(capacity: usize) -> Self {
        Self {
            distribution: Distribution::default(),
            columns: Vec::with_capacity(capacity),
            next: 0,
            capacity,
            bounds: vec![NO_BOUNDS; NUM_BINS],
        }
    }

    /// Counts a column in, and the oldest out once there are enough.
    pub fn add(&mut self, column: &Column) {
        let codes: [u16; NUM_BINS] = std::array::from_fn(|bin| column.bins[bin] as u16);
        for ([low, high], code) in self.bounds.iter_mut().zip(&codes) {
            let cell = usize::from(code >> CELL_SHIFT);
            (*low, *high) = ((*low).min(cell), (*high).max(cell));
        }
        if self.columns.len() < self.capacity {
            self.columns.push(codes);
        } else {
            let oldest = std::mem::replace(&mut self.columns[self.next], codes);
            self.distribution.remove(&oldest);
            self.next = (self.next + 1) % self.capacity;
        }
        self.distribution.add(column);
    }

    /// Counts in what another one has, as what came after.
    pub fn append(&mut self, newer: &Self) {
        let (after, before) = newer.columns.split_at(newer.next);
        for codes in before.iter().chain(after) {
            self.add(&Column {
                index: 0,
                bins: codes.map(u32::from),
            });
        }
    }

    /// The curves of the newest columns.
    pub fn curves(&mut self) -> SpectrumCurves {
        self.distribution.settle();
        let bins = self.distribution.counts.chunks_exact(NUM_CELLS);
        for ([low, high], counts) in self.bounds.iter_mut().zip(bins) {
            // Columns that left may have been the outermost.
            while *low < *high && counts[*low] == 0 {
                *low += 1;
            }
            while *low < *high && counts[*high] == 0 {
                *high -= 1;
            }
        }
        let bounds = &self.bounds;
        self.distribution
            .curves_within(|bin| bounds[bin][0]..bounds[bin][1] + 1)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.distribution.clear();
        self.columns.clear();
        self.next = 0;
        self.bounds.fill(NO_BOUNDS);
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
    /// Adds the powers of packed bins, and keeps their highest codes.
    fn add_levels(bins: &[u32; NUM_BINS], powers: &mut [f64], max_codes: &mut [u16]) {
        let (powers, max_codes) = (&mut powers[..NUM_BINS], &mut max_codes[..NUM_BINS]);
        for bin in 0..NUM_BINS {
            powers[bin] += power_of_code(bins[bin] & 0xffff);
        }
        for bin in 0..NUM_BINS {
            max_codes[bin] = max_codes[bin].max(bins[bin] as u16);
        }
    }
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
    fn a_sliding_distribution_equals_one_of_the_newest_columns() {
        let level = |n: usize| -120.0 + 0.1 * ((n * 7919) % 1000) as f32;
        let mut sliding = SlidingDistribution::new(100);
        let mut plain = Distribution::default();
        for n in 0..357 {
            sliding.add(&column(level(n)));
            if n >= 257 {
                plain.add(&column(level(n)));
            }
        }
        let (sliding, plain) = (sliding.curves(), plain.curves());
        assert_eq!(sliding.p50_db, plain.p50_db);
        assert_eq!(sliding.p10_db, plain.p10_db);
        assert!((sliding.mean_db[0] - plain.mean_db[0]).abs() < 1e-4);
        assert!((sliding.max_db[0] - plain.max_db[0]).abs() < 0.38);
    }

    #[test]
    fn no_signal_has_no_level() {
        let mut distribution = Distribution::default();
        assert_eq!(distribution.curves(), SpectrumCurves::silent());
        distribution.add(&column(f32::NEG_INFINITY));
        assert_eq!(distribution.curves(), SpectrumCurves::silent());
    }
}
