//! How the needles of level meters move: digital peak, VU, K-System and the two quasi-peak programme meters.
//!
//! Each runs on every sample, so a burst of 0.4 ms reads what IEC 60268-10 says however the audio is cut into blocks.
//! All are calibrated on a sine: at rest on a steady tone they read its level in dBFS.

mod movement;
mod set;

use super::samples::sound;
use crate::units::db::{db_from_amplitude, existing, power_from_db};
use movement::{MeanSquare, Peak, Pendulum, QuasiPeak, STOP};
pub use set::{NeedleSet, process_all};

/// The meters an engineer may know the needle of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MeterKind {
    /// IEC 60268-18: rises at once, falls 20 dB in 1.7 s.
    DigitalPeak,
    /// Rectified mean: 99 % in 300 ms with an overshoot of 1 to 1.5 %.
    Vu {
        /// Level in dBFS that reads 0 VU; −18 and −20 are usual.
        zero_dbfs: f64,
    },
    /// AES17 RMS, 99 % in 600 ms; 0 lies at −20 dBFS.
    K20,
    /// The same with 0 at −14 dBFS.
    K14,
    /// The same with 0 at −12 dBFS.
    K12,
    /// IEC 60268-10 type I (DIN): falls 20 dB in 1.7 s.
    PpmI,
    /// IEC 60268-10 type II (BBC, EBU): falls 24 dB in 2.8 s.
    PpmII,
}

impl MeterKind {
    /// The level in dBFS that reads 0 on this meter's scale.
    pub fn zero_dbfs(self) -> f64 {
        match self {
            Self::Vu { zero_dbfs } => zero_dbfs,
            Self::K20 => -20.0,
            Self::K14 => -14.0,
            Self::K12 => -12.0,
            Self::DigitalPeak | Self::PpmI | Self::PpmII => 0.0,
        }
    }
}

/// One needle for one channel.
#[derive(Clone, Debug)]
pub struct Needle {
    kind: MeterKind,
    movement: Movement,
}

#[derive(Clone, Debug)]
enum Movement {
    Peak(Peak),
    Pendulum(Pendulum),
    MeanSquare(MeanSquare),
    QuasiPeak(QuasiPeak),
}

impl Needle {
    /// A needle at rest.
    pub fn new(kind: MeterKind, sample_rate_hz: u32) -> Self {
        let secs = 1.0 / f64::from(sample_rate_hz.max(1));
        let movement = match kind {
            MeterKind::DigitalPeak => Movement::Peak(Peak::new(secs)),
            MeterKind::Vu { .. } => Movement::Pendulum(Pendulum::new(secs)),
            MeterKind::K20 | MeterKind::K14 | MeterKind::K12 => {
                Movement::MeanSquare(MeanSquare::new(secs))
            }
            MeterKind::PpmI => Movement::QuasiPeak(QuasiPeak::type_i(secs)),
            MeterKind::PpmII => Movement::QuasiPeak(QuasiPeak::type_ii(secs)),
        };
        Self { kind, movement }
    }

    /// Moves over the samples of one channel, for example `frames.iter().map(|frame| frame[0])`.
    pub fn process(&mut self, samples: impl Iterator<Item = f32>) {
        let samples = samples.map(|sample| f64::from(sound(sample)));
        match &mut self.movement {
            Movement::Peak(peak) => {
                samples.for_each(|x| peak.hear(x));
                peak.rest();
            }
            Movement::Pendulum(pendulum) => {
                samples.for_each(|x| pendulum.hear(x));
                pendulum.rest();
            }
            Movement::MeanSquare(mean) => {
                samples.for_each(|x| mean.hear(x));
                mean.rest();
            }
            Movement::QuasiPeak(quasi) => {
                samples.for_each(|x| quasi.hear(x));
                quasi.rest();
            }
        }
    }

    /// Where the needle stands, in dBFS of a sine; `None` on its stop.
    pub fn level_dbfs(&self) -> Option<f64> {
        let amplitude = match &self.movement {
            Movement::Peak(peak) => peak.amplitude(),
            Movement::Pendulum(pendulum) => pendulum.amplitude(),
            Movement::MeanSquare(mean) => mean.amplitude(),
            Movement::QuasiPeak(quasi) => quasi.amplitude(),
        };
        existing(db_from_amplitude(amplitude))
    }

    /// Where the needle stands on its own scale, in dB.
    pub fn reading_db(&self) -> Option<f64> {
        self.level_dbfs().map(|level| level - self.kind.zero_dbfs())
    }

    /// Back to the stop.
    pub fn reset(&mut self) {
        match &mut self.movement {
            Movement::Peak(peak) => peak.reset(),
            Movement::Pendulum(pendulum) => pendulum.reset(),
            Movement::MeanSquare(mean) => mean.reset(),
            Movement::QuasiPeak(quasi) => quasi.reset(),
        }
    }
}

