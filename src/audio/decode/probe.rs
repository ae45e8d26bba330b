//! Hands a file to symphonia and turns its refusals into ours.

use std::io;
use std::path::Path;

use symphonia::core::common::Limit;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use super::error::{DecodeError, one_line};
use super::parts::Parts;

/// The most text read from tags; pictures are not wanted at all.
const MAX_TAG_BYTES: usize = 1 << 20;

/// Lets symphonia find the container.
pub(super) fn probe(parts: Parts) -> Result<Box<dyn FormatReader>, Error> {
    let stream = MediaSourceStream::new(Box::new(parts), Default::default());
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
            what: unsupported_reason(what),
        },
        Error::IoError(error) if !is_of_its_bytes(error.kind()) => {
            DecodeError::from_io(path, &error)
        }
        error => DecodeError::Damaged {
            file,
            reason: reason_of(&error),
        },
    }
}

/// Whether an error of reading is what a file says of itself: that it goes on, or that something lies where nothing can.
fn is_of_its_bytes(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(kind, UnexpectedEof | InvalidInput | InvalidData)
}

/// A symphonia error in a few words.
pub(super) fn reason_of(error: &Error) -> String {
    match error {
        Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            "it stops in the middle".to_owned()
        }
        Error::IoError(error) if is_of_its_bytes(error.kind()) => {
            "its structure makes no sense".to_owned()
        }
        Error::IoError(error) => one_line(&error.to_string()),
        Error::DecodeError(what) | Error::LimitError(what) => {
            format!("its data are damaged ({})", one_line(what))
        }
        Error::Unsupported(what) => unsupported_reason(what),
        _ => "its data are damaged".to_owned(),
    }
}

/// What a decoder says it cannot do, in a few words.
pub(super) fn unsupported_reason(what: &str) -> String {
    format!("something in it ({})", one_line(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_cannot_be_is_the_files_fault_and_a_broken_disk_is_not() {
        let refused = |kind: io::ErrorKind| {
            let error = Error::IoError(io::Error::from(kind));
            refusal(Path::new("song.caf"), error).to_string()
        };
        let structure = refused(io::ErrorKind::InvalidInput);
        assert!(
            structure.contains("its structure makes no sense"),
            "{structure}"
        );
        assert!(!structure.contains("disk"), "{structure}");
        let cut = refused(io::ErrorKind::UnexpectedEof);
        assert!(cut.contains("it stops in the middle"), "{cut}");
        let disk = refused(io::ErrorKind::TimedOut);
        assert!(disk.contains("its disk"), "{disk}");
    }
}
