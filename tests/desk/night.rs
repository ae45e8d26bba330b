//! A night in short: parts of the program break at random moments, disks fill up, go and may not be written, inputs and
//! records vanish, the clock jumps, two windows work and ten programs ask at once. Nothing that was kept is lost, and
//! what failed was said. `scripts/night` makes it long.

use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use abscope::dsp::signals::Random;
use abscope::session::action::remote::{Request, write_request};
use serde_json::{Value, json};

use crate::support::desk::{Home, Window, free_port};
use crate::support::disk::Disk;
use crate::support::parts::{self, DISPLAY, SOUND};
use crate::support::program::{Said, hear};
use crate::support::pulse::{MONITOR_NAME, PulseServer};
use crate::support::turns;
use crate::support::users::is_root;
use crate::support::wav::{sine, write_wav};
use crate::support::x11::{Display, wait_for};

/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(120);
/// How many parts break; scripts/night asks for 500.
const BREAKS_VARIABLE: &str = "ABSCOPE_NIGHT_BREAKS";
/// Another night than the usual one.
const SEED_VARIABLE: &str = "ABSCOPE_NIGHT_SEED";
/// Parts whose work goes on when they break.
const PARTS: [&str; 7] = [
    "shelf",
    "keeper",
    "input",
    "settings",
    "companion",
    "remote",
    "pictures",
];
/// Programs that ask at once.
const ASKERS: usize = 10;
/// After so many rounds what was kept is opened and put away, so that no night fills the disk.
const OPENED_EVERY: usize = 10;

/// A busy machine leaves the analysis behind by less; a clock that is set moves by an hour and more.
const CATCHES_UP_SECS: f64 = 60.0;

/// What else goes wrong in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    None,
    /// A drive that is pulled out, with something else in its place.
    ShelfAway,
    DiskFull,
    ReadOnly,
    /// The sound server dies.
    NoInput,
    /// The clock is set, by so many seconds from what it was at first.
    Clock(i64),
}

const TROUBLES: [Trouble; 8] = [
    Trouble::None,
    Trouble::None,
    Trouble::ShelfAway,
    Trouble::DiskFull,
    Trouble::ReadOnly,
    Trouble::NoInput,
    Trouble::Clock(-3600),
    Trouble::Clock(24 * 3600),
];

/// The library that gives a program another clock, where it is installed.
fn other_clock() -> Option<PathBuf> {
    let folders = [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib",
        "/usr/lib64",
    ];
    let mut paths = folders
        .iter()
        .map(|of| Path::new(of).join("faketime/libfaketimeMT.so.1"));
    paths.find(|path| path.is_file())
}

/// Two windows and what they stand on.
struct Night {
    windows: Vec<Window>,
    ports: [u16; 2],
    server: PulseServer,
    disk: Disk,
    record: PathBuf,
    clock: Option<PathBuf>,
    home: Home,
}

impl Night {
    fn begin() -> Self {
        let home = Home::new();
        let disk = Disk::new(home.path("disk"), is_root());
        let record = home.path("record.wav");
        write_wav(&record, 48_000, 2, 10.0, |channel, secs| {
            sine(440.0 + f64::from(channel), -12.0, secs)
        });
        std::fs::create_dir(home.path("faults")).expect("the home is writable");
        home.write("clock", "+0");
        let mut night = Self {
            windows: vec![],
            ports: [free_port(), free_port()],
            server: PulseServer::start(),
            disk,
            record,
            clock: other_clock(),
            home,
        };
        let display = Rc::new(Display::start());
        for which in 0..2 {
            // One file for both, as people have it: each is told its own port while it starts.
            let text = format!(
                "remote-port = {}\nhints-seen = true\nframe-rate-cap = 15\nsnapshots-folder = {:?}\nsnapshot-sound = 1\n",
                night.ports[which],
                night.shelf().display().to_string()
            );
            let settings = night.settings();
            std::fs::write(settings, text).expect("the disk is writable");
            let mut program = night.abscope();
            program
                .env("ABSCOPE_FAULTS", night.home.path("faults"))
                .env("PULSE_SERVER", night.server.address())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            match which {
                0 => program.args(["--input", MONITOR_NAME, "--reference"]),
                _ => program.args(["--demo", "--reference"]),
            };
            program.arg(&night.record);
            if let Some(clock) = &night.clock {
                program
                    .env("LD_PRELOAD", clock)
                    .env("FAKETIME_TIMESTAMP_FILE", night.home.path("clock"))
                    .env("FAKETIME_NO_CACHE", "1")
                    .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                    .env("DONT_FAKE_MONOTONIC", "1");
            }
            let window = Window::open(program, &display, DEADLINE);
            // A processor draws it: small.
            window.resize([640, 400]);
            night.windows.push(window);
            night.status(which);
        }
        night
    }

    fn settings(&self) -> PathBuf {
        self.disk.folder.join("settings.toml")
    }

