//! The layers of `src/` hold: imports go downward, each file says what it is for, and nothing stands where it is
//! banned.

use std::path::Path;

use crate::source::{rust_files, with_slashes};

/// Layers from the ground up. A file may use its own layer and those before it.
const LAYERS: [&str; 10] = [
    "units", "dsp", "audio", "analysis", "compare", "session", "view", "render", "ui", "app",
];

/// The command line sits beside the user interface: it may use what `ui` may use, but not `ui` itself, and only
/// `app` may use it. Its way to the window is a function that `main` hands to it.
const CLI: &str = "cli";

/// Words that must not occur in the code of a layer, and why.
const BANS: [(&str, &[&str], &str); 8] = [
    (
        "dsp",
        &["std::thread", "std::fs", "std::time", "tracing::", "wgpu"],
        "dsp is pure",
    ),
    (
        "compare",
        &["egui", "wgpu", "std::thread", "std::fs", "std::time"],
        "compare is pure",
    ),
    (
        "session",
        &["egui", "wgpu"],
        "session keeps data, it draws nothing",
    ),
    (
        "view",
        &["egui", "wgpu", "std::thread", "std::fs", "std::time"],
        "view is plain data",
    ),
    (
        "units",
        &["std::thread", "std::fs", "std::time", "wgpu", "egui"],
        "units are numbers",
    ),
    ("render", &["egui", "cpal"], "render draws what it is given"),
    (
        "analysis",
        &["egui", "wgpu", "cpal"],
        "analysis neither draws nor opens devices",
    ),
    ("ui", &["wgpu", "cpal"], "ui edits plain data"),
];

#[test]
fn every_file_of_the_source_keeps_to_its_layer() {
    let files = rust_files(Path::new("src"));
    assert!(files.len() > 10, "the source was not found");
    let complaints: Vec<String> = files
        .iter()
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).expect("the source is readable");
            complaints(&with_slashes(path), &text)
        })
        .collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_test_and_bench_says_what_it_is_for() {
    for folder in [
        "tests",
        "benches",
        "examples",
        "fuzz/src",
        "fuzz/fuzz_targets",
    ] {
        for path in rust_files(Path::new(folder)) {
            let text = std::fs::read_to_string(&path).expect("the source is readable");
            assert!(
                has_purpose(&text),
                "{}: no `//!` purpose line",
                path.display()
            );
        }
    }
}

#[test]
fn every_folder_of_the_source_is_a_known_layer() {
    for entry in std::fs::read_dir("src").expect("the source is there") {
        let path = entry.expect("the source is readable").path();
        if path.is_dir() {
            let name = path
                .file_name()
                .expect("a folder has a name")
                .to_string_lossy();
            assert!(rank(&name).is_some(), "src/{name} is in no layer");
        }
    }
}

/// All that is wrong with one file of `src/`.
fn complaints(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !has_purpose(text) {
        found.push(format!("{path}: no `//!` purpose line at its top"));
    }
    let Some(layer) = layer_of(path) else {
        return found;
    };
    let code = without_comments_and_strings(text);
    for (number, line) in code.lines().enumerate() {
        for used in layers_used(line) {
            if !may_use(layer, used) {
                found.push(format!(
                    "{path}:{}: {layer} uses {used}, which lies above",
                    number + 1
                ));
            }
        }
        for (banned_in, words, why) in BANS {
            for word in words
                .iter()
                .filter(|word| banned_in == layer && mentions(line, word))
            {
                found.push(format!("{path}:{}: `{word}` in {layer}: {why}", number + 1));
            }
        }
    }
    found
}

fn has_purpose(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    first.is_some_and(|line| {
        line.strip_prefix("//!")
            .is_some_and(|said| said.trim().len() > 10)
    })
}

/// "src/dsp/grid.rs" is in `dsp`; `lib.rs` and `main.rs` are in none.
pub fn layer_of(path: &str) -> Option<&str> {
    let (folder, _) = path.strip_prefix("src/")?.split_once('/')?;
    rank(folder).map(|_| folder)
}

fn rank(layer: &str) -> Option<usize> {
    match layer {
        CLI => rank("ui"),
        _ => LAYERS.iter().position(|&name| name == layer),
    }
}

fn may_use(user: &str, used: &str) -> bool {
    match (user, used) {
        (a, b) if a == b => true,
        (CLI, "ui") | ("ui", CLI) => false,
        (a, b) => rank(a) > rank(b),
    }
}

/// Layers named after `crate::` or `abscope::` in a line, in a list (`crate::{dsp, units::db}`) too.
fn layers_used(line: &str) -> Vec<&str> {
    let mut used = Vec::new();
    for root in ["crate::", "abscope::"] {
        for (start, _) in line.match_indices(root) {
            let rest = &line[start + root.len()..];
            match rest.strip_prefix('{') {
                Some(list) => used.extend(heads_of_list(list)),
                None => used.push(word_at_start(rest)),
            }
        }
    }
    used.retain(|word| rank(word).is_some());
    used
}

