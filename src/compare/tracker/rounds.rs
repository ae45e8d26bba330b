//! The other places of a lock: where a song repeats itself, each second of the mix is asked which of them it tells apart.

use super::Tracker;
use crate::compare::alignment::Found;
use crate::compare::common_rate::COMMON_RATE_HZ;
use crate::compare::evidence::{Apart, Excerpt};
use crate::compare::fingerprint::ReferenceFingerprint;
use crate::compare::rivals::{log_odds_for_rival, odds_against, standing};

/// How many other places are kept.
pub(super) const MOST_RIVALS: usize = 8;
/// Places that are this close together are one, in seconds.
const SAME_PLACE_SECS: f64 = 0.003;
/// What was heard a second ago counts so much less: half after 23 s.
const MEMORY: f64 = 0.97;
/// What one second can say for a rival at most, and what makes it the place, as logarithms of odds.
const MOST_PER_SECOND: f64 = 6.0;
const LEAD_TO_MOVE: f64 = 9.0;
/// How sure a place must be that a refresh moves to.
const SURE: f64 = 0.9;

/// Another place that has something of what the mix plays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rival {
    pub(super) offset_secs: f64,
    /// What tells the lock from it, of all that was heard.
    pub(super) apart: Apart,
    /// How far the last seconds speak for it and against the lock.
    pub(super) lead: f64,
}

impl Tracker {
    /// Takes the result of a refresh: other places are adopted, and one that is surely better is moved to.
    pub fn refreshed(&mut self, now_secs: f64, excerpt_secs: f64, result: Option<Found>) {
        self.refreshed_secs = now_secs;
        let (Some(lock), Some(found)) = (self.lock, result) else {
            return;
        };
        let is_same = |a: f64, b: f64| (a - b).abs() < SAME_PLACE_SECS;
        if !is_same(found.place.offset_secs, lock.offset_secs) {
            if found.place.confidence >= SURE {
                self.lock_to(found, now_secs, excerpt_secs);
            }
            return;
        }
        let before = self.rivals;
        self.rivals = [None; MOST_RIVALS];
        for (slot, (offset_secs, apart)) in self.rivals.iter_mut().zip(found.rivals) {
            let known = before
                .iter()
                .flatten()
                .find(|rival| is_same(rival.offset_secs, offset_secs));
            *slot = Some(known.copied().unwrap_or(Rival {
                offset_secs,
                apart,
                lead: 0.0,
            }));
        }
        self.judge();
    }

    /// Asks a second of the mix that begins at a mix time, and that the lock fits, which of the places it tells apart.
    pub(super) fn tell_apart(
        &mut self,
        reference: &ReferenceFingerprint,
        second: &ReferenceFingerprint,
        from_secs: f64,
    ) {
        let Some(lock) = self.lock else {
            return;
        };
        let sound = Excerpt::new(second.middle());
        let lag = |offset_secs: f64| (offset_secs + from_secs) * f64::from(COMMON_RATE_HZ);
        for rival in self.rivals.iter_mut().flatten() {
            let lags = [lag(lock.offset_secs), lag(rival.offset_secs)];
            let apart = sound.apart(reference.middle(), lags, 0..sound.num_blocks());
            rival.apart = rival.apart.and(MEMORY, apart);
            let says = log_odds_for_rival(apart).clamp(-MOST_PER_SECOND, MOST_PER_SECOND);
            rival.lead = (rival.lead + says).max(0.0);
        }
        self.move_to_the_better();
        self.judge();
    }

    /// Moves to a rival for which the last seconds speak clearly: the mix jumped from one round to another, or the first
    /// answer was wrong.
    fn move_to_the_better(&mut self) {
        let leading = self.rivals.iter_mut().flatten();
        let leading = leading.max_by(|a, b| a.lead.total_cmp(&b.lead));
        let (Some(lock), Some(rival)) = (&mut self.lock, leading) else {
            return;
        };
        if rival.lead < LEAD_TO_MOVE {
            return;
        }
        std::mem::swap(&mut lock.offset_secs, &mut rival.offset_secs);
        // How it used to fit, and since when, was said of the other place.
        self.usual_similarity = None;
        self.held_secs[0] = self.held_secs[1];
        for rival in self.rivals.iter_mut().flatten() {
            rival.apart = Apart::default();
            rival.lead = 0.0;
        }
        // The others were compared with that one.
        self.refreshed_secs = f64::NEG_INFINITY;
    }

    /// How sure the lock is now, and how many places it could be.
    fn judge(&mut self) {
        let odds = self
            .rivals
            .iter()
            .flatten()
            .map(|rival| odds_against(rival.apart));
        let (standing, num_places) = standing(odds);
        if let Some(lock) = &mut self.lock {
            lock.confidence = self.belief * standing;
            lock.num_places = num_places;
        }
    }
}
