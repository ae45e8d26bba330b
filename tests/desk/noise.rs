//! Noise against a window that runs: packets broken in every way, and broken pictures and snapshots dropped on it. It
//! draws on, takes no more memory, and no part of it breaks. `scripts/night` makes it long.

use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::desk::{Home, Window, free_port};
use crate::support::drop::drop_files;
use crate::support::parts::{self, DISPLAY};
use crate::support::turns;
use crate::support::x11::wait_for;

#[path = "../../fuzz/src/forge.rs"]
mod forge;
#[path = "../../fuzz/src/mutate.rs"]
mod mutate;

use mutate::Random;

/// Long enough for a busy machine whose processor draws.
const DEADLINE: Duration = Duration::from_secs(90);
/// How long it goes on, as for the readers alone (tests/program/corpus.rs): a hundred packets a round.
const ROUNDS_VARIABLE: &str = "ABSCOPE_FUZZ_ROUNDS";
/// After so many packets it is asked how it is.
const AT_ONCE: u64 = 1000;
/// After so many packets a file is dropped.
const A_FILE_EVERY: u64 = 5000;
/// So many packets come first: with them each drawer was open once, and each kind of file was read.
const WARM_UP: u64 = 200_000;
/// What a window may take more than after that, in MB, beside what it keeps of the mix that it hears meanwhile: columns of
/// all tiers (`bytes_of` of references has the same figure).
const MOST_GROWTH_MB: f64 = 50.0;
const HEARD_MB_PER_SEC: f64 = 0.52;

fn inputs(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new("fuzz/corpus").join(target);
    let entries = std::fs::read_dir(folder).expect("the corpus is there");
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let read = paths.iter().map(std::fs::read);
    read.map(|bytes| bytes.expect("it can be read")).collect()
}

/// Memory of a process in MB.
fn memory_mb(process: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
    kilobytes.map_or(0.0, |kilobytes: f64| kilobytes / 1024.0)
}

/// Names of the threads of a process, without those that work only now and then.
fn threads(process: u32) -> Vec<String> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).expect("it runs");
    let names = tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    let mut names: Vec<String> = names.map(|name| name.trim().to_owned()).collect();
    names.retain(|name| {
        [
            "analysis",
            "companion",
            "shelf",
            "keeper",
            "input",
            "settings",
            "remote",
            "ctl",
            "watchdog",
            "pictures",
        ]
        .contains(&name.as_str())
    });
    names.sort();
    names.dedup();
    names
}

