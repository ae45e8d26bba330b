//! What a saved picture says about itself: figures and settings as JSON in an `iTXt` chunk of the PNG.
//!
//! The reader trusts nothing: a picture comes by mail, from a phone, through a chat that has cut it short. It looks at
//! chunk after chunk, holds none but the one it looks for, and gives a reason for what it refuses.

use crate::units::plain::is_hidden;
use std::io::Read;

use flate2::Crc;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Keyword of the chunk.
pub const KEYWORD: &str = "Abscope";
/// Schema written now.
pub const SCHEMA: u64 = 1;

/// Text longer than this is not ours.
const MOST_TEXT_BYTES: u32 = 256 * 1024;
/// Names longer than this are not ours.
const MOST_NAME_CHARS: usize = 1024;
/// A PNG is an image, not an archive: chunks and bytes after which the search ends.
const MOST_CHUNKS: usize = 100_000;
const MOST_FILE_BYTES: u64 = 1 << 30;
const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];

/// The figures and settings of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureMetadata {
    /// [`SCHEMA`].
    pub schema: u64,
    /// Version of Abscope that drew it.
    pub app_version: String,
    /// Seconds since 1970, UTC.
    pub created_unix_secs: i64,
    /// The same in the place's own time, as a person reads it.
    pub created: String,
    /// Song.
    pub song: String,
    /// Name of the snapshot that was shown, if it was one.
    pub snapshot: Option<String>,
    /// Mix time at the right edge, in seconds.
    pub at_secs: f64,
    /// First and last bar of the song in the picture, as people count, where a DAW told them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bars: Option<[i64; 2]>,
    /// Side A.
    pub mix: PictureSide,
    /// Side B, where one was open.
    pub reference: Option<PictureSide>,
    /// Gain on the reference that matched its loudness to the mix, in dB; none where it was off or unknown.
    pub match_gain_db: Option<f64>,
    /// Where the mix lay in the reference, if it is the same song.
    pub alignment: Option<PictureAlignment>,
    /// The looks of the view, an object.
    pub settings: Value,
}

/// The figures of a side, each none where it did not exist.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureSide {
    /// Device or file.
    pub source: String,
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Momentary loudness.
    pub momentary_lufs: Option<f64>,
    /// Short-term loudness.
    pub short_term_lufs: Option<f64>,
    /// Integrated loudness.
    pub integrated_lufs: Option<f64>,
    /// Loudness range.
    pub range_lu: Option<f64>,
    /// True peak.
    pub true_peak_dbtp: Option<f64>,
    /// True peak above integrated loudness.
    pub plr_lu: Option<f64>,
    /// True peak above short-term loudness.
    pub psr_lu: Option<f64>,
    /// Correlation of left and right.
    pub correlation: Option<f64>,
}

/// The place of the mix in the reference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureAlignment {
    /// Reference time under mix time 0.
    pub offset_secs: f64,
    /// 0 … 1.
    pub confidence: f64,
}

/// Why a file has no figures to show: one line.
#[derive(Debug, thiserror::Error)]
pub enum MetadataError {
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Another kind of file.
    #[error("it is no PNG")]
    NotPng,
    /// A PNG of another program, or one that lost its words on the way.
    #[error("it holds no figures of Abscope; a chat or an editor may have removed them")]
    Foreign,
    /// Words that are not as they were written.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// More than any picture of Abscope holds.
    #[error("it holds more than a picture of Abscope does: {0}")]
    TooLarge(&'static str),
    /// Of a later version.
    #[error("made by a newer Abscope (schema {0}); update to read it")]
    Newer(u64),
}

impl PictureMetadata {
    /// As the text of the chunk.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("plain data become JSON")
    }

    /// From the text of the chunk.
    pub fn from_text(text: &str) -> Result<Self, MetadataError> {
        #[derive(Deserialize)]
        struct Head {
            schema: u64,
        }
        let damaged = |error: serde_json::Error| MetadataError::Damaged(error.to_string());
        // First, for the rest of a newer one may look different.
        let head: Head = serde_json::from_str(text).map_err(damaged)?;
        if head.schema > SCHEMA {
            return Err(MetadataError::Newer(head.schema));
        }
        if head.schema == 0 {
            return Err(MetadataError::Damaged("there is no schema 0".to_owned()));
        }
        let read: Self = serde_json::from_str(text).map_err(damaged)?;
        read.checked()
    }

    /// Reads the figures of a PNG.
    pub fn read(file: &mut impl Read) -> Result<Self, MetadataError> {
        let mut file = file.take(MOST_FILE_BYTES);
        let mut signature = [0; 8];
        file.read_exact(&mut signature)
            .map_err(|_| MetadataError::NotPng)?;
        if signature != SIGNATURE {
            return Err(MetadataError::NotPng);
        }
        for number in 0..MOST_CHUNKS {
            let chunk = Chunk::read(&mut file)?;
            match (&chunk.kind, number) {
                (b"IHDR", 0) => {}
                (_, 0) => return Err(MetadataError::NotPng),
                (b"IEND", _) => return Err(MetadataError::Foreign),
                (b"iTXt", _) => {
                    if let Some(text) = our_text(&chunk.data)? {
                        return Self::from_text(text);
                    }
                }
                _ => {}
            }
        }
        Err(MetadataError::TooLarge("too many chunks"))
    }

