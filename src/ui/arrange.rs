//! Arranging by mouse: dividers are dragged, a double click lets a panel fill the window.

use egui::{CursorIcon, Id, Order, PointerButton, Pos2, Sense, vec2};

use crate::session::action::{Action, ViewAction};
use crate::session::settings::arrangement::{Across, Panel};
use crate::ui::text::color32;
use crate::view::axis::FrequencyAxis;
use crate::view::layout::DividerPlace;
use crate::view::rect::Rect;
use crate::view::scene::{Looks, Scene};

/// Hears the mouse on dividers and panels.
pub fn arrange(ctx: &egui::Context, scene: &Scene, actions: &mut Vec<Action>) {
    for place in &scene.layout.dividers {
        drag(ctx, scene, place, actions);
    }
    fill_on_double_click(ctx, scene, actions);
}

/// A divider: seen under the mouse, and moved by dragging.
fn drag(ctx: &egui::Context, scene: &Scene, place: &DividerPlace, actions: &mut Vec<Action>) {
    let rect = egui_rect(place.rect);
    let id = Id::unique(("divider", place.divider));
    let response = egui::Area::new(id)
        .order(Order::Middle)
        .fixed_pos(rect.min)
        .show(ctx, |ui| {
            // Tab walks through an open drawer alone.
            let (_, response) = ui.allocate_exact_size(rect.size(), Sense::DRAG);
            let name = format!("Divider: {}", place.divider.name());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Splitter, true, &name));
            if response.hovered() || response.dragged() {
                let middle = if place.is_upright {
                    egui::Rect::from_center_size(rect.center(), vec2(2.0, rect.height()))
                } else {
                    egui::Rect::from_center_size(rect.center(), vec2(rect.width(), 2.0))
                };
                let color = color32(scene.palette.text.alpha(0.35));
                ui.painter().rect_filled(middle, 0.0, color);
            }
            response
        })
        .inner;
    let icon = if place.is_upright {
        CursorIcon::ResizeHorizontal
    } else {
        CursorIcon::ResizeVertical
    };
    let response = response.on_hover_and_drag_cursor(icon);
    if let Some(at) = response
        .interact_pointer_pos()
        .filter(|_| response.dragged())
    {
        let fraction = place.fraction_at(at.x, at.y);
        actions.push(Action::View(ViewAction::MoveDivider(
            place.divider,
            fraction,
        )));
    }
}

/// Works without an area over the panels, so that whatever else the mouse does there goes on. A double click on axes
/// that were zoomed brings back the usual ones; then the panel stays where it is.
fn fill_on_double_click(ctx: &egui::Context, scene: &Scene, actions: &mut Vec<Action>) {
    let at = ctx.input(|input| {
        let is_double = input.pointer.button_double_clicked(PointerButton::Primary);
        input.pointer.interact_pos().filter(|_| is_double)
    });
    let Some(at) = at else {
        return;
    };
    let is_on_chrome = ctx
        .layer_id_at(at)
        .is_some_and(|layer| layer.order != Order::Background);
    let has_axes = |panel: Panel| panel.row().across != Across::Nothing;
    let is_zoomed = scene.frequency != FrequencyAxis::default()
        || scene.looks.span_secs != Looks::default().span_secs;
    match scene.layout.panel_at(at.x, at.y).filter(|_| !is_on_chrome) {
        Some(panel) if is_zoomed && has_axes(panel) => {
            actions.push(Action::View(ViewAction::ResetAxes))
        }
        Some(panel) => actions.push(Action::View(ViewAction::Fill(panel))),
        None => {}
    }
}

fn egui_rect(rect: Rect) -> egui::Rect {
    egui::Rect::from_min_size(Pos2::new(rect.x, rect.y), vec2(rect.w, rect.h))
}
