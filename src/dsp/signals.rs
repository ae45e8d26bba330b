//! Test signals: tones at a level, silence, noise from a fixed seed. The demo, the tests and the accuracy report build
//! everything they measure from these, so that no audio of others has to be shipped.
//!
//! Levels are of the sine's peak in dBFS, which is its AES17 RMS level too. Times are absolute: every piece ends at
//! the frame nearest to its time, so that twenty pieces of 20 ms are 400 ms at any sample rate.

use crate::units::db::amplitude_from_db;
use std::f64::consts::PI;

/// Interleaved frames under construction.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// Samples in a frame.
    pub channels: usize,
    /// Interleaved samples, full scale ±1.0.
    pub samples: Vec<f32>,
    end_secs: f64,
}

impl Signal {
    /// Nothing yet.
    pub fn new(sample_rate_hz: u32, channels: usize) -> Self {
        Self {
            sample_rate_hz,
            channels: channels.max(1),
            samples: Vec::new(),
            end_secs: 0.0,
        }
    }

    /// Frames so far.
    pub fn frames(&self) -> usize {
        self.samples.len() / self.channels
    }

    /// Appends silence.
    pub fn silence(self, secs: f64) -> Self {
        self.piece(secs, |_, _, _| 0.0)
    }

    /// Appends a sine of one level in all channels. Its phase is that of a sine since frame 0, so that a change of
    /// level is no change of phase.
    pub fn tone(self, frequency_hz: f64, level_dbfs: f64, secs: f64) -> Self {
        let levels = vec![Some(level_dbfs); self.channels];
        self.tones(frequency_hz, &levels, secs)
    }

    /// Appends a sine with a level of its own in each channel; `None` is silence there.
    pub fn tones(self, frequency_hz: f64, levels_dbfs: &[Option<f64>], secs: f64) -> Self {
        let amplitudes: Vec<f64> = levels_dbfs
            .iter()
            .map(|level| level.map_or(0.0, amplitude_from_db))
            .collect();
        self.piece(secs, |frame, rate_hz, channel| {
            let amplitude = amplitudes.get(channel).copied().unwrap_or(0.0);
            // The phase is reduced in whole cycles before the sine, to stay exact after minutes.
            amplitude * (2.0 * PI * (frame as f64 * frequency_hz / rate_hz).fract()).sin()
        })
    }

    /// Appends a sine of an amplitude, starting at a phase in degrees, with linear fades at both ends.
    pub fn faded_tone(
        self,
        frequency_hz: f64,
        amplitude: f64,
        phase_degrees: f64,
        secs: f64,
        fade_secs: f64,
    ) -> Self {
        let start = self.frames();
        self.piece(secs, |frame, rate_hz, _| {
            let at_secs = (frame - start) as f64 / rate_hz;
            let fade = (at_secs / fade_secs)
                .min((secs - at_secs) / fade_secs)
                .clamp(0.0, 1.0);
            let phase = 2.0 * PI * (at_secs * frequency_hz).fract() + phase_degrees.to_radians();
            fade * amplitude * phase.sin()
        })
    }

    /// Appends white noise, uniform in ±amplitude and different in every channel.
    pub fn noise(self, amplitude: f64, secs: f64, seed: u64) -> Self {
        let mut random = Random::new(seed);
        self.piece(secs, |_, _, _| amplitude * random.bipolar())
    }

    /// Appends samples of a function of the frame's index, the sample rate in Hz and the channel.
    pub fn piece(mut self, secs: f64, mut sample: impl FnMut(usize, f64, usize) -> f64) -> Self {
        self.end_secs += secs;
        let rate_hz = f64::from(self.sample_rate_hz);
        let end = (self.end_secs * rate_hz).round() as usize;
        for frame in self.frames()..end {
            for channel in 0..self.channels {
                self.samples.push(sample(frame, rate_hz, channel) as f32);
            }
        }
        self
    }
}

/// Random numbers from a seed, the same on every machine (splitmix64).
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A sequence of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in 0 … 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in −1 … 1.
    pub fn bipolar(&mut self) -> f64 {
        2.0 * self.unit() - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_pieces_of_20_ms_are_400_ms_at_any_rate() {
        for rate in [22_050, 44_100, 48_000, 96_000] {
            let mut signal = Signal::new(rate, 1);
            for _ in 0..20 {
                signal = signal.tone(1_000.0, -20.0, 0.02);
            }
            assert_eq!(signal.frames(), rate as usize * 2 / 5);
            let whole = Signal::new(rate, 1).tone(1_000.0, -20.0, 0.4);
            assert_eq!(signal.samples, whole.samples, "the phase goes on");
        }
    }

    #[test]
    fn noise_is_centred_and_channels_are_unrelated() {
        let noise = Signal::new(48_000, 2).noise(0.5, 1.0, 7);
        let (mut mean, mut cross, mut power) = (0.0, 0.0, 0.0);
        for frame in noise.samples.chunks(2) {
            mean += f64::from(frame[0]) / 48_000.0;
            cross += f64::from(frame[0] * frame[1]) / 48_000.0;
            power += f64::from(frame[0] * frame[0]) / 48_000.0;
        }
        assert!(mean.abs() < 0.01 && cross.abs() < 0.002, "{mean} {cross}");
        assert!((power - 0.25 / 3.0).abs() < 0.001, "{power}");
    }
}
