//! The recordings in a stream of MPEG audio or ADTS frames. Such files have no header but in their frames, so files that
//! were glued together look like one: their lengths, the samples of their encoders and their formats are each their own.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::ops::Range;

/// Frames in a row that make a change of format one, and not a damaged frame.
const SURE_FRAMES: usize = 3;
/// More recordings than anybody glues together.
const MAX_LINKS: usize = 10_000;
/// What is read of a frame: enough for the tag of its encoder.
const HEAD_BYTES: usize = 48;

/// A frame as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Frame {
    bytes: u64,
    /// Layer, version, rate and number of channels, in one number.
    format: u32,
    /// It is no sound but the tag in front of it that tells the length.
    is_tag: bool,
}

/// Where the recordings are that a stretch of the file holds, in order; the stretch alone where that cannot be told.
/// The first begins with the stretch, each ends with its last frame.
pub(super) fn links(file: &mut File, stretch: Range<u64>) -> io::Result<Vec<Range<u64>>> {
    let mut walk = Walk {
        reader: BufReader::with_capacity(256 << 10, &mut *file),
        end: stretch.end,
    };
    let mut links: Vec<Range<u64>> = vec![];
    let (mut format, mut frames) = (None, 0);
    let mut position = stretch.start;
    while let Some((start, frame)) = walk.next_frame(position)? {
        position = start + frame.bytes;
        let changed = format.is_some_and(|format| format != frame.format);
        let begins = links.is_empty() || frame.is_tag || changed;
        if begins && (!changed || walk.goes_on(start, frame.format)?) {
            if links.len() == MAX_LINKS {
                break;
            }
            format = Some(frame.format);
            // A lone frame in front of a recording is noise that looks like one.
            if frames < 2 {
                links.pop();
            }
            links.push(start..position);
            frames = 1;
        } else if let Some(link) = links.last_mut() {
            link.end = position;
            frames += 1;
        }
    }
    file.rewind()?;
    match links.first_mut() {
        Some(first) => first.start = stretch.start,
        None => links.push(stretch.clone()),
    }
    // A frame that is cut short is the decoder's to tell of.
    if let Some(last) = links.last_mut()
        && stretch.end - last.end < MAX_FRAME_BYTES
    {
        last.end = stretch.end;
    }
    Ok(links)
}

/// The longest frame of any kind.
const MAX_FRAME_BYTES: u64 = 8_192;

struct Walk<'a> {
    reader: BufReader<&'a mut File>,
    end: u64,
}

