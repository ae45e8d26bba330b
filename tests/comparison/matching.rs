//! What the loudness match is made of, the trim, and the band of all references, in the scene that is drawn.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::music::files::write_wav;
use crate::support::parts;
use abscope::app::render_command::still_scene;
use abscope::audio::demo::{self, DemoSong, DemoVersion};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::compare::alignment::AlignmentResult;
use abscope::compare::tracker::Tracking;
use abscope::dsp::grid::bin_from_hz;
use abscope::session::Session;
use abscope::session::action::Mark;
use abscope::session::format::moment::KeptBeside;
use abscope::session::pairing::basis::{BandOf, MatchBasis};
use abscope::session::references::Reference;
use abscope::session::sides::beside::CompanionFrame;
use abscope::session::sides::region::Region;
use abscope::session::sides::still::StillSide;
use abscope::session::sides::stretches::{Stretch, Stretches};
use abscope::session::snapshots::SideData;
use abscope::view::looks::Smoothing;
use abscope::view::mark::measured;
use abscope::view::palette::Side;
use abscope::view::scene::{Alignment, Looks, LoudnessSample, Scene, SideState};
use abscope::view::stamp::alignment_words;

const RATE_HZ: u32 = demo::SAMPLE_RATE_HZ;
const MIX_SECS: f64 = 30.0;
const DEADLINE: Duration = Duration::from_secs(60);

fn count(secs: f64) -> usize {
    2 * (secs * f64::from(RATE_HZ)) as usize
}

/// The first seconds of the demo's reference, interleaved.
fn song() -> Vec<f32> {
    let mut samples = vec![0.0; count(MIX_SECS)];
    DemoSong::new(DemoVersion::Reference).read(&mut samples);
    samples
}

/// A mix that is the song itself, and falls by 12 dB after half of it.
fn falling_mix() -> StillSide {
    let format = StreamFormat {
        sample_rate_hz: RATE_HZ,
        layout: ChannelLayout::Stereo,
    };
    let mut samples = song();
    for sample in &mut samples[count(MIX_SECS / 2.0)..] {
        *sample *= 10f32.powf(-12.0 / 20.0);
    }
    let mut mix = StillSide::new("Mix".to_owned(), format);
    mix.feed(&samples);
    mix.settle();
    mix
}

fn write_song(folder: &Path, name: &str, gain_db: f32) -> PathBuf {
    let gain = 10f32.powf(gain_db / 20.0);
    let samples: Vec<f32> = song().iter().map(|x| gain * x).collect();
    let path = folder.join(name);
    write_wav(&path, RATE_HZ, &samples);
    path
}

fn add(session: &mut Session, path: &Path) {
    let mut reference = Reference::from_file(path);
    reference.wait();
    session
        .pair
        .references
        .add(reference)
        .expect("there is room");
}

fn drawn(session: &mut Session, looks: &Looks) -> Scene {
    session.pair.settle();
    still_scene(session, looks, [1280, 720], "")
}

fn gain_db(session: &mut Session, match_basis: MatchBasis) -> (f64, &'static str) {
    let looks = Looks {
        match_basis,
        ..Looks::default()
    };
    let scene = drawn(session, &looks);
    (scene.match_gain_db.expect("both sound"), scene.match_of)
}

#[test]
fn the_match_is_made_of_what_was_chosen_and_the_trim_comes_on_top() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write_song(folder.path(), "song.wav", 0.0);
    let mut session = Session::default();
    session.pair.mix = falling_mix().into();
    add(&mut session, &path);
    let scene = drawn(&mut session, &Looks::default());
    assert!(
        matches!(scene.alignment, Alignment::Locked { .. }),
        "{:?}",
        scene.alignment
    );

    let (now, of) = gain_db(&mut session, MatchBasis::ShortTerm);
    assert!((now + 12.0).abs() < 0.3 && of == "short-term", "{now} {of}");
    let (seconds, of) = gain_db(&mut session, MatchBasis::Integrated);
    assert!(
        (-11.0..-0.5).contains(&seconds) && of == "same seconds",
        "{seconds} {of}"
    );
    let (whole, of) = gain_db(&mut session, MatchBasis::Region);
    assert_eq!(of, "region");
    // The loud second half of the song as the region: the mix is quieter against it than against all of it.
    session.pair.references.set_region(Some([20.0, 30.0]));
    let (region, _) = gain_db(&mut session, MatchBasis::Region);
    let data = |session: &Session| {
        let data = session.pair.references.active().expect("open").data();
        data.loudness_of_part().0.expect("it sounds")
    };
    let mix = session
        .pair
        .mix
        .history()
        .and_then(|mix| mix.meters.loudness.integrated_lufs);
    let expected = mix.expect("it sounds") - data(&session);
    assert!((region - expected).abs() < 1e-6, "{region} not {expected}");
    assert!(
        (region - whole).abs() > 0.1,
        "the region is not as loud as the whole"
    );

    session.pair.references.set_trim_db(2.0);
    let scene = drawn(&mut session, &Looks::default());
    let gain = scene.match_gain_db.expect("both sound");
    assert!((scene.reference_gain_db() - gain - 2.0).abs() < 1e-9);
    let off = Looks {
        loudness_match: false,
        ..Looks::default()
    };
    assert!((drawn(&mut session, &off).reference_gain_db() - 2.0).abs() < 1e-9);
}