/// Holds the highest level for a time, then lets it fall.
#[derive(Clone, Copy, Debug)]
pub struct PeakHold {
    hold_secs: f64,
    fall_db_per_sec: f64,
    held_dbfs: Option<f64>,
    age_secs: f64,
}

impl PeakHold {
    /// Held for a time, `f64::INFINITY` for until reset, then falling.
    pub fn new(hold_secs: f64, fall_db_per_sec: f64) -> Self {
        Self {
            hold_secs,
            fall_db_per_sec,
            held_dbfs: None,
            age_secs: 0.0,
        }
    }

    /// Takes the level after some seconds and returns what is held, never below the level.
    pub fn update(&mut self, level_dbfs: Option<f64>, elapsed_secs: f64) -> Option<f64> {
        let falling_secs =
            (self.age_secs + elapsed_secs - self.hold_secs).clamp(0.0, elapsed_secs.max(0.0));
        self.age_secs += elapsed_secs;
        // What has fallen by 300 dB is gone, so that a silent meter does not hold a number for ever.
        let fallen = self
            .held_dbfs
            .map(|held| held - falling_secs * self.fall_db_per_sec)
            .filter(|&held| power_from_db(held) > STOP * STOP);
        match (level_dbfs, fallen) {
            (Some(level), held) if held.is_none_or(|held| level >= held) => {
                self.age_secs = 0.0;
                self.held_dbfs = Some(level);
            }
            _ => self.held_dbfs = fallen,
        }
        self.held_dbfs
    }

