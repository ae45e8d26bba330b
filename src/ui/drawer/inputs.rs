//! The inputs: each with where it comes from and a live level; a click hears it.

use egui::{Rect, RichText, Sense, Ui, pos2, vec2};

use crate::session::action::{Action, PairAction};
use crate::ui::fonts::{Weight, font};
use crate::ui::text::{Pen, color32};
use crate::view::inputs::{InputItem, InputsScene};
use crate::view::readout::one_decimal;
use crate::view::scene::Scene;

/// Height of a row, in letters of a label.
const ROW_EM: f32 = 3.4;
/// The level meter: its width in letters, and its lower end.
const METER_EM: f32 = 6.5;
const METER_FLOOR_DB: f32 = -60.0;

/// What the demo is called as an input.
const DEMO: &str = "demo";

/// Lists the inputs.
pub fn inputs(ui: &mut Ui, scene: &Scene, content: &InputsScene, actions: &mut Vec<Action>) {
    let em = scene.layout.text.label;
    let dim = color32(scene.palette.text_dim);
    if !content.note.is_empty() {
        ui.label(&content.note);
        ui.add_space(em * 0.5);
    }
    for item in &content.items {
        row(ui, scene, item, actions);
    }
    if content.is_looking {
        ui.label(RichText::new("Looking for inputs …").color(dim));
    }
    if content.pairs > 0 {
        ui.add_space(em * 0.8);
        ui.label(RichText::new("Channels of this input").color(dim));
        pairs(ui, content, actions);
    }
    ui.add_space(em * 0.8);
    outputs(ui, scene, content, actions);
    ui.add_space(em * 0.8);
    let words = "Changing the input keeps all that was heard; what is missed between is a gap.";
    ui.label(RichText::new(words).color(dim));
    if content.items.iter().all(|item| item.choice != DEMO) {
        ui.add_space(em * 0.4);
        if ui.button("Play the demo song").clicked() {
            actions.push(PairAction::SelectInput(DEMO.to_owned()).into());
        }
    }
}

/// Where the reference is listened to, and whether it is.
fn outputs(ui: &mut Ui, scene: &Scene, content: &InputsScene, actions: &mut Vec<Action>) {
    let em = scene.layout.text.label;
    let dim = color32(scene.palette.text_dim);
    ui.label(RichText::new("Listen to the reference on").color(dim));
    for item in &content.outputs {
        if ui.radio(item.is_current, &item.name).clicked() {
            actions.push(PairAction::ListenOn(item.choice.clone()).into());
        }
    }
    let is_heard = !scene.status.listening.is_empty();
    let words = if is_heard {
        "Stop listening (W)"
    } else {
        "Listen (W)"
    };
    ui.add_space(em * 0.3);
    if ui.button(words).clicked() {
        actions.push(PairAction::ToggleListen.into());
    }
}

fn pairs(ui: &mut Ui, content: &InputsScene, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        for pair in 0..content.pairs {
            let words = format!("{}–{}", 2 * pair + 1, 2 * pair + 2);
            let button = egui::Button::selectable(content.pair == Some(pair), words);
            if ui.add(button).clicked() {
                actions.push(Action::Pair(PairAction::SelectInputPair(pair)));
            }
        }
    });
}

/// One input: its name, where it comes from, its level.
fn row(ui: &mut Ui, scene: &Scene, item: &InputItem, actions: &mut Vec<Action>) {
    let (text, palette) = (scene.layout.text, &scene.palette);
    let em = text.label;
    let size = vec2(ui.available_width(), em * ROW_EM);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        let name = format!("Input {}", item.name);
        egui::WidgetInfo::selected(egui::Role::RadioButton, true, item.is_current, name)
    });
    if response.clicked() {
        actions.push(Action::Pair(PairAction::SelectInput(item.choice.clone())));
    }
    let painter = ui.painter();
    if item.is_current || response.hovered() {
        let alpha = if item.is_current { 0.12 } else { 0.06 };
        painter.rect_filled(rect, 3.0, color32(palette.text.alpha(alpha)));
    }
    if item.is_current {
        let mark = Rect::from_min_size(rect.min, vec2(em * 0.25, rect.height()));
        painter.rect_filled(mark, 0.0, color32(palette.mix));
    }
    if response.has_focus() {
        let stroke = egui::Stroke::new(1.5, color32(palette.text));
        painter.rect_stroke(rect, 3.0, stroke, egui::StrokeKind::Inside);
    }
    let left = rect.left() + em * 0.8;
    let right = rect.right() - em * 0.8 - meter_width(item, em);
    let lines = [
        (&item.name, Weight::Medium, palette.text, 0.3),
        (&item.detail, Weight::Regular, palette.text_dim, 0.72),
    ];
    let pen = Pen { painter, palette };
    let mut is_whole = true;
    for (words, weight, color, part) in lines {
        let fitting = pen.begun(words, (weight, em), (right - left - em).max(em));
        is_whole &= fitting == *words;
        let at = [left, rect.top() + rect.height() * part];
        pen.put(&fitting, at, egui::Align2::LEFT_CENTER, (weight, em), color);
    }
    level(ui, scene, item, rect);
    if !is_whole {
        response.on_hover_text(format!("{}\n{}", item.name, item.detail));
    }
}

fn meter_width(item: &InputItem, em: f32) -> f32 {
    match item.peak_dbfs {
        Some(_) => em * (METER_EM + 3.0),
        None => 0.0,
    }
}

/// A bar from −60 to 0 dBFS with its figure; without a level, nothing.
fn level(ui: &Ui, scene: &Scene, item: &InputItem, row: Rect) {
    let Some(peak_dbfs) = item.peak_dbfs else {
        return;
    };
    let palette = &scene.palette;
    let em = scene.layout.text.label;
    let right = row.right() - em * 0.8;
    let height = em * 0.5;
    let middle = row.center().y;
    let track = Rect::from_min_max(
        pos2(right - em * METER_EM, middle - height / 2.0),
        pos2(right, middle + height / 2.0),
    );
    let painter = ui.painter();
    painter.rect_filled(track, 1.0, color32(palette.text.alpha(0.12)));
    let part = ((peak_dbfs - METER_FLOOR_DB) / -METER_FLOOR_DB).clamp(0.0, 1.0);
    let bar = Rect::from_min_size(track.min, vec2(track.width() * part, height));
    let color = if peak_dbfs >= 0.0 {
        palette.over
    } else {
        palette.mix
    };
    painter.rect_filled(bar, 1.0, color32(color));
    let exists = Some(f64::from(peak_dbfs)).filter(|db| db.is_finite());
    painter.text(
        pos2(track.left() - em * 0.4, middle),
        egui::Align2::RIGHT_CENTER,
        one_decimal(exists),
        font(Weight::Regular, em),
        color32(palette.text_dim),
    );
}
