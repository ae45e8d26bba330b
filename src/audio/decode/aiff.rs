//! Headers of AIFF and AIFF-C, the PCM of Apple's studios: big-endian chunks, and the sample rate as an 80-bit float.

use std::fs::File;
use std::io;

use super::pcm::{Encoding, PcmHeader};
use super::tags;
use super::wave::read_at;
use crate::audio::frames::ChannelLayout;

/// A header has a handful of chunks; more than this is garbage that would only cost time.
const MAX_CHUNKS: usize = 10_000;
/// The most text read from a chunk.
const MAX_TEXT_BYTES: usize = 64 << 10;

/// The `COMM` chunk.
struct Common {
    channels: u16,
    frames: u64,
    sample_rate_hz: u32,
    encoding: Encoding,
    big_endian: bool,
}

/// Reads the header of an AIFF file with PCM in it; `None` for anything else, which symphonia may know.
pub(super) fn scan(file: &mut File) -> io::Result<Option<PcmHeader>> {
    let file_len = file.metadata()?.len();
    let head = read_at(file, 0, 12)?;
    if !head.starts_with(b"FORM") || !matches!(head.get(8..12), Some(b"AIFF" | b"AIFC")) {
        return Ok(None);
    }
    let (mut common, mut sound, mut id3) = (None, None, None);
    let (mut artist, mut name) = (None, None);
    let mut position = 12;
    for _ in 0..MAX_CHUNKS {
        let header = read_at(file, position, 8)?;
        let Some((id, len)) = header.split_first_chunk::<4>() else {
            break;
        };
        let Ok(len) = len.try_into().map(u32::from_be_bytes) else {
            break;
        };
        let start = position + 8;
        let text_len = (len as usize).min(MAX_TEXT_BYTES);
        match id {
            b"COMM" => common = read_common(&read_at(file, start, text_len.min(26))?),
            b"SSND" => {
                let offset = read_at(file, start, 4)?
                    .try_into()
                    .map_or(0, u32::from_be_bytes);
                let data_start = start + 8 + u64::from(offset);
                sound = Some((
                    data_start,
                    (start + u64::from(len)).saturating_sub(data_start),
                ));
            }
            b"NAME" => name = Some(read_at(file, start, text_len)?),
            b"AUTH" => artist = Some(read_at(file, start, text_len)?),
            b"ID3 " => id3 = tags::from_id3(&read_at(file, start, text_len)?),
            _ => {}
        }
        position = start + u64::from(len).next_multiple_of(2);
        if position >= file_len {
            break;
        }
    }
    let (Some(common), Some((data_start, len))) = (common, sound) else {
        return Ok(None);
    };
    Ok(Some(PcmHeader {
        sample_rate_hz: common.sample_rate_hz,
        layout: ChannelLayout::from_count(common.channels),
        encoding: common.encoding,
        big_endian: common.big_endian,
        data_start,
        data_len: len.min(file_len.saturating_sub(data_start)),
        declared_frames: Some(common.frames),
        unfinished: false,
        title: id3.or_else(|| tags::from_parts(artist.as_deref(), name.as_deref())),
    }))
}

fn read_common(content: &[u8]) -> Option<Common> {
    let short = |at: usize| {
        Some(u16::from_be_bytes(
            content.get(at..at + 2)?.try_into().ok()?,
        ))
    };
    let bytes = short(6)?.div_ceil(8);
    let (encoding, big_endian) = match content.get(18..22) {
        None | Some(b"NONE" | b"twos") => (Encoding::signed(bytes)?, true),
        Some(b"sowt") => (Encoding::signed(bytes)?, false),
        Some(b"fl32" | b"FL32") => (Encoding::F32, true),
        Some(b"fl64" | b"FL64") => (Encoding::F64, true),
        Some(b"in24") => (Encoding::S24, true),
        Some(b"in32") => (Encoding::S32, true),
        Some(b"raw ") if bytes == 1 => (Encoding::U8, true),
        Some(_) => return None,
    };
    Some(Common {
        channels: short(0)?,
        frames: u64::from(u32::from_be_bytes(content.get(2..6)?.try_into().ok()?)),
        sample_rate_hz: rate_from_extended(content.get(8..18)?.try_into().ok()?),
        encoding,
        big_endian,
    })
}

/// The integer part of an 80-bit float: sign, 15 bits of exponent, 64 bits of mantissa with its leading one.
/// What is out of range becomes 0, which is refused as a rate.
fn rate_from_extended(bytes: [u8; 10]) -> u32 {
    let exponent = i32::from(u16::from_be_bytes([bytes[0], bytes[1]])) - 16_383;
    let mantissa = bytes[2..]
        .iter()
        .fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    match exponent {
        0..=31 => (mantissa >> (63 - exponent)) as u32,
        _ => 0,
    }
}
