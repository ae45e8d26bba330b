//! The journal: four lines that say whether the snapshots of a song came closer to the reference, and the figures.

use egui::{Align2, Pos2, Rect, RichText, Sense, Stroke, Ui, pos2, vec2};

use crate::ui::fonts::{Weight, font};
use crate::ui::text::color32;
use crate::view::journal::{JournalScene, Trend};
use crate::view::palette::Rgba;
use crate::view::readout::{one_decimal, shortened, signed};
use crate::view::scene::Scene;

/// Height of a line in letters of a label.
const TREND_EM: f32 = 6.0;
/// A line never fills its height with less than this: small changes look small.
const LEAST_RANGE: f64 = 2.0;

/// Draws the journal.
pub fn journal(ui: &mut Ui, scene: &Scene, content: &JournalScene) {
    let em = scene.layout.text.label;
    if content.entries.is_empty() {
        if content.is_read {
            dim(
                ui,
                scene,
                "No snapshot of this song yet. S keeps one; the next ones show where it goes.",
            );
        }
        return;
    }
    let against = match &content.reference {
        Some(reference) => format!("{}, against {reference}", content.song),
        None => format!("{}: open a reference to see how far it is", content.song),
    };
    ui.label(against);
    ui.add_space(em * 0.5);
    if content.reference.is_some() {
        for line in content.trends() {
            trend(ui, scene, &line);
            ui.add_space(em * 0.5);
        }
    }
    table(ui, scene, content);
}

fn dim(ui: &mut Ui, scene: &Scene, words: &str) {
    ui.label(RichText::new(words).color(color32(scene.palette.text_dim)));
}

fn value_words(line: &Trend, value: Option<f64>) -> String {
    match line.is_signed {
        true => signed(value),
        false => one_decimal(value),
    }
}

/// One line: its title and newest value, and the course over all snapshots with zero at the bottom or in the middle.
fn trend(ui: &mut Ui, scene: &Scene, line: &Trend) {
    let palette = &scene.palette;
    let em = scene.layout.text.label;
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), em * TREND_EM), Sense::hover());
    let newest = line.values.iter().rev().flatten().next().copied();
    let words = format!("{} {}", value_words(line, newest), line.unit);
    let verdict = match line.came_closer() {
        Some(true) => "closer",
        Some(false) => "further away",
        None => "",
    };
    response.widget_info(|| {
        let label = format!("{} {words} {verdict}", line.title);
        egui::WidgetInfo::labeled(egui::Role::Label, true, label)
    });
    let top = rect.top() + em * 0.7;
    let put = |at: Pos2, anchor, words: &str, weight, color: Rgba| {
        ui.painter()
            .text(at, anchor, words, font(weight, em), color32(color))
    };
    let title = put(
        pos2(rect.left(), top),
        Align2::LEFT_CENTER,
        line.title,
        Weight::Medium,
        palette.text,
    );
    let value = put(
        pos2(rect.right(), top),
        Align2::RIGHT_CENTER,
        &words,
        Weight::Medium,
        palette.text,
    );
    let room = value.left() - title.right() - em * 2.0;
    let hint = if verdict.is_empty() {
        line.hint.to_owned()
    } else {
        format!("{verdict}: {}", line.hint)
    };
    let letters = (room / (em * 0.5)).max(4.0) as usize;
    let hint = shortened(&hint, letters);
    put(
        pos2(title.right() + em, top),
        Align2::LEFT_CENTER,
        &hint,
        Weight::Regular,
        palette.text_dim,
    );
    let plot = Rect::from_min_max(pos2(rect.left(), rect.top() + em * 1.6), rect.max);
    course(ui, scene, line, plot);
}

fn course(ui: &Ui, scene: &Scene, line: &Trend, plot: Rect) {
    let palette = &scene.palette;
    let painter = ui.painter();
    painter.rect_filled(plot, 2.0, color32(palette.background));
    let largest = line
        .values
        .iter()
        .flatten()
        .fold(LEAST_RANGE, |most, value| most.max(value.abs()));
    let (low, high) = match line.is_signed {
        true => (-1.15 * largest, 1.15 * largest),
        false => (0.0, 1.15 * largest),
    };
    let margin = scene.layout.text.label * 0.6;
    let last = line.values.len().saturating_sub(1).max(1) as f32;
    let place = |n: usize, value: f64| {
        let part = if line.values.len() == 1 {
            0.5
        } else {
            n as f32 / last
        };
        let x = plot.left() + margin + part * (plot.width() - 2.0 * margin);
        let y = plot.bottom() - ((value - low) / (high - low)) as f32 * plot.height();
        pos2(x, y)
    };
    let zero = place(0, 0.0).y.min(plot.bottom() - 1.0);
    painter.hline(
        plot.x_range(),
        zero,
        Stroke::new(1.0, color32(palette.grid)),
    );
    let stroke = Stroke::new(
        (scene.layout.text.label * 0.12).max(1.5),
        color32(palette.mix),
    );
    let mut before: Option<Pos2> = None;
    for (n, value) in line.values.iter().enumerate() {
        let Some(value) = value else {
            before = None;
            continue;
        };
        let at = place(n, *value);
        if let Some(before) = before {
            painter.line_segment([before, at], stroke);
        }
        painter.circle_filled(at, stroke.width * 1.6, color32(palette.mix));
        before = Some(at);
    }
}

/// The figures of each snapshot, newest first.
fn table(ui: &mut Ui, scene: &Scene, content: &JournalScene) {
    let em = scene.layout.text.label;
    let trends = content.trends();
    egui::Grid::new("journal")
        .num_columns(5)
        .spacing(vec2(em * 0.9, em * 0.4))
        .show(ui, |ui| {
            ui.label("");
            for line in &trends {
                // Units stand in the lines above; here they would be wider than the drawer.
                dim(ui, scene, line.title);
            }
            ui.end_row();
            for (n, entry) in content.entries.iter().enumerate().rev() {
                let name = shortened(&entry.name, 16);
                ui.label(name)
                    .on_hover_text(format!("{}, {}", entry.name, entry.created));
                for line in &trends {
                    ui.label(value_words(line, line.values[n]));
                }
                ui.end_row();
            }
        });
}
