//! Same song: where in a reference does an excerpt of the mix lie, to a fraction of a millisecond, or nowhere.
//!
//! Excerpt and reference are whitened and correlated at every lag at once. One second of sound holds thousands of
//! independent values, so a true match stands tens of standard deviations above chance even where little of the sound
//! is the same. To be believed, a peak must also be found again in separate parts of the excerpt: a
//! sample that two songs share, or a refrain, is not the same song.

use crate::compare::common_rate::COMMON_RATE_HZ;
use crate::compare::correlation::{Correlation, coefficient, correlate};
use crate::compare::fingerprint::ReferenceFingerprint;
use crate::compare::whitening::INDEPENDENT_PER_SAMPLE;
use crate::dsp::frame_history::StereoFrame;

/// Excerpts shorter than this are not looked for.
pub const MIN_EXCERPT_SECS: f64 = 1.0;

/// A peak must stand this many standard deviations above chance: among millions of lags, chance reaches about 5.5.
const MIN_SIGMAS: f64 = 8.0;
/// The least correlation coefficient of a match. Real mixes and masters of one song stay above 0.3; songs that share
/// drum samples reach 0.2, but mostly only at the strokes they share.
const MIN_COEFFICIENT: f64 = 0.15;
/// From here on a higher coefficient adds nothing to the confidence.
const SURE_COEFFICIENT: f64 = 0.3;
/// A part of the excerpt agrees if it alone correlates by so much, in standard deviations and as a coefficient, at
/// the same lag.
const MIN_PART_SIGMAS: f64 = 4.0;
const MIN_PART_COEFFICIENT: f64 = 0.1;
/// The least part of the excerpt that must agree, for a sure coefficient and for a lower one.
const MIN_AGREEMENT: f64 = 0.4;
const MIN_AGREEMENT_UNSURE: f64 = 0.9;
/// Length of a part, and how few there may be of an excerpt that is shorter.
const PART_SECS: f64 = 2.0;
const MIN_PARTS: usize = 3;
/// Parts may lie this far from the whole's lag, in samples: half a millisecond.
const PART_REACH: i64 = 4;
/// The excerpt may begin before the reference or end after it, if this much of it lies within.
const MIN_OVERLAP_SECS: f64 = 3.0;
/// How many peaks are looked at, and how far apart they are, in samples.
const NUM_PEAKS: usize = 6;
const PEAK_DISTANCE: usize = 80;
/// A second peak this close to the first, in parts of its height, makes the place ambiguous: songs made of loops
/// repeat themselves to the sample, and noise or a limiter may cover what tells one round from the next.
const RIVAL_RATIO: f64 = 0.8;
/// What is left of the confidence if the second peak is as high as the first.
const RIVAL_CONFIDENCE: f64 = 0.4;
/// How far a lock is looked for around its expected place, in samples: 10 ms.
const CHECK_REACH: i64 = 80;
/// Standard deviations by which a lock holds: among 161 lags, chance reaches 3.
const CHECK_SIGMAS: f64 = 5.5;
/// Less sound than this says nothing.
const MIN_SOUND_SECS: f64 = 0.3;
/// A whole mix is looked for by this many pieces of this length.
const NUM_PIECES: usize = 6;
const PIECE_SECS: f64 = 15.0;
/// Offsets of pieces that agree lie this close together, in seconds.
const SAME_OFFSET_SECS: f64 = 0.002;

/// Where the mix lies in the reference.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct AlignmentResult {
    /// Reference time that lies under time 0 of the excerpt or mix, in seconds; negative if the mix begins earlier.
    pub offset_secs: f64,
    /// How sure, 0 … 1: how far the match stands above chance, how much of the excerpt agrees, and whether there is
    /// a second place like it.
    pub confidence: f64,
}

/// Whether a known offset still holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LockCheck {
    /// It does.
    Holds {
        /// The offset as it is now, in seconds.
        offset_secs: f64,
        /// Correlation coefficient of the whitened sounds, 0 … 1. Where a song repeats its drums, a wrong place holds
        /// as well, but with less.
        similarity: f64,
    },
    /// The mix plays something else than the reference has there.
    Fails,
    /// The mix is silent.
    Silent,
}

/// Finds an excerpt of the mix in a reference; `None` is "not the same song". Ten seconds are safe, a few are often
/// enough. Takes some 0.2 s of a core for five minutes of reference.
pub fn align(
    reference: &ReferenceFingerprint,
    excerpt: &[StereoFrame],
    sample_rate_hz: u32,
) -> Option<AlignmentResult> {
    let excerpt = ReferenceFingerprint::new(excerpt, sample_rate_hz);
    find(reference.samples(), excerpt.samples())
}

