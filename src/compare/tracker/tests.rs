//! The tracker on results and times alone.

use super::*;
use crate::compare::fingerprint::ReferenceFingerprint;

fn found(offset_secs: f64, confidence: f64) -> AlignmentResult {
    AlignmentResult::at(offset_secs, confidence)
}

/// A result of a search without rivals.
fn result(offset_secs: f64, confidence: f64) -> Option<Found> {
    Some(Found {
        place: found(offset_secs, confidence),
        belief: confidence,
        part: confidence,
        rivals: vec![],
    })
}

fn holds(offset_secs: f64, similarity: f64) -> LockCheck {
    LockCheck::Holds {
        offset_secs,
        similarity,
    }
}

fn locked() -> Tracker {
    let mut tracker = Tracker::new(0.0);
    tracker.searched(10.0, 10.0, result(3.0, 0.9));
    tracker
}

#[test]
fn nothing_is_searched_before_there_is_enough_and_not_at_every_call() {
    let mut tracker = Tracker::new(100.0);
    assert_eq!(tracker.task(103.0), Task::Wait);
    assert_eq!(tracker.task(105.0), Task::Search { excerpt_secs: 5.0 });
    tracker.searched(105.0, 5.0, None);
    assert_eq!(tracker.task(105.2), Task::Wait);
    assert_eq!(tracker.tracking(), Tracking::Searching);
    tracker.searched(111.0, 11.0, None);
    assert_eq!(tracker.tracking(), Tracking::NotTheSameSong);
    // Before it is taken for another song for long, it is tried at other speeds.
    let slower = AlignmentResult {
        speed: 0.98,
        ..found(7.0, 0.9)
    };
    assert_eq!(
        tracker.task(116.0),
        Task::SearchSpeed {
            excerpt_secs: LONGEST_EXCERPT_SECS
        }
    );
    tracker.searched_speed(116.0, Some(slower));
    assert_eq!(tracker.tracking(), Tracking::OtherSpeed(slower));
    tracker.searched_speed(117.0, None);
    assert_eq!(tracker.tracking(), Tracking::NotTheSameSong);
    assert_eq!(
        tracker.task(140.0),
        Task::Search {
            excerpt_secs: LONGEST_EXCERPT_SECS
        }
    );
}

#[test]
fn a_short_excerpt_must_be_surer_than_a_long_one() {
    let mut tracker = Tracker::new(0.0);
    tracker.searched(5.0, 5.0, result(1.0, 0.5));
    assert_eq!(tracker.tracking(), Tracking::Searching);
    tracker.searched(10.0, 10.0, result(1.0, 0.5));
    assert_eq!(tracker.tracking(), Tracking::Locked(found(1.0, 0.5)));
}

#[test]
fn a_jump_is_searched_with_what_was_heard_since() {
    let mut tracker = locked();
    assert_eq!(
        tracker.task(20.0),
        Task::Check {
            excerpt_secs: 1.0,
            offset_secs: 3.0
        }
    );
    tracker.checked(20.0, LockCheck::Fails);
    assert_eq!(tracker.tracking(), Tracking::Doubtful(found(3.0, 0.9)));
    assert_eq!(tracker.task(20.5), Task::Wait);
    assert_eq!(tracker.task(21.0), Task::Search { excerpt_secs: 1.5 });
    tracker.searched(21.0, 1.5, result(60.0, 0.8));
    assert_eq!(tracker.offset_secs(), Some(60.0));
}

#[test]
fn on_doubt_and_in_silence_the_lock_stays_until_it_is_given_up() {
    let mut tracker = locked();
    tracker.checked(20.0, LockCheck::Silent);
    assert_eq!(tracker.tracking(), Tracking::Locked(found(3.0, 0.9)));
    tracker.checked(20.0, LockCheck::Fails);
    tracker.searched(21.0, 1.5, result(60.0, 0.3));
    assert_eq!(tracker.tracking(), Tracking::Doubtful(found(3.0, 0.9)));
    tracker.searched(41.0, 15.0, None);
    assert_eq!(tracker.tracking(), Tracking::NotTheSameSong);
}

#[test]
fn a_lock_that_fits_much_less_than_before_is_doubted() {
    let mut tracker = locked();
    tracker.checked(20.0, holds(3.0, 0.8));
    tracker.checked(21.0, holds(3.0, 0.6));
    assert_eq!(tracker.tracking(), Tracking::Locked(found(3.0, 0.9)));
    tracker.checked(22.0, holds(3.0, 0.3));
    assert_eq!(tracker.tracking(), Tracking::Doubtful(found(3.0, 0.9)));
    tracker.searched(23.0, 1.5, result(3.0, 0.8));
    tracker.checked(24.0, holds(3.0, 0.3));
    assert_eq!(tracker.tracking(), Tracking::Locked(found(3.0, 0.8)));
}

