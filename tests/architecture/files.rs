//! Every file is written in one place: under a name that nobody foresees, synced, links kept.

use std::collections::BTreeMap;

use crate::ratchet;
use crate::source::{self, File};

/// The only file that writes files.
const WRITES: &str = "src/session/replace.rs";
/// Files that are empty and only held, as locks.
const LOCKS: &[&str] = &[
    "src/session/action/local.rs",
    "src/session/snapshots/autosave.rs",
];

#[test]
fn every_file_is_written_where_it_is_replaced_whole() {
    ratchet::hold(&writers(&source::all()), LOCKS);
}

fn writers(files: &[File]) -> BTreeMap<String, String> {
    let ways = ["fs::write(", "File::create"];
    let writes = |file: &&File| {
        let code = file.text.split("\nmod tests {").next().unwrap_or_default();
        let is_test = TESTS.contains(&&*file.path);
        file.path != WRITES && !is_test && ways.iter().any(|way| code.contains(way))
    };
    let words = |file: &File| format!("{} writes a file; {WRITES} replaces one whole", file.path);
    files
        .iter()
        .filter(writes)
        .map(|file| (file.path.clone(), words(file)))
        .collect()
}

/// Files that are tests as a whole.
const TESTS: &[&str] = &["src/audio/decode/reported.rs"];

#[test]
fn a_file_that_is_written_elsewhere_is_found() {
    let file = |text| File::new("src/app/x.rs", text);
    assert_eq!(
        writers(&[file("fn f() { std::fs::write(1, 2); }")]).len(),
        1
    );
    assert_eq!(writers(&[file("fn f() { replace_file(1, 2); }")]).len(), 0);
}
