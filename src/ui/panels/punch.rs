//! Words of the punch panel: what the lines are, and by how much the bands differ.

use egui::Align2;

use crate::dsp::crossover::NUM_BANDS;
use crate::ui::fonts::Weight;
use crate::ui::labels::{level_ticks, side_mark, title};
use crate::ui::panels::bands::band_name;
use crate::ui::plate::Line;
use crate::ui::text::{Pen, color32};
use crate::view::crosshair::CursorScene;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::panels::punch_figure::{PunchFigure, STEPS_DB};
use crate::view::panels::punch_rows::{has_foot, is_outside, range, rows, typical};
use crate::view::readout::{apart, one_decimal, signed};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Names of the bands' values at the crosshair.
const NAMES: [&str; NUM_BANDS] = ["20–120", "120–500", "500–2k", "2–8k", "8–20k"];

/// Ticks, titles and figures.
pub fn words(pen: &Pen<'_>, scene: &Scene, plot: Rect) {
    let rows = rows(scene, plot);
    let label = scene.layout.text.label;
    for (figure, row) in &rows {
        level_ticks(pen, scene, *row, figure.ends(scene.looks.mode), &STEPS_DB);
        let left = figures_of_row(pen, scene, *figure, *row);
        let words = row_title(scene, *figure);
        title(pen, scene, *row, &words, left - row.x - label * 1.6);
    }
    if rows.len() == 1 {
        attacks_in_a_line(pen, scene, plot);
    }
}

fn row_title(scene: &Scene, figure: PunchFigure) -> String {
    let of_what = match (scene.looks.mode, range(scene, figure).is_some()) {
        (CompareMode::Difference, _) if scene.has_same_time() => "  mix − reference",
        (CompareMode::Difference, _) => "  mix − median of the reference",
        (CompareMode::MixOnly, _) | (_, false) => "",
        _ => ", reference 10–90 %",
    };
    match figure {
        PunchFigure::Psr => format!("Punch  PSR, true peak over loudness, 3 s  LU{of_what}"),
        PunchFigure::Attack(band) => format!("{} Hz  attack  dB", band_name(band)),
        PunchFigure::Crest(band) => format!("{} Hz  crest  dB", band_name(band)),
    }
}

/// What a figure usually is, at the right of its title: both sides, or by how much the mix differs; returns where that
/// begins.
fn figures_of_row(pen: &Pen<'_>, scene: &Scene, figure: PunchFigure, row: Rect) -> f32 {
    let label = scene.layout.text.label;
    let y = row.y + label * 1.1;
    let mut right = row.right() - label * 0.6;
    let plate = egui::Rect::from_min_max(
        egui::pos2(right - label * 16.0, y - label * 0.72),
        egui::pos2(row.right(), y + label * 0.72),
    );
    // A line may lie there too.
    let ground = color32(pen.palette.panel.alpha(0.7));
    pen.painter.rect_filled(plate, label * 0.25, ground);
    let values = typical(scene, figure);
    let mode = scene.looks.mode;
    if let [Some(mix), Some(reference)] = values
        && mode.shows(Side::Mix)
        && mode.shows(Side::Reference)
    {
        // What the reference seldom does is read first.
        let weight = match is_outside(scene, figure) {
            true => Weight::Medium,
            false => Weight::Regular,
        };
        let difference = apart([Some(mix), Some(reference)], 1);
        let words = format!("Δ {}", signed(difference));
        let color = match is_outside(scene, figure) {
            true => pen.palette.text,
            false => pen.palette.text_dim,
        };
        let at = [right, y];
        pen.put(&words, at, Align2::RIGHT_CENTER, (weight, label), color);
        right -= pen.width("Δ −88.8", (weight, label)) + label * 0.9;
    }
    for side in [Side::Reference, Side::Mix] {
        let value = values[side.index()];
        let number = one_decimal(value);
        let style = (Weight::Regular, label);
        let width = pen.width("88.8", style);
        if value.is_none() || !mode.shows(side) || right - width < row.x + row.w * 0.5 {
            continue;
        }
        let color = pen.palette.text;
        pen.put(&number, [right, y], Align2::RIGHT_CENTER, style, color);
        let mark = [right - width - label * 0.5, y];
        side_mark(pen, side, mark, label * 1.1);
        right = mark[0] - label * 1.1;
    }
    // What the lines read now is another figure.
    let style = (Weight::Regular, label);
    // Another song stands for itself with all of it, whatever is in view.
    let is_of_all = range(scene, figure).is_some() && !scene.has_same_time();
    let words = match is_of_all && mode.shows(Side::Mix) {
        true => {
            let of = scene.side(Side::Reference).panels.punch.ranges_of;
            [
                format!("median, mix in view, reference {of}"),
                "median".to_owned(),
            ]
        }
        false => ["median", "median"].map(str::to_owned),
    };
    let fits = |word: &String| right - pen.width(word, style) > row.x + row.w * 0.5;
    if values.iter().any(Option::is_some)
        && let Some(word) = words.into_iter().find(fits)
    {
        let dim = pen.palette.text_dim;
        let at = [right - label * 0.2, y];
        pen.put(&word, at, Align2::RIGHT_CENTER, style, dim);
        right -= pen.width(&word, style) + label;
    }
    right
}

