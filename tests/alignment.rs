//! Alignment over many random trials: found to a millisecond through what mixing and coding do, and never guessed.

mod music;

use std::sync::OnceLock;
use std::time::Instant;

use abscope::compare::alignment::{AlignmentResult, align};
use abscope::compare::fingerprint::ReferenceFingerprint;
use abscope::dsp::signals::Random;
use abscope::units::db;
use music::Frames;

const RATE_HZ: u32 = 48_000;
const SONG_SECS: f64 = 135.0;
const NUM_SONGS: u64 = 5;
const EXCERPT_SECS: f64 = 10.0;

fn songs() -> &'static [(Frames, ReferenceFingerprint)] {
    static SONGS: OnceLock<Vec<(Frames, ReferenceFingerprint)>> = OnceLock::new();
    SONGS.get_or_init(|| {
        (0..NUM_SONGS)
            .map(|seed| {
                let song = music::song(seed, SONG_SECS, RATE_HZ);
                let fingerprint = ReferenceFingerprint::new(&song, RATE_HZ);
                (song, fingerprint)
            })
            .collect()
    })
}

/// An excerpt as somebody's version of the song has it, with its start in frames.
fn version_of(song: &[[f32; 2]], random: &mut Random) -> (usize, Frames) {
    let start = (120.0 * random.unit() * f64::from(RATE_HZ)) as usize;
    let length = (EXCERPT_SECS * f64::from(RATE_HZ)) as usize;
    let mut excerpt = song[start..start + length].to_vec();
    for _ in 0..3 {
        let hz = 60.0 * 2f64.powf(7.0 * random.unit());
        music::equalise(&mut excerpt, RATE_HZ, hz, 10.0 * random.bipolar());
    }
    music::limit(&mut excerpt, 10.0 * random.unit());
    music::add_noise(&mut excerpt, -20.0, random);
    let gain = db::amplitude_from_db(12.0 * random.bipolar()) as f32;
    excerpt
        .as_flattened_mut()
        .iter_mut()
        .for_each(|x| *x *= gain);
    (start, excerpt)
}

fn is_right(found: Option<AlignmentResult>, start: usize) -> bool {
    let truth_secs = start as f64 / f64::from(RATE_HZ);
    found.is_some_and(|found| (found.offset_secs - truth_secs).abs() < 0.001)
}

#[test]
fn a_version_of_the_song_is_found_to_a_millisecond_in_99_of_100_trials() {
    let mut random = Random::new(4);
    let songs = songs();
    let (mut found, mut lowest, mut worst_secs) = (0, 1f64, 0f64);
    let started = Instant::now();
    for trial in 0..100 {
        let (song, fingerprint) = &songs[trial % songs.len()];
        let (start, excerpt) = version_of(song, &mut random);
        let result = align(fingerprint, &excerpt, RATE_HZ);
        if is_right(result, start) {
            found += 1;
            let result = result.expect("it is right");
            lowest = lowest.min(result.confidence);
            worst_secs =
                worst_secs.max((result.offset_secs - start as f64 / f64::from(RATE_HZ)).abs());
        } else {
            println!(
                "trial {trial}: {:.4} is {result:?}",
                start as f64 / f64::from(RATE_HZ)
            );
        }
    }
    println!(
        "{found} of 100, off by at most {:.3} ms, confidence at least {lowest:.2}, {:.0} ms each",
        1000.0 * worst_secs,
        10.0 * started.elapsed().as_secs_f64()
    );
    assert!(found >= 99, "{found} of 100");
}

#[test]
fn another_song_is_not_the_same_in_99_of_100_trials() {
    let mut random = Random::new(5);
    let songs = songs();
    let mut refused = 0;
    for trial in 0..100 {
        let (song, _) = &songs[trial % songs.len()];
        let (_, other) =
            &songs[(trial + 1 + trial / songs.len() % (songs.len() - 1)) % songs.len()];
        let (_, excerpt) = version_of(song, &mut random);
        let result = align(other, &excerpt, RATE_HZ);
        refused += usize::from(result.is_none());
        if result.is_some() {
            println!("trial {trial}: {result:?}");
        }
    }
    assert!(refused >= 99, "{refused} of 100");
}
