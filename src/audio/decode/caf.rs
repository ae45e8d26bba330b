//! Headers of Apple's Core Audio Format with linear PCM in it; compressed CAF is symphonia's.

use std::fs::File;
use std::io;

use super::pcm::{Encoding, PcmHeader};
use super::wave::read_at;
use crate::audio::frames::ChannelLayout;

/// A header has a handful of chunks; more than this is garbage that would only cost time.
const MAX_CHUNKS: usize = 10_000;

/// Reads the header of a CAF file with PCM in it; `None` for anything else.
pub(super) fn scan(file: &mut File) -> io::Result<Option<PcmHeader>> {
    let file_len = file.metadata()?.len();
    if !read_at(file, 0, 8)?.starts_with(b"caff") {
        return Ok(None);
    }
    let (mut description, mut data) = (None, None);
    let mut position = 8;
    for _ in 0..MAX_CHUNKS {
        let header = read_at(file, position, 12)?;
        let Some((id, len)) = header.split_first_chunk::<4>() else {
            break;
        };
        let Ok(len) = len.try_into().map(i64::from_be_bytes) else {
            break;
        };
        let start = position + 12;
        match id {
            b"desc" => description = Some(read_at(file, start, 32)?),
            // Before the audio there is an edit count of 4 bytes. A length of −1 means: up to the end.
            b"data" => {
                data = Some((
                    start + 4,
                    u64::try_from(len).ok().map(|len| len.saturating_sub(4)),
                ))
            }
            _ => {}
        }
        match u64::try_from(len)
            .ok()
            .and_then(|len| start.checked_add(len))
        {
            Some(next) if next < file_len => position = next,
            _ => break,
        }
    }
    let (Some(description), Some((data_start, len))) = (description, data) else {
        return Ok(None);
    };
    Ok(header_of(
        &description,
        data_start,
        len,
        file_len.saturating_sub(data_start),
    ))
}

/// The description: rate as a 64-bit float, format, flags, bytes and frames a packet, channels, bits a sample.
fn header_of(
    description: &[u8],
    data_start: u64,
    len: Option<u64>,
    there: u64,
) -> Option<PcmHeader> {
    let word = |at: usize| {
        Some(u32::from_be_bytes(
            description.get(at..at + 4)?.try_into().ok()?,
        ))
    };
    if description.get(8..12)? != b"lpcm" {
        return None;
    }
    let rate_hz = f64::from_be_bytes(description.get(..8)?.try_into().ok()?);
    let (flags, frame_bytes, channels) = (word(12)?, word(16)?, word(24)?);
    let bytes = u16::try_from(frame_bytes.checked_div(channels)?).ok()?;
    if u32::from(bytes) * channels != frame_bytes {
        return None;
    }
    let (float, little_endian) = (flags & 1 != 0, flags & 2 != 0);
    Some(PcmHeader {
        // A cast saturates, and what is no number becomes 0: both are refused as a rate.
        sample_rate_hz: rate_hz as u32,
        layout: ChannelLayout::from_count(u16::try_from(channels).unwrap_or(u16::MAX)),
        encoding: if float {
            Encoding::float(bytes)?
        } else {
            Encoding::signed(bytes)?
        },
        big_endian: !little_endian,
        data_start,
        data_len: len.map_or(there, |len| len.min(there)),
        declared_frames: len.and_then(|len| len.checked_div(u64::from(frame_bytes))),
        unfinished: false,
        title: None,
    })
}
