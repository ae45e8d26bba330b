//! What a crosshair says: where it is and what was measured there, as plain data.

use crate::session::settings::arrangement::Panel;
use crate::view::palette::Side;

/// The panel that is pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorPanel {
    /// A spectrogram, by its index.
    Pane(usize),
    /// A plot along which time or frequency runs alone.
    Plot(Panel),
    /// A vectorscope.
    Scope(Side),
}

/// Momentary and short-term loudness of a side at a time, LUFS.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CursorLoudness {
    /// Momentary.
    pub momentary_lufs: Option<f64>,
    /// Short-term.
    pub short_term_lufs: Option<f64>,
}

/// The crosshair of one picture and what it reads. Levels of the reference carry the match where it is on.
#[derive(Clone, Debug, PartialEq)]
pub struct CursorScene {
    /// Where it is pointed at.
    pub panel: CursorPanel,
    /// The pixel that is pointed at; nothing may cover it.
    pub at: [f32; 2],
    /// Frequency in Hz.
    pub hz: Option<f64>,
    /// Mix time in seconds.
    pub mix_secs: Option<f64>,
    /// Seconds before the right edge.
    pub before_edge_secs: Option<f64>,
    /// The reference's own time that lies there.
    pub reference_secs: Option<f64>,
    /// Levels of both sides: of tones at that moment, in dBFS; where only a frequency is meant what the curves read on
    /// their axis, tilt included; beside the record's range the mix's third of an octave, and the record's mean.
    pub levels_db: [Option<f64>; 2],
    /// The reference's 10-90 % band at that frequency, as the levels.
    pub band_db: Option<[f64; 2]>,
    /// How far the mix lies outside the record's range then, in dB; 0 within.
    pub outside_db: Option<f64>,
    /// By how many dB the reference stands over the threshold at which the mix is no longer heard beside it, where the pane
    /// shows masking and the mix sounds.
    pub over_threshold_db: Option<f64>,
    /// Loudness of both sides at that time.
    pub loudness: [CursorLoudness; 2],
    /// Left and right amplitude pointed at in a vectorscope.
    pub vector: Option<[f32; 2]>,
}

impl CursorScene {
    /// Level of A − B in dB.
    pub fn difference_db(&self) -> Option<f64> {
        let [a, b] = self.levels_db;
        Some(a? - b?)
    }
}
