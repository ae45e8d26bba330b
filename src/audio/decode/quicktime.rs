//! The sound track of an MP4 or QuickTime file: its codec by name, and where its samples lie if they are plain PCM, which
//! cameras and film editors write. Compressed tracks are symphonia's.

use std::ops::Range;

use super::boxes::{boxes, child, full_box, path, word};
use super::channels::ChannelOrder;
use super::edits::{self, Edits};
use super::pcm::{Encoding, PcmHeader, Scan};
use super::{apple_layout, codecs};
use crate::audio::frames::ChannelLayout;

/// More chunks than a day of film has: what lists more is damaged.
const MAX_CHUNKS: usize = 1 << 24;

/// A sound track's first sample entry.
struct Entry<'a> {
    code: [u8; 4],
    channels: u32,
    rate_hz: f64,
    bits: u16,
    /// Flags of the format, in the second version of an entry.
    flags: Option<u32>,
    /// The boxes behind its fields.
    boxes: &'a [u8],
}

/// What the first sound track of a `moov` box holds. Fragments, which are not in it, are symphonia's.
pub(super) fn scan(movie: &[u8], file_len: u64) -> Scan {
    let Some(track) = sound_track(movie) else {
        return Scan::NoAudio;
    };
    let Some(entry) = path(track, &[b"mdia", b"minf", b"stbl", b"stsd"]).and_then(entry_of) else {
        return Scan::NoFormat;
    };
    let Some((encoding, big_endian)) = entry.pcm() else {
        return entry.compressed();
    };
    if child(movie, b"mvex").is_some() {
        return Scan::Unsupported("PCM in a fragmented MP4".to_owned());
    }
    let Some(mut header) = header_of(track, &entry, encoding, big_endian, file_len) else {
        return Scan::Other;
    };
    match edited(movie, track, &mut header) {
        Ok(()) => Scan::Pcm(header),
        Err(what) => Scan::Unsupported(what.to_owned()),
    }
}

/// The codec of the first sound track by name.
pub(super) fn codec_of(movie: &[u8]) -> Option<&'static str> {
    let entry =
        path(sound_track(movie)?, &[b"mdia", b"minf", b"stbl", b"stsd"]).and_then(entry_of)?;
    codecs::of_four_letters(entry.code)
}

fn sound_track(movie: &[u8]) -> Option<&[u8]> {
    let sound = |(id, track): &([u8; 4], &[u8])| {
        let handler = path(track, &[b"mdia", b"hdlr"]).and_then(full_box);
        id == b"trak" && handler.is_some_and(|(_, rest)| rest.get(4..8) == Some(b"soun"))
    };
    boxes(movie).find(sound).map(|(_, track)| track)
}

/// The sample entry, in any of the three versions of QuickTime.
fn entry_of(stsd: &[u8]) -> Option<Entry<'_>> {
    let (code, content) = boxes(stsd.get(8..)?).next()?;
    let version = u16::from_be_bytes(*content.get(8..)?.first_chunk()?);
    let mut entry = Entry {
        code,
        channels: word(content, 16)? >> 16,
        bits: (word(content, 16)? & 0xFFFF) as u16,
        rate_hz: f64::from(word(content, 24)?) / 65_536.0,
        flags: None,
        boxes: content.get(28..).unwrap_or_default(),
    };
    match version {
        1 => entry.boxes = content.get(44..).unwrap_or_default(),
        2 => {
            entry.rate_hz = f64::from_be_bytes(*content.get(32..)?.first_chunk()?);
            entry.channels = word(content, 40)?;
            entry.bits = u16::try_from(word(content, 48)?).ok()?;
            entry.flags = word(content, 52);
            entry.boxes = content.get(64..).unwrap_or_default();
        }
        _ => {}
    }
    Some(entry)
}

