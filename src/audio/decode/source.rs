//! Where the frames of a file come from: plain PCM is read here, everything else comes in packets.

use std::fs::File;
use std::io::{self, Seek};
use std::path::Path;

use super::error::{DecodeError, DecodeWarning};
use super::limits::check_format;
use super::packets::PacketReader;
use super::pcm::{PcmHeader, PcmReader, Scan};
use super::step::{Opened, Step};
use super::{aiff, caf, mp4, quicktime, sniff, wave};
use crate::audio::frames::StreamFormat;

/// Where frames come from.
pub(super) enum Source {
    Pcm(PcmReader),
    Packets(Box<PacketReader>),
}

impl Source {
    /// PCM in a WAV-like container is read here, everything else by symphonia.
    pub fn open(path: &Path, mut file: File) -> Result<Opened<Self>, DecodeError> {
        if let Some(header) = pcm_header(path, &mut file)? {
            let (declared_frames, title) = (header.declared_frames, header.title.clone());
            check_format(
                path,
                StreamFormat {
                    sample_rate_hz: header.sample_rate_hz,
                    layout: header.order.layout,
                },
            )?;
            return Ok(Opened {
                reader: Self::Pcm(PcmReader::new(file, header)),
                declared_frames,
                title,
            });
        }
        sniff::refuse_known_others(path, &mut file)?;
        let opened = PacketReader::open(path, file)?;
        Ok(Opened {
            reader: Self::Packets(Box::new(opened.reader)),
            declared_frames: opened.declared_frames,
            title: opened.title,
        })
    }

    pub fn step(&mut self, interleaved: &mut Vec<f32>) -> Step {
        match self {
            Self::Pcm(reader) => reader.step(interleaved),
            Self::Packets(reader) => reader.step(interleaved),
        }
    }

    pub fn format(&self) -> StreamFormat {
        match self {
            Self::Pcm(reader) => reader.format(),
            Self::Packets(reader) => reader.format(),
        }
    }

    /// Frames by which the declared length may be missed without the file being cut short; nothing where the length is
    /// only a guess.
    pub fn promise_slack_frames(&self) -> Option<u64> {
        match self {
            Self::Pcm(_) => Some(0),
            Self::Packets(reader) => reader.promise_slack_frames(),
        }
    }

    /// What a decoder could not do with a packet, if there was such.
    pub fn unsupported(&self) -> Option<&str> {
        match self {
            Self::Pcm(_) => None,
            Self::Packets(reader) => reader.unsupported(),
        }
    }

    /// Samples the file is sure to hold, where that is known.
    pub fn samples_there(&self) -> usize {
        match self {
            Self::Pcm(reader) => reader.samples_there(),
            Self::Packets(_) => 0,
        }
    }

    pub fn closing_warnings(&self, warnings: &mut Vec<DecodeWarning>) {
        match self {
            Self::Pcm(reader) => reader.closing_warnings(warnings),
            Self::Packets(reader) => reader.closing_warnings(warnings),
        }
    }
}

/// The header of a file of plain PCM; nothing where it is something that symphonia may know.
fn pcm_header(path: &Path, file: &mut File) -> Result<Option<PcmHeader>, DecodeError> {
    let name = || path.to_path_buf();
    let scan = scan_pcm(file).map_err(|error| DecodeError::from_io(path, &error))?;
    match scan {
        Scan::Pcm(header) => Ok(Some(header)),
        Scan::Other => Ok(None),
        Scan::Unsupported(what) => Err(DecodeError::Unsupported { file: name(), what }),
        Scan::NoAudio => Err(DecodeError::NoAudio { file: name() }),
        Scan::NoFormat => Err(DecodeError::Damaged {
            file: name(),
            reason: "the header does not say what the audio is".to_owned(),
        }),
    }
}

/// Asks the readers of headers one after the other. The file is rewound.
fn scan_pcm(file: &mut File) -> io::Result<Scan> {
    let file_len = file.metadata()?.len();
    let mut scan = wave::scan(file)?;
    if matches!(scan, Scan::Other) {
        scan = aiff::scan(file)?;
    }
    if matches!(scan, Scan::Other) {
        scan = caf::scan(file)?;
    }
    if matches!(scan, Scan::Other)
        && sniff::is_mp4(file)?
        && let Some(movie) = mp4::read_movie(file)
    {
        scan = quicktime::scan(&movie, file_len);
    }
    file.rewind()?;
    Ok(scan)
}
