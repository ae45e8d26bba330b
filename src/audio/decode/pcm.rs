//! Plain PCM to 32-bit float, whole blocks at a time: a call per sample costs more than the disk.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use super::channels::ChannelOrder;
use super::error::DecodeWarning;
use super::g711;
use super::step::Step;
use crate::audio::frames::StreamFormat;

/// Where the PCM lies in a file, and what it means; what the readers of WAV, AIFF, CAF and QuickTime headers find out.
pub(super) struct PcmHeader {
    pub sample_rate_hz: u32,
    pub order: ChannelOrder,
    pub encoding: Encoding,
    pub big_endian: bool,
    /// Where the frames are that are really there, bytes from the beginning of the file, in the order of time. A part
    /// of a frame at the end of a region is dropped.
    pub regions: Vec<Range<u64>>,
    /// Frames the header promises, where it promises any.
    pub declared_frames: Option<u64>,
    /// What the header alone shows to be wrong.
    pub warnings: Vec<DecodeWarning>,
    pub title: Option<String>,
}

/// What the reader of a container's header finds.
pub(super) enum Scan {
    Pcm(PcmHeader),
    /// Another container, or a codec in this one that symphonia may know.
    Other,
    /// A codec known by name that nothing here decodes.
    Unsupported(String),
    /// The container, but no audio in it.
    NoAudio,
    /// Audio without a description.
    NoFormat,
}

/// How a sample is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Encoding {
    /// Unsigned, 128 is silence.
    U8,
    S8,
    S16,
    S24,
    S32,
    F32,
    F64,
    MuLaw,
    ALaw,
}

/// Reads the PCM of a file whose header is known.
pub(super) struct PcmReader {
    file: File,
    format: StreamFormat,
    order: ChannelOrder,
    encoding: Encoding,
    big_endian: bool,
    /// Whole frames still to read, the last region first.
    regions: Vec<Range<u64>>,
    samples_there: usize,
    warnings: Vec<DecodeWarning>,
    bytes: Vec<u8>,
}

/// Bytes read at a time: stays in the second-level cache together with the floats made from it.
const CHUNK_BYTES: usize = 128 << 10;

impl PcmReader {
    pub fn new(file: File, header: PcmHeader) -> Self {
        let format = StreamFormat {
            sample_rate_hz: header.sample_rate_hz,
            layout: header.order.layout,
        };
        let frame_bytes = format.layout.count() * header.encoding.bytes();
        let whole = |region: &Range<u64>| {
            let len = region.end.saturating_sub(region.start);
            region.start..region.start + (len - len % frame_bytes as u64)
        };
        let regions: Vec<_> = header.regions.iter().rev().map(whole).collect();
        let bytes: u64 = regions.iter().map(|region| region.end - region.start).sum();
        Self {
            file,
            format,
            order: header.order,
            encoding: header.encoding,
            big_endian: header.big_endian,
            regions,
            samples_there: usize::try_from(bytes / header.encoding.bytes() as u64).unwrap_or(0),
            warnings: header.warnings,
            bytes: vec![0; (CHUNK_BYTES / frame_bytes).max(1) * frame_bytes],
        }
    }

    pub fn format(&self) -> StreamFormat {
        self.format
    }

    /// Samples in the file, over all channels.
    pub fn samples_there(&self) -> usize {
        self.samples_there
    }

    /// Appends the next chunk.
    pub fn step(&mut self, interleaved: &mut Vec<f32>) -> Step {
        let (got, error) = self.fill();
        if self.big_endian {
            self.bytes[..got]
                .chunks_exact_mut(self.encoding.bytes())
                .for_each(<[u8]>::reverse);
        }
        let start = interleaved.len();
        self.encoding.append(&self.bytes[..got], interleaved);
        self.order.apply(&mut interleaved[start..]);
        match error {
            Some(reason) => Step::Broken(reason),
            None if got == 0 => Step::End,
            None => Step::Frames,
        }
    }

