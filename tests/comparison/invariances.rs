//! No finding on what is not different: a file against itself, louder, later, or at another rate.

use std::path::PathBuf;

use crate::support::music;
use crate::support::music::files::{compare, number, run_compare, write_wav};
use crate::support::parts;
use abscope::units::db;
use serde_json::Value;
use tempfile::TempDir;

const RATE_HZ: u32 = 48_000;
const SECS: f64 = 40.0;

fn folder_with(files: &[(&str, &[f32])]) -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = files.iter().map(|(name, samples)| {
        let path = folder.path().join(name);
        write_wav(&path, RATE_HZ, samples);
        path
    });
    let paths = paths.collect();
    (folder, paths)
}

/// Below full scale, which is a finding of its own.
fn song(seed: u64) -> Vec<f32> {
    let mut song = music::song(seed, SECS, RATE_HZ).into_flattened();
    let peak = song.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
    song.iter_mut().for_each(|x| *x *= 0.4 / peak);
    song
}

/// The largest of all differences but the loudness offset.
fn largest_difference(comparison: &Value) -> f64 {
    let difference = &comparison["difference"];
    let levels = difference["third_octave"]["db"].as_array().expect("a list");
    let bands = difference["bands"].as_array().expect("a list");
    let of_bands = bands.iter().flat_map(|band| {
        [
            &band["level_db"],
            &band["side_to_mid_db"],
            &band["correlation"],
        ]
    });
    let all = levels
        .iter()
        .chain(of_bands)
        .chain([&difference["plr_lu"], &difference["range_lu"]]);
    let numbers: Vec<f64> = all.filter_map(Value::as_f64).map(f64::abs).collect();
    assert!(
        numbers.len() > 30,
        "there is something to compare: {difference}"
    );
    numbers.into_iter().fold(0.0, f64::max)
}

fn assert_no_findings(comparison: &Value) {
    assert_eq!(comparison["findings"], Value::Array(vec![]));
}

#[test]
fn a_file_against_itself_differs_by_nothing() {
    let (_folder, files) = folder_with(&[("song.wav", &song(11))]);
    let comparison = &compare(&[files[0].clone(), files[0].clone()])[0];
    assert_eq!(largest_difference(comparison), 0.0);
    assert_eq!(number(comparison, "/difference/loudness_offset_lu"), 0.0);
    assert!(number(comparison, "/difference/alignment/offset_secs").abs() < 1e-4);
    assert_no_findings(comparison);
}

#[test]
fn a_file_against_itself_6_db_down_differs_by_the_loudness_offset_only() {
    let song = song(12);
    let gain = db::amplitude_from_db(-6.0) as f32;
    let quieter: Vec<f32> = song.iter().map(|x| gain * x).collect();
    let (_folder, files) = folder_with(&[("song.wav", &song), ("quieter.wav", &quieter)]);
    let comparison = &compare(&files)[0];
    assert!((number(comparison, "/difference/loudness_offset_lu") - 6.0).abs() <= 0.05);
    assert!(largest_difference(comparison) < 0.05);
    assert_no_findings(comparison);
    let reversed = &compare(&[files[1].clone(), files[0].clone()])[0];
    assert!((number(reversed, "/difference/loudness_offset_lu") + 6.0).abs() <= 0.05);
    assert_no_findings(reversed);
}

#[test]
fn a_part_of_a_song_against_the_whole_is_compared_with_that_part() {
    let song = song(13);
    let start = 2 * (7.25 * f64::from(RATE_HZ)) as usize;
    let end = 2 * 30 * RATE_HZ as usize;
    let (_folder, files) = folder_with(&[("song.wav", &song), ("part.wav", &song[start..end])]);
    let comparison = &compare(&[files[1].clone(), files[0].clone()])[0];
    assert!((number(comparison, "/difference/alignment/offset_secs") - 7.25).abs() < 1e-3);
    // The ends are cut to the sample; only the analysis grid may stand elsewhere.
    assert!(largest_difference(comparison) < 0.05);
    assert_no_findings(comparison);
    let reversed = &compare(&files)[0];
    assert!((number(reversed, "/difference/alignment/offset_secs") + 7.25).abs() < 1e-3);
    assert_no_findings(reversed);
}

#[test]
fn an_equaliser_is_found_where_it_works_and_by_how_much() {
    let song = music::song(14, SECS, RATE_HZ);
    let mut bright = song.clone();
    music::equalise(&mut bright, RATE_HZ, 1000.0, 6.0);
    let (_folder, files) = folder_with(&[
        ("mix.wav", bright.as_flattened()),
        ("song.wav", song.as_flattened()),
    ]);
    let comparison = &compare(&files)[0];
    let offset = number(comparison, "/difference/loudness_offset_lu");
    let peak_db = number(comparison, "/difference/third_octave/db/17");
    assert!(
        (peak_db + offset - 6.0).abs() < 0.5,
        "{peak_db} dB, matched by {offset} LU"
    );
    let texts = comparison["findings"].to_string();
    assert!(
        texts.contains("more midrange") && texts.contains("630 Hz–1.6 kHz"),
        "{texts}"
    );
}

#[test]
fn silence_and_other_songs_have_no_alignment_and_several_references_a_line_each() {
    if parts::left_to_the_whole_run(
        "silence_and_other_songs_have_no_alignment_and_several_references_a_line_each",
    ) {
        return;
    }
    let silence = vec![0.0; 2 * 10 * RATE_HZ as usize];
    let (_folder, mut files) = folder_with(&[
        ("mix.wav", &song(15)),
        ("other.wav", &song(16)),
        ("silence.wav", &silence),
    ]);
    files.push("/nowhere/song.wav".into());
    let lines = compare(&files);
    assert_eq!(lines.len(), 3);
    assert!(lines[0]["difference"]["alignment"].is_null());
    assert!(!lines[0]["findings"].as_array().expect("a list").is_empty());
    assert!(lines[1]["difference"]["loudness_offset_lu"].is_null());
    assert!(lines[1]["difference"]["third_octave"]["db"][17].is_null());
    assert_eq!(lines[2]["file"], "/nowhere/song.wav");
    assert!(lines[2]["error"].is_string());
    let output = run_compare(&files, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
}
