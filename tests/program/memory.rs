//! What is freed is given back to the computer.

use std::hint::black_box;
use std::sync::{Arc, Barrier};

use abscope::app::costs::resident_bytes;
use abscope::app::memory;

use crate::support::alone::in_own_process;

const THREADS: usize = 4;
/// Pieces that each thread has at once.
const PIECES: usize = 60;
const PIECE_BYTES: usize = 600_000;

/// Threads that keep a crumb and free the rest: by its own rules the C library keeps 138 MB of it here, for ever.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn what_threads_freed_is_given_back_to_the_computer() {
    let test = "what_threads_freed_is_given_back_to_the_computer";
    in_own_process(test, |_| (), keep_crumbs);
}

fn keep_crumbs() {
    memory::settle();
    // From one large piece on that was freed, glibc has smaller ones in heaps of its own.
    drop(black_box(vec![1u8; 30 << 20]));
    let before = resident_bytes().expect("Linux says it");
    let all_have_them = Arc::new(Barrier::new(THREADS));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let all_have_them = Arc::clone(&all_have_them);
            std::thread::spawn(move || {
                let piece = || black_box(vec![1u8; PIECE_BYTES]);
                let pieces: Vec<_> = (0..PIECES).map(|_| piece()).collect();
                all_have_them.wait();
                let crumb = black_box(vec![pieces[7][7]; 5_000]);
                drop(pieces);
                crumb
            })
        })
        .collect();
    let crumbs = threads.into_iter().map(|thread| thread.join());
    let crumbs: Vec<_> = crumbs
        .map(|crumb| crumb.expect("it only allocates"))
        .collect();
    let after = resident_bytes().expect("Linux says it");
    assert_eq!(crumbs.len(), THREADS);
    assert!(after < before + (32 << 20), "{before} {after}");
}
