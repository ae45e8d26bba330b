//! Records of one band are told apart in few words, and what is wrong with one of them is named beside the other.

use std::path::PathBuf;

use crate::support::music::files::{compare, number, write_wav};
use crate::support::music::{equalise, limit, limit_peaks, shelve};
use crate::support::parts;
use abscope::audio::demo::{DemoVersion, SAMPLE_RATE_HZ, render};
use abscope::audio::resample::resample;
use serde_json::Value;

fn record(version: DemoVersion) -> Vec<[f32; 2]> {
    render(version).as_chunks().0.to_vec()
}

/// All that `compare` says of a mix beside a reference.
fn compared(mix: &[[f32; 2]], reference: &[[f32; 2]]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let files: Vec<PathBuf> = [(mix, "mix.wav"), (reference, "reference.wav")]
        .map(|(frames, name)| {
            let path = folder.path().join(name);
            write_wav(&path, SAMPLE_RATE_HZ, frames.as_flattened());
            path
        })
        .into();
    compare(&files).remove(0)
}

fn findings(comparison: &Value) -> &[Value] {
    comparison["findings"].as_array().expect("a list")
}

/// How much a finding says whose sentence holds a word.
fn told(comparison: &Value, word: &str) -> f64 {
    let has_word = |finding: &&Value| finding["text"].as_str().is_some_and(|t| t.contains(word));
    let finding = findings(comparison).iter().find(has_word);
    let finding = finding.unwrap_or_else(|| panic!("{word}: {:?}", findings(comparison)));
    number(finding, "/value")
}

