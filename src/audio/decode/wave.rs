//! Headers of the WAV family: RIFF/WAVE, RF64 and BW64 (64-bit sizes in a `ds64` chunk), and Sony's Wave64 (GUIDs and
//! 64-bit sizes). They differ in how a chunk begins; what is inside is the same.

use std::fs::File;
use std::io;
use std::ops::Range;

use super::bytes::read_at;
use super::channels::ChannelOrder;
use super::codecs;
use super::error::DecodeWarning;
use super::lengths::{end_of_sound, is_printable, left_out_behind, says_unknown, unwrapped};
use super::pcm::{Encoding, PcmHeader, Scan};
use super::tags;
use crate::audio::frames::ChannelLayout;

/// A header has a handful of chunks; more than this is garbage that would only cost time.
const MAX_CHUNKS: usize = 10_000;
/// A length of 32 bits that says "see ds64", or "I do not know".
const SEE_DS64: u64 = 0xFFFF_FFFF;
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
#[derive(PartialEq)]
struct Format {
    tag: u16,
    channels: u16,
    sample_rate_hz: u32,
    block_align: u16,
    bits: u16,
    speaker_mask: u32,
}

/// What the chunks amount to.
#[derive(Default)]
struct Found {
    format: Option<Format>,
    /// Where there is sound, as far as the file goes.
    regions: Vec<Range<u64>>,
    /// Bytes of sound that the header promises; nothing once a length is unknown.
    declared_bytes: Option<u64>,
    /// A length was never filled in.
    unfinished: bool,
    /// Sound in another format follows.
    format_changes: bool,
    /// What lies behind the last chunk.
    left_out: Option<DecodeWarning>,
    title: Option<String>,
}

/// Reads the header of a file. Compressed sound is symphonia's where it knows the codec.
pub(super) fn scan(file: &mut File) -> io::Result<Scan> {
    let file_len = file.metadata()?.len();
    let Some((dialect, start)) = dialect_of(file)? else {
        return Ok(Scan::Other);
    };
    let found = read_chunks(file, dialect, start, file_len)?;
    // Sound that is promised and not there is a file that was cut short behind its header.
    if found.regions.is_empty() && found.declared_bytes.unwrap_or(0) == 0 {
        return Ok(Scan::NoAudio);
    }
    let Some(format) = &found.format else {
        return Ok(Scan::NoFormat);
    };
    let Some(encoding) = format.encoding() else {
        return Ok(match format.tag {
            // symphonia knows the ADPCM of these two.
            0x02 | 0x11 if dialect == Dialect::Riff => Scan::Other,
            tag => Scan::Unsupported(match codecs::of_wave_tag(tag) {
                Some(name) => format!("{name} in a WAV file"),
                None => format!("its codec (WAV format {tag:#06x})"),
            }),
        });
    };
    let frame_bytes = u64::from(format.channels) * encoding.bytes() as u64;
    let frames_in = |bytes: u64| bytes.checked_div(frame_bytes);
    let mut warnings = Vec::from_iter(found.left_out);
    if found.unfinished {
        warnings.push(DecodeWarning::UnfinishedHeader);
    }
    if found.format_changes {
        let there = found.regions.iter().map(|region| region.end - region.start);
        warnings.push(DecodeWarning::FormatChanges {
            frame: there.filter_map(frames_in).sum(),
        });
    }
    Ok(Scan::Pcm(PcmHeader {
        sample_rate_hz: format.sample_rate_hz,
        order: ChannelOrder::in_order(format.layout()),
        encoding,
        big_endian: false,
        declared_frames: found.declared_bytes.and_then(frames_in),
        regions: found.regions,
        warnings,
        title: found.title,
    }))
}

