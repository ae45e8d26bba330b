//! Figures of what was heard, taken from the columns of a coarse tier and the loudness history.
//!
//! A live mix keeps no sound to analyse again, but its columns hold level and stereo of every slice. Their levels are
//! sums over cells, within 0.3 dB of the power of noise and of a tone.

use crate::analysis::band_power::STEREO_BANDS;
use crate::analysis::column::{
    Column, TIER_FACTOR, left_to_right_db, level_db, pack_bin, side_to_mid_db,
};
use crate::analysis::distribution::Distribution;
use crate::analysis::power_shares::power_shares;
use crate::analysis::punch::PunchSummary;
use crate::analysis::summary::{
    BandSummary, LevelSummary, LoudnessSummary, SpectrumSummary, StereoSummary, Summary,
    ThirdOctaveSummary,
};
use crate::compare::findings::Material;
use crate::compare::place::Slices;
use crate::dsp::fast_math::power_from_db;
use crate::dsp::fractional_octave::{
    FrequencyBand, NUM_THIRD_OCTAVES, third_octave, third_octave_center_hz,
};
use crate::dsp::grid::{NUM_BINS, bin_from_hz};
use crate::dsp::loudness::{LoudnessPoint, region_loudness};
use crate::dsp::punch::PunchPoint;
use crate::units::db;

/// One side of what was heard.
#[derive(Clone, Debug, Default)]
pub struct HeardSide {
    /// What it is called.
    pub name: String,
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Columns of a coarse tier, in order of time; their indices count them from time 0.
    pub columns: Vec<Column>,
    /// Seconds a column lasts.
    pub slice_secs: f64,
    /// Time of the first.
    pub start_secs: f64,
    /// Means of four of them, where they are short: strokes would tell nothing of the song. Empty where they are not.
    pub long_slices: Vec<Column>,
    /// Loudness over the same time, a point every 0.1 s; absent where it is not compared.
    pub loudness: Vec<LoudnessPoint>,
    /// Highest true peak that is known.
    pub true_peak_dbtp: Option<f64>,
    /// RMS, crest, clipped samples and DC that are known.
    pub levels: LevelSummary,
    /// Whether peak and levels are of the same seconds as the loudness.
    pub is_measured_whole: bool,
}

/// Powers within a band: mid, side, left, right; linear.
#[derive(Clone, Copy, Debug, Default)]
struct Powers {
    mid: f64,
    side: f64,
    left: f64,
    right: f64,
}

impl HeardSide {
    /// What findings are drawn from.
    pub fn material<'a>(&'a self, summary: &'a Summary) -> Material<'a> {
        let (columns, num_merged) = match self.long_slices.is_empty() {
            true => (&self.columns, 1),
            false => (&self.long_slices, TIER_FACTOR),
        };
        let slice_secs = self.slice_secs * num_merged as f64;
        Material {
            summary,
            slices: Slices {
                columns,
                slice_secs,
                start_secs: match num_merged {
                    1 => self.start_secs,
                    _ => columns[0].index as f64 * slice_secs,
                },
            },
            peaks: None,
        }
    }

    /// Has long slices made of the columns, four by four, where all four are there.
    pub fn lengthen_slices(&mut self) {
        let factor = TIER_FACTOR as u64;
        let fours = self
            .columns
            .chunk_by(|a, b| a.index / factor == b.index / factor);
        self.long_slices = fours
            .filter(|four| four.len() == TIER_FACTOR)
            .map(|four| mean(four[0].index / factor, four))
            .collect();
    }

    /// Its figures; those that need the sound itself are absent.
    pub fn summary(&self) -> Summary {
        let bins = self.power_shares();
        let mut distribution = Distribution::default();
        self.columns
            .iter()
            .for_each(|column| distribution.add(column));
        let whole = sum(&bins, 0..NUM_BINS);
        let thirds = (0..NUM_THIRD_OCTAVES).map(|n| sum(&bins, range(third_octave(n))));
        Summary {
            schema: 1,
            file: self.name.clone(),
            sample_rate_hz: self.sample_rate_hz,
            channels: 2,
            duration_secs: rounded(self.columns.len() as f64 * self.slice_secs),
            loudness: self.loudness(),
            levels: self.levels,
            stereo: StereoSummary {
                correlation: whole.correlation(),
                balance_db: existing(db::db_from_power(
                    whole.left / whole.right.max(f64::MIN_POSITIVE),
                )),
                side_to_mid_db: whole.side_to_mid_db(),
                mono_loss_lu: None,
                bands: STEREO_BANDS
                    .iter()
                    .map(|band| sum(&bins, range(*band)).band(*band))
                    .collect(),
            },
            punch: PunchSummary::of(&self.loudness),
            spectrum: SpectrumSummary::new(&distribution.curves()),
            third_octave: ThirdOctaveSummary {
                center_hz: (0..NUM_THIRD_OCTAVES)
                    .map(|n| rounded(third_octave_center_hz(n)))
                    .collect(),
                mean_db: thirds.map(|powers| powers.level_db()).collect(),
            },
        }
    }

