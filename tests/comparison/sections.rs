//! Sections of songs whose structure is known: the demo, made-up songs with hard changes, and sounds without any.

use std::convert::Infallible;
use std::sync::atomic::AtomicBool;

use crate::support::music::{self, Frames};
use crate::support::parts;
use abscope::analysis::column::TierColumn;
use abscope::analysis::programme::{Programme, ProgrammeOptions};
use abscope::audio::demo::{self, DemoVersion};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::compare::sections::{Bands, Heard, Section, SectionFinder, TIER, bands, fits};
use abscope::dsp::signals::Random;

const RATE_HZ: u32 = 48_000;
const HOP_SECS: f64 = 512.0 / 48_000.0;
/// How far a boundary may be off.
const TOLERANCE_SECS: f64 = 1.0;

/// A song's sections, and its columns of all tiers.
fn analysed(interleaved: &[f32]) -> (Vec<Section>, Vec<TierColumn>) {
    let format = StreamFormat {
        sample_rate_hz: RATE_HZ,
        layout: ChannelLayout::Stereo,
    };
    let mut rest = interleaved;
    let source = |chunk: &mut Vec<f32>| {
        let (now, later) = rest.split_at(rest.len().min(2 * 65_536));
        chunk.clear();
        chunk.extend_from_slice(now);
        rest = later;
        Ok::<_, Infallible>(!now.is_empty())
    };
    let mut finder = SectionFinder::new(HOP_SECS);
    let mut columns = vec![];
    let programme = Programme::analyse(
        source,
        format,
        ProgrammeOptions::default(),
        &mut |batch| {
            finder.push(batch.columns);
            columns.extend_from_slice(batch.columns);
        },
        &AtomicBool::new(false),
    );
    let Ok(programme) = programme;
    let programme = programme.expect("nobody cancels");
    (finder.finish(&programme.loudness_points), columns)
}

fn sections(frames: &Frames) -> Vec<Section> {
    analysed(frames.as_flattened()).0
}

fn names(sections: &[Section]) -> Vec<&str> {
    sections
        .iter()
        .map(|section| section.name.as_str())
        .collect()
}

fn assert_boundaries(sections: &[Section], starts_secs: &[f64]) {
    let found: Vec<f64> = sections.iter().map(|section| section.start_secs).collect();
    assert_eq!(
        found.len(),
        starts_secs.len(),
        "{found:?}, not {starts_secs:?}"
    );
    for (found, expected) in found.iter().zip(starts_secs) {
        assert!(
            (found - expected).abs() <= TOLERANCE_SECS,
            "{found} is not {expected}"
        );
    }
    for pair in sections.windows(2) {
        assert_eq!(pair[0].end_secs, pair[1].start_secs, "no gap");
    }
}

fn noise(secs: f64, amplitude: f64, seed: u64) -> Frames {
    let mut random = Random::new(seed);
    (0..(secs * f64::from(RATE_HZ)) as usize)
        .map(|_| [random.bipolar(), random.bipolar()].map(|x| (amplitude * x) as f32))
        .collect()
}

fn tone(secs: f64, hz: f64) -> Frames {
    (0..(secs * f64::from(RATE_HZ)) as usize)
        .map(|n| {
            let phase = std::f64::consts::TAU * hz * n as f64 / f64::from(RATE_HZ);
            [(0.25 * phase.sin()) as f32; 2]
        })
        .collect()
}

#[test]
fn the_demo_song_has_its_sections_and_their_names_in_both_versions() {
    if parts::left_to_the_whole_run(
        "the_demo_song_has_its_sections_and_their_names_in_both_versions",
    ) {
        return;
    }
    let starts: Vec<f64> = DemoVersion::Mix
        .sections()
        .iter()
        .map(|(secs, _)| *secs)
        .collect();
    for version in [DemoVersion::Reference, DemoVersion::Mix] {
        let (found, _) = analysed(&demo::render(version));
        for section in &found {
            eprintln!(
                "{version:?} {:6.2} {:6.2} {} {} {:?}",
                section.start_secs,
                section.end_secs,
                section.letter,
                section.name,
                section.loudness_lufs
            );
        }
        assert_boundaries(&found, &starts);
        let expected: Vec<&str> = DemoVersion::Mix
            .sections()
            .iter()
            .map(|(_, name)| *name)
            .collect();
        assert_eq!(names(&found), expected, "{version:?}");
        let letters: String = found.iter().map(|section| section.letter).collect();
        assert_eq!(letters, "ABCBCD", "{version:?}");
    }
}

