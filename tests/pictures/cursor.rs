//! The crosshair reads what was put in, and freezing leaves no gap behind it.

use crate::support::wav::{sine, write_wav};
use abscope::analysis::analyzer::Analyzer;
use abscope::app::render_command::still_scene;
use abscope::app::view_state::ViewState;
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::compare::alignment::AlignmentResult;
use abscope::compare::tracker::Tracking;
use abscope::session::Session;
use abscope::session::action::{Action, CursorPlace, Mark, ViewAction};
use abscope::session::references::Reference;
use abscope::session::settings::arrangement::Panel;
use abscope::session::sides::beside::CompanionFrame;
use abscope::session::sides::still::StillSide;
use abscope::units::note::nearest_note;
use abscope::view::build::Moment;
use abscope::view::cursor::{CursorLoudness, CursorPanel, CursorScene, Pointer, cursor};
use abscope::view::layout::CompareMode;
use abscope::view::looks::Smoothing;
use abscope::view::mark::{MarkState, measured};
use abscope::view::palette::Side;
use abscope::view::rect::Rect;
use abscope::view::scene::{Looks, Scene};

const RATE_HZ: u32 = 48_000;
const SIZE: [u32; 2] = [1280, 720];

fn stereo(rate_hz: u32) -> StreamFormat {
    StreamFormat {
        sample_rate_hz: rate_hz,
        layout: ChannelLayout::Stereo,
    }
}

/// Interleaved frames of a stretch of a signal, the same in both channels.
fn frames(from_secs: f64, to_secs: f64, value: impl Fn(f64) -> f64) -> Vec<f32> {
    let at = |secs: f64| (secs * f64::from(RATE_HZ)).round() as u64;
    (at(from_secs)..at(to_secs))
        .flat_map(|frame| [value(frame as f64 / f64::from(RATE_HZ)) as f32; 2])
        .collect()
}

/// Twelve seconds of 1 kHz, at −20 dB in the mix and at −26 dB in the reference.
fn two_sines() -> Session {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("reference.wav");
    write_wav(&path, RATE_HZ, 2, 12.0, |_, secs| sine(1000.0, -26.0, secs));
    let mut mix = StillSide::new("sine".to_owned(), stereo(RATE_HZ));
    mix.feed(&frames(0.0, 12.0, |secs| sine(1000.0, -20.0, secs)));
    mix.settle();
    let mut session = Session::default();
    session.pair.mix = mix.into();
    let mut reference = Reference::from_file(&path);
    reference.wait();
    session
        .pair
        .references
        .add(reference)
        .expect("there is room");
    session.pair.settle();
    // Nothing in a sine tells where it lies; here it is known.
    session.pair.beside.tracking = Some(Tracking::Locked(AlignmentResult::at(0.0, 1.0)));
    session
}

fn looks(mode: CompareMode, loudness_match: bool) -> Looks {
    Looks {
        mode,
        loudness_match,
        ..Looks::default()
    }
}

fn pointed(session: &Session, scene: &Scene, pointer: Pointer) -> CursorScene {
    cursor(session, scene, pointer).expect("it points at something")
}

fn reads(value: Option<f64>, expected: f64) {
    let value = value.expect("there is a value");
    assert!((value - expected).abs() < 0.1, "{value}, not {expected}");
}

/// What words ask of the view.
fn asked_of_the_view(words: &str) -> ViewAction {
    match Action::from_words(words) {
        Ok(Action::View(action)) => action,
        other => panic!("{words}: {other:?}"),
    }
}

#[test]
fn a_sine_reads_its_level_on_both_sides_and_their_difference() {
    let session = two_sines();
    let place = CursorPlace {
        hz: 1000.0,
        secs: 6.0,
    };
    for mode in [
        CompareMode::SideBySide,
        CompareMode::Overlay,
        CompareMode::MixOnly,
    ] {
        let scene = still_scene(&session, &looks(mode, false), SIZE, "");
        let read = pointed(&session, &scene, Pointer::Place(place));
        reads(read.levels_db[0], -20.0);
        reads(read.levels_db[1], -26.0);
        reads(read.difference_db(), 6.0);
        let band = read.band_db.expect("the reference is read");
        assert!(band.iter().all(|db| (db + 26.0).abs() < 0.4), "{band:?}");
        let (note, cents) = nearest_note(read.hz.expect("a frequency"));
        assert_eq!((note.as_str(), cents.round()), ("B5", 21.0));
        // Matched, the reference is as loud as the mix, and the readout says what the panel shows.
        let scene = still_scene(&session, &looks(mode, true), SIZE, "");
        let read = pointed(&session, &scene, Pointer::Place(place));
        reads(read.levels_db[1], -20.0);
        reads(read.difference_db(), 0.0);
    }
}

