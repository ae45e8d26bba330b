//! Lowers the sample rate of a stereo signal by a whole factor, without delay: output frame `m` is centred on
//! input frame `m · factor`.
//!
//! Long windows are only needed for low frequencies, and at a low rate they are short: three transforms of about
//! 2048 points then do the work of one of 32768. The filter is a Kaiser-windowed sinc.

use glam::Vec4;

use crate::dsp::frame_history::{FrameHistory, StereoFrame};
use crate::dsp::wide::widely;

/// Everything that could fold into the passband is at least this far down.
const STOPBAND_DB: f64 = 110.0;
/// Taps come in groups of this many frames, so that the inner loop needs no remainder.
const FRAMES_PER_GROUP: usize = 8;

/// A decimating filter and the position of its next output frame.
pub struct Decimator {
    factor: i64,
    /// `taps[2 n]` and `taps[2 n + 1]` are the same: one for left, one for right.
    taps: Vec<f32>,
    /// Input frames needed before and behind the centre.
    before: i64,
    after: i64,
    next_output: i64,
}

impl Decimator {
    /// A filter from a rate in Hz down by a factor, flat up to `passband_hz`, for an input whose first frame stands
    /// at `input_start`.
    pub fn new(rate_hz: f64, factor: usize, passband_hz: f64, input_start: i64) -> Self {
        let half = lowpass(rate_hz, factor, passband_hz);
        let after = half.len() - 1;
        let length = (2 * after + 1).next_multiple_of(FRAMES_PER_GROUP);
        let padding = length - (2 * after + 1);
        let mut taps = vec![0.0; 2 * length];
        for (n, pair) in taps.chunks_exact_mut(2).skip(padding).enumerate() {
            pair.fill(half[n.abs_diff(after)] as f32);
        }
        Self {
            factor: factor as i64,
            taps,
            before: (after + padding) as i64,
            after: after as i64,
            // The filter rings ahead of the first frame, too; without that, a stream's start would be damped.
            next_output: (input_start - after as i64).div_euclid(factor as i64),
        }
    }

    /// Input frames the filter spans.
    pub fn span_frames(&self) -> usize {
        (self.before + self.after + 1) as usize
    }

    /// Position of the next output frame.
    pub fn next_output(&self) -> i64 {
        self.next_output
    }

    /// Filters everything for which the input is complete.
    pub fn run(&mut self, input: &FrameHistory, output: &mut FrameHistory) {
        while self.next_output * self.factor + self.after < input.end() {
            let from = self.next_output * self.factor - self.before;
            let mut frame = [0.0; 2];
            if !input.is_silent_from(from) {
                let frames = input.slice(from, self.span_frames());
                weighted_sum(&self.taps, frames.as_flattened(), &mut frame);
            }
            output.push_one(frame);
            self.next_output += 1;
        }
    }
}

/// Numbers that are summed side by side.
const LANES: usize = 2 * FRAMES_PER_GROUP;

widely! {
    /// Σ taps · interleaved samples, for left and right. The order of the additions is fixed.
    fn weighted_sum(taps: &[f32], samples: &[f32], sum: &mut StereoFrame) {
        let mut sums = [0.0f32; LANES];
        let groups = taps.as_chunks::<LANES>().0.iter().zip(samples.as_chunks::<LANES>().0);
        for (taps, samples) in groups {
            for lane in 0..LANES {
                sums[lane] += taps[lane] * samples[lane];
            }
        }
        let of = |n: usize| Vec4::from_slice(&sums[4 * n..]);
        let four = (of(0) + of(1)) + (of(2) + of(3));
        *sum = [four.x + four.z, four.y + four.w];
    }
}

