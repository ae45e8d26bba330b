//! Words of the loudness histories.

use egui::Align2;

use crate::render::plot::LEVEL_STEPS_DB;
use crate::ui::fonts::Weight;
use crate::ui::labels::{level_ticks, title_below};
use crate::ui::plate::Line;
use crate::ui::text::Pen;
use crate::view::crosshair::{CursorLoudness, CursorScene};
use crate::view::readout::whole;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Ticks, title and target.
pub fn words(pen: &Pen<'_>, scene: &Scene, plot: Rect) {
    let label = scene.layout.text.label;
    let is_difference = scene.loudness_is_difference();
    level_ticks(pen, scene, plot, scene.loudness_range(), &LEVEL_STEPS_DB);
    if !is_difference && scene.shows_lufs(scene.looks.target_lufs) {
        let target_y = scene.y_from_lufs(plot, scene.looks.target_lufs);
        let at = [plot.right() + label * 0.3, target_y];
        let target = whole(scene.looks.target_lufs);
        let style = (Weight::Regular, label);
        let dim = pen.palette.text_dim;
        pen.put(&target, at, Align2::LEFT_CENTER, style, dim);
    }
    let what = match is_difference {
        true => "Loudness  short-term, momentary  mix − reference  LU",
        false => "Loudness  short-term, momentary, integrated  LUFS",
    };
    let short = match is_difference {
        true => "Loudness  mix − reference  LU",
        false => "Loudness  LUFS",
    };
    let titles = [what, short].map(|words| match scene.has_reference() {
        true => format!("{words}, B {}", scene.gain_words()),
        false => words.to_owned(),
    });
    // Loud music runs along the upper edge.
    title_below(pen, scene, plot, &titles, plot.w - label * 2.0);
}

/// Both values at the crosshair's time.
pub fn readout(cursor: &CursorScene) -> Vec<Line> {
    let values = |value: fn(&CursorLoudness) -> Option<f64>| cursor.loudness.each_ref().map(value);
    [
        ("S", values(|l| l.short_term_lufs)),
        ("M", values(|l| l.momentary_lufs)),
    ]
    .map(|(name, values)| Line::Values {
        name,
        values,
        unit: "LU",
    })
    .into()
}