    fn shelf(&self) -> PathBuf {
        self.disk.folder.join("shelf")
    }

    fn abscope(&self) -> Command {
        let mut command = self.home.abscope();
        command
            .env("ABSCOPE_CONFIG", self.settings())
            .env("XDG_STATE_HOME", self.disk.folder.join("state"));
        command
    }

    fn ctl(&self, which: usize, words: &[&str]) -> Command {
        let mut command = self.abscope();
        command
            .args(["ctl", "--port", &self.ports[which].to_string()])
            .args(words);
        command
    }

    fn ask(&self, which: usize, words: &[&str]) -> Said {
        hear(&mut self.ctl(which, words))
    }

    fn status(&self, which: usize) -> Value {
        let said = wait_for("an answer", DEADLINE, || {
            let said = self.ask(which, &["status"]);
            (said.code == Some(0)).then_some(said)
        });
        serde_json::from_str(&said.out).expect("the status is JSON")
    }

    /// Whether this machine can make this trouble.
    fn can(&self, trouble: Trouble) -> bool {
        match trouble {
            Trouble::DiskFull | Trouble::ReadOnly => self.disk.is_mounted,
            Trouble::Clock(_) => self.clock.is_some(),
            _ => true,
        }
    }

    fn make(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::None => {}
            Trouble::ShelfAway => {
                let aside = self.home.path("disk/shelf aside");
                std::fs::rename(self.shelf(), aside).expect("the disk is writable");
                std::fs::write(self.shelf(), "in the way").expect("the disk is writable");
            }
            Trouble::DiskFull => self.disk.fill(),
            Trouble::ReadOnly => self.disk.protect(),
            Trouble::NoInput => {
                self.server.kill();
                wait_for("the loss to be said", DEADLINE, || {
                    self.status(0)["input_problem"].is_string().then_some(())
                });
            }
            Trouble::Clock(secs) => self.home.write("clock", &format!("{secs:+}")),
        }
    }

    fn end(&mut self, trouble: Trouble) {
        match trouble {
            // It stays as it was set.
            Trouble::None | Trouble::Clock(_) => {}
            Trouble::ShelfAway => {
                std::fs::remove_file(self.shelf()).expect("the disk is writable");
                std::fs::rename(self.home.path("disk/shelf aside"), self.shelf())
                    .expect("the disk is writable");
            }
            Trouble::DiskFull => self.disk.empty(),
            Trouble::ReadOnly => self.disk.unprotect(),
            Trouble::NoInput => {
                self.server.restart();
                wait_for("the input to be heard again", DEADLINE, || {
                    self.status(0)["input_problem"].is_null().then_some(())
                });
            }
        }
    }

    /// Does what the parts have to do, so that the one that is to break meets its fault.
    fn work(&self, which: usize, span: &str) -> [Said; 2] {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback is there");
        for port in self.ports {
            let packet = write_request(&Request::Words("mark-clear".to_owned()));
            socket
                .send_to(&packet, (Ipv4Addr::LOCALHOST, port))
                .expect("loopback takes it");
        }
        // Both keep at once, and both set what the other does not.
        let both = [0, 1].map(|window| {
            let mut command = self.ctl(window, &["snapshot"]);
            let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("the program was built")
        });
        let set = [
            self.ask(0, &["set", "span", span]),
            self.ask(1, &["set", "tilt", &span[span.len() - 1..]]),
        ];
        for said in set {
            assert_eq!(said.code, Some(0), "{}", said.err);
        }
        let said = self.ask(which, &["screenshot", "slide"]);
        assert!(
            said.code == Some(0) || said.failure().len() > 10,
            "{}",
            said.err
        );
        both.map(|kept| Said::from(kept.wait_with_output().expect("it is our child")))
    }

    /// Opens all that lies on the shelf and puts it away.
    fn open_all(&self) -> usize {
        let paths = self.home.files("disk/shelf", "abscope");
        for path in &paths {
            let said = hear(self.abscope().args(["snapshots", "show"]).arg(path));
            assert_eq!(said.code, Some(0), "{}: {}", path.display(), said.err);
            std::fs::remove_file(path).expect("the disk is writable");
        }
        for path in self.home.files("Pictures", "png") {
            std::fs::remove_file(path).expect("the home is writable");
        }
        paths.len()
    }
}

/// Ten programs that ask two windows at once: all are answered.
fn ten_ask(night: &Night, round: usize) {
    let many: Vec<_> = (0..ASKERS)
        .map(|asker| {
            let mut command = night.ctl(asker % 2, &["color-map"]);
            let command = command.stdout(Stdio::null());
            command.spawn().expect("the program was built")
        })
        .collect();
    for mut asker in many {
        let ended = asker.wait().expect("it is our child");
        assert!(
            ended.success(),
            "round {round}: one of {ASKERS} was not answered"
        );
    }
}

