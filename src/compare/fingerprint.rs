//! What a recording is recognised by, at the common rate: its whitened middle, a byte a sample, by which places are
//! found, and its middle and side as they sound, by which they are told apart.
//!
//! It is made once for a reference and costs two and a half megabytes a minute. A byte is enough for the whitened sound:
//! it is as strong everywhere, and its rounding noise lies 30 dB below. What tells two rounds of a loop apart may lie
//! 60 dB below the loudest stroke, so the sound itself is kept with 16 bits.

use crate::compare::common_rate::{COMMON_RATE_HZ, CommonRate};
use crate::compare::whitening::whitened;
use crate::dsp::frame_history::StereoFrame;

/// Root mean square of the whitened bytes.
const RMS_CODE: f32 = 24.0;
/// The loudest sample of middle and side.
const PEAK_CODE: f32 = 32_000.0;

/// The fingerprint of a recording.
#[derive(Clone, Debug, Default)]
pub struct ReferenceFingerprint {
    /// `white[sample]` at [`COMMON_RATE_HZ`], of the middle.
    white: Vec<i8>,
    /// `middle[sample]` at the same rate, in one unit with the side.
    middle: Vec<i16>,
    side: Vec<i16>,
}

impl ReferenceFingerprint {
    /// Of a whole recording. Takes about half a second of a core for five minutes.
    pub fn new(frames: &[StereoFrame], sample_rate_hz: u32) -> Self {
        let mut builder = FingerprintBuilder::new(sample_rate_hz);
        builder.push(frames);
        builder.finish()
    }

    /// Length in seconds.
    pub fn duration_secs(&self) -> f64 {
        self.white.len() as f64 / f64::from(COMMON_RATE_HZ)
    }

    /// The whitened middle, `[sample]` at [`COMMON_RATE_HZ`].
    pub fn samples(&self) -> &[i8] {
        &self.white
    }

    /// Half the sum of left and right, `[sample]` at [`COMMON_RATE_HZ`].
    pub fn middle(&self) -> &[i16] {
        &self.middle
    }

    /// Half the difference of left and right, in the unit of the middle.
    pub fn side(&self) -> &[i16] {
        &self.side
    }

    /// That of a part, in samples at [`COMMON_RATE_HZ`]; what is beyond the end is left out.
    pub fn part(&self, samples: std::ops::Range<usize>) -> Self {
        let samples = samples.start.min(self.white.len())..samples.end.min(self.white.len());
        Self {
            white: self.white[samples.clone()].to_vec(),
            middle: self.middle[samples.clone()].to_vec(),
            side: self.side[samples].to_vec(),
        }
    }

    /// As it would be with one side inverted: middle and side change places.
    pub fn one_side_inverted(&self) -> Self {
        let sound: Vec<f32> = self.side.iter().map(|&x| f32::from(x)).collect();
        Self {
            white: white_codes(&sound),
            middle: self.side.clone(),
            side: self.middle.clone(),
        }
    }
}

/// Collects a recording piece by piece, so that a long file need not be in memory.
pub struct FingerprintBuilder {
    rates: [CommonRate; 2],
    sounds: [Vec<f32>; 2],
    inverted: Vec<StereoFrame>,
}

impl FingerprintBuilder {
    /// Of a recording at a sample rate in Hz.
    pub fn new(sample_rate_hz: u32) -> Self {
        Self {
            rates: [
                CommonRate::new(sample_rate_hz),
                CommonRate::new(sample_rate_hz),
            ],
            sounds: [Vec::new(), Vec::new()],
            inverted: Vec::new(),
        }
    }

    /// Takes the next frames.
    pub fn push(&mut self, frames: &[StereoFrame]) {
        self.inverted.clear();
        self.inverted
            .extend(frames.iter().map(|[left, right]| [*left, -right]));
        self.rates[0].push(frames, &mut self.sounds[0]);
        self.rates[1].push(&self.inverted, &mut self.sounds[1]);
    }

    /// The fingerprint of all frames.
    pub fn finish(mut self) -> ReferenceFingerprint {
        for (rate, sound) in self.rates.iter_mut().zip(&mut self.sounds) {
            rate.finish(sound);
        }
        let [middle, side] = &self.sounds;
        let peak = middle
            .iter()
            .chain(side)
            .fold(0f32, |peak, x| peak.max(x.abs()));
        let scale = if peak > 0.0 { PEAK_CODE / peak } else { 0.0 };
        let codes = |sound: &[f32]| sound.iter().map(|x| (x * scale).round() as i16).collect();
        ReferenceFingerprint {
            white: white_codes(middle),
            middle: codes(middle),
            side: codes(side),
        }
    }
}

fn white_codes(sound: &[f32]) -> Vec<i8> {
    let white = whitened(sound);
    let sounding = white.iter().filter(|&&x| x != 0.0).count().max(1);
    let power: f64 = white.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    let rms = (power / sounding as f64).sqrt() as f32;
    let scale = if rms > 0.0 { RMS_CODE / rms } else { 0.0 };
    // The cast saturates: peaks above five times the root mean square are cut, which correlation does not mind.
    white
        .into_iter()
        .map(|x| (x * scale).round() as i8)
        .collect()
}
