//! A snapshot that is saved and opened again draws what was drawn: every panel, in every mode, to the pixel.

use crate::support::parts;
use crate::support::wav::{sine, write_wav};
use abscope::app::headless::Headless;
use abscope::app::scopes::{ScopeTracks, TrackFeed};
use abscope::app::snapshots::{looks_of, settings_json};
use abscope::app::thumbnail::{THUMBNAIL_SIZE, thumbnail_png};
use abscope::audio::demo::{self, DemoSong, DemoVersion};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::cli::picture::write_png;
use abscope::session::Session;
use abscope::session::references::Reference;
use abscope::session::sides::still::StillSide;
use abscope::session::snapshots::keep::{Keeping, Visible, save};
use abscope::session::snapshots::{Snapshot, shelf};
use abscope::view::axis::FrequencyAxis;
use abscope::view::build::{Moment, PictureRequest, scene};
use abscope::view::layout::CompareMode;
use abscope::view::scene::{Alignment, Looks, Scene, SideScene};

const SIZE: [u32; 2] = [1280, 720];
/// The tolerance of the golden images: pixels that may differ at all, and steps by which others may.
const MOST_PIXELS_OFF: usize = 10;
const MOST_STEPS_OFF: u8 = 1;

const MODES: [CompareMode; 5] = [
    CompareMode::SideBySide,
    CompareMode::Overlay,
    CompareMode::Difference,
    CompareMode::MixOnly,
    CompareMode::ReferenceOnly,
];

/// The demo's mix up to a time, beside a reference.
fn session(secs: f64, mut reference: Reference) -> Session {
    reference.wait();
    let mut session = Session::default();
    session
        .pair
        .references
        .add(reference)
        .expect("there is room");
    let format = StreamFormat {
        sample_rate_hz: demo::SAMPLE_RATE_HZ,
        layout: ChannelLayout::Stereo,
    };
    let mut mix = StillSide::new(demo::TITLE.to_owned(), format);
    let mut song = DemoSong::new(DemoVersion::Mix);
    let mut chunk = vec![0.0; 2 * 4_800];
    for _ in 0..(secs * 10.0) as usize {
        song.read(&mut chunk);
        mix.feed(&chunk);
    }
    mix.settle();
    session.pair.mix = mix.into();
    session.pair.settle();
    session
}

fn scene_of(session: &Session, looks: &Looks, frequency: FrequencyAxis, edge_secs: f64) -> Scene {
    let moment = Moment::now(session);
    let request = PictureRequest {
        size: SIZE,
        right_edge_secs: edge_secs,
        frequency,
        ..PictureRequest::default()
    };
    scene(session, moment, looks, request)
}

fn keep(session: &Session, looks: &Looks, frequency: FrequencyAxis, edge_secs: f64) -> Snapshot {
    let scene = scene_of(session, looks, frequency, edge_secs);
    let visible = Visible {
        right_edge_secs: edge_secs,
        span_secs: looks.span_secs,
        tiers: [scene.sides[0].clock.tier, scene.sides[1].clock.tier],
        finest_tier: 0,
        match_gain_db: scene.match_gain_db,
        settings: settings_json(looks, frequency),
    };
    let mix = session.pair.mix.history().map(|mix| &mix.meters);
    let keeping = Keeping::begin(&session.pair, mix, &session.pair.beside, visible);
    keeping.expect("there is a mix").finish(&session.pair)
}

fn draw(headless: &mut Headless, session: &Session, scene: &Scene) -> Vec<u8> {
    let moment = Moment::now(session);
    let feeds = ScopeTracks::default().advance(moment);
    headless
        .picture(
            &session.pair.histories(),
            scene,
            feeds.each_ref().map(TrackFeed::feed),
        )
        .expect("the software GPU draws")
}

/// Everything below the top bar, in which the reopened one says that it is a snapshot.
fn assert_same_panels(before: &[u8], after: &[u8], scene: &Scene, what: &str) {
    let from = scene.layout.top_bar.bottom() as usize * SIZE[0] as usize * 4;
    let pairs = before[from..]
        .chunks_exact(4)
        .zip(after[from..].chunks_exact(4));
    let off = pairs.filter(|(a, b)| {
        let steps = a.iter().zip(*b).map(|(a, b)| a.abs_diff(*b)).max();
        steps > Some(MOST_STEPS_OFF)
    });
    let count = off.count();
    if count > MOST_PIXELS_OFF {
        for (name, pixels) in [("before", before), ("after", after)] {
            let path = format!("target/reopened-{name}.png");
            write_png(std::path::Path::new(&path), SIZE, pixels).expect("target is writable");
        }
        panic!("{what}: {count} pixels are off, see target/reopened-before.png and -after.png");
    }
}

fn assert_same_numbers(before: &SideScene, after: &SideScene, what: &str) {
    assert_eq!(before.figures, after.figures, "{what}");
    assert_eq!(before.spectrum, after.spectrum, "{what}");
    assert_eq!(before.loudness, after.loudness, "{what}");
    assert_eq!(before.clock.tier, after.clock.tier, "{what}");
    assert_eq!(before.clock.offset_secs, after.clock.offset_secs, "{what}");
}

