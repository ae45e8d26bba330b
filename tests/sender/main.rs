//! A track of a DAW as an input: listed, captured by the built program with exact levels and the song's place, and heard
//! again when the DAW comes back. Real DAWs are in `scripts/test-sender`. A program of its own: it has an environment of its
//! own.

#![cfg(target_os = "linux")]

#[path = "../support/mod.rs"]
mod support;

use std::process::Stdio;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use abscope::analysis::column::level_db as level_db_of;
use abscope::analysis::song_clock::SongPlace;
use abscope::audio::capture::{CaptureError, InputSelector, open_input};
use abscope::audio::demo::{DemoSong, DemoVersion};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::audio::levels::InputLevels;
use abscope::audio::ring::ReadEvent;
use abscope::compare::tracker::Tracking;
use abscope::session::Session;
use abscope::session::action::Mark;
use abscope::session::references::Reference;
use abscope::session::sides::history::History;
use abscope::session::sides::input::{InputWish, OpenInput};
use abscope::session::sides::live::LiveSide;
use abscope::session::sides::song_side::SongSide;
use abscope::session::sides::still::StillSide;
use abscope::view::looks::Smoothing;
use abscope::view::mark::measured;
use support::desk::{Home, Window, free_port};
use support::parts::{self, DISPLAY};
use support::program::{abscope, assert_near, hear};
use support::sender::{OwnTable, Song, Track};
use support::wav::write_wav;
use support::x11::{Display, wait_for};

/// Whatever takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// 1000 Hz in both channels at −23 dBFS: as many LUFS. A loop of two seconds has no seam.
fn tone(frame: u64) -> [f32; 2] {
    let phase = std::f64::consts::TAU * frame as f64 / 48.0;
    let sample = (10f64.powf(-23.0 / 20.0) * phase.sin()) as f32;
    [sample, sample]
}

/// A number that says which frame it is, in both channels.
fn numbered(frame: u64) -> [f32; 2] {
    [frame as f32, -(frame as f32)]
}

fn song(frame_at: impl Fn(u64) -> [f32; 2] + Send + 'static) -> Song {
    Song {
        rate_hz: 48_000,
        frame_at: Box::new(frame_at),
        loop_frames: 96_000,
    }
}

/// All in one process, one after another: they share the environment.
#[test]
fn a_track_of_a_daw_is_an_input_like_any_other() {
    if parts::left_to_the_whole_run("a_track_of_a_daw_is_an_input_like_any_other") {
        return;
    }
    let own = OwnTable::new();
    nothing_is_listed_where_no_daw_runs(&own);
    it_is_listed_first_and_has_a_level();
    the_program_lists_and_captures_it_with_exact_levels_and_the_songs_place(&own);
    the_program_tells_what_a_second_track_masks_of_the_first(&own);
    its_frames_arrive_to_the_bit_and_marks_stand_where_the_song_jumps();
    a_daw_that_comes_back_is_heard_again();
    fifty_milliseconds_behind_a_jump_of_the_song_the_reference_is_there();
    over_song_position_a_second_pass_overwrites_its_own_bars();
    over_song_position_a_track_lies_beside_another_at_its_own_bars();
    the_window_offers_it_at_a_first_start_and_not_again(&own);
}

fn nothing_is_listed_where_no_daw_runs(own: &OwnTable) {
    let error = open_input(&InputSelector::named("DAW: Vocal")).err();
    assert!(matches!(
        error,
        Some(CaptureError::NotFound { .. } | CaptureError::NoInput)
    ));
    assert!(!std::path::Path::new("/dev/shm").join(&own.name).exists());
}

