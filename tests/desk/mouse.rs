//! The window by mouse alone, on a real display: what looks like a control does what it says, and letters that miss a
//! field do nothing.

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
