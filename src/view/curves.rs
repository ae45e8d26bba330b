//! Curves over the grid of frequencies: smoothing, and a cache of what was smoothed for the last picture.
//!
//! A reference's curves stay the same for minutes, the mix's change a few times a second, and pictures come sixty times
//! a second: smoothing each for every picture was most of what a scene cost.

use std::cell::{Cell, RefCell};

use crate::analysis::band_range::BINS_PER_THIRD;
use crate::analysis::power_shares::power_shares;
use crate::dsp::grid::BINS_PER_OCTAVE;
use crate::units::db::{db_from_power, power_from_db};

/// Smoothing of median curves: what a mix decision is made on is not finer than this.
pub const MEDIAN_OCTAVES: f64 = 1.0 / 6.0;
/// Smoothing of curves of the moment.
pub const LIVE_OCTAVES: f64 = 1.0 / 12.0;

/// How a curve is smoothed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Width {
    /// Levels of tones, averaged in power over so many octaves.
    Tones(f64),
    /// Levels of thirds of an octave, each the mean over so many octaves: noise reads the same whatever the width.
    Bands(f64),
}

impl Width {
    /// A curve, smoothed; bins in which there is nothing are −∞.
    pub fn smooth(self, levels_db: &[f32]) -> Vec<f32> {
        match self {
            Self::Tones(octaves) => smoothed(levels_db, octaves),
            Self::Bands(octaves) => band_levels(levels_db, octaves),
        }
    }
}

/// Levels in dBFS of the third of an octave around each bin of a curve of mean tone levels, averaged over so many octaves.
/// It has no holes between tones: −∞ only where nothing is within reach, and above the last bin there is.
pub fn band_levels(mean_db: &[f32], width_octaves: f64) -> Vec<f32> {
    let power = |level: &f32| match level.is_finite() {
        true => power_from_db(f64::from(*level)),
        false => 0.0,
    };
    let mut powers: Vec<f64> = mean_db.iter().map(power).collect();
    let shares = power_shares(&powers);
    for (power, share) in powers.iter_mut().zip(shares) {
        *power *= share;
    }
    let end = mean_db.iter().rposition(|level| level.is_finite());
    // A box as wide as is asked for, so that a tone reads its level in the middle; one of half the width softens its ends, as
    // those of the bands are that a range is measured of. With hard ends each note cuts a tooth into the curve.
    let width = width_octaves * BINS_PER_OCTAVE;
    let soft = running_mean(&running_mean(&powers, width), width / 2.0);
    let level = |(bin, power): (usize, f64)| match end.is_some_and(|end| bin <= end) {
        true => db_from_power(power.max(0.0) * BINS_PER_THIRD as f64) as f32,
        false => f32::NEG_INFINITY,
    };
    soft.into_iter().enumerate().map(level).collect()
}

/// Means over so many bins around each, fractions included; beyond the ends there is nothing to average.
fn running_mean(values: &[f64], width: f64) -> Vec<f64> {
    let mut sums = Vec::with_capacity(values.len() + 1);
    sums.push(0.0);
    for value in values {
        sums.push(sums.last().copied().unwrap_or(0.0) + value);
    }
    let last = values.len();
    // The sum up to a place between bins.
    let up_to = |place: f64| {
        let below = (place as usize).min(last.saturating_sub(1));
        sums[below] + (sums[(below + 1).min(last)] - sums[below]) * (place - below as f64)
    };
    let half = width.max(1.0) / 2.0;
    (0..last)
        .map(|bin| {
            let middle = bin as f64 + 0.5;
            let (from, to) = ((middle - half).max(0.0), (middle + half).min(last as f64));
            (up_to(to) - up_to(from)) / (to - from)
        })
        .collect()
}

/// A curve averaged (in power) over a fraction of an octave; absent bins (−∞) stay absent.
///
/// `width_octaves` 0 returns the curve as it is. Runs in one pass over a running sum.
pub fn smoothed(levels_db: &[f32], width_octaves: f64) -> Vec<f32> {
    let half = (width_octaves * BINS_PER_OCTAVE / 2.0).round() as usize;
    if half == 0 {
        return levels_db.to_vec();
    }
    let power: Vec<f64> = levels_db
        .iter()
        .map(|&db| power_from_db(f64::from(db)))
        .collect();
    let mut sums = Vec::with_capacity(power.len() + 1);
    sums.push(0.0);
    for p in &power {
        sums.push(sums.last().copied().unwrap_or(0.0) + p);
    }
    (0..power.len())
        .map(|bin| {
            if !levels_db[bin].is_finite() {
                return f32::NEG_INFINITY;
            }
            let from = bin.saturating_sub(half);
            let to = (bin + half + 1).min(power.len());
            db_from_power((sums[to] - sums[from]) / (to - from) as f64) as f32
        })
        .collect()
}

