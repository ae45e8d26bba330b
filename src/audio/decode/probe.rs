//! Hands a file to symphonia and turns its refusals into ours.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use symphonia::core::common::Limit;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;

use super::error::{DecodeError, one_line};

/// The most text read from tags; pictures are not wanted at all.
const MAX_TAG_BYTES: usize = 1 << 20;

/// A file that claims its promised length. Where an MP4's sound goes past the end of the file, symphonia leaves all of
/// it out; believing that the rest is there, it reads up to the true end.
struct CutShort {
    file: File,
    promised_len: u64,
}

impl Read for CutShort {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Seek for CutShort {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file.seek(match position {
            SeekFrom::End(offset) => {
                SeekFrom::Start(self.promised_len.saturating_add_signed(offset))
            }
            other => other,
        })
    }
}

impl MediaSource for CutShort {
    fn is_seekable(&self) -> bool {
        true
    }

    /// Not told, which keeps symphonia from looking for tags behind the end.
    fn byte_len(&self) -> Option<u64> {
        None
    }
}

/// Lets symphonia find the container.
pub(super) fn probe(file: File, promised_len: Option<u64>) -> Result<Box<dyn FormatReader>, Error> {
    let source: Box<dyn MediaSource> = match promised_len {
        Some(promised_len) => Box::new(CutShort { file, promised_len }),
        None => Box::new(file),
    };
    let stream = MediaSourceStream::new(source, Default::default());
    let metadata = MetadataOptions::default()
        .limit_tag_bytes(Limit::Maximum(MAX_TAG_BYTES))
        .limit_visual_bytes(Limit::Maximum(0));
    symphonia::default::get_probe().probe(&Hint::new(), stream, FormatOptions::default(), metadata)
}

/// Why a container could not be opened, as the caller's error.
pub(super) fn refusal(path: &Path, error: Error) -> DecodeError {
    let file = path.to_path_buf();
    match error {
        Error::Unsupported("core (probe): no suitable format reader found") => {
            DecodeError::NotAudio { file }
        }
        // An MP4 has its index at the end, unless it was made for the web: cut short, there is no way in.
        Error::Unsupported(what) if what.contains("missing") => DecodeError::Damaged {
            file,
            reason: format!("it is cut short or damaged ({})", one_line(what)),
        },
        Error::Unsupported(what) => DecodeError::Unsupported {
            file,
            what: one_line(what),
        },
        Error::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            DecodeError::from_io(path, &error)
        }
        error => DecodeError::Damaged {
            file,
            reason: reason_of(&error),
        },
    }
}

/// A symphonia error in a few words.
pub(super) fn reason_of(error: &Error) -> String {
    match error {
        Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            "it stops in the middle".to_owned()
        }
        Error::IoError(error) => one_line(&error.to_string()),
        Error::DecodeError(what) | Error::Unsupported(what) | Error::LimitError(what) => {
            format!("its data are damaged ({})", one_line(what))
        }
        _ => "its data are damaged".to_owned(),
    }
}
