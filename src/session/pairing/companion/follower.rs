//! What the companion does: finds the place of the mix, notes where it has been, and feeds the reference that lies there
//! to an Analyzer.

mod jumps;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::analysis::meters::Meters;
use crate::analysis::tap::{Recent, Tap};
use crate::compare::alignment::AlignmentResult;
use crate::compare::fingerprint::ReferenceFingerprint;
use crate::compare::programmes::align_programmes;
use crate::compare::tracker::{CHECK_SECS, Tracker, Tracking};
use crate::dsp::loudness::LoudnessPoint;
use crate::session::pairing::companion::feeder::{Feeder, Laid, layout_of};
use crate::session::pairing::companion::host::{HostClock, moves};
use crate::session::pairing::companion::wishes::Wishes;
use crate::session::pairing::mix_there::meters_at;
use crate::session::pairing::remembered::KnownPast;
use crate::session::references::{ReferenceData, SharedReference};
use crate::session::sides::beside::{CompanionFrame, is_aligned, is_lost};
use crate::session::sides::stretches::{Stretch, Stretches};

/// How often the alignment is looked after.
const ALIGN_EVERY_BEATS: u32 = 10;
/// What is forgiven at the reference's beginning and end, in seconds.
const END_SLACK_SECS: f64 = 0.1;
/// Kept sound goes within half of this.
const ENDS_SECS: f64 = 0.1;
/// So far a lock that was just found is looked back for.
const LOOK_BACK_SECS: f64 = 30.0;

/// A mix that was left and found again at the same place, within this, has not jumped meanwhile.
const SAME_RUN_SECS: f64 = 0.02;
/// Less than any frame takes.
const ONE_FRAME_SECS: f64 = 1e-6;

/// How the mix comes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum MixIs {
    /// Bit by bit, and it may jump.
    Live,
    /// It is known to have run through: what is found at its end holds from its beginning on.
    HeardThrough,
    /// It stands still: all of its sound is looked for, once.
    Still,
}

/// Where the mix has been.
#[derive(Default)]
pub(super) struct Past {
    stretches: Stretches,
    /// What an earlier companion knew: it holds if this is the song.
    pub(super) known: Option<KnownPast>,
}

/// What the thread owns.
// Many fields: what was heard, found and fed at the last beat, each for the next.
pub(super) struct Follower {
    mix_rate_hz: u32,
    pub(super) beats: u32,
    pub(super) recent: Recent,
    fingerprint: Option<ReferenceFingerprint>,
    tracker: Option<Tracker>,
    tracking: Option<Tracking>,
    feeder: Feeder,
    host: HostClock,
    offset_secs: f64,
    nudge_secs: f64,
    mix_secs: f64,
    pub(super) past: Past,
    pub(super) mix_is: MixIs,
    is_paused: bool,
    /// Where all of it lies, and the mix time that was found there.
    all: Option<(AlignmentResult, [f64; 2])>,
    /// Figures of a mix that stands still at the last moment that the reference has too, and when that is.
    there: Option<(f64, Arc<Meters>)>,
}

impl Follower {
    pub(super) fn new(mix_rate_hz: u32, mix_is: MixIs) -> Self {
        Self {
            mix_rate_hz: mix_rate_hz.max(1),
            beats: 0,
            recent: Recent::default(),
            fingerprint: None,
            tracker: None,
            tracking: None,
            feeder: Feeder::default(),
            host: HostClock::default(),
            offset_secs: 0.0,
            nudge_secs: 0.0,
            mix_secs: 0.0,
            past: Past::default(),
            mix_is,
            is_paused: false,
            all: None,
            there: None,
        }
    }

    /// Looks once; whether anything has changed.
    pub(super) fn beat(&mut self, tap: &Tap, reference: &SharedReference, wishes: &Wishes) -> bool {
        let Some(length_secs) = reference.with(|data| data.finished_secs()) else {
            return false;
        };
        let before = (self.feeder.fed(), self.tracking);
        let has_turned = self.follow_host(tap, reference, wishes, length_secs);
        let is_paused = tap.pause_secs() >= CHECK_SECS;
        let goes_on = std::mem::replace(&mut self.is_paused, is_paused) && !is_paused;
        // What the DAW says is shown at once; the sound is asked at the next beat.
        let align_now = !has_turned && (goes_on || self.beats.is_multiple_of(ALIGN_EVERY_BEATS));
        if !has_turned {
            self.beats = self.beats.wrapping_add(1);
        }
        match (align_now, self.mix_is) {
            (true, MixIs::Still) => self.align_all(tap, reference, length_secs),
            (true, _) => self.align(tap, reference, length_secs),
            (false, _) => {}
        }
        let there_secs = self.there.as_ref().map(|(secs, _)| *secs);
        self.mix_secs = there_secs.unwrap_or(tap.end_secs());
        self.lay(wishes, length_secs);
        if align_now {
            self.note_stretch(length_secs);
        }
        if !wishes.let_rest_beside(tap) && !self.is_lost() {
            self.feed(tap, reference, wishes);
        }
        before != (self.feeder.fed(), self.tracking)
    }

