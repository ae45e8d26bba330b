//! Layouts and panels: which layout, which panels it shows, which one fills the window.

use egui::{Button, RichText};

use crate::session::action::{Action, Drawer, ViewAction};
use crate::session::settings::arrangement::{LayoutKind, Panel};
use crate::ui::fonts::{Weight, font};
use crate::ui::text::color32;
use crate::view::scene::Scene;

/// Lists layouts, then panels with "show" and "fill" for each.
pub fn layouts(ui: &mut egui::Ui, scene: &Scene, actions: &mut Vec<Action>) {
    let text = scene.layout.text;
    let arrangement = &scene.looks.arrangement;
    heading(ui, scene, "Layout");
    for kind in LayoutKind::ALL {
        let is_on = arrangement.layout == kind && arrangement.filled.is_none();
        let button = Button::selectable(is_on, kind.title())
            .min_size(egui::vec2(ui.available_width(), text.label * 1.9));
        if ui.add(button).clicked() && !is_on {
            actions.push(Action::View(ViewAction::Layout(kind)));
        }
    }
    ui.add_space(text.label * 0.6);
    heading(ui, scene, "Panels");
    for panel in Panel::ALL {
        ui.horizontal(|ui| {
            let mut is_shown = arrangement.shows(panel);
            let shown = ui.checkbox(&mut is_shown, panel.title());
            if shown.on_hover_text(panel.row().help).changed() {
                actions.push(Action::View(ViewAction::Hide(panel)));
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let is_filled = arrangement.filled == Some(panel);
                let words = if is_filled { "All panels" } else { "Fill" };
                let button = ui.button(words);
                // Six buttons of one word: assistive tools need the panel's name as well.
                button.widget_info(|| {
                    let name = format!("{words}: {}", panel.title());
                    egui::WidgetInfo::labeled(egui::Role::Button, true, name)
                });
                if button.clicked() {
                    actions.push(Action::View(ViewAction::Fill(panel)));
                }
            });
        });
    }
    ui.add_space(text.label * 0.6);
    let mut is_swapped = arrangement.swapped;
    if ui
        .checkbox(&mut is_swapped, "Spectrograms at the right")
        .changed()
    {
        actions.push(Action::View(ViewAction::SwapSides));
    }
    ui.add_space(text.label * 0.6);
    if ui.button("All as at first").clicked() {
        actions.push(Action::View(ViewAction::ResetLayout));
    }
    ui.add_space(text.label * 0.6);
    let dim = color32(scene.palette.text_dim);
    ui.label(
        RichText::new(
            "Shown and hidden panels are those of the Compare layout. Drag the lines between \
             panels to move them; double-click a panel to fill the window, and again to go back.",
        )
        .color(dim),
    );
    ui.add_space(text.label * 0.6);
    if ui.button("Menu of all actions").clicked() {
        actions.push(Action::View(ViewAction::ToggleDrawer(Drawer::Menu)));
    }
}

fn heading(ui: &mut egui::Ui, scene: &Scene, words: &str) {
    let heading = RichText::new(words)
        .font(font(Weight::Medium, scene.layout.text.label))
        .color(color32(scene.palette.text_dim));
    ui.label(heading);
}
