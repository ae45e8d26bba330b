//! Curves of what was heard: percentiles of levels and of bands, of the whole and of the last seconds.

use super::purpose::Purpose;
use crate::analysis::band_range::{BAND_TIER, BandMeter};
use crate::analysis::column::{Column, TIER_FACTOR, TierColumn, pack_bin};
use crate::analysis::distribution::{Distribution, SpectrumCurves};
use crate::analysis::resolution::{NUM_RESOLUTIONS, WINDOW_SECS};
use crate::analysis::sliding_distribution::SlidingDistribution;

/// The live percentile curves look back this far.
pub const LIVE_CURVES_SECS: f64 = 20.0;
/// Only every fourth column counts for them, the others for the mean alone: histograms cost cache.
pub const LIVE_CURVES_STRIDE: u64 = 4;

/// What is counted for the curves.
pub(super) struct CurveMeters {
    /// Of the whole.
    whole: Option<Distribution>,
    whole_bands: Option<BandMeter>,
    /// Of the last seconds.
    recent: Option<SlidingDistribution>,
    recent_bands: Option<BandMeter>,
    /// What is counted of the last seconds is of pauses, since nothing has sounded yet.
    recent_is_pause: bool,
    /// Something of the last seconds was counted since they were asked for.
    has_news: bool,
    /// How many columns the last seconds are of.
    recent_columns: [usize; 2],
    /// The newest column that sounded.
    sounded: Option<u64>,
    /// After a pause of more columns than this the last seconds begin anew.
    pause_columns: u64,
    /// From this column on no window meets the edge at which they began anew, until that one is counted.
    clean_from: Option<u64>,
    /// Columns that meet such an edge.
    edge_columns: u64,
    /// Of the whole before it began anew.
    before: (Option<Distribution>, Option<BandMeter>),
    /// Of the last seconds then, if they were none of pauses.
    recent_before: Option<(SlidingDistribution, BandMeter)>,
}

/// Who goes on after a longer pause may have changed everything: the curves are of what is heard from there on.
const LONG_PAUSE_SECS: f64 = 3.0;
/// Where no cell reaches this level, in dBFS, there is a pause: what is left is an input's noise.
const PAUSE_DB: f32 = -80.0;

impl CurveMeters {
    /// What a purpose needs, of columns so many seconds apart.
    pub fn new(purpose: Purpose, column_secs: f64) -> Self {
        let is_summed_up = purpose.is_summed_up();
        let columns = (LIVE_CURVES_SECS / column_secs) as usize / LIVE_CURVES_STRIDE as usize;
        let band_column_secs = column_secs * TIER_FACTOR.pow(u32::from(BAND_TIER)) as f64;
        let band_columns = (LIVE_CURVES_SECS / band_column_secs) as usize;
        let is_live = purpose.is_live();
        Self {
            whole: is_summed_up.then(Distribution::default),
            whole_bands: is_summed_up.then(BandMeter::of_all),
            recent: is_live.then(|| SlidingDistribution::new(columns)),
            recent_bands: is_live.then(|| BandMeter::of_newest(band_columns)),
            recent_is_pause: true,
            has_news: true,
            recent_columns: [columns, band_columns],
            sounded: None,
            pause_columns: (LONG_PAUSE_SECS / column_secs) as u64,
            clean_from: None,
            edge_columns: (WINDOW_SECS[NUM_RESOLUTIONS - 1] / column_secs).ceil() as u64,
            before: (None, None),
            recent_before: None,
        }
    }

    /// Whether the last seconds have curves.
    pub fn is_live(&self) -> bool {
        self.recent.is_some()
    }

