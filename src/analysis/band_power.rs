//! Power in bands of frequencies, with the relation of left and right: the five stereo bands and the third-octave
//! table, both summed from the transforms themselves rather than from the picture's tone levels.

use crate::dsp::fractional_octave::{FrequencyBand, NUM_THIRD_OCTAVES, third_octave};
use crate::dsp::resolution_band::{BinPowers, ResolutionBand};
use crate::dsp::wide::widely;
use crate::units::db;

/// The bands for which width and correlation are told apart.
pub const STEREO_BANDS: [FrequencyBand; 5] = [
    FrequencyBand {
        low_hz: 20.0,
        high_hz: 120.0,
    },
    FrequencyBand {
        low_hz: 120.0,
        high_hz: 500.0,
    },
    FrequencyBand {
        low_hz: 500.0,
        high_hz: 2000.0,
    },
    FrequencyBand {
        low_hz: 2000.0,
        high_hz: 8000.0,
    },
    FrequencyBand {
        low_hz: 8000.0,
        high_hz: 20_000.0,
    },
];

/// Below this side-to-mid ratio there is only rounding error: single-precision powers cancel to −70 dB.
const ROUNDING_DB: f64 = -70.0;
/// Powers below this level are no signal.
const NO_SIGNAL_POWER: f64 = 1e-16;

/// Mean powers of left and right and of their product; a full-scale sine is 1.0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StereoPower {
    /// Of the left channel.
    pub left: f64,
    /// Of the right channel.
    pub right: f64,
    /// Of left times right.
    pub cross: f64,
}

/// What is known about one band; `None` where there is no signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct BandReading {
    /// Band power, mean of left and right: a full-scale sine in both reads 0.
    pub level_dbfs: Option<f64>,
    /// −1 … 1.
    pub correlation: Option<f64>,
    /// `None` also for pure mono (nothing at the sides) and for pure side.
    pub side_to_mid_db: Option<f64>,
}

/// What a width bar calls mono: as little as the bins of a column can say.
pub const MONO_WIDTH_DB: f64 = -48.0;
/// From here on a band without a side/mid ratio is pure mono, and not pure side.
const MONO_CORRELATION: f64 = 0.999;

impl BandReading {
    /// Side over mid for a bar: pure mono, which has no ratio, is as narrow as can be.
    pub fn width_db(&self) -> Option<f64> {
        let is_mono = self.correlation.is_some_and(|r| r > MONO_CORRELATION);
        self.side_to_mid_db
            .or(is_mono.then_some(MONO_WIDTH_DB))
            .map(|db| db.max(MONO_WIDTH_DB))
    }
}

impl StereoPower {
    /// The readings of these powers.
    pub fn reading(&self) -> BandReading {
        let power = 0.5 * (self.left + self.right);
        if power < NO_SIGNAL_POWER {
            return BandReading::default();
        }
        let product = self.left * self.right;
        let (side, mid) = (power - self.cross, power + self.cross);
        let side_to_mid_db = db::db_from_power(side.max(0.0) / mid.max(f64::MIN_POSITIVE));
        BandReading {
            level_dbfs: db::existing(db::db_from_power(power)),
            correlation: (product > NO_SIGNAL_POWER * NO_SIGNAL_POWER)
                .then(|| (self.cross / product.sqrt()).clamp(-1.0, 1.0)),
            side_to_mid_db: (side_to_mid_db.abs() < -ROUNDING_DB).then_some(side_to_mid_db),
        }
    }

    /// Those of a transform bin.
    fn of_bin([left, right, cross, _]: [f32; 4]) -> Self {
        Self {
            left: left.into(),
            right: right.into(),
            cross: cross.into(),
        }
    }

    /// Adds powers.
    pub fn add(&mut self, other: &Self) {
        self.left += other.left;
        self.right += other.right;
        self.cross += other.cross;
    }

    /// All three times a factor.
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            left: factor * self.left,
            right: factor * self.right,
            cross: factor * self.cross,
        }
    }
}

