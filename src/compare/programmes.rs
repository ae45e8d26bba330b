//! Same song: where a whole mix lies in a reference, in one piece or in several.
//!
//! Places are gathered from excerpts all over the mix and held against every second of it. The cheapest way through
//! them, where a jump costs as much as some seconds explain, is how the mix lies: at one place, or, as a radio edit
//! does, at one and then at another. Where several places explain the longest piece, they are told apart by all of it.

use std::ops::Range;

use crate::compare::alignment::{
    AlignmentResult, Found, LockCheck, MOST_RIVALS, belief, check_samples, find_middle, is_wide,
    places, sides,
};
use crate::compare::common_rate::{COMMON_RATE_HZ, samples_in};
use crate::compare::evidence::{BLOCK, BLOCK_SECS, Excerpt, Explained};
use crate::compare::fingerprint::ReferenceFingerprint;
use crate::compare::rivals::{odds_against, standing};
use crate::compare::speed::{OtherSpeed, other_speed};
use crate::compare::whitening::has_sound;

/// A whole mix is looked for by this many excerpts of this length.
const NUM_EXCERPTS: usize = 6;
const EXCERPT_SECS: f64 = 15.0;
/// Places that are this close together are one, in samples: 2 ms.
const SAME_PLACE: f64 = 16.0;
/// How many places of one excerpt, and of all of them, are held against the whole.
const PLACES_PER_EXCERPT: usize = 8;
const MOST_PLACES: usize = 20;
/// A jump costs as much as so many usual seconds explain.
const JUMP_SECS: f64 = 4.0;
/// What a second without any place is worth: unrelated sound explains a quarter of this.
const NOWHERE_NATS: f64 = 200.0;
/// Shorter pieces are no edits.
const LEAST_PIECE_SECS: f64 = 5.0;
/// The least part of what could lie in the reference that must be found there: less may be a loop that both use.
const LEAST_PART: f64 = 0.35;
/// The mix is found without a doubt if this much of it is.
const SURE_PART: f64 = 0.75;
/// How far a mix strays is told from excerpts of this length.
const STRAY_SECS: f64 = 5.0;
/// Blocks of a second.
const PER_SECOND: usize = 4;
/// Rivals explain at least this part of what the place does.
const RIVAL_PART: f64 = 0.15;

/// Finds a whole mix in a reference. `None` is "not the same song". Takes about two seconds of a core for five minutes
/// of both, three more where they are not the same song.
pub fn align_programmes(
    reference: &ReferenceFingerprint,
    mix: &ReferenceFingerprint,
) -> Option<AlignmentResult> {
    let upright = align_middles(reference, mix, false);
    let mut found = upright;
    if is_wide(mix) {
        let turned = align_middles(reference, &mix.one_side_inverted(), true);
        let explained = |found: &Option<Lies>| found.map_or(0.0, |lies| lies.explained);
        if explained(&turned) > explained(&found) {
            found = turned;
        }
    }
    // Where all lies at one place, no other speed can explain more.
    if let Some(Lies { place, part, .. }) = found
        && (part >= SURE_PART && place.num_pieces == 1)
    {
        return Some(place);
    }
    let speeds = other_speed(reference.samples(), mix.samples());
    match (found, speeds) {
        // One line through nearly all of it says more than many pieces beside one another.
        (Some(lies), Some(other))
            if other.part > lies.part || (lies.place.num_pieces > 1 && other.part >= SURE_PART) =>
        {
            Some(at_speed(other))
        }
        (None, Some(other)) => Some(at_speed(other)),
        (found, _) => found.map(|lies| lies.place),
    }
}

/// A place at another speed.
pub fn at_speed(other: OtherSpeed) -> AlignmentResult {
    AlignmentResult {
        speed: other.speed,
        ..AlignmentResult::at(other.offset_secs, other.part)
    }
}

