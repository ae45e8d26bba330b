//! A target: what several tracks have in common once they are equally loud, as a file that can be compared with.
//!
//! Each track counts the same, however long it is. Levels in a target are relative to the loudness of the track, so
//! that "−30" at a bin means 30 dB below what the track reads in LUFS. The file is JSON: docs/target-format.md.

use serde::{Deserialize, Serialize};

use crate::analysis::band_power::STEREO_BANDS;
use crate::analysis::band_range::{BandRange, NUM_BANDS, band_centre_bin};
use crate::analysis::column::{Column, pack_bin};
use crate::analysis::distribution::{LevelQuantiles, NUM_QUANTILES, SpectrumCurves};
use crate::analysis::punch::PunchSummary;
use crate::analysis::summary::{
    BandSummary, LevelSummary, LoudnessSummary, SpectrumSummary, StereoSummary, Summary,
    ThirdOctaveSummary,
};
use crate::compare::common_band::{CommonBand, between, common_band, common_range, part_of};
use crate::dsp::grid::{NUM_BINS, hz_from_bin};

/// What the file says it is.
pub const KIND: &str = "abscope-target";
/// Version of the format written now.
pub const SCHEMA: u32 = 1;
/// Rate of the summary of a target: it has none, and its curves reach as far as those of this rate.
const RATE_HZ: u32 = 48_000;

/// How a figure is spread over the tracks; `null` where none has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// A tenth of the tracks lie below.
    pub p10: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// A tenth of the tracks lie above.
    pub p90: Option<f64>,
}

impl Spread {
    fn of(values: impl Iterator<Item = Option<f64>>) -> Self {
        let mut values: Vec<f64> = values.flatten().collect();
        values.sort_by(f64::total_cmp);
        let quantile = |part: f64| {
            let last = values.len().checked_sub(1)?;
            let at = part * last as f64;
            let (low, high) = (values[at as usize], values[at.ceil() as usize]);
            Some(rounded(low + (high - low) * (at - at.floor())))
        };
        Self {
            p10: quantile(0.1),
            p50: quantile(0.5),
            p90: quantile(0.9),
        }
    }

    /// The value that a part of 0 … 1 lies below, on straight lines through the three.
    fn at(&self, part: f64) -> Option<f64> {
        let (low, middle, high) = (self.p10?, self.p50?, self.p90?);
        Some(between([low, middle, high], part))
    }
}

/// A track that is to be part of a target.
pub struct Track {
    /// All its figures.
    pub summary: Summary,
    /// How its levels are spread.
    pub quantiles: LevelQuantiles,
    /// How the levels of its bands are spread.
    pub range: BandRange,
}

/// A target, as it lies in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Version of the format.
    pub schema: u32,
    /// [`KIND`].
    pub kind: String,
    /// What to call it.
    pub name: String,
    /// What it was made of.
    pub tracks: Vec<TrackFigures>,
    /// Loudness and peaks over the tracks.
    pub loudness: LoudnessSpread,
    /// The five stereo bands over the tracks.
    pub bands: Vec<BandSpread>,
    /// Third octaves over the tracks.
    pub third_octave: ThirdOctaveSpread,
    /// The band of levels over time.
    pub spectrum: SpectrumBand,
    /// The range of bands; none in files of before it was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<RangeOfBands>,
}

/// One track of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackFigures {
    /// Path as it was given.
    pub file: String,
    /// Length.
    pub duration_secs: f64,
    /// Its loudness.
    pub integrated_lufs: Option<f64>,
    /// Its loudness range.
    pub range_lu: Option<f64>,
    /// Its true peak above its loudness.
    pub plr_lu: Option<f64>,
}

/// Loudness and peaks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoudnessSpread {
    /// Integrated loudness.
    pub integrated_lufs: Spread,
    /// Loudness range.
    pub range_lu: Spread,
    /// True peak above loudness.
    pub plr_lu: Spread,
    /// True peak.
    pub true_peak_dbtp: Spread,
}

/// One stereo band.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandSpread {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
    /// Band power relative to the track's loudness.
    pub level_db: Spread,
    /// Side over mid.
    pub side_to_mid_db: Spread,
    /// −1 … 1.
    pub correlation: Spread,
}

