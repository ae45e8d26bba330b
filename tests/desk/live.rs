//! `abscope live` on real parts: a WAV played into a sound server, captured from its monitor by the built program,
//! and the figures it prints.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::music;
use crate::support::parts::{self, SOUND};
use crate::support::program::{Said, abscope, assert_near};
use crate::support::pulse::{MONITOR_NAME, Playing, PulseServer, write_sines};
use crate::support::turns;
use serde_json::Value;

/// A tone in both channels at this peak is as many LUFS (EBU Tech 3341, case 1).
const PEAK_DBFS: f64 = -23.0;
/// What a machine without a sound card may be off by in level.
const TOLERANCE_DB: f64 = 0.2;
/// Longer than any run here takes.
const DEADLINE: Duration = Duration::from_secs(60);

/// `abscope live` on a server's monitor.
fn live(server: &PulseServer, words: &[&str]) -> Command {
    let mut command = abscope();
    command.env("PULSE_SERVER", server.address());
    command.args(["live", "--input", MONITOR_NAME]).args(words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Waits for a program to end, and ends it if it does not. What it says is read meanwhile: a full pipe would stop it.
pub fn finished(mut child: Child) -> Said {
    let begin = Instant::now();
    let pid = child.id();
    let out = reading(child.stdout.take());
    let err = reading(child.stderr.take());
    let status = loop {
        if let Some(status) = child.try_wait().expect("it is our child") {
            break status;
        }
        if begin.elapsed() > DEADLINE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("abscope live, process {pid}, did not end within {DEADLINE:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    Said::from(Output {
        status,
        stdout: out.join().expect("it only reads"),
        stderr: err.join().expect("it only reads"),
    })
}

/// Reads a pipe to its end on a thread of its own.
fn reading(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = vec![];
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        }
        bytes
    })
}

fn tone(folder: &Path, secs: f64) -> std::path::PathBuf {
    let wav = folder.join("tone.wav");
    let sine = (997.0, PEAK_DBFS);
    // Without silence before it: its step would be a true peak of its own.
    write_sines(&wav, 0.0, secs, sine, sine);
    wav
}

/// Starts playing and waits until the server has a stream that plays: what is captured from now on is the tone.
fn play(server: &PulseServer, wav: &Path) -> Playing {
    let playing = Playing::start_with(server.command("paplay"), wav);
    let begin = Instant::now();
    while !server
        .pactl(&["list", "sink-inputs"])
        .contains("Corked: no")
    {
        assert!(begin.elapsed() < DEADLINE, "paplay does not play");
        std::thread::sleep(Duration::from_millis(20));
    }
    playing
}

fn assert_no_loss(json: &Value) {
    assert_near(json, "/lost_frames", 0.0, 0.0);
    assert_near(json, "/gaps", 0.0, 0.0);
    assert_eq!(json["input"]["name"], MONITOR_NAME);
    assert_eq!(json["input"]["is_monitor"], true);
}

#[test]
fn a_known_tone_is_read_at_its_level_and_loudness_and_no_frame_is_lost() {
    let test = "a_known_tone_is_read_at_its_level_and_loudness_and_no_frame_is_lost";
    if !parts::are_there(test, &[SOUND]) {
        return;
    }
    let _turn = turns::beside_others();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let server = PulseServer::start();
    let image = folder.path().join("live.png");
    // Long enough for ten seconds of it, with what a null sink takes to begin.
    let mut playing = play(&server, &tone(folder.path(), 30.0));
    let mut command = live(&server, &["--seconds", "10", "--json", "--size", "640x360"]);
    let said = finished(
        command
            .arg("--image")
            .arg(&image)
            .spawn()
            .expect("it was built"),
    );
    assert!(playing.is_playing(), "the tone ended before the capture");

    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let lines = said.json_lines();
    assert_eq!(lines.len(), 1);
    let json = &lines[0];
    eprintln!(
        "loudness {} levels {} lost {}",
        json["loudness"], json["levels"], json["lost_frames"]
    );
    assert_no_loss(json);
    assert_near(json, "/schema", 1.0, 0.0);
    assert_near(json, "/sample_rate_hz", 48_000.0, 0.0);
    assert_near(json, "/channels", 2.0, 0.0);
    assert_near(json, "/duration_secs", 10.0, 0.001);
    for name in [
        "integrated_lufs",
        "max_momentary_lufs",
        "max_short_term_lufs",
        "true_peak_dbtp",
        "sample_peak_dbfs",
    ] {
        assert_near(json, &format!("/loudness/{name}"), PEAK_DBFS, TOLERANCE_DB);
    }
    assert_near(json, "/third_octave/mean_db/17", PEAK_DBFS, 1.5);
    assert_near(json, "/spectrum/max_db/569", PEAK_DBFS, TOLERANCE_DB);
    assert_near(json, "/stereo/correlation", 1.0, 0.001);
    assert_near(json, "/stereo/balance_db", 0.0, 0.01);
    assert_near(json, "/levels/clipped_samples", 0.0, 0.0);
    let picture = std::fs::read(&image).expect("it was drawn");
    assert!(picture.starts_with(b"\x89PNG"));
}

