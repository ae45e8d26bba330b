//! Where the mix was before: whether a place that was believed was one, and when it was left.

use std::ops::Range;

use super::{Follower, LOOK_BACK_SECS, MixIs};
use crate::analysis::tap::Tap;
use crate::compare::alignment::AlignmentResult;
use crate::compare::tracker::{CHECK_SECS, Tracker};
use crate::session::sides::stretches::{Stretch, lies_alike};

/// A place that was wrong is given up within so many seconds; one that held for longer was right.
const LONGEST_GUESS_SECS: f64 = 15.0;

/// A lock is known to hold or not by whole seconds: one that begins within so many behind the last has nothing between.
const MOST_BETWEEN_SECS: f64 = 2.5;

impl Follower {
    /// Whether the place before this one was a guess that held for seconds, and this one fits what was heard then better: the
    /// mix has not jumped.
    pub(super) fn last_guess_was_wrong(
        &mut self,
        tracker: &Tracker,
        lock: AlignmentResult,
        (tap, length_secs): (&Tap, f64),
    ) -> bool {
        let Some(last) = self.place_before(lock, length_secs) else {
            return false;
        };
        if last.to_secs - last.from_secs >= LONGEST_GUESS_SECS {
            return false;
        }
        let to_secs = last.to_secs.max(last.from_secs + CHECK_SECS);
        let Some((frames, from_secs)) = self.heard_between(tap, [last.from_secs, to_secs]) else {
            return false;
        };
        let guess_secs = self.in_the_reference(last, from_secs, length_secs);
        let Some(fingerprint) = &self.fingerprint else {
            return false;
        };
        let sound = (&self.recent.frames[frames], from_secs);
        tracker.fits_better_than(guess_secs, fingerprint, sound, self.mix_rate_hz)
    }

    /// The stretch before a lock that lies elsewhere.
    fn place_before(&self, lock: AlignmentResult, length_secs: f64) -> Option<Stretch> {
        let last = self.past.stretches.all().last().copied()?;
        let apart_secs = last.offset_secs - self.nudge_secs - lock.offset_secs;
        let is_elsewhere = self.mix_is == MixIs::Live && !lies_alike(apart_secs, length_secs);
        is_elsewhere.then_some(last)
    }

    /// Where a stretch lay in the reference itself, which repeats, at a mix time: as reference time minus mix time.
    fn in_the_reference(&self, stretch: Stretch, at_secs: f64, length_secs: f64) -> f64 {
        let offset_secs = stretch.offset_secs - self.nudge_secs;
        (at_secs + offset_secs).rem_euclid(length_secs) - at_secs
    }

    /// Where in `recent` the frames from one mix time to another are, and the mix time at which they begin: no more is kept
    /// than the last seconds.
    fn heard_between(
        &mut self,
        tap: &Tap,
        [from_secs, to_secs]: [f64; 2],
    ) -> Option<(Range<usize>, f64)> {
        self.copy(tap, LOOK_BACK_SECS);
        let rate = f64::from(self.mix_rate_hz);
        let heard_secs = self.recent_end_secs() - self.recent.frames.len() as f64 / rate;
        let from_secs = from_secs.max(heard_secs);
        let frame = |secs: f64| ((secs - heard_secs) * rate).round().max(0.0) as usize;
        let frames = frame(from_secs)..frame(to_secs).min(self.recent.frames.len());
        (frames.start < frames.end).then_some((frames, from_secs))
    }

    /// Finds when the mix jumped to a lock, once.
    pub(super) fn find_the_jump(
        &mut self,
        tracker: &mut Tracker,
        lock: AlignmentResult,
        (tap, length_secs): (&Tap, f64),
    ) {
        let (Some(last), Some([held_secs, _])) =
            (self.place_before(lock, length_secs), tracker.held_secs())
        else {
            return;
        };
        // Behind a pause it is known by its first sound; what lies further apart has other music between.
        if self.past.stretches.is_unknown() || held_secs - last.to_secs > MOST_BETWEEN_SECS {
            return;
        }
        let around_secs = [
            last.to_secs - CHECK_SECS,
            held_secs.max(last.to_secs) + 2.0 * CHECK_SECS,
        ];
        let Some((frames, from_secs)) = self.heard_between(tap, around_secs) else {
            return;
        };
        let before_secs = self.in_the_reference(last, from_secs, length_secs);
        if let Some(fingerprint) = &self.fingerprint {
            let sound = (&self.recent.frames[frames], from_secs);
            tracker.find_the_jump(before_secs, fingerprint, sound, self.mix_rate_hz);
        }
    }
}
