//! No files of a layer import each other in a circle: whoever reads one has an end of what to read first.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::exceptions::CIRCLES;
use crate::layers::layer_of;
use crate::ratchet;
use crate::source::{self, File, imports};

#[test]
fn no_files_of_a_layer_import_each_other_in_a_circle() {
    ratchet::hold(&circles(&source::all()), CIRCLES);
}

/// Each file that imports itself by way of others of its layer, with the shortest such way.
fn circles(files: &[File]) -> BTreeMap<String, String> {
    let imports = within_layers(files);
    let mut found = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        if let Some(way) = way_back(index, &imports) {
            let names: Vec<&str> = way.iter().map(|&file| &*files[file].path).collect();
            let words = format!("a circle of imports: {}", names.join(" → "));
            found.insert(file.path.clone(), words);
        }
    }
    found
}

fn within_layers(files: &[File]) -> Vec<BTreeSet<usize>> {
    let layer = |index: usize| layer_of(&files[index].path);
    let mut imports = imports(files);
    for (index, used) in imports.iter_mut().enumerate() {
        used.retain(|&used| layer(used).is_some() && layer(used) == layer(index));
    }
    imports
}

/// The shortest way along imports from a file back to itself, both ends named.
fn way_back(start: usize, imports: &[BTreeSet<usize>]) -> Option<Vec<usize>> {
    let mut came_from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(file) = next.pop_front() {
        for &used in &imports[file] {
            if used == start {
                let mut way = vec![start, file];
                while let Some(&before) = came_from.get(way.last()?) {
                    way.push(before);
                }
                if file == start {
                    way.pop();
                }
                way.reverse();
                return Some(way);
            }
            if let Entry::Vacant(unseen) = came_from.entry(used) {
                unseen.insert(file);
                next.push_back(used);
            }
        }
    }
    None
}

/// The circle that a file is said to be in, of files made up by a test.
fn check(sources: &[(&str, &str)], expected: &[&str]) {
    let files: Vec<File> = sources
        .iter()
        .map(|(path, text)| File::new(path, text))
        .collect();
    let found = circles(&files);
    let keys: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(keys, expected, "{found:?}");
}

#[test]
fn a_circle_is_found_in_every_way_of_writing_it() {
    let both = ["src/dsp/a.rs", "src/dsp/b.rs"];
    let back = ("src/dsp/b.rs", "use crate::dsp::a::A;");
    check(&[("src/dsp/a.rs", "use crate::dsp::b::B;"), back], &both);
    check(&[("src/dsp/a.rs", "use super::b::B;"), back], &both);
    check(
        &[("src/dsp/a.rs", "use crate::dsp::{c::C, b};"), back],
        &both,
    );
    check(&[("src/dsp/a.rs", "pub use super::b::*;"), back], &both);
    check(&[("src/dsp/a.rs", "fn f(b: &super::b::B) {}"), back], &both);
    check(
        &[("src/dsp/a.rs", "fn f() { g(crate::dsp::b::B) }"), back],
        &both,
    );
    check(
        &[
            ("src/dsp/a.rs", "fn f() { assert!(x(crate::dsp::b::B)); }"),
            back,
        ],
        &both,
    );
    check(
        &[
            ("src/dsp/a.rs", "mod inner { use super::super::b::B; }"),
            back,
        ],
        &both,
    );
    check(&[("src/dsp/a.rs", "use crate::dsp::c::C;"), back], &[]);
}

#[test]
fn a_parent_and_its_child_make_a_circle_and_a_declaration_alone_does_not() {
    let child = ("src/dsp/a/b.rs", "use super::A;");
    let both = ["src/dsp/a.rs", "src/dsp/a/b.rs"];
    check(&[("src/dsp/a.rs", "mod b;\npub struct A;"), child], &[]);
    check(&[("src/dsp/a.rs", "mod b;\npub use b::B;"), child], &both);
    check(
        &[("src/dsp/a.rs", "mod b;\nfn f() { b::g() }"), child],
        &both,
    );
}

#[test]
fn a_long_circle_is_told_whole_and_who_only_looks_into_it_is_not_in_it() {
    let sources = [
        ("src/dsp/a.rs", "use super::b::B;"),
        ("src/dsp/b.rs", "use super::c::C;"),
        ("src/dsp/c.rs", "use super::a::A;"),
        ("src/dsp/d.rs", "use super::a::A;"),
    ];
    check(&sources, &["src/dsp/a.rs", "src/dsp/b.rs", "src/dsp/c.rs"]);
    let files = sources.map(|(path, text)| File::new(path, text));
    let words = &circles(&files)["src/dsp/a.rs"];
    let way = "src/dsp/a.rs → src/dsp/b.rs → src/dsp/c.rs → src/dsp/a.rs";
    assert!(words.ends_with(way), "{words}");
}

#[test]
fn unit_tests_and_other_layers_make_no_circle() {
    let back = ("src/dsp/b.rs", "use crate::dsp::a::A;");
    let test = "#[cfg(test)]\nmod tests { use crate::dsp::b::B; }";
    check(&[("src/dsp/a.rs", test), back], &[]);
    let up = ("src/view/b.rs", "use crate::dsp::a::A;");
    check(&[("src/dsp/a.rs", "use crate::view::b::B;"), up], &[]);
}
