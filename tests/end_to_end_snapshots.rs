//! Snapshots in the window, by keys alone, with real capture: frozen, scrolled back, kept, recalled as B, compared,
//! pictured, and there again after a restart. Judged by pictures and by the files that lie there.
#![cfg(target_os = "linux")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use abscope::session::snapshot::Snapshot;
use abscope::view::layout::{CompareMode, Layout};
use support::program::{abscope, hear};
use support::pulse::{MONITOR_NAME, Playing, PulseServer};
use support::wav::{sine, write_wav};
use support::x11::{Display, Picture, wait_for};

const SIZE: [u32; 2] = [1280, 720];
/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A window and all that it needs; dropping it ends everything.
struct Desk {
    program: Option<Child>,
    window: String,
    display: Display,
    _playing: Playing,
    server: PulseServer,
    home: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        for folder in ["Pictures", "config"] {
            std::fs::create_dir(home.path().join(folder)).expect("the folder is writable");
        }
        let folders = "XDG_PICTURES_DIR=\"$HOME/Pictures\"\n";
        std::fs::write(home.path().join("config/user-dirs.dirs"), folders).expect("writable");
        let (mix, reference) = (home.path().join("mix.wav"), home.path().join("record.wav"));
        write_wav(&mix, 48_000, 2, 240.0, |_, t| melody(t, 0));
        write_wav(&reference, 48_000, 2, 12.0, |_, t| melody(t, 5));
        let server = PulseServer::start();
        let display = Display::start();
        let playing = Playing::start_with(server.command("paplay"), &mix);
        Self {
            program: None,
            window: String::new(),
            display,
            _playing: playing,
            server,
            home,
        }
    }

    fn command(&self) -> std::process::Command {
        let mut command = abscope();
        command
            .env("PULSE_SERVER", self.server.address())
            .env("DISPLAY", self.display.name())
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .env("XDG_DATA_HOME", self.home.path().join("data"))
            .env("XDG_STATE_HOME", self.home.path().join("state"))
            .env("XDG_CACHE_HOME", self.home.path().join("cache"))
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
        command
    }

    fn open(&mut self, words: &[&str]) {
        let mut command = self.command();
        let program = command
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program was built");
        self.program = Some(program);
        self.window = wait_for("a window", DEADLINE, || self.display.window("Abscope"));
        let (width, height) = (SIZE[0].to_string(), SIZE[1].to_string());
        let window = self.window.clone();
        let words = ["windowsize", "--sync", &window, &width, &height];
        self.display.xdotool(&words).expect("the window is there");
        let focus = ["windowfocus", "--sync", &window];
        self.display.xdotool(&focus).expect("the window is there");
    }

    fn press(&self, keys: &[&str]) {
        for key in keys {
            let said = self.display.xdotool(&["key", key]);
            said.unwrap_or_else(|| panic!("xdotool does not know the key {key}"));
        }
    }

    fn until(&self, what: &str, shows: impl Fn(&Picture) -> bool) {
        let mut last = None;
        let begin = std::time::Instant::now();
        while begin.elapsed() < DEADLINE {
            let picture = self.display.picture();
            if shows(&picture) {
                return;
            }
            last = Some(picture);
        }
        let path = last.map(|picture| picture.save(&what.replace(' ', "-")));
        panic!("{what}: not within {DEADLINE:?}, see {path:?}");
    }

    /// Snapshots on the shelf, oldest first.
    fn shelf(&self) -> Vec<PathBuf> {
        files(&self.home.path().join("data/Abscope/snapshots"), "abscope")
    }

    /// Waits until so many lie there, and opens the newest.
    fn newest_of(&self, count: usize) -> Snapshot {
        let paths = wait_for("a snapshot on the shelf", DEADLINE, || {
            Some(self.shelf()).filter(|paths| paths.len() == count)
        });
        let newest = paths.last().expect("there is one");
        Snapshot::read(newest).expect("it opens")
    }

    fn close(&mut self) {
        self.display.ask_to_close(&self.window);
        let mut program = self.program.take().expect("it runs");
        let status = wait_for("the end", DEADLINE, || {
            program.try_wait().expect("it is our child")
        });
        assert!(status.success(), "{status}");
    }

    fn kill(&mut self) {
        let mut program = self.program.take().expect("it runs");
        program.kill().expect("it is our child");
        program.wait().expect("it is our child");
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(program) = &mut self.program {
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    paths
}

/// Short notes, no two neighbours alike.
fn melody(secs: f64, seed: u64) -> f64 {
    let note = (secs / 0.17) as u64 + seed;
    let within = secs / 0.17 % 1.0;
    let voices = (0..4u64).map(|voice| {
        let step = (note * 7 + voice * 13 + note * note * (voice + 3)) % 36;
        let frequency_hz = 55.0 * (2.0 * voice as f64).exp2() * (step as f64 / 18.0).exp2();
        sine(frequency_hz, -18.0 - 3.0 * voice as f64, secs)
    });
    voices.sum::<f64>() * (1.0 - 0.8 * within)
}

fn is_bright([r, g, b]: [u8; 3]) -> bool {
    u32::from(r) + u32::from(g) + u32::from(b) > 300
}

fn has_both_panes(picture: &Picture) -> bool {
    let layout = Layout::compare(SIZE, 1.0, CompareMode::SideBySide);
    let mut panes = layout.panes.iter();
    panes.all(|pane| picture.share(pane.plot.columns(0.75, 0.95), is_bright) > 0.01)
}

/// A difference has both hues and no level map.
fn is_difference(picture: &Picture) -> bool {
    let plot = Layout::compare(SIZE, 1.0, CompareMode::Difference).panes[0].plot;
    let blue = |[r, _, b]: [u8; 3]| b > r.saturating_add(60);
    let orange = |[r, _, b]: [u8; 3]| r > b.saturating_add(60);
    picture.share(plot, blue) > 0.01 && picture.share(plot, orange) > 0.01
}

#[test]
fn by_keys_alone_a_snapshot_is_kept_recalled_compared_pictured_and_there_after_a_restart() {
    let mut desk = Desk::new();
    let record = desk.home.path().join("record.wav");
    let record = record.to_string_lossy().into_owned();
    desk.open(&["--input", MONITOR_NAME, "--reference", &record]);
    desk.until("both spectrograms", has_both_panes);

    // Freeze, a step in, scroll back, keep.
    desk.press(&["space", "plus", "plus", "Prior", "s"]);
    let first = desk.newest_of(1);
    assert_eq!(first.facts.name, "record 1");
    let reference = first.reference.as_ref().expect("one was open");
    assert_eq!(reference.source, "record");
    assert!(
        first
            .sound
            .as_ref()
            .is_some_and(|sound| !sound.frames.is_empty())
    );
    assert!(first.thumbnail_png.is_some());
    let span = first.facts.settings["looks"]["span_secs"].as_f64();
    assert_eq!(span, Some(5.0));
    // It was scrolled back: more was measured than the picture reaches to.
    let measured_secs = first.mix.loudness.len() as f64 * 0.1;
    assert!(measured_secs > first.facts.at_secs + 1.0, "{measured_secs}");

    // Live again; the drawer, its first snapshot, the button "as B".
    desk.press(&["Home", "k"]);
    desk.press(&["Tab", "Tab", "Tab", "Tab", "Tab", "Return"]);
    desk.press(&["Escape"]);
    desk.press(&["d"]);
    desk.until("the difference to the snapshot", is_difference);
    desk.press(&["s"]);
    let second = desk.newest_of(2);
    let reference = second.reference.as_ref().expect("it is the snapshot");
    assert_eq!(reference.source, "record 1");
    assert_eq!(second.facts.settings["looks"]["mode"], "difference");

    // A picture of it.
    desk.press(&["p"]);
    let pictures = desk.home.path().join("Pictures");
    wait_for("a picture", DEADLINE, || files(&pictures, "png").pop());
    desk.press(&["d"]);

    // All is back after a restart, with nothing said on the command line: input, both references, the shown one.
    desk.close();
    desk.open(&[]);
    desk.until("both spectrograms again", has_both_panes);
    desk.press(&["s"]);
    let third = desk.newest_of(3);
    let reference = third.reference.as_ref().expect("it is open again");
    assert_eq!(reference.source, "record 1");
    assert_eq!(third.mix.source, second.mix.source, "the same input");
    desk.press(&["1"]);
    desk.until("the record again", has_both_panes);

    // A crash: what was measured is on the shelf afterwards.
    wait_for("the autosave", 3 * DEADLINE, || {
        desk.home
            .path()
            .join("state/Abscope/autosave.abscope")
            .is_file()
            .then_some(())
    });
    desk.kill();
    desk.open(&[]);
    let recovered = desk.newest_of(4);
    let names = hear(desk.command().args(["snapshots", "list", "--json"]));
    assert!(names.out.contains("Recovered"), "{}", names.out);
    assert!(recovered.sound.is_none() || recovered.facts.name.starts_with("Recovered"));
    desk.close();
    assert!(
        !desk
            .home
            .path()
            .join("state/Abscope/autosave.abscope")
            .exists()
    );
}
