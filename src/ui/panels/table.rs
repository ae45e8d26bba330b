//! The table: mix, reference and their difference, in numerals for the far end of the room.

use egui::Align2;

use crate::ui::delta::{TELLING_CORRELATION, TELLING_DB, difference_look};
use crate::ui::fonts::Weight;
use crate::ui::labels::side_mark;
use crate::ui::text::Pen;
use crate::ui::tooltip::explain;
use crate::view::layout::TypeSizes;
use crate::view::palette::Side;
use crate::view::readout::{apart, correlation, one_decimal, signed};
use crate::view::rect::Rect;
use crate::view::scene::{Figures, Scene};

/// One row: its words, how to read it, and whether it is read across the room.
struct Row {
    name: &'static str,
    unit: &'static str,
    value: fn(&Figures) -> Option<f64>,
    key: bool,
    /// Whether it is a level, which moves with the reference's gain.
    is_level: bool,
}

impl Row {
    /// Whether the figure of a side is of enough to be set beside that of another.
    fn is_settled(&self, figures: &Figures) -> bool {
        match self.name {
            "Range" => figures.range_is_stable && figures.whole_is_settled,
            "Integrated" | "True peak" | "PLR" => figures.whole_is_settled,
            _ => true,
        }
    }

    /// Its name, and a shorter one for a table that is narrow for its type.
    fn names(&self) -> [&'static str; 2] {
        let short = match self.name {
            "Short-term" => "Short",
            "Integrated" => "Integr.",
            "True peak" => "TP",
            "Momentary" => "Mom.",
            "Correlation" => "Corr.",
            name => name,
        };
        [self.name, short]
    }

    fn is_of_moment(&self) -> bool {
        matches!(
            self.name,
            "Short-term" | "Momentary" | "PSR" | "Correlation"
        )
    }

    /// Of what the reference's figure is, where the mix's is of less: a difference of both would be one of other seconds.
    fn whole_of(&self, scene: &Scene) -> Option<&'static str> {
        let [mix, reference] = &scene.sides;
        let both = [(self.value)(&mix.figures), (self.value)(&reference.figures)];
        let is_of_all = matches!(self.name, "Integrated" | "True peak" | "Range" | "PLR");
        let are_known = is_of_all && both.iter().all(Option::is_some);
        scene.reference_is_of_more().filter(|_| are_known)
    }
}

/// Rows in order; those further down leave first when there is no room.
const ROWS: [Row; 8] = [
    Row {
        name: "Short-term",
        unit: "LUFS",
        value: |f| f.short_term_lufs,
        key: true,
        is_level: true,
    },
    Row {
        name: "Integrated",
        unit: "LUFS",
        value: |f| f.integrated_lufs,
        key: true,
        is_level: true,
    },
    Row {
        name: "True peak",
        unit: "dBTP",
        value: |f| f.true_peak_dbtp,
        key: true,
        is_level: true,
    },
    Row {
        name: "Momentary",
        unit: "LUFS",
        value: |f| f.momentary_lufs,
        key: false,
        is_level: true,
    },
    Row {
        name: "Range",
        unit: "LU",
        value: |f| f.range_lu,
        key: false,
        is_level: false,
    },
    Row {
        name: "PLR",
        unit: "LU",
        value: |f| f.plr_lu,
        key: false,
        is_level: false,
    },
    Row {
        name: "PSR",
        unit: "LU",
        value: |f| f.psr_lu,
        key: false,
        is_level: false,
    },
    Row {
        name: "Correlation",
        unit: "",
        value: |f| f.correlation,
        key: false,
        is_level: false,
    },
];

