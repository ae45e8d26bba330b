//! Where the reference lies in a picture over song position.
//!
//! Where the reference lay beside each stretch of the mix is known, and which stretch of the song that was; so it lies over
//! the song where it lay when its bars were played last.

use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::history::History;
use crate::session::sides::song_runs::{Run, SongRuns};
use crate::session::sides::stretches::{MOST_STRETCHES, Stretch, Stretches};

/// Places of the reference in the song that differ by less are one: hosts tell theirs rounded.
const SAME_PLACE_SECS: f64 = 0.005;
/// Shorter pieces are of the place beside: a run and a stretch end where the song jumps, each to a block or a column.
const LEAST_PIECE_SECS: f64 = 0.1;
/// Where a pass that lies elsewhere grows into an older one, the record is drawn anew once in so much of the song.
const FOLLOWS_SECS: f64 = 0.5;
/// Numbers of what lies over song position are none of what lies over time.
const FIRST_REVISION: u64 = 1 << 24;

/// How the reference lies over the song.
#[derive(Clone, Debug, Default)]
pub(super) struct OverSong {
    /// The same as beside what is heard, but for its place.
    pub frame: CompanionFrame,
}

impl OverSong {
    /// Brings it up to another track of the same song: it lies at its own bars.
    pub fn follow_track(&mut self, beside: &CompanionFrame, track: &History) {
        self.frame.clone_from(beside);
        self.frame.sections = Default::default();
        self.frame.followed_past = Stretches::default();
        self.frame.stretches = Stretches::default();
        self.frame.offset_secs = 0.0;
        self.frame.meters = Some(track.meters.clone());
    }

    /// Brings it up to how a reference of a length lies beside the mix.
    pub fn follow(&mut self, beside: &CompanionFrame, runs: &SongRuns, length_secs: f64) {
        let before = std::mem::take(&mut self.frame.stretches);
        self.frame.clone_from(beside);
        // Sections of the mix are of its own time.
        self.frame.sections = Default::default();
        self.frame.followed_past = Stretches::default();
        let mut stretches = match beside.is_aligned() {
            true => over_song(beside, runs.all(), length_secs),
            false => nowhere(),
        };
        let last = stretches.all().last();
        self.frame.offset_secs = last.map_or(0.0, |last| last.offset_secs);
        let is_same = lies_as(&before) == lies_as(&stretches);
        stretches.revision = before.revision.max(FIRST_REVISION) + u64::from(!is_same);
        stretches.epoch = beside.stretches.epoch;
        self.frame.stretches = stretches;
    }
}

/// What makes another picture of a reference: where the newest ends is not known before it has, and where one grows into
/// another the picture follows in steps.
fn lies_as(stretches: &Stretches) -> (Vec<[f64; 3]>, Option<f64>) {
    let in_steps = |secs: f64| (secs / FOLLOWS_SECS).round();
    let ends = stretches.all().iter().map(|stretch| {
        let [from, to] = [stretch.from_secs, stretch.to_secs].map(in_steps);
        [from, to, stretch.offset_secs]
    });
    let mut ends: Vec<_> = ends.collect();
    if let Some(newest) = ends.last_mut() {
        newest[1] = f64::INFINITY;
    }
    (ends, stretches.over_secs())
}

/// Where a record lies of which nobody knows where.
fn nowhere() -> Stretches {
    Stretches::of(vec![Stretch {
        from_secs: f64::MAX,
        to_secs: f64::MAX,
        offset_secs: 0.0,
    }])
}

/// Where a reference lay when each stretch of a song was played last, over song time; where it did not move it also lies
/// where nothing was played.
fn over_song(beside: &CompanionFrame, runs: &[Run], length_secs: f64) -> Stretches {
    let mut found: Vec<Stretch> = vec![];
    for run in runs {
        let mix_offset_secs = run.mix_offset_secs();
        let mix_secs = run.song_secs.map(|secs| secs + mix_offset_secs);
        let least_secs = LEAST_PIECE_SECS.min((mix_secs[1] - mix_secs[0]) / 2.0);
        let pieces = beside.stretches.pieces(mix_secs, beside.offset_secs);
        let long = pieces
            .iter()
            .filter(|piece| piece.to_secs - piece.from_secs > least_secs);
        for piece in long {
            let next = Stretch {
                from_secs: piece.from_secs - mix_offset_secs,
                to_secs: piece.to_secs - mix_offset_secs,
                offset_secs: within_a_turn(piece.offset_secs + mix_offset_secs, length_secs),
            };
            match found.last_mut() {
                Some(last) if (last.offset_secs - next.offset_secs).abs() < SAME_PLACE_SECS => {
                    last.to_secs = next.to_secs;
                }
                _ => found.push(next),
            }
        }
    }
    found.truncate(MOST_STRETCHES);
    let Some(first) = found.first_mut() else {
        return nowhere();
    };
    // Before its beginning nothing of it lies beside the song.
    first.from_secs = match -first.offset_secs {
        begins_secs if begins_secs > SAME_PLACE_SECS => begins_secs,
        _ => 0.0,
    };
    let newest = found.last().map_or(0.0, |newest| newest.offset_secs);
    let ends = beside.stretches.over_secs().is_some();
    let over_secs = ends.then_some(length_secs - newest);
    Stretches::of_one_that_ends(found, over_secs)
}

