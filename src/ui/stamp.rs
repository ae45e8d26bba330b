//! Writes the stamp of a saved picture: song and time, both sides with match and place, the loudness table, settings.

use egui::Align2;

use crate::ui::fonts::Weight;
use crate::ui::labels::side_mark;
use crate::ui::text::{Pen, color32};
use crate::view::palette::Side;
use crate::view::readout::{apart, one_decimal, sample_rate, signed};
use crate::view::rect::Rect;
use crate::view::scene::{Figures, Scene};
use crate::view::stamp::{Stamp, alignment_words, match_words, setting_words};

/// A column of the table: long and short name, unit, figure.
type Column = (
    &'static str,
    &'static str,
    &'static str,
    fn(&Figures) -> Option<f64>,
);

const COLUMNS: [Column; 5] = [
    ("Integrated", "I", "LUFS", |f| f.integrated_lufs),
    ("Short-term", "S", "LUFS", |f| f.short_term_lufs),
    ("Range", "LRA", "LU", |f| f.range_lu),
    ("True peak", "TP", "dBTP", |f| f.true_peak_dbtp),
    ("PLR", "PLR", "LU", |f| f.plr_lu),
];

/// Draws the stamp of a scene.
pub fn stamp(pen: &Pen<'_>, scene: &Scene, stamp: &Stamp) {
    let text = scene.layout.text;
    let rect = stamp.rect;
    let egui_rect = |r: Rect| egui::Rect::from_min_size(egui::pos2(r.x, r.y), egui::vec2(r.w, r.h));
    pen.painter
        .rect_filled(egui_rect(rect), 0.0, color32(pen.palette.panel));
    let line = Rect {
        h: (text.label * 0.08).max(1.0),
        ..rect
    };
    pen.painter
        .rect_filled(egui_rect(line), 0.0, color32(pen.palette.text.alpha(0.25)));
    let pad = text.label;
    let row = Stamp::row(text);
    let top = rect.y + 0.7 * text.label;
    let area = Rect::snapped(rect.x + pad, top, rect.right() - pad, rect.bottom());
    let rows = |from: f32, count: f32, left: f32, right: f32| {
        Rect::snapped(
            left,
            area.y + from * row,
            right,
            area.y + (from + count) * row,
        )
    };
    let has_table = Stamp::has_table(&scene.layout);
    if Stamp::is_wide(rect.w, text) {
        let [a, b, c, d] = [0.0, 0.25, 0.6, 1.0].map(|part| area.x + part * area.w);
        heading(pen, scene, stamp, rows(0.0, 4.0, a, b - pad));
        sides(pen, scene, rows(0.0, 4.0, b, c - pad));
        if has_table {
            table(pen, scene, rows(0.0, 4.0, c, d), false);
            settings(pen, scene, stamp, rows(4.1, 1.0, a, d));
        } else {
            settings(pen, scene, stamp, rows(0.1, 3.0, c, d));
        }
    } else {
        let (a, d) = (area.x, area.right());
        heading(pen, scene, stamp, rows(0.0, 3.0, a, d));
        sides(pen, scene, rows(3.3, 3.0, a, d));
        if has_table {
            table(pen, scene, rows(6.3, 4.0, a, d), true);
        }
        let below = if has_table { 10.5 } else { 6.5 };
        settings(pen, scene, stamp, rows(below, 1.6, a, d));
    }
}

/// Song, snapshot, time.
fn heading(pen: &Pen<'_>, scene: &Scene, stamp: &Stamp, area: Rect) {
    let text = scene.layout.text;
    let row = Stamp::row(text);
    let big = (Weight::Medium, text.title * 1.35);
    let song = pen.fitted(&stamp.song, big, area.w);
    let at = |n: f32| [area.x, area.y + (n + 0.5) * row];
    pen.put(&song, at(0.15), Align2::LEFT_CENTER, big, pen.palette.text);
    let style = (Weight::Regular, text.label);
    let mut y = 1.3;
    let bars = scene.song.words();
    let made = match &bars {
        Some(bars) => format!("{bars}, {}", stamp.made),
        None => stamp.made.clone(),
    };
    for words in stamp.snapshot.iter().chain([&made]) {
        let words = pen.fitted(words, style, area.w);
        pen.put(
            &words,
            at(y),
            Align2::LEFT_CENTER,
            style,
            pen.palette.text_dim,
        );
        y += 0.9;
    }
}

