//! A night in short: parts of the program break at random moments, files and folders go, several ask at once, and nothing
//! that was kept is lost. `scripts/night` makes it long.

use abscope::dsp::signals::Random;
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use crate::support::desk::{Home, Window, free_port};
use crate::support::parts::{self, DISPLAY};
use crate::support::program::hear;
use crate::support::turns;
use crate::support::wav::{sine, write_wav};
use crate::support::x11::{Display, wait_for};
use serde_json::{Value, json};

/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(120);
/// How many parts break; scripts/night asks for 500.
const BREAKS_VARIABLE: &str = "ABSCOPE_NIGHT_BREAKS";
/// Parts whose work goes on when they break.
const PARTS: [&str; 4] = ["shelf", "keeper", "input", "settings"];
/// Programs that ask at once.
const ASKERS: usize = 10;

#[test]
fn parts_that_break_and_folders_that_go_lose_nothing_that_was_kept() {
    let test = "parts_that_break_and_folders_that_go_lose_nothing_that_was_kept";
    if !parts::are_there(test, &[DISPLAY]) {
        return;
    }
    let _turn = turns::alone();
    let breaks = std::env::var(BREAKS_VARIABLE).ok();
    let breaks: usize = breaks.and_then(|breaks| breaks.parse().ok()).unwrap_or(8);
    let home = Home::new();
    let shelf = home.path("shelf");
    let (faults, aside) = (home.path("faults"), home.path("shelf aside"));
    for folder in [&shelf, &faults] {
        std::fs::create_dir(folder).expect("the home is writable");
    }
    let text = format!(
        "remote-port = {}\nhints-seen = true\nsnapshots-folder = {:?}\nsnapshot-sound = 1\n",
        free_port(),
        shelf.display().to_string()
    );
    home.write("settings.toml", &text);
    let (record, gone) = (home.path("record.wav"), home.path("record.gone"));
    write_wav(&record, 48_000, 2, 10.0, |channel, secs| {
        sine(440.0 + f64::from(channel), -12.0, secs)
    });
    let mut program = home.abscope();
    program
        .args(["--demo", "--reference"])
        .arg(&record)
        .env("ABSCOPE_FAULTS", &faults)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut window = Window::open(program, &Rc::new(Display::start()), DEADLINE);
    let ctl = |words: &[&str]| hear(home.abscope().arg("ctl").args(words));
    let status = || -> Value {
        let said = wait_for("an answer", DEADLINE, || {
            let said = ctl(&["status"]);
            (said.code == Some(0)).then_some(said)
        });
        serde_json::from_str(&said.out).expect("the status is JSON")
    };
    status();
    window.resize([640, 400]);
    let mut random = Random::new(1);
    let mut below = move |end: usize| (random.bits() % end as u64) as usize;
    let mut num_kept = 0;
    for round in 0..breaks {
        let part = PARTS[below(PARTS.len())];
        std::fs::write(faults.join(part), "").expect("the home is writable");
        let is_away = below(4) == 0;
        if is_away {
            // A drive that is pulled out, with something else in its place.
            std::fs::rename(&shelf, &aside).expect("the home is writable");
            std::fs::write(&shelf, "in the way").expect("the home is writable");
        }
        // The record goes and comes back.
        let [from, to] = if record.exists() {
            [&record, &gone]
        } else {
            [&gone, &record]
        };
        std::fs::rename(from, to).expect("the home is writable");
        let many: Vec<_> = (0..ASKERS)
            .map(|_| {
                let mut command = home.abscope();
                command.args(["ctl", "color-map"]).stdout(Stdio::null());
                command.spawn().expect("the program was built")
            })
            .collect();
        let kept = ctl(&["snapshot"]);
        for mut asker in many {
            let ended = asker.wait().expect("it is our child");
            assert!(
                ended.success(),
                "round {round}: one of {ASKERS} was not answered"
            );
        }
        if is_away {
            std::fs::remove_file(&shelf).expect("the home is writable");
            std::fs::rename(&aside, &shelf).expect("the home is writable");
        }
        match kept.code {
            Some(0) => num_kept += 1,
            // It is held in memory, and the next S tries again.
            _ => assert!(kept.failure().len() > 10, "round {round}: {}", kept.err),
        }
        let status = status();
        assert_eq!(status["stopped"], json!([]), "round {round}, {part}");
        window.assert_runs();
        let there = home.files("shelf", "abscope").len();
        assert!(
            there >= num_kept,
            "round {round}: {num_kept} were kept, {there} are there"
        );
    }
    // What the disk did not take in between is written with the next.
    wait_for("the last snapshot", DEADLINE, || {
        (ctl(&["snapshot"]).code == Some(0)).then_some(())
    });
    for path in home.files("shelf", "abscope") {
        let said = hear(home.abscope().args(["snapshots", "show"]).arg(&path));
        assert_eq!(said.code, Some(0), "{}: {}", path.display(), said.err);
    }
}