    /// Counts a column of the finest tier. Those of the last seconds are the last that sounded: a pause is no music, and
    /// what stopped keeps its curve. A column that `is_left_out` belongs to no last seconds.
    pub fn add(&mut self, column: &Column, is_left_out: bool) {
        if let Some(whole) = self.whole.as_mut().filter(|_| column.sounds()) {
            whole.add(column);
        }
        let Some(recent) = &mut self.recent else {
            return;
        };
        if is_left_out {
            return;
        }
        let is_pause = is_pause(column);
        if !column.index.is_multiple_of(LIVE_CURVES_STRIDE) {
            if is_pause == self.recent_is_pause {
                recent.pass(column);
            }
            return;
        }
        if !is_pause {
            let since = self.sounded.map(|last| column.index.saturating_sub(last));
            let is_long_since = since.is_some_and(|columns| columns > self.pause_columns);
            if self.recent_is_pause || is_long_since {
                // What was before a long pause does not come back with an undone reset.
                if is_long_since {
                    self.recent_before = None;
                }
                recent.clear();
                self.recent_bands.iter_mut().for_each(BandMeter::clear);
                // What goes on behind a reset has no edge.
                let has_edge = since.is_none() || is_long_since;
                self.clean_from = has_edge.then_some(column.index + self.edge_columns);
            } else if self.clean_from.is_some_and(|clean| column.index >= clean) {
                // What sound that sets in amid a song spreads over all frequencies is none of the song's.
                recent.clear();
                self.recent_bands.iter_mut().for_each(BandMeter::clear);
                self.clean_from = None;
            }
            self.recent_is_pause = false;
            self.sounded = Some(column.index);
        } else {
            // A single stroke has only its edge.
            self.clean_from = None;
        }
        if is_pause == self.recent_is_pause {
            recent.add(column);
            self.has_news = true;
        }
    }

    /// Counts those of the tier that bands are counted in.
    pub fn add_bands(&mut self, columns: &[TierColumn], is_left_out: bool) {
        let of_tier = columns.iter().filter(|column| column.tier == BAND_TIER);
        for column in of_tier.map(|column| &column.column) {
            if let Some(whole) = self.whole_bands.as_mut().filter(|_| column.sounds()) {
                whole.add(column);
            }
            if let Some(recent) = &mut self.recent_bands
                && !is_left_out
                && is_pause(column) == self.recent_is_pause
            {
                recent.add(column);
                self.has_news = true;
            }
        }
    }

    /// Begins anew.
    pub fn clear(&mut self) {
        self.before = (self.whole.take(), self.whole_bands.take());
        self.whole = self.before.0.as_ref().map(|_| Distribution::default());
        self.whole_bands = self.before.1.as_ref().map(|_| BandMeter::of_all());
        if let Some(recent) = self.recent.take().zip(self.recent_bands.take()) {
            let [columns, band_columns] = self.recent_columns;
            self.recent = Some(SlidingDistribution::new(columns));
            self.recent_bands = Some(BandMeter::of_newest(band_columns));
            self.recent_before = Some(recent).filter(|_| !self.recent_is_pause);
        }
        self.recent_is_pause = true;
        self.has_news = true;
    }

    /// As if nothing had begun anew the last time.
    pub fn restore(&mut self) {
        self.has_news = true;
        self.clean_from = None;
        if let Some((mut recent, mut bands)) = self.recent_before.take() {
            if let Some((newer, newer_bands)) = self.recent.take().zip(self.recent_bands.take())
                && !self.recent_is_pause
            {
                recent.append(&newer);
                bands.append(&newer_bands);
            }
            (self.recent, self.recent_bands) = (Some(recent), Some(bands));
            self.recent_is_pause = false;
        }
        let (whole, bands) = std::mem::take(&mut self.before);
        if let Some((own, before)) = self.whole.as_mut().zip(whole) {
            own.absorb(&before);
        }
        if let Some((own, before)) = self.whole_bands.as_mut().zip(bands) {
            own.absorb(&before);
        }
    }

    /// Whether those of the last seconds are others than the last time.
    pub fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.has_news)
    }

    /// Of the last seconds; silent where they are not counted.
    pub fn recent(&mut self) -> SpectrumCurves {
        let curves = self.recent.as_mut().map(SlidingDistribution::curves);
        with_range(curves, self.recent_bands.as_ref())
    }

    /// Of everything; silent where it is not counted.
    pub fn whole(&self) -> SpectrumCurves {
        let curves = self.whole.as_ref().map(Distribution::curves);
        with_range(curves, self.whole_bands.as_ref())
    }
}

/// Whether nothing sounds in a column but the noise of an input.
fn is_pause(column: &Column) -> bool {
    let loudest = column.bins.iter().map(|bin| bin & 0xffff).max();
    loudest.unwrap_or(0) < pack_bin(PAUSE_DB, 0.0, 0.0) & 0xffff
}

