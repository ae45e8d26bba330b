//! Lengths that headers do not know: what is written into a pipe, or by a recorder that crashed, has no true size.
//!
//! Such sizes are told from those of files that are cut short, so that a whole file is not called damaged; and since a
//! chunk of text may follow sound of unknown length, the end of the sound is looked for from the end of the file.

use std::fs::File;
use std::io;

use super::bytes::read_at;
use super::error::DecodeWarning;

/// How far around a power of two a size is still a stand-in: writers subtract their headers, or round to whole blocks.
const SLACK: u64 = 64 << 10;
/// The sizes that programs put in where they do not know: the top of signed and unsigned 32 bits, and SoX's own.
const STAND_INS: [u64; 3] = [1 << 31, 1 << 32, 0x7F00_0000];
/// No file is as long as this.
const IMPOSSIBLE: u64 = 1 << 60;

/// Whether a size that reaches beyond the end of its file is one of those that mean "I do not know".
pub(super) fn says_unknown(len: u64) -> bool {
    len >= IMPOSSIBLE
        || STAND_INS
            .iter()
            .any(|stand_in| len.abs_diff(*stand_in) <= SLACK)
}

/// Chunks that come behind the sound, in WAV and in AIFF.
const TRAILERS: [&[u8; 4]; 31] = [
    b"LIST", b"list", b"id3 ", b"ID3 ", b"bext", b"iXML", b"cue ", b"smpl", b"inst", b"fact",
    b"PEAK", b"JUNK", b"junk", b"PAD ", b"FLLR", b"axml", b"chna", b"_PMX", b"afsp", b"acid",
    b"levl", b"umid", b"MD5 ", b"NAME", b"AUTH", b"ANNO", b"(c) ", b"MARK", b"INST", b"COMT",
    b"APPL",
];
/// How much of the end of a file is searched for them.
const MAX_TRAILER_BYTES: u64 = 4 << 20;

/// Where sound of unknown length ends that begins at `start`: at the chunks that close the file, or with the file.
/// A chunk is believed where it has a known name and its length, and those of all behind it, lead to the end exactly.
pub(super) fn end_of_sound(
    file: &mut File,
    start: u64,
    file_len: u64,
    big_endian: bool,
) -> io::Result<u64> {
    let from = start.max(file_len.saturating_sub(MAX_TRAILER_BYTES));
    let tail = read_at(file, from, file_len.saturating_sub(from) as usize)?;
    let begins = |at: &usize| {
        let id = &tail[*at..*at + 4];
        TRAILERS.iter().any(|known| id == *known) && leads_to_the_end(&tail[*at..], big_endian)
    };
    let found = (0..tail.len().saturating_sub(7)).find(begins);
    Ok(found.map_or(file_len, |at| from + at as u64))
}

/// Whether chunks follow one another up to the end; the padding of the last one may be missing.
fn leads_to_the_end(mut chunks: &[u8], big_endian: bool) -> bool {
    while let Some((head, rest)) = chunks.split_first_chunk::<8>() {
        let (id, len) = head.split_at(4);
        let len = len.try_into().map_or(0, |len| match big_endian {
            true => u32::from_be_bytes(len),
            false => u32::from_le_bytes(len),
        }) as usize;
        if !is_printable(id) || len > rest.len() {
            return false;
        }
        chunks = rest.get(len.next_multiple_of(2)..).unwrap_or_default();
    }
    chunks.len() <= 1
}

/// So much behind the chunks of a file is more than a tag or what was left of a block.
const MIN_LEFT_OUT_BYTES: u64 = 64 << 10;
/// Beginnings of files that are glued behind others.
const BEGINNINGS: [&[u8; 4]; 3] = [b"FORM", b"caff", b"riff"];

/// What is left out of a file whose chunks end at a position: bytes that are no chunk and not nothing either. Programs
/// that crash leave more sound than their last header knew of.
pub(super) fn left_out_behind(
    file: &mut File,
    position: u64,
    file_len: u64,
) -> io::Result<Option<DecodeWarning>> {
    let bytes = file_len.saturating_sub(position);
    let begin = read_at(file, position, 4_096)?;
    let is_file = BEGINNINGS.iter().any(|known| begin.starts_with(*known));
    let is_nothing = begin.iter().all(|byte| *byte == begin[0]);
    let is_chunk = begin.get(..4).is_none_or(is_printable);
    let is_sound = bytes >= MIN_LEFT_OUT_BYTES && !is_nothing && !is_chunk;
    Ok((is_file || is_sound).then_some(DecodeWarning::LeftOut { bytes }))
}