/// Third octaves, `[band]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThirdOctaveSpread {
    /// Exact centres.
    pub center_hz: Vec<f64>,
    /// Mean band power relative to the track's loudness.
    pub mean_db: Vec<Spread>,
}

/// The band of levels, `[bin]`, relative to the track's loudness; `null` where there is nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpectrumBand {
    /// Centres of the bins.
    pub frequency_hz: Vec<f64>,
    /// A tenth of the time lies below.
    pub p10_db: Vec<Option<f64>>,
    /// The median.
    pub p50_db: Vec<Option<f64>>,
    /// A tenth of the time lies above.
    pub p90_db: Vec<Option<f64>>,
}

/// Thirds of an octave over time, `[band]`, relative to the track's loudness; `null` where there is nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RangeOfBands {
    /// Centres of the bands.
    pub frequency_hz: Vec<f64>,
    /// A tenth of the time lies below.
    pub p10_db: Vec<Option<f64>>,
    /// The median.
    pub p50_db: Vec<Option<f64>>,
    /// A tenth of the time lies above.
    pub p90_db: Vec<Option<f64>>,
    /// A tenth of the time softened sixths of an octave lie above.
    pub sixth_p90_db: Vec<Option<f64>>,
}

impl RangeOfBands {
    fn new(range: &BandRange) -> Self {
        let levels = |levels: &[f32]| levels.iter().map(|level| known(*level)).collect();
        let centre = |band: usize| hz_from_bin(band_centre_bin(band));
        Self {
            frequency_hz: (0..NUM_BANDS).map(|band| rounded(centre(band))).collect(),
            p10_db: levels(range.low_db()),
            p50_db: levels(range.middle_db()),
            p90_db: levels(range.high_db()),
            sixth_p90_db: levels(range.fine_high_db()),
        }
    }

    fn kinds(&self) -> [&Vec<Option<f64>>; 4] {
        [&self.p10_db, &self.p50_db, &self.p90_db, &self.sixth_p90_db]
    }
}

impl Target {
    /// Of tracks, of which those without loudness do not count; `None` if none is left.
    pub fn new(name: &str, tracks: &[Track]) -> Option<Self> {
        let loud: Vec<(&Track, f64)> = tracks
            .iter()
            .filter_map(|track| Some((track, track.summary.loudness.integrated_lufs?)))
            .collect();
        let (first, _) = loud.first()?;
        let quantiles: Vec<_> = loud
            .iter()
            .map(|(track, lufs)| (&track.quantiles, -lufs))
            .collect();
        let spectrum = common_band(&quantiles);
        let ranges: Vec<_> = loud
            .iter()
            .map(|(track, lufs)| (&track.range, -lufs))
            .collect();
        let range = common_range(&ranges);
        let figure = |value: &dyn Fn(&Summary) -> Option<f64>| {
            Spread::of(loud.iter().map(|(track, _)| value(&track.summary)))
        };
        let relative = |value: &dyn Fn(&Summary) -> Option<f64>| {
            let below = |(track, lufs): &(&Track, f64)| Some(value(&track.summary)? - lufs);
            Spread::of(loud.iter().map(below))
        };
        let bands = 0..first.summary.stereo.bands.len();
        let octaves = &first.summary.third_octave;
        Some(Self {
            schema: SCHEMA,
            kind: KIND.to_owned(),
            name: name.to_owned(),
            tracks: loud
                .iter()
                .map(|(track, _)| TrackFigures::new(&track.summary))
                .collect(),
            loudness: LoudnessSpread {
                integrated_lufs: figure(&|s| s.loudness.integrated_lufs),
                range_lu: figure(&|s| s.loudness.range_lu),
                plr_lu: figure(&|s| s.loudness.plr_lu),
                true_peak_dbtp: figure(&|s| s.loudness.true_peak_dbtp),
            },
            bands: bands
                .map(|n| BandSpread {
                    low_hz: first.summary.stereo.bands[n].low_hz,
                    high_hz: first.summary.stereo.bands[n].high_hz,
                    level_db: relative(&|s| s.stereo.bands.get(n)?.level_dbfs),
                    side_to_mid_db: figure(&|s| s.stereo.bands.get(n)?.side_to_mid_db),
                    correlation: figure(&|s| s.stereo.bands.get(n)?.correlation),
                })
                .collect(),
            third_octave: ThirdOctaveSpread {
                center_hz: octaves.center_hz.clone(),
                mean_db: (0..octaves.center_hz.len())
                    .map(|n| relative(&|s| *s.third_octave.mean_db.get(n)?))
                    .collect(),
            },
            spectrum: SpectrumBand::new(&spectrum),
            range: range.is_known().then(|| RangeOfBands::new(&range)),
        })
    }

