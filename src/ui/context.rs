//! The small menu beside the mouse: what can be done with what was clicked.

use egui::{Align2, Button, Frame, Id, Margin, Order, RichText, Sense, Stroke, pos2, vec2};

use crate::session::action::{Action, ViewAction};
use crate::ui::fonts::{Weight, font};
use crate::ui::style::show_focus;
use crate::ui::text::color32;
use crate::view::context::{ContextItem, ContextScene, stays_open};
use crate::view::scene::Scene;

/// Width in letters of a label.
const WIDTH_EM: f32 = 21.0;

/// A press no further than this from where the menu was asked for is the one that asked.
const SAME_PLACE_PX: f32 = 2.0;

/// Draws the menu and returns what was asked for; a click elsewhere closes it.
pub fn context(ctx: &egui::Context, scene: &Scene, content: &ContextScene) -> Vec<Action> {
    let text = scene.layout.text;
    let mut actions = vec![];
    let [width, height] = scene.layout.size;
    let [x, y] = content.at;
    // It opens towards the middle, so that it never leaves the window.
    let pivot = match (x < width / 2.0, y < height / 2.0) {
        (true, true) => Align2::LEFT_TOP,
        (true, false) => Align2::LEFT_BOTTOM,
        (false, true) => Align2::RIGHT_TOP,
        (false, false) => Align2::RIGHT_BOTTOM,
    };
    let id = Id::unique("context");
    if ctx.memory(|memory| memory.area_rect(id)).is_none() {
        // An area only measures itself in its first pass; a still picture has no second frame to show it in.
        ctx.request_discard("the menu opens");
    }
    let area = egui::Area::new(id)
        .order(Order::Foreground)
        .pivot(pivot)
        // The words of the top bar stay what they are about.
        .fixed_pos(pos2(x, y.max(scene.layout.top_bar.bottom())))
        .show(ctx, |ui| {
            let frame = Frame::new()
                .fill(color32(scene.palette.panel))
                .stroke(Stroke::new(1.0, color32(scene.palette.text_dim)))
                .inner_margin(Margin::same((text.label * 0.5) as i8));
            frame.show(ui, |ui| {
                let room = (text.label * WIDTH_EM).min(width - 2.0 * text.label);
                ui.set_width(room);
                ui.spacing_mut().item_spacing.y = 0.0;
                let title = RichText::new(content.context.title())
                    .font(font(Weight::Medium, text.label))
                    .color(color32(scene.palette.text_dim));
                ui.label(title);
                for item in &content.items {
                    if row(ui, scene, item) {
                        actions.push(item.action.clone());
                        if !stays_open(&item.action) {
                            actions.push(ViewAction::Context(None).into());
                        }
                    }
                }
            });
        });
    let rect = area.response.rect;
    let elsewhere = ctx.input(|input| {
        let at = input
            .pointer
            .interact_pos()
            .filter(|_| input.pointer.any_pressed());
        // The press that opened it may be of the same frame.
        let opened = pos2(x, y);
        at.is_some_and(|at| !rect.contains(at) && at.distance(opened) > SAME_PLACE_PX)
    });
    if elsewhere {
        actions.push(ViewAction::Context(None).into());
    }
    actions
}

fn row(ui: &mut egui::Ui, scene: &Scene, item: &ContextItem) -> bool {
    let text = scene.layout.text;
    let dim = color32(scene.palette.text_dim);
    let button = Button::new(&item.words)
        .frame(false)
        .right_text(RichText::new(item.key).color(dim));
    let response = ui
        .horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let (place, _) = ui.allocate_exact_size(vec2(text.label * 1.3, 0.0), Sense::hover());
            if let Some(is_on) = item.is_on {
                let middle = pos2(place.left() + text.label * 0.5, place.center().y);
                let color = color32(scene.palette.text);
                let radius = text.label * 0.32;
                match is_on {
                    true => ui.painter().circle_filled(middle, radius, color),
                    false => ui
                        .painter()
                        .circle_stroke(middle, radius, Stroke::new(1.0, dim)),
                };
            }
            ui.add(button.min_size(vec2(ui.available_width(), text.label * 1.9)))
        })
        .inner;
    show_focus(ui, scene, &response);
    response.widget_info(|| match item.is_on {
        Some(is_on) => {
            egui::WidgetInfo::selected(egui::Role::MenuItemRadio, true, is_on, &item.words)
        }
        None => egui::WidgetInfo::labeled(egui::Role::MenuItem, true, &item.words),
    });
    if response.hovered() {
        let light = color32(scene.palette.text.alpha(0.10));
        ui.painter().rect_filled(response.rect, 3.0, light);
    }
    response.clicked()
}
