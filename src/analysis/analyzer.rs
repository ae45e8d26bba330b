//! The Analyzer: the one way from frames to columns and meters, for live input, files, demo and tests.
//!
//! What it finds does not depend on how a stream is cut into blocks, so a file fed live gives the same numbers as
//! the file analysed at once.

use std::sync::Arc;

use crate::analysis::column::{Column, TierColumn};
use crate::analysis::distribution::SpectrumCurves;
use crate::analysis::downmix::append_stereo;
use crate::analysis::metering::Metering;
use crate::analysis::meters::{Meters, Needles, RECENT_LOUDNESS_POINTS};
use crate::analysis::spectral::{Purpose, SpectralAnalyzer};
use crate::analysis::summary::{LevelSummary, Summary};
use crate::audio::frames::StreamFormat;
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::loudness::{LoudnessPoint, Tenth};
use crate::dsp::slots::LONGEST_GAP_SECS;
use crate::units::db;

/// The live percentile curves are renewed after this many frames' part of a second.
const CURVES_PER_SEC: u64 = 4;
/// A longer absence is jumped over: passing over silence at 150 times real time would take minutes for a night.
const LONGEST_PASSED_OVER_SECS: f64 = 2.0;
/// Frames downmixed at a time.
const BLOCK_FRAMES: usize = 4096;

/// Analyses one stream.
pub struct Analyzer {
    format: StreamFormat,
    spectral: SpectralAnalyzer,
    metering: Metering,
    stereo: Vec<StereoFrame>,
    end_frame: u64,
    lost_frames: u64,
    gaps: u64,
    curves: Arc<SpectrumCurves>,
    curves_due_frame: u64,
}

impl Analyzer {
    /// An analyzer of a live stream that is also summed up.
    pub fn new(format: StreamFormat) -> Self {
        Self::with_purpose(format, Purpose::LiveProgramme)
    }

    /// An analyzer for a purpose: a programme leaves out what only a live picture shows, and nothing else differs.
    pub fn with_purpose(format: StreamFormat, purpose: Purpose) -> Self {
        Self {
            format,
            spectral: SpectralAnalyzer::new(format.sample_rate_hz, purpose),
            metering: Metering::new(format, purpose),
            stereo: Vec::with_capacity(BLOCK_FRAMES),
            end_frame: 0,
            lost_frames: 0,
            gaps: 0,
            curves: Arc::new(SpectrumCurves::silent()),
            curves_due_frame: 0,
        }
    }

    /// Rate and channels.
    pub fn format(&self) -> StreamFormat {
        self.format
    }

    /// Frames between columns: column `i` of tier 0 is centred on frame `i · hop`.
    pub fn hop_frames(&self) -> usize {
        self.spectral.hop_frames()
    }

    /// Position in the stream of the next frame, missing ones included.
    pub fn end_frame(&self) -> u64 {
        self.end_frame
    }

    /// Analyses interleaved whole frames and appends the columns they complete, each exactly once and in order
    /// within its tier.
    pub fn process(&mut self, interleaved: &[f32], columns: &mut Vec<TierColumn>) {
        let channels = self.format.layout.count().max(1);
        let whole = interleaved.len() / channels * channels;
        for block in interleaved[..whole].chunks(BLOCK_FRAMES * channels) {
            self.stereo.clear();
            append_stereo(self.format, block, &mut self.stereo);
            self.spectral.process(&self.stereo, columns);
            self.metering.process(block, &self.stereo);
        }
        self.end_frame += (whole / channels) as u64;
    }

    /// As [`process`](Self::process), for a second or so of a file: the spectral half, and the metering half with
    /// `meanwhile`, on two threads. The results are the same to the bit.
    pub fn process_in_parallel<T: Send>(
        &mut self,
        interleaved: &[f32],
        columns: &mut Vec<TierColumn>,
        meanwhile: impl FnOnce() -> T + Send,
    ) -> T {
        let channels = self.format.layout.count().max(1);
        let whole = interleaved.len() / channels * channels;
        let block = &interleaved[..whole];
        self.stereo.clear();
        append_stereo(self.format, block, &mut self.stereo);
        self.end_frame += self.stereo.len() as u64;
        let (spectral, metering, stereo) = (&mut self.spectral, &mut self.metering, &self.stereo);
        let metering_and_more = || {
            metering.process(block, stereo);
            meanwhile()
        };
        rayon::join(|| spectral.process(stereo, columns), metering_and_more).1
    }

