//! The goniometer's lines, over the beams that have a pass of their own.

use crate::render::panels::correlation::correlation;
use crate::render::shapes::ShapeList;
use crate::view::palette::Rgba;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Lines of the vectorscopes, and correlation per band where one holds both sides.
pub fn draw(scene: &Scene, list: &mut ShapeList) {
    for rect in scene.scope_rects() {
        scope_lines(rect, scene.palette.grid, list);
    }
    if let Some(rect) = scene.correlation_rect() {
        correlation(scene, rect, list);
    }
}

/// The goniometer's lines: mono vertical, left and right on the diagonals.
fn scope_lines(rect: Rect, color: Rgba, list: &mut ShapeList) {
    let center = [rect.x + rect.w / 2.0, rect.y + rect.h / 2.0];
    let half = rect.w.min(rect.h) / 2.0;
    let arm = half * std::f32::consts::FRAC_1_SQRT_2;
    list.segment(
        [center[0], center[1] - half],
        [center[0], center[1] + half],
        1.0,
        color,
    );
    for sign in [-1.0, 1.0] {
        list.segment(
            [center[0] - arm, center[1] - sign * arm],
            [center[0] + arm, center[1] + sign * arm],
            1.0,
            color,
        );
    }
}