    /// Whether the mix goes on behind a pause, and nobody knows yet what lies beside it.
    fn is_lost(&self) -> bool {
        is_lost(self.tracking, &self.past.stretches)
    }

    /// Works out where the reference lies, by what was found and by hand.
    fn lay(&mut self, wishes: &Wishes, length_secs: f64) {
        let nudge_secs = f64::from_bits(wishes.nudge_bits.load(Ordering::Relaxed));
        let found = self.tracker.and_then(|tracker| tracker.offset_secs());
        let found = found.or(self.all.map(|(found, _)| found.offset_secs));
        // The reference repeats: offsets that differ by its length are the same place.
        let found = found.map(|secs| secs - length_secs * (secs / length_secs).round());
        let section_secs = f64::from_bits(wishes.section_bits.load(Ordering::Relaxed));
        let section_secs = Some(section_secs).filter(|secs| secs.is_finite());
        let found = found.or(section_secs).unwrap_or(0.0);
        self.offset_secs = found + nudge_secs;
        if nudge_secs != self.nudge_secs {
            // Whoever moves the reference watches its past move with it.
            self.past.stretches.shift(nudge_secs - self.nudge_secs);
            self.nudge_secs = nudge_secs;
        }
    }

    /// Goes with a jump of the DAW, if it tells of one and the place of its song is known: what lay beside the mix stays
    /// so up to the jump, and from there on it is what the DAW says.
    fn follow_host(
        &mut self,
        tap: &Tap,
        reference: &SharedReference,
        wishes: &Wishes,
        length_secs: f64,
    ) -> bool {
        if self.mix_is != MixIs::Live {
            return false;
        }
        let Some((at_secs, place)) = self.host.hear(tap.song().0, self.tracking) else {
            return false;
        };
        if !moves(self.tracking, place, length_secs) {
            return false;
        }
        let Some(tracker) = &mut self.tracker else {
            return false;
        };
        let held_secs = tracker.held_secs();
        let was_aligned = is_aligned(self.tracking);
        if let (Some(Tracking::Locked(_)), Some([from_secs, _])) = (self.tracking, held_secs) {
            let stretches = &mut self.past.stretches;
            stretches.note([from_secs, at_secs], self.offset_secs, length_secs);
        }
        tracker.relocate(at_secs, place);
        self.tracking = Some(tracker.tracking());
        self.mix_secs = at_secs;
        if was_aligned {
            self.feed(tap, reference, wishes);
        }
        self.lay(wishes, length_secs);
        if was_aligned {
            self.feeder.turn(at_secs, self.offset_secs, reference);
        }
        self.note_stretch(length_secs);
        true
    }

    /// Feeds what lies under the mix.
    fn feed(&mut self, tap: &Tap, reference: &SharedReference, wishes: &Wishes) {
        let pauses = tap.pauses();
        let laid = Laid {
            mix_secs: self.mix_secs,
            offset_secs: self.offset_secs,
            stretches: is_aligned(self.tracking).then_some(&self.past.stretches),
            measured_from_secs: f64::from_bits(wishes.measured_from_bits.load(Ordering::Relaxed)),
            pauses: &pauses,
        };
        self.feeder.feed(laid, reference);
    }

