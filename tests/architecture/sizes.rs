//! Nothing grows too large to be read at once: files, functions, structs.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};

use crate::exceptions::{LONG_FILES, LONG_FUNCTIONS, MANY_FIELDS, TABLES};
use crate::ratchet;
use crate::source::{self, File, is_test};
use crate::words::{functions, line_of};

/// More lines than this are two files.
pub const MOST_LINES: usize = 500;
/// A longer function does not fit a screen.
const MOST_FUNCTION_LINES: usize = 80;
/// More fields than this need a reason.
const MOST_FIELDS: usize = 15;
/// Begins the comment above a struct that says why it has more.
const REASON: &str = "// Many fields: ";

#[test]
fn no_file_is_longer_than_500_lines() {
    ratchet::hold(&long_files(&source::all()), LONG_FILES);
}

#[test]
fn no_function_but_a_table_is_longer_than_80_lines() {
    let tables = TABLES.iter().map(|(key, _)| *key);
    let known: Vec<&str> = LONG_FUNCTIONS.iter().copied().chain(tables).collect();
    ratchet::hold(&long_functions(&source::all()), &known);
    for (key, why) in TABLES {
        assert!(why.len() > 10, "{key}: what is it a table of?");
    }
}

#[test]
fn no_struct_has_more_than_15_fields_without_a_reason_beside_it() {
    ratchet::hold(&wide_structs(&source::all()), MANY_FIELDS);
}

fn long_files(files: &[File]) -> BTreeMap<String, String> {
    let lines = |file: &File| file.text.lines().count();
    let long = files.iter().filter(|file| lines(file) > MOST_LINES);
    let words = |file: &File| format!("{}: {} lines, at most {MOST_LINES}", file.path, lines(file));
    long.map(|file| (file.path.clone(), words(file))).collect()
}

fn long_functions(files: &[File]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for file in files {
        for (name, lines) in functions(&file.text) {
            if lines > MOST_FUNCTION_LINES {
                let key = format!("{}: {name}", file.path);
                let words = format!("{key} has {lines} lines, at most {MOST_FUNCTION_LINES}");
                found.insert(key, words);
            }
        }
    }
    found
}

fn wide_structs(files: &[File]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for file in files {
        let mut structs = Structs::default();
        structs.visit_file(&file.syntax);
        for (name, fields) in structs.0 {
            let line = line_of(&file.text, "struct", &name);
            if fields > MOST_FIELDS && !has_reason(&file.text, line) {
                let key = format!("{}: {name}", file.path);
                let words = format!("{key} has {fields} fields and no line `{REASON}…` above it");
                found.insert(key, words);
            }
        }
    }
    found
}

/// Whether a reason stands above a line, counted from 1, among the comments and attributes there.
fn has_reason(text: &str, line: usize) -> bool {
    let above: Vec<&str> = text.lines().take(line.saturating_sub(1)).collect();
    let of_item = |line: &&&str| line.starts_with(['/', '#', ' ', ')']) && !line.is_empty();
    let mut near = above.iter().rev().take_while(of_item);
    near.any(|line| line.strip_prefix(REASON).is_some_and(|why| why.len() > 10))
}

/// Structs of a file, unit tests apart: name and fields.
#[derive(Default)]
struct Structs(Vec<(String, usize)>);

impl<'ast> Visit<'ast> for Structs {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.0.push((item.ident.to_string(), item.fields.len()));
    }
}

#[test]
fn a_long_file_is_found() {
    let file = |lines| File::new("src/dsp/a.rs", &"// A line.\n".repeat(lines));
    assert!(long_files(&[file(MOST_LINES)]).is_empty());
    let found = long_files(&[file(MOST_LINES + 1)]);
    assert!(found["src/dsp/a.rs"].contains("501 lines"), "{found:?}");
}

#[test]
fn a_long_function_is_found_wherever_it_stands() {
    let body = |lines: usize| format!("{{\n{}}}", "g();\n".repeat(lines - 2));
    let found = |code: &str| long_functions(&[File::new("src/dsp/a.rs", code)]);
    for (before, after) in [
        ("fn long() ", ""),
        ("impl A { pub fn long(&self) ", "}"),
        ("trait A { fn long(&self) ", "}"),
        ("fn short() { fn long() ", "}"),
        ("mod inner { fn long() ", "}"),
    ] {
        let right = format!("{before}{}{after}", body(MOST_FUNCTION_LINES));
        let longer = format!("{before}{}{after}", body(MOST_FUNCTION_LINES + 1));
        let only = ["src/dsp/a.rs: long".to_owned()];
        assert!(
            found(&right).keys().all(|key| !only.contains(key)),
            "{right}"
        );
        assert!(found(&longer).contains_key(&only[0]), "{longer}");
    }
    // Braces in words, and a function that is only declared, mislead nobody.
    let words = "fn f() { g(\"{\", '{', r#\"{\"#); /* { */ } // {\ntrait A { fn h(&self); }\n";
    assert!(found(&format!("{words}{}", "const A: u8 = 1;\n".repeat(99))).is_empty());
    let test = format!("#[cfg(test)]\nmod tests {{ fn long() {} }}", body(99));
    assert!(found(&test).is_empty());
}

#[test]
fn a_struct_of_many_fields_needs_a_reason_right_above_it() {
    let fields = |count: usize| -> String { (0..count).map(|n| format!("f{n}: u8,")).collect() };
    let found = |head: &str, count: usize| {
        let code = format!(
            "// Many fields: this one is far away.\n\n{head}struct A {{ {} }}",
            fields(count)
        );
        wide_structs(&[File::new("src/dsp/a.rs", &code)])
    };
    assert!(found("", MOST_FIELDS).is_empty());
    let wide = found("/// All of it.\n#[derive(Clone)]\npub ", MOST_FIELDS + 1);
    assert!(wide["src/dsp/a.rs: A"].contains("16 fields"), "{wide:?}");
    let reason =
        "/// All of it.\n// Many fields: one for each figure of the table.\n#[derive(Clone)]\npub ";
    assert!(found(reason, MOST_FIELDS + 1).is_empty());
    assert_eq!(found("// Many fields: so.\n", MOST_FIELDS + 1).len(), 1);
}
