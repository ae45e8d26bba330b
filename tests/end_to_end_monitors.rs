//! Two monitors on real parts: an X server with two dummy monitors, one of which is unplugged and plugged in again.
#![cfg(target_os = "linux")]

mod support;

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use support::program::abscope;
use support::x11::{Display, wait_for};

/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(40);
/// Left, top, width, height of each monitor.
const FIRST: [i32; 4] = [0, 0, 1920, 1080];
const SECOND: [i32; 4] = [1920, 0, 1920, 1080];

/// A running window; dropping it ends it.
struct Program {
    child: Child,
    window: String,
}

impl Program {
    fn open(display: &Display, home: &Path, words: &[&str]) -> Self {
        let mut child = abscope()
            .arg("--demo")
            .args(words)
            .env("DISPLAY", display.name())
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let window = wait_for("a window", DEADLINE, || {
            let ended = child.try_wait().expect("it is our child");
            assert!(ended.is_none(), "the window is gone: {ended:?}");
            display.window("Abscope")
        });
        Self { child, window }
    }

    fn wait_until_at(&mut self, what: &str, display: &Display, place: [i32; 4]) {
        let mut last = None;
        let begin = std::time::Instant::now();
        loop {
            let ended = self.child.try_wait().expect("it is our child");
            assert!(ended.is_none(), "{what}: the window is gone: {ended:?}");
            last = display.place(&self.window).or(last);
            if last == Some(place) {
                return;
            }
            assert!(begin.elapsed() < DEADLINE, "{what}: it is at {last:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// There is no window manager to give it the keyboard.
    fn press(&self, display: &Display, key: &str) {
        let focus = ["windowfocus", "--sync", &self.window];
        display.xdotool(&focus).expect("the window is there");
        display
            .xdotool(&["key", key])
            .expect("xdotool knows the key");
    }

    /// Closes the window; what it said on the standard error.
    fn close(mut self, display: &Display) -> String {
        display.ask_to_close(&self.window);
        let status = wait_for("the end", DEADLINE, || {
            self.child.try_wait().expect("it is our child")
        });
        let mut said = String::new();
        let mut err = self.child.stderr.take().expect("it is a pipe");
        std::io::Read::read_to_string(&mut err, &mut said).expect("a pipe can be read");
        assert!(status.success(), "{status}: {said}");
        said
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn full_screen_lands_on_its_monitor_follows_the_key_survives_the_cable_and_is_remembered() {
    let display = Display::with_two_monitors();
    let home = tempfile::tempdir().expect("a temporary folder can be made");
    let words = ["--monitor", "DUMMY1", "--fullscreen"];
    let mut program = Program::open(&display, home.path(), &words);
    program.wait_until_at("opened on the second", &display, SECOND);

    program.press(&display, "m");
    program.wait_until_at("M moves to the first", &display, FIRST);
    program.press(&display, "m");
    program.wait_until_at("M moves to the second", &display, SECOND);

    display.unplug();
    program.wait_until_at("unplugged, it is on the first", &display, FIRST);
    display.plug_in();
    program.wait_until_at("plugged in, it is back on the second", &display, SECOND);
    assert_eq!(program.close(&display), "");

    // Nothing is asked for now: it is remembered.
    let mut program = Program::open(&display, home.path(), &[]);
    program.wait_until_at("remembered on the second", &display, SECOND);
    program.press(&display, "f");
    wait_for("a window that fills no monitor", DEADLINE, || {
        let [_, _, width, _] = display.place(&program.window)?;
        (width < 1920).then_some(())
    });
    assert_eq!(program.close(&display), "");

    // The home is unplugged at the start: it waits on the first, and goes home.
    let mut program = Program::open(&display, home.path(), &["--fullscreen"]);
    program.wait_until_at("opened on the second again", &display, SECOND);
    assert_eq!(program.close(&display), "");
    display.unplug();
    let mut program = Program::open(&display, home.path(), &[]);
    program.wait_until_at("without its home, on the first", &display, FIRST);
    display.plug_in();
    program.wait_until_at("home", &display, SECOND);
    assert_eq!(program.close(&display), "");
}
