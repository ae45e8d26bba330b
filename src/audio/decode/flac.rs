//! What lies around the frames of a native FLAC file. Its decoder gets the stream's description and the frames alone:
//! pictures are jumped over even where they are longer than a block can say, and what follows the last frame (tags,
//! zeros, other bytes) is cut off, which symphonia 0.6.1 takes for a part of it and loses both.

use std::fs::File;
use std::io;
use std::ops::Range;

use super::bytes::read_at;
use super::tags;

/// A FLAC file taken apart.
pub(super) struct Flac {
    /// The marker and the description of the stream, as its only block.
    pub front: Vec<u8>,
    /// Where the frames are.
    pub frames: Range<u64>,
    pub title: Option<String>,
    /// The speakers of its channels, as a tag names them.
    pub speakers: Option<u32>,
    /// Another FLAC file follows behind this one; where it begins.
    pub next: Option<u64>,
}

/// Marker, block header and description.
const FRONT_BYTES: usize = 42;
/// Blocks before the frames; a file has a handful.
const MAX_BLOCKS: usize = 10_000;
/// The most text read from tags.
const MAX_TAG_BYTES: u64 = 1 << 20;
/// The last frame begins within so many bytes of the end: eight channels of 32 bits and the longest block.
const MAX_FRAME_BYTES: u64 = 2 << 20;
/// So many places that look like the beginning of the last frame are tried.
const MAX_CANDIDATES: usize = 64;
/// What every FLAC file begins with, up to the length of the description.
const BEGINNING: &[u8; 8] = b"fLaC\0\0\0\x22";

/// Takes the FLAC file apart that begins at `start`; nothing where none does.
pub(super) fn open(file: &mut File, stretch: Range<u64>) -> io::Result<Option<Flac>> {
    let mut front = read_at(file, stretch.start, FRONT_BYTES)?;
    if front.len() < FRONT_BYTES || !front.starts_with(b"fLaC") || front[4] & 0x7F != 0 {
        return Ok(None);
    }
    let (start, comment) = read_blocks(file, &stretch)?;
    front[4] |= 0x80;
    front[5..8].copy_from_slice(&[0, 0, 34]);
    let tail = read_at(
        file,
        stretch.end.saturating_sub(MAX_FRAME_BYTES).max(start),
        stretch.end.saturating_sub(start).min(MAX_FRAME_BYTES) as usize,
    )?;
    let last = last_frame(&tail, &front);
    let mut frames = start..stretch.end;
    if let Some((_, end)) = last {
        frames.end = stretch.end - (tail.len() - end) as u64;
    }
    let declared = frames_declared(&front);
    let mut next = None;
    // The numbers of the frames begin anew with a second file behind the first.
    let one_file =
        last.is_some_and(|(end_frame, _)| end_frame == declared) && numbers_rise(file, &frames)?;
    if !one_file {
        next = find(file, BEGINNING, frames.clone())?;
        frames.end = next.unwrap_or(frames.end);
    }
    Ok(Some(Flac {
        front,
        frames,
        title: tags::from_vorbis_comment(&comment),
        speakers: tags::speakers_from_vorbis_comment(&comment),
        next,
    }))
}

/// Frames the description promises; 0 where it does not know.
fn frames_declared(front: &[u8]) -> u64 {
    front[21..26]
        .iter()
        .fold(0, |frames, byte| frames << 8 | u64::from(*byte))
        & 0xF_FFFF_FFFF
}

/// Walks through the blocks before the frames: where those begin, and the comment.
fn read_blocks(file: &mut File, stretch: &Range<u64>) -> io::Result<(u64, Vec<u8>)> {
    let (mut position, mut comment) = (stretch.start + 4, vec![]);
    for _ in 0..MAX_BLOCKS {
        let head = read_at(file, position, 40)?;
        let Some(&[kind, a, b, c]) = head.first_chunk() else {
            break;
        };
        let mut len = u64::from(u32::from_be_bytes([0, a, b, c]));
        let content = position + 4;
        match kind & 0x7F {
            4 => comment = read_at(file, content, len.min(MAX_TAG_BYTES) as usize)?,
            // A block has 24 bits for its length, a picture 32, and some programs write longer ones.
            6 => {
                len = picture_len(file, content)?
                    .filter(|true_len| *true_len & 0xFF_FFFF == len)
                    .unwrap_or(len)
            }
            _ => {}
        }
        position = content + len;
        if kind & 0x80 != 0 || position >= stretch.end {
            break;
        }
    }
    Ok((position.min(stretch.end), comment))
}

/// The length of a picture block by what it says of its parts: a type, the media type and the description with their
/// lengths before them, four numbers, and the data with its length.
fn picture_len(file: &mut File, content: u64) -> io::Result<Option<u64>> {
    let mut position = content + 4;
    for numbers in [0, 16, 0] {
        let size = read_at(file, position, 4)?;
        let Some(size) = size.first_chunk().map(|size| u32::from_be_bytes(*size)) else {
            return Ok(None);
        };
        position += 4 + u64::from(size) + numbers;
    }
    Ok(Some(position - content))
}

