//! The other places of a lock: where a song repeats itself, each second of the mix is asked which of them it tells apart.

use crate::compare::alignment::{AlignmentResult, Found};
use crate::compare::common_rate::COMMON_RATE_HZ;
use crate::compare::evidence::{Apart, Excerpt};
use crate::compare::fingerprint::ReferenceFingerprint;
use crate::compare::rivals::{log_odds_for_rival, odds_against, standing};

/// How many other places are kept.
const MOST_RIVALS: usize = 8;
/// Places that are this close together are one, in seconds.
const SAME_PLACE_SECS: f64 = 0.003;
/// What was heard a second ago counts so much less: half after 23 s.
const MEMORY: f64 = 0.97;
/// What one second can say for a rival at most, and what makes it the place, as logarithms of odds.
const MOST_PER_SECOND: f64 = 6.0;
const LEAD_TO_MOVE: f64 = 9.0;

/// Another place that has something of what the mix plays.
#[derive(Clone, Copy, Debug)]
struct Rival {
    offset_secs: f64,
    /// What tells the lock from it, of all that was heard.
    apart: Apart,
    /// How far the last seconds speak for it and against the lock.
    lead: f64,
}

/// Those of one lock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rounds {
    /// How sure it is that this is the song, wherever in it.
    belief: f64,
    rivals: [Option<Rival>; MOST_RIVALS],
    /// Mix time up to which the rivals were told apart, and when they were last looked for.
    pub told_secs: f64,
    pub refreshed_secs: f64,
}

impl Rounds {
    /// None yet, of a stream that begins at a mix time.
    pub fn new(start_secs: f64) -> Self {
        Self {
            belief: 0.0,
            rivals: [None; MOST_RIVALS],
            told_secs: start_secs,
            refreshed_secs: start_secs,
        }
    }

    /// None yet, of a place that is believed so far.
    pub fn believed(belief: f64, at_secs: f64) -> Self {
        Self {
            belief,
            ..Self::new(at_secs)
        }
    }

    /// Those of a place that was just found.
    pub fn of(found: Found, now_secs: f64) -> Self {
        let mut rounds = Self {
            belief: found.belief,
            ..Self::new(now_secs)
        };
        for (slot, (offset_secs, apart)) in rounds.rivals.iter_mut().zip(found.rivals) {
            *slot = Some(Rival::new(offset_secs, apart));
        }
        rounds
    }

    /// Whether there are other places.
    pub fn has_rivals(&self) -> bool {
        self.rivals.iter().any(Option::is_some)
    }

    /// Another clock moves all places alike.
    pub fn stray(&mut self, secs: f64) {
        let rivals = self.rivals.iter_mut().flatten();
        rivals.for_each(|rival| rival.offset_secs += secs);
    }

    /// Takes the places that a refresh of the same lock found; what is known of them stays.
    pub fn adopt(&mut self, found: Vec<(f64, Apart)>, lock: &mut AlignmentResult) {
        let before = self.rivals;
        self.rivals = [None; MOST_RIVALS];
        for (slot, (offset_secs, apart)) in self.rivals.iter_mut().zip(found) {
            let known = before
                .iter()
                .flatten()
                .find(|rival| is_same_place(rival.offset_secs, offset_secs));
            *slot = Some(known.copied().unwrap_or(Rival::new(offset_secs, apart)));
        }
        self.judge(lock);
    }

    /// Asks a second of the mix that begins at a mix time, and that the lock fits, which of the places it tells apart.
    /// Returns whether the lock has moved to another of them.
    pub fn tell_apart(
        &mut self,
        lock: &mut AlignmentResult,
        reference: &ReferenceFingerprint,
        second: &ReferenceFingerprint,
        from_secs: f64,
    ) -> bool {
        let sound = Excerpt::new(second.middle());
        let lag = |offset_secs: f64| (offset_secs + from_secs) * f64::from(COMMON_RATE_HZ);
        for rival in self.rivals.iter_mut().flatten() {
            let lags = [lag(lock.offset_secs), lag(rival.offset_secs)];
            let apart = sound.apart(reference.middle(), lags, 0..sound.num_blocks());
            rival.apart = rival.apart.and(MEMORY, apart);
            let says = log_odds_for_rival(apart).clamp(-MOST_PER_SECOND, MOST_PER_SECOND);
            rival.lead = (rival.lead + says).max(0.0);
        }
        let has_moved = self.move_to_the_better(lock);
        self.judge(lock);
        has_moved
    }

    /// Moves to a rival for which the last seconds speak clearly: the mix jumped from one round to another, or the first
    /// answer was wrong.
    fn move_to_the_better(&mut self, lock: &mut AlignmentResult) -> bool {
        let leading = self.rivals.iter_mut().flatten();
        let leading = leading.max_by(|a, b| a.lead.total_cmp(&b.lead));
        let Some(rival) = leading.filter(|rival| rival.lead >= LEAD_TO_MOVE) else {
            return false;
        };
        std::mem::swap(&mut lock.offset_secs, &mut rival.offset_secs);
        for rival in self.rivals.iter_mut().flatten() {
            rival.apart = Apart::default();
            rival.lead = 0.0;
        }
        // The others were compared with that one.
        self.refreshed_secs = f64::NEG_INFINITY;
        true
    }

    /// How sure the lock is now, and how many places it could be.
    fn judge(&self, lock: &mut AlignmentResult) {
        let odds = self
            .rivals
            .iter()
            .flatten()
            .map(|rival| odds_against(rival.apart));
        let (standing, num_places) = standing(odds);
        lock.confidence = self.belief * standing;
        lock.num_places = num_places;
    }
}

impl Rival {
    fn new(offset_secs: f64, apart: Apart) -> Self {
        Self {
            offset_secs,
            apart,
            lead: 0.0,
        }
    }
}

/// Whether two offsets, in seconds, mean one place.
pub(super) fn is_same_place(a_secs: f64, b_secs: f64) -> bool {
    (a_secs - b_secs).abs() < SAME_PLACE_SECS
}