/// Finds a whole mix in a reference: pieces of it are looked for, and the offset most of them agree upon is the
/// answer. `None` is "not the same song".
pub fn align_programmes(
    reference: &ReferenceFingerprint,
    mix: &ReferenceFingerprint,
) -> Option<AlignmentResult> {
    let mix = mix.samples();
    let piece_len = samples_in(PIECE_SECS);
    if mix.len() < 2 * piece_len {
        return find(reference.samples(), mix);
    }
    let mut groups: Vec<Vec<AlignmentResult>> = Vec::new();
    let mut num_pieces = 0;
    for piece in 0..NUM_PIECES {
        let start = (mix.len() - piece_len) * (2 * piece + 1) / (2 * NUM_PIECES);
        let excerpt = &mix[start..start + piece_len];
        if !has_sound(excerpt) {
            continue;
        }
        num_pieces += 1;
        let start_secs = start as f64 / f64::from(COMMON_RATE_HZ);
        let known = groups.iter().find_map(|group| {
            let expected = group[0].offset_secs + start_secs;
            match check_samples(reference.samples(), excerpt, expected) {
                LockCheck::Holds {
                    offset_secs,
                    similarity,
                } if similarity >= SURE_COEFFICIENT => Some(AlignmentResult {
                    offset_secs,
                    confidence: 1.0,
                }),
                _ => None,
            }
        });
        let Some(mut found) = known.or_else(|| find(reference.samples(), excerpt)) else {
            continue;
        };
        found.offset_secs -= start_secs;
        let same = |group: &&mut Vec<AlignmentResult>| {
            (group[0].offset_secs - found.offset_secs).abs() < SAME_OFFSET_SECS
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(found),
            None => groups.push(vec![found]),
        }
    }
    let mut best = groups.into_iter().max_by_key(Vec::len)?;
    // One piece alone may be a loop that both songs use.
    if best.len() < 2 && num_pieces > 2 {
        return None;
    }
    best.sort_by(|a, b| a.offset_secs.total_cmp(&b.offset_secs));
    let confidence: f64 = best.iter().map(|found| found.confidence).sum();
    Some(AlignmentResult {
        offset_secs: best[best.len() / 2].offset_secs,
        confidence: confidence / f64::from(num_pieces),
    })
}

/// Whether an excerpt of the mix (a second or two) still lies where it is thought to, within 10 ms. Takes some
/// milliseconds.
pub fn check(
    reference: &ReferenceFingerprint,
    excerpt: &[StereoFrame],
    sample_rate_hz: u32,
    expected_offset_secs: f64,
) -> LockCheck {
    let excerpt = ReferenceFingerprint::new(excerpt, sample_rate_hz);
    check_samples(reference.samples(), excerpt.samples(), expected_offset_secs)
}

