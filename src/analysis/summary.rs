//! Every figure of a programme, in the shape of `analyze --json`, schema 1.
//!
//! Values that do not exist, like the loudness of silence, are `None` and become `null`.

use serde::{Deserialize, Serialize};

use crate::analysis::band_power::STEREO_BANDS;
use crate::analysis::distribution::SpectrumCurves;
use crate::analysis::metering::Metering;
use crate::analysis::punch::PunchSummary;
use crate::analysis::spectral::SpectralAnalyzer;
use crate::audio::frames::StreamFormat;
use crate::dsp::fractional_octave::{NUM_THIRD_OCTAVES, third_octave_center_hz};
use crate::dsp::grid::{NUM_BINS, hz_from_bin};
use crate::dsp::levels::Levels;
use crate::units::db;

/// The figures of a programme.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Version of this shape.
    pub schema: u32,
    /// Path as given; empty where there is none.
    pub file: String,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Samples in a frame.
    pub channels: usize,
    /// Length in seconds.
    pub duration_secs: f64,
    /// Loudness and peaks.
    pub loudness: LoudnessSummary,
    /// Levels of the samples.
    pub levels: LevelSummary,
    /// Relation of left and right.
    pub stereo: StereoSummary,
    /// Peaks and attacks over time; without values in older files.
    #[serde(default)]
    pub punch: PunchSummary,
    /// Curves over the frequency grid.
    pub spectrum: SpectrumSummary,
    /// Third-octave bands from 20 Hz to 20 kHz.
    pub third_octave: ThirdOctaveSummary,
}

/// Loudness and peaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoudnessSummary {
    /// Gated loudness of the whole.
    pub integrated_lufs: Option<f64>,
    /// Loudness range.
    pub range_lu: Option<f64>,
    /// Largest loudness of 0.4 s.
    pub max_momentary_lufs: Option<f64>,
    /// Largest loudness of 3 s.
    pub max_short_term_lufs: Option<f64>,
    /// Largest true peak of all channels.
    pub true_peak_dbtp: Option<f64>,
    /// Largest sample of all channels.
    pub sample_peak_dbfs: Option<f64>,
    /// True peak above integrated loudness.
    pub plr_lu: Option<f64>,
}

/// Levels of the samples, all channels together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LevelSummary {
    /// AES17: a full-scale sine is 0.
    pub rms_dbfs: Option<f64>,
    /// Sample peak above RMS.
    pub crest_db: Option<f64>,
    /// Samples at full scale.
    pub clipped_samples: u64,
    /// Mean of the channel where it is largest, linear.
    pub dc_offset: Option<f64>,
}

/// Relation of left and right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StereoSummary {
    /// Of the whole, −1 … 1.
    pub correlation: Option<f64>,
    /// Left over right.
    pub balance_db: Option<f64>,
    /// Side over mid; `None` for pure mono.
    pub side_to_mid_db: Option<f64>,
    /// Loudness that folding to mono costs; `None` for layouts other than stereo.
    pub mono_loss_lu: Option<f64>,
    /// The five stereo bands.
    pub bands: Vec<BandSummary>,
}

/// One stereo band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandSummary {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
    /// Band power.
    pub level_dbfs: Option<f64>,
    /// −1 … 1.
    pub correlation: Option<f64>,
    /// Side over mid; `None` for pure mono.
    pub side_to_mid_db: Option<f64>,
}

/// Curves over the frequency grid, `[bin]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpectrumSummary {
    /// Centres of the bins.
    pub frequency_hz: Vec<f64>,
    /// Mean power.
    pub mean_db: Vec<Option<f64>>,
    /// Exceeded nine tenths of the time.
    pub p10_db: Vec<Option<f64>>,
    /// Median.
    pub p50_db: Vec<Option<f64>>,
    /// Exceeded a tenth of the time.
    pub p90_db: Vec<Option<f64>>,
    /// Maximum.
    pub max_db: Vec<Option<f64>>,
}

/// Third-octave bands, `[band]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThirdOctaveSummary {
    /// Exact centres.
    pub center_hz: Vec<f64>,
    /// Mean band power.
    pub mean_db: Vec<Option<f64>>,
}

