//! The layers of `src/` hold: imports go downward, each file says what it is for, and nothing stands where it is
//! banned. The checks are functions over plain text, so that negative cases can show that they fail.

use std::path::{Path, PathBuf};

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
        &["egui", "egui_wgpu", "wgpu"],
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
    (
        "render",
        &["egui", "egui_wgpu", "cpal"],
        "render draws what it is given",
    ),
    (
        "analysis",
        &["egui", "wgpu", "cpal"],
        "analysis neither draws nor opens devices",
    ),
    ("ui", &["wgpu", "cpal"], "ui edits plain data"),
];

/// More lines than this are two files.
const MAX_LINES: usize = 800;

/// Layers whose files import each other in one direction only, and keep to the measures below.
const TIDY: [&str; 3] = ["view", "render", "ui"];
/// More lines than this are two files there.
const MAX_TIDY_LINES: usize = 500;
/// More lines than this are two functions.
const MAX_FUNCTION_LINES: usize = 80;
/// More fields than this are two structs, unless `// Many fields: why` stands above it.
const MAX_FIELDS: usize = 15;

#[test]
fn every_file_of_the_source_keeps_to_its_layer() {
    let files = rust_files(Path::new("src"));
    assert!(files.len() > 10, "the source was not found");
    let complaints: Vec<String> = files
        .iter()
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).expect("the source is readable");
            complaints(&path.to_string_lossy(), &text)
        })
        .collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn no_two_files_of_a_tidy_layer_import_each_other_in_a_circle() {
    for layer in TIDY {
        let files: Vec<(String, String)> = rust_files(&Path::new("src").join(layer))
            .into_iter()
            .map(|path| {
                let text = std::fs::read_to_string(&path).expect("the source is readable");
                (path.to_string_lossy().replace('\\', "/"), text)
            })
            .collect();
        let circles = circles(&files);
        assert!(files.len() > 10 && circles.is_empty(), "\n{circles:#?}");
    }
}

