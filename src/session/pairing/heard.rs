//! The mix heard so far against the active reference: what the findings in the window and its report are made of.
//!
//! The window copies what is needed, some megabytes; a thread of its own compares. Of the same song the longest stretch
//! is taken that ran beside the reference without a jump, since there both sides play the same seconds. A second live
//! input in the place of the reference has heard the same time.

use crate::analysis::column::{NUM_TIERS, TIER_FACTOR};
use crate::analysis::summary::Summary;
use crate::compare::alignment::AlignmentResult;
use crate::compare::comparison::{Comparison, Relation};
use crate::compare::heard::HeardSide;
use crate::compare::tracker::Tracking;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::pairing::pair::Pair;
use crate::session::references::SharedReference;
use crate::session::sides::history::History;
use crate::session::sides::live_reference::LiveReference;
use crate::session::sides::loudness_history::POINT_SECS;

/// The finest tier that is compared: 0.7 s a column, between a stroke and a phrase.
const FINEST_TIER: usize = 3;
/// More columns than this are taken from a coarser tier.
const MOST_COLUMNS: u64 = 1024;
/// Less than this says nothing.
const LEAST_SECS: f64 = 10.0;

/// What is compared, copied from the window.
pub struct HeardJob {
    mix: HeardSide,
    tier: usize,
    mix_secs: [f64; 2],
    reference: OtherSide,
    relation: Relation,
    generation: u64,
}

/// What the mix is compared with.
enum OtherSide {
    /// A reference of that name, read where the comparison is made.
    Reference(String, SharedReference),
    /// What another input heard over the same time.
    Input(HeardSide),
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Both sides, mix first.
    pub sides: [HeardSide; 2],
    /// Their figures.
    pub summaries: [Summary; 2],
    /// What the reference is to the mix.
    pub relation: Relation,
    /// Mix time that was compared.
    pub mix_secs: [f64; 2],
    /// Which choice of reference it was.
    pub generation: u64,
}

impl Heard {
    /// The comparison, findings and verdict.
    pub fn comparison(&self) -> Comparison<'_> {
        let [mix, reference] = [0, 1].map(|n: usize| self.sides[n].material(&self.summaries[n]));
        let [a, b] = &self.summaries;
        Comparison::new([a, b], [mix, reference], self.relation)
    }
}

