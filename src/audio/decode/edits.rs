//! The edit list of a track (ISO 14496-12, 8.6.6): which parts of its sound are meant to be heard. Encoders name with it
//! what they put in front, programs that cut without encoding name what is left.

use super::boxes::{boxes, child, full_box, path, word};
use super::kept::Stretch;

/// A part of a track that is heard, in units of the track's time scale.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Part {
    start: u64,
    /// Nothing where it goes up to the end.
    len: Option<u64>,
}

/// What an edit list amounts to.
#[derive(Debug, PartialEq)]
pub(super) enum Edits {
    /// Stretches one behind the other, in units of the track's time scale.
    InOrder(Vec<Stretch>),
    /// Parts that overlap or go back.
    Rearranged,
}

/// The edit list of a track of this length, where it has one. A movie in fragments does not know its lengths.
pub(super) fn of_track(movie: &[u8], track: &[u8], all: Option<u64>) -> Option<Edits> {
    let (version, entries) = full_box(child(child(track, b"edts")?, b"elst")?)?;
    let scales = child(movie, b"mvex")
        .is_none()
        .then(|| Some((scale_of(child(movie, b"mvhd")?)?, scale_of_track(track)?)));
    let entry_len = if version == 1 { 20 } else { 12 };
    let parts: Vec<Part> = entries
        .get(4..)?
        .chunks_exact(entry_len)
        .filter_map(|entry| {
            let (duration, start) = match version {
                1 => (
                    u64::from_be_bytes(*entry.first_chunk()?),
                    i64::from_be_bytes(*entry.get(8..)?.first_chunk()?),
                ),
                _ => (
                    u64::from(word(entry, 0)?),
                    i64::from(word(entry, 4)?.cast_signed()),
                ),
            };
            // An entry of −1 is silence to wait for, which shifts nothing inside.
            let start = u64::try_from(start).ok()?;
            let len = scales.flatten().and_then(|scales| {
                len_of(duration, scales, all.map(|all| all.saturating_sub(start)))
            });
            Some(Part { start, len })
        })
        .collect();
    (!parts.is_empty()).then(|| in_order(&parts, all))
}

/// Units of a track in a second.
pub(super) fn scale_of_track(track: &[u8]) -> Option<u64> {
    scale_of(path(track, &[b"mdia", b"mdhd"])?)
}

/// Units of a track or of a movie in a second: behind two times of 32 or 64 bits.
fn scale_of(header: &[u8]) -> Option<u64> {
    let (version, fields) = full_box(header)?;
    let scale = word(fields, if version == 1 { 16 } else { 8 })?;
    (scale > 0).then_some(u64::from(scale))
}

/// A part's length, which is given in the movie's units; nothing where it is not known, or where it differs from what
/// is left by no more than these can tell.
fn len_of(duration: u64, (movie, track): (u64, u64), rest: Option<u64>) -> Option<u64> {
    let len = u128::from(duration) * u128::from(track);
    let len = u64::try_from((len + u128::from(movie) / 2) / u128::from(movie)).ok()?;
    let unit = track.div_ceil(movie);
    (len > 0
        && rest.is_none_or(|rest| len.saturating_add(unit) < rest || (unit == 1 && len < rest)))
    .then_some(len)
}

fn in_order(parts: &[Part], all: Option<u64>) -> Edits {
    let (mut position, mut stretches) = (0, vec![]);
    for (number, part) in parts.iter().enumerate() {
        let is_last = number + 1 == parts.len();
        let len = part.len.or(all.map(|all| all.saturating_sub(part.start)));
        let Some(skip) = part.start.checked_sub(position) else {
            return Edits::Rearranged;
        };
        if len.is_none() && !is_last {
            return Edits::Rearranged;
        }
        position = part.start.saturating_add(len.unwrap_or(0));
        stretches.push(Stretch { skip, len });
    }
    Edits::InOrder(stretches)
}

/// The track with this identifier in the content of a `moov` box.
pub(super) fn track_of(movie: &[u8], track_id: u32) -> Option<&[u8]> {
    boxes(movie)
        .find(|(id, track)| id == b"trak" && id_of(track) == Some(track_id))
        .map(|(_, track)| track)
}

/// The identifier in a track's header, behind two times of 32 or 64 bits.
fn id_of(track: &[u8]) -> Option<u32> {
    let (version, header) = full_box(child(track, b"tkhd")?)?;
    let at = if version == 1 { 16 } else { 8 };
    word(header, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(id: &[u8; 4], words: &[u32]) -> Vec<u8> {
        let mut bytes = (12 + 4 * words.len() as u32).to_be_bytes().to_vec();
        bytes.extend(id);
        bytes.extend([0; 4]);
        words
            .iter()
            .for_each(|word| bytes.extend(word.to_be_bytes()));
        bytes
    }

    fn wrapped(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let len = 8 + content.len() as u32;
        [&len.to_be_bytes()[..], id, content].concat()
    }

    /// Of a track of 288 768 units at 48 kHz, with 2048 in front; a movie in milliseconds.
    fn edits(entries: &[(u32, i32)], fragmented: bool) -> Option<Edits> {
        let mut list = vec![entries.len() as u32];
        for (duration, start) in entries {
            list.extend([*duration, start.cast_unsigned(), 0x1_0000]);
        }
        let track = [
            wrapped(b"edts", &full(b"elst", &list)),
            wrapped(b"mdia", &full(b"mdhd", &[0, 0, 48_000, 0])),
        ];
        let mut movie = full(b"mvhd", &[0, 0, 1_000, 0]);
        if fragmented {
            movie.extend(wrapped(b"mvex", &[]));
        }
        of_track(&movie, &track.concat(), Some(290_816))
    }

    fn one(skip: u64, len: u64) -> Option<Edits> {
        let len = Some(len);
        Some(Edits::InOrder(vec![Stretch { skip, len }]))
    }

    #[test]
    fn an_edit_ends_where_it_says_and_with_the_track_where_milliseconds_cannot_tell() {
        assert_eq!(edits(&[(6_000, 2_048)], false), one(2_048, 288_000));
        assert_eq!(edits(&[(6_015, 2_048)], false), one(2_048, 288_768));
        assert_eq!(edits(&[(9_000, 2_048)], false), one(2_048, 288_768));
        assert_eq!(edits(&[(0, 2_048)], false), one(2_048, 288_768));
        assert_eq!(edits(&[(1_000, 2_048)], true), one(2_048, 288_768));
        assert_eq!(
            edits(&[(500, -1), (6_000, 2_048)], false),
            one(2_048, 288_000)
        );
        assert_eq!(edits(&[(500, -1)], false), None);
    }

    #[test]
    fn several_edits_are_stretches_unless_they_go_back() {
        let two = edits(&[(1_000, 2_048), (1_000, 146_048)], false);
        let len = Some(48_000);
        assert_eq!(
            two,
            Some(Edits::InOrder(vec![
                Stretch { skip: 2_048, len },
                Stretch { skip: 96_000, len }
            ]))
        );
        let back = edits(&[(1_000, 146_048), (1_000, 2_048)], false);
        assert_eq!(back, Some(Edits::Rearranged));
    }
}
