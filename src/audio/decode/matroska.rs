//! Where a Matroska or WebM file ends: a stream has no sizes and just stops, between two elements. Its decoder expects
//! another one and calls that a loss; a file that is cut short ends within an element. And how its elements are read.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

use super::bytes::read_at;

const HEADER: u32 = 0x1A45_DFA3;
const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1F43_B675;
const BLOCK_GROUP: u32 = 0xA0;
const BLOCK: u32 = 0xA1;
const SIMPLE_BLOCK: u32 = 0xA3;
const DISCARD_PADDING: u32 = 0x75A2;
pub(super) const TRACKS: u32 = 0x1654_AE6B;
/// Elements in front of the segment: a header, and room.
const MAX_TOP_ELEMENTS: usize = 16;
/// Elements of a segment in front of its sound, some of them large: fonts, pictures, an index.
const MAX_HEAD_ELEMENTS: usize = 10_000;
/// More elements than a day of sound has.
const MAX_ELEMENTS: usize = 1 << 24;

/// How far the file's segment reaches, by its own size: beyond the end where the file is cut short. Nothing where it is a
/// stream, or no file of this kind. The file is rewound.
pub(super) fn reach(file: &mut File) -> io::Result<Option<u64>> {
    file.rewind()?;
    let mut position = 0;
    let mut end = None;
    for _ in 0..MAX_TOP_ELEMENTS {
        file.seek(SeekFrom::Start(position))?;
        let Some((id, header_len, Some(len))) = read_element(file)? else {
            break;
        };
        position = position.saturating_add(header_len).saturating_add(len);
        if id == SEGMENT {
            end = Some(position);
            break;
        }
    }
    file.rewind()?;
    Ok(end)
}

/// Where another file begins behind the first. The file is rewound.
pub(super) fn next_file(file: &mut File) -> io::Result<Option<u64>> {
    let Some(end) = reach(file)? else {
        return Ok(walk(file, 0)?.next_file);
    };
    let begin = read_at(file, end, 4)?;
    file.rewind()?;
    Ok((begin == HEADER.to_be_bytes()).then_some(end))
}

/// What the elements of a file tell, from the first to the last.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Walk {
    /// The file's last element ends with it.
    pub ends_between_elements: bool,
    /// What the encoder put behind the sound, in nanoseconds, as the track's last block says.
    pub discard_ns: u64,
    next_file: Option<u64>,
}

/// Walks through the elements of a file, for its track of this number. The file is rewound.
pub(super) fn walk(file: &mut File, track: u32) -> io::Result<Walk> {
    let file_len = file.metadata()?.len();
    file.rewind()?;
    let mut reader = BufReader::with_capacity(64 << 10, &mut *file);
    let (mut position, mut walk) = (0, Walk::default());
    let mut is_own = false;
    for _ in 0..MAX_ELEMENTS {
        if position >= file_len {
            break;
        }
        let start = position;
        let Some((id, header_len, len)) = read_element(&mut reader)? else {
            break;
        };
        position += header_len;
        if id == HEADER && start > 0 {
            walk.next_file.get_or_insert(start);
        }
        // What is in these is walked through, whether their size is known or not.
        if [SEGMENT, CLUSTER, BLOCK_GROUP].contains(&id) {
            continue;
        }
        let Some(len) = len else { break };
        let mut rest = len;
        if [BLOCK, SIMPLE_BLOCK].contains(&id) && walk.next_file.is_none() {
            let Some((number, number_len)) = read_number(&mut reader, 8, false)? else {
                break;
            };
            rest = rest.saturating_sub(number_len);
            is_own = number == u64::from(track);
            if is_own {
                walk.discard_ns = 0;
            }
        } else if id == DISCARD_PADDING && is_own && walk.next_file.is_none() && len <= 8 {
            let mut bytes = vec![0; len as usize];
            if reader.read_exact(&mut bytes).is_err() {
                break;
            }
            rest = 0;
            walk.discard_ns = signed(&bytes).max(0).cast_unsigned();
        }
        let Ok(step) = i64::try_from(rest) else { break };
        reader.seek_relative(step)?;
        position = position.saturating_add(len);
    }
    file.rewind()?;
    walk.ends_between_elements = position == file_len;
    Ok(walk)
}

fn signed(bytes: &[u8]) -> i64 {
    let sign = bytes
        .first()
        .map_or(0, |first| i64::from(first.cast_signed() >> 7));
    bytes.iter().fold(sign, |n, byte| n << 8 | i64::from(*byte))
}

/// Where the content of the first element of this name lies in a segment, if it is in front of the sound. The file is left
/// anywhere.
pub(super) fn find(file: &mut File, wanted: u32) -> io::Result<Option<Range<u64>>> {
    let mut position = 0;
    for _ in 0..MAX_HEAD_ELEMENTS {
        file.seek(SeekFrom::Start(position))?;
        let Some((id, header_len, len)) = read_element(file)? else {
            break;
        };
        position += header_len;
        if id == SEGMENT {
            continue;
        }
        let Some(end) = len.and_then(|len| position.checked_add(len)) else {
            break;
        };
        if id == wanted {
            return Ok(Some(position..end));
        }
        position = end;
    }
    Ok(None)
}

