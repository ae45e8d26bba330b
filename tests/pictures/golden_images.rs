//! Golden images: small pictures of fixed moments, drawn by the software GPU and held against those in `tests/golden`.
//!
//! After a change of looks that is meant, `ABSCOPE_UPDATE_GOLDEN=1 cargo test --test pictures golden` writes them anew.
//! Pictures that differ are left in `target/golden-failures`, each with a map of what differs.

use std::path::{Path, PathBuf};

use abscope::analysis::song_clock::SongPlace;
use abscope::app::headless::Headless;
use abscope::app::scopes::{ScopeTracks, TrackFeed};
use abscope::audio::demo::{self, DemoSong, DemoVersion};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::session::Session;
use abscope::session::action::words::{parse_mark, parse_place};
use abscope::session::references::Reference;
use abscope::session::settings::arrangement::{Across, LayoutKind, Panel};
use abscope::session::sides::history::History;
use abscope::session::sides::still::StillSide;
use abscope::view::build::{Moment, PictureRequest, scene};
use abscope::view::colormap::LevelMap;
use abscope::view::cursor::{Pointer, cursor};
use abscope::view::layout::{CompareMode, PaneContent};
use abscope::view::looks::DifferenceOf;
use abscope::view::mark::MarkState;
use abscope::view::palette::Side;
use abscope::view::rect::Rect;
use abscope::view::scene::{Channel, Looks, Scene, Status};

use abscope_link::{Meter, Transport};

use crate::support::parts;

/// Pixels that may differ, and by how much all others may: the one tolerance of all pictures.
const MOST_PIXELS_OFF: usize = 10;
const MOST_STEPS_OFF: u8 = 1;

const MODES: [CompareMode; 5] = [
    CompareMode::SideBySide,
    CompareMode::Overlay,
    CompareMode::Difference,
    CompareMode::MixOnly,
    CompareMode::ReferenceOnly,
];

/// A picture, RGB.
struct Picture {
    size: [u32; 2],
    rgb: Vec<u8>,
}

impl Picture {
    fn pixels(&self, rect: Rect) -> impl Iterator<Item = [u8; 3]> + '_ {
        let xs = rect.x as usize..rect.right() as usize;
        let ys = rect.y as usize..rect.bottom() as usize;
        ys.flat_map(move |y| xs.clone().map(move |x| self.at(x, y)))
    }

    fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let at = 3 * (y * self.size[0] as usize + x);
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// What lies within a rectangle.
    fn cut(&self, rect: Rect) -> Self {
        let size = [rect.w as u32, rect.h as u32];
        let rgb = self.pixels(rect).flatten().collect();
        Self { size, rgb }
    }

    fn read(path: &Path) -> Option<Self> {
        let file = std::fs::File::open(path).ok()?;
        let mut reader = png::Decoder::new(std::io::BufReader::new(file))
            .read_info()
            .ok()?;
        let mut rgb = vec![0; reader.output_buffer_size()?];
        let info = reader.next_frame(&mut rgb).ok()?;
        let size = [info.width, info.height];
        (info.color_type == png::ColorType::Rgb).then_some(Self { size, rgb })
    }

    fn write(&self, path: &Path) {
        let folder = path.parent().expect("it lies in a folder");
        std::fs::create_dir_all(folder).expect("the folder is writable");
        let file = std::fs::File::create(path).expect("the folder is writable");
        let mut encoder = png::Encoder::new(file, self.size[0], self.size[1]);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().expect("the disk has room");
        writer
            .write_image_data(&self.rgb)
            .expect("the disk has room");
    }

    /// White where another picture of the same size differs by more than the tolerance, and how many pixels that is.
    fn difference(&self, other: &Self) -> (usize, Self) {
        let mut count = 0;
        let pairs = self.rgb.chunks(3).zip(other.rgb.chunks(3));
        let rgb = pairs.flat_map(|(a, b)| {
            let off = a
                .iter()
                .zip(b)
                .any(|(a, b)| a.abs_diff(*b) > MOST_STEPS_OFF);
            count += usize::from(off);
            [if off { 255 } else { 0 }; 3]
        });
        let rgb = rgb.collect();
        let size = self.size;
        (count, Self { size, rgb })
    }
}