fn with_range(curves: Option<SpectrumCurves>, bands: Option<&BandMeter>) -> SpectrumCurves {
    let curves = curves.unwrap_or_else(SpectrumCurves::silent);
    match bands {
        Some(bands) => SpectrumCurves {
            range: bands.range(),
            ..curves
        },
        None => curves,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::grid::NUM_BINS;

    #[test]
    fn the_last_seconds_are_the_last_that_sounded_and_were_not_left_out() {
        let mut meters = CurveMeters::new(Purpose::Live, 512.0 / 48_000.0);
        let mut index = 0;
        let mut hear =
            |meters: &mut CurveMeters, level_db: f32, columns: u64, is_left_out: bool| {
                for _ in 0..columns {
                    let bins = [pack_bin(level_db, 0.0, 0.0); NUM_BINS];
                    meters.add(&Column { index, bins }, is_left_out);
                    index += 1;
                }
                meters.recent().mean_db[500]
            };
        let is_at =
            |mean_db: f32, db: f32| assert!((mean_db - db).abs() < 0.01, "{mean_db} for {db}");
        // Noise alone is shown; once there is music it is none of it.
        is_at(hear(&mut meters, -100.0, 400, false), -100.0);
        is_at(hear(&mut meters, -30.0, 400, false), -30.0);
        is_at(hear(&mut meters, -100.0, 4000, false), -30.0);
        is_at(hear(&mut meters, f32::NEG_INFINITY, 4000, false), -30.0);
        is_at(hear(&mut meters, -10.0, 4000, true), -30.0);
        // What comes behind a long pause begins anew, twice: what sets in amid a song has an edge, which is none of it.
        is_at(hear(&mut meters, -20.0, 4, false), -20.0);
        hear(&mut meters, -70.0, 400, false);
        is_at(hear(&mut meters, -70.0, 4, false), -70.0);
        hear(&mut meters, -100.0, 4000, false);
        // A single stroke keeps the curve it has, and behind a short pause it goes on.
        is_at(hear(&mut meters, -20.0, 4, false), -20.0);
        hear(&mut meters, -100.0, 200, false);
        let goes_on = hear(&mut meters, -40.0, 4, false);
        assert!((-25.0..-20.0).contains(&goes_on), "{goes_on}");
        is_at(hear(&mut meters, -40.0, 4000, false), -40.0);
    }

    #[test]
    fn a_pause_is_no_part_of_the_mean_of_a_song() {
        let mut meters = CurveMeters::new(Purpose::Programme, 512.0 / 48_000.0);
        for index in 0..900 {
            let level_db = if index < 600 {
                f32::NEG_INFINITY
            } else {
                -30.0
            };
            let bins = [pack_bin(level_db, 0.0, 0.0); NUM_BINS];
            let column = Column { index, bins };
            meters.add(&column, false);
            let tier = BAND_TIER;
            meters.add_bands(&[TierColumn { tier, column }], false);
        }
        let whole = meters.whole();
        for curve in [&whole.mean_db, &whole.p10_db, &whole.p50_db] {
            // Percentiles are known to a cell.
            assert!((curve[500] + 30.0).abs() < 0.4, "{}", curve[500]);
        }
    }

    #[test]
    fn a_reset_that_is_undone_leaves_the_last_seconds_as_they_were() {
        let mut meters = CurveMeters::new(Purpose::Live, 512.0 / 48_000.0);
        let mut undisturbed = CurveMeters::new(Purpose::Live, 512.0 / 48_000.0);
        let mut index = 0;
        let mut hear = |mut meters: [&mut CurveMeters; 2], level_db: f32, columns: u64| {
            for _ in 0..columns {
                let bins = [pack_bin(level_db + (index % 7) as f32, 0.0, 0.0); NUM_BINS];
                let column = Column { index, bins };
                for meters in meters.iter_mut() {
                    meters.add(&column, false);
                    meters.add_bands(
                        &[TierColumn {
                            tier: BAND_TIER,
                            column,
                        }],
                        false,
                    );
                }
                index += 1;
            }
        };
        hear([&mut meters, &mut undisturbed], -30.0, 1_500);
        meters.clear();
        hear([&mut meters, &mut undisturbed], -40.0, 200);
        meters.restore();
        hear([&mut meters, &mut undisturbed], -20.0, 100);
        assert_alike(meters.recent(), undisturbed.recent());
        // Also where nothing sounded in between.
        meters.clear();
        hear([&mut meters, &mut undisturbed], -100.0, 100);
        meters.restore();
        assert_alike(meters.recent(), undisturbed.recent());
    }

    /// The same but for the two or three columns that a reset falls between, which count for the mean alone.
    fn assert_alike(a: SpectrumCurves, mut b: SpectrumCurves) {
        let pairs = a.mean_db.iter().zip(&b.mean_db);
        assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 0.1));
        b.mean_db.clone_from(&a.mean_db);
        assert!(a == b);
    }
}
