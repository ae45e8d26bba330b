//! The stretch of time in the picture: what of a side lies in it, and how finely it is read.

use crate::analysis::band_range::BAND_TIER;
use crate::session::references::ReferenceData;
use crate::session::settings::arrangement::Panel;
use crate::session::sides::history::History;
use crate::session::sides::region::{Region, Turn};
use crate::session::sides::stretches::Stretch;
use crate::view::curves::Width;
use crate::view::layout::Layout;
use crate::view::looks::{CompareMode, Looks, Smoothing};
use crate::view::picture_cache::PictureCache;
use crate::view::timeline::{
    MOST_COLUMNS_PER_DIFFERENCE_PX, MOST_COLUMNS_PER_PX, RING_COLUMNS, tier_for,
};

/// A side as the panels read it.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// What is heard live; its own time lies so many seconds under mix time 0.
    Live(&'a History, f64),
    /// A reference, the region of it that repeats, the pieces in which it lay, and a count of its changes.
    Laid(&'a ReferenceData, Region, &'a [Stretch], u64),
}

/// The turns of a region under the pieces in which a reference lay, from left to right.
pub fn turns(region: Region, pieces: &[Stretch]) -> impl Iterator<Item = Turn> + '_ {
    pieces
        .iter()
        .flat_map(move |piece| region.turns(piece.offset_secs, [piece.from_secs, piece.to_secs]))
}

/// The stretch of mix time in the picture.
pub struct Visible<'a> {
    /// Mix time at its right edge.
    pub right_secs: f64,
    /// Seconds across.
    pub span_secs: f64,
    /// Pixels across.
    pub width_px: f64,
    /// A difference of single columns is noise: it reads averages of four.
    pub finest_tier: usize,
    /// Columns of its tier that a pixel covers at most.
    pub most_columns_per_px: f64,
    /// Whether a panel is shown, by its place among all. What no panel shows is not worked out.
    shown: [bool; Panel::ALL.len()],
    /// What the spectrum's curves are averaged over.
    pub smoothing: Smoothing,
    /// Whether the spectrum of the moment is shown.
    pub shows_moment: bool,
    /// What was worked out for the last picture.
    pub last: &'a PictureCache,
}

impl<'a> Visible<'a> {
    /// What a layout shows in some looks up to a mix time.
    pub fn of(layout: &Layout, looks: &Looks, right_secs: f64, last: &'a PictureCache) -> Self {
        let is_difference = looks.mode == CompareMode::Difference;
        Self {
            right_secs,
            span_secs: looks.span_secs,
            width_px: layout.panes.first().map_or(1.0, |p| f64::from(p.plot.w)),
            finest_tier: if layout.shows_outside() || layout.shows_masking() {
                usize::from(BAND_TIER)
            } else if is_difference {
                looks.smoothing_tier()
            } else {
                0
            },
            most_columns_per_px: if is_difference {
                MOST_COLUMNS_PER_DIFFERENCE_PX
            } else {
                MOST_COLUMNS_PER_PX
            },
            shown: Panel::ALL.map(|panel| layout.rects(panel).next().is_some()),
            smoothing: looks.spectrum_smoothing,
            shows_moment: looks.spectrum_moment,
            last,
        }
    }

    /// Whether a panel is shown.
    pub fn shows(&self, panel: Panel) -> bool {
        self.shown[panel as usize]
    }

    /// A curve for the spectrum panel, smoothed; none where there is no such panel.
    pub fn curve(&self, levels_db: &[f32], width: Width) -> Vec<f32> {
        if self.shows(Panel::Spectrum) {
            self.last.curves.smoothed(levels_db, width)
        } else {
            vec![]
        }
    }

    /// Mix time at its left edge.
    pub fn left_secs(&self) -> f64 {
        self.right_secs - self.span_secs
    }

    /// Where a mix time lies: 0 at the left edge, 1 at the right.
    pub fn fraction(&self, mix_secs: f64) -> f32 {
        ((mix_secs - self.left_secs()) / self.span_secs) as f32
    }

    /// The tier of the pyramid that a side of a hop reads.
    pub fn tier(&self, hop_secs: f64) -> usize {
        tier_for(
            hop_secs,
            self.span_secs / self.width_px,
            self.width_px,
            RING_COLUMNS as f64,
            self.most_columns_per_px,
        )
        .max(self.finest_tier)
    }
}
