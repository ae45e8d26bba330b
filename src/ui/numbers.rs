//! The Big numbers layout, and the line of figures below large spectrograms.
//!
//! Short-term, integrated and true peak of mix and reference and their difference, in numerals that are read from
//! four metres: a sixth of the window's height, or as wide as the columns allow.

use egui::Align2;

use crate::ui::delta::{TELLING_DB, difference_look};
use crate::ui::fonts::Weight;
use crate::ui::labels::side_mark;
use crate::ui::text::Pen;
use crate::view::palette::{Rgba, Side};
use crate::view::readout::{apart, one_decimal, signed};
use crate::view::rect::Rect;
use crate::view::scene::{Figures, Scene};

/// One figure of both sides.
struct Figure {
    name: &'static str,
    short: &'static str,
    unit: &'static str,
    value: fn(&Figures) -> Option<f64>,
}

const FIGURES: [Figure; 3] = [
    Figure {
        name: "Short-term",
        short: "S",
        unit: "LUFS",
        value: |f| f.short_term_lufs,
    },
    Figure {
        name: "Integrated",
        short: "I",
        unit: "LUFS",
        value: |f| f.integrated_lufs,
    },
    Figure {
        name: "True peak",
        short: "TP",
        unit: "dBTP",
        value: |f| f.true_peak_dbtp,
    },
];

/// Whose columns they are.
const TITLES: [&str; 3] = ["Mix", "Reference", "Δ"];
/// The widest figure that is expected, for places that stay while figures change.
const WIDEST: &str = "−88.8";

impl Figure {
    /// Mix, reference and their difference, each with its weight and colour. Red is over the highest true peak allowed.
    fn words(&self, scene: &Scene) -> [(String, Weight, Rgba); 3] {
        let palette = &scene.palette;
        let as_is = Side::BOTH.map(|side| (self.value)(&scene.side(side).figures));
        let [a, b] = Side::BOTH.map(|side| scene.shown_level(side, as_is[side.index()]));
        let side = |side: Side| {
            let value = [a, b][side.index()];
            // What is delivered is over or not, whatever it is shown with.
            let over = |value: f64| value > scene.looks.target_dbtp;
            let is_delivered = side == Side::Mix || !scene.looks.loudness_match;
            let is_over =
                self.short == "TP" && is_delivered && as_is[side.index()].is_some_and(over);
            let color = match value {
                _ if is_over => palette.over,
                Some(_) => palette.text,
                None => palette.text_dim,
            };
            (one_decimal(value), Weight::Medium, color)
        };
        // The table has room to say of what the reference's are.
        let is_of_more = self.short != "S" && scene.reference_is_of_more().is_some();
        let difference = apart([a, b], 1).filter(|_| !is_of_more);
        let (weight, color) = match self.short == "S" && !scene.alignment.is_sure_of_now() {
            // Two songs have no moment in common.
            true => (Weight::Medium, palette.text_dim),
            false => difference_look(palette, difference, TELLING_DB),
        };
        let [mix, reference] = Side::BOTH.map(side);
        [mix, reference, (signed(difference), weight, color)]
    }
}

/// Writes the numerals into a rectangle: one figure a row, or all in one row of a strip.
pub fn numerals(pen: &Pen<'_>, scene: &Scene, rect: Rect) {
    if rect.h < scene.layout.text.label * 16.0 {
        one_row(pen, scene, rect);
    } else {
        three_rows(pen, scene, rect);
    }
}

