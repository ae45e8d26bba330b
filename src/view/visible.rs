//! The stretch of time in the picture: what of a side lies in it, and how finely it is read.

use crate::session::settings::arrangement::Panel;
use crate::session::sides::absence::absence;
use crate::session::sides::history::History;
use crate::view::curves::CurveCache;
use crate::view::layout::Layout;
use crate::view::looks::{CompareMode, Looks};
use crate::view::side::Absence;
use crate::view::timeline::{
    MOST_COLUMNS_PER_DIFFERENCE_PX, MOST_COLUMNS_PER_PX, RING_COLUMNS, tier_for,
};

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
    /// Whether a panel shows spectra. What no panel shows is not worked out.
    pub has_spectrum: bool,
    /// Whether a panel shows loudness histories.
    pub has_loudness: bool,
    /// What was smoothed for the last picture.
    pub curves: &'a CurveCache,
}

impl<'a> Visible<'a> {
    /// What a layout shows in some looks up to a mix time.
    pub fn of(layout: &Layout, looks: &Looks, right_secs: f64, curves: &'a CurveCache) -> Self {
        let is_difference = looks.mode == CompareMode::Difference;
        Self {
            right_secs,
            span_secs: looks.span_secs,
            width_px: layout.panes.first().map_or(1.0, |p| f64::from(p.plot.w)),
            finest_tier: if is_difference {
                looks.smoothing_tier()
            } else {
                0
            },
            most_columns_per_px: if is_difference {
                MOST_COLUMNS_PER_DIFFERENCE_PX
            } else {
                MOST_COLUMNS_PER_PX
            },
            has_spectrum: layout.place(Panel::Spectrum).is_some(),
            has_loudness: layout.histories().next().is_some(),
            curves,
        }
    }

    /// A curve for the spectrum panel, smoothed; none where there is no such panel.
    pub fn curve(&self, levels_db: &[f32], octaves: f64) -> Vec<f32> {
        if self.has_spectrum {
            self.curves.smoothed(levels_db, octaves)
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

/// Absences of a side within the picture, the newest first, cut at its edges.
pub fn absences(side: &History, visible: &Visible<'_>, offset_secs: f64) -> Vec<Absence> {
    let shown = |[_, to]: &&[f64; 2]| *to > visible.left_secs() + offset_secs;
    let fraction = |secs: f64| visible.fraction(secs - offset_secs).clamp(0.0, 1.0);
    side.absences
        .iter()
        .rev()
        .take_while(shown)
        .filter(|[from, _]| *from < visible.right_secs + offset_secs)
        .map(|&[from, to]| Absence {
            fractions: [from, to].map(fraction),
            words: format!("{} missing", absence(to - from)),
        })
        .collect()
}
