//! The punch of both sides as lines, over the range in which the reference lies.

use crate::render::plot::{
    about_zero, history_time_lines, horizontal_lines, pieces_of, stroke_px, zero_line,
};
use crate::render::shapes::ShapeList;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::panels::punch::{PunchSample, STEPS_LU, axis_lu, y_from_lu};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Draws both sides, or their difference.
pub fn draw(scene: &Scene, plot: Rect, list: &mut ShapeList) {
    let mode = scene.looks.mode;
    let palette = &scene.palette;
    let shows_reference = mode.shows(Side::Reference) && mode != CompareMode::Difference;
    let y = |lu: f32| y_from_lu(mode, plot, f64::from(lu));
    let range = scene.side(Side::Reference).panels.punch.range_lu;
    if let Some([low, _, high]) = range.filter(|_| shows_reference) {
        let band = Rect::snapped(plot.x, y(high), plot.right(), y(low));
        list.rect(band, palette.panel.mix(palette.reference, 0.2));
    }
    let label = scene.layout.text.label;
    horizontal_lines(plot, axis_lu(mode), &STEPS_LU, label, palette.grid, list);
    history_time_lines(scene, plot, list);
    let stroke = stroke_px(scene);
    if mode == CompareMode::Difference {
        let [mix, reference] = Side::BOTH.map(|side| &scene.side(side).panels.punch);
        let difference = mix.minus(reference, scene.has_same_time());
        for piece in pieces(scene, plot, &difference) {
            about_zero(scene, &piece, y(0.0), list);
            list.polyline(&piece, stroke, palette.text);
        }
        zero_line(scene, plot, y(0.0), list);
        return;
    }
    for side in [Side::Reference, Side::Mix] {
        if mode.shows(side) {
            for piece in pieces(scene, plot, &scene.side(side).panels.punch.samples) {
                list.polyline(&piece, stroke, palette.side(side));
            }
        }
    }
}

fn pieces(scene: &Scene, plot: Rect, samples: &[PunchSample]) -> Vec<Vec<[f32; 2]>> {
    let values = samples.iter().map(|sample| (sample.fraction, sample.lu));
    pieces_of(values, plot, |lu| y_from_lu(scene.looks.mode, plot, lu))
}
