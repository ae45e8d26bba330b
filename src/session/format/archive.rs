//! The zip of a snapshot: the plain subset of the format that every unzip reads, and nothing of the rest.
//!
//! Entries lie back to back from the first byte, named in ASCII, stored or deflated, without extra fields, comments,
//! encryption or zip64. The reader takes exactly that, so entries that overlap, hide, repeat or lie about their size
//! have nowhere to stand; the `zip` crate reads far more than a snapshot may be.

use std::io::{self, Read, Seek, SeekFrom, Write as _};

use flate2::{Compression, Crc, read::DeflateDecoder, write::DeflateEncoder};

use crate::session::format::error::Refusal;

const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
const CENTRAL_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: usize = 22;
/// Version 2.0 of the format: the first with deflate.
const VERSION: u16 = 20;
/// 1 January 1980, the zero of the format: equal data make equal files.
const DATE: u16 = 0x21;
/// Entries of a snapshot are a few dozen at most.
const MAX_ENTRIES: usize = 64;
/// Longest name, with room.
const MAX_NAME_BYTES: usize = 64;

/// How an entry is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As it is: for what is packed already, and for sound, which hardly shrinks.
    Stored,
    /// Deflated, fast.
    Deflated,
}

impl Packing {
    fn method(self) -> u16 {
        match self {
            Self::Stored => 0,
            Self::Deflated => 8,
        }
    }
}

/// What the archive says of an entry.
#[derive(Clone, Debug)]
struct Entry {
    name: String,
    packing: Packing,
    crc: u32,
    packed_bytes: u32,
    bytes: u32,
    offset: u32,
}

impl Entry {
    /// The 26 bytes that local and central headers share, from the version on to the lengths of name and extra.
    fn shared_header(&self) -> Vec<u8> {
        let mut header = Vec::with_capacity(26);
        for short in [VERSION, 0, self.packing.method(), 0, DATE] {
            header.extend_from_slice(&short.to_le_bytes());
        }
        for number in [self.crc, self.packed_bytes, self.bytes] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        header.extend_from_slice(&(self.name.len() as u16).to_le_bytes());
        header.extend_from_slice(&[0, 0]);
        header
    }

    fn local_header(&self) -> Vec<u8> {
        [
            &LOCAL_SIGNATURE[..],
            &self.shared_header(),
            self.name.as_bytes(),
        ]
        .concat()
    }

    fn central_header(&self) -> Vec<u8> {
        let version = VERSION.to_le_bytes();
        let offset = self.offset.to_le_bytes();
        [
            &CENTRAL_SIGNATURE[..],
            &version,
            &self.shared_header(),
            // Comment, disk, attributes: none.
            &[0; 10],
            &offset,
            self.name.as_bytes(),
        ]
        .concat()
    }
}

/// Packs entries one after another.
#[derive(Debug, Default)]
pub struct ArchiveWriter {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl ArchiveWriter {
    /// Adds an entry. The limits of a snapshot keep every size below 4 GiB.
    pub fn add(&mut self, name: &str, content: &[u8], packing: Packing) {
        let mut crc = Crc::new();
        crc.update(content);
        let packed = match packing {
            Packing::Stored => content.to_vec(),
            Packing::Deflated => deflated(content),
        };
        let entry = Entry {
            name: name.to_owned(),
            packing,
            crc: crc.sum(),
            packed_bytes: packed.len() as u32,
            bytes: content.len() as u32,
            offset: self.bytes.len() as u32,
        };
        self.bytes.extend_from_slice(&entry.local_header());
        self.bytes.extend_from_slice(&packed);
        self.entries.push(entry);
    }

    /// The whole file.
    pub fn finish(mut self) -> Vec<u8> {
        let start = self.bytes.len();
        for entry in &self.entries {
            self.bytes.extend_from_slice(&entry.central_header());
        }
        let size = self.bytes.len() - start;
        let count = (self.entries.len() as u16).to_le_bytes();
        self.bytes.extend_from_slice(&END_SIGNATURE);
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&count);
        self.bytes.extend_from_slice(&count);
        self.bytes.extend_from_slice(&(size as u32).to_le_bytes());
        self.bytes.extend_from_slice(&(start as u32).to_le_bytes());
        self.bytes.extend_from_slice(&[0; 2]);
        self.bytes
    }
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder
        .write_all(content)
        .and_then(|()| encoder.finish())
        .expect("writing into memory cannot fail")
}