/// A session with its GPU: opened once, drawn often.
struct Studio {
    session: Session,
    headless: Headless,
}

impl Studio {
    /// The demo up to a time, with its reference or without.
    fn demo(secs: f64, with_reference: bool) -> Self {
        Self::beside(secs, with_reference.then_some(DemoVersion::Reference))
    }

    /// The demo up to a time, beside one of its references.
    fn beside(secs: f64, reference: Option<DemoVersion>) -> Self {
        let format = StreamFormat {
            sample_rate_hz: demo::SAMPLE_RATE_HZ,
            layout: ChannelLayout::Stereo,
        };
        let mut song = DemoSong::new(DemoVersion::Mix);
        let mut frames = vec![0.0; 2 * (secs * f64::from(demo::SAMPLE_RATE_HZ)) as usize];
        let count = song.read(&mut frames);
        assert_eq!(2 * count, frames.len(), "the song is long enough");
        let mut mix = StillSide::new("Demo mix".to_owned(), format);
        mix.feed(&frames);
        mix.settle();
        let mut studio = Self::empty();
        studio.session.pair.mix = mix.into();
        if let Some(version) = reference {
            let mut reference = Reference::of_demo(version);
            reference.wait();
            studio
                .session
                .pair
                .references
                .add(reference)
                .expect("there is room");
            studio.session.pair.settle();
        }
        studio
    }

    fn empty() -> Self {
        Self {
            session: Session::default(),
            headless: Headless::new()
                .expect("a GPU; Debian: mesa-vulkan-drivers draws in software"),
        }
    }

    /// The scene at the end of what was heard. A scale below 1 makes a small picture of a large layout.
    fn scene(
        &self,
        size: [u32; 2],
        scale: f32,
        looks: &Looks,
        frozen_behind_secs: Option<f64>,
    ) -> Scene {
        let mix = self.session.pair.mix.history();
        let request = PictureRequest {
            size,
            scale,
            right_edge_secs: mix.map_or(0.0, History::end_secs),
            frozen_behind_secs,
            status: Status {
                gpu: "GPU".to_owned(),
                ..Status::default()
            },
            ..PictureRequest::default()
        };
        let moment = Moment {
            mix: mix.map(|mix| &mix.meters),
            beside: &self.session.pair.beside,
        };
        scene(&self.session, moment, looks, request)
    }

