//! Alignment over many random trials: found to a millisecond through what mixing and coding do, and never guessed.

use std::sync::OnceLock;
use std::time::Instant;

use crate::support::music::{self, Frames};
use crate::support::parts::{self, FFMPEG};
use abscope::analysis::downmix::append_stereo;
use abscope::audio::decode::decode_all;
use abscope::compare::alignment::{AlignmentResult, align};
use abscope::compare::fingerprint::ReferenceFingerprint;
use abscope::compare::tracker::{Tracker, Tracking};
use abscope::dsp::signals::Random;
use abscope::units::db;

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
    if parts::left_to_the_whole_run(
        "a_version_of_the_song_is_found_to_a_millisecond_in_99_of_100_trials",
    ) {
        return;
    }
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
    if parts::left_to_the_whole_run("another_song_is_not_the_same_in_99_of_100_trials") {
        return;
    }
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

/// An excerpt through a lossy coder and back; the sample rate it comes back with.
fn coded(excerpt: &[[f32; 2]], name: &str, args: &[&str]) -> (Frames, u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let (wav, lossy) = (folder.path().join("excerpt.wav"), folder.path().join(name));
    music::files::write_wav(&wav, RATE_HZ, excerpt.as_flattened());
    let ffmpeg = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&wav)
        .args(args)
        .arg(&lossy)
        .status();
    assert!(ffmpeg.expect("ffmpeg runs").success(), "{name}");
    let decoded = decode_all(&lossy).expect("a file of ffmpeg");
    let mut frames = Vec::new();
    append_stereo(decoded.format, &decoded.samples, &mut frames);
    (frames, decoded.format.sample_rate_hz)
}

#[test]
fn coders_and_other_sample_rates_do_not_move_it() {
    if parts::left_to_the_whole_run("coders_and_other_sample_rates_do_not_move_it") {
        return;
    }
    if !parts::are_there("coders_and_other_sample_rates_do_not_move_it", &[FFMPEG]) {
        return;
    }
    let mut random = Random::new(6);
    let coders: [(&str, &[&str]); 6] = [
        ("a.mp3", &["-b:a", "128k"]),
        ("b.mp3", &["-b:a", "96k", "-ar", "44100"]),
        ("c.ogg", &["-c:a", "libvorbis", "-q:a", "2"]),
        ("d.ogg", &["-c:a", "libvorbis", "-q:a", "5", "-ar", "44100"]),
        ("e.opus", &["-c:a", "libopus", "-b:a", "64k"]),
        ("f.wav", &["-ar", "22050"]),
    ];
    for (trial, (name, args)) in coders.iter().cycle().take(18).enumerate() {
        let (song, fingerprint) = &songs()[trial % songs().len()];
        let (start, excerpt) = version_of(song, &mut random);
        let (excerpt, rate_hz) = coded(&excerpt, name, args);
        let result = align(fingerprint, &excerpt, rate_hz);
        let truth_secs = start as f64 / f64::from(RATE_HZ);
        assert!(
            is_right(result, start),
            "{name}: {result:?}, not {truth_secs}"
        );
    }
}

/// A live mix: stretches of songs one after another, heard in blocks, the tracker asked at each.
struct LiveMix<'a> {
    reference: &'a ReferenceFingerprint,
    tracker: Tracker,
    heard: Frames,
}

impl LiveMix<'_> {
    const STEP: usize = RATE_HZ as usize / 4;

    fn now_secs(&self) -> f64 {
        self.heard.len() as f64 / f64::from(RATE_HZ)
    }

    /// Plays for some seconds or until the tracking is as wished; how long it took.
    fn play(&mut self, sound: &[[f32; 2]], is_wished: impl Fn(Tracking) -> bool) -> Option<f64> {
        let start_secs = self.now_secs();
        for block in sound.chunks(Self::STEP) {
            self.heard.extend_from_slice(block);
            let recent = &self.heard[self.heard.len().saturating_sub(20 * RATE_HZ as usize)..];
            let tracking = self
                .tracker
                .follow(self.reference, recent, RATE_HZ, self.now_secs());
            if is_wished(tracking) {
                return Some(self.now_secs() - start_secs);
            }
        }
        None
    }
}

fn part(song: &[[f32; 2]], start_secs: f64, secs: f64) -> &[[f32; 2]] {
    let frame = |secs: f64| (secs * f64::from(RATE_HZ)) as usize;
    &song[frame(start_secs)..frame(start_secs + secs)]
}

