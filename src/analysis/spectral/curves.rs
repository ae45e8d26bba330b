//! Curves of what was heard: percentiles of levels and of bands, of the whole and of the last seconds.

use super::purpose::Purpose;
use crate::analysis::band_range::{BAND_TIER, BandMeter};
use crate::analysis::column::{Column, TIER_FACTOR, TierColumn};
use crate::analysis::distribution::{Distribution, SlidingDistribution, SpectrumCurves};

/// The live percentile curves look back this far.
const LIVE_CURVES_SECS: f64 = 20.0;
/// Only every fourth column counts for them: neighbours overlap and say nearly the same, and histograms cost cache.
const LIVE_CURVES_STRIDE: u64 = 4;

/// What is counted for the curves.
pub(super) struct CurveMeters {
    /// Of the whole.
    whole: Option<Distribution>,
    whole_bands: Option<BandMeter>,
    /// Of the last seconds.
    recent: Option<SlidingDistribution>,
    recent_bands: Option<BandMeter>,
    /// Of the whole before it began anew.
    before: (Option<Distribution>, Option<BandMeter>),
}

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
            before: (None, None),
        }
    }

    /// Whether the last seconds have curves.
    pub fn is_live(&self) -> bool {
        self.recent.is_some()
    }

    /// Counts a column of the finest tier.
    pub fn add(&mut self, column: &Column) {
        if let Some(whole) = &mut self.whole {
            whole.add(column);
        }
        if let Some(recent) = &mut self.recent
            && column.index.is_multiple_of(LIVE_CURVES_STRIDE)
        {
            recent.add(column);
        }
    }

    /// Counts those of the tier that bands are counted in.
    pub fn add_bands(&mut self, columns: &[TierColumn]) {
        for bands in [&mut self.whole_bands, &mut self.recent_bands] {
            let Some(bands) = bands else { continue };
            let of_tier = columns.iter().filter(|column| column.tier == BAND_TIER);
            of_tier.for_each(|column| bands.add(&column.column));
        }
    }

    /// Begins anew.
    pub fn clear(&mut self) {
        self.before = (self.whole.take(), self.whole_bands.take());
        self.whole = self.before.0.as_ref().map(|_| Distribution::default());
        self.whole_bands = self.before.1.as_ref().map(|_| BandMeter::of_all());
        self.recent_bands.iter_mut().for_each(BandMeter::clear);
        if let Some(recent) = &mut self.recent {
            recent.clear();
        }
    }

    /// As if the whole had not begun anew the last time; the last seconds are what they are.
    pub fn restore(&mut self) {
        let (whole, bands) = std::mem::take(&mut self.before);
        if let Some((own, before)) = self.whole.as_mut().zip(whole) {
            own.absorb(&before);
        }
        if let Some((own, before)) = self.whole_bands.as_mut().zip(bands) {
            own.absorb(&before);
        }
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
