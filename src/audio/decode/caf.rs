//! Headers of Apple's Core Audio Format with linear PCM or G.711 in it; compressed CAF is symphonia's.

use std::fs::File;
use std::io;

use super::bytes::read_at;
use super::channels::ChannelOrder;
use super::error::DecodeWarning;
use super::lengths::{is_printable, left_out_behind, says_unknown};
use super::pcm::{Encoding, PcmHeader, Scan};
use super::{apple_layout, codecs};
use crate::audio::frames::ChannelLayout;

/// A header has a handful of chunks; more than this is garbage that would only cost time.
const MAX_CHUNKS: usize = 10_000;
/// The most that is read of a channel layout: one of 64 channels takes a part of it.
const MAX_LAYOUT_BYTES: u64 = 4_096;

/// The chunks that matter.
#[derive(Default)]
struct Chunks {
    description: Option<Vec<u8>>,
    layout: Option<Vec<u8>>,
    data: Option<Data>,
    /// What lies behind the last chunk.
    left_out: Option<DecodeWarning>,
}

/// The `data` chunk.
struct Data {
    start: u64,
    /// Bytes, where the header knows.
    len: Option<u64>,
    /// The length was never filled in.
    unfinished: bool,
}

/// Reads the header of a CAF file.
pub(super) fn scan(file: &mut File) -> io::Result<Scan> {
    let file_len = file.metadata()?.len();
    if !read_at(file, 0, 8)?.starts_with(b"caff") {
        return Ok(Scan::Other);
    }
    let chunks = read_chunks(file, file_len)?;
    let Some(description) = chunks.description else {
        return Ok(Scan::NoFormat);
    };
    let Some(data) = chunks.data else {
        return Ok(Scan::NoAudio);
    };
    match description.get(8..12).and_then(|code| code.first_chunk()) {
        Some(b"lpcm" | b"ulaw" | b"alaw") => {}
        // What symphonia decodes from a CAF.
        Some(b"alac" | b"aac " | b"ima4" | b".mp1" | b".mp2" | b".mp3") => return Ok(Scan::Other),
        Some(code) => {
            return Ok(Scan::Unsupported(match codecs::of_four_letters(*code) {
                Some(name) => format!("{name} in a CAF file"),
                None => codecs::unknown(*code),
            }));
        }
        None => return Ok(Scan::NoFormat),
    }
    let header = header_of(&description, chunks.layout.as_deref(), &data, file_len);
    Ok(header.map_or(Scan::Other, |mut header| {
        header.warnings.extend(chunks.left_out);
        Scan::Pcm(header)
    }))
}

/// How far the chunks of the file reach, where they leave other bytes at its end: what is there looks like a chunk that
/// goes beyond it, or like none.
pub(super) fn reach(file: &mut File) -> io::Result<u64> {
    let file_len = file.metadata()?.len();
    let mut position = 8;
    for _ in 0..MAX_CHUNKS {
        let header = read_at(file, position, 12)?;
        let Some((id, len)) = header.split_first_chunk::<4>() else {
            break;
        };
        // −1 is beyond the end, too.
        let len = len.try_into().map_or(u64::MAX, u64::from_be_bytes);
        let end = (position + 12).saturating_add(len);
        if !is_printable(id) || end > file_len {
            return Ok(if id == b"data" { file_len } else { position });
        }
        position = end;
    }
    Ok(file_len)
}