    /// Reads a target. Nothing in it is believed that would lead to nonsense.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let target: Self =
            serde_json::from_str(text).map_err(|error| format!("it is no target: {error}"))?;
        let spectrum = &target.spectrum;
        let curves = [&spectrum.p10_db, &spectrum.p50_db, &spectrum.p90_db];
        let is_sane = |level: &Option<f64>| level.is_none_or(|level| level.abs() < 1000.0);
        if target.kind != KIND {
            return Err(format!(
                "it says that it is a {:?}, not a {KIND}",
                target.kind
            ));
        }
        if target.schema != SCHEMA {
            return Err(format!(
                "its schema is {}, this Abscope reads {SCHEMA}; make it again with `abscope target`",
                target.schema
            ));
        }
        if curves.iter().any(|curve| curve.len() != NUM_BINS)
            || target.bands.len() != STEREO_BANDS.len()
            || target.third_octave.center_hz.len() != target.third_octave.mean_db.len()
        {
            return Err("its curves or bands are not of the length they should have".to_owned());
        }
        let mut kinds = target.range.iter().flat_map(RangeOfBands::kinds);
        let is_off = kinds.any(|kind| kind.len() != NUM_BANDS || !kind.iter().all(is_sane));
        drop(kinds);
        if is_off {
            return Err("the range of its bands is not what it should be".to_owned());
        }
        if !curves.iter().all(|curve| curve.iter().all(is_sane)) {
            return Err("its levels are out of range".to_owned());
        }
        Ok(target)
    }

    /// The loudness it stands for: the tracks' median.
    pub fn integrated_lufs(&self) -> f64 {
        self.loudness.integrated_lufs.p50.unwrap_or(0.0)
    }

    /// Curves as those of a recording of the tracks' median loudness.
    pub fn curves(&self) -> SpectrumCurves {
        let lufs = self.integrated_lufs();
        let levels = |curve: &[Option<f64>]| -> Vec<f32> {
            let level = |db: &Option<f64>| db.map_or(f32::NEG_INFINITY, |db| (db + lufs) as f32);
            curve.iter().map(level).collect()
        };
        SpectrumCurves {
            p10_db: levels(&self.spectrum.p10_db),
            p50_db: levels(&self.spectrum.p50_db),
            p90_db: levels(&self.spectrum.p90_db),
            range: self.range.as_ref().map_or_else(BandRange::silent, |range| {
                let kinds = range.kinds().map(|kind| levels(kind));
                BandRange(kinds.concat())
            }),
            ..SpectrumCurves::silent()
        }
    }

    /// The spread of levels as of a recording, on straight lines through the three curves.
    pub fn quantiles(&self) -> LevelQuantiles {
        let curves = self.curves();
        let bin = |bin: usize| {
            std::array::from_fn(|n| {
                let levels = [&curves.p10_db, &curves.p50_db, &curves.p90_db]
                    .map(|curve| f64::from(curve[bin]));
                if levels.iter().all(|level| level.is_finite()) {
                    between(levels, part_of(n)) as f32
                } else {
                    levels[2] as f32
                }
            })
        };
        LevelQuantiles((0..NUM_BINS).map(bin).collect())
    }

    /// Figures as those of a recording: the medians over the tracks. What a target does not know is `None`.
    pub fn summary(&self, file: &str) -> Summary {
        let lufs = self.integrated_lufs();
        let loudness = &self.loudness;
        let absolute = |spread: &Spread| spread.p50.map(|level| rounded(level + lufs));
        Summary {
            schema: 1,
            file: file.to_owned(),
            sample_rate_hz: RATE_HZ,
            channels: 2,
            duration_secs: 0.0,
            loudness: LoudnessSummary {
                integrated_lufs: loudness.integrated_lufs.p50,
                range_lu: loudness.range_lu.p50,
                max_momentary_lufs: None,
                max_short_term_lufs: None,
                true_peak_dbtp: loudness.true_peak_dbtp.p50,
                sample_peak_dbfs: None,
                plr_lu: loudness.plr_lu.p50,
            },
            punch: PunchSummary::default(),
            levels: LevelSummary {
                rms_dbfs: None,
                crest_db: None,
                clipped_samples: 0,
                dc_offset: None,
            },
            stereo: StereoSummary {
                correlation: None,
                balance_db: None,
                side_to_mid_db: None,
                mono_loss_lu: None,
                bands: self
                    .bands
                    .iter()
                    .map(|band| BandSummary {
                        low_hz: band.low_hz,
                        high_hz: band.high_hz,
                        level_dbfs: absolute(&band.level_db),
                        correlation: band.correlation.p50,
                        side_to_mid_db: band.side_to_mid_db.p50,
                    })
                    .collect(),
            },
            spectrum: SpectrumSummary::new(&self.curves()),
            third_octave: ThirdOctaveSummary {
                center_hz: self.third_octave.center_hz.clone(),
                mean_db: self.third_octave.mean_db.iter().map(absolute).collect(),
            },
        }
    }

    /// Columns that are spread as its levels and widths are: what findings measure a mix against.
    pub fn columns(&self) -> Vec<Column> {
        let quantiles = self.quantiles();
        let column = |n: usize| {
            let mut bins = [0; NUM_BINS];
            for (bin, packed) in bins.iter_mut().enumerate() {
                let hz = hz_from_bin(bin as f64);
                let band = self.bands.iter().find(|band| hz < band.high_hz);
                let width_db = band.and_then(|band| band.side_to_mid_db.at(part_of(n)));
                // Nothing at the sides is as far below the middle as a column can say.
                let width_db = width_db.unwrap_or(-48.0) as f32;
                *packed = pack_bin(quantiles.0[bin][n], 0.0, width_db);
            }
            Column {
                index: n as u64,
                bins,
            }
        };
        (0..NUM_QUANTILES).map(column).collect()
    }
}