/// Where there is no room for a row for each band: their figures beside each other at the foot.
fn attacks_in_a_line(pen: &Pen<'_>, scene: &Scene, plot: Rect) {
    let label = scene.layout.text.label;
    let (regular, medium) = ((Weight::Regular, label), (Weight::Medium, label));
    let mode = scene.looks.mode;
    let has_both = mode.shows(Side::Mix) && mode.shows(Side::Reference);
    let head = match has_both && scene.has_reference() {
        true => "Attack Δ dB",
        false => "Attack dB",
    };
    let head_width = pen.width(head, regular) + label * 1.2;
    let room = (plot.w - head_width - label * 1.6) / NUM_BANDS as f32;
    let needed = pen.width("120–500 −88.8", medium) + label * 0.6;
    if !has_foot(plot, label) || room < needed {
        return;
    }
    let y = plot.bottom() - label * 1.0;
    let left = plot.x + label * 0.8;
    let plate = egui::Rect::from_min_max(
        egui::pos2(plot.x, y - label * 0.8),
        egui::pos2(plot.right(), plot.bottom()),
    );
    let ground = color32(pen.palette.panel.alpha(0.8));
    pen.painter.rect_filled(plate, 0.0, ground);
    let dim = pen.palette.text_dim;
    pen.put(head, [left, y], Align2::LEFT_CENTER, regular, dim);
    for band in 0..NUM_BANDS {
        let figure = PunchFigure::Attack(band);
        let [mix, reference] = typical(scene, figure);
        let words = match (has_both, mix, reference) {
            (true, Some(_), Some(_)) => signed(apart([mix, reference], 1)),
            (_, mix, _) if mode.shows(Side::Mix) => one_decimal(mix),
            (_, _, reference) => one_decimal(reference),
        };
        let at = [left + head_width + room * band as f32, y];
        let end = pen.put(&band_name(band), at, Align2::LEFT_CENTER, regular, dim);
        let (style, color) = match is_outside(scene, figure) {
            true => (medium, pen.palette.text),
            false => (regular, dim),
        };
        let at = [end + label * 0.5, y];
        pen.put(&words, at, Align2::LEFT_CENTER, style, color);
    }
}

/// Values of both sides at the crosshair's time.
pub fn readout(scene: &Scene, cursor: &CursorScene) -> Vec<Line> {
    let Some(back_secs) = cursor.before_edge_secs else {
        return vec![];
    };
    let fraction = (1.0 - back_secs / scene.looks.span_secs) as f32;
    let line = |name, figure, unit| Line::Values {
        name,
        values: Side::BOTH.map(|side| scene.side(side).panels.punch.at(figure, fraction)),
        unit,
    };
    let mut lines = vec![line("PSR", PunchFigure::Psr, "LU")];
    for (band, name) in NAMES.into_iter().enumerate().rev() {
        lines.push(line(name, PunchFigure::Attack(band), "dB"));
    }
    lines
}
