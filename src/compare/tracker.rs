//! Following a live mix through a reference: locks on, goes with a jump of the DAW within three seconds, and keeps
//! still on doubt.
//!
//! A lock is looked after with the last second of the mix, which costs milliseconds. Where that no longer fits, the
//! whole reference is searched with what was heard since, a longer stretch each time, until the answer is sure.
//! Where a song repeats itself, a place found is one of several. All of them are kept, and each second of the mix is asked
//! which of them it tells apart: the confidence follows that, and so does the place.
//! Silence is no song: it is neither searched for nor does it count against a lock.
//! The state only sees results and times, so that it can be tested without sound; [`Tracker::follow`] joins it to
//! the ear.

mod ear;
mod jump;
mod playing;
mod resume;
mod rounds;

use playing::Playing;
use rounds::Rounds;

use crate::compare::alignment::{AlignmentResult, Found, LockCheck};

/// The longest excerpt that is searched for.
pub const LONGEST_EXCERPT_SECS: f64 = 15.0;

/// What a lock is checked with, and what must be silent for a pause.
pub const CHECK_SECS: f64 = 1.0;
/// A lock that fits again and again drifts at most so far before it is moved: below, the picture would only tremble.
const STEADY_SECS: f64 = 0.002;
/// A lock that fits this much less than it used to is doubted: at another bar with the same drums it still fits a bit.
const USUAL_PART: f64 = 0.6;
/// How fast what is usual follows, per check.
const USUAL_STEP: f64 = 0.1;
/// The first excerpt that is searched for, from the start and after a jump.
const FIRST_SEARCH_SECS: f64 = 4.0;
const JUMP_SEARCH_SECS: f64 = 1.5;
/// Searches are this far apart: each costs some tenths of a second of a core.
const SEARCH_EVERY_SECS: f64 = 0.5;
/// Once a song has not been found for as long as the longest excerpt, this suffices.
const LATE_SEARCH_EVERY_SECS: f64 = 3.0;
/// The longest time between searches.
const RARE_SEARCH_EVERY_SECS: f64 = 20.0;
/// How sure a short and a long excerpt must be.
const SHORT_CONFIDENCE: f64 = 0.7;
const LONG_CONFIDENCE: f64 = 0.4;
/// From here on an excerpt is long.
const LONG_SECS: f64 = 10.0;
/// From here on an excerpt that surely is the song is locked to the likeliest of several places.
const AMBIGUOUS_SECS: f64 = 2.5;
/// Other places are looked for again this often where there are some, and where there are none: the song moves on.
const REFRESH_SECS: f64 = 20.0;
const RARE_REFRESH_SECS: f64 = 60.0;
const REFRESH_EXCERPT_SECS: f64 = 10.0;
/// How sure a place must be that a refresh moves to.
const SURE: f64 = 0.9;
/// A song that was found nowhere is looked for at other speeds after these seconds; one that was found, as often as
/// the last of them.
const SPEED_SEARCH_SECS: [f64; 2] = [LONGEST_EXCERPT_SECS, 60.0];
/// After this long without any fit the lock is given up: this is not the song.
const GIVE_UP_SECS: f64 = 20.0;

/// What is known about mix and reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tracking {
    /// Too little has been heard, or nothing fits yet.
    Searching,
    /// At least ten seconds were heard and lie nowhere in the reference.
    NotTheSameSong,
    /// The same song at another speed: known, but it cannot run beside the mix.
    OtherSpeed(AlignmentResult),
    /// Locked: reference time minus mix time in seconds, and how sure.
    Locked(AlignmentResult),
    /// The lock does not fit what is heard now; it stays until something better is found or it is given up.
    Doubtful(AlignmentResult),
}

