//! A part of a song, as it is shown and kept.

use serde::{Deserialize, Serialize};

use super::texture::Texture;

/// From here on a part is long enough to have a loudness.
const LOUDNESS_BLOCKS_SECS: f64 = 1.0;

/// A part of a song.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Start in seconds of the file.
    pub start_secs: f64,
    /// End in seconds, above the start.
    pub end_secs: f64,
    /// Sections that sound alike have the same letter, `A` for the first.
    pub letter: char,
    /// "Chorus 1" where the evidence is strong, else "C", and "C2" where it comes back.
    pub name: String,
    /// Its integrated loudness in LUFS; `None` of silence, which has no letter.
    pub loudness_lufs: Option<f64>,
    /// What it sounds like.
    pub texture: Texture,
}

impl Section {
    /// Whether anything sounds in it; what is shorter than a block of loudness has none and is no silence.
    pub fn sounds(&self) -> bool {
        self.loudness_lufs.is_some() || self.length_secs() < LOUDNESS_BLOCKS_SECS
    }

    /// Length in seconds.
    pub fn length_secs(&self) -> f64 {
        self.end_secs - self.start_secs
    }
}