    fn loudness(&self) -> LoudnessSummary {
        let (integrated_lufs, range_lu) = region_loudness(&self.loudness, 0..self.loudness.len());
        let most = |value: fn(LoudnessPoint) -> Option<f32>| {
            let values = self.loudness.iter().filter_map(|point| value(*point));
            values
                .reduce(f32::max)
                .and_then(|lufs| existing(lufs.into()))
        };
        let true_peak_dbtp = self.true_peak_dbtp.and_then(existing);
        LoudnessSummary {
            integrated_lufs: integrated_lufs.and_then(existing),
            range_lu: range_lu.and_then(existing),
            max_momentary_lufs: most(LoudnessPoint::momentary),
            max_short_term_lufs: most(LoudnessPoint::short_term),
            true_peak_dbtp,
            sample_peak_dbfs: None,
            plr_lu: match self.is_measured_whole {
                true => true_peak_dbtp,
                false => self.peak_of_points_dbtp(),
            }
            .zip(integrated_lufs)
            .and_then(|(peak, loudness)| existing(peak - loudness)),
        }
    }

    /// The true peak of the seconds that the loudness is of: short-term loudness and what stands above it are of the same
    /// 3 s, so that points from there on tell it.
    fn peak_of_points_dbtp(&self) -> Option<f64> {
        const WINDOW_POINTS: usize = 30;
        let peak = |point: &LoudnessPoint| {
            Some(point.short_term()? + PunchPoint::existing(point.punch.psr_lu)?)
        };
        let peaks = self.loudness.iter().skip(WINDOW_POINTS).filter_map(peak);
        peaks.reduce(f32::max).map(f64::from)
    }

    /// Mean powers over the columns, of every bin so much that their sum over a band is the power in it.
    fn power_shares(&self) -> Vec<Powers> {
        let mut bins = mean_powers(&self.columns);
        let all: Vec<f64> = bins.iter().map(|powers| powers.mid + powers.side).collect();
        for (powers, weight) in bins.iter_mut().zip(power_shares(&all)) {
            let Powers {
                mid,
                side,
                left,
                right,
            } = powers;
            for power in [mid, side, left, right] {
                *power *= weight;
            }
        }
        bins
    }
}

fn mean_powers(columns: &[Column]) -> Vec<Powers> {
    let mut bins = vec![Powers::default(); NUM_BINS];
    let share = 1.0 / columns.len().max(1) as f64;
    for column in columns {
        for (powers, packed) in bins.iter_mut().zip(&column.bins) {
            let Some(level_db) = level_db(*packed) else {
                continue;
            };
            let power = share * f64::from(power_from_db(level_db));
            let wide = f64::from(power_from_db(side_to_mid_db(*packed)));
            let left = f64::from(power_from_db(left_to_right_db(*packed)));
            powers.mid += power / (1.0 + wide);
            powers.side += power * wide / (1.0 + wide);
            powers.left += 2.0 * power * left / (1.0 + left);
            powers.right += 2.0 * power / (1.0 + left);
        }
    }
    bins
}

/// The mean of columns as one.
fn mean(index: u64, columns: &[Column]) -> Column {
    let powers = mean_powers(columns);
    let ratio_db = |a: f64, b: f64| db::db_from_power(a / b.max(f64::MIN_POSITIVE)) as f32;
    Column {
        index,
        bins: std::array::from_fn(|bin| {
            let Powers {
                mid,
                side,
                left,
                right,
            } = powers[bin];
            let level_db = db::db_from_power(mid + side) as f32;
            pack_bin(level_db, ratio_db(left, right), ratio_db(side, mid))
        }),
    }
}

impl Powers {
    fn level_db(self) -> Option<f64> {
        existing(db::db_from_power(self.mid + self.side)).filter(|db| *db > -160.0)
    }

    fn side_to_mid_db(self) -> Option<f64> {
        self.level_db()?;
        existing(db::db_from_power(
            self.side / self.mid.max(f64::MIN_POSITIVE),
        ))
    }

    fn correlation(self) -> Option<f64> {
        self.level_db()?;
        let product = (self.left * self.right).sqrt();
        let value = (self.mid - self.side) / product.max(f64::MIN_POSITIVE);
        existing(value.clamp(-1.0, 1.0))
    }

    fn band(self, band: FrequencyBand) -> BandSummary {
        BandSummary {
            low_hz: band.low_hz,
            high_hz: band.high_hz,
            level_dbfs: self.level_db(),
            correlation: self.correlation(),
            side_to_mid_db: self.side_to_mid_db(),
        }
    }
}