fn read_chunks(file: &mut File, file_len: u64) -> io::Result<Chunks> {
    let mut chunks = Chunks::default();
    let mut position = 8;
    for _ in 0..MAX_CHUNKS {
        let header = read_at(file, position, 12)?;
        let Some((id, len)) = header.split_first_chunk::<4>() else {
            break;
        };
        let Ok(len) = len.try_into().map(i64::from_be_bytes) else {
            break;
        };
        if chunks.data.is_some() && (id == b"caff" || !is_printable(id)) {
            chunks.left_out = left_out_behind(file, position, file_len)?;
            break;
        }
        let start = position + 12;
        let known = u64::try_from(len).ok();
        match id {
            b"desc" => chunks.description = Some(read_at(file, start, 32)?),
            b"chan" => {
                let len = known.unwrap_or(0).min(MAX_LAYOUT_BYTES);
                chunks.layout = Some(read_at(file, start, len as usize)?);
            }
            // Before the audio there is an edit count of 4 bytes. A length of −1 means: up to the end.
            b"data" if chunks.data.is_none() => {
                let beyond = |len: u64| start.saturating_add(len) > file_len;
                let unfinished = known.is_some_and(|len| len <= 4)
                    && file_len > start + 4
                    && !is_chunk(file, start + 4, file_len)?;
                let told = known.filter(|len| !(unfinished || beyond(*len) && says_unknown(*len)));
                chunks.data = Some(Data {
                    start: start + 4,
                    len: told.map(|len| len.saturating_sub(4)),
                    unfinished,
                });
                if told.is_none() {
                    break;
                }
            }
            _ => {}
        }
        match known.and_then(|len| start.checked_add(len)) {
            Some(next) if next < file_len => position = next,
            _ => break,
        }
    }
    Ok(chunks)
}

/// Whether a chunk begins here: behind an empty `data` chunk that tells a file without sound from one whose length was
/// never filled in.
fn is_chunk(file: &mut File, position: u64, file_len: u64) -> io::Result<bool> {
    let header = read_at(file, position, 12)?;
    let Some((id, len)) = header.split_first_chunk::<4>() else {
        return Ok(false);
    };
    let len = len.try_into().map_or(u64::MAX, u64::from_be_bytes);
    let end = (position + 12).saturating_add(len);
    Ok(is_printable(id) && end <= file_len)
}

/// The description: rate as a 64-bit float, format, flags, bytes and frames a packet, channels, bits a sample.
fn header_of(
    description: &[u8],
    layout: Option<&[u8]>,
    data: &Data,
    file_len: u64,
) -> Option<PcmHeader> {
    let word = |at: usize| {
        Some(u32::from_be_bytes(
            description.get(at..at + 4)?.try_into().ok()?,
        ))
    };
    let rate_hz = f64::from_be_bytes(description.get(..8)?.try_into().ok()?);
    let (flags, frame_bytes, channels) = (word(12)?, word(16)?, word(24)?);
    let bytes = u16::try_from(frame_bytes.checked_div(channels)?).ok()?;
    if u32::from(bytes) * channels != frame_bytes {
        return None;
    }
    let (float, little_endian) = (flags & 1 != 0, flags & 2 != 0);
    let encoding = match description.get(8..12)? {
        b"ulaw" => Some(Encoding::MuLaw).filter(|_| bytes == 1),
        b"alaw" => Some(Encoding::ALaw).filter(|_| bytes == 1),
        _ if float => Encoding::float(bytes),
        _ => Encoding::signed(bytes),
    }?;
    let channels = u16::try_from(channels).unwrap_or(u16::MAX);
    let end = data
        .len
        .map_or(file_len, |len| data.start.saturating_add(len).min(file_len));
    Some(PcmHeader {
        // A cast saturates, and what is no number becomes 0: both are refused as a rate.
        sample_rate_hz: rate_hz.round() as u32,
        order: layout
            .and_then(|layout| apple_layout::order_of(layout, channels))
            .unwrap_or_else(|| ChannelOrder::in_order(ChannelLayout::from_count(channels))),
        encoding,
        big_endian: !little_endian,
        regions: std::iter::once(data.start..end.max(data.start)).collect(),
        declared_frames: data
            .len
            .and_then(|len| len.checked_div(u64::from(frame_bytes))),
        warnings: match data.unfinished {
            true => vec![DecodeWarning::UnfinishedHeader],
            false => vec![],
        },
        title: None,
    })
}
