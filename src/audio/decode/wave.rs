//! Headers of the WAV family: RIFF/WAVE, RF64 and BW64 (64-bit sizes in a `ds64` chunk), and Sony's Wave64 (GUIDs and
//! 64-bit sizes). They differ in how a chunk begins; what is inside is the same.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::error::DecodeError;
use super::pcm::{Encoding, PcmHeader};
use super::tags;
use crate::audio::frames::ChannelLayout;

/// Reads the header of a PCM file. `None`, with the file rewound, where it is no member of the family or holds a
/// compressed format: those are symphonia's.
pub(super) fn read_header(path: &Path, file: &mut File) -> Result<Option<PcmHeader>, DecodeError> {
    let header = scan(file).map_err(|error| DecodeError::from_io(path, &error))?;
    file.seek(SeekFrom::Start(0))
        .map_err(|error| DecodeError::from_io(path, &error))?;
    match header {
        Scan::Pcm(header) => Ok(Some(header)),
        Scan::Other => Ok(None),
        Scan::NoData => Err(DecodeError::NoAudio {
            file: path.to_path_buf(),
        }),
        Scan::NoFormat => Err(DecodeError::Damaged {
            file: path.to_path_buf(),
            reason: "the header does not say what the audio is".to_owned(),
        }),
    }
}

/// What the chunks amount to.
enum Scan {
    Pcm(PcmHeader),
    /// Another format, or a codec in WAV.
    Other,
    /// Chunks, but none with audio.
    NoData,
    /// Audio without a description.
    NoFormat,
}

/// A header has a handful of chunks; more than this is garbage that would only cost time.
const MAX_CHUNKS: usize = 10_000;
/// A length that says "I do not know" (streams), or "see ds64".
const UNKNOWN_LEN: u64 = 0xFFFF_FFFF;
/// The tail that all of Wave64's chunk identifiers but the outermost share.
const WAVE64_TAIL: [u8; 12] = [
    0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A,
];

/// How chunks are written.
#[derive(Clone, Copy, PartialEq)]
enum Dialect {
    /// Four letters, 32-bit length of the content, padded to 2 bytes.
    Riff,
    /// A GUID that begins with four letters, 64-bit length with the header, padded to 8 bytes.
    Wave64,
}

/// A chunk's place in the file.
struct Chunk {
    id: [u8; 4],
    /// First byte of the content.
    start: u64,
    /// Length of the content as declared, bytes.
    len: u64,
}

/// The `fmt ` chunk.
struct Format {
    tag: u16,
    channels: u16,
    sample_rate_hz: u32,
    block_align: u16,
    bits: u16,
    speaker_mask: u32,
}

fn scan(file: &mut File) -> io::Result<Scan> {
    let file_len = file.metadata()?.len();
    let Some((dialect, mut position)) = dialect_of(file)? else {
        return Ok(Scan::Other);
    };
    let (mut format, mut data, mut data_len_64, mut title) = (None, None, None, None);
    for _ in 0..MAX_CHUNKS {
        let Some(chunk) = read_chunk(file, dialect, position)? else {
            break;
        };
        match &chunk.id {
            b"fmt " => format = read_format(&read_content(file, &chunk, 64)?),
            b"ds64" => data_len_64 = read_content(file, &chunk, 16)?.get(8..16).map(le_u64),
            b"LIST" | b"list" => {
                title = title.or(tags::from_riff_list(&read_content(file, &chunk, 64 << 10)?))
            }
            b"id3 " | b"ID3 " => {
                title = title.or(tags::from_id3(&read_content(file, &chunk, 64 << 10)?))
            }
            b"data" if data.is_none() => {
                let len = if chunk.len == UNKNOWN_LEN {
                    data_len_64.unwrap_or(UNKNOWN_LEN)
                } else {
                    chunk.len
                };
                let unfinished = len == 0 && !is_chunk_list(file, dialect, chunk.start, file_len)?;
                data = Some((chunk.start, len, unfinished));
                if len == UNKNOWN_LEN || unfinished {
                    break;
                }
            }
            _ => {}
        }
        // Lengths of a stream written with an unknown end are not to be followed.
        let len = if &chunk.id == b"data" {
            data.map_or(chunk.len, |(_, len, _)| len)
        } else {
            chunk.len
        };
        let Some(next) = chunk
            .start
            .checked_add(len)
            .and_then(|end| dialect.padded(end))
        else {
            break;
        };
        if next >= file_len {
            break;
        }
        position = next;
    }
    let Some((start, len, unfinished)) = data else {
        return Ok(Scan::NoData);
    };
    let Some(format) = format else {
        return Ok(Scan::NoFormat);
    };
    let Some(encoding) = format.encoding() else {
        return Ok(Scan::Other);
    };
    let frame_bytes = u64::from(format.channels) * encoding.bytes() as u64;
    let there = file_len.saturating_sub(start);
    let to_the_end = unfinished || len == UNKNOWN_LEN;
    Ok(Scan::Pcm(PcmHeader {
        sample_rate_hz: format.sample_rate_hz,
        layout: format.layout(),
        encoding,
        big_endian: false,
        data_start: start,
        data_len: if to_the_end { there } else { len.min(there) },
        declared_frames: (!to_the_end)
            .then(|| len.checked_div(frame_bytes))
            .flatten(),
        unfinished,
        title,
    }))
}

