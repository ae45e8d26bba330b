//! What does not move is not drawn: silence at the input, a file in the mix's place. The first sound brings pictures back.

use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::desk::{Home, Window, free_port};
use crate::support::parts::{self, DISPLAY, SOUND};
use crate::support::pulse::{MONITOR_NAME, Playing, PulseServer};
use crate::support::turns;
use crate::support::wav::{sine, write_wav};
use crate::support::x11::{Display, wait_for};

/// Long enough for a busy machine whose processor draws.
const DEADLINE: Duration = Duration::from_secs(90);
/// Without a picture for so long, where four a second are the least otherwise, nothing is drawn.
const STILL: Duration = Duration::from_secs(3);

fn pictures(home: &Home) -> u64 {
    let said = home.abscope().args(["ctl", "status"]).output();
    let said = said.expect("the program was built");
    let status: Value = serde_json::from_slice(&said.stdout).unwrap_or_default();
    status["pictures_drawn"].as_u64().unwrap_or(0)
}

/// Waits until nothing is drawn.
fn wait_until_still(home: &Home) -> u64 {
    let (mut last, mut since) = (0, Instant::now());
    wait_for("a picture that is not drawn again", DEADLINE, || {
        let now = pictures(home);
        if now != last {
            (last, since) = (now, Instant::now());
        }
        (now > 0 && since.elapsed() > STILL).then_some(now)
    })
}

#[test]
fn silence_is_not_drawn_over_and_over_and_the_first_sound_is() {
    let test = "silence_is_not_drawn_over_and_over_and_the_first_sound_is";
    if !parts::are_there(test, &[DISPLAY, SOUND]) {
        return;
    }
    let _turn = turns::alone();
    let (home, server) = (Home::new(), PulseServer::start());
    let settings = format!("remote-port = {}\nhints-seen = true\n", free_port());
    home.write("settings.toml", &settings);
    let (record, mix) = (home.path("record.wav"), home.path("mix.wav"));
    write_wav(&record, 48_000, 2, 20.0, |_, secs| sine(440.0, -14.0, secs));
    write_wav(&mix, 48_000, 2, 60.0, |_, secs| sine(997.0, -14.0, secs));
    let mut program = home.abscope();
    program
        .args(["--fresh", "--input", MONITOR_NAME, "--reference"])
        .arg(&record)
        .env("PULSE_SERVER", server.address())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let display = Rc::new(Display::start());
    let mut window = Window::open(program, &display, DEADLINE);
    let still = wait_until_still(&home);
    let _playing = Playing::start_with(server.command("paplay"), &mix);
    wait_for("pictures of the sound", DEADLINE, || {
        window.assert_runs();
        (pictures(&home) > still + 10).then_some(())
    });
}
