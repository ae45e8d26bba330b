//! The contract of the command line, held against the built program: figures, order, one line for each failure,
//! exit codes, and never a panic.

use std::path::{Path, PathBuf};

use crate::support::program::{Said, abscope, assert_near, hear};
use crate::support::wav::{sine, write_wav};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

fn analyze(files: &[PathBuf]) -> Said {
    hear(abscope().arg("analyze").args(files).arg("--json"))
}

/// Two seconds in which a 997 Hz sine stands at −23 dBFS.
fn write_tone(path: &Path) {
    write_wav(path, 48_000, 2, 2.0, |_, t| sine(997.0, -23.0, t));
}

#[test]
fn every_rate_and_layout_gives_the_figures_of_a_known_sine_in_the_order_given() {
    let folder = folder();
    let mut files = vec![];
    let mut expected = vec![];
    for rate_hz in [44_100, 48_000, 88_200, 96_000, 176_400, 192_000] {
        // One channel is measured as one; two at −23 dBFS are −23.0 LUFS (EBU Tech 3341, case 1). In 5.1 the front
        // pair sounds, and beside it the LFE channel, which does not count.
        for (channels, lufs) in [(1, -26.01), (2, -23.0), (6, -23.0)] {
            let path = folder.path().join(format!("{rate_hz} × {channels}.wav"));
            write_wav(&path, rate_hz, channels, 4.0, |channel, t| match channel {
                0 | 1 => sine(997.0, -23.0, t),
                3 => sine(60.0, -23.0, t),
                _ => 0.0,
            });
            files.push(path);
            expected.push((rate_hz, channels, lufs));
        }
    }
    let said = analyze(&files);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let lines = said.json_lines();
    assert_eq!(lines.len(), files.len());
    for ((line, file), (rate_hz, channels, lufs)) in lines.iter().zip(&files).zip(expected) {
        assert_eq!(line["file"], file.display().to_string());
        assert_near(line, "/schema", 1.0, 0.0);
        assert_near(line, "/sample_rate_hz", f64::from(rate_hz), 0.0);
        assert_near(line, "/channels", f64::from(channels), 0.0);
        assert_near(line, "/duration_secs", 4.0, 1e-6);
        let loudness = |name: &str| format!("/loudness/{name}");
        assert_near(line, &loudness("integrated_lufs"), lufs, 0.1);
        assert_near(line, &loudness("max_momentary_lufs"), lufs, 0.1);
        assert_near(line, &loudness("max_short_term_lufs"), lufs, 0.1);
        assert_near(line, &loudness("true_peak_dbtp"), -23.0, 0.1);
        assert_near(line, &loudness("sample_peak_dbfs"), -23.0, 0.1);
        assert_near(line, &loudness("plr_lu"), -23.0 - lufs, 0.2);
        assert_near(line, "/third_octave/mean_db/17", -23.0, 0.2);
        assert_near(line, "/spectrum/mean_db/569", -23.0, 0.2);
        if channels == 2 {
            assert_near(line, "/levels/rms_dbfs", -23.0, 0.05);
            assert_near(line, "/levels/clipped_samples", 0.0, 0.0);
            assert_near(line, "/stereo/correlation", 1.0, 1e-3);
        }
        assert_eq!(bands(line), 5);
    }
}

fn bands(line: &serde_json::Value) -> usize {
    line["stereo"]["bands"].as_array().map_or(0, Vec::len)
}

#[test]
fn the_surround_channels_of_5_1_count_with_their_weight() {
    let folder = folder();
    let file = folder.path().join("surround.wav");
    write_wav(&file, 48_000, 6, 4.0, |channel, t| match channel {
        4 | 5 => sine(997.0, -23.0, t),
        _ => 0.0,
    });
    // ITU-R BS.1770-5: Ls and Rs are weighted by 1.41.
    let louder_lu = 10.0 * 1.41f64.log10();
    let said = analyze(&[file]);
    assert_near(
        &said.json_lines()[0],
        "/loudness/integrated_lufs",
        -23.0 + louder_lu,
        0.1,
    );
}