#[test]
fn halves_of_a_record_and_a_record_in_another_key_have_at_most_two_findings() {
    if parts::left_to_the_whole_run(
        "halves_of_a_record_and_a_record_in_another_key_have_at_most_two_findings",
    ) {
        return;
    }
    for version in [DemoVersion::Reference, DemoVersion::OtherSong] {
        let song = record(version);
        let (first, second) = song.split_at(song.len() / 2);
        // As a tape does it: a semitone higher, and faster by as much.
        let faster_hz = (f64::from(SAMPLE_RATE_HZ) * (-1.0 / 12.0f64).exp2()).round() as u32;
        let higher = resample(song.as_flattened(), 2, SAMPLE_RATE_HZ, faster_hz);
        let higher = higher.as_chunks().0;
        for (what, mix, reference) in [
            ("halves", first, second),
            ("a semitone higher", higher, &song[..]),
        ] {
            let comparison = compared(mix, reference);
            let found = findings(&comparison);
            eprintln!("{version:?} {what}: {found:?}");
            assert!(found.len() <= 2, "{version:?} {what}: {found:?}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_record_is_named_beside_another_one() {
    if parts::left_to_the_whole_run("what_is_wrong_with_a_record_is_named_beside_another_one") {
        return;
    }
    let reference = record(DemoVersion::OtherSong);
    let with = |fault: &dyn Fn(&mut [[f32; 2]])| {
        let mut mix = record(DemoVersion::Reference);
        fault(&mut mix);
        compared(&mix, &reference)
    };
    let dull = with(&|mix| shelve(mix, SAMPLE_RATE_HZ, 3_500.0, -3.0));
    let far = told(&dull, "duller");
    assert!((far + 3.0).abs() <= 1.0, "{far} dB");
    let narrow = with(&|mix| {
        for frame in mix {
            let mid = 0.5 * (frame[0] + frame[1]);
            *frame = frame.map(|x| mid + 0.631 * (x - mid));
        }
    });
    let far = told(&narrow, "narrower");
    assert!((far + 4.0).abs() <= 1.0, "{far} dB");
    let dense = with(&|mix| limit(mix, 9.0));
    let plr_lu = |side: &str| number(&dense, &format!("/{side}/loudness/plr_lu"));
    let far = told(&dense, "denser");
    assert!(
        (far - (plr_lu("mix") - plr_lu("reference"))).abs() <= 0.1,
        "{far} LU"
    );
    let offset = with(&|mix| mix.as_flattened_mut().iter_mut().for_each(|x| *x += 0.02));
    let level = told(&offset, "DC offset");
    assert!((level + 34.0).abs() <= 1.0, "{level} dBFS");
}

#[test]
fn a_limiter_is_named_by_the_bands_whose_attacks_it_took_and_an_equaliser_is_not() {
    if parts::left_to_the_whole_run(
        "a_limiter_is_named_by_the_bands_whose_attacks_it_took_and_an_equaliser_is_not",
    ) {
        return;
    }
    for version in [DemoVersion::Reference, DemoVersion::OtherSong] {
        let reference = record(version);
        let with = |deed: &dyn Fn(&mut [[f32; 2]])| {
            let mut mix = reference.clone();
            deed(&mut mix);
            compared(&mix, &reference)
        };
        let limited = with(&|mix| limit_peaks(mix, SAMPLE_RATE_HZ, 10.0));
        let far = told(&limited, "softer in its attacks");
        let of_bands =
            (0..5).map(|band| number(&limited, &format!("/difference/bands/{band}/attack_db")));
        let furthest = of_bands.fold(0.0, f64::min);
        assert!(
            (-4.0..-1.5).contains(&far) && (far - furthest).abs() < 0.01,
            "{far} dB"
        );
        type Deed = fn(&mut [[f32; 2]]);
        let deeds: [Deed; 4] = [
            |mix| mix.as_flattened_mut().iter_mut().for_each(|x| *x *= 0.5),
            |mix| shelve(mix, SAMPLE_RATE_HZ, 3_500.0, -3.0),
            |mix| equalise(mix, SAMPLE_RATE_HZ, 1_000.0, 3.0),
            |mix| equalise(mix, SAMPLE_RATE_HZ, 120.0, 3.0),
        ];
        for deed in deeds {
            let comparison = with(&deed);
            let found = findings(&comparison);
            let is_of_attacks = |finding: &Value| finding["text"].to_string().contains("attacks");
            assert!(!found.iter().any(is_of_attacks), "{version:?}: {found:?}");
        }
    }
}

/// The sentences of a comparison, and its findings, in one text.
fn said(comparison: &Value) -> String {
    let verdict = comparison["verdict"].as_array().expect("three sentences");
    let texts = findings(comparison).iter().map(|finding| &finding["text"]);
    let lines: Vec<&str> = verdict
        .iter()
        .chain(texts)
        .filter_map(Value::as_str)
        .collect();
    lines.join("\n")
}

#[test]
fn what_was_done_to_one_channel_and_below_all_sound_is_called_what_it_is() {
    if parts::left_to_the_whole_run(
        "what_was_done_to_one_channel_and_below_all_sound_is_called_what_it_is",
    ) {
        return;
    }
    let reference = record(DemoVersion::Reference);
    let with = |deed: &dyn Fn(&[f32; 2]) -> [f32; 2]| {
        let mix: Vec<[f32; 2]> = reference.iter().map(deed).collect();
        said(&compared(&mix, &reference))
    };
    let one_side = with(&|[_, right]| [0.0, *right]);
    assert!(one_side.contains("sound in one channel only"), "{one_side}");
    assert!(!one_side.contains("wider"), "{one_side}");
    let dc = with(&|[left, right]| [0.8 * left + 0.1, 0.8 * right]);
    assert!(dc.contains("a DC offset"), "{dc}");
    assert!(!dc.contains("attacks") && !dc.contains("leans"), "{dc}");
    let silence = with(&|_| [0.0; 2]);
    assert!(silence.contains("The mix is silent"), "{silence}");
    assert!(!silence.contains("different song"), "{silence}");
}

#[test]
fn a_clock_that_drifts_is_not_aligned_to_the_millisecond() {
    let reference = record(DemoVersion::Reference);
    // 50 millionths faster.
    let drifting: Vec<[f32; 2]> = (0..reference.len() - 10)
        .map_while(|n| {
            let at = n as f64 * 1.000_05;
            let (whole, part) = (at as usize, at.fract() as f32);
            let [a, b] = [reference.get(whole)?, reference.get(whole + 1)?];
            Some([0, 1].map(|side| a[side] + part * (b[side] - a[side])))
        })
        .collect();
    let drifts = said(&compared(&drifting, &reference));
    assert!(drifts.contains("drift"), "{drifts}");
    assert!(!drifts.contains("to the millisecond"), "{drifts}");
}
