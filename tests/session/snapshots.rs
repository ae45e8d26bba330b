//! Snapshots on disk: what is saved comes back to the byte, what is broken is refused, and a killed process harms
//! nothing that was saved before.

use std::io::{BufRead as _, BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use abscope::analysis::distribution::SpectrumCurves;
use abscope::dsp::grid::NUM_BINS;
use abscope::dsp::loudness::LoudnessPoint;
use abscope::session::format::archive::{ArchiveReader, ArchiveWriter, Packing};
use abscope::session::snapshots::keep::save;
use abscope::session::snapshots::{
    Created, Facts, Preview, Refusal, SideData, Snapshot, SnapshotError, Sound, TierStretch, shelf,
};
use proptest::prelude::*;
use serde_json::json;

use crate::support::alone::own_program;
use crate::support::parts::{self, PYTHON};

/// Tells the test binary, run again by itself, to save into this folder until it is killed.
const SAVE_LOOP: &str = "ABSCOPE_TEST_SAVES_INTO";
/// Tells the test binary, run again with a limit on its files, to save into this folder.
const FULL_DISK: &str = "ABSCOPE_TEST_FULL_DISK";

fn side(seed: u32, columns: usize) -> SideData {
    let level = |n: usize| -(((n as u32).wrapping_mul(seed | 1) % 997) as f32) / 8.0;
    let mut curves = SpectrumCurves::silent();
    curves.mean_db = (0..NUM_BINS).map(level).collect();
    let column = |c: usize| std::array::from_fn(|bin| (c as u32 * 31 + bin as u32) ^ seed);
    let stretch = |tier: u8, hop_frames: u32| TierStretch {
        tier,
        first_index: u64::from(seed),
        hop_frames,
        repeats: (tier == 2).then_some([0, u64::from(seed) + 100]),
        columns: (0..columns).map(column).collect(),
    };
    SideData {
        source: format!("Mix {seed}.wav"),
        sample_rate_hz: 48_000,
        tiers: vec![stretch(0, 512), stretch(2, 8192)],
        provisional_columns: columns.min(1),
        loudness_from_secs: 0.1,
        loudness: (0..columns)
            .map(|n| LoudnessPoint {
                momentary_lufs: level(n),
                ..LoudnessPoint::ABSENT
            })
            .collect(),
        beside: Some(curves.clone()),
        curves: Some(curves),
        spectrum_db: (0..NUM_BINS).map(level).collect(),
        scope: (0..64).map(|n| [level(n) / 125.0, 0.5]).collect(),
    }
}

fn snapshot(seed: u32, columns: usize) -> Snapshot {
    Snapshot {
        facts: Facts {
            name: format!("Chorus {seed}"),
            song: "Größe".into(),
            counter: seed,
            note: "bass up\nvocal dry".into(),
            created: Created::utc(1_790_000_000 + i64::from(seed)),
            app_version: "0.1.0".into(),
            settings: json!({ "span_secs": 20.1, "light": false }),
            at_secs: 123.456,
            match_gain_db: Some(-1.3),
            offset_secs: None,
            figures: json!({ "integrated_lufs": [-14.2, null] }),
        },
        mix: side(seed, columns),
        reference: Some(side(seed + 1, columns / 2)),
        sound: Some(Sound {
            sample_rate_hz: 48_000,
            from_secs: 93.456,
            frames: (0..columns * 16).map(|n| [n as f32, -0.0]).collect(),
        }),
        thumbnail_png: Some(b"\x89PNG\r\n\x1a\nnot looked into".to_vec()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn save_load_save_is_identical_to_the_byte(
        seed in 0u32..1_000_000,
        columns in 0usize..6,
        name in "[^\\pC\\p{Zl}\\p{Zp}]{0,40}",
        note in "[a-zß\n\t\"\\\\]{0,40}",
        numbers in (prop::num::f64::NORMAL, prop::option::of(prop::num::f64::NORMAL)),
        setting in prop::num::f64::NORMAL,
        parts in any::<[bool; 4]>(),
    ) {
        let mut original = snapshot(seed, columns);
        original.facts.name = name;
        original.facts.note = note;
        (original.facts.at_secs, original.facts.offset_secs) = numbers;
        original.facts.settings["any"] = json!(setting);
        let [has_reference, has_sound, has_thumbnail, has_curves] = parts;
        original.reference = original.reference.filter(|_| has_reference);
        original.sound = original.sound.filter(|_| has_sound);
        original.thumbnail_png = original.thumbnail_png.filter(|_| has_thumbnail);
        original.mix.curves = original.mix.curves.filter(|_| has_curves);
        original.mix.beside = original.mix.beside.filter(|_| !has_curves);
        original.mix.spectrum_db.truncate(if has_reference { NUM_BINS } else { 0 });
        let bytes = original.encode().unwrap();
        let back = Snapshot::decode(&bytes).unwrap();
        prop_assert_eq!(&back, &original);
        prop_assert_eq!(back.encode().unwrap(), bytes);
    }

    #[test]
    fn noise_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Snapshot::decode(&bytes).is_err());
    }
}

#[test]
fn a_file_that_is_cut_anywhere_or_has_a_wrong_byte_is_refused() {
    if parts::left_to_the_whole_run("a_file_that_is_cut_anywhere_or_has_a_wrong_byte_is_refused") {
        return;
    }
    let original = snapshot(7, 2);
    let bytes = original.encode().unwrap();
    for cut in 0..bytes.len() {
        assert!(Snapshot::decode(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    let mut broken = bytes.clone();
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            broken[at] ^= flip;
            if let Ok(back) = Snapshot::decode(&broken) {
                assert_eq!(back, original, "byte {at} ^ {flip}");
            }
            broken[at] ^= flip;
        }
    }
    let longer = [&bytes[..], b"\0"].concat();
    assert!(Snapshot::decode(&longer).is_err());
}

/// The bytes of a sound file with some of them written over, wherever `from` stands.
fn altered(from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = snapshot(7, 2).encode().expect("it keeps the rules");
    let mut found = 0;
    for at in 0..=bytes.len() - from.len() {
        if &bytes[at..at + from.len()] == from {
            bytes[at..at + from.len()].copy_from_slice(to);
            found += 1;
        }
    }
    assert!(found > 0, "nothing to alter");
    bytes
}

fn refusal_of(bytes: &[u8]) -> String {
    Snapshot::decode(bytes)
        .expect_err("it is refused")
        .to_string()
}

#[test]
fn tricks_with_names_sizes_and_packing_are_refused_with_a_reason() {
    let path_trick = altered(b"sound/mix.wav", b"../../mix.wav");
    assert!(refusal_of(&path_trick).contains("\"../../mix.wav\" has no place in it"));
    let twice = altered(b"arrays/mix_tier2.npy", b"arrays/mix_tier0.npy");
    assert!(refusal_of(&twice).contains("mix_tier0.npy is in it twice"));
    let swapped = altered(b"arrays/mix_tier2.npy", b"arrays/mix_tier5.npy");
    assert!(refusal_of(&swapped).contains("not those its manifest speaks of"));
    let nameless = altered(b"manifest.json", b"manifest\0json");
    assert!(refusal_of(&nameless).starts_with("not an Abscope snapshot"));
    assert!(refusal_of(b"just a text").contains("no zip"));

    // A thumbnail, which is stored, that says it is 4 GiB; and an array, which is deflated, that says 600 MiB.
    let bytes = snapshot(7, 2).encode().unwrap();
    let size_field = |name: &[u8], nth: usize| {
        let places = bytes.windows(name.len()).enumerate();
        let mut places = places.filter(|(_, found)| *found == name);
        // In the local header the size stands 8 bytes before the name, in the directory 22.
        places.nth(nth).expect("the name stands twice").0 - [8, 22][nth]
    };
    for (name, size, expected) in [
        ("thumbnail.png", u32::MAX, "another program"),
        (
            "arrays/mix_tier0.npy",
            600 << 20,
            "too large for a snapshot",
        ),
    ] {
        let mut bomb = bytes.clone();
        for nth in [0, 1] {
            let at = size_field(name.as_bytes(), nth);
            bomb[at..at + 4].copy_from_slice(&size.to_le_bytes());
        }
        let refusal = refusal_of(&bomb);
        assert!(refusal.contains(expected), "{refusal}");
    }
    let mut shorter = bytes.clone();
    for nth in [0, 1] {
        let at = size_field(b"arrays/mix_tier0.npy", nth);
        shorter[at..at + 4].copy_from_slice(&100u32.to_le_bytes());
    }
    assert!(refusal_of(&shorter).contains("another size than it says"));
}

#[test]
fn what_breaks_a_rule_is_neither_saved_nor_read() {
    let check = |change: fn(&mut Snapshot), expected: &str| {
        let mut broken = snapshot(7, 2);
        change(&mut broken);
        let error = broken.encode().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(
        |s| s.mix.scope[3][1] = f32::NAN,
        "vectorscope of the mix is not finite",
    );
    check(
        |s| s.mix.loudness[0].momentary_lufs = f32::NEG_INFINITY,
        "loudness",
    );
    check(
        |s| s.mix.curves.as_mut().unwrap().p10_db[5] = f32::NAN,
        "a curve",
    );
    check(
        |s| s.mix.curves.as_mut().unwrap().p10_db.truncate(9),
        "has 9 bins",
    );
    check(
        |s| s.sound.as_mut().unwrap().frames[0][0] = f32::INFINITY,
        "the sound",
    );
    check(|s| s.facts.at_secs = f64::NAN, "not finite");
    check(|s| s.facts.name = "\x1b[2J".into(), "control characters");
    check(
        |s| s.facts.song = "a\u{202e}vaw.b".into(),
        "control characters",
    );
    check(|s| s.facts.figures = json!(3), "not objects");
    check(|s| s.mix.tiers.swap(0, 1), "not in order");
    check(|s| s.mix.tiers[1].tier = 6, "out of bounds");
    check(|s| s.mix.tiers[1].repeats = Some([9, 9]), "out of bounds");
    check(|s| s.mix.tiers[1].repeats = Some([7, 8]), "out of bounds");
    check(|s| s.mix.provisional_columns = 3, "in the making");
    check(|s| s.mix.spectrum_db[9] = f32::NAN, "spectrum of the mix");
    check(|s| s.mix.spectrum_db.truncate(9), "has 9 bins");
    check(|s| s.mix.sample_rate_hz = 0, "sample rate");
    // No part of the program works at it.
    check(
        |s| s.sound.as_mut().unwrap().sample_rate_hz = 3_999,
        "sample rate",
    );
    check(|s| s.thumbnail_png = Some(b"GIF89a".to_vec()), "no PNG");
    check(
        |s| s.facts.settings = (0..200).fold(json!({}), |inner, _| json!({ "a": inner })),
        "recursion limit",
    );
}

/// A sound archive whose entry `name` was changed and packed anew, as a careful forger would.
fn forged(name: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let bytes = snapshot(7, 2).encode().expect("it keeps the rules");
    let mut archive =
        ArchiveReader::open(Cursor::new(&bytes), |_| Some(1 << 30), 1 << 30).expect("it is sound");
    let names: Vec<String> = archive.names().map(str::to_owned).collect();
    let mut forged = ArchiveWriter::default();
    for entry in names {
        let content = archive.read(&entry).expect("it is sound");
        let content = if entry == name {
            change(content)
        } else {
            content
        };
        forged.add(&entry, &content, Packing::Deflated);
    }
    forged.finish()
}

#[test]
fn a_well_packed_forgery_is_refused_for_what_is_in_it() {
    assert_eq!(
        Snapshot::decode(&forged("", |same| same)),
        Ok(snapshot(7, 2))
    );
    let check = |from: &str, to: &str, expected: &str| {
        let bytes = forged("manifest.json", |json| {
            let json = String::from_utf8(json).unwrap();
            assert!(json.contains(from), "{from}");
            json.replacen(from, to, 1).into_bytes()
        });
        let refusal = refusal_of(&bytes);
        assert!(refusal.contains(expected), "{refusal}");
    };
    check(
        "\"schema\": 1",
        "\"schema\": 2",
        "made by a newer Abscope (schema 2",
    );
    check("\"schema\": 1", "\"schema\": 0", "no schema 0");
    check("\"schema\": 1", "\"schema\": -1", "damaged");
    check("abscope-snapshot", "something else", "of something else");
    check(
        "\"columns\": 2",
        "\"columns\": 3",
        "arrays/mix_tier0.npy: its header",
    );
    check(
        "\"columns\": 2",
        "\"columns\": 18446744073709551615",
        "out of bounds",
    );
    check(
        "\"scope_frames\": 64",
        "\"scope_frames\": 9999999",
        "vectorscope",
    );
    check("\"hop_frames\": 512", "\"hop_frames\": 0", "out of bounds");
    check("\"frames\": 32", "\"frames\": 33", "sound/mix.wav");
    check("\"at_secs\": 123.456", "\"at_secs\": 1e999", "damaged");
    check(
        "\"thumbnail\": true",
        "\"thumbnail\": false",
        "not those its manifest",
    );
    check(
        "\"counter\": 7",
        "\"counter\": 7, \"more\": 1",
        "unknown field",
    );
    check("Chorus 7", "\\u001b]0;x", "control characters");
    check("{", "", "damaged");
    let not_a_number = forged("arrays/mix_scope.npy", |mut bytes| {
        let end = bytes.len();
        bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
        bytes
    });
    assert!(refusal_of(&not_a_number).contains("the vectorscope of the mix is not finite"));
}

#[test]
fn a_snapshot_of_a_newer_abscope_is_refused_politely() {
    assert_eq!(
        Refusal::Newer(2).to_string(),
        "made by a newer Abscope (schema 2, this one reads up to 1): update Abscope to open it"
    );
}

#[test]
fn a_folder_that_takes_no_file_gives_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let in_a_file = folder.path().join("a file");
    std::fs::write(&in_a_file, "").unwrap();
    let original = snapshot(7, 2);
    let mut places = vec![
        in_a_file.join("x.abscope"),
        folder.path().join("no/x.abscope"),
    ];
    // Root may write into read-only folders, but not even root into this one.
    if cfg!(target_os = "linux") {
        places.push("/sys/kernel/x.abscope".into());
    }
    for path in places {
        let error = original.write_to(&path).unwrap_err();
        assert!(matches!(error, SnapshotError::Write { .. }));
        let line = error.to_string();
        assert!(line.starts_with(&path.display().to_string()), "{line}");
        assert!(
            line.contains("is not saved") && !line.contains('\n'),
            "{line}"
        );
        assert!(!path.exists());
    }
}

#[test]
fn the_shelf_shows_what_opens_and_says_what_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("not there yet");
    assert!(shelf::items(&folder).unwrap().is_empty());
    let original = snapshot(3, 2);
    let first = shelf::add(&folder, &original).unwrap();
    let second = shelf::add(&folder, &original).unwrap();
    assert_ne!(first, second);
    std::fs::write(folder.join("zz.abscope"), "nothing").unwrap();
    std::fs::write(folder.join(".abscope-1-x.unfinished"), "half").unwrap();
    let items = shelf::items(&folder).unwrap();
    assert_eq!(items.len(), 3);
    let shown = items[0].preview.as_ref().unwrap();
    assert_eq!(shown.facts, original.facts);
    assert_eq!(shown.sources.1.as_deref(), Some("Mix 4.wav"));
    assert!(items[2].preview.is_err());
    assert_eq!(shelf::next_counter(&items, "Größe"), 4);
    assert_eq!(shelf::next_counter(&items, "another"), 1);
    assert_eq!(
        shelf::sweep(&folder).unwrap(),
        0,
        "it may still be in the making"
    );

    let mut wicked = original;
    wicked.facts.name = "../../etc/passwd: \"|*?<>\\".into();
    wicked.facts.song = "x".repeat(290);
    let path = shelf::add(&folder, &wicked).unwrap();
    assert_eq!(path.parent(), Some(folder.as_path()));
}

#[test]
fn ten_lines_of_python_read_a_snapshot() {
    if !parts::are_there("ten_lines_of_python_read_a_snapshot", &[PYTHON]) {
        return;
    }
    let document = include_str!("../../docs/snapshot-format.md");
    let lines = document
        .split_once("```python\n")
        .and_then(|(_, rest)| rest.split_once("```"))
        .expect("the document has its lines of Python")
        .0;
    assert_eq!(lines.lines().count(), 10);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.abscope");
    let original = snapshot(7, 2);
    original.write_to(&path).unwrap();
    let run = Command::new("python3")
        .arg("-c")
        .arg(lines)
        .arg(&path)
        .output()
        .expect("it was found");
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(said.starts_with("Chorus 7 of Größe 2026-09-21"), "{said}");
    let sum: u64 = original.mix.tiers[0]
        .columns
        .as_flattened()
        .iter()
        .map(|&bin| u64::from(bin))
        .sum();
    let expected = format!("'arrays/mix_tier0.npy': ((2, 1024), {sum})");
    assert!(said.contains(&expected), "{said}");
    assert!(
        said.contains("'arrays/reference_scope.npy': ((64, 2), "),
        "{said}"
    );
}

/// Not a test of its own: the process that the test below kills. Saves a new file, then over an old one, and again.
#[test]
fn the_process_that_saves_until_it_is_killed() {
    let Some(folder) = std::env::var_os(SAVE_LOOP).map(PathBuf::from) else {
        return;
    };
    let kept = folder.join("kept.abscope");
    for count in 0.. {
        let snapshot = snapshot(count, 24);
        shelf::add(&folder, &snapshot).unwrap();
        snapshot.write_to(&kept).unwrap();
        eprintln!("saved");
    }
}

#[test]
fn killed_at_any_moment_of_saving_no_earlier_file_is_harmed() {
    let folder = tempfile::tempdir().unwrap();
    let mut interrupted = 0;
    for round in 0..200u64 {
        kill_while_saving(folder.path(), round);
        let mut opened = 0;
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "abscope") {
                let back = Snapshot::read(&path).unwrap();
                assert_eq!(back, snapshot(back.facts.counter, 24), "round {round}");
                opened += 1;
            } else {
                interrupted += 1;
                continue;
            }
            let is_kept = path.ends_with("kept.abscope");
            if !is_kept {
                std::fs::remove_file(&path).unwrap();
            }
        }
        assert!(opened >= 1, "round {round}");
        shelf::sweep(folder.path()).unwrap();
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 1, "round {round}: something is left after the sweep");
    }
    assert!(
        interrupted > 20,
        "only {interrupted} kills fell into a saving"
    );
}

