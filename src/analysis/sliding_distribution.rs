//! The distribution of the newest columns.

use crate::analysis::column::{Column, pack_bin};
use crate::analysis::distribution::{Distribution, SpectrumCurves, add_powers, codes_of};
use crate::analysis::level_cells::{CELL_SHIFT, NUM_CELLS};
use crate::dsp::fast_math::db_from_power;
use crate::dsp::grid::NUM_BINS;

/// The distribution of the newest columns only. Of columns between those that are counted the mean is as well: what is struck
/// between two of them is as loud as what is struck in one.
pub struct SlidingDistribution {
    distribution: Distribution,
    /// Level codes of the columns counted in, oldest at `next` once full.
    columns: Vec<[u16; NUM_BINS]>,
    /// Those of the mean of each and of those that passed before it.
    means: Vec<[u16; NUM_BINS]>,
    /// Sums of powers of those that passed since the newest one that is counted, `[bin]`, and how many.
    passed_powers: Vec<f64>,
    passed: u32,
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
            means: Vec::with_capacity(capacity),
            passed_powers: vec![0.0; NUM_BINS],
            passed: 0,
            next: 0,
            capacity,
            bounds: vec![NO_BOUNDS; NUM_BINS],
        }
    }

    /// Lets a column pass that counts for the mean alone.
    pub fn pass(&mut self, column: &Column) {
        add_powers(&column.bins, &mut self.passed_powers);
        self.passed += 1;
    }

    /// Counts a column in, and the oldest out once there are enough.
    pub fn add(&mut self, column: &Column) {
        let codes = codes_of(&column.bins);
        let mean = match self.passed {
            0 => codes,
            _ => {
                self.pass(column);
                let part = 1.0 / f64::from(self.passed);
                let code = |bin: usize| {
                    let power = (self.passed_powers[bin] * part) as f32;
                    let is_silent = power <= 0.0;
                    let level_db = db_from_power(power.max(f32::MIN_POSITIVE));
                    if is_silent {
                        0
                    } else {
                        pack_bin(level_db, 0.0, 0.0) as u16
                    }
                };
                std::array::from_fn(code)
            }
        };
        self.forget_passed();
        self.add_codes(codes, mean);
    }

    fn add_codes(&mut self, codes: [u16; NUM_BINS], mean: [u16; NUM_BINS]) {
        for ([low, high], code) in self.bounds.iter_mut().zip(&codes) {
            let cell = usize::from(code >> CELL_SHIFT);
            (*low, *high) = ((*low).min(cell), (*high).max(cell));
        }
        if self.columns.len() < self.capacity {
            self.columns.push(codes);
            self.means.push(mean);
        } else {
            let oldest = std::mem::replace(&mut self.columns[self.next], codes);
            let oldest_mean = std::mem::replace(&mut self.means[self.next], mean);
            self.distribution.remove(&oldest, &oldest_mean);
            self.next = (self.next + 1) % self.capacity;
        }
        let [bins, mean] = [codes, mean].map(|codes| codes.map(u32::from));
        self.distribution.add_for_mean(&bins, &mean);
    }

    /// Counts in what another one has, as what came after.
    pub fn append(&mut self, newer: &Self) {
        let order = (newer.next..newer.columns.len()).chain(0..newer.next);
        for at in order {
            self.add_codes(newer.columns[at], newer.means[at]);
        }
    }

    fn forget_passed(&mut self) {
        self.passed_powers.fill(0.0);
        self.passed = 0;
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
        self.means.clear();
        self.forget_passed();
        self.next = 0;
        self.bounds.fill(NO_BOUNDS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::db;

    fn column(level_db: f32) -> Column {
        Column {
            index: 0,
            bins: [pack_bin(level_db, 0.0, 0.0); NUM_BINS],
        }
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
    fn what_passes_between_counts_for_the_mean_and_leaves_with_the_column_behind_it() {
        let mut sliding = SlidingDistribution::new(3);
        for n in 0..20 {
            // Struck in one of four columns, and never in the one that is counted.
            for quarter in 0..3 {
                let is_struck = quarter == 1 && n < 10;
                sliding.pass(&column(if is_struck { -20.0 } else { -80.0 }));
            }
            sliding.add(&column(-80.0));
            let curves = sliding.curves();
            let expected = match n {
                0..10 => -20.0 - 6.02,
                10 => -20.0 - 6.02 + db::db_from_power(2.0 / 3.0) as f32,
                11 => -20.0 - 6.02 + db::db_from_power(1.0 / 3.0) as f32,
                _ => -80.0,
            };
            let mean_db = curves.mean_db[500];
            assert!((mean_db - expected).abs() < 0.02, "{n}: {mean_db} dB");
            assert!((curves.p90_db[500] + 80.0).abs() < 0.4);
        }
    }
}
