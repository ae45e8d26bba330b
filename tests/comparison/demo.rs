//! `compare` names the faults of the demo's mix with the published figures, and nothing else.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::support::music::files::{compare, number, write_wav};
use abscope::audio::demo::*;
use serde_json::Value;

fn comparison() -> &'static Value {
    static COMPARISON: OnceLock<Value> = OnceLock::new();
    COMPARISON.get_or_init(|| beside(DemoVersion::Mix, DemoVersion::Reference))
}

/// The one finding whose sentence holds a word.
fn finding(word: &str) -> &'static Value {
    let findings = comparison()["findings"].as_array().expect("a list");
    let mut found = findings
        .iter()
        .filter(|finding| finding["text"].as_str().expect("a sentence").contains(word));
    let first = found
        .next()
        .unwrap_or_else(|| panic!("{word}: {findings:?}"));
    assert!(found.next().is_none(), "{word} is said once: {findings:?}");
    first
}

fn assert_finding(word: &str, area: &str, value: f64, unit: &str) -> &'static str {
    let finding = finding(word);
    assert_eq!(
        (&finding["area"], &finding["unit"]),
        (&area.into(), &unit.into())
    );
    assert!(
        (number(finding, "/value") - value).abs() <= 0.5,
        "{finding} is not {value}"
    );
    finding["text"].as_str().expect("a sentence")
}

#[test]
fn it_is_dull_at_the_top() {
    let text = assert_finding("duller", "spectrum", FAULT_SHELF_DB, "dB");
    assert!(text.contains("6.3–20 kHz"), "{text}");
}

#[test]
fn it_is_boomy_around_120_hz() {
    let text = assert_finding("boomier", "spectrum", FAULT_BELL_DB, "dB");
    assert!(text.contains("80–160 Hz"), "{text}");
}

#[test]
fn it_is_narrow_above_the_mono_bass() {
    let text = assert_finding("narrower", "stereo", FAULT_SIDE_DB, "dB");
    assert!(text.contains("120 Hz–20 kHz"), "{text}");
}

#[test]
fn it_is_quiet() {
    assert_finding("quieter", "loudness", FAULT_LOUDNESS_LU, "LU");
}

#[test]
fn it_passes_full_scale() {
    let true_peak = number(comparison(), "/mix/loudness/true_peak_dbtp");
    let text = assert_finding("over full scale", "peaks", true_peak, "dBTP");
    assert!(
        text.contains(&format!("at {NUM_FAULT_OVERS} places")),
        "{text}"
    );
}

#[test]
fn nothing_else_is_said_and_the_most_severe_comes_first() {
    let findings = comparison()["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 5, "{findings:?}");
    let severities: Vec<f64> = findings
        .iter()
        .map(|finding| number(finding, "/severity"))
        .collect();
    assert!(severities.is_sorted_by(|a, b| a >= b), "{severities:?}");
    assert!(
        severities
            .iter()
            .all(|severity| (0.0..=1.0).contains(severity))
    );
}

#[test]
fn the_object_has_the_shape_of_the_contract() {
    let comparison = comparison();
    assert_eq!(comparison["schema"], 1);
    for side in ["mix", "reference"] {
        assert_eq!(comparison[side]["schema"], 1);
        assert_eq!(
            number(comparison, &format!("/{side}/sample_rate_hz")),
            48_000.0
        );
    }
    let difference = &comparison["difference"];
    assert!((number(difference, "/loudness_offset_lu") - FAULT_LOUDNESS_LU).abs() < 0.1);
    assert!(number(difference, "/alignment/offset_secs").abs() < 1e-4);
    assert!(number(difference, "/alignment/confidence") > 0.9);
    assert_eq!(
        difference["third_octave"]["center_hz"]
            .as_array()
            .expect("a list")
            .len(),
        31
    );
    assert_eq!(
        difference["third_octave"]["db"]
            .as_array()
            .expect("a list")
            .len(),
        31
    );
    assert_eq!(difference["bands"].as_array().expect("a list").len(), 5);
    for key in [
        "low_hz",
        "high_hz",
        "level_db",
        "side_to_mid_db",
        "correlation",
    ] {
        assert!(difference["bands"][2][key].is_number(), "{key}");
    }
    assert!(difference["plr_lu"].is_number() && difference["range_lu"].is_number());
}

/// What is found of a version of the demo beside another one.
fn beside(mix: DemoVersion, reference: DemoVersion) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let files: Vec<PathBuf> = [(mix, "mix.wav"), (reference, "reference.wav")]
        .map(|(version, name)| {
            let path = folder.path().join(name);
            write_wav(&path, SAMPLE_RATE_HZ, &render(version));
            path
        })
        .into();
    compare(&files).remove(0)
}

#[test]
fn beside_its_other_song_the_same_faults_are_named_and_nothing_else() {
    let comparison = beside(DemoVersion::Mix, DemoVersion::OtherSong);
    assert!(
        comparison["difference"]["alignment"].is_null(),
        "it is told as another song: {}",
        comparison["difference"]["alignment"]
    );
    let findings = comparison["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 5, "{findings:?}");
    let quieter_lu = number(&comparison, "/mix/loudness/integrated_lufs")
        - number(&comparison, "/reference/loudness/integrated_lufs");
    for (word, value) in [
        ("duller", FAULT_SHELF_DB),
        ("boomier", FAULT_BELL_DB),
        ("narrower", FAULT_SIDE_DB),
        ("quieter", quieter_lu),
    ] {
        let has_word =
            |finding: &&Value| finding["text"].as_str().is_some_and(|t| t.contains(word));
        let finding = findings.iter().find(has_word);
        let finding = finding.unwrap_or_else(|| panic!("{word}: {findings:?}"));
        let off = number(finding, "/value") - value;
        assert!(off.abs() <= 0.6, "{finding} is not {value}");
    }
    let overs = format!("at {NUM_FAULT_OVERS} places");
    let says_overs = |finding: &Value| finding["text"].as_str().is_some_and(|t| t.contains(&overs));
    assert!(findings.iter().any(says_overs), "{findings:?}");
}

#[test]
fn two_finished_songs_of_the_band_are_told_as_alike() {
    let comparison = beside(DemoVersion::Reference, DemoVersion::OtherSong);
    assert!(comparison["difference"]["alignment"].is_null());
    assert_eq!(comparison["findings"], Value::Array(vec![]));
}
