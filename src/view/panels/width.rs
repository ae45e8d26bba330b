//! Figures of the stereo bands: where their bars stand.

use crate::view::looks::CompareMode;
use crate::view::rect::Rect;
use crate::view::scene::{STEREO_BANDS_HZ, Scene};

/// One band's bars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandBars {
    /// The bar of each side at full length; of a difference both are the same, from − to +.
    pub tracks: [Rect; 2],
    /// Whether one bar about its middle shows A − B.
    pub is_difference: bool,
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
