//! Where a Matroska or WebM file ends: a stream has no sizes and just stops, between two elements. Its decoder expects
//! another one and calls that a loss; a file that is cut short ends within an element.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1F43_B675;
/// Elements in front of the segment: a header, and room.
const MAX_TOP_ELEMENTS: usize = 16;
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

/// Whether the file's last element ends with it. The file is rewound.
pub(super) fn ends_between_elements(file: &mut File) -> io::Result<bool> {
    let file_len = file.metadata()?.len();
    file.rewind()?;
    let mut reader = BufReader::with_capacity(64 << 10, &mut *file);
    let mut position = 0;
    for _ in 0..MAX_ELEMENTS {
        if position >= file_len {
            break;
        }
        let Some((id, header_len, len)) = read_element(&mut reader)? else {
            break;
        };
        position += header_len;
        // What is in these two is walked through, whether their size is known or not.
        if id == SEGMENT || id == CLUSTER {
            continue;
        }
        let (Some(len), Some(step)) = (len, len.and_then(|len| i64::try_from(len).ok())) else {
            break;
        };
        reader.seek_relative(step)?;
        position = position.saturating_add(len);
    }
    file.rewind()?;
    Ok(position == file_len)
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
            assert_eq!(
                ends_between_elements(&mut file).expect("readable"),
                expected,
                "{len}"
            );
        }
    }
}
