//! The links of an Ogg file: streams that were glued one behind the other, as radio and `cat` do. Each is opened as a
//! file of its own, since symphonia 0.6.1 stops between them; and what they hold is named where it is not supported.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

use super::bytes::read_at;

/// What the pages of a file amount to.
#[derive(Debug, Default)]
pub(super) struct Ogg {
    /// Where the links are, in order.
    pub links: Vec<Range<u64>>,
    /// Why nothing of the first link can be decoded: the name of what is in it.
    pub unsupported: Option<String>,
    pub has_sound: bool,
    /// The last page is not all there; nothing of it is in the last link.
    pub is_cut: bool,
}

/// More links than a night of radio has.
const MAX_LINKS: usize = 100_000;
/// A page's header without the table of its segments.
const HEADER_BYTES: usize = 27;
const IS_FIRST: u8 = 2;
/// What is read of a page's content.
const BEGINNING_BYTES: usize = 19;

/// Walks through the pages of an Ogg file; nothing where it is none. The file is rewound.
pub(super) fn scan(file: &mut File) -> io::Result<Option<Ogg>> {
    let len = file.metadata()?.len();
    file.rewind()?;
    let mut pages = Pages {
        position: 0,
        reader: BufReader::with_capacity(64 << 10, &mut *file),
    };
    let mut ogg = Ogg::default();
    let (mut was_first, mut whole_end) = (false, 0);
    let mut others = Vec::new();
    while let Some(page) = pages.next()? {
        if ogg.links.is_empty() && page.start > 0 {
            break;
        }
        if page.is_first && !was_first {
            if let Some(link) = ogg.links.last_mut() {
                link.end = page.start;
            }
            if ogg.links.len() == MAX_LINKS {
                break;
            }
            ogg.links.push(page.start..len);
        }
        if page.is_first && ogg.links.len() == 1 {
            match name_of(&page.beginning) {
                Named::Sound => ogg.has_sound = true,
                Named::Unsupported(name) => others.push(name),
                Named::NoSound => {}
            }
        }
        was_first = page.is_first;
        if page.end > len {
            ogg.is_cut = true;
            whole_end = page.start;
            break;
        }
        whole_end = page.end;
    }
    // A page whose header is not all there is none.
    let rest = read_at(file, whole_end, 5)?;
    ogg.is_cut |= !rest.is_empty() && b"OggS\0".starts_with(&rest[..]);
    file.rewind()?;
    if let Some(last) = ogg.links.last_mut()
        && ogg.is_cut
    {
        last.end = whole_end.max(last.start);
    }
    if !ogg.has_sound {
        ogg.unsupported = others.into_iter().next();
    }
    Ok(Some(ogg).filter(|ogg| !ogg.links.is_empty()))
}

/// What a stream is by its first packet.
enum Named {
    Sound,
    Unsupported(String),
    NoSound,
}

fn name_of(packet: &[u8]) -> Named {
    const SOUND: [&[u8]; 3] = [b"\x01vorbis", b"OpusHead", b"\x7FFLAC"];
    const OTHERS: [(&[u8], &str); 5] = [
        (b"Speex   ", "Speex"),
        (b"CELT    ", "CELT"),
        (b"PCM     ", "PCM in Ogg"),
        (b"fLaC", "FLAC in the first form of Ogg"),
        (b"\x01audio\0\0", "an old codec in Ogg"),
    ];
    const NO_SOUND: [&[u8]; 8] = [
        b"\x80theora",
        b"fishead\0",
        b"fisbone\0",
        b"BBCD\0",
        b"OVP80",
        b"\x80kate",
        b"CMML",
        b"\x01video",
    ];
    // The mapping of channels, which decides what they are; symphonia knows the first two.
    if packet.starts_with(b"OpusHead") && packet.get(18).is_some_and(|mapping| *mapping > 1) {
        return Named::Unsupported(format!("Opus with channel mapping {}", packet[18]));
    }
    if SOUND.iter().any(|magic| packet.starts_with(magic)) {
        return Named::Sound;
    }
    if NO_SOUND.iter().any(|magic| packet.starts_with(magic)) {
        return Named::NoSound;
    }
    let known = OTHERS.iter().find(|(magic, _)| packet.starts_with(magic));
    Named::Unsupported(known.map_or_else(
        || "an unknown stream in Ogg".to_owned(),
        |(_, name)| (*name).to_owned(),
    ))
}

/// A page's place and beginning.
struct Page {
    start: u64,
    end: u64,
    is_first: bool,
    /// Up to so many bytes of its content as tell what it is.
    beginning: Vec<u8>,
}

struct Pages<'a> {
    reader: BufReader<&'a mut File>,
    position: u64,
}