#[test]
fn files_that_cannot_be_read_have_a_line_each_and_the_others_go_on() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    write_tone(&path("first.wav"));
    write_tone(&path("last.wav"));
    std::fs::write(path("empty.wav"), b"").expect("the folder is writable");
    std::fs::write(path("text.wav"), "Dear diary, it is late.\n".repeat(99)).expect("writable");
    std::fs::create_dir(path("folder.wav")).expect("the folder is writable");
    let whole = std::fs::read(path("first.wav")).expect("it was just written");
    std::fs::write(path("cut in its head.wav"), &whole[..30]).expect("the folder is writable");
    std::fs::write(path("only a head.wav"), &whole[..44]).expect("the folder is writable");

    let broken = [
        ("missing.wav", "there is no such file; check the name"),
        ("empty.wav", "the file is empty; export or copy it again"),
        ("text.wav", "it is not an audio file; give a WAV"),
        ("folder.wav", "it is a folder; name the audio files in it"),
        (
            "cut in its head.wav",
            "it holds no audio; choose another file or export it again",
        ),
        (
            "only a head.wav",
            "it holds no audio; choose another file or export it again",
        ),
    ];
    let mut files = vec![path("first.wav")];
    files.extend(broken.iter().map(|(name, _)| path(name)));
    files.push(path("last.wav"));
    let said = analyze(&files);

    assert_eq!(said.code, Some(1));
    let lines = said.json_lines();
    assert_eq!(lines.len(), files.len());
    for whole in [0, files.len() - 1] {
        assert_near(&lines[whole], "/loudness/integrated_lufs", -23.0, 0.1);
    }
    let errors = said.err_lines();
    assert_eq!(errors.len(), broken.len(), "{}", said.err);
    for (i, (name, words)) in broken.iter().enumerate() {
        let line = &lines[i + 1];
        assert_eq!(line["file"], path(name).display().to_string());
        let error = line["error"].as_str().expect("the error is in words");
        assert!(error.contains(words), "{name}: {error}");
        assert_eq!(line.as_object().map(serde_json::Map::len), Some(2));
        assert_eq!(errors[i], format!("abscope: {error}"));
        assert!(errors[i].contains(name));
    }
    // Alone, each fails alone.
    for (name, words) in broken {
        let said = hear(abscope().arg("analyze").arg(path(name)));
        assert!(said.failure().contains(words), "{}", said.err);
        assert_eq!(said.out, "");
    }
}

#[test]
fn a_file_cut_in_its_audio_gives_the_figures_of_what_is_there_and_says_so() {
    let folder = folder();
    let (whole, cut) = (
        folder.path().join("whole.wav"),
        folder.path().join("cut.wav"),
    );
    write_tone(&whole);
    let bytes = std::fs::read(&whole).expect("it was just written");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("the folder is writable");
    let said = analyze(&[cut]);
    let lines = said.err_lines();
    assert_eq!(lines.len(), 1, "{}", said.err);
    assert!(lines[0].contains("cut.wav: the file is cut short or damaged"));
    assert!(lines[0].contains("of 96000 frames"), "{}", lines[0]);
    assert!(lines[0].contains("export or copy it again"), "{}", lines[0]);
    assert_near(&said.json_lines()[0], "/duration_secs", 1.0, 0.01);
    assert_near(
        &said.json_lines()[0],
        "/loudness/integrated_lufs",
        -23.0,
        0.1,
    );
    // The figures are good, so nothing failed.
    assert_eq!(said.code, Some(0));
}

