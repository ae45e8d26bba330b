//! Audio files become interleaved 32-bit frames: what a reference is before it is analysed.
//!
//! Plain PCM (WAV, RF64, Wave64, AIFF, CAF, QuickTime) is read here, since it must cost next to nothing; everything else is unpacked
//! by symphonia, libopus (Opus) and lewton (surround Vorbis). Positions are trustworthy: encoder delay and padding are trimmed, so that frame n
//! is the n-th frame that went into the encoder. No header is believed: what a file declares is only its `declared`
//! length, memory follows what is really there, and a damaged file yields what it holds together with a warning.

mod aac;
mod aiff;
mod apple_layout;
mod boxes;
mod bytes;
mod caf;
mod channels;
mod codecs;
mod container;
mod edits;
mod error;
mod flac;
mod g711;
mod kept;
mod lengths;
mod limits;
mod link;
mod losses;
mod matroska;
mod matroska_tracks;
mod mp4;
mod mpeg;
mod ogg;
mod opus;
mod packets;
mod parts;
mod pcm;
mod probe;
mod quicktime;
#[cfg(test)]
mod reported;
mod sniff;
mod source;
mod step;
mod tags;
mod trailing_tags;
mod vorbis;
mod wave;

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crate::audio::frames::StreamFormat;
use crate::units::plain::plain;

pub use error::{DecodeError, DecodeWarning};
use limits::check_format;
pub use limits::{MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ};
use source::Source;
use step::Step;

/// The most samples, over all channels, that [`decode_all`] keeps: 4 GiB, three hours of stereo at 48 kHz.
pub const MAX_SAMPLES_IN_MEMORY: usize = 1 << 30;

/// A stream of interleaved frames from a file.
///
/// Samples are linear, full scale is ±1.0 and float or lossy formats may exceed it. 5.1 comes as L R C LFE Ls Rs,
/// whatever order the format stores. A second of stereo takes well under a millisecond of a core for PCM.
pub struct FileDecoder {
    source: Source,
    format: StreamFormat,
    declared_frames: Option<u64>,
    title: Option<String>,
    /// The first chunk, decoded by `open` to learn the true format.
    first: Vec<f32>,
    /// Frames that arrived, the first chunk included.
    decoded_frames: u64,
    not_numbers: u64,
    ended: bool,
    warnings: Vec<DecodeWarning>,
}

/// A whole file in memory.
#[derive(Clone, Debug)]
pub struct DecodedFile {
    /// Rate and channels.
    pub format: StreamFormat,
    /// Interleaved: `samples[frame * channels + channel]`, full scale is ±1.0.
    pub samples: Vec<f32>,
    /// What was wrong with the file, if anything.
    pub warnings: Vec<DecodeWarning>,
    /// "Artist - Title", where the file has tags.
    pub title: Option<String>,
}

impl DecodedFile {
    /// Frames in the file.
    pub fn frames(&self) -> usize {
        self.samples.len() / self.format.layout.count()
    }
}

impl FileDecoder {
    /// Opens a file and decodes its beginning, so that a file that gives nothing fails here and not later.
    pub fn open(path: &Path) -> Result<Self, DecodeError> {
        let file = open_regular(path)?;
        let mut opened = guarded(|| Source::open(path, file)).unwrap_or_else(|reason| {
            Err(DecodeError::Damaged {
                file: path.to_path_buf(),
                reason,
            })
        })?;
        let mut first = Vec::new();
        let step = guarded(|| opened.reader.step(&mut first)).unwrap_or_else(Step::Broken);
        let format = opened.reader.format();
        if !first.is_empty() {
            check_format(path, format)?;
        }
        let mut decoder = Self {
            source: opened.reader,
            format,
            declared_frames: opened.declared_frames,
            title: opened.title,
            first: Vec::new(),
            decoded_frames: 0,
            not_numbers: 0,
            ended: false,
            warnings: Vec::new(),
        };
        decoder.accept(step, &mut first);
        if first.is_empty() {
            return Err(decoder.nothing_decoded(path));
        }
        decoder.first = first;
        Ok(decoder)
    }

    /// Rate and channels.
    pub fn format(&self) -> StreamFormat {
        self.format
    }

    /// The length the file promises, in frames, for progress only: fewer or more may arrive.
    pub fn declared_frames(&self) -> Option<u64> {
        self.declared_frames
    }

    /// Replaces what is in `interleaved` with the next frames, some thousand at a time. False at the end, with
    /// `interleaved` empty. Damage after the first frame ends the stream or skips a part of it, with a warning.
    pub fn read(&mut self, interleaved: &mut Vec<f32>) -> Result<bool, DecodeError> {
        interleaved.clear();
        if !self.first.is_empty() {
            std::mem::swap(interleaved, &mut self.first);
            // The first chunk's buffer would otherwise stay for as long as the decoder.
            self.first = Vec::new();
            return Ok(true);
        }
        if self.ended {
            return Ok(false);
        }
        let step = guarded(|| self.source.step(interleaved)).unwrap_or_else(Step::Broken);
        self.accept(step, interleaved);
        Ok(!interleaved.is_empty())
    }

    /// What was wrong with the file so far; complete once [`read`](Self::read) has returned false.
    pub fn warnings(&self) -> &[DecodeWarning] {
        &self.warnings
    }

