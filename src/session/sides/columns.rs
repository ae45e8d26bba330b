//! Columns kept in memory: a ring for each tier of the live mix, or its song as it was played last.
//!
//! The GPU holds only what a picture shows; this is where it comes from after a jump, a zoom or a long freeze.
//! Memory is fixed: 175 s of the finest tier and 4096 columns of each coarser one, 150 MB at 48 kHz; of a song that a DAW
//! plays more of the coarser ones, as it grows longer: some 100 MB for five minutes, 470 for three hours.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::analysis::column::{Column, NUM_TIERS, TIER_FACTOR, TierColumn};
use crate::dsp::grid::NUM_BINS;
use crate::session::sides::placed::Placed;

/// Columns of tier 0 kept of the live mix.
const FINEST_COLUMNS: usize = 16_384;
/// Columns kept of each coarser tier.
const COARSE_COLUMNS: usize = 4_096;

/// A column of which nothing is known.
static ABSENT: [u32; NUM_BINS] = [0; NUM_BINS];

/// The bins of a column, `[bin]`: shared by all that remember it.
pub type Bins = Arc<[u32; NUM_BINS]>;

/// A column with its index in its tier.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub index: u64,
    pub bins: Bins,
}

impl From<&Kept> for Column {
    fn from(kept: &Kept) -> Self {
        Self {
            index: kept.index,
            bins: *kept.bins,
        }
    }
}

/// What a picture that stands still shows of a tier: it stays as fine as it was while the ring goes on.
#[derive(Clone, Debug, Default)]
struct Held {
    range: std::ops::Range<u64>,
    /// Columns of the range that have left the ring, oldest first.
    aside: VecDeque<Kept>,
}

impl Held {
    fn get(&self, index: u64) -> Option<&[u32; NUM_BINS]> {
        let at = self.aside.binary_search_by_key(&index, |c| c.index).ok()?;
        Some(&self.aside[at].bins)
    }

    /// From where on it has all columns up to the ring, or as many as are asked for.
    fn start(&self, ring_start: u64) -> Option<u64> {
        let end = self.aside.back()?.index + 1;
        let is_whole = end == ring_start || end >= self.range.end;
        is_whole.then(|| self.aside.front().map(|column| column.index))?
    }
}

/// The live mix's columns. A long absence takes no memory: its columns are left out and read as absent.
#[derive(Clone, Debug, Default)]
pub struct MixColumns {
    pub(super) tiers: [VecDeque<Kept>; NUM_TIERS],
    held: [Held; NUM_TIERS],
    /// Columns of tier 0 still in the making, following the finished ones.
    pub provisional: Vec<Column>,
    /// What was written over what was there, of a song.
    pub(super) placed: Placed,
}

impl MixColumns {
    /// Adds a finished column, later than all of its tier; the oldest leaves when the tier is full.
    pub fn push(&mut self, column: &TierColumn) {
        let bins = Arc::new(column.column.bins);
        self.push_shared(column.tier.into(), column.column.index, bins);
    }

    /// The same with bins that others remember too.
    pub fn push_shared(&mut self, tier: usize, index: u64, bins: Bins) {
        let ring = &mut self.tiers[tier];
        if ring.back().is_some_and(|last| index <= last.index) {
            return;
        }
        let capacity = if tier == 0 {
            FINEST_COLUMNS
        } else {
            COARSE_COLUMNS
        };
        if ring.len() == capacity
            && let Some(oldest) = ring.pop_front()
            && self.held[tier].range.contains(&oldest.index)
        {
            self.held[tier].aside.push_back(oldest);
        }
        ring.push_back(Kept { index, bins });
    }

    /// Indices of the finished columns of a tier that are kept, from the oldest to the newest.
    pub fn kept(&self, tier: usize) -> std::ops::Range<u64> {
        match (self.tiers[tier].front(), self.tiers[tier].back()) {
            (Some(first), Some(last)) => first.index..last.index + 1,
            _ => 0..0,
        }
    }

    /// How much memory the finished columns take that are kept, in bytes.
    pub fn kept_bytes(&self) -> u64 {
        let counts = (0..self.tiers.len()).map(|tier| {
            let kept = self.kept(tier);
            kept.end - kept.start
        });
        counts.sum::<u64>() * size_of::<[u32; NUM_BINS]>() as u64
    }

    /// Holds a range of a tier for a picture that stands still, in the place of what was held of that tier.
    pub fn hold(&mut self, tier: usize, range: std::ops::Range<u64>) {
        let held = &mut self.held[tier];
        if held.range != range {
            held.aside.retain(|column| range.contains(&column.index));
            held.range = range;
        }
    }

