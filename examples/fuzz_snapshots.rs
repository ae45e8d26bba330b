//! Throws damaged and forged files at the snapshot reader for a while: `cargo run --example fuzz_snapshots -- 600`.
//!
//! It needs neither a nightly compiler nor a sanitizer: the reader is safe Rust, so what can go wrong is a panic, an
//! endless loop or too much memory. Inputs come from `fuzz/corpus/snapshot` and from small snapshots made here; half of
//! them are broken as bytes, half are unpacked, broken inside and packed well, so that they pass the zip and reach the
//! rules behind it. What is accepted must be the same after saving, and must make a scene.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use abscope::analysis::distribution::SpectrumCurves;
use abscope::app::snapshots::looks_of;
use abscope::dsp::grid::NUM_BINS;
use abscope::dsp::loudness::LoudnessPoint;
use abscope::session::Session;
use abscope::session::snapshot::archive::{ArchiveReader, ArchiveWriter, Packing};
use abscope::session::snapshot::moment::{Figures, KeptBeside, KeptMeters, KeptReference};
use abscope::session::snapshot::{Created, Facts, SideData, Snapshot, Sound, TierStretch};
use abscope::view::build::{Moment, PictureRequest, scene};
use abscope::view::scene::{Looks, Status};

const CORPUS: &str = "fuzz/corpus/snapshot";
/// Files kept in the corpus: one for each way to be refused, and no more.
const MOST_KEPT: usize = 48;
/// An input that takes longer is a failure.
const TOO_LONG: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let secs = words
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(10);
    let seed = words.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    let end = Instant::now() + Duration::from_secs(secs);
    let mut random = Random(seed);
    let mut inputs = seeds();
    let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
    let mut count = 0u64;
    while Instant::now() < end {
        let base = &inputs[random.below(inputs.len())];
        let input = match random.below(2) {
            0 => broken_bytes(base, &mut random),
            _ => broken_inside(base, &mut random),
        };
        let begin = Instant::now();
        let checked = std::panic::catch_unwind(|| check(&input));
        let took = begin.elapsed();
        count += 1;
        let outcome = match checked {
            Ok(outcome) if took < TOO_LONG => outcome,
            failed => {
                let path = Path::new("target").join(format!("fuzz-failure-{seed}-{count}.abscope"));
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
        if *times == 1 && inputs.len() < MOST_KEPT && input.len() < 20_000 {
            keep(&outcome, &input);
            inputs.push(input);
        }
    }
    println!("{count} inputs in {secs} s, seed {seed}; outcomes:");
    for (outcome, times) in &outcomes {
        println!("{times:>9}  {outcome}");
    }
    ExitCode::SUCCESS
}

/// Reads an input as the program does; how that ended, without the numbers in it.
fn check(input: &[u8]) -> String {
    let snapshot = match Snapshot::decode(input) {
        Ok(snapshot) => snapshot,
        Err(refusal) => {
            let words = refusal.to_string();
            let is_plain = |c: &char| !c.is_ascii_digit() && !c.is_control();
            return words.chars().filter(is_plain).take(90).collect();
        }
    };
    let bytes = snapshot.encode().expect("what was read can be saved");
    assert_eq!(Snapshot::decode(&bytes).as_ref(), Ok(&snapshot));
    let mut session = Session::default();
    session.reopen(&snapshot);
    let (looks, frequency) = looks_of(&snapshot, &Looks::default());
    let request = PictureRequest {
        size: [1280, 720],
        scale: 1.0,
        right_edge_secs: snapshot.edge_secs(),
        frozen_behind_secs: None,
        frequency,
        status: Status::default(),
        drawer: None,
    };
    let moment = Moment {
        mix: session.mix.as_ref().map(|mix| &mix.meters),
        beside: &session.beside,
    };
    let drawn = scene(&session, moment, &looks, request);
    assert_eq!(drawn.right_edge_secs, snapshot.edge_secs());
    let _ = snapshot.silent_reference_data();
    "taken".to_owned()
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![packed(&small(2, true)), packed(&small(0, false))];
    let entries = std::fs::read_dir(CORPUS).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    seeds.extend(paths.iter().filter_map(|path| std::fs::read(path).ok()));
    seeds
}

fn packed(snapshot: &Snapshot) -> Vec<u8> {
    snapshot.encode().expect("it keeps the rules")
}

fn keep(outcome: &str, input: &[u8]) {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = outcome.chars().map(plain).take(60).collect();
    // A corpus that cannot be written is only a smaller one.
    let _ = std::fs::write(Path::new(CORPUS).join(name + ".abscope"), input);
}

fn small(columns: usize, has_all: bool) -> Snapshot {
    let side = |first_index: u64, repeats| SideData {
        source: "Mix.wav".into(),
        sample_rate_hz: 48_000,
        tiers: [(0u8, 512u32), (3, 32_768)]
            .map(|(tier, hop_frames)| TierStretch {
                tier,
                first_index,
                hop_frames,
                repeats,
                columns: vec![[0x8080_9000; NUM_BINS]; columns],
            })
            .to_vec(),
        provisional_columns: columns.min(1),
        loudness_from_secs: 0.1,
        loudness: vec![
            LoudnessPoint {
                momentary_lufs: -14.0,
                short_term_lufs: -200.0
            };
            4
        ],
        curves: Some(SpectrumCurves::silent()),
        beside: has_all.then(SpectrumCurves::silent),
        spectrum_db: vec![-60.0; NUM_BINS],
        scope: vec![[0.1, -0.1]; 8],
    };
    let figures = Figures {
        mix: Some(KeptMeters {
            end_frame: 96_000,
            ..KeptMeters::default()
        }),
        sound: None,
        reference: Some(KeptReference {
            frames: 480_000,
            ..KeptReference::default()
        }),
        beside: Some(KeptBeside {
            meters: Some(KeptMeters::default()),
            ..KeptBeside::default()
        }),
    };
    Snapshot {
        facts: Facts {
            name: "Chorus 1".into(),
            song: "Song".into(),
            counter: 1,
            note: "bass up".into(),
            created: Created::utc(1_790_000_000),
            app_version: "0.1.0".into(),
            settings: serde_json::json!({ "looks": Looks::default(), "frequency_bins": [69.0, 982.0] }),
            at_secs: 2.0,
            match_gain_db: Some(-1.0),
            offset_secs: Some(0.5),
            figures: figures.to_json(),
        },
        mix: side(180, None),
        reference: has_all.then(|| side(40, Some([0, 900]))),
        sound: has_all.then(|| Sound {
            sample_rate_hz: 48_000,
            from_secs: 1.9,
            frames: vec![[0.1, -0.2]; 64],
        }),
        thumbnail_png: has_all.then(|| b"\x89PNG\r\n\x1a\n".to_vec()),
    }
}

/// Bytes changed, cut, doubled or moved.
fn broken_bytes(base: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = base.to_vec();
    for _ in 0..=random.below(6) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        let length = (random.below(64) + 1).min(bytes.len() - at);
        match random.below(7) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let piece = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            4 => bytes.truncate(at),
            5 => {
                let number = [0u32, 1, 0xffff, 0x7fff_ffff, u32::MAX][random.below(5)];
                let end = (at + 4).min(bytes.len());
                bytes[at..end].copy_from_slice(&number.to_le_bytes()[..end - at]);
            }
            _ => bytes[at..at + length].fill(random.below(256) as u8),
        }
    }
    bytes
}