/// The last frame of a file's end: the number of the frame after its last one, and where its bytes end.
fn last_frame(tail: &[u8], front: &[u8]) -> Option<(u64, usize)> {
    let fixed_block = u64::from(u16::from_be_bytes([front[8], front[9]]));
    let mut at = tail.len();
    // In a whole file the first one is it; in one that is cut short the second.
    for _ in 0..MAX_CANDIDATES {
        let start = tail[..at]
            .windows(2)
            .rposition(|sync| sync[0] == 0xFF && sync[1] & 0xFE == 0xF8)?;
        at = start + 1;
        if let Some(header) = Header::read(&tail[start..])
            && let Some(end) = end_of_frame(&tail[start..])
        {
            let first = if header.counts_blocks {
                header.number.saturating_mul(fixed_block)
            } else {
                header.number
            };
            return Some((first + u64::from(header.block_frames), start + end));
        }
    }
    None
}

/// Whether the numbers of the frames rise through the file, as far as some places in it tell.
fn numbers_rise(file: &mut File, frames: &Range<u64>) -> io::Result<bool> {
    const PLACES: u64 = 32;
    const PLACE_BYTES: usize = 32 << 10;
    let mut last = 0;
    for place in 1..PLACES {
        let start = frames.start + (frames.end - frames.start) / PLACES * place;
        let len = (frames.end - start).min(PLACE_BYTES as u64) as usize;
        let bytes = read_at(file, start, len)?;
        let first = (0..bytes.len().saturating_sub(1))
            .filter(|at| bytes[*at] == 0xFF && bytes[*at + 1] & 0xFE == 0xF8)
            .find_map(|at| Header::read(&bytes[at..]));
        if let Some(header) = first {
            if header.number < last {
                return Ok(false);
            }
            last = header.number;
        }
    }
    Ok(true)
}

/// What a frame says of itself.
struct Header {
    /// Of the frame in a file of equal blocks, else of its first sample.
    number: u64,
    counts_blocks: bool,
    block_frames: u32,
}

impl Header {
    /// Reads a header and holds it against its checksum (RFC 9639, 9.1).
    fn read(bytes: &[u8]) -> Option<Self> {
        let counts_blocks = bytes.get(1)? & 1 == 0;
        let (block_code, rate_code) = (bytes.get(2)? >> 4, bytes.get(2)? & 0x0F);
        let (number, number_len) = coded_number(bytes.get(4..)?)?;
        let mut at = 4 + number_len;
        let block_frames = match block_code {
            0 => return None,
            1 => 192,
            2..=5 => 144 << block_code,
            6 | 7 => {
                let len = usize::from(block_code) - 5;
                let frames = bytes
                    .get(at..at + len)?
                    .iter()
                    .fold(0, |n, b| n << 8 | u32::from(*b));
                at += len;
                frames + 1
            }
            code => 1 << code,
        };
        at += match rate_code {
            12 => 1,
            13 | 14 => 2,
            15 => return None,
            _ => 0,
        };
        let sum = bytes.get(..at)?.iter().fold(0, |crc: u8, byte| {
            (0..8).fold(crc ^ byte, |crc, _| {
                crc << 1 ^ if crc & 0x80 != 0 { 0x07 } else { 0 }
            })
        });
        (*bytes.get(at)? == sum).then_some(Self {
            number,
            counts_blocks,
            block_frames,
        })
    }
}

/// A number in the manner of UTF-8, up to 36 bits, and its length.
fn coded_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let len = match first.leading_ones() as usize {
        0 => return Some((u64::from(first), 1)),
        len @ 2..=7 => len,
        _ => return None,
    };
    let start = u64::from(first) & (0x7F >> len);
    let rest = bytes.get(1..len)?;
    let number = rest
        .iter()
        .fold(start, |n, byte| n << 6 | u64::from(byte & 0x3F));
    rest.iter()
        .all(|byte| byte & 0xC0 == 0x80)
        .then_some((number, len))
}

/// Where the frame ends that these bytes begin with: its checksum makes the one over all of it 0. Zeros behind a frame
/// keep it there, so the first of the last run is the end.
fn end_of_frame(bytes: &[u8]) -> Option<usize> {
    let (mut crc, mut end) = (0u16, None);
    let mut was_zero = false;
    for (at, byte) in bytes.iter().enumerate() {
        crc = (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            crc << 1 ^ if crc & 0x8000 != 0 { 0x8005 } else { 0 }
        });
        if crc == 0 && !was_zero && at > 4 {
            end = Some(at + 1);
        }
        was_zero = crc == 0;
    }
    end
}

/// Where these bytes are next in a stretch of the file.
fn find(file: &mut File, wanted: &[u8], stretch: Range<u64>) -> io::Result<Option<u64>> {
    const BLOCK_BYTES: u64 = 1 << 20;
    let mut position = stretch.start;
    while position < stretch.end {
        let len = (stretch.end - position).min(BLOCK_BYTES);
        let block = read_at(file, position, len as usize)?;
        if let Some(at) = block
            .windows(wanted.len())
            .position(|bytes| bytes == wanted)
        {
            return Ok(Some(position + at as u64));
        }
        if len < BLOCK_BYTES {
            break;
        }
        position += len - (wanted.len() as u64 - 1);
    }
    Ok(None)
}
