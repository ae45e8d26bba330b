//! What recordings have in common once they are equally loud: the band of their levels, and the range of their bands.

use crate::analysis::band_power::STEREO_BANDS;
use crate::analysis::band_range::{BandRange, NUM_BANDS};
use crate::analysis::distribution::{LevelQuantiles, NUM_QUANTILES};
use crate::analysis::punch::{PunchBand, PunchSummary, Tenths};
use crate::analysis::stereo_band_range::{StereoBandRange, StereoBandRanges};
use crate::dsp::grid::NUM_BINS;

/// Levels that 10, 50 and 90 % lie below, `[bin]` in dB; −∞ where there is nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct CommonBand {
    /// A tenth of the time lies below.
    pub p10_db: Vec<f32>,
    /// The median.
    pub p50_db: Vec<f32>,
    /// A tenth of the time lies above.
    pub p90_db: Vec<f32>,
    /// The range of bands; of recordings whose own is known.
    pub range: BandRange,
    /// Between which figures the stereo bands move.
    pub bands: StereoBandRanges,
    /// Between which figures peaks and attacks move.
    pub punch: PunchSummary,
}

/// The range of bands that recordings have in common, each given a gain in dB and counted once.
pub fn common_range(recordings: &[(&BandRange, f64)]) -> BandRange {
    let mut common = BandRange::silent();
    let known = || recordings.iter().filter(|(range, _)| range.is_known());
    let mut levels = Vec::with_capacity(recordings.len() * NUM_QUANTILES);
    for band in 0..NUM_BANDS {
        // On straight lines through the three levels; sixths lie as far from thirds as at their 90 %.
        let mut spread = |finer: bool| {
            levels.clear();
            for (range, gain_db) in known() {
                let of_band = [range.low_db(), range.middle_db(), range.high_db()];
                let of_band = of_band.map(|levels| f64::from(levels[band]));
                let high = f64::from(range.fine_high_db()[band]);
                let off_db = gain_db + if finer { high - of_band[2] } else { 0.0 };
                if of_band
                    .iter()
                    .chain([&off_db])
                    .all(|level| level.is_finite())
                {
                    let of_part = |n| (between(of_band, part_of(n)) + off_db) as f32;
                    levels.extend((0..NUM_QUANTILES).map(of_part));
                }
            }
            levels.sort_by(f32::total_cmp);
            [0.1, 0.5, 0.9].map(|part| quantile(&levels, part))
        };
        let ([low, middle, high], [.., fine_high]) = (spread(false), spread(true));
        for (kind, level) in [low, middle, high, fine_high].into_iter().enumerate() {
            common.0[kind * NUM_BANDS + band] = level;
        }
    }
    common
}

/// The band that recordings have in common, each given a gain in dB and counted once.
pub fn common_band(recordings: &[(&LevelQuantiles, f64)]) -> CommonBand {
    let absent = || vec![f32::NEG_INFINITY; NUM_BINS];
    let mut band = CommonBand {
        p10_db: absent(),
        p50_db: absent(),
        p90_db: absent(),
        range: BandRange::silent(),
        bands: StereoBandRanges::default(),
        punch: PunchSummary::default(),
    };
    let mut levels = Vec::with_capacity(recordings.len() * NUM_QUANTILES);
    for bin in 0..NUM_BINS {
        levels.clear();
        for (quantiles, gain_db) in recordings {
            let of_bin = &quantiles.0[bin];
            // Above the Nyquist frequency of one, the others decide.
            if of_bin.iter().any(|level| level.is_finite()) {
                levels.extend(of_bin.iter().map(|level| level + *gain_db as f32));
            }
        }
        levels.sort_by(f32::total_cmp);
        band.p10_db[bin] = quantile(&levels, 0.1);
        band.p50_db[bin] = quantile(&levels, 0.5);
        band.p90_db[bin] = quantile(&levels, 0.9);
    }
    band
}

/// What a tenth, the half and nine tenths of recordings lie below together, each counted once, from the same of each, on
/// straight lines through the three.
fn common_tenths(of_each: impl Iterator<Item = Option<[f64; 3]>>) -> Option<[f64; 3]> {
    let known = of_each.flatten();
    let mut values: Vec<f32> = known
        .flat_map(|tenths| (0..NUM_QUANTILES).map(move |n| between(tenths, part_of(n)) as f32))
        .collect();
    values.sort_by(f32::total_cmp);
    let tenths = [0.1, 0.5, 0.9].map(|part| f64::from(quantile(&values, part)));
    (!values.is_empty()).then_some(tenths)
}

/// Between which figures the stereo bands of recordings move.
pub fn common_stereo_bands(recordings: &[&StereoBandRanges]) -> StereoBandRanges {
    std::array::from_fn(|band| {
        let ranges = || recordings.iter().map(|ranges| &ranges[band]);
        StereoBandRange {
            side_to_mid_db: common_tenths(ranges().map(|range| range.side_to_mid_db)),
            correlation: common_tenths(ranges().map(|range| range.correlation)),
        }
    })
}

