//! The storeys of the session: each is a folder with one purpose, and looks only down.

use std::collections::BTreeMap;

use crate::exceptions::UPWARD;
use crate::ratchet;
use crate::source::{self, File, imports};

/// From the ground up, each a folder (or a file) of `src/session`. What lies beside them is the session itself, above all.
const STOREYS: [&str; 9] = [
    "background",
    "replace",
    "sides",
    "format",
    "references",
    "pairing",
    "snapshots",
    "settings",
    "action",
];

#[test]
fn storeys_of_the_session_look_only_down() {
    ratchet::hold(&upward(&source::all()), UPWARD);
}

/// Each import of a storey from one above it.
fn upward(files: &[File]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (file, used) in files.iter().zip(imports(files)) {
        for used in used.iter().map(|&used| &files[used]) {
            let (Some(low), Some(high)) = (storey(&file.path), storey(&used.path)) else {
                continue;
            };
            if high > low {
                let words = format!(
                    "{} ({}) imports from {} ({}), which lies above",
                    file.path,
                    name(low),
                    used.path,
                    name(high)
                );
                found.insert(format!("{} → {}", file.path, used.path), words);
            }
        }
    }
    found
}

/// How high a file of the session lies; none for those of other layers.
fn storey(path: &str) -> Option<usize> {
    let inside = path.strip_prefix("src/session/")?;
    let head = inside.split(['/', '.']).next().unwrap_or(inside);
    let storey = STOREYS.iter().position(|storey| *storey == head);
    Some(storey.unwrap_or(STOREYS.len()))
}

fn name(storey: usize) -> &'static str {
    STOREYS.get(storey).copied().unwrap_or("the session itself")
}

fn check(path: &str, code: &str, expected: &[&str]) {
    let files = [
        File::new(path, code),
        File::new("src/session/mod.rs", ""),
        File::new("src/session/sides/mod.rs", ""),
        File::new("src/session/sides/mix.rs", ""),
        File::new("src/session/settings/mod.rs", ""),
        File::new("src/session/action.rs", ""),
    ];
    let found = upward(&files);
    let keys: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(keys, expected, "{code}");
}

#[test]
fn an_upward_look_is_found_and_a_downward_one_is_not() {
    let references = "src/session/references/data.rs";
    check(references, "use crate::session::sides::mix::MixSide;", &[]);
    check(references, "use super::super::sides::mix;", &[]);
    check(
        references,
        "use crate::session::settings::Settings;",
        &["src/session/references/data.rs → src/session/settings/mod.rs"],
    );
    check(
        references,
        "use crate::session::Session;",
        &["src/session/references/data.rs → src/session/mod.rs"],
    );
    check(
        "src/session/settings/table.rs",
        "fn f(action: &crate::session::action::Action) {}",
        &["src/session/settings/table.rs → src/session/action.rs"],
    );
    check("src/session/poll.rs", "use super::action::Action;", &[]);
    check("src/session/sides/live.rs", "use super::mix::MixSide;", &[]);
}