#[test]
fn silence_has_no_figures_instead_of_made_up_ones() {
    let folder = folder();
    let file = folder.path().join("silence.wav");
    write_wav(&file, 48_000, 2, 4.0, |_, _| 0.0);
    let said = analyze(&[file]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let line = &said.json_lines()[0];
    for pointer in [
        "/loudness/integrated_lufs",
        "/loudness/range_lu",
        "/loudness/max_momentary_lufs",
        "/loudness/max_short_term_lufs",
        "/loudness/true_peak_dbtp",
        "/loudness/sample_peak_dbfs",
        "/loudness/plr_lu",
        "/levels/rms_dbfs",
        "/levels/crest_db",
        "/stereo/correlation",
        "/stereo/balance_db",
        "/stereo/side_to_mid_db",
        "/stereo/bands/2/level_dbfs",
        "/spectrum/p50_db/500",
        "/third_octave/mean_db/17",
    ] {
        let value = line.pointer(pointer);
        assert_eq!(value, Some(&serde_json::Value::Null), "{pointer}");
    }
    let words = said.out.to_lowercase();
    assert!(!words.contains("nan") && !words.contains("inf"));
}

#[test]
fn an_unknown_input_and_places_that_cannot_be_written_are_one_line_each() {
    let folder = folder();
    let said = hear(abscope().args(["live", "--input", "tape deck", "--seconds", "1", "--json"]));
    let line = said.failure();
    assert!(line.contains("tape deck") && line.contains("abscope devices"));

    let tone = folder.path().join("tone.wav");
    write_tone(&tone);
    let nowhere = folder.path().join("no such folder").join("x.png");
    for place in [nowhere, folder.path().to_owned()] {
        let mut render = abscope();
        render.args(["render", "--size", "640x360", "--mix"]);
        let said = hear(render.arg(&tone).arg("-o").arg(&place));
        let line = said.failure();
        assert!(line.contains(&place.display().to_string()) && line.contains("-o"));
    }
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("it is there")
        .collect();
    assert_eq!(left.len(), 1, "a half picture was left: {left:?}");
}

#[test]
fn files_that_a_picture_needs_are_checked_by_name() {
    let folder = folder();
    let tone = folder.path().join("tone.wav");
    write_tone(&tone);
    let missing = folder.path().join("missing.wav");
    let out = folder.path().join("x.png");
    let render = |mix: &Path, reference: &Path| {
        let mut command = abscope();
        command.arg("render").arg("--mix").arg(mix);
        hear(
            command
                .arg("--reference")
                .arg(reference)
                .arg("-o")
                .arg(&out),
        )
    };
    for said in [render(&missing, &tone), render(&tone, &missing)] {
        assert!(
            said.failure()
                .contains("missing.wav: there is no such file")
        );
    }
    // A window is not opened for a reference that is not there either, nor is an input.
    let said = hear(abscope().arg(&missing));
    assert!(
        said.failure()
            .contains("missing.wav: there is no such file")
    );
    let mut live = abscope();
    live.args(["live", "--seconds", "1", "--reference"]);
    let said = hear(live.arg(&missing));
    assert!(
        said.failure()
            .contains("missing.wav: there is no such file")
    );
}

// Other systems always have one.
#[cfg(target_os = "linux")]
#[test]
fn without_a_display_the_window_says_what_works_instead() {
    let said = hear(abscope().arg("--demo"));
    let line = said.failure();
    assert!(line.contains("no display") && line.contains("abscope render --demo"));
    assert!(!line.contains(".rs"), "people have no use for {line}");
}

#[test]
fn wrong_words_are_usage_errors() {
    for words in [
        &["analyze"][..],
        &["render"],
        &["render", "--demo"],
        &["render", "--demo", "--mix", "x.wav", "-o", "x.png"],
        &["render", "--demo", "--size", "huge", "-o", "x.png"],
        &["render", "--demo", "--at", "-1", "-o", "x.png"],
        &["live"],
        &["live", "--seconds", "soon"],
        &["--frobnicate"],
        &["--input", "x", "--demo"],
        &["--layout", "upside-down"],
    ] {
        let said = hear(abscope().args(words));
        assert_eq!(said.code, Some(2), "{words:?}: {}", said.err);
        assert_eq!(said.out, "", "{words:?}");
        assert!(said.err.starts_with("error: "), "{words:?}: {}", said.err);
    }
    for words in ["--help", "--version"] {
        assert_eq!(hear(abscope().arg(words)).code, Some(0));
    }
}

#[test]
fn a_picture_drawn_twice_has_the_same_bytes() {
    let folder = folder();
    let draw = |name: &str| {
        let path = folder.path().join(name);
        let mut command = abscope();
        command.args(["render", "--demo", "--at", "40", "--size", "640x360"]);
        let said = hear(command.arg("-o").arg(&path));
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
        std::fs::read(path).expect("it was drawn")
    };
    let first = draw("first.png");
    let decoder = png::Decoder::new(std::io::Cursor::new(&first));
    let reader = decoder.read_info().expect("it is a PNG");
    assert_eq!((reader.info().width, reader.info().height), (640, 360));
    assert!(first == draw("second.png"), "the bytes differ");
}

#[test]
fn devices_are_listed_as_json_even_where_there_are_none() {
    let said = hear(abscope().args(["devices", "--json"]));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let lines = said.json_lines();
    assert_eq!(lines.len(), 1);
    assert_near(&lines[0], "/schema", 1.0, 0.0);
    assert!(lines[0]["inputs"].is_array() && lines[0]["outputs"].is_array());
    assert_eq!(hear(abscope().arg("devices")).code, Some(0));
}

#[test]
fn config_says_where_and_what_and_goes_back_to_the_defaults() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("my settings.toml");
    let config = |word: &str| {
        let mut command = abscope();
        command.args(["config", word]).env("ABSCOPE_CONFIG", &path);
        hear(&mut command)
    };
    let said = config("path");
    assert_eq!(
        (said.code, said.out.trim()),
        (Some(0), &*path.to_string_lossy())
    );
    assert_eq!(
        config("reset").code,
        Some(0),
        "there is nothing to put aside"
    );
    std::fs::write(&path, "tilt = 99\nspan = 33\nwarp = 1\n").expect("the folder is writable");
    let said = config("show");
    assert_eq!(said.code, Some(0));
    let shown: toml::Table = said.out.parse().expect("what is shown is TOML");
    assert_eq!(shown["span"].as_integer(), Some(33));
    assert_eq!(
        shown["tilt"].as_integer(),
        Some(4),
        "a bad value is replaced"
    );
    assert_eq!(shown["warp"].as_integer(), Some(1));
    let problems = said.err_lines();
    assert_eq!(problems.len(), 2, "{}", said.err);
    assert!(problems[0].contains("tilt = 99") && problems[1].contains("warp"));
    let said = config("reset");
    assert!(said.out.contains("my settings.toml.bak"), "{}", said.out);
    assert!(!path.exists());
    let shown: toml::Table = config("show").out.parse().expect("what is shown is TOML");
    assert_eq!(shown["span"].as_integer(), Some(20));
}

