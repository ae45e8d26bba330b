//! One term for one thing: words that were given up stand nowhere that a person reads, in window, report, command line
//! and documents.

use std::path::Path;

use crate::source::{rust_files, with_slashes};

/// Words that are gone, and the term in their place.
const GONE: [(&str, &str); 23] = [
    ("drop records", "drop a reference track here"),
    ("drop a record", "drop a reference track"),
    ("keep one now", "take snapshot"),
    ("\"as a\"", "use as mix"),
    ("\"as b\"", "use as reference"),
    ("beside the record, not laid", "different song, not aligned"),
    ("not the same song", "different song"),
    ("laid in time", "time-aligned"),
    ("looking for the place", "aligning…"),
    ("listening for the place", "aligning…"),
    ("usual axes", "reset zoom"),
    ("less time", "zoom in"),
    ("more time", "zoom out"),
    ("on in time", "forward"),
    ("size of type", "text size"),
    ("pictures/s", "fps"),
    ("loudness to deliver", "loudness target"),
    ("hands on the daw", "remote control"),
    ("all of the reference", "whole song"),
    ("mono loss", "mono fold-down loss"),
    ("leaner", "thinner"),
    ("more hollow", "less midrange"),
    (" against the reference", "vs"),
];

/// The layers whose words people read.
const READ: [&str; 6] = [
    "src/ui",
    "src/view",
    "src/cli",
    "src/app",
    "src/compare",
    "src/session",
];

/// The words between the quotes of a source, and the help of the command line, each with its line; unit tests are left
/// out.
fn words_of(path: &str, text: &str) -> Vec<(usize, String)> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code.lines().enumerate();
    let said = lines.flat_map(|(number, line)| {
        let line = line.trim_start();
        let is_help = path == "src/cli/args.rs" && line.starts_with("///");
        let words: Vec<String> = match line.starts_with("//") {
            true if is_help => vec![line.to_owned()],
            true => vec![],
            false => line
                .split('"')
                .skip(1)
                .step_by(2)
                .map(|words| format!("\"{words}\""))
                .collect(),
        };
        words.into_iter().map(move |words| (number + 1, words))
    });
    said.collect()
}

/// What of the words that are gone a text still has.
fn gone_in(words: &str) -> Option<&'static (&'static str, &'static str)> {
    let words = words.to_lowercase();
    GONE.iter().find(|(gone, _)| words.contains(gone))
}

#[test]
fn words_that_were_given_up_are_gone() {
    let mut found = vec![];
    for path in READ.iter().flat_map(|folder| rust_files(Path::new(folder))) {
        let text = std::fs::read_to_string(&path).expect("the source is readable");
        let path = with_slashes(&path);
        for (line, words) in words_of(&path, &text) {
            if let Some((gone, term)) = gone_in(&words) {
                found.push(format!("{path}:{line}: “{gone}” is now “{term}”"));
            }
        }
    }
    for path in [
        "README.md",
        "docs/remote.md",
        "docs/picture-metadata.md",
        "docs/export.md",
    ] {
        let text = std::fs::read_to_string(path).expect("the document is readable");
        for (number, line) in text.lines().enumerate() {
            if let Some((gone, term)) = gone_in(line) {
                found.push(format!("{path}:{}: “{gone}” is now “{term}”", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_word_that_is_gone_is_found_in_quotes_alone() {
    let text = "// usual axes\nlet a = \"Back to the Usual axes\";\n#[cfg(test)]\nmod tests { \"usual axes\" }";
    let words = words_of("src/ui/a.rs", text);
    assert_eq!(words.len(), 1);
    assert!(gone_in(&words[0].1).is_some_and(|(_, term)| *term == "reset zoom"));
}