    fn picture(&mut self, scene: &Scene) -> Picture {
        let feeds = ScopeTracks::default().advance(Moment::now(&self.session));
        let feeds = feeds.each_ref().map(TrackFeed::feed);
        let rgba = self
            .headless
            .picture(&self.session.pair.histories(), scene, feeds)
            .expect("the picture comes back");
        Picture {
            size: scene.layout.size.map(|side| side as u32),
            rgb: rgba.chunks(4).flat_map(|p| [p[0], p[1], p[2]]).collect(),
        }
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// What is wrong with a picture, if anything: the only place where pictures are compared.
fn golden_fault(name: &str, picture: &Picture) -> Option<String> {
    let path = folder("tests/golden").join(format!("{name}.png"));
    if std::env::var_os("ABSCOPE_UPDATE_GOLDEN").is_some() {
        picture.write(&path);
        return None;
    }
    let failed = |kind: &str| folder("target/golden-failures").join(format!("{name}-{kind}.png"));
    let Some(golden) = Picture::read(&path).filter(|golden| golden.size == picture.size) else {
        picture.write(&failed("actual"));
        return Some(format!("{name}: no golden image of its size"));
    };
    let (count, map) = picture.difference(&golden);
    if count <= MOST_PIXELS_OFF {
        return None;
    }
    picture.write(&failed("actual"));
    map.write(&failed("diff"));
    let actual = failed("actual");
    Some(format!(
        "{name}: {count} pixels differ, see {}",
        actual.display()
    ))
}

#[test]
fn pictures_of_fixed_moments_are_what_they_were() {
    const WIDE: [u32; 2] = [400, 225];
    const SCALE: f32 = 0.4;
    let mut studio = Studio::demo(20.0, true);
    if !is_software(&studio.headless.gpu.name) {
        // Another GPU rounds otherwise: its pictures are judged by the twins and the properties.
        let why = format!("not compared on {}", studio.headless.gpu.name);
        parts::skipped("pictures_of_fixed_moments_are_what_they_were", &why);
        return;
    }
    let mut faults = vec![];
    let mut hold = |studio: &mut Studio, name: &str, scene: &Scene| {
        let picture = studio.picture(scene);
        faults.extend(golden_fault(name, &picture));
    };
    let looks = |mode| Looks {
        mode,
        ..Looks::default()
    };
    for mode in MODES {
        let scene = studio.scene(WIDE, SCALE, &looks(mode), None);
        let name = mode.name().to_lowercase().replace(' ', "-");
        hold(&mut studio, &name, &scene);
    }
    let usual = Looks::default();
    let light = Looks {
        light: true,
        ..looks(CompareMode::Difference)
    };
    let overlay_in_light = Looks {
        light: true,
        ..looks(CompareMode::Overlay)
    };
    for (name, size, scale, looks, frozen) in [
        ("light", WIDE, SCALE, &light, None),
        ("light-overlay", WIDE, SCALE, &overlay_in_light, None),
        ("frozen", WIDE, SCALE, &usual, Some(12.3)),
        ("column", [210, 270], 0.3, &usual, None),
        ("strip", [480, 60], 0.5, &usual, None),
    ] {
        let scene = studio.scene(size, scale, looks, frozen);
        hold(&mut studio, name, &scene);
    }
    for layout in LayoutKind::ALL.into_iter().skip(1) {
        let looks = in_layout(layout);
        let scene = studio.scene(WIDE, SCALE, &looks, None);
        hold(&mut studio, layout.name(), &scene);
    }
    // As beside another song.
    for (name, light) in [("outside", false), ("outside-light", true)] {
        let looks = Looks {
            difference_of: DifferenceOf::Range,
            light,
            ..looks(CompareMode::Difference)
        };
        let scene = studio.scene(WIDE, SCALE, &looks, None);
        hold(&mut studio, name, &scene);
    }
    // Beside another song, without being asked.
    let mut beside = Studio::beside(20.0, Some(DemoVersion::OtherSong));
    for (name, layout) in [
        ("other-song", LayoutKind::Compare),
        ("other-song-stereo", LayoutKind::Stereo),
    ] {
        let looks = Looks {
            mode: CompareMode::Difference,
            ..in_layout(layout)
        };
        let scene = beside.scene(WIDE, SCALE, &looks, None);
        assert!(!scene.has_same_time() && scene.outside.is_some());
        hold(&mut beside, name, &scene);
    }
    // What the other song would cover of the mix.
    for (name, light) in [("masking", false), ("masking-light", true)] {
        let looks = Looks {
            difference_of: DifferenceOf::Masking,
            light,
            ..looks(CompareMode::Difference)
        };
        let scene = beside.scene(WIDE, SCALE, &looks, None);
        assert!(scene.masking.is_some() && scene.outside.is_none());
        hold(&mut beside, name, &scene);
    }
    // A track of a DAW that went back three seconds ago.
    for (at_secs, song_beats) in [(0.0, 128.0), (17.0, 136.0)] {
        let mix = studio.session.pair.mix.hearing_mut().history_mut();
        let song = &mut mix.expect("it was heard").song;
        song.note(in_four_quarters(at_secs, song_beats));
    }
    let scene = studio.scene(WIDE, SCALE, &usual, None);
    assert_eq!(scene.song.words().as_deref(), Some("bars 33–41"));
    hold(&mut studio, "bars", &scene);
    let mut alone = Studio::demo(6.0, false);
    let scene = alone.scene([640, 360], 0.6, &usual, None);
    hold(&mut alone, "no-reference", &scene);
    let mut empty = Studio::empty();
    let scene = empty.scene([640, 360], 0.6, &usual, None);
    hold(&mut empty, "no-input", &scene);
    assert!(
        faults.is_empty(),
        "{}\nif that is meant: ABSCOPE_UPDATE_GOLDEN=1 cargo test --test pictures golden",
        faults.join("\n")
    );
}

/// A DAW that plays from a place on, 120 quarter notes a minute.
fn in_four_quarters(at_secs: f64, song_beats: f64) -> SongPlace {
    SongPlace {
        at_secs,
        song_secs: Some(song_beats / 2.0),
        transport: Transport {
            is_playing: true,
            song_beats: Some(song_beats),
            tempo_bpm: Some(120.0),
            meter: Some(Meter { beats: 4, unit: 4 }),
            ..Transport::default()
        },
    }
}

/// Where a panel is in a scene, with the gutters its labels stand in. Of the spectrograms the newest part is enough.
fn place_of(panel: Panel, scene: &Scene) -> Rect {
    let layout = &scene.layout;
    let label = layout.text.label;
    let covered = layout.rects(panel).reduce(|a, b| {
        Rect::snapped(
            a.x.min(b.x),
            a.y.min(b.y),
            a.right().max(b.right()),
            a.bottom().max(b.bottom()),
        )
    });
    let covered = covered.unwrap_or_else(|| panic!("{} is shown", panel.name()));
    let right = (covered.right() + label * 2.0).min(layout.size[0]);
    let with_gutters = Rect::snapped(covered.x - label * 2.4, covered.y, right, covered.bottom());
    match (panel, panel.row().across) {
        (Panel::Spectrograms, _) => Rect {
            x: (covered.right() - 140.0).round(),
            w: 140.0,
            ..covered
        },
        (_, Across::Time) => with_gutters,
        (_, Across::Frequency) => Rect {
            h: with_gutters.h + (label * 1.6).round(),
            ..with_gutters
        },
        (_, Across::Nothing) => covered,
    }
}

#[test]
fn each_panel_in_each_mode_is_what_it_was() {
    let mut studio = Studio::demo(20.0, true);
    if !is_software(&studio.headless.gpu.name) {
        let why = format!("not compared on {}", studio.headless.gpu.name);
        parts::skipped("each_panel_in_each_mode_is_what_it_was", &why);
        return;
    }
    let mut faults = vec![];
    for mode in &MODES[..3] {
        let mut looks = Looks {
            mode: *mode,
            ..Looks::default()
        };
        let words = mode.name().to_lowercase().replace(' ', "-");
        let scene = studio.scene([960, 540], 0.75, &looks, None);
        let picture = studio.picture(&scene);
        let levels = scene.levels.expect("there is room for them");
        faults.extend(golden_fault(
            &format!("panel-levels-{words}"),
            &picture.cut(levels),
        ));
        for panel in Panel::ALL {
            let file = |light: &str| format!("panel-{}-{words}{light}", panel.name());
            if looks.arrangement.shows(panel) {
                let cut = picture.cut(place_of(panel, &scene));
                faults.extend(golden_fault(&file(""), &cut));
                continue;
            }
            // A panel that is asked for, on both grounds.
            looks.arrangement.toggle_hidden(panel);
            for (light, suffix) in [(false, ""), (true, "-light")] {
                looks.light = light;
                let scene = studio.scene([960, 540], 0.75, &looks, None);
                let cut = studio.picture(&scene).cut(place_of(panel, &scene));
                faults.extend(golden_fault(&file(suffix), &cut));
            }
            looks.light = false;
            looks.arrangement.toggle_hidden(panel);
        }
    }
    // The crosshair and a marked stretch over all of it.
    let mut scene = studio.scene([640, 360], 0.6, &Looks::default(), None);
    let mut mark = MarkState::default();
    mark.set(parse_mark("8 13 60 400").and_then(|mark| mark.at_edge(20.0)));
    mark.measure(
        &studio.session,
        (&studio.session.pair.beside, f64::INFINITY),
        &Looks::default(),
    );
    mark.show(&mut scene);
    let place = parse_place("1000,4").expect("it is a place");
    scene.cursor = cursor(&studio.session, &scene, Pointer::Place(place));
    let picture = studio.picture(&scene);
    faults.extend(golden_fault("crosshair-and-mark", &picture));
    assert!(
        faults.is_empty(),
        "{}\nif that is meant: ABSCOPE_UPDATE_GOLDEN=1 cargo test --test pictures golden",
        faults.join("\n")
    );
}

fn in_layout(layout: LayoutKind) -> Looks {
    let mut looks = Looks::default();
    looks.arrangement.choose(layout);
    looks
}

fn is_software(gpu: &str) -> bool {
    ["llvmpipe", "SwiftShader"]
        .iter()
        .any(|name| gpu.contains(name))
}

#[test]
fn the_tolerance_lets_rounding_pass_and_nothing_else() {
    let picture = |value: u8, odd: usize| {
        let mut rgb = vec![value; 3 * 100];
        rgb[..3 * odd].fill(value + 2);
        Picture {
            size: [10, 10],
            rgb,
        }
    };
    let count = |a: &Picture, b: &Picture| a.difference(b).0;
    assert_eq!(count(&picture(10, 0), &picture(11, 0)), 0);
    assert_eq!(count(&picture(10, 0), &picture(10, 11)), 11);
    assert_eq!(count(&picture(10, 0), &picture(12, 0)), 100);
}

#[test]
fn no_panel_is_blank_in_any_mode_and_size() {
    let mut studio = Studio::demo(12.0, true);
    let in_modes = MODES.map(|mode| Looks {
        mode,
        ..Looks::default()
    });
    let in_layouts = LayoutKind::ALL.map(in_layout);
    let mut with_all = Looks::default();
    for panel in Panel::ALL {
        if !with_all.arrangement.shows(panel) {
            with_all.arrangement.toggle_hidden(panel);
        }
    }
    let all = in_modes.into_iter().chain(in_layouts).chain([with_all]);
    for looks in all {
        for size in [[1280, 720], [700, 900], [1920, 120]] {
            let scene = studio.scene(size, 1.0, &looks, None);
            let picture = studio.picture(&scene);
            for (name, rect) in scene.layout.all_rects() {
                if rect.w < 1.0 || rect.h < 1.0 {
                    continue;
                }
                let mut pixels = picture.pixels(rect);
                let first = pixels.next().expect("it has an area");
                let has_content = pixels.any(|pixel| pixel != first);
                assert!(has_content, "{name} is blank at {size:?} in {looks:?}");
            }
        }
    }
}

#[test]
fn the_spectrograms_differ_where_the_faults_of_the_demo_are() {
    let mut studio = Studio::demo(40.0, true);
    // A grey map is read backwards most easily, and dark enough for nothing to be cut off at the top. Of the mid
    // signal: the mix is narrower as well, which takes from the sum of left and right wherever the record is wide.
    let looks = Looks {
        channel: Channel::Mid,
        level_map: LevelMap::Grey,
        top_db: 0.0,
        range_db: 90.0,
        ..Looks::default()
    };
    let scene = studio.scene([1280, 720], 1.0, &looks, None);
    let picture = studio.picture(&scene);
    let pane = |side| {
        let mut panes = scene.layout.panes.iter();
        let pane = panes.find(|pane| pane.content == PaneContent::Level(side));
        pane.expect("side by side shows both").plot
    };
    // Mean of A − B over a band, in dB, where both are loud enough to be seen.
    let difference_db = |low_hz: f64, high_hz: f64| {
        let rows = |plot: Rect| {
            let from = 1.0 - scene.frequency.fraction_from_hz(high_hz) as f32;
            let to = 1.0 - scene.frequency.fraction_from_hz(low_hz) as f32;
            // The names of the panes stand in their upper left corners.
            plot.columns(0.2, 1.0).rows(from, to)
        };
        let (a, b) = (rows(pane(Side::Mix)), rows(pane(Side::Reference)));
        assert_eq!(a.h, b.h);
        let pairs = picture.pixels(a).zip(picture.pixels(b));
        let seen: Vec<f64> = pairs
            .filter(|(a, b)| a[0].min(b[0]) > 5 && a[0].max(b[0]) < 250)
            .map(|(a, b)| (f64::from(a[0]) - f64::from(b[0])) * f64::from(looks.range_db) / 255.0)
            .collect();
        assert!(seen.len() > 1000, "{low_hz} Hz: too dark");
        seen.iter().sum::<f64>() / seen.len() as f64
    };
    let middle = difference_db(400.0, 2_000.0);
    let air = difference_db(9_000.0, 16_000.0) - middle;
    let boom = difference_db(105.0, 135.0) - middle;
    eprintln!("A − B against the middle: air {air:.2} dB, 120 Hz {boom:+.2} dB");
    assert!(
        air < -1.0,
        "the mix is too dull, and it does not show: {air:.2} dB"
    );
    assert!(
        boom > 1.5,
        "the mix booms, and it does not show: {boom:.2} dB"
    );
}
