//! The same song at another speed: a tape that ran faster, a clock that drifts, a transfer at the wrong rate.
//!
//! A tenth of a percent moves fifteen seconds by as many milliseconds, and then nothing correlates over them any more.
//! Over a second and a half it still does, below 900 Hz. So a few such snippets of the mix are played at every speed
//! from −4 to +4 % and looked for in the whole reference; from the place of the best one the mix is followed in both
//! directions, half a second at a time. Chance does not lie on a straight line.

use std::sync::Arc;

use rustfft::{Fft, FftPlanner, num_complex::Complex};

use crate::compare::common_rate::COMMON_RATE_HZ;
use crate::compare::correlation::coefficient;
use crate::compare::whitening::has_sound;

/// Samples per second of the search, and how many of the common rate become one of it.
const DECIMATION: usize = 4;
const SEARCH_RATE_HZ: f64 = COMMON_RATE_HZ as f64 / DECIMATION as f64;
/// Length of a snippet, and where in the mix they are taken, as parts of it.
const SNIPPET_SECS: f64 = 1.5;
const SNIPPETS: [f64; 3] = [0.3, 0.55, 0.8];
/// Speeds are tried so far from one, in steps of so much.
const MOST: f64 = 0.043;
const STEP: f64 = 0.001;
/// A peak is followed if it stands this many standard deviations above chance.
const MIN_SIGMAS: f64 = 7.5;
/// The mix is followed by pieces of this length.
const PIECE_SECS: f64 = 0.5;
/// Pieces lie this close to the line at most, in samples: 2.5 ms.
const REACH: i64 = 20;
/// A piece lies where it is looked for if its coefficient is at least this: among 41 lags, chance reaches 0.06.
const MIN_COEFFICIENT: f64 = 0.12;
/// How fast place and speed follow the pieces.
const PLACE_GAIN: f64 = 0.5;
const SPEED_GAIN: f64 = 0.04;
/// The least part of the pieces, and how many of them, that must lie on the line.
const MIN_PART: f64 = 0.5;
const MIN_PIECES: usize = 8;
/// Pieces lie on the line if they are this close to it, in seconds.
const ON_LINE_SECS: f64 = 0.0015;
/// What a window must not stray per minute to be called laid in time, in seconds.
const STEADY_SECS_PER_MINUTE: f64 = 0.001;

/// The mix is the reference at another speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OtherSpeed {
    /// How many times as fast as the reference the mix plays.
    pub speed: f64,
    /// Reference time that lies under mix time 0.
    pub offset_secs: f64,
    /// The part of the mix that lies on the line.
    pub part: f64,
}

/// Faster or slower in words: "1.00 % faster", or below a tenth of a percent "drifting by 12 ms a minute".
pub fn speed_words(speed: f64) -> String {
    let apart = (speed - 1.0).abs();
    if apart < 0.000_95 {
        return format!("drifting by {:.0} ms a minute", 60_000.0 * apart);
    }
    let word = if speed > 1.0 { "faster" } else { "slower" };
    format!("{:.2} % {word}", 100.0 * apart)
}

/// Finds a mix in a reference at any speed within four percent, both whitened at the common rate. Takes up to two
/// seconds of a core for five minutes of reference.
pub fn other_speed(reference: &[i8], mix: &[i8]) -> Option<OtherSpeed> {
    let [low_reference, low_mix] = [reference, mix].map(decimated);
    let length = (SNIPPET_SECS * SEARCH_RATE_HZ) as usize;
    if low_mix.len() < 2 * length || low_reference.len() < 2 * length {
        return None;
    }
    let search = Search::new(&low_reference, length);
    for part in SNIPPETS {
        let start = ((low_mix.len() - length) as f64 * part) as usize;
        let Some((speed, lag)) = search.best(&low_mix, start) else {
            continue;
        };
        let secs = |samples: f64| samples / SEARCH_RATE_HZ;
        let found = follow(reference, mix, speed, secs(start as f64), secs(lag));
        // What lies on a line of one and the same speed is found by its place.
        if let Some(found) = found {
            return ((found.speed - 1.0).abs() * 60.0 > STEADY_SECS_PER_MINUTE).then_some(found);
        }
    }
    None
}