/// Why an entry or an archive could not be read: by the file system, or because of what is in it.
#[derive(Debug)]
pub enum ReadError {
    /// The file system refused.
    Io(io::Error),
    /// The content is refused.
    Refused(Refusal),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Refusal> for ReadError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// An archive whose directory was read and found sound.
#[derive(Debug)]
pub struct ArchiveReader<R> {
    reader: R,
    entries: Vec<Entry>,
}

impl<R: Read + Seek> ArchiveReader<R> {
    /// Reads the directory. `max_bytes` says how large an entry may be, or that no entry may have this name; all
    /// entries together may unpack to `max_total_bytes`, and the file itself may not be larger either.
    pub fn open(
        mut reader: R,
        max_bytes: impl Fn(&str) -> Option<u64>,
        max_total_bytes: u64,
    ) -> Result<Self, ReadError> {
        let length = reader.seek(SeekFrom::End(0))?;
        if length > max_total_bytes {
            return Err(Refusal::TooLarge(format!("the file has {length} bytes")).into());
        }
        let (directory, start, count) = read_directory(&mut reader, length)?;
        let mut entries: Vec<Entry> = Vec::with_capacity(count);
        let (mut rest, mut offset, mut total) = (&directory[..], 0u64, 0u64);
        for _ in 0..count {
            let (entry, left) = parse_entry(rest)?;
            rest = left;
            if u64::from(entry.offset) != offset {
                return Err(damaged(format!("{} does not lie in its place", entry.name)));
            }
            offset += (LOCAL_BYTES + entry.name.len()) as u64 + u64::from(entry.packed_bytes);
            if entries.iter().any(|other| other.name == entry.name) {
                return Err(damaged(format!("{} is in it twice", entry.name)));
            }
            let allowed = max_bytes(&entry.name)
                .ok_or_else(|| foreign(format!("{:?} has no place in it", entry.name)))?;
            total += u64::from(entry.bytes);
            if u64::from(entry.bytes) > allowed || total > max_total_bytes {
                let Entry { name, bytes, .. } = &entry;
                return Err(Refusal::TooLarge(format!("{name} unpacks to {bytes} bytes")).into());
            }
            entries.push(entry);
        }
        if !rest.is_empty() || offset != start {
            return Err(damaged("its directory does not fit its content".into()));
        }
        Ok(Self { reader, entries })
    }

    /// Names of the entries, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// Unpacks an entry, checked against its size and checksum.
    pub fn read(&mut self, name: &str) -> Result<Vec<u8>, ReadError> {
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.name == name)
            .ok_or_else(|| damaged(format!("{name} is missing")))?;
        self.reader.seek(SeekFrom::Start(entry.offset.into()))?;
        let expected = entry.local_header();
        let mut header = vec![0; expected.len()];
        self.reader.read_exact(&mut header)?;
        if header != expected {
            return Err(damaged(format!("{name} is labelled in two ways")));
        }
        let packed = self.reader.by_ref().take(entry.packed_bytes.into());
        let content = match entry.packing {
            Packing::Stored => unpacked(packed, entry)?,
            Packing::Deflated => {
                let mut decoder = DeflateDecoder::new(packed);
                let content = unpacked(&mut decoder, entry)?;
                if decoder.total_in() != u64::from(entry.packed_bytes) {
                    return Err(damaged(format!("{name} has more packed than it says")));
                }
                content
            }
        };
        let mut crc = Crc::new();
        crc.update(&content);
        if crc.sum() != entry.crc {
            return Err(damaged(format!("the checksum of {name} is wrong")));
        }
        Ok(content)
    }
}

