//! Correlation, balance and side/mid of the first two channels, over a sliding time and over the programme.
//!
//! Powers of left, right, their sum and their difference are added up each for itself: none is computed as a difference
//! of large numbers, so a file that is nearly mono has a true side level. The window moves in steps of 10 ms.
//! What folding to mono costs in LU needs K-weighting and is told by [`super::loudness`].

use super::samples::{is_silence, left_right, sound};
use super::sliding::SlidingSum;
use super::slots::{SLOTS_PER_SEC, SlotClock};
use crate::units::db::{db_from_power, existing};

/// Length of the sliding window if nobody asks for another.
pub const DEFAULT_WINDOW_SECS: f64 = 0.6;
/// A channel with a mean square below −120 dB has no signal: below the dither of 16-bit audio, above that of 24-bit.
const SIGNAL_POWER: f64 = 1e-12;

/// Stereo figures; `None` where they do not exist: no signal, or one side of a ratio is silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct StereoReading {
    /// ΣLR/√(ΣLL ΣRR), −1 … 1; needs signal in both channels.
    pub correlation: Option<f64>,
    /// Power of left over right in dB: positive leans left.
    pub balance_db: Option<f64>,
    /// Power of side over mid in dB: 0 is unrelated, negative narrower. Identical channels have no side: `None`.
    pub side_to_mid_db: Option<f64>,
}

/// Sums of squares over frames.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Powers {
    left: f64,
    right: f64,
    /// Of L + R.
    sum: f64,
    /// Of L − R.
    difference: f64,
}

/// Measures the first two channels of one stream; a lone channel counts as both.
#[derive(Clone, Debug)]
pub struct StereoMeter {
    channels: usize,
    clock: SlotClock,
    window_slots: u64,
    slots_since_gap: u64,
    slot_is_whole: bool,
    current: Powers,
    windows: [SlidingSum; 4],
    programme: Powers,
    frames: u64,
    /// Both before the last reset, with what the slot under way held then.
    before: (Powers, u64),
}

impl StereoMeter {
    /// A meter for interleaved frames with a sliding window of a length, rounded to 10 ms.
    pub fn new(sample_rate_hz: u32, channels: usize, window_secs: f64) -> Self {
        let window_slots = (window_secs * SLOTS_PER_SEC as f64)
            .round()
            .clamp(1.0, 6_000.0) as u64;
        Self {
            channels: channels.max(1),
            clock: SlotClock::new(sample_rate_hz),
            window_slots,
            slots_since_gap: 0,
            slot_is_whole: true,
            current: Powers::default(),
            windows: std::array::from_fn(|_| SlidingSum::new(window_slots as usize)),
            programme: Powers::default(),
            frames: 0,
            before: (Powers::default(), 0),
        }
    }

    /// Hears interleaved frames, any number; the results do not depend on how a stream is cut.
    pub fn process(&mut self, interleaved: &[f32]) {
        let mut rest = interleaved;
        while rest.len() >= self.channels {
            let frames = (rest.len() / self.channels).min(self.clock.frames_left());
            let (now, later) = rest.split_at(frames * self.channels);
            if is_silence(now) {
                // Zeros add nothing.
            } else if self.channels == 2 {
                self.current
                    .add_frames(now.as_chunks::<2>().0.iter().copied());
            } else {
                self.current
                    .add_frames(now.chunks_exact(self.channels).map(left_right));
            }
            self.frames += frames as u64;
            if self.clock.advance(frames) {
                self.end_slot();
            }
            rest = later;
        }
    }

    /// A gap of frames known to be missing: the window starts anew behind it, the programme goes on without it.
    pub fn skip(&mut self, frames: u64) {
        if frames == 0 {
            return;
        }
        self.clock.jump(frames);
        self.programme = self.programme.plus(std::mem::take(&mut self.current));
        self.slot_is_whole = self.clock.position() == self.clock.start_of(self.clock.slot());
        self.slots_since_gap = 0;
        self.windows.iter_mut().for_each(SlidingSum::clear);
    }

    /// Restarts the programme; the sliding window goes on.
    pub fn reset(&mut self) {
        // What the current slot already holds belongs to before the reset and must not count when it ends.
        self.before = (self.programme.plus(self.current), self.frames);
        self.programme = Powers::default().minus(self.current);
        self.frames = 0;
    }

    /// As if it had not been reset the last time.
    pub fn undo_reset(&mut self) {
        let (programme, frames) = std::mem::take(&mut self.before);
        self.programme = self.programme.plus(programme);
        self.frames += frames;
    }

