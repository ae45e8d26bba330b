//! The mix heard so far against the active reference: what the findings in the window and its report are made of.
//!
//! The window copies what is needed, some megabytes; a thread of its own compares. What is compared is what stands on A
//! and on B, over the same stretch: what is marked, or all since the measurement began; of the same song each stretch
//! of the mix with what lay beside it. A second live input in the place of the reference has heard the same time.

use std::sync::Arc;

use crate::analysis::meters::Meters;
use crate::analysis::summary::{LevelSummary, Summary};
use crate::analysis::tap::Tap;
use crate::compare::alignment::AlignmentResult;
use crate::compare::comparison::{Comparison, Relation, Told};
use crate::compare::findings::Finding;
use crate::compare::heard::HeardSide;
use crate::compare::tracker::Tracking;
use crate::session::pairing::beside_levels;
use crate::session::pairing::heard_parts::{heard_side, kept_part, reference_side};
use crate::session::pairing::pair::Pair;
use crate::session::pairing::side_by_side::{LEAST_MARKED_SECS, LEAST_SECS, LONG_TIER, SideBySide};
use crate::session::pairing::too_little::{ALIGNING, is_marked, too_little};
use crate::session::references::SharedReference;
use crate::session::references::in_song::InSong;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::history::History;
use crate::session::sides::live_reference::LiveReference;
use crate::session::sides::loudness_history::POINT_SECS;
use crate::session::sides::stretches::Stretch;

/// How sure a comparison with a kept sound is that lies nowhere in the other side.
const OTHER_BARS: &str =
    "The two have no passage in common, so this compares other bars with each other.";
const NO_PASSAGE: &str = "A snapshot keeps the last half minute of its sound, and no passage of it was found in the \
     other side: it may be another place of the same song, so each is taken as a whole. Snapshots of the same bars tell \
     more.";
/// What nobody knows to be of the same bars is no strong finding, however far it lies out.
const MOST_OF_OTHER_BARS: f64 = 0.24;
/// What is added to each.
const OF_OTHER_BARS: &str = " (other bars)";
const NOT_TOLD: &str = "What differs cannot be told: the two have no passage in common.";

/// Peaks and levels of all that was measured are those of what is compared, if so much of it is.
const MEASURED_WHOLE: f64 = 0.8;

/// What is compared, copied from the window.
pub struct HeardJob {
    mix: HeardSide,
    tier: usize,
    mix_secs: [f64; 2],
    reference: OtherSide,
    relation: Relation,
    generation: u64,
    has_kept_sound: bool,
    last: Vec<Finding>,
    /// The newest sound of a mix of two channels.
    sound: Option<Arc<Tap>>,
}

/// What the mix is compared with.
enum OtherSide {
    /// A reference of that name, read where the comparison is made.
    Reference(String, SharedReference),
    /// The same, of which each stretch lay beside one of the mix.
    SameSong(String, SharedReference, SideBySide),
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
    /// Mix time that was compared, from its beginning to its end.
    pub mix_secs: [f64; 2],
    /// What of it was compared, and what lay beside it; empty if no moment of the one belongs to one of the other.
    pub places: Vec<Stretch>,
    /// Which choice of reference it was.
    pub generation: u64,
    /// Whether one side is the kept sound of a snapshot, some seconds of a song: then what lies nowhere in the other may
    /// be another place of the same song.
    pub has_kept_sound: bool,
    /// What times of the reference are told by.
    pub song_time: SongTime,
    /// What is said of them.
    pub told: Told,
}

/// What times of a reference are told by, of the same song.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SongTime {
    /// Its own: it is the song.
    #[default]
    Own,
    /// The record beside which it was kept, if that is known: it is the sound of a snapshot.
    OfKept(Option<InSong>),
}