/// Both sources, match and place.
fn sides(pen: &Pen<'_>, scene: &Scene, area: Rect) {
    let text = scene.layout.text;
    let row = Stamp::row(text);
    let style = (Weight::Medium, text.label);
    for side in Side::BOTH {
        let state = scene.side(side);
        let y = area.y + (side.index() as f32 + 0.55) * row;
        side_mark(pen, side, [area.x + 2.0, y], text.label * 1.2);
        let left = area.x + text.label * 0.9;
        let name = match (state.name.as_str(), state.sample_rate_hz) {
            ("", _) => format!("no {}", side.name().to_lowercase()),
            (name, 0) => name.to_owned(),
            (name, rate) => format!("{name}, {}", sample_rate(rate)),
        };
        let name = pen.fitted(&name, style, area.right() - left);
        pen.put(
            &name,
            [left, y],
            Align2::LEFT_CENTER,
            style,
            pen.palette.text,
        );
    }
    if scene.side(Side::Reference).name.is_empty() {
        return;
    }
    let style = (Weight::Regular, text.label);
    let words = format!("{}, {}", match_words(scene), alignment_words(scene));
    let words = pen.fitted(&words, style, area.w);
    let at = [area.x, area.y + 2.55 * row];
    pen.put(&words, at, Align2::LEFT_CENTER, style, pen.palette.text_dim);
}

/// Loudness of both sides and their difference.
fn table(pen: &Pen<'_>, scene: &Scene, area: Rect, is_narrow: bool) {
    let text = scene.layout.text;
    let row = Stamp::row(text);
    let head = (Weight::Regular, text.label * 0.9);
    let style = (Weight::Medium, text.label);
    let names_width = text.label * if is_narrow { 3.2 } else { 6.0 };
    let slot = (area.w - names_width) / COLUMNS.len() as f32;
    let y = |n: usize| area.y + (n as f32 + 0.5) * row;
    for (n, name) in [Side::Mix.name(), Side::Reference.name(), "Δ"]
        .iter()
        .enumerate()
    {
        let name = if is_narrow && n == 1 { "Ref." } else { name };
        let dim = pen.palette.text_dim;
        pen.put(name, [area.x, y(n + 1)], Align2::LEFT_CENTER, head, dim);
    }
    for (n, (long, short, unit, figure)) in COLUMNS.iter().enumerate() {
        let right = area.x + names_width + slot * (n as f32 + 1.0);
        let room = slot - text.label * 0.6;
        let title = [long, short]
            .map(|name| format!("{name} {unit}"))
            .into_iter()
            .find(|title| pen.width(title, head) <= room)
            .unwrap_or_else(|| short.to_string());
        let dim = pen.palette.text_dim;
        pen.put(&title, [right, y(0)], Align2::RIGHT_CENTER, head, dim);
        let values = Side::BOTH.map(|side| figure(&scene.side(side).figures));
        // Of a part beside the whole there is no difference to tell.
        let is_of_more = *short != "S" && scene.reference_is_of_more().is_some();
        let difference = apart(values, 1).filter(|_| !is_of_more);
        let over = *short == "TP" && values[0].is_some_and(|v| v > scene.looks.target_dbtp);
        let cells = [
            (
                one_decimal(values[0]),
                if over {
                    pen.palette.over
                } else {
                    pen.palette.text
                },
            ),
            (one_decimal(values[1]), pen.palette.text),
            (signed(difference), dim),
        ];
        for (line, (words, color)) in cells.iter().enumerate() {
            pen.put(
                words,
                [right, y(line + 1)],
                Align2::RIGHT_CENTER,
                style,
                *color,
            );
        }
    }
}

/// How it was drawn: as many pieces a line as there is room for, the program at the end.
fn settings(pen: &Pen<'_>, scene: &Scene, stamp: &Stamp, area: Rect) {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label * 0.85);
    let own = format!("Abscope {}", stamp.version);
    let own_width = pen.width(&own, style) + text.label * 1.5;
    let line_height = style.1 * 1.45;
    let lines = (area.h / line_height).floor().max(1.0) as usize;
    let mut line = String::new();
    let mut written = 0;
    let y = |n: usize| area.y + (n as f32 + 0.5) * line_height;
    let dim = pen.palette.text_dim;
    for piece in setting_words(scene) {
        let longer = if line.is_empty() {
            piece.clone()
        } else {
            format!("{line}  ·  {piece}")
        };
        let room = if written + 1 == lines {
            area.w - own_width
        } else {
            area.w
        };
        if pen.width(&longer, style) <= room {
            line = longer;
            continue;
        }
        if written + 1 == lines {
            break;
        }
        pen.put(&line, [area.x, y(written)], Align2::LEFT_CENTER, style, dim);
        written += 1;
        line = piece;
    }
    pen.put(&line, [area.x, y(written)], Align2::LEFT_CENTER, style, dim);
    let at = [area.right(), y(lines - 1)];
    pen.put(&own, at, Align2::RIGHT_CENTER, style, dim);
}
