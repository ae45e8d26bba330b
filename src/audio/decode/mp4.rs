//! What an MP4 says about the samples its encoder added: the edit list of a track (ISO 14496-12, 8.6.6) and iTunes'
//! `iTunSMPB` comment. symphonia reads past both, and 1024 or 2112 samples too many at the start are 23 to 48 ms of
//! false time between a mix and its reference.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// The part of a track that is meant to be heard, in units of the track's time scale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Edit {
    /// Samples to leave out at the beginning.
    pub start: u64,
    /// Samples to keep from there on, where it is said to the sample.
    pub len: Option<u64>,
}

/// The edit of the track with this identifier; nothing where there is no MP4 structure or no edit. The file is left at
/// the position it was at, since a clone of it may be in the middle of being read.
pub(super) fn read_edit_keeping_position(file: &mut File, track_id: u32) -> Option<Edit> {
    let position = file.stream_position().ok()?;
    let movie = read_movie(file);
    file.seek(SeekFrom::Start(position)).ok()?;
    edit_in(&movie?, track_id)
}

/// The length the file was meant to have, where a box at the top level promises more bytes than there are. The file is
/// rewound.
pub(super) fn promised_len(file: &mut File) -> std::io::Result<Option<u64>> {
    let file_len = file.metadata()?.len();
    let mut position = 0;
    for _ in 0..MAX_TOP_BOXES {
        file.seek(SeekFrom::Start(position))?;
        let mut header = Vec::new();
        file.take(16).read_to_end(&mut header)?;
        let Some((_, _, len)) = box_header(&header) else {
            break;
        };
        position = if len == u64::MAX {
            file_len
        } else {
            position.saturating_add(len)
        };
        if position >= file_len {
            break;
        }
    }
    file.rewind()?;
    Ok((position > file_len).then_some(position))
}

/// The edit in the content of a `moov` box.
fn edit_in(movie: &[u8], track_id: u32) -> Option<Edit> {
    if let Some(edit) = itunes_comment(movie) {
        return Some(edit);
    }
    let track = children(movie)
        .find(|(id, track)| id == b"trak" && id_of(track) == Some(track_id))?
        .1;
    let (version, entries) = full_box(child(child(track, b"edts")?, b"elst")?)?;
    let entry_len = if version == 1 { 20 } else { 12 };
    // The first entry that shows media: one of −1 before it is silence to wait for, which shifts nothing inside.
    entries.get(4..)?.chunks_exact(entry_len).find_map(|entry| {
        let start = match version {
            1 => i64::from_be_bytes(entry[8..16].try_into().ok()?),
            _ => i64::from(i32::from_be_bytes(entry[4..8].try_into().ok()?)),
        };
        Some(Edit {
            start: u64::try_from(start).ok()?,
            len: None,
        })
    })
}

/// Larger than the index of any album: what is longer is damaged.
const MAX_MOVIE_BYTES: u64 = 64 << 20;
/// Boxes at the top level before the movie: fragments come after it.
const MAX_TOP_BOXES: usize = 10_000;

/// The content of the `moov` box.
fn read_movie(file: &mut File) -> Option<Vec<u8>> {
    let mut position = 0;
    for _ in 0..MAX_TOP_BOXES {
        file.seek(SeekFrom::Start(position)).ok()?;
        let mut header = [0; 16];
        file.read_exact(&mut header).ok()?;
        let (id, header_len, len) = box_header(&header)?;
        if &id == b"moov" {
            let mut content = Vec::new();
            file.seek(SeekFrom::Start(position + header_len)).ok()?;
            file.take((len - header_len).min(MAX_MOVIE_BYTES))
                .read_to_end(&mut content)
                .ok()?;
            return Some(content);
        }
        position = position.checked_add(len)?;
    }
    None
}

/// Identifier, header length and whole length, bytes; 16 bytes of the box, or 8 where that is all there is.
fn box_header(bytes: &[u8]) -> Option<([u8; 4], u64, u64)> {
    let short = u64::from(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?));
    let id = bytes.get(4..8)?.try_into().ok()?;
    let (header_len, len) = match short {
        0 => (8, u64::MAX),
        1 => (16, u64::from_be_bytes(bytes.get(8..16)?.try_into().ok()?)),
        _ => (8, short),
    };
    (len >= header_len).then_some((id, header_len, len))
}

/// The boxes inside a box: identifier and content.
fn children(mut content: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (id, header_len, len) = box_header(content)?;
        let end = usize::try_from(len)
            .unwrap_or(usize::MAX)
            .min(content.len());
        let inside = content.get(header_len as usize..end)?;
        content = &content[end..];
        Some((id, inside))
    })
}

fn child<'a>(content: &'a [u8], id: &[u8; 4]) -> Option<&'a [u8]> {
    children(content)
        .find(|(found, _)| found == id)
        .map(|(_, inside)| inside)
}

/// Version, and what follows the flags.
fn full_box(content: &[u8]) -> Option<(u8, &[u8])> {
    Some((*content.first()?, content.get(4..)?))
}

/// The identifier in a track's header, behind two times of 32 or 64 bits.
fn id_of(track: &[u8]) -> Option<u32> {
    let (version, header) = full_box(child(track, b"tkhd")?)?;
    let at = if version == 1 { 16 } else { 8 };
    Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?))
}

/// `iTunSMPB`: hexadecimal numbers, of which the second is the priming and the fourth the length, in samples.
fn itunes_comment(movie: &[u8]) -> Option<Edit> {
    let (_, metadata) = full_box(child(child(movie, b"udta")?, b"meta")?)?;
    let comment = children(child(metadata, b"ilst")?).find_map(|(id, item)| {
        let named =
            id == *b"----" && child(item, b"name").is_some_and(|name| name.ends_with(b"iTunSMPB"));
        named.then(|| child(item, b"data")).flatten()
    })?;
    let text = std::str::from_utf8(comment.get(8..)?).ok()?;
    let numbers: Vec<u64> = text
        .split_whitespace()
        .map(|number| u64::from_str_radix(number, 16))
        .collect::<Result<_, _>>()
        .ok()?;
    let (start, len) = (*numbers.get(1)?, *numbers.get(3)?);
    Some(Edit {
        start,
        len: (len > 0).then_some(len),
    })
}
