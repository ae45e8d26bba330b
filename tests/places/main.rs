//! Whether a place can be stood by: songs that repeat themselves to the sample, and versions that were cut, turned or
//! played at another speed. `cargo run --example places` tries two thousand excerpts.

#[path = "../../examples/places/music.rs"]
mod music;
#[path = "../../examples/places/songs.rs"]
mod songs;
#[path = "../../examples/places/trials.rs"]
#[expect(dead_code, reason = "the example prints what a test does not")]
mod trials;
#[path = "../../examples/places/versions.rs"]
mod versions;

use std::sync::OnceLock;

use abscope::compare::alignment::AlignmentResult;
use abscope::compare::fingerprint::ReferenceFingerprint;
use abscope::compare::programmes::align_programmes;
use abscope::compare::tracker::{Tracker, Tracking};
use music::Frames;
use songs::{RATE_HZ, Song, Tells, song};
use trials::{Table, trials};

#[test]
fn of_excerpts_of_songs_with_exact_repeats_none_is_sure_and_wrong() {
    let table = Table::of(&trials(11, 60, 10, false));
    println!("{table}");
    assert_eq!(table.sure_and_wrong(), 0, "{table}");
    assert!(table.part_good() >= 0.98, "{table}");
}

/// A song with a melody over its loops, and its fingerprint.
fn melodic() -> &'static (Song, ReferenceFingerprint) {
    static SONG: OnceLock<(Song, ReferenceFingerprint)> = OnceLock::new();
    SONG.get_or_init(|| {
        let song = song(1000);
        assert_eq!(song.tells, Tells::Melody(-6.0));
        let fingerprint = ReferenceFingerprint::new(&song.frames, RATE_HZ);
        (song, fingerprint)
    })
}

fn found(mix: &[[f32; 2]]) -> Option<AlignmentResult> {
    align_programmes(&melodic().1, &ReferenceFingerprint::new(mix, RATE_HZ))
}

fn frame(secs: f64) -> usize {
    (secs * f64::from(RATE_HZ)) as usize
}

#[test]
fn swapped_and_inverted_sides_are_named() {
    let song = &melodic().0.frames;
    for (swapped, inverted) in [
        (false, [false, false]),
        (true, [false, false]),
        (false, [true, true]),
        (false, [true, false]),
        (false, [false, true]),
    ] {
        let sign = inverted.map(|inverted| if inverted { -1.0 } else { 1.0 });
        let version: Frames = song
            .iter()
            .map(|&[left, right]| {
                if swapped {
                    [right, left]
                } else {
                    [left, right]
                }
            })
            .map(|[left, right]| [sign[0] * left, sign[1] * right])
            .collect();
        let found = found(&version).expect("it is the same song");
        assert!(
            found.offset_secs.abs() < 0.001 && found.confidence >= 0.9,
            "{found:?}"
        );
        assert_eq!(
            (found.sides.swapped, found.sides.inverted),
            (swapped, inverted)
        );
    }
}

#[test]
fn a_radio_edit_is_in_two_pieces_and_the_longest_is_laid() {
    let song = &melodic().0.frames;
    let mut edit = song[..frame(20.0)].to_vec();
    edit.extend_from_slice(&song[frame(41.37)..frame(80.0)]);
    let found = found(&edit).expect("it is the same song");
    assert_eq!(found.num_pieces, 2, "{found:?}");
    assert!((found.offset_secs - 21.37).abs() < 0.002, "{found:?}");
    let jump_secs = found.jump_secs.expect("the other piece lies elsewhere");
    assert!((jump_secs + 21.37).abs() < 0.002, "{found:?}");
    let [from, to] = found.piece_secs.expect("it is a piece");
    assert!(
        (from - 20.0).abs() < 2.5 && (to - 58.6).abs() < 2.5,
        "{found:?}"
    );
}

/// The song as a tape at another speed plays it.
fn at_speed(song: &[[f32; 2]], speed: f64) -> Frames {
    let frame = |n: usize| {
        let at = n as f64 * speed;
        let (whole, part) = (at as usize, at.fract() as f32);
        let [a, b] = [song.get(whole)?, song.get(whole + 1)?];
        Some([0, 1].map(|channel| a[channel] + part * (b[channel] - a[channel])))
    };
    (0..).map_while(frame).collect()
}

#[test]
fn another_speed_and_a_drifting_clock_are_named_and_not_laid() {
    let song = &melodic().0.frames;
    for speed in [0.965, 0.999, 1.0003, 1.002, 1.0173] {
        let found = found(&at_speed(song, speed)).unwrap_or_else(|| panic!("{speed}: not found"));
        assert!((found.speed - speed).abs() < 1e-4, "{speed}: {found:?}");
        assert!(!found.is_laid_in_time());
    }
}

#[test]
fn another_song_is_none_of_these() {
    let other = song(1004);
    assert_eq!(found(&other.frames), None);
}

/// Plays stretches of the song, one after another, to a tracker; its state after each block of a quarter of a second.
fn follow(
    reference: &ReferenceFingerprint,
    stretches: &[&[[f32; 2]]],
    mut see: impl FnMut(f64, Tracking),
) {
    let mut tracker = Tracker::new(0.0);
    let mut heard: Frames = vec![];
    for block in stretches
        .iter()
        .flat_map(|stretch| stretch.chunks(frame(0.25)))
    {
        heard.extend_from_slice(block);
        let now_secs = heard.len() as f64 / f64::from(RATE_HZ);
        let recent = &heard[heard.len().saturating_sub(frame(20.0))..];
        see(
            now_secs,
            tracker.follow(reference, recent, RATE_HZ, now_secs),
        );
    }
}

#[test]
fn a_live_jump_from_one_round_to_another_is_followed_within_3_s() {
    let (song, reference) = melodic();
    // To where the same loop has another melody: a whole section on.
    let repeat_secs = song.repeat_secs();
    let (from, to) = (frame(2.0), frame(2.0 + repeat_secs));
    let stretches = [
        &song.frames[from..from + frame(14.0)],
        &song.frames[to..to + frame(16.0)],
    ];
    let mut moved_secs = None;
    let mut before = None;
    follow(reference, &stretches, |now_secs, tracking| {
        let Tracking::Locked(lock) = tracking else {
            return;
        };
        if now_secs <= 14.0 {
            before = Some(lock.offset_secs);
        } else if (lock.offset_secs - (2.0 + repeat_secs - 14.0)).abs() < 0.003 {
            moved_secs.get_or_insert(now_secs - 14.0);
        }
    });
    assert!(
        before.is_some_and(|secs: f64| (secs - 2.0).abs() < 0.003),
        "{before:?}"
    );
    assert!(moved_secs.is_some_and(|secs| secs <= 3.5), "{moved_secs:?}");
}

#[test]
fn a_live_mix_of_rounds_that_nothing_tells_apart_is_one_of_several_places() {
    let twins = song(1005);
    assert_eq!(twins.tells, Tells::Nothing);
    let reference = ReferenceFingerprint::new(&twins.frames, RATE_HZ);
    let mut last = None;
    follow(
        &reference,
        &[&twins.frames[frame(0.5)..frame(8.5)]],
        |_, tracking| last = Some(tracking),
    );
    let Some(Tracking::Locked(lock)) = last else {
        panic!("it is the same song: {last:?}");
    };
    assert!(lock.num_places > 1 && lock.confidence < 0.9, "{lock:?}");
}