/// A curve that was smoothed, and of what.
#[derive(Clone, Debug)]
struct KeptCurve {
    levels_db: Vec<f32>,
    width: Width,
    smoothed_db: Vec<f32>,
    is_used: bool,
}

/// What was smoothed for the last picture. A curve is found by its levels, so that it can never be an old one.
#[derive(Clone, Debug, Default)]
pub struct CurveCache {
    kept: RefCell<Vec<KeptCurve>>,
    num_smoothed: Cell<u64>,
}

impl CurveCache {
    /// A curve of the analysis, smoothed: bins in which there is nothing are −∞.
    pub fn smoothed(&self, levels_db: &[f32], width: Width) -> Vec<f32> {
        let mut kept = self.kept.borrow_mut();
        let is_same = |curve: &&mut KeptCurve| curve.width == width && curve.levels_db == levels_db;
        if let Some(curve) = kept.iter_mut().find(is_same) {
            curve.is_used = true;
            return curve.smoothed_db.clone();
        }
        let smoothed_db = width.smooth(&present(levels_db));
        self.num_smoothed.set(self.num_smoothed.get() + 1);
        kept.push(KeptCurve {
            levels_db: levels_db.to_vec(),
            width,
            smoothed_db: smoothed_db.clone(),
            is_used: true,
        });
        smoothed_db
    }

    /// At the end of a picture: what it did not use is not kept for the next.
    pub fn end_picture(&self) {
        let mut kept = self.kept.borrow_mut();
        kept.retain_mut(|curve| std::mem::take(&mut curve.is_used));
    }

    /// How many curves had to be smoothed so far.
    pub fn num_smoothed(&self) -> u64 {
        self.num_smoothed.get()
    }
}

/// Curves of the analysis say −200 where there is nothing; here it is −∞, so that no line is drawn.
fn present(levels_db: &[f32]) -> Vec<f32> {
    levels_db
        .iter()
        .map(|&db| if db <= -170.0 { f32::NEG_INFINITY } else { db })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::band_range::noise_weights;
    use crate::dsp::grid::NUM_BINS;

    #[test]
    fn smoothing_keeps_a_flat_curve_and_its_absent_end() {
        let mut levels = vec![-30.0f32; NUM_BINS];
        levels[1000..].fill(f32::NEG_INFINITY);
        let smooth = smoothed(&levels, 1.0 / 6.0);
        assert!((smooth[500] + 30.0).abs() < 1e-3);
        assert!(smooth[1001].is_infinite());
    }

    #[test]
    fn a_flat_density_reads_its_power_whatever_the_width() {
        let weights = noise_weights();
        let flat: Vec<f32> = weights
            .iter()
            .map(|weight| -50.0 - db_from_power(f64::from(*weight)) as f32)
            .collect();
        let in_third = -50.0 + db_from_power(BINS_PER_THIRD as f64) as f32;
        for octaves in [1.0, 1.0 / 3.0, 1.0 / 24.0] {
            let bands = band_levels(&flat, octaves);
            let off = |level: &f32| (level - in_third).abs();
            assert!(
                bands.iter().map(off).fold(0.0, f32::max) < 0.01,
                "{octaves}"
            );
        }
    }

    #[test]
    fn a_curve_is_smoothed_once_as_long_as_it_stays_and_anew_when_it_changes() {
        let cache = CurveCache::default();
        let mut levels = vec![-40.0f32; NUM_BINS];
        levels[300] = -20.0;
        let first = cache.smoothed(&levels, Width::Tones(MEDIAN_OCTAVES));
        assert_eq!(first, smoothed(&levels, MEDIAN_OCTAVES));
        for _ in 0..5 {
            cache.end_picture();
            assert_eq!(cache.smoothed(&levels, Width::Tones(MEDIAN_OCTAVES)), first);
        }
        assert_eq!(cache.num_smoothed(), 1);
        levels[301] = -20.0;
        assert_eq!(
            cache.smoothed(&levels, Width::Tones(MEDIAN_OCTAVES)),
            smoothed(&levels, MEDIAN_OCTAVES)
        );
        assert_ne!(cache.smoothed(&levels, Width::Tones(LIVE_OCTAVES)), first);
        assert_eq!(cache.num_smoothed(), 3);
        // What two pictures did not show is forgotten.
        cache.end_picture();
        cache.end_picture();
        cache.smoothed(&levels, Width::Tones(LIVE_OCTAVES));
        assert_eq!(cache.num_smoothed(), 4);
    }
}
