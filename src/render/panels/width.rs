//! The width panel's bars: side/mid ratio of each band, and in a large panel its correlation too.

use crate::render::panels::bands::bars;
use crate::render::shapes::ShapeList;
use crate::view::panels::band_figure::BandFigure;
use crate::view::rect::Rect;
use crate::view::scene::{STEREO_BANDS_HZ, Scene};

/// A band's row in a large panel; bars of mix, then reference.
pub struct WidthRow {
    /// The whole row.
    pub area: Rect,
    /// Bars of the width at full length.
    pub width: [Rect; 2],
    /// Bars of the correlation, −1 at the left, +1 at the right.
    pub correlation: [Rect; 2],
    /// Size of the figures.
    pub text_px: f32,
    /// Room for a figure right of its bar.
    pub number_px: f32,
}

/// Whether a panel is high enough for a row for each band.
pub fn width_is_tall(scene: &Scene, rect: Rect) -> bool {
    rect.h > scene.layout.text.label * 16.0
}

/// Places in a flat panel: for each band its column, for each side its bar at full length.
pub fn width_cells(scene: &Scene, rect: Rect) -> Vec<[Rect; 2]> {
    let label = scene.layout.text.label;
    let title_width = label * 4.9;
    let cells = Rect::snapped(
        rect.x + title_width,
        rect.y,
        rect.right() - label * 0.4,
        rect.bottom(),
    );
    let count = STEREO_BANDS_HZ.len() as f32;
    let bar_height = (label * 0.75).min(rect.h * 0.18);
    (0..STEREO_BANDS_HZ.len())
        .map(|i| {
            let cell = cells.columns(i as f32 / count, (i as f32 + 1.0) / count);
            let bar = |row: f32| {
                let middle = rect.y + rect.h * row;
                Rect::snapped(
                    cell.x,
                    middle - bar_height / 2.0,
                    cell.right() - label * 3.7,
                    middle + bar_height / 2.0,
                )
            };
            [bar(0.22), bar(0.5)]
        })
        .collect()
}

/// Places in a large panel, a row for each band.
pub fn width_rows(scene: &Scene, rect: Rect) -> Vec<WidthRow> {
    let text = scene.layout.text;
    let head = text.label * 2.2;
    let rows = Rect::snapped(
        rect.x,
        rect.y + head,
        rect.right(),
        rect.bottom() - text.label * 0.4,
    );
    let count = STEREO_BANDS_HZ.len() as f32;
    let row_height = rows.h / count;
    let text_px = (row_height * 0.3).clamp(text.label, text.label * 2.2);
    let number_px = text_px * 3.6;
    let name_px = text.title * 5.8;
    let pad = text.label;
    let room = rows.w - name_px - 2.0 * number_px - 2.0 * pad;
    let width_left = rows.x + name_px;
    let width_right = width_left + room * 0.64;
    let correlation_left = width_right + number_px + pad;
    let correlation_right = correlation_left + room * 0.36;
    let bar_height = (row_height * 0.24).min(text.label * 1.8);
    (0..STEREO_BANDS_HZ.len())
        .map(|band| {
            let area = rows.rows(band as f32 / count, (band as f32 + 1.0) / count);
            let bars = |left: f32, right: f32| {
                [0.28, 0.72].map(|part| {
                    let middle = area.y + area.h * part;
                    let half = bar_height / 2.0;
                    Rect::snapped(left, middle - half, right.max(left), middle + half)
                })
            };
            WidthRow {
                area,
                width: bars(width_left, width_right),
                correlation: bars(correlation_left, correlation_right),
                text_px,
                number_px,
            }
        })
        .collect()
}

/// Draws the bars, or one about its middle for what both sides differ by.
pub fn draw(scene: &Scene, rect: Rect, list: &mut ShapeList) {
    if width_is_tall(scene, rect) {
        for (band, row) in width_rows(scene, rect).into_iter().enumerate() {
            bars(scene, row.width, (BandFigure::Width, band), list);
            bars(
                scene,
                row.correlation,
                (BandFigure::Correlation, band),
                list,
            );
        }
    } else {
        for (band, tracks) in width_cells(scene, rect).into_iter().enumerate() {
            // A bar without a length would be a line between figures.
            if tracks[0].w < scene.layout.text.label * 0.8 {
                continue;
            }
            bars(scene, tracks, (BandFigure::Width, band), list);
        }
    }
}
