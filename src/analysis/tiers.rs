//! The pyramid of time: each tier averages four columns of the tier below.
//!
//! A picture of 5 seconds and one of 90 minutes then both read about one column a pixel. Powers are averaged, not
//! levels: a column of tier 3 reads what a meter with that integration time would. Columns in a gap do not count.

use crate::analysis::column::{Column, NUM_TIERS, TIER_FACTOR, TierColumn};
use crate::analysis::slice::Slice;
use crate::dsp::fast_math::{db_from_power, power_from_db};
use crate::dsp::grid::NUM_BINS;
use crate::dsp::wide::widely;

/// Added to powers, so that silence has a logarithm: −200 dB.
const SILENCE_POWER: f32 = 1e-20;

/// Builds the tiers above the finest, column by column.
pub struct TierBuilder {
    /// `sums[tier - 1]`
    sums: Vec<TierSum>,
    scratch: Slice,
}

/// Makes a column of a coarser tier of any that it averages, in whatever order they are known.
pub struct ColumnMerger {
    sum: TierSum,
    slice: Slice,
    /// `[bin]`, linear.
    powers: Vec<f32>,
}

impl Default for ColumnMerger {
    fn default() -> Self {
        Self {
            sum: TierSum::new(),
            slice: Slice::silent(),
            powers: vec![0.0; NUM_BINS],
        }
    }
}

impl ColumnMerger {
    /// The mean of columns of the tier below; absent where nothing sounds in any.
    pub fn merge<'a>(
        &mut self,
        columns: impl Iterator<Item = &'a [u32; NUM_BINS]>,
    ) -> [u32; NUM_BINS] {
        let sounds = |bins: &&[u32; NUM_BINS]| bins.iter().any(|bin| bin & 0xffff > 0);
        for bins in columns.filter(sounds) {
            self.slice.unpack(bins);
            self.slice.write_powers(&mut self.powers);
            self.sum.add_slice(&self.slice, &self.powers);
        }
        let mut merged = [0; NUM_BINS];
        if self.sum.num_present > 0.0 {
            self.sum.take_mean();
            levels_of_powers(&self.sum, &mut self.slice);
            self.slice.pack_bins(0..NUM_BINS, &mut merged);
        }
        self.sum.clear();
        merged
    }
}

/// The powers of up to four columns of the tier below; `[bin]`, linear.
struct TierSum {
    num_merged: usize,
    num_present: f32,
    next_index: u64,
    /// Mean power of left and right; half the power of left; power of side.
    total: Vec<f32>,
    left: Vec<f32>,
    side: Vec<f32>,
}

impl Default for TierBuilder {
    fn default() -> Self {
        Self {
            sums: (1..NUM_TIERS).map(|_| TierSum::new()).collect(),
            scratch: Slice::silent(),
        }
    }
}

impl TierBuilder {
    /// Adds the next column of tier 0, `None` in a gap, and appends the columns of coarser tiers it completes.
    /// `total_power[bin]` is the linear power of the slice.
    pub fn push(&mut self, slice: Option<(&Slice, &[f32])>, columns: &mut Vec<TierColumn>) {
        match slice {
            Some((slice, total_power)) => self.sums[0].add_slice(slice, total_power),
            None => self.sums[0].num_merged += 1,
        }
        self.carry(TIER_FACTOR, columns);
    }

    /// Adds a column of digital silence, whose powers are all 0.
    pub fn push_silence(&mut self, columns: &mut Vec<TierColumn>) {
        self.sums[0].num_merged += 1;
        self.sums[0].num_present += 1.0;
        self.carry(TIER_FACTOR, columns);
    }

    /// Completes the coarser tiers at the end of a stream with what there is.
    pub fn finish(&mut self, columns: &mut Vec<TierColumn>) {
        self.carry(1, columns);
    }

    /// Passes over a long absence: the next column of tier 0 is `to`, later than all before. What was merged so far
    /// is emitted, the columns between are left out, and of each tier one absent column stands at the end of the
    /// absence, so that it reads as an absence from then on.
    pub fn jump(&mut self, to: u64, columns: &mut Vec<TierColumn>) {
        let mut per_column = 1;
        for tier in 1..NUM_TIERS {
            let (finer, coarser) = self.sums.split_at_mut(tier);
            let sum = &mut finer[tier - 1];
            // `per_column` columns of tier 0 make one that is merged here.
            let merged = to / per_column;
            per_column *= TIER_FACTOR as u64;
            let index = to / per_column;
            if index > sum.next_index {
                if sum.num_present > 0.0 {
                    sum.take_mean();
                    sum.emit(tier, &mut self.scratch, columns);
                    if let Some(next) = coarser.first_mut() {
                        next.add_mean(sum);
                    }
                }
                let was = sum.next_index;
                let was_present = sum.num_present > 0.0;
                sum.clear();
                sum.next_index = index;
                if index - 1 > was || !was_present {
                    push_absent(columns, tier as u8, index - 1);
                }
            }
            sum.num_merged = (merged % TIER_FACTOR as u64) as usize;
        }
    }

