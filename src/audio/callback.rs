//! What the audio callback runs: pick the channels, convert, copy, count, return.
//!
//! It is a type of its own so that a test can run the very same code under an allocator that forbids allocation.
//! Everything here happens on the device's thread: no allocation, lock, log, system call or wake-up.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use abscope_link::Transport;
use cpal::{FromSample, Sample, SampleFormat, SizedSample, StreamInstant};

use super::ring::FrameWriter;

/// A gap that the time stamps suggest after an overrun is believed up to this length; beyond it the clock of the
/// backend has jumped.
const LONGEST_OVERRUN_SECS: f64 = 10.0;

/// Which of a device's channels become the frames of the stream, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelPick {
    /// The only channel of a mono device.
    Mono,
    /// Left and right.
    Pair {
        /// Channel of the device that becomes left.
        left: u16,
        /// Channel of the device that becomes right.
        right: u16,
    },
}

impl ChannelPick {
    /// Which pair of neighbours it is, counted from 0: channels 1 and 2 are pair 0.
    pub fn pair_index(self) -> Option<u16> {
        match self {
            Self::Pair { left, right } if left % 2 == 0 && right == left + 1 => Some(left / 2),
            _ => None,
        }
    }

    /// Samples in a frame of the stream.
    pub fn count(self) -> u16 {
        match self {
            Self::Mono => 1,
            Self::Pair { .. } => 2,
        }
    }
}

/// What other threads may know about a running capture. Written by the callbacks, read by anyone.
#[derive(Debug)]
pub struct CaptureStatus {
    started: Instant,
    last_callback_nanos: AtomicU64,
    longest_pause_nanos: AtomicU64,
    callbacks: AtomicU64,
    frames: AtomicU64,
    overruns: AtomicU64,
    overrun_pending: AtomicBool,
    device_delay_micros: AtomicU64,
    changes: AtomicU64,
    lost: AtomicBool,
    reason: Mutex<Option<String>>,
}

impl CaptureStatus {
    /// A capture that starts now.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            last_callback_nanos: AtomicU64::new(0),
            longest_pause_nanos: AtomicU64::new(0),
            callbacks: AtomicU64::new(0),
            frames: AtomicU64::new(0),
            overruns: AtomicU64::new(0),
            overrun_pending: AtomicBool::new(false),
            device_delay_micros: AtomicU64::new(0),
            changes: AtomicU64::new(0),
            lost: AtomicBool::new(false),
            reason: Mutex::new(None),
        })
    }

    /// Whether the device is gone or its stream ended. The capture must be opened again.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Why the device was lost, in the words of the audio system.
    pub fn lost_reason(&self) -> Option<String> {
        self.reason
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// When the latest callback ran; `None` before the first. The frames of that callback are the newest in the
    /// ring, so this is the starting point of a latency measurement.
    pub fn last_callback(&self) -> Option<Instant> {
        let nanos = self.last_callback_nanos.load(Ordering::Acquire);
        (nanos > 0).then(|| self.started + Duration::from_nanos(nanos))
    }

    /// Time since the latest callback, or since the start when none has run. A device that is silent still calls;
    /// one that does not call for a second or more has stalled.
    pub fn since_last_callback(&self) -> Duration {
        self.last_callback().unwrap_or(self.started).elapsed()
    }

    /// Longest time between two callbacks so far.
    pub fn longest_pause(&self) -> Duration {
        Duration::from_nanos(self.longest_pause_nanos.load(Ordering::Relaxed))
    }

    /// Callbacks so far.
    pub fn callbacks(&self) -> u64 {
        self.callbacks.load(Ordering::Relaxed)
    }

    /// Frames the device has delivered so far, dropped ones included.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Acquire)
    }

    /// Overruns that the audio system reported before the frames reached us.
    pub fn overruns(&self) -> u64 {
        self.overruns.load(Ordering::Relaxed)
    }

    /// What the error callback does: an overrun is noted for the next callback, news are no loss, and all else
    /// means that the stream is over. Not real-time, but an overrun takes no lock.
    pub fn note_error(&self, error: &cpal::Error) {
        match error.kind() {
            cpal::ErrorKind::Xrun => {
                self.overruns.fetch_add(1, Ordering::Relaxed);
                self.overrun_pending.store(true, Ordering::Release);
            }
            cpal::ErrorKind::DeviceChanged => self.note_change(),
            cpal::ErrorKind::RealtimeDenied => {}
            _ => self.note_lost(error),
        }
    }

    /// How often the audio system said that its choice of devices has changed: a reason to look what the system's
    /// input is now.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// The audio system's choice of devices has changed.
    pub fn note_change(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    /// The stream is over; the first reason is kept.
    pub fn note_lost(&self, reason: impl ToString) {
        let mut kept = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert_with(|| reason.to_string());
        self.lost.store(true, Ordering::Release);
    }

    /// How old a frame is when it reaches the callback, where the audio system tells; else zero.
    pub fn device_delay(&self) -> Duration {
        Duration::from_micros(self.device_delay_micros.load(Ordering::Relaxed))
    }

    /// Notes how old a frame is when it reaches the callback.
    pub fn note_device_delay(&self, delay: Duration) {
        self.device_delay_micros
            .store(delay.as_micros() as u64, Ordering::Relaxed);
    }

    pub(super) fn note_callback(&self, frames: u64) {
        let now = self.started.elapsed().as_nanos().max(1) as u64;
        let before = self.last_callback_nanos.swap(now, Ordering::AcqRel);
        if before > 0 {
            self.longest_pause_nanos
                .fetch_max(now.saturating_sub(before), Ordering::Relaxed);
        }
        self.callbacks.fetch_add(1, Ordering::Relaxed);
        self.frames.fetch_add(frames, Ordering::AcqRel);
    }
}

