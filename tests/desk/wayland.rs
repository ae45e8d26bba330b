//! The window under a Wayland compositor with two outputs, the second at scale 1.5: keys, full screen, the next monitor, an
//! output that goes and returns, sharpness, and a screen that stays awake.

use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::desk::{Home, free_port};
use crate::support::parts::{self, DISPLAY, SWAY};
use crate::support::sway::Sway;
use crate::support::turns::{self, Turn};
use crate::support::x11::{Picture, wait_for};
use abscope::view::rect::Rect;

/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A compositor, a home, and the window in it.
struct Desk {
    program: Child,
    sway: Sway,
    home: Home,
    _turn: Turn,
}

impl Desk {
    /// The demo in a window; none where the test has to be skipped.
    fn open(test: &str, words: &[&str]) -> Option<Self> {
        if !parts::are_there(test, &[DISPLAY, SWAY]) {
            return None;
        }
        let turn = turns::alone();
        let (sway, home) = (Sway::start(), Home::new());
        let port = free_port();
        let settings = format!("remote = true\nremote-port = {port}\nhints-seen = true\n");
        home.write("settings.toml", &settings);
        sway.owns(&home.path(""));
        let mut command = home.abscope();
        command.args(["--demo", "--fps", "10"]).args(words);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let program = sway.runs(command).spawn().expect("the program was built");
        let mut desk = Self {
            program,
            sway,
            home,
            _turn: turn,
        };
        desk.until("a window", |window| window["visible"] == true);
        Some(desk)
    }

    fn assert_runs(&mut self) {
        let ended = self.program.try_wait().expect("it is our child");
        assert!(ended.is_none(), "the window is gone: {ended:?}");
    }

    /// Waits until something is true of the window.
    fn until(&mut self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        wait_for(what, DEADLINE, || {
            self.assert_runs();
            self.sway.window().filter(&holds)
        })
    }

    /// Waits until the letters on an output have edges as steep as no picture that was blown up by a half.
    fn until_sharp(&mut self, output: &str) {
        let all = Rect::snapped(0.0, 0.0, 1920.0, 1080.0);
        let steps = |picture: &Picture| {
            let light = picture.lightness(all);
            let pairs = light.chunks(1920).flat_map(|row| row.windows(2));
            pairs
                .filter(|pair| (pair[0] - pair[1]).abs() > 150.0)
                .count()
        };
        let what = format!("a sharp picture on {output}");
        let seen = wait_for(&what, DEADLINE, || {
            self.assert_runs();
            // Some 6000 where it is sharp; blown up, none.
            Some(steps(&self.sway.picture(output))).filter(|steps| *steps > 1000)
        });
        println!("{what}: {seen} steep edges");
    }

    /// What the program says of itself.
    fn status(&self) -> Value {
        let mut ctl = self.home.abscope();
        ctl.args(["ctl", "status"]);
        let said = self.sway.runs(ctl).output().expect("the program was built");
        serde_json::from_slice(&said.stdout).unwrap_or_default()
    }

    /// Waits until the program says something of itself.
    fn until_it_says(&mut self, what: &str, holds: impl Fn(&Value) -> bool) {
        wait_for(what, DEADLINE, || {
            self.assert_runs();
            holds(&self.status()).then_some(())
        });
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// How many pictures the program has shown.
fn pictures(status: &Value) -> u64 {
    status["pictures_drawn"].as_u64().unwrap_or(0)
}

#[test]
fn under_wayland_keys_act_full_screen_changes_outputs_and_an_output_may_go() {
    let test = "under_wayland_keys_act_full_screen_changes_outputs_and_an_output_may_go";
    let Some(mut desk) = Desk::open(test, &[]) else {
        return;
    };
    desk.until_it_says("pictures", |status| pictures(status) > 3);
    desk.sway.press("d");
    desk.until_it_says("the key D", |status| status["mode"] == "difference");
    // The demo sounds: nobody touches mouse or keys, and the screen stays awake.
    desk.until("a screen that stays awake", |window| {
        window["idle_inhibitors"]["application"] == "enabled"
    });
    desk.sway.press("m");
    desk.until_it_says("why it stays", |status| {
        let message = status["message"].as_str();
        message.is_some_and(|words| words.contains("full screen (F)"))
    });

    let is_full = |window: &Value| window["fullscreen_mode"] == 1;
    desk.sway.press("f");
    desk.until("full screen", |window| {
        is_full(window) && window["on"] == "X11-1"
    });
    desk.sway.press("m");
    desk.until("full screen on the next output", |window| {
        is_full(window) && window["on"] == "X11-2"
    });
    // At scale 1.5 it is drawn for the output's own pixels or finer: blown up, no edge is as steep.
    desk.until_sharp("X11-2");

    desk.sway.unplug("X11-2");
    desk.until("the output that is left", |window| {
        is_full(window) && window["on"] == "X11-1"
    });
    let before = pictures(&desk.status());
    desk.until_it_says("pictures there", |status| pictures(status) > before + 3);
    desk.sway.press("f");
    desk.until("no longer full", |window| !is_full(window));
}

/// A compositor lets nobody know when a picture is due on a workspace that nobody looks at: whoever waits for that, waits until
/// somebody does.
#[test]
fn under_wayland_a_window_that_nobody_sees_answers_measures_and_is_drawn_when_seen_again() {
    let test =
        "under_wayland_a_window_that_nobody_sees_answers_measures_and_is_drawn_when_seen_again";
    let Some(mut desk) = Desk::open(test, &[]) else {
        return;
    };
    desk.until_it_says("pictures", |status| pictures(status) > 3);
    desk.sway.tell(&["workspace 3"]);
    desk.until("out of sight", |window| window["visible"] == false);
    // Longer than any queue of pictures lasts.
    let seconds = |status: &Value| status["mix_secs"].as_f64().unwrap_or_default();
    let before = seconds(&desk.status());
    desk.until_it_says("that it measures on", |status| {
        seconds(status) > before + 4.0
    });
    let before = pictures(&desk.status());
    desk.sway.tell(&["workspace 1"]);
    desk.until("in sight", |window| window["visible"] == true);
    desk.until_it_says("pictures again", |status| pictures(status) > before + 20);
}