/// The centre tap and those on one side of it; all taps together sum to 1.
fn lowpass(rate_hz: f64, factor: usize, passband_hz: f64) -> Vec<f64> {
    let output_rate_hz = rate_hz / factor as f64;
    // What lies above the output rate minus the passband folds into the passband.
    let transition = (output_rate_hz - 2.0 * passband_hz) / rate_hz;
    let order = (STOPBAND_DB - 7.95) / (14.36 * transition);
    let one_side = (order / 2.0).ceil() as usize;
    let beta = 0.1102 * (STOPBAND_DB - 8.7);
    let tap = |n: usize| {
        let x = n as f64 / factor as f64 * std::f64::consts::PI;
        let sinc = if n == 0 { 1.0 } else { x.sin() / x };
        let position = n as f64 / (one_side + 1) as f64;
        sinc * bessel_i0(beta * (1.0 - position * position).sqrt())
    };
    let taps: Vec<f64> = (0..=one_side).map(tap).collect();
    let sum = taps[0] + 2.0 * taps[1..].iter().sum::<f64>();
    taps.iter().map(|tap| tap / sum).collect()
}

/// The modified Bessel function of the first kind and order 0, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..60 {
        let factor = x / (2.0 * f64::from(k));
        term *= factor * factor;
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// Level in dB of a decimated sine, worst over the settled output.
    fn gain_db(rate_hz: f64, factor: usize, passband_hz: f64, frequency_hz: f64) -> f64 {
        let mut decimator = Decimator::new(rate_hz, factor, passband_hz, 0);
        let mut input = FrameHistory::new(20_000, 20_000, 0);
        let mut output = FrameHistory::new(20_000, 20_000, decimator.next_output());
        let step = TAU * frequency_hz / rate_hz;
        let frames: Vec<_> = (0..20_000)
            .map(|n| {
                [
                    (step * f64::from(n)).sin() as f32,
                    (step * f64::from(n)).cos() as f32,
                ]
            })
            .collect();
        input.push(&frames);
        decimator.run(&input, &mut output);
        let settled = decimator.span_frames() as i64;
        let rest = (output.end() - settled) as usize;
        let power = |f: &StereoFrame| f64::from(f[0]).powi(2) + f64::from(f[1]).powi(2);
        let peak = output
            .slice(settled, rest)
            .iter()
            .map(power)
            .fold(0.0, f64::max);
        10.0 * peak.log10()
    }

    #[test]
    fn the_passband_is_flat_and_what_would_fold_into_it_is_gone() {
        for (rate_hz, factor, passband_hz) in [
            (48_000.0, 4, 3300.0),
            (44_100.0, 4, 3300.0),
            (12_000.0, 8, 410.0),
            (11_025.0, 8, 410.0),
            (176_400.0, 2, 26_700.0),
        ] {
            for part in [0.01, 0.3, 0.7, 1.0] {
                let gain = gain_db(rate_hz, factor, passband_hz, part * passband_hz);
                assert!(
                    gain.abs() < 0.001,
                    "{rate_hz} / {factor}: {gain} dB at {part} of the passband"
                );
            }
            let output_rate_hz = rate_hz / factor as f64;
            for part in [0.0, 0.5, 1.0] {
                let gain = gain_db(
                    rate_hz,
                    factor,
                    passband_hz,
                    output_rate_hz - part * passband_hz,
                );
                assert!(gain < -100.0, "{rate_hz} / {factor}: {gain} dB folds in");
            }
        }
    }

    #[test]
    fn an_impulse_stays_where_it_is() {
        let mut decimator = Decimator::new(48_000.0, 4, 3300.0, 0);
        let mut input = FrameHistory::new(4000, 4000, 0);
        let mut output = FrameHistory::new(1000, 1000, decimator.next_output());
        let mut frames = vec![[0.0; 2]; 2000];
        frames[800] = [1.0, -0.5];
        input.push(&frames);
        decimator.run(&input, &mut output);
        let around = output.slice(190, 21);
        for n in 0..=10 {
            assert!(
                (around[n][0] - around[20 - n][0]).abs() < 1e-7,
                "symmetric around frame 200"
            );
            assert!(around[n][0].abs() <= around[10][0]);
            assert!((around[n][1] + 0.5 * around[n][0]).abs() < 1e-7);
        }
    }
}
