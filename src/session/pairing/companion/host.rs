//! The DAW's own clock beside the reference: once the place of its song is known, a jump of the DAW says where the
//! reference goes, and nothing has to be searched for.

use crate::analysis::song_clock::SongPlace;
use crate::compare::alignment::AlignmentResult;
use crate::compare::tracker::{CHECK_SECS, Tracker, Tracking};

/// How sure a place must be that the DAW's jumps are followed from.
const SURE: f64 = 0.7;
/// A lock that lies this close to where the DAW says it is does not move.
const STEADY_SECS: f64 = 0.003;

/// What is known of the DAW's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HostClock {
    /// What it told last.
    met: Option<SongPlace>,
    /// Reference time minus song time, in seconds, and how sure that is.
    anchor: Option<(f64, AlignmentResult)>,
    /// Whether the sound has not been found to agree since the last jump.
    is_unproven: bool,
}

impl HostClock {
    /// Takes what the DAW tells now. Where it goes on elsewhere and the place of its song is known: the mix time of the
    /// jump, and the place in the reference from there on.
    pub fn hear(
        &mut self,
        song: Option<SongPlace>,
        tracking: Option<Tracking>,
    ) -> Option<(f64, AlignmentResult)> {
        if song == self.met {
            return None;
        }
        self.met = song;
        if self.is_unproven && matches!(tracking, Some(Tracking::Doubtful(_))) {
            // The song has been changed in the DAW: it lies elsewhere, or nowhere.
            self.anchor = None;
        }
        let (place, (anchor_secs, lock)) = (song?, self.anchor?);
        let offset_secs = place.offset_secs()? + anchor_secs;
        self.is_unproven = true;
        Some((
            place.at_secs,
            AlignmentResult {
                offset_secs,
                ..lock
            },
        ))
    }

    /// Learns where the song lies in the reference from a lock that held over what was heard since the DAW last jumped;
    /// `song` is what it tells behind the sound that was asked.
    pub fn learn(&mut self, tracker: &Tracker, song: Option<SongPlace>) {
        match tracker.tracking() {
            Tracking::Locked(lock) if lock.confidence >= SURE => {
                let Some((place, held_secs)) = song.zip(tracker.held_secs()) else {
                    return;
                };
                // Nothing of what was asked lies before the jump.
                let is_of_this_run = song == self.met && held_secs[1] - CHECK_SECS >= place.at_secs;
                if let (Some(song_offset_secs), true) = (place.offset_secs(), is_of_this_run) {
                    self.anchor = Some((lock.offset_secs - song_offset_secs, lock));
                    self.is_unproven = false;
                }
            }
            Tracking::NotTheSameSong | Tracking::OtherSpeed(_) => self.anchor = None,
            _ => {}
        }
    }
}

/// Whether a lock has to move to lie where the DAW says, in a reference of a length that repeats.
pub(super) fn moves(tracking: Option<Tracking>, to: AlignmentResult, length_secs: f64) -> bool {
    let Some(Tracking::Locked(lock)) = tracking else {
        return true;
    };
    let apart_secs = lock.offset_secs - to.offset_secs;
    let turns = (apart_secs / length_secs).round();
    (apart_secs - turns * length_secs).abs() > STEADY_SECS
}
