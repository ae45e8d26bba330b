//! Tells apart, by the first bytes, what symphonia cannot: formats that deserve to be named when refused, and noise
//! in which its search for MPEG frames would sooner or later find one.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::error::DecodeError;

/// Beginnings of formats that are audio or video, but not supported.
const OTHERS: [(&[u8], &str); 12] = [
    (b"wvpk", "WavPack"),
    (b"MAC ", "Monkey's Audio"),
    (b"DSD ", "DSD"),
    (b"FRM8", "DSD"),
    (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "Windows Media Audio"),
    (b".snd", "the AU format"),
    (b"MThd", "MIDI"),
    (b"TTA1", "True Audio"),
    (b"MPCK", "Musepack"),
    (b"MP+", "Musepack"),
    (b"#!AMR", "AMR"),
    (b"\x0B\x77", "Dolby Digital"),
];

/// Beginnings of the containers symphonia opens by a signature.
const CONTAINERS: [&[u8]; 8] = [
    b"RIFF",
    b"RIFX",
    b"FORM",
    b"fLaC",
    b"OggS",
    b"caff",
    b"\x1A\x45\xDF\xA3",
    b"RF64",
];

/// Zero bytes tolerated before the first MPEG frame: some encoders and splitters leave them.
const MAX_PADDING: usize = 64 << 10;

/// Fails for formats known by name, and for what is no audio. The file is rewound.
pub(super) fn refuse_known_others(path: &Path, file: &mut File) -> Result<(), DecodeError> {
    let verdict = verdict(file);
    file.seek(SeekFrom::Start(0))
        .map_err(|error| DecodeError::from_io(path, &error))?;
    let file = path.to_path_buf();
    match verdict.map_err(|error| DecodeError::from_io(path, &error))? {
        Verdict::Try => Ok(()),
        Verdict::Named(what) => Err(DecodeError::Unsupported {
            file,
            what: what.to_owned(),
        }),
        // A damaged beginning is forgiven where the name says what it should be.
        Verdict::Unknown if has_mpeg_name(path) => Ok(()),
        Verdict::Unknown => Err(DecodeError::NotAudio { file }),
    }
}

enum Verdict {
    Try,
    Named(&'static str),
    Unknown,
}

fn verdict(file: &mut File) -> std::io::Result<Verdict> {
    let mut start = 0;
    let mut head = bytes_at(file, start, 16)?;
    // ID3v2 tags lie in front of the audio; their length has 7 bits a byte.
    while let [b'I', b'D', b'3', _, _, _, size @ ..] = &head[..] {
        start += 10
            + size
                .iter()
                .take(4)
                .fold(0, |len, byte| len << 7 | u64::from(byte & 0x7F));
        head = bytes_at(file, start, 16)?;
    }
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Ok(Verdict::Named(name));
    }
    if CONTAINERS.iter().any(|magic| head.starts_with(magic)) || head.get(4..8) == Some(b"ftyp") {
        return Ok(Verdict::Try);
    }
    // Files of old QuickTime have no `ftyp`.
    if matches!(
        head.get(4..8),
        Some(b"moov" | b"mdat" | b"wide" | b"free" | b"skip")
    ) {
        return Ok(Verdict::Try);
    }
    let padded = bytes_at(file, start, MAX_PADDING)?;
    let sound = padded
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(padded.len());
    Ok(match padded[sound..] {
        [0xFF, second, ..] if second & 0xE0 == 0xE0 => Verdict::Try,
        _ => Verdict::Unknown,
    })
}

fn has_mpeg_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["mp3", "mp2", "mp1", "mpa", "aac", "adts"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Up to `len` bytes at a position; fewer where the file ends.
fn bytes_at(file: &mut File, position: u64, len: usize) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(position))?;
    let mut bytes = Vec::new();
    file.take(len as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