/// Every fourth sample behind a low-pass.
fn decimated(sound: &[i8]) -> Vec<f32> {
    const TAPS: usize = 4 * DECIMATION + 1;
    let taps: Vec<f32> = (0..TAPS)
        .map(|n| {
            let x = (n as f32 - (TAPS / 2) as f32) / DECIMATION as f32;
            let angle = std::f32::consts::PI * 0.9 * x;
            let sinc = if angle == 0.0 {
                1.0
            } else {
                angle.sin() / angle
            };
            let window = 0.5 + 0.5 * (std::f32::consts::PI * x / 2.25).cos();
            sinc * window / DECIMATION as f32
        })
        .collect();
    let sample = |at: i64| {
        let sample = usize::try_from(at).ok().and_then(|at| sound.get(at));
        sample.map_or(0.0, |&x| f32::from(x))
    };
    (0..sound.len() / DECIMATION)
        .map(|n| {
            let first = (n * DECIMATION) as i64 - (TAPS / 2) as i64;
            taps.iter()
                .zip(first..)
                .map(|(tap, at)| tap * sample(at))
                .sum()
        })
        .collect()
}

/// The transforms of a reference, two stretches in one, to be correlated with many snippets.
struct Search {
    size: usize,
    lags_per_block: usize,
    num_lags: usize,
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    blocks: Vec<Vec<Complex<f32>>>,
    /// `energy[n]` of the first `n` samples.
    energy: Vec<f64>,
}

impl Search {
    fn new(reference: &[f32], length: usize) -> Self {
        // The longest snippet is that of the slowest mix.
        let longest = (length as f64 * (1.0 + MOST)).ceil() as usize;
        let size = (4 * longest).next_power_of_two();
        let lags_per_block = size - longest + 1;
        let mut planner = FftPlanner::new();
        let forward = planner.plan_fft_forward(size);
        let num_lags = reference.len().saturating_sub(longest);
        let sample = |at: usize| reference.get(at).copied().unwrap_or(0.0);
        let blocks = (0..num_lags)
            .step_by(2 * lags_per_block)
            .map(|start| {
                let value =
                    |n: usize| Complex::new(sample(start + n), sample(start + lags_per_block + n));
                let mut block: Vec<Complex<f32>> = (0..size).map(value).collect();
                forward.process(&mut block);
                block
            })
            .collect();
        let mut sum = 0.0;
        let running = reference.iter().map(|&x| {
            sum += f64::from(x) * f64::from(x);
            sum
        });
        Self {
            size,
            lags_per_block,
            num_lags,
            inverse: planner.plan_fft_inverse(size),
            forward: Arc::clone(&forward),
            blocks,
            energy: std::iter::once(0.0).chain(running).collect(),
        }
    }

    /// Speed and place of the snippet of the mix from a sample on, if it stands out.
    fn best(&self, mix: &[f32], start: usize) -> Option<(f64, f64)> {
        let length = (SNIPPET_SECS * SEARCH_RATE_HZ) as usize;
        let steps = (MOST / STEP).round() as i32;
        let (mut best, mut power, mut count) = ((0f64, 1.0, 0usize), 0f64, 0usize);
        for step in -steps..=steps {
            let speed = 1.0 + STEP * f64::from(step);
            let snippet: Vec<f32> = (0..(length as f64 * speed) as usize)
                .map_while(|n| interpolated(mix, start as f64 + n as f64 / speed))
                .collect();
            let own: f64 = snippet.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
            if own <= 0.0 {
                return None;
            }
            self.each_score(&snippet, own, |lag, score| {
                power += score * score;
                count += 1;
                if score > best.0 {
                    best = (score, speed, lag);
                }
            });
        }
        let chance = (power / count.max(1) as f64).sqrt();
        (best.0 >= MIN_SIGMAS * chance).then_some((best.1, best.2 as f64))
    }