#[test]
fn the_difference_reads_what_its_map_shows() {
    let session = two_sines();
    let scene = still_scene(&session, &looks(CompareMode::Difference, false), SIZE, "");
    let place = CursorPlace {
        hz: 1000.0,
        secs: -6.0,
    };
    let read = pointed(&session, &scene, Pointer::Place(place));
    assert_eq!(read.mix_secs, Some(6.0));
    reads(read.difference_db(), 6.0);
}

#[test]
fn the_mouse_reads_the_same_place_as_words() {
    let session = two_sines();
    let scene = still_scene(&session, &looks(CompareMode::SideBySide, false), SIZE, "");
    for (index, pane) in scene.layout.panes.iter().enumerate() {
        let plot = pane.plot;
        let up = scene.frequency.fraction_from_hz(1000.0) as f32;
        let across = 1.0 - 6.0 / scene.looks.span_secs as f32;
        let at = [plot.x + across * plot.w, plot.bottom() - up * plot.h];
        let read = pointed(&session, &scene, Pointer::Pixel(at));
        assert_eq!(read.panel, CursorPanel::Pane(index));
        assert!((read.hz.expect("a frequency") - 1000.0).abs() < 1.0);
        assert!((read.mix_secs.expect("a time") - 6.0).abs() < 0.01);
        reads(read.levels_db[0], -20.0);
        reads(read.levels_db[1], -26.0);
    }
}

#[test]
fn the_loudness_panel_reads_momentary_and_short_term_of_both_sides() {
    let session = two_sines();
    let scene = still_scene(&session, &looks(CompareMode::SideBySide, false), SIZE, "");
    let plot: Rect = scene.layout.place(Panel::Loudness).expect("it is shown");
    let at = [plot.right() - 2.0, plot.y + 5.0];
    let read = pointed(&session, &scene, Pointer::Pixel(at));
    assert_eq!(
        (read.panel, read.hz),
        (CursorPanel::Plot(Panel::Loudness), None)
    );
    // 1 kHz in both channels at −20 dBFS is −20 + 3.01 − 3.01 + 0.06 LUFS or so.
    let truth = session.pair.mix.history().expect("a mix").meters.loudness;
    let truth = truth.short_term_lufs.expect("it sounds");
    reads(read.loudness[0].short_term_lufs, truth);
    reads(read.loudness[0].momentary_lufs, truth);
    reads(read.loudness[1].short_term_lufs, truth - 6.0);
    reads(read.loudness[1].momentary_lufs, truth - 6.0);
}

#[test]
fn nothing_is_read_where_nothing_was_heard() {
    let session = two_sines();
    let looks = Looks {
        span_secs: 40.0,
        ..looks(CompareMode::SideBySide, true)
    };
    let scene = still_scene(&session, &looks, SIZE, "");
    let place = CursorPlace {
        hz: 1000.0,
        secs: -20.0,
    };
    let read = pointed(&session, &scene, Pointer::Place(place));
    assert_eq!(read.levels_db, [None, None]);
    assert_eq!(read.loudness, [CursorLoudness::default(); 2]);
    for outside in [[0.0, 0.0], [5000.0, 10.0]] {
        assert_eq!(cursor(&session, &scene, Pointer::Pixel(outside)), None);
    }
    let empty = Session::default();
    let scene = still_scene(&empty, &looks, SIZE, "");
    let read = pointed(&empty, &scene, Pointer::Place(place));
    assert_eq!((read.levels_db, read.band_db), ([None, None], None));
}