    /// Over the sliding window, or the part of it heard since the start or a gap.
    pub fn reading(&self) -> StereoReading {
        let [left, right, sum, difference] = [0, 1, 2, 3].map(|i| self.windows[i].sum());
        let slots = self.slots_since_gap.min(self.window_slots);
        let end = self.clock.slot();
        let frames = self.clock.start_of(end) - self.clock.start_of(end.saturating_sub(slots));
        Powers {
            left,
            right,
            sum,
            difference,
        }
        .reading(frames)
    }

    /// Over all frames since the start or the last reset.
    pub fn programme(&self) -> StereoReading {
        self.programme.plus(self.current).reading(self.frames)
    }

    fn end_slot(&mut self) {
        let slot = std::mem::take(&mut self.current);
        self.programme = self.programme.plus(slot);
        if self.slot_is_whole {
            let powers = [slot.left, slot.right, slot.sum, slot.difference];
            for (window, power) in self.windows.iter_mut().zip(powers) {
                window.push(power);
            }
            self.slots_since_gap += 1;
        }
        self.slot_is_whole = true;
    }
}

impl Powers {
    #[inline]
    fn add_frames(&mut self, frames: impl Iterator<Item = [f32; 2]>) {
        let mut powers = *self;
        for frame in frames {
            let [left, right] = frame.map(|sample| f64::from(sound(sample)));
            let (sum, difference) = (left + right, left - right);
            powers.left += left * left;
            powers.right += right * right;
            powers.sum += sum * sum;
            powers.difference += difference * difference;
        }
        *self = powers;
    }

    fn plus(self, other: Self) -> Self {
        Self {
            left: self.left + other.left,
            right: self.right + other.right,
            sum: self.sum + other.sum,
            difference: self.difference + other.difference,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            left: self.left - other.left,
            right: self.right - other.right,
            sum: self.sum - other.sum,
            difference: self.difference - other.difference,
        }
    }

