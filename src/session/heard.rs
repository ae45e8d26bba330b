//! The mix heard so far against the active reference: what the findings in the window and its report are made of.
//!
//! The window copies what is needed, some megabytes; a thread of its own compares. Of the same song the longest stretch
//! is taken that ran beside the reference without a jump, since there both sides play the same seconds.

use crate::analysis::column::TIER_FACTOR;
use crate::analysis::summary::Summary;
use crate::compare::alignment::AlignmentResult;
use crate::compare::comparison::{Comparison, Relation};
use crate::compare::heard::HeardSide;
use crate::compare::tracker::Tracking;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::Session;
use crate::session::loudness_history::POINT_SECS;
use crate::session::references::SharedReference;

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
    reference_name: String,
    reference: SharedReference,
    relation: Relation,
    generation: u64,
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
    pub fn of(session: &Session) -> Result<Self, &'static str> {
        let mix = session
            .mix
            .as_ref()
            .ok_or("No input: nothing to compare.")?;
        let reference = session
            .references
            .active()
            .ok_or("No reference: drop a record on the window, or press O.")?;
        if reference.data().programme.is_none() {
            return Err("The reference is still being read.");
        }
        let measured_from = mix.measured_from() as f64 / f64::from(mix.format().sample_rate_hz);
        let whole = [measured_from, mix.end_secs()];
        let (relation, mix_secs) = match session.beside.tracking {
            // A target has no place to be found.
            _ if reference.data().target.is_some() => (Relation::Target, whole),
            Some(Tracking::Locked(found) | Tracking::Doubtful(found)) => {
                let heard = session.beside.heard.ok_or(TOO_LITTLE)?;
                let alignment = AlignmentResult {
                    offset_secs: heard.offset_secs,
                    confidence: found.confidence,
                };
                let from = heard.from_secs.max(measured_from).max(0.0);
                (Relation::SameSong(alignment), [from, heard.to_secs])
            }
            Some(Tracking::NotTheSameSong) => (Relation::OtherSong, whole),
            _ => return Err("Listening for the place of the mix in the reference."),
        };
        let length_secs = mix_secs[1] - mix_secs[0];
        if length_secs < LEAST_SECS {
            return Err(TOO_LITTLE);
        }
        let slice_secs = |tier: usize| mix.hop_secs() * TIER_FACTOR.pow(tier as u32) as f64;
        let fits = |tier: &usize| (length_secs / slice_secs(*tier)) as u64 <= MOST_COLUMNS;
        let tier = (FINEST_TIER..6).find(fits).unwrap_or(5);
        let slice = slice_secs(tier);
        let first = (mix_secs[0] / slice).ceil() as u64;
        let end = (mix_secs[1] / slice).floor() as u64;
        let meters = &mix.meters;
        let points = mix.loudness.points();
        let point = |secs: f64| ((secs / POINT_SECS).round().max(0.0) as usize).min(points.len());
        let columns: Vec<_> = mix.columns.range(tier, first..end);
        if (columns.len() as f64) * slice < 0.5 * LEAST_SECS {
            return Err(TOO_LITTLE);
        }
        Ok(Self {
            mix: HeardSide {
                name: mix.name.clone(),
                sample_rate_hz: mix.format().sample_rate_hz,
                start_secs: columns.first().map_or(0.0, |c| c.index as f64 * slice),
                columns,
                slice_secs: slice,
                loudness: points[point(mix_secs[0])..point(mix_secs[1])].to_vec(),
                true_peak_dbtp: meters.true_peak_dbtp,
                clipped_samples: meters.clipped_samples,
            },
            tier,
            mix_secs,
            reference_name: reference.name.clone(),
            reference: reference.shared(),
            relation,
            generation: session.references.generation,
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
        let reference = self.reference_side();
        let sides = [self.mix, reference];
        let mut summaries = sides.each_ref().map(HeardSide::summary);
        // A target has no history: its loudness is what its file says.
        if let Some(target) = self.reference.with(|data| data.target.clone()) {
            summaries[1].loudness = target.summary("").loudness;
        }
        Heard {
            summaries,
            sides,
            relation: self.relation,
            mix_secs: self.mix_secs,
            generation: self.generation,
        }
    }

    /// The reference beside the mix, or the part of another song that is compared.
    fn reference_side(&self) -> HeardSide {
        let [from_secs, to_secs] = self.mix_secs;
        self.reference.with(|data| {
            if let Some(target) = &data.target {
                return HeardSide {
                    name: self.reference_name.clone(),
                    sample_rate_hz: data.sample_rate_hz,
                    columns: target.columns(),
                    slice_secs: 1.0,
                    ..HeardSide::default()
                };
            }
            let slice = data.hop_secs() * TIER_FACTOR.pow(self.tier as u32) as f64;
            let points = data.loudness.points();
            let length_secs = data.duration_secs().max(slice);
            let [start, end] = match self.relation.alignment() {
                Some(found) => [from_secs, to_secs].map(|secs| secs + found.offset_secs),
                None => {
                    let region = data.compared();
                    [region.start_secs, region.start_secs + region.length_secs]
                }
            };
            let stored = &data.tiers[self.tier];
            let columns = times(start, end, slice)
                .filter_map(|secs| stored.get((secs.rem_euclid(length_secs) / slice) as usize));
            let loudness = times(start, end, POINT_SECS).map(|secs| {
                let at = (secs.rem_euclid(length_secs) / POINT_SECS) as usize;
                points.get(at).copied().unwrap_or(LoudnessPoint::ABSENT)
            });
            let whole = data.programme.as_ref().map(|programme| &programme.summary);
            HeardSide {
                name: self.reference_name.clone(),
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
}

const TOO_LITTLE: &str = "Listening: ten seconds of music are needed.";

/// Middles of the steps between two times.
fn times(start_secs: f64, end_secs: f64, step_secs: f64) -> impl Iterator<Item = f64> {
    let count = ((end_secs - start_secs) / step_secs).floor().max(0.0) as usize;
    (0..count).map(move |n| start_secs + (n as f64 + 0.5) * step_secs)
}