/// A row for each figure: its name above, then mix, reference and difference in columns of equal width. A window
/// higher than wide gives the difference a place beside the name, and mix and reference all the width.
fn three_rows(pen: &Pen<'_>, scene: &Scene, rect: Rect) {
    let pad = scene.layout.text.label * 0.5;
    let is_upright = rect.w < rect.h * 1.2;
    let num_columns = if is_upright { 2.0 } else { 3.0 };
    let column = (rect.w - 2.0 * pad) / num_columns;
    let row_height = rect.h / FIGURES.len() as f32;
    let width_at_100 = pen.width(WIDEST, (Weight::Medium, 100.0));
    let by_width = column * 0.84 / width_at_100 * 100.0;
    // A row is a name and a numeral; numerals of a sixth of the window's height leave a quarter for the name.
    let size = (row_height * 0.66).min(by_width);
    let name = (size * 0.22).clamp(scene.layout.text.title, scene.layout.text.title * 3.0);
    let block = name * 1.4 + size * 0.86;
    for (index, figure) in FIGURES.iter().enumerate() {
        let top = rect.y + row_height * index as f32 + (row_height - block) / 2.0;
        if index > 0 {
            let y = (rect.y + row_height * index as f32).round();
            let line = egui::Rect::from_min_max(
                egui::pos2(rect.x + pad, y),
                egui::pos2(rect.right() - pad, y + 1.0),
            );
            let grid = crate::ui::text::color32(pen.palette.grid);
            pen.painter.rect_filled(line, 0.0, grid);
        }
        let y = top + name * 0.6;
        let end = pen.put(
            figure.name,
            [rect.x + pad, y],
            Align2::LEFT_CENTER,
            (Weight::Regular, name),
            pen.palette.text,
        );
        let unit = [end + name * 0.4, y];
        let dim = pen.palette.text_dim;
        pen.put(
            figure.unit,
            unit,
            Align2::LEFT_CENTER,
            (Weight::Regular, name),
            dim,
        );
        let middle = top + name * 1.4 + size * 0.43;
        for (column_index, (words, weight, color)) in figure.words(scene).into_iter().enumerate() {
            if is_upright && column_index == 2 {
                let right = rect.right() - pad;
                let above = [right, y - name * 0.4];
                let style = (weight, name * 1.6);
                let end = pen.width(&words, style);
                pen.put(&words, above, Align2::RIGHT_CENTER, style, color);
                let at = [right - end - name * 0.4, y];
                let style = (Weight::Regular, name);
                pen.put("Δ", at, Align2::RIGHT_CENTER, style, dim);
                continue;
            }
            let right = rect.x + pad + column * (column_index as f32 + 1.0);
            // Said once: below it, the columns say it. In an upright window the difference stands there.
            if index == 0 && !is_upright {
                let title = title_with_gain(pen, scene, column_index, [name, column]);
                column_title(pen, column_index, &title, [right, y], name);
            } else if is_upright && let Some(side) = Side::BOTH.get(column_index) {
                let left = rect.x + pad * 1.5 + column * column_index as f32;
                side_mark(pen, *side, [left, middle], size * 0.7);
            }
            // A loud peak of three digits, or a silence of −100, must not run into its neighbour.
            let own = pen.width(&words, (weight, size));
            let fitted = size * (column * 0.9 / own.max(1.0)).min(1.0);
            pen.put(
                &words,
                [right, middle],
                Align2::RIGHT_CENTER,
                (weight, fitted),
                color,
            );
        }
    }
}

/// Whose column it is, and how its levels are shown where there is room to say it.
fn title_with_gain(pen: &Pen<'_>, scene: &Scene, index: usize, [size, width]: [f32; 2]) -> String {
    let with_gain = format!("{}, {}", TITLES[index], scene.gain_words());
    let own = pen.width(&with_gain, (Weight::Regular, size));
    let is_said = index == Side::Reference.index() && scene.has_reference();
    match is_said && own + size * 1.5 <= width {
        true => with_gain,
        false => TITLES[index].to_owned(),
    }
}

/// Whose column it is, at the column's right edge. The first row's name stands at the left edge of the mix's.
fn column_title(pen: &Pen<'_>, index: usize, words: &str, [right, y]: [f32; 2], size: f32) {
    let style = (Weight::Regular, size);
    let dim = pen.palette.text_dim;
    pen.put(words, [right, y], Align2::RIGHT_CENTER, style, dim);
    if let Some(side) = Side::BOTH.get(index) {
        let left = right - pen.width(words, style) - size * 0.55;
        side_mark(pen, *side, [left, y], size);
    }
}