    /// Tells the correlation coefficient of a snippet of an energy at each lag.
    fn each_score(&self, snippet: &[f32], own: f64, mut tell: impl FnMut(usize, f64)) {
        let mut template = vec![Complex::default(); self.size];
        for (value, x) in template.iter_mut().zip(snippet) {
            value.re = *x / self.size as f32;
        }
        self.forward.process(&mut template);
        let mut products = vec![Complex::default(); self.size];
        for (pair, block) in self.blocks.iter().enumerate() {
            for ((product, x), y) in products.iter_mut().zip(block).zip(&template) {
                *product = x * y.conj();
            }
            self.inverse.process(&mut products);
            for half in 0..2 {
                let first = (2 * pair + half) * self.lags_per_block;
                let end = (first + self.lags_per_block).min(self.num_lags);
                for lag in first..end {
                    let value = products[lag - first];
                    let value = if half == 0 { value.re } else { value.im };
                    let other = self.energy[(lag + snippet.len()).min(self.energy.len() - 1)]
                        - self.energy[lag];
                    if other > 0.0 {
                        tell(lag, f64::from(value.abs()) / (own * other).sqrt());
                    }
                }
            }
        }
    }
}

fn interpolated(sound: &[f32], at: f64) -> Option<f32> {
    let whole = at.floor();
    let fraction = (at - whole) as f32;
    let [a, b] = [*sound.get(whole as usize)?, *sound.get(whole as usize + 1)?];
    Some(a + fraction * (b - a))
}

/// Follows the mix from a place, where a mix time lies on a reference time, to both of its ends.
fn follow(
    reference: &[i8],
    mix: &[i8],
    speed: f64,
    mix_secs: f64,
    reference_secs: f64,
) -> Option<OtherSpeed> {
    let num_pieces = (mix.len() as f64 / f64::from(COMMON_RATE_HZ) / PIECE_SECS) as i64;
    let here = (mix_secs / PIECE_SECS) as i64;
    let mut points: Vec<(f64, f64)> = vec![];
    let mut num_heard = 0usize;
    let directions: [Box<dyn Iterator<Item = i64>>; 2] =
        [Box::new(here..num_pieces), Box::new((0..here).rev())];
    for pieces in directions {
        let (mut speed, mut anchor) = (speed, (mix_secs, reference_secs));
        for piece in pieces {
            let secs = piece as f64 * PIECE_SECS;
            let expected = anchor.1 + speed * (secs - anchor.0);
            match piece_at(reference, mix, speed, secs, expected) {
                Piece::Silent => {}
                Piece::Lost => num_heard += 1,
                Piece::At(found) => {
                    num_heard += 1;
                    points.push((secs, found));
                    let error = found - expected;
                    let since =
                        (secs - anchor.0).abs().max(PIECE_SECS) * (secs - anchor.0).signum();
                    speed += SPEED_GAIN * error / if since == 0.0 { PIECE_SECS } else { since };
                    anchor = (secs, expected + PLACE_GAIN * error);
                }
            }
        }
    }
    let (speed, offset_secs, on_line) = line(&points)?;
    let part = on_line as f64 / num_heard.max(1) as f64;
    (on_line >= MIN_PIECES && part >= MIN_PART).then_some(OtherSpeed {
        speed,
        offset_secs,
        part,
    })
}

enum Piece {
    Silent,
    Lost,
    /// At a reference time.
    At(f64),
}

