//! Damaged and forged pictures: half are broken as bytes, half carry broken words in a chunk whose checksum is right.
//! What is accepted must read the same after writing, and must have a line of figures.

use std::io::Cursor;

use abscope::session::snapshots::picture_metadata::{
    KEYWORD, PictureAlignment, PictureMetadata, PictureSide, SCHEMA,
};

use crate::Target;
use crate::mutate::{Random, broken_bytes, broken_text};

/// The reader of a saved picture's figures.
pub const PICTURES: Target = Target {
    name: "picture",
    ending: "png",
    seeds: || {
        let text = metadata().to_text();
        vec![picture(KEYWORD, &text), picture("Comment", "a holiday")]
    },
    broken: |base, random| match random.below(3) {
        0 => broken_bytes(base, random),
        1 => broken_words(random),
        _ => rechecked(broken_bytes(base, random)),
    },
    check,
};

/// Reads an input as the program does; how that ended.
fn check(input: &[u8]) -> String {
    let metadata = match PictureMetadata::read(&mut Cursor::new(input)) {
        Ok(metadata) => metadata,
        Err(refusal) => return refusal.to_string(),
    };
    let text = metadata.to_text();
    let again = PictureMetadata::from_text(&text).expect("what was read can be written");
    assert_eq!(again.to_text(), text);
    assert!(!metadata.summary().is_empty());
    "taken".to_owned()
}

/// A well-made picture with one value of its words written over by another.
fn broken_words(random: &mut Random) -> Vec<u8> {
    let text = serde_json::to_string_pretty(&metadata()).expect("plain data become JSON");
    let broken = broken_text(text.as_bytes(), random);
    picture(KEYWORD, &String::from_utf8_lossy(&broken))
}

/// The same bytes with the right checksum behind every chunk that is still one.
fn rechecked(mut png: Vec<u8>) -> Vec<u8> {
    let mut at = 8;
    while let Some(head) = png.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let Some(end) = (at + 8)
            .checked_add(length)
            .filter(|end| end + 4 <= png.len())
        else {
            break;
        };
        let mut crc = flate2::Crc::new();
        crc.update(&png[at + 4..end]);
        png[end..end + 4].copy_from_slice(&crc.sum().to_be_bytes());
        at = end + 4;
    }
    png
}

/// A picture of one pixel with a text.
fn picture(keyword: &str, text: &str) -> Vec<u8> {
    let mut png = vec![];
    let mut encoder = png::Encoder::new(&mut png, 1, 1);
    encoder.set_color(png::ColorType::Rgba);
    // A text that PNG has no way to hold is left out, and the picture is a stranger's.
    let _ = encoder.add_itxt_chunk(keyword.to_owned(), text.to_owned());
    let mut writer = encoder.write_header().expect("memory has room");
    writer.write_image_data(&[0; 4]).expect("it is one pixel");
    writer.finish().expect("memory has room");
    png
}

fn metadata() -> PictureMetadata {
    let side = PictureSide {
        source: "Mix.wav".to_owned(),
        sample_rate_hz: 48_000,
        integrated_lufs: Some(-14.0),
        true_peak_dbtp: Some(-0.8),
        ..PictureSide::default()
    };
    PictureMetadata {
        schema: SCHEMA,
        app_version: "0.1.0".to_owned(),
        created_unix_secs: 1_790_000_000,
        created: "22 September 2026, 10:13:20".to_owned(),
        song: "Song".to_owned(),
        snapshot: Some("Chorus 1".to_owned()),
        at_secs: 40.0,
        mix: side.clone(),
        reference: Some(side),
        match_gain_db: Some(-4.0),
        alignment: Some(PictureAlignment {
            offset_secs: 0.5,
            confidence: 0.98,
        }),
        settings: serde_json::json!({ "span_secs": 20.0 }),
    }
}
