//! The window on real parts: Xvfb, a sound server, a WAV that plays, keys pressed, and pixels looked at.

use std::collections::HashSet;
use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::support::desk::{Home, Window};
use crate::support::parts::{self, DISPLAY, SOUND};
use crate::support::pulse::{MONITOR_NAME, Playing, PulseServer};
use crate::support::turns::{self, Turn};
use crate::support::wav::{sine, write_wav};
use crate::support::x11::{Display, Picture, is_blue, is_bright, is_orange, wait_for};
use abscope::session::action::catalog;
use abscope::session::settings::arrangement::Panel;
use abscope::view::colormap::LevelMap;
use abscope::view::layout::{CompareMode, Layout};
use abscope::view::palette::{Palette, Rgba};
use abscope::view::rect::Rect;
use abscope::view::scene::Looks;

/// Size of the window unless a test asks for another: small, for a processor draws it.
const SIZE: [u32; 2] = [1280, 720];
/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);
/// Between two pictures that are compared for motion.
const A_SECOND: Duration = Duration::from_secs(1);

/// A window and all that it needs; dropping it ends everything.
struct Desk {
    window: Window,
    _playing: Playing,
    _server: PulseServer,
    home: Home,
    _turn: Turn,
}

impl Desk {
    /// Opens the window on a monitor in which music plays, beside a reference. None where the test has to be skipped.
    fn open(test: &str) -> Option<Self> {
        if !parts::are_there(test, &[SOUND, DISPLAY]) {
            return None;
        }
        let turn = turns::alone();
        let home = Home::new();
        let (mix, reference) = (home.path("mix.wav"), home.path("record.wav"));
        write_wav(&mix, 48_000, 2, 150.0, |_, t| melody(t, 0));
        write_wav(&reference, 48_000, 2, 12.0, |_, t| melody(t, 5));
        let server = PulseServer::start();
        let display = Rc::new(Display::start());
        let playing = Playing::start_with(server.command("paplay"), &mix);
        let mut program = home.abscope();
        program
            .args(["--input", MONITOR_NAME, "--reference"])
            .arg(&reference)
            .env("PULSE_SERVER", server.address())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut desk = Self {
            window: Window::open(program, &display, DEADLINE),
            _playing: playing,
            _server: server,
            home,
            _turn: turn,
        };
        desk.window.resize(SIZE);
        desk.window.focus();
        // A pointer that came to rest where the window opened asks for an explanation there.
        let away = ["mousemove", "1900", "1060"];
        display.xdotool(&away).expect("it is there");
        let (layout, levels) = (layout(CompareMode::SideBySide), LevelColors::new());
        desk.window.until("both spectrograms", |picture| {
            let has_data = |plot: Rect| {
                let before = newest(plot).columns(0.0, 0.2);
                picture.share(before, |p| levels.has(p)) > 0.8
                    && picture.share(before, is_bright) > 0.02
            };
            layout.panes.iter().all(|pane| has_data(pane.plot))
        });
        Some(desk)
    }

    /// Waits until a frozen picture stands still: columns that were in the making when it froze become what they will
    /// be within the half second that the longest window reaches.
    fn settled(&mut self, layout: &Layout) -> Picture {
        let plots: Vec<Rect> = layout.panes.iter().map(|pane| pane.plot).collect();
        self.window.settled(&plots, A_SECOND)
    }

    /// Two pictures a second apart.
    fn a_second_apart(&self) -> [Picture; 2] {
        let first = self.window.picture();
        // The time that passes is what is tested here.
        std::thread::sleep(A_SECOND);
        [first, self.window.picture()]
    }
}

/// Short notes all over the range, no two neighbours alike, in bursts of noise: wherever it scrolls to, it looks
/// different.
fn melody(secs: f64, seed: u64) -> f64 {
    const NOTE_SECS: f64 = 0.17;
    let note = (secs / NOTE_SECS) as u64 + seed;
    let within = secs / NOTE_SECS % 1.0;
    let voices = (0..4u64).map(|voice| {
        let step = (note * 7 + voice * 13 + note * note * (voice + 3)) % 36;
        let frequency_hz = 55.0 * (2.0 * voice as f64).exp2() * (step as f64 / 18.0).exp2();
        sine(frequency_hz, -18.0 - 3.0 * voice as f64, secs)
    });
    let loud = note % 5 < 2;
    let noise = noise((secs * 48_000.0) as u64 + seed) * if loud { 0.1 } else { 0.02 };
    (voices.sum::<f64>() + noise) * (1.0 - 0.8 * within)
}

