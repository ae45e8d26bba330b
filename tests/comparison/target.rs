//! Targets: made from files by `abscope target`, read back, compared with, and shown as a reference.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::music::files::{compare, number, run_compare, write_wav};
use abscope::audio::demo::{self, DemoSong, DemoVersion};
use abscope::compare::target::Target;
use abscope::dsp::grid::bin_from_hz;
use abscope::session::references::{Reference, References, read_target};

const RATE_HZ: u32 = demo::SAMPLE_RATE_HZ;

/// A part of the demo song with a gain in dB.
fn write_song(path: &Path, from_secs: f64, secs: f64, gain_db: f64) {
    let count = |secs: f64| 2 * (secs * f64::from(RATE_HZ)) as usize;
    let mut samples = vec![0.0; count(from_secs + secs)];
    DemoSong::new(DemoVersion::Reference).read(&mut samples);
    let gain = 10f32.powf(gain_db as f32 / 20.0);
    let part: Vec<f32> = samples[count(from_secs)..]
        .iter()
        .map(|x| gain * x)
        .collect();
    write_wav(path, RATE_HZ, &part);
}

fn target(paths: &[PathBuf], output: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_abscope"))
        .arg("target")
        .args(paths)
        .arg("-o")
        .arg(output)
        .output()
        .expect("the program runs")
}

#[test]
fn tracks_that_differ_only_in_gain_make_the_target_of_one_and_compare_finds_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let records = folder.path().join("records");
    std::fs::create_dir(&records).expect("room");
    for (name, gain_db) in [("a.wav", 0.0), ("b.wav", -6.0), ("c.wav", -12.0)] {
        write_song(&records.join(name), 30.0, 15.0, gain_db);
    }
    std::fs::write(records.join("notes.txt"), "no audio").expect("room");
    let path = folder.path().join("rock.json");
    let made = target(std::slice::from_ref(&records), &path);
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );

    let target = read_target(&path)
        .expect("it is one")
        .expect("it is called so");
    assert_eq!((target.name.as_str(), target.tracks.len()), ("rock", 3));
    let lufs = target.loudness.integrated_lufs;
    let apart = lufs.p90.expect("loud") - lufs.p10.expect("loud");
    assert!(
        (apart - 0.8 * 12.0).abs() < 0.02,
        "{apart} LU between 10 and 90 %"
    );
    // Three tracks of the same music: nothing but loudness differs between them.
    for spread in [target.loudness.range_lu, target.loudness.plr_lu] {
        assert!(spread.p90.expect("known") - spread.p10.expect("known") < 0.02);
    }
    let mut alone = Reference::from_file(&records.join("b.wav"));
    alone.wait();
    let data = alone.data();
    let own = data.curves().expect("read");
    let own_lufs = data.loudness_of_part().0.expect("loud");
    for hz in [60.0, 200.0, 1000.0, 5000.0] {
        let bin = bin_from_hz(hz).round() as usize;
        for (of_target, own) in [
            (&target.spectrum.p10_db, &own.p10_db),
            (&target.spectrum.p50_db, &own.p50_db),
            (&target.spectrum.p90_db, &own.p90_db),
        ] {
            let expected = f64::from(own[bin]) - own_lufs;
            let found = of_target[bin].expect("it sounds");
            assert!(
                (found - expected).abs() < 0.4,
                "{hz} Hz: {found} not {expected}"
            );
        }
    }
    let line = compare(&[records.join("a.wav"), path]).remove(0);
    assert!(
        line["difference"]["alignment"].is_null(),
        "a target has no time"
    );
    assert!((number(&line, "/difference/loudness_offset_lu") - 6.0).abs() < 0.02);
    for band in line["difference"]["third_octave"]["db"]
        .as_array()
        .expect("bands")
    {
        assert!(band.as_f64().is_none_or(|db| db.abs() < 0.05), "{band}");
    }
    assert_eq!(
        line["findings"].as_array().map(Vec::len),
        Some(0),
        "{}",
        line["findings"]
    );
}

#[test]
fn a_target_opens_as_a_reference_with_its_band_and_without_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let tracks = [0.0, 20.0].map(|from_secs| {
        let path = folder.path().join(format!("{from_secs}.wav"));
        write_song(&path, from_secs, 12.0, 0.0);
        path
    });
    let path = folder.path().join("target.json");
    assert!(target(&tracks, &path).status.success());
    let written =
        Target::from_json(&std::fs::read_to_string(&path).expect("written")).expect("one");

    let mut references = References::default();
    references.open(&path).expect("there is room");
    references.shelf_mut().all_mut()[0].wait();
    {
        let data = references.active().expect("open").data();
        assert_eq!(data.failure, None);
        assert_eq!(data.target.as_deref(), Some(&written));
        assert_eq!(data.finished_secs(), None, "nothing is played");
        assert_eq!(
            data.loudness_of_part().0,
            written.loudness.integrated_lufs.p50
        );
        let (curves, bin) = (data.curves().expect("a band"), bin_from_hz(1000.0) as usize);
        assert!(curves.p10_db[bin] < curves.p50_db[bin] && curves.p50_db[bin] < curves.p90_db[bin]);
    }
    // Its band in the common band of one: what the file says, to the straight lines between its three curves.
    references.poll();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while references.common_band().is_none() {
        assert!(std::time::Instant::now() < deadline, "no common band");
        std::thread::sleep(std::time::Duration::from_millis(5));
        references.poll();
    }
    let band = references.common_band().expect("there is one");
    let bin = bin_from_hz(500.0) as usize;
    let expected = written.spectrum.p50_db[bin].expect("it sounds");
    assert!((f64::from(band.p50_db[bin]) - expected).abs() < 0.3);
}

#[test]
fn what_cannot_be_a_target_is_told_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let silence = folder.path().join("silence.wav");
    write_wav(&silence, RATE_HZ, &vec![0.0; 48_000]);
    let made = target(
        std::slice::from_ref(&silence),
        &folder.path().join("x.json"),
    );
    assert_eq!(made.status.code(), Some(1));
    assert!(!folder.path().join("x.json").exists());
    assert!(String::from_utf8_lossy(&made.stderr).contains("no loudness"));

    let song = folder.path().join("song.json");
    std::fs::write(&song, r#"{"kind":"song"}"#).expect("room");
    let output = run_compare(&[silence, song], &[]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("song.json") && told.contains("no target"),
        "{told}"
    );
    assert_eq!(told.trim_end().lines().count(), 1, "{told}");
}