/// What to listen to next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Task {
    /// Nothing now.
    Wait,
    /// Check the lock with the last seconds of the mix.
    Check {
        /// Length of the excerpt.
        excerpt_secs: f64,
        /// Reference time minus mix time.
        offset_secs: f64,
    },
    /// Try where a mix that paused is likely to have gone on.
    Try {
        /// Length of the excerpt.
        excerpt_secs: f64,
        /// Reference time minus mix time.
        offsets_secs: [f64; 3],
    },
    /// Search the whole reference for the last seconds of the mix.
    Search {
        /// Length of the excerpt.
        excerpt_secs: f64,
    },
    /// Look for other places that are like the one that is locked.
    Refresh {
        /// Length of the excerpt.
        excerpt_secs: f64,
    },
    /// Search the whole reference at other speeds.
    SearchSpeed {
        /// Length of the excerpt.
        excerpt_secs: f64,
    },
}

/// Follows one mix through one reference. Times are seconds of the mix's stream.
#[derive(Clone, Copy, Debug)]
pub struct Tracker {
    /// Mix time before which nothing counts: the start, a gap, or the last jump.
    heard_from_secs: f64,
    lock: Option<AlignmentResult>,
    /// Mix time from and up to which the lock is known to fit; meaningless without one.
    held_secs: [f64; 2],
    /// How well the lock usually fits; `None` right after it was found.
    usual_similarity: Option<f64>,
    /// Since when the lock has not fitted.
    doubt_since_secs: Option<f64>,
    last_search_secs: f64,
    /// A search with a long excerpt found nothing.
    is_other_song: bool,
    /// The other places of the lock; meaningless without one.
    rounds: Rounds,
    other_speed: Option<AlignmentResult>,
    speed_searched_secs: f64,
    playing: Playing,
}

impl Tracker {
    /// A tracker of a stream whose audio begins at a mix time.
    pub fn new(start_secs: f64) -> Self {
        Self {
            heard_from_secs: start_secs,
            lock: None,
            held_secs: [start_secs; 2],
            usual_similarity: None,
            doubt_since_secs: None,
            last_search_secs: f64::NEG_INFINITY,
            is_other_song: false,
            rounds: Rounds::new(start_secs),
            other_speed: None,
            speed_searched_secs: start_secs,
            playing: Playing::default(),
        }
    }

    /// What is known now.
    pub fn tracking(&self) -> Tracking {
        match (self.lock, self.doubt_since_secs) {
            (Some(lock), None) => Tracking::Locked(lock),
            (Some(lock), Some(_)) => Tracking::Doubtful(lock),
            (None, _) if self.is_other_song => self
                .other_speed
                .map_or(Tracking::NotTheSameSong, Tracking::OtherSpeed),
            (None, _) => Tracking::Searching,
        }
    }

    /// Reference time minus mix time in seconds, while there is a lock.
    pub fn offset_secs(&self) -> Option<f64> {
        self.lock.map(|lock| lock.offset_secs)
    }

    /// Mix time from and up to which the lock is known to fit: what it was found with, and all checks since. It may
    /// not have fitted all the time between, but then only in doubt or in a pause. `None` without a lock.
    pub fn held_secs(&self) -> Option<[f64; 2]> {
        self.lock.map(|_| self.held_secs)
    }

    /// Tells that the lock has held since a mix time.
    pub fn holds_since(&mut self, from_secs: f64) {
        self.held_secs[0] = self.held_secs[0].min(from_secs);
    }

    /// How many seconds of the mix [`follow`](Self::follow) needs now: those of a check, and more for a search.
    pub fn wanted_secs(&self, now_secs: f64) -> f64 {
        match self.task(now_secs) {
            Task::Search { excerpt_secs }
            | Task::Refresh { excerpt_secs }
            | Task::SearchSpeed { excerpt_secs } => excerpt_secs.max(CHECK_SECS),
            Task::Wait | Task::Check { .. } | Task::Try { .. } => CHECK_SECS,
        }
    }

    /// Tells that the mix pauses at a mix time. What comes next may be anything, so searches begin afresh behind it.
    pub fn pause(&mut self, now_secs: f64) {
        self.falls_silent();
        let Some(doubted) = &mut self.doubt_since_secs else {
            if self.lock.is_none() {
                self.heard_from_secs = self.heard_from_secs.max(now_secs);
            }
            return;
        };
        // Only what sounds can fail to fit.
        *doubted = doubted.max(now_secs);
        self.heard_from_secs = self.heard_from_secs.max(now_secs);
    }