/// Sums of the powers of a resolution's transform bins over time.
pub struct PowerSums {
    /// Single precision for up to [`Self::BLOCK`] transforms, then carried into double.
    block: BinPowers,
    num_in_block: usize,
    /// `sums[bin - first_bin]`
    sums: Vec<StereoPower>,
    /// Transforms added; one whose window reaches beyond the stream counts by the part inside.
    num_transforms: f64,
}

impl PowerSums {
    const BLOCK: usize = 64;

    /// No transforms yet.
    pub fn new(num_bins: usize) -> Self {
        Self {
            block: BinPowers::zero(num_bins),
            num_in_block: 0,
            sums: vec![StereoPower::default(); num_bins],
            num_transforms: 0.0,
        }
    }

    /// Adds one transform, of whose window a part of 0 … 1 (in energy) lay within the stream.
    pub fn add(&mut self, powers: &BinPowers, part: f64) {
        add(self.block.0.as_flattened_mut(), powers.0.as_flattened());
        self.add_silence(part);
    }

    /// The same of powers that are all 0.
    pub fn add_silence(&mut self, part: f64) {
        self.num_transforms += part;
        self.num_in_block += 1;
        if self.num_in_block == Self::BLOCK {
            self.carry();
        }
    }

    /// Mean power of a band per transform; `None` before the first transform and above Nyquist.
    pub fn mean(&self, span: &BinSpan) -> Option<StereoPower> {
        if self.num_transforms == 0.0 {
            return None;
        }
        let mut power = StereoPower::default();
        for (bin, weight) in span.weights() {
            let mut sum = self.sums[bin];
            sum.add(&StereoPower::of_bin(self.block.0[bin]));
            power.add(&sum.scaled(weight));
        }
        Some(power.scaled(1.0 / self.num_transforms))
    }

    /// Counts in what another one has.
    pub fn absorb(&mut self, other: &mut Self) {
        other.carry();
        for (sum, other) in self.sums.iter_mut().zip(&other.sums) {
            sum.add(other);
        }
        self.num_transforms += other.num_transforms;
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.block.0.fill([0.0; 4]);
        self.sums.fill(StereoPower::default());
        self.num_in_block = 0;
        self.num_transforms = 0.0;
    }

    fn carry(&mut self) {
        for (sum, bin) in self.sums.iter_mut().zip(&mut self.block.0) {
            sum.add(&StereoPower::of_bin(std::mem::take(bin)));
        }
        self.num_in_block = 0;
    }
}

widely! {
    /// Adds numbers to others.
    fn add(to: &mut [f32], from: &[f32]) {
        to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
    }
}

widely! {
    /// Adds up bins, number for number; two at a time, since each sum waits for the one before.
    fn add_up(bins: &[[f32; 4]], sum: &mut [f64; 4]) {
        let mut sums = [[0.0; 4]; 2];
        let (pairs, rest) = bins.as_chunks::<2>();
        for pair in pairs {
            for (sum, bin) in sums.iter_mut().zip(pair) {
                for (sum, power) in sum.iter_mut().zip(bin) {
                    *sum += f64::from(*power);
                }
            }
        }
        for (n, sum) in sum.iter_mut().enumerate() {
            let last = rest.first().map_or(0.0, |bin| f64::from(bin[n]));
            *sum = sums[0][n] + sums[1][n] + last;
        }
    }
}

/// The transform bins of a band: whole ones in the middle, parts at both ends. A bin reaches half a bin width to
/// either side of its frequency.
#[derive(Clone, Copy, Debug)]
pub struct BinSpan {
    /// Band edges in bins from the lower border of bin index 0.
    low: f64,
    high: f64,
    /// 1 / equivalent noise bandwidth: sums of powers become band powers.
    scale: f64,
}