/// Writes the table into a rectangle.
pub fn words(pen: &Pen<'_>, scene: &Scene, rect: Rect) {
    let text = scene.layout.table_text;
    let pad = text.label * 0.7;
    // A narrow one has no room for units, and all the more need of some between its figures.
    let parts = match rect.w < text.label * 28.0 {
        true => [0.53, 0.77],
        false => [0.575, 0.79],
    };
    let right_edges = [
        rect.x + rect.w * parts[0],
        rect.x + rect.w * parts[1],
        rect.right() - pad,
    ];
    head(pen, scene, rect, right_edges);
    let left = rect.x + pad;
    // All of them or none: a unit in every other row looks like a row without one.
    let has_units = ROWS
        .iter()
        .all(|row| room_of_unit(pen, row, [left, right_edges[0]], text) >= 0.0);
    let mut y = rect.y + text.table_head();
    let needed: f32 = ROWS.iter().map(|row| text.table_row(row.key)).sum();
    // Rows of a high and narrow table stand further apart, so that it has no empty half.
    let spread = ((rect.bottom() - text.label * 0.6 - y) / needed).clamp(1.0, 2.6);
    for row in &ROWS {
        let height = text.table_row(row.key) * spread;
        if y + height > rect.bottom() + 1.0 {
            break;
        }
        let middle = y + height / 2.0;
        let edges = (left, right_edges);
        self::row(pen, scene, row, edges, middle, has_units);
        let place = Rect::snapped(rect.x, y, rect.right(), (y + height).min(rect.bottom()));
        explain(pen, row.name, place, &reading(scene, row));
        y += height;
    }
}

/// A row as it is read aloud.
fn reading(scene: &Scene, row: &Row) -> String {
    let [mix, reference] =
        Side::BOTH.map(|side| format!("{} {}", side.name(), figure(row, shown(scene, row, side))));
    let gain = match row.is_level && scene.has_reference() {
        true => format!(" {}", scene.gain_words()),
        false => String::new(),
    };
    let words = format!("{}: {mix}, {reference}{gain} {}", row.name, row.unit);
    let of = row
        .whole_of(scene)
        .map_or_else(String::new, |of| format!(", of the reference: {of}"));
    format!("{}{of}", words.trim_end())
}

/// The figure of a side as the column has it.
fn shown(scene: &Scene, row: &Row, side: Side) -> Option<f64> {
    let value = (row.value)(&scene.side(side).figures);
    match row.is_level {
        true => scene.shown_level(side, value),
        false => value,
    }
}

fn head(pen: &Pen<'_>, scene: &Scene, rect: Rect, right_edges: [f32; 3]) {
    let text = scene.layout.table_text;
    let style = (Weight::Regular, text.label);
    let y = rect.y + text.label * 1.05;
    let column = right_edges[1] - right_edges[0];
    let fits = |name: &str| pen.width(name, style) + text.label * 1.6 <= column;
    let has_room = Side::BOTH.iter().all(|side| fits(side.name()));
    for (side, right) in Side::BOTH.into_iter().zip(right_edges) {
        let dim = pen.palette.text_dim;
        let name = if has_room { side.name() } else { side.letter() };
        pen.put(name, [right, y], Align2::RIGHT_CENTER, style, dim);
        let left = right - pen.width(name, style) - text.label * 0.7;
        side_mark(pen, side, [left, y], text.label * 1.1);
    }
    let dim = pen.palette.text_dim;
    let bright = pen.palette.text;
    pen.put(
        "Δ",
        [right_edges[2], y],
        Align2::RIGHT_CENTER,
        style,
        bright,
    );
    let left = rect.x + text.label * 0.7;
    let first = match has_room {
        true => Side::Mix.name(),
        false => Side::Mix.letter(),
    };
    let room = right_edges[0] - pen.width(first, style) - text.label * 1.7 - left;
    if let Some(words) = head_words(scene)
        .into_iter()
        .find(|words| pen.width(words, style) <= room)
    {
        pen.put(&words, [left, y], Align2::LEFT_CENTER, style, dim);
    }
}