fn check_samples(reference: &[i8], excerpt: &[i8], expected_offset_secs: f64) -> LockCheck {
    if !has_sound(excerpt) {
        return LockCheck::Silent;
    }
    let expected = (expected_offset_secs * f64::from(COMMON_RATE_HZ)).round() as i64;
    let lags = expected - CHECK_REACH..=expected + CHECK_REACH;
    let best = lags
        .map(|lag| (lag, coefficient_at(reference, excerpt, lag)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    match best {
        Some((lag, value)) if sigmas(value, excerpt.len()) >= CHECK_SIGMAS => {
            let at = |lag| coefficient_at(reference, excerpt, lag);
            let fraction = parabola_peak([at(lag - 1), value, at(lag + 1)]);
            LockCheck::Holds {
                offset_secs: (lag as f64 + fraction) / f64::from(COMMON_RATE_HZ),
                similarity: value,
            }
        }
        _ => LockCheck::Fails,
    }
}

/// A possible place of the excerpt.
#[derive(Clone, Copy)]
struct Peak {
    lag: i64,
    /// Beyond the sample, −0.5 … 0.5.
    fraction: f64,
    sigmas: f64,
}

fn find(reference: &[i8], excerpt: &[i8]) -> Option<AlignmentResult> {
    if excerpt.len() < samples_in(MIN_EXCERPT_SECS) || !has_sound(excerpt) {
        return None;
    }
    let min_overlap = samples_in(MIN_OVERLAP_SECS)
        .min(excerpt.len())
        .min(reference.len());
    let correlation = correlate(excerpt, reference, min_overlap);
    let peaks = highest_peaks(&correlation);
    let believed: Vec<(Peak, f64)> = peaks
        .into_iter()
        .filter(|peak| peak.sigmas >= MIN_SIGMAS)
        .filter_map(|peak| Some((peak, belief(reference, excerpt, peak.lag)?)))
        .collect();
    let &(best, belief) = believed.first()?;
    let uniqueness = believed.get(1).map_or(1.0, |(rival, _)| {
        let ratio = rival.sigmas / best.sigmas;
        1.0 - (1.0 - RIVAL_CONFIDENCE)
            * ((ratio - RIVAL_RATIO) / (1.0 - RIVAL_RATIO)).clamp(0.0, 1.0)
    });
    Some(AlignmentResult {
        offset_secs: (best.lag as f64 + best.fraction) / f64::from(COMMON_RATE_HZ),
        confidence: belief * uniqueness,
    })
}

/// The highest separate peaks, highest first.
fn highest_peaks(correlation: &Correlation) -> Vec<Peak> {
    let scores = &correlation.scores;
    // What chance really reaches: music that goes on in its own rhythm scores more than noise.
    let power: f64 = scores.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    let chance = (power / scores.len().max(1) as f64)
        .sqrt()
        .max(INDEPENDENT_PER_SAMPLE.sqrt().recip());
    let mut peaks: Vec<(usize, f32)> = Vec::new();
    for (n, window) in scores.windows(3).enumerate() {
        let score = window[1];
        let is_peak = score >= window[0] && score > window[2];
        if !is_peak || (peaks.len() == NUM_PEAKS && score <= peaks[NUM_PEAKS - 1].1) {
            continue;
        }
        let place = n + 1;
        let near = |peak: &(usize, f32)| place - peak.0 < PEAK_DISTANCE;
        if peaks.iter().any(|peak| near(peak) && peak.1 >= score) {
            continue;
        }
        peaks.retain(|peak| !near(peak));
        peaks.push((place, score));
        peaks.sort_by(|a, b| b.1.total_cmp(&a.1));
        peaks.truncate(NUM_PEAKS);
    }
    let peak = |(place, score): (usize, f32)| Peak {
        lag: correlation.first_lag + place as i64,
        fraction: parabola_peak([place - 1, place, place + 1].map(|at| scores[at].into())),
        sigmas: f64::from(score) / chance,
    };
    peaks.into_iter().map(peak).collect()
}

/// How sure it is, 0 … 1, that the excerpt lies at a lag, as far as the sound there tells; `None`: it does not.
fn belief(reference: &[i8], excerpt: &[i8], lag: i64) -> Option<f64> {
    let coefficient = coefficient_at(reference, excerpt, lag);
    let agreement = agreement(reference, excerpt, lag);
    let min_agreement = if coefficient >= SURE_COEFFICIENT {
        MIN_AGREEMENT
    } else {
        MIN_AGREEMENT_UNSURE
    };
    (coefficient >= MIN_COEFFICIENT && agreement >= min_agreement)
        .then(|| agreement * (coefficient / SURE_COEFFICIENT).min(1.0))
}

/// How much of the excerpt, 0 … 1, correlates at this lag on its own.
fn agreement(reference: &[i8], excerpt: &[i8], lag: i64) -> f64 {
    let num_parts = (excerpt.len() / samples_in(PART_SECS)).max(MIN_PARTS);
    let part_len = excerpt.len() / num_parts;
    let (mut agreeing, mut counted) = (0u32, 0u32);
    for (n, part) in excerpt.chunks_exact(part_len).enumerate() {
        let start = lag + (n * part_len) as i64;
        let is_outside = start < 0 || start + part_len as i64 > reference.len() as i64;
        if is_outside || !has_sound(part) {
            continue;
        }
        counted += 1;
        let best = (start - PART_REACH..=start + PART_REACH)
            .map(|lag| coefficient_at(reference, part, lag))
            .fold(0.0, f64::max);
        let agrees = sigmas(best, part_len) >= MIN_PART_SIGMAS && best >= MIN_PART_COEFFICIENT;
        agreeing += u32::from(agrees);
    }
    f64::from(agreeing) / f64::from(counted.max(1))
}

/// Correlation coefficient with the reference at a lag, whatever the polarity; only what lies within counts.
fn coefficient_at(reference: &[i8], excerpt: &[i8], lag: i64) -> f64 {
    let start = lag.clamp(0, reference.len() as i64);
    let end = (lag + excerpt.len() as i64).clamp(start, reference.len() as i64);
    let within = (start - lag) as usize..(end - lag) as usize;
    // Beyond the reference's beginning or end nothing is left of the excerpt.
    match excerpt.get(within) {
        Some(part) => coefficient(part, &reference[start as usize..end as usize]).abs(),
        None => 0.0,
    }
}

/// A correlation coefficient in standard deviations of chance.
fn sigmas(coefficient: f64, num_samples: usize) -> f64 {
    coefficient * (num_samples as f64 * INDEPENDENT_PER_SAMPLE).sqrt()
}

fn samples_in(secs: f64) -> usize {
    (secs * f64::from(COMMON_RATE_HZ)) as usize
}

fn has_sound(excerpt: &[i8]) -> bool {
    excerpt.iter().filter(|&&x| x != 0).count() >= samples_in(MIN_SOUND_SECS)
}

/// Where between −0.5 and 0.5 a parabola through three values has its peak, the middle one being the largest.
fn parabola_peak([before, middle, after]: [f64; 3]) -> f64 {
    let curvature = before - 2.0 * middle + after;
    if curvature < 0.0 {
        (0.5 * (before - after) / curvature).clamp(-0.5, 0.5)
    } else {
        0.0
    }
}