impl Heard {
    /// Makes what is said of both sides, in the order of what was `last` said as far as it weighs the same.
    pub fn judged(mut self, last: &[Finding]) -> Self {
        let parts = [0, 1].map(|n: usize| self.sides[n].material(&self.summaries[n]));
        let told = Told::of(&parts, self.relation).in_order_of(last, self.relation);
        self.told = match self.relation {
            Relation::SameSong(_) => told.in_song_time(|secs| self.song_secs(secs), self.relation),
            _ => told,
        };
        if self.has_kept_sound && matches!(self.relation, Relation::OtherSong) {
            let Told {
                findings, verdict, ..
            } = &mut self.told;
            let [differs, _, sure] = verdict;
            *differs = match findings.is_empty() {
                true => NOT_TOLD.to_owned(),
                false => format!("{OTHER_BARS} {differs}"),
            };
            *sure = NO_PASSAGE.to_owned();
            for finding in findings {
                finding.severity = finding.severity.min(MOST_OF_OTHER_BARS);
                finding.text += OF_OTHER_BARS;
            }
        }
        self
    }

    /// Where in the reference a stretch of the mix lay, of the same song: an evening's own time tells nobody where to look.
    fn song_secs(&self, [from_secs, to_secs]: [f64; 2]) -> Option<[f64; 2]> {
        let middle_secs = 0.5 * (from_secs + to_secs);
        let is_there = |piece: &&Stretch| (piece.from_secs..=piece.to_secs).contains(&middle_secs);
        let piece = self.places.iter().find(is_there)?;
        let within = |secs: f64| secs.clamp(piece.from_secs, piece.to_secs) + piece.offset_secs;
        let own = [from_secs, to_secs].map(within);
        match &self.song_time {
            SongTime::Own => Some(own),
            SongTime::OfKept(in_song) => {
                let [from_secs, to_secs] = own.map(|secs| in_song.as_ref()?.secs(secs));
                Some([from_secs?, to_secs?]).filter(|[from, to]| from <= to)
            }
        }
    }

    /// Time of the reference that was compared, where that is one stretch of it: none of a target.
    pub fn reference_secs(&self) -> Option<[f64; 2]> {
        let side = &self.sides[1];
        match (self.relation, &self.places[..]) {
            (Relation::Target, _) => None,
            (_, []) => {
                let length_secs = side.loudness.len() as f64 * POINT_SECS;
                Some([side.start_secs, side.start_secs + length_secs])
            }
            (_, [only]) => Some([only.from_secs, only.to_secs].map(|at| at + only.offset_secs)),
            _ => None,
        }
    }

    /// The same as the record tells it beside which the reference was kept, if it is the sound of a snapshot.
    pub fn kept_in_song_secs(&self) -> Option<[f64; 2]> {
        let SongTime::OfKept(Some(in_song)) = &self.song_time else {
            return None;
        };
        let [from_secs, to_secs] = self.reference_secs()?.map(|secs| in_song.secs(secs));
        Some([from_secs?, to_secs?]).filter(|[from, to]| from <= to)
    }

    /// The comparison, findings and verdict.
    pub fn comparison(&self) -> Comparison<'_> {
        self.comparison_beside(self.summaries.each_ref())
    }

    /// The same beside figures of the whole of both sides.
    pub fn comparison_beside<'a>(&'a self, whole: [&'a Summary; 2]) -> Comparison<'a> {
        let compared = self.summaries.each_ref();
        Comparison::of_told(whole, compared, self.relation, self.told.clone())
    }
}

impl HeardJob {
    /// Copies what is compared of all that is heard, or says in a line why nothing is.
    pub fn of(pair: &Pair) -> Result<Self, String> {
        let measured = pair.mix.drawn().map(|mix| &mix.meters);
        Self::within(pair, pair.beside_drawn(), None, measured)
    }

