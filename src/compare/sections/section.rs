//! A part of a song, as it is shown and kept.

use serde::{Deserialize, Serialize};

use super::texture::Texture;

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
    /// Its integrated loudness in LUFS; `None` for silence.
    pub loudness_lufs: Option<f64>,
    /// What it sounds like.
    pub texture: Texture,
}

impl Section {
    /// Length in seconds.
    pub fn length_secs(&self) -> f64 {
        self.end_secs - self.start_secs
    }
}
