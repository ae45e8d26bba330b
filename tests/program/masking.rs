//! `compare --masking`: tracks of one song, from files.

use crate::support::program::{abscope, hear};
use crate::support::wav::{sine, write_wav};

#[test]
fn what_one_track_masks_of_another_is_told_for_each_octave() {
    let folder = tempfile::tempdir().expect("a folder");
    let [vocal, guitar] = ["Vocal", "Guitar"].map(|name| folder.path().join(format!("{name}.wav")));
    // Beside a tone of its own each sings one that the other covers half the time.
    write_wav(&vocal, 48_000, 2, 8.0, |_, secs| {
        sine(3000.0, -40.0, secs) + sine(350.0, -30.0, secs)
    });
    // Another rate is no other time.
    write_wav(&guitar, 44_100, 2, 8.0, |_, secs| match secs < 4.0 {
        true => sine(3000.0, -30.0, secs),
        false => 0.0,
    });
    let compare = |words: &[&str]| {
        let mut program = abscope();
        program.args(["compare", "--masking"]).args(words);
        let said = hear(program.arg(&vocal).arg(&guitar));
        assert_eq!(said.code, Some(0), "{}", said.err);
        said
    };
    let json = compare(&["--json"]).json_lines().remove(0);
    let octaves = json["masking"].as_array().expect("octaves");
    let octave = |low_hz: f64| {
        let mut octaves = octaves.iter();
        octaves
            .find(|octave| octave["low_hz"] == low_hz)
            .expect("it is told")
    };
    let high = octave(2000.0);
    let masked = high["masked"].as_f64().expect("it sounds");
    assert!((masked - 0.5).abs() < 0.05, "{high}");
    let over = high["over_threshold_db"].as_f64().expect("it is masked");
    assert!((over - 7.0).abs() < 0.5, "{high}");
    assert_eq!(octave(250.0)["masked"], 0.0);
    assert_eq!(octave(31.25)["masked"], serde_json::Value::Null);
    let words = compare(&[]).out;
    assert!(words.contains("Vocal: masked 5"), "{words}");
    assert!(
        words.contains(" % of the time at 2–4 kHz by Guitar, 7 dB"),
        "{words}"
    );
}
