//! Mono at one common rate, whatever the rates of the files: what recordings are aligned by.
//!
//! Positions are exact: sample `n` of the result is the signal at `n / COMMON_RATE_HZ` seconds, so that 44.1 and
//! 48 kHz versions of a song line up. Half a telephone's bandwidth more than suffices to tell a millisecond, and
//! lossy coders keep it.

use crate::dsp::frame_history::StereoFrame;

/// Samples per second of the result.
pub const COMMON_RATE_HZ: u32 = 8_000;

/// Where the low-pass has fallen to half, in Hz.
const CUTOFF_HZ: f64 = 3_500.0;
/// Zeros of the sinc on either side of its middle.
const ZEROS: f64 = 8.0;
/// Partial sums of a filtered sample: the order of additions is chosen here, so that they run side by side.
const LANES: usize = 8;

/// Samples at the common rate in a time.
pub fn samples_in(secs: f64) -> usize {
    (secs * f64::from(COMMON_RATE_HZ)) as usize
}

/// Converts a stream of stereo frames, piece by piece, to mono at the common rate.
pub struct CommonRate {
    /// Input frames per output sample as a reduced fraction.
    step_numerator: u64,
    step_denominator: u64,
    /// `filters[phase * taps + tap]`, phase in `1 / step_denominator` of an input frame.
    filters: Vec<f32>,
    taps: usize,
    /// Mono input not yet used up; `pending[0]` is input frame `first - taps / 2`.
    pending: Vec<f32>,
    first: u64,
    next_output: u64,
    num_input: u64,
}

impl CommonRate {
    /// From a sample rate in Hz, which must not be 0.
    pub fn new(sample_rate_hz: u32) -> Self {
        let rate_hz = sample_rate_hz.max(1);
        let divisor = greatest_common_divisor(rate_hz, COMMON_RATE_HZ);
        let phases = COMMON_RATE_HZ / divisor;
        let cutoff = (CUTOFF_HZ / f64::from(rate_hz)).min(0.45);
        let half = (ZEROS / (2.0 * cutoff)).ceil() as usize;
        let taps = (2 * half).next_multiple_of(LANES);
        let filter = |phase: u32| {
            let fraction = f64::from(phase) / f64::from(phases);
            (0..taps).map(move |tap| {
                let distance = tap as f64 - (taps / 2) as f64 - fraction;
                (2.0 * cutoff * sinc(2.0 * cutoff * distance) * hann(distance / half as f64)) as f32
            })
        };
        Self {
            step_numerator: (rate_hz / divisor).into(),
            step_denominator: phases.into(),
            filters: (0..phases).flat_map(filter).collect(),
            taps,
            pending: vec![0.0; taps / 2],
            first: 0,
            next_output: 0,
            num_input: 0,
        }
    }

    /// Takes frames and appends the samples they complete.
    pub fn push(&mut self, frames: &[StereoFrame], output: &mut Vec<f32>) {
        // In the middle lies what every version of a song has, however wide it is.
        self.pending
            .extend(frames.iter().map(|[left, right]| 0.5 * (left + right)));
        self.num_input += frames.len() as u64;
        self.run(u64::MAX, output);
    }

    /// Completes the last samples of a stream that has ended.
    pub fn finish(&mut self, output: &mut Vec<f32>) {
        self.pending.extend(std::iter::repeat_n(0.0, self.taps));
        let end = (self.num_input * self.step_denominator).div_ceil(self.step_numerator);
        self.run(end, output);
    }

    fn run(&mut self, end: u64, output: &mut Vec<f32>) {
        while self.next_output < end {
            let position = self.next_output * self.step_numerator;
            let start = (position / self.step_denominator - self.first) as usize;
            let Some(input) = self.pending.get(start..start + self.taps) else {
                break;
            };
            let phase = (position % self.step_denominator) as usize;
            let filter = &self.filters[phase * self.taps..][..self.taps];
            output.push(dot(input, filter));
            self.next_output += 1;
        }
        let next = self.next_output * self.step_numerator / self.step_denominator;
        let used = ((next - self.first) as usize).min(self.pending.len());
        self.pending.drain(..used);
        self.first += used as u64;
    }
}

/// Sum of products. Lengths are multiples of [`LANES`]; what is beyond is left out.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}

fn sinc(x: f64) -> f64 {
    let angle = std::f64::consts::PI * x;
    if angle.abs() < 1e-9 {
        1.0
    } else {
        angle.sin() / angle
    }
}

/// Hann window over −1 … 1.
fn hann(x: f64) -> f64 {
    if x.abs() < 1.0 {
        0.5 + 0.5 * (std::f64::consts::PI * x).cos()
    } else {
        0.0
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn convert(frames: &[StereoFrame], rate_hz: u32, block: usize) -> Vec<f32> {
        let mut converter = CommonRate::new(rate_hz);
        let mut output = Vec::new();
        for frames in frames.chunks(block) {
            converter.push(frames, &mut output);
        }
        converter.finish(&mut output);
        output
    }

    fn sine(rate_hz: u32, frequency_hz: f64, secs: f64) -> Vec<StereoFrame> {
        (0..(secs * f64::from(rate_hz)) as usize)
            .map(|n| [(TAU * frequency_hz * n as f64 / f64::from(rate_hz)).sin() as f32; 2])
            .collect()
    }

    #[test]
    fn a_sine_of_any_rate_is_the_same_sine_at_the_common_rate() {
        for rate_hz in [
            8_000, 11_025, 22_050, 44_100, 44_101, 48_000, 96_000, 192_000,
        ] {
            let output = convert(&sine(rate_hz, 1_000.0, 0.5), rate_hz, 1_000);
            assert_eq!(output.len(), 4_000, "{rate_hz} Hz");
            for (n, sample) in output.iter().enumerate().take(3_800).skip(200) {
                let expected = (TAU * n as f64 / 8.0).sin() as f32;
                assert!((sample - expected).abs() < 0.01, "{rate_hz} Hz, sample {n}");
            }
        }
    }

    #[test]
    fn what_would_fold_back_is_removed() {
        let output = convert(&sine(48_000, 6_000.0, 0.5), 48_000, 4_096);
        assert!(output[200..3_800].iter().all(|x| x.abs() < 0.003));
    }

    #[test]
    fn the_result_does_not_depend_on_the_blocks() {
        let frames = sine(44_100, 700.0, 0.3);
        let whole = convert(&frames, 44_100, usize::MAX);
        for block in [1, 7, 128, 1_000] {
            assert_eq!(convert(&frames, 44_100, block), whole);
        }
    }
}
