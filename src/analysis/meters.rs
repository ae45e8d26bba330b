//! Everything a meter bridge shows at one moment, as plain data: it travels from the analysis thread to the picture.

use crate::analysis::band_power::{BandReading, STEREO_BANDS};
use crate::analysis::bridge::ChannelLevels;
use crate::analysis::distribution::SpectrumCurves;
use crate::audio::frames::StreamFormat;
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::grid::NUM_BINS;
use crate::dsp::loudness::{LoudnessPoint, LoudnessReading};

/// Loudness points in [`Meters::loudness_points`]: the last 6.4 s.
pub const RECENT_LOUDNESS_POINTS: usize = 64;

/// A moment of a stream. Levels that do not exist are `None`.
#[derive(Clone, Debug)]
pub struct Meters {
    /// Rate and channels.
    pub format: StreamFormat,
    /// Position in the stream up to which everything has been heard, missing frames included.
    pub end_frame: u64,
    /// Frames missing so far, and in how many pieces.
    pub lost_frames: u64,
    /// Gaps so far.
    pub gaps: u64,
    /// M, S, I, LRA and the maxima.
    pub loudness: LoudnessReading,
    /// Points of the loudness history so far, one per 100 ms of the stream.
    pub num_loudness_points: usize,
    /// The newest of them, at most [`RECENT_LOUDNESS_POINTS`], the last being number `num_loudness_points − 1`.
    pub loudness_points: Vec<LoudnessPoint>,
    /// Largest true peak since the reset, over all channels.
    pub true_peak_dbtp: Option<f64>,
    /// Largest sample since the reset, over all channels.
    pub sample_peak_dbfs: Option<f64>,
    /// True peak of the last 3 s above the short-term loudness.
    pub psr_lu: Option<f64>,
    /// True peak above the integrated loudness.
    pub plr_lu: Option<f64>,
    /// Clipped samples since the reset.
    pub clipped_samples: u64,
    /// Correlation of the last 0.6 s.
    pub correlation: Option<f64>,
    /// Left over right of the last 0.6 s; positive leans left.
    pub balance_db: Option<f64>,
    /// Side over mid of the last 0.6 s; `None` for pure mono.
    pub side_to_mid_db: Option<f64>,
    /// Needles of the left and the right channel.
    pub levels: [ChannelLevels; 2],
    /// The five stereo bands over the last second.
    pub bands: [BandReading; STEREO_BANDS.len()],
    /// Live spectrum `[bin]`: tone levels in dBFS, mean power over about 0.3 s; −200 where there is none.
    pub spectrum_db: Vec<f32>,
    /// Percentiles, mean and maximum of the last 20 s, renewed four times a second.
    pub curves: SpectrumCurves,
    /// The newest stereo frames, oldest first; the last one is frame `end_frame − 1`.
    pub scope: Vec<StereoFrame>,
}

impl Meters {
    /// Meters before the first frame.
    pub fn silent(format: StreamFormat) -> Self {
        Self {
            format,
            end_frame: 0,
            lost_frames: 0,
            gaps: 0,
            loudness: LoudnessReading::default(),
            num_loudness_points: 0,
            loudness_points: Vec::with_capacity(RECENT_LOUDNESS_POINTS),
            true_peak_dbtp: None,
            sample_peak_dbfs: None,
            psr_lu: None,
            plr_lu: None,
            clipped_samples: 0,
            correlation: None,
            balance_db: None,
            side_to_mid_db: None,
            levels: [ChannelLevels::default(); 2],
            bands: [BandReading::default(); STEREO_BANDS.len()],
            spectrum_db: vec![-200.0; NUM_BINS],
            curves: SpectrumCurves::silent(),
            scope: Vec::new(),
        }
    }
}