/// Which dialect the file begins with, and where its first chunk is.
fn dialect_of(file: &mut File) -> io::Result<Option<(Dialect, u64)>> {
    let head = read_at(file, 0, 40)?;
    let is = |at: usize, text: &[u8]| head.get(at..at + text.len()) == Some(text);
    if (is(0, b"RIFF") || is(0, b"RF64") || is(0, b"BW64")) && is(8, b"WAVE") {
        return Ok(Some((Dialect::Riff, 12)));
    }
    if is(0, b"riff\x2E\x91\xCF\x11") && is(24, b"wave") && is(28, &WAVE64_TAIL) {
        return Ok(Some((Dialect::Wave64, 40)));
    }
    Ok(None)
}

/// The chunk header at a position, or nothing where the file ends.
fn read_chunk(file: &mut File, dialect: Dialect, position: u64) -> io::Result<Option<Chunk>> {
    let header = read_at(file, position, dialect.header_len())?;
    if header.len() < dialect.header_len() {
        return Ok(None);
    }
    let id = [header[0], header[1], header[2], header[3]];
    let start = position + dialect.header_len() as u64;
    let len = match dialect {
        Dialect::Riff => u64::from(le_u32(&header[4..8])),
        Dialect::Wave64 => le_u64(&header[16..24]).saturating_sub(24),
    };
    Ok(Some(Chunk { id, start, len }))
}

/// Whether a chunk of plausible length begins here: behind an empty `data` chunk that tells a file without audio from
/// one whose recorder never came to write the length.
fn is_chunk_list(
    file: &mut File,
    dialect: Dialect,
    position: u64,
    file_len: u64,
) -> io::Result<bool> {
    if position >= file_len {
        return Ok(true);
    }
    Ok(read_chunk(file, dialect, position)?.is_some_and(|chunk| {
        chunk.id.iter().all(|byte| (b' '..=b'~').contains(byte))
            && chunk
                .start
                .checked_add(chunk.len)
                .is_some_and(|end| end <= file_len + 1)
    }))
}

/// A chunk's content, at most `limit` bytes of it.
fn read_content(file: &mut File, chunk: &Chunk, limit: u64) -> io::Result<Vec<u8>> {
    read_at(file, chunk.start, chunk.len.min(limit) as usize)
}

/// Up to `len` bytes at a position; fewer where the file ends.
pub(super) fn read_at(file: &mut File, position: u64, len: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(position))?;
    let mut bytes = Vec::new();
    file.take(len as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_format(content: &[u8]) -> Option<Format> {
    let plain = content.get(..16)?;
    let mut format = Format {
        tag: le_u16(&plain[0..2]),
        channels: le_u16(&plain[2..4]),
        sample_rate_hz: le_u32(&plain[4..8]),
        block_align: le_u16(&plain[12..14]),
        bits: le_u16(&plain[14..16]),
        speaker_mask: 0,
    };
    // WAVE_FORMAT_EXTENSIBLE: the speakers, and the true tag at the head of a GUID.
    if format.tag == 0xFFFE {
        let extension = content.get(18..26)?;
        format.speaker_mask = le_u32(&extension[2..6]);
        format.tag = le_u16(&extension[6..8]);
    }
    Some(format)
}

impl Format {
    /// How a sample is stored, where it is PCM. The container counts, not the valid bits: 20 bits in 3 bytes are
    /// left-justified and so need no care.
    fn encoding(&self) -> Option<Encoding> {
        let by_bits = self.bits.div_ceil(8);
        let by_block = self.block_align.checked_div(self.channels).unwrap_or(0);
        let whole_blocks = self.channels > 0 && self.block_align.is_multiple_of(self.channels);
        let bytes = if whole_blocks && (by_bits.max(1)..=8).contains(&by_block) {
            by_block
        } else {
            by_bits
        };
        match self.tag {
            1 if bytes == 1 => Some(Encoding::U8),
            1 => Encoding::signed(bytes),
            3 => Encoding::float(bytes),
            _ => None,
        }
    }

    fn layout(&self) -> ChannelLayout {
        ChannelLayout::from_speakers(self.channels, self.speaker_mask)
    }
}

impl Dialect {
    fn header_len(self) -> usize {
        match self {
            Self::Riff => 8,
            Self::Wave64 => 24,
        }
    }

    fn padded(self, end: u64) -> Option<u64> {
        match self {
            Self::Riff => end.checked_next_multiple_of(2),
            Self::Wave64 => end.checked_next_multiple_of(8),
        }
    }
}

/// Little-endian; the caller passes 2 bytes.
fn le_u16(bytes: &[u8]) -> u16 {
    bytes
        .iter()
        .rev()
        .fold(0, |value, byte| value << 8 | u16::from(*byte))
}

/// Little-endian; the caller passes 4 bytes.
fn le_u32(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |value, byte| value << 8 | u32::from(*byte))
}

/// Little-endian; the caller passes 8 bytes.
fn le_u64(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |value, byte| value << 8 | u64::from(*byte))
}