    /// Emits each tier that has merged enough, finest first, and hands its mean on to the next.
    fn carry(&mut self, enough: usize, columns: &mut Vec<TierColumn>) {
        for tier in 1..NUM_TIERS {
            let (finer, coarser) = self.sums.split_at_mut(tier);
            let sum = &mut finer[tier - 1];
            if sum.num_merged < enough {
                continue;
            }
            sum.take_mean();
            sum.emit(tier, &mut self.scratch, columns);
            if let Some(next) = coarser.first_mut() {
                next.add_mean(sum);
            }
            sum.clear();
        }
    }
}

impl TierSum {
    fn new() -> Self {
        Self {
            num_merged: 0,
            num_present: 0.0,
            next_index: 0,
            total: vec![0.0; NUM_BINS],
            left: vec![0.0; NUM_BINS],
            side: vec![0.0; NUM_BINS],
        }
    }

    fn add_slice(&mut self, slice: &Slice, total_power: &[f32]) {
        add_powers(self, slice, total_power);
        self.num_merged += 1;
        self.num_present += 1.0;
    }

    fn add_mean(&mut self, mean: &TierSum) {
        self.num_merged += 1;
        if mean.num_present > 0.0 {
            self.num_present += 1.0;
            let add = |to: &mut [f32], from: &[f32]| {
                to.iter_mut().zip(from).for_each(|(to, from)| *to += from)
            };
            add(&mut self.total, &mean.total);
            add(&mut self.left, &mean.left);
            add(&mut self.side, &mean.side);
        }
    }

    fn take_mean(&mut self) {
        let scale = 1.0 / self.num_present.max(1.0);
        for powers in [&mut self.total, &mut self.left, &mut self.side] {
            powers.iter_mut().for_each(|power| *power *= scale);
        }
    }

    fn emit(&self, tier: usize, slice: &mut Slice, columns: &mut Vec<TierColumn>) {
        let column = push_absent(columns, tier as u8, self.next_index);
        if self.num_present > 0.0 {
            levels_of_powers(self, slice);
            slice.pack_bins(0..NUM_BINS, &mut column.bins);
        }
    }

    fn clear(&mut self) {
        self.num_merged = 0;
        self.num_present = 0.0;
        self.next_index += 1;
        for powers in [&mut self.total, &mut self.left, &mut self.side] {
            powers.fill(0.0);
        }
    }
}

widely! {
    fn add_powers(sum: &mut TierSum, slice: &Slice, total_power: &[f32]) {
        let (total, left, side) = (
            &mut sum.total[..NUM_BINS],
            &mut sum.left[..NUM_BINS],
            &mut sum.side[..NUM_BINS],
        );
        let power = &total_power[..NUM_BINS];
        let left_to_right_db = &slice.left_to_right_db[..NUM_BINS];
        let side_to_mid_db = &slice.side_to_mid_db[..NUM_BINS];
        for bin in 0..NUM_BINS {
            total[bin] += power[bin];
            left[bin] += part_of(power[bin], left_to_right_db[bin]);
            side[bin] += part_of(power[bin], side_to_mid_db[bin]);
        }
    }
}

widely! {
    fn levels_of_powers(sum: &TierSum, slice: &mut Slice) {
        let (total, left, side) = (
            &sum.total[..NUM_BINS],
            &sum.left[..NUM_BINS],
            &sum.side[..NUM_BINS],
        );
        let level_db = &mut slice.level_db[..NUM_BINS];
        let left_to_right_db = &mut slice.left_to_right_db[..NUM_BINS];
        let side_to_mid_db = &mut slice.side_to_mid_db[..NUM_BINS];
        for bin in 0..NUM_BINS {
            level_db[bin] = db_from_power(total[bin] + SILENCE_POWER);
            left_to_right_db[bin] = ratio_db_of_part(left[bin], total[bin]);
            side_to_mid_db[bin] = ratio_db_of_part(side[bin], total[bin]);
        }
    }
}

/// A column of a gap.
pub fn absent_column(index: u64) -> Column {
    Column {
        index,
        bins: [0; NUM_BINS],
    }
}

/// Appends a column to be filled: where it stands, since four kilobytes are not worth to be made elsewhere and moved.
pub fn push_absent(columns: &mut Vec<TierColumn>, tier: u8, index: u64) -> &mut Column {
    const ABSENT: TierColumn = TierColumn {
        tier: 0,
        column: Column {
            index: 0,
            bins: [0; NUM_BINS],
        },
    };
    let at = columns.len();
    columns.resize(at + 1, ABSENT);
    let new = &mut columns[at];
    new.tier = tier;
    new.column.index = index;
    &mut new.column
}