/// What is said of all figures, the longest first: of when they are, where that is not at the edge of the picture, and how
/// the reference is shown.
fn head_words(scene: &Scene) -> Vec<String> {
    let gain = scene.has_reference().then(|| scene.gain_words());
    match (scene.figures_elsewhere(), gain) {
        (Some(at), Some(gain)) => vec![format!("{at} · B {gain}"), at],
        (Some(at), None) => vec![at],
        (None, Some(gain)) => vec![format!("B {gain}"), gain],
        (None, None) => vec![],
    }
}

/// Where a row's name is written, and where that ends; the first figure leaves room between two edges.
fn name(pen: &Pen<'_>, row: &Row, [left, right]: [f32; 2], text: TypeSizes) -> (&'static str, f32) {
    let style = (Weight::Regular, text.title);
    let room = right - figure_width(pen, row, text) - text.title * 0.3 - left;
    let [name, short] = row.names();
    let name = match pen.width(name, style) <= room {
        true => name,
        false => short,
    };
    let end = left + pen.width(name, style);
    (name, (left + text.title * 6.0).max(end + text.title * 0.4))
}

/// What is left beside a row's unit, between its name and the first figure.
fn room_of_unit(pen: &Pen<'_>, row: &Row, edges: [f32; 2], text: TypeSizes) -> f32 {
    let (_, unit_left) = name(pen, row, edges, text);
    let end = unit_left + pen.width(row.unit, (Weight::Regular, text.label));
    edges[1] - figure_width(pen, row, text) - text.title * 0.3 - end
}

fn size_of(row: &Row, text: TypeSizes) -> f32 {
    if row.key { text.key } else { text.table }
}

fn figure_width(pen: &Pen<'_>, row: &Row, text: TypeSizes) -> f32 {
    pen.width("−88.8", (Weight::Medium, size_of(row, text)))
}

fn row(
    pen: &Pen<'_>,
    scene: &Scene,
    row: &Row,
    (left, right_edges): (f32, [f32; 3]),
    middle: f32,
    has_units: bool,
) {
    let text = scene.layout.table_text;
    let size = size_of(row, text);
    let (name, unit_left) = name(pen, row, [left, right_edges[0]], text);
    let style = (Weight::Regular, text.title);
    let (bright, dim) = (pen.palette.text, pen.palette.text_dim);
    pen.put(name, [left, middle], Align2::LEFT_CENTER, style, bright);
    if has_units {
        let style = (Weight::Regular, text.label);
        let at = [unit_left, middle];
        pen.put(row.unit, at, Align2::LEFT_CENTER, style, dim);
    }
    let values = Side::BOTH.map(|side| shown(scene, row, side));
    for (side, right) in Side::BOTH.into_iter().zip(right_edges) {
        let value = values[side.index()];
        // What is delivered is over or not, whatever it is shown with.
        let as_is = (row.value)(&scene.side(side).figures);
        let is_delivered = side == Side::Mix || !scene.looks.loudness_match;
        let is_over = as_is.is_some_and(|v| v > scene.looks.target_dbtp);
        // A red figure that carries the match would be no figure that anybody delivers.
        let over = row.name == "True peak" && is_delivered && is_over;
        let is_unsure = row.name == "Range" && !scene.side(side).figures.range_is_stable;
        let color = if over {
            pen.palette.over
        } else if is_unsure || value.is_none() {
            pen.palette.text_dim
        } else {
            pen.palette.text
        };
        let number = figure(row, value);
        pen.put(
            &number,
            [right, middle],
            Align2::RIGHT_CENTER,
            (Weight::Medium, size),
            color,
        );
    }
    let room = right_edges[2] - right_edges[1] - text.label * 0.4;
    let at = [right_edges[2], middle];
    if row
        .whole_of(scene)
        .is_some_and(|words| of_what(pen, text.label, words, at, room))
    {
        return;
    }
    let is_correlation = row.name == "Correlation";
    let is_wrong = row.is_of_moment() && scene.alignment.may_be_wrong_now();
    let difference = apart(values, if is_correlation { 2 } else { 1 }).filter(|_| !is_wrong);
    let (number, telling) = match is_correlation {
        true => (correlation(difference), TELLING_CORRELATION),
        false => (signed(difference), TELLING_DB),
    };
    let (weight, mut color) = difference_look(pen.palette, difference, telling);
    // Two songs have no moment in common.
    let is_by_chance = row.is_of_moment() && !scene.alignment.is_sure_of_now();
    let is_settled = |side| row.is_settled(&scene.side(side).figures);
    if is_by_chance || !Side::BOTH.into_iter().all(is_settled) {
        // What is made of a figure that is not sure yet is not sure either.
        color = pen.palette.text_dim;
    }
    pen.put(
        &number,
        [right_edges[2], middle],
        Align2::RIGHT_CENTER,
        (weight, size),
        color,
    );
}