/// A well-packed archive with one entry broken; numbers in its manifest are the favourite.
fn broken_inside(base: &[u8], random: &mut Random) -> Vec<u8> {
    let Ok(mut archive) = ArchiveReader::open(Cursor::new(base), |_| Some(1 << 26), 1 << 27) else {
        return broken_bytes(base, random);
    };
    let names: Vec<String> = archive.names().map(str::to_owned).collect();
    let victim = match random.below(3) {
        0 => random.below(names.len().max(1)),
        _ => 0,
    };
    let mut forged = ArchiveWriter::default();
    for (n, name) in names.iter().enumerate() {
        let Ok(content) = archive.read(name) else {
            return broken_bytes(base, random);
        };
        let content = match (n == victim, name.as_str()) {
            (true, "manifest.json") => broken_text(&content, random),
            (true, _) => broken_bytes(&content, random),
            (false, _) => content,
        };
        forged.add(name, &content, Packing::Deflated);
    }
    forged.finish()
}

/// One value of a JSON text written over by another.
fn broken_text(text: &[u8], random: &mut Random) -> Vec<u8> {
    const VALUES: [&str; 14] = [
        "0",
        "1",
        "-1",
        "2",
        "0.5",
        "1e300",
        "-1e300",
        "1e-300",
        "18446744073709551615",
        "null",
        "true",
        "[]",
        "{}",
        "\"\\u0000\"",
    ];
    let Ok(text) = std::str::from_utf8(text) else {
        return broken_bytes(text, random);
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..=random.below(3) {
        let at = random.below(lines.len().max(1));
        let Some(line) = lines.get_mut(at) else { break };
        let (key, comma) = (
            line.split_once(": ").map(|(key, _)| key.to_owned()),
            line.ends_with(','),
        );
        let is_value = !line.ends_with('{') && !line.ends_with('[') && !line.contains(['}', ']']);
        if !is_value {
            continue;
        }
        let value = VALUES[random.below(VALUES.len())];
        let comma = if comma { "," } else { "" };
        *line = match key {
            Some(key) => format!("{key}: {value}{comma}"),
            None => format!("{value}{comma}"),
        };
    }
    lines.join("\n").into_bytes()
}

/// Numbers without a pattern that are the same for the same seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) % end.max(1) as u64) as usize
    }
}
