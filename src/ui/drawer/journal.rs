//! The journal: four lines that say whether the snapshots of a song came closer to the reference, and the figures.

use egui::{Align2, Pos2, Rect, RichText, Sense, Stroke, Ui, pos2, vec2};

use crate::ui::fonts::{Weight, font};
use crate::ui::text::color32;
use crate::view::journal::{JournalScene, Trend};
use crate::view::palette::Rgba;
use crate::view::readout::{one_decimal, shortened, signed};
use crate::view::scene::Scene;

/// Height of a line in letters of a label.
const TREND_EM: f32 = 7.6;
/// A line never fills its height with less than this: small changes look small.
const LEAST_RANGE: f64 = 2.0;
/// Where a scale ends: the first of these that holds all values.
const SCALES: [f64; 12] = [
    2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0, 60.0,
];

/// Draws the journal.
pub fn journal(ui: &mut Ui, scene: &Scene, content: &JournalScene) {
    let em = scene.layout.text.label;
    if content.entries.is_empty() {
        let words = match content.is_read {
            true => "No snapshot of this song yet. S keeps one; the next ones show where it goes.",
            false => "Reading the snapshots …",
        };
        dim(ui, scene, words);
        return;
    }
    let against = match &content.reference {
        Some(reference) => format!("{} vs {reference}", content.song),
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
    let verdict = line.verdict();
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
    if room > em * 5.0 {
        put(
            pos2(title.right() + em, top),
            Align2::LEFT_CENTER,
            verdict,
            Weight::Regular,
            palette.text,
        );
    }
    put(
        pos2(rect.left(), top + em * 1.35),
        Align2::LEFT_CENTER,
        line.hint,
        Weight::Regular,
        palette.text_dim,
    );
    let plot = Rect::from_min_max(pos2(rect.left(), rect.top() + em * 2.9), rect.max);
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
    let top = SCALES
        .into_iter()
        .find(|top| *top >= largest)
        .unwrap_or(largest);
    let (low, high) = match line.is_signed {
        true => (-1.25 * top, 1.25 * top),
        // The lowest line is not the edge, so that its figure stands beside it.
        false => (-0.2 * top, 1.2 * top),
    };
    let em = scene.layout.text.label;
    let (left, margin) = (plot.left() + em * 2.6, em * 0.6);
    let last = line.values.len().saturating_sub(1).max(1) as f32;
    let place = |n: usize, value: f64| {
        let part = if line.values.len() == 1 {
            0.5
        } else {
            n as f32 / last
        };
        let x = left + margin + part * (plot.right() - left - 2.0 * margin);
        let y = plot.bottom() - ((value - low) / (high - low)) as f32 * plot.height();
        pos2(x, y)
    };
    let ticks = match line.is_signed {
        true => &[top, 0.0, -top][..],
        false => &[top, 0.0][..],
    };
    for tick in ticks {
        let y = place(0, *tick).y.round();
        let alpha = if *tick == 0.0 { 0.35 } else { 0.15 };
        let color = color32(palette.text.alpha(alpha));
        painter.hline(left..=plot.right(), y, Stroke::new(1.0, color));
        let words = match line.is_signed && *tick != 0.0 {
            true => format!("{tick:+.0}").replace('-', "−"),
            false => format!("{tick:.0}"),
        };
        let at = pos2((left - em * 0.4).round(), y);
        let dim = color32(palette.text_dim);
        let size = font(Weight::Regular, em * 0.85);
        painter.text(at, Align2::RIGHT_CENTER, words, size, dim);
    }
    let stroke = Stroke::new((em * 0.12).max(1.5), color32(palette.mix));
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
                let place = entry
                    .bars
                    .iter()
                    .fold(String::new(), |_, bars| format!(", {bars}"));
                ui.label(name)
                    .on_hover_text(format!("{}{place}, {}", entry.name, entry.created));
                for line in &trends {
                    ui.label(value_words(line, line.values[n]));
                }
                ui.end_row();
            }
        });
}
