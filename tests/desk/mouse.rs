//! The window by mouse alone, and by keys alone, on a real display: what looks like a control does what it says, and letters
//! that miss a field do nothing.

use std::io::Read as _;
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use crate::support::desk::{Home, Window, free_port};
use crate::support::kittest::{Chrome, empty_scene};
use crate::support::parts::{self, DISPLAY};
use crate::support::program::hear;
use crate::support::turns;
use crate::support::x11::{Display, wait_for};
use abscope::session::action::Context;
use abscope::session::settings::arrangement::Panel;
use abscope::session::snapshots::Snapshot;
use abscope::view::context_items::context_at;
use abscope::view::rect::Rect;
use serde_json::Value;

const SIZE: [u32; 2] = [1280, 720];
/// Long enough for a busy machine whose processor draws.
const DEADLINE: Duration = Duration::from_secs(60);

struct Desk {
    window: Window,
    home: Home,
}

impl Desk {
    fn open() -> Self {
        let home = Home::new();
        let settings = format!("remote-port = {}\nhints-seen = true\n", free_port());
        home.write("settings.toml", &settings);
        let mut program = home.abscope();
        program
            .arg("--demo")
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let window = Window::open(program, &Rc::new(Display::start()), DEADLINE);
        let desk = Self { window, home };
        wait_for("an answer of the window", DEADLINE, || desk.status());
        desk.window.resize(SIZE);
        desk.window.focus();
        desk
    }

    fn status(&self) -> Option<Value> {
        let said = hear(self.home.abscope().args(["ctl", "status"]));
        serde_json::from_str(&said.out).ok()
    }

    /// Waits until something is so.
    fn until(&self, field: &str, expected: impl Into<Value>) {
        let expected = expected.into();
        let what = format!("{field} {expected}");
        wait_for(&what, DEADLINE, || {
            self.status().filter(|status| status[field] == expected)
        });
    }

    /// Clicks the middle of a place with a button, 1 for left and 3 for right.
    fn click(&self, place: Rect, button: &str) {
        let at =
            [place.x + place.w / 2.0, place.y + place.h / 2.0].map(|px| px.round().to_string());
        let display = &self.window.display;
        let moved = [
            "mousemove",
            "--sync",
            "--window",
            &self.window.id,
            &at[0],
            &at[1],
        ];
        display.xdotool(&moved).expect("the display has a pointer");
        display
            .xdotool(&["click", button])
            .expect("the display has a button");
    }
}

#[test]
fn an_engineer_finds_the_way_by_mouse_alone() {
    if !parts::are_there("an_engineer_finds_the_way_by_mouse_alone", &[DISPLAY]) {
        return;
    }
    let _turn = turns::alone();
    let desk = Desk::open();
    desk.until("frozen", false);
    // The same words lie at the same places in a picture without sound.
    let scene = empty_scene(SIZE);
    let pane = scene.layout.panes[0].plot;
    let at = [pane.x + pane.w / 2.0, pane.y + pane.h / 2.0].map(f32::round);
    let menu = context_at(Context::Panel(Panel::Spectrograms), at, &scene);
    let mut chrome = Chrome::of(scene);
    let [menu_button, findings, difference] =
        ["Menu", "Findings", "Difference"].map(|words| chrome.place(words));
    chrome.change(|scene| scene.context = Some(menu));
    let freeze = chrome.place("freeze");

    desk.click(pane, "3");
    desk.click(freeze, "1");
    desk.until("frozen", true);
    desk.click(menu_button, "1");
    desk.until("drawer", "menu");
    desk.click(findings, "1");
    desk.until("drawer", "findings");
    desk.click(difference, "1");
    desk.until("mode", "difference");

    // While a drawer with fields is open, letters are no actions; once it is closed they are.
    desk.window.press("e");
    desk.until("drawer", "references");
    for key in ["a", "r", "space", "x"] {
        desk.window.press(key);
    }
    desk.window.press("Escape");
    desk.until("drawer", Value::Null);
    desk.until("mode", "difference");
    desk.until("frozen", true);
    desk.window.press("space");
    desk.until("frozen", false);
}

