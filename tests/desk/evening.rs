//! An evening at the desk by keys alone: what sounds is frozen, scrolled back, kept, laid beside itself, subtracted,
//! saved as a picture, and there again after a restart. Real window, real capture; pixels and files are looked at.

use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use crate::support::desk::{Home, Window};
use crate::support::parts::{self, DISPLAY, SOUND};
use crate::support::pulse::{MONITOR_NAME, Playing, PulseServer};
use crate::support::turns::{self, Turn};
use crate::support::wav::{sine, write_wav};
use crate::support::x11::{Display, Picture, is_blue, is_bright, is_orange, wait_for};
use abscope::session::settings::arrangement::Arrangement;
use abscope::session::snapshots::Snapshot;
use abscope::session::snapshots::picture_metadata::PictureMetadata;
use abscope::view::layout::{CompareMode, Layout, Room};
use abscope::view::palette::{Palette, Rgba};
use abscope::view::rect::Rect;

const SIZE: [u32; 2] = [1280, 720];
/// Long enough for a busy machine whose processor draws.
const DEADLINE: Duration = Duration::from_secs(60);
/// A picture that has not changed for so long stands still.
const STILL: Duration = Duration::from_millis(1500);

/// What lasts over a restart: the display, the sound, the person's folders.
struct Evening {
    display: Rc<Display>,
    server: PulseServer,
    _playing: Playing,
    home: Home,
    _turn: Turn,
}

impl Evening {
    fn new() -> Self {
        let turn = turns::alone();
        let home = Home::new();
        let mix = home.path("mix.wav");
        write_wav(&mix, 48_000, 2, 240.0, |_, secs| melody(secs));
        let server = PulseServer::start();
        let playing = Playing::start_with(server.command("paplay"), &mix);
        Self {
            display: Rc::new(Display::start()),
            server,
            _playing: playing,
            home,
            _turn: turn,
        }
    }

    /// Starts the program with some words.
    fn open(&self, words: &[&str]) -> Window {
        let mut program = self.home.abscope();
        program
            .args(words)
            .env("PULSE_SERVER", self.server.address())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let window = Window::open(program, &self.display, DEADLINE);
        window.resize(SIZE);
        window.focus();
        // Off the window, where it explains nothing.
        let away = ["mousemove", "1900", "1060"];
        self.display.xdotool(&away).expect("the screen is as large");
        window
    }
}

fn press(window: &Window, keys: &[&str]) {
    keys.iter().for_each(|key| window.press(key));
}

/// Walks through the drawer; each step is seen before the next, as a person does.
fn walk(window: &mut Window, steps: usize) {
    for step in 1..=steps {
        let before = window.picture();
        window.press("Tab");
        window.until(&format!("step {step} in the drawer"), |picture| {
            picture.changed(&before, drawer()) > 0.0
        });
    }
}

/// Notes that never repeat soon, so that two moments never look alike.
fn melody(secs: f64) -> f64 {
    const NOTE_SECS: f64 = 0.23;
    let note = (secs / NOTE_SECS) as u64;
    let within = secs / NOTE_SECS % 1.0;
    let voices = (0..4u64).map(|voice| {
        let step = (note * 7 + voice * 13 + note * note * (voice + 3)) % 36;
        let hz = 55.0 * (2.0 * voice as f64).exp2() * (step as f64 / 18.0).exp2();
        sine(hz, -18.0 - 3.0 * voice as f64, secs)
    });
    voices.sum::<f64>() * (1.0 - 0.8 * within)
}

fn layout(mode: CompareMode) -> Layout {
    Layout::compare(SIZE, 1.0, mode)
}

/// Mix pane or reference pane.
fn pane(index: usize) -> Rect {
    layout(CompareMode::SideBySide).panes[index].plot
}

/// Whether a part of a pane is full of a spectrogram; words on an empty one are not.
fn has_data(picture: &Picture, part: Rect) -> bool {
    picture.share(part, |p| is_orange(p) || is_bright(p)) > 0.05
}

fn is_frozen(picture: &Picture) -> bool {
    is_frozen_in(picture, 1.0)
}

/// The same in a part of the width from the left.
fn is_frozen_in(picture: &Picture, part: f32) -> bool {
    let Rgba([r, g, b, _]) = Palette::DARK.frozen;
    let edge = Rect {
        h: 1.0,
        ..pane(0).columns(0.0, part)
    };
    picture.share(edge, |p| p == [r, g, b]) > 0.9
}

/// Where the drawer lies.
fn drawer() -> Rect {
    let room = Room {
        size: SIZE,
        scale: 1.0,
        font_scale: 1.0,
        has_drawer: true,
    };
    let layout = Layout::in_room(room, CompareMode::SideBySide, &Arrangement::default());
    layout.drawer.expect("it is open")
}