#[test]
fn no_name_of_a_file_reaches_a_terminal_as_it_is() {
    use abscope::units::plain::is_hidden;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let name = "a\u{1b}[2J\u{1b}]52;c;eA==\u{7}\u{202e}gnp";
    let path = folder.path().join(name).with_extension("wav");
    let shows_plainly = |text: &str| !text.contains(|c| is_hidden(c) && c != '\n');
    let gone = hear(abscope().args(["analyze", "--json"]).arg(&path));
    assert_eq!(gone.code, Some(1));
    assert!(
        shows_plainly(&gone.err) && shows_plainly(&gone.out),
        "{} {}",
        gone.out,
        gone.err
    );
    write_wav(&path, 48_000, 2, 1.0, |_, secs| sine(440.0, -12.0, secs));
    for json in [&["--json"][..], &[]] {
        let said = hear(abscope().arg("analyze").args(json).arg(&path));
        assert_eq!(said.code, Some(0), "{}", said.err);
        assert!(
            shows_plainly(&said.err) && shows_plainly(&said.out),
            "{} {}",
            said.out,
            said.err
        );
    }
    let said = hear(abscope().args(["analyze", "--json"]).arg(&path));
    let read: serde_json::Value = serde_json::from_str(&said.out).expect("it is JSON");
    let file = read["file"].as_str().expect("it has a name");
    assert_eq!(
        std::path::Path::new(file),
        path,
        "in JSON it is still that name"
    );
}
