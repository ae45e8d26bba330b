//! The metering half of the Analyzer: loudness, true peak, levels and the vectorscope's frames.
//!
//! It shares nothing with the spectral half but the frames, so that a file's two halves run on two threads.

use crate::analysis::bridge::{ChannelLevels, LevelBridge};
use crate::analysis::spectral::Purpose;
use crate::audio::frames::StreamFormat;
use crate::dsp::frame_history::{FrameHistory, StereoFrame};
use crate::dsp::levels::{LevelMeter, Levels};
use crate::dsp::loudness::{LoudnessMeter, LoudnessPoint, LoudnessReading, Tenth};
use crate::dsp::punch::{FIRST_POINTS, PunchMeter};
use crate::dsp::stereo::{DEFAULT_WINDOW_SECS, StereoMeter, StereoReading};
use crate::dsp::true_peak::{ChannelPeak, RECENT_SECS, TruePeakMeter};
use crate::units::db;

/// Seconds of stereo frames kept for the vectorscope: pictures that come less often than this skip some.
const SCOPE_SECS: f64 = 0.0853;
/// Stereo frames are taken in blocks of at most this many.
const BLOCK_FRAMES: usize = 4096;

/// Room for tenths of a second made at the start, one hour; growing beyond is amortised.
const RESERVED_TENTHS: usize = 36_000;
/// Seconds of peaks that each has: its own and the slot of 10 ms that has just begun.
const TENTH_PEAK_SECS: f64 = 0.11;

/// Stereo frames kept for the vectorscope at a sample rate.
pub fn scope_frames(sample_rate_hz: u32) -> usize {
    (SCOPE_SECS * f64::from(sample_rate_hz)).ceil() as usize
}

/// Meters of a stream.
pub struct Metering {
    loudness: LoudnessMeter,
    true_peak: TruePeakMeter,
    levels: LevelMeter,
    /// One for each point of the history, of what goes on; none of a programme, whose points say all.
    tenths: Vec<Tenth>,
    punch: PunchMeter,
    /// Number of the first point that is of what is measured, and of what was before the last reset.
    measured_from: [usize; 2],
    stereo: StereoMeter,
    scope: FrameHistory,
    scope_frames: usize,
    /// Needles, where somebody looks.
    bridge: Option<LevelBridge>,
}

impl Metering {
    /// Meters of a format.
    pub fn new(format: StreamFormat, purpose: Purpose) -> Self {
        let channels = format.layout.count().max(1);
        let scope_frames = scope_frames(format.sample_rate_hz);
        Self {
            loudness: LoudnessMeter::new(format.sample_rate_hz, &format.layout.loudness_weights()),
            true_peak: TruePeakMeter::new(format.sample_rate_hz, channels),
            levels: LevelMeter::new(channels),
            tenths: Vec::with_capacity(if purpose.is_live() {
                RESERVED_TENTHS
            } else {
                0
            }),
            punch: PunchMeter::new(format.sample_rate_hz),
            measured_from: [0; 2],
            stereo: StereoMeter::new(format.sample_rate_hz, 2, DEFAULT_WINDOW_SECS),
            scope: FrameHistory::new(scope_frames, BLOCK_FRAMES, 0),
            scope_frames,
            bridge: purpose
                .is_live()
                .then(|| LevelBridge::new(format.sample_rate_hz)),
        }
    }

    /// Hears interleaved frames and their stereo pair.
    pub fn process(&mut self, interleaved: &[f32], stereo: &[StereoFrame]) {
        self.process_history(interleaved, stereo);
        self.levels.process(interleaved);
        self.stereo.process(stereo.as_flattened());
        if let Some(bridge) = &mut self.bridge {
            bridge.process(stereo);
        }
        for block in stereo.chunks(BLOCK_FRAMES) {
            self.scope.push(block);
        }
    }

    /// What the points of the history are made of, point by point.
    fn process_history(&mut self, interleaved: &[f32], stereo: &[StereoFrame]) {
        let channels = interleaved.len() / stereo.len().max(1);
        let mut done = 0;
        while done < stereo.len() {
            let end = stereo.len().min(done + self.punch.frames_left());
            let frames = &interleaved[done * channels..end * channels];
            self.loudness.process(frames);
            self.true_peak.process(frames);
            if self.punch.process(&stereo[done..end]) {
                let peak_dbtp = self.recent_true_peak_dbtp();
                let mut punch = self.punch.point();
                self.loudness.add_to_newest(|newest| {
                    let lufs = newest.short_term().map(f64::from);
                    if let (Some(peak_dbtp), Some(lufs)) = (peak_dbtp, lufs) {
                        punch.psr_lu = (peak_dbtp - lufs) as f32;
                    }
                    punch
                });
                self.note_tenth();
            }
            done = end;
        }
    }

    /// What the newest point ends with, by itself.
    fn note_tenth(&mut self) {
        if self.bridge.is_none() {
            return;
        }
        self.tenths
            .resize(self.loudness_points().len(), Tenth::ABSENT);
        let energy = self.loudness.newest_energy();
        if let Some((newest, energy)) = self.tenths.last_mut().zip(energy) {
            *newest = Tenth {
                energy: energy as f32,
                true_peak: self.true_peak.recent_true_peak(TENTH_PEAK_SECS),
            };
        }
    }