/// Waits until the status has something that is so.
fn until(desk: &Desk, what: &str, is: impl Fn(&Value) -> bool) {
    wait_for(what, DEADLINE, || desk.status().filter(&is));
}

#[test]
fn an_engineer_reads_marks_and_leaves_by_keys_alone() {
    if !parts::are_there(
        "an_engineer_reads_marks_and_leaves_by_keys_alone",
        &[DISPLAY],
    ) {
        return;
    }
    let _turn = turns::alone();
    let mut desk = Desk::open();
    let press = |desk: &Desk, key: &str, times: usize| {
        (0..times).for_each(|_| desk.window.press(key));
    };
    until(&desk, "five seconds", |status| {
        status["mix_secs"].as_f64() > Some(5.0)
    });
    press(&desk, "space", 1);
    desk.until("frozen", true);

    // Into the middle, an octave up, and a fifth of the picture on.
    press(&desk, "Return", 1);
    until(&desk, "the crosshair", |status| {
        status["crosshair"]["hz"] == 1000.0
    });
    press(&desk, "Up", 12);
    press(&desk, "Right", 20);
    let is_at = |value: &Value, expected: f64| {
        value
            .as_f64()
            .is_some_and(|value| (value - expected).abs() < 1e-3)
    };
    until(&desk, "an octave up", |status| {
        is_at(&status["crosshair"]["hz"], 2000.0) && is_at(&status["crosshair"]["secs"], -6.0)
    });

    // From there to a twentieth of the picture further on.
    press(&desk, "bracketleft", 1);
    press(&desk, "Right", 5);
    press(&desk, "bracketright", 1);
    until(&desk, "a second that is marked", |status| {
        let [from, to] = [&status["mark"][0], &status["mark"][1]].map(Value::as_f64);
        from.zip(to)
            .is_some_and(|(from, to)| (to - from - 1.0).abs() < 0.01)
    });

    // The mark goes first, then the crosshair, and the arrows move the reference again.
    press(&desk, "Escape", 1);
    desk.until("mark", Value::Null);
    press(&desk, "Escape", 1);
    desk.until("crosshair", Value::Null);
    press(&desk, "Right", 1);
    until(&desk, "a nudge", |status| {
        is_at(&status["nudge_secs"], 0.01)
    });

    press(&desk, "ctrl+q", 1);
    let code = wait_for("the end", DEADLINE, || {
        desk.window.program.try_wait().expect("it is our child")
    });
    assert_eq!(code.code(), Some(0));
}

#[test]
fn a_display_that_goes_away_ends_the_window_with_one_line() {
    if !parts::are_there(
        "a_display_that_goes_away_ends_the_window_with_one_line",
        &[DISPLAY],
    ) {
        return;
    }
    let _turn = turns::alone();
    let mut desk = Desk::open();
    until(&desk, "something to keep", |status| {
        status["mix_secs"].as_f64() > Some(2.0)
    });
    desk.window.press("s");
    until(&desk, "a snapshot", |_| {
        !desk.home.files("data", "abscope").is_empty()
    });
    desk.window.display.end();
    let code = wait_for("the end", DEADLINE, || {
        desk.window.program.try_wait().expect("it is our child")
    });
    let mut said = String::new();
    let stderr = desk.window.program.stderr.as_mut().expect("it is a pipe");
    stderr
        .read_to_string(&mut said)
        .expect("a pipe can be read");
    assert_eq!(code.code(), Some(1), "{said}");
    // A busy machine may have stood still on the way.
    let is_of_the_log = |line: &&str| line.contains("WARN") || line.contains("ERROR the window");
    let lines: Vec<&str> = said.lines().filter(|line| !is_of_the_log(line)).collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].contains("has ended"), "{said}");
    let kept = desk.home.files("data", "abscope");
    assert!(Snapshot::read(&kept[0]).is_ok());
}
