//! Every thread is started where it is watched: one that dies is seen.

use std::collections::BTreeMap;

use crate::exceptions::UNWATCHED;
use crate::ratchet;
use crate::source::{self, File};

/// The only file that starts threads.
const STARTS: &str = "src/audio/threads.rs";

#[test]
fn every_thread_is_started_where_it_is_watched() {
    ratchet::hold(&unwatched(&source::all()), UNWATCHED);
}

fn unwatched(files: &[File]) -> BTreeMap<String, String> {
    let starts = |file: &&File| {
        let code = file.text.split("\nmod tests {").next().unwrap_or_default();
        file.path != STARTS
            && ["thread::Builder", "thread::spawn"]
                .iter()
                .any(|way| code.contains(way))
    };
    let words = |file: &File| {
        format!(
            "{} starts a thread; {STARTS} starts one that is watched",
            file.path
        )
    };
    files
        .iter()
        .filter(starts)
        .map(|file| (file.path.clone(), words(file)))
        .collect()
}

#[test]
fn a_thread_of_ones_own_is_found() {
    let file = |text| File::new("src/app/x.rs", text);
    assert_eq!(
        unwatched(&[file("fn f() { std::thread::spawn(|| ()); }")]).len(),
        1
    );
    assert_eq!(
        unwatched(&[file("fn f() { threads::spawn(\"x\", || ()); }")]).len(),
        0
    );
}
