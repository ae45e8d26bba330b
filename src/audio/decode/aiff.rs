//! Headers of AIFF and AIFF-C, the PCM of Apple's studios: big-endian chunks, and the sample rate as an 80-bit float.

use std::fs::File;
use std::io;
use std::ops::Range;

use super::bytes::read_at;
use super::channels::ChannelOrder;
use super::error::DecodeWarning;
use super::lengths::{end_of_sound, is_printable, left_out_behind, says_unknown};
use super::pcm::{Encoding, PcmHeader, Scan};
use super::tags;
use super::{apple_layout, codecs};
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
    coding: Coding,
}

/// How samples are stored.
enum Coding {
    Pcm {
        encoding: Encoding,
        big_endian: bool,
    },
    Compressed([u8; 4]),
}

/// The `SSND` chunk.
struct Sound {
    region: Range<u64>,
    /// Its length was not known when the header was written.
    open_ended: bool,
    unfinished: bool,
}

/// The chunks that matter.
#[derive(Default)]
struct Chunks {
    common: Option<Common>,
    sound: Option<Sound>,
    layout: Option<Vec<u8>>,
    artist: Option<Vec<u8>>,
    name: Option<Vec<u8>>,
    id3: Option<String>,
    /// What lies behind the last chunk.
    left_out: Option<DecodeWarning>,
}

/// Reads the header of an AIFF file.
pub(super) fn scan(file: &mut File) -> io::Result<Scan> {
    let file_len = file.metadata()?.len();
    let head = read_at(file, 0, 12)?;
    if !head.starts_with(b"FORM") || !matches!(head.get(8..12), Some(b"AIFF" | b"AIFC")) {
        return Ok(Scan::Other);
    }
    let chunks = read_chunks(file, file_len)?;
    let Some(sound) = chunks.sound else {
        return Ok(Scan::NoAudio);
    };
    let Some(common) = chunks.common else {
        return Ok(Scan::NoFormat);
    };
    let (encoding, big_endian) = match common.coding {
        Coding::Pcm {
            encoding,
            big_endian,
        } => (encoding, big_endian),
        Coding::Compressed(code) => {
            return Ok(Scan::Unsupported(match codecs::of_four_letters(code) {
                Some(name) => format!("{name} in an AIFF file"),
                None => codecs::unknown(code),
            }));
        }
    };
    let layout = chunks
        .layout
        .and_then(|layout| apple_layout::order_of(&layout, common.channels));
    let promised = !sound.open_ended && common.frames > 0 && !says_unknown(common.frames);
    let unfinished = sound.unfinished.then_some(DecodeWarning::UnfinishedHeader);
    Ok(Scan::Pcm(PcmHeader {
        sample_rate_hz: common.sample_rate_hz,
        order: layout
            .unwrap_or_else(|| ChannelOrder::in_order(ChannelLayout::from_count(common.channels))),
        encoding,
        big_endian,
        regions: vec![sound.region],
        declared_frames: promised.then_some(common.frames),
        warnings: unfinished.into_iter().chain(chunks.left_out).collect(),
        title: chunks
            .id3
            .or_else(|| tags::from_parts(chunks.artist.as_deref(), chunks.name.as_deref())),
    }))
}

fn read_chunks(file: &mut File, file_len: u64) -> io::Result<Chunks> {
    let mut chunks = Chunks::default();
    let mut position = 12;
    for _ in 0..MAX_CHUNKS {
        let header = read_at(file, position, 8)?;
        let Some((id, len)) = header.split_first_chunk::<4>() else {
            break;
        };
        let Ok(len) = len.try_into().map(u32::from_be_bytes) else {
            break;
        };
        if chunks.sound.is_some() && (id == b"FORM" || !is_printable(id)) {
            chunks.left_out = left_out_behind(file, position, file_len)?;
            break;
        }
        let start = position + 8;
        let mut end = start + u64::from(len);
        let text_len = (len as usize).min(MAX_TEXT_BYTES);
        match id {
            b"COMM" => chunks.common = read_common(&read_at(file, start, text_len.min(26))?),
            b"SSND" if chunks.sound.is_none() => {
                let sound = read_sound(file, start, u64::from(len), file_len)?;
                if sound.open_ended {
                    end = sound.region.end;
                }
                chunks.sound = Some(sound);
            }
            b"CHAN" => chunks.layout = Some(read_at(file, start, text_len)?),
            b"NAME" => chunks.name = Some(read_at(file, start, text_len)?),
            b"AUTH" => chunks.artist = Some(read_at(file, start, text_len)?),
            b"ID3 " => chunks.id3 = tags::from_id3(&read_at(file, start, text_len)?),
            _ => {}
        }
        position = end.next_multiple_of(2);
        if position >= file_len {
            break;
        }
    }
    Ok(chunks)
}