fn is_locked_at(tracking: Tracking, offset_secs: f64) -> bool {
    matches!(tracking, Tracking::Locked(lock) if (lock.offset_secs - offset_secs).abs() < 0.003)
}

#[test]
fn a_live_mix_is_locked_and_followed_through_jumps_within_3_s() {
    if parts::left_to_the_whole_run("a_live_mix_is_locked_and_followed_through_jumps_within_3_s") {
        return;
    }
    let (song, reference) = &songs()[0];
    let mut live = LiveMix {
        reference,
        tracker: Tracker::new(0.0),
        heard: Vec::new(),
    };
    let first = live.play(part(song, 20.0, 12.0), |tracking| {
        is_locked_at(tracking, 20.0)
    });
    assert!(first.is_some_and(|secs| secs <= 10.0), "{first:?}");
    let mut worst_secs = 0f64;
    let mut place_secs = 20.0 + live.now_secs();
    // `None` goes back by four bars, as a loop does: same beat, same drums, same chords.
    for jump in [
        Some(70.0),
        None,
        Some(31.3),
        None,
        None,
        Some(110.0),
        Some(5.77),
    ] {
        let start_secs = jump.unwrap_or(place_secs - 4.0 * music::bar_secs(0));
        // Some seconds of play until the jump, which comes at no particular moment of the tracker's.
        let offset_secs = start_secs - live.now_secs();
        let jumped = live.play(part(song, start_secs, 6.1), |tracking| {
            is_locked_at(tracking, offset_secs)
        });
        worst_secs = worst_secs.max(jumped.unwrap_or(f64::INFINITY));
        place_secs = start_secs + jumped.unwrap_or(6.1);
        live.play(part(song, place_secs, 4.3), |_| false);
        place_secs += 4.3;
        assert!(is_locked_at(live.tracker.tracking(), offset_secs));
    }
    println!("a jump is followed within {worst_secs} s");
    assert!(worst_secs <= 3.0, "{worst_secs} s");
}

#[test]
fn a_pause_keeps_the_lock_and_another_song_ends_it() {
    if parts::left_to_the_whole_run("a_pause_keeps_the_lock_and_another_song_ends_it") {
        return;
    }
    let (song, reference) = &songs()[1];
    let mut live = LiveMix {
        reference,
        tracker: Tracker::new(0.0),
        heard: Vec::new(),
    };
    live.play(part(song, 50.0, 12.0), |_| false);
    assert!(is_locked_at(live.tracker.tracking(), 50.0));
    live.play(&vec![[0.0; 2]; 8 * RATE_HZ as usize], |_| false);
    assert_eq!(live.tracker.offset_secs().map(f64::round), Some(50.0));
    let moved = live.play(part(&songs()[2].0, 10.0, 40.0), |tracking| {
        matches!(tracking, Tracking::Locked(lock) if (lock.offset_secs - 50.0).abs() > 1.0)
    });
    assert_eq!(moved, None, "another song is locked to nowhere");
    assert_eq!(live.tracker.tracking(), Tracking::NotTheSameSong);
}

#[test]
fn a_new_part_as_loud_as_all_the_rest_and_8_db_more_does_not_hide_the_song() {
    if parts::left_to_the_whole_run(
        "a_new_part_as_loud_as_all_the_rest_and_8_db_more_does_not_hide_the_song",
    ) {
        return;
    }
    let mut random = Random::new(8);
    let (mut found, mut lowest) = (0, 1f64);
    for trial in 0..20 {
        let (song, fingerprint) = &songs()[trial % songs().len()];
        let (other, _) = &songs()[(trial + 2) % songs().len()];
        let (start, mut excerpt) = version_of(song, &mut random);
        let (_, mut part) = version_of(other, &mut random);
        let power =
            |frames: &[[f32; 2]]| -> f32 { frames.as_flattened().iter().map(|x| x * x).sum() };
        let level_db = 8.0 * random.unit();
        let gain = (power(&excerpt) / power(&part)).sqrt() * db::amplitude_from_db(level_db) as f32;
        part.as_flattened_mut().iter_mut().for_each(|x| *x *= gain);
        let both = excerpt
            .as_flattened_mut()
            .iter_mut()
            .zip(part.as_flattened());
        both.for_each(|(x, part)| *x += part);
        let result = align(fingerprint, &excerpt, RATE_HZ);
        found += usize::from(is_right(result, start));
        lowest = lowest.min(result.map_or(0.0, |result| result.confidence));
    }
    println!("{found} of 20 below another part, confidence at least {lowest:.2}");
    assert!(found >= 19, "{found} of 20");
}