/// A length of 32 bits in a file that is longer than those can say: what was counted beyond them is added where it then
/// leads to the end of the file.
pub(super) fn unwrapped(start: u64, len: u64, file_len: u64) -> u64 {
    const ROUND: u64 = 1 << 32;
    let rounds = file_len.saturating_sub(start.saturating_add(len)) / ROUND;
    let whole = len + rounds * ROUND;
    match file_len.checked_sub(start + whole) {
        Some(behind) if behind <= MAX_TRAILER_BYTES => whole,
        _ => len,
    }
}

/// Whether this can be the name of a chunk.
pub(super) fn is_printable(id: &[u8]) -> bool {
    id.iter().all(|byte| (b' '..=b'~').contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn stand_ins_are_unknown_and_the_lengths_of_records_are_not() {
        for unknown in [
            0x7FFF_FFFF,
            0x7FFF_F000,
            0x8000_0000,
            0x8000_0024,
            0xFFFF_FFFF,
            0xFFFF_FFD7,
            0x7F00_0008,
            u64::MAX,
            i64::MAX as u64 - 24,
        ] {
            assert!(says_unknown(unknown), "{unknown:x}");
        }
        for known in [0, 1, 1_536_000, 635_040_000, 0x7FFF_0000 - 1, 3_221_225_472] {
            assert!(!says_unknown(known), "{known:x}");
        }
    }

    #[test]
    fn what_is_behind_the_chunks_is_told_of_unless_it_is_nothing() {
        let noise: Vec<u8> = (0..70_000u64).map(|n| ((n * n) >> 7) as u8).collect();
        for (behind, is_told) in [
            (vec![], false),
            (vec![0; 200_000], false),
            (noise[..300].to_vec(), false),
            ([&[0x80, 1], &noise[..]].concat(), true),
            (b"FORM\0\0\0\x04AIFF".to_vec(), true),
        ] {
            let mut file = tempfile::tempfile().expect("a temporary file");
            file.write_all(&[b"sound", &behind[..]].concat())
                .expect("room");
            let bytes = behind.len() as u64;
            let told = left_out_behind(&mut file, 5, 5 + bytes).expect("readable");
            assert_eq!(told, is_told.then_some(DecodeWarning::LeftOut { bytes }));
        }
    }

    #[test]
    fn a_length_that_32_bits_could_not_say_is_made_whole() {
        let round = 1u64 << 32;
        assert_eq!(unwrapped(44, 1_000, 1_044), 1_000);
        assert_eq!(unwrapped(44, 1_000, 44 + 1_000 + round), 1_000 + round);
        assert_eq!(
            unwrapped(44, 1_000, 44 + 1_100 + 2 * round),
            1_000 + 2 * round
        );
        assert_eq!(unwrapped(44, 1_000, 44 + round + round / 2), 1_000);
        assert_eq!(unwrapped(44, round - 8, 10_000), round - 8);
    }

    #[test]
    fn sound_ends_where_the_chunks_behind_it_begin_and_not_at_what_only_looks_like_them() {
        let chunk = |id: &[u8], body: &[u8]| {
            let mut bytes = id.to_vec();
            bytes.extend((body.len() as u32).to_le_bytes());
            bytes.extend(body);
            bytes
        };
        let sound = [b"LIST\x04\0\0\0".as_slice(), &[7; 93]].concat();
        for (behind, end) in [
            (vec![], sound.len()),
            (chunk(b"LIST", b"INFO"), sound.len()),
            (
                [chunk(b"bext", &[0; 602]), chunk(b"odd!", &[1; 3])].concat(),
                sound.len(),
            ),
            // A length that leads elsewhere.
            (b"LIST\x05\0\0\0INFOabcd".to_vec(), sound.len() + 16),
        ] {
            let mut file = tempfile::tempfile().expect("a temporary file");
            file.write_all(&[sound.as_slice(), &behind].concat())
                .expect("room");
            let file_len = (sound.len() + behind.len()) as u64;
            let found = end_of_sound(&mut file, 0, file_len, false).expect("readable");
            assert_eq!(found, end as u64);
        }
    }
}