/// Walks through the chunks. Sound may be in several: a recorder that was paused, or two files glued one behind the
/// other, in which case a second header follows the first one's sound.
fn read_chunks(
    file: &mut File,
    dialect: Dialect,
    mut position: u64,
    file_len: u64,
) -> io::Result<Found> {
    let mut found = Found {
        declared_bytes: Some(0),
        ..Found::default()
    };
    let mut data_len_64 = None;
    for _ in 0..MAX_CHUNKS {
        let Some(chunk) = read_chunk(file, dialect, position)? else {
            break;
        };
        if !found.regions.is_empty() && !is_printable(&chunk.id) {
            found.left_out = left_out_behind(file, position, file_len)?;
            break;
        }
        let mut end = chunk.start.saturating_add(chunk.len);
        match &chunk.id {
            b"fmt " => {
                let format = read_format(&read_content(file, &chunk, 64)?);
                let same = found.format.is_none() || found.format == format;
                if !found.regions.is_empty() && !same {
                    found.format_changes = true;
                    break;
                }
                found.format = format;
            }
            b"ds64" => data_len_64 = read_content(file, &chunk, 16)?.get(8..16).map(le_u64),
            b"LIST" | b"list" => {
                let text = read_content(file, &chunk, 64 << 10)?;
                found.title = found.title.or(tags::from_riff_list(&text));
            }
            b"id3 " | b"ID3 " => {
                let text = read_content(file, &chunk, 64 << 10)?;
                found.title = found.title.or(tags::from_id3(&text));
            }
            b"data" => {
                let len = match data_len_64 {
                    Some(len) if chunk.len == SEE_DS64 => len,
                    None if dialect == Dialect::Riff => unwrapped(chunk.start, chunk.len, file_len),
                    _ => chunk.len,
                };
                end = add_sound(file, dialect, &mut found, &Chunk { len, ..chunk }, file_len)?;
            }
            b"riff" if dialect == Dialect::Wave64 && !found.regions.is_empty() => {
                found.left_out = left_out_behind(file, position, file_len)?;
                break;
            }
            // The header of a second file behind the first one.
            b"RIFF" | b"RF64" | b"BW64" if !found.regions.is_empty() => {
                data_len_64 = None;
                end = chunk.start + 4;
            }
            _ => {}
        }
        let Some(next) = next_chunk(file, dialect, end, file_len)? else {
            break;
        };
        position = next;
    }
    Ok(found)
}

/// Books a chunk of sound and says where it ends, which its length may not tell.
fn add_sound(
    file: &mut File,
    dialect: Dialect,
    found: &mut Found,
    chunk: &Chunk,
    file_len: u64,
) -> io::Result<u64> {
    let declared_end = chunk.start.saturating_add(chunk.len);
    // Once is enough: what comes behind sound of unknown length was found by its own lengths.
    let is_first = found.declared_bytes.is_some();
    let unknown = is_first && declared_end > file_len && says_unknown(chunk.len);
    let unfinished =
        is_first && chunk.len == 0 && !is_chunk_list(file, dialect, chunk.start, file_len)?;
    let end = if unknown || unfinished {
        found.declared_bytes = None;
        found.unfinished |= unfinished;
        end_of_sound(file, chunk.start, file_len, false)?
    } else {
        found.declared_bytes = found
            .declared_bytes
            .map(|all| all.saturating_add(chunk.len));
        declared_end
    };
    let there = chunk.start..end.min(file_len);
    if !there.is_empty() {
        found.regions.push(there);
    }
    Ok(end)
}

/// Where the chunk behind this end begins; nothing at the end of the file. Some writers leave the padding of an odd
/// chunk out: they are believed where a name stands there that makes sense, and none where it should be.
fn next_chunk(
    file: &mut File,
    dialect: Dialect,
    end: u64,
    file_len: u64,
) -> io::Result<Option<u64>> {
    let Some(next) = dialect.padded(end).filter(|next| *next < file_len) else {
        return Ok(None);
    };
    if dialect == Dialect::Riff && next > end {
        let names = read_at(file, end, 5)?;
        let known = |name: &[u8]| matches!(name, b"data" | b"fmt " | b"LIST" | b"fact" | b"bext");
        if names.len() == 5 && known(&names[..4]) && !known(&names[1..]) {
            return Ok(Some(end));
        }
    }
    Ok(Some(next))
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
        let end = chunk.start.checked_add(chunk.len);
        is_printable(&chunk.id) && end.is_some_and(|end| end <= file_len + 1)
    }))
}

/// A chunk's content, at most `limit` bytes of it.
fn read_content(file: &mut File, chunk: &Chunk, limit: u64) -> io::Result<Vec<u8>> {
    read_at(file, chunk.start, chunk.len.min(limit) as usize)
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
            6 if bytes == 1 => Some(Encoding::ALaw),
            7 if bytes == 1 => Some(Encoding::MuLaw),
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
