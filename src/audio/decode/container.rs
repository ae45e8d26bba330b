//! Containers of sound that comes in packets: which one a file is, where the recordings lie in it, and the bytes that a
//! decoder is given of each.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use super::bytes::read_at;
use super::error::{DecodeError, DecodeWarning};
use super::mp4::{self, Movie};
use super::parts::Parts;
use super::{caf, flac, matroska, mpeg, ogg, sniff, trailing_tags};

/// What a file is by its first bytes, as far as its links depend on it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Container {
    Ogg,
    Flac,
    Mpeg,
    Mp4,
    Caf,
    Matroska,
    Other,
}

/// What a file holds.
#[derive(Default)]
pub(super) struct Recordings {
    /// Where they are; those of FLAC come to light as they are opened.
    pub links: VecDeque<Range<u64>>,
    /// The last one stops in the middle.
    pub is_cut: bool,
    /// What lies behind them and is not read.
    pub left_out: Option<DecodeWarning>,
}

/// A recording that is about to be read.
pub(super) struct Entry {
    /// The bytes that hold it.
    pub parts: Parts,
    /// The index of an MP4.
    pub movie: Option<Movie>,
    /// Its title, where the decoder would not find it.
    pub title: Option<String>,
    /// The speakers of its channels, where the decoder would not find them.
    pub speakers: Option<u32>,
}

impl Container {
    /// What the file is. Fails where it is known that nothing of it can be decoded.
    pub fn of(path: &Path, file: &mut File) -> Result<Self, DecodeError> {
        let io_error = |error| DecodeError::from_io(path, &error);
        let name = || path.to_path_buf();
        if sniff::is_mp4(file).map_err(io_error)? {
            return Ok(Self::Mp4);
        }
        let start = sniff::behind_tags(file).map_err(io_error)?;
        let head = read_at(file, start, 8).map_err(io_error)?;
        if head.starts_with(b"fLaC") {
            return Ok(Self::Flac);
        }
        if head.starts_with(b"OggS") {
            return match ogg::scan(file).map_err(io_error)? {
                Some(ogg) if ogg.has_sound => Ok(Self::Ogg),
                Some(ogg::Ogg {
                    unsupported: Some(what),
                    ..
                }) => Err(DecodeError::Unsupported { file: name(), what }),
                Some(_) => Err(DecodeError::NoAudio { file: name() }),
                None => Ok(Self::Other),
            };
        }
        if head.starts_with(b"caff") {
            return Ok(Self::Caf);
        }
        if head.starts_with(b"\x1A\x45\xDF\xA3") {
            return Ok(Self::Matroska);
        }
        let chunked = [b"RIFF", b"FORM"];
        if chunked.iter().any(|magic| head.starts_with(*magic)) {
            return Ok(Self::Other);
        }
        if let Some(what) = mpeg::unsupported_adts(&head) {
            let what = what.to_owned();
            return Err(DecodeError::Unsupported { file: name(), what });
        }
        Ok(Self::Mpeg)
    }

    /// What recordings there are. The file is rewound.
    pub fn recordings(self, file: &mut File) -> io::Result<Recordings> {
        let all = 0..file.metadata()?.len();
        let file_len = all.end;
        let mut found = Recordings::default();
        let left_out_from = |from: Option<u64>| {
            let bytes = file_len.saturating_sub(from?);
            Some(DecodeWarning::LeftOut { bytes })
        };
        match self {
            Self::Ogg => match ogg::scan(file)? {
                Some(ogg) => {
                    found.links = ogg.links.into();
                    found.is_cut = ogg.is_cut;
                }
                None => found.links.push_back(all),
            },
            Self::Mpeg => {
                let mut stretch = trailing_tags::without(file, all)?;
                if sniff::begins_with_ape(file)? {
                    stretch.start = sniff::behind_tags(file)?.min(stretch.end);
                }
                found.links = mpeg::links(file, stretch)?.into();
            }
            Self::Flac => {
                let start = sniff::behind_tags(file)?;
                let stretch = trailing_tags::without(file, start..all.end)?;
                found.links.push_back(stretch);
            }
            Self::Caf => found.links.push_back(0..caf::reach(file)?),
            Self::Mp4 | Self::Matroska => {
                let next = match self {
                    Self::Mp4 => mp4::next_movie(file)?,
                    _ => matroska::next_file(file)?,
                };
                found.left_out = left_out_from(next);
                found.links.push_back(0..next.unwrap_or(file_len));
            }
            Self::Other => found.links.push_back(all),
        }
        Ok(found)
    }

    /// Gets ready to read a stretch of the file. Where it holds another recording behind the first, that is put in front
    /// of `rest`.
    pub fn enter(
        self,
        path: &Path,
        file: &mut File,
        stretch: Range<u64>,
        rest: &mut VecDeque<Range<u64>>,
    ) -> Result<Entry, DecodeError> {
        let io_error = |error| DecodeError::from_io(path, &error);
        let (mut movie, mut title, mut speakers) = (None, None, None);
        let clone = file.try_clone().map_err(io_error)?;
        let parts = match self {
            Self::Mp4 => {
                movie = Movie::read(file).map_err(io_error)?;
                // It has its index at the end, unless it was made for the web: cut short, there is no way in.
                if movie.is_none() {
                    return Err(DecodeError::Damaged {
                        file: path.to_path_buf(),
                        reason: "it is cut short or damaged (its index is missing)".to_owned(),
                    });
                }
                // Another file may follow, up to which the stretch goes.
                let is_whole = stretch.end == file.metadata().map_err(io_error)?.len();
                let reach = mp4::reach(file).map_err(io_error)?;
                match if is_whole { reach } else { stretch.end } {
                    told if told > stretch.end => Parts::claiming(clone, stretch.end, told),
                    // Where its first box is none, the decoder shall say so.
                    0 => Parts::new(clone, vec![], stretch),
                    end => Parts::new(clone, vec![], 0..end),
                }
            }
            Self::Flac => match flac::open(file, stretch.clone()).map_err(io_error)? {
                Some(flac) => {
                    rest_in_front(rest, flac.next, stretch.end);
                    title = flac.title;
                    speakers = flac.speakers;
                    Parts::new(clone, flac.front, flac.frames)
                }
                None => Parts::new(clone, vec![], stretch),
            },
            Self::Matroska => match matroska::reach(file).map_err(io_error)? {
                Some(told) if told > stretch.end => Parts::streamed(clone, stretch.end),
                Some(end) => Parts::new(clone, vec![], 0..end),
                None => Parts::new(clone, vec![], stretch),
            },
            Self::Ogg | Self::Mpeg | Self::Caf | Self::Other => Parts::new(clone, vec![], stretch),
        };
        Ok(Entry {
            parts,
            movie,
            title,
            speakers,
        })
    }
}

/// Puts what follows a recording in front of the others.
fn rest_in_front(rest: &mut VecDeque<Range<u64>>, next: Option<u64>, end: u64) {
    if let Some(next) = next {
        rest.push_front(next..end);
    }
}