/// The first words of a brace list's members: `dsp::{a, b}, units::db}` gives `dsp` and `units`.
fn heads_of_list(list: &str) -> Vec<&str> {
    let mut heads = Vec::new();
    let (mut depth, mut at_head) = (0, true);
    for (index, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_head = true,
            _ if at_head && depth == 0 && !character.is_whitespace() => {
                heads.push(word_at_start(&list[index..]));
                at_head = false;
            }
            _ => {}
        }
    }
    heads
}

fn word_at_start(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

/// Whether a word stands in a line on its own: `egui` is in `egui::Ui` but not in `no_egui_here`.
fn mentions(line: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        !is_part(before) && (word.ends_with(':') || !is_part(after))
    })
}

/// The code alone, line for line. `use` lists that span lines are joined into their first line, and unit tests
/// at the end of a file are left out: they may look up, the code may not.
fn without_comments_and_strings(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut out = String::new();
    let mut joined_lines = 0;
    let mut open_use = false;
    for line in code.lines() {
        let line = strip_strings(line);
        let line = line.split("//").next().unwrap_or_default();
        out.push_str(line);
        let starts_use = line
            .trim_start()
            .trim_start_matches("pub ")
            .starts_with("use ");
        open_use = (open_use || starts_use) && !line.contains(';');
        if open_use {
            joined_lines += 1;
        } else {
            out.push_str(&"\n".repeat(1 + joined_lines));
            joined_lines = 0;
        }
    }
    out
}

fn strip_strings(line: &str) -> String {
    let mut out = String::new();
    let (mut inside, mut escaped) = (false, false);
    for character in line.chars() {
        match character {
            '"' if !escaped => inside = !inside,
            _ if inside => {}
            _ => out.push(character),
        }
        escaped = inside && character == '\\' && !escaped;
    }
    out
}

/// A file of a layer, with a purpose line and the given code.
fn check(path: &str, code: &str, expected: &[&str]) {
    let text = format!("//! A file that a test made up.\n\n{code}\n");
    let found = complaints(path, &text);
    assert_eq!(found.len(), expected.len(), "{code}: {found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found} does not say {expected}");
    }
}

#[test]
fn an_upward_import_is_found_in_every_way_of_writing_it() {
    check("src/dsp/a.rs", "use crate::units::db;", &[]);
    check(
        "src/dsp/a.rs",
        "use crate::audio::ring;",
        &["a.rs:3: dsp uses audio"],
    );
    check(
        "src/dsp/a.rs",
        "use crate::{units::db, view};",
        &["dsp uses view"],
    );
    check(
        "src/dsp/a.rs",
        "use crate::{\n    units::{db, note},\n    app,\n};",
        &["dsp uses app"],
    );
    check(
        "src/view/a.rs",
        "fn f() { crate::render::draw(); }",
        &["view uses render"],
    );
    check(
        "src/view/a.rs",
        "pub use abscope::ui::Panel;",
        &["view uses ui"],
    );
    check("src/view/a.rs", "use crate::analysis::{render, app};", &[]);
}

#[test]
fn the_command_line_stands_beside_the_user_interface() {
    check("src/cli/a.rs", "use crate::render::device;", &[]);
    check("src/cli/a.rs", "use crate::ui::panel;", &["cli uses ui"]);
    check("src/cli/a.rs", "use crate::app::run;", &["cli uses app"]);
    check(
        "src/app/a.rs",
        "use crate::cli::Arguments;\nuse crate::ui::panel;",
        &[],
    );
    check(
        "src/ui/a.rs",
        "use crate::cli::Arguments;",
        &["ui uses cli"],
    );
}

#[test]
fn what_is_banned_in_a_layer_is_found() {
    check("src/view/a.rs", "use egui::Color32;", &["`egui` in view"]);
    check(
        "src/session/a.rs",
        "fn f(d: &wgpu::Device) {}",
        &["`wgpu` in session"],
    );
    check("src/compare/a.rs", "let x = egui_winit::y;", &[]);
    check(
        "src/render/a.rs",
        "use cpal::Stream;",
        &["`cpal` in render"],
    );
    check(
        "src/dsp/a.rs",
        "let t = std::time::Instant::now();",
        &["`std::time` in dsp"],
    );
    check(
        "src/dsp/a.rs",
        "std::thread::spawn(f);",
        &["`std::thread` in dsp"],
    );
    check("src/audio/a.rs", "std::thread::spawn(f);", &[]);
}

#[test]
fn comments_strings_and_unit_tests_do_not_count() {
    check(
        "src/view/a.rs",
        "// egui would be wrong here, crate::ui too",
        &[],
    );
    check("src/view/a.rs", "let s = \"egui \\\" wgpu\";", &[]);
    check(
        "src/dsp/a.rs",
        "#[cfg(test)]\nmod tests {\n    use std::time::Instant;\n}",
        &[],
    );
}

#[test]
fn a_file_without_purpose_is_found() {
    assert_eq!(complaints("src/dsp/a.rs", "pub fn f() {}\n").len(), 1);
    assert_eq!(complaints("src/lib.rs", "//!\nfn f() {}\n").len(), 1);
}