/// The part of a whole that stands to its rest in a ratio in dB.
#[inline(always)]
fn part_of(whole: f32, ratio_db: f32) -> f32 {
    let ratio = power_from_db(ratio_db.clamp(-60.0, 60.0));
    whole * ratio / (1.0 + ratio)
}

/// The inverse of [`part_of`].
#[inline(always)]
fn ratio_db_of_part(part: f32, whole: f32) -> f32 {
    let rest = (whole - part).max(0.0) + SILENCE_POWER;
    db_from_power(part + SILENCE_POWER) - db_from_power(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::{left_to_right_db, level_db, side_to_mid_db};

    fn slice(level_db: f32, left_to_right_db: f32, side_to_mid_db: f32) -> Slice {
        let mut slice = Slice::silent();
        slice.level_db.fill(level_db);
        slice.left_to_right_db.fill(left_to_right_db);
        slice.side_to_mid_db.fill(side_to_mid_db);
        slice
    }

    fn push(tiers: &mut TierBuilder, slice: &Slice, columns: &mut Vec<TierColumn>) {
        let power: Vec<f32> = slice.level_db.iter().map(|&db| power_from_db(db)).collect();
        tiers.push(Some((slice, &power)), columns);
    }

    #[test]
    fn four_columns_become_one_of_their_mean_power() {
        let mut tiers = TierBuilder::default();
        let mut columns = Vec::new();
        push(&mut tiers, &slice(-10.0, 6.0, -20.0), &mut columns);
        for _ in 0..3 {
            push(&mut tiers, &slice(-160.0, 0.0, 0.0), &mut columns);
        }
        let &[merged] = columns.as_slice() else {
            panic!("one column of tier 1, not {}", columns.len())
        };
        assert_eq!((merged.tier, merged.column.index), (1, 0));
        let bin = merged.column.bins[500];
        assert!((level_db(bin).expect("present") + 16.02).abs() < 0.01);
        assert!((left_to_right_db(bin) - 6.0).abs() < 0.2);
        assert!((side_to_mid_db(bin) + 20.0).abs() < 0.2);
    }

    #[test]
    fn columns_merged_when_they_are_known_are_those_merged_as_they_came() {
        let mut tiers = TierBuilder::default();
        let mut columns = Vec::new();
        let slices = [(-10.0, 6.0, -20.0), (-31.5, 3.0, -9.0), (-20.0, -3.0, -6.0)];
        let slices = slices.map(|(level, left, side)| slice(level, left, side));
        slices
            .iter()
            .for_each(|slice| push(&mut tiers, slice, &mut columns));
        tiers.push(None, &mut columns);
        let packed: Vec<Column> = slices.iter().map(|slice| slice.pack(0)).collect();
        let absent = [0; NUM_BINS];
        let bins = packed.iter().map(|column| &column.bins).chain([&absent]);
        let merged = ColumnMerger::default().merge(bins)[500];
        let built = columns[0].column.bins[500];
        let levels = [merged, built].map(|bin| level_db(bin).expect("present"));
        assert!((levels[0] - levels[1]).abs() < 0.01, "{levels:?}");
        for ratio in [left_to_right_db, side_to_mid_db] {
            assert!((ratio(merged) - ratio(built)).abs() < 0.4);
        }
        let silent = ColumnMerger::default().merge([&absent].into_iter());
        assert_eq!(silent, absent);
    }

    #[test]
    fn every_tier_counts_its_own_columns_and_a_gap_does_not_pull_the_mean_down() {
        let mut tiers = TierBuilder::default();
        let mut columns = Vec::new();
        for n in 0..4096 {
            match n % 4 {
                0 | 1 => tiers.push(None, &mut columns),
                _ => push(&mut tiers, &slice(-30.0, 0.0, -10.0), &mut columns),
            }
        }
        for tier in 1..NUM_TIERS {
            let of_tier: Vec<_> = columns
                .iter()
                .filter(|c| usize::from(c.tier) == tier)
                .collect();
            assert_eq!(of_tier.len(), 4096 >> (2 * tier));
            for (index, column) in of_tier.iter().enumerate() {
                assert_eq!(column.column.index, index as u64);
                assert!((level_db(column.column.bins[9]).expect("present") + 30.0).abs() < 0.01);
            }
        }
        columns.clear();
        (0..4).for_each(|_| tiers.push(None, &mut columns));
        assert_eq!(
            columns[0].column.bins, [0; NUM_BINS],
            "a whole gap is absent"
        );
    }
}
