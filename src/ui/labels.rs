//! Words that panels have in common: a side's mark and name, words over data, titles, and ticks of level axes.

use egui::Align2;

use crate::ui::fonts::Weight;
use crate::ui::text::{Pen, color32};
use crate::view::axis::linear_ticks;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// The upright bar that says which side something belongs to; its middle at a point.
pub fn side_mark(pen: &Pen<'_>, side: Side, middle: [f32; 2], height: f32) {
    let width = (height * 0.28).round().max(3.0);
    let rect = egui::Rect::from_center_size(
        egui::Pos2::new(middle[0].round(), middle[1].round()),
        egui::vec2(width, height.round()),
    );
    pen.painter
        .rect_filled(rect, 0.0, color32(pen.palette.side(side)));
}

/// A name with its side's mark, readable on any colour below; returns the right edge.
pub(super) fn side_title(pen: &Pen<'_>, side: Side, words: &str, at: [f32; 2], size: f32) -> f32 {
    let left = at[0] + size * 0.75;
    // On a plate too: what lies below may have its colour.
    let plate = egui::Rect::from_min_max(
        egui::pos2(at[0] - size * 0.3, at[1] - size * 0.72),
        egui::pos2(left - size * 0.3, at[1] + size * 0.72),
    );
    pen.painter.rect_filled(plate, 0.0, plate_color(pen));
    side_mark(pen, side, [at[0] + 2.0, at[1]], size * 1.25);
    shadowed(
        pen,
        words,
        [left, at[1]],
        Align2::LEFT_CENTER,
        (Weight::Medium, size),
    )
}

/// Text over data: a soft plate of the panel's colour below it, since a spectrogram can be any colour there.
pub(super) fn shadowed(
    pen: &Pen<'_>,
    words: &str,
    at: [f32; 2],
    anchor: Align2,
    style: (Weight, f32),
) -> f32 {
    let size = style.1;
    let width = pen.width(words, style);
    let left = match anchor {
        Align2::RIGHT_CENTER => at[0] - width,
        Align2::CENTER_CENTER => at[0] - width / 2.0,
        _ => at[0],
    };
    let plate = egui::Rect::from_min_max(
        egui::pos2(left - size * 0.3, at[1] - size * 0.72),
        egui::pos2(left + width + size * 0.3, at[1] + size * 0.72),
    );
    pen.painter
        .rect_filled(plate, size * 0.25, plate_color(pen));
    pen.put(words, at, anchor, style, pen.palette.text)
}

/// Dark words on paper's half of a dark picture would be on grey.
fn plate_color(pen: &Pen<'_>) -> egui::Color32 {
    let panel = pen.palette.panel;
    color32(panel.alpha(if pen.palette.has_light_ground() {
        0.88
    } else {
        0.75
    }))
}

/// A tick of a level; of a difference with its sign.
fn level_tick(scene: &Scene, label: &str) -> String {
    let is_positive = label.starts_with(|c: char| ('1'..='9').contains(&c));
    if is_positive && scene.looks.mode == CompareMode::Difference {
        format!("+{label}")
    } else {
        label.to_owned()
    }
}

/// Ticks of an axis that runs upwards, left of a plot, with steps to choose from, finest first.
pub(super) fn level_ticks(
    pen: &Pen<'_>,
    scene: &Scene,
    plot: Rect,
    [low, high]: [f64; 2],
    steps: &[f64],
) {
    let label = scene.layout.text.label;
    let style = (Weight::Regular, label);
    for tick in linear_ticks(low, high, steps, label * 1.6 / plot.h) {
        let y = plot.bottom() - tick.fraction * plot.h;
        if y > plot.y + label * 0.4 && y < plot.bottom() - label * 0.4 {
            let at = [plot.x - label * 0.45, y];
            let words = level_tick(scene, &tick.label);
            let dim = pen.palette.text_dim;
            pen.put(&words, at, Align2::RIGHT_CENTER, style, dim);
        }
    }
}

/// The first of some titles that fits, from the one that says most to the one that says least.
pub(super) fn fitting_title(
    pen: &Pen<'_>,
    scene: &Scene,
    plot: Rect,
    titles: &[String],
    room: f32,
) {
    if let Some(words) = fitting(pen, scene, titles, room) {
        title(pen, scene, plot, words, room);
    }
}

fn fitting<'a>(
    pen: &Pen<'_>,
    scene: &Scene,
    titles: &'a [String],
    room: f32,
) -> Option<&'a String> {
    let style = (Weight::Regular, scene.layout.text.label);
    let fits = |words: &&String| pen.width(words, style) <= room;
    titles.iter().find(fits).or(titles.last())
}

/// The title in the upper left corner of a plot, as much of it as fits.
pub(super) fn title(pen: &Pen<'_>, scene: &Scene, plot: Rect, words: &str, room: f32) {
    title_at(
        pen,
        scene,
        [plot.x, plot.y + scene.layout.text.label * 1.1],
        words,
        room,
    );
}

/// The first of some titles that fits, in the lower left corner of a plot whose lines mostly lie above.
pub(super) fn title_below(pen: &Pen<'_>, scene: &Scene, plot: Rect, titles: &[String], room: f32) {
    if let Some(words) = fitting(pen, scene, titles, room) {
        let y = plot.bottom() - scene.layout.text.label * 1.1;
        title_at(pen, scene, [plot.x, y], words, room);
    }
}

/// A title from a left edge on, at a height of its middle.
fn title_at(pen: &Pen<'_>, scene: &Scene, [left, y]: [f32; 2], words: &str, room: f32) {
    let label = scene.layout.text.label;
    let style = (Weight::Regular, label);
    let words = pen.begun(words, style, room);
    let at = [left + label * 0.8, y];
    let plate = egui::Rect::from_min_max(
        egui::pos2(at[0] - label * 0.3, at[1] - label * 0.72),
        egui::pos2(
            at[0] + pen.width(&words, style) + label * 0.3,
            at[1] + label * 0.72,
        ),
    );
    // A loud curve may lie there too.
    let ground = color32(pen.palette.panel.alpha(0.88));
    pen.painter.rect_filled(plate, label * 0.25, ground);
    let dim = pen.palette.text_dim;
    pen.put(&words, at, Align2::LEFT_CENTER, style, dim);
}