#[test]
fn an_input_where_nothing_plays_has_no_figures_and_loses_nothing() {
    let test = "an_input_where_nothing_plays_has_no_figures_and_loses_nothing";
    if !parts::are_there(test, &[SOUND]) {
        return;
    }
    let _turn = turns::beside_others();
    let server = PulseServer::start();
    let mut command = live(&server, &["--seconds", "4", "--json"]);
    let said = finished(command.spawn().expect("it was built"));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let json = &said.json_lines()[0];
    assert_no_loss(json);
    assert_near(json, "/duration_secs", 4.0, 0.001);
    for pointer in [
        "/loudness/integrated_lufs",
        "/loudness/max_short_term_lufs",
        "/loudness/true_peak_dbtp",
        "/levels/rms_dbfs",
        "/stereo/correlation",
    ] {
        assert_eq!(json.pointer(pointer), Some(&Value::Null), "{pointer}");
    }
}

#[test]
fn an_account_without_a_cookie_of_the_sound_server_is_heard_too() {
    let test = "an_account_without_a_cookie_of_the_sound_server_is_heard_too";
    if !parts::are_there(test, &[SOUND]) {
        return;
    }
    let _turn = turns::beside_others();
    let home = tempfile::tempdir().expect("a temporary folder can be made");
    let server = PulseServer::start();
    let mut command = live(&server, &["--seconds", "0.5", "--json"]);
    command.env("HOME", home.path()).env_remove("PULSE_COOKIE");
    let said = finished(command.spawn().expect("it was built"));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert_no_loss(&said.json_lines()[0]);
}

#[test]
fn figures_come_every_second_when_asked_and_grow_with_the_time() {
    let test = "figures_come_every_second_when_asked_and_grow_with_the_time";
    if !parts::are_there(test, &[SOUND]) {
        return;
    }
    let _turn = turns::beside_others();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let server = PulseServer::start();
    let _playing = play(&server, &tone(folder.path(), 20.0));
    let mut command = live(&server, &["--seconds", "3", "--every", "1"]);
    let said = finished(command.spawn().expect("it was built"));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let secs: Vec<f64> = said
        .json_lines()
        .iter()
        .map(|json| json["duration_secs"].as_f64().expect("a number"))
        .collect();
    assert!((3..=4).contains(&secs.len()), "{secs:?}");
    assert!(secs.windows(2).all(|pair| pair[0] <= pair[1]), "{secs:?}");
    assert!((secs[secs.len() - 1] - 3.0).abs() < 0.001, "{secs:?}");
}

#[test]
fn a_server_that_dies_while_capturing_ends_with_one_line() {
    let test = "a_server_that_dies_while_capturing_ends_with_one_line";
    if !parts::are_there(test, &[SOUND]) {
        return;
    }
    let _turn = turns::beside_others();
    let mut server = PulseServer::start();
    let mut command = live(&server, &["--seconds", "30", "--every", "0.2"]);
    let mut child = command.spawn().expect("it was built");
    // The first figures say that it captures.
    let out = child.stdout.as_mut().expect("it is a pipe");
    out.read_exact(&mut [0]).expect("figures come");
    server.kill();
    let said = finished(child);
    let line = said.failure();
    assert!(line.contains(MONITOR_NAME), "{line}");
}

#[test]
fn a_mix_beside_its_song_gets_what_compare_says_and_an_interrupt_ends_it_well() {
    let test = "a_mix_beside_its_song_gets_what_compare_says_and_an_interrupt_ends_it_well";
    if !parts::are_there(test, &[SOUND]) {
        return;
    }
    let _turn = turns::beside_others();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let server = PulseServer::start();
    let song = music::song(3, 60.0, 48_000);
    let mut mix = song[48_000 * 20..].to_vec();
    music::equalise(&mut mix, 48_000, 120.0, 6.0);
    mix.as_flattened_mut().iter_mut().for_each(|x| *x *= 0.4);
    let [record, played] = ["record", "mix"].map(|name| folder.path().join(format!("{name}.wav")));
    music::files::write_wav(&record, 48_000, song.as_flattened());
    music::files::write_wav(&played, 48_000, mix.as_flattened());
    let _playing = play(&server, &played);
    let mut command = live(&server, &["--seconds", "600", "--json", "--reference"]);
    let child = command.arg(&record).spawn().expect("it was built");
    std::thread::sleep(Duration::from_secs(25));
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.expect("kill is there").success());
    let said = finished(child);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let json = &said.json_lines()[0];
    assert_eq!(json["mix"]["input"]["name"], MONITOR_NAME, "{json}");
    assert_eq!(json["reference"]["duration_secs"], 60.0);
    let place = &json["places"][0];
    let lies = |side: &str| place[side][0].as_f64().expect("a time");
    // It may have begun to play a little before it was heard.
    assert!(
        (19.0..24.0).contains(&(lies("reference_secs") - lies("mix_secs"))),
        "{place}"
    );
    assert!(json["difference"]["alignment"]["confidence"].as_f64() > Some(0.5));
    let findings = json["findings"].as_array().expect("a list");
    let is_boomy = |finding: &Value| {
        finding["text"]
            .as_str()
            .is_some_and(|text| text.contains("boomier"))
    };
    assert!(findings.iter().any(is_boomy), "{findings:#?}");
    assert!(json["mix"]["levels"]["rms_dbfs"].is_number() && json["verdict"][0].is_string());
}
