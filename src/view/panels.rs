//! Panels as plain data: a file for each, with what it shows of both sides and where that lies in its place.
//!
//! Which panels there are, what they are called and where they stand is said in
//! [`PANELS`](crate::session::settings::arrangement::PANELS). A file of [`SidePanels`] reads the session and knows no scene, for
//! a scene is made of it.

pub mod band_figure;
pub mod bands;
pub mod levels;
pub mod loudness;
pub mod punch;
pub mod punch_figure;
pub mod punch_rows;
pub mod scopes;
pub mod spectrum;
pub mod taken_up;
pub mod width;

use crate::compare::common_band::CommonBand;
use crate::view::panels::bands::Bands;
use crate::view::panels::punch::Punch;
use crate::view::panels::punch_figure::ranges_of;
use crate::view::visible::{Source, Visible};

/// What single panels show of one side, each in a field of its own and empty where the panel is not shown. What
/// several panels show stands in the side itself: figures, spectrum, loudness.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SidePanels {
    /// Peaks above loudness, and attacks.
    pub punch: Punch,
    /// Figures of the stereo bands.
    pub bands: Bands,
}

impl SidePanels {
    /// What the shown panels need of a side.
    pub fn of(source: Source<'_>, visible: &Visible<'_>) -> Self {
        Self {
            punch: Punch::of(source, visible),
            bands: Bands::of(source, visible),
        }
    }

    /// With the ranges that all references have in common in place of the active one's.
    pub fn with_ranges_of(mut self, common: &CommonBand) -> Self {
        self.punch.ranges = ranges_of(&common.punch);
        self.bands.ranges = common.bands;
        self
    }
}
