//! Looks: the choices of a person that change what a picture looks like, never what was measured.

use crate::analysis::bridge::LevelMeter;
use crate::session::pairing::basis::{BandOf, MatchBasis};
use crate::session::settings::arrangement::Arrangement;
use crate::units::db::amplitude_from_db;
use crate::view::colormap::LevelMap;
use crate::view::palette::Side;

/// How mix and reference stand to each other in every panel.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Default, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum CompareMode {
    /// A above (or beside) B on locked axes.
    #[default]
    SideBySide,
    /// A over B in one panel.
    Overlay,
    /// A − B.
    Difference,
    /// Side A alone.
    MixOnly,
    /// Side B alone.
    ReferenceOnly,
}

impl CompareMode {
    /// The words on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::SideBySide => "Side by side",
            Self::Overlay => "Overlay",
            Self::Difference => "Difference",
            Self::MixOnly => "Mix",
            Self::ReferenceOnly => "Reference",
        }
    }

    /// Whether a side is drawn as itself in this mode.
    pub fn shows(self, side: Side) -> bool {
        !matches!(
            (self, side),
            (Self::MixOnly, Side::Reference) | (Self::ReferenceOnly, Side::Mix)
        )
    }
}

/// What the pane of the difference shows.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Default, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceOf {
    /// Of moments, where both play the same song; of another song what lies outside its range.
    #[default]
    Moments,
    /// Always what lies outside the record's range.
    Range,
    /// What the reference masks of the mix.
    Masking,
}

impl DifferenceOf {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Moments, Self::Range, Self::Masking];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Moments => "moments",
            Self::Range => "range",
            Self::Masking => "masking",
        }
    }
}

/// What the curves of the spectrum panel show.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Default, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Smoothing {
    /// Band power over an octave.
    Octave,
    /// Over half an octave.
    Half,
    /// Over a third.
    #[default]
    Third,
    /// Over a sixth.
    Sixth,
    /// Over a twelfth.
    Twelfth,
    /// Over a 24th.
    TwentyFourth,
    /// The level of each tone: what hums and rings are read from.
    Tones,
}

impl Smoothing {
    /// All of them, from broad to fine.
    pub const ALL: [Self; 7] = [
        Self::Octave,
        Self::Half,
        Self::Third,
        Self::Sixth,
        Self::Twelfth,
        Self::TwentyFourth,
        Self::Tones,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Octave => "1/1",
            Self::Half => "1/2",
            Self::Third => "1/3",
            Self::Sixth => "1/6",
            Self::Twelfth => "1/12",
            Self::TwentyFourth => "1/24",
            Self::Tones => "tones",
        }
    }

    /// Tilt in dB an octave that its levels have already beside levels of tones and of densities: bands get wider with
    /// frequency, by 3 dB an octave.
    pub fn tilt_db(self) -> f64 {
        match self {
            Self::Tones => 0.0,
            _ => 3.0,
        }
    }

    /// Octaves that band power is averaged over; `None` for tones.
    pub fn octaves(self) -> Option<f64> {
        let parts = match self {
            Self::Octave => 1.0,
            Self::Half => 2.0,
            Self::Third => 3.0,
            Self::Sixth => 6.0,
            Self::Twelfth => 12.0,
            Self::TwentyFourth => 24.0,
            Self::Tones => return None,
        };
        Some(1.0 / parts)
    }
}

/// Which part of the stereo signal the spectrograms show.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Default, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Mean power of left and right.
    #[default]
    Both,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Mid, (L + R) / 2.
    Mid,
    /// Side, (L − R) / 2.
    SideSignal,
}

impl Channel {
    /// The words on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Both => "L+R",
            Self::Left => "left",
            Self::Right => "right",
            Self::Mid => "mid",
            Self::SideSignal => "side",
        }
    }
}

/// Choices of a person that change looks, never data.
// Many fields: one for each choice; snapshots keep them flat, under these names.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Looks {
    /// How mix and reference stand to each other.
    pub mode: CompareMode,
    /// Seconds across the spectrograms and the loudness histories.
    pub span_secs: f64,
    /// Level at the bright end of the spectrogram's map, in dBFS after tilt.
    pub top_db: f32,
    /// By how much the scales of levels and loudness are moved to fit the music, in dB.
    pub fit_db: f32,
    /// dB from the dark end to the bright end.
    pub range_db: f32,
    /// Tilt of the spectrogram around 1 kHz. Without it the bass glows and the air is black.
    pub tilt_db_per_octave: f32,
    /// Tilt of the spectrum curves around 1 kHz.
    pub spectrum_tilt_db_per_octave: f32,
    /// What the spectrum's curves are averaged over.
    pub spectrum_smoothing: Smoothing,
    /// Whether the spectrum of the moment is drawn as well.
    pub spectrum_moment: bool,
    /// What the difference of the same song is.
    pub difference_of: DifferenceOf,
    /// A track that stands so little above the threshold in the other counts as masked.
    pub masking_range_db: f32,
    /// Difference that reaches the ends of the diverging map.
    pub difference_range_db: f32,
    /// Which level meter is shown.
    pub level_meter: LevelMeter,
    /// How much the difference is smoothed in time and frequency, 0 … 3.
    pub difference_smoothing: u8,
    /// Which channel the spectrograms show.
    pub channel: Channel,
    /// Colour map of levels.
    pub level_map: LevelMap,
    /// Whether the reference is brought to the loudness of the mix.
    pub loudness_match: bool,
    /// What the match is made of.
    pub match_basis: MatchBasis,
    /// Whose band lies behind the live curve.
    pub band_of: BandOf,
    /// Level at the top of the spectrum panel, in dBFS after tilt.
    pub spectrum_top_db: f64,
    /// dB from the bottom to the top of the spectrum panel.
    pub spectrum_range_db: f64,
    /// Loudness at the lower and upper edge of the loudness panel, LUFS.
    pub loudness_range_lufs: [f64; 2],
    /// Integrated loudness people deliver to, drawn in the loudness panel.
    pub target_lufs: f64,
    /// Highest true peak allowed; above it the figure is red.
    pub target_dbtp: f64,
    /// Light instead of dark theme.
    pub light: bool,
    /// Which layout, and how a person has changed it.
    pub arrangement: Arrangement,
    /// Sizes of type times this.
    pub font_scale: f32,
    /// Full black and white, no grey text.
    pub high_contrast: bool,
}

