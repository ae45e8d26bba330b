//! Behind a pause: mix time runs on while the DAW stands, so the lock from before is wrong unless the song itself was
//! silent. It is in doubt from the first sound on, and the places where a DAW goes on are tried before the song is searched.

use super::rounds::{self, Rounds};
use super::{CHECK_SECS, Tracker, USUAL_PART};
use crate::compare::alignment::{AlignmentResult, LockCheck, check_samples};
use crate::compare::fingerprint::ReferenceFingerprint;

/// So much must sound before the likely places are tried.
const LIKELY_AFTER_SECS: f64 = 0.6;
/// How sure a place is at most that was tried and not searched for: it may be another round of the same music.
const LIKELY_CONFIDENCE: f64 = 0.7;

impl Tracker {
    /// Mix time of the first sound behind a pause, while nobody knows where it lies.
    pub fn resumed_secs(&self) -> Option<f64> {
        let is_in_doubt = self.lock.is_some() && self.doubt_since_secs.is_some();
        self.playing.resumed_secs.filter(|_| is_in_doubt)
    }

    /// Mix time at which the mix sounded last, while it pauses and its place is known.
    pub fn paused_from_secs(&self) -> Option<f64> {
        let is_known = self.lock.is_some() && self.doubt_since_secs.is_none();
        (self.playing.is_paused && is_known).then_some(self.playing.sounded_secs)
    }

    /// Notes that nothing sounds.
    pub(super) fn falls_silent(&mut self) {
        self.playing.is_paused = true;
    }

    /// Notes from and up to which mix time something sounds.
    pub(super) fn sounds(&mut self, [first_secs, last_secs]: [f64; 2]) {
        if std::mem::take(&mut self.playing.is_paused) {
            self.resume(first_secs);
        }
        self.playing.sounded_secs = last_secs;
    }

    /// Behind a pause: in doubt until it is found again.
    fn resume(&mut self, at_secs: f64) {
        let began_secs = self.playing.began_secs.replace(at_secs);
        self.heard_from_secs = self.heard_from_secs.max(at_secs);
        let Some(lock) = self.lock else {
            return;
        };
        self.playing.resumed_secs.get_or_insert(at_secs);
        if self.doubt_since_secs.is_some() {
            return;
        }
        let is_from = |began: &f64| self.held_secs[0] < began + 2.0 * CHECK_SECS;
        let again_secs = began_secs.filter(is_from).unwrap_or(at_secs);
        self.playing.likely_secs = Some([
            // The song itself was silent.
            lock.offset_secs,
            // It goes on where it was stopped.
            lock.offset_secs - (at_secs - self.playing.sounded_secs),
            // It is played again from where it was begun.
            lock.offset_secs - (at_secs - again_secs),
        ]);
        self.doubt_since_secs = Some(at_secs);
        self.last_search_secs = f64::NEG_INFINITY;
    }

    /// Where the mix is likely to have gone on, once enough has sounded to try.
    pub(super) fn likely_secs(&self, now_secs: f64) -> Option<[f64; 3]> {
        let is_enough = now_secs - self.heard_from_secs >= LIKELY_AFTER_SECS;
        self.playing.likely_secs.filter(|_| is_enough)
    }

    /// Tries likely places with sound from one mix time to another, and locks to the one that fits as the lock used to.
    pub(super) fn try_likely(
        &mut self,
        offsets_secs: [f64; 3],
        reference: &ReferenceFingerprint,
        sound: &ReferenceFingerprint,
        [from_secs, now_secs]: [f64; 2],
    ) {
        self.playing.likely_secs = None;
        let least = self
            .usual_similarity
            .map_or(0.0, |usual| usual * USUAL_PART);
        let tried = offsets_secs.map(|offset_secs| {
            let expected_secs = offset_secs + from_secs;
            match check_samples(reference.samples(), sound.samples(), expected_secs) {
                LockCheck::Holds {
                    offset_secs,
                    similarity,
                } if similarity >= least => Some((offset_secs - from_secs, similarity)),
                _ => None,
            }
        });
        // Of places that fit alike the first.
        let better = |best: (f64, f64), next: (f64, f64)| if next.1 > best.1 { next } else { best };
        let Some((offset_secs, _)) = tried.into_iter().flatten().reduce(better) else {
            return;
        };
        self.doubt_since_secs = None;
        self.playing.is_found();
        let Some(lock) = &mut self.lock else {
            return;
        };
        if rounds::is_same_place(lock.offset_secs, offset_secs) {
            self.held_secs[1] = now_secs;
            return;
        }
        *lock = AlignmentResult {
            offset_secs,
            confidence: lock.confidence.min(LIKELY_CONFIDENCE),
            ..*lock
        };
        self.held_secs = [from_secs, now_secs];
        // It is searched for as soon as enough was heard.
        self.rounds = Rounds::believed(lock.confidence, f64::NEG_INFINITY);
        self.playing.is_tried_only = true;
    }
}