    /// Tells of missing audio, up to this mix time: excerpts must not reach across it. A lock stays.
    pub fn gap(&mut self, end_secs: f64) {
        self.heard_from_secs = self.heard_from_secs.max(end_secs);
    }

    /// What to listen to now.
    pub fn task(&self, now_secs: f64) -> Task {
        let heard_secs = now_secs - self.heard_from_secs;
        match (self.lock, self.doubt_since_secs) {
            (Some(_), None)
                if heard_secs >= REFRESH_EXCERPT_SECS
                    && now_secs - self.rounds.refreshed_secs >= self.refresh_every_secs() =>
            {
                Task::Refresh {
                    excerpt_secs: REFRESH_EXCERPT_SECS,
                }
            }
            (Some(lock), None) if heard_secs >= CHECK_SECS => Task::Check {
                excerpt_secs: CHECK_SECS,
                offset_secs: lock.offset_secs,
            },
            (Some(_), None) => Task::Wait,
            (Some(_), Some(_)) => match self.likely_secs(now_secs) {
                Some(offsets_secs) => Task::Try {
                    excerpt_secs: heard_secs.min(CHECK_SECS),
                    offsets_secs,
                },
                None => self.search_task(now_secs, JUMP_SEARCH_SECS),
            },
            (None, _) if self.wants_speed(now_secs) => Task::SearchSpeed {
                excerpt_secs: LONGEST_EXCERPT_SECS,
            },
            (None, _) => self.search_task(now_secs, FIRST_SEARCH_SECS),
        }
    }

    fn refresh_every_secs(&self) -> f64 {
        match self.rounds.has_rivals() {
            true => REFRESH_SECS,
            false => RARE_REFRESH_SECS,
        }
    }

    /// Whether another speed is to be tried: twice for each thing that is heard, and then as long as it is one.
    fn wants_speed(&self, now_secs: f64) -> bool {
        let heard_secs = now_secs - self.heard_from_secs;
        let searched_secs = self.speed_searched_secs - self.heard_from_secs;
        let [first_secs, then_secs] = SPEED_SEARCH_SECS;
        self.is_other_song
            && heard_secs >= first_secs
            && (searched_secs < first_secs
                || (heard_secs >= then_secs && searched_secs < then_secs)
                || (self.other_speed.is_some() && heard_secs - searched_secs >= then_secs))
    }

    fn search_task(&self, now_secs: f64, shortest_secs: f64) -> Task {
        let heard_secs = now_secs - self.heard_from_secs;
        let every_secs = if self.is_other_song && heard_secs > 2.0 * LONGEST_EXCERPT_SECS {
            // Another song is the usual case, and lasts all evening.
            (heard_secs / 8.0).clamp(LATE_SEARCH_EVERY_SECS, RARE_SEARCH_EVERY_SECS)
        } else if heard_secs > 2.0 * LONGEST_EXCERPT_SECS {
            LATE_SEARCH_EVERY_SECS
        } else {
            SEARCH_EVERY_SECS
        };
        if heard_secs < shortest_secs || now_secs - self.last_search_secs < every_secs {
            return Task::Wait;
        }
        Task::Search {
            excerpt_secs: heard_secs.min(LONGEST_EXCERPT_SECS),
        }
    }

    /// Takes the result of a check, whose offset is reference time minus mix time.
    pub fn checked(&mut self, now_secs: f64, result: LockCheck) {
        let Some(lock) = &mut self.lock else {
            return;
        };
        match result {
            LockCheck::Holds {
                offset_secs,
                similarity,
            } if self
                .usual_similarity
                .is_none_or(|usual| similarity >= USUAL_PART * usual) =>
            {
                let strays_secs = offset_secs - lock.offset_secs;
                if strays_secs.abs() > STEADY_SECS {
                    lock.offset_secs = offset_secs;
                    self.rounds.stray(strays_secs);
                }
                let usual = self.usual_similarity.unwrap_or(similarity);
                self.usual_similarity = Some(usual + USUAL_STEP * (similarity - usual));
                self.doubt_since_secs = None;
                self.held_secs[1] = now_secs;
            }
            // Silence says nothing.
            LockCheck::Silent => {}
            LockCheck::Holds { .. } | LockCheck::Fails => {
                if self.doubt_since_secs.is_none() {
                    self.doubt_since_secs = Some(now_secs);
                    // What failed may begin with sound from before a jump: half of it is taken for new.
                    self.heard_from_secs = self.heard_from_secs.max(now_secs - 0.5 * CHECK_SECS);
                    self.last_search_secs = f64::NEG_INFINITY;
                }
            }
        }
    }

