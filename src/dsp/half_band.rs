//! Interpolation to twice the rate, three times over: the oversampling of the true-peak meter.
//!
//! A half-band filter keeps every input sample and computes one new sample half-way between each two. Three short
//! cascaded ones cost a quarter of one long eight-phase filter. The streams stay apart, one for each eighth of a
//! frame, so that every loop runs over neighbours in memory and the compiler makes vectors of it.
//!
//! The coefficients are minimax fits of 2 Σ cₖ cos((k + ½) ω) to 1, up to the frequency named with each table: with
//! 48 taps it stays within ±0.007 dB up to 20.3 kHz at 44.1 kHz. The tests measure what the tables do.

use super::samples::is_silence;
use super::wide::widely;

/// From the input to twice its rate; pass band 0 … 0.46 of the input's rate.
const FIRST: [f32; 24] = [
    0.635_904_3,
    -0.210_068_24,
    0.123_786_98,
    -0.086_049_83,
    0.064_535_33,
    -0.050_438,
    0.040_378_13,
    -0.032_783_25,
    0.026_824_062,
    -0.022_022_01,
    0.018_081_446,
    -0.014_808_978,
    0.012_071_986,
    -0.009_775_22,
    0.007_847_588,
    -0.006_233_725,
    0.004_889_155,
    -0.003_776_77,
    0.002_864_997,
    -0.002_126_162,
    0.001_535_864,
    -0.001_072_144,
    0.000_715_386,
    -0.000_693_668,
];
/// From twice to four times the rate; pass band 0 … 0.235 of its input's rate.
const SECOND: [f32; 4] = [0.609_333_94, -0.141_608_78, 0.038_669_46, -0.006_532_969];
/// From four to eight times the rate; pass band 0 … 0.118 of its input's rate.
const THIRD: [f32; 2] = [0.568_885_55, -0.069_349_4];

/// Most frames one call of [`Oversampler::peak_above`] takes.
pub const MAX_FRAMES: usize = 512;
/// Frames by which the interpolated signal lies behind its input.
pub const LATENCY_FRAMES: usize = 27;

const TAPS: usize = 2 * FIRST.len();
/// Taps of the first filter added in one pass over a block.
const GROUP: usize = 8;

/// How many times the input's rate is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// Twice.
    Two,
    /// Four times.
    Four,
    /// Eight times.
    Eight,
}

/// Oversamples one channel and looks for the peak between the samples.
#[derive(Clone, Debug)]
pub struct Oversampler {
    factor: Factor,
    /// Input: 47 old samples, then the new ones.
    input: Vec<f32>,
    /// Half-way between the input samples: 4 old values, then the new.
    half: Vec<f32>,
    /// At one and at three quarters of the frame: 2 old values, then the new.
    quarters: [Vec<f32>; 2],
    peaks: Vec<f32>,
}

impl Oversampler {
    /// At rest.
    pub fn new(factor: Factor) -> Self {
        let room = |old: usize| vec![0.0; old + MAX_FRAMES];
        Self {
            factor,
            input: room(TAPS - 1),
            half: room(4),
            quarters: [room(2), room(2)],
            peaks: room(0),
        }
    }

    /// Where the next `frames` samples (at most [`MAX_FRAMES`]) are to be written before [`Self::peak_above`].
    pub fn input(&mut self, frames: usize) -> &mut [f32] {
        &mut self.input[TAPS - 1..][..frames]
    }

    /// Largest magnitude of the interpolated signal over the frames written last, [`LATENCY_FRAMES`] ago, if it is
    /// above `known`; otherwise `known`.
    ///
    /// Between the points of the grid a parabola goes through the highest, which takes the 0.1 dB that a sine of a
    /// third of the sample rate may hide there. It is drawn only where it can beat what is known.
    pub fn peak_above(&mut self, known: f32, frames: usize) -> f32 {
        if self.is_silent(frames) {
            return known;
        }
        self.halve(frames);
        if self.factor != Factor::Two {
            self.quarter(frames);
        }
        self.find_peaks(frames);
        let peak = self.refined(known, frames);
        self.input.copy_within(frames..frames + TAPS - 1, 0);
        self.half.copy_within(frames..frames + 4, 0);
        for quarter in &mut self.quarters {
            quarter.copy_within(frames..frames + 2, 0);
        }
        peak
    }

