//! Plain PCM to 32-bit float, whole blocks at a time: a call per sample costs more than the disk.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::Step;
use super::error::DecodeWarning;
use super::wave::WaveHeader;
use crate::audio::frames::StreamFormat;

/// How a sample is stored, little-endian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Encoding {
    /// Unsigned, 128 is silence.
    U8,
    S16,
    S24,
    S32,
    F32,
    F64,
}

/// Reads the PCM of a file whose header is known.
pub(super) struct PcmReader {
    file: File,
    format: StreamFormat,
    encoding: Encoding,
    data_start: u64,
    /// Bytes of whole frames still to read.
    left: u64,
    started: bool,
    unfinished_header: bool,
    bytes: Vec<u8>,
}

/// Bytes read at a time: stays in the second-level cache together with the floats made from it.
const CHUNK_BYTES: usize = 128 << 10;

impl PcmReader {
    pub fn new(file: File, header: &WaveHeader) -> Self {
        let format = StreamFormat {
            sample_rate_hz: header.sample_rate_hz,
            layout: header.layout,
        };
        let frame_bytes = format.layout.count() * header.encoding.bytes();
        Self {
            file,
            format,
            encoding: header.encoding,
            data_start: header.data_start,
            left: header.data_len - header.data_len % frame_bytes as u64,
            started: false,
            unfinished_header: header.unfinished,
            bytes: vec![0; (CHUNK_BYTES / frame_bytes).max(1) * frame_bytes],
        }
    }

    pub fn format(&self) -> StreamFormat {
        self.format
    }

    /// Appends the next chunk.
    pub fn step(&mut self, interleaved: &mut Vec<f32>) -> Step {
        if !self.started {
            self.started = true;
            if let Err(error) = self.file.seek(SeekFrom::Start(self.data_start)) {
                return Step::Broken(error.to_string());
            }
        }
        let wanted = self.left.min(self.bytes.len() as u64) as usize;
        if wanted == 0 {
            return Step::End;
        }
        let (got, error) = read_full(&mut self.file, &mut self.bytes[..wanted]);
        self.left -= wanted as u64;
        self.encoding.append(&self.bytes[..got], interleaved);
        match error {
            Some(reason) => Step::Broken(reason),
            None if got < wanted => Step::Broken("the file became shorter".to_owned()),
            None => Step::Frames,
        }
    }

    pub fn closing_warnings(&self, warnings: &mut Vec<DecodeWarning>) {
        if self.unfinished_header {
            warnings.push(DecodeWarning::UnfinishedHeader);
        }
    }
}

impl Encoding {
    /// Bytes a sample takes in the file.
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::S16 => 2,
            Self::S24 => 3,
            Self::S32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Appends whole samples as floats; a part of a sample at the end is dropped. Exact but for 32-bit integers and
    /// 64-bit floats, which are rounded to the nearest 32-bit float.
    fn append(self, bytes: &[u8], out: &mut Vec<f32>) {
        const TO_8: f32 = 1.0 / 128.0;
        const TO_16: f32 = 1.0 / 32_768.0;
        const TO_32: f32 = 1.0 / 2_147_483_648.0;
        match self {
            Self::U8 => out.extend(bytes.iter().map(|&b| (f32::from(b) - 128.0) * TO_8)),
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
