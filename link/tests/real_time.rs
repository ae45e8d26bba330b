//! What runs on a host's audio thread allocates nothing. That it makes no system call either is in `processes.rs`.
#![cfg(target_os = "linux")]

mod common;

use abscope_link::{Heard, Meter, Transport};
use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use common::{OwnTable, block};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

#[test]
fn writing_allocates_nothing_heard_or_not() {
    let own = OwnTable::new();
    let mut sender = own.sender("Mix");
    let mut stream = sender.stream(96_000, 2).expect("a possible format");
    let blocks: Vec<_> = [1, 64, 480, 8192, 50_000]
        .map(|frames| block(0, frames))
        .into();
    let transport = || Transport {
        is_playing: true,
        song_frames: Some(7),
        meter: Some(Meter { beats: 3, unit: 4 }),
        ..Transport::default()
    };
    for is_heard in [false, true] {
        let listener = is_heard.then(|| own.listener(&sender));
        assert_eq!(stream.is_heard(), is_heard);
        assert_no_alloc(|| {
            for [left, right] in &blocks {
                stream.write(left, Some(right), transport);
                stream.write(left, None, transport);
            }
            stream.flush();
        });
        if let Some(mut listener) = listener {
            let mut out = Vec::new();
            assert!(matches!(listener.read(&mut out), Heard::Packet(_)));
        }
    }
}