    /// Whether all that the frames written last are interpolated with is zero, as they are.
    fn is_silent(&self, frames: usize) -> bool {
        let [one, three] = self.quarters.each_ref().map(|quarter| &quarter[..2]);
        [
            &self.input[..TAPS - 1 + frames],
            &self.half[..4],
            one,
            three,
        ]
        .iter()
        .all(|values| is_silence(values))
    }

    /// Back to rest, as after a gap.
    pub fn clear(&mut self) {
        self.input.fill(0.0);
        self.half.fill(0.0);
        self.quarters.iter_mut().for_each(|q| q.fill(0.0));
    }

    fn refined(&self, known: f32, frames: usize) -> f32 {
        // At most so much higher than its grid is a sine of half the rate (1/cos(π/2n)); at 2×, of a third of it.
        let gain = match self.factor {
            Factor::Two => 1.25,
            Factor::Four => 1.083,
            Factor::Eight => 1.02,
        };
        let peaks = &self.peaks[..frames];
        let mut highest = larger(known, largest(peaks));
        let (chunks, rest) = peaks.as_chunks::<16>();
        for (chunk, peaks) in chunks.iter().enumerate() {
            // Without branching, so that the compiler makes vectors of it.
            if peaks
                .iter()
                .fold(false, |any, peak| any | (peak * gain > highest))
            {
                highest = self.refined_chunk(peaks, 16 * chunk, gain, highest);
            }
        }
        self.refined_chunk(rest, frames - rest.len(), gain, highest)
    }

    fn refined_chunk(&self, peaks: &[f32], first: usize, gain: f32, known: f32) -> f32 {
        let mut highest = known;
        for (j, &peak) in peaks.iter().enumerate() {
            let bound = peak * gain;
            if bound > highest {
                highest = larger(highest, self.top_of_frame(first + j).min(bound));
            }
        }
        highest
    }

    /// Top of the parabolas through those points of a frame that are higher than their neighbours; 0 without any.
    fn top_of_frame(&self, j: usize) -> f32 {
        let whole = |k: usize| self.input[19 + j + k];
        let half = |k: usize| self.half[j + k];
        let first = |k: usize| self.quarters[0][j + k];
        let third = |k: usize| self.quarters[1][j + k];
        match self.factor {
            Factor::Two => highest_top(&[half(0), whole(1), half(1), whole(2)]),
            Factor::Four => {
                highest_top(&[third(0), whole(1), first(1), half(1), third(1), whole(2)])
            }
            Factor::Eight => {
                let known = [
                    half(0),
                    third(0),
                    whole(1),
                    first(1),
                    half(1),
                    third(1),
                    whole(2),
                    first(2),
                ];
                let rising = known[1..7].windows(2).filter(|two| two[1] > two[0]).count();
                if rising == 0 || rising == 5 {
                    return 0.0;
                }
                let [c0, c1] = THIRD;
                let between =
                    |i: usize| c0 * (known[i] + known[i + 1]) + c1 * (known[i - 1] + known[i + 2]);
                let mut points = [0.0; 10];
                for i in 1..6 {
                    points[2 * i - 2] = between(i);
                    points[2 * i - 1] = known[i + 1];
                }
                highest_top(&points)
            }
        }
    }

    fn halve(&mut self, frames: usize) {
        let (input, half) = (&self.input[..], &mut self.half[4..][..frames]);
        half.fill(0.0);
        for (group, coefficients) in FIRST.as_chunks::<GROUP>().0.iter().enumerate() {
            add_taps(input, group * GROUP, coefficients, half);
        }
    }

