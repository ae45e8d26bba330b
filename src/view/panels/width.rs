//! Width and correlation per band: where their bars stand, and the differences of both sides.

use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::rect::Rect;
use crate::view::scene::{STEREO_BANDS_HZ, Scene};

/// Difference of side/mid ratios that fills half of a bar, in dB.
pub const WIDTH_DIFFERENCE_DB: f64 = 12.0;

/// A side/mid ratio up to here is mono.
pub const MONO_DB: f64 = -47.95;

/// One band's bars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandBars {
    /// The bar of each side at full length; of a difference both are the same, from − to +.
    pub tracks: [Rect; 2],
    /// Whether one bar about its middle shows A − B.
    pub is_difference: bool,
}

impl BandBars {
    /// What is filled between two fractions of the track, in any order.
    pub fn between(&self, side: Side, a: f32, b: f32) -> Rect {
        let [a, b] = [a, b].map(|fraction| fraction.clamp(0.0, 1.0));
        self.tracks[side.index()].columns(a.min(b), a.max(b))
    }
}

/// One bar amid those of both sides, for their difference.
pub fn amid([first, last]: [Rect; 2]) -> Rect {
    let y = ((first.y + last.y) / 2.0).round();
    Rect { y, ..first }
}

/// Bands of the correlation panel, one under the other, below its title: −1 at the left end of a bar, +1 at the right.
pub fn correlation_bars(scene: &Scene, rect: Rect) -> Vec<BandBars> {
    let label = scene.layout.text.label;
    let rows = Rect::snapped(
        rect.x + label * 5.6,
        rect.y + label * 2.2,
        rect.right() - label * 3.6,
        rect.bottom() - label * 0.5,
    );
    let count = STEREO_BANDS_HZ.len() as f32;
    let is_difference = scene.looks.mode == CompareMode::Difference;
    (0..STEREO_BANDS_HZ.len())
        .map(|i| {
            // The lowest band stands lowest, as everywhere frequency runs upwards.
            let i = STEREO_BANDS_HZ.len() - 1 - i;
            let row = rows.rows(i as f32 / count, (i as f32 + 1.0) / count);
            let height = (label * 0.7).min(row.h * 0.3).max(2.0);
            let bar = |middle: f32| {
                let middle = row.y + row.h * middle;
                Rect::snapped(
                    row.x,
                    middle - height / 2.0,
                    row.right(),
                    middle + height / 2.0,
                )
            };
            let tracks = if is_difference {
                [bar(0.5); 2]
            } else {
                [bar(0.28), bar(0.72)]
            };
            BandBars {
                tracks,
                is_difference,
            }
        })
        .collect()
}

/// A − B of a band's side/mid ratio in dB.
pub fn width_difference_db(scene: &Scene, band: usize) -> Option<f64> {
    // Two bands that are both mono do not differ, whatever is left of their sides.
    let ratio = |side| {
        let db: f64 = scene.side(side).figures.bands[band].side_to_mid_db?;
        Some(db.max(MONO_DB))
    };
    Some(ratio(Side::Mix)? - ratio(Side::Reference)?)
}

/// A − B of a band's correlation.
pub fn correlation_difference(scene: &Scene, band: usize) -> Option<f64> {
    let [a, b] = Side::BOTH.map(|side| scene.side(side).figures.bands[band].correlation);
    Some(a? - b?)
}