/// Between which figures the peaks and attacks of recordings move.
pub fn common_punch(recordings: &[&PunchSummary]) -> PunchSummary {
    let common = |tenths_of: &dyn Fn(&PunchSummary) -> Option<Tenths>| {
        let of_each = recordings.iter().map(|punch| tenths_of(punch));
        let tenths = of_each.map(|tenths| tenths.map(|of| [of.p10, of.p50, of.p90]));
        common_tenths(tenths).map(|[p10, p50, p90]| Tenths { p10, p50, p90 })
    };
    let bands = STEREO_BANDS.iter().enumerate().map(|(n, band)| PunchBand {
        low_hz: band.low_hz,
        high_hz: band.high_hz,
        attack_db: common(&|punch| punch.bands.get(n)?.attack_db),
        crest_db: common(&|punch| punch.bands.get(n)?.crest_db),
    });
    PunchSummary {
        psr_lu: common(&|punch| punch.psr_lu),
        bands: bands.collect(),
    }
}

/// A quantile of sorted levels, each of which stands for the same share; −∞ of none.
fn quantile(sorted: &[f32], part: f64) -> f32 {
    if sorted.is_empty() {
        return f32::NEG_INFINITY;
    }
    let at = (part * sorted.len() as f64 - 0.5).clamp(0.0, (sorted.len() - 1) as f64);
    let (low, high) = (sorted[at as usize], sorted[at.ceil() as usize]);
    if !low.is_finite() || !high.is_finite() {
        return high.min(low);
    }
    low + (high - low) * (at - at.floor()) as f32
}

/// On straight lines through the levels at 10, 50 and 90 %.
pub(super) fn between([low, middle, high]: [f64; 3], part: f64) -> f64 {
    let slope = if part < 0.5 {
        middle - low
    } else {
        high - middle
    };
    middle + (part - 0.5) / 0.4 * slope
}

/// The part of the time that quantile `n` stands in the middle of.
pub(super) fn part_of(n: usize) -> f64 {
    (n as f64 + 0.5) / NUM_QUANTILES as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_one_recording_twice_are_its_own_and_those_of_two_reach_over_both() {
        let range = |low: f64| StereoBandRange {
            side_to_mid_db: Some([low, low + 2.0, low + 6.0]),
            correlation: None,
        };
        let [narrow, wide] = [-20.0, -6.0].map(|low| [range(low); 5]);
        let near = |[a, b, c]: [f64; 3], [x, y, z]: [f64; 3]| {
            (a - x).abs() < 0.4 && (b - y).abs() < 0.4 && (c - z).abs() < 0.4
        };
        let twice = common_stereo_bands(&[&narrow, &narrow]);
        let width = twice[3].side_to_mid_db.expect("it is known");
        assert!(near(width, [-20.0, -18.0, -14.0]), "{width:?}");
        assert_eq!(twice[3].correlation, None);
        let [low, _, high] = common_stereo_bands(&[&narrow, &wide])[3]
            .side_to_mid_db
            .expect("both are known");
        assert!(low < -19.0 && high > -2.0, "{low} … {high}");
        let unknown = StereoBandRanges::default();
        let with_unknown = common_stereo_bands(&[&narrow, &unknown]);
        assert!(near(
            with_unknown[0].side_to_mid_db.expect("one is known"),
            [-20.0, -18.0, -14.0]
        ));
    }

    /// Levels evenly spread about a middle.
    fn spread_about(middle_db: f32, width_db: f32) -> LevelQuantiles {
        let level = |n: usize| middle_db + width_db * (part_of(n) - 0.5) as f32;
        LevelQuantiles(vec![std::array::from_fn(level); NUM_BINS])
    }

    #[test]
    fn tracks_that_differ_only_in_loudness_have_the_band_of_one() {
        let [loud, quiet] = [spread_about(-30.0, 20.0), spread_about(-42.0, 20.0)];
        let alone = common_band(&[(&loud, 10.0)]);
        let both = common_band(&[(&loud, 10.0), (&quiet, 22.0)]);
        for band in [&alone, &both] {
            for (curve, expected) in [
                (&band.p10_db, -28.0),
                (&band.p50_db, -20.0),
                (&band.p90_db, -12.0),
            ] {
                assert!(
                    (curve[500] - expected).abs() < 0.6,
                    "{} not {expected}",
                    curve[500]
                );
            }
        }
    }

    #[test]
    fn each_track_counts_once_and_one_without_a_bin_does_not() {
        let low = spread_about(-60.0, 2.0);
        let mut high = spread_about(-20.0, 2.0);
        high.0[1000] = [f32::NEG_INFINITY; NUM_QUANTILES];
        let band = common_band(&[(&low, 0.0), (&high, 0.0)]);
        assert!((band.p10_db[500] + 60.0).abs() < 1.0 && (band.p90_db[500] + 20.0).abs() < 1.0);
        assert!(
            (band.p50_db[500] + 40.0).abs() < 1.0,
            "half way between both"
        );
        assert!((band.p90_db[1000] + 60.0).abs() < 1.1, "only one has it");
        assert_eq!(common_band(&[]).p50_db[3], f32::NEG_INFINITY);
    }
}