/// Runs this binary again, waits until it has saved, and kills it a moment later, another one each round.
fn kill_while_saving(folder: &Path, round: u64) {
    let mut child = own_program("the_process_that_saves_until_it_is_killed")
        .env(SAVE_LOOP, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this binary can be run");
    let mut said = BufReader::new(child.stderr.take().expect("it was piped"));
    let mut line = String::new();
    while !line.contains("saved") {
        line.clear();
        assert_ne!(
            said.read_line(&mut line).expect("its words are text"),
            0,
            "it ended before it saved"
        );
    }
    // Steps of the golden ratio spread the moments evenly over 12 ms.
    let fraction = (round as f64 * 0.618_034).fract();
    std::thread::sleep(Duration::from_secs_f64(fraction * 0.012));
    child.kill().expect("this binary can be run");
    child.wait().expect("this binary can be run");
}

/// Not a test of its own: the process of the test below, which may write no file larger than 8 KiB.
#[test]
fn the_process_whose_disk_is_full() {
    let Some(folder) = std::env::var_os(FULL_DISK).map(PathBuf::from) else {
        return;
    };
    let mut snapshot = snapshot(9, 24);
    snapshot.facts.counter = 0;
    let error = save(&mut snapshot, &folder).unwrap_err();
    eprintln!("said: {error}");
    // Nothing is lost in memory: where there is room it is saved as it was.
    snapshot.mix.tiers.clear();
    snapshot.mix.provisional_columns = 0;
    assert!(snapshot.reference.is_some() && snapshot.sound.is_some());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_gives_one_clear_line_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let earlier = shelf::add(folder.path(), &snapshot(1, 2)).unwrap();
    // The signal of the limit is ignored, so that writing fails as it does on a full disk.
    let output = Command::new("bash")
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["the_process_whose_disk_is_full", "--nocapture"])
        .env(FULL_DISK, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("said: "))
        .collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].contains("the snapshot is not saved"), "{said}");
    assert!(lines[0].contains("make room"), "{said}");
    assert_eq!(Snapshot::read(&earlier).unwrap(), snapshot(1, 2));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_preview_reads_no_arrays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.abscope");
    let original = snapshot(7, 2);
    original.write_to(&path).unwrap();
    let shown = Preview::read(&path).unwrap();
    assert_eq!(shown.thumbnail_png, original.thumbnail_png);
    assert_eq!(shown.facts, original.facts);
    let folder_error = Preview::read(folder.path()).unwrap_err().to_string();
    assert!(
        folder_error.ends_with("cannot be read: it is not a file"),
        "{folder_error}"
    );
}