/// White noise, −1 … 1, from a sample's number.
fn noise(frame: u64) -> f64 {
    let mut bits = frame.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (bits >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// The newest five seconds of a plot: what is left of them is not there yet when a test begins.
fn newest(plot: Rect) -> Rect {
    plot.columns(0.75, 1.0)
}

fn layout(mode: CompareMode) -> Layout {
    Layout::compare(SIZE, 1.0, mode)
}

fn rgb(Rgba([r, g, b, _]): Rgba) -> [u8; 3] {
    [r, g, b]
}

/// Colours of the level map, in steps of 8, with their neighbours: between two columns the picture mixes colours.
struct LevelColors(HashSet<[u8; 3]>);

impl LevelColors {
    fn new() -> Self {
        let map: LevelMap = Looks::default().level_map;
        let table = map.table(Palette::DARK.panel, Palette::DARK.mix);
        let colors = table.into_iter().chain([Palette::DARK.panel]).map(rgb);
        let around = |color: [u8; 3]| {
            (0..27u8).map(move |n| {
                let steps = [n % 3, n / 3 % 3, n / 9];
                std::array::from_fn(|c| ((color[c] >> 3) + steps[c]).saturating_sub(1))
            })
        };
        Self(colors.flat_map(around).collect())
    }

    fn has(&self, pixel: [u8; 3]) -> bool {
        self.0.contains(&pixel.map(|value| value >> 3))
    }
}

/// The strips left and right of a pane where its ticks stand.
fn gutters(layout: &Layout) -> Vec<Rect> {
    let width = layout.text.label * 1.8;
    layout
        .panes
        .iter()
        .flat_map(|pane| {
            let plot = pane.plot;
            let strip = |left: f32| Rect::snapped(left, plot.y, left + width, plot.bottom());
            [strip(plot.x - width - 1.0), strip(plot.right() + 1.0)]
        })
        .chain(layout.time_axis)
        .collect()
}

/// Middle of the time axis between two panes, left of any label: ground there in two panes, picture in one.
fn between_panes() -> Rect {
    let layout = layout(CompareMode::SideBySide);
    let axis = layout.time_axis.expect("this size has one");
    axis.rows(0.2, 0.8)
}

/// What a picture shows, by its pixels alone.
fn mode_of(picture: &Picture) -> Option<CompareMode> {
    let area = layout(CompareMode::Difference).panes[0].plot;
    let spectrum = layout(CompareMode::SideBySide)
        .place(Panel::Spectrum)
        .expect("it is there");
    let levels = LevelColors::new();
    let share = |rect| picture.share(rect, |p| levels.has(p));
    let ground = rgb(Palette::DARK.background);
    if picture.share(between_panes(), |p| p == ground) > 0.3 {
        let panes = layout(CompareMode::SideBySide).panes;
        let both = panes.iter().all(|pane| share(pane.plot) > 0.85);
        return both.then_some(CompareMode::SideBySide);
    }
    if share(area) > 0.85 {
        let blue = picture.share(spectrum, is_blue) > 0.002;
        let orange = picture.share(spectrum, is_orange) > 0.002;
        return match (blue, orange) {
            (true, false) => Some(CompareMode::MixOnly),
            (false, true) => Some(CompareMode::ReferenceOnly),
            _ => None,
        };
    }
    let hues = picture.share(area, is_blue) > 0.02 && picture.share(area, is_orange) > 0.02;
    // The curves of both sides lie in the spectrum of an overlay; a difference has one curve, in white.
    let has_curves = picture.share(spectrum, is_blue) > 0.002;
    match (hues, has_curves) {
        (true, false) => Some(CompareMode::Difference),
        (true, true) => Some(CompareMode::Overlay),
        _ => None,
    }
}

fn is_frozen(picture: &Picture) -> bool {
    let plot = layout(CompareMode::SideBySide).panes[0].plot;
    let edge = Rect { h: 1.0, ..plot };
    picture.share(edge, |p| p == rgb(Palette::DARK.frozen)) > 0.9
}

/// By how many pixels the second picture's spectrogram lies left of the first's, from 0 to `most`, and how much of
/// the difference that explains.
fn scrolled_px(first: &Picture, second: &Picture, plot: Rect, most: usize) -> (usize, f64) {
    let (a, b) = (first.lightness(plot), second.lightness(plot));
    let (width, height) = (plot.w as usize, plot.h as usize);
    let error = |shift: usize| {
        let rows = (0..height).step_by(3);
        let sum: f64 = rows
            .flat_map(|y| (0..width - most).map(move |x| (y * width + x + shift, y * width + x)))
            .map(|(from, to)| (a[from] - b[to]).abs())
            .sum();
        sum
    };
    let errors: Vec<f64> = (0..most).map(error).collect();
    let best = (0..most)
        .min_by(|a, b| errors[*a].total_cmp(&errors[*b]))
        .unwrap_or(0);
    (best, 1.0 - errors[best] / errors[0].max(1.0))
}

#[test]
fn the_spectrograms_move_and_the_axes_do_not_and_space_holds_and_lets_go() {
    let Some(mut desk) =
        Desk::open("the_spectrograms_move_and_the_axes_do_not_and_space_holds_and_lets_go")
    else {
        return;
    };
    let layout = layout(CompareMode::SideBySide);
    let (first_secs, [first, second]) = (Instant::now(), desk.a_second_apart());
    let apart_secs = first_secs.elapsed().as_secs_f64();
    for pane in &layout.panes {
        let changed = first.changed(&second, newest(pane.plot));
        eprintln!("{:?}: {:.1} % changed", pane.content, changed * 100.0);
        assert!(changed > 0.5, "{:?} stands still", pane.content);
    }
    let px_per_sec = f64::from(layout.panes[0].plot.w) / Looks::default().span_secs;
    let (shift, explained) = scrolled_px(&first, &second, newest(layout.panes[0].plot), 120);
    eprintln!("scrolled by {shift} px in {apart_secs:.2} s, explains {explained:.2}");
    assert!(explained > 0.5, "it changes, but does not scroll");
    // Taking a picture takes time as well, so the time between the two is known only within bounds.
    let most = apart_secs * px_per_sec + 3.0;
    assert!(
        (0.8 * px_per_sec..most).contains(&(shift as f64)),
        "{shift} px"
    );
    for gutter in gutters(&layout) {
        assert_eq!(first.changed(&second, gutter), 0.0, "{gutter:?} moved");
    }

    desk.window.press("space");
    desk.window.until("the frozen frame", is_frozen);
    desk.settled(&layout);
    let [first, second] = desk.a_second_apart();
    for pane in &layout.panes {
        assert_eq!(first.changed(&second, pane.plot), 0.0, "{:?}", pane.content);
    }
    desk.window.press("space");
    desk.window
        .until("no frozen frame", |picture| !is_frozen(picture));
    let [third, fourth] = desk.a_second_apart();
    for pane in &layout.panes {
        // It went on behind the freeze, and goes on.
        let newest = newest(pane.plot);
        assert!(second.changed(&third, newest) > 0.5);
        assert!(third.changed(&fourth, newest) > 0.5);
    }
    let said = desk.window.close();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}

#[test]
fn keys_change_what_is_compared_and_bring_it_back() {
    let Some(mut desk) = Desk::open("keys_change_what_is_compared_and_bring_it_back") else {
        return;
    };
    use CompareMode::*;
    let steps = [
        ("d", Difference),
        ("d", SideBySide),
        ("a", MixOnly),
        ("b", ReferenceOnly),
        ("b", SideBySide),
        ("Tab", Overlay),
        ("Tab", SideBySide),
        ("d", Difference),
        ("a", MixOnly),
        ("a", SideBySide),
    ];
    for (key, mode) in steps {
        desk.window.press(key);
        desk.window
            .until(&format!("{key}, then {mode:?}"), |picture| {
                mode_of(picture) == Some(mode)
            });
    }
    // The help covers what it explains; frozen, nothing else changes.
    desk.window.press("space");
    desk.window.until("the frozen frame", is_frozen);
    let plot = layout(SideBySide).panes[0].plot;
    let without = desk.settled(&layout(SideBySide));
    desk.window.press("question");
    desk.window
        .until("the keys", |picture| picture.changed(&without, plot) > 0.05);
    desk.window.press("question");
    desk.window
        .until("no keys", |picture| picture.changed(&without, plot) == 0.0);
    desk.window.press("question");
    desk.window
        .until("the keys", |picture| picture.changed(&without, plot) > 0.05);
    desk.window.press("Escape");
    desk.window
        .until("no keys", |picture| picture.changed(&without, plot) == 0.0);
    desk.window.press("t");
    let light = rgb(Palette::LIGHT.background);
    desk.window
        .until("the light theme", |picture| picture.at(1, 1) == light);
    assert_eq!(desk.window.close().code, Some(0));
}

#[test]
fn p_saves_a_picture_of_print_quality() {
    let Some(mut desk) = Desk::open("p_saves_a_picture_of_print_quality") else {
        return;
    };
    desk.window.press("p");
    let pictures = desk.home.path("Pictures");
    let path = wait_for("a picture", DEADLINE, || {
        desk.window.assert_runs();
        let files = std::fs::read_dir(&pictures).expect("it is there");
        let mut paths = files.map(|file| file.expect("it can be read").path());
        paths.find(|path| path.extension().is_some_and(|ending| ending == "png"))
    });
    let file = std::fs::File::open(&path).expect("it was just found");
    let mut reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .expect("it is a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("it is whole");
    assert_eq!((info.width, info.height), (3840, 2160));
    let layout = Layout::compare([3840, 2160], 1.0, CompareMode::SideBySide);
    for pane in &layout.panes {
        let bright = bright_pixels(&pixels, 3840, pane.plot);
        assert!(
            bright > 1000,
            "{:?} is empty: {bright} pixels",
            pane.content
        );
    }
    assert_eq!(desk.window.close().code, Some(0));
}

fn bright_pixels(rgba: &[u8], width: usize, rect: Rect) -> usize {
    let rows = rect.y as usize..rect.bottom() as usize;
    rows.flat_map(|y| (rect.x as usize..rect.right() as usize).map(move |x| 4 * (y * width + x)))
        .filter(|at| is_bright([rgba[*at], rgba[*at + 1], rgba[*at + 2]]))
        .count()
}

#[test]
fn the_window_outlives_every_key_and_every_size_and_closes_when_asked() {
    let Some(mut desk) =
        Desk::open("the_window_outlives_every_key_and_every_size_and_closes_when_asked")
    else {
        return;
    };
    // Keys are done in their order. The theme is changed by one key before and one after all others: when that is
    // seen, none of them is left to make the window full while its size is asked for.
    let ground =
        |palette: Palette| move |picture: &Picture| picture.at(1, 1) == rgb(palette.background);
    desk.window.press("t");
    desk.window.until("the light theme", ground(Palette::LIGHT));
    for key in xdotool_keys().iter().filter(|key| *key != "t") {
        // A picture of 3840×2160 takes a software GPU seconds, and a dialog is a program of its own.
        let times = if ["p", "o"].contains(&key.as_str()) {
            2
        } else {
            20
        };
        let words = ["key", "--repeat", &times.to_string(), "--delay", "5", key];
        desk.window
            .display
            .xdotool(&words)
            .expect("xdotool knows the key");
        // While a drawer with fields is open, keys are no actions.
        desk.window.press("Escape");
        desk.window.assert_runs();
    }
    desk.window.press("t");
    desk.window.until("the dark theme", ground(Palette::DARK));
    for size in [[700, 900], [1920, 120], [320, 100], [1920, 1080], SIZE] {
        desk.window.resize(size);
        wait_for("a picture of the new size", DEADLINE, || {
            desk.window.assert_runs();
            let (picture, [width, height]) = (desk.window.picture(), size.map(|s| s as usize));
            // Both far corners are the window's ground, not the black of the root.
            let ground = rgb(Palette::DARK.background);
            (picture.at(width - 1, 0) == ground && picture.at(0, height - 1) == ground)
                .then_some(())
        });
    }
    // Every key was pressed an even number of times, so it runs, dark, side by side; Escape did not end it.
    desk.window.press("Escape");
    let layout = layout(CompareMode::SideBySide);
    desk.window.until("two spectrograms", |picture| {
        mode_of(picture) == Some(CompareMode::SideBySide)
    });
    // A picture that was asked for may still be on its way.
    let first = desk.window.picture();
    let plot = newest(layout.panes[0].plot);
    desk.window
        .until("it moves on", |picture| first.changed(picture, plot) > 0.5);
    let said = desk.window.close();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}

/// Every key of the list by the name that xdotool has for it: zoom out first, so that zoom in ends near; reset
/// zoom after those that scroll, so that it is live again.
fn xdotool_keys() -> Vec<String> {
    let mut keys: Vec<String> = catalog()
        .iter()
        .filter_map(|binding| binding.key)
        // It ends the window, as it should.
        .filter(|key| *key != "Ctrl+Q")
        .map(|key| match key {
            "Space" => "space".to_owned(),
            "Esc" => "Escape".to_owned(),
            "←" => "Left".to_owned(),
            "→" => "Right".to_owned(),
            "+" => "plus".to_owned(),
            "−" => "minus".to_owned(),
            "?" => "question".to_owned(),
            "." => "period".to_owned(),
            "[" => "bracketleft".to_owned(),
            "]" => "bracketright".to_owned(),
            "{" => "braceleft".to_owned(),
            "}" => "braceright".to_owned(),
            "↑" => "Up".to_owned(),
            "↓" => "Down".to_owned(),
            "Enter" => "Return".to_owned(),
            "Tab" | "PageUp" | "PageDown" | "Home" => key
                .replace("Page", "Page_")
                .replace("Page_Up", "Prior")
                .replace("Page_Down", "Next"),
            other => other.to_lowercase(),
        })
        .collect();
    keys.sort_by_key(|key| (key == "plus", key == "Home"));
    keys
}
