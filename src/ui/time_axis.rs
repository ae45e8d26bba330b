//! Ticks of the shared time axis, wherever the layout has it.

use egui::Align2;

use crate::ui::fonts::Weight;
use crate::ui::text::Pen;
use crate::view::scene::Scene;

/// Ticks of the time axis that all panels share.
pub fn time_axis(pen: &Pen<'_>, scene: &Scene) {
    let (Some(axis), Some(plot)) = (scene.layout.time_axis, scene.layout.time_plot()) else {
        return;
    };
    let text = scene.layout.text;
    let y = axis.y + axis.h / 2.0;
    for tick in scene.time_ticks(text.label * 6.0 / plot.w) {
        let is_edge = tick.fraction >= 1.0;
        let anchor = if is_edge {
            Align2::RIGHT_CENTER
        } else {
            Align2::CENTER_CENTER
        };
        let x = plot.x + tick.fraction * plot.w;
        let style = (Weight::Regular, text.label);
        pen.put(&tick.label, [x, y], anchor, style, pen.palette.text_dim);
    }
}