/// Says of what a figure is, in the place of a difference, in two lines where one has no room; whether two have.
fn of_what(pen: &Pen<'_>, size: f32, words: &str, at: [f32; 2], room: f32) -> bool {
    let dim = pen.palette.text_dim;
    let put = |words: &str, down: f32, size: f32| {
        let at = [at[0], at[1] + down];
        pen.put(
            words,
            at,
            Align2::RIGHT_CENTER,
            (Weight::Regular, size),
            dim,
        );
    };
    if pen.width(words, (Weight::Regular, size)) <= room {
        put(words, 0.0, size);
        return true;
    }
    let small = size * 0.82;
    let lines: Vec<&str> = words.split(' ').collect();
    let fits = |line: &&str| pen.width(line, (Weight::Regular, small)) <= room;
    let has_room = lines.len() <= 2 && lines.iter().all(fits);
    for (n, line) in lines.iter().enumerate().filter(|_| has_room) {
        let middle = (lines.len() - 1) as f32 / 2.0;
        put(line, (n as f32 - middle) * small * 1.02, small);
    }
    has_room
}

fn figure(row: &Row, value: Option<f64>) -> String {
    if row.name == "Correlation" {
        correlation(value)
    } else {
        one_decimal(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::view::build::{Moment, PictureRequest, scene};
    use crate::view::scene::{Looks, SideState};

    #[test]
    fn levels_of_the_reference_are_all_matched_or_all_as_they_are_and_it_is_said() {
        let session = Session::default();
        let moment = Moment::now(&session);
        let request = PictureRequest::default();
        let mut scene = scene(&session, moment, &Looks::default(), request);
        scene.match_gain_db = Some(-8.6);
        scene.sides[1].state = SideState::Running;
        scene.sides[1].figures = Figures {
            momentary_lufs: Some(-10.0),
            short_term_lufs: Some(-10.0),
            integrated_lufs: Some(-10.0),
            true_peak_dbtp: Some(-10.0),
            range_lu: Some(6.0),
            plr_lu: Some(12.0),
            ..Figures::default()
        };
        let read = |scene: &Scene| ROWS.map(|row| reading(scene, &row));
        let matched = read(&scene);
        for row in ["Short-term", "Integrated", "True peak", "Momentary"] {
            let words = matched.iter().find(|words| words.starts_with(row));
            let words = words.expect("a row of that name");
            assert!(words.contains("Reference −18.6 matched −8.6 dB"), "{words}");
        }
        assert!(
            matched.contains(&"PLR: Mix –, Reference 12.0 LU".to_owned()),
            "{matched:?}"
        );
        // Of a part of a song beside all of it.
        scene.sides[0].figures = Figures {
            plr_lu: Some(9.0),
            ..Figures::default()
        };
        scene.sides[1].figures.whole_of = "whole record";
        let of_part = read(&scene)[5].clone();
        assert_eq!(
            of_part,
            "PLR: Mix 9.0, Reference 12.0 LU, of the reference: whole record"
        );
        scene.sides[0].figures.whole_is_settled = true;
        assert!(!read(&scene)[5].contains("whole"));
        scene.looks.loudness_match = false;
        let as_is = read(&scene);
        assert!(as_is[0].contains("Reference −10.0 as is"), "{}", as_is[0]);
    }
}
