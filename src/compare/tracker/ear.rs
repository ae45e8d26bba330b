//! The ear of the tracker: does with the sound of the mix what the tracker asks for.

use super::playing::sounding_secs;
use super::{CHECK_SECS, Task, Tracker, Tracking, USUAL_PART};
use crate::compare::alignment::{AlignmentResult, LockCheck, check_samples, find};
use crate::compare::fingerprint::ReferenceFingerprint;
use crate::compare::programmes::at_speed;
use crate::compare::speed::other_speed;
use crate::dsp::frame_history::StereoFrame;

/// A lock is checked with so much of the last second at least.
const LEAST_CHECKED_SECS: f64 = 0.5;
/// A place that fits by so much more than another is the right one of both: rounds that are the same to the sample differ
/// by nothing.
const SURELY_BETTER: f64 = 0.1;
/// A lock that surely holds from so soon behind the first sound holds from that on: whole seconds are asked.
const BEGINS_WITH_SECS: f64 = 1.2;
/// So many seconds in a row that do not fit are where a lock began.
const MOST_MISSES: u32 = 2;

impl Tracker {
    /// Does what there is to do: `recent` are the newest frames of the mix, at least
    /// [`wanted_secs`](Self::wanted_secs) of them where so many were heard, the last of them ending at `now_secs`.
    /// To be called a few times a second from a thread that may take some tenths of a second.
    pub fn follow(
        &mut self,
        reference: &ReferenceFingerprint,
        recent: &[StereoFrame],
        sample_rate_hz: u32,
        now_secs: f64,
    ) -> Tracking {
        let excerpt = |secs: f64| {
            let frames = (secs * f64::from(sample_rate_hz)) as usize;
            let excerpt = &recent[recent.len().saturating_sub(frames)..];
            let start_secs = now_secs - excerpt.len() as f64 / f64::from(sample_rate_hz.max(1));
            (excerpt, start_secs)
        };
        let (newest, newest_from_secs) = excerpt(CHECK_SECS);
        let Some([first_secs, last_secs]) = sounding_secs(newest, newest_from_secs, sample_rate_hz)
        else {
            self.pause(now_secs);
            return self.tracking();
        };
        self.sounds([first_secs, last_secs]);
        let searched = |secs: f64| {
            let (excerpt, start_secs) = excerpt(secs);
            let mut found = find(
                reference,
                &ReferenceFingerprint::new(excerpt, sample_rate_hz),
            );
            if let Some(found) = &mut found {
                found.place.offset_secs -= start_secs;
                found
                    .rivals
                    .iter_mut()
                    .for_each(|(offset_secs, _)| *offset_secs -= start_secs);
            }
            found
        };
        match self.task(now_secs) {
            Task::Wait => {}
            Task::Check { offset_secs, .. } => {
                let rate = f64::from(sample_rate_hz);
                let frame = |secs: f64| ((secs - newest_from_secs) * rate).round() as usize;
                let sound = &newest[frame(first_secs)..frame(last_secs)];
                if last_secs - first_secs >= LEAST_CHECKED_SECS {
                    let second = self.as_locked(sound, sample_rate_hz);
                    self.check(reference, &second, offset_secs, [first_secs, now_secs]);
                }
            }
            Task::Try {
                excerpt_secs,
                offsets_secs,
            } => {
                let (sound, from_secs) = excerpt(excerpt_secs);
                let sound = self.as_locked(sound, sample_rate_hz);
                self.try_likely(offsets_secs, reference, &sound, [from_secs, now_secs]);
            }
            Task::Search { excerpt_secs } => {
                self.searched(now_secs, excerpt_secs, searched(excerpt_secs));
                if self.held_secs[1] == now_secs {
                    let (excerpt, _) = excerpt(excerpt_secs);
                    self.look_back(reference, excerpt, sample_rate_hz, now_secs);
                }
            }
            Task::Refresh { excerpt_secs } => {
                self.refreshed(now_secs, excerpt_secs, searched(excerpt_secs));
            }
            Task::SearchSpeed { excerpt_secs } => {
                let (excerpt, start_secs) = excerpt(excerpt_secs);
                let excerpt = ReferenceFingerprint::new(excerpt, sample_rate_hz);
                let found = other_speed(reference.samples(), excerpt.samples());
                let place = found.map(at_speed).map(|place| AlignmentResult {
                    offset_secs: place.offset_secs - place.speed * start_secs,
                    ..place
                });
                self.searched_speed(now_secs, place);
            }
        }
        self.tracking()
    }

    /// Checks the lock, which lies at an offset, with what sounds from one mix time to another: where the mix stops or
    /// begins, the silence beside its sound is no other place.
    fn check(
        &mut self,
        reference: &ReferenceFingerprint,
        second: &ReferenceFingerprint,
        offset_secs: f64,
        [from_secs, now_secs]: [f64; 2],
    ) {
        let result = check_samples(
            reference.samples(),
            second.samples(),
            offset_secs + from_secs,
        );
        self.checked(now_secs, since_mix_start(result, from_secs));
        // No second is asked twice.
        let is_asked = self.rounds.has_rivals() && now_secs - self.rounds.told_secs >= CHECK_SECS;
        if is_asked && self.held_secs[1] == now_secs {
            self.rounds.told_secs = now_secs;
            self.tell_apart(reference, second, from_secs);
        }
    }