/// Behind the chunk's header are an offset and a block size of 4 bytes each. A length of 0 or 8 with sound behind it
/// was never filled in.
fn read_sound(file: &mut File, start: u64, len: u64, file_len: u64) -> io::Result<Sound> {
    let offset = read_at(file, start, 4)?
        .try_into()
        .map_or(0, u32::from_be_bytes);
    let data_start = start + 8 + u64::from(offset);
    let unknown = start + len > file_len && says_unknown(len);
    let open_ended = unknown || len <= 8;
    let end = if open_ended {
        end_of_sound(file, data_start, file_len, true)?
    } else {
        (start + len).min(file_len)
    };
    Ok(Sound {
        region: data_start..end.max(data_start),
        open_ended,
        unfinished: !unknown && open_ended && data_start < end,
    })
}

fn read_common(content: &[u8]) -> Option<Common> {
    let short = |at: usize| {
        Some(u16::from_be_bytes(
            content.get(at..at + 2)?.try_into().ok()?,
        ))
    };
    let bytes = short(6)?.div_ceil(8);
    let pcm = |encoding, big_endian| Coding::Pcm {
        encoding,
        big_endian,
    };
    let coding = match content.get(18..22) {
        None | Some(b"NONE" | b"twos") => pcm(Encoding::signed(bytes)?, true),
        Some(b"sowt") => pcm(Encoding::signed(bytes)?, false),
        Some(b"fl32" | b"FL32") => pcm(Encoding::F32, true),
        Some(b"fl64" | b"FL64") => pcm(Encoding::F64, true),
        Some(b"in24") => pcm(Encoding::S24, true),
        Some(b"in32") => pcm(Encoding::S32, true),
        Some(b"42ni") => pcm(Encoding::S24, false),
        Some(b"23ni") => pcm(Encoding::S32, false),
        Some(b"raw ") if bytes == 1 => pcm(Encoding::U8, true),
        Some(b"ulaw" | b"ULAW") => pcm(Encoding::MuLaw, true),
        Some(b"alaw" | b"ALAW") => pcm(Encoding::ALaw, true),
        Some(code) => Coding::Compressed(code.try_into().ok()?),
    };
    Some(Common {
        channels: short(0)?,
        frames: u64::from(u32::from_be_bytes(content.get(2..6)?.try_into().ok()?)),
        sample_rate_hz: rate_from_extended(content.get(8..18)?.try_into().ok()?),
        coding,
    })
}

/// An 80-bit float, rounded: sign, 15 bits of exponent, 64 bits of mantissa with its leading one. What is out of range
/// becomes 0, which is refused as a rate.
fn rate_from_extended(bytes: [u8; 10]) -> u32 {
    let exponent = i32::from(u16::from_be_bytes([bytes[0], bytes[1]])) - 16_383;
    let mantissa = bytes[2..]
        .iter()
        .fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    match exponent {
        0..=31 => {
            let half = 1 << (62 - exponent);
            u32::try_from(mantissa.saturating_add(half) >> (63 - exponent)).unwrap_or(0)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_with_a_fraction_are_rounded() {
        let rate = |exponent: u16, mantissa: u64| {
            let mut bytes = [0; 10];
            bytes[..2].copy_from_slice(&(16_383 + exponent).to_be_bytes());
            bytes[2..].copy_from_slice(&mantissa.to_be_bytes());
            rate_from_extended(bytes)
        };
        let of = |hz: f64| rate(15, (hz * 2f64.powi(63 - 15)) as u64);
        assert_eq!([of(44_100.0), of(44_099.6), of(44_100.4)], [44_100; 3]);
        assert_eq!(rate(31, u64::MAX), u32::MAX);
        assert_eq!(rate(40, 1 << 63), 0);
    }
}
