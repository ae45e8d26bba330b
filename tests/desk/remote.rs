//! Remote control on real parts: a window under Xvfb, `abscope ctl` beside it, and packets of all kinds.

use std::net::{Ipv4Addr, UdpSocket};
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use crate::support::desk::{Home, Window, free_port};
use crate::support::drop::drop_files;
use crate::support::parts::{self, DISPLAY};
use crate::support::program::{Said, hear};
use crate::support::turns::{self, Turn};
use crate::support::wav::{sine, write_wav};
use crate::support::x11::{Display, wait_for};
use abscope::dsp::signals::Random;
use abscope::session::action::remote::{Request, read_reply, write_request};
use serde_json::Value;

/// Long enough for a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A window that listens on a port of its own.
struct Desk {
    window: Window,
    port: u16,
    home: Home,
    _turn: Turn,
}

impl Desk {
    /// None where the test has to be skipped.
    fn open(test: &str) -> Option<Self> {
        if !parts::are_there(test, &[DISPLAY]) {
            return None;
        }
        let turn = turns::alone();
        let (home, port) = (Home::new(), free_port());
        write_settings(&home, port);
        let window = window(&home, &Rc::new(Display::start()));
        let desk = Self {
            window,
            port,
            home,
            _turn: turn,
        };
        wait_for("an answer of the window", DEADLINE, || {
            (desk.ctl(&["status"]).code == Some(0)).then_some(())
        });
        // A processor draws it: small.
        desk.window.resize([640, 400]);
        Some(desk)
    }

    fn ctl(&self, words: &[&str]) -> Said {
        hear(self.home.abscope().arg("ctl").args(words))
    }

    fn status(&self) -> Value {
        let said = self.ctl(&["status"]);
        assert_eq!(said.code, Some(0), "{}", said.err);
        serde_json::from_str(&said.out).expect("the status is JSON")
    }

    fn socket(&self) -> UdpSocket {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback is there");
        socket
            .connect((Ipv4Addr::LOCALHOST, self.port))
            .expect("an address needs no listener");
        socket
            .set_read_timeout(Some(DEADLINE))
            .expect("a minute is a timeout");
        socket
    }
}

fn write_settings(home: &Home, port: u16) {
    let text = format!("remote-port = {port}\nhints-seen = true\n");
    home.write("settings.toml", &text);
}

