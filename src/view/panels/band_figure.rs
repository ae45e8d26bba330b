//! Figures of stereo bands as bars show them: the values of both sides, the range in which the reference's move, and what
//! they differ by.
//!
//! A moment of the mix is held against the range; of another song, which has no moment in common, a difference is taken
//! from the median.

use crate::analysis::stereo_band_range::StereoBandRange;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::scene::{Scene, SideScene};

/// A side/mid ratio up to here is mono.
pub const MONO_DB: f64 = -47.95;

/// What of a band is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandFigure {
    /// Side over mid, in dB.
    Width,
    /// Of left and right.
    Correlation,
}

impl BandFigure {
    /// The value of a side now.
    pub fn of(self, side: &SideScene, band: usize) -> Option<f64> {
        match self {
            // Two bands that are both mono do not differ, whatever is left of their sides.
            Self::Width => side.figures.bands[band]
                .side_to_mid_db
                .map(|db| db.max(MONO_DB)),
            Self::Correlation => side.figures.bands[band].correlation,
        }
    }

    fn range_of(self, range: &StereoBandRange) -> Option<[f64; 3]> {
        match self {
            Self::Width => range.side_to_mid_db.map(|db| db.map(|db| db.max(MONO_DB))),
            Self::Correlation => range.correlation,
        }
    }

    /// Values that its bars reach from and to.
    fn ends(self) -> [f64; 2] {
        match self {
            Self::Width => [-30.0, 6.0],
            Self::Correlation => [-1.0, 1.0],
        }
    }

    /// Where a value lies on its bar.
    pub fn fraction(self, value: f64) -> f32 {
        let [low, high] = self.ends();
        ((value - low) / (high - low)).clamp(0.0, 1.0) as f32
    }

    /// Where a bar begins to be filled: a correlation at the middle, where left and right have nothing in common.
    pub fn base_fraction(self) -> f32 {
        match self {
            Self::Correlation => 0.5,
            Self::Width => 0.0,
        }
    }

    /// The difference that fills half of a bar.
    pub fn most_difference(self) -> f64 {
        match self {
            Self::Width => 12.0,
            Self::Correlation => 1.0,
        }
    }

    /// What a tenth, the half and nine tenths of the reference lie below in a band, where the reference is shown.
    pub fn range(self, scene: &Scene, band: usize) -> Option<[f64; 3]> {
        let reference = &scene.side(Side::Reference).panels;
        let is_shown = scene.looks.mode != CompareMode::MixOnly;
        self.range_of(&reference.bands.ranges[band])
            .filter(|_| is_shown)
    }

    /// How far the mix lies outside that range: above it positive, below it negative, and 0 within. What lies beyond the
    /// ends of a bar is all the same: nobody hears of a bass whether its side is 40 or 48 dB down.
    pub fn excess(self, scene: &Scene, band: usize) -> Option<f64> {
        let [low, high] = self.ends();
        let range = self.range(scene, band)?.map(|value| value.clamp(low, high));
        let mix = self.of(scene.side(Side::Mix), band)?.clamp(low, high);
        Some(beyond(range, mix))
    }

    /// A − B of a band: from the reference of the moment, and of another song from its median. What lies beyond the ends of
    /// a bar is all the same here too: of two bass drums with next to no side neither is 18 dB wider.
    pub fn difference(self, scene: &Scene, band: usize) -> Option<f64> {
        let median = self.range(scene, band).map(|[_, median, _]| median);
        let now = self.of(scene.side(Side::Reference), band);
        let base = median.filter(|_| !scene.has_same_time()).or(now)?;
        Some(self.apart(base, self.of(scene.side(Side::Mix), band)?))
    }

    /// How far a value stands from another, both within the ends of a bar.
    fn apart(self, base: f64, value: f64) -> f64 {
        let [low, high] = self.ends();
        value.clamp(low, high) - base.clamp(low, high)
    }

    /// The reference's 10 and 90 % as far from what a difference is taken from as they lie. Of the same song the moment
    /// tells more than they do.
    pub fn difference_range(self, scene: &Scene, band: usize) -> Option<[f64; 2]> {
        let [low, median, high] = self.range(scene, band).filter(|_| !scene.has_same_time())?;
        Some([low, high].map(|edge| self.apart(median, edge)))
    }
}

/// How far a value lies above the last or below the first of a range's values.
fn beyond([low, _, high]: [f64; 3], value: f64) -> f64 {
    (value - high).max(0.0) + (value - low).min(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_a_range_is_nothing_and_beyond_it_how_far() {
        let range = [-9.0, -6.0, -4.5];
        for (value, expected) in [(-12.5, -3.5), (-9.0, 0.0), (-5.0, 0.0), (-4.0, 0.5)] {
            assert_eq!(beyond(range, value), expected);
        }
    }

    #[test]
    fn of_two_bands_with_next_to_no_side_none_is_wider() {
        for (base, value, expected) in [
            (-48.0, -31.0, 0.0),
            (-48.0, -11.0, 19.0),
            (-6.0, -9.0, -3.0),
        ] {
            assert_eq!(BandFigure::Width.apart(base, value), expected);
        }
        assert_eq!(BandFigure::Correlation.apart(0.4, 0.9), 0.5);
    }
}
