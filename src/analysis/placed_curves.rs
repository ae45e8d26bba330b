//! Curves of columns that have places and may be replaced: each place counts once, with what stands there now.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analysis::band_range::{BandMeter, BandPowers};
use crate::analysis::column::{Column, sounds};
use crate::analysis::distribution::{Distribution, SpectrumCurves};
use crate::dsp::grid::NUM_BINS;

/// A distribution of the columns of [`BAND_TIER`](crate::analysis::band_range::BAND_TIER) at all places.
pub struct PlacedCurves {
    levels: Distribution,
    bands: BandMeter,
    /// What is counted, by place.
    columns: BTreeMap<u64, Arc<[u32; NUM_BINS]>>,
}

impl Default for PlacedCurves {
    fn default() -> Self {
        Self {
            levels: Distribution::default(),
            bands: BandMeter::of_all(),
            columns: BTreeMap::new(),
        }
    }
}

impl PlacedCurves {
    /// Counts a column at its place, instead of what stood there. One in which nothing sounds counts as none.
    pub fn place(&mut self, place: u64, bins: Arc<[u32; NUM_BINS]>) {
        if let Some(before) = self.columns.remove(&place) {
            self.count(place, &before, false);
        }
        if sounds(&bins) {
            self.count(place, &bins, true);
            self.columns.insert(place, bins);
        }
    }

    /// The curves of what stands everywhere now.
    pub fn curves(&self) -> SpectrumCurves {
        SpectrumCurves {
            range: self.bands.range(),
            ..self.levels.curves()
        }
    }

    /// Counts a column in or out, and the means of it and of its neighbours.
    fn count(&mut self, place: u64, bins: &[u32; NUM_BINS], is_in: bool) {
        match is_in {
            true => self.levels.add(&Column {
                index: place,
                bins: *bins,
            }),
            false => self.levels.take_out(bins),
        }
        let powers = BandPowers::of(bins);
        self.bands.put_powers(&powers, is_in);
        let of = |place: Option<u64>| Some(BandPowers::of(self.columns.get(&place?)?));
        let (before, behind) = (of(place.checked_sub(1)), of(place.checked_add(1)));
        // The earlier one first: what is taken out has to be what was counted in, to the last digit.
        if let Some(before) = before {
            self.bands.put_powers(&before.between(&powers, 0.5), is_in);
        }
        if let Some(behind) = behind {
            self.bands.put_powers(&powers.between(&behind, 0.5), is_in);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::pack_bin;

    fn bins(seed: usize) -> Arc<[u32; NUM_BINS]> {
        let level = |bin: usize| -90.0 + 0.5 * ((seed * 37 + bin * 11) % 101) as f32;
        Arc::new(std::array::from_fn(|bin| pack_bin(level(bin), 0.0, 0.0)))
    }

    fn same(a: &SpectrumCurves, b: &SpectrumCurves) {
        assert_eq!(a.range, b.range);
        assert_eq!(
            (&a.p10_db, &a.p50_db, &a.p90_db),
            (&b.p10_db, &b.p50_db, &b.p90_db)
        );
        for (a, b) in a.mean_db.iter().zip(&b.mean_db) {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
    }

    #[test]
    fn what_was_replaced_a_hundred_times_counts_once_with_what_stands_there() {
        let mut replaced = PlacedCurves::default();
        for pass in 0..100 {
            (10..60).for_each(|place| replaced.place(place, bins(place as usize + 1_000 * pass)));
        }
        (10..60).for_each(|place| replaced.place(place, bins(place as usize)));
        // Played backwards from the middle on, for the order is none of it.
        let mut once = PlacedCurves::default();
        (30..60)
            .rev()
            .for_each(|place| once.place(place, bins(place as usize)));
        (10..30).for_each(|place| once.place(place, bins(place as usize)));
        same(&replaced.curves(), &once.curves());
    }

    #[test]
    fn a_place_that_fell_silent_counts_no_more_and_nothing_is_nothing() {
        let mut curves = PlacedCurves::default();
        curves.place(5, bins(1));
        curves.place(5, Arc::new([0; NUM_BINS]));
        assert_eq!(curves.curves(), PlacedCurves::default().curves());
        assert!(!curves.curves().range.is_known());
    }
}