#[test]
fn the_same_seconds_are_those_of_the_mix_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write_song(folder.path(), "song.wav", -6.0);
    let mut session = Session::default();
    let format = StreamFormat {
        sample_rate_hz: RATE_HZ,
        layout: ChannelLayout::Stereo,
    };
    // Ten seconds of something much louder come before the song: it begins at reference time 0, mix time 10.
    let mut mix = StillSide::new("Mix".to_owned(), format);
    let loud: Vec<f32> = song()[..count(10.0)]
        .iter()
        .rev()
        .map(|x| 3.0 * x)
        .collect();
    mix.feed(&loud);
    mix.feed(&song());
    mix.settle();
    session.pair.mix = mix.into();
    add(&mut session, &path);
    let (gain, of) = gain_db(&mut session, MatchBasis::Integrated);
    assert_eq!(of, "same seconds");
    assert!((gain - 6.0).abs() < 0.15, "{gain}");
    let kept = KeptBeside::of(&session.pair.beside).frame(&SideData::default());
    assert_eq!(kept.matched_lufs, session.pair.beside.matched_lufs);
    assert_eq!(kept.stretches.all(), session.pair.beside.stretches.all());
}

/// A mix of thirty seconds beside its reference, that went back by ten seconds at 20.
fn jumped(path: &Path) -> Session {
    let mut session = Session::default();
    session.pair.mix = falling_mix().into();
    add(&mut session, path);
    let stretch = |from_secs, to_secs, offset_secs| Stretch {
        from_secs,
        to_secs,
        offset_secs,
    };
    session.pair.beside = CompanionFrame {
        tracking: Some(Tracking::Locked(AlignmentResult::at(-10.0, 0.9))),
        offset_secs: -10.0,
        stretches: Stretches::of(vec![stretch(5.0, 19.0, 0.0), stretch(20.0, 29.0, -10.0)]),
        ..CompanionFrame::default()
    };
    session
}

#[test]
fn before_a_jump_the_reference_is_shown_where_it_lay_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write_song(folder.path(), "song.wav", 0.0);
    let mut session = jumped(&path);
    let looks = Looks::default();
    let scene = still_scene(&session, &looks, [1280, 720], "");
    let side = scene.side(Side::Reference);
    let times = [2.0, 10.0, 19.9, 20.1, 28.0].map(|secs| side.reference_secs(secs));
    let expected = [None, Some(10.0), Some(19.9), Some(10.1), Some(18.0)];
    for (time, expected) in times.iter().zip(expected) {
        assert_eq!(time.is_some(), expected.is_some(), "{times:?}");
        let apart = time.unwrap_or(0.0) - expected.unwrap_or(0.0);
        assert!(apart.abs() < 1e-6, "{times:?}");
    }
    let data = session.pair.references.active().expect("open").data();
    for (mix_secs, secs) in [(12.0, 12.0), (25.0, 15.0)] {
        let fraction = (mix_secs - MIX_SECS + looks.span_secs) / looks.span_secs;
        let drawn = side
            .loudness
            .iter()
            .min_by(|a, b| {
                let apart = |sample: &LoudnessSample| (f64::from(sample.fraction) - fraction).abs();
                apart(a).total_cmp(&apart(b))
            })
            .expect("it is drawn");
        let point = data.loudness.at(secs + 1e-3).expect("it sounds");
        assert_eq!(drawn.short_term_lufs, point.short_term_lufs, "{mix_secs}");
    }
    let before = side.loudness.iter().filter(|sample| {
        f64::from(sample.fraction) * looks.span_secs < looks.span_secs - MIX_SECS + 4.9
    });
    assert_eq!(before.count(), 0, "nothing of the song was heard there");
    drop(data);

    session.pair.beside.tracking = session.pair.beside.tracking.map(|tracking| match tracking {
        Tracking::Locked(found) => Tracking::Doubtful(found),
        other => other,
    });
    let scene = still_scene(&session, &looks, [1280, 720], "");
    let in_doubt = matches!(scene.alignment, Alignment::Locked { in_doubt: true, .. });
    assert!(in_doubt, "{:?}", scene.alignment);
    assert_eq!(alignment_words(&scene), "song 0:20, place in doubt");
}