#[test]
fn freezing_and_going_on_leaves_no_gap_in_columns_and_loudness() {
    let tone = |secs: f64| sine(1000.0, -20.0, secs);
    let mut mix = StillSide::new("sine".to_owned(), stereo(RATE_HZ));
    mix.feed(&frames(0.0, 4.0, tone));
    mix.settle();
    let mut session = Session::default();
    session.pair.mix = mix.into();
    let mut view = ViewState::default();
    view.apply(&ViewAction::ToggleFreeze, &mut session, 4.0);
    view.apply(&ViewAction::Scroll(0.5), &mut session, 4.0);
    // Measuring goes on behind the frozen picture.
    for second in 4..9 {
        let from = f64::from(second);
        let mix = session.pair.mix.still_mut().expect("a mix");
        mix.feed(&frames(from, from + 1.0, tone));
        mix.settle();
        assert!(view.frozen.is_some());
    }
    view.apply(&ViewAction::ToggleFreeze, &mut session, 9.0);
    assert!(view.frozen.is_none());
    let mix = session.pair.mix.history().expect("a mix");
    let kept = mix.columns.kept(0);
    assert_eq!(kept.start, 0);
    let newest = kept.end as f64 * mix.hop_secs();
    assert!(newest > 8.5, "columns end at {newest} s");
    assert!(
        kept.clone()
            .all(|index| mix.columns.get(0, index).is_some())
    );
    assert_eq!(mix.loudness.len(), 90);
    assert_eq!(
        Moment::now(&session).mix.map(|meters| meters.lost_frames),
        Some(0)
    );
    // The live picture shows a line without a break, also over the seconds of the freeze.
    let scene = still_scene(&session, &Looks::default(), SIZE, "");
    let line = &scene.side(Side::Mix).loudness;
    let heard = line.iter().filter(|point| point.momentary_lufs.is_finite());
    assert!(heard.count() >= 86, "a gap in {} points", line.len());
}

/// Steps of loudness and pitch, so that every stretch of it is different.
fn steps(secs: f64) -> f64 {
    let step = (secs / 2.0).floor();
    sine(200.0 * (1.0 + step % 5.0), -30.0 + 3.0 * (step % 6.0), secs)
}

#[test]
fn a_marked_stretch_is_as_loud_as_the_analysis_of_its_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("reference.wav");
    write_wav(&path, RATE_HZ, 2, 30.0, |_, secs| 0.5 * steps(secs + 4.0));
    let mut session = Session::default();
    let mut mix = StillSide::new("steps".to_owned(), stereo(RATE_HZ));
    mix.feed(&frames(0.0, 30.0, steps));
    mix.settle();
    session.pair.mix = mix.into();
    let mut reference = Reference::from_file(&path);
    reference.wait();
    session
        .pair
        .references
        .add(reference)
        .expect("there is room");
    for (from_secs, to_secs) in [(7.3, 19.8), (0.0, 30.0), (12.0, 12.9)] {
        let integrated = |value: &dyn Fn(f64) -> f64| {
            let mut analyzer = Analyzer::new(stereo(RATE_HZ));
            analyzer.process(&frames(from_secs, to_secs, value), &mut vec![]);
            let summary = analyzer.summary();
            summary.loudness.integrated_lufs.expect("it sounds")
        };
        let mark = Mark {
            from_secs,
            to_secs,
            hz: Some([300.0, 500.0]),
        };
        let read = measured(
            &session,
            &CompanionFrame::default(),
            mark,
            Smoothing::default(),
        );
        for (value, truth) in [
            (read.loudness_lufs[0], integrated(&steps)),
            (
                read.loudness_lufs[1],
                integrated(&|secs| 0.5 * steps(secs + 4.0)),
            ),
        ] {
            let value = value.expect("it sounds");
            // The cut's filters start from rest.
            assert!((value - truth).abs() < 0.05, "{value}, not {truth} LUFS");
        }
    }
    // Too short for a block of 400 ms, and where nothing was heard.
    for (from_secs, to_secs) in [(5.0, 5.3), (40.0, 50.0)] {
        let mark = Mark {
            from_secs,
            to_secs,
            hz: None,
        };
        assert_eq!(
            measured(
                &session,
                &CompanionFrame::default(),
                mark,
                Smoothing::default()
            )
            .loudness_lufs[0],
            None
        );
    }
}

