//! Places where an excerpt may lie: the peaks of its whitened correlation with a reference.
//!
//! A song that is made of loops has dozens, and which one is the highest is left to noise, a limiter or a coder. So
//! all of them are kept, to be told apart by what is heard of each.

use crate::compare::correlation::correlate;
use crate::compare::whitening::INDEPENDENT_PER_SAMPLE;

/// A peak must stand this many standard deviations above chance: among millions of lags, chance reaches about 5.5.
const MIN_SIGMAS: f64 = 8.0;
/// How many peaks are looked at, and how far apart they are, in samples: 10 ms.
const MOST_PEAKS: usize = 48;
const PEAK_DISTANCE: usize = 80;

/// A possible place of an excerpt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Sample of the reference that lies under the excerpt's first.
    pub lag: f64,
    /// Height of the peak, in standard deviations of chance.
    pub sigmas: f64,
}

/// The places of an excerpt within a reference, both whitened, likeliest by height first.
pub fn candidates(reference: &[i8], excerpt: &[i8], min_overlap: usize) -> Vec<Candidate> {
    let correlation = correlate(excerpt, reference, min_overlap);
    let scores = &correlation.scores;
    // What chance really reaches: music that goes on in its own rhythm scores more than noise.
    let power: f64 = scores.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    let chance = (power / scores.len().max(1) as f64)
        .sqrt()
        .max(INDEPENDENT_PER_SAMPLE.sqrt().recip());
    let least = (MIN_SIGMAS * chance) as f32;
    let is_peak = |at: &usize| {
        let score = scores[*at];
        score >= least && score >= scores[at - 1] && score > scores[at + 1]
    };
    let mut peaks: Vec<usize> = (1..scores.len().saturating_sub(1))
        .filter(is_peak)
        .collect();
    peaks.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let mut kept: Vec<usize> = Vec::new();
    for peak in peaks {
        if kept.len() == MOST_PEAKS {
            break;
        }
        if kept
            .iter()
            .all(|other| other.abs_diff(peak) >= PEAK_DISTANCE)
        {
            kept.push(peak);
        }
    }
    let candidate = |at: usize| Candidate {
        lag: (correlation.first_lag + at as i64) as f64
            + parabola_peak([at - 1, at, at + 1].map(|at| scores[at].into())),
        sigmas: f64::from(scores[at]) / chance,
    };
    kept.into_iter().map(candidate).collect()
}

/// Where between −0.5 and 0.5 a parabola through three values has its peak, the middle one being the largest.
pub fn parabola_peak([before, middle, after]: [f64; 3]) -> f64 {
    let curvature = before - 2.0 * middle + after;
    if curvature < 0.0 {
        (0.5 * (before - after) / curvature).clamp(-0.5, 0.5)
    } else {
        0.0
    }
}
