//! An evening at the desk by keys alone: what sounds is frozen, scrolled back, kept, laid beside itself, subtracted,
//! saved as a picture, and there again after a restart. Real window, real capture; pixels and files are looked at.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::program::abscope;
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
    display: Display,
    server: PulseServer,
    _playing: Playing,
    home: tempfile::TempDir,
    _turn: Turn,
}

/// A running window in it.
struct Desk<'a> {
    room: &'a Evening,
    program: Child,
    window: String,
}

impl Evening {
    fn new() -> Self {
        let turn = turns::alone();
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        for folder in ["Pictures", "config", "data", "state", "cache"] {
            std::fs::create_dir(home.path().join(folder)).expect("the folder is writable");
        }
        let folders = "XDG_PICTURES_DIR=\"$HOME/Pictures\"\n";
        std::fs::write(home.path().join("config/user-dirs.dirs"), folders).expect("writable");
        let mix = home.path().join("mix.wav");
        write_wav(&mix, 48_000, 2, 240.0, |_, secs| melody(secs));
        let server = PulseServer::start();
        let playing = Playing::start_with(server.command("paplay"), &mix);
        Self {
            display: Display::start(),
            server,
            _playing: playing,
            home,
            _turn: turn,
        }
    }

    /// Starts the program with some words.
    fn open(&self, words: &[&str]) -> Desk<'_> {
        let folder = |name: &str| self.home.path().join(name);
        let program = abscope()
            .args(words)
            .env("PULSE_SERVER", self.server.address())
            .env("DISPLAY", self.display.name())
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", folder("config"))
            .env("XDG_DATA_HOME", folder("data"))
            .env("XDG_STATE_HOME", folder("state"))
            .env("XDG_CACHE_HOME", folder("cache"))
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program was built");
        let mut desk = Desk {
            room: self,
            program,
            window: String::new(),
        };
        desk.window = wait_for("a window", DEADLINE, || {
            desk.assert_runs();
            self.display.window("Abscope")
        });
        let [width, height] = SIZE.map(|side| side.to_string());
        for words in [
            &["windowsize", "--sync", &desk.window, &width, &height][..],
            &["windowfocus", "--sync", &desk.window],
            // Off the window, where it explains nothing.
            &["mousemove", "1900", "1060"],
        ] {
            self.display.xdotool(words).expect("the window is there");
        }
        desk
    }

    /// Files with an ending under one of the person's folders.
    fn files(&self, folder: &str, ending: &str) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.path() {
                    path if path.is_dir() => walk(&path, found),
                    path => found.push(path),
                }
            }
        }
        let mut found = vec![];
        walk(&self.home.path().join(folder), &mut found);
        found.retain(|path| path.extension().is_some_and(|of_path| of_path == ending));
        found
    }
}

impl Desk<'_> {
    fn assert_runs(&mut self) {
        let ended = self.program.try_wait().expect("it is our child");
        assert!(ended.is_none(), "the window is gone: {ended:?}");
    }

    fn press(&self, keys: &[&str]) {
        for key in keys {
            let pressed = self.room.display.xdotool(&["key", key]);
            pressed.unwrap_or_else(|| panic!("xdotool does not know the key {key}"));
        }
    }

    /// Walks through the drawer; each step is seen before the next, as a person does.
    fn walk(&mut self, steps: usize) {
        for step in 1..=steps {
            let before = self.room.display.picture();
            self.press(&["Tab"]);
            self.until(&format!("step {step} in the drawer"), |picture| {
                picture.changed(&before, drawer()) > 0.0
            });
        }
    }

    /// Waits until a picture shows something, and returns it.
    fn until(&mut self, what: &str, shows: impl Fn(&Picture) -> bool) -> Picture {
        let begin = Instant::now();
        loop {
            self.assert_runs();
            let picture = self.room.display.picture();
            if shows(&picture) {
                return picture;
            }
            if begin.elapsed() > DEADLINE {
                let path = picture.save(&what.replace([' ', ','], "-"));
                panic!("{what}: not within {DEADLINE:?}, see {}", path.display());
            }
        }
    }

    /// The picture once a part of it stands still.
    fn settled(&mut self, part: Rect) -> Picture {
        let (mut last, mut since) = (self.room.display.picture(), Instant::now());
        wait_for("a picture that stands still", DEADLINE, || {
            let picture = self.room.display.picture();
            if picture.changed(&last, part) > 0.0 {
                since = Instant::now();
            }
            last = picture;
            (since.elapsed() > STILL).then_some(())
        });
        last
    }

    /// The window's own button, as there is no frame with one here.
    fn close(mut self) {
        self.room.display.ask_to_close(&self.window);
        let status = wait_for("the end", DEADLINE, || {
            self.program.try_wait().expect("it is our child")
        });
        assert!(status.success(), "{status}");
    }
}

