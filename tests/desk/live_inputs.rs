//! `abscope live` on inputs that are two, that are not named, and that change on the way.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::live::finished;
use crate::support::parts::{self, SOUND};
use crate::support::program::{Said, abscope, assert_near};
use crate::support::pulse::{MONITOR, PulseServer, SINK};
use crate::support::turns;
use crate::support::wav::{sine, write_wav};

/// The other sink.
const OTHER: &str = "abscope_other";
/// A tone in both channels at this peak is as many LUFS.
const FIRST_DBFS: f64 = -29.0;
const OTHER_DBFS: f64 = -20.0;
const TOLERANCE_DB: f64 = 0.3;

/// Ends it when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn add_sink(server: &PulseServer, name: &str) -> String {
    let name = format!("sink_name={name}");
    let module = ["load-module", "module-null-sink", "format=float32le"];
    let added = server.pactl(
        &[
            &module[..],
            &["channels=2", "norewinds=1", "rate=48000", &name],
        ]
        .concat(),
    );
    added.trim().to_owned()
}

/// Plays a tone into a sink until it is dropped.
fn play(server: &PulseServer, folder: &Path, sink: &str, peak_dbfs: f64) -> Running {
    let wav = folder.join(format!("{sink}.wav"));
    write_wav(&wav, 48_000, 2, 60.0, |_, secs| {
        sine(997.0, peak_dbfs, secs)
    });
    let mut paplay = server.command("paplay");
    paplay.arg(format!("--device={sink}")).arg(&wav);
    Running(
        paplay
            .spawn()
            .expect("paplay is installed beside pulseaudio"),
    )
}

fn live(server: &PulseServer, words: &[&str]) -> Command {
    let mut command = abscope();
    command.env("PULSE_SERVER", server.address());
    command.arg("live").args(words).arg("--json");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it, and changes something once there are figures of some seconds; those, and what it said after that.
fn changed_on_the_way(mut command: Command, change: impl FnOnce()) -> (Value, Said) {
    let mut child = command.spawn().expect("it was built");
    let out = child.stdout.as_mut().expect("it is a pipe");
    let mut before = vec![];
    while before.iter().filter(|byte| **byte == b'\n').count() < 3 {
        let mut byte = [0];
        out.read_exact(&mut byte).expect("figures come");
        before.extend(byte);
    }
    change();
    let lines = String::from_utf8(before).expect("JSON is UTF-8");
    let last = lines.lines().last().expect("there are three");
    (
        serde_json::from_str(last).expect("it is JSON"),
        finished(child),
    )
}

fn name_of(json: &Value) -> &str {
    json["input"]["name"].as_str().expect("an input")
}

#[test]
fn a_second_input_is_compared_over_the_time_that_both_were_heard() {
    let test = "a_second_input_is_compared_over_the_time_that_both_were_heard";
    if !parts::are_there(test, &[SOUND]) {
        return;
    }
    let _turn = turns::beside_others();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let server = PulseServer::start();
    add_sink(&server, OTHER);
    let _tones = [(SINK, FIRST_DBFS), (OTHER, OTHER_DBFS)]
        .map(|(sink, peak_dbfs)| play(&server, folder.path(), sink, peak_dbfs));
    let other = format!("{OTHER}.monitor");
    let words = [
        "--input",
        MONITOR,
        "--reference-input",
        &other,
        "--seconds",
        "16",
    ];
    let said = finished(live(&server, &words).spawn().expect("it was built"));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let json = &said.json_lines()[0];
    let apart_lu = FIRST_DBFS - OTHER_DBFS;
    assert_near(
        json,
        "/difference/loudness_offset_lu",
        apart_lu,
        TOLERANCE_DB,
    );
    assert_near(
        json,
        "/mix/loudness/integrated_lufs",
        FIRST_DBFS,
        TOLERANCE_DB,
    );
    assert_near(
        json,
        "/reference/loudness/integrated_lufs",
        OTHER_DBFS,
        TOLERANCE_DB,
    );
}

#[test]
fn without_a_name_the_default_output_is_followed() {
    let test = "without_a_name_the_default_output_is_followed";
    if !parts::are_there(test, &[SOUND]) {
        return;
    }
    let _turn = turns::beside_others();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let server = PulseServer::start();
    server.pactl(&["set-default-sink", SINK]);
    add_sink(&server, OTHER);
    let [first, _other] = [(SINK, FIRST_DBFS), (OTHER, OTHER_DBFS)]
        .map(|(sink, peak_dbfs)| play(&server, folder.path(), sink, peak_dbfs));
    let command = live(&server, &["--seconds", "14", "--every", "1"]);
    let (before, said) = changed_on_the_way(command, || {
        // The server would play it on the new default too.
        drop(first);
        server.pactl(&["set-default-sink", OTHER]);
    });
    assert_eq!(said.code, Some(0), "{}", said.err);
    let lines = said.json_lines();
    let after = lines.last().expect("figures");
    let loudest = "/loudness/max_momentary_lufs";
    assert_near(&before, loudest, FIRST_DBFS, TOLERANCE_DB);
    assert_near(after, loudest, OTHER_DBFS, TOLERANCE_DB);
    assert_ne!(name_of(&before), name_of(after));
}

#[test]
fn a_sink_that_goes_ends_it_with_the_figures_of_what_was_heard() {
    let test = "a_sink_that_goes_ends_it_with_the_figures_of_what_was_heard";
    if !parts::are_there(test, &[SOUND]) {
        return;
    }
    let _turn = turns::beside_others();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let server = PulseServer::start();
    let module = add_sink(&server, OTHER);
    let _tone = play(&server, folder.path(), OTHER, FIRST_DBFS);
    let monitor = format!("{OTHER}.monitor");
    let words = ["--input", &monitor, "--seconds", "60", "--every", "1"];
    let (before, said) = changed_on_the_way(live(&server, &words), || {
        server.pactl(&["unload-module", &module]);
    });
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.err.contains("its source is gone"), "{}", said.err);
    let lines = said.json_lines();
    let last = lines.last().expect("figures");
    assert_near(last, "/loudness/integrated_lufs", FIRST_DBFS, TOLERANCE_DB);
    let secs = |json: &Value| json["duration_secs"].as_f64();
    assert!(secs(last) >= secs(&before), "{last}");
}
