//! Words about what is asked for twice or brings the picture to a stand.

use std::time::Duration;

use serde_json::Value;

use crate::support::desk::{Home, Window, free_port};
use crate::support::music::{self, files};
use crate::support::parts::{self, DISPLAY};
use crate::support::turns;
use crate::support::x11::wait_for;

/// Long enough for a busy machine whose processor draws.
const DEADLINE: Duration = Duration::from_secs(90);
const RATE_HZ: u32 = 48_000;

#[test]
fn a_record_that_is_open_comes_to_the_front_and_what_is_shown_is_said_to_stand_still() {
    let test = "a_record_that_is_open_comes_to_the_front_and_what_is_shown_is_said_to_stand_still";
    if !parts::are_there(test, &[DISPLAY]) {
        return;
    }
    let _turn = turns::beside_others();
    let home = Home::new();
    let settings = format!("remote-port = {}\nhints-seen = true\n", free_port());
    home.write("settings.toml", &settings);
    let paths = [1, 2].map(|seed| {
        let path = home.path(format!("record {seed}.wav"));
        let song = music::song(seed, 4.0, RATE_HZ);
        files::write_wav(&path, RATE_HZ, song.as_flattened());
        path
    });
    let _window = Window::demo(&home, DEADLINE);
    let ctl = |words: &[&str]| home.ctl(words);
    let status = || home.status(DEADLINE);
    let shows = |what: &str, holds: &dyn Fn(&Value) -> bool| {
        wait_for(what, DEADLINE, || {
            let status = status();
            holds(&status).then_some(status)
        })
    };
    let before = status()["references"].as_u64().expect("a number");
    for (path, number) in paths.iter().zip(1..) {
        ctl(&["open", &path.display().to_string()]);
        shows("the record", &|status| {
            status["references"] == before + number
        });
    }
    ctl(&["open", &paths[0].display().to_string()]);
    let after = shows("a word about it", &|status| {
        status["message"] == "record 1 is open already"
    });
    assert_eq!(after["reference"], "record 1");
    assert_eq!(after["references"], before + 2, "it is not there twice");

    shows("some seconds of a mix", &|status| {
        status["mix_secs"].as_f64() > Some(3.0)
    });
    ctl(&["go-to", "1 2"]);
    let after = shows("a word about it", &|status| {
        status["message"] == "the picture stands still to show it · Space goes on"
    });
    assert_eq!(after["frozen"], true);
    ctl(&["freeze"]);
    shows("a picture that goes on", &|status| {
        status["frozen"] == false
    });
}