    /// Lets everything go that was held.
    pub fn release(&mut self) {
        self.held = Default::default();
    }

    /// The first index from `index` on from which a tier's columns are there: those of the ring, or what is held.
    pub fn known_from(&self, tier: usize, index: u64) -> u64 {
        let ring_start = self.kept(tier).start;
        if index >= ring_start {
            return index;
        }
        match self.held[tier].start(ring_start) {
            Some(start) => index.max(start),
            None => ring_start,
        }
    }

    /// A finished column; one that was left out of an absence is absent.
    pub fn get(&self, tier: usize, index: u64) -> Option<&[u32; NUM_BINS]> {
        let kept = self.kept(tier);
        if !kept.contains(&index) {
            return self.held[tier].get(index);
        }
        let ring = &self.tiers[tier];
        // Right unless an absence lies between it and the newest.
        let near = (ring.len() as u64).checked_sub(kept.end - index);
        let column = near
            .and_then(|at| ring.get(at as usize))
            .filter(|column| column.index == index)
            .or_else(|| {
                let found = ring.binary_search_by_key(&index, |column| column.index);
                found.ok().and_then(|at| ring.get(at))
            });
        Some(column.map_or(&ABSENT, |column| &*column.bins))
    }

    /// Columns of a tier that are still in the making, following the finished ones.
    ///
    /// In coarse tiers one column of the finest stands in for those it will be averaged with: it is replaced soon.
    pub fn provisional_of(&self, tier: usize) -> impl Iterator<Item = &[u32; NUM_BINS]> {
        let factor = (TIER_FACTOR as u64).pow(tier as u32);
        let first = self.kept(tier).end;
        let is_song = self.num_placed() > 0;
        (first..).map_while(move |index| {
            let finest = index * factor + factor / 2;
            // Of a song what was never played is no absence: it may be hours to where it is played now.
            let finished = match is_song {
                true => self.placed(0, finest).map(|bins| &**bins),
                false => self.get(0, finest),
            };
            finished.or_else(|| self.in_the_making(finest))
        })
    }

    fn in_the_making(&self, index: u64) -> Option<&[u32; NUM_BINS]> {
        let first = self.provisional.first()?.index;
        let at = index.checked_sub(first)?;
        self.provisional.get(at as usize).map(|c| &c.bins)
    }

    /// Copies from another what a picture of a tier reads: a range of its columns, and what stands in for those in the
    /// making. Ranges of one tier must be copied once.
    pub fn copy_excerpt(&mut self, from: &Self, tier: usize, range: std::ops::Range<u64>) {
        if !self.tiers[tier].is_empty() {
            return;
        }
        self.tiers[tier] = from.within(tier, range);
        self.provisional.clone_from(&from.provisional);
        if tier > 0 && self.tiers[0].is_empty() {
            // One column of the finest tier stands in for each that is in the making.
            let factor = (TIER_FACTOR as u64).pow(tier as u32);
            self.tiers[0] = from.within(0, from.kept(tier).end * factor..u64::MAX);
        }
    }

    /// Copies of the finished columns of a tier within a range, as far as they are kept.
    pub fn range(&self, tier: usize, range: std::ops::Range<u64>) -> Vec<Column> {
        self.within(tier, range).iter().map(Column::from).collect()
    }

    fn within(&self, tier: usize, range: std::ops::Range<u64>) -> VecDeque<Kept> {
        // A long absence is left out of the ring, so an index is not a place in it.
        let columns = &self.tiers[tier];
        let at = |index: u64| columns.partition_point(|column| column.index < index);
        let (from, to) = (at(range.start), at(range.end));
        let aside = self.held[tier].aside.iter();
        let aside = aside.filter(|column| range.contains(&column.index));
        let kept = columns.range(from..to.max(from));
        aside.chain(kept).cloned().collect()
    }

