//! What can go wrong with a file, each in one line a person can act on: what, which file, why, what to do.

use crate::units::plain::is_hidden;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file gave no audio at all. A file that gives some audio is decoded, and has [`DecodeWarning`]s instead.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Nothing has this name.
    #[error("cannot open {}: there is no such file; check the name and the folder", shown(.file))]
    NotFound {
        /// The file asked for.
        file: PathBuf,
    },
    /// The system refuses to read it.
    #[error("cannot read {}: {reason}; check its permissions and its disk", shown(.file))]
    NotReadable {
        /// The file asked for.
        file: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A pipe, a device or a socket: it has no length, and reading it could wait for ever.
    #[error("cannot read {}: it is a pipe or a device, not a file; write its sound into a file and name that", shown(.file))]
    NotAFile {
        /// The name asked for.
        file: PathBuf,
    },
    /// A folder, where a file is wanted.
    #[error("cannot read {}: it is a folder; name the audio files in it", shown(.file))]
    IsFolder {
        /// The folder.
        file: PathBuf,
    },
    /// A file of no bytes.
    #[error("cannot read {}: the file is empty; export or copy it again", shown(.file))]
    Empty {
        /// The file asked for.
        file: PathBuf,
    },
    /// Its content is no audio format known here.
    #[error("cannot read {}: it is not an audio file; give a WAV, AIFF, FLAC, MP3, AAC, Ogg or Opus file", shown(.file))]
    NotAudio {
        /// The file asked for.
        file: PathBuf,
    },
    /// Audio, in a container or a codec that is not supported.
    #[error("cannot decode {}: {what} is not supported; convert it to WAV or FLAC", shown(.file))]
    Unsupported {
        /// The file asked for.
        file: PathBuf,
        /// The container, codec or feature.
        what: String,
    },
    /// A sample rate outside [`MIN_RATE_HZ`](super::MIN_RATE_HZ) … [`MAX_RATE_HZ`](super::MAX_RATE_HZ).
    #[error("cannot use {}: its sample rate of {rate_hz} Hz is outside 4 kHz to 768 kHz; convert it to 48 kHz", shown(.file))]
    UnsupportedRate {
        /// The file asked for.
        file: PathBuf,
        /// Frames per second, as the file says.
        rate_hz: u32,
    },
    /// No channels, or more than [`MAX_CHANNELS`](super::MAX_CHANNELS).
    #[error("cannot use {}: it has {channels} channels, 1 to 64 are possible; convert it to stereo or 5.1", shown(.file))]
    UnsupportedChannels {
        /// The file asked for.
        file: PathBuf,
        /// Samples in a frame, as the file says.
        channels: usize,
    },
    /// A sound container with no sound in it.
    #[error("cannot use {}: it holds no audio; choose another file or export it again", shown(.file))]
    NoAudio {
        /// The file asked for.
        file: PathBuf,
    },
    /// Recognised, but damaged before the first frame.
    #[error("cannot decode {}: {reason}, and nothing could be decoded; export or copy it again", shown(.file))]
    Damaged {
        /// The file asked for.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl DecodeError {
    /// What the system's error means for this file.
    pub(super) fn from_io(file: &Path, error: &io::Error) -> Self {
        let file = file.to_path_buf();
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound { file },
            io::ErrorKind::IsADirectory => Self::IsFolder { file },
            io::ErrorKind::PermissionDenied => Self::NotReadable {
                file,
                reason: "permission denied".to_owned(),
            },
            _ => Self::NotReadable {
                file,
                reason: one_line(&error.to_string()),
            },
        }
    }
}

/// What is wrong with a file that was decoded all the same. Positions are frames of the decoded stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeWarning {
    /// The file promises more than it holds.
    #[error(
        "the file is cut short or damaged: {decoded_frames} of {declared_frames} frames are there; export or copy it again"
    )]
    Truncated {
        /// Frames that arrived.
        decoded_frames: u64,
        /// Frames the header promises.
        declared_frames: u64,
    },
    /// The file ends in the middle of something, and does not say how long it should have been.
    #[error(
        "the file ends too early ({reason}): {decoded_frames} frames are there; export or copy it again"
    )]
    EndsEarly {
        /// Frames that arrived.
        decoded_frames: u64,
        /// What the decoder missed.
        reason: String,
    },
    /// The header was never completed, as when a recorder crashed; everything behind it was taken as audio.
    #[error("the header does not say how long the audio is; everything behind it was read")]
    UnfinishedHeader,
    /// What lies behind the sound and no header speaks of: more sound than a header knows, or another file.
    #[error(
        "the last {bytes} bytes were left out: the header does not speak of them, or they are another file; export it again to have all of it"
    )]
    LeftOut {
        /// How many.
        bytes: u64,
    },
    /// Packets that do not decode; silence of their length is in their place, where their length is known.
    #[error("damaged packets: {packets}, replaced by silence, the first at frame {first_frame}")]
    SkippedPackets {
        /// How many.
        packets: u64,
        /// Frames decoded before the first of them.
        first_frame: u64,
    },
    /// Samples that are not numbers (NaN) or infinite, taken as silence.
    #[error("{samples} samples are not numbers and were taken as silence")]
    NotNumbers {
        /// How many, over all channels.
        samples: u64,
    },
    /// Rate or channels change inside the file.
    #[error("the format changes at frame {frame}; what follows was left out")]
    FormatChanges {
        /// Frames decoded before the change.
        frame: u64,
    },
    /// Longer than [`decode_all`](super::decode_all) keeps in memory.
    #[error("only the first {frames} frames were kept; the file is longer")]
    TooLong {
        /// Frames kept.
        frames: u64,
    },
}

/// A file's name on one line, whatever is in it.
pub(super) fn shown(file: &Path) -> String {
    one_line(&file.display().to_string())
}

/// Text without line breaks and other control characters.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if is_hidden(c) { '\u{fffd}' } else { c })
        .collect()
}
