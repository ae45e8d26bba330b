//! What runs on an output's own thread: it copies frames out of a ring, fades where that runs low, and counts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cpal::{FromSample, SizedSample};
use rtrb::{Consumer, Producer, RingBuffer};

/// What the ring holds.
const RING_SECS: f64 = 0.5;
/// How long the output takes to fade in or out.
const FADE_SECS: f64 = 0.04;
/// What other threads may know about a running output.
#[derive(Debug, Default)]
pub struct PlayerStatus {
    frames: AtomicU64,
    missed_frames: AtomicU64,
    fades_out: AtomicBool,
    is_silent: AtomicBool,
    lost: AtomicBool,
    reason: Mutex<Option<String>>,
}

impl PlayerStatus {
    /// Frames that were played out of the ring.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Acquire)
    }

    /// Frames of silence that were played since the first frame because the ring ran low.
    pub fn missed_frames(&self) -> u64 {
        self.missed_frames.load(Ordering::Acquire)
    }

    /// Fades what is heard out, at once and for good.
    pub fn fade_out(&self) {
        self.fades_out.store(true, Ordering::Release);
    }

    /// Whether the last block that the device took was silent to its end.
    pub fn is_silent(&self) -> bool {
        self.is_silent.load(Ordering::Acquire)
    }

    /// Why the output is gone, if it is.
    pub fn lost_reason(&self) -> Option<String> {
        let reason = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        reason.clone().filter(|_| self.lost.load(Ordering::Acquire))
    }

    pub(super) fn note_lost(&self, why: impl ToString) {
        let mut reason = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        reason.get_or_insert_with(|| why.to_string());
        self.lost.store(true, Ordering::Release);
    }
}

/// What the device's thread runs: copy, count, return.
pub(super) struct PlaybackCallback {
    samples: Consumer<f32>,
    status: Arc<PlayerStatus>,
    fade_frames: usize,
    /// 0 is silent, `fade_frames` is full.
    faded_in: usize,
}

impl PlaybackCallback {
    /// Fills a buffer of 32-bit floats in two channels, little end first.
    #[cfg(any(test, target_os = "linux"))]
    pub(super) fn fill_f32_bytes(&mut self, bytes: &mut [u8]) {
        let (frames, _) = bytes.as_chunks_mut::<8>();
        self.fill(frames.iter_mut(), |bytes, [left, right]| {
            let (first, second) = bytes.split_at_mut(4);
            first.copy_from_slice(&left.to_le_bytes());
            second.copy_from_slice(&right.to_le_bytes());
        });
    }

    /// Fills a device's buffer of any number of channels: the first two are left and right, the others silent.
    pub(super) fn fill_samples<T: SizedSample + FromSample<f32>>(
        &mut self,
        out: &mut [T],
        channels: usize,
    ) {
        self.fill(out.chunks_exact_mut(channels.max(1)), |frame, stereo| {
            if let [mono] = frame {
                *mono = T::from_sample(0.5 * (stereo[0] + stereo[1]));
                return;
            }
            let silent = std::iter::repeat(0.0);
            for (sample, x) in frame.iter_mut().zip(stereo.into_iter().chain(silent)) {
                *sample = T::from_sample(x);
            }
        });
    }

    fn fill<F>(&mut self, frames: impl Iterator<Item = F>, mut set: impl FnMut(F, [f32; 2])) {
        let fades_out = self.status.fades_out.load(Ordering::Acquire);
        let mut left = self.samples.slots() / 2;
        let (mut played, mut missed) = (0, 0);
        for frame in frames {
            // What is left when the ring runs low is as long as the fade: silence comes when the ring is empty.
            if fades_out || left <= self.fade_frames {
                self.faded_in = self.faded_in.saturating_sub(1).min(left);
            } else {
                self.faded_in = (self.faded_in + 1).min(self.fade_frames);
            }
            if self.faded_in == 0 {
                missed += u64::from(!fades_out);
                set(frame, [0.0; 2]);
                continue;
            }
            let part = self.faded_in as f32 / self.fade_frames as f32;
            let gain = 0.5 - 0.5 * (std::f32::consts::PI * part).cos();
            let mut next = || gain * self.samples.pop().unwrap_or_default();
            set(frame, [next(), next()]);
            left -= 1;
            played += 1;
        }
        let before = self.status.frames.fetch_add(played, Ordering::AcqRel);
        if before > 0 {
            self.status
                .missed_frames
                .fetch_add(missed, Ordering::AcqRel);
        }
        let is_silent = self.faded_in == 0;
        self.status.is_silent.store(is_silent, Ordering::Release);
    }
}