    /// Fills the buffer from as many regions as it takes, and says how far; an error comes with what was read before it.
    fn fill(&mut self) -> (usize, Option<String>) {
        let mut got = 0;
        while got < self.bytes.len() {
            let Some(region) = self.regions.last_mut() else {
                break;
            };
            if let Err(error) = self.file.seek(SeekFrom::Start(region.start)) {
                return (got, Some(error.to_string()));
            }
            let room = (self.bytes.len() - got) as u64;
            let wanted = (region.end - region.start).min(room) as usize;
            let (here, error) = read_full(&mut self.file, &mut self.bytes[got..got + wanted]);
            got += here;
            region.start += wanted as u64;
            if region.is_empty() {
                self.regions.pop();
            }
            if error.is_some() {
                return (got, error);
            }
            if here < wanted {
                return (got, Some("the file became shorter".to_owned()));
            }
        }
        (got, None)
    }

    pub fn closing_warnings(&self, warnings: &mut Vec<DecodeWarning>) {
        warnings.extend_from_slice(&self.warnings);
    }
}

impl Encoding {
    /// Bytes a sample takes in the file.
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::S8 | Self::MuLaw | Self::ALaw => 1,
            Self::S16 => 2,
            Self::S24 => 3,
            Self::S32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Integers of so many bytes, signed.
    pub fn signed(bytes: u16) -> Option<Self> {
        match bytes {
            1 => Some(Self::S8),
            2 => Some(Self::S16),
            3 => Some(Self::S24),
            4 => Some(Self::S32),
            _ => None,
        }
    }

    /// Floats of so many bytes.
    pub fn float(bytes: u16) -> Option<Self> {
        match bytes {
            4 => Some(Self::F32),
            8 => Some(Self::F64),
            _ => None,
        }
    }

    /// Appends whole little-endian samples as floats; a part of a sample at the end is dropped. Exact but for 32-bit integers and
    /// 64-bit floats, which are rounded to the nearest 32-bit float.
    fn append(self, bytes: &[u8], out: &mut Vec<f32>) {
        const TO_8: f32 = 1.0 / 128.0;
        const TO_16: f32 = 1.0 / 32_768.0;
        const TO_32: f32 = 1.0 / 2_147_483_648.0;
        match self {
            Self::U8 => out.extend(bytes.iter().map(|&b| (f32::from(b) - 128.0) * TO_8)),
            Self::S8 => out.extend(bytes.iter().map(|&b| f32::from(b.cast_signed()) * TO_8)),
            Self::MuLaw => out.extend(bytes.iter().map(|&b| g711::from_mu_law(b) * TO_16)),
            Self::ALaw => out.extend(bytes.iter().map(|&b| g711::from_a_law(b) * TO_16)),
            Self::S16 => out.extend(
                bytes
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .map(|&b| f32::from(i16::from_le_bytes(b)) * TO_16),
            ),
            Self::S24 => out.extend(
                bytes
                    .as_chunks::<3>()
                    .0
                    .iter()
                    .map(|&[a, b, c]| i32::from_le_bytes([0, a, b, c]) as f32 * TO_32),
            ),
            Self::S32 => out.extend(
                bytes
                    .as_chunks::<4>()
                    .0
                    .iter()
                    .map(|&b| i32::from_le_bytes(b) as f32 * TO_32),
            ),
            Self::F32 => out.extend(
                bytes
                    .as_chunks::<4>()
                    .0
                    .iter()
                    .map(|&b| f32::from_le_bytes(b)),
            ),
            Self::F64 => out.extend(
                bytes
                    .as_chunks::<8>()
                    .0
                    .iter()
                    .map(|&b| f64::from_le_bytes(b) as f32),
            ),
        }
    }
}

/// Fills the buffer as far as the file goes; an error comes with what was read before it.
fn read_full(file: &mut File, buffer: &mut [u8]) -> (usize, Option<String>) {
    let mut got = 0;
    while got < buffer.len() {
        match file.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return (got, Some(error.to_string())),
        }
    }
    (got, None)
}