    /// Notes where the mix has been; keeps that while the place is in doubt, and gives it up with the lock.
    fn note_stretch(&mut self, length_secs: f64) {
        let held_secs = self.tracker.and_then(|tracker| tracker.held_secs());
        let held_secs = held_secs.or(self.all.map(|(_, secs)| secs));
        let paused_secs = self.tracker.and_then(|tracker| tracker.paused_from_secs());
        if let (Some(secs), MixIs::Live) = (paused_secs, self.mix_is) {
            self.past.stretches.note_pause(secs);
            return;
        }
        match (self.tracking, held_secs) {
            (Some(Tracking::Locked(lock)), Some([from_secs, to_secs])) => {
                if self.past.stretches.is_unknown() {
                    // What lay beside the mix meanwhile was not heard.
                    self.feeder.forget();
                }
                // Before its beginning and behind its end the reference lies beside nothing, though it repeats.
                let mut from_secs = from_secs.max(-lock.offset_secs - END_SLACK_SECS);
                let to_secs = to_secs.min(length_secs - lock.offset_secs + END_SLACK_SECS);
                // What a check fits with may end in the first moments behind a jump.
                let sure_secs = match self.mix_is != MixIs::Live {
                    true => to_secs,
                    false => to_secs - CHECK_SECS,
                };
                if let Some(known) = self
                    .past
                    .known
                    .take()
                    .filter(|_| self.past.stretches.is_empty())
                {
                    self.past.stretches = known.stretches;
                    self.past
                        .stretches
                        .shift(self.nudge_secs - known.nudge_secs);
                    // Nobody looked while another reference was shown: the same place before and behind is one run.
                    let last = self.past.stretches.all().last();
                    let is_run = |last: &&Stretch| {
                        (last.offset_secs - self.offset_secs).abs() < SAME_RUN_SECS
                    };
                    if let Some(last) = last.filter(is_run) {
                        from_secs = from_secs.min(last.to_secs);
                    }
                }
                self.past
                    .stretches
                    .note([from_secs, sure_secs], self.offset_secs, length_secs);
                let over_secs = length_secs - lock.offset_secs - self.nudge_secs;
                self.past.stretches.note_end(over_secs, length_secs);
            }
            (Some(Tracking::Doubtful(_)), _) => {
                if let Some(secs) = self.tracker.and_then(|tracker| tracker.resumed_secs()) {
                    self.past.stretches.note_pause(secs);
                }
            }
            (Some(Tracking::NotTheSameSong), _) => {
                self.past.known = None;
                self.past.stretches.clear();
            }
            _ => self.past.stretches.clear(),
        }
    }

    /// Finds the place of all that is kept of a mix that stands still, of which the newest part need not be in the
    /// reference: two snapshots of a song seldom end at the same moment.
    fn align_all(&mut self, tap: &Tap, reference: &SharedReference, length_secs: f64) {
        if self.tracking.is_some() {
            return;
        }
        tap.copy(usize::MAX, &mut self.recent);
        self.mix_rate_hz = self.recent.sample_rate_hz.max(1);
        let (frames, rate) = (&self.recent.frames, self.mix_rate_hz);
        let end_secs = self.recent_end_secs();
        let from_secs = end_secs - frames.len() as f64 / f64::from(rate);
        let mix = ReferenceFingerprint::new(frames, rate);
        // Without its sound it is nowhere.
        let found = (!frames.is_empty())
            .then(|| align_programmes(&reference.fingerprint(), &mix))
            .flatten();
        self.tracking = Some(match found {
            // It stands still: no more of it will come, however little it is.
            None => Tracking::NotTheSameSong,
            Some(found) => {
                let place = AlignmentResult {
                    offset_secs: found.offset_secs - found.speed * from_secs,
                    piece_secs: found.piece_secs.map(|secs| secs.map(|at| at + from_secs)),
                    ..found
                };
                if found.is_laid_in_time() {
                    let secs = place.piece_secs.unwrap_or([from_secs, end_secs]);
                    self.all = Some((place, secs));
                    let last_secs = secs[1].min(length_secs - place.offset_secs) - ENDS_SECS;
                    if end_secs - last_secs > 2.0 * ENDS_SECS {
                        let there = meters_at(&self.recent, last_secs);
                        self.there = there.map(|there| (last_secs, Arc::new(there)));
                    }
                    Tracking::Locked(place)
                } else {
                    Tracking::OtherSpeed(place)
                }
            }
        });
    }