#[test]
fn a_song_at_a_twentieth_of_its_level_has_the_same_sections() {
    if parts::left_to_the_whole_run("a_song_at_a_twentieth_of_its_level_has_the_same_sections") {
        return;
    }
    let song = demo::render(DemoVersion::Reference);
    let quiet: Vec<f32> = song.iter().map(|x| 0.05 * x).collect();
    let (loud, _) = analysed(&song);
    let (quiet, _) = analysed(&quiet);
    assert_eq!(names(&loud), names(&quiet));
    for (a, b) in loud.iter().zip(&quiet) {
        assert!((a.start_secs - b.start_secs).abs() < 0.2);
    }
}

#[test]
fn hard_changes_are_found_and_what_comes_back_has_the_same_letter() {
    let verse = || music::song(3, 20.0, RATE_HZ);
    let mut song = verse();
    song.extend(noise(12.0, 0.3, 1));
    song.extend(verse());
    song.extend(noise(12.0, 0.3, 2));
    let found = sections(&song);
    assert_boundaries(&found, &[0.0, 20.0, 32.0, 52.0]);
    let letters: String = found.iter().map(|section| section.letter).collect();
    assert_eq!(letters, "ABAB");
}

#[test]
fn what_does_not_change_has_one_section_and_what_is_silent_has_none() {
    if parts::left_to_the_whole_run(
        "what_does_not_change_has_one_section_and_what_is_silent_has_none",
    ) {
        return;
    }
    let one = |frames: &Frames, what: &str| {
        let found = sections(frames);
        assert_eq!(names(&found), ["A"], "{what}");
        assert_eq!(found[0].start_secs, 0.0, "{what}");
        let length = frames.len() as f64 / f64::from(RATE_HZ);
        assert!((found[0].end_secs - length).abs() < 0.1, "{what}");
    };
    one(&tone(60.0, 997.0), "a tone");
    one(&noise(60.0, 0.1, 5), "noise");
    one(&music::song(11, 5.0, RATE_HZ), "a clip");
    one(&music::song(12, 0.3, RATE_HZ), "a snippet");
    assert_eq!(
        sections(&vec![[0.0; 2]; 10 * RATE_HZ as usize]),
        [],
        "silence"
    );
    assert_eq!(sections(&vec![[0.0; 2]; 7]), [], "seven frames");
    assert_eq!(sections(&vec![]), [], "nothing");
}

#[test]
fn a_loop_that_only_varies_its_melody_is_not_cut_to_pieces() {
    if parts::left_to_the_whole_run("a_loop_that_only_varies_its_melody_is_not_cut_to_pieces") {
        return;
    }
    for seed in 20..23 {
        let found = sections(&music::song(seed, 60.0, RATE_HZ));
        eprintln!("seed {seed}: {:?}", names(&found));
        assert!(found.len() <= 2, "{:?}", names(&found));
    }
}

/// Bands of the mix's columns between two times.
fn heard(columns: &[TierColumn], from_secs: f64, to_secs: f64) -> Vec<Bands> {
    let column = |secs: f64| (secs / (4.0 * HOP_SECS)) as u64;
    columns
        .iter()
        .filter(|c| c.tier == TIER)
        .filter(|c| (column(from_secs)..column(to_secs)).contains(&c.column.index))
        .filter_map(|c| bands(&c.column.bins))
        .collect()
}

#[test]
fn a_mix_is_fitted_to_the_section_it_plays_early_and_late() {
    if parts::left_to_the_whole_run("a_mix_is_fitted_to_the_section_it_plays_early_and_late") {
        return;
    }
    let (reference, _) = analysed(&demo::render(DemoVersion::Reference));
    let (_, mix) = analysed(&demo::render(DemoVersion::Mix));
    // Twelve seconds within each section, heard alone and after all before.
    let cases = [(9.0, 'B'), (27.0, 'C'), (45.0, 'B'), (62.0, 'C')];
    for (from_secs, letter) in cases {
        for heard_from_secs in [from_secs, 0.0] {
            let bands = heard(&mix, heard_from_secs, from_secs + 12.0);
            let heard = Heard::of(&bands, HOP_SECS).expect("it sounds");
            let fits = fits(&reference, &heard);
            let best = &reference[fits[0].section];
            let other = fits
                .iter()
                .find(|fit| reference[fit.section].letter != best.letter)
                .expect("there are others");
            eprintln!(
                "{from_secs} s, heard {:.0} s: {} {:.2} dB, then {} {:.2} dB",
                heard.secs,
                best.name,
                fits[0].distance_db,
                reference[other.section].name,
                other.distance_db
            );
            assert_eq!(best.letter, letter, "at {from_secs} s");
        }
    }
}

#[test]
fn a_mix_that_does_not_sound_fits_nothing() {
    let (_, silent) = analysed(&vec![0.0; 30 * 2 * RATE_HZ as usize]);
    assert!(Heard::of(&heard(&silent, 0.0, 30.0), HOP_SECS).is_none());
    assert!(Heard::of(&[], HOP_SECS).is_none());
}
