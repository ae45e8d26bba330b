//! Whether what a host plays lies where it says its song is: each frame of the sender's track is its own number within a
//! period, in steps of 24 bits. Prints one line of JSON. Used by `scripts/test-sender`:
//! `places NAME PERIOD_FRAMES SECS`.

use std::time::{Duration, Instant};

use abscope_link::{Heard, Listener, Packet, Table};

/// How often it is looked for packets.
const LOOK_EVERY: Duration = Duration::from_millis(4);
/// What is written of a step in the file, as a sample.
const STEP: f64 = 1.0 / 8_388_608.0;

/// What was heard while the song played, frame by frame.
#[derive(Default)]
struct Listening {
    /// Of each frame, whether it is the one of its place.
    is_right: Vec<bool>,
    /// Frames at which the song began to play or jumped.
    turns: Vec<usize>,
    jumps: u32,
    lost: u64,
    before: Option<Packet>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, period_frames, secs] = words.as_slice() else {
        panic!("usage: places NAME PERIOD_FRAMES SECS");
    };
    let period_frames: i64 = period_frames.parse().expect("a number of frames");
    let secs: f64 = secs.parse().expect("a number of seconds");
    let table = Table::find().expect("the table opens");
    let table = table.expect("there has been a sender");
    let sender = table.senders().into_iter().find(|info| info.name == *name);
    let sender = sender.expect("the sender is there");
    let mut listener = Listener::new(&table, &sender).expect("its host runs");
    let mut heard = Listening::default();
    let begin = Instant::now();
    while begin.elapsed().as_secs_f64() < secs {
        heard.take_in(&mut listener, period_frames);
        std::thread::sleep(LOOK_EVERY);
    }
    // Hosts fade where a song begins, jumps or ends: a tenth of a second, at most, on either side.
    heard.turns.push(heard.is_right.len());
    let reach = (listener.rate_hz() / 10) as usize;
    let is_far = |frame: usize| heard.turns.iter().all(|at| frame.abs_diff(*at) > reach);
    let far = (0..heard.is_right.len()).filter(|frame| is_far(*frame));
    let (right, wrong): (Vec<_>, Vec<_>) = far.partition(|frame| heard.is_right[*frame]);
    println!(
        r#"{{"played_frames": {}, "right": {}, "wrong": {}, "lost_frames": {}, "jumps": {}}}"#,
        heard.is_right.len(),
        right.len(),
        wrong.len(),
        heard.lost,
        heard.jumps,
    );
}

impl Listening {
    fn take_in(&mut self, listener: &mut Listener, period_frames: i64) {
        let mut block = Vec::new();
        loop {
            block.clear();
            match listener.read(&mut block) {
                Heard::Packet(packet) => self.judge(&packet, &block, period_frames),
                Heard::Gap { frames } => self.lost += frames,
                Heard::Idle => return,
                other => panic!("the sender ended: {other:?}"),
            }
        }
    }

    fn judge(&mut self, packet: &Packet, block: &[f32], period_frames: i64) {
        let did_play = self.before.is_some_and(|p| p.transport.is_playing);
        let (plays, place) = (packet.transport.is_playing, packet.transport.song_frames);
        self.before = Some(*packet);
        self.jumps += u32::from(packet.has_jumped);
        if packet.has_jumped || did_play != plays {
            self.turns.push(self.is_right.len());
        }
        let Some(place) = place.filter(|_| plays) else {
            return;
        };
        let channels = block.len() / packet.frames;
        for (index, frame) in block.chunks(channels).enumerate() {
            let expected = (place + index as i64).rem_euclid(period_frames) as f64 * STEP;
            self.is_right.push(f64::from(frame[0]) == expected);
        }
    }
}
