//! Tells apart, by the first bytes, what symphonia cannot: formats that deserve to be named when refused, and noise
//! in which its search for MPEG frames would sooner or later find one.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::error::DecodeError;

/// Beginnings of formats that are audio or video, but not supported.
const OTHERS: [(&[u8], &str); 48] = [
    (b"wvpk", "WavPack"),
    (b"MAC ", "Monkey's Audio"),
    (b"DSD ", "DSD"),
    (b"FRM8", "DSD"),
    (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "Windows Media Audio"),
    (b".snd", "the AU format"),
    (b"dns.", "the AU format"),
    (b"MThd", "MIDI"),
    (b"TTA1", "True Audio"),
    (b"TTA2", "True Audio"),
    (b"MPCK", "Musepack"),
    (b"MP+", "Musepack"),
    (b"#!AMR", "AMR"),
    (b"#!SILK", "SILK"),
    (b"\x02#!SILK", "SILK"),
    (b"\x0B\x77", "Dolby Digital"),
    (b"\x77\x0B", "Dolby Digital"),
    (b"\x7F\xFE\x80\x01", "DTS"),
    (b"\xFE\x7F\x01\x80", "DTS"),
    (b"\x1F\xFF\xE8\x00", "DTS"),
    (b"\xFF\x1F\x00\xE8", "DTS"),
    (b"DTSHDHDR", "DTS"),
    (b"\x64\x58\x20\x25", "DTS"),
    (b"RIFX", "WAV with its bytes in the other order (RIFX)"),
    (b"FFIR", "WAV with its bytes in the other order (RIFX)"),
    (b"tBaK", "TAK"),
    (b"OFR ", "OptimFROG"),
    (b"ajkg", "Shorten"),
    (b"LA0", "Lossless Audio"),
    (b"Creative Voice File", "the VOC format"),
    (b"NIST_1A", "the SPHERE format"),
    (b"\x64\xA3", "the IRCAM format"),
    (b" paf", "the PAF format"),
    (b".RMF", "RealAudio"),
    (b".ra\xFD", "RealAudio"),
    (b"FLV\x01", "Flash video"),
    (b"\0\0\x01\xBA", "an MPEG program stream"),
    (b"\0\0\x01\xB3", "MPEG video"),
    (b"Extended Module: ", "a tracker module"),
    (b"IMPM", "a tracker module"),
    (b"SCRM", "a tracker module"),
    (b"2BIT", "the AVR format"),
    (b"ADIF", "AAC in ADIF"),
    (b"SNDH", "a chip tune"),
    (b"nut/multimedia cont", "the NUT format"),
    (b"\x06\x0E\x2B\x34", "MXF"),
    (b"ea3\x03", "ATRAC"),
    (b"EA3\x01", "ATRAC"),
];

/// Kinds of RIFF and IFF that are audio or video, but not WAV and not AIFF.
const OTHER_CHUNKED: [(&[u8], &str); 5] = [
    (b"AVI ", "AVI"),
    (b"CDXA", "a video CD"),
    (b"RMID", "MIDI"),
    (b"8SVX", "the 8SVX format"),
    (b"16SV", "the 16SV format"),
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

/// Whether the file begins like an MP4 or QuickTime file. It is rewound.
pub(super) fn is_mp4(file: &mut File) -> std::io::Result<bool> {
    let head = bytes_at(file, 0, 8)?;
    file.rewind()?;
    Ok(matches!(
        head.get(4..),
        Some(b"ftyp" | b"styp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot")
    ))
}

enum Verdict {
    Try,
    Named(&'static str),
    Unknown,
}

fn verdict(file: &mut File) -> std::io::Result<Verdict> {
    let (start, head) = beginning(file)?;
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Ok(Verdict::Named(name));
    }
    // MLP and TrueHD begin with a length; LATM with a sync word of eleven bits.
    if matches!(
        head.get(4..8),
        Some(b"\xF8\x72\x6F\xBA" | b"\xF8\x72\x6F\xBB")
    ) {
        return Ok(Verdict::Named("Dolby TrueHD"));
    }
    if matches!(head[..], [0x56, second, ..] if second & 0xE0 == 0xE0) {
        return Ok(Verdict::Named("AAC in LATM"));
    }
    let kind = head
        .get(8..12)
        .filter(|_| matches!(head.get(..4), Some(b"RIFF" | b"FORM")));
    if let Some((_, name)) = OTHER_CHUNKED.iter().find(|(other, _)| kind == Some(other)) {
        return Ok(Verdict::Named(name));
    }
    if is_transport_stream(&bytes_at(file, start, TRANSPORT_BYTES)?) {
        return Ok(Verdict::Named("an MPEG transport stream"));
    }
    if CONTAINERS.iter().any(|magic| head.starts_with(magic)) || head.get(4..8) == Some(b"ftyp") {
        return Ok(Verdict::Try);
    }
    // Files of old QuickTime have no `ftyp`, and the decoder has no way into them.
    if matches!(
        head.get(4..8),
        Some(b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot")
    ) {
        return Ok(Verdict::Named("compressed sound in an old QuickTime file"));
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

/// Packets of 188 bytes, or of 192 with a time stamp in front, that each begin with the same byte.
fn is_transport_stream(bytes: &[u8]) -> bool {
    [(188, 0), (192, 4), (204, 0)]
        .iter()
        .any(|(packet, first)| {
            let mut sync = bytes.iter().skip(*first).step_by(*packet);
            bytes.len() > 2 * packet && sync.all(|byte| *byte == 0x47)
        })
}

/// What a transport stream is known by: some packets.
const TRANSPORT_BYTES: usize = 1_200;

/// Where the file begins behind its ID3v2 tags. The file is rewound.
pub(super) fn behind_tags(file: &mut File) -> std::io::Result<u64> {
    let (start, _) = beginning(file)?;
    file.rewind()?;
    Ok(start)
}

/// Where the file begins behind its tags, and its first bytes.
fn beginning(file: &mut File) -> std::io::Result<(u64, Vec<u8>)> {
    let mut start = 0;
    let mut head = bytes_at(file, start, 20)?;
    while let Some(len) = tag_len(&head) {
        start += len;
        head = bytes_at(file, start, 20)?;
    }
    Ok((start, head))
}

/// The length of a tag in front of the sound: ID3v2, which counts in 7 bits a byte, or APEv2, which does not count its
/// header of 32 bytes.
fn tag_len(head: &[u8]) -> Option<u64> {
    match head {
        [b'I', b'D', b'3', _, _, _, size @ ..] => {
            let size = size.iter().take(4);
            Some(10 + size.fold(0, |len, byte| len << 7 | u64::from(byte & 0x7F)))
        }
        [
            b'A',
            b'P',
            b'E',
            b'T',
            b'A',
            b'G',
            b'E',
            b'X',
            _,
            _,
            _,
            _,
            size @ ..,
        ] => {
            let size = size.first_chunk()?;
            Some(32 + u64::from(u32::from_le_bytes(*size)))
        }
        _ => None,
    }
}

/// Whether a tag that its decoder cannot pass over stands in front of a file. It is rewound.
pub(super) fn begins_with_ape(file: &mut File) -> std::io::Result<bool> {
    let head = bytes_at(file, 0, 8)?;
    file.rewind()?;
    Ok(head == b"APETAGEX")
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
