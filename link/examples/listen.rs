//! Prints all senders once a second: what they are called, what they send, where their song is. For whoever looks into a
//! DAW that is not heard: `cargo run --release -p abscope-link --example listen -- 10`.

use std::time::{Duration, Instant};

use abscope_link::{Heard, LinkError, Listener, Packet, Table};

/// How often it is looked for packets.
const LOOK_EVERY: Duration = Duration::from_millis(4);

/// A sender, and what was heard of it since the last line.
struct Line {
    listener: Listener,
    heard: usize,
    lost: u64,
    jumps: u32,
    peak: f32,
    last: Option<Packet>,
}

fn main() -> Result<(), LinkError> {
    let secs = std::env::args().nth(1).and_then(|secs| secs.parse().ok());
    let Some(table) = Table::find()? else {
        println!("there has never been a sender");
        return Ok(());
    };
    let mut lines: Vec<Line> = Vec::new();
    for _ in 0..secs.unwrap_or(u32::MAX) {
        lines.retain_mut(|line| line.listener.is_there());
        for info in table.senders() {
            let is_known = |line: &Line| line.listener.sender().session == info.session;
            if !lines.iter().any(is_known)
                && let Ok(listener) = Listener::new(&table, &info)
            {
                lines.push(Line {
                    listener,
                    heard: 0,
                    lost: 0,
                    jumps: 0,
                    peak: 0.0,
                    last: None,
                });
            }
        }
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(1) {
            lines.iter_mut().for_each(Line::take_in);
            std::thread::sleep(LOOK_EVERY);
        }
        lines.iter_mut().for_each(Line::print);
    }
    Ok(())
}

impl Line {
    fn take_in(&mut self) {
        let mut block = Vec::new();
        loop {
            match self.listener.read(&mut block) {
                Heard::Packet(packet) => {
                    self.heard += packet.frames;
                    self.jumps += u32::from(packet.has_jumped);
                    self.last = Some(packet);
                }
                Heard::Gap { frames } => self.lost += frames,
                Heard::Idle | Heard::OtherFormat | Heard::Gone => break,
            }
        }
        self.peak = block.iter().fold(self.peak, |peak, x| x.abs().max(peak));
    }

    fn print(&mut self) {
        let transport = self.last.map(|packet| packet.transport);
        let transport = transport.unwrap_or_default();
        println!(
            "{}: {} frames at {} Hz, {} lost, {} jumps, peak {:.3} dBFS, {} at {:?} frames, bar {:?}, {:?} bpm",
            self.listener.name(),
            self.heard,
            self.listener.rate_hz(),
            self.lost,
            self.jumps,
            20.0 * self.peak.log10(),
            if transport.is_playing {
                "plays"
            } else {
                "stands"
            },
            transport.song_frames,
            transport.bar_number(),
            transport.tempo_bpm,
        );
        (self.heard, self.lost, self.jumps, self.peak) = (0, 0, 0, 0.0);
    }
}
