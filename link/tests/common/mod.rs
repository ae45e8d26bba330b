//! A table that nobody else has, and audio that says where in the stream it belongs.
#![allow(dead_code, reason = "each test uses its part")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use abscope_link::{Description, Heard, Listener, Sender, SenderInfo, Table};

/// A table of its own name, removed when dropped.
pub struct OwnTable {
    pub table: Table,
    pub name: String,
}

impl OwnTable {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("abscope-test-{}-{count}", std::process::id());
        remove(&name);
        let table = Table::make_named(&name).expect("there is shared memory");
        Self { table, name }
    }

    pub fn sender(&self, name: &str) -> Sender {
        let description = Description {
            name: name.to_owned(),
            identity: 0,
        };
        Sender::take(&self.table, &description).expect("a slot is free")
    }

    pub fn info(&self, sender: &Sender) -> SenderInfo {
        self.table.sender(sender.slot()).expect("it is there")
    }

    pub fn listener(&self, sender: &Sender) -> Listener {
        Listener::new(&self.table, &self.info(sender)).expect("it has a stream")
    }

    /// The file behind the memory.
    #[cfg(target_os = "linux")]
    pub fn file(&self) -> PathBuf {
        PathBuf::from("/dev/shm").join(&self.name)
    }
}

impl Drop for OwnTable {
    fn drop(&mut self) {
        remove(&self.name);
    }
}

fn remove(name: &str) {
    let shm = PathBuf::from("/dev/shm");
    let _ = std::fs::remove_file(shm.join(name));
    let _ = std::fs::remove_dir_all(shm.join(format!("{name}.owners")));
}

/// The sample of a channel at a place of the stream: no two places near each other have the same.
pub fn sample(position: u64, channel: usize) -> f32 {
    let scattered = (position.wrapping_mul(2) + channel as u64).wrapping_mul(0x9e37_79b9);
    (scattered as u32 >> 8) as f32 / 16_777_216.0 - 0.5
}

/// A block of the stream, by channels.
pub fn block(position: u64, frames: usize) -> [Vec<f32>; 2] {
    [0, 1].map(|channel| {
        (0..frames as u64)
            .map(|frame| sample(position + frame, channel))
            .collect()
    })
}

/// What a reader has heard; panics if anything in it is not what was sent at that place.
#[derive(Debug, Default)]
pub struct Account {
    /// Place of the first frame that was heard.
    pub first: Option<u64>,
    pub heard: u64,
    pub lost: u64,
    pub gaps: u64,
    pub jumps: u64,
}

impl Account {
    /// Reads all there is.
    pub fn read_all(&mut self, listener: &mut Listener) -> Heard {
        let mut out = Vec::new();
        loop {
            out.clear();
            match listener.read(&mut out) {
                Heard::Packet(packet) => {
                    let first = *self.first.get_or_insert(packet.position);
                    assert_eq!(packet.position, first + self.heard + self.lost);
                    let channels = listener.channels();
                    assert_eq!(out.len(), packet.frames * channels);
                    for (index, got) in out.iter().enumerate() {
                        let place = packet.position + (index / channels) as u64;
                        let expected = sample(place, index % channels);
                        assert_eq!(got.to_bits(), expected.to_bits(), "frame {place}");
                    }
                    self.heard += packet.frames as u64;
                    self.jumps += u64::from(packet.has_jumped);
                }
                Heard::Gap { frames } => {
                    assert!(out.is_empty());
                    assert!(frames > 0);
                    self.lost += frames;
                    self.gaps += 1;
                }
                end => return end,
            }
        }
    }
}
