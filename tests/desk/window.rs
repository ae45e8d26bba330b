//! The window on real parts: Xvfb, a sound server, a WAV that plays, keys pressed, and pixels looked at.

use std::collections::HashSet;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::program::{Said, abscope};
use crate::support::pulse::{MONITOR_NAME, Playing, PulseServer};
use crate::support::turns::{self, Turn};
use crate::support::wav::{sine, write_wav};
use crate::support::x11::{Display, Picture, is_blue, is_bright, is_orange, wait_for};
use abscope::session::action::catalog;
use abscope::session::settings::arrangement::Panel;
use abscope::view::colormap::LevelMap;
use abscope::view::layout::{CompareMode, Layout, Pane};
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
    window: String,
    program: Child,
    display: Display,
    _playing: Playing,
    _server: PulseServer,
    home: tempfile::TempDir,
    _turn: Turn,
}

impl Desk {
    /// Opens the window on a monitor in which music plays, beside a reference.
    fn open() -> Self {
        let turn = turns::alone();
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        for folder in ["Pictures", "config"] {
            std::fs::create_dir(home.path().join(folder)).expect("the folder is writable");
        }
        // Where desktops write down what a person calls the folder.
        let folders = "XDG_PICTURES_DIR=\"$HOME/Pictures\"\n";
        std::fs::write(home.path().join("config/user-dirs.dirs"), folders).expect("writable");
        let (mix, reference) = (home.path().join("mix.wav"), home.path().join("record.wav"));
        write_wav(&mix, 48_000, 2, 150.0, |_, t| melody(t, 0));
        write_wav(&reference, 48_000, 2, 12.0, |_, t| melody(t, 5));
        let server = PulseServer::start();
        let display = Display::start();
        let playing = Playing::start_with(server.command("paplay"), &mix);
        let program = abscope()
            .args(["--input", MONITOR_NAME, "--reference"])
            .arg(&reference)
            .env("PULSE_SERVER", server.address())
            .env("DISPLAY", display.name())
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path().join("config"))
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let mut desk = Self {
            window: String::new(),
            program,
            display,
            _playing: playing,
            _server: server,
            home,
            _turn: turn,
        };
        desk.window = wait_for("a window", DEADLINE, || {
            desk.assert_runs();
            desk.display.window("Abscope")
        });
        desk.resize(SIZE);
        // There is no window manager to give it the keyboard.
        let focus = ["windowfocus", "--sync", &desk.window];
        desk.display.xdotool(&focus).expect("the window is there");
        let (layout, levels) = (layout(CompareMode::SideBySide), LevelColors::new());
        desk.until("both spectrograms", |picture| {
            let has_data = |plot: Rect| {
                let before = newest(plot).columns(0.0, 0.2);
                picture.share(before, |p| levels.has(p)) > 0.8
                    && picture.share(before, is_bright) > 0.02
            };
            layout.panes.iter().all(|pane| has_data(pane.plot))
        });
        desk
    }

    fn assert_runs(&mut self) {
        if let Some(status) = self.program.try_wait().expect("it is our child") {
            let mut said = String::new();
            let mut err = self.program.stderr.take().expect("it is a pipe");
            std::io::Read::read_to_string(&mut err, &mut said).expect("a pipe can be read");
            panic!("the window is gone ({status}): {said}");
        }
    }

    fn press(&self, key: &str) {
        self.display
            .xdotool(&["key", key])
            .unwrap_or_else(|| panic!("xdotool does not know the key {key}"));
    }

    fn resize(&self, [width, height]: [u32; 2]) {
        let (width, height) = (width.to_string(), height.to_string());
        let words = ["windowsize", "--sync", &self.window, &width, &height];
        self.display.xdotool(&words).expect("the window is there");
    }

    fn picture(&self) -> Picture {
        self.display.picture()
    }

    /// Waits until a picture shows something, and returns it.
    fn until(&mut self, what: &str, shows: impl Fn(&Picture) -> bool) -> Picture {
        let begin = Instant::now();
        loop {
            self.assert_runs();
            let picture = self.display.picture();
            if shows(&picture) {
                return picture;
            }
            if begin.elapsed() > DEADLINE {
                let path = picture.save(&what.replace([' ', ','], "-"));
                panic!("{what}: not within {DEADLINE:?}, see {}", path.display());
            }
        }
    }

    /// Waits until a frozen picture stands still: columns that were in the making when it froze become what they will
    /// be within the half second that the longest window reaches.
    fn settled(&mut self, layout: &Layout) -> Picture {
        let (mut last, mut since) = (self.picture(), Instant::now());
        wait_for("a picture that stands still", DEADLINE, || {
            let picture = self.picture();
            let same = |pane: &Pane| picture.changed(&last, pane.plot) == 0.0;
            if !layout.panes.iter().all(same) {
                since = Instant::now();
            }
            last = picture;
            (since.elapsed() > A_SECOND).then_some(())
        });
        last
    }

    /// Two pictures a second apart.
    fn a_second_apart(&self) -> [Picture; 2] {
        let first = self.picture();
        // The time that passes is what is tested here.
        std::thread::sleep(A_SECOND);
        [first, self.picture()]
    }

    /// Asks the window to close and returns what the program said to the end.
    fn close(mut self) -> Said {
        self.display.ask_to_close(&self.window);
        let status = wait_for("the end", DEADLINE, || {
            self.program.try_wait().expect("it is our child")
        });
        let mut output = std::process::Output {
            status,
            stdout: vec![],
            stderr: vec![],
        };
        let pipes = self.program.stdout.take().zip(self.program.stderr.take());
        let (mut out, mut err) = pipes.expect("they are pipes");
        std::io::Read::read_to_end(&mut out, &mut output.stdout).expect("a pipe can be read");
        std::io::Read::read_to_end(&mut err, &mut output.stderr).expect("a pipe can be read");
        Said::from(output)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
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
    let mut desk = Desk::open();
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

    desk.press("space");
    desk.until("the frozen frame", is_frozen);
    desk.settled(&layout);
    let [first, second] = desk.a_second_apart();
    for pane in &layout.panes {
        assert_eq!(first.changed(&second, pane.plot), 0.0, "{:?}", pane.content);
    }
    desk.press("space");
    desk.until("no frozen frame", |picture| !is_frozen(picture));
    let [third, fourth] = desk.a_second_apart();
    for pane in &layout.panes {
        // It went on behind the freeze, and goes on.
        let newest = newest(pane.plot);
        assert!(second.changed(&third, newest) > 0.5);
        assert!(third.changed(&fourth, newest) > 0.5);
    }
    let said = desk.close();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}

