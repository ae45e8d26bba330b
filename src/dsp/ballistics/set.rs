//! All needles of a channel, moved at once.

use super::movement::{MeanSquare, Peak, Pendulum, QuasiPeak};
use crate::dsp::samples::{is_silence, sound};
use crate::units::db::{db_from_amplitude, existing};

/// A needle of each movement for one channel. Each reads what a [`Needle`](super::Needle) of its kind does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NeedleSet {
    peak: Peak,
    mean_square: MeanSquare,
    pendulum: Pendulum,
    quasi_peaks: [QuasiPeak; 2],
}

impl NeedleSet {
    /// At rest.
    pub fn new(sample_rate_hz: u32) -> Self {
        let secs = 1.0 / f64::from(sample_rate_hz.max(1));
        Self {
            peak: Peak::new(secs),
            mean_square: MeanSquare::new(secs),
            pendulum: Pendulum::new(secs),
            quasi_peaks: [QuasiPeak::type_i(secs), QuasiPeak::type_ii(secs)],
        }
    }

    /// Digital peak in dBFS; `None` on the stop, as of all others.
    pub fn peak_dbfs(&self) -> Option<f64> {
        existing(db_from_amplitude(self.peak.amplitude()))
    }

    /// AES17 RMS of the K-System.
    pub fn rms_dbfs(&self) -> Option<f64> {
        existing(db_from_amplitude(self.mean_square.amplitude()))
    }

    /// VU.
    pub fn vu_dbfs(&self) -> Option<f64> {
        existing(db_from_amplitude(self.pendulum.amplitude()))
    }

    /// Quasi-peak, types I and II.
    pub fn ppm_dbfs(&self) -> [Option<f64>; 2] {
        let level = |ppm: &QuasiPeak| existing(db_from_amplitude(ppm.amplitude()));
        self.quasi_peaks.each_ref().map(level)
    }

    /// Whether silence moves none.
    fn is_at_stop(&self) -> bool {
        let mut at_stop = *self;
        at_stop.reset();
        *self == at_stop
    }

    /// Back to the stop.
    pub fn reset(&mut self) {
        self.peak.reset();
        self.mean_square.reset();
        self.pendulum.reset();
        self.quasi_peaks.iter_mut().for_each(QuasiPeak::reset);
    }

    #[inline(always)]
    fn hear(&mut self, x: f64) {
        self.peak.hear(x);
        self.mean_square.hear(x);
        self.pendulum.hear(x);
        self.quasi_peaks[0].hear(x);
        self.quasi_peaks[1].hear(x);
    }

    fn rest(&mut self) {
        self.peak.rest();
        self.mean_square.rest();
        self.pendulum.rest();
        self.quasi_peaks.iter_mut().for_each(QuasiPeak::rest);
    }
}

/// Moves the needles of left and right over frames. Each waits for its own last value alone, and meanwhile the others move:
/// one after the other they take four times as long.
pub fn process_all(needles: &mut [NeedleSet; 2], frames: &[[f32; 2]]) {
    let are_at_stop = needles.iter().all(NeedleSet::is_at_stop);
    if are_at_stop && is_silence(frames.as_flattened()) {
        return;
    }
    let [mut left, mut right] = *needles;
    for frame in frames {
        left.hear(f64::from(sound(frame[0])));
        right.hear(f64::from(sound(frame[1])));
    }
    left.rest();
    right.rest();
    *needles = [left, right];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::ballistics::{MeterKind, Needle};
    use crate::dsp::signals::Signal;

    #[test]
    fn moved_together_needles_read_what_they_read_alone() {
        let signal = Signal::new(48_000, 2).noise(0.5, 0.3, 5).silence(0.2);
        let frames = signal.samples.as_chunks::<2>().0;
        let mut together = [NeedleSet::new(48_000); 2];
        frames
            .chunks(480)
            .for_each(|step| process_all(&mut together, step));
        for (channel, set) in together.iter().enumerate() {
            let alone = |kind| {
                let mut needle = Needle::new(kind, 48_000);
                let samples =
                    |step: &[[f32; 2]]| step.iter().map(|frame| frame[channel]).collect::<Vec<_>>();
                frames
                    .chunks(480)
                    .for_each(|step| needle.process(samples(step).into_iter()));
                needle.level_dbfs()
            };
            assert_eq!(set.peak_dbfs(), alone(MeterKind::DigitalPeak));
            assert_eq!(set.rms_dbfs(), alone(MeterKind::K14));
            assert_eq!(set.vu_dbfs(), alone(MeterKind::Vu { zero_dbfs: -18.0 }));
            assert_eq!(
                set.ppm_dbfs(),
                [MeterKind::PpmI, MeterKind::PpmII].map(alone)
            );
            assert!(set.rms_dbfs().is_some());
        }
    }
}