impl Walk<'_> {
    /// The first frame from a position on that another one follows, or the end, and where it is.
    fn next_frame(&mut self, mut position: u64) -> io::Result<Option<(u64, Frame)>> {
        let mut in_step = true;
        loop {
            let head = self.read(position, HEAD_BYTES)?;
            if head.len() < 4 {
                return Ok(None);
            }
            if let Some(len) = id3_len(&head) {
                position += len;
                continue;
            }
            let found = frame_of(&head).filter(|frame| position + frame.bytes <= self.end);
            if let Some(frame) = found
                && (in_step || self.is_frame(position + frame.bytes)?)
            {
                return Ok(Some((position, frame)));
            }
            in_step = false;
            position = match self.next_sync(position + 1)? {
                Some(sync) => sync,
                None => return Ok(None),
            };
        }
    }

    /// Whether the frames from here on keep to a format for a while.
    fn goes_on(&mut self, mut position: u64, format: u32) -> io::Result<bool> {
        for _ in 0..SURE_FRAMES {
            let head = self.read(position, HEAD_BYTES)?;
            match frame_of(&head) {
                Some(frame) if frame.format == format => position += frame.bytes,
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn is_frame(&mut self, position: u64) -> io::Result<bool> {
        let head = self.read(position, HEAD_BYTES)?;
        Ok(position == self.end || frame_of(&head).is_some())
    }

    /// Where the next byte is that a frame can begin with.
    fn next_sync(&mut self, mut position: u64) -> io::Result<Option<u64>> {
        loop {
            let block = self.read(position, 4_096)?;
            if block.is_empty() {
                return Ok(None);
            }
            if let Some(at) = block.iter().position(|byte| *byte == 0xFF) {
                return Ok(Some(position + at as u64));
            }
            position += block.len() as u64;
        }
    }

    /// Up to so many bytes.
    fn read(&mut self, position: u64, len: usize) -> io::Result<Vec<u8>> {
        let here = self.reader.stream_position()?;
        let step = i64::try_from(position).unwrap_or(i64::MAX) - i64::try_from(here).unwrap_or(0);
        self.reader.seek_relative(step)?;
        let len = self.end.saturating_sub(position).min(len as u64);
        let mut bytes = Vec::with_capacity(len as usize);
        (&mut self.reader).take(len).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The length of an ID3v2 tag that begins here.
fn id3_len(head: &[u8]) -> Option<u64> {
    let size = head.strip_prefix(b"ID3")?.get(3..7)?;
    let size = size
        .iter()
        .fold(0, |n, byte| n << 7 | u64::from(byte & 0x7F));
    Some(10 + size)
}

/// The frame that begins here, of MPEG audio or ADTS.
fn frame_of(head: &[u8]) -> Option<Frame> {
    let [first, second, third, fourth, ..] = *head else {
        return None;
    };
    if first != 0xFF || second & 0xE0 != 0xE0 {
        return None;
    }
    if second & 0xF6 == 0xF0 {
        return adts_frame(head);
    }
    let (version, layer) = (second >> 3 & 3, 4 - (second >> 1 & 3));
    let (rate_index, padding) = (third >> 2 & 3, u64::from(third >> 1 & 1));
    if version == 1 || layer == 4 || rate_index == 3 {
        return None;
    }
    let kilobits = u64::from(bit_rate_kilobits(version, layer, third >> 4)?);
    let half = if version == 3 { 1 } else { 2 };
    let quarter = if version == 0 { 2 } else { 1 };
    let rate_hz = [44_100, 48_000, 32_000][usize::from(rate_index)] / half / quarter;
    let bytes = match layer {
        1 => (12_000 * kilobits / rate_hz + padding) * 4,
        3 if version != 3 => 72_000 * kilobits / rate_hz + padding,
        _ => 144_000 * kilobits / rate_hz + padding,
    };
    let mono = fourth >> 6 == 3;
    let side_bytes = match (version == 3, mono) {
        (true, false) => 32,
        (false, true) => 9,
        _ => 17,
    };
    let tag_at = |at: usize, tag: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(tag));
    let is_tag = layer == 3
        && (tag_at(4 + side_bytes, b"Xing")
            || tag_at(4 + side_bytes, b"Info")
            || tag_at(36, b"VBRI"));
    let format = u32::from(layer) << 8
        | u32::from(version) << 6
        | u32::from(rate_index) << 4
        | u32::from(mono);
    Some(Frame {
        bytes,
        format,
        is_tag,
    })
}

/// The bit rate of a frame's index; nothing for the free format and for what is none.
fn bit_rate_kilobits(version: u8, layer: u8, index: u8) -> Option<u16> {
    const RATES: [[u16; 14]; 5] = [
        [
            32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448,
        ],
        [
            32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384,
        ],
        [
            32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
        ],
        [
            32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256,
        ],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    let row = match (version, layer) {
        (3, layer) => usize::from(layer) - 1,
        (_, 1) => 3,
        _ => 4,
    };
    RATES[row].get(usize::from(index).checked_sub(1)?).copied()
}

/// An ADTS frame (ISO 13818-7, 6.2).
fn adts_frame(head: &[u8]) -> Option<Frame> {
    let [_, second, third, fourth, fifth, sixth, ..] = *head else {
        return None;
    };
    let (profile, rate_index) = (u32::from(third >> 6), u32::from(third >> 2 & 0xF));
    let channels = u32::from(third & 1) << 2 | u32::from(fourth >> 6);
    let bytes = u64::from(fourth & 3) << 11 | u64::from(fifth) << 3 | u64::from(sixth >> 5);
    let header_bytes = if second & 1 == 0 { 9 } else { 7 };
    (bytes >= header_bytes && rate_index <= 12).then_some(Frame {
        bytes,
        format: 1 << 16 | profile << 8 | rate_index << 4 | channels,
        is_tag: false,
    })
}

/// The profile of the first ADTS frame of a file by name, where it is not the low complexity one.
pub(super) fn unsupported_adts(head: &[u8]) -> Option<&'static str> {
    let frame = frame_of(head).filter(|frame| frame.format >> 16 == 1)?;
    ["AAC Main", "", "AAC SSR", "AAC LTP"]
        .get((frame.format >> 8 & 3) as usize)
        .copied()
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// 128 kbit/s at 44.1 kHz, 417 bytes; joint stereo or mono, with a tag or without.
    fn frame(mono: bool, tag: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xFB, 0x90, if mono { 0xC4 } else { 0x64 }];
        bytes.resize(417, 0);
        let at = 4 + if mono { 17 } else { 32 };
        bytes[at..at + tag.len()].copy_from_slice(tag);
        bytes
    }

    fn links_of(bytes: &[u8]) -> Vec<Range<u64>> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).expect("room");
        links(&mut file, 0..bytes.len() as u64).expect("readable")
    }

    fn one(link: std::ops::Range<u64>) -> Vec<std::ops::Range<u64>> {
        std::iter::once(link).collect()
    }

    #[test]
    fn recordings_begin_at_their_tags_and_where_the_format_changes() {
        let song = [frame(false, b"Info"), frame(false, b"").repeat(5)].concat();
        let speech = frame(true, b"").repeat(4);
        let id3 = b"ID3\x04\0\0\0\0\x02\x01".to_vec();
        let id3 = [id3, vec![0xFF; 257]].concat();
        let file = [id3.as_slice(), &song, &id3, &song, &speech].concat();
        let (tag, song, speech) = (id3.len() as u64, song.len() as u64, speech.len() as u64);
        let second = 2 * tag + song;
        assert_eq!(
            links_of(&file),
            [
                0..tag + song,
                second..second + song,
                second + song..second + song + speech
            ]
        );
    }

    #[test]
    fn one_odd_frame_and_noise_in_between_are_damage_and_no_recordings() {
        let song = frame(false, b"").repeat(5);
        let file = [
            song.as_slice(),
            &frame(true, b""),
            &song,
            &[0xAA; 700],
            &song,
        ]
        .concat();
        assert_eq!(links_of(&file), one(0..file.len() as u64));
        assert_eq!(links_of(&[0xFF; 5_000]), one(0..5_000));
        assert_eq!(links_of(b""), one(0..0));
    }
}
