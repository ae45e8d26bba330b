//! Bars of the correlation panel, of both sides or of their difference.

use crate::render::panels::bands::bars;
use crate::render::shapes::ShapeList;
use crate::view::panels::band_figure::BandFigure;
use crate::view::panels::width::correlation_bars;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Correlation per band, about zero in the middle.
pub fn correlation(scene: &Scene, rect: Rect, list: &mut ShapeList) {
    for (band, row) in correlation_bars(scene, rect).iter().enumerate() {
        bars(scene, row.tracks, (BandFigure::Correlation, band), list);
    }
}