/// Amounts of smoothing of the difference: each a tier of the pyramid and so many bins on either side.
pub const SMOOTHING_BINS: [i64; 4] = [0, 1, 3, 7];

impl Looks {
    /// Into a mode, or back to side by side from it.
    pub fn toggle_mode(&mut self, wanted: CompareMode) {
        self.mode = match self.mode == wanted {
            true => CompareMode::SideBySide,
            false => wanted,
        };
    }

    /// Side by side, or one over the other.
    pub fn toggle_overlay(&mut self) {
        self.mode = match self.mode {
            CompareMode::SideBySide => CompareMode::Overlay,
            _ => CompareMode::SideBySide,
        };
    }

    /// What the reference masks, or back to the mode that was there `before`; returns the mode to go back to.
    pub fn toggle_masking(&mut self, before: CompareMode) -> CompareMode {
        let is_shown =
            self.mode == CompareMode::Difference && self.difference_of == DifferenceOf::Masking;
        if is_shown {
            (self.mode, self.difference_of) = (before, DifferenceOf::default());
            return before;
        }
        self.difference_of = DifferenceOf::Masking;
        std::mem::replace(&mut self.mode, CompareMode::Difference)
    }

    /// Levels at the dark and the bright end of the spectrogram's map, in dBFS after tilt.
    pub fn level_range_db(&self) -> [f32; 2] {
        let top_db = self.top_db + self.fit_db;
        [top_db - self.range_db, top_db]
    }

    /// Levels at the lower and the upper edge of the spectrum, in dBFS after tilt.
    pub fn spectrum_axis_db(&self) -> [f64; 2] {
        let top_db = self.spectrum_top_db + f64::from(self.fit_db);
        [top_db - self.spectrum_range_db, top_db]
    }

    /// Amplitude at the edge of a vectorscope's shorter half, as long as no side needs more.
    pub fn scope_full_scale(&self) -> f32 {
        const USUAL: f32 = 0.8;
        USUAL * amplitude_from_db(f64::from(self.fit_db)) as f32
    }

    /// Loudness at the lower and the upper edge of the loudness histories, LUFS.
    pub fn loudness_axis_lufs(&self) -> [f64; 2] {
        self.loudness_range_lufs
            .map(|lufs| lufs + f64::from(self.fit_db))
    }

    /// Tier of averages a difference reads at least: its smoothing in time.
    pub fn smoothing_tier(&self) -> usize {
        usize::from(self.difference_smoothing).min(SMOOTHING_BINS.len() - 1)
    }

    /// Bins on either side that a difference is averaged over: its smoothing in frequency.
    pub fn smoothing_bins(&self) -> i64 {
        SMOOTHING_BINS[self.smoothing_tier()]
    }
}

impl Default for Looks {
    fn default() -> Self {
        Self {
            mode: CompareMode::default(),
            span_secs: 20.0,
            top_db: -18.0,
            fit_db: 0.0,
            range_db: 60.0,
            tilt_db_per_octave: 4.0,
            spectrum_tilt_db_per_octave: 4.5,
            spectrum_smoothing: Smoothing::default(),
            spectrum_moment: true,
            difference_of: DifferenceOf::default(),
            masking_range_db: 0.0,
            difference_range_db: 12.0,
            level_meter: LevelMeter::default(),
            difference_smoothing: 1,
            channel: Channel::default(),
            level_map: LevelMap::default(),
            loudness_match: true,
            match_basis: MatchBasis::default(),
            band_of: BandOf::default(),
            spectrum_top_db: -12.0,
            spectrum_range_db: 60.0,
            loudness_range_lufs: [-36.0, -6.0],
            target_lufs: -14.0,
            target_dbtp: -1.0,
            light: false,
            arrangement: Arrangement::default(),
            font_scale: 1.0,
            high_contrast: false,
        }
    }
}