impl HeardJob {
    /// Copies what is compared, or says in a line why nothing is.
    pub fn of(pair: &Pair) -> Result<Self, &'static str> {
        let mix = pair.mix.history().ok_or("No input: nothing to compare.")?;
        if let Some(live) = pair.references.input().and_then(LiveReference::history) {
            return Self::of_inputs(pair, mix, live);
        }
        let reference = pair
            .references
            .active()
            .ok_or("No reference: drop a record on the window, or press O.")?;
        if reference.data().programme.is_none() {
            return Err("The reference is still being read.");
        }
        let whole = [mix.measured_from_secs, mix.end_secs()];
        let (relation, mix_secs) = match pair.beside.tracking {
            // A target has no place to be found.
            _ if reference.data().target.is_some() => (Relation::Target, whole),
            Some(Tracking::Locked(found) | Tracking::Doubtful(found)) => {
                let stretches = &pair.beside.stretches;
                let heard = stretches.longest_since(whole[0]).ok_or(TOO_LITTLE)?;
                let alignment = AlignmentResult {
                    offset_secs: heard.offset_secs,
                    ..found
                };
                let from_secs = heard.from_secs.max(0.0);
                (Relation::SameSong(alignment), [from_secs, heard.to_secs])
            }
            Some(Tracking::OtherSpeed(found)) => (Relation::SameSong(found), whole),
            Some(Tracking::NotTheSameSong) => (Relation::OtherSong, whole),
            _ => return Err("Listening for the place of the mix in the reference."),
        };
        let (tier, mix_secs) = kept_part(&[(mix, 0.0)], mix_secs).ok_or(TOO_LITTLE)?;
        Ok(Self {
            mix: heard_side(mix, tier, mix_secs).ok_or(TOO_LITTLE)?,
            tier,
            mix_secs,
            reference: OtherSide::Reference(reference.name.clone(), reference.shared()),
            relation,
            generation: pair.references.generation(),
        })
    }

    /// Copies what two live inputs have heard at the same time.
    fn of_inputs(pair: &Pair, mix: &History, live: &History) -> Result<Self, &'static str> {
        let offset_secs = pair.beside.offset_secs;
        let began_secs = live.measured_from_secs - offset_secs;
        let common = [
            began_secs.max(mix.measured_from_secs),
            mix.end_secs().min(live.end_secs() - offset_secs),
        ];
        let sides = [(mix, 0.0), (live, offset_secs)];
        let (tier, mix_secs) = kept_part(&sides, common).ok_or(TOO_LITTLE)?;
        let of_live = mix_secs.map(|secs| secs + offset_secs);
        let reference = heard_side(live, tier, of_live).ok_or(TOO_LITTLE)?;
        Ok(Self {
            mix: heard_side(mix, tier, mix_secs).ok_or(TOO_LITTLE)?,
            tier,
            mix_secs,
            reference: OtherSide::Input(reference),
            relation: Relation::SameTime(AlignmentResult::at(offset_secs, 1.0)),
            generation: pair.references.generation(),
        })
    }

    /// Mix time that is compared.
    pub fn mix_secs(&self) -> [f64; 2] {
        self.mix_secs
    }

    /// Where the mix lies in the reference, if it is the same song.
    pub fn alignment(&self) -> Option<AlignmentResult> {
        self.relation.alignment()
    }

    /// Compares. Takes some tens of milliseconds: not for the window's thread.
    pub fn compare(self) -> Heard {
        let (tier, mix_secs, relation) = (self.tier, self.mix_secs, self.relation);
        let mut target = None;
        let reference = match self.reference {
            OtherSide::Input(side) => side,
            OtherSide::Reference(name, shared) => {
                target = shared.with(|data| data.target.clone());
                reference_side(name, &shared, tier, mix_secs, relation)
            }
        };
        let sides = [self.mix, reference];
        let mut summaries = sides.each_ref().map(HeardSide::summary);
        // A target has no history: its loudness is what its file says.
        if let Some(target) = target {
            summaries[1].loudness = target.summary("").loudness;
        }
        Heard {
            summaries,
            sides,
            relation,
            mix_secs,
            generation: self.generation,
        }
    }
}

/// The reference beside the mix, or the part of another song that is compared.
fn reference_side(
    name: String,
    reference: &SharedReference,
    tier: usize,
    [from_secs, to_secs]: [f64; 2],
    relation: Relation,
) -> HeardSide {
    reference.with(|data| {
        if let Some(target) = &data.target {
            return HeardSide {
                name,
                sample_rate_hz: data.sample_rate_hz,
                columns: target.columns(),
                slice_secs: 1.0,
                ..HeardSide::default()
            };
        }
        let slice = data.hop_secs() * TIER_FACTOR.pow(tier as u32) as f64;
        let points = data.loudness.points();
        let length_secs = data.duration_secs().max(slice);
        let [start, end] = match relation.alignment() {
            Some(found) => [from_secs, to_secs].map(|secs| secs + found.offset_secs),
            None => {
                let region = data.compared();
                [region.start_secs, region.start_secs + region.length_secs]
            }
        };
        let stored = &data.tiers[tier];
        let columns = times(start, end, slice)
            .filter_map(|secs| stored.get((secs.rem_euclid(length_secs) / slice) as usize));
        let loudness = times(start, end, POINT_SECS).map(|secs| {
            let at = (secs.rem_euclid(length_secs) / POINT_SECS) as usize;
            points.get(at).copied().unwrap_or(LoudnessPoint::ABSENT)
        });
        let whole = data.programme.as_ref().map(|programme| &programme.summary);
        HeardSide {
            name,
            sample_rate_hz: data.sample_rate_hz,
            columns: columns.copied().collect(),
            slice_secs: slice,
            start_secs: start,
            loudness: loudness.collect(),
            true_peak_dbtp: whole.and_then(|whole| whole.loudness.true_peak_dbtp),
            clipped_samples: whole.map_or(0, |whole| whole.levels.clipped_samples),
        }
    })
}