fn abscope(folder: &Path, words: &[&str]) -> (bool, String, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_abscope"))
        .args(["snapshots", "--folder"])
        .arg(folder)
        .args(words)
        .output()
        .expect("this binary can be run");
    let text = |bytes| String::from_utf8(bytes).expect("it speaks UTF-8");
    (run.status.success(), text(run.stdout), text(run.stderr))
}

#[test]
fn the_command_line_lists_shows_exports_and_deletes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for seed in [3, 4] {
        shelf::add(folder, &snapshot(seed, 2)).unwrap();
    }
    let (done, listed, _) = abscope(folder, &["list", "--json"]);
    assert!(done);
    let first: serde_json::Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["name"], &first["reference"]),
        (&json!("Chorus 3"), &json!("Mix 4.wav"))
    );
    let (done, shown, _) = abscope(folder, &["show", "Chorus 4"]);
    assert!(
        done && shown.contains("Größe · Chorus 4") && shown.contains("| vocal dry"),
        "{shown}"
    );

    let out = folder.join("out");
    let export = ["export", "Chorus 4", "--output", out.to_str().unwrap()];
    assert!(abscope(folder, &export).0);
    let curves = std::fs::read_to_string(out.join("mix-curves.csv")).unwrap();
    let line = curves.lines().nth(1).unwrap();
    assert!(
        line.starts_with("16.352,-0.00,,,,") || line.starts_with("16.352,0.00,,,,"),
        "{line}"
    );
    assert_eq!(curves.lines().count(), 1 + NUM_BINS);
    assert_eq!(
        hound::WavReader::open(out.join("mix.wav"))
            .unwrap()
            .duration(),
        32
    );
    let (done, _, why) = abscope(folder, &export);
    assert!(
        !done && why.contains("manifest.json"),
        "nothing is written over: {why}"
    );

    assert!(abscope(folder, &["delete", "Chorus 4"]).0);
    assert_eq!(shelf::items(folder).unwrap().len(), 1);
    let (done, _, why) = abscope(folder, &["show", "Chorus 4"]);
    assert!(
        !done && why.contains("no snapshot is called \"Chorus 4\""),
        "{why}"
    );
    std::fs::write(
        folder.join("broken.abscope"),
        "nothing at all, but long enough",
    )
    .unwrap();
    let (done, listed, why) = abscope(folder, &["list"]);
    assert!(!done && listed.lines().count() == 1);
    assert!(
        why.contains("broken.abscope: not an Abscope snapshot: it is no zip file"),
        "{why}"
    );
}
