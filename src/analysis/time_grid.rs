//! One grid of columns for a stream whose sample rate changes on the way.
//!
//! Columns of 44.1 and 48 kHz stand 10.16 and 10.67 ms apart. The picture, the histories and the GPU count in columns
//! of the rate the stream began with; columns of another rate go to the nearest place of that grid. A column is then
//! shown at most half a column from its time, a few milliseconds, and one in twenty is left out or shown twice. Its
//! levels are untouched: resampling the sound instead would have changed what is measured.

use crate::analysis::column::{Column, NUM_TIERS, TIER_FACTOR, TierColumn};

/// Places columns of any rate on the grid of the first.
#[derive(Clone, Debug)]
pub struct TimeGrid {
    hop_secs: f64,
    /// Hop of the columns that come now over the hop of the grid.
    ratio: f64,
    /// Per tier: the first place not taken, and the index of the column that came last.
    next: [u64; NUM_TIERS],
    last: [Option<u64>; NUM_TIERS],
}

impl TimeGrid {
    /// A grid with so many seconds between its columns.
    pub fn new(hop_secs: f64) -> Self {
        Self {
            hop_secs,
            ratio: 1.0,
            next: [0; NUM_TIERS],
            last: [None; NUM_TIERS],
        }
    }

    /// From here on columns come with another hop.
    pub fn change_hop(&mut self, hop_secs: f64) {
        let ratio = hop_secs / self.hop_secs;
        // 48 and 96 kHz have the same hop to the last bit that matters.
        self.ratio = if (ratio - 1.0).abs() < 1e-9 {
            1.0
        } else {
            ratio
        };
        self.last = [None; NUM_TIERS];
    }

    /// Hands a column on at its place: not at all if that is taken, twice if the place before it would stay empty.
    pub fn place(&mut self, column: &TierColumn, mut hand_on: impl FnMut(TierColumn)) {
        let tier = usize::from(column.tier);
        let index = column.column.index;
        let place = self.place_of(tier, index);
        let follows = self.last[tier].is_some_and(|last| last + 1 == index);
        self.last[tier] = Some(index);
        if place < self.next[tier] {
            return;
        }
        let first = if follows { self.next[tier] } else { place };
        for index in first.max(place.saturating_sub(1))..=place {
            hand_on(TierColumn {
                tier: column.tier,
                column: Column {
                    index,
                    bins: column.column.bins,
                },
            });
        }
        self.next[tier] = place + 1;
    }

    /// Places columns of tier 0 in the making, which follow those handed on.
    pub fn place_provisional(&self, columns: &mut Vec<Column>) {
        if self.ratio == 1.0 {
            return;
        }
        let mut grid = self.clone();
        let mut placed = Vec::with_capacity(columns.len() + columns.len() / 8);
        for column in columns.drain(..) {
            let column = TierColumn { tier: 0, column };
            grid.place(&column, |column| placed.push(column.column));
        }
        *columns = placed;
    }

    fn place_of(&self, tier: usize, index: u64) -> u64 {
        if self.ratio == 1.0 {
            return index;
        }
        // Column `i` of tier `t` is centred on the middle of the `4^t` columns it averages.
        let centre = 0.5 - 0.5 / (TIER_FACTOR as f64).powi(tier as i32);
        ((index as f64 + centre) * self.ratio - centre)
            .round()
            .max(0.0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tiers::absent_column;

    fn places(grid: &mut TimeGrid, tier: u8, indices: impl Iterator<Item = u64>) -> Vec<u64> {
        let mut places = vec![];
        for index in indices {
            let column = TierColumn {
                tier,
                column: absent_column(index),
            };
            grid.place(&column, |column| places.push(column.column.index));
        }
        places
    }

    #[test]
    fn columns_of_the_first_rate_stay_where_they_are() {
        let mut grid = TimeGrid::new(512.0 / 48_000.0);
        assert_eq!(
            places(&mut grid, 0, (0..5).chain(900..903)),
            [0, 1, 2, 3, 4, 900, 901, 902]
        );
        grid.change_hop(1024.0 / 96_000.0);
        assert_eq!(places(&mut grid, 0, 903..905), [903, 904]);
    }

    #[test]
    fn columns_of_another_rate_lie_within_half_a_column_of_their_time_without_holes() {
        for (first, then) in [
            (512.0 / 48_000.0, 448.0 / 44_100.0),
            (448.0 / 44_100.0, 512.0 / 48_000.0),
        ] {
            for tier in 0..NUM_TIERS as u8 {
                let mut grid = TimeGrid::new(first);
                let before = places(&mut grid, tier, 0..100);
                grid.change_hop(then);
                let factor = 4f64.powi(i32::from(tier));
                let centre =
                    |hop: f64, index: u64| (index as f64 + 0.5 - 0.5 / factor) * hop * factor;
                let start = (centre(first, 99) / (then * factor)) as u64 + 2;
                let after = places(&mut grid, tier, start..start + 500);
                assert!(before[99] < after[0]);
                for pair in after.windows(2) {
                    assert_eq!(pair[1], pair[0] + 1, "tier {tier}");
                }
                let last = centre(first, after[after.len() - 1]);
                let own = centre(then, start + 499);
                assert!((last - own).abs() <= 0.501 * first * factor, "{last} {own}");
            }
        }
    }
}