/// A place in a record that repeats beside the mix, by as few turns as there can be: where the song begins it is the
/// record's own beginning that is near, not that of its next turn.
fn within_a_turn(offset_secs: f64, length_secs: f64) -> f64 {
    let turns = (offset_secs / length_secs).round();
    match turns.is_finite() {
        true => offset_secs - turns * length_secs,
        false => offset_secs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::song_clock::SongPlace;
    use crate::compare::alignment::AlignmentResult;
    use crate::compare::tracker::Tracking;

    /// A song played from a song time to another, from a mix time on.
    fn runs(played: &[([f64; 2], f64)]) -> SongRuns {
        let mut runs = SongRuns::default();
        for (song_secs, mix_secs) in played {
            runs.lay(Run {
                song_secs: *song_secs,
                place: SongPlace::of_quarters(*mix_secs, song_secs[0]),
            });
        }
        runs
    }

    fn beside(stretches: &[[f64; 3]]) -> CompanionFrame {
        let offset_secs = stretches.last().map_or(0.0, |last| last[2]);
        let stretches = stretches.iter().map(|stretch| Stretch {
            from_secs: stretch[0],
            to_secs: stretch[1],
            offset_secs: stretch[2],
        });
        CompanionFrame {
            tracking: Some(Tracking::Locked(AlignmentResult::at(offset_secs, 1.0))),
            offset_secs,
            stretches: Stretches::of(stretches.collect()),
            ..CompanionFrame::default()
        }
    }

    #[test]
    fn the_record_lies_over_the_song_where_it_lay_when_its_bars_were_played() {
        // The song begins 3 s into the record, and was played in two goes, the second from 20 s on.
        let runs = runs(&[([0.0, 60.0], 10.0), ([20.0, 30.0], 100.0)]);
        // The second time the record had begun again: it is two turns on.
        let beside = beside(&[[10.0, 70.0, -7.0], [100.0, 110.0, -77.0 + 2.0 * 44.0]]);
        let mut over = OverSong::default();
        over.follow(&beside, &runs, 44.0);
        let offset = |secs: f64| over.frame.offset_at(secs);
        for secs in [0.0, 15.0, 25.0, 40.0, 90.0] {
            let offset_secs = offset(secs).expect("it is known");
            assert!((offset_secs - 3.0).abs() < 1e-9, "{offset_secs} at {secs}");
        }
        let first = over.frame.stretches.revision;
        over.follow(&beside, &runs, 44.0);
        assert_eq!(over.frame.stretches.revision, first, "nothing has changed");
    }

    #[test]
    fn a_record_that_begins_later_and_ends_earlier_than_the_song_lies_only_where_it_is() {
        let runs = runs(&[([0.0, 60.0], 10.0)]);
        let mut beside = beside(&[[14.0, 50.0, -14.0]]);
        beside.stretches = Stretches::of_one_that_ends(beside.stretches.all().to_vec(), Some(50.0));
        let mut over = OverSong::default();
        over.follow(&beside, &runs, 36.0);
        let offset = |secs: f64| over.frame.offset_at(secs);
        assert_eq!(
            [3.9, 4.1, 39.9, 40.1].map(offset),
            [None, Some(-4.0), Some(-4.0), None]
        );
    }

    #[test]
    fn where_the_song_jumped_a_moment_of_the_next_place_is_no_place_of_the_song() {
        // The first stretch ends 20 ms before the run does.
        let runs = runs(&[([0.0, 60.0], 10.0), ([5.0, 9.0], 70.0)]);
        let beside = beside(&[[10.0, 69.98, -10.0], [69.98, 74.0, -65.0]]);
        let mut over = OverSong::default();
        over.follow(&beside, &runs, 300.0);
        let offsets = over.frame.stretches.all().iter();
        let offsets: Vec<f64> = offsets.map(|stretch| stretch.offset_secs).collect();
        assert_eq!(offsets, [0.0]);
    }

    #[test]
    fn another_song_lies_nowhere() {
        let runs = runs(&[([0.0, 60.0], 10.0)]);
        let mut beside = beside(&[]);
        beside.tracking = Some(Tracking::NotTheSameSong);
        let mut over = OverSong::default();
        over.follow(&beside, &runs, 44.0);
        assert_eq!(
            [0.0, 30.0, 90.0].map(|secs| over.frame.offset_at(secs)),
            [None; 3]
        );
        assert!(over.frame.stretches.pieces([0.0, 100.0], 0.0).is_empty());
    }
}