    /// Takes the result of a search with an excerpt of a length, whose offset is reference time minus mix time.
    pub fn searched(&mut self, now_secs: f64, excerpt_secs: f64, result: Option<Found>) {
        self.last_search_secs = now_secs;
        let is_long = excerpt_secs >= LONG_SECS;
        let enough = if is_long {
            LONG_CONFIDENCE
        } else {
            SHORT_CONFIDENCE
        };
        let is_enough = |found: &Found| {
            let is_one_of_several = found.place.num_places > 1
                && found.belief >= SHORT_CONFIDENCE
                && excerpt_secs >= AMBIGUOUS_SECS;
            found.place.confidence >= enough || is_one_of_several
        };
        let is_nowhere = result.is_none();
        if let Some(found) = result.filter(is_enough) {
            self.lock_to(found, now_secs, excerpt_secs);
            return;
        }
        self.is_other_song |= is_long && is_nowhere;
        if self
            .doubt_since_secs
            .is_some_and(|since| now_secs - since >= GIVE_UP_SECS)
        {
            self.lock = None;
            self.doubt_since_secs = None;
        }
    }

    fn lock_to(&mut self, found: Found, now_secs: f64, excerpt_secs: f64) {
        self.lock = Some(found.place);
        self.held_secs = [now_secs - excerpt_secs, now_secs];
        self.usual_similarity = None;
        self.doubt_since_secs = None;
        self.is_other_song = false;
        self.other_speed = None;
        self.playing.is_found();
        self.rounds = Rounds::of(found, now_secs);
    }

    /// Tells that the mix went on at another place at a mix time, which whoever plays it said: the lock goes there, as
    /// sure as it was told to be. The sound is asked as ever, and if it disagrees the place is searched for.
    pub fn relocate(&mut self, at_secs: f64, place: AlignmentResult) {
        self.lock = Some(place);
        self.held_secs = [at_secs; 2];
        self.usual_similarity = None;
        self.doubt_since_secs = None;
        self.heard_from_secs = self.heard_from_secs.max(at_secs);
        self.last_search_secs = f64::NEG_INFINITY;
        self.is_other_song = false;
        self.other_speed = None;
        // Who told it knows before it sounds.
        self.playing.is_paused = false;
        self.playing.is_found();
        self.rounds = Rounds::believed(place.confidence, at_secs);
    }

    /// Takes the result of a refresh: other places are adopted, and one that is surely better is moved to.
    pub fn refreshed(&mut self, now_secs: f64, excerpt_secs: f64, result: Option<Found>) {
        self.rounds.refreshed_secs = now_secs;
        let (Some(lock), Some(found)) = (&mut self.lock, result) else {
            return;
        };
        if rounds::is_same_place(found.place.offset_secs, lock.offset_secs) {
            match self.playing.is_tried_only {
                // Now it is searched for, and it held since it was tried.
                true => {
                    let from_secs = self.held_secs[0];
                    self.lock_to(found, now_secs, excerpt_secs);
                    self.holds_since(from_secs);
                }
                false => self.rounds.adopt(found.rivals, lock),
            }
        } else if found.place.confidence >= SURE {
            self.lock_to(found, now_secs, excerpt_secs);
        }
    }

    /// Takes the result of a search at other speeds, whose offset is reference time under mix time 0.
    pub fn searched_speed(&mut self, now_secs: f64, result: Option<AlignmentResult>) {
        self.speed_searched_secs = now_secs;
        self.other_speed = result;
    }
}

#[cfg(test)]
mod tests;