impl Summary {
    /// The figures of both halves of an analyzer.
    pub fn new(
        format: StreamFormat,
        frames: u64,
        metering: &mut Metering,
        spectral: &SpectralAnalyzer,
    ) -> Self {
        Self {
            schema: 1,
            file: String::new(),
            sample_rate_hz: format.sample_rate_hz,
            channels: format.layout.count(),
            duration_secs: rounded(frames as f64 / f64::from(format.sample_rate_hz)),
            loudness: LoudnessSummary::new(metering),
            levels: LevelSummary::new(metering),
            stereo: StereoSummary::new(metering, spectral),
            punch: PunchSummary::of(metering.measured_points()),
            spectrum: SpectrumSummary::new(&spectral.curves()),
            third_octave: ThirdOctaveSummary::new(&spectral.third_octaves_db()),
        }
    }
}

impl LoudnessSummary {
    fn new(metering: &mut Metering) -> Self {
        let reading = metering.loudness();
        let peak = metering.peak();
        let true_peak_dbtp = existing(db::db_from_amplitude(peak.true_peak.into()));
        Self {
            integrated_lufs: reading.integrated_lufs.and_then(existing),
            range_lu: reading.range_lu.and_then(existing),
            max_momentary_lufs: reading.max_momentary_lufs.and_then(existing),
            max_short_term_lufs: reading.max_short_term_lufs.and_then(existing),
            true_peak_dbtp,
            sample_peak_dbfs: existing(db::db_from_amplitude(peak.sample_peak.into())),
            plr_lu: true_peak_dbtp
                .zip(reading.integrated_lufs)
                .and_then(|(peak, loudness)| existing(peak - loudness)),
        }
    }
}

impl LevelSummary {
    /// Of everything since the start or the last reset.
    pub(super) fn new(metering: &Metering) -> Self {
        Self::of(metering.levels(), metering.peak().clipped_samples)
    }

    /// What meters read.
    pub fn of(levels: Levels, clipped_samples: u64) -> Self {
        Self {
            rms_dbfs: levels.rms_dbfs.and_then(existing),
            crest_db: levels.crest_db.and_then(existing),
            clipped_samples,
            // Full scale is 1.0, so a millionth is −120 dB.
            dc_offset: db::existing(levels.dc_offset)
                .map(|offset| (offset * 1e6).round() / 1e6 + 0.0),
        }
    }
}

impl StereoSummary {
    fn new(metering: &mut Metering, spectral: &SpectralAnalyzer) -> Self {
        let whole = metering.stereo();
        let bands = STEREO_BANDS
            .iter()
            .zip(spectral.bands())
            .map(|(band, reading)| BandSummary {
                low_hz: band.low_hz,
                high_hz: band.high_hz,
                level_dbfs: reading.level_dbfs.and_then(existing),
                correlation: reading.correlation.and_then(existing),
                side_to_mid_db: reading.side_to_mid_db.and_then(existing),
            });
        Self {
            correlation: whole.correlation.and_then(existing),
            balance_db: whole.balance_db.and_then(existing),
            side_to_mid_db: whole.side_to_mid_db.and_then(existing),
            mono_loss_lu: metering.loudness().mono_loss_lu.and_then(existing),
            bands: bands.collect(),
        }
    }
}

impl SpectrumSummary {
    /// The curves with their frequencies.
    pub fn new(curves: &SpectrumCurves) -> Self {
        let levels = |curve: &[f32]| {
            curve
                .iter()
                .map(|&level_db| existing(level_db.into()))
                .collect()
        };
        Self {
            frequency_hz: (0..NUM_BINS)
                .map(|bin| rounded(hz_from_bin(bin as f64)))
                .collect(),
            mean_db: levels(&curves.mean_db),
            p10_db: levels(&curves.p10_db),
            p50_db: levels(&curves.p50_db),
            p90_db: levels(&curves.p90_db),
            max_db: levels(&curves.max_db),
        }
    }
}

impl ThirdOctaveSummary {
    fn new(levels_db: &[Option<f64>; NUM_THIRD_OCTAVES]) -> Self {
        Self {
            center_hz: (0..NUM_THIRD_OCTAVES)
                .map(|n| rounded(third_octave_center_hz(n)))
                .collect(),
            mean_db: levels_db
                .iter()
                .map(|level_db| level_db.and_then(existing))
                .collect(),
        }
    }
}

fn existing(value: f64) -> Option<f64> {
    db::existing(value).map(rounded)
}

/// Three decimals are ten times finer than anything here is known; adding 0 turns −0 into 0.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0 + 0.0
}
