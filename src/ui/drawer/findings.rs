//! The findings: the verdict on top, then each with its figure, where to listen, and how far out it lies.

use egui::{RichText, Role, Sense, Ui, WidgetInfo, vec2};

use crate::session::action::{Action, Drawer, PictureKind, ViewAction, WindowAction};
use crate::ui::fonts::{Weight, font};
use crate::ui::text::color32;
use crate::view::findings::{FindingRow, FindingsScene};
use crate::view::scene::Scene;

/// What the three sentences are.
const NAMES: [&str; 3] = ["What differs", "What matches", "How sure"];

/// Lists the findings.
pub fn findings(ui: &mut Ui, scene: &Scene, content: &FindingsScene, actions: &mut Vec<Action>) {
    let em = scene.layout.text.label;
    let dim = color32(scene.palette.text_dim);
    if !content.heading.is_empty() {
        ui.label(RichText::new(&content.heading).color(dim));
        ui.add_space(em * 0.6);
    }
    for (name, sentence) in NAMES.iter().zip(&content.verdict) {
        ui.label(RichText::new(*name).color(dim));
        // A figure stays with its unit.
        let sentence = sentence.replace(" %", "\u{a0}%");
        ui.label(RichText::new(sentence).font(font(Weight::Medium, em * 1.05)));
        ui.add_space(em * 0.5);
    }
    if !content.verdict.is_empty() {
        ui.separator();
    }
    if !content.note.is_empty() {
        ui.add_space(em * 0.4);
        ui.label(RichText::new(&content.note).color(dim));
    }
    for row in &content.rows {
        finding(ui, scene, row, actions);
    }
    if let Some(state) = &content.state {
        ui.add_space(em * 0.5);
        ui.label(RichText::new(state).color(dim));
    }
    if !content.verdict.is_empty() {
        ui.add_space(em * 0.8);
        ui.horizontal_wrapped(|ui| {
            let buttons = [
                ("Report", Action::Window(WindowAction::Report)),
                ("Export figures", Action::Window(WindowAction::Export)),
                (
                    "Picture",
                    Action::Window(WindowAction::Screenshot(PictureKind::Print)),
                ),
            ];
            for (words, action) in buttons {
                if ui.button(words).clicked() {
                    actions.push(action);
                }
            }
        });
    }
}

fn finding(ui: &mut Ui, scene: &Scene, row: &FindingRow, actions: &mut Vec<Action>) {
    let em = scene.layout.text.label;
    let dim = color32(scene.palette.text_dim);
    ui.add_space(em * 0.6);
    ui.horizontal(|ui| {
        ui.label(RichText::new(&row.figure).font(font(Weight::Medium, em * 1.35)));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(RichText::new(&row.kind).color(dim));
        });
    });
    ui.label(&row.text);
    ui.horizontal(|ui| {
        let response = ui.button("Show");
        let name = format!("Show {}", row.text);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        let hint = "marks it and brings it into the picture, which then stands still";
        if response.on_hover_text(hint).clicked() {
            actions.push(Action::View(ViewAction::GoTo(Some(row.mark))));
            // Across a narrow window it lies over what is to be shown.
            if scene.layout.drawer.is_some_and(|drawer| drawer.x <= 0.0) {
                let close = ViewAction::ToggleDrawer(Drawer::Findings);
                actions.push(Action::View(close));
            }
        }
        ui.label(RichText::new(&row.place).color(dim));
    });
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), em * 0.4), Sense::hover());
    let radius = em * 0.2;
    ui.painter()
        .rect_filled(rect, radius, color32(scene.palette.text.alpha(0.12)));
    let mut filled = rect;
    filled.set_width(rect.width() * row.severity.clamp(0.0, 1.0) as f32);
    ui.painter()
        .rect_filled(filled, radius, color32(scene.palette.text.alpha(0.8)));
}
