//! The network wants in, from a device of its own: another network namespace at the end of a cable of two. The window
//! listens at every address, as people set it for a tablet.

use std::io::{BufRead as _, BufReader};
use std::net::UdpSocket;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use abscope::session::action::remote::{Request, read_reply, write_request};
use serde_json::{Value, json};

use crate::support::alone::own_program;
use crate::support::desk::{Home, Window, free_port};
use crate::support::parts::{self, DISPLAY};
use crate::support::program::hear;
use crate::support::turns;
use crate::support::users::may_be_others;
use crate::support::x11::wait_for;

/// Long enough for a busy machine whose processor draws.
const DEADLINE: Duration = Duration::from_secs(90);
/// Addresses that no network has beyond its own cable.
const HERE: &str = "10.231.77.1";
const THERE: &str = "10.231.77.2";
/// What the device is to do, in its process.
const DEVICE_DOES: &str = "ABSCOPE_TEST_DEVICE_DOES";
const DEVICE_TEST: &str = "the_device_at_the_other_end_of_the_cable";
/// Packets of a flood.
const MANY: usize = 100_000;

/// A device with a cable to this computer; dropping it takes both away.
struct Device {
    name: String,
}

impl Device {
    /// None where this system makes none.
    fn plug_in(test: &str) -> Option<Self> {
        let device = Self {
            name: format!("abscope-{}", std::process::id()),
        };
        let name = &device.name;
        // Names of cables have 15 characters at most.
        let [end, other] = ["a", "b"].map(|end| format!("abs{end}{}", std::process::id()));
        let lines = format!(
            "ip netns add {name} &&
             ip link add {end} type veth peer name {other} netns {name} &&
             ip addr add {HERE}/30 dev {end} && ip link set {end} up &&
             ip -n {name} addr add {THERE}/30 dev {other} && ip -n {name} link set {other} up"
        );
        let made = Command::new("bash").args(["-c", &lines]).output();
        let made = made.expect("bash is there");
        if !made.status.success() {
            let why = String::from_utf8_lossy(&made.stderr).into_owned();
            parts::left_to_root(test, &format!("no network of its own can be made: {why}"));
            return None;
        }
        Some(device)
    }

    /// Has the device do something. It tells when all is sent; `heard` waits until it has arrived. How many answers came
    /// back, and the last one.
    fn does(&self, what: &Value, heard: impl FnOnce()) -> (u64, Value) {
        let own = own_program(DEVICE_TEST);
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.name])
            .arg(own.get_program())
            .args(own.get_args())
            .env(DEVICE_DOES, what.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = command.spawn().expect("ip is there");
        let mut lines = BufReader::new(process.stdout.take().expect("it is a pipe"))
            .lines()
            .map_while(Result::ok);
        let sent = lines.find(|line| line.ends_with("all is sent"));
        assert!(sent.is_some(), "the device could not send {what}");
        heard();
        drop(process.stdin.take());
        let answers = lines.find_map(|line| Some(line.split_once("answers: ")?.1.to_owned()));
        let answers: Value = answers
            .and_then(|answers| serde_json::from_str(&answers).ok())
            .expect("the device tells what came back");
        let ended = process.wait().expect("it is our child");
        assert!(ended.success());
        (
            answers["count"].as_u64().expect("a number"),
            answers["last"].clone(),
        )
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // The cable goes with it.
        let _ = Command::new("ip")
            .args(["netns", "del", &self.name])
            .status();
    }
}

/// Not a test by itself: what the device does in its own process.
#[test]
fn the_device_at_the_other_end_of_the_cable() {
    let Ok(what) = std::env::var(DEVICE_DOES) else {
        return;
    };
    let what: Value = serde_json::from_str(&what).expect("it is JSON");
    let port = what["from_port"].as_u64().unwrap_or_default() as u16;
    let to = what["to_port"].as_u64().expect("a number") as u16;
    let socket = UdpSocket::bind((THERE, port)).expect("the address is there");
    let words = |request: &Value| match request["pair"].as_str() {
        Some(code) => write_request(&Request::Pair(code.to_owned())),
        None => write_request(&Request::Words(
            request["words"].as_str().expect("words").to_owned(),
        )),
    };
    for request in what["requests"].as_array().expect("a list") {
        let one = words(request);
        let packet = match request["bundle_of"].as_u64() {
            Some(times) => {
                let length = (one.len() as u32).to_be_bytes();
                let head = [b"#bundle\0".as_slice(), &[0; 8]].concat();
                [head, [&length, &*one].concat().repeat(times as usize)].concat()
            }
            None => one,
        };
        for _ in 0..request["times"].as_u64().unwrap_or(1) {
            // A cable that is full drops what more is sent.
            let _ = socket.send_to(&packet, (HERE, to));
        }
    }
    println!("\nall is sent");
    // Until the other end has taken it all.
    let _ = std::io::stdin().read_line(&mut String::new());
    socket.set_nonblocking(true).expect("it is a socket");
    let (mut count, mut last, mut packet) = (0, Value::Null, vec![0; 65_536]);
    while let Ok(length) = socket.recv(&mut packet) {
        count += 1;
        last = match read_reply(&packet[..length]) {
            Some(Ok(words)) => json!(["ok", words]),
            Some(Err(why)) => json!(["error", why]),
            None => json!("no answer of Abscope's"),
        };
    }
    println!("\nanswers: {}", json!({ "count": count, "last": last }));
}

/// Seconds of a processor that a process has used.
fn processor_secs(process: u32) -> f64 {
    let line = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("it runs");
    let (_, fields) = line.rsplit_once(')').expect("its name is in brackets");
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks: f64 = fields[11..13]
        .iter()
        .map(|ticks| ticks.parse().unwrap_or(0.0))
        .sum();
    ticks / 100.0
}

