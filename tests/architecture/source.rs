//! The source as files that know their module, and what each of them imports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// A file of the source.
pub struct File {
    /// From the root of the repository, with slashes: `src/session/mix.rs`.
    pub path: String,
    /// What it says.
    pub text: String,
    /// The same, parsed.
    pub syntax: syn::File,
}

impl File {
    /// # Panics
    /// If the text is no Rust.
    pub fn new(path: &str, text: &str) -> Self {
        let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            syntax,
        }
    }

    /// Names of its module from the crate's root: `["session", "mix"]`, for `session/mod.rs` `["session"]`.
    fn module(&self) -> Vec<String> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let inside = inside.strip_suffix(".rs").unwrap_or(inside);
        let mut names: Vec<String> = inside.split('/').map(str::to_owned).collect();
        if matches!(
            names.last().map(String::as_str),
            Some("mod" | "lib" | "main")
        ) {
            names.pop();
        }
        names
    }
}

/// All files under `src/`.
pub fn all() -> Vec<File> {
    let files = rust_files(Path::new("src"));
    assert!(files.len() > 10, "the source was not found");
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("the source is readable");
        File::new(&with_slashes(path), &text)
    };
    files.iter().map(read).collect()
}

/// A path as it is written everywhere but on Windows.
pub fn with_slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The Rust files under a folder, sorted.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
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

/// Which files each file imports from, `imports[file]`, by their index. Declaring a module is no import; unit tests do not
/// count.
pub fn imports(files: &[File]) -> Vec<BTreeSet<usize>> {
    let modules: BTreeMap<Vec<String>, usize> = files
        .iter()
        .enumerate()
        // The program's file has no module that others could name.
        .filter(|(_, file)| file.path != "src/main.rs")
        .map(|(index, file)| (file.module(), index))
        .collect();
    let of = |(index, file): (usize, &File)| {
        let mut paths = Paths {
            module: file.module(),
            found: vec![],
        };
        paths.visit_file(&file.syntax);
        let files = paths.found.iter().filter_map(|path| home(path, &modules));
        files.filter(|used| *used != index).collect()
    };
    files.iter().enumerate().map(of).collect()
}

/// The file of the deepest module in a path from the crate's root.
fn home(path: &[String], modules: &BTreeMap<Vec<String>, usize>) -> Option<usize> {
    let prefixes = (1..=path.len()).rev().map(|length| &path[..length]);
    prefixes
        .filter_map(|prefix| modules.get(prefix))
        .next()
        .copied()
}

/// Gathers every path of a file, told from the crate's root.
struct Paths {
    module: Vec<String>,
    found: Vec<Vec<String>>,
}

impl Paths {
    /// Tells a path from the crate's root. One that begins with neither `crate`, `self` nor `super` may begin with a child
    /// of this module, or is none of ours.
    fn add(&mut self, names: &[String]) {
        let Some(first) = names.first() else { return };
        let mut base = self.module.clone();
        let rest = match first.as_str() {
            "crate" | "abscope" => {
                base.clear();
                &names[1..]
            }
            "self" => &names[1..],
            "super" => {
                let ups = names.iter().take_while(|name| *name == "super").count();
                base.truncate(base.len().saturating_sub(ups));
                &names[ups..]
            }
            _ => names,
        };
        base.extend(rest.iter().cloned());
        self.found.push(base);
    }

    fn add_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_tree(before, tree);
                }
            }
            syn::UseTree::Name(name) => self.add(&with(&name.ident)),
            syn::UseTree::Rename(rename) => self.add(&with(&rename.ident)),
            syn::UseTree::Glob(_) => self.add(before),
        }
    }

    /// Paths among the words of a macro: names with `::` between them.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut names: Vec<String> = vec![];
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.add(&std::mem::take(&mut names));
                    }
                    names.push(name.to_string());
                    colons = 0;
                }
                other => {
                    self.add(&std::mem::take(&mut names));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.add_tokens(group.stream());
                    }
                }
            }
        }
        self.add(&names);
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, used: &'ast syn::ItemUse) {
        self.add_tree(&[], &used.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        // A single name is a local one.
        if names.len() > 1 {
            self.add(&names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.add_tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

/// Whether an item is there for unit tests only.
pub fn is_test(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        let mut is_test = false;
        if attribute.path().is_ident("cfg") {
            let look = |meta: syn::meta::ParseNestedMeta<'_>| {
                is_test |= meta.path.is_ident("test");
                Ok(())
            };
            // What is more than a word is not `cfg(test)`.
            let _ = attribute.parse_nested_meta(look);
        }
        is_test
    })
}
