//! Same song: where in a reference does an excerpt of the mix lie, to a fraction of a millisecond, or nowhere.
//!
//! Excerpt and reference are whitened and correlated at every lag at once. One second of sound holds thousands of
//! independent values, so a true match stands tens of standard deviations above chance even where little of the sound
//! is the same. To be believed, a peak must also be found again in separate parts of the excerpt: a
//! sample that two songs share, or a refrain, is not the same song. Which of several such places it is, is decided by
//! what each of them explains of the sound as it is, and how sure that is by what tells the places apart.

use std::ops::Range;

use serde::Serialize;

use crate::compare::candidates::{Candidate, candidates, parabola_peak};
use crate::compare::common_rate::{COMMON_RATE_HZ, samples_in};
use crate::compare::correlation::{coefficient, coefficient_of, running_energy};
use crate::compare::evidence::{Apart, BLOCK, Excerpt, Explained};
use crate::compare::fingerprint::ReferenceFingerprint;
use crate::compare::rivals::{Odds, odds_against, standing};
use crate::compare::sides::Sides;
use crate::compare::speed::speed_words;
use crate::compare::whitening::{INDEPENDENT_PER_SAMPLE, has_sound};
use crate::dsp::frame_history::StereoFrame;

/// Excerpts shorter than this are not looked for.
pub const MIN_EXCERPT_SECS: f64 = 1.0;

/// The least correlation coefficient of a match. Real mixes and masters of one song stay above 0.3; songs that share
/// drum samples reach 0.2, but mostly only at the strokes they share.
const MIN_COEFFICIENT: f64 = 0.15;
/// From here on a higher coefficient adds nothing to the confidence.
pub const SURE_COEFFICIENT: f64 = 0.3;
/// A part of the excerpt agrees if it alone correlates by so much, in standard deviations and as a coefficient, at
/// the same lag.
const MIN_PART_SIGMAS: f64 = 4.0;
const MIN_PART_COEFFICIENT: f64 = 0.1;
/// A part also agrees if the place explains so much of it: unrelated sound explains 0.04.
const MIN_EXPLAINED: f32 = 0.15;
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
/// Places that explain less than this part of what the best one does are no rivals.
const RIVAL_PART: f32 = 0.15;
/// How many places are asked whether this is the song.
const MOST_BELIEVED: usize = 4;
/// How many rivals are told apart from the best place.
pub const MOST_RIVALS: usize = 12;
/// How far a lock is looked for around its expected place, in samples: 10 ms.
const CHECK_REACH: i64 = 80;
/// Standard deviations by which a lock holds: among 161 lags, chance reaches 3.
const CHECK_SIGMAS: f64 = 5.5;

/// Where the mix lies in the reference, and what was done to it on the way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AlignmentResult {
    /// Reference time that lies under time 0 of the excerpt or mix, in seconds; negative if the mix begins earlier.
    pub offset_secs: f64,
    /// How sure, 0 … 1: how far the match stands above chance, how much of the excerpt agrees, and whether there are
    /// other places like it.
    pub confidence: f64,
    /// How many places it could be, as far as was heard: 1, or as often as the reference repeats what the mix plays.
    #[serde(rename = "places")]
    pub num_places: u32,
    /// In how many pieces the mix lies in the reference: 1, or more where it was cut.
    #[serde(rename = "pieces")]
    pub num_pieces: u32,
    /// The seconds of the mix that lie at this place, where others lie elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub piece_secs: Option<[f64; 2]>,
    /// How much later in the reference the next longest piece lies than it would at this place, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jump_secs: Option<f64>,
    /// How far the mix strays from this place between its beginning and its end, in seconds: a clock that drifts.
    #[serde(skip_serializing_if = "is_zero")]
    pub strays_secs: f64,
    /// What was done to left and right.
    pub sides: Sides,
    /// How many times as fast as the reference the mix plays. Other than 1 it is not laid in time.
    pub speed: f64,
}