    /// Passes over missing frames.
    pub fn gap(&mut self, frames: u64) {
        self.loudness.skip(frames);
        self.true_peak.skip(frames);
        self.punch.skip(frames);
        self.stereo.skip(frames);
        if let Some(bridge) = &mut self.bridge {
            bridge.gap();
        }
        let silence = [[0.0; 2]; 64];
        for _ in 0..frames.min(self.scope_frames as u64).div_ceil(64) {
            self.scope.push(&silence);
        }
    }

    /// Goes on in another format behind a gap that ends at frame `position` of the new rate: integrated loudness,
    /// range, maxima and history are kept; levels and stereo of the whole programme start anew.
    pub fn resume(&mut self, format: StreamFormat, position: u64) {
        let purpose = match self.bridge {
            Some(_) => Purpose::Live,
            None => Purpose::Programme,
        };
        let next = Self::new(format, purpose);
        let before = std::mem::replace(self, next);
        let rate = format.sample_rate_hz;
        let weights = format.layout.loudness_weights();
        self.loudness = before.loudness.in_format(rate, &weights, position);
        let channels = format.layout.count().max(1);
        self.true_peak = before.true_peak.in_format(rate, channels, position);
        self.punch.skip(position);
        self.tenths = before.tenths;
        self.measured_from = before.measured_from;
    }

    /// See [`TruePeakMeter::begin_midway`].
    pub fn begin_midway(&mut self) {
        self.true_peak.begin_midway();
    }

    /// Completes the measurement of a stream that has ended.
    pub fn finish(&mut self) {
        self.loudness.finish_range();
        self.true_peak.finish();
    }

    /// Begins everything that accumulates anew.
    pub fn reset_measurement(&mut self) {
        self.loudness.reset();
        self.true_peak.reset();
        self.levels.reset();
        // What reaches back before the reset is not of what is measured.
        let from = self.loudness_points().len() + FIRST_POINTS;
        self.measured_from = [from, self.measured_from[0]];
        self.stereo.reset();
        if let Some(bridge) = &mut self.bridge {
            bridge.reset();
        }
    }

    /// As if it had not been reset the last time.
    pub fn undo_reset(&mut self) {
        self.loudness.undo_reset();
        self.true_peak.undo_reset();
        self.levels.undo_reset();
        self.measured_from = [self.measured_from[1]; 2];
        self.stereo.undo_reset();
        if let Some(bridge) = &mut self.bridge {
            bridge.undo_reset();
        }
    }

    /// All loudness figures.
    pub fn loudness(&mut self) -> LoudnessReading {
        self.loudness.reading()
    }

    /// A point for every 100 ms of the stream.
    pub fn loudness_points(&self) -> &[LoudnessPoint] {
        self.loudness.history()
    }

    /// What each of them ends with, by itself; at the end of a gap there may be fewer.
    pub fn tenths(&self) -> &[Tenth] {
        &self.tenths
    }

    /// Those that are of what is measured since the start or the last reset.
    pub fn measured_points(&self) -> &[LoudnessPoint] {
        let points = self.loudness_points();
        &points[self.measured_from[0].min(points.len())..]
    }

    /// Largest peaks of all channels and the counts of clipped samples.
    pub fn peak(&self) -> ChannelPeak {
        self.true_peak.peak()
    }

    /// Largest true peak of the last 3 s in dBTP.
    pub fn recent_true_peak_dbtp(&self) -> Option<f64> {
        let peak = self.true_peak.recent_true_peak(RECENT_SECS);
        db::existing(db::db_from_amplitude(peak.into()))
    }

    /// RMS, sample peak and direct current of all channels.
    pub fn levels(&self) -> Levels {
        self.levels.levels()
    }

    /// Needles of left and right; at rest in a programme, which nobody watches.
    pub fn bridge(&self) -> [ChannelLevels; 2] {
        let levels = self.bridge.as_ref().map(LevelBridge::levels);
        // A sum of more channels than two may be higher than full scale where none of them is.
        let most_dbfs = db::db_from_amplitude(self.peak().sample_peak.into());
        levels.unwrap_or_default().map(|channel| ChannelLevels {
            highest_dbfs: channel.highest_dbfs.map(|dbfs| dbfs.min(most_dbfs)),
            ..channel
        })
    }

    /// Correlation, balance and width of the last 0.6 s.
    pub fn recent_stereo(&self) -> StereoReading {
        self.stereo.reading()
    }

    /// Correlation, balance and width of everything since the start or the last reset.
    pub fn stereo(&self) -> StereoReading {
        self.stereo.programme()
    }

    /// The newest [`scope_frames`] stereo frames, oldest first; silence before the stream's start.
    pub fn scope(&self) -> &[StereoFrame] {
        self.scope.slice(
            self.scope.end() - self.scope_frames as i64,
            self.scope_frames,
        )
    }
}