#[test]
fn an_idle_daw_is_no_song_and_what_it_plays_next_is_searched_for_at_once() {
    let reference = ReferenceFingerprint::new(&[[0.5; 2]; 48_000], 48_000);
    let mut tracker = Tracker::new(0.0);
    let silence = vec![[0.0; 2]; 15 * 48_000];
    for now_secs in (1..=300).map(f64::from) {
        tracker.follow(&reference, &silence, 48_000, now_secs);
    }
    assert_eq!(tracker.tracking(), Tracking::Searching);
    assert_eq!(tracker.task(303.9), Task::Wait);
    assert_eq!(tracker.task(304.0), Task::Search { excerpt_secs: 4.0 });
    // Minutes of another song are rarely searched, until it pauses.
    tracker.searched(315.0, 15.0, None);
    tracker.searched_speed(316.0, None);
    tracker.searched_speed(361.0, None);
    tracker.searched(600.0, 15.0, None);
    assert_eq!(tracker.task(615.0), Task::Wait);
    tracker.pause(620.0);
    assert_eq!(tracker.task(624.0), Task::Search { excerpt_secs: 4.0 });
}

#[test]
fn a_jump_followed_by_a_stop_does_not_give_up_the_song() {
    let mut tracker = locked();
    tracker.checked(20.0, LockCheck::Fails);
    tracker.searched(21.5, 1.5, None);
    for now_secs in 22..=80 {
        tracker.pause(f64::from(now_secs));
        assert_eq!(tracker.task(f64::from(now_secs)), Task::Wait);
    }
    tracker.searched(82.0, 1.5, None);
    assert_eq!(tracker.tracking(), Tracking::Doubtful(found(3.0, 0.9)));
    tracker.searched(95.0, 15.0, None);
    assert_eq!(tracker.tracking(), Tracking::Doubtful(found(3.0, 0.9)));
    tracker.searched(101.0, 15.0, None);
    assert_eq!(tracker.tracking(), Tracking::NotTheSameSong);
}

#[test]
fn a_lock_is_known_to_hold_for_what_it_was_found_with_and_was_checked_since() {
    let mut tracker = locked();
    assert_eq!(tracker.held_secs(), Some([0.0, 10.0]));
    tracker.checked(20.0, holds(3.0, 0.9));
    tracker.checked(21.0, LockCheck::Silent);
    assert_eq!(tracker.held_secs(), Some([0.0, 20.0]));
    tracker.checked(22.0, LockCheck::Fails);
    assert_eq!(tracker.held_secs(), Some([0.0, 20.0]));
    tracker.searched(23.5, 2.0, result(60.0, 0.8));
    assert_eq!(tracker.held_secs(), Some([21.5, 23.5]));
    assert_eq!(tracker.wanted_secs(30.0), CHECK_SECS);
}

#[test]
fn a_lock_does_not_tremble_and_a_gap_is_not_listened_across() {
    let mut tracker = locked();
    tracker.checked(20.0, holds(3.001, 0.9));
    assert_eq!(tracker.offset_secs(), Some(3.0));
    tracker.checked(21.0, holds(3.005, 0.9));
    assert_eq!(tracker.offset_secs(), Some(3.005));
    tracker.gap(22.0);
    assert_eq!(tracker.task(22.5), Task::Wait);
}

#[test]
fn a_place_that_is_one_of_several_is_locked_as_that() {
    let mut tracker = Tracker::new(0.0);
    let several = Found {
        place: AlignmentResult {
            num_places: 3,
            ..found(1.0, 0.33)
        },
        belief: 1.0,
        part: 0.9,
        rivals: vec![],
    };
    tracker.searched(2.0, 2.0, Some(several.clone()));
    assert_eq!(tracker.tracking(), Tracking::Searching);
    tracker.searched(4.0, 4.0, Some(several.clone()));
    assert_eq!(tracker.tracking(), Tracking::Locked(several.place));
}

#[test]
fn a_refresh_moves_only_to_what_is_surely_better() {
    let mut tracker = locked();
    assert_eq!(
        tracker.task(60.0),
        Task::Check {
            excerpt_secs: 1.0,
            offset_secs: 3.0
        }
    );
    assert_eq!(tracker.task(71.0), Task::Refresh { excerpt_secs: 10.0 });
    tracker.refreshed(71.0, 10.0, result(40.0, 0.6));
    assert_eq!(tracker.offset_secs(), Some(3.0));
    tracker.refreshed(132.0, 10.0, result(40.0, 0.95));
    assert_eq!(tracker.offset_secs(), Some(40.0));
}