    /// Passes over missing frames: their columns are absent, the meters start anew behind them, and one more gap is
    /// counted. All absent columns are appended, so pass over a long gap in pieces: [`count_gap`](Self::count_gap)
    /// once, then [`skip`](Self::skip).
    pub fn gap(&mut self, frames: u64, columns: &mut Vec<TierColumn>) {
        self.count_gap();
        self.skip(frames, columns);
    }

    /// The next frames come from the middle of a sound, as a device's first ones do: a step from silence that nobody
    /// played is no peak.
    pub fn begin_midway(&mut self) {
        self.metering.begin_midway();
    }

    /// The next frames, so many, are heard, but the curves of the last seconds are not of them.
    pub fn leave_out(&mut self, frames: u64) {
        self.spectral.leave_out(frames);
    }

    /// Counts a gap whose frames follow.
    pub fn count_gap(&mut self) {
        self.gaps += 1;
    }

    /// Passes over missing frames of a gap already counted.
    pub fn skip(&mut self, frames: u64, columns: &mut Vec<TierColumn>) {
        self.spectral.gap(frames, columns);
        self.metering.gap(frames);
        self.end_frame += frames;
        self.lost_frames += frames;
    }

    /// Goes on after seconds known to be missing, perhaps in another format: one more gap on the same axis of time.
    /// From here on [`format`](Self::format), [`end_frame`](Self::end_frame), the hop and the lost frames count in
    /// frames of the new rate, those of before converted. Absent columns of a long absence are not appended one by
    /// one: the indices jump, and of each tier the last absent one is appended. Returns the length of `columns` at
    /// which those of the new format begin.
    pub fn resume(
        &mut self,
        format: StreamFormat,
        missing_secs: f64,
        columns: &mut Vec<TierColumn>,
    ) -> usize {
        let missing_secs = missing_secs.clamp(0.0, LONGEST_GAP_SECS as f64);
        let rate = f64::from(format.sample_rate_hz.max(1));
        let missing = ((missing_secs * rate).round() as u64).max(1);
        if format == self.format && missing_secs < LONGEST_PASSED_OVER_SECS {
            self.gap(missing, columns);
            return columns.len();
        }
        let scale = rate / f64::from(self.format.sample_rate_hz.max(1));
        let converted = |frames: u64| (frames as f64 * scale).round() as u64;
        let position = converted(self.end_frame) + missing;
        let first_new = self
            .spectral
            .resume(format.sample_rate_hz, position, columns);
        if format == self.format {
            self.metering.gap(missing);
        } else {
            self.metering.resume(format, position);
        }
        self.format = format;
        self.end_frame = position;
        self.lost_frames = converted(self.lost_frames) + missing;
        self.gaps += 1;
        self.curves_due_frame = 0;
        first_new
    }

    /// Completes the columns and the measurement of a stream that has ended; nothing may be processed afterwards.
    pub fn finish(&mut self, columns: &mut Vec<TierColumn>) {
        self.spectral.finish(columns);
        self.metering.finish();
    }

    /// Columns of tier 0 still under way, up to the present; see [`SpectralAnalyzer::provisional`].
    pub fn provisional(&mut self, columns: &mut Vec<Column>) {
        self.spectral.provisional(columns);
    }

    /// What the meters show now.
    pub fn meters(&mut self) -> Meters {
        let mut meters = Meters::silent(self.format);
        self.write_meters(&mut meters);
        meters
    }

    /// Writes what the meters show now over older meters, whose storage is used again.
    pub fn write_meters(&mut self, meters: &mut Meters) {
        let peak = self.metering.peak();
        let loudness = self.metering.loudness();
        let above = |peak_db: Option<f64>, loudness: Option<f64>| Some(peak_db? - loudness?);
        meters.format = self.format;
        meters.end_frame = self.end_frame;
        meters.lost_frames = self.lost_frames;
        meters.gaps = self.gaps;
        meters.true_peak_dbtp = db::existing(db::db_from_amplitude(peak.true_peak.into()));
        meters.sample_peak_dbfs = db::existing(db::db_from_amplitude(peak.sample_peak.into()));
        meters.clipped_samples = peak.clipped_samples;
        meters.measured = LevelSummary::new(&self.metering);
        meters.plr_lu = above(meters.true_peak_dbtp, loudness.integrated_lufs);
        meters.psr_lu = above(
            self.metering.recent_true_peak_dbtp(),
            loudness.short_term_lufs,
        );
        meters.loudness = loudness;
        let points = self.metering.loudness_points();
        meters.num_loudness_points = points.len();
        meters.loudness_points.clear();
        let newest = points.len().saturating_sub(RECENT_LOUDNESS_POINTS);
        meters.loudness_points.extend_from_slice(&points[newest..]);
        meters.set_needles(self.needles());
        self.spectral
            .write_live_spectrum_db(&mut meters.spectrum_db);
        if self.end_frame >= self.curves_due_frame {
            if let Some(curves) = self.spectral.new_live_curves() {
                self.curves = Arc::new(curves);
            }
            self.curves_due_frame =
                self.end_frame + u64::from(self.format.sample_rate_hz) / CURVES_PER_SEC;
        }
        meters.curves = Arc::clone(&self.curves);
        meters.scope.clear();
        meters.scope.extend_from_slice(self.metering.scope());
    }

