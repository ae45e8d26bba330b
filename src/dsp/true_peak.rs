//! True peak after ITU-R BS.1770-5 annex 2: the largest magnitude between the samples, not only at them.
//!
//! Oversampled 8× below 96 kHz, 4× below 192 kHz and 2× from there on, with a parabola through the highest points:
//! sines up to 20 kHz stay within ±0.04 dB at any phase (the standard's own 4× filter reads 0.45 dB low at the top). Peaks above full scale, as in
//! float and decoded lossy files, are kept. Clipping is counted here too, as this is the pass that sees every sample.

use super::half_band::{Factor, LATENCY_FRAMES, MAX_FRAMES, Oversampler, largest};
use super::samples::sound;
use super::slots::SlotClock;

/// A sample at or above this magnitude is clipped: the largest positive value of 16-bit audio, 0.0003 dB below 1.0,
/// which a converter or a limiter to 0 dBFS cannot exceed.
pub const CLIP_LEVEL: f32 = 32767.0 / 32768.0;
/// An over is this many clipped samples in a row in one channel; a longer run is still one over.
pub const OVER_RUN: u64 = 3;
/// The longest span of [`TruePeakMeter::recent_true_peak`].
pub const RECENT_SECS: f64 = 3.0;

/// 10 ms slots remembered.
const RECENT_SLOTS: usize = 300;

/// Peaks and clipping of one channel since the start or the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ChannelPeak {
    /// Largest magnitude of the oversampled signal, linear; never below `sample_peak`.
    pub true_peak: f32,
    /// Largest magnitude of a sample, linear.
    pub sample_peak: f32,
    /// Samples at or above [`CLIP_LEVEL`].
    pub clipped_samples: u64,
    /// Runs of at least [`OVER_RUN`] clipped samples.
    pub overs: u64,
}

impl ChannelPeak {
    /// The largest peaks and the sums of the counts.
    fn and(self, other: Self) -> Self {
        Self {
            true_peak: self.true_peak.max(other.true_peak),
            sample_peak: self.sample_peak.max(other.sample_peak),
            clipped_samples: self.clipped_samples + other.clipped_samples,
            overs: self.overs + other.overs,
        }
    }
}

/// Measures the true peak of one stream.
#[derive(Clone, Debug)]
pub struct TruePeakMeter {
    channels: Vec<Channel>,
    /// Counts the frames that have come out of the oversampler.
    clock: SlotClock,
    /// Frames until the oversampler's output has reached the start of the stream (or the end of a gap).
    lead: usize,
    /// Frames of output that depend on sound nobody heard, so that they count for nothing.
    unknown: usize,
    /// `recent[slot % 300]`: largest true peak of all channels in a 10 ms slot.
    recent: Vec<f32>,
    /// Of the same measurement in an earlier format, over all channels.
    earlier: ChannelPeak,
    /// The peaks of each channel and the earlier ones, before the last reset.
    before: (Vec<ChannelPeak>, ChannelPeak),
}

#[derive(Clone, Debug)]
struct Channel {
    oversampler: Oversampler,
    peak: ChannelPeak,
    /// True peak of the current slot, since a reset within it.
    slot_peak: f32,
    clipped_run: u64,
}

impl TruePeakMeter {
    /// A meter for interleaved frames.
    pub fn new(sample_rate_hz: u32, channels: usize) -> Self {
        let factor = match sample_rate_hz {
            ..96_000 => Factor::Eight,
            96_000..192_000 => Factor::Four,
            _ => Factor::Two,
        };
        let channel = Channel {
            oversampler: Oversampler::new(factor),
            peak: ChannelPeak::default(),
            slot_peak: 0.0,
            clipped_run: 0,
        };
        Self {
            channels: vec![channel; channels.max(1)],
            clock: SlotClock::new(sample_rate_hz),
            lead: LATENCY_FRAMES,
            unknown: 0,
            recent: vec![0.0; RECENT_SLOTS],
            earlier: ChannelPeak::default(),
            before: (
                vec![ChannelPeak::default(); channels.max(1)],
                ChannelPeak::default(),
            ),
        }
    }

    /// The same measurement going on in another format, behind a gap that ends at frame `position` of the new rate:
    /// the peaks and counts over all channels are kept.
    pub fn in_format(mut self, sample_rate_hz: u32, channels: usize, position: u64) -> Self {
        // The oversampler still holds the last frames.
        self.finish();
        let mut next = Self::new(sample_rate_hz, channels);
        next.earlier = self.peak();
        next.skip(position);
        next
    }

    /// The next frames come from the middle of a sound: what was before them is not known, so nothing is interpolated
    /// where it would count. A step from silence rings by up to a decibel that nobody plays.
    pub fn begin_midway(&mut self) {
        self.unknown = 2 * LATENCY_FRAMES;
    }

    /// Hears interleaved frames, any number; the results do not depend on how a stream is cut.
    pub fn process(&mut self, interleaved: &[f32]) {
        let count = self.channels.len();
        let mut rest = interleaved;
        while rest.len() >= count {
            let frames = self.frames_at_once(rest.len() / count);
            let (now, later) = rest.split_at(frames * count);
            for (index, channel) in self.channels.iter_mut().enumerate() {
                channel.take(now, index, count);
            }
            self.interpolate(frames);
            rest = later;
        }
    }

    /// At the end of a file: looks for peaks among the last [`LATENCY_FRAMES`] frames too.
    pub fn finish(&mut self) {
        let mut left = LATENCY_FRAMES;
        while left > 0 {
            let frames = self.frames_at_once(left);
            for channel in &mut self.channels {
                channel.oversampler.input(frames).fill(0.0);
            }
            self.interpolate(frames);
            left -= frames;
        }
        for channel in &mut self.channels {
            channel.oversampler.clear();
            channel.clipped_run = 0;
        }
        self.lead = LATENCY_FRAMES;
    }