fn range(band: FrequencyBand) -> std::ops::Range<usize> {
    let bin = |hz: f64| (bin_from_hz(hz).round().max(0.0) as usize).min(NUM_BINS);
    bin(band.low_hz)..bin(band.high_hz)
}

fn sum(bins: &[Powers], range: std::ops::Range<usize>) -> Powers {
    bins[range]
        .iter()
        .fold(Powers::default(), |sum, bin| Powers {
            mid: sum.mid + bin.mid,
            side: sum.side + bin.side,
            left: sum.left + bin.left,
            right: sum.right + bin.right,
        })
}

fn existing(value: f64) -> Option<f64> {
    db::existing(value).map(rounded)
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(level_db: f32, left_db: f32, side_db: f32) -> HeardSide {
        let column = Column {
            index: 0,
            bins: [pack_bin(level_db, left_db, side_db); NUM_BINS],
        };
        HeardSide {
            columns: vec![column; 20],
            slice_secs: 0.7,
            ..HeardSide::default()
        }
    }

    #[test]
    fn differences_of_level_width_and_balance_are_those_of_the_columns() {
        let (a, b) = (
            side(-30.0, 0.0, -9.0).summary(),
            side(-33.0, 3.0, -15.0).summary(),
        );
        for (a, b) in a.third_octave.mean_db.iter().zip(&b.third_octave.mean_db) {
            assert!((a.expect("sound") - b.expect("sound") - 3.0).abs() < 0.02);
        }
        for (a, b) in a.stereo.bands.iter().zip(&b.stereo.bands) {
            let [a, b] = [a, b].map(|band| band.side_to_mid_db.expect("sound"));
            assert!((a - b - 6.0).abs() < 0.02);
        }
        assert!((b.stereo.balance_db.expect("sound") - 3.0).abs() < 0.01);
        assert!(a.stereo.correlation.expect("sound") > b.stereo.correlation.expect("sound") - 0.3);
    }

    #[test]
    fn levels_of_noise_are_those_that_are_measured_of_its_sound() {
        use crate::analysis::analyzer::Analyzer;
        use crate::audio::frames::{ChannelLayout, StreamFormat};
        let mut analyzer = Analyzer::new(StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        });
        let mut random = crate::dsp::signals::Random::new(7);
        let noise: Vec<f32> = (0..2 * 48_000 * 12)
            .map(|_| 0.2 * random.bipolar() as f32)
            .collect();
        let mut columns = vec![];
        analyzer.process(&noise, &mut columns);
        for tier in [0, 3] {
            let heard = HeardSide {
                columns: columns
                    .iter()
                    .filter(|column| column.tier == tier)
                    .map(|column| column.column)
                    .collect(),
                slice_secs: 0.7,
                ..HeardSide::default()
            };
            let (told, measured) = (heard.summary(), analyzer.summary());
            for (told, measured) in told.stereo.bands.iter().zip(&measured.stereo.bands) {
                let [told, measured] = [told, measured].map(|band| band.level_dbfs.expect("sound"));
                assert!(
                    (told - measured).abs() < 0.4,
                    "tier {tier}: {told} for {measured} dBFS"
                );
            }
        }
    }

    #[test]
    fn four_short_slices_become_one_of_their_mean_power_and_a_rest_none() {
        let mut four = side(-30.0, 3.0, -9.0);
        four.columns = (2..9)
            .map(|index| Column {
                index,
                bins: side([-30.0, -36.0][index as usize % 2], 3.0, -9.0).columns[0].bins,
            })
            .collect();
        four.lengthen_slices();
        let [only] = &four.long_slices[..] else {
            panic!("{}", four.long_slices.len());
        };
        assert_eq!(only.index, 1);
        // (1 + 1/4) / 2 of the louder one's power.
        assert!((level_db(only.bins[500]).expect("sound") + 32.03).abs() < 0.02);
        assert!((left_to_right_db(only.bins[500]) - 3.0).abs() < 0.4);
        assert!((side_to_mid_db(only.bins[500]) + 9.0).abs() < 0.4);
        let summary = four.summary();
        let slices = four.material(&summary).slices;
        assert!((slices.slice_secs - 2.8).abs() < 1e-9 && (slices.start_secs - 2.8).abs() < 1e-9);
    }

    #[test]
    fn silence_has_no_levels() {
        let silent = HeardSide {
            columns: vec![
                Column {
                    index: 0,
                    bins: [0; NUM_BINS]
                };
                4
            ],
            ..HeardSide::default()
        };
        let summary = silent.summary();
        assert!(summary.third_octave.mean_db.iter().all(Option::is_none));
        assert_eq!(summary.stereo.side_to_mid_db, None);
        assert_eq!(summary.loudness.integrated_lufs, None);
    }
}