/// How a mix lies in the reference.
#[derive(Clone, Copy)]
struct Lies {
    place: AlignmentResult,
    /// The part of it that was found, 0 … 1.
    part: f64,
    /// How much of its sound the place explains, 0 … 1.
    explained: f64,
}

/// A place of the whole mix, and what it explains.
struct Place {
    lag: f64,
    explained: Explained,
    /// `nats[second]`.
    nats: Vec<f64>,
}

/// Seconds that lie at one place, by its index.
struct Piece {
    place: usize,
    seconds: Range<usize>,
}

/// By the middle of the mix, which is its side if that was `exchanged`.
fn align_middles(
    reference: &ReferenceFingerprint,
    mix: &ReferenceFingerprint,
    exchanged: bool,
) -> Option<Lies> {
    if mix.samples().len() < 2 * samples_in(EXCERPT_SECS) {
        let found: Found = find_middle(reference, mix, exchanged)?;
        return Some(Lies {
            place: found.place,
            part: found.belief,
            explained: found.part,
        });
    }
    let sound = Excerpt::new(mix.middle());
    let places = explaining(reference, mix, &sound);
    let pieces = pieces(&places);
    let longest = pieces.iter().max_by_key(|piece| piece.seconds.len())?;
    let main = &places[longest.place];
    let part = part_found(reference, mix, &pieces, main.offset_secs());
    let blocks = longest.blocks(&sound);
    let belief = belief_of(reference, mix, longest, main, &blocks)?;
    if part < LEAST_PART {
        return None;
    }
    let odds = rivals(&places, longest).into_iter().map(|rival| {
        odds_against(sound.apart(reference.middle(), [main.lag, rival.lag], blocks.clone()))
    });
    let (standing, num_places) = standing(odds);
    let num_pieces = pieces.len() as u32;
    let next = pieces
        .iter()
        .filter(|piece| piece.place != longest.place)
        .max_by_key(|piece| piece.seconds.len())
        .map(|piece| &places[piece.place]);
    let explained = &main.explained.part[blocks.clone()];
    Some(Lies {
        place: AlignmentResult {
            num_places,
            num_pieces,
            piece_secs: (num_pieces > 1).then(|| longest.secs()),
            jump_secs: next.map(|place| place.offset_secs() - main.offset_secs()),
            strays_secs: strays(reference, mix, longest.secs(), main.offset_secs()),
            sides: sides(reference, mix, main.lag, main.explained.polarity, exchanged),
            ..AlignmentResult::at(
                main.offset_secs(),
                belief * standing * (part / SURE_PART).min(1.0),
            )
        },
        part,
        explained: f64::from(explained.iter().sum::<f32>()) / explained.len().max(1) as f64,
    })
}

impl Place {
    /// Reference time under the beginning of the mix.
    fn offset_secs(&self) -> f64 {
        self.lag / f64::from(COMMON_RATE_HZ)
    }

    /// What it explains of some seconds.
    fn nats_of(&self, seconds: &Range<usize>) -> f64 {
        self.nats[seconds.clone()].iter().sum()
    }
}

impl Piece {
    /// Its blocks, as far as there is sound.
    fn blocks(&self, sound: &Excerpt) -> Range<usize> {
        let end = (self.seconds.end * PER_SECOND).min(sound.num_blocks());
        self.seconds.start * PER_SECOND..end
    }

    /// Beginning and end as time of the mix.
    fn secs(&self) -> [f64; 2] {
        let secs = |second: usize| second as f64 * PER_SECOND as f64 * BLOCK_SECS;
        [secs(self.seconds.start), secs(self.seconds.end)]
    }
}

/// The places of excerpts all over the mix, held against all of it.
fn explaining(
    reference: &ReferenceFingerprint,
    mix: &ReferenceFingerprint,
    sound: &Excerpt,
) -> Vec<Place> {
    let place = |lag: f64| {
        let explained = sound.explained(reference.middle(), lag, 0..sound.num_blocks());
        let nats = seconds_of(&explained.nats);
        Place {
            lag,
            explained,
            nats,
        }
    };
    gathered(reference, mix).into_iter().map(place).collect()
}