    /// Finds the place or looks after it. No more is copied of the mix than that needs: whoever writes it waits.
    fn align(&mut self, tap: &Tap, reference: &SharedReference, length_secs: f64) {
        if self.fingerprint.is_none() {
            self.fingerprint = Some(reference.fingerprint());
        }
        // Silence is told by its last frame.
        let is_paused = tap.pause_secs() >= CHECK_SECS;
        self.copy(
            tap,
            if is_paused {
                ONE_FRAME_SECS
            } else {
                CHECK_SECS
            },
        );
        let heard_from = self.recent.heard_from as f64 / f64::from(self.mix_rate_hz);
        let mut tracker = self.tracker.unwrap_or_else(|| Tracker::new(heard_from));
        tracker.gap(heard_from);
        let wanted_secs = tracker.wanted_secs(self.recent_end_secs());
        if wanted_secs > CHECK_SECS && !is_paused {
            self.copy(tap, wanted_secs);
        } else if self.recent.frames.capacity() > 2 * self.recent.frames.len() {
            // A search took more.
            self.recent.frames.shrink_to_fit();
        }
        if let (Some(fingerprint), false) = (&self.fingerprint, self.recent.frames.is_empty()) {
            let (frames, rate) = (&self.recent.frames, self.mix_rate_hz);
            let tracking = tracker.follow(fingerprint, frames, rate, self.recent_end_secs());
            self.tracking = Some(tracking);
        }
        if let Some(Tracking::Locked(lock)) = self.tracking {
            let was_wrong = self.last_guess_was_wrong(&tracker, lock, (tap, length_secs));
            if was_wrong {
                self.past.stretches.forget_newest();
            }
            if was_wrong || self.past.stretches.is_empty() {
                self.look_back(&mut tracker, tap, heard_from);
            }
            self.find_the_jump(&mut tracker, lock, (tap, length_secs));
        }
        self.host.learn(&tracker, tap.song().0);
        self.tracker = Some(tracker);
    }

    /// Looks how far back the first lock has held.
    fn look_back(&mut self, tracker: &mut Tracker, tap: &Tap, heard_from_secs: f64) {
        if self.mix_is == MixIs::HeardThrough {
            tracker.holds_since(heard_from_secs);
            return;
        }
        self.copy(tap, LOOK_BACK_SECS);
        if let Some(fingerprint) = &self.fingerprint {
            let (frames, rate) = (&self.recent.frames, self.mix_rate_hz);
            tracker.look_back(fingerprint, frames, rate, self.recent_end_secs());
        }
    }

    /// Copies the newest seconds of the mix.
    fn copy(&mut self, tap: &Tap, secs: f64) {
        let frames = (secs * f64::from(self.mix_rate_hz)).ceil() as usize;
        tap.copy(frames, &mut self.recent);
        // Another input may have another rate; seconds go on.
        self.mix_rate_hz = self.recent.sample_rate_hz.max(1);
    }

    fn recent_end_secs(&self) -> f64 {
        self.recent.end_frame as f64 / f64::from(self.mix_rate_hz)
    }

    pub(super) fn write(&mut self, reference: &SharedReference, frame: &mut CompanionFrame) {
        frame.tracking = self.tracking;
        frame.offset_secs = self.offset_secs;
        frame.stretches.clone_from(&self.past.stretches);
        frame.mix_there = self.there.as_ref().map(|(_, there)| Arc::clone(there));
        if self.is_lost() {
            frame.meters = None;
            frame.lately.clear();
            return;
        }
        if !self.feeder.write_meters(&mut frame.meters) {
            return;
        }
        let Some(meters) = &mut frame.meters else {
            return;
        };
        frame.lately.clear();
        frame.lately.extend_from_slice(self.feeder.lately());
        if let Some(point) = reference.with(|data| self.loudness_of_all_channels(data)) {
            let lufs = |value: Option<f32>| value.map(f64::from);
            meters.loudness.momentary_lufs = lufs(point.momentary());
            meters.loudness.short_term_lufs = lufs(point.short_term());
            // The peaks of its channels are not known any more, and its points are those of the fold.
            meters.psr_lu = None;
            meters.loudness_points.clear();
        }
    }

    /// The loudness at the newest part of the mix, where more than two channels were measured and folded down.
    fn loudness_of_all_channels(&self, data: &ReferenceData) -> Option<LoudnessPoint> {
        if layout_of(data).count() <= 2 {
            return None;
        }
        let region = data.beside(is_aligned(self.tracking));
        let laid_secs = region.laid_offset_secs(self.offset_secs) + self.mix_secs;
        let is_over = self
            .past
            .stretches
            .lies_until_secs()
            .is_some_and(|end| self.mix_secs >= end);
        let point = match is_over {
            true => None,
            false => data.loudness.at(region.reference_secs(laid_secs)),
        };
        Some(point.unwrap_or(LoudnessPoint::ABSENT))
    }
}
