//! What a recording is recognised by: its whitened signal at the common rate, a byte a sample.
//!
//! It is made once for a reference and costs half a megabyte a minute. A byte is enough: whitened sound is as strong
//! everywhere, and its rounding noise lies 30 dB below.

use crate::compare::common_rate::{COMMON_RATE_HZ, CommonRate};
use crate::compare::whitening::whitened;
use crate::dsp::frame_history::StereoFrame;

/// Root mean square of the stored bytes.
const RMS_CODE: f32 = 24.0;

/// The fingerprint of a recording.
#[derive(Clone, Debug, Default)]
pub struct ReferenceFingerprint {
    /// `white[sample]` at [`COMMON_RATE_HZ`].
    white: Vec<i8>,
}

impl ReferenceFingerprint {
    /// Of a whole recording. Takes about 0.3 s of a core for five minutes.
    pub fn new(frames: &[StereoFrame], sample_rate_hz: u32) -> Self {
        let mut builder = FingerprintBuilder::new(sample_rate_hz);
        builder.push(frames);
        builder.finish()
    }

    /// Length in seconds.
    pub fn duration_secs(&self) -> f64 {
        self.white.len() as f64 / f64::from(COMMON_RATE_HZ)
    }

    /// The whitened signal, `[sample]` at [`COMMON_RATE_HZ`].
    pub fn samples(&self) -> &[i8] {
        &self.white
    }
}

/// Collects a recording piece by piece, so that a long file need not be in memory.
pub struct FingerprintBuilder {
    rate: CommonRate,
    mono: Vec<f32>,
}

impl FingerprintBuilder {
    /// Of a recording at a sample rate in Hz.
    pub fn new(sample_rate_hz: u32) -> Self {
        Self {
            rate: CommonRate::new(sample_rate_hz),
            mono: Vec::new(),
        }
    }

    /// Takes the next frames.
    pub fn push(&mut self, frames: &[StereoFrame]) {
        self.rate.push(frames, &mut self.mono);
    }

    /// The fingerprint of all frames.
    pub fn finish(mut self) -> ReferenceFingerprint {
        self.rate.finish(&mut self.mono);
        let white = whitened(&self.mono);
        let sounding = white.iter().filter(|&&x| x != 0.0).count().max(1);
        let power: f64 = white.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        let rms = (power / sounding as f64).sqrt() as f32;
        let scale = if rms > 0.0 { RMS_CODE / rms } else { 0.0 };
        // The cast saturates: peaks above five times the root mean square are cut, which correlation does not mind.
        let code = |x: f32| (x * scale).round() as i8;
        ReferenceFingerprint {
            white: white.into_iter().map(code).collect(),
        }
    }
}
