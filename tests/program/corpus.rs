//! The fuzzers' corpora, replayed: what once was found stays mended, and each target is whole.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[path = "../../fuzz/src/checks.rs"]
mod checks;

#[path = "../../fuzz/src/forge.rs"]
mod forge;
#[path = "../../fuzz/src/mutate.rs"]
mod mutate;

/// How long the mutations go on; scripts/night asks for hours.
const ROUNDS_VARIABLE: &str = "ABSCOPE_FUZZ_ROUNDS";

fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|why| panic!("{folder:?}: {why}"));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    paths.sort();
    paths
}

fn stems(paths: &[PathBuf]) -> BTreeSet<String> {
    let stem = |path: &PathBuf| Some(path.file_stem()?.to_string_lossy().into_owned());
    paths.iter().filter_map(stem).collect()
}

#[test]
fn what_the_fuzzers_keep_is_read_without_harm() {
    for (target, check) in checks::TARGETS {
        let inputs = inside(&Path::new("fuzz/corpus").join(target));
        assert!(!inputs.is_empty(), "{target} has no corpus");
        for path in inputs {
            let input = std::fs::read(&path).expect("it can be read");
            let checked = std::panic::catch_unwind(|| check(&input));
            assert!(checked.is_ok(), "{} does harm", path.display());
        }
    }
}

#[test]
fn mutated_packets_settings_pictures_and_snapshots_do_no_harm() {
    let rounds = std::env::var(ROUNDS_VARIABLE).ok();
    let rounds: u64 = rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(50);
    // Of what is quickly read there are more: in a night 10 million packets, a million of the others.
    for (target, times) in [
        ("osc", 100),
        ("settings", 10),
        ("picture", 10),
        ("snapshot", 10),
    ] {
        let found = checks::TARGETS.iter().find(|(name, _)| *name == target);
        let (_, check) = found.expect("it is a target");
        let paths = inside(&Path::new("fuzz/corpus").join(target));
        let bases: Vec<_> = paths
            .iter()
            .map(|path| std::fs::read(path).expect("it can be read"))
            .collect();
        for round in 0..rounds * times {
            let base = &bases[round as usize % bases.len()];
            let random = &mut mutate::Random(round);
            let input = match (target, round / bases.len() as u64 % 2) {
                ("snapshot", 0) => forge::broken_snapshot(base, random),
                ("picture", 0) => forge::broken_picture(base, random),
                _ => mutate::broken_bytes(base, random),
            };
            let checked = std::panic::catch_unwind(|| check(&input));
            assert!(checked.is_ok(), "{target}: round {round} does harm");
        }
    }
}

#[test]
fn every_target_has_a_program_and_a_corpus_and_nothing_is_left_over() {
    let targets: BTreeSet<String> = checks::TARGETS.iter().map(|(t, _)| t.to_string()).collect();
    assert_eq!(stems(&inside(Path::new("fuzz/corpus"))), targets);
    assert_eq!(stems(&inside(Path::new("fuzz/fuzz_targets"))), targets);
    let manifest: toml::Table = std::fs::read_to_string("fuzz/Cargo.toml")
        .expect("it is there")
        .parse()
        .expect("it is TOML");
    let programs = manifest["bin"].as_array().expect("a list");
    let names = programs
        .iter()
        .filter_map(|program| program["name"].as_str());
    assert_eq!(names.map(str::to_owned).collect::<BTreeSet<_>>(), targets);
    // Each program gives its input to the check of its own name.
    for path in inside(Path::new("fuzz/fuzz_targets")) {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let name = path.file_stem().expect("it has a name").to_string_lossy();
        assert!(text.contains(&format!("run(\"{name}\", input)")), "{name}");
    }
}