/// All figures beside each other, in a strip.
fn one_row(pen: &Pen<'_>, scene: &Scene, rect: Rect) {
    let label = scene.layout.text.label;
    let cell = rect.w / 9.0;
    let width_at_100 = pen.width(WIDEST, (Weight::Medium, 100.0));
    let size = ((rect.h - label * 1.4) * 0.95).min(cell * 0.86 / width_at_100 * 100.0);
    let style = (Weight::Regular, label);
    for (index, figure) in FIGURES.iter().enumerate() {
        let left = rect.x + cell * 3.0 * index as f32;
        let y = rect.y + label * 0.7;
        let dim = pen.palette.text_dim;
        let name = format!("{} {}", figure.short, figure.unit);
        let name_end = pen.put(&name, [left, y], Align2::LEFT_CENTER, style, dim);
        for (column, (words, weight, color)) in figure.words(scene).into_iter().enumerate() {
            let right = left + cell * (column as f32 + 1.0) - cell * 0.08;
            let title = TITLES[column];
            // In a narrow strip the colour of the mark says it.
            let title_left = right - pen.width(title, style);
            let room = if column == 0 {
                name_end
            } else {
                right - cell * 0.92
            };
            if title_left > room + label * 1.2 {
                column_title(pen, column, title, [right, y], label);
            } else if let Some(side) = Side::BOTH.get(column) {
                side_mark(pen, *side, [right - label * 0.2, y], label);
            }
            let middle = rect.y + label * 1.4 + (rect.h - label * 1.4) / 2.0;
            let own = pen.width(&words, (weight, size));
            let fitted = size * (cell * 0.9 / own.max(1.0)).min(1.0);
            pen.put(
                &words,
                [right, middle],
                Align2::RIGHT_CENTER,
                (weight, fitted),
                color,
            );
        }
    }
}

/// Writes one line: each figure of mix and reference, and what lies between them. What has no room is left out.
pub fn figure_line(pen: &Pen<'_>, scene: &Scene, rect: Rect) {
    let text = scene.layout.text;
    let small = (Weight::Regular, text.label);
    let y = rect.y + rect.h / 2.0;
    let number_width_at = |size: f32| pen.width(WIDEST, (Weight::Medium, size));
    let group_at = |size: f32| {
        pen.width("TP dBTP", small) + 3.0 * (number_width_at(size) + size * 1.5) + size * 2.1
    };
    // Rather all figures in smaller type than one in large.
    let all = FIGURES.len() as f32;
    let sizes = [text.table, (text.table + text.title) / 2.0, text.title];
    let size = sizes
        .into_iter()
        .find(|size| group_at(*size) * all <= rect.w)
        .unwrap_or(text.title);
    let number_width = number_width_at(size);
    let count = (rect.w / group_at(size)).floor().clamp(1.0, all);
    // Groups stand at even distances, so that the eye finds each at its place.
    let pitch = rect.w / count;
    for (index, figure) in FIGURES.iter().take(count as usize).enumerate() {
        let dim = pen.palette.text_dim;
        let left = rect.x + size * 0.5 + pitch * index as f32;
        let name = format!("{} {}", figure.short, figure.unit);
        pen.put(&name, [left, y], Align2::LEFT_CENTER, small, dim);
        let mut right = left + pen.width("TP dBTP", small) + size * 0.6;
        for (column, (words, weight, color)) in figure.words(scene).into_iter().enumerate() {
            if let Some(side) = Side::BOTH.get(column) {
                let mark = [right + size * 0.95, y];
                side_mark(pen, *side, mark, size * 0.9);
            } else {
                let at = [right + size * 0.8, y];
                pen.put("Δ", at, Align2::LEFT_CENTER, small, dim);
            }
            right += size * 1.5 + number_width;
            let style = (weight, size);
            pen.put(&words, [right, y], Align2::RIGHT_CENTER, style, color);
        }
    }
}