fn it_is_listed_first_and_has_a_level() {
    let _vocal = Track::play("Vocal", song(tone));
    let levels = InputLevels::start().expect("a thread can be made");
    let begin = Instant::now();
    loop {
        let listed = levels.read().unwrap_or_default();
        let first = listed.first();
        let level = first.and_then(|first| first.peak_dbfs);
        if level.is_some_and(|level| (level - -23.0).abs() < 0.1) {
            let info = &first.expect("it has a level").info;
            assert_eq!((info.name.as_str(), info.channels), ("DAW: Vocal", 2));
            assert_eq!(info.rates, [48_000]);
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "{listed:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn the_program_lists_and_captures_it_with_exact_levels_and_the_songs_place(own: &OwnTable) {
    let _vocal = Track::play("Vocal", song(tone));
    let _bass = Track::play("Bass", song(numbered));
    let said = hear(
        abscope()
            .env("ABSCOPE_LINK", &own.name)
            .args(["devices", "--json"]),
    );
    let inputs = said.json_lines().remove(0)["inputs"].clone();
    let names: Vec<_> = inputs.as_array().expect("a list").iter().collect();
    assert_eq!(names[0]["name"], "DAW: Vocal");
    assert_eq!(names[1]["name"], "DAW: Bass");
    assert_eq!(names[0]["host"], "Abscope Send");
    let said = hear(abscope().env("ABSCOPE_LINK", &own.name).args([
        "live",
        "--input",
        "DAW: Vocal",
        "--seconds",
        "5",
        "--json",
    ]));
    let json = said.json_lines().remove(0);
    assert_eq!(json["input"]["name"], "DAW: Vocal");
    assert_eq!(
        (&json["lost_frames"], &json["gaps"]),
        (&0.into(), &0.into())
    );
    assert_near(&json, "/loudness/integrated_lufs", -23.0, 0.01);
    assert_near(&json, "/loudness/sample_peak_dbfs", -23.0, 0.01);
    let song = &json["song"];
    assert_eq!(
        (&song["playing"], &song["tempo_bpm"]),
        (&true.into(), &120.0.into())
    );
    assert_eq!(song["bar"], 1);
    let place = song["position_secs"].as_f64().expect("a place");
    assert!((0.0..2.0).contains(&place), "{place}");
    // It goes round in two seconds.
    let jumps = song["jumps"].as_u64().expect("a number");
    assert!((2..=3).contains(&jumps), "{jumps}");
}

fn the_program_tells_what_a_second_track_masks_of_the_first(own: &OwnTable) {
    let _vocal = Track::play("Vocal", song(tone));
    // The same tone, 12 dB louder: 9 dB above what masks it.
    let _guitar = Track::play(
        "Guitar",
        song(|frame| tone(frame).map(|sample| 4.0 * sample)),
    );
    let said = hear(abscope().env("ABSCOPE_LINK", &own.name).args([
        "live",
        "--input",
        "DAW: Vocal",
        "--reference-input",
        "DAW: Guitar",
        "--seconds",
        "4",
        "--json",
    ]));
    let json = said.json_lines().remove(0);
    let octaves = json["masking"].as_array().expect("both sound");
    let masked = octaves.iter().filter(|octave| octave["masked"] == 1.0);
    let over: Vec<f64> = masked
        .filter_map(|octave| octave["over_threshold_db"].as_f64())
        .collect();
    assert!(!over.is_empty(), "{}", json["masking"]);
    assert!(over.iter().all(|db| (db - 9.0).abs() < 0.5), "{over:?}");
}

fn its_frames_arrive_to_the_bit_and_marks_stand_where_the_song_jumps() {
    let _track = Track::play("Numbers", song(numbered));
    let mut capture = open_input(&InputSelector::named("numbers")).expect("it plays");
    let mut reader = capture.reader.take().expect("nobody has taken it");
    let begin = Instant::now();
    let (mut block, mut heard) = (Vec::new(), 0);
    while heard < 4 * 48_000 {
        block.clear();
        match reader.read(&mut block) {
            ReadEvent::Frames(frames) => {
                let song = *reader.song().expect("the track tells");
                let first = reader.position() - frames as u64;
                let place = song.song_frames_at(first).expect("the track tells");
                for (index, frame) in block.chunks(2).enumerate() {
                    let expected = (place as u64 + index as u64) as f32;
                    assert_eq!(frame, [expected, -expected], "frame {first} + {index}");
                }
                heard += frames;
            }
            ReadEvent::Idle => std::thread::sleep(Duration::from_millis(2)),
            other => panic!("{other:?}"),
        }
        assert!(begin.elapsed() < PATIENCE);
    }
    assert_eq!(reader.lost_frames(), 0);
    assert!(reader.jumps() >= 1);
    assert!(!capture.status.is_lost());
}

fn a_daw_that_comes_back_is_heard_again() {
    let first = Track::play("Vocal", song(tone));
    let wish = InputWish::from_name("DAW: Vocal");
    let input = OpenInput::open(&wish).expect("it plays");
    let mut session = Session::default();
    session.pair.mix = LiveSide::open(wish, input)
        .expect("threads can be made")
        .into();
    let mut wait = |what: &str, holds: &dyn Fn(&LiveSide) -> bool| {
        let begin = Instant::now();
        loop {
            session.pair.poll();
            let mix = session.pair.mix.live().expect("it was opened");
            if holds(mix) {
                return mix.history.end_secs();
            }
            assert!(begin.elapsed() < PATIENCE, "{what}: {:?}", mix.input);
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    let is_away = |mix: &LiveSide| mix.input.away.is_some();
    wait("a second is heard", &|mix| mix.history.end_secs() > 1.0);
    drop(first);
    let heard_secs = wait("it is gone", &is_away);
    let _again = Track::play("Vocal", song(tone));
    wait("it is back", &|mix| {
        !is_away(mix) && mix.history.end_secs() > heard_secs + 1.0
    });
}

/// The DAW goes elsewhere, plays fifty milliseconds and stands still: no search could find that.
fn fifty_milliseconds_behind_a_jump_of_the_song_the_reference_is_there() {
    if parts::left_to_the_whole_run(
        "fifty_milliseconds_behind_a_jump_of_the_song_the_reference_is_there",
    ) {
        return;
    }
    const SONG_SECS: usize = 60;
    let mut samples = vec![0.0; 2 * 48_000 * SONG_SECS];
    DemoSong::new(DemoVersion::Reference).read(&mut samples);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("song.wav");
    write_wav(&path, 48_000, 2, SONG_SECS as f64, |channel, secs| {
        let frame = (secs * 48_000.0).round() as usize;
        samples[2 * frame + usize::from(channel)].into()
    });
    let mut reference = Reference::from_file(&path);
    reference.wait();
    let track = Track::play(
        "Master",
        Song {
            loop_frames: (SONG_SECS * 48_000) as u64,
            ..song(move |frame| samples.as_chunks().0[frame as usize])
        },
    );
    // Amid the song, where it tells itself apart from other places.
    track.locate(48_000 * 22, u64::MAX / 2);
    let wish = InputWish::from_name("DAW: Master");
    let input = OpenInput::open(&wish).expect("it plays");
    let mut session = Session::default();
    session.pair.mix = LiveSide::open(wish, input)
        .expect("threads can be made")
        .into();
    session
        .pair
        .references
        .add(reference)
        .expect("there is room");
    // A reference that repeats lies at the same place a turn later.
    let apart_secs = |a: f64, b: f64| {
        let turns = ((a - b) / SONG_SECS as f64).round();
        (a - b - turns * SONG_SECS as f64).abs()
    };
    let mut wait = |what: &str, from_song_secs: f64, heard_secs: f64| {
        let begin = Instant::now();
        loop {
            session.pair.poll();
            let mix = session.pair.mix.history().expect("it was opened");
            let place = mix.song.at(mix.end_secs());
            let offset_secs = place.and_then(SongPlace::offset_secs);
            let beside = &session.pair.beside;
            let is_sure =
                matches!(beside.tracking, Some(Tracking::Locked(lock)) if lock.confidence > 0.7);
            if let (Some(place), Some(offset_secs), true) = (place, offset_secs, is_sure)
                && place.song_secs.is_some_and(|secs| secs >= from_song_secs)
                && mix.end_secs() - place.at_secs >= heard_secs
                && apart_secs(beside.offset_secs, offset_secs) < 0.005
            {
                return mix.end_secs() - place.at_secs;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "{what}: {:?} {}, {:?}, {} lost",
                beside.tracking,
                beside.offset_secs,
                mix.song,
                mix.meters.lost_frames
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    wait("the song is found", 0.0, 8.0);
    track.locate(48_000 * 41, 2_400);
    let heard_secs = wait("the reference goes with it", 41.0, 0.0);
    assert!(heard_secs <= 0.0501, "{heard_secs}");
    // Over song position it lies where it is of the song, whatever was played when.
    session.pair.toggle_song_position();
    assert!(session.pair.mix.shown_song().is_some());
    let beside = session.pair.beside_drawn();
    for secs in [0.0, 25.0, 30.0, 41.02] {
        let offset_secs = beside.offset_at(secs).expect("it is known");
        assert!(
            apart_secs(offset_secs, 0.0) < 0.005,
            "{offset_secs} at {secs}"
        );
    }
}

/// A loop of four seconds is played at a level, then at another, and then its second half at a third.
fn over_song_position_a_second_pass_overwrites_its_own_bars() {
    const LOOP_SECS: u64 = 4;
    let level_db = Arc::new(AtomicI32::new(-30));
    let of_track = Arc::clone(&level_db);
    let track = Track::play(
        "Loop",
        Song {
            loop_frames: LOOP_SECS * 48_000,
            ..song(move |frame| {
                // That of `tone` is −23.
                let gain_db = f64::from(of_track.load(Ordering::Acquire) + 23);
                tone(frame).map(|sample| sample * 10f64.powf(gain_db / 20.0) as f32)
            })
        },
    );
    let wish = InputWish::from_name("DAW: Loop");
    let input = OpenInput::open(&wish).expect("it plays");
    let mut session = Session::default();
    session.pair.mix = LiveSide::open(wish, input)
        .expect("threads can be made")
        .into();
    let mut wait = |what: &str, holds: &dyn Fn(&Session, &SongSide, f64) -> bool| {
        let begin = Instant::now();
        loop {
            session.pair.poll();
            if session.pair.mix.shown_song().is_none() {
                session.pair.toggle_song_position();
            }
            let mix = session.pair.mix.history().expect("it was opened");
            if let Some(song) = session.pair.mix.shown_song()
                && holds(&session, song, mix.end_secs())
            {
                return mix.end_secs();
            }
            let song = session.pair.mix.shown_song().map(|song| &song.runs);
            assert!(begin.elapsed() < PATIENCE, "{what}: {song:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    // LUFS, and the level of the column amid each half. A tenth of a second in which the song jumped is of no place: where
    // the jump lies in it the one before stays, 0.13 dB of four seconds.
    let reads = |song: &SongSide, lufs: f64, halves_db: [f64; 2]| {
        let history = &song.history;
        let integrated = history.meters.loudness.integrated_lufs;
        let column = |secs: f64| {
            let index = (secs / history.hop_secs()).round() as u64;
            let bins = history.columns.get(0, index)?;
            bins.iter()
                .filter_map(|bin| level_db_of(*bin))
                .reduce(f32::max)
        };
        let is_near = |read: Option<f64>, expected: f64| {
            read.is_some_and(|read| (read - expected).abs() < 0.25)
        };
        is_near(integrated, lufs)
            && is_near(column(1.0).map(f64::from), halves_db[0])
            && is_near(column(3.0).map(f64::from), halves_db[1])
            && (history.meters.loudness.measured_secs - LOOP_SECS as f64).abs() < 0.15
    };
    wait("the song", &|_, song, _| reads(song, -30.0, [-30.0; 2]));
    level_db.store(-18, Ordering::Release);
    let heard_secs = wait("its second pass", &|_, song, _| {
        reads(song, -18.0, [-18.0; 2])
    });
    // However often the bars are repeated, the song stays as long as it is.
    wait("more passes", &|_, song, secs| {
        assert!(song.history.end_secs() < LOOP_SECS as f64 + 0.1);
        secs > heard_secs + 6.0 && reads(song, -18.0, [-18.0; 2])
    });
    level_db.store(-24, Ordering::Release);
    track.locate(48_000 * 2, 96_000);
    let energy = |lufs: f64| 10f64.powf(lufs / 10.0);
    let half = 10.0 * ((energy(-18.0) + energy(-24.0)) / 2.0).log10();
    wait("half of a third", &|_, song, _| {
        reads(song, half, [-18.0, -24.0])
    });
    // Begun anew, it has nothing until it is played on, and is as it was if that is undone.
    let is_empty = |session: &Session| {
        let song = session.pair.mix.shown_song().expect("it stays shown");
        song.runs.all().is_empty()
    };
    session.pair.reset_measurement();
    assert!(is_empty(&session));
    session.pair.undo_reset();
    assert!(!is_empty(&session));
}

/// Two tracks of one loop: each pass overwrites the bars of both, at the same place.
fn over_song_position_a_track_lies_beside_another_at_its_own_bars() {
    const LOOP_SECS: u64 = 4;
    let gain_db = Arc::new(AtomicI32::new(0));
    let of_track = Arc::clone(&gain_db);
    let looped = |frame_at: Box<dyn Fn(u64) -> [f32; 2] + Send>| Song {
        loop_frames: LOOP_SECS * 48_000,
        ..song(frame_at)
    };
    let _vocal = Track::play("Vocal", looped(Box::new(tone)));
    let guitar = move |frame: u64| {
        let of_half_db = if frame < 2 * 48_000 { -20.0 } else { 0.0 };
        let all_db = of_half_db + f64::from(of_track.load(Ordering::Acquire));
        tone(frame).map(|sample| sample * 10f64.powf(all_db / 20.0) as f32)
    };
    let _guitar = Track::play("Guitar", looped(Box::new(guitar)));
    let open = |name: &str| {
        let wish = InputWish::from_name(name);
        let input = OpenInput::open(&wish).expect("it plays");
        LiveSide::open(wish, input).expect("threads can be made")
    };
    let mut session = Session::default();
    session.pair.mix = open("DAW: Vocal").into();
    let reference = open("DAW: Guitar").into();
    session.pair.set_live_reference(Some(reference));
    let wait = |session: &mut Session, what: &str, holds: &dyn Fn(&Session) -> bool| {
        let begin = Instant::now();
        while !holds(session) {
            assert!(begin.elapsed() < PATIENCE, "{what}");
            std::thread::sleep(Duration::from_millis(5));
            session.pair.poll();
            if session.pair.mix.shown_song().is_none() {
                session.pair.toggle_song_position();
            }
        }
    };
    // The level of each track amid each half of the song, as a picture reads it.
    let read = |session: &Session, levels_db: [[f32; 2]; 2]| {
        let pair = &session.pair;
        let live = pair.references.input().expect("it was opened");
        let drawn = [pair.mix.drawn(), live.drawn()].map(|drawn| drawn.expect("both are heard"));
        let is_there = |(history, halves_db): (&History, [f32; 2])| {
            [1.0, 3.0].iter().zip(halves_db).all(|(secs, level_db)| {
                let index = (secs / history.hop_secs()).round() as u64;
                let bins = history.columns.get(0, index);
                let read = bins.and_then(|bins| {
                    bins.iter()
                        .copied()
                        .filter_map(level_db_of)
                        .reduce(f32::max)
                });
                read.is_some_and(|read| (read - level_db).abs() < 0.25)
            })
        };
        pair.beside_drawn().offset_secs == 0.0 && drawn.into_iter().zip(levels_db).all(is_there)
    };
    let vocal_db = [-23.0; 2];
    wait(&mut session, "both tracks", &|session| {
        read(session, [vocal_db, [-43.0, -23.0]])
    });
    gain_db.store(6, Ordering::Release);
    wait(&mut session, "a second pass", &|session| {
        read(session, [vocal_db, [-37.0, -17.0]])
    });
    // A mark is of the same bars of both.
    wait(&mut session, "loudness of the marked bars", &|session| {
        let mark = Mark {
            from_secs: 0.5,
            to_secs: 1.5,
            hz: None,
        };
        let beside = session.pair.beside_drawn();
        let marked = measured(session, beside, mark, Smoothing::default());
        let is_near =
            |read: Option<f64>, lufs: f64| read.is_some_and(|read| (read - lufs).abs() < 0.3);
        is_near(marked.loudness_lufs[0], -23.0) && is_near(marked.loudness_lufs[1], -37.0)
    });
    let are_empty = |session: &Session| {
        let live = session.pair.references.input().expect("it was opened");
        [session.pair.mix.shown_song(), live.heard.shown_song()].map(|song| {
            let song = song.expect("it stays shown");
            song.runs.all().is_empty()
        })
    };
    session.pair.reset_measurement();
    assert_eq!(are_empty(&session), [true; 2]);
    session.pair.undo_reset();
    assert_eq!(are_empty(&session), [false; 2]);
    // What is no track has no place in the song.
    session.pair.take_news();
    let format = StreamFormat {
        sample_rate_hz: 48_000,
        layout: ChannelLayout::Stereo,
    };
    let other = StillSide::new("Desk".to_owned(), format);
    session.pair.set_live_reference(Some(other.into()));
    session.pair.poll();
    assert!(session.pair.mix.shown_song().is_none());
    let news = session.pair.take_news().join(" ");
    assert!(news.contains("over time again"), "{news}");
}

fn the_window_offers_it_at_a_first_start_and_not_again(own: &OwnTable) {
    let test = "the_window_offers_it_at_a_first_start_and_not_again";
    if !parts::are_there(test, &[DISPLAY]) {
        return;
    }
    let _vocal = Track::play("Vocal", song(tone));
    let home = Home::new();
    // Without a word of hints that were seen.
    let settings = format!("remote-port = {}\n", free_port());
    home.write("settings.toml", &settings);
    let display = Rc::new(Display::start());
    let drawer_at_start = |words: &[&str]| {
        let mut program = home.abscope();
        program.env("ABSCOPE_LINK", &own.name).args(words);
        program.stdout(Stdio::null()).stderr(Stdio::piped());
        let window = Window::open(program, &display, PATIENCE);
        let status = wait_for("an answer of the window", PATIENCE, || {
            let said = hear(home.abscope().args(["ctl", "status"]));
            serde_json::from_str::<serde_json::Value>(&said.out).ok()
        });
        window.close();
        status["drawer"].clone()
    };
    assert_eq!(drawer_at_start(&[]), "inputs");
    assert!(
        home.read("settings.toml").contains("hints-seen"),
        "the next start is no first one"
    );
    assert_eq!(drawer_at_start(&[]), serde_json::Value::Null);
    home.write("settings.toml", &settings);
    assert_eq!(drawer_at_start(&["--demo"]), serde_json::Value::Null);
}