/// An element in memory.
pub(super) struct Element<'a> {
    pub id: u32,
    pub content: &'a [u8],
}

/// The elements inside of one.
pub(super) fn children(mut content: &[u8]) -> impl Iterator<Item = Element<'_>> {
    std::iter::from_fn(move || {
        let mut rest = content;
        let (id, _, len) = read_element(&mut rest).ok()??;
        let len = len.and_then(|len| usize::try_from(len).ok())?;
        let (inside, behind) = rest.split_at_checked(len)?;
        content = behind;
        Some(Element {
            id,
            content: inside,
        })
    })
}

/// Identifier, length of the header, and size, which may be unknown (RFC 8794, 4 and 5); nothing where there is none.
fn read_element(reader: &mut impl Read) -> io::Result<Option<(u32, u64, Option<u64>)>> {
    let Some((id, id_len)) = read_number(reader, 4, true)? else {
        return Ok(None);
    };
    let Some((size, size_len)) = read_number(reader, 8, false)? else {
        return Ok(None);
    };
    let unknown = (1 << (7 * size_len)) - 1;
    let known = (size != unknown).then_some(size);
    Ok(u32::try_from(id)
        .ok()
        .map(|id| (id, id_len + size_len, known)))
}

/// A number whose leading zeros tell its length, up to so many bytes, and that length; with the bit that marks it or
/// without.
fn read_number(
    reader: &mut impl Read,
    longest: u32,
    marked: bool,
) -> io::Result<Option<(u64, u64)>> {
    let mut bytes = [0; 8];
    let complete = |read: io::Result<()>| match read {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    };
    if !complete(reader.read_exact(&mut bytes[..1]))? {
        return Ok(None);
    }
    let len = bytes[0].leading_zeros() + 1;
    if len > longest || !complete(reader.read_exact(&mut bytes[1..len as usize]))? {
        return Ok(None);
    }
    if !marked {
        bytes[0] &= (0xFF_u32 >> len) as u8;
    }
    let value = bytes[..len as usize]
        .iter()
        .fold(0, |n, byte| n << 8 | u64::from(*byte));
    Ok(Some((value, u64::from(len))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_stream_ends_between_elements_and_a_file_that_is_cut_within_one() {
        let mut stream = b"\x1A\x45\xDF\xA3\x84abcd".to_vec();
        stream.extend(b"\x18\x53\x80\x67\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
        for _ in 0..3 {
            stream.extend(b"\x1F\x43\xB6\x75\xFF\xE7\x81\x00\xA3\x40\x05\x81\0\0\x80x");
        }
        let whole = stream.len();
        for len in [whole, whole - 1, whole - 7, whole - 8, 9] {
            let mut file = tempfile::tempfile().expect("a temporary file");
            file.write_all(&stream[..len]).expect("room");
            let expected = [whole, whole - 8, 9].contains(&len);
            let walk = walk(&mut file, 1).expect("readable");
            assert_eq!(walk.ends_between_elements, expected, "{len}");
        }
    }

    #[test]
    fn the_last_block_of_the_track_tells_what_is_behind_the_sound() {
        let group = |track: u8, discard: &[u8]| {
            let block = [&[0xA1, 0x85, 0x80 | track, 0, 0, 0, b'x'], discard].concat();
            [&[0xA0, 0x80 | block.len() as u8], &block[..]].concat()
        };
        let discard = |ns: [u8; 2]| [0x75, 0xA2, 0x82, ns[0], ns[1]];
        let header = b"\x1A\x45\xDF\xA3\x84abcd\x18\x53\x80\x67\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
        let cluster = b"\x1F\x43\xB6\x75\xFF\xE7\x81\x00";
        let begin = [&header[..], cluster].concat();
        let first = group(1, &discard([0x10, 0]));
        let last = group(1, &discard([0x20, 1]));
        for (groups, expected) in [
            (vec![&first, &last], 0x2001),
            (vec![&last, &group(1, &[])], 0),
            (vec![&last, &group(2, &discard([0x30, 0]))], 0x2001),
            (vec![&group(1, &discard([0x80, 0]))], 0),
        ] {
            let groups: Vec<u8> = groups.into_iter().flatten().copied().collect();
            let mut file = tempfile::tempfile().expect("a temporary file");
            file.write_all(&begin).expect("room");
            file.write_all(&groups).expect("room");
            let walked = walk(&mut file, 1).expect("readable");
            assert_eq!(walked.discard_ns, expected);
            assert!(walked.ends_between_elements);
            // A second file behind it changes nothing of the first.
            file.seek(SeekFrom::End(0)).expect("a file");
            file.write_all(&[&begin[..], &first].concat())
                .expect("room");
            let walked = walk(&mut file, 1).expect("readable");
            assert_eq!(walked.discard_ns, expected);
        }
    }
}