    /// Looks how far back a lock that was just found fits, second by second through `recent`, whose last frame ends at
    /// `now_secs`: what it was found with may begin with other music, and it may fit before. Takes some milliseconds a
    /// second of it.
    pub fn look_back(
        &mut self,
        reference: &ReferenceFingerprint,
        recent: &[StereoFrame],
        sample_rate_hz: u32,
        now_secs: f64,
    ) {
        self.look_back_by_seconds(reference, recent, sample_rate_hz, now_secs);
        // A pause holds nothing, and what began within a second of where it surely holds began with it.
        if let Some(began_secs) = self.playing.began_secs {
            let is_begun = self.held_secs[0] < began_secs + BEGINS_WITH_SECS;
            if is_begun && began_secs < self.held_secs[1] {
                self.held_secs[0] = began_secs;
            }
        }
    }

    /// The same by whole seconds.
    fn look_back_by_seconds(
        &mut self,
        reference: &ReferenceFingerprint,
        recent: &[StereoFrame],
        sample_rate_hz: u32,
        now_secs: f64,
    ) {
        let Some(lock) = self.lock else {
            return;
        };
        let rate = f64::from(sample_rate_hz.max(1));
        let seconds = recent.rchunks_exact((CHECK_SECS * rate) as usize);
        let (mut sum, mut count, mut misses) = (0.0, 0.0, 0);
        // The last second may be the first that fits.
        self.held_secs = [now_secs - CHECK_SECS, now_secs];
        for (n, second) in seconds.enumerate() {
            let from_secs = now_secs - (n + 1) as f64 * second.len() as f64 / rate;
            let second = self.as_locked(second, sample_rate_hz);
            let expected_secs = lock.offset_secs + from_secs;
            match check_samples(reference.samples(), second.samples(), expected_secs) {
                LockCheck::Silent => {}
                LockCheck::Holds { similarity, .. } if similarity * count >= USUAL_PART * sum => {
                    (sum, count, misses) = (sum + similarity, count + 1.0, 0);
                    self.held_secs[0] = from_secs;
                }
                LockCheck::Holds { .. } | LockCheck::Fails => misses += 1,
            }
            if misses > MOST_MISSES {
                // A second that is only partly of it still passes: what lies before the song is not counted to it.
                self.held_secs[0] += (1.0 - USUAL_PART) * CHECK_SECS;
                return;
            }
        }
        if misses == 0 {
            self.held_secs[0] = now_secs - recent.len() as f64 / rate;
        }
    }

    /// Whether the lock fits sound that begins at a mix time surely better than another place does, which was believed
    /// then: whole seconds are asked.
    pub fn fits_better_than(
        &self,
        other_offset_secs: f64,
        reference: &ReferenceFingerprint,
        (sound, from_secs): (&[StereoFrame], f64),
        sample_rate_hz: u32,
    ) -> bool {
        let Some(lock) = self.lock else {
            return false;
        };
        let second_frames = (CHECK_SECS * f64::from(sample_rate_hz.max(1))) as usize;
        let mut sums = [0.0; 2];
        let mut count = 0.0;
        for (n, second) in sound.chunks_exact(second_frames).enumerate() {
            let second = self.as_locked(second, sample_rate_hz);
            let at_secs = from_secs + n as f64 * CHECK_SECS;
            let asked = [lock.offset_secs, other_offset_secs].map(|offset| {
                check_samples(reference.samples(), second.samples(), offset + at_secs)
            });
            if let [LockCheck::Silent, _] = asked {
                continue;
            }
            count += 1.0;
            for (sum, check) in sums.iter_mut().zip(asked) {
                if let LockCheck::Holds { similarity, .. } = check {
                    *sum += similarity;
                }
            }
        }
        sums[0] - sums[1] > SURELY_BETTER * count && count > 0.0
    }

    /// Asks a second of the mix that begins at a mix time, and that the lock fits, which of its places it tells apart.
    fn tell_apart(
        &mut self,
        reference: &ReferenceFingerprint,
        second: &ReferenceFingerprint,
        from_secs: f64,
    ) {
        let Some(lock) = &mut self.lock else {
            return;
        };
        if self.rounds.tell_apart(lock, reference, second, from_secs) {
            // How it used to fit, and since when, was said of the other place.
            self.usual_similarity = None;
            self.held_secs[0] = self.held_secs[1];
        }
    }

    /// The fingerprint of sound of the mix, with a channel turned that the lock knows to be inverted.
    pub(super) fn as_locked(
        &self,
        sound: &[StereoFrame],
        sample_rate_hz: u32,
    ) -> ReferenceFingerprint {
        let fingerprint = ReferenceFingerprint::new(sound, sample_rate_hz);
        match self.lock.map(|lock| lock.sides.inverted) {
            Some([left, right]) if left != right => fingerprint.one_side_inverted(),
            _ => fingerprint,
        }
    }
}

fn since_mix_start(result: LockCheck, start_secs: f64) -> LockCheck {
    match result {
        LockCheck::Holds {
            offset_secs,
            similarity,
        } => LockCheck::Holds {
            offset_secs: offset_secs - start_secs,
            similarity,
        },
        other => other,
    }
}