impl Drop for Desk<'_> {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
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
    let Rgba([r, g, b, _]) = Palette::DARK.frozen;
    let edge = Rect { h: 1.0, ..pane(0) };
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
    let room = Evening::new();
    let mut desk = room.open(&["--input", MONITOR_NAME]);
    // Less time first: five seconds fill the picture soon, and half of them are left to scroll back to.
    desk.press(&["plus", "plus"]);
    desk.until("the mix", |picture| {
        has_data(picture, pane(0).columns(0.0, 0.2))
    });
    desk.press(&["plus"]);
    desk.until("no reference yet", |picture| !has_data(picture, pane(1)));

    // Frozen, it stands still; scrolled back, it shows what was before.
    desk.press(&["space"]);
    desk.until("the frozen frame", is_frozen);
    let frozen = desk.settled(pane(0));
    desk.press(&["Prior"]);
    desk.until("another moment", |picture| {
        picture.changed(&frozen, within(pane(0))) > 0.3
    });
    let scrolled = desk.settled(pane(0));
    assert!(is_frozen(&scrolled));

    // Kept, with its sound, at the place it was scrolled to.
    desk.press(&["s"]);
    let path = wait_for("a snapshot", DEADLINE, || {
        desk.assert_runs();
        room.files("data", "abscope").pop()
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

    // Live again, and the snapshot beside it: the fifth thing that Tab reaches is "as B" of the newest.
    desk.press(&["space"]);
    desk.until("a live picture", |picture| !is_frozen(picture));
    desk.press(&["k"]);
    desk.until("the shelf", shows_shelf);
    desk.walk(5);
    desk.press(&["space"]);
    desk.until("the snapshot as the reference", |picture| {
        has_data(picture, pane(1).columns(0.5, 1.0)) && !is_frozen(picture)
    });
    desk.press(&["Escape"]);

    // Subtracted: both hues, in one pane.
    desk.press(&["d"]);
    let area = layout(CompareMode::Difference).panes[0].plot;
    desk.until("the difference", |picture| {
        picture.share(area, is_blue) > 0.02 && picture.share(area, is_orange) > 0.02
    });

    // A picture whose figures know the snapshot.
    desk.press(&["p"]);
    let picture = wait_for("a picture", DEADLINE, || {
        desk.assert_runs();
        let path = room.files("Pictures", "png").pop()?;
        let file = std::fs::File::open(path).ok()?;
        PictureMetadata::read(&mut std::io::BufReader::new(file)).ok()
    });
    let reference = picture.reference.expect("the snapshot is the reference");
    assert_eq!(reference.source, snapshot.facts.name);
    assert!(picture.mix.integrated_lufs.is_some() && picture.match_gain_db.is_some());
    desk.close();

    // The next start hears the same input without being told, and the kept moment looks as it did: two buttons on
    // from "as B" is "as it was".
    let mut desk = room.open(&[]);
    desk.until("the same input", |picture| {
        has_data(picture, pane(0).columns(0.8, 1.0))
    });
    desk.press(&["k"]);
    desk.until("the shelf again", shows_shelf);
    desk.walk(7);
    desk.press(&["space"]);
    desk.until("the kept moment", |picture| {
        // The last digits of the right edge may decide about a few pixels.
        picture.changed(&scrolled, within(pane(0))) < 0.001
    });
    desk.close();
}