impl Entry<'_> {
    /// How samples are stored, and whether the highest byte comes first; nothing where it is no PCM.
    fn pcm(&self) -> Option<(Encoding, bool)> {
        const FLOAT: u32 = 1;
        const BIG_ENDIAN: u32 = 2;
        let bytes = self.bits.div_ceil(8);
        // Big-endian unless the atom `enda` says otherwise.
        let enda = child(self.boxes, b"wave").and_then(|wave| child(wave, b"enda"));
        let big = enda.is_none_or(|enda| !enda.ends_with(&[1]));
        Some(match &self.code {
            b"sowt" => (Encoding::signed(bytes)?, false),
            b"twos" => (Encoding::signed(bytes)?, true),
            b"NONE" if bytes > 1 => (Encoding::signed(bytes)?, true),
            b"NONE" | b"raw " => (Some(Encoding::U8).filter(|_| bytes == 1)?, true),
            b"in24" => (Encoding::S24, big),
            b"in32" => (Encoding::S32, big),
            b"fl32" => (Encoding::F32, big),
            b"fl64" => (Encoding::F64, big),
            b"ulaw" => (Encoding::MuLaw, true),
            b"alaw" => (Encoding::ALaw, true),
            b"lpcm" => {
                let flags = self.flags?;
                let encoding = match flags & FLOAT {
                    0 => Encoding::signed(bytes)?,
                    _ => Encoding::float(bytes)?,
                };
                (encoding, flags & BIG_ENDIAN != 0)
            }
            b"ipcm" | b"fpcm" => {
                let (_, settings) = full_box(child(self.boxes, b"pcmC")?)?;
                let (little, bytes) = (
                    settings.first()? & 1 != 0,
                    u16::from(settings.get(1)?.div_ceil(8)),
                );
                let encoding = match &self.code {
                    b"ipcm" => Encoding::signed(bytes)?,
                    _ => Encoding::float(bytes)?,
                };
                (encoding, !little)
            }
            _ => return None,
        })
    }

    /// What is to be said of a track that is not PCM.
    fn compressed(&self) -> Scan {
        let supported = matches!(&self.code, b"mp4a" | b"alac" | b"fLaC" | b"Opus" | b".mp3");
        let object_type = child(self.boxes, b"esds").and_then(object_type_of);
        let name = match object_type.and_then(codecs::of_object_type) {
            Some("AAC" | "MP3") | None if supported => return Scan::Other,
            Some(name) if &self.code == b"mp4a" => Some(name),
            _ => codecs::of_four_letters(self.code),
        };
        Scan::Unsupported(name.map_or_else(|| codecs::unknown(self.code), str::to_owned))
    }

    fn order(&self, channels: u16) -> ChannelOrder {
        let layout = child(self.boxes, b"chan").and_then(full_box);
        layout
            .and_then(|(_, layout)| apple_layout::order_of(layout, channels))
            .unwrap_or_else(|| ChannelOrder::in_order(ChannelLayout::from_count(channels)))
    }
}

/// The object type in the decoder configuration of an `esds` box: descriptors have a tag and a length of 7 bits a byte.
fn object_type_of(esds: &[u8]) -> Option<u8> {
    let (_, rest) = full_box(esds)?;
    let mut at = usize::from(*rest.first()? == 3);
    let skip_len = |at: &mut usize| -> Option<()> {
        while rest.get(*at)? & 0x80 != 0 {
            *at += 1;
        }
        *at += 1;
        Some(())
    };
    skip_len(&mut at)?;
    let flags = *rest.get(at + 2)?;
    at += 3 + if flags & 0x80 != 0 { 2 } else { 0 };
    (*rest.get(at)? == 4).then_some(())?;
    at += 1;
    skip_len(&mut at)?;
    rest.get(at).copied()
}

/// The header of a PCM track, with a region for each stretch of chunks that lie one behind the other.
fn header_of(
    track: &[u8],
    entry: &Entry,
    encoding: Encoding,
    big_endian: bool,
    file_len: u64,
) -> Option<PcmHeader> {
    let table = path(track, &[b"mdia", b"minf", b"stbl"])?;
    let channels = u16::try_from(entry.channels).unwrap_or(u16::MAX);
    let frame_bytes = u64::from(channels) * encoding.bytes() as u64;
    let (_, sizes) = full_box(child(table, b"stsz")?)?;
    // QuickTime counts a frame as a sample of 1 byte; others have its true size, or several frames in a sample.
    let size = u64::from(word(sizes, 0)?);
    let sample_bytes = match size.checked_rem(frame_bytes) {
        Some(0) if size > 0 => size,
        _ => frame_bytes,
    };
    let declared = u64::from(word(sizes, 4)?).saturating_mul(sample_bytes);
    let declared_frames = declared.checked_div(frame_bytes);
    // An index can name the same bytes for ever.
    let mut left = declared.min(file_len);
    let mut regions: Vec<Range<u64>> = Vec::new();
    for (offset, samples) in chunks(table)? {
        let len = samples.saturating_mul(sample_bytes).min(left);
        left -= len;
        let end = offset.saturating_add(len).min(file_len);
        match regions.last_mut() {
            Some(last) if last.end == offset => last.end = end,
            _ if offset < end => regions.push(offset..end),
            _ => {}
        }
    }
    Some(PcmHeader {
        // A cast saturates, and what is no number becomes 0: both are refused as a rate.
        sample_rate_hz: entry.rate_hz.round() as u32,
        order: entry.order(channels),
        encoding,
        big_endian,
        regions,
        declared_frames,
        warnings: vec![],
        title: None,
    })
}

