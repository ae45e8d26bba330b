//! Where the sound of a stream of frames ends that may have tags behind it: ID3v1, Lyrics3, APEv2, and ID3v2 with a
//! footer. A decoder that looks for frames finds some in a picture, or loses the last frame to them.

use std::fs::File;
use std::io;
use std::ops::Range;

use super::bytes::read_at;

/// More tags than anybody puts behind one another.
const MAX_TAGS: usize = 16;

/// The stretch without the tags at its end.
pub(super) fn without(file: &mut File, mut stretch: Range<u64>) -> io::Result<Range<u64>> {
    for _ in 0..MAX_TAGS {
        let Some(len) = tag_len(file, &stretch)? else {
            break;
        };
        stretch.end = stretch.end.saturating_sub(len).max(stretch.start);
    }
    Ok(stretch)
}

/// The length of the tag that the stretch ends with.
fn tag_len(file: &mut File, stretch: &Range<u64>) -> io::Result<Option<u64>> {
    let from = stretch.start.max(stretch.end.saturating_sub(128));
    let end = read_at(file, from, (stretch.end - from) as usize)?;
    if end.len() == 128 && end.starts_with(b"TAG") {
        return Ok(Some(128));
    }
    let last = |len: usize| end.len().checked_sub(len).map(|at| &end[at..]);
    if let Some(
        [
            size @ ..,
            b'L',
            b'Y',
            b'R',
            b'I',
            b'C',
            b'S',
            b'2',
            b'0',
            b'0',
        ],
    ) = last(15)
    {
        let size = std::str::from_utf8(size)
            .ok()
            .and_then(|digits| digits.parse::<u64>().ok());
        return Ok(size.map(|size| size + 15));
    }
    // The size counts the footer but not the header, which bit 31 of the flags tells of.
    if let Some(footer) = last(32).filter(|footer| footer.starts_with(b"APETAGEX")) {
        let word = |at: usize| {
            footer[at..at + 4]
                .iter()
                .rev()
                .fold(0, |n, b| n << 8 | u64::from(*b))
        };
        let header = if word(20) & 0x8000_0000 != 0 { 32 } else { 0 };
        return Ok(Some((word(12) + header).max(32)));
    }
    // 7 bits a byte, without header and footer.
    if let Some([b'3', b'D', b'I', _, _, _, size @ ..]) = last(10) {
        let size = size
            .iter()
            .fold(0, |n, byte| n << 7 | u64::from(byte & 0x7F));
        return Ok(Some(size + 20));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn tags_of_every_kind_are_cut_off_in_any_order() {
        let id3v1 = [b"TAG".as_slice(), &[b' '; 125]].concat();
        let mut ape_end = b"APETAGEX\xD0\x07\0\0\x34\0\0\0\x01\0\0\0\0\0\0\x80".to_vec();
        ape_end.extend([0; 8]);
        let mut ape = ape_end.clone();
        ape.extend([0xFF; 20]);
        ape.extend(&ape_end);
        let lyrics = b"LYRICSBEGININD0000200000029LYRICS200".to_vec();
        let mut id3v2 = b"ID3\x04\0\x10\0\0\0\x05\xFF\xFB\x90\x64\0".to_vec();
        id3v2.extend(b"3DI\x04\0\x10\0\0\0\x05");
        let sound = [0xFF, 0xF8, 1, 2, 3];
        let all: [&[&[u8]]; 6] = [
            &[],
            &[&id3v1],
            &[&ape, &id3v1],
            &[&lyrics[..27], b"000027LYRICS200", &id3v1],
            &[&id3v2],
            &[&id3v2, &ape],
        ];
        for (number, tags) in all.iter().enumerate() {
            let mut file = tempfile::tempfile().expect("a temporary file");
            let bytes = [&sound, tags.concat().as_slice()].concat();
            file.write_all(&bytes).expect("room");
            let kept = without(&mut file, 0..bytes.len() as u64).expect("readable");
            assert_eq!(kept, 0..5, "{number}");
        }
    }
}