    /// Of what the meters show now that which moves within tenths of a second.
    pub fn needles(&self) -> Needles {
        let stereo = self.metering.recent_stereo();
        Needles {
            correlation: stereo.correlation,
            balance_db: stereo.balance_db,
            side_to_mid_db: stereo.side_to_mid_db,
            levels: self.metering.bridge(),
            bands: self.spectral.live_bands(),
        }
    }

    /// Every point of the loudness history, one per 100 ms of the stream.
    pub fn loudness_points(&self) -> &[LoudnessPoint] {
        self.metering.loudness_points()
    }

    /// See [`Metering::tenths`].
    pub fn tenths(&self) -> &[Tenth] {
        self.metering.tenths()
    }

    /// Begins everything that accumulates anew: integrated loudness, range, maxima, curves. Columns go on.
    pub fn reset_measurement(&mut self) {
        self.spectral.reset_measurement();
        self.metering.reset_measurement();
        self.curves_due_frame = 0;
    }

    /// Measures on as if it had not been reset the last time; a format that came since has nothing to go back to.
    pub fn undo_reset(&mut self) {
        self.spectral.undo_reset();
        self.metering.undo_reset();
        self.curves_due_frame = 0;
    }

    /// Curves of everything since the start or the last reset; silent for [`Purpose::Live`].
    pub fn curves(&self) -> SpectrumCurves {
        self.spectral.curves()
    }

    /// Every figure of everything since the start or the last reset; of [`Purpose::Live`] without the spectrum.
    pub fn summary(&mut self) -> Summary {
        Summary::new(
            self.format,
            self.end_frame,
            &mut self.metering,
            &self.spectral,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::ChannelLayout;
    use crate::dsp::grid::NUM_BINS;
    use std::collections::BTreeMap;

    type Columns = BTreeMap<(u8, u64), [u32; NUM_BINS]>;

    fn columns_around(absence: impl Fn(&mut Analyzer, &mut Vec<TierColumn>)) -> (Columns, Meters) {
        let format = StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        };
        let mut analyzer = Analyzer::new(format);
        let mut columns = vec![];
        let sound: Vec<f32> = (0..48_000 * 2 * 7)
            .map(|n| 0.2 * (n as f32 * 0.011).sin() * (n as f32 * 0.003).cos())
            .collect();
        let (before, behind) = sound.split_at(48_000 * 2 * 3 + 2 * 77);
        analyzer.process(before, &mut columns);
        absence(&mut analyzer, &mut columns);
        analyzer.process(behind, &mut columns);
        let meters = analyzer.meters();
        let columns = columns
            .iter()
            .map(|column| ((column.tier, column.column.index), column.column.bins))
            .collect();
        (columns, meters)
    }

    #[test]
    fn jumping_over_an_absence_gives_what_passing_over_every_frame_of_it_gives() {
        let frames = 48_000 * 31 + 1_234;
        let secs = f64::from(frames) / 48_000.0;
        let (passed, meters) =
            columns_around(|analyzer, columns| analyzer.gap(frames as u64, columns));
        let (jumped, same) = columns_around(|analyzer, columns| {
            analyzer.resume(analyzer.format(), secs, columns);
        });
        assert!(jumped.len() < passed.len() / 2);
        for (at, bins) in &jumped {
            assert!(passed.get(at) == Some(bins), "tier and index {at:?}");
        }
        let absent = [0; NUM_BINS];
        for (at, bins) in passed.iter().filter(|(at, _)| !jumped.contains_key(at)) {
            assert!(*bins == absent, "tier and index {at:?}");
        }
        assert_eq!(meters.end_frame, same.end_frame);
        assert_eq!(meters.lost_frames, same.lost_frames);
        assert_eq!(meters.loudness, same.loudness);
        assert_eq!(meters.num_loudness_points, same.num_loudness_points);
    }
}