    /// Lets go.
    pub fn reset(&mut self) {
        self.held_dbfs = None;
        self.age_secs = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::signals::Signal;

    const RATES_HZ: [u32; 3] = [44_100, 48_000, 96_000];
    const VU: MeterKind = MeterKind::Vu { zero_dbfs: -18.0 };

    fn tone(rate: u32, hz: f64, level_dbfs: f64, secs: f64) -> Vec<f32> {
        Signal::new(rate, 1).tone(hz, level_dbfs, secs).samples
    }

    /// Readings in dBFS after each millisecond of a signal.
    fn every_ms(kind: MeterKind, rate: u32, samples: &[f32]) -> Vec<f64> {
        let mut needle = Needle::new(kind, rate);
        let per_ms = f64::from(rate) / 1_000.0;
        (0..(samples.len() as f64 / per_ms) as usize)
            .map(|ms| {
                let span = (ms as f64 * per_ms) as usize..((ms + 1) as f64 * per_ms) as usize;
                needle.process(samples[span].iter().copied());
                needle.level_dbfs().unwrap_or(-300.0)
            })
            .collect()
    }

    fn first_ms_above(readings: &[f64], level: f64) -> f64 {
        1.0 + readings
            .iter()
            .position(|&r| r >= level)
            .expect("it gets there") as f64
    }

    #[test]
    fn every_needle_reads_the_level_of_a_steady_sine() {
        for rate in RATES_HZ {
            for kind in [
                MeterKind::DigitalPeak,
                VU,
                MeterKind::K20,
                MeterKind::K14,
                MeterKind::K12,
                MeterKind::PpmI,
                MeterKind::PpmII,
            ] {
                let mut needle = Needle::new(kind, rate);
                needle.process(tone(rate, 1_000.0, -12.0, 6.0).into_iter());
                let level = needle.level_dbfs().expect("tone");
                assert!(
                    (level + 12.0).abs() < 0.15,
                    "{kind:?} at {rate} Hz: {level}"
                );
                let reading = needle.reading_db().expect("tone");
                assert!((reading - level + kind.zero_dbfs()).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_scales_of_k_meters_have_their_zero_where_their_name_says() {
        for (kind, zero) in [
            (MeterKind::K20, -20.0),
            (MeterKind::K14, -14.0),
            (MeterKind::K12, -12.0),
        ] {
            let mut needle = Needle::new(kind, 48_000);
            needle.process(tone(48_000, 1_000.0, zero, 6.0).into_iter());
            assert!(needle.reading_db().expect("tone").abs() < 0.01, "{kind:?}");
        }
    }

    #[test]
    fn vu_reaches_99_percent_in_300_ms_and_swings_over_by_1_to_1_5_percent() {
        for rate in RATES_HZ {
            let readings = every_ms(VU, rate, &tone(rate, 1_000.0, 0.0, 2.0));
            let ms = first_ms_above(&readings, db_from_amplitude(0.99));
            assert!((ms - 300.0).abs() < 5.0, "{rate} Hz: {ms} ms");
            let highest = readings.iter().fold(f64::MIN, |a, &b| a.max(b));
            let overshoot = 10f64.powf(highest / 20.0) - 1.0;
            assert!(
                (0.01..=0.015).contains(&overshoot),
                "{rate} Hz: {overshoot}"
            );
        }
    }

    #[test]
    fn k_meters_reach_99_percent_in_600_ms() {
        for rate in RATES_HZ {
            let readings = every_ms(MeterKind::K14, rate, &tone(rate, 1_000.0, 0.0, 2.0));
            let ms = first_ms_above(&readings, db_from_amplitude(0.99));
            assert!((ms - 600.0).abs() < 5.0, "{rate} Hz: {ms} ms");
        }
    }

    #[test]
    fn quasi_peak_meters_read_bursts_as_iec_60268_10_tabulates() {
        // Burst of 5 kHz in ms, reading below the steady one in dB, tolerance in dB.
        let type_i = [
            (10.0, -1.0, 0.5),
            (5.0, -2.0, 0.5),
            (3.0, -4.0, 0.5),
            (0.4, -15.0, 1.0),
        ];
        let type_ii = [
            (10.0, -2.0, 0.5),
            (5.0, -4.0, 0.5),
            (1.5, -9.0, 0.6),
            (0.5, -17.0, 1.0),
        ];
        for (kind, bursts) in [(MeterKind::PpmI, type_i), (MeterKind::PpmII, type_ii)] {
            for (ms, expected, tolerance) in bursts {
                for rate in RATES_HZ {
                    let signal = Signal::new(rate, 1)
                        .tone(5_000.0, -6.0, ms / 1_000.0)
                        .silence(0.01);
                    let highest = every_ms(kind, rate, &signal.samples)
                        .into_iter()
                        .fold(f64::MIN, f64::max);
                    let reading = highest + 6.0;
                    assert!(
                        (reading - expected).abs() <= tolerance,
                        "{kind:?}, {ms} ms, {rate} Hz: {reading:.2}"
                    );
                }
            }
        }
    }

    #[test]
    fn peak_meters_fall_as_fast_as_their_standards_say() {
        for (kind, fall_db, secs) in [
            (MeterKind::DigitalPeak, 20.0, 1.7),
            (MeterKind::PpmI, 20.0, 1.7),
            (MeterKind::PpmII, 24.0, 2.8),
        ] {
            for rate in RATES_HZ {
                let mut needle = Needle::new(kind, rate);
                needle.process(tone(rate, 1_000.0, 0.0, 3.0).into_iter());
                let before = needle.level_dbfs().expect("tone");
                needle.process((0..(secs * f64::from(rate)) as u32).map(|_| 0.0));
                let fallen = before - needle.level_dbfs().expect("still falling");
                assert!(
                    (fallen - fall_db).abs() < 0.1,
                    "{kind:?} at {rate} Hz: {fallen}"
                );
            }
        }
    }

    #[test]
    fn the_digital_peak_rises_within_one_sample_in_blocks_of_any_size() {
        let mut needle = Needle::new(MeterKind::DigitalPeak, 48_000);
        needle.process([0.0, -0.5].into_iter());
        assert_eq!(needle.level_dbfs(), existing(db_from_amplitude(0.5)));
        let noise = Signal::new(48_000, 1).noise(0.5, 0.5, 3).samples;
        for kind in [
            MeterKind::DigitalPeak,
            VU,
            MeterKind::K20,
            MeterKind::PpmI,
            MeterKind::PpmII,
        ] {
            let (mut once, mut blocks) = (Needle::new(kind, 48_000), Needle::new(kind, 48_000));
            once.process(noise.iter().copied());
            noise
                .chunks(77)
                .for_each(|block| blocks.process(block.iter().copied()));
            assert_eq!(once.level_dbfs(), blocks.level_dbfs());
        }
    }

    #[test]
    fn silence_and_broken_samples_leave_the_needle_on_its_stop() {
        for kind in [
            MeterKind::DigitalPeak,
            VU,
            MeterKind::K20,
            MeterKind::PpmI,
            MeterKind::PpmII,
        ] {
            let mut needle = Needle::new(kind, 48_000);
            needle.process([0.0, f32::NAN, f32::INFINITY].into_iter());
            assert_eq!(needle.level_dbfs(), None);
            needle.process(std::iter::once(1.0));
            needle.reset();
            assert_eq!(needle.level_dbfs(), None);
        }
    }

    #[test]
    fn a_held_peak_stays_then_falls_to_the_level_and_goes_with_it() {
        let mut hold = PeakHold::new(2.0, 10.0);
        assert_eq!(hold.update(None, 0.1), None);
        assert_eq!(hold.update(Some(-6.0), 0.1), Some(-6.0));
        assert_eq!(hold.update(Some(-20.0), 1.9), Some(-6.0));
        let falling = hold.update(Some(-20.0), 0.6).expect("held");
        assert!(
            (falling + 11.0).abs() < 1e-9,
            "half a second of falling: {falling}"
        );
        assert_eq!(hold.update(Some(-20.0), 5.0), Some(-20.0));
        assert_eq!(hold.update(None, 100.0), None);
        let mut for_ever = PeakHold::new(f64::INFINITY, 10.0);
        for_ever.update(Some(-3.0), 0.1);
        assert_eq!(for_ever.update(None, 1e6), Some(-3.0));
    }
}