/// All that comes out, which must be what the directory says; one byte more is never made.
fn unpacked(reader: impl Read, entry: &Entry) -> Result<Vec<u8>, ReadError> {
    let bytes = u64::from(entry.bytes);
    let mut content = Vec::with_capacity(bytes.min(1 << 20) as usize);
    let done = reader.take(bytes + 1).read_to_end(&mut content);
    match done {
        Ok(_) if content.len() as u64 == bytes => Ok(content),
        Ok(_) => Err(damaged(format!(
            "{} has another size than it says",
            entry.name
        ))),
        Err(error) if is_damage(&error) => {
            Err(damaged(format!("{} cannot be unpacked", entry.name)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether an error comes from broken deflate data rather than from the file system.
fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}

/// The bytes of the directory, where it starts, and how many entries it has.
fn read_directory(
    reader: &mut (impl Read + Seek),
    length: u64,
) -> Result<(Vec<u8>, u64, usize), ReadError> {
    if length < END_BYTES as u64 {
        return Err(foreign("it is no zip file".into()));
    }
    let mut start = [0; 4];
    reader.seek(SeekFrom::Start(0))?;
    reader.read_exact(&mut start)?;
    let mut end = [0; END_BYTES];
    reader.seek(SeekFrom::Start(length - END_BYTES as u64))?;
    reader.read_exact(&mut end)?;
    if start != LOCAL_SIGNATURE {
        return Err(foreign("it is no zip file".into()));
    }
    if end[..4] != END_SIGNATURE {
        return Err(damaged("its end is missing".into()));
    }
    let [count, size, start] = [short(&end, 10).into(), number(&end, 12), number(&end, 16)];
    let plain = end[4..8] == [0; 4] && end[8..10] == end[10..12] && end[20..] == [0; 2];
    let fits = u64::from(start) + u64::from(size) + END_BYTES as u64 == length;
    let max_size = MAX_ENTRIES * (CENTRAL_BYTES + MAX_NAME_BYTES);
    if !plain || !fits || count as usize > MAX_ENTRIES || size as usize > max_size {
        return Err(damaged("its end does not fit its directory".into()));
    }
    let mut directory = vec![0; size as usize];
    reader.seek(SeekFrom::Start(start.into()))?;
    reader.read_exact(&mut directory)?;
    Ok((directory, start.into(), count as usize))
}

/// An entry of the directory, and the bytes after it. It must read as Abscope would have written it.
fn parse_entry(bytes: &[u8]) -> Result<(Entry, &[u8]), ReadError> {
    let cut = || damaged("its directory is cut".into());
    let (header, rest) = bytes.split_at_checked(CENTRAL_BYTES).ok_or_else(cut)?;
    let (name, rest) = rest
        .split_at_checked(short(header, 28).into())
        .ok_or_else(cut)?;
    if name.len() > MAX_NAME_BYTES || !name.iter().all(u8::is_ascii_graphic) {
        return Err(foreign("a name in it is none of a snapshot's".into()));
    }
    let packing = match short(header, 10) {
        0 => Packing::Stored,
        8 => Packing::Deflated,
        method => return Err(foreign(format!("it is packed by method {method}"))),
    };
    let entry = Entry {
        name: String::from_utf8_lossy(name).into_owned(),
        packing,
        crc: number(header, 16),
        packed_bytes: number(header, 20),
        bytes: number(header, 24),
        offset: number(header, 42),
    };
    let agrees = packing == Packing::Deflated || entry.packed_bytes == entry.bytes;
    if !agrees || entry.central_header() != bytes[..CENTRAL_BYTES + name.len()] {
        return Err(foreign(format!(
            "{} was packed by another program or is damaged",
            entry.name
        )));
    }
    Ok((entry, rest))
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from(short(bytes, at)) | u32::from(short(bytes, at + 2)) << 16
}

fn damaged(why: String) -> ReadError {
    ReadError::Refused(Refusal::Damaged(why))
}

fn foreign(why: String) -> ReadError {
    ReadError::Refused(Refusal::Foreign(why))
}