    /// The same between two mix times, if some are asked for, with the reference as it lay beside them. `measured` has
    /// the peaks and levels of that time; without it they are not known.
    pub fn within(
        pair: &Pair,
        beside: &CompanionFrame,
        asked_secs: Option<[f64; 2]>,
        measured: Option<&Meters>,
    ) -> Result<Self, String> {
        let mut job = Self::copied(pair, beside, asked_secs)?;
        job.measured(pair, measured);
        if let Some(name) = pair.mix.recalled_name() {
            job.mix.name = name.to_owned();
            job.has_kept_sound = true;
        } else if !pair.named_song().is_empty() {
            // A device is no name for whoever reads of it later.
            job.mix.name = pair.named_song().to_owned();
        }
        let reference = pair.references.active();
        job.has_kept_sound |= reference.is_some_and(|reference| reference.data().is_kept_sound);
        Ok(job)
    }

    /// Gives the mix the peaks and levels that were measured. RMS and crest of something else are none of it.
    fn measured(&mut self, pair: &Pair, measured: Option<&Meters>) {
        let since_secs = pair.mix.drawn().map_or(0.0, |mix| mix.measured_from_secs);
        let end_secs = pair.mix.drawn().map_or(0.0, History::end_secs);
        let compared_secs = match &self.reference {
            OtherSide::SameSong(_, _, side_by_side) => side_by_side.length_secs(),
            OtherSide::Reference(..) | OtherSide::Input(_) => self.mix_secs[1] - self.mix_secs[0],
        };
        let is_measured_whole = compared_secs >= MEASURED_WHOLE * (end_secs - since_secs);
        let levels = measured.map(|meters| meters.measured).unwrap_or_default();
        self.mix.true_peak_dbtp = measured.and_then(|meters| meters.true_peak_dbtp);
        self.mix.levels = match is_measured_whole {
            true => levels,
            false => LevelSummary {
                rms_dbfs: None,
                crest_db: None,
                ..levels
            },
        };
        self.mix.is_measured_whole = is_measured_whole;
    }

    fn copied(
        pair: &Pair,
        beside: &CompanionFrame,
        asked_secs: Option<[f64; 2]>,
    ) -> Result<Self, String> {
        let too_little = || too_little(pair, beside, asked_secs);
        let mix = pair.mix.drawn().ok_or("No input: nothing to compare.")?;
        let whole = match asked_secs {
            Some([from_secs, to_secs]) => [from_secs.max(0.0), to_secs.min(mix.end_secs())],
            None => [mix.measured_from_secs, mix.end_secs()],
        };
        if let Some(live) = pair.references.input().and_then(LiveReference::drawn) {
            let job = Self::of_inputs(pair, [mix, live], beside.offset_secs, whole);
            return job.ok_or_else(too_little);
        }
        let reference = pair
            .references
            .active()
            .ok_or("No reference: drop a reference track on the window, or press O.")?;
        if reference.data().programme.is_none() {
            return Err("The reference is still being read.".to_owned());
        }
        let (name, shared) = (reference.name.clone(), reference.shared());
        let generation = pair.references.generation();
        let relation = match beside.tracking {
            // A target has no place to be found.
            _ if reference.data().target.is_some() => Relation::Target,
            Some(Tracking::Locked(found) | Tracking::Doubtful(found)) => {
                let least_secs = match is_marked(mix, asked_secs) {
                    true => LEAST_MARKED_SECS,
                    false => LEAST_SECS,
                };
                let side_by_side = SideBySide::of(mix, beside.stretches.all(), whole, least_secs);
                let side_by_side = side_by_side.ok_or_else(too_little)?;
                let alignment = AlignmentResult {
                    offset_secs: side_by_side.longest().offset_secs,
                    ..found
                };
                return Ok(Self {
                    mix: side_by_side.mix(mix).ok_or_else(too_little)?,
                    tier: LONG_TIER,
                    mix_secs: side_by_side.mix_secs(),
                    reference: OtherSide::SameSong(name, shared, side_by_side),
                    relation: Relation::SameSong(alignment),
                    generation,
                    has_kept_sound: false,
                    last: vec![],
                    sound: None,
                });
            }
            Some(Tracking::OtherSpeed(found)) => Relation::SameSong(found),
            Some(Tracking::NotTheSameSong) => Relation::OtherSong,
            _ => return Err(ALIGNING.to_owned()),
        };
        let (tier, mix_secs) = kept_part(&[(mix, 0.0)], whole).ok_or_else(too_little)?;
        Ok(Self {
            mix: heard_side(mix, tier, mix_secs).ok_or_else(too_little)?,
            tier,
            mix_secs,
            reference: OtherSide::Reference(name, shared),
            relation,
            generation,
            has_kept_sound: false,
            last: vec![],
            sound: (mix.format().layout.count() == 2).then(|| mix.tap()),
        })
    }