impl Pages<'_> {
    /// The next page; what is none is passed over.
    fn next(&mut self) -> io::Result<Option<Page>> {
        if !self.find_marker()? {
            return Ok(None);
        }
        let start = self.position;
        let mut header = [0; HEADER_BYTES];
        let mut table = [0; 255];
        let read = self.read(&mut header)? && self.read(&mut table[..usize::from(header[26])])?;
        if !read {
            return Ok(None);
        }
        let content = table[..usize::from(header[26])]
            .iter()
            .map(|segment| usize::from(*segment))
            .sum::<usize>();
        let begin = self.position;
        let mut beginning = vec![];
        (&mut self.reader)
            .take(content.min(BEGINNING_BYTES) as u64)
            .read_to_end(&mut beginning)?;
        let rest = content - beginning.len();
        self.reader.seek_relative(rest as i64)?;
        self.position = begin + content as u64;
        Ok(Some(Page {
            start,
            end: self.position,
            is_first: header[5] & IS_FIRST != 0,
            beginning,
        }))
    }

    /// Goes to the next marker of a page.
    fn find_marker(&mut self) -> io::Result<bool> {
        loop {
            let here = self.reader.fill_buf()?;
            if here.starts_with(b"OggS\0") {
                return Ok(true);
            }
            if here.len() < 5 {
                // The buffer's end may cut a marker in two.
                let mut next = [0; 5];
                self.reader.seek(SeekFrom::Start(self.position))?;
                if !self.peek(&mut next)? {
                    return Ok(false);
                }
                continue;
            }
            let found = here.windows(5).position(|bytes| bytes == b"OggS\0");
            let step = found.unwrap_or(here.len() - 4).max(1);
            self.reader.consume(step);
            self.position += step as u64;
        }
    }

    /// Whether so many bytes are left; they are, buffered, at the position afterwards.
    fn peek(&mut self, bytes: &mut [u8]) -> io::Result<bool> {
        let read = self.reader.read_exact(bytes).is_ok();
        self.reader.seek(SeekFrom::Start(self.position))?;
        Ok(read)
    }

    fn read(&mut self, bytes: &mut [u8]) -> io::Result<bool> {
        match self.reader.read_exact(bytes) {
            Ok(()) => {
                self.position += bytes.len() as u64;
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn page(flags: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = b"OggS\0".to_vec();
        bytes.push(flags);
        bytes.extend([0; 20]);
        bytes.push(1);
        bytes.push(content.len() as u8);
        bytes.extend(content);
        bytes
    }

    fn scanned(bytes: &[u8]) -> Option<Ogg> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).expect("room");
        scan(&mut file).expect("readable")
    }

    #[test]
    fn links_begin_where_first_pages_follow_others() {
        let link = [
            page(IS_FIRST, b"\x80theora"),
            page(IS_FIRST, b"OpusHead"),
            page(0, &[7; 200]),
            page(4, b"OggT"),
        ]
        .concat();
        let ogg = scanned(&[link.as_slice(), b"OggSnoise", &link].concat()).expect("pages");
        let len = link.len() as u64;
        assert_eq!(ogg.links, [0..len + 9, len + 9..2 * len + 9]);
        assert!(ogg.has_sound && ogg.unsupported.is_none());
    }

    #[test]
    fn a_page_that_is_not_all_there_is_left_out_and_what_is_no_page_cuts_nothing() {
        let whole = [page(IS_FIRST, b"OpusHead"), page(0, &[7; 200])].concat();
        for (behind, is_cut) in [
            (vec![], false),
            (b"TAG of another kind".to_vec(), false),
            (vec![0; 50], false),
            (page(4, &[8; 200])[..227].to_vec(), true),
            (page(4, &[8; 200])[..27].to_vec(), true),
            (b"OggS\0\x04".to_vec(), true),
            (b"Og".to_vec(), true),
        ] {
            let ogg = scanned(&[&whole[..], &behind].concat()).expect("pages");
            let end = whole.len() + if is_cut { 0 } else { behind.len() };
            assert_eq!((ogg.is_cut, ogg.links[0].end), (is_cut, end as u64));
        }
    }

    #[test]
    fn streams_that_are_not_supported_are_named_and_noise_is_none() {
        let speex = scanned(&page(IS_FIRST, b"Speex   1.2")).expect("a page");
        assert_eq!(speex.unsupported.as_deref(), Some("Speex"));
        let discrete =
            scanned(&page(IS_FIRST, b"OpusHead\x01\x06\0\0\x80\xBB\0\0\0\0\xFF")).expect("a page");
        assert_eq!(
            discrete.unsupported.as_deref(),
            Some("Opus with channel mapping 255")
        );
        let film = scanned(&page(IS_FIRST, b"\x80theora")).expect("a page");
        assert!(film.unsupported.is_none() && !film.has_sound);
        for noise in [b"".as_slice(), b"OggS", b"Ogg", &[b'O'; 70_000]] {
            assert!(scanned(noise).is_none());
        }
    }
}