/// The part of what could lie in the reference that lies in the pieces, where the longest of them has an offset: before
/// the reference's beginning and behind its end there is nothing.
fn part_found(
    reference: &ReferenceFingerprint,
    mix: &ReferenceFingerprint,
    pieces: &[Piece],
    offset_secs: f64,
) -> f64 {
    let heard = heard_seconds(mix.samples());
    let could = (0..heard.len()).filter(|second| {
        let at = *second as f64 + offset_secs;
        heard[*second] && at >= 0.0 && at + 1.0 <= reference.duration_secs()
    });
    let lies: usize = pieces
        .iter()
        .map(|piece| piece.seconds.clone().filter(|s| heard[*s]).count())
        .sum();
    lies as f64 / could.count().max(lies).max(1) as f64
}

/// How far some seconds of the mix stray from their place between the first and the last of them that can be told.
fn strays(
    reference: &ReferenceFingerprint,
    mix: &ReferenceFingerprint,
    [from, to]: [f64; 2],
    offset_secs: f64,
) -> f64 {
    let white = mix.samples();
    let length = samples_in(STRAY_SECS);
    let at = |step: usize| {
        let secs = from + step as f64 * STRAY_SECS;
        let start = samples_in(secs);
        let excerpt = white.get(start..start + length)?;
        let secs = start as f64 / f64::from(COMMON_RATE_HZ);
        match check_samples(reference.samples(), excerpt, offset_secs + secs) {
            LockCheck::Holds { offset_secs, .. } => Some(offset_secs - secs),
            LockCheck::Fails | LockCheck::Silent => None,
        }
    };
    let steps = ((to - from) / STRAY_SECS) as usize;
    let first = (0..steps).find_map(at);
    let last = (0..steps).rev().find_map(at);
    first.zip(last).map_or(0.0, |(first, last)| last - first)
}

/// How sure it is that a piece of the mix, which has these blocks, lies at a place.
fn belief_of(
    reference: &ReferenceFingerprint,
    mix: &ReferenceFingerprint,
    piece: &Piece,
    place: &Place,
    blocks: &Range<usize>,
) -> Option<f64> {
    let white = mix.samples();
    let sample = |second: usize| (second * PER_SECOND * BLOCK).min(white.len());
    let (start, end) = (sample(piece.seconds.start), sample(piece.seconds.end));
    belief(
        reference.samples(),
        &white[start..end],
        place.lag.round() as i64 + start as i64,
        &place.explained.part[blocks.clone()],
    )
}

/// Other places that explain much of a piece, those that explain most of it first.
fn rivals<'a>(places: &'a [Place], piece: &Piece) -> Vec<&'a Place> {
    let main = &places[piece.place];
    let total = |place: &Place| place.nats_of(&piece.seconds);
    let mut rivals: Vec<&Place> = places
        .iter()
        .filter(|place| place.lag != main.lag && total(place) >= RIVAL_PART * total(main))
        .collect();
    rivals.sort_by(|a, b| total(b).total_cmp(&total(a)));
    rivals.truncate(MOST_RIVALS);
    rivals
}

/// Sums of blocks over seconds.
fn seconds_of(nats: &[f32]) -> Vec<f64> {
    nats.chunks(PER_SECOND)
        .map(|second| second.iter().map(|&x| f64::from(x)).sum())
        .collect()
}

/// Which seconds of a mix sound.
fn heard_seconds(white: &[i8]) -> Vec<bool> {
    white.chunks(PER_SECOND * BLOCK).map(has_sound).collect()
}

