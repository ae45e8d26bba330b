//! How long the link takes: a host plays noise in real time, in blocks of 512 frames, and a listener that looks as often as
//! Abscope's own does notes when it has each. Prints one line of JSON. Used by `scripts/link-latency`: `latency NAME SECS`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use abscope_link::{Description, Heard, Listener, Sender, Table, Transport};

/// As in `src/audio/sender.rs`.
const LOOK_EVERY: Duration = Duration::from_millis(4);
const BLOCK_FRAMES: u64 = 512;
const RATE_HZ: u32 = 48_000;

/// When each block was written, in order.
type Written = Arc<Mutex<Vec<Instant>>>;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, secs] = words.as_slice() else {
        panic!("usage: latency NAME SECS");
    };
    let secs: f64 = secs.parse().expect("a number of seconds");
    let table = Table::make().expect("there is shared memory");
    let description = Description {
        name: name.clone(),
        identity: 9,
    };
    let sender = Sender::take(&table, &description).expect("a slot is free");
    let (written, has_ended) = (Written::default(), Arc::new(AtomicBool::new(false)));
    let host = {
        let (written, has_ended) = (Arc::clone(&written), Arc::clone(&has_ended));
        std::thread::spawn(move || play(sender, secs, &written, &has_ended))
    };
    let (mut waits_ms, lost) = listen(&table, name, &written, &has_ended);
    host.join().expect("it only plays");
    waits_ms.sort_by(f64::total_cmp);
    let at = |part: f64| waits_ms[((waits_ms.len() - 1) as f64 * part).round() as usize];
    println!(
        r#"{{"blocks": {}, "p50_ms": {:.2}, "p99_ms": {:.2}, "lost_frames": {lost}}}"#,
        waits_ms.len(),
        at(0.5),
        at(0.99)
    );
}

/// Writes noise as a host does, each block when it is due.
fn play(mut sender: Sender, secs: f64, written: &Written, has_ended: &AtomicBool) {
    let mut stream = sender.stream(RATE_HZ, 2).expect("a possible format");
    let (begin, mut seed) = (Instant::now(), 1u32);
    let mut noise = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / 2f32.powi(25) - 0.25
    };
    while begin.elapsed().as_secs_f64() < secs {
        let left: Vec<f32> = (0..BLOCK_FRAMES).map(|_| noise()).collect();
        written.lock().expect("nothing breaks").push(Instant::now());
        stream.write(&left, Some(&left), Transport::default);
        let due = stream.position() as f64 / f64::from(RATE_HZ);
        let early = due - begin.elapsed().as_secs_f64();
        std::thread::sleep(Duration::from_secs_f64(early.max(0.0)));
    }
    has_ended.store(true, Ordering::Release);
}

/// What passed between the writing of each block and its being read, in ms, and the frames that were lost.
fn listen(table: &Table, name: &str, written: &Written, has_ended: &AtomicBool) -> (Vec<f64>, u64) {
    let mut listener = loop {
        let sender = table.senders().into_iter().find(|info| info.name == name);
        let listener = sender.and_then(|sender| Listener::new(table, &sender).ok());
        match listener {
            Some(listener) => break listener,
            None => std::thread::sleep(LOOK_EVERY),
        }
    };
    let (mut waits_ms, mut lost, mut block) = (vec![], 0, vec![]);
    while !has_ended.load(Ordering::Acquire) {
        block.clear();
        match listener.read(&mut block) {
            Heard::Packet(packet) => {
                let last = packet.position + packet.frames as u64;
                // Whole blocks alone: a packet that ends amid one is waited on with its end.
                if last.is_multiple_of(BLOCK_FRAMES) {
                    let number = (last / BLOCK_FRAMES - 1) as usize;
                    let at = written.lock().expect("nothing breaks").get(number).copied();
                    waits_ms.extend(at.map(|at| at.elapsed().as_secs_f64() * 1000.0));
                }
            }
            Heard::Gap { frames } => lost += frames,
            _ => std::thread::sleep(LOOK_EVERY),
        }
    }
    (waits_ms, lost)
}