    fn quarter(&mut self, frames: usize) {
        let [first, third] = &mut self.quarters;
        let (first, third) = (&mut first[2..][..frames], &mut third[2..][..frames]);
        quarters_of(&self.input[20..], &self.half, first, third);
    }

    fn find_peaks(&mut self, frames: usize) {
        let (input, half, peaks) = (
            &self.input[20..],
            &self.half[1..],
            &mut self.peaks[..frames],
        );
        let [first, third] = &self.quarters;
        match self.factor {
            Factor::Two => peaks_of_two(input, half, peaks),
            Factor::Four => peaks_of_four([input, half, &first[1..], &third[1..]], peaks),
            Factor::Eight => peaks_of_eight(input, half, first, third, peaks),
        }
    }
}

// The loops below are functions of their own: only as parameters are the slices known not to overlap, and only then does
// the compiler make vectors of them. (Tiles of 16 sums in an array stayed scalar.)

widely! {
    /// Adds eight taps and their mirror images to each output.
    fn add_taps(input: &[f32], first_tap: usize, c: &[f32; GROUP], out: &mut [f32]) {
        let frames = out.len();
        let before: [&[f32]; GROUP] =
            std::array::from_fn(|k| &input[FIRST.len() - 1 - first_tap - k..][..frames]);
        let after: [&[f32]; GROUP] =
            std::array::from_fn(|k| &input[FIRST.len() + first_tap + k..][..frames]);
        for j in 0..frames {
            let pair = |k: usize| c[k] * (before[k][j] + after[k][j]);
            out[j] += ((pair(0) + pair(1)) + (pair(2) + pair(3)))
                + ((pair(4) + pair(5)) + (pair(6) + pair(7)));
        }
    }
}

widely! {
    fn quarters_of(input: &[f32], half: &[f32], first: &mut [f32], third: &mut [f32]) {
        let frames = first.len();
        let third = &mut third[..frames];
        // Index k: the samples k frames (or k + ½) after the oldest one needed.
        let w: [&[f32]; 4] = std::array::from_fn(|k| &input[k..][..frames]);
        let h: [&[f32]; 5] = std::array::from_fn(|k| &half[k..][..frames]);
        let [c0, c1, c2, c3] = SECOND;
        for j in 0..frames {
            first[j] = c0 * (w[1][j] + h[2][j])
                + c1 * (h[1][j] + w[2][j])
                + c2 * (w[0][j] + h[3][j])
                + c3 * (h[0][j] + w[3][j]);
            third[j] = c0 * (h[2][j] + w[2][j])
                + c1 * (w[1][j] + h[3][j])
                + c2 * (h[1][j] + w[3][j])
                + c3 * (w[0][j] + h[4][j]);
        }
    }
}

widely! {
    fn peaks_of_two(whole: &[f32], half: &[f32], peaks: &mut [f32]) {
        for ((peak, whole), half) in peaks.iter_mut().zip(whole).zip(half) {
            *peak = larger(whole.abs(), half.abs());
        }
    }
}

widely! {
    fn peaks_of_four(points: [&[f32]; 4], peaks: &mut [f32]) {
        let p = points.map(|points| &points[..peaks.len()]);
        for (j, peak) in peaks.iter_mut().enumerate() {
            *peak = larger(
                larger(p[0][j].abs(), p[1][j].abs()),
                larger(p[2][j].abs(), p[3][j].abs()),
            );
        }
    }
}

