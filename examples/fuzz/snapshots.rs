//! Damaged and forged snapshots: half are broken as bytes, half are unpacked, broken inside and packed well, so that they
//! pass the zip and reach the rules behind it. What is accepted must be the same after saving, and must make a scene.

use std::io::Cursor;

use abscope::analysis::distribution::SpectrumCurves;
use abscope::app::snapshots::looks_of;
use abscope::dsp::grid::NUM_BINS;
use abscope::dsp::loudness::LoudnessPoint;
use abscope::session::Session;
use abscope::session::format::archive::{ArchiveReader, ArchiveWriter, Packing};
use abscope::session::format::moment::{Figures, KeptBeside, KeptMeters, KeptReference};
use abscope::session::snapshots::{Created, Facts, SideData, Snapshot, Sound, TierStretch};
use abscope::view::build::{Moment, PictureRequest, scene};
use abscope::view::scene::{Looks, Status};

use crate::Target;
use crate::mutate::{Random, broken_bytes, broken_text};

/// The snapshot reader.
pub const SNAPSHOTS: Target = Target {
    name: "snapshot",
    ending: "abscope",
    seeds: || {
        let packed = |snapshot: Snapshot| snapshot.encode().expect("it keeps the rules");
        vec![packed(small(2, true)), packed(small(0, false))]
    },
    broken: |base, random| match random.below(2) {
        0 => broken_bytes(base, random),
        _ => broken_inside(base, random),
    },
    check,
};

/// Reads an input as the program does; how that ended.
fn check(input: &[u8]) -> String {
    let snapshot = match Snapshot::decode(input) {
        Ok(snapshot) => snapshot,
        Err(refusal) => {
            return refusal.to_string();
        }
    };
    let bytes = snapshot.encode().expect("what was read can be saved");
    assert_eq!(Snapshot::decode(&bytes).as_ref(), Ok(&snapshot));
    let mut session = Session::default();
    session.pair.reopen(&snapshot);
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
        mix: session.pair.mix.history().map(|mix| &mix.meters),
        beside: &session.pair.beside,
    };
    let drawn = scene(&session, moment, &looks, request);
    assert_eq!(drawn.right_edge_secs, snapshot.edge_secs());
    let _ = snapshot.silent_reference_data();
    "taken".to_owned()
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
