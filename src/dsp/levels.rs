//! Level of a whole programme: AES17 RMS, crest and DC offset.
//!
//! AES17 gives a full-scale sine 0 dBFS, so RMS levels are 3.01 dB above the bare mean square. Crest is sample peak
//! minus this level, as the two are shown beside each other: a sine has 0 dB, where the bare ratio would be 3.01.

use super::samples::{is_silence, sound};
use crate::units::db::{db_from_amplitude, db_from_power, existing};

/// Mean square of a full-scale sine: what AES17 calls 0 dBFS.
pub const FULL_SCALE_SINE_POWER: f64 = 0.5;

/// Levels since the start or the last reset; `None` where there was only silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Levels {
    /// AES17 RMS in dBFS.
    pub rms_dbfs: Option<f64>,
    /// Largest magnitude of a sample in dBFS.
    pub sample_peak_dbfs: Option<f64>,
    /// Sample peak minus RMS in dB.
    pub crest_db: Option<f64>,
    /// Mean of the samples, full scale 1.0.
    pub dc_offset: f64,
}

/// AES17 level in dBFS of a mean square.
pub fn aes17_dbfs(mean_square: f64) -> Option<f64> {
    existing(db_from_power(mean_square / FULL_SCALE_SINE_POWER))
}

/// Adds up one stream.
#[derive(Clone, Debug)]
pub struct LevelMeter {
    sums: Vec<Sums>,
    frames: u64,
    /// Both before the last reset.
    before: (Vec<Sums>, u64),
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    samples: f64,
    squares: f64,
    peak: f32,
}

impl LevelMeter {
    /// A meter for interleaved frames.
    pub fn new(channels: usize) -> Self {
        Self {
            sums: vec![Sums::default(); channels.max(1)],
            frames: 0,
            before: (vec![Sums::default(); channels.max(1)], 0),
        }
    }

    /// Hears interleaved frames, any number; the results do not depend on how a stream is cut.
    pub fn process(&mut self, interleaved: &[f32]) {
        self.frames += (interleaved.len() / self.sums.len()) as u64;
        // Zeros add nothing.
        if is_silence(interleaved) {
            return;
        }
        if let [left, right] = &mut self.sums[..] {
            let (frames, _) = interleaved.as_chunks::<2>();
            let (mut a, mut b) = (*left, *right);
            for frame in frames {
                a.add(frame[0]);
                b.add(frame[1]);
            }
            (*left, *right) = (a, b);
        } else {
            for frame in interleaved.chunks_exact(self.sums.len()) {
                for (sums, &sample) in self.sums.iter_mut().zip(frame) {
                    sums.add(sample);
                }
            }
        }
    }

    /// Starts anew.
    pub fn reset(&mut self) {
        std::mem::swap(&mut self.before.0, &mut self.sums);
        self.before.1 = std::mem::take(&mut self.frames);
        self.sums.fill(Sums::default());
    }

    /// As if it had not been reset the last time.
    pub fn undo_reset(&mut self) {
        for (sums, before) in self.sums.iter_mut().zip(&mut self.before.0) {
            let before = std::mem::take(before);
            sums.samples += before.samples;
            sums.squares += before.squares;
            sums.peak = sums.peak.max(before.peak);
        }
        self.frames += std::mem::take(&mut self.before.1);
    }

    /// Levels of each channel, `[channel]`.
    pub fn channel_levels(&self) -> impl ExactSizeIterator<Item = Levels> + '_ {
        self.sums.iter().map(|sums| sums.levels(self.frames as f64))
    }

    /// Of all channels together: RMS of all samples, the largest peak, the DC offset of the channel that has most.
    pub fn levels(&self) -> Levels {
        let total = self.sums.iter().fold(Sums::default(), |total, sums| Sums {
            samples: total.samples,
            squares: total.squares + sums.squares,
            peak: total.peak.max(sums.peak),
        });
        let largest_offset =
            self.channel_levels()
                .map(|levels| levels.dc_offset)
                .fold(0.0f64, |largest, offset| {
                    if offset.abs() > largest.abs() {
                        offset
                    } else {
                        largest
                    }
                });
        Levels {
            dc_offset: largest_offset,
            ..total.levels((self.frames * self.sums.len() as u64) as f64)
        }
    }
}

impl Sums {
    #[inline(always)]
    fn add(&mut self, sample: f32) {
        let sample = sound(sample);
        let magnitude = sample.abs();
        self.peak = if magnitude > self.peak {
            magnitude
        } else {
            self.peak
        };
        let sample = f64::from(sample);
        self.samples += sample;
        self.squares += sample * sample;
    }

    fn levels(self, count: f64) -> Levels {
        let count = count.max(1.0);
        let rms_dbfs = aes17_dbfs(self.squares / count);
        let sample_peak_dbfs = existing(db_from_amplitude(f64::from(self.peak)));
        Levels {
            rms_dbfs,
            sample_peak_dbfs,
            crest_db: sample_peak_dbfs.zip(rms_dbfs).map(|(peak, rms)| peak - rms),
            dc_offset: self.samples / count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::signals::Signal;

    #[test]
    fn a_full_scale_sine_is_0_dbfs_and_a_square_3_above() {
        let mut meter = LevelMeter::new(2);
        meter.process(&Signal::new(48_000, 2).tone(1_000.0, 0.0, 1.0).samples);
        let levels = meter.levels();
        assert!(levels.rms_dbfs.expect("tone").abs() < 1e-4);
        assert!(levels.crest_db.expect("tone").abs() < 1e-4);
        let mut meter = LevelMeter::new(1);
        meter.process(
            &Signal::new(48_000, 1)
                .piece(1.0, |i, _, _| if i % 96 < 48 { 1.0 } else { -1.0 })
                .samples,
        );
        assert!((meter.levels().rms_dbfs.expect("square") - 3.0103).abs() < 1e-4);
    }

    #[test]
    fn offset_and_level_are_those_of_their_channel_in_blocks_of_any_size() {
        let signal = Signal::new(44_100, 3).piece(2.0, |i, rate, c| {
            let sine = (std::f64::consts::TAU * 100.0 * i as f64 / rate).sin();
            [0.5 * sine, 0.1 * sine - 0.25, 0.0][c]
        });
        let mut reference = LevelMeter::new(3);
        reference.process(&signal.samples);
        for block in [1, 441, 1_001] {
            let mut meter = LevelMeter::new(3);
            signal
                .samples
                .chunks(3 * block)
                .for_each(|frames| meter.process(frames));
            assert_eq!(meter.levels(), reference.levels());
        }
        let levels: Vec<_> = reference.channel_levels().collect();
        assert!((levels[0].rms_dbfs.expect("tone") + 6.0206).abs() < 1e-3);
        assert!((levels[1].dc_offset + 0.25).abs() < 1e-6);
        assert_eq!(levels[2], Levels::default());
        assert!((reference.levels().dc_offset + 0.25).abs() < 1e-6);
    }

    #[test]
    fn silence_has_no_level_and_broken_samples_are_silence() {
        let mut meter = LevelMeter::new(1);
        meter.process(&[0.0, f32::NAN, f32::INFINITY]);
        assert_eq!(meter.levels(), Levels::default());
        assert_eq!(LevelMeter::new(2).levels(), Levels::default());
    }
}