    fn reading(self, frames: u64) -> StereoReading {
        let silence = SIGNAL_POWER * frames.max(1) as f64;
        let (has_left, has_right) = (self.left > silence, self.right > silence);
        if !has_left && !has_right {
            return StereoReading::default();
        }
        let both = has_left && has_right;
        let cross = (self.sum - self.difference) / 4.0;
        StereoReading {
            correlation: both.then(|| (cross / (self.left * self.right).sqrt()).clamp(-1.0, 1.0)),
            balance_db: if both {
                existing(db_from_power(self.left / self.right))
            } else {
                None
            },
            side_to_mid_db: existing(db_from_power(self.difference / self.sum)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::signals::Signal;
    use std::f64::consts::TAU;

    fn both(signal: &Signal) -> [StereoReading; 2] {
        let mut meter =
            StereoMeter::new(signal.sample_rate_hz, signal.channels, DEFAULT_WINDOW_SECS);
        meter.process(&signal.samples);
        let mut in_blocks =
            StereoMeter::new(signal.sample_rate_hz, signal.channels, DEFAULT_WINDOW_SECS);
        signal
            .samples
            .chunks(signal.channels * 313)
            .for_each(|frames| in_blocks.process(frames));
        assert_eq!(meter.reading(), in_blocks.reading());
        assert_eq!(meter.programme(), in_blocks.programme());
        [meter.reading(), meter.programme()]
    }

    /// Left a sine, right a sine of another amplitude and phase.
    fn pair(rate: u32, gain: f64, phase_degrees: f64) -> Signal {
        Signal::new(rate, 2).piece(2.0, |i, rate, c| {
            let phase = TAU * (i as f64 * 1_000.0 / rate).fract();
            if c == 0 {
                0.5 * phase.sin()
            } else {
                0.5 * gain * (phase + phase_degrees.to_radians()).sin()
            }
        })
    }

    #[test]
    fn the_correlation_of_two_sines_is_the_cosine_of_their_phase() {
        for rate in [22_050, 44_100, 48_000, 96_000] {
            for phase in [0.0f64, 30.0, 60.0, 90.0, 135.0, 180.0] {
                for reading in both(&pair(rate, 1.0, phase)) {
                    let correlation = reading.correlation.expect("signal in both");
                    let expected = phase.to_radians().cos();
                    assert!(
                        (correlation - expected).abs() < 1e-4,
                        "{rate} Hz, {phase}°: {correlation}"
                    );
                }
            }
        }
    }

    #[test]
    fn mono_is_plus_1_without_a_side_and_anti_phase_minus_1_without_a_mid() {
        for reading in both(&pair(48_000, 1.0, 0.0)) {
            assert_eq!(
                reading,
                StereoReading {
                    correlation: Some(1.0),
                    balance_db: Some(0.0),
                    side_to_mid_db: None
                }
            );
        }
        let anti = Signal::new(48_000, 2).piece(1.0, |i, _, c| {
            (i as f64 * 0.1).sin() * if c == 0 { 0.5 } else { -0.5 }
        });
        for reading in both(&anti) {
            assert_eq!(
                reading,
                StereoReading {
                    correlation: Some(-1.0),
                    balance_db: Some(0.0),
                    side_to_mid_db: None
                }
            );
        }
        let one_channel = Signal::new(48_000, 1).tone(1_000.0, -20.0, 1.0);
        assert_eq!(both(&one_channel)[0].correlation, Some(1.0));
    }

    #[test]
    fn balance_and_side_to_mid_are_ratios_of_power() {
        for reading in both(&pair(48_000, 0.5, 90.0)) {
            assert!((reading.balance_db.expect("both") - 6.0206).abs() < 1e-3);
            assert!(reading.side_to_mid_db.expect("both").abs() < 1e-3);
        }
        // Nearly mono: a side 100 dB below the mid is measured, not lost in rounding.
        let narrow = Signal::new(48_000, 2).piece(1.0, |i, _, c| {
            let side = if c == 0 { 1.0 } else { -1.0 } * 2f64.powi(-17);
            if i % 2 == 0 { 0.5 + side } else { -0.5 + side }
        });
        let expected = db_from_power((2f64.powi(-17) / 0.5).powi(2));
        assert!((both(&narrow)[1].side_to_mid_db.expect("a side") - expected).abs() < 1e-6);
    }

    #[test]
    fn independent_noise_is_uncorrelated_over_10_s() {
        let [_, programme] = both(&Signal::new(48_000, 2).noise(0.5, 10.0, 5));
        assert!(programme.correlation.expect("noise").abs() < 0.02);
    }

    #[test]
    fn without_signal_there_is_no_reading_and_with_one_channel_no_correlation() {
        for signal in [
            Signal::new(48_000, 2),
            Signal::new(48_000, 2).silence(2.0),
            Signal::new(48_000, 2).noise(1e-7, 2.0, 1),
        ] {
            assert_eq!(both(&signal), [StereoReading::default(); 2]);
        }
        let left_only = Signal::new(48_000, 2).tones(1_000.0, &[Some(-6.0), None], 1.0);
        for reading in both(&left_only) {
            assert_eq!((reading.correlation, reading.balance_db), (None, None));
            assert!(reading.side_to_mid_db.expect("a side").abs() < 1e-9);
        }
        let mut broken = Signal::new(48_000, 2).silence(1.0);
        broken.samples[100] = f32::NAN;
        assert_eq!(both(&broken)[0], StereoReading::default());
    }

    #[test]
    fn the_window_forgets_and_a_gap_empties_it() {
        let mut meter = StereoMeter::new(48_000, 2, DEFAULT_WINDOW_SECS);
        meter.process(&pair(48_000, 1.0, 180.0).samples);
        meter.process(&pair(48_000, 1.0, 0.0).samples[..2 * 48_000 * 3 / 5]);
        assert_eq!(meter.reading().correlation, Some(1.0));
        assert!(meter.programme().correlation.expect("signal") < 0.0);
        meter.skip(77);
        assert_eq!(meter.reading(), StereoReading::default());
        meter.reset();
        assert_eq!(meter.programme(), StereoReading::default());
        meter.process(&pair(48_000, 1.0, 0.0).samples);
        assert_eq!(meter.reading().correlation, Some(1.0));
        assert_eq!(meter.programme().correlation, Some(1.0));
    }

    #[test]
    fn a_reset_in_the_middle_of_a_slot_forgets_what_the_slot_held() {
        let mut meter = StereoMeter::new(48_000, 2, DEFAULT_WINDOW_SECS);
        meter.process(&pair(48_000, 1.0, 180.0).samples[..2 * 300]);
        meter.reset();
        meter.process(&pair(48_000, 1.0, 0.0).samples);
        let correlation = meter.programme().correlation.expect("signal");
        assert!(correlation > 0.999_999, "{correlation}");
    }
}
