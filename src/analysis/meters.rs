//! Everything a meter bridge shows at one moment, as plain data: it travels from the analysis thread to the picture.

use std::sync::Arc;

use crate::analysis::band_power::{BandReading, STEREO_BANDS};
use crate::analysis::bridge::ChannelLevels;
use crate::analysis::distribution::SpectrumCurves;
use crate::analysis::summary::LevelSummary;
use crate::audio::frames::StreamFormat;
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::grid::NUM_BINS;
use crate::dsp::loudness::{LoudnessPoint, LoudnessReading};

/// Loudness points in [`Meters::loudness_points`]: the last 6.4 s.
pub const RECENT_LOUDNESS_POINTS: usize = 64;

/// A moment of a stream. Levels that do not exist are `None`.
// Many fields: one for each figure, needle, curve and stretch of sound that a moment of the picture is drawn from.
#[derive(Debug)]
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
    /// RMS, crest, clipped samples and DC of everything since the start or the last reset.
    pub measured: LevelSummary,
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
    pub curves: Arc<SpectrumCurves>,
    /// The newest stereo frames, oldest first; the last one is frame `end_frame − 1`.
    pub scope: Vec<StereoFrame>,
}

/// What of meters moves within tenths of a second.
#[derive(Clone, Copy, Debug)]
pub struct Needles {
    /// As in [`Meters`].
    pub correlation: Option<f64>,
    /// As in [`Meters`].
    pub balance_db: Option<f64>,
    /// As in [`Meters`].
    pub side_to_mid_db: Option<f64>,
    /// As in [`Meters`].
    pub levels: [ChannelLevels; 2],
    /// As in [`Meters`].
    pub bands: [BandReading; STEREO_BANDS.len()],
}

impl Clone for Meters {
    fn clone(&self) -> Self {
        Self {
            loudness_points: self.loudness_points.clone(),
            spectrum_db: self.spectrum_db.clone(),
            curves: Arc::clone(&self.curves),
            scope: self.scope.clone(),
            ..*self
        }
    }

    /// Uses the storage again: every picture takes meters over.
    fn clone_from(&mut self, source: &Self) {
        let mut loudness_points = std::mem::take(&mut self.loudness_points);
        loudness_points.clone_from(&source.loudness_points);
        let mut spectrum_db = std::mem::take(&mut self.spectrum_db);
        spectrum_db.clone_from(&source.spectrum_db);
        let mut scope = std::mem::take(&mut self.scope);
        scope.clone_from(&source.scope);
        *self = Self {
            loudness_points,
            spectrum_db,
            curves: Arc::clone(&source.curves),
            scope,
            ..*source
        };
    }
}

impl Meters {
    /// Puts the needles where they stand at another moment.
    pub fn set_needles(&mut self, needles: Needles) {
        self.correlation = needles.correlation;
        self.balance_db = needles.balance_db;
        self.side_to_mid_db = needles.side_to_mid_db;
        self.levels = needles.levels;
        self.bands = needles.bands;
    }

    /// Figures of all that was measured, with those of an earlier moment.
    pub fn at_moment(&self, there: &Self) -> Self {
        Self {
            loudness: LoudnessReading {
                momentary_lufs: there.loudness.momentary_lufs,
                short_term_lufs: there.loudness.short_term_lufs,
                mono_loss_short_term_lu: there.loudness.mono_loss_short_term_lu,
                ..self.loudness
            },
            true_peak_dbtp: self.true_peak_dbtp,
            sample_peak_dbfs: self.sample_peak_dbfs,
            plr_lu: self.plr_lu,
            clipped_samples: self.clipped_samples,
            measured: self.measured,
            lost_frames: self.lost_frames,
            gaps: self.gaps,
            ..there.clone()
        }
    }

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
            measured: LevelSummary::default(),
            correlation: None,
            balance_db: None,
            side_to_mid_db: None,
            levels: [ChannelLevels::default(); 2],
            bands: [BandReading::default(); STEREO_BANDS.len()],
            spectrum_db: vec![-200.0; NUM_BINS],
            curves: Arc::new(SpectrumCurves::silent()),
            scope: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::ChannelLayout;

    #[test]
    fn meters_taken_over_are_the_same_and_in_the_storage_that_was_there() {
        let silent = || {
            Meters::silent(StreamFormat {
                sample_rate_hz: 48_000,
                layout: ChannelLayout::Stereo,
            })
        };
        let source = Meters {
            end_frame: 7,
            spectrum_db: vec![-3.0; NUM_BINS],
            scope: vec![[0.5; 2]; 100],
            ..silent()
        };
        let mut taken = silent();
        taken.clone_from(&source);
        let places = |meters: &Meters| {
            [
                meters.spectrum_db.as_ptr().addr(),
                meters.scope.as_ptr().addr(),
            ]
        };
        let before = places(&taken);
        taken.clone_from(&source);
        assert_eq!(places(&taken), before);
        assert_eq!(taken.end_frame, 7);
        assert_eq!(taken.spectrum_db, source.spectrum_db);
        assert_eq!(taken.scope, source.scope);
    }
}