#[test]
fn a_marked_stretch_shows_its_own_spectrum_and_the_difference_in_its_band() {
    let mut session = two_sines();
    let mut mark = MarkState::default();
    mark.set(Some(Mark {
        from_secs: 3.0,
        to_secs: 9.0,
        hz: Some([900.0, 1100.0]),
    }));
    mark.measure(
        &session,
        (&CompanionFrame::default(), f64::INFINITY),
        &Looks::default(),
    );
    let mut scene = still_scene(&session, &looks(CompareMode::SideBySide, false), SIZE, "");
    let before = scene.clone();
    mark.show(&mut scene);
    let shown = scene.mark.as_ref().expect("it is marked");
    reads(shown.band_difference_db, 6.0);
    let median = |scene: &Scene, side: Side| scene.side(side).spectrum.mean_db.clone();
    let bin = abscope::dsp::grid::bin_from_hz(1000.0).round() as usize;
    let [a, b] = Side::BOTH.map(|side| median(&scene, side)[bin]);
    assert!((a - b - 6.0).abs() < 0.1, "{a} and {b} dB");
    assert!(scene.side(Side::Mix).spectrum.live_db.is_empty());
    assert_ne!(scene, before);
    let outline = scene
        .mark_outline(scene.layout.panes[0].plot, true)
        .expect("it is visible");
    let plot = scene.layout.panes[0].plot;
    assert!((outline.w / plot.w - 0.3).abs() < 0.01);
    // What is marked by words is marked in mix time, and ends with Esc or a click.
    let mut view = ViewState::default();
    view.apply(&asked_of_the_view("mark -6 -2"), &mut session, 12.0);
    let marked = view.mark.mark().expect("it is marked");
    assert_eq!((marked.from_secs, marked.to_secs), (6.0, 10.0));
    view.apply(&ViewAction::Mark(None), &mut session, 12.0);
    assert_eq!(view.mark.mark(), None);
}

#[test]
fn the_loudness_panel_shows_the_difference_about_zero_and_the_axes_never_move() {
    let session = two_sines();
    for (is_matched, expected) in [(false, 6.0), (true, 0.0)] {
        let looks = looks(CompareMode::Difference, is_matched);
        let scene = still_scene(&session, &looks, SIZE, "");
        let shown = scene.loudness_difference();
        let last = shown.last().expect("it is heard");
        reads(Some(f64::from(last.short_term_lufs)), expected);
        reads(Some(f64::from(last.momentary_lufs)), expected);
        assert_eq!(scene.loudness_range(), [-12.0, 12.0]);
    }
    let scene = |mode| still_scene(&session, &looks(mode, true), SIZE, "");
    let usual = scene(CompareMode::SideBySide);
    for mode in [CompareMode::Overlay, CompareMode::Difference] {
        let other = scene(mode);
        for (a, b) in [
            (
                usual.layout.place(Panel::Spectrum),
                other.layout.place(Panel::Spectrum),
            ),
            (
                usual.layout.place(Panel::Loudness),
                other.layout.place(Panel::Loudness),
            ),
            (
                usual.layout.place(Panel::Width),
                other.layout.place(Panel::Width),
            ),
            (
                usual.layout.place(Panel::Table),
                other.layout.place(Panel::Table),
            ),
            (usual.levels, other.levels),
            (usual.scope_rect(Side::Mix), other.scope_rect(Side::Mix)),
        ] {
            assert!(a.is_some() && a == b, "{mode:?}: {a:?} and {b:?}");
        }
        let panes = |scene: &Scene| [scene.layout.panes[0].plot.x, scene.layout.panes[0].plot.w];
        assert_eq!(panes(&usual), panes(&other));
        // Both vectorscopes lie in the place of the first; the other one holds correlation per band.
        assert_eq!(
            other.scope_rect(Side::Reference),
            usual.scope_rect(Side::Mix)
        );
        assert_eq!(other.correlation_rect(), usual.scope_rect(Side::Reference));
    }
}

#[test]
fn smoothing_of_the_difference_takes_coarser_columns_and_more_bins() {
    let mut session = two_sines();
    let mut view = ViewState::default();
    for (amount, bins) in [(0, 0), (1, 1), (2, 3), (3, 7)] {
        let words = format!("difference-smoothing {amount}");
        view.apply(&asked_of_the_view(&words), &mut session, 12.0);
        view.looks.mode = CompareMode::Difference;
        // Few enough seconds for a pixel to be finer than a column.
        view.looks.span_secs = 4.0;
        let scene = still_scene(&session, &view.looks, SIZE, "");
        assert_eq!(scene.side(Side::Mix).clock.tier, amount);
        assert_eq!(scene.looks.smoothing_bins(), bins);
    }
}
