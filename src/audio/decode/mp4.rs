//! What an MP4 says about the samples its encoder added: the edit list of a track (ISO 14496-12, 8.6.6) and iTunes'
//! `iTunSMPB` comment. symphonia reads past both, and 1024 or 2112 samples too many at the start are 23 to 48 ms of
//! false time between a mix and its reference.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::boxes::{box_header, boxes, child, full_box, path, word};
use super::bytes::read_at;
use super::edits::{self, Edits, track_of};
use super::kept::Stretch;
use super::trailing_tags;

/// How far the boxes of the file reach: beyond its end where it is cut short, less far where other bytes follow them. The
/// file is rewound.
pub(super) fn reach(file: &mut File) -> std::io::Result<u64> {
    let file_len = trailing_tags::without(file, 0..file.metadata()?.len())?.end;
    let mut position = 0;
    for _ in 0..MAX_FRAGMENTS {
        file.seek(SeekFrom::Start(position))?;
        let mut header = Vec::new();
        file.take(16).read_to_end(&mut header)?;
        // What has no name is no box: zeros that a download left, or another file's bytes.
        let named = |(id, _, _): &([u8; 4], u64, u64)| id[0].is_ascii_alphabetic() || id[0] == 0xA9;
        let Some((_, _, len)) = box_header(&header).filter(named) else {
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
    Ok(position)
}

/// Where a second file begins behind the first. The file is rewound.
pub(super) fn next_movie(file: &mut File) -> std::io::Result<Option<u64>> {
    let file_len = file.metadata()?.len();
    let (mut position, mut has_movie, mut next) = (0, false, None);
    for _ in 0..MAX_FRAGMENTS {
        if position >= file_len {
            break;
        }
        let header = read_at(file, position, 16)?;
        let Some((id, _, len)) = box_header(&header) else {
            break;
        };
        match &id {
            b"ftyp" if has_movie => next = Some(position),
            b"moov" if next.is_some() => {
                file.rewind()?;
                return Ok(next);
            }
            b"moov" => has_movie = true,
            _ => {}
        }
        position = position.saturating_add(len);
    }
    file.rewind()?;
    Ok(None)
}

/// What is meant to be heard of a track in the content of a `moov` box, in units of its time scale, of which there are
/// so many in all.
pub(super) fn edits_in(movie: &[u8], track_id: u32, all: Option<u64>) -> Option<Edits> {
    let edits = track_of(movie, track_id).and_then(|track| edits::of_track(movie, track, all));
    match edits {
        Some(Edits::InOrder(stretches)) if stretches.len() > 1 => Some(Edits::InOrder(stretches)),
        Some(Edits::Rearranged) => Some(Edits::Rearranged),
        // The comment counts samples, the list often milliseconds.
        edits => match itunes_comment(movie) {
            Some(stretch) => Some(Edits::InOrder(vec![stretch])),
            None => edits,
        },
    }
}

/// Larger than the index of any album: what is longer is damaged.
const MAX_MOVIE_BYTES: u64 = 64 << 20;
/// Boxes at the top level before the movie: fragments come after it.
const MAX_TOP_BOXES: usize = 10_000;
/// Boxes at the top level of a file in fragments: days of them, at a second each.
const MAX_FRAGMENTS: usize = 1 << 20;
/// Larger than the index of any fragment.
const MAX_FRAGMENT_BYTES: u64 = 16 << 20;

/// The content of the `moov` box, and how long the fragments behind it are.
pub(super) struct Movie {
    pub content: Vec<u8>,
    /// For each fragment of each track: the track, and its length in units of the track's time scale. Nothing where the
    /// movie has no fragments.
    fragments: Option<Vec<(u32, u64)>>,
}

impl Movie {
    /// Reads the movie and, where there are any, the headers of its fragments. The file is rewound.
    pub fn read(file: &mut File) -> std::io::Result<Option<Self>> {
        let content = read_movie(file);
        let fragments = content.as_ref().and_then(|movie| {
            let defaults = child(movie, b"mvex")?;
            Some(read_fragments(file, defaults))
        });
        file.rewind()?;
        Ok(content.map(|content| Self { content, fragments }))
    }

    /// The length of a track that comes in fragments, in units of its time scale: what the movie itself holds of it, and
    /// all its fragments. Nothing where there are none: then the movie tells.
    pub fn len_with_fragments(&self, track_id: u32) -> Option<u64> {
        let fragments = self.fragments.as_ref()?;
        let in_movie = track_of(&self.content, track_id)
            .and_then(|track| path(track, &[b"mdia", b"minf", b"stbl", b"stts"]))
            .and_then(|times| times.get(8..))
            .map_or(0, |times| {
                let runs = times.as_chunks::<8>().0.iter();
                runs.filter_map(|run| Some(u64::from(word(run, 0)?) * u64::from(word(run, 4)?)))
                    .fold(0, u64::saturating_add)
            });
        let own = fragments.iter().filter(|(id, _)| *id == track_id);
        Some(own.fold(in_movie, |all, (_, len)| all.saturating_add(*len)))
    }
}

/// The tracks and lengths of all fragments. Default lengths come from the `trex` boxes of the movie.
fn read_fragments(file: &mut File, defaults: &[u8]) -> Vec<(u32, u64)> {
    let mut fragments = Vec::new();
    let mut position = 0;
    for _ in 0..MAX_FRAGMENTS {
        let mut header = Vec::new();
        let found = file
            .seek(SeekFrom::Start(position))
            .and_then(|_| (&mut *file).take(16).read_to_end(&mut header))
            .ok()
            .and_then(|_| box_header(&header));
        let Some((id, header_len, len)) = found else {
            break;
        };
        // Another file.
        if &id == b"ftyp" && position > 0 {
            break;
        }
        if &id == b"moof" {
            let mut content = Vec::new();
            let start = file.seek(SeekFrom::Start(position + header_len));
            let wanted = (len - header_len).min(MAX_FRAGMENT_BYTES);
            if start.is_err() || (&mut *file).take(wanted).read_to_end(&mut content).is_err() {
                break;
            }
            let tracks = boxes(&content).filter(|(id, _)| id == b"traf");
            fragments.extend(tracks.filter_map(|(_, track)| fragment_len(track, defaults)));
        }
        let Some(next) = position.checked_add(len) else {
            break;
        };
        position = next;
    }
    fragments
}

/// Track and length of a `traf` box (ISO 14496-12, 8.8.7 and 8.8.8).
fn fragment_len(fragment: &[u8], defaults: &[u8]) -> Option<(u32, u64)> {
    let header = child(fragment, b"tfhd")?;
    let (flags, track_id) = (word(header, 0)?, word(header, 4)?);
    let before = if flags & 0x1 != 0 { 8 } else { 0 } + if flags & 0x2 != 0 { 4 } else { 0 };
    let of_movie = boxes(defaults)
        .filter(|(id, _)| id == b"trex")
        .find(|(_, content)| word(content, 4) == Some(track_id))
        .and_then(|(_, content)| word(content, 12));
    let default = match flags & 0x8 {
        0 => of_movie.unwrap_or(0),
        _ => word(header, 8 + before)?,
    };
    let runs = boxes(fragment).filter(|(id, _)| id == b"trun");
    let len = runs
        .filter_map(|(_, run)| run_len(run, default))
        .fold(0, u64::saturating_add);
    Some((track_id, len))
}

/// The length of a `trun` box, whose samples may each have their own.
fn run_len(run: &[u8], default: u32) -> Option<u64> {
    let (flags, samples) = (word(run, 0)?, word(run, 4)?);
    if flags & 0x100 == 0 {
        return Some(u64::from(samples) * u64::from(default));
    }
    let flag = |bit: u32| usize::from(flags & bit != 0);
    let start = 8 + 4 * (flag(0x1) + flag(0x4));
    let sample_bytes = 4 * (1 + flag(0x200) + flag(0x400) + flag(0x800));
    let samples = run
        .get(start..)?
        .chunks_exact(sample_bytes)
        .take(samples as usize);
    Some(
        samples
            .filter_map(|sample| word(sample, 0).map(u64::from))
            .sum(),
    )
}

/// The content of the `moov` box. The file is left anywhere.
pub(super) fn read_movie(file: &mut File) -> Option<Vec<u8>> {
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

/// `iTunSMPB`: hexadecimal numbers, of which the second is the priming and the fourth the length, in samples.
fn itunes_comment(movie: &[u8]) -> Option<Stretch> {
    let (_, metadata) = full_box(child(child(movie, b"udta")?, b"meta")?)?;
    let comment = boxes(child(metadata, b"ilst")?).find_map(|(id, item)| {
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
    Some(Stretch {
        skip: start,
        len: (len > 0).then_some(len),
    })
}