#[test]
fn keys_change_what_is_compared_and_bring_it_back() {
    let mut desk = Desk::open();
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
        desk.press(key);
        desk.until(&format!("{key}, then {mode:?}"), |picture| {
            mode_of(picture) == Some(mode)
        });
    }
    // The help covers what it explains; frozen, nothing else changes.
    desk.press("space");
    desk.until("the frozen frame", is_frozen);
    let plot = layout(SideBySide).panes[0].plot;
    let without = desk.settled(&layout(SideBySide));
    desk.press("question");
    desk.until("the keys", |picture| picture.changed(&without, plot) > 0.05);
    desk.press("question");
    desk.until("no keys", |picture| picture.changed(&without, plot) == 0.0);
    desk.press("question");
    desk.until("the keys", |picture| picture.changed(&without, plot) > 0.05);
    desk.press("Escape");
    desk.until("no keys", |picture| picture.changed(&without, plot) == 0.0);
    desk.press("t");
    let light = rgb(Palette::LIGHT.background);
    desk.until("the light theme", |picture| picture.at(1, 1) == light);
    assert_eq!(desk.close().code, Some(0));
}

#[test]
fn p_saves_a_picture_of_print_quality() {
    let mut desk = Desk::open();
    desk.press("p");
    let pictures = desk.home.path().join("Pictures");
    let path = wait_for("a picture", DEADLINE, || {
        desk.assert_runs();
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
    assert_eq!(desk.close().code, Some(0));
}

fn bright_pixels(rgba: &[u8], width: usize, rect: Rect) -> usize {
    let rows = rect.y as usize..rect.bottom() as usize;
    rows.flat_map(|y| (rect.x as usize..rect.right() as usize).map(move |x| 4 * (y * width + x)))
        .filter(|at| is_bright([rgba[*at], rgba[*at + 1], rgba[*at + 2]]))
        .count()
}

#[test]
fn the_window_outlives_every_key_and_every_size_and_closes_when_asked() {
    let mut desk = Desk::open();
    // Keys are done in their order. The theme is changed by one key before and one after all others: when that is
    // seen, none of them is left to make the window full while its size is asked for.
    let ground =
        |palette: Palette| move |picture: &Picture| picture.at(1, 1) == rgb(palette.background);
    desk.press("t");
    desk.until("the light theme", ground(Palette::LIGHT));
    for key in xdotool_keys().iter().filter(|key| *key != "t") {
        // A picture of 3840×2160 takes a software GPU seconds, and a dialog is a program of its own.
        let times = if ["p", "o"].contains(&key.as_str()) {
            2
        } else {
            20
        };
        let words = ["key", "--repeat", &times.to_string(), "--delay", "5", key];
        desk.display.xdotool(&words).expect("xdotool knows the key");
        desk.assert_runs();
    }
    desk.press("t");
    desk.until("the dark theme", ground(Palette::DARK));
    for size in [[700, 900], [1920, 120], [320, 100], [1920, 1080], SIZE] {
        desk.resize(size);
        wait_for("a picture of the new size", DEADLINE, || {
            desk.assert_runs();
            let (picture, [width, height]) = (desk.picture(), size.map(|s| s as usize));
            // Both far corners are the window's ground, not the black of the root.
            let ground = rgb(Palette::DARK.background);
            (picture.at(width - 1, 0) == ground && picture.at(0, height - 1) == ground)
                .then_some(())
        });
    }
    // Every key was pressed an even number of times, so it runs, dark, side by side; Escape did not end it.
    desk.press("Escape");
    let layout = layout(CompareMode::SideBySide);
    desk.until("two spectrograms", |picture| {
        mode_of(picture) == Some(CompareMode::SideBySide)
    });
    // A picture that was asked for may still be on its way.
    let first = desk.picture();
    let plot = newest(layout.panes[0].plot);
    desk.until("it moves on", |picture| first.changed(picture, plot) > 0.5);
    let said = desk.close();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}

/// Every key of the list by the name that xdotool has for it; "more time" first, so that "less time"
/// ends near; "usual axes" after those that scroll, so that it is live again.
fn xdotool_keys() -> Vec<String> {
    let mut keys: Vec<String> = catalog()
        .iter()
        .filter_map(|binding| binding.key)
        .map(|key| match key {
            "Space" => "space".to_owned(),
            "Esc" => "Escape".to_owned(),
            "←" => "Left".to_owned(),
            "→" => "Right".to_owned(),
            "+" => "plus".to_owned(),
            "−" => "minus".to_owned(),
            "?" => "question".to_owned(),
            "." => "period".to_owned(),
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
