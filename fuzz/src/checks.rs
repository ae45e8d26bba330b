//! What must hold of every reader, whatever it is given: one check for each target, which the fuzzer calls with inputs of
//! its own and `tests/program/corpus.rs` with those that are kept.
//!
//! The readers are safe Rust but for libopus, so what can go wrong is a panic, an endless loop or too much memory; and that
//! something is taken which does not keep the rules.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use abscope::app::snapshots::looks_of;
use abscope::audio::decode::decode_all;
use abscope::compare::target::Target;
use abscope::session::Session;
use abscope::session::action::remote::{read_reply, read_requests, write_request};
use abscope::session::settings::file;
use abscope::session::settings::targets;
use abscope::session::snapshots::Snapshot;
use abscope::session::snapshots::picture_metadata::PictureMetadata;
use abscope::view::build::{Moment, PictureRequest, scene};
use abscope::view::scene::Looks;

/// Reads an input as the program does.
pub type Check = fn(&[u8]);

/// Every target by its name, which is that of its corpus and of its file in `fuzz_targets`.
pub const TARGETS: [(&str, Check); 14] = [
    ("decode_any", |input| decode(&[b""], "bin", input)),
    ("decode_wav", |input| {
        decode(&[b"RIFF", b"RF64", b"riff"], "wav", input)
    }),
    ("decode_aiff", |input| decode(&[b"FORM"], "aiff", input)),
    ("decode_caf", |input| {
        decode(&[b"caff\0\x01\0\0"], "caf", input)
    }),
    ("decode_flac", |input| decode(&[b"fLaC"], "flac", input)),
    ("decode_mp3", |input| {
        decode(&[b"\xFF\xFB", b"ID3"], "mp3", input)
    }),
    ("decode_mp4", |input| decode(&[b"\0\0\0"], "m4a", input)),
    ("decode_ogg", |input| decode(&[b"OggS"], "ogg", input)),
    ("decode_mkv", |input| {
        decode(&[b"\x1A\x45\xDF\xA3"], "mka", input)
    }),
    ("osc", osc),
    ("picture", picture),
    ("settings", settings),
    ("snapshot", snapshot),
    ("target", target),
];

/// Decodes a file. One that begins in none of the ways of its format is given the first, so that it comes to its reader.
fn decode(beginnings: &[&[u8]], ending: &str, input: &[u8]) {
    let path = own_file(ending);
    let bytes = match beginnings
        .iter()
        .any(|beginning| input.starts_with(beginning))
    {
        true => input.to_vec(),
        false => [beginnings[0], input].concat(),
    };
    std::fs::write(&path, &bytes).expect("the temporary folder has room");
    let decoded = decode_all(&path);
    let _ = std::fs::remove_file(&path);
    match decoded {
        Ok(decoded) => {
            assert!(decoded.samples.iter().all(|sample| sample.is_finite()));
            // The most compact legal thing is a FLAC of silence, 65535 frames of 8 channels in some ten bytes.
            assert!(decoded.samples.len() <= (bytes.len() + 100) * 52_428);
        }
        Err(error) => {
            let line = error.to_string();
            assert!(!line.is_empty() && !line.contains('\n'), "{line}");
        }
    }
}

/// A file that nobody else writes.
fn own_file(ending: &str) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("abscope-fuzz-{}-{number}.{ending}", std::process::id());
    // In memory where the system has such a folder.
    let memory = Path::new("/dev/shm");
    let folder = match memory.is_dir() {
        true => memory.to_path_buf(),
        false => std::env::temp_dir(),
    };
    folder.join(name)
}

/// Packets of remote control. What is taken means the same when it is written as words.
fn osc(input: &[u8]) {
    for request in read_requests(input) {
        match request {
            Ok(request) => {
                let again = read_requests(&write_request(&request));
                assert!(again.iter().all(Result::is_ok), "{request:?}: {again:?}");
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    let _ = read_reply(input);
}

/// The figures in a picture. What is taken reads the same after writing, and has a line of figures.
fn picture(input: &[u8]) {
    if let Ok(metadata) = PictureMetadata::read(&mut Cursor::new(input)) {
        let text = metadata.to_text();
        let again = PictureMetadata::from_text(&text).expect("what was read can be written");
        assert_eq!(again.to_text(), text);
        assert!(!metadata.summary().is_empty());
    }
}

/// A file of settings. What is left of it is written without complaint, and reads the same.
fn settings(input: &[u8]) {
    let loaded = file::parse(&String::from_utf8_lossy(input), "settings.toml");
    assert!(loaded.problems.iter().all(|line| !line.contains('\n')));
    let text = file::text(&loaded.settings, true);
    let again = file::parse(&text, "settings.toml");
    assert_eq!(file::text(&again.settings, true), text);
}

/// A snapshot. What is taken is the same after saving, and makes a scene.
fn snapshot(input: &[u8]) {
    let Ok(snapshot) = Snapshot::decode(input) else {
        return;
    };
    let bytes = snapshot.encode().expect("what was read can be saved");
    assert_eq!(Snapshot::decode(&bytes).as_ref(), Ok(&snapshot));
    let mut session = Session::default();
    session.pair.reopen(&snapshot);
    let (looks, frequency) = looks_of(&snapshot, &Looks::default());
    let request = PictureRequest {
        size: [1280, 720],
        scale: 1.0,
        right_edge_secs: snapshot.edge_secs(),
        frequency,
        ..PictureRequest::default()
    };
    let moment = Moment {
        mix: session.pair.mix.history().map(|mix| &mix.meters),
        beside: &session.pair.beside,
    };
    let drawn = scene(&session, moment, &looks, request);
    assert_eq!(drawn.right_edge_secs, snapshot.edge_secs());
    let _ = snapshot.silent_reference_data();
}

/// A target made of tracks, and a list of delivery targets. What is taken can be shown.
fn target(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Ok(target) = Target::from_json(&text) {
        let _ = (
            target.integrated_lufs(),
            target.curves(),
            target.quantiles(),
        );
        assert!(!target.columns().is_empty());
    }
    for target in targets::parse(&text).unwrap_or_default() {
        assert!(!target.title().is_empty());
        let _ = target.judge(Some(-14.0), Some(-1.0));
        let _ = target.judge(None, None);
    }
}