/// Keeps, saves, opens and draws again. One headless for both: so what was uploaded of one is not drawn of the other.
fn check(session: &Session, looks: &Looks, frequency: FrequencyAxis, edge_secs: f64, what: &str) {
    let mut headless = Headless::new().expect("there is a software GPU");
    let before = scene_of(session, looks, frequency, edge_secs);
    let drawn_before = draw(&mut headless, session, &before);
    let kept = keep(session, looks, frequency, edge_secs);
    let bytes = kept.encode().expect("it keeps the rules");
    let back = Snapshot::decode(&bytes).expect("it was just written");
    assert_eq!(back.encode().expect("it keeps the rules"), bytes, "{what}");

    let mut reopened = Session::default();
    reopened.pair.reopen(&back);
    let (looks_again, frequency_again) = looks_of(
        &back,
        &Looks {
            // Of whoever looks, not of the picture.
            light: looks.light,
            high_contrast: looks.high_contrast,
            font_scale: looks.font_scale,
            ..Looks::default()
        },
    );
    assert_eq!(
        (&looks_again, frequency_again),
        (looks, frequency),
        "{what}"
    );
    let after = scene_of(&reopened, &looks_again, frequency_again, back.edge_secs());
    for (before, after) in before.sides.iter().zip(&after.sides) {
        assert_same_numbers(before, after, what);
    }
    assert_eq!(before.match_gain_db, after.match_gain_db, "{what}");
    assert_eq!(before.alignment, after.alignment, "{what}");
    assert_eq!(before.trim_db, after.trim_db, "{what}");
    let drawn_after = draw(&mut headless, &reopened, &after);
    assert_same_panels(&drawn_before, &drawn_after, &before, what);
}

#[test]
fn every_panel_in_every_mode_is_drawn_again_as_it_was() {
    if parts::left_to_the_whole_run("every_panel_in_every_mode_is_drawn_again_as_it_was") {
        return;
    }
    let session = session(40.0, Reference::demo());
    let is_locked = matches!(
        scene_of(&session, &Looks::default(), FrequencyAxis::default(), 40.0).alignment,
        Alignment::Locked { .. }
    );
    assert!(is_locked, "the demo's reference is the same song");
    for mode in MODES {
        let looks = Looks {
            mode,
            ..Looks::default()
        };
        let what = format!("{mode:?}");
        check(&session, &looks, FrequencyAxis::default(), 39.978, &what);
    }
}