#[test]
fn a_night_of_breaks_and_troubles_loses_nothing_that_was_kept_and_says_what_failed() {
    let test = "a_night_of_breaks_and_troubles_loses_nothing_that_was_kept_and_says_what_failed";
    if !parts::are_there(test, &[DISPLAY, SOUND]) {
        return;
    }
    let _turn = turns::alone();
    let breaks = std::env::var(BREAKS_VARIABLE).ok();
    let breaks: usize = breaks.and_then(|breaks| breaks.parse().ok()).unwrap_or(8);
    let mut night = Night::begin();
    let seed = std::env::var(SEED_VARIABLE).ok();
    let mut random = Random::new(seed.and_then(|seed| seed.parse().ok()).unwrap_or(1));
    let mut below = move |end: usize| (random.bits() % end as u64) as usize;
    let (mut num_kept, mut num_said, mut num_opened) = (0, 0, 0);
    let mut heard = None;
    for round in 0..breaks {
        let part = PARTS[below(PARTS.len())];
        // Each trouble comes once before any comes again.
        let trouble = TROUBLES[if round < TROUBLES.len() {
            round
        } else {
            below(TROUBLES.len())
        }];
        let trouble = if night.can(trouble) {
            trouble
        } else {
            Trouble::None
        };
        let at = format!("round {round}, {part}, {trouble:?}");
        let fault = night.home.path("faults").join(part);
        let gone = night.home.path("record.gone");
        let [from, to] = match night.record.exists() {
            true => [&night.record, &gone],
            false => [&gone, &night.record],
        };
        std::fs::rename(from, to).expect("the home is writable");
        let breaks_first = below(2) == 0;
        if breaks_first {
            std::fs::write(&fault, "").expect("the home is writable");
        }
        night.make(trouble);
        if !breaks_first {
            std::fs::write(&fault, "").expect("the home is writable");
        }
        ten_ask(&night, round);
        let span = (5 + below(50)).to_string();
        for kept in night.work(below(2), &span) {
            match kept.code {
                Some(0) => num_kept += 1,
                // It is held in memory, and the next S tries again.
                _ => {
                    assert!(kept.failure().len() > 10, "{at}: {}", kept.err);
                    num_said += 1;
                }
            }
        }
        night.end(trouble);
        wait_for(&format!("{at}: the break"), DEADLINE, || {
            if fault.exists() {
                // A part that had nothing to do before it broke.
                night
                    .work(0, &span)
                    .iter()
                    .for_each(|kept| num_kept += usize::from(kept.code == Some(0)));
                return None;
            }
            Some(())
        });
        for which in 0..2 {
            let status = night.status(which);
            assert_eq!(status["stopped"], json!([]), "{at}");
            night.windows[which].assert_runs();
        }
        // Time goes on as it does on the wall, whatever the clock says; what got no processor for a while catches up.
        let secs = night.status(0)["mix_secs"]
            .as_f64()
            .expect("there is a mix");
        let (first_secs, first_at, last_secs) =
            *heard.get_or_insert_with(|| (secs, Instant::now(), secs));
        let on_the_wall = first_secs + first_at.elapsed().as_secs_f64();
        assert!(
            secs >= last_secs && secs < on_the_wall + CATCHES_UP_SECS,
            "{at}: {secs} s of the mix after {last_secs}, {on_the_wall} on the wall"
        );
        heard = Some((first_secs, first_at, secs));
        let there = night.home.files("disk/shelf", "abscope").len();
        assert!(
            there + num_opened >= num_kept,
            "{at}: {num_kept} were kept, {there} are there"
        );
        if round % OPENED_EVERY == OPENED_EVERY - 1 {
            num_opened += night.open_all();
            eprintln!(
                "night: {} breaks, {num_kept} kept, {num_said} refused with a word",
                round + 1
            );
        }
    }
    // What the disk did not take in between is written with the next, and what was set last is set.
    for which in 0..2 {
        wait_for("the last snapshot", DEADLINE, || {
            (night.ask(which, &["snapshot"]).code == Some(0)).then_some(())
        });
        assert_eq!(
            night
                .ask(which, &["set", ["span", "tilt"][which], "7"])
                .code,
            Some(0)
        );
    }
    num_opened += night.open_all();
    let stumbles = [0, 1].map(|which| night.status(which)["stumbles"].as_u64());
    let stumbles: u64 = stumbles.iter().flatten().sum();
    assert_eq!(stumbles, breaks as u64, "each break is on record");
    assert!(
        num_opened >= num_kept + 2,
        "{num_kept} were kept, {num_opened} opened"
    );
    wait_for("the settings of both", DEADLINE, || {
        let text = std::fs::read_to_string(night.settings()).ok()?;
        let table: toml::Table = text.parse().expect("it is whole");
        let is_set = |name: &str| {
            table
                .get(name)
                .is_some_and(|value| value.to_string().starts_with('7'))
        };
        (is_set("span") && is_set("tilt")).then_some(())
    });
    eprintln!(
        "night: {breaks} breaks, {num_kept} kept, {num_said} refused with a word, {num_opened} opened"
    );
}