/// Places of excerpts all over the mix, as lags of its beginning.
fn gathered(reference: &ReferenceFingerprint, mix: &ReferenceFingerprint) -> Vec<f64> {
    let length = samples_in(EXCERPT_SECS);
    let mut all: Vec<(f64, f64)> = vec![];
    for excerpt in 0..NUM_EXCERPTS {
        let start = (mix.samples().len() - length) * (2 * excerpt + 1) / (2 * NUM_EXCERPTS);
        let part = mix.part(start..start + length);
        if !has_sound(part.samples()) {
            continue;
        }
        let of_excerpt = places(reference, &part, &Excerpt::new(part.middle()));
        let most = of_excerpt.first().map_or(0.0, |(.., nats)| *nats);
        for (candidate, _, nats) in of_excerpt.into_iter().take(PLACES_PER_EXCERPT) {
            let lag = candidate.lag - start as f64;
            // The best of an excerpt counts alike, however much sounds there.
            let weight = f64::from(nats / most.max(1.0));
            match all
                .iter_mut()
                .find(|other| (other.0 - lag).abs() < SAME_PLACE)
            {
                Some(other) => other.1 += weight,
                None => all.push((lag, weight)),
            }
        }
    }
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    all.into_iter()
        .take(MOST_PLACES)
        .map(|(lag, _)| lag)
        .collect()
}

/// The stretches of the cheapest way through the places, in order of time; none that is short.
fn pieces(places: &[Place]) -> Vec<Piece> {
    let num_seconds = places.first().map_or(0, |place| place.nats.len());
    let best = |second: usize| {
        places
            .iter()
            .map(|place| place.nats[second])
            .fold(0.0, f64::max)
    };
    let mut usual: Vec<f64> = (0..num_seconds)
        .map(best)
        .filter(|nats| *nats > NOWHERE_NATS)
        .collect();
    usual.sort_by(f64::total_cmp);
    let Some(middle) = usual.get(usual.len() / 2) else {
        return vec![];
    };
    let jump = JUMP_SECS * middle;
    // The last state is nowhere.
    let nowhere = places.len();
    let worth = |state: usize, second: usize| {
        places
            .get(state)
            .map_or(NOWHERE_NATS.min(0.25 * middle), |place| place.nats[second])
    };
    let mut sums = vec![0f64; nowhere + 1];
    let mut from: Vec<Vec<usize>> = Vec::with_capacity(num_seconds);
    for second in 0..num_seconds {
        let best = (0..=nowhere)
            .max_by(|a, b| sums[*a].total_cmp(&sums[*b]))
            .unwrap_or(nowhere);
        let most: f64 = sums[best];
        let before: Vec<usize> = (0..=nowhere)
            .map(|state| {
                if sums[state] >= most - jump {
                    state
                } else {
                    best
                }
            })
            .collect();
        sums = (0..=nowhere)
            .map(|state| sums[state].max(most - jump) + worth(state, second))
            .collect();
        from.push(before);
    }
    let mut state = (0..=nowhere)
        .max_by(|a, b| sums[*a].total_cmp(&sums[*b]))
        .unwrap_or(nowhere);
    let mut states = vec![nowhere; num_seconds];
    for second in (0..num_seconds).rev() {
        states[second] = state;
        state = from[second][state];
    }
    let mut pieces: Vec<Piece> = vec![];
    for (second, state) in states
        .into_iter()
        .enumerate()
        .filter(|(_, state)| *state < nowhere)
    {
        match pieces.last_mut() {
            // A pause or an insert does not end a piece.
            Some(piece) if piece.place == state => piece.seconds.end = second + 1,
            _ => pieces.push(Piece {
                place: state,
                seconds: second..second + 1,
            }),
        }
    }
    pieces.retain(|piece| {
        piece.seconds.len() as f64 * PER_SECOND as f64 * BLOCK_SECS >= LEAST_PIECE_SECS
    });
    pieces.dedup_by(|later, piece| {
        let same = later.place == piece.place;
        if same {
            piece.seconds.end = later.seconds.end;
        }
        same
    });
    pieces
}