/// What is played, from the thread that fills it to the device's.
pub(super) fn ring(
    sample_rate_hz: u32,
    status: &Arc<PlayerStatus>,
) -> (Producer<f32>, PlaybackCallback) {
    let frames = (f64::from(sample_rate_hz) * RING_SECS) as usize;
    let (writer, samples) = RingBuffer::new(2 * frames.max(1));
    let callback = PlaybackCallback {
        samples,
        status: Arc::clone(status),
        fade_frames: ((f64::from(sample_rate_hz) * FADE_SECS) as usize).max(1),
        faded_in: 0,
    };
    (writer, callback)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FADE_FRAMES: usize = 1_920;

    /// The left samples of so many frames, in blocks of 480.
    fn played(callback: &mut PlaybackCallback, frames: usize) -> Vec<f32> {
        let mut out = vec![9f32; 2 * frames];
        for block in out.chunks_mut(960) {
            callback.fill_samples(block, 2);
        }
        out.iter().step_by(2).copied().collect()
    }

    fn assert_smooth(samples: &[f32]) {
        for pair in samples.windows(2) {
            let step = (pair[1] - pair[0]).abs();
            assert!(step < 2.0 / FADE_FRAMES as f32, "{step}");
        }
    }

    fn push(writer: &mut Producer<f32>, frames: usize) {
        for _ in 0..2 * frames {
            writer.push(1.0).expect("there is room");
        }
    }

    #[test]
    fn a_ring_that_runs_low_fades_out_and_one_that_is_filled_again_fades_in() {
        let status = Arc::new(PlayerStatus::default());
        let (mut writer, mut callback) = ring(48_000, &status);
        let mut heard = played(&mut callback, 960);
        assert_eq!(
            (heard[959], status.missed_frames()),
            (0.0, 0),
            "not yet begun"
        );
        push(&mut writer, 10_000);
        heard.extend(played(&mut callback, 12_000));
        assert_eq!(heard[960 + 5_000], 1.0);
        assert!(status.is_silent() && status.missed_frames() > 1_000);
        push(&mut writer, 10_000);
        heard.extend(played(&mut callback, 5_000));
        assert_eq!(heard.last(), Some(&1.0));
        status.fade_out();
        heard.extend(played(&mut callback, 2_400));
        assert_eq!(heard.last(), Some(&0.0));
        assert!(status.is_silent());
        assert_smooth(&heard);
    }

    #[test]
    fn samples_reach_the_first_two_channels_in_any_format() {
        let status = Arc::new(PlayerStatus::default());
        let (mut writer, mut callback) = ring(48_000, &status);
        for _ in 0..5_000 {
            for sample in [0.5, -0.25] {
                writer.push(sample).expect("there is room");
            }
        }
        let mut three = [9i16; 3];
        for _ in 0..FADE_FRAMES {
            callback.fill_samples(&mut three, 3);
        }
        assert_eq!(three, [16_384, -8_192, 0]);
        let mut bytes = [0u8; 8];
        callback.fill_f32_bytes(&mut bytes);
        assert_eq!(bytes[..4], 0.5f32.to_le_bytes());
        assert_eq!(bytes[4..], (-0.25f32).to_le_bytes());
        let mut mono = [0f32];
        callback.fill_samples(&mut mono, 1);
        assert_eq!(mono, [0.125]);
    }
}