fn piece_at(reference: &[i8], mix: &[i8], speed: f64, secs: f64, expected_secs: f64) -> Piece {
    let rate = f64::from(COMMON_RATE_HZ);
    let length = (PIECE_SECS * rate * speed) as usize;
    let sample = |n: usize| {
        let at = secs * rate + n as f64 / speed;
        let (whole, fraction) = (at.floor() as usize, at.fract());
        let (a, b) = (f64::from(*mix.get(whole)?), f64::from(*mix.get(whole + 1)?));
        Some((a + fraction * (b - a)).round() as i8)
    };
    let piece: Vec<i8> = (0..length).map_while(sample).collect();
    if piece.len() < length || !has_sound(&piece) {
        return Piece::Silent;
    }
    let expected = (expected_secs * rate).round() as i64;
    let at = |lag: i64| {
        let start = usize::try_from(lag).ok()?;
        Some((
            lag,
            coefficient(&piece, reference.get(start..start + length)?).abs(),
        ))
    };
    let best = (expected - REACH..=expected + REACH).filter_map(at);
    match best.max_by(|a, b| a.1.total_cmp(&b.1)) {
        None => Piece::Silent,
        Some((lag, value)) if value >= MIN_COEFFICIENT => Piece::At(lag as f64 / rate),
        Some(_) => Piece::Lost,
    }
}

/// Slope and value at 0 of the line through points, least squares over those that lie on it, and how many do.
fn line(points: &[(f64, f64)]) -> Option<(f64, f64, usize)> {
    let mut kept: Vec<(f64, f64)> = points.to_vec();
    let mut best = None;
    // What strays is left out, more strictly each time.
    for reach in [0.02, 0.005, ON_LINE_SECS] {
        let count = kept.len() as f64;
        if kept.len() < MIN_PIECES {
            return None;
        }
        let mean = |value: fn(&(f64, f64)) -> f64| kept.iter().map(value).sum::<f64>() / count;
        let (x, y) = (mean(|point| point.0), mean(|point| point.1));
        let spread: f64 = kept.iter().map(|point| (point.0 - x).powi(2)).sum();
        let slope = kept
            .iter()
            .map(|point| (point.0 - x) * (point.1 - y))
            .sum::<f64>()
            / spread;
        if !slope.is_finite() {
            return None;
        }
        let offset = y - slope * x;
        kept = points
            .iter()
            .copied()
            .filter(|(x, y)| (y - offset - slope * x).abs() <= reach)
            .collect();
        best = Some((slope, offset, kept.len()));
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::signals::Random;

    /// Noise that is smooth enough to be read between its samples.
    fn noise(seed: u64, len: usize) -> Vec<f32> {
        let mut random = Random::new(seed);
        let mut last = [0f64; 2];
        (0..len)
            .map(|_| {
                last[0] += 0.4 * (random.bipolar() - last[0]);
                last[1] += 0.4 * (last[0] - last[1]);
                (100.0 * last[1]) as f32
            })
            .collect()
    }

    fn codes(sound: impl Iterator<Item = f32>) -> Vec<i8> {
        sound.map(|x| x.round() as i8).collect()
    }

    #[test]
    fn a_song_at_another_speed_is_found_with_its_speed_and_its_place() {
        let song = noise(1, 40 * COMMON_RATE_HZ as usize);
        let reference = codes(song.iter().copied());
        for speed in [0.962, 0.9952, 1.001, 1.0173, 1.04] {
            let start = 5.0 * f64::from(COMMON_RATE_HZ);
            let mix = codes(
                (0..20 * COMMON_RATE_HZ as usize)
                    .map_while(|n| interpolated(&song, start + n as f64 * speed)),
            );
            let found = other_speed(&reference, &mix).unwrap_or_else(|| panic!("{speed}"));
            assert!((found.speed - speed).abs() < 5e-5, "{speed}: {found:?}");
            assert!(
                (found.offset_secs - 5.0).abs() < 0.002,
                "{speed}: {found:?}"
            );
            assert!(found.part > 0.9, "{speed}: {found:?}");
        }
    }

    #[test]
    fn another_song_and_the_same_speed_are_no_other_speed() {
        let song = noise(1, 20 * COMMON_RATE_HZ as usize);
        let reference = codes(song.iter().copied());
        let other = codes(noise(2, 10 * COMMON_RATE_HZ as usize).into_iter());
        assert_eq!(other_speed(&reference, &other), None);
        let part = &reference[24_000..104_000];
        assert_eq!(other_speed(&reference, part), None);
        assert_eq!(other_speed(&reference, &[0; 80_000]), None);
    }
}
