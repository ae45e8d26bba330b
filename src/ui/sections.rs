//! Sections of the reference: thin marks with names along the bottom of its spectrogram.

use egui::{Align2, Rect, pos2};

use crate::ui::fonts::Weight;
use crate::ui::labels::shadowed;
use crate::ui::text::{Pen, color32};
use crate::view::layout::PaneContent;
use crate::view::palette::Side;
use crate::view::scene::Scene;

/// Marks where a section begins, and names it where there is room.
pub fn section_marks(pen: &Pen<'_>, scene: &Scene) {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let panes = scene.layout.panes.iter();
    for pane in panes.filter(|pane| pane.content == PaneContent::Level(Side::Reference)) {
        let plot = pane.plot;
        for mark in &scene.side(Side::Reference).sections {
            let x = (plot.x + mark.from * plot.w).round();
            let right = plot.x + mark.to * plot.w;
            let y = plot.bottom() - text.label * 1.1;
            if mark.begins {
                let tick = Rect::from_min_max(
                    pos2(x, plot.bottom() - text.label * 2.2),
                    pos2(x + (text.label / 8.0).round().max(1.0), plot.bottom()),
                );
                let color = color32(pen.palette.text.alpha(0.8));
                pen.painter.rect_filled(tick, 0.0, color);
            }
            let left = x + text.label * 0.6;
            if left + pen.width(&mark.name, style) + text.label * 0.6 < right {
                shadowed(pen, &mark.name, [left, y], Align2::LEFT_CENTER, style);
            }
        }
    }
}