const TOO_LITTLE: &str = "Listening: ten seconds of music are needed.";

/// Seconds of a column.
fn slice_secs(side: &History, tier: usize) -> f64 {
    side.hop_secs() * TIER_FACTOR.pow(tier as u32) as f64
}

/// The finest tier that is coarse enough for the length and still has its beginning, and what of the time the sides
/// have in it; each side with its own time under mix time 0. Where all have let the beginning go, it is what the tier
/// has that goes back furthest. `None` if that is too little.
fn kept_part(
    sides: &[(&History, f64)],
    [from_secs, to_secs]: [f64; 2],
) -> Option<(usize, [f64; 2])> {
    let kept_from_secs = |tier: usize| {
        let kept = sides.iter().map(|(side, offset_secs)| {
            let columns = side.columns.kept(tier);
            match columns.is_empty() {
                true => f64::INFINITY,
                false => columns.start as f64 * slice_secs(side, tier) - offset_secs,
            }
        });
        kept.fold(f64::NEG_INFINITY, f64::max)
    };
    let fits = |tier: &usize| {
        let slice = sides.iter().map(|(side, _)| slice_secs(side, *tier));
        let slice = slice.fold(f64::INFINITY, f64::min);
        ((to_secs - from_secs) / slice) as u64 <= MOST_COLUMNS
            && kept_from_secs(*tier) <= from_secs + slice
    };
    let furthest = |a: &usize, b: &usize| {
        kept_from_secs(*a)
            .total_cmp(&kept_from_secs(*b))
            .then(b.cmp(a))
    };
    let mut tiers = FINEST_TIER..NUM_TIERS;
    let tier = tiers
        .find(fits)
        .or_else(|| (FINEST_TIER..NUM_TIERS).min_by(furthest))?;
    let from_secs = from_secs.max(kept_from_secs(tier));
    (to_secs - from_secs >= LEAST_SECS).then_some((tier, [from_secs, to_secs]))
}

/// Copies what a side has of its own time; `None` if too little of it has columns.
fn heard_side(side: &History, tier: usize, secs: [f64; 2]) -> Option<HeardSide> {
    let slice = slice_secs(side, tier);
    let first = (secs[0] / slice).ceil().max(0.0) as u64;
    let end = (secs[1] / slice).floor().max(0.0) as u64;
    let columns = side.columns.range(tier, first..end);
    let points = side.loudness.points();
    let point = |secs: f64| ((secs / POINT_SECS).round().max(0.0) as usize).min(points.len());
    let loudness = &points[point(secs[0])..point(secs[1])];
    let is_enough = (columns.len() as f64) * slice >= 0.5 * LEAST_SECS;
    is_enough.then(|| HeardSide {
        name: side.name.clone(),
        sample_rate_hz: side.format().sample_rate_hz,
        start_secs: columns.first().map_or(0.0, |c| c.index as f64 * slice),
        columns,
        slice_secs: slice,
        loudness: loudness.to_vec(),
        true_peak_dbtp: side.meters.true_peak_dbtp,
        clipped_samples: side.meters.clipped_samples,
    })
}

/// Middles of the steps between two times.
fn times(start_secs: f64, end_secs: f64, step_secs: f64) -> impl Iterator<Item = f64> {
    let count = ((end_secs - start_secs) / step_secs).floor().max(0.0) as usize;
    (0..count).map(move |n| start_secs + (n as f64 + 0.5) * step_secs)
}