    /// Copies what two live inputs have heard at the same time; `None` if that is too little.
    fn of_inputs(
        pair: &Pair,
        [mix, live]: [&History; 2],
        offset_secs: f64,
        [from_secs, to_secs]: [f64; 2],
    ) -> Option<Self> {
        let began_secs = live.measured_from_secs - offset_secs;
        let common = [
            began_secs.max(from_secs),
            to_secs.min(live.end_secs() - offset_secs),
        ];
        let sides = [(mix, 0.0), (live, offset_secs)];
        let (tier, mix_secs) = kept_part(&sides, common)?;
        let of_live = mix_secs.map(|secs| secs + offset_secs);
        let reference = heard_side(live, tier, of_live)?;
        Some(Self {
            mix: heard_side(mix, tier, mix_secs)?,
            tier,
            mix_secs,
            reference: OtherSide::Input(reference),
            relation: Relation::SameTime(AlignmentResult::at(offset_secs, 1.0)),
            generation: pair.references.generation(),
            has_kept_sound: false,
            last: vec![],
            sound: None,
        })
    }

    /// Findings that weigh nearly the same will stand in the order of what was found last.
    pub fn in_order_of(self, last: Vec<Finding>) -> Self {
        Self { last, ..self }
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
        let (mut mix, mut target) = (self.mix, None);
        let song_time = match &self.reference {
            OtherSide::Input(_) => SongTime::Own,
            OtherSide::Reference(_, shared) | OtherSide::SameSong(_, shared, _) => {
                shared.with(|data| match data.is_kept_sound {
                    true => SongTime::OfKept(data.in_song.clone()),
                    false => SongTime::Own,
                })
            }
        };
        let mut places = vec![];
        let reference = match self.reference {
            OtherSide::Input(side) => {
                places.extend(relation.alignment().map(|found| Stretch {
                    from_secs: mix_secs[0],
                    to_secs: mix_secs[1],
                    offset_secs: found.offset_secs,
                }));
                side
            }
            OtherSide::SameSong(name, shared, side_by_side) => {
                let mut reference = shared.with(|data| {
                    places = side_by_side.places(data);
                    side_by_side.reference(&mut mix, name, data)
                });
                side_by_side.lengthen([&mut mix, &mut reference]);
                side_by_side.measure_mix(&mut mix);
                reference.is_measured_whole =
                    beside_levels::measure(&mut reference, &shared, &places);
                reference
            }
            OtherSide::Reference(name, shared) => {
                let whole = Stretch {
                    from_secs: mix_secs[0],
                    to_secs: mix_secs[1],
                    offset_secs: 0.0,
                };
                if let Some(sound) = self.sound.filter(|_| !mix.is_measured_whole) {
                    beside_levels::measure_mix(&mut mix, &sound, &[whole]);
                }
                target = shared.with(|data| data.target.clone());
                reference_side(name, &shared, tier)
            }
        };
        let sides = [mix, reference];
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
            places,
            generation: self.generation,
            has_kept_sound: self.has_kept_sound,
            song_time,
            told: Told::default(),
        }
        .judged(&self.last)
    }
}
