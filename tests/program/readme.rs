//! The README keeps to the program: its table of keys is the program's (`ABSCOPE_UPDATE_README=1` writes it anew), its commands are understood, its links exist.

use abscope::audio::demo;
use abscope::cli::args::Cli;
use abscope::session::action::catalog;
use clap::{CommandFactory as _, Parser as _};

const README: &str = include_str!("../../README.md");
const GUIDE: &str = include_str!("../../docs/guide.md");

/// The rows of a table under a heading, without its head: the cells of each.
fn table_under(heading: &str) -> Vec<Vec<String>> {
    let (_, rest) = README
        .split_once(heading)
        .expect("the README has the heading");
    rest.lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

/// The lines of all blocks of shell commands, comments cut off.
fn commands() -> Vec<&'static str> {
    let blocks = README.split("```sh\n").skip(1);
    blocks
        .filter_map(|block| block.split("```").next())
        .flat_map(str::lines)
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
        .collect()
}

/// Words as a shell cuts them: at spaces, but not within double quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![];
    for (part, text) in line.split('"').enumerate() {
        match part % 2 {
            0 => words.extend(text.split_whitespace().map(str::to_owned)),
            _ => words.push(text.to_owned()),
        }
    }
    words
}

#[test]
fn the_table_of_keys_is_the_programs() {
    // The nine digits share one row, whose help is written "1 to 9: reference".
    let expected: Vec<Vec<String>> = catalog()
        .iter()
        .filter(|binding| binding.key.is_some() && !binding.help.is_empty())
        .map(|binding| (binding.key.unwrap_or_default(), binding))
        .map(|(key, binding)| match binding.help.split_once(": ") {
            Some((keys, help)) if keys.starts_with(key) => vec![keys, help],
            _ => vec![key, binding.help],
        })
        .map(|row| row.into_iter().map(str::to_owned).collect())
        .collect();
    if std::env::var_os("ABSCOPE_UPDATE_README").is_some() {
        let rows = expected
            .iter()
            .map(|row| format!("| {} |\n", row.join(" | ")));
        let (before, rest) = README
            .split_once("|---|---|\n| Space")
            .expect("the table is there");
        let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
        let table: String = rows.collect();
        let readme = format!("{before}|---|---|\n{table}\n{after}");
        std::fs::write("README.md", readme).expect("the README is writable");
        return;
    }
    assert_eq!(table_under("## Keys"), expected);
}

#[test]
fn every_command_line_is_understood() {
    let commands = commands();
    assert!(commands.len() > 5, "the commands were not found");
    for line in commands {
        if let Err(error) = Cli::try_parse_from(words(line)) {
            panic!("{line}\n{error}");
        }
    }
}

#[test]
fn every_command_of_the_program_is_told() {
    for command in Cli::command()
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
    {
        let name = command.get_name();
        assert!(
            README.contains(&format!("abscope {name}")),
            "the README does not name `abscope {name}`"
        );
    }
}

#[test]
fn the_keys_of_the_guide_are_the_programs() {
    let keys: Vec<&str> = GUIDE.split("**").skip(1).step_by(2).collect();
    assert!(keys.len() > 5, "{keys:?}");
    for key in keys {
        let is_one = |entry: &abscope::session::action::Entry| entry.key == Some(key);
        assert!(catalog().iter().any(is_one), "there is no key {key}");
    }
}

#[test]
fn every_link_leads_to_a_file() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (text, folder) in [(README, root), (GUIDE, &root.join("docs"))] {
        let mut links = 0;
        for (start, _) in text.match_indices("](") {
            let target = text[start + 2..].split(')').next().unwrap_or_default();
            if target.starts_with("https://") {
                continue;
            }
            links += 1;
            assert!(folder.join(target).exists(), "{target} is not there");
        }
        assert!(links >= 5, "the links were not found");
    }
}

#[test]
fn the_faults_of_the_demo_are_told_as_they_are() {
    let text = README.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        format!("too dull by {} dB at the top", -demo::FAULT_SHELF_DB),
        format!(
            "boomy by {} dB around {} Hz",
            demo::FAULT_BELL_DB,
            demo::FAULT_BELL_HZ
        ),
        format!("too narrow by {} dB", -demo::FAULT_SIDE_DB),
        format!("too quiet by {} LU", -demo::FAULT_LOUDNESS_LU),
    ] {
        assert!(text.contains(&said), "the README does not say “{said}”");
    }
    assert_eq!(demo::NUM_FAULT_OVERS, 5, "the README says five overs");
    assert!(text.contains("and five overs"));
}

#[test]
fn the_toolchain_asked_for_is_the_one_needed() {
    let version = env!("CARGO_PKG_RUST_VERSION");
    assert!(README.contains(&format!("{version} or newer")), "{version}");
    // The oldest one is also the one that everything is checked with, so that what is said is true.
    let pinned: toml::Table = include_str!("../../rust-toolchain.toml")
        .parse()
        .expect("the file is TOML");
    let channel = pinned["toolchain"]["channel"].as_str().expect("a name");
    assert!(channel.starts_with(&format!("{version}.")), "{channel}");
}

/// What stands between backticks in a text.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// All of a folder's Rust files as one text.
fn sources(folder: &str) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder is readable").path();
        if path.is_dir() {
            text += &sources(&path.to_string_lossy());
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &std::fs::read_to_string(&path).expect("the source is readable");
        }
    }
    text
}

#[test]
fn the_architecture_names_only_files_and_tests_that_exist_and_is_short() {
    let text = include_str!("../../ARCHITECTURE.md");
    // Recipes are looked up one at a time; all else is read through.
    let sections = text.split("\n## ");
    let read_through = sections.filter(|section| !section.starts_with("Recipe: "));
    let lines: usize = read_through.map(|section| section.lines().count()).sum();
    assert!(
        lines <= 120,
        "{lines} lines besides the recipes, at most 120"
    );
    let roots = ["src/", "shaders/", "tests/", "benches/", "examples/"];
    let all = ["src", "tests", "link", "send"].map(sources).concat();
    let (mut files, mut tests) = (0, 0);
    // Drawings stand between three backticks, and would shift what is inside and outside of single ones.
    for word in quoted(&text.replace("```", "")) {
        if roots.iter().any(|root| word.starts_with(root)) {
            files += 1;
            assert!(std::path::Path::new(word).exists(), "{word} is not there");
        } else if word.matches('_').count() > 2 {
            tests += 1;
            assert!(all.contains(&format!("fn {word}(")), "no test {word}");
        }
    }
    assert!(files > 15 && tests > 15, "{files} files, {tests} tests");
}