/// Whether the drawer shows a snapshot's small picture.
fn shows_shelf(picture: &Picture) -> bool {
    let is_coloured = |[r, g, b]: [u8; 3]| r.max(g).max(b) - r.min(g).min(b) > 50;
    picture.share(drawer().columns(0.0, 0.3).rows(0.05, 0.3), is_coloured) > 0.02
}

/// Inside the frame that a frozen picture has.
fn within(plot: Rect) -> Rect {
    plot.inset(4.0, 4.0, 4.0, 4.0)
}

#[test]
fn an_evening_by_keys_is_kept_compared_shown_and_there_again() {
    if !parts::are_there(
        "an_evening_by_keys_is_kept_compared_shown_and_there_again",
        &[SOUND, DISPLAY],
    ) {
        return;
    }
    let room = Evening::new();
    let mut window = room.open(&["--input", MONITOR_NAME]);
    // Less time first: five seconds fill the picture soon, and half of them are left to scroll back to.
    press(&window, &["plus", "plus"]);
    window.until("the mix", |picture| {
        has_data(picture, pane(0).columns(0.0, 0.2))
    });
    press(&window, &["plus"]);
    window.until("no reference yet", |picture| !has_data(picture, pane(1)));

    // Frozen, it stands still; scrolled back, it shows what was before.
    press(&window, &["space"]);
    window.until("the frozen frame", is_frozen);
    let frozen = window.settled(&[pane(0)], STILL);
    press(&window, &["Prior"]);
    window.until("another moment", |picture| {
        picture.changed(&frozen, within(pane(0))) > 0.3
    });
    let scrolled = window.settled(&[pane(0)], STILL);
    assert!(is_frozen(&scrolled));

    // Kept, with its sound, at the place it was scrolled to.
    press(&window, &["s"]);
    let path = wait_for("a snapshot", DEADLINE, || {
        window.assert_runs();
        room.home.files("data", "abscope").pop()
    });
    let snapshot = Snapshot::read(&path).expect("it is whole");
    let sound = snapshot.sound.as_ref().expect("the sound is kept");
    let sound_secs = sound.frames.len() as f64 / f64::from(sound.sample_rate_hz);
    assert!(sound_secs > 3.0, "{sound_secs} s of sound");
    let ends_at = sound.from_secs + sound_secs;
    let at_secs = snapshot.facts.at_secs;
    assert!(
        (ends_at - at_secs).abs() < 0.1,
        "the sound ends at {ends_at} s, the picture at {at_secs} s"
    );

    // Live again, and the snapshot beside it: the sixth thing that Tab reaches is "Use as reference" of the newest.
    press(&window, &["space"]);
    window.until("a live picture", |picture| !is_frozen(picture));
    press(&window, &["k"]);
    window.until("the shelf", shows_shelf);
    walk(&mut window, 6);
    press(&window, &["space"]);
    window.until("the snapshot as the reference", |picture| {
        has_data(picture, pane(1).columns(0.5, 1.0)) && !is_frozen(picture)
    });
    press(&window, &["Escape"]);

    // Subtracted: both hues, in one pane.
    press(&window, &["d"]);
    let area = layout(CompareMode::Difference).panes[0].plot;
    window.until("the difference", |picture| {
        picture.share(area, is_blue) > 0.02 && picture.share(area, is_orange) > 0.02
    });

    // A picture whose figures know the snapshot.
    press(&window, &["p"]);
    let picture = wait_for("a picture", DEADLINE, || {
        window.assert_runs();
        let path = room.home.files("Pictures", "png").pop()?;
        let file = std::fs::File::open(path).ok()?;
        PictureMetadata::read(&mut std::io::BufReader::new(file)).ok()
    });
    let reference = picture.reference.expect("the snapshot is the reference");
    assert_eq!(reference.source, snapshot.facts.name);
    assert!(picture.mix.integrated_lufs.is_some() && picture.match_gain_db.is_some());
    assert_eq!(window.close().code, Some(0));

    // The next start hears the same input without being told, and the kept moment looks as it did: two buttons on
    // from "Use as reference" is "Restore view".
    let mut window = room.open(&[]);
    window.until("the same input", |picture| {
        has_data(picture, pane(0).columns(0.8, 1.0))
    });
    press(&window, &["k"]);
    window.until("the shelf again", shows_shelf);
    walk(&mut window, 8);
    press(&window, &["space"]);
    // The drawer stands beside the panels, so that they are narrower.
    window.until("a frozen picture", |picture| is_frozen_in(picture, 0.5));
    press(&window, &["Escape"]);
    window.until("the kept moment", |picture| {
        // The last digits of the right edge may decide about a few pixels.
        picture.changed(&scrolled, within(pane(0))) < 0.001
    });
    assert_eq!(window.close().code, Some(0));
}