    /// "Artist - Title" from the tags, or the title alone, or nothing.
    pub fn title(&self) -> Option<String> {
        self.title.as_deref().map(|title| plain(title).into_owned())
    }

    /// Counts what a step brought, and closes the books where it was the last.
    fn accept(&mut self, step: Step, interleaved: &mut Vec<f32>) {
        let channels = self.format.layout.count();
        interleaved.truncate(interleaved.len() / channels * channels);
        self.not_numbers += silence_not_numbers(interleaved);
        self.decoded_frames += (interleaved.len() / channels) as u64;
        match step {
            Step::Frames if !interleaved.is_empty() => return,
            Step::Frames | Step::End => self.warn_if_short(None),
            Step::Broken(reason) => self.warn_if_short(Some(reason)),
            Step::FormatChanges => self.warnings.push(DecodeWarning::FormatChanges {
                frame: self.decoded_frames,
            }),
        }
        self.ended = true;
        self.source.closing_warnings(&mut self.warnings);
        if self.not_numbers > 0 {
            self.warnings.push(DecodeWarning::NotNumbers {
                samples: self.not_numbers,
            });
        }
    }

    /// The end came: was it the one the file promised?
    fn warn_if_short(&mut self, broken: Option<String>) {
        let decoded_frames = self.decoded_frames;
        let missing = self
            .declared_frames
            .map_or(0, |declared| declared.saturating_sub(decoded_frames));
        let promised = self
            .source
            .promise_slack_frames()
            .is_some_and(|slack| missing > slack);
        match (self.declared_frames, broken) {
            (Some(declared_frames), _) if promised => {
                self.warnings.push(DecodeWarning::Truncated {
                    decoded_frames,
                    declared_frames,
                });
            }
            (_, Some(reason)) => self.warnings.push(DecodeWarning::EndsEarly {
                decoded_frames,
                reason,
            }),
            _ => {}
        }
    }

    /// Why there is not a single frame.
    fn nothing_decoded(self, path: &Path) -> DecodeError {
        let file = path.to_path_buf();
        if let Some(what) = self.source.unsupported() {
            let what = what.to_owned();
            return DecodeError::Unsupported { file, what };
        }
        match self.warnings.into_iter().next() {
            None => DecodeError::NoAudio { file },
            Some(DecodeWarning::EndsEarly { reason, .. }) => DecodeError::Damaged { file, reason },
            Some(DecodeWarning::SkippedPackets { .. }) => DecodeError::Damaged {
                file,
                reason: "all its packets are damaged".to_owned(),
            },
            Some(_) => DecodeError::Damaged {
                file,
                reason: "the file is cut short".to_owned(),
            },
        }
    }
}

/// Decodes a whole file into memory, at most [`MAX_SAMPLES_IN_MEMORY`] samples of it.
pub fn decode_all(path: &Path) -> Result<DecodedFile, DecodeError> {
    let mut decoder = FileDecoder::open(path)?;
    let format = decoder.format();
    let channels = format.layout.count();
    let limit = MAX_SAMPLES_IN_MEMORY / channels * channels;
    // Only bytes that are there make room for samples; growing by doubling would copy hundreds of megabytes.
    let mut samples = Vec::with_capacity(decoder.source.samples_there().min(limit));
    let mut chunk = Vec::new();
    let mut too_long = false;
    while !too_long && decoder.read(&mut chunk)? {
        let fitting = chunk.len().min(limit - samples.len());
        too_long = fitting < chunk.len();
        samples.extend_from_slice(&chunk[..fitting]);
    }
    let mut warnings = decoder.warnings().to_vec();
    if too_long {
        warnings.push(DecodeWarning::TooLong {
            frames: (samples.len() / channels) as u64,
        });
    }
    Ok(DecodedFile {
        format,
        samples,
        warnings,
        title: decoder.title(),
    })
}

/// Opens only what has an end: reading a pipe or a device would wait for ever.
fn open_regular(path: &Path) -> Result<File, DecodeError> {
    let file_name = || -> PathBuf { path.to_path_buf() };
    let metadata = std::fs::metadata(path).map_err(|error| DecodeError::from_io(path, &error))?;
    if metadata.is_dir() {
        return Err(DecodeError::IsFolder { file: file_name() });
    }
    if !metadata.is_file() {
        return Err(DecodeError::NotAFile { file: file_name() });
    }
    let file = File::open(path).map_err(|error| DecodeError::from_io(path, &error))?;
    if metadata.len() == 0 {
        return Err(DecodeError::Empty { file: file_name() });
    }
    Ok(file)
}

/// Runs code that reads untrusted bytes. A panic in a parser is a damaged file, never the end of the program.
fn guarded<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|_| "its structure makes no sense".to_owned())
}

/// Replaces NaN and infinities by zero, so that no meter ever sees them; returns how many there were.
fn silence_not_numbers(samples: &mut [f32]) -> u64 {
    // Without an early exit this is vectorised: nearly every chunk is free of them.
    if !samples
        .iter()
        .fold(false, |found, sample| found | !sample.is_finite())
    {
        return 0;
    }
    let mut count = 0;
    for sample in samples.iter_mut().filter(|sample| !sample.is_finite()) {
        *sample = 0.0;
        count += 1;
    }
    count
}