fn window(home: &Home, display: &Rc<Display>) -> Window {
    let mut program = home.abscope();
    std::fs::create_dir_all(home.path("faults")).expect("the folder is writable");
    program
        .arg("--demo")
        .env("ABSCOPE_FAULTS", home.path("faults"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    Window::open(program, display, DEADLINE)
}

/// Sends a packet and returns the answer.
fn ask(socket: &UdpSocket, packet: &[u8]) -> Result<String, String> {
    socket.send(packet).expect("loopback takes it");
    answer(socket)
}

fn answer(socket: &UdpSocket) -> Result<String, String> {
    let mut answer = vec![0; 65_536];
    let length = socket.recv(&mut answer).expect("the window answers");
    read_reply(&answer[..length]).expect("it is an answer")
}

#[test]
fn actions_arrive_by_ctl_and_by_osc() {
    let Some(desk) = Desk::open("actions_arrive_by_ctl_and_by_osc") else {
        return;
    };
    let before = desk.status();
    assert_eq!(before["mode"], "side-by-side");
    assert_eq!(before["frozen"], false);
    for (words, field, expected) in [
        (["difference", ""], "mode", Value::from("difference")),
        (["freeze", ""], "frozen", Value::from(true)),
        (["menu", ""], "drawer", Value::from("menu")),
        (["match", ""], "loudness_match", Value::from(false)),
        (["nudge", "-0.5"], "nudge_secs", Value::from(-0.5)),
        (["theme", ""], "theme", Value::from("light")),
    ] {
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let said = desk.ctl(&words);
        assert_eq!(
            (said.code, said.out.as_str()),
            (Some(0), ""),
            "{}",
            said.err
        );
        assert_eq!(desk.status()[field], expected, "{words:?}");
    }
    let socket = desk.socket();
    let freeze = [b"/abscope/freeze\0".as_slice(), b",f\0\0"].concat();
    let pressed = [freeze.as_slice(), &1f32.to_be_bytes()].concat();
    let released = [freeze.as_slice(), &0f32.to_be_bytes()].concat();
    assert_eq!(ask(&socket, &pressed), Ok(String::new()));
    assert_eq!(desk.status()["frozen"], false, "a press goes on live");
    assert_eq!(ask(&socket, &released), Ok(String::new()));
    assert_eq!(desk.status()["frozen"], false, "letting go does nothing");
    let span = Request::Words("set span 45".to_owned());
    assert_eq!(ask(&socket, &write_request(&span)), Ok(String::new()));
    assert_eq!(desk.status()["span_secs"], 45.0);
    // What was set is written soon, and read by the next window.
    wait_for("the settings to be written", DEADLINE, || {
        let text = desk.home.read("settings.toml");
        let table: toml::Table = text.parse().ok()?;
        let is_kept = table.get("span")?.as_integer() == Some(45)
            && table.get("theme")?.as_str() == Some("light");
        is_kept.then_some(())
    });
}

#[test]
fn what_is_not_understood_is_said_in_one_line_and_so_is_a_window_that_is_not_there() {
    let Some(desk) = Desk::open(
        "what_is_not_understood_is_said_in_one_line_and_so_is_a_window_that_is_not_there",
    ) else {
        return;
    };
    let bad = desk.ctl(&["dance"]);
    assert!(bad.failure().contains("no action dance"), "{}", bad.err);
    let socket = desk.socket();
    let refused = ask(
        &socket,
        &write_request(&Request::Words("zoom x".to_owned())),
    );
    assert!(refused.is_err_and(|why| why.contains("zoom does not take")));
    assert_eq!(desk.status()["remote_errors"], 1);
    // Its own settings and state: another person's, or none at all.
    let elsewhere = Home::new();
    write_settings(&elsewhere, desk.port);
    let alone = hear(elsewhere.abscope().args(["ctl", "quit"]));
    assert!(
        alone.failure().contains("no window of yours answers"),
        "{}",
        alone.err
    );
}

#[test]
fn surfaces_may_not_quit_delete_or_set_folders_and_the_person_may() {
    let Some(mut desk) =
        Desk::open("surfaces_may_not_quit_delete_or_set_folders_and_the_person_may")
    else {
        return;
    };
    let socket = desk.socket();
    let words = [
        "quit",
        "delete-snapshot",
        "open",
        "set pictures-folder /tmp",
        "set remote-address 0.0.0.0",
        "set remote-surfaces-may-all on",
        "recall /etc/passwd",
    ];
    for words in words {
        let asked = ask(&socket, &write_request(&Request::Words(words.to_owned())));
        let why = asked.expect_err(words);
        assert!(why.contains("not by OSC"), "{words}: {why}");
    }
    assert_eq!(desk.status()["remote_refused"], words.len());
    desk.window.assert_runs();
    let moved = desk.ctl(&["set", "remote-address", "127.0.0.2"]);
    assert_eq!(
        (moved.code, moved.err.as_str()),
        (Some(0), ""),
        "done is answered as done"
    );
    assert!(
        desk.ctl(&["recall", "nothing is called so"])
            .failure()
            .contains("no snapshot")
    );
    assert_eq!(desk.ctl(&["quit"]).code, Some(0));
}

#[test]
fn ten_thousand_malformed_packets_are_counted_and_break_nothing() {
    let Some(mut desk) = Desk::open("ten_thousand_malformed_packets_are_counted_and_break_nothing")
    else {
        return;
    };
    let socket = desk.socket();
    let mut random = Random::new(1);
    let mut next = move || random.bits();
    let good = write_request(&Request::Words("zoom 2".to_owned()));
    for number in 0..10_000u64 {
        let packet = match number % 4 {
            // Noise.
            0 => (0..next() % 600).map(|_| next() as u8).collect(),
            // A message cut short.
            1 => good[..(next() as usize) % (good.len() - 8)].to_vec(),
            // A bundle of noise.
            2 => {
                let noise = (0..next() % 200).map(|_| next() as u8);
                b"#bundle\0"
                    .iter()
                    .copied()
                    .chain(noise)
                    .collect::<Vec<u8>>()
            }
            // A message for nobody: its address is flipped at one place.
            _ => {
                let mut packet = good.clone();
                let at = (next() % 9) as usize;
                packet[at] ^= 1 << (next() % 8);
                packet
            }
        };
        socket.send(&packet).expect("loopback takes it");
        if number % 100 == 0 {
            // The system drops what waits too long: now and then it is waited for.
            assert_eq!(desk.ctl(&["mark-clear"]).code, Some(0));
        }
    }
    let status = desk.status();
    let ignored = status["remote_ignored"].as_u64().expect("it counts");
    assert!(ignored > 5_000, "{status}");
    assert_eq!(status["remote_accepted"], 0, "nothing of it was done");
    assert_eq!(status["span_secs"], 20.0, "nothing was zoomed");
    socket.set_nonblocking(true).expect("loopback is there");
    assert!(
        socket.recv(&mut [0; 1]).is_err(),
        "nothing of it was answered"
    );
    assert_eq!(desk.ctl(&["freeze"]).code, Some(0));
    assert_eq!(desk.status()["frozen"], true);
    desk.window.assert_runs();
}

#[test]
fn what_breaks_is_said_and_what_can_go_on_does() {
    let Some(mut desk) = Desk::open("what_breaks_is_said_and_what_can_go_on_does") else {
        return;
    };
    let break_it = |name: &str| {
        let fault = desk.home.path("faults").join(name);
        std::fs::write(&fault, "").expect("the folder is writable");
        fault
    };
    let broke = |desk: &Desk, fault: &std::path::Path| {
        let what = format!("the fault of {}", fault.display());
        wait_for(&what, DEADLINE, || (!fault.exists()).then_some(()));
        desk.status()
    };
    let fault = break_it("shelf");
    let failed = desk.ctl(&["snapshot"]);
    let wrong = match failed.code {
        // The list of what is open may have met it first: then the snapshot is kept.
        Some(0) => String::new(),
        _ => failed.failure().to_owned(),
    };
    assert!(wrong.is_empty() || wrong.contains("stumbled"), "{wrong}");
    broke(&desk, &fault);
    assert_eq!(desk.ctl(&["snapshot"]).code, Some(0), "the shelf goes on");
    let kept = desk.home.files("data", "abscope");
    assert!(!kept.is_empty(), "done means that it is there");
    for name in ["input", "settings"] {
        let fault = break_it(name);
        assert_eq!(desk.ctl(&["theme"]).code, Some(0));
        let status = broke(&desk, &fault);
        assert_eq!(status["stopped"], serde_json::json!([]), "{name} goes on");
    }
    let fault = break_it("companion");
    let status = broke(&desk, &fault);
    assert_eq!(
        status["stopped"],
        serde_json::json!([]),
        "the reference goes on beside the mix"
    );
    let fault = break_it("analysis");
    broke(&desk, &fault);
    let status = wait_for("the news", DEADLINE, || {
        let status = desk.status();
        (status["stopped"] != serde_json::json!([])).then_some(status)
    });
    let stopped = status["stopped"][0].as_str().expect("it is said");
    assert!(stopped.contains("analysis has stopped"), "{stopped}");
    let problem = status["input_problem"].as_str().expect("it is said");
    assert!(problem.contains("analysis has stopped"), "{problem}");
    desk.window.assert_runs();
}

#[test]
fn a_snapshot_is_answered_as_done_when_it_is_beside_a_keeper_that_broke_and_never_beside_a_dead_shelf()
 {
    let Some(mut desk) = Desk::open(
        "a_snapshot_is_answered_as_done_when_it_is_beside_a_keeper_that_broke_and_never_beside_a_dead_shelf",
    ) else {
        return;
    };
    let faults = desk.home.path("faults");
    // The keeper looks after files.
    let record = desk.home.path("record.wav");
    write_wav(&record, 48_000, 2, 5.0, |_, secs| sine(440.0, -12.0, secs));
    drop_files(&desk.window.display, &desk.window.id, &[&record]);
    let kept = || desk.home.files("data", "abscope").len();
    std::fs::write(faults.join("keeper"), "").expect("the folder is writable");
    wait_for("the keeper to break", DEADLINE, || {
        (!faults.join("keeper").exists()).then_some(())
    });
    wait_for("a snapshot", DEADLINE, || {
        (desk.ctl(&["snapshot"]).code == Some(0)).then_some(())
    });
    let there = kept();
    assert!(there >= 1, "done means that it is there");
    assert_eq!(desk.status()["stopped"], serde_json::json!([]));

    std::fs::write(faults.join("shelf for good"), "").expect("the folder is writable");
    for words in [
        &["snapshot"][..],
        &["snapshot"],
        &["undelete-snapshot"],
        &["recall-mix"],
    ] {
        let said = desk.ctl(words);
        assert!(said.failure().len() > 10, "{words:?}: {}", said.err);
    }
    let stopped = &desk.status()["stopped"][0];
    let stopped = stopped.as_str().expect("it is said");
    assert!(
        stopped.contains("snapshots are no longer kept"),
        "{stopped}"
    );
    assert_eq!(kept(), there);
    // All else goes on.
    let said = desk.ctl(&["screenshot", "slide"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    desk.window.assert_runs();
}

#[test]
fn many_pictures_at_once_are_refused_with_a_word() {
    let Some(desk) = Desk::open("many_pictures_at_once_are_refused_with_a_word") else {
        return;
    };
    let socket = desk.socket();
    let picture = write_request(&Request::Words("screenshot slide".to_owned()));
    let answers: Vec<_> = (0..8).map(|_| ask(&socket, &picture)).collect();
    let refused = answers.iter().filter_map(|answer| answer.as_ref().err());
    let refused: Vec<_> = refused.collect();
    assert!(
        !refused.is_empty() && refused.len() < answers.len(),
        "{answers:?}"
    );
    assert!(refused[0].contains("again in a moment"), "{refused:?}");
    // By ctl done means done: the file is there.
    let before = wait_for("a free place", DEADLINE, || {
        let before = desk.home.files("Pictures", "png").len();
        (desk.ctl(&["screenshot", "slide"]).code == Some(0)).then_some(before)
    });
    assert!(desk.home.files("Pictures", "png").len() > before);
}

#[test]
fn a_second_window_says_that_the_port_is_taken_and_goes_on() {
    let Some(desk) = Desk::open("a_second_window_says_that_the_port_is_taken_and_goes_on") else {
        return;
    };
    let mut second = window(&desk.home, &desk.window.display);
    let err = second.program.stderr.take().expect("it is a pipe");
    let said = {
        use std::io::BufRead as _;
        let mut lines = std::io::BufReader::new(err).lines().map_while(Result::ok);
        lines.find(|line| line.contains("is taken"))
    };
    let said = said.expect("it says so");
    assert!(said.contains(&desk.port.to_string()), "{said}");
    assert!(
        second
            .program
            .try_wait()
            .expect("it is our child")
            .is_none(),
        "it goes on"
    );
    drop(second);
    assert_eq!(
        desk.ctl(&["freeze"]).code,
        Some(0),
        "the first still listens"
    );
}

#[test]
fn the_remote_control_moves_to_another_port_and_ends_when_told() {
    let Some(desk) = Desk::open("the_remote_control_moves_to_another_port_and_ends_when_told")
    else {
        return;
    };
    let other = free_port().to_string();
    assert_eq!(desk.ctl(&["set", "remote-port", &other]).code, Some(0));
    let moved = wait_for("an answer at the other port", DEADLINE, || {
        let said = desk.ctl(&["--port", &other, "status"]);
        (said.code == Some(0)).then_some(said)
    });
    assert!(moved.out.contains("\"mode\""));
    assert_eq!(
        desk.ctl(&["--port", &other, "set", "remote", "off"]).code,
        Some(0)
    );
    wait_for("silence", DEADLINE, || {
        (desk.ctl(&["--port", &other, "status"]).code == Some(1)).then_some(())
    });
}
