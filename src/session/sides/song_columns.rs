//! Columns of a song that may be played again: each is placed where it belongs, over what was there.
//!
//! The pictures before have shown what was there, so what was placed lately is noted for whoever draws.

use std::ops::Range;

use crate::analysis::column::{NUM_TIERS, TIER_FACTOR};
use crate::session::sides::columns::{Bins, Kept, MixColumns};

/// Columns kept of each tier of a song, on both sides of what was placed last: 3 minutes of the finest, 12 of the next, and
/// of all others [`LONGEST_SONG_SECS`](crate::session::sides::song_tape::LONGEST_SONG_SECS).
const CAPACITIES: [usize; NUM_TIERS] = [16_384, 16_384, 65_536, 16_384, 4_096, 2_048];

impl MixColumns {
    /// Puts a column of a song where it belongs, over what was there. Of a full tier the end leaves that is farther away.
    pub fn place(&mut self, tier: usize, index: u64, bins: Bins) {
        let columns = &mut self.tiers[tier];
        match columns.binary_search_by_key(&index, |kept| kept.index) {
            Ok(at) => columns[at].bins = bins,
            Err(at) => columns.insert(at, Kept { index, bins }),
        }
        if columns.len() > CAPACITIES[tier] {
            let ends = [columns.front(), columns.back()];
            let [before, behind] = ends.map(|end| end.map_or(0, |end| end.index.abs_diff(index)));
            match before >= behind {
                true => columns.pop_front(),
                false => columns.pop_back(),
            };
        }
        self.placed.note(tier, index);
    }

    /// The bins of a column of a song, if it was ever placed.
    pub fn placed(&self, tier: usize, index: u64) -> Option<&Bins> {
        let columns = &self.tiers[tier];
        let at = columns
            .binary_search_by_key(&index, |kept| kept.index)
            .ok()?;
        columns.get(at).map(|kept| &kept.bins)
    }

    /// How many were placed so far.
    pub fn num_placed(&self) -> u64 {
        self.placed.count
    }

    /// Tier and index of those that were placed since so many had been, the oldest first; `None` if those are too many.
    pub fn placed_since(&self, count: u64) -> Option<impl Iterator<Item = (usize, u64)> + '_> {
        let new = self.placed.count.checked_sub(count)? as usize;
        let known = self.placed.newest.len().checked_sub(new)?;
        Some(self.placed.newest.range(known..).copied())
    }

    /// Whether a tier of a song has let columns of a range of it go that the next coarser one still has.
    pub fn has_let_placed_go(&self, tier: usize, range: Range<u64>) -> bool {
        let factor = TIER_FACTOR as u64;
        let (first, end) = (range.start.div_ceil(factor), range.end / factor);
        let at = |tier: usize, index| self.tiers[tier].partition_point(|kept| kept.index < index);
        let within = |tier: usize, first: u64, end: u64| {
            let (from, to) = (at(tier, first), at(tier, end));
            self.tiers[tier].range(from..to.max(from))
        };
        let fine = within(tier, first * factor, end * factor);
        let mut fine = fine.map(|kept| kept.index / factor).peekable();
        let mut coarse = within(tier + 1, first, end).map(|kept| kept.index);
        // Anywhere: what was played elsewhere in the song is kept on both sides of what has gone.
        coarse.any(|index| {
            while fine.next_if(|of| *of < index).is_some() {}
            fine.peek() != Some(&index)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::dsp::grid::NUM_BINS;
    use crate::session::sides::placed::MOST_NOTED;

    fn bins(value: u32) -> Bins {
        Arc::new([value; NUM_BINS])
    }

    fn first(columns: &MixColumns, tier: usize, index: u64) -> Option<u32> {
        columns.get(tier, index).map(|bins| bins[0])
    }

    #[test]
    fn a_column_lies_where_it_was_placed_last_and_between_them_is_nothing() {
        let mut columns = MixColumns::default();
        for (index, value) in [(90, 1), (91, 2), (10, 3), (90, 4)] {
            columns.place(0, index, bins(value));
        }
        assert_eq!(columns.kept(0), 10..92);
        assert_eq!(
            [10, 50, 90, 91].map(|index| first(&columns, 0, index)),
            [Some(3), Some(0), Some(4), Some(2)]
        );
        assert!(columns.placed(0, 50).is_none());
        let since = |count| columns.placed_since(count).map(Iterator::collect::<Vec<_>>);
        assert_eq!(since(2), Some(vec![(0, 10), (0, 90)]));
        assert_eq!(since(4), Some(vec![]));
        assert_eq!(since(5), None, "of another song");
    }

    #[test]
    fn between_what_was_played_far_apart_nothing_is_in_the_making() {
        let mut columns = MixColumns::default();
        for index in 0..40 {
            columns.place(0, index, bins(1));
            columns.place(1, index / 4, bins(1));
        }
        // The DAW was moved on by a quarter of an hour, and played one column.
        columns.place(0, 90_000, bins(2));
        assert_eq!(columns.provisional_of(1).count(), 0);
        assert_eq!(columns.provisional_of(0).count(), 0);
    }

    #[test]
    fn a_full_tier_keeps_what_lies_about_the_newest_and_says_where_a_coarser_one_stands_in() {
        let mut columns = MixColumns::default();
        let full = CAPACITIES[0] as u64;
        for index in 0..full + 400 {
            columns.place(0, index, bins(1));
            columns.place(1, index / 4, bins(1));
        }
        assert_eq!(columns.kept(0), 400..full + 400);
        assert!(columns.has_let_placed_go(0, 0..800));
        assert!(!columns.has_let_placed_go(0, 400..full + 400));
        // Never played is not let go.
        assert!(!columns.has_let_placed_go(0, full + 400..full + 800));
        // Played from the beginning again, the end leaves.
        for index in 0..400 {
            columns.place(0, index, bins(2));
        }
        assert_eq!(columns.kept(0), 0..full);
        assert!(columns.has_let_placed_go(0, full - 100..full + 400));
        // Far from the beginning, what lies ahead has gone too: what is kept has a hole.
        for index in full + 400..3 * full {
            columns.place(0, index, bins(3));
            columns.place(1, index / 4, bins(3));
        }
        columns.place(0, 0, bins(4));
        assert!(columns.has_let_placed_go(0, 0..1_000));
        assert!(!columns.has_let_placed_go(0, 3 * full - 1_000..3 * full));
        let noted = columns.num_placed();
        assert!(columns.placed_since(noted - MOST_NOTED as u64).is_some());
        assert!(
            columns
                .placed_since(noted - MOST_NOTED as u64 - 1)
                .is_none()
        );
    }
}
