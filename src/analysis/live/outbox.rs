//! What must not be lost on its way to the picture: columns, at their places on the grid, and loudness points. They go
//! through rings, and wait in a backlog while those are full.

use std::collections::VecDeque;

use rtrb::{Consumer, Producer, RingBuffer};

use crate::analysis::column::{Column, NUM_TIERS, TierColumn};
use crate::analysis::time_grid::TimeGrid;
use crate::dsp::loudness::{LoudnessPoint, Tenth};

/// Columns the ring holds: 2 s of all tiers.
const COLUMN_RING: usize = 256;
/// Loudness points the ring holds: 100 s.
const POINT_RING: usize = 1024;
/// Columns in the backlog above which gaps wait: nobody reads, and a gap of an hour would fill the memory.
const LONG_BACKLOG: usize = 4 * COLUMN_RING;

/// Columns in the backlog at most, 64 MB: then each tier has its newest 2700 or more, of the coarsest 8 hours.
const MOST_BACKLOG: usize = 16_384;

/// A loudness point, and how many times it comes: the absence of a night is one entry.
#[derive(Clone, Copy)]
pub(super) struct PointRun {
    pub point: LoudnessPoint,
    pub tenth: Tenth,
    pub times: usize,
}

/// The end of the rings that the picture reads.
pub(super) struct Inbox {
    pub columns: Consumer<TierColumn>,
    pub points: Consumer<PointRun>,
}

/// The end that the analysis thread fills.
pub(super) struct Outbox {
    grid: TimeGrid,
    backlog: VecDeque<TierColumn>,
    columns: Producer<TierColumn>,
    points: Producer<PointRun>,
    num_points: usize,
}

impl Outbox {
    /// Both ends, for columns so many seconds apart.
    pub fn new(hop_secs: f64) -> (Self, Inbox) {
        let (columns_in, columns) = RingBuffer::new(COLUMN_RING);
        let (points_in, points) = RingBuffer::new(POINT_RING);
        let outbox = Self {
            grid: TimeGrid::new(hop_secs),
            backlog: VecDeque::new(),
            columns: columns_in,
            points: points_in,
            num_points: 0,
        };
        (outbox, Inbox { columns, points })
    }

    /// Columns are so many seconds apart from here on.
    pub fn change_hop(&mut self, hop_secs: f64) {
        self.grid.change_hop(hop_secs);
    }

    /// Takes completed columns to their places.
    pub fn place(&mut self, columns: impl Iterator<Item = TierColumn>) {
        for column in columns {
            self.grid
                .place(&column, |column| self.backlog.push_back(column));
        }
    }

    /// Moves columns under way to their places.
    pub fn place_provisional(&self, columns: &mut Vec<Column>) {
        self.grid.place_provisional(columns);
    }

    /// Whether so much waits that gaps should.
    pub fn is_long(&self) -> bool {
        self.backlog.len() > LONG_BACKLOG
    }

    /// Hands on what waits, and the points of the loudness history that were not yet, as far as there is room.
    pub fn hand_on(&mut self, points: &[LoudnessPoint], tenths: &[Tenth]) {
        thin_out(&mut self.backlog, MOST_BACKLOG);
        while let Some(column) = self.backlog.pop_front() {
            if let Err(rtrb::PushError::Full(column)) = self.columns.push(column) {
                self.backlog.push_front(column);
                break;
            }
        }
        while let Some(left @ &[point, ..]) = points.get(self.num_points..) {
            let tenth_of = |at: usize| tenths.get(at).copied().unwrap_or(Tenth::ABSENT);
            let tenth = tenth_of(self.num_points);
            let alike = |(n, other): &(usize, &LoudnessPoint)| {
                **other == point && tenth_of(self.num_points + n) == tenth
            };
            let times = left.iter().enumerate().take_while(alike).count();
            let run = PointRun {
                point,
                tenth,
                times,
            };
            if self.points.push(run).is_err() {
                break;
            }
            self.num_points += times;
        }
    }
}

/// Keeps a backlog within bounds while nobody reads: of the tier that has most columns the older half goes, for which
/// those of coarser tiers stand.
fn thin_out(backlog: &mut VecDeque<TierColumn>, most: usize) {
    while backlog.len() >= most.max(1) {
        let mut counts = [0usize; NUM_TIERS];
        for column in &*backlog {
            counts[usize::from(column.tier)] += 1;
        }
        // The finest of those that have as many.
        let fullest = (0..NUM_TIERS)
            .rev()
            .max_by_key(|tier| counts[*tier])
            .unwrap_or_default();
        let mut too_many = counts[fullest].div_ceil(2);
        backlog.retain(|column| {
            let goes = too_many > 0 && usize::from(column.tier) == fullest;
            too_many -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_that_nobody_reads_stays_within_bounds_and_its_newest_and_coarsest_columns_stay() {
        const MOST: usize = 256;
        let mut backlog = VecDeque::new();
        for index in 0..40_000u64 {
            for tier in 0..6u8 {
                let step = 4u64.pow(u32::from(tier));
                if index % step == 0 {
                    let bins = [0; crate::dsp::grid::NUM_BINS];
                    let column = Column {
                        index: index / step,
                        bins,
                    };
                    backlog.push_back(TierColumn { tier, column });
                }
            }
            thin_out(&mut backlog, MOST);
            assert!(backlog.len() < MOST);
        }
        let of = |tier: u8| backlog.iter().filter(move |column| column.tier == tier);
        assert_eq!(
            of(5).count(),
            40_000usize.div_ceil(1024),
            "all of the coarsest"
        );
        let newest = of(0).next_back().map(|column| column.column.index);
        assert_eq!(newest, Some(39_999));
        let indices: Vec<u64> = of(3).map(|column| column.column.index).collect();
        assert!(indices.is_sorted());
    }
}