    /// Forgets everything, for another input.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(tier: u8, index: u64) -> TierColumn {
        TierColumn {
            tier,
            column: Column {
                index,
                bins: [index as u32; NUM_BINS],
            },
        }
    }

    #[test]
    fn a_full_tier_lets_its_oldest_column_go() {
        let mut columns = MixColumns::default();
        for index in 0..COARSE_COLUMNS as u64 + 10 {
            columns.push(&column(2, index));
        }
        assert_eq!(columns.kept(2), 10..COARSE_COLUMNS as u64 + 10);
        assert!(columns.get(2, 9).is_none());
        assert_eq!(columns.get(2, 10).map(|bins| bins[0]), Some(10));
        assert!(columns.get(2, COARSE_COLUMNS as u64 + 10).is_none());
    }

    #[test]
    fn what_a_still_picture_shows_stays_while_the_ring_goes_on() {
        const FULL: u64 = COARSE_COLUMNS as u64;
        let mut columns = MixColumns::default();
        for index in 0..FULL {
            columns.push(&column(1, index));
        }
        columns.hold(1, 100..200);
        for index in FULL..2 * FULL {
            columns.push(&column(1, index));
        }
        assert_eq!(columns.kept(1), FULL..2 * FULL);
        let first = |columns: &MixColumns, index| columns.get(1, index).map(|bins| bins[0]);
        assert_eq!(first(&columns, 100), Some(100));
        assert_eq!(first(&columns, 199), Some(199));
        assert!(first(&columns, 99).is_none() && first(&columns, 200).is_none());
        assert_eq!(columns.known_from(1, 120), 120);
        assert_eq!(columns.known_from(1, 50), 100);
        assert_eq!(columns.range(1, 190..FULL + 5).len(), 15);
        // Moved on beyond what was held, there is a hole before the ring: a coarser tier has to stand in.
        columns.hold(1, 150..250);
        assert_eq!(first(&columns, 199), Some(199));
        assert!(first(&columns, 149).is_none());
        assert_eq!(columns.known_from(1, 160), FULL);
        columns.release();
        assert!(first(&columns, 199).is_none());
    }

    #[test]
    fn an_absence_of_hours_takes_no_memory_and_reads_as_absent() {
        let mut columns = MixColumns::default();
        for index in (0..10).chain(5_000_000..5_000_010) {
            columns.push(&column(0, index + 1));
        }
        assert_eq!(columns.kept(0), 1..5_000_011);
        assert_eq!(columns.tiers[0].len(), 20);
        assert_eq!(columns.get(0, 7).map(|bins| bins[0]), Some(7));
        assert_eq!(columns.get(0, 11).map(|bins| bins[0]), Some(0));
        assert_eq!(columns.get(0, 4_999_999).map(|bins| bins[0]), Some(0));
        let indices = |range| -> Vec<u64> {
            let copies = columns.range(0, range);
            copies.iter().map(|column| column.index).collect()
        };
        assert_eq!(indices(9..4_000_000), [9, 10]);
        assert_eq!(indices(5_000_009..u64::MAX), [5_000_009, 5_000_010]);
        assert_eq!(indices(0..u64::MAX).len(), 20);
        let last = columns.get(0, 5_000_010).map(|bins| bins[0]);
        assert_eq!(last, Some(5_000_010));
        assert!(columns.get(0, 5_000_011).is_none());
    }

    #[test]
    fn coarse_tiers_reach_up_to_the_columns_in_the_making() {
        let mut columns = MixColumns::default();
        for index in 0..10 {
            columns.push(&column(0, index));
        }
        columns.push(&column(1, 0));
        columns.push(&column(1, 1));
        columns.provisional = (10..17).map(|index| column(0, index).column).collect();
        let finest: Vec<u32> = columns.provisional_of(0).map(|bins| bins[0]).collect();
        assert_eq!(finest, (10..17).collect::<Vec<_>>());
        // Tier 1 has columns 0 and 1; 2 and 3 stand on columns 10 and 14 of the finest tier.
        let coarse: Vec<u32> = columns.provisional_of(1).map(|bins| bins[0]).collect();
        assert_eq!(coarse, vec![10, 14]);
    }

    #[test]
    fn an_excerpt_reads_as_the_whole_does_within_its_range() {
        let mut columns = MixColumns::default();
        for index in 0..10 {
            columns.push(&column(0, index));
        }
        columns.push(&column(1, 0));
        columns.push(&column(1, 1));
        columns.provisional = (10..17).map(|index| column(0, index).column).collect();
        for (tier, range) in [(0, 3..20), (1, 0..9), (1, 1..2)] {
            let mut copy = MixColumns::default();
            copy.copy_excerpt(&columns, tier, range.clone());
            for index in range.start..range.end.min(columns.kept(tier).end) {
                assert_eq!(copy.get(tier, index), columns.get(tier, index), "{index}");
            }
            let in_the_making = |of: &MixColumns| of.provisional_of(tier).count();
            assert_eq!(in_the_making(&copy), in_the_making(&columns), "tier {tier}");
        }
    }
}