/// The state of the data callback.
pub struct CaptureCallback {
    writer: FrameWriter,
    status: Arc<CaptureStatus>,
    pick: ChannelPick,
    device_channels: usize,
    sample_rate_hz: u32,
    /// Capture time of the first frame of the latest block, and its frames.
    last_block: Option<(StreamInstant, usize)>,
}

impl CaptureCallback {
    /// Feeds `writer` with the picked ones of `device_channels` channels.
    pub fn new(
        writer: FrameWriter,
        status: Arc<CaptureStatus>,
        pick: ChannelPick,
        device_channels: u16,
        sample_rate_hz: u32,
    ) -> Self {
        Self {
            writer,
            status,
            pick,
            device_channels: usize::from(device_channels).max(1),
            sample_rate_hz,
            last_block: None,
        }
    }

    /// Whether a sample format can be converted; the 1-bit formats cannot.
    pub fn converts(format: SampleFormat) -> bool {
        !format.is_dsd()
    }

    /// The data callback for buffers of any format.
    pub fn on_data(&mut self, data: &cpal::Data, captured: StreamInstant) {
        match data.sample_format() {
            SampleFormat::F32 => self.on_slice(data.as_slice::<f32>(), captured),
            SampleFormat::F64 => self.on_slice(data.as_slice::<f64>(), captured),
            SampleFormat::I8 => self.on_slice(data.as_slice::<i8>(), captured),
            SampleFormat::I16 => self.on_slice(data.as_slice::<i16>(), captured),
            SampleFormat::I24 => self.on_slice(data.as_slice::<cpal::I24>(), captured),
            SampleFormat::I32 => self.on_slice(data.as_slice::<i32>(), captured),
            SampleFormat::I64 => self.on_slice(data.as_slice::<i64>(), captured),
            SampleFormat::U8 => self.on_slice(data.as_slice::<u8>(), captured),
            SampleFormat::U16 => self.on_slice(data.as_slice::<u16>(), captured),
            SampleFormat::U24 => self.on_slice(data.as_slice::<cpal::U24>(), captured),
            SampleFormat::U32 => self.on_slice(data.as_slice::<u32>(), captured),
            SampleFormat::U64 => self.on_slice(data.as_slice::<u64>(), captured),
            // Refused when the stream is opened; were one to come, its frames would be missing.
            _ => self.writer.skip((data.len() / self.device_channels) as u64),
        }
    }

    /// The data callback for one sample format: `samples[frame · device_channels + channel]`.
    pub fn on_samples<T>(&mut self, samples: &[T], captured: StreamInstant)
    where
        T: SizedSample,
        f32: FromSample<T>,
    {
        let frames = samples.len() / self.device_channels;
        self.count_overrun(frames, captured);
        self.push_picked(samples.len(), |index| f32::from_sample(samples[index]));
    }

    /// The data callback for 32-bit floats, little end first, as they come from a socket.
    pub fn on_f32_bytes(&mut self, bytes: &[u8]) {
        let (samples, _) = bytes.as_chunks::<4>();
        self.push_picked(samples.len(), |index| f32::from_le_bytes(samples[index]));
    }

    /// The data callback for frames that come from a DAW's sender.
    pub(super) fn on_frames(&mut self, samples: &[f32]) {
        self.push_picked(samples.len(), |index| samples[index]);
    }

    /// Counts frames that the source knows to be missing here.
    pub(super) fn skip(&mut self, frames: u64) {
        self.writer.skip(frames);
    }

    /// Says where the song is at the next frame; false if there is no room for it.
    pub(super) fn mark(&mut self, transport: Transport, has_jumped: bool) -> bool {
        self.writer.mark(transport, has_jumped)
    }

    /// Whether the reader is gone.
    pub(super) fn is_abandoned(&self) -> bool {
        self.writer.is_abandoned()
    }

    /// Picks the channels out of `num_samples` interleaved samples, which `sample_at` converts one by one.
    fn push_picked(&mut self, num_samples: usize, sample_at: impl Fn(usize) -> f32) {
        let channels = self.device_channels;
        let frames = num_samples / channels;
        match self.pick {
            ChannelPick::Mono => {
                let mono = (0..frames).map(|frame| sample_at(frame * channels));
                self.writer.push_iter(frames, mono);
            }
            ChannelPick::Pair { left, right } => {
                let (left, right) = (usize::from(left), usize::from(right));
                let pairs = (0..frames).flat_map(|frame| {
                    let first = frame * channels;
                    [sample_at(first + left), sample_at(first + right)]
                });
                self.writer.push_iter(frames, pairs);
            }
        }
        self.status.note_callback(frames as u64);
    }

    fn on_slice<T>(&mut self, samples: Option<&[T]>, captured: StreamInstant)
    where
        T: SizedSample,
        f32: FromSample<T>,
    {
        self.on_samples(samples.unwrap_or_default(), captured);
    }

    /// After a reported overrun, the time stamps tell how many frames never reached us.
    fn count_overrun(&mut self, frames: usize, captured: StreamInstant) {
        if self.status.overrun_pending.swap(false, Ordering::AcqRel)
            && let Some((before, frames_before)) = self.last_block
        {
            let elapsed = captured.saturating_duration_since(before).as_secs_f64();
            let missing = (elapsed * f64::from(self.sample_rate_hz)).round() - frames_before as f64;
            if missing >= 1.0 && elapsed < LONGEST_OVERRUN_SECS {
                self.writer.skip(missing as u64);
            }
        }
        self.last_block = Some((captured, frames));
    }
}
