//! Anything may be written over the memory at any time: nothing panics or hangs, no noise passes for audio, and what is
//! missing is counted to the frame.
//!
//! `ABSCOPE_FUZZ_SECS=600 cargo test -p abscope-link --test noise` looks for longer.
#![cfg(target_os = "linux")]

mod common;

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use abscope_link::{Listener, Transport};
use common::{Account, OwnTable, block};

/// Where the heads and the first slot's body end; beyond is nothing that the tests use.
const HEADS_BYTES: u64 = 64 * 4096;
const BODY_BYTES: u64 = 128 * 1024 + 8 * 32_768;

/// A generator that is the same everywhere (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

fn fuzz_time() -> Duration {
    let asked = std::env::var("ABSCOPE_FUZZ_SECS").ok();
    Duration::from_secs(asked.and_then(|secs| secs.parse().ok()).unwrap_or(4))
}

/// Writes something over a random part: noise, zeros, ones, a copy of another part, or a single word.
fn spoil(file: &File, random: &mut Random) {
    let at = match random.below(3) {
        // The first slot's head is where it hurts most.
        0 => random.below(512),
        1 => HEADS_BYTES + random.below(128 * 1024),
        _ => random.below(HEADS_BYTES + BODY_BYTES),
    };
    let bytes = match random.below(4) {
        0 => 8,
        1 => random.below(256),
        2 => random.below(8192),
        _ => random.below(200_000),
    };
    let mut noise = vec![0; bytes as usize];
    match random.below(4) {
        0 => {}
        1 => noise.fill(0xff),
        2 => {
            let from = random.below(HEADS_BYTES + BODY_BYTES);
            let _ = file.read_at(&mut noise, from);
        }
        _ => noise.fill_with(|| random.next() as u8),
    }
    file.write_all_at(&noise, at).expect("it is ours");
}

#[test]
fn noise_between_blocks_is_never_heard_and_every_frame_is_accounted_for() {
    let begin = Instant::now();
    let mut seed = 1;
    let mut spoiled = 0u64;
    while begin.elapsed() < fuzz_time() {
        let own = OwnTable::new();
        let file = OpenOptions::new().read(true).write(true).open(own.file());
        let file = file.expect("it is a file");
        let mut random = Random(seed);
        let mut sender = own.sender("Mix");
        let mut stream = sender.stream(48_000, 2).expect("a possible format");
        let mut listeners: Vec<Listener> = (0..2).map(|_| own.listener(&sender)).collect();
        let mut accounts: [Account; 2] = Default::default();
        let mut song = 0;
        for _ in 0..500 {
            let frames = 1 + random.below(2000) as usize;
            let [left, right] = block(stream.position(), frames);
            if random.below(50) == 0 {
                song = random.next().cast_signed();
            }
            stream.write(&left, Some(&right), || Transport {
                is_playing: true,
                song_frames: Some(song),
                ..Transport::default()
            });
            song = song.wrapping_add(frames as i64);
            match random.below(20) {
                0..3 => {
                    spoil(&file, &mut random);
                    spoiled += 1;
                }
                3 => sender.mend(),
                _ => {}
            }
            for (listener, account) in listeners.iter_mut().zip(&mut accounts) {
                if random.below(4) > 0 {
                    account.read_all(listener);
                }
                assert!(random.below(10) > 0 || listener.is_there(), "seed {seed}");
            }
            let _ = own.table.senders();
        }
        // With the noise over, all is well again: two packets, for what is missing is seen at the next.
        for _ in 0..2 {
            sender.mend();
            for (listener, account) in listeners.iter_mut().zip(&mut accounts) {
                account.read_all(listener);
            }
            let [left, right] = block(stream.position(), 480);
            stream.write(&left, Some(&right), Transport::default);
            stream.flush();
        }
        for (listener, account) in listeners.iter_mut().zip(&mut accounts) {
            account.read_all(listener);
            let first = account.first.expect("something was heard");
            assert_eq!(
                first + account.heard + account.lost,
                stream.position(),
                "seed {seed}: {account:?}"
            );
        }
        assert_eq!(own.table.senders().len(), 1, "seed {seed}");
        seed += 1;
    }
    assert!(spoiled > 100);
}

#[test]
fn noise_while_both_sides_run_is_never_heard_and_every_frame_is_accounted_for() {
    let own = OwnTable::new();
    let file = OpenOptions::new().read(true).write(true).open(own.file());
    let file = file.expect("it is a file");
    let mut sender = own.sender("Mix");
    let mut stream = sender.stream(48_000, 2).expect("a possible format");
    let listeners: Vec<Listener> = (0..2).map(|_| own.listener(&sender)).collect();
    let stop_noise = AtomicBool::new(false);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = listeners
            .into_iter()
            .map(|listener| {
                scope.spawn(|| {
                    let mut listener = listener;
                    let mut account = Account::default();
                    while !stop.load(Ordering::Acquire) {
                        account.read_all(&mut listener);
                        std::thread::yield_now();
                    }
                    account.read_all(&mut listener);
                    account
                })
            })
            .collect();
        let noise = scope.spawn(|| {
            let mut random = Random(99);
            while !stop_noise.load(Ordering::Acquire) {
                spoil(&file, &mut random);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let begin = Instant::now();
        while begin.elapsed() < fuzz_time() / 2 {
            let [left, right] = block(stream.position(), 480);
            stream.write(&left, Some(&right), Transport::default);
            sender.mend();
        }
        stop_noise.store(true, Ordering::Release);
        noise.join().expect("it only writes");
        // Whoever listens keeps the sender writing, and the last packet tells how much was missed.
        for _ in 0..20 {
            let [left, right] = block(stream.position(), 480);
            stream.write(&left, Some(&right), Transport::default);
            stream.flush();
            std::thread::sleep(Duration::from_millis(5));
        }
        stop.store(true, Ordering::Release);
        for reader in readers {
            let account = reader.join().expect("no noise was heard");
            let first = account.first.expect("something was heard");
            assert_eq!(
                first + account.heard + account.lost,
                stream.position(),
                "{account:?}"
            );
        }
    });
}