widely! {
    fn peaks_of_eight(whole: &[f32], half: &[f32], first: &[f32], third: &[f32], peaks: &mut [f32]) {
        let frames = peaks.len();
        let (q0, q4) = (&whole[..frames], &whole[1..][..frames]);
        let (q1, q5) = (&first[1..][..frames], &first[2..][..frames]);
        let (before, q2, q3) = (&third[..frames], &half[..frames], &third[1..][..frames]);
        let [c0, c1] = THIRD;
        for j in 0..frames {
            let known = larger(
                larger(q0[j].abs(), q1[j].abs()),
                larger(q2[j].abs(), q3[j].abs()),
            );
            let early = larger(
                (c0 * (q0[j] + q1[j]) + c1 * (before[j] + q2[j])).abs(),
                (c0 * (q1[j] + q2[j]) + c1 * (q0[j] + q3[j])).abs(),
            );
            let late = larger(
                (c0 * (q2[j] + q3[j]) + c1 * (q1[j] + q4[j])).abs(),
                (c0 * (q3[j] + q4[j]) + c1 * (q2[j] + q5[j])).abs(),
            );
            peaks[j] = larger(known, larger(early, late));
        }
    }
}

/// The larger of two numbers, as one instruction; `f32::max` takes three for the sake of NaN, which cannot occur.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The highest top of a parabola through three neighbours of which the middle one is largest in magnitude.
fn highest_top(points: &[f32]) -> f32 {
    let mut top = 0.0;
    for three in points.windows(3) {
        let sign = three[1].signum();
        let (before, middle, after) = (sign * three[0], sign * three[1], sign * three[2]);
        let curvature = before - 2.0 * middle + after;
        if middle >= before && middle >= after && curvature < 0.0 {
            let slope = after - before;
            top = larger(top, middle - slope * slope / (8.0 * curvature));
        }
    }
    top
}

/// Largest of non-negative values.
pub fn largest(values: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    let chunks = values.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, value);
        }
    }
    lanes.iter().chain(rest).fold(0.0, |a, &b| larger(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::db::db_from_amplitude;
    use std::f64::consts::PI;

    /// Largest deviation in dB of an interpolator's gain from 0 dB over its pass band.
    fn ripple_db(coefficients: &[f32], pass_band: f64) -> f64 {
        let gain = |f: f64| -> f64 {
            let term = |(k, &c): (usize, &f32)| {
                2.0 * f64::from(c) * (2.0 * PI * f * (k as f64 + 0.5)).cos()
            };
            coefficients.iter().enumerate().map(term).sum()
        };
        (0..=4_000)
            .map(|i| db_from_amplitude(gain(pass_band * f64::from(i) / 4_000.0)).abs())
            .fold(0.0, f64::max)
    }

    #[test]
    fn the_three_interpolators_are_flat_over_their_pass_bands() {
        let ripples = [
            ripple_db(&FIRST, 0.46),
            ripple_db(&SECOND, 0.235),
            ripple_db(&THIRD, 0.118),
        ];
        assert!(ripples[0] < 0.0075, "{ripples:?}");
        assert!(ripples[1] < 0.0025, "{ripples:?}");
        assert!(ripples[2] < 0.0085, "{ripples:?}");
    }

    #[test]
    fn every_eighth_of_a_frame_lies_on_the_sine_it_belongs_to() {
        let sine = |frame: f64| (2.0 * PI * 0.21 * frame).sin();
        let mut oversampler = Oversampler::new(Factor::Eight);
        let mut compared = 0;
        for i in 0..300usize {
            oversampler.input(1)[0] = sine(i as f64) as f32;
            let peak = oversampler.peak_above(0.0, 1);
            if i >= 100 {
                let start = (i - LATENCY_FRAMES) as f64;
                // A parabola belongs to the frame of its middle point, so its top may lie an eighth outside.
                let top = |eighths: std::ops::Range<i32>| {
                    eighths
                        .map(|e| sine(start + f64::from(e) / 8.0).abs())
                        .fold(0.0, f64::max)
                };
                let (on_grid, around) = (top(0..8), top(-1..10));
                let peak = f64::from(peak);
                assert!(peak > on_grid - 0.003, "frame {i}: {peak} {on_grid}");
                assert!(peak < around + 0.012, "frame {i}: {peak} {around}");
                compared += 1;
            }
        }
        assert_eq!(compared, 200);
    }
}