#[test]
fn references_that_differ_only_in_loudness_have_together_the_band_of_one() {
    if parts::left_to_the_whole_run(
        "references_that_differ_only_in_loudness_have_together_the_band_of_one",
    ) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut session = Session::default();
    session.pair.mix = falling_mix().into();
    for (name, gain_db) in [("a.wav", 0.0), ("b.wav", -10.0), ("c.wav", -5.0)] {
        add(&mut session, &write_song(folder.path(), name, gain_db));
    }
    let looks = |band_of| Looks {
        band_of,
        ..Looks::default()
    };
    session.pair.settle();
    // Of the same song the band is of the same seconds; this is about all of it.
    session.pair.beside.tracking = Some(Tracking::NotTheSameSong);
    let drawn = |band_of| still_scene(&session, &looks(band_of), [1280, 720], "");
    let (alone, all) = (drawn(BandOf::Active), drawn(BandOf::All));
    let [alone, all] = [&alone, &all].map(|scene| &scene.side(Side::Reference).spectrum);
    assert_ne!(
        alone.p10_db, all.p10_db,
        "a band of twenty levels is not quite that of all"
    );
    for hz in [60.0, 250.0, 1000.0, 6000.0] {
        let bin = bin_from_hz(hz).round() as usize;
        for (alone, all) in [(&alone.p10_db, &all.p10_db), (&alone.p90_db, &all.p90_db)] {
            let apart = all[bin] - alone[bin];
            assert!(apart.abs() < 0.5, "{hz} Hz: {apart} dB");
        }
    }
}

#[test]
fn a_target_is_drawn_without_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let track = write_song(folder.path(), "song.wav", 0.0);
    let path = folder.path().join("target.json");
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_abscope"))
        .arg("target")
        .arg(&track)
        .arg("-o")
        .arg(&path)
        .output()
        .expect("the program runs");
    assert!(made.status.success());
    let mut session = Session::default();
    session.pair.mix = falling_mix().into();
    add(&mut session, &path);
    let scene = drawn(&mut session, &Looks::default());
    let side = scene.side(Side::Reference);
    assert_eq!(side.state, SideState::Timeless);
    assert_eq!(side.detail, "target of 1 track");
    assert!(side.loudness.is_empty() && side.spectrum.live_db.is_empty());
    assert!(side.spectrum.p90_db.iter().any(|level| level.is_finite()));
    assert!(
        side.figures.integrated_lufs.is_some() && side.figures.bands[2].side_to_mid_db.is_some()
    );
    assert!(scene.match_gain_db.is_some());
}

#[test]
fn a_section_of_the_mix_is_held_against_all_of_the_region_wherever_that_lies() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("record.wav");
    let tone = |n: usize, hz: f64| {
        let phase = std::f64::consts::TAU * hz * (n / 2) as f64 / f64::from(RATE_HZ);
        0.2 * phase.sin() as f32
    };
    // A bass before the region, and a middle within it.
    let samples: Vec<f32> = (0..count(20.0))
        .map(|n| tone(n, if n < count(10.0) { 100.0 } else { 1000.0 }))
        .collect();
    write_wav(&path, RATE_HZ, &samples);
    let mut session = Session::default();
    session.pair.mix = falling_mix().into();
    let mut reference = Reference::from_file(&path);
    reference.wait();
    reference.set_region(Some([10.0, 20.0]));
    // It is measured beside the window.
    let asked = Instant::now();
    while reference.data().curves().is_none() {
        assert!(asked.elapsed() < DEADLINE, "the region is not measured");
        std::thread::sleep(Duration::from_millis(5));
    }
    let added = session.pair.references.add(reference);
    added.expect("there is room");
    // It lies as it was followed before the region was chosen: the bass beside the mark.
    let beside = CompanionFrame {
        tracking: Some(Tracking::NotTheSameSong),
        followed: Some(Region {
            start_secs: 0.0,
            length_secs: 10.0,
        }),
        followed_past: Stretches::of(vec![Stretch {
            from_secs: 0.0,
            to_secs: MIX_SECS,
            offset_secs: 0.0,
        }]),
        ..CompanionFrame::default()
    };
    let mark = Mark {
        from_secs: 1.0,
        to_secs: 7.0,
        hz: None,
    };
    let scene = measured(&session, &beside, mark, Smoothing::Third);
    let at = |hz: f64| scene.spectra[1].mean_db[bin_from_hz(hz).round() as usize];
    assert!(
        at(1000.0) > at(100.0) + 40.0,
        "{} dB at 100 Hz, {} at 1 kHz",
        at(100.0),
        at(1000.0)
    );
    let lufs = scene.loudness_lufs[1].expect("it sounds");
    assert!((-17.5..-13.0).contains(&lufs), "{lufs} LUFS");
}
