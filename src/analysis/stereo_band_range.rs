//! Between which figures the stereo bands of a recording move: side over mid and correlation, a second at a time.
//!
//! Columns hold how much of each bin is left and how much is side, so that both follow for a band from its bins, as
//! the meters have them from the transforms: the mean powers of the last second, which a window of six columns of
//! 0.17 s is. A window that is 20 dB quieter than the band usually is, a pause or the end of an echo, does not count.

use std::collections::VecDeque;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::analysis::band_power::{STEREO_BANDS, StereoPower};
use crate::analysis::band_range::noise_weights;
use crate::analysis::column::{RATIO_STEP_DB, level_db};
use crate::dsp::fast_math::power_from_db;
use crate::dsp::grid::{NUM_BINS, hz_from_bin};
use crate::units::db;

/// Columns of tier 2 in the second that a meter averages.
const WINDOW_COLUMNS: usize = 6;
/// A range of fewer windows than this says nothing.
const FEWEST_WINDOWS: usize = 10;
/// A window so far below the mean of its band does not count, in dB.
const QUIET_DB: f64 = -20.0;
/// Nor does one below this power, −70 dBFS.
const SILENT_POWER: f64 = 1e-7;

const NUM_BANDS: usize = STEREO_BANDS.len();

/// What a tenth, the half and nine tenths of the windows lie below, for one band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StereoBandRange {
    /// Side/mid power ratio in dB, of pure mono as low as it goes; `None` where too little is known.
    pub side_to_mid_db: Option<[f64; 3]>,
    /// Correlation of left and right.
    pub correlation: Option<[f64; 3]>,
}

/// The ranges of the stereo bands.
pub type StereoBandRanges = [StereoBandRange; NUM_BANDS];

/// Parts of a power that a ratio in dB makes of it, by the ratio's code.
static PARTS: LazyLock<[f64; 256]> = LazyLock::new(|| {
    std::array::from_fn(|code| {
        let ratio = db::power_from_db((code as f64 - 128.0) * f64::from(RATIO_STEP_DB));
        // The lowest code is all that is lower, too.
        if code == 0 {
            0.0
        } else {
            ratio / (1.0 + ratio)
        }
    })
});

/// The first bin of each band, and the one after the last.
static EDGES: LazyLock<[usize; NUM_BANDS + 1]> = LazyLock::new(|| {
    let first = |hz: f64| (0..NUM_BINS).find(|bin| hz_from_bin(*bin as f64) >= hz);
    std::array::from_fn(|n| match STEREO_BANDS.get(n) {
        Some(band) => first(band.low_hz).unwrap_or(NUM_BINS),
        None => first(STEREO_BANDS[NUM_BANDS - 1].high_hz).unwrap_or(NUM_BINS),
    })
});

/// Collects the windows of a recording.
#[derive(Default)]
pub struct StereoBandMeter {
    /// Of the newest columns.
    recent: VecDeque<[StereoPower; NUM_BANDS]>,
    windows: [Vec<StereoPower>; NUM_BANDS],
}

impl StereoBandMeter {
    /// Hears the next column of tier 2.
    pub fn add(&mut self, bins: &[u32; NUM_BINS]) {
        if self.recent.len() == WINDOW_COLUMNS {
            self.recent.pop_front();
        }
        self.recent.push_back(powers_of(bins));
        if self.recent.len() < WINDOW_COLUMNS {
            return;
        }
        for (band, windows) in self.windows.iter_mut().enumerate() {
            let mut sum = StereoPower::default();
            self.recent.iter().for_each(|column| sum.add(&column[band]));
            windows.push(sum.scaled(1.0 / WINDOW_COLUMNS as f64));
        }
    }

    /// The next column does not follow the last.
    pub fn skip(&mut self) {
        self.recent.clear();
    }

    /// What was heard up to now.
    pub fn ranges(&self) -> StereoBandRanges {
        self.windows.each_ref().map(|windows| range_of(windows))
    }
}