/// Leaves in the regions what the edit list lets be heard, or says why it cannot.
fn edited(movie: &[u8], track: &[u8], header: &mut PcmHeader) -> Result<(), &'static str> {
    let rate_hz = u64::from(header.sample_rate_hz);
    let scale = edits::scale_of_track(track).unwrap_or(rate_hz);
    let turned = |value: u64, to: u64, from: u64| {
        let value = u128::from(value) * u128::from(to) / u128::from(from.max(1));
        u64::try_from(value).unwrap_or(u64::MAX)
    };
    let all = header.declared_frames;
    let units = all.map(|frames| turned(frames, scale, rate_hz));
    let stretches = match edits::of_track(movie, track, units) {
        Some(Edits::InOrder(stretches)) => stretches,
        Some(Edits::Rearranged) => return Err("sound that an edit list puts in another order"),
        None => return Ok(()),
    };
    let frames = |units: u64| turned(units, rate_hz, scale);
    let frame_bytes = (header.order.layout.count() * header.encoding.bytes()) as u64;
    let (mut position, mut heard) = (0, vec![]);
    let mut declared = Some(0u64);
    for stretch in &stretches {
        let start = frames(position + stretch.skip);
        // What goes up to the end does so to the frame.
        let end = match stretch.len.map(|len| position + stretch.skip + len) {
            Some(end) if units.is_none_or(|units| end < units) => Some(frames(end)),
            _ => all,
        };
        declared = declared
            .zip(end)
            .map(|(all, end)| all.saturating_add(end.saturating_sub(start)));
        let end = end.unwrap_or(u64::MAX);
        heard.extend(between(&header.regions, start, end, frame_bytes));
        position += stretch.skip + stretch.len.unwrap_or(0);
    }
    (header.regions, header.declared_frames) = (heard, declared);
    Ok(())
}

/// What of the regions lies between two frames.
fn between(
    regions: &[Range<u64>],
    start: u64,
    end: u64,
    frame_bytes: u64,
) -> impl Iterator<Item = Range<u64>> {
    let (start, end) = (
        start.saturating_mul(frame_bytes),
        end.saturating_mul(frame_bytes),
    );
    let mut before = 0;
    regions.iter().filter_map(move |region| {
        let len = region.end - region.start;
        let from = region.start + start.saturating_sub(before).min(len);
        let to = region.start + end.saturating_sub(before).min(len);
        before += len;
        (from < to).then_some(from..to)
    })
}

/// The chunks of a track: where each is, and the samples in it.
fn chunks(table: &[u8]) -> Option<impl Iterator<Item = (u64, u64)>> {
    let (_, runs) = full_box(child(table, b"stsc")?)?;
    let runs: Vec<(u32, u32)> = runs
        .get(4..)?
        .as_chunks::<12>()
        .0
        .iter()
        .filter_map(|run| Some((word(run, 0)?, word(run, 4)?)))
        .collect();
    let offsets: Vec<u64> = match (child(table, b"stco"), child(table, b"co64")) {
        (Some(short), _) => short
            .get(8..)?
            .as_chunks::<4>()
            .0
            .iter()
            .map(|bytes| u64::from(u32::from_be_bytes(*bytes)))
            .collect(),
        (None, Some(long)) => long
            .get(8..)?
            .as_chunks::<8>()
            .0
            .iter()
            .map(|bytes| u64::from_be_bytes(*bytes))
            .collect(),
        (None, None) => return None,
    };
    let mut run = 0;
    let numbered = (1u32..).zip(offsets).take(MAX_CHUNKS);
    Some(numbered.filter_map(move |(number, offset)| {
        while runs.get(run + 1).is_some_and(|(first, _)| *first <= number) {
            run += 1;
        }
        let (_, samples) = runs.get(run)?;
        Some((offset, u64::from(*samples)))
    }))
}