#[test]
fn a_window_draws_on_through_broken_packets_pictures_and_snapshots() {
    let test = "a_window_draws_on_through_broken_packets_pictures_and_snapshots";
    if !parts::are_there(test, &[DISPLAY]) {
        return;
    }
    let _turn = turns::alone();
    let rounds = std::env::var(ROUNDS_VARIABLE).ok();
    let rounds: u64 = rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(200);
    let (home, port) = (Home::new(), free_port());
    let settings = format!("remote-port = {port}\nhints-seen = true\nsnapshot-sound = 1\n");
    home.write("settings.toml", &settings);
    let mut window = Window::demo(&home, DEADLINE);
    window.resize([640, 400]);
    let process = window.program.id();
    let ctl = |words: &[&str]| home.ctl(words);
    let status = || home.status(DEADLINE);
    let frames = || status()["pictures_drawn"].as_u64().expect("it counts");
    wait_for("a snapshot", DEADLINE, || {
        (ctl(&["snapshot"]).code == Some(0)).then_some(())
    });
    assert_eq!(ctl(&["screenshot", "slide"]).code, Some(0));
    let parts = threads(process);
    let packets = inputs("osc");
    let [pictures, snapshots] = ["picture", "snapshot"].map(inputs);
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback is there");
    // The same sent to nobody: whoever sends takes a processor too.
    let nobody = free_port();
    let (calm_from, calm_frames) = (Instant::now(), frames());
    for number in 0..WARM_UP {
        let base = &packets[number as usize % packets.len()];
        let packet = mutate::broken_bytes(base, &mut Random(number));
        let _ = socket.send_to(&packet, (Ipv4Addr::LOCALHOST, nobody));
        if number % AT_ONCE == AT_ONCE - 1 {
            status();
        }
    }
    let calm_fps = (frames() - calm_frames) as f64 / calm_from.elapsed().as_secs_f64();
    let (mut begin, mut first_frame) = (Instant::now(), frames());
    let (mut memory, mut most_memory, mut num_files) = (0.0, 0.0_f64, 0);
    for number in 0..WARM_UP + rounds * 100 {
        if number == WARM_UP {
            (begin, first_frame) = (Instant::now(), frames());
            memory = memory_mb(process);
            most_memory = memory;
        }
        let random = &mut Random(number);
        let base = &packets[number as usize % packets.len()];
        let packet = mutate::broken_bytes(base, random);
        // What the system has no room for is its to drop.
        let _ = socket.send_to(&packet, (Ipv4Addr::LOCALHOST, port));
        if number % AT_ONCE == AT_ONCE - 1 {
            let status = status();
            assert_eq!(status["stopped"], json!([]), "packet {number}");
            assert_eq!(status["stumbles"], 0, "packet {number}: {status}");
            most_memory = memory_mb(process).max(most_memory);
            if number % (20 * AT_ONCE) == 20 * AT_ONCE - 1 {
                eprintln!(
                    "noise: {number} packets, {num_files} files, {:.0} MB",
                    memory_mb(process)
                );
            }
            // Some packets say what they said before; what stands still draws nothing.
            if status["snapshot"].is_string() {
                ctl(&["live"]);
            } else if status["frozen"] == true {
                ctl(&["freeze"]);
            }
        }
        if number % A_FILE_EVERY == A_FILE_EVERY - 1 {
            let (name, bytes) = match num_files % 2 {
                0 => {
                    let base = &pictures[random.below(pictures.len())];
                    ("broken.png", forge::broken_picture(base, random))
                }
                _ => {
                    let base = &snapshots[random.below(snapshots.len())];
                    ("broken.abscope", forge::broken_snapshot(base, random))
                }
            };
            let path = home.path(name);
            std::fs::write(&path, bytes).expect("the home is writable");
            drop_files(&window.display, &window.id, &[&path]);
            num_files += 1;
        }
    }
    let after = status();
    let secs = begin.elapsed().as_secs_f64();
    let fps = (frames() - first_frame) as f64 / secs;
    let count = |what: &str| after[format!("remote_{what}")].as_u64().unwrap_or_default();
    let arrived: u64 = ["accepted", "errors", "ignored", "refused", "limited"]
        .map(count)
        .iter()
        .sum();
    eprintln!(
        "noise: {} packets sent in {secs:.0} s, {arrived} messages arrived, {num_files} files dropped; \
         {calm_fps:.1} pictures a second while the same went to nobody, {fps:.1} meanwhile; {memory:.0} MB before, \
         {most_memory:.0} MB at most, {:.0} of them heard meanwhile",
        rounds * 100,
        HEARD_MB_PER_SEC * secs
    );
    assert!(
        most_memory - memory < MOST_GROWTH_MB + HEARD_MB_PER_SEC * secs,
        "{memory:.0} → {most_memory:.0} MB"
    );
    assert_eq!(threads(process), parts, "no thread is lost");
    assert_eq!(
        (&after["stopped"], &after["stumbles"]),
        (&json!([]), &json!(0))
    );
    let drawn = frames();
    wait_for("a live picture", DEADLINE, || {
        let status = status();
        if status["snapshot"].is_string() {
            ctl(&["live"]);
        } else if status["frozen"] == true {
            ctl(&["freeze"]);
        }
        (frames() > drawn + 10).then_some(())
    });
    window.assert_runs();
}