#[test]
fn every_test_and_bench_says_what_it_is_for() {
    for folder in ["tests", "benches"] {
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
    let lines = text.lines().count();
    if lines > MAX_LINES {
        found.push(format!("{path}: {lines} lines, at most {MAX_LINES}"));
    }
    let Some(layer) = layer_of(path) else {
        return found;
    };
    if TIDY.contains(&layer) {
        found.extend(untidy(path, text));
    }
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

/// What is too large in a file of a tidy layer. Formatted code ends a thing where its indentation began.
fn untidy(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let count = text.lines().count();
    if count > MAX_TIDY_LINES {
        found.push(format!("{path}: {count} lines, at most {MAX_TIDY_LINES}"));
    }
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines: Vec<&str> = code.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let mut words = line.split_whitespace().peekable();
        while words
            .next_if(|word| word.starts_with("pub") || *word == "const")
            .is_some()
        {}
        let (kind, name) = (words.next(), words.next().unwrap_or_default());
        let end = || {
            let close = format!("{indent}}}");
            lines[number..].iter().position(|line| *line == close)
        };
        match kind {
            Some("fn") => {
                let length = end().map_or(0, |end| end + 1);
                if length > MAX_FUNCTION_LINES {
                    found.push(format!("{path}: {name} has {length} lines"));
                }
            }
            Some("struct") if line.ends_with('{') => {
                let body = &lines[number + 1..number + end().unwrap_or(1)];
                let is_field = |line: &&&str| {
                    let field = line.trim_start().trim_start_matches("pub ");
                    !field.starts_with("//") && field.contains(": ")
                };
                let fields = body.iter().filter(is_field).count();
                let mut above = lines[..number].iter().rev();
                let has_reason = above
                    .by_ref()
                    .take_while(|line| line.trim_start().starts_with(['/', '#']))
                    .any(|line| line.trim_start().starts_with("// Many fields: "));
                if fields > MAX_FIELDS && !has_reason {
                    found.push(format!("{path}: {name} has {fields} fields and no reason"));
                }
            }
            _ => {}
        }
    }
    found
}

/// Files of one layer that import each other in a circle: each with what it imports of the others.
fn circles(files: &[(String, String)]) -> Vec<String> {
    let module = |path: &str| {
        let path = path.trim_start_matches("src/").trim_end_matches(".rs");
        path.trim_end_matches("/mod").replace('/', "::")
    };
    let modules: Vec<String> = files.iter().map(|(path, _)| module(path)).collect();
    let mut imports: Vec<(String, Vec<String>)> = files
        .iter()
        .zip(&modules)
        .map(|((_, text), own)| {
            let code = without_comments_and_strings(text);
            let mut of: Vec<String> = paths_used(&code, own)
                .iter()
                .filter_map(|path| nearest(path, &modules))
                .filter(|module| module != own)
                .collect();
            of.sort();
            of.dedup();
            (own.clone(), of)
        })
        .collect();
    // What imports nothing that is left, or is imported by nothing that is left, is in no circle.
    loop {
        let before = imports.len();
        let left: Vec<String> = imports.iter().map(|(own, _)| own.clone()).collect();
        for (_, of) in &mut imports {
            of.retain(|module| left.contains(module));
        }
        let used: Vec<String> = imports.iter().flat_map(|(_, of)| of.clone()).collect();
        imports.retain(|(own, of)| !of.is_empty() && used.contains(own));
        if imports.len() == before {
            break;
        }
    }
    imports
        .into_iter()
        .map(|(own, of)| format!("{own} imports {}", of.join(", ")))
        .collect()
}

/// The file that a path leads into: the longest beginning of it that is one.
fn nearest(path: &str, modules: &[String]) -> Option<String> {
    let is_within = |module: &&String| {
        let rest = path.strip_prefix(module.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let found = modules.iter().filter(is_within).max_by_key(|m| m.len())?;
    // The layer's own `mod.rs` declares files and holds nothing.
    found.contains("::").then(|| found.clone())
}

/// Paths that a file's code leads along, from its layer on: `crate::view::axis::Tick` is `view::axis::Tick`; of a
/// file of its own folder that it declares, `axis::Tick` too.
fn paths_used(code: &str, own: &str) -> Vec<String> {
    let mut found = vec![];
    let parent = own.rsplit_once("::").map_or("", |(parent, _)| parent);
    let declared = code.lines().filter_map(|line| {
        let line = line.trim_start_matches("pub ");
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    let mut roots = vec![
        ("crate::".to_owned(), String::new()),
        ("super::".to_owned(), format!("{parent}::")),
    ];
    roots.extend(declared.map(|child| (format!("{child}::"), format!("{own}::{child}::"))));
    for (root, meant) in roots {
        for (start, _) in code.match_indices(&root) {
            let before = code[..start].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            expand(&code[start + root.len()..], &meant, &mut found);
        }
    }
    found
}

/// Adds the path at the start of some code, a list in braces as each of its members; returns what is behind it.
fn expand<'a>(code: &'a str, before: &str, found: &mut Vec<String>) -> &'a str {
    let end = code.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
    let (path, mut rest) = code.split_at(end.unwrap_or(code.len()));
    let path = format!("{before}{path}");
    if !path.ends_with("::") || !rest.starts_with('{') {
        found.push(path);
        return rest;
    }
    rest = &rest[1..];
    loop {
        rest = rest.trim_start_matches([' ', ',', '\n']);
        match rest.strip_prefix('}') {
            Some(behind) => return behind,
            None if rest.is_empty() => return rest,
            None => {
                let behind = expand(rest, &path, found);
                // What is no path ends the list: this is no list of imports.
                if behind.len() == rest.len() {
                    return behind;
                }
                rest = behind;
            }
        }
    }
}

fn has_purpose(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    first.is_some_and(|line| {
        line.strip_prefix("//!")
            .is_some_and(|said| said.trim().len() > 10)
    })
}

/// "src/dsp/grid.rs" is in `dsp`; `lib.rs` and `main.rs` are in none.
fn layer_of(path: &str) -> Option<&str> {
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

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return files;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
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
    check("src/compare/a.rs", "let x = egui_wgpu::y;", &[]);
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
fn a_file_without_purpose_or_of_too_many_lines_is_found() {
    assert_eq!(complaints("src/dsp/a.rs", "pub fn f() {}\n").len(), 1);
    assert_eq!(complaints("src/lib.rs", "//!\nfn f() {}\n").len(), 1);
    let long = format!("//! A long file of nothing.\n{}", "\n".repeat(MAX_LINES));
    assert!(complaints("src/dsp/a.rs", &long)[0].contains("801 lines"));
}

#[test]
fn circles_are_found_however_they_are_written() {
    let check = |files: &[(&str, &str)], expected: &[&str]| {
        let files: Vec<(String, String)> = files
            .iter()
            .map(|(path, code)| ((*path).to_owned(), format!("//! Made up.\n\n{code}\n")))
            .collect();
        let found = circles(&files);
        assert_eq!(found.len(), expected.len(), "{files:?}: {found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found} does not say {expected}");
        }
    };
    let down = ("src/view/a.rs", "use crate::view::b::B;");
    check(&[down, ("src/view/b.rs", "use crate::dsp::grid;")], &[]);
    check(
        &[down, ("src/view/b.rs", "use crate::view::{a::A, c::C};")],
        &["view::a imports view::b", "view::b imports view::a"],
    );
    check(
        &[down, ("src/view/b.rs", "fn f() { crate::view::a::g(); }")],
        &["view::a", "view::b"],
    );
    check(
        &[
            (
                "src/view/a.rs",
                "use crate::view::{\n    c::{C, D},\n    b::B,\n};",
            ),
            ("src/view/b.rs", "use crate::view::c::C;"),
            ("src/view/c.rs", "use super::a::A;"),
            ("src/view/d.rs", "use crate::view::a::A;"),
        ],
        &["view::a imports view::b, view::c", "view::b", "view::c"],
    );
    // A folder's file that uses what is in the folder, and is used by it.
    check(
        &[
            ("src/view/a.rs", "mod b;\npub fn f() { b::g(); }"),
            ("src/view/a/b.rs", "use crate::view::a::f;"),
        ],
        &["view::a imports view::a::b", "view::a::b imports view::a"],
    );
    check(
        &[
            ("src/view/a.rs", "mod b;\nmod c;\npub fn f() { b::g(); }"),
            ("src/view/a/b.rs", "use crate::view::a::c::h;"),
            ("src/view/a/c.rs", "pub fn h() {}"),
        ],
        &[],
    );
    check(
        &[
            down,
            (
                "src/view/b.rs",
                "// crate::view::a\n#[cfg(test)]\nmod tests {\n    use crate::view::a::A;\n}",
            ),
        ],
        &[],
    );
}

#[test]
fn what_is_too_large_in_a_tidy_layer_is_found() {
    let function = |lines: usize| {
        let body = "    g();\n".repeat(lines - 2);
        format!("impl A {{\n}}\n\npub fn f(\n) {{\n{body}}}\n")
    };
    check("src/view/a.rs", &function(MAX_FUNCTION_LINES - 1), &[]);
    check("src/view/a.rs", &function(MAX_FUNCTION_LINES + 1), &["f("]);
    check("src/dsp/a.rs", &function(MAX_FUNCTION_LINES + 1), &[]);
    let fields = |count: usize, above: &str| {
        let body: String = (0..count)
            .map(|n| format!("    /// It: a field.\n    pub f{n}: u8,\n"))
            .collect();
        format!("/// A.\n{above}#[derive(Clone)]\npub struct A {{\n{body}}}\n")
    };
    check("src/ui/a.rs", &fields(MAX_FIELDS, ""), &[]);
    check("src/ui/a.rs", &fields(MAX_FIELDS + 1, ""), &["16 fields"]);
    let reason = "// Many fields: a test wants them.\n";
    check("src/ui/a.rs", &fields(MAX_FIELDS + 1, reason), &[]);
    let long = "\n".repeat(MAX_TIDY_LINES);
    check("src/render/a.rs", &long, &["at most 500"]);
}