    /// A gap of frames known to be missing: nothing is interpolated across it.
    pub fn skip(&mut self, frames: u64) {
        if frames == 0 {
            return;
        }
        self.unknown = LATENCY_FRAMES;
        self.finish();
        self.begin_midway();
        let before = self.clock.slot();
        self.clock.jump(frames);
        for slot in before + 1..=self.clock.slot().min(before + RECENT_SLOTS as u64) {
            self.recent[slot as usize % RECENT_SLOTS] = 0.0;
        }
        if self.clock.slot() > before {
            self.begin_slot();
        }
    }

    /// Restarts the maxima and the counts; the recent peaks go on.
    pub fn reset(&mut self) {
        for (before, channel) in self.before.0.iter_mut().zip(&self.channels) {
            *before = channel.peak;
        }
        self.before.1 = self.earlier;
        for channel in &mut self.channels {
            channel.peak = ChannelPeak::default();
            channel.slot_peak = 0.0;
        }
        self.earlier = ChannelPeak::default();
    }

    /// As if it had not been reset the last time.
    pub fn undo_reset(&mut self) {
        for (channel, before) in self.channels.iter_mut().zip(&mut self.before.0) {
            channel.peak = channel.peak.and(std::mem::take(before));
        }
        self.earlier = self.earlier.and(std::mem::take(&mut self.before.1));
    }

    /// Peaks and counts of each channel, `[channel]`.
    pub fn channel_peaks(&self) -> impl ExactSizeIterator<Item = ChannelPeak> + '_ {
        self.channels.iter().map(|channel| channel.peak)
    }

    /// Over all channels: the largest peaks, the sums of the counts.
    pub fn peak(&self) -> ChannelPeak {
        self.channel_peaks().fold(self.earlier, ChannelPeak::and)
    }

    /// Largest true peak of all channels over the last seconds, at most [`RECENT_SECS`], on the 10 ms grid, linear.
    /// PSR is its level minus the short-term loudness.
    pub fn recent_true_peak(&self, secs: f64) -> f32 {
        let slots = ((secs.clamp(0.0, RECENT_SECS) * 100.0).round() as u64).max(1);
        let newest = self.clock.slot();
        let oldest = (newest + 1).saturating_sub(slots);
        (oldest..=newest)
            .map(|slot| self.recent[slot as usize % RECENT_SLOTS])
            .fold(0.0, f32::max)
    }

    /// As many frames as fit the oversampler, without leaving the slot its output is in.
    fn frames_at_once(&self, frames: usize) -> usize {
        let until_border = if self.lead > 0 {
            self.lead
        } else {
            self.clock.frames_left()
        };
        let until_known = match self.unknown {
            0 => MAX_FRAMES,
            unknown => unknown,
        };
        frames.min(until_border).min(until_known).min(MAX_FRAMES)
    }

    fn begin_slot(&mut self) {
        self.recent[self.clock.slot() as usize % RECENT_SLOTS] = 0.0;
        self.channels
            .iter_mut()
            .for_each(|channel| channel.slot_peak = 0.0);
    }

    fn interpolate(&mut self, frames: usize) {
        let slot = self.clock.slot() as usize % RECENT_SLOTS;
        let is_known = self.unknown == 0;
        self.unknown = self.unknown.saturating_sub(frames);
        for channel in &mut self.channels {
            let peak = channel.oversampler.peak_above(channel.slot_peak, frames);
            if !is_known {
                continue;
            }
            channel.slot_peak = peak;
            channel.peak.true_peak = channel.peak.true_peak.max(channel.slot_peak);
            self.recent[slot] = self.recent[slot].max(channel.slot_peak);
        }
        if self.lead > 0 {
            self.lead -= frames;
        } else if self.clock.advance(frames) {
            self.begin_slot();
        }
    }
}

impl Channel {
    /// Copies this channel out of interleaved frames and looks at the samples themselves.
    fn take(&mut self, interleaved: &[f32], index: usize, channels: usize) {
        let input = self.oversampler.input(interleaved.len() / channels);
        if channels == 2 {
            let (frames, _) = interleaved.as_chunks::<2>();
            for (sample, frame) in input.iter_mut().zip(frames) {
                *sample = sound(frame[index]);
            }
        } else {
            for (sample, frame) in input.iter_mut().zip(interleaved.chunks_exact(channels)) {
                *sample = sound(frame[index]);
            }
        }
        let peak = largest_magnitude(input);
        self.peak.sample_peak = self.peak.sample_peak.max(peak);
        self.peak.true_peak = self.peak.true_peak.max(peak);
        if peak < CLIP_LEVEL {
            self.clipped_run = 0;
            return;
        }
        for sample in input {
            if sample.abs() >= CLIP_LEVEL {
                self.peak.clipped_samples += 1;
                self.clipped_run += 1;
                self.peak.overs += u64::from(self.clipped_run == OVER_RUN);
            } else {
                self.clipped_run = 0;
            }
        }
    }
}

fn largest_magnitude(samples: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    let (chunks, rest) = samples.as_chunks::<8>();
    for chunk in chunks {
        for (lane, sample) in lanes.iter_mut().zip(chunk) {
            let magnitude = sample.abs();
            *lane = if magnitude > *lane { magnitude } else { *lane };
        }
    }
    rest.iter()
        .fold(largest(&lanes), |peak, sample| peak.max(sample.abs()))
}
