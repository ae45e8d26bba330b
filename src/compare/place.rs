//! Where in an aligned song a difference lies: in the chorus, or everywhere.

use std::ops::Range;

use crate::analysis::column::Column;

/// A slice has the difference if it shows this part of it.
const PART_OF_DIFFERENCE: f64 = 0.5;
/// A difference in more than this part of the song lies everywhere.
const EVERYWHERE: f64 = 0.6;
/// A stretch is the place if it holds this part of all slices that have the difference.
const IN_ONE_PLACE: f64 = 0.7;
/// Pauses up to this long do not end a stretch.
const PAUSE_SECS: f64 = 3.0;
/// A difference counts only where there is something, on both sides, in dBFS.
const SILENCE_DB: f64 = -90.0;

/// Columns of a coarse tier, and when they are.
#[derive(Clone, Copy, Debug)]
pub struct Slices<'a> {
    /// Tier 3 lasts 0.7 s a column: between a stroke and a phrase. Their indices count slices; some may be missing.
    pub columns: &'a [Column],
    /// Length of a column.
    pub slice_secs: f64,
    /// Time of the first in its file.
    pub start_secs: f64,
}

impl Slices<'_> {
    /// Seconds from the beginning of the first to the middle of one.
    fn secs_of(&self, column: &Column) -> f64 {
        let first = self.columns.first().map_or(0, |first| first.index);
        (column.index.saturating_sub(first) as f64 + 0.5) * self.slice_secs
    }

    /// The one so many seconds behind the beginning of the first.
    fn at(&self, secs: f64) -> Option<&Column> {
        let index = self.columns.first()?.index + (secs / self.slice_secs) as u64;
        let found = self.columns.binary_search_by_key(&index, |c| c.index);
        found.ok().map(|at| &self.columns[at])
    }
}

/// The stretch of the mix, in seconds, where nearly all of a difference lies; `None` if that is everywhere, or in
/// many places. `level_db` measures a column, `gain_db` matches the reference, `difference_db` is that of the whole.
pub fn place_of(
    mix: &Slices,
    reference: &Slices,
    level_db: impl Fn(&Column) -> f64,
    gain_db: f64,
    difference_db: f64,
) -> Option<Range<f64>> {
    let mut num_sounding = 0;
    let mut times = Vec::new();
    for slice in mix.columns {
        let secs = mix.secs_of(slice);
        let opposite = reference.at(secs);
        let (mix_db, reference_db) = (
            level_db(slice),
            opposite.map_or(f64::NEG_INFINITY, &level_db),
        );
        if mix_db.max(reference_db) < SILENCE_DB {
            continue;
        }
        num_sounding += 1;
        let here_db = (mix_db.max(SILENCE_DB) - reference_db.max(SILENCE_DB) - gain_db)
            * difference_db.signum();
        if here_db >= PART_OF_DIFFERENCE * difference_db.abs() {
            times.push(secs);
        }
    }
    if times.len() as f64 > EVERYWHERE * f64::from(num_sounding) {
        return None;
    }
    let longest = times
        .chunk_by(|before, after| after - before <= PAUSE_SECS)
        .max_by_key(|stretch| stretch.len())?;
    let half = 0.5 * mix.slice_secs;
    let (first, last) = (longest.first()?, longest.last()?);
    let is_one_place = longest.len() as f64 >= IN_ONE_PLACE * times.len() as f64;
    (is_one_place && longest.len() > 1)
        .then(|| mix.start_secs + first - half..mix.start_secs + last + half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::{level_db, pack_bin};
    use crate::dsp::grid::NUM_BINS;

    fn slices(levels_db: impl Iterator<Item = f32>) -> Vec<Column> {
        let bins = levels_db.map(|level_db| [pack_bin(level_db, 0.0, -9.0); NUM_BINS]);
        let columns = (0..).zip(bins);
        columns
            .map(|(index, bins)| Column { index, bins })
            .collect()
    }

    fn place(mix_db: impl Fn(usize) -> f32, difference_db: f64) -> Option<Range<f64>> {
        let (mix, reference) = (slices((0..100).map(mix_db)), slices((0..50).map(|_| -30.0)));
        let at = |columns, slice_secs| Slices {
            columns,
            slice_secs,
            start_secs: 10.0,
        };
        let level = |column: &Column| level_db(column.bins[500]).map_or(-200.0, f64::from);
        place_of(
            &at(&mix, 0.5),
            &at(&reference, 1.0),
            level,
            -6.0,
            difference_db,
        )
    }

    #[test]
    fn a_difference_in_the_chorus_is_placed_there_and_one_everywhere_is_not() {
        let in_chorus = |n: usize| if (40..60).contains(&n) { -32.0 } else { -36.0 };
        assert_eq!(place(in_chorus, 2.0), Some(30.0..40.0));
        assert_eq!(place(|_| -34.0, 2.0), None);
        assert_eq!(place(|n| if n % 20 < 5 { -32.0 } else { -36.0 }, 1.5), None);
        assert_eq!(place(in_chorus, -2.0), None);
    }
}