#[test]
fn zoomed_and_scrolled_back_pictures_come_back_and_so_do_references_that_repeat() {
    if parts::left_to_the_whole_run(
        "zoomed_and_scrolled_back_pictures_come_back_and_so_do_references_that_repeat",
    ) {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("loop.wav");
    let note = |t: f64| sine(110.0 * (1.0 + (t * 2.0).floor()), -20.0, t);
    write_wav(&path, 44_100, 2, 7.3, |_, t| note(t));
    let session = session(30.0, Reference::from_file(&path));
    let active = session.pair.references.active().expect("it was added");
    active.set_trim_db(1.5);
    active.set_region(Some([1.0, 6.0]));
    while active.data().part().is_none() {
        // It is measured on a thread; what never ends here ends with the test's own time.
        std::thread::yield_now();
    }
    for (span_secs, edge_secs, mode) in [
        (4.0, 12.0, CompareMode::SideBySide),
        (20.0, 29.978, CompareMode::SideBySide),
        (12.0, 25.0, CompareMode::Difference),
        (90.0, 29.978, CompareMode::SideBySide),
    ] {
        let looks = Looks {
            mode,
            span_secs,
            light: true,
            loudness_match: false,
            ..Looks::default()
        };
        let frequency = FrequencyAxis::from_hz(60.0, 8_000.0);
        let what = format!("{span_secs} s to {edge_secs}, {mode:?}");
        check(&session, &looks, frequency, edge_secs, &what);
    }
}

#[test]
fn a_snapshot_without_reference_comes_back_without_one() {
    let mut other = session(6.0, Reference::demo());
    let mut alone = Session::default();
    alone.pair.mix = std::mem::take(&mut other.pair.mix);
    let kept = keep(&alone, &Looks::default(), FrequencyAxis::default(), 6.0);
    assert!(kept.reference.is_none());
    other.pair.reopen(&kept);
    assert!(other.pair.references.active().is_none(), "it had none");
    assert!(other.pair.back_to_live());
    assert!(other.pair.references.active().is_some(), "it is back");
    assert!(!other.pair.back_to_live());
}

#[test]
fn a_recalled_snapshot_is_compared_with_what_is_open_and_with_another_one() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut session = session(24.0, Reference::demo());
    let mix = session.pair.mix.history().expect("it was fed");
    let mut recent = abscope::analysis::tap::Recent::default();
    mix.tap().copy(usize::MAX, &mut recent);
    let mut kept = keep(&session, &Looks::default(), FrequencyAxis::default(), 24.0);
    kept.sound = abscope::session::snapshots::keep::sound(&recent, 24.0, 20.0);
    kept.thumbnail_png = thumbnail_png(&kept, &Looks::default());
    let path = save(&mut kept, folder.path()).expect("the folder is writable");
    assert_eq!(kept.facts.name, format!("{} 1", demo::TITLE));
    assert_eq!(shelf::find(folder.path(), ""), Ok(path.clone()));

    // As B beside the mix it was taken of: the same song, found where it is, and no difference in loudness.
    let mut as_reference = Reference::from_file(&path);
    as_reference.wait();
    assert_eq!(as_reference.data().failure, None);
    session
        .pair
        .references
        .add(as_reference)
        .expect("there is room");
    session.pair.settle_anew();
    let scene = scene_of(&session, &Looks::default(), FrequencyAxis::default(), 24.0);
    let Alignment::Locked { offset_secs, .. } = scene.alignment else {
        panic!("{:?}", scene.alignment);
    };
    assert!((offset_secs + 4.0).abs() < 0.01, "{offset_secs}");
    let gain = scene.match_gain_db.expect("both are heard");
    // The mix was measured over 24 s, the snapshot beside it over its 20.
    assert!(gain.abs() < 1.5, "{gain}");

    // As A beside itself as B: two snapshots against each other.
    let mut two = Session::default();
    two.pair
        .recall_mix(&Snapshot::read(&path).expect("it was just written"));
    let mut as_reference = Reference::from_file(&path);
    as_reference.wait();
    two.pair
        .references
        .add(as_reference)
        .expect("there is room");
    two.pair.settle_anew();
    // Its 20 s of sound run in a loop, so what is seen lies within them.
    let looks = Looks {
        mode: CompareMode::Difference,
        span_secs: 16.0,
        ..Looks::default()
    };
    let scene = scene_of(&two, &looks, FrequencyAxis::default(), 23.0);
    let shown = |side: &SideScene| {
        side.spectrum
            .mean_db
            .iter()
            .filter(|l| l.is_finite())
            .count()
    };
    assert!(scene.sides.iter().all(|side| shown(side) > 500));
    assert!(matches!(scene.alignment, Alignment::Locked { .. }));
    let drawn = draw(&mut Headless::new().expect("a GPU"), &two, &scene);
    let plot = scene.layout.panes[0].plot;
    let is_hued = |at: usize| drawn[at].abs_diff(drawn[at + 2]) > 60;
    let rows = plot.y as usize..plot.bottom() as usize;
    let hued = rows
        .flat_map(|y| (plot.x as usize..plot.right() as usize).map(move |x| 4 * (y * 1280 + x)))
        .filter(|at| is_hued(*at))
        .count();
    let share = hued as f64 / f64::from(plot.w * plot.h);
    assert!(
        share < 0.02,
        "it differs from itself in {share:.3} of the picture"
    );
}

#[test]
fn a_snapshot_without_sound_can_still_be_recalled_as_a_reference() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let session = session(12.0, Reference::demo());
    let mut kept = keep(&session, &Looks::default(), FrequencyAxis::default(), 12.0);
    let path = save(&mut kept, folder.path()).expect("the folder is writable");
    let mut reference = Reference::from_file(&path);
    reference.wait();
    let data = reference.data();
    assert_eq!(data.failure, None);
    assert!(
        (data.duration_secs() - 12.0).abs() < 0.5,
        "{}",
        data.duration_secs()
    );
    let whole = &data
        .programme
        .as_ref()
        .expect("its figures are there")
        .summary
        .loudness;
    let mix = session.pair.mix.history().expect("it was fed");
    assert_eq!(whole.integrated_lufs, mix.meters.loudness.integrated_lufs);
    for index in [10, 500, 1_000] {
        let of_mix = mix.columns.get(0, index).expect("it was finished");
        assert_eq!(data.column(0, index), Some(of_mix));
    }
}

#[test]
fn the_thumbnail_shows_both_sides() {
    let session = session(12.0, Reference::demo());
    let kept = keep(&session, &Looks::default(), FrequencyAxis::default(), 12.0);
    let png = thumbnail_png(&kept, &Looks::default()).expect("it can be packed");
    let decoder = png::Decoder::new(std::io::Cursor::new(png));
    let mut reader = decoder.read_info().expect("it is a PNG");
    let mut rgb = vec![0; reader.output_buffer_size().expect("it has a size")];
    reader.next_frame(&mut rgb).expect("it is whole");
    let [width, height] = THUMBNAIL_SIZE;
    let bright = |rows: std::ops::Range<usize>| {
        let pixels = rgb[rows.start * width * 3..rows.end * width * 3].chunks_exact(3);
        pixels
            .filter(|p| p.iter().map(|c| u32::from(*c)).sum::<u32>() > 250)
            .count()
    };
    assert!(bright(0..height / 2 - 4) > 500);
    assert!(bright(height / 2 + 4..height) > 500);
}
