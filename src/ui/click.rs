//! Painted places that can be clicked: what looks like a control is one, lights up under the mouse and has a name.

use egui::{CursorIcon, Id, Order, Pos2, Sense, vec2};

use crate::ui::text::{Pen, color32};
use crate::ui::tooltip::tip;
use crate::view::rect::Rect;

/// Whether a painted place was clicked. `words` say what a click does; `name` is unique, and is what assistive tools
/// read.
pub fn clicked(pen: &Pen<'_>, name: &str, place: Rect, words: &str) -> bool {
    clicked_as(pen, name, name, place, words)
}

/// The same under a name that stays while what is read there changes: a press and its release are of one thing.
pub fn clicked_as(pen: &Pen<'_>, id: &str, name: &str, place: Rect, words: &str) -> bool {
    if place.w < 1.0 || place.h < 1.0 {
        return false;
    }
    let rect = egui::Rect::from_min_size(Pos2::new(place.x, place.y), vec2(place.w, place.h));
    let response = egui::Area::new(Id::unique(("click", id)))
        .order(Order::Middle)
        .fixed_pos(rect.min)
        .show(pen.painter.ctx(), |ui| {
            // Its key reaches it: Tab walks through an open drawer alone.
            let (_, response) = ui.allocate_exact_size(rect.size(), Sense::CLICK);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
            if response.hovered() {
                let light = color32(pen.palette.text.alpha(0.12));
                ui.painter().rect_filled(rect, 3.0, light);
            }
            response
        })
        .inner
        .on_hover_cursor(CursorIcon::PointingHand);
    if !words.is_empty() {
        tip(pen, &response, words);
    }
    response.clicked()
}
