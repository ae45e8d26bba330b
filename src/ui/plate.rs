//! A plate of lines beside a place of the picture: names, values of both sides and their difference, in columns of a
//! width that does not change with the numbers.

use egui::{Align2, Stroke, StrokeKind, pos2, vec2};

use crate::session::settings::arrangement::Panel;
use crate::ui::fonts::Weight;
use crate::ui::text::{Pen, color32};
use crate::view::cursor::plate_beside;
use crate::view::palette::{Rgba, Side};
use crate::view::readout::{apart, one_decimal, signed};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// One line of a plate.
pub enum Line {
    /// What it is about.
    Place(String),
    /// Where it lies, or how to read the numbers.
    Note(String),
    /// A, B and A − B, with what they are.
    Values {
        /// Short, or none.
        name: &'static str,
        /// A and B.
        values: [Option<f64>; 2],
        /// Of the difference; empty where both are of moments that have nothing to do with each other.
        unit: &'static str,
    },
}

/// Writes lines onto a plate beside the first of some pixels where it does not lie over what is written already;
/// returns its place. It never covers that pixel, and keeps out of the top bar, the status line and an open drawer.
pub fn plate(
    pen: &Pen<'_>,
    scene: &Scene,
    places: &[[f32; 2]],
    written: Option<Rect>,
    lines: &[Line],
) -> Option<Rect> {
    let written: Vec<Rect> = written.into_iter().collect();
    let room = places
        .first()
        .map_or_else(|| room(scene), |at| off_the_table(scene, *at));
    plate_within(pen, scene, (places, room), &written, lines)
}

/// Where plates beside a pixel may lie without covering figures of the table: they are read while one points elsewhere.
fn off_the_table(scene: &Scene, [x, y]: [f32; 2]) -> Rect {
    let room = room(scene);
    let Some(table) = scene.layout.place(Panel::Table) else {
        return room;
    };
    let [mut left, mut top, mut right, mut bottom] = [room.x, room.y, room.right(), room.bottom()];
    if x < table.x {
        right = right.min(table.x);
    } else if x > table.right() {
        left = left.max(table.right());
    } else if y < table.y {
        bottom = bottom.min(table.y);
    } else if y > table.bottom() {
        top = top.max(table.bottom());
    }
    Rect::snapped(left, top, right, bottom)
}

/// Where plates may lie.
pub fn room(scene: &Scene) -> Rect {
    let layout = &scene.layout;
    let [width, height] = layout.size;
    let is_across = |drawer: &Rect| drawer.x <= 0.0 && drawer.y > layout.top_bar.bottom();
    let right = match layout.drawer {
        Some(drawer) if !is_across(&drawer) => drawer.x,
        _ => width,
    };
    let bottom = match layout.drawer.filter(is_across) {
        Some(drawer) => drawer.y,
        None if layout.status_bar.h > 0.0 => layout.status_bar.y,
        None => height,
    };
    Rect::snapped(0.0, layout.top_bar.bottom(), right, bottom)
}

/// The same within some of the window, where that is large enough, and not over several places.
pub fn plate_within(
    pen: &Pen<'_>,
    scene: &Scene,
    (places, mut room): (&[[f32; 2]], Rect),
    written: &[Rect],
    lines: &[Line],
) -> Option<Rect> {
    let size = scene.layout.text.label;
    let names = lines.iter().filter_map(|line| match line {
        Line::Values { name, .. } if !name.is_empty() => Some(*name),
        _ => None,
    });
    let columns = Columns::of(pen, size, names);
    let width = lines
        .iter()
        .map(|line| match line {
            Line::Place(words) => pen.width(words, (Weight::Medium, size)),
            Line::Note(words) => pen.width(words, (Weight::Regular, size)),
            Line::Values { .. } => columns.end,
        })
        .fold(size * 15.0, f32::max);
    let (pad, row) = (size * 0.6, size * 1.45);
    let plate_size = [
        (width + 2.0 * pad).ceil(),
        (row * lines.len() as f32 + pad).ceil(),
    ];
    if plate_size[0] > room.w || plate_size[1] > room.h {
        room = self::room(scene);
    }
    let beside = |at: &[f32; 2]| plate_beside(*at, plate_size, room, size * 1.1);
    // The first of those that cover least, which mostly is nothing.
    let covers = |plate: &Rect| {
        written
            .iter()
            .map(|written| written.shared(*plate))
            .sum::<f32>()
    };
    let plate = places
        .iter()
        .map(beside)
        .min_by(|a, b| covers(a).total_cmp(&covers(b)))?;
    let rect = egui::Rect::from_min_size(pos2(plate.x, plate.y), vec2(plate.w, plate.h));
    let ground = color32(pen.palette.panel);
    pen.painter.rect_filled(rect, size * 0.25, ground);
    let edge = Stroke::new(1.0, color32(pen.palette.text.alpha(0.35)));
    pen.painter
        .rect_stroke(rect, size * 0.25, edge, StrokeKind::Inside);
    for (index, line) in lines.iter().enumerate() {
        let at = [
            plate.x + pad,
            plate.y + pad * 0.5 + row * (index as f32 + 0.5),
        ];
        write(pen, line, at, &columns, size);
    }
    Some(plate)
}

/// Where the numbers of a line of values end, from its left.
struct Columns {
    ends: [f32; 3],
    end: f32,
}

impl Columns {
    fn of<'a>(pen: &Pen<'_>, size: f32, names: impl Iterator<Item = &'a str>) -> Self {
        let number = pen.width("−88.8", (Weight::Medium, size));
        let width = |name| pen.width(name, (Weight::Regular, size)) + size * 0.7;
        // A letter has as much room as the widest one.
        let widest = names.map(width).reduce(f32::max);
        let first = number + widest.map_or(0.0, |px| px.max(width("M")));
        // What hardly sounds has three digits.
        let first = first.max(pen.width("−188.8", (Weight::Medium, size)));
        let step = number + size * 1.2;
        let ends = [first, first + step, first + 2.0 * step + size * 0.4];
        let unit = pen.width(" LU", (Weight::Regular, size));
        Self {
            ends,
            end: ends[2] + unit,
        }
    }
}

fn write(pen: &Pen<'_>, line: &Line, at: [f32; 2], columns: &Columns, size: f32) {
    let (text, dim) = (pen.palette.text, pen.palette.text_dim);
    let regular = (Weight::Regular, size);
    match line {
        Line::Place(words) => {
            pen.put(words, at, Align2::LEFT_CENTER, (Weight::Medium, size), text);
        }
        Line::Note(words) => {
            pen.put(words, at, Align2::LEFT_CENTER, regular, dim);
        }
        Line::Values { name, values, unit } => {
            pen.put(name, at, Align2::LEFT_CENTER, regular, dim);
            let difference = apart(*values, 1);
            let words: [(String, Rgba); 3] = [
                (one_decimal(values[0]), pen.palette.side(Side::Mix)),
                (one_decimal(values[1]), pen.palette.side(Side::Reference)),
                (format!("Δ {}", signed(difference)), text),
            ];
            let shown = if unit.is_empty() { 2 } else { 3 };
            for ((words, color), end) in words.iter().zip(columns.ends).take(shown) {
                let place = [at[0] + end, at[1]];
                let style = (Weight::Medium, size);
                pen.put(words, place, Align2::RIGHT_CENTER, style, *color);
            }
            let place = [at[0] + columns.ends[2] + size * 0.3, at[1]];
            pen.put(unit, place, Align2::LEFT_CENTER, regular, dim);
        }
    }
}
