//! Throws damaged and forged files at a reader for a while: `cargo run --example fuzz -- snapshot 600`, or `picture`.
//!
//! It needs neither a nightly compiler nor a sanitizer: the readers are safe Rust, so what can go wrong is a panic, an
//! endless loop or too much memory. Inputs come from `fuzz/corpus` and from small files made here; one input for each
//! way to be refused is kept there.

mod mutate;
mod pictures;
mod snapshots;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mutate::Random;

/// Files kept in a corpus.
const MOST_KEPT: usize = 48;
/// Larger ones are not kept.
const MOST_KEPT_BYTES: usize = 20_000;
/// Outcomes told in the end, the most frequent first.
const MOST_TOLD: usize = 40;
/// An input that takes longer is a failure.
const TOO_LONG: Duration = Duration::from_secs(10);

/// A reader, and how its inputs are made.
pub struct Target {
    name: &'static str,
    ending: &'static str,
    /// Inputs that are well made.
    seeds: fn() -> Vec<Vec<u8>>,
    /// One of them broken.
    broken: fn(&[u8], &mut Random) -> Vec<u8>,
    /// Reads an input as the program does; how that ended.
    check: fn(&[u8]) -> String,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, usual| words.get(at).map_or(Some(usual), |word| word.parse().ok());
    let targets = [snapshots::SNAPSHOTS, pictures::PICTURES];
    let named = |target: &&Target| words.first().is_some_and(|word| word == target.name);
    match (targets.iter().find(named), number(1, 10), number(2, 1)) {
        (Some(target), Some(secs), Some(seed)) => run(target, secs, seed),
        _ => {
            eprintln!("usage: fuzz snapshot|picture [SECONDS [SEED]]");
            ExitCode::from(2)
        }
    }
}

fn run(target: &Target, secs: u64, seed: u64) -> ExitCode {
    let end = Instant::now() + Duration::from_secs(secs);
    let mut random = Random(seed);
    let mut inputs = (target.seeds)();
    inputs.extend(corpus(target));
    let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
    let mut count = 0u64;
    while Instant::now() < end {
        let input = (target.broken)(&inputs[random.below(inputs.len())], &mut random);
        let begin = Instant::now();
        let checked = std::panic::catch_unwind(|| (target.check)(&input));
        let took = begin.elapsed();
        count += 1;
        let outcome = match checked {
            Ok(outcome) if took < TOO_LONG => plain(&outcome),
            failed => {
                let name = format!("fuzz-failure-{seed}-{count}.{}", target.ending);
                let path = Path::new("target").join(name);
                let saved = std::fs::write(&path, &input);
                let how = if failed.is_err() {
                    "a panic"
                } else {
                    "too slow"
                };
                eprintln!("{how} after {count} inputs: {} ({saved:?})", path.display());
                return ExitCode::FAILURE;
            }
        };
        let times = outcomes.entry(outcome.clone()).or_default();
        *times += 1;
        if *times == 1 && inputs.len() < MOST_KEPT && input.len() < MOST_KEPT_BYTES {
            keep(target, &outcome, &input);
            inputs.push(input);
        }
    }
    println!(
        "{}: {count} inputs in {secs} s, seed {seed}; outcomes:",
        target.name
    );
    let mut outcomes: Vec<_> = outcomes.into_iter().collect();
    outcomes.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    for (outcome, times) in outcomes.iter().take(MOST_TOLD) {
        println!("{times:>9}  {outcome}");
    }
    ExitCode::SUCCESS
}

/// How it ended, without the numbers in it.
fn plain(outcome: &str) -> String {
    let is_plain = |c: &char| !c.is_ascii_digit() && !c.is_control();
    outcome.chars().filter(is_plain).take(90).collect()
}

fn folder(target: &Target) -> PathBuf {
    Path::new("fuzz/corpus").join(target.name)
}

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder(target));
    let entries = entries.into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
        .iter()
        .filter_map(|path| std::fs::read(path).ok())
        .collect()
}

fn keep(target: &Target, outcome: &str, input: &[u8]) {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = outcome.chars().map(plain).take(60).collect();
    let path = folder(target).join(format!("{name}.{}", target.ending));
    if !path.exists() {
        // A corpus that cannot be written is only a smaller one.
        let _ = std::fs::create_dir_all(folder(target));
        let _ = std::fs::write(path, input);
    }
}
