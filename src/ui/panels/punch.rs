//! Words of the punch panel.

use egui::Align2;

use crate::ui::fonts::Weight;
use crate::ui::labels::{level_ticks, side_mark, title};
use crate::ui::plate::Line;
use crate::ui::text::Pen;
use crate::view::crosshair::CursorScene;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::panels::punch::{STEPS_LU, axis_lu};
use crate::view::readout::one_decimal;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Ticks, title, and the values at the right edge.
pub fn words(pen: &Pen<'_>, scene: &Scene, plot: Rect) {
    let label = scene.layout.text.label;
    level_ticks(pen, scene, plot, axis_lu(scene.looks.mode), &STEPS_LU);
    let left = values_now(pen, scene, plot);
    let has_range = scene.side(Side::Reference).panels.punch.range_lu.is_some();
    let words = match (scene.looks.mode, has_range) {
        (CompareMode::Difference, _) if scene.has_same_time() => "Punch  mix − reference  LU",
        (CompareMode::Difference, _) => "Punch  mix − median of the reference  LU",
        (CompareMode::MixOnly, _) | (_, false) => "Punch  loudest 0.4 s over 3 s  LU",
        _ => "Punch  loudest 0.4 s over 3 s  LU, reference 10–90 %",
    };
    title(pen, scene, plot, words, left - plot.x - label * 1.6);
}

/// The newest value of each side that is shown, at the right of the title; returns where they begin.
fn values_now(pen: &Pen<'_>, scene: &Scene, plot: Rect) -> f32 {
    let label = scene.layout.text.label;
    let style = (Weight::Medium, label);
    let mut right = plot.right() - label * 0.6;
    let y = plot.y + label * 1.1;
    for side in [Side::Reference, Side::Mix] {
        let samples = &scene.side(side).panels.punch.samples;
        let Some(newest) = samples.last().filter(|sample| sample.lu.is_finite()) else {
            continue;
        };
        let number = one_decimal(Some(f64::from(newest.lu)));
        let width = pen.width(&number, style);
        if !scene.looks.mode.shows(side) || right - width < plot.x + plot.w * 0.5 {
            continue;
        }
        let color = pen.palette.text;
        pen.put(&number, [right, y], Align2::RIGHT_CENTER, style, color);
        let mark = [right - width - label * 0.5, y];
        side_mark(pen, side, mark, label * 1.1);
        right = mark[0] - label * 1.1;
    }
    right
}

/// Both values at the crosshair's time.
pub fn readout(scene: &Scene, cursor: &CursorScene) -> Vec<Line> {
    let Some(back_secs) = cursor.before_edge_secs else {
        return vec![];
    };
    let fraction = (1.0 - back_secs / scene.looks.span_secs) as f32;
    let value = |side| scene.side(side).panels.punch.at(fraction).map(f64::from);
    vec![Line::Values {
        name: "",
        values: Side::BOTH.map(value),
        unit: "LU",
    }]
}