impl AlignmentResult {
    /// A single place, both channels as they are.
    pub fn at(offset_secs: f64, confidence: f64) -> Self {
        Self {
            offset_secs,
            confidence,
            num_places: 1,
            num_pieces: 1,
            piece_secs: None,
            jump_secs: None,
            strays_secs: 0.0,
            sides: Sides::default(),
            speed: 1.0,
        }
    }

    /// How far the mix strays, in whole milliseconds, where that is at least one.
    pub fn strays_ms(&self) -> Option<u32> {
        let ms = (1000.0 * self.strays_secs.abs()).round() as u32;
        (ms > 0).then_some(ms)
    }

    /// How the next longest piece lies: "15.000 s later".
    pub fn jump_words(&self) -> Option<String> {
        let secs = self.jump_secs?;
        let word = if secs > 0.0 { "later" } else { "earlier" };
        Some(format!("{:.3} s {word}", secs.abs()))
    }

    /// Whether mix and reference run beside each other: not at another speed.
    pub fn is_laid_in_time(&self) -> bool {
        self.speed == 1.0
    }

    /// Where it lies and how sure that is, in a line: "mix 0:00 is reference 12.000 s, confidence 98 %".
    pub fn words(&self) -> String {
        if !self.is_laid_in_time() {
            return speed_words(self.speed);
        }
        let mut words = format!(
            "mix 0:00 is reference {:.3} s, confidence {:.0} %",
            // Without the sign of what rounds to nothing.
            (1000.0 * self.offset_secs).round() / 1000.0 + 0.0,
            100.0 * self.confidence
        );
        if self.num_places > 1 {
            words += &format!(", one of {} places that sound alike", self.num_places);
        }
        if self.num_pieces > 1 {
            words += &format!(", in {} pieces", self.num_pieces);
        }
        if let Some(jump) = self.jump_words() {
            words += &format!(", the next of them {jump} in the reference");
        }
        if let Some(ms) = self.strays_ms() {
            words += &format!(", drifting by {ms} ms on the way");
        }
        if let Some(sides) = self.sides.words() {
            words += &format!(", {sides}");
        }
        words
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// A place, what is believed of it, and the other places that it might be.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The likeliest place.
    pub place: AlignmentResult,
    /// How sure it is that this is the song, 0 … 1, wherever in it.
    pub belief: f64,
    /// How much of the mix the place explains, 0 … 1.
    pub part: f64,
    /// Offsets in seconds of other places that have something of what the mix plays, likeliest first, and what tells
    /// the place from them.
    pub rivals: Vec<(f64, Apart)>,
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
/// enough. Takes some 0.3 s of a core for five minutes of reference.
pub fn align(
    reference: &ReferenceFingerprint,
    excerpt: &[StereoFrame],
    sample_rate_hz: u32,
) -> Option<AlignmentResult> {
    let excerpt = ReferenceFingerprint::new(excerpt, sample_rate_hz);
    find(reference, &excerpt).map(|found| found.place)
}

/// Finds an excerpt of the mix in a reference, with one of its channels inverted if that must be.
pub fn find(reference: &ReferenceFingerprint, excerpt: &ReferenceFingerprint) -> Option<Found> {
    let upright = find_middle(reference, excerpt, false);
    if !is_wide(excerpt) {
        return upright;
    }
    // What a song has on one side is in its middle and in its side: the other way round it fits a bit as well.
    let turned = find_middle(reference, &excerpt.one_side_inverted(), true);
    let part = |found: &Option<Found>| found.as_ref().map_or(0.0, |found| found.part);
    if part(&turned) > part(&upright) {
        turned
    } else {
        upright
    }
}

/// Whether the side is so strong that one of the channels might be inverted.
pub fn is_wide(excerpt: &ReferenceFingerprint) -> bool {
    let energy = |sound: &[i16]| sound.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
    energy(excerpt.side()) > energy(excerpt.middle())
}

/// Finds the middle of an excerpt in the middle of a reference; `exchanged` says that what is called its middle is its
/// side.
pub fn find_middle(
    reference: &ReferenceFingerprint,
    excerpt: &ReferenceFingerprint,
    exchanged: bool,
) -> Option<Found> {
    let white = excerpt.samples();
    if white.len() < samples_in(MIN_EXCERPT_SECS) || !has_sound(white) {
        return None;
    }
    let sound = Excerpt::new(excerpt.middle());
    let blocks = 0..sound.num_blocks();
    let mut places = places(reference, excerpt, &sound);
    // Whether it is the song, any of its rounds may tell; which of them it is, only what each explains.
    let belief = places
        .iter()
        .take(MOST_BELIEVED)
        .filter_map(|(place, explained, _)| {
            let lag = place.lag.round() as i64;
            belief(reference.samples(), white, lag, &explained.part)
        })
        .reduce(f64::max)?;
    let (place, explained, most) = places.remove(0);
    let rivals = places
        .into_iter()
        .filter(|rival| rival.2 >= RIVAL_PART * most);
    let mut rivals: Vec<(f64, Apart, Odds)> = rivals
        .take(MOST_RIVALS)
        .map(|(rival, ..)| {
            let apart = sound.apart(reference.middle(), [place.lag, rival.lag], blocks.clone());
            (rival.lag, apart, odds_against(apart))
        })
        .collect();
    rivals.sort_by(|a, b| b.2.rival.total_cmp(&a.2.rival));
    let (standing, num_places) = standing(rivals.iter().map(|rival| rival.2));
    let secs = |lag: f64| lag / f64::from(COMMON_RATE_HZ);
    Some(Found {
        place: AlignmentResult {
            num_places,
            sides: sides(reference, excerpt, place.lag, explained.polarity, exchanged),
            ..AlignmentResult::at(secs(place.lag), belief * standing)
        },
        belief,
        part: f64::from(mean(&explained.part)),
        rivals: rivals
            .into_iter()
            .map(|(lag, apart, _)| (secs(lag), apart))
            .collect(),
    })
}

/// Possible places of an excerpt with what they explain of its sound, block by block and altogether; most first.
pub fn places(
    reference: &ReferenceFingerprint,
    excerpt: &ReferenceFingerprint,
    sound: &Excerpt,
) -> Vec<(Candidate, Explained, f32)> {
    let [samples, white] = [reference, excerpt].map(ReferenceFingerprint::samples);
    let min_overlap = samples_in(MIN_OVERLAP_SECS)
        .min(white.len())
        .min(samples.len());
    let blocks = 0..sound.num_blocks();
    let mut places: Vec<(Candidate, Explained, f32)> = candidates(samples, white, min_overlap)
        .into_iter()
        .map(|candidate| {
            let explained = sound.explained(reference.middle(), candidate.lag, blocks.clone());
            let nats = explained.nats.iter().sum();
            (candidate, explained, nats)
        })
        .collect();
    places.sort_by(|a, b| b.2.total_cmp(&a.2));
    places
}

/// What was done to left and right of an excerpt, whose middle has a polarity at a lag. If `exchanged`, its middle and
/// side are exchanged already.
pub fn sides(
    reference: &ReferenceFingerprint,
    excerpt: &ReferenceFingerprint,
    lag: f64,
    polarity: f64,
    exchanged: bool,
) -> Sides {
    let [mix, other] = [excerpt, reference].map(ReferenceFingerprint::side);
    let start = lag.round() as i64;
    let (mut product, mut energies) = (0f64, [0f64; 2]);
    for (n, &x) in mix.iter().enumerate() {
        let at = usize::try_from(start + n as i64).ok();
        if let Some(&y) = at.and_then(|at| other.get(at)) {
            let (x, y) = (f64::from(x), f64::from(y));
            product += x * y;
            energies[0] += x * x;
            energies[1] += y * y;
        }
    }
    let energy = energies[0] * energies[1];
    let side = (energy > 0.0).then(|| product / energy.sqrt());
    if exchanged {
        // What is called middle here is the mix's side, and the reference's middle.
        Sides::new(side, Some(polarity), true)
    } else {
        Sides::new(Some(polarity), side, false)
    }
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

/// As [`check`], of whitened samples at the common rate.
pub fn check_samples(reference: &[i8], excerpt: &[i8], expected_offset_secs: f64) -> LockCheck {
    if !has_sound(excerpt) {
        return LockCheck::Silent;
    }
    let expected = (expected_offset_secs * f64::from(COMMON_RATE_HZ)).round() as i64;
    let lags = expected - CHECK_REACH..=expected + CHECK_REACH;
    // What all lags read of the reference, and the energies of both, which are needed at each.
    let len = reference.len() as i64;
    let first = (lags.start() - 1).clamp(0, len);
    let end = (lags.end() + 1 + excerpt.len() as i64).clamp(first, len);
    let around = &reference[first as usize..end as usize];
    let energies = [running_energy(excerpt), running_energy(around)];
    let at = |lag: i64| {
        let start = lag.clamp(0, len);
        let end = (lag + excerpt.len() as i64).clamp(start, len);
        if end == start {
            return 0.0;
        }
        let of_excerpt = (start - lag) as usize..(end - lag) as usize;
        let of_around = (start - first) as usize..(end - first) as usize;
        let energy =
            |energies: &[u64], of: &Range<usize>| (energies[of.end] - energies[of.start]) as f64;
        let both = [
            energy(&energies[0], &of_excerpt),
            energy(&energies[1], &of_around),
        ];
        coefficient_of(&excerpt[of_excerpt], &around[of_around], both).abs()
    };
    let best = lags
        .map(|lag| (lag, at(lag)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    match best {
        Some((lag, value)) if sigmas(value, excerpt.len()) >= CHECK_SIGMAS => {
            let fraction = parabola_peak([at(lag - 1), value, at(lag + 1)]);
            LockCheck::Holds {
                offset_secs: (lag as f64 + fraction) / f64::from(COMMON_RATE_HZ),
                similarity: value,
            }
        }
        _ => LockCheck::Fails,
    }
}

/// How sure it is, 0 … 1, that whitened sound lies at a lag, as far as the sound there tells; `None`: it does not.
/// `explained[block]` is the part of each block of the excerpt that the place explains: a remaster in another room
/// keeps no more than that, and that may be much where the whitened coefficient is low.
pub fn belief(reference: &[i8], excerpt: &[i8], lag: i64, explained: &[f32]) -> Option<f64> {
    let coefficient = coefficient_at(reference, excerpt, lag);
    let likeness = coefficient.max(f64::from(mean(explained)));
    let agreement = agreement(reference, excerpt, lag, explained);
    let min_agreement = if likeness >= SURE_COEFFICIENT {
        MIN_AGREEMENT
    } else {
        MIN_AGREEMENT_UNSURE
    };
    (likeness >= MIN_COEFFICIENT && agreement >= min_agreement)
        .then(|| agreement * (likeness / SURE_COEFFICIENT).min(1.0))
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

/// How much of the excerpt, 0 … 1, fits at this lag on its own.
fn agreement(reference: &[i8], excerpt: &[i8], lag: i64, explained: &[f32]) -> f64 {
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
        let blocks = n * part_len / BLOCK..((n + 1) * part_len / BLOCK).min(explained.len());
        let is_explained = explained.get(blocks).map_or(0.0, mean) >= MIN_EXPLAINED;
        agreeing += u32::from(agrees || is_explained);
    }
    f64::from(agreeing) / f64::from(counted.max(1))
}

/// Correlation coefficient with the reference at a lag, whatever the polarity; only what lies within counts.
pub fn coefficient_at(reference: &[i8], excerpt: &[i8], lag: i64) -> f64 {
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