impl TrackFigures {
    fn new(summary: &Summary) -> Self {
        Self {
            file: summary.file.clone(),
            duration_secs: summary.duration_secs,
            integrated_lufs: summary.loudness.integrated_lufs,
            range_lu: summary.loudness.range_lu,
            plr_lu: summary.loudness.plr_lu,
        }
    }
}

impl SpectrumBand {
    fn new(band: &CommonBand) -> Self {
        let levels = |curve: &[f32]| curve.iter().map(|level| known(*level)).collect();
        Self {
            frequency_hz: (0..NUM_BINS)
                .map(|bin| rounded(hz_from_bin(bin as f64)))
                .collect(),
            p10_db: levels(&band.p10_db),
            p50_db: levels(&band.p50_db),
            p90_db: levels(&band.p90_db),
        }
    }
}

fn known(level_db: f32) -> Option<f64> {
    level_db.is_finite().then(|| rounded(f64::from(level_db)))
}

/// Three decimals, as everywhere in Abscope's JSON.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_the_quantiles_of_its_values_and_none_of_none() {
        let spread = Spread::of((0..11).map(|n| Some(f64::from(n))));
        assert_eq!(
            (spread.p10, spread.p50, spread.p90),
            (Some(1.0), Some(5.0), Some(9.0))
        );
        assert_eq!(spread.at(0.3), Some(3.0));
        assert_eq!(Spread::of([None].into_iter()), Spread::default());
    }

    #[test]
    fn what_is_no_target_is_refused_with_why() {
        for (text, why) in [
            ("", "no target"),
            ("{}", "no target"),
            (r#"{"schema":1,"kind":"song"}"#, "no target"),
        ] {
            let error = Target::from_json(text).expect_err("it is none");
            assert!(error.contains(why) && !error.contains('\n'), "{error}");
        }
    }
}