    fn checked(self) -> Result<Self, MetadataError> {
        let sides = [Some(&self.mix), self.reference.as_ref()];
        let sources = sides.into_iter().flatten().map(|side| &side.source);
        let names = sources.chain([&self.app_version, &self.created, &self.song]);
        let names: Vec<_> = names.chain(self.snapshot.iter()).collect();
        if names
            .iter()
            .any(|name| name.chars().count() > MOST_NAME_CHARS)
        {
            return Err(MetadataError::TooLarge("a name of more than 1024 letters"));
        }
        if names.iter().any(|name| name.contains(is_hidden)) {
            let why = "a name has characters that control or turn text";
            return Err(MetadataError::Damaged(why.to_owned()));
        }
        if !self.settings.is_object() {
            return Err(MetadataError::Damaged("its settings are none".to_owned()));
        }
        Ok(self)
    }

    /// The figures in a line.
    pub fn summary(&self) -> String {
        let value = |value: Option<f64>| {
            value.map_or("–".to_owned(), |v| format!("{v:.1}").replace('-', "−"))
        };
        let mut words = format!(
            "{}, {}: mix {} LUFS, {} dBTP",
            self.song,
            self.created,
            value(self.mix.integrated_lufs),
            value(self.mix.true_peak_dbtp)
        );
        if let Some(reference) = &self.reference {
            words += &format!("; reference {} LUFS", value(reference.integrated_lufs));
        }
        if let Some(gain_db) = self.match_gain_db {
            words += &format!(", match {} LU", format!("{gain_db:+.1}").replace('-', "−"));
        }
        words
    }
}

/// A chunk; only text is kept, what else there is only passes by.
struct Chunk {
    kind: [u8; 4],
    data: Vec<u8>,
}

impl Chunk {
    fn read(file: &mut impl Read) -> Result<Self, MetadataError> {
        let cut = |_| MetadataError::Damaged("it ends too early".to_owned());
        let mut word = [0; 4];
        file.read_exact(&mut word).map_err(cut)?;
        let length = u32::from_be_bytes(word);
        let mut kind = [0; 4];
        file.read_exact(&mut kind).map_err(cut)?;
        if length > i32::MAX as u32 || !kind.iter().all(u8::is_ascii_alphabetic) {
            return Err(MetadataError::Damaged(
                "what follows is no chunk".to_owned(),
            ));
        }
        let mut data = vec![];
        let mut crc = Crc::new();
        crc.update(&kind);
        if &kind == b"iTXt" {
            if length > MOST_TEXT_BYTES {
                return Err(MetadataError::TooLarge("a text of more than 256 KiB"));
            }
            data.resize(length as usize, 0);
            file.read_exact(&mut data).map_err(cut)?;
            crc.update(&data);
        } else {
            let mut left = length as usize;
            let mut piece = [0; 8192];
            while left > 0 {
                let here = left.min(piece.len());
                file.read_exact(&mut piece[..here]).map_err(cut)?;
                crc.update(&piece[..here]);
                left -= here;
            }
        }
        file.read_exact(&mut word).map_err(cut)?;
        if u32::from_be_bytes(word) != crc.sum() {
            let kind = String::from_utf8_lossy(&kind);
            let why = format!("the checksum of its {kind} chunk is wrong");
            return Err(MetadataError::Damaged(why));
        }
        Ok(Self { kind, data })
    }
}

/// The text of a chunk with our keyword: keyword, 0, compressed or not, method, language, 0, translated keyword, 0.
fn our_text(data: &[u8]) -> Result<Option<&str>, MetadataError> {
    let Some(rest) = data
        .strip_prefix(KEYWORD.as_bytes())
        .and_then(|rest| rest.strip_prefix(&[0]))
    else {
        return Ok(None);
    };
    let damaged = |why: &str| MetadataError::Damaged(why.to_owned());
    let [flag, _, rest @ ..] = rest else {
        return Err(damaged("its text has no head"));
    };
    if *flag != 0 {
        return Err(damaged("its text is compressed, which Abscope never does"));
    }
    let mut fields = rest.splitn(3, |byte| *byte == 0);
    let text = fields
        .nth(2)
        .ok_or_else(|| damaged("its text has no end"))?;
    std::str::from_utf8(text)
        .map(Some)
        .map_err(|_| damaged("its text is no UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_terminal_obeys_or_that_turn_text_are_refused() {
        let picture = |song: &str, snapshot: &str| {
            let side = PictureSide::default();
            let read = serde_json::json!({
                "schema": 1, "app_version": "0.1.0", "created_unix_secs": 0, "created": "", "song": song,
                "snapshot": snapshot, "at_secs": 0.0, "mix": side, "reference": null, "match_gain_db": null,
                "alignment": null, "settings": {},
            });
            PictureMetadata::from_text(&read.to_string())
        };
        assert!(picture("Song", "Chorus 3").is_ok());
        for bad in ["\u{1b}]52;c;eA==\u{7}", "a\u{202e}b", "a\nb", "\u{9b}2J"] {
            assert!(
                matches!(picture(bad, "x"), Err(MetadataError::Damaged(_))),
                "{bad:?}"
            );
            assert!(
                matches!(picture("x", bad), Err(MetadataError::Damaged(_))),
                "{bad:?}"
            );
        }
    }
}
