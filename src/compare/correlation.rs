//! Correlation of a short signal with a long one at every lag, by fast Fourier transform in blocks.

use rustfft::num_complex::Complex;

use crate::compare::transforms::transforms;
use crate::dsp::wide::widely;

/// Products of a query and a reference at every lag at which they overlap enough.
pub struct Correlation {
    /// Lag of `scores[0]`, in samples: how far into the reference the query begins.
    pub first_lag: i64,
    /// `scores[lag - first_lag]`: correlation coefficient, without its sign, times the root of the overlapping length,
    /// so that unrelated noise scores about 1 whatever the overlap. An inverted mix is the same song.
    pub scores: Vec<f32>,
}

/// Correlates at all lags at which at least `min_overlap` samples of the query lie within the reference.
pub fn correlate(query: &[i8], reference: &[i8], min_overlap: usize) -> Correlation {
    let first_lag = min_overlap as i64 - query.len() as i64;
    let last_lag = reference.len() as i64 - min_overlap as i64;
    let num_lags = usize::try_from(last_lag - first_lag + 1).unwrap_or(0);
    let mut scores = vec![0f32; num_lags];
    let size = (4 * query.len()).next_power_of_two().max(1 << 16);
    let lags_per_block = size - query.len() + 1;
    let [forward, inverse] = transforms(size);
    let mut scratch = vec![Complex::default(); forward.get_inplace_scratch_len()];
    let mut template = vec![Complex::default(); size];
    for (value, &x) in template.iter_mut().zip(query) {
        value.re = f32::from(x) / size as f32;
    }
    forward.process_with_scratch(&mut template, &mut scratch);
    let mut block = vec![Complex::default(); size];
    // Two stretches of the reference go through one complex transform: both they and the query are real.
    for (pair, scores) in scores.chunks_mut(2 * lags_per_block).enumerate() {
        let start = first_lag + (2 * pair * lags_per_block) as i64;
        let sample = |at: i64| {
            let sample = usize::try_from(at).ok().and_then(|at| reference.get(at));
            sample.map_or(0.0, |&x| f32::from(x))
        };
        for (n, value) in block.iter_mut().enumerate() {
            let at = start + n as i64;
            *value = Complex::new(sample(at), sample(at + lags_per_block as i64));
        }
        forward.process_with_scratch(&mut block, &mut scratch);
        for (value, template) in block.iter_mut().zip(&template) {
            *value *= template.conj();
        }
        inverse.process_with_scratch(&mut block, &mut scratch);
        let (first, second) = scores.split_at_mut(scores.len().min(lags_per_block));
        let to_score = |scores: &mut [f32], part: fn(&Complex<f32>) -> f32| {
            for (score, value) in scores.iter_mut().zip(&block) {
                *score = part(value);
            }
        };
        to_score(first, |value| value.re);
        to_score(second, |value| value.im);
    }
    normalise(&mut scores, first_lag, query, reference);
    Correlation { first_lag, scores }
}

/// Divides each product by the energies that met, so that it counts in standard deviations of chance.
fn normalise(scores: &mut [f32], first_lag: i64, query: &[i8], reference: &[i8]) {
    let (query_energy, reference_energy) = (running_energy(query), running_energy(reference));
    let query_len = query.len() as i64;
    let reference_len = reference.len() as i64;
    for (n, score) in scores.iter_mut().enumerate() {
        let lag = first_lag + n as i64;
        let (start, end) = (lag.max(0), (lag + query_len).min(reference_len));
        let between = |energy: &[u64], from: i64| {
            energy[(end - from) as usize] - energy[(start - from) as usize]
        };
        let energies = between(&query_energy, lag) as f64 * between(&reference_energy, 0) as f64;
        let overlap = (end - start) as f64;
        *score = if energies > 0.0 {
            (f64::from(score.abs()) * (overlap / energies).sqrt()) as f32
        } else {
            0.0
        };
    }
}

/// `result[n]`: energy of the first `n` samples.
pub fn running_energy(samples: &[i8]) -> Vec<u64> {
    let mut sum = 0;
    let mut sums = Vec::with_capacity(samples.len() + 1);
    sums.push(0);
    sums.extend(samples.iter().map(|&x| {
        sum += u64::from(x.unsigned_abs()) * u64::from(x.unsigned_abs());
        sum
    }));
    sums
}

/// Correlation coefficient of two signals of the same length; 0 where one is silent.
pub fn coefficient(a: &[i8], b: &[i8]) -> f64 {
    coefficient_of(a, b, [product(a, a), product(b, b)])
}

/// The same of two signals whose energies are known.
pub fn coefficient_of(a: &[i8], b: &[i8], energies: [f64; 2]) -> f64 {
    let energies = energies[0] * energies[1];
    if energies > 0.0 {
        product(a, b) / energies.sqrt()
    } else {
        0.0
    }
}

/// The sum of the products of two signals, which are whole numbers.
fn product(a: &[i8], b: &[i8]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.chunks(1 << 14).zip(b.chunks(1 << 14)) {
        let mut products = 0;
        add_products(a, b, &mut products);
        sum += f64::from(products);
    }
    sum
}

widely! {
    /// Each product is below 2^14: thousands of them fit.
    fn add_products(a: &[i8], b: &[i8], sum: &mut i32) {
        let products = a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b));
        *sum += products.sum::<i32>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::signals::Random;

    fn noise(seed: u64, len: usize) -> Vec<i8> {
        let mut random = Random::new(seed);
        (0..len).map(|_| (40.0 * random.bipolar()) as i8).collect()
    }

    #[test]
    fn every_score_is_that_of_the_definition() {
        let (query, reference) = (noise(1, 700), noise(2, 90_000));
        let correlation = correlate(&query, &reference, 300);
        assert_eq!(correlation.first_lag, -400);
        assert_eq!(correlation.scores.len(), 90_000 - 300 + 400 + 1);
        for lag in [-400i64, -1, 0, 1, 40_000, 64_836, 64_837, 89_300, 89_700] {
            let start = lag.max(0) as usize;
            let end = (lag + 700).min(90_000) as usize;
            let overlap = &query[(start as i64 - lag) as usize..(end as i64 - lag) as usize];
            let expected =
                coefficient(overlap, &reference[start..end]) * ((end - start) as f64).sqrt();
            let expected = expected.abs();
            let score = correlation.scores[(lag + 400) as usize];
            assert!(
                (f64::from(score) - expected).abs() < 1e-2,
                "lag {lag}: {score}, not {expected}"
            );
        }
    }

    #[test]
    fn silence_scores_nothing() {
        let correlation = correlate(&[0; 100], &noise(3, 5_000), 50);
        assert!(correlation.scores.iter().all(|&score| score == 0.0));
        assert_eq!(coefficient(&[0; 9], &[1; 9]), 0.0);
    }
}
