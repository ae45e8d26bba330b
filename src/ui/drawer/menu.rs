//! The menu: every action by group, with its key; a click does it.

use egui::{Button, RichText};

use crate::session::action::{Action, Group, catalog};
use crate::ui::fonts::{Weight, font};
use crate::ui::style::show_focus;
use crate::ui::text::color32;
use crate::view::scene::Scene;

/// Lists all actions that have words.
pub fn menu(ui: &mut egui::Ui, scene: &Scene, actions: &mut Vec<Action>) {
    let text = scene.layout.text;
    let entries = catalog();
    for group in Group::ALL {
        let heading = RichText::new(group.title())
            .font(font(Weight::Medium, text.label))
            .color(color32(scene.palette.text_dim));
        ui.label(heading);
        let listed = entries
            .iter()
            .filter(|entry| entry.group == group && !entry.help.is_empty());
        for entry in listed {
            let button = Button::new(entry.help)
                .frame(false)
                .right_text(
                    RichText::new(entry.key.unwrap_or_default())
                        .color(color32(scene.palette.text_dim)),
                )
                .min_size(egui::vec2(
                    ui.available_width() - text.label * 0.9,
                    text.label * 1.9,
                ));
            let response = ui.add(button);
            show_focus(ui, scene, &response);
            if response.clicked() {
                actions.push(entry.action.clone());
            }
        }
        ui.add_space(text.label * 0.6);
    }
}