#[test]
fn another_device_does_nothing_without_the_code_and_never_gets_more_than_the_answers_it_may() {
    let test =
        "another_device_does_nothing_without_the_code_and_never_gets_more_than_the_answers_it_may";
    if !parts::are_there(test, &[DISPLAY]) || !may_be_others(test) {
        return;
    }
    let _turn = turns::alone();
    let Some(device) = Device::plug_in(test) else {
        return;
    };
    let (home, port) = (Home::new(), free_port());
    let settings =
        format!("remote-port = {port}\nremote-address = \"0.0.0.0\"\nhints-seen = true\n");
    home.write("settings.toml", &settings);
    let mut window = Window::demo(&home, DEADLINE);
    window.resize([640, 400]);
    let status = || -> Value {
        let said = wait_for("an answer", DEADLINE, || {
            let said = hear(home.abscope().args(["ctl", "status"]));
            (said.code == Some(0)).then_some(said)
        });
        serde_json::from_str(&said.out).expect("the status is JSON")
    };
    let count = |what: &str| status()[what].as_u64().expect("it counts");
    let until = |what: &str, least: u64| {
        wait_for(what, DEADLINE, || (count(what) >= least).then_some(()));
    };
    let code = status()["remote_code"]
        .as_str()
        .expect("it has a code")
        .to_owned();

    // Without the code.
    let asks = json!({ "to_port": port, "requests": [
        { "words": "freeze", "times": 20 }, { "words": "quit" }, { "words": "set remote-surfaces-may-all on" },
        { "words": "difference", "bundle_of": 32 },
    ] });
    let (answers, _) = device.does(&asks, || until("remote_refused", 54));
    assert_eq!(answers, 0, "a stranger is not answered");
    let after = status();
    assert_eq!(
        (&after["frozen"], &after["mode"]),
        (&json!(false), &json!("side-by-side"))
    );
    assert_eq!(after["remote_accepted"], 0);
    let message = after["message"].as_str().expect("it is said");
    assert!(
        message.contains(THERE) && message.contains(&code),
        "{message}"
    );

    // From the window's own port, which another window would answer.
    let asks = json!({ "from_port": port, "to_port": port, "requests": [{ "words": "freeze", "times": 20 }] });
    let (answers, _) = device.does(&asks, || until("remote_ignored", 20));
    assert_eq!(answers, 0, "nobody talks to himself");

    // Codes are tried; the right one is not heard among so many.
    let asks = json!({ "to_port": port, "requests": [{ "pair": "00000000", "times": 40 }, { "pair": code }] });
    let (answers, last) = device.does(&asks, || until("remote_limited", 36));
    assert_eq!(answers, 5);
    assert!(
        last[1]
            .as_str()
            .is_some_and(|why| why.contains("not the code")),
        "{last}"
    );

    // The code, a minute's fifth later: the one try that came back by then.
    let paired = wait_for("a code that is heard", DEADLINE, || {
        let before = count("remote_accepted") + count("remote_limited");
        let asks = json!({ "to_port": port, "requests": [{ "pair": code }] });
        let (_, last) = device.does(&asks, || {
            wait_for("the code", DEADLINE, || {
                (count("remote_accepted") + count("remote_limited") > before).then_some(())
            })
        });
        (last[0] == "ok").then_some(last)
    });
    assert_eq!(paired, json!(["ok", "paired"]));

    // One that is paired: a bundle of 8 KB, and what surfaces may not.
    let (accepted, limited) = (count("remote_accepted"), count("remote_limited"));
    let asks = json!({ "to_port": port, "requests": [{ "words": "color-map", "bundle_of": 170 }] });
    let (answers, _) = device.does(&asks, || until("remote_limited", limited + 170 - 32));
    assert!(answers <= 32, "{answers}");
    assert_eq!(count("remote_accepted"), accepted + 32);
    let refused = count("remote_refused");
    let asks = json!({ "to_port": port, "requests": [{ "words": "quit" }, { "words": "open" }] });
    device.does(&asks, || until("remote_refused", refused + 2));
    window.assert_runs();

    // Floods, of a paired device and in the name of the window itself; how much of a processor they take is told.
    for (what, from_port) in [("paired", 0), ("as its own port", port)] {
        let process = window.program.id();
        let of_all = |status: &Value| -> u64 {
            let counts = ["accepted", "errors", "ignored", "refused", "limited"];
            counts
                .iter()
                .filter_map(|name| status[format!("remote_{name}")].as_u64())
                .sum()
        };
        let (before, used, begin) = (of_all(&status()), processor_secs(process), Instant::now());
        let requests = json!([{ "words": "color-map", "times": MANY }]);
        let asks = json!({ "from_port": from_port, "to_port": port, "requests": requests });
        let mut arrived = 0;
        let (answers, _) = device.does(&asks, || {
            // What the system had no room for is gone: until no more comes.
            wait_for("the end of the flood", DEADLINE, || {
                let now = of_all(&status()) - before;
                (std::mem::replace(&mut arrived, now) == now && now > 0).then_some(())
            });
        });
        let secs = begin.elapsed().as_secs_f64();
        eprintln!(
            "flood ({what}): {MANY} sent, {arrived} arrived, {answers} answered in {secs:.1} s; \
             the window used {:.0} % of a processor",
            100.0 * (processor_secs(process) - used) / secs
        );
        let most = if from_port == 0 {
            50.0 * (secs + 1.0)
        } else {
            0.0
        };
        assert!(
            answers as f64 <= most,
            "{what}: {answers} answers in {secs:.1} s"
        );
        assert_eq!(status()["stopped"], json!([]));
        window.assert_runs();
    }
    // A device that was heard is still heard, and nothing of this has changed who else is.
    assert_eq!(status()["remote_code"], json!(code));
}