impl BinSpan {
    /// The bins of a resolution that a band covers; what the resolution does not hold is left out.
    pub fn new(resolution: &ResolutionBand, band: FrequencyBand) -> Self {
        let num_bins = resolution.powers().0.len() as f64;
        let position = |frequency_hz: f64| {
            let bin = frequency_hz / resolution.bin_width_hz() + 0.5;
            (bin - resolution.first_bin() as f64).clamp(0.0, num_bins)
        };
        Self {
            low: position(band.low_hz),
            high: position(band.high_hz),
            scale: 1.0 / resolution.enbw_bins(),
        }
    }

    /// The power of a band in one transform.
    pub fn power(&self, powers: &BinPowers) -> StereoPower {
        let (first, end) = (self.low as usize, self.high.ceil() as usize);
        let mut sum = [0.0; 4];
        let Some([lowest, between @ .., highest]) = powers.0.get(first..end) else {
            return self.sum(&powers.0);
        };
        add_up(between, &mut sum);
        let [left, right, cross, _] = sum;
        let mut power = StereoPower { left, right, cross };
        for (bin, part) in [
            (lowest, first as f64 + 1.0 - self.low),
            (highest, self.high - (end as f64 - 1.0)),
        ] {
            power.add(&StereoPower::of_bin(*bin).scaled(part));
        }
        power.scaled(self.scale)
    }

    /// The power of a band of so few bins that one of them may be cut on both sides.
    fn sum(&self, bins: &[[f32; 4]]) -> StereoPower {
        let mut power = StereoPower::default();
        for (bin, weight) in self.weights() {
            power.add(&StereoPower::of_bin(bins[bin]).scaled(weight));
        }
        power
    }

    fn weights(&self) -> impl Iterator<Item = (usize, f64)> {
        let (low, high, scale) = (self.low, self.high, self.scale);
        (low as usize..high.ceil() as usize).map(move |bin| {
            let covered = (high.min(bin as f64 + 1.0) - low.max(bin as f64)).max(0.0);
            (bin, scale * covered)
        })
    }
}

/// Which of the three resolutions (0 the shortest window, 2 the longest) measures a band, so that the band is wide
/// against its transform bins.
pub fn resolution_of(band: FrequencyBand) -> usize {
    match band.high_hz {
        high_hz if high_hz < 380.0 => 2,
        high_hz if high_hz < 3000.0 => 1,
        _ => 0,
    }
}

/// The lowest edge of the bands that a resolution measures.
pub fn measured_from_hz(resolution: usize) -> f64 {
    let bands = STEREO_BANDS.into_iter().chain(third_octaves());
    let measured = bands.filter(|band| resolution_of(*band) == resolution);
    measured
        .map(|band| band.low_hz)
        .fold(f64::INFINITY, f64::min)
}

/// The 31 third-octave bands.
pub fn third_octaves() -> [FrequencyBand; NUM_THIRD_OCTAVES] {
    std::array::from_fn(third_octave)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_of_known_powers() {
        let mono = StereoPower {
            left: 0.25,
            right: 0.25,
            cross: 0.25,
        }
        .reading();
        assert!((mono.level_dbfs.expect("signal") + 6.0206).abs() < 1e-4);
        assert_eq!(mono.correlation, Some(1.0));
        assert_eq!(mono.side_to_mid_db, None);
        assert_eq!(mono.width_db(), Some(MONO_WIDTH_DB));
        let independent = StereoPower {
            left: 1.0,
            right: 1.0,
            cross: 0.0,
        }
        .reading();
        assert_eq!(independent.correlation, Some(0.0));
        assert!(independent.side_to_mid_db.expect("both exist").abs() < 1e-9);
        let left_only = StereoPower {
            left: 1.0,
            right: 0.0,
            cross: 0.0,
        }
        .reading();
        assert_eq!(left_only.correlation, None);
        let opposed = StereoPower {
            left: 1.0,
            right: 1.0,
            cross: -1.0,
        }
        .reading();
        assert_eq!(opposed.width_db(), None);
        assert_eq!(StereoPower::default().reading(), BandReading::default());
    }
}
