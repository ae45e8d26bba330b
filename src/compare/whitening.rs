//! Whitening: every frequency and every moment made equally strong, so that only what was played is left, and not how
//! loud, bright or compressed it is.
//!
//! Equaliser, gain, limiter and noise change magnitudes over time and frequency; correlation of whitened signals does
//! not see them, and its peak is a fraction of a millisecond wide.

use rustfft::num_complex::Complex;

use crate::compare::common_rate::{COMMON_RATE_HZ, samples_in};
use crate::compare::transforms::transforms;

/// Samples of a transform: 128 ms.
const FRAME: usize = 1024;
const HOP: usize = FRAME / 4;

/// The band that is kept, in Hz: below, a millisecond is no phase at all; above, the common rate ends.
const LOW_HZ: f64 = 100.0;
const HIGH_HZ: f64 = 3_300.0;

/// Independent values per sample that are left: the part of the bandwidth that is kept.
pub const INDEPENDENT_PER_SAMPLE: f64 = 2.0 * (HIGH_HZ - LOW_HZ) / COMMON_RATE_HZ as f64;

/// Magnitudes are divided by their own value plus this part of their neighbourhood's mean: pure division would lift
/// the rounding noise between the notes to their strength.
const NEIGHBOURHOOD_PART: f32 = 0.3;
/// The neighbourhood reaches this many bins to either side: about 100 Hz.
const NEIGHBOURHOOD_BINS: usize = 12;
/// What lies this far below the mean magnitude of the whole is not lifted: silence stays silent.
const FLOOR: f32 = 1e-3;

/// Less sound than this says nothing.
const MIN_SOUND_SECS: f64 = 0.3;

/// The whitened signal, as long as the signal; where there is sound its mean square is about the same everywhere.
pub fn whitened(samples: &[f32]) -> Vec<f32> {
    let [forward, inverse] = transforms(FRAME);
    let window: Vec<f32> = (0..FRAME)
        .map(|n| {
            (std::f32::consts::PI * n as f32 / FRAME as f32)
                .sin()
                .powi(2)
        })
        .collect();
    let mut output = vec![0f32; samples.len()];
    let mut spectrum = vec![Complex::default(); FRAME];
    let mut scratch = vec![Complex::default(); forward.get_inplace_scratch_len()];
    let mut gains = Gains::new(floor_of(samples));
    // The first frames begin before the signal, so that its first samples lie under four windows like all others.
    let starts = (0..samples.len() + FRAME - HOP).step_by(HOP);
    for start in starts.map(|start| start as i64 - (FRAME - HOP) as i64) {
        let sample = |n: usize| usize::try_from(start + n as i64).ok();
        for (n, value) in spectrum.iter_mut().enumerate() {
            let x = sample(n).and_then(|at| samples.get(at)).copied();
            *value = Complex::new(window[n] * x.unwrap_or(0.0), 0.0);
        }
        forward.process_with_scratch(&mut spectrum, &mut scratch);
        gains.apply(&mut spectrum);
        inverse.process_with_scratch(&mut spectrum, &mut scratch);
        for (n, value) in spectrum.iter().enumerate() {
            if let Some(out) = sample(n).and_then(|at| output.get_mut(at)) {
                *out += window[n] * value.re;
            }
        }
    }
    output
}

/// Magnitude of a transform below which there is silence.
fn floor_of(samples: &[f32]) -> f32 {
    let power: f64 = samples.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    let mean = power / samples.len().max(1) as f64;
    // A Hann window's sum of squares is 3/8 of its length.
    FLOOR * (mean * FRAME as f64 * 0.375).sqrt() as f32 + f32::MIN_POSITIVE
}

/// The gains of one transform.
struct Gains {
    floor: f32,
    bins: std::ops::Range<usize>,
    magnitudes: Vec<f32>,
    /// `sums[n]`: the first `n` magnitudes together.
    sums: Vec<f32>,
}

impl Gains {
    fn new(floor: f32) -> Self {
        let bin = |hz: f64| (hz * FRAME as f64 / f64::from(COMMON_RATE_HZ)).round() as usize;
        Self {
            floor,
            bins: bin(LOW_HZ)..bin(HIGH_HZ),
            magnitudes: vec![0.0; FRAME / 2],
            sums: vec![0.0; FRAME / 2 + 1],
        }
    }

    /// Whitens a transform; only its positive frequencies stay, the real part of its inverse is the signal.
    fn apply(&mut self, spectrum: &mut [Complex<f32>]) {
        for (bin, magnitude) in self.magnitudes.iter_mut().enumerate() {
            *magnitude = spectrum[bin].norm();
            self.sums[bin + 1] = self.sums[bin] + *magnitude;
        }
        for (bin, value) in spectrum.iter_mut().enumerate() {
            if !self.bins.contains(&bin) {
                *value = Complex::default();
                continue;
            }
            let low = bin.saturating_sub(NEIGHBOURHOOD_BINS);
            let high = (bin + NEIGHBOURHOOD_BINS + 1).min(self.magnitudes.len());
            let mean = (self.sums[high] - self.sums[low]) / (high - low) as f32;
            let divisor = self.magnitudes[bin] + NEIGHBOURHOOD_PART * mean + self.floor;
            *value = value.scale(1.0 / divisor);
        }
    }
}

/// Whether whitened sound is more than silence.
pub fn has_sound(excerpt: &[i8]) -> bool {
    excerpt.iter().filter(|&&x| x != 0).count() >= samples_in(MIN_SOUND_SECS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::signals::Random;

    fn mean_square(samples: &[f32]) -> f32 {
        samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32
    }

    #[test]
    fn loud_and_soft_become_equal_and_silence_stays() {
        let mut noise = Random::new(7);
        let mut samples: Vec<f32> = (0..24_000).map(|_| noise.bipolar() as f32).collect();
        samples[8_000..16_000].iter_mut().for_each(|x| *x *= 0.05);
        samples[16_000..].fill(0.0);
        let white = whitened(&samples);
        let (loud, soft) = (
            mean_square(&white[2_000..6_000]),
            mean_square(&white[10_000..14_000]),
        );
        assert!((loud / soft - 1.0).abs() < 0.3, "{loud} and {soft}");
        assert!(mean_square(&white[18_000..]) == 0.0);
    }

    #[test]
    fn nothing_becomes_nothing() {
        assert!(whitened(&[]).is_empty());
        assert!(whitened(&[0.0; 5_000]).iter().all(|&x| x == 0.0));
    }
}