fn powers_of(bins: &[u32; NUM_BINS]) -> [StereoPower; NUM_BANDS] {
    let (weights, parts) = (noise_weights(), &*PARTS);
    std::array::from_fn(|band| {
        let mut sum = StereoPower::default();
        for bin in EDGES[band]..EDGES[band + 1] {
            let packed = bins[bin];
            let Some(level) = level_db(packed) else {
                continue;
            };
            let power = f64::from(weights[bin] * power_from_db(level));
            let left = parts[(packed >> 16 & 0xff) as usize];
            let side = parts[(packed >> 24) as usize];
            sum.add(&StereoPower {
                left: 2.0 * power * left,
                right: 2.0 * power * (1.0 - left),
                // Mid less side.
                cross: power * (1.0 - 2.0 * side),
            });
        }
        sum
    })
}

fn range_of(windows: &[StereoPower]) -> StereoBandRange {
    let power = |window: &StereoPower| 0.5 * (window.left + window.right);
    let mean = windows.iter().map(power).sum::<f64>() / windows.len().max(1) as f64;
    let least = SILENT_POWER.max(mean * db::power_from_db(QUIET_DB));
    let heard = || windows.iter().filter(|window| power(window) >= least);
    let readings = || heard().map(StereoPower::reading);
    StereoBandRange {
        side_to_mid_db: tenths(readings().filter_map(|reading| reading.width_db())),
        correlation: tenths(readings().filter_map(|reading| reading.correlation)),
    }
}

fn tenths(values: impl Iterator<Item = f64>) -> Option<[f64; 3]> {
    let mut values: Vec<f64> = values.collect();
    if values.len() < FEWEST_WINDOWS {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let at = |part: f64| values[((values.len() - 1) as f64 * part).round() as usize];
    Some([0.1, 0.5, 0.9].map(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::pack_bin;

    fn column(level_db: f32, left_to_right_db: f32, side_to_mid_db: f32) -> [u32; NUM_BINS] {
        [pack_bin(level_db, left_to_right_db, side_to_mid_db); NUM_BINS]
    }

    fn ranges(columns: impl Iterator<Item = [u32; NUM_BINS]>) -> StereoBandRanges {
        let mut meter = StereoBandMeter::default();
        columns.for_each(|bins| meter.add(&bins));
        meter.ranges()
    }

    #[test]
    fn a_steady_width_is_its_own_range_and_its_correlation_follows() {
        let heard = ranges((0..40).map(|_| column(-40.0, 0.0, -6.0)));
        let ratio = db::power_from_db(-6.0);
        let correlation = (1.0 - ratio) / (1.0 + ratio);
        for range in heard {
            for width in range.side_to_mid_db.expect("it is long enough") {
                assert!((width + 6.0).abs() < 0.01, "{width}");
            }
            for read in range.correlation.expect("it is long enough") {
                assert!((read - correlation).abs() < 0.005, "{read}");
            }
        }
    }

    #[test]
    fn mono_is_as_narrow_as_a_bar_shows_and_correlates_fully() {
        for range in ranges((0..40).map(|_| column(-40.0, 0.0, -200.0))) {
            assert_eq!(range.side_to_mid_db, Some([-48.0; 3]));
            assert!(range.correlation.expect("it sounds")[0] > 0.9999);
        }
    }

    #[test]
    fn a_tenth_lies_below_and_a_tenth_above() {
        // Each width stands for 40 columns, so that windows over two of them are few.
        let widths = (0..11).flat_map(|n| (0..40).map(move |_| -20.0 + n as f32));
        let heard = ranges(widths.map(|width| column(-40.0, 0.0, width)));
        for range in heard {
            let [low, middle, high] = range.side_to_mid_db.expect("it is long enough");
            for (read, expected) in [(low, -19.0), (middle, -15.0), (high, -11.0)] {
                assert!((read - expected).abs() < 0.6, "{read}, not {expected}");
            }
        }
    }

    #[test]
    fn pauses_and_columns_on_either_side_of_a_gap_count_for_nothing() {
        let wide_and_quiet = (0..60).map(|_| column(-75.0, 0.0, 3.0));
        let usual = (0..60).map(|_| column(-40.0, 0.0, -9.0));
        for range in ranges(usual.chain(wide_and_quiet)) {
            let [low, _, high] = range.side_to_mid_db.expect("half of it sounds");
            assert!(low < -8.9 && high < -8.0, "{low} … {high}");
        }
        let mut meter = StereoBandMeter::default();
        for _ in 0..20 {
            (0..5).for_each(|_| meter.add(&column(-40.0, 0.0, -9.0)));
            meter.skip();
        }
        assert_eq!(meter.ranges(), StereoBandRanges::default());
    }
}
