//! The help: every key and what it does, by group in columns, as large as the window has room for.

use egui::{Align2, Id, Order, RichText, Sense};

use crate::session::action::{Entry, Group, catalog};
use crate::ui::fonts::{Weight, font};
use crate::ui::text::{Pen, color32};
use crate::view::palette::Side;
use crate::view::scene::Scene;

/// Rows of a column are this much of the size of type apart.
const ROW_EM: f32 = 1.62;
/// Room for the longest key's name.
const KEY_EM: f32 = 6.2;
/// Between two columns.
const GAP_EM: f32 = 1.6;
/// More columns would only fit where nobody reads any more.
const MOST_COLUMNS: usize = 12;

/// Where a first evening is told step by step.
const GUIDE: &str = "A first evening, and five questions of a mix: docs/guide.md";

/// What the first start says, each with its key; never more than is read in passing.
const HINTS: [(&str, &str); 4] = [
    (
        "O",
        "opens the record to compare with; or drop it on the window",
    ),
    ("Space", "stands still"),
    ("D", "mix minus reference"),
    ("?", "all keys"),
];

/// What is explained over the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Help {
    /// Nothing.
    #[default]
    None,
    /// A few hints, at the first start only.
    Hints,
    /// All keys.
    Keys,
}

impl Help {
    /// Writes it.
    pub fn show(self, ctx: &egui::Context, scene: &Scene) {
        match self {
            Self::None => {}
            Self::Hints => hints(ctx, scene),
            Self::Keys => help(ctx, scene),
        }
    }
}

/// Low in the window, where no data is younger than what they hide: in one line, or below each other where that is narrow.
fn hints(ctx: &egui::Context, scene: &Scene) {
    let text = scene.layout.text;
    let [width, _] = scene.layout.size;
    // Above the titles of the lowest panels.
    let bottom = scene.layout.status_bar.y - text.title * 2.0;
    egui::Area::new(Id::unique("hints"))
        .order(Order::Foreground)
        .interactable(false)
        .pivot(Align2::LEFT_BOTTOM)
        .fixed_pos(egui::pos2(text.title * 3.0, bottom))
        .show(ctx, |ui| {
            let margin = egui::Margin::symmetric(text.title as i8, (text.title * 0.6) as i8);
            egui::Frame::new()
                .fill(color32(scene.palette.panel))
                .stroke(egui::Stroke::new(1.0, color32(scene.palette.text_dim)))
                .inner_margin(margin)
                .show(ui, |ui| {
                    ui.set_max_width((width - text.title * 8.0).max(text.title * 8.0));
                    let is_wide = width > text.title * 76.0;
                    // Who brought a record needs not be told how.
                    let has_record = !scene.side(Side::Reference).name.is_empty();
                    let told = HINTS.into_iter().skip(usize::from(has_record));
                    let hint = |ui: &mut egui::Ui, key: &str, words: &str| {
                        let key = RichText::new(key).font(font(Weight::Medium, text.title));
                        let words = RichText::new(words).font(font(Weight::Regular, text.title));
                        ui.label(key.color(color32(scene.palette.text)));
                        ui.label(words.color(color32(scene.palette.text_dim)));
                    };
                    if is_wide {
                        ui.horizontal(|ui| {
                            for (key, words) in told {
                                hint(ui, key, words);
                                ui.add_space(text.title * 1.2);
                            }
                        });
                        return;
                    }
                    for (key, words) in told {
                        ui.horizontal_wrapped(|ui| hint(ui, key, words));
                    }
                });
        });
}

/// One row.
enum Row {
    Heading(Group),
    Key(Entry),
}

/// Writes the keys in the middle of the window.
pub fn help(ctx: &egui::Context, scene: &Scene) {
    let [width, height] = scene.layout.size;
    let window = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, height));
    egui::Area::new(Id::unique("help"))
        .order(Order::Foreground)
        .fixed_pos(window.min)
        .interactable(false)
        .show(ctx, |ui| {
            ui.set_min_size(window.size());
            let pen = Pen {
                painter: ui.painter(),
                palette: &scene.palette,
            };
            plate(ui, &pen, scene);
        });
}

fn plate(ui: &egui::Ui, pen: &Pen<'_>, scene: &Scene) {
    let [width, height] = scene.layout.size;
    let window = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(width, height));
    let words_em = widest_em(pen);
    let rows = rows();
    let (columns, size) = (1..=MOST_COLUMNS)
        .map(|columns| {
            let columns = split(&rows, columns);
            let count = columns.len() as f32;
            let most = columns.iter().map(Vec::len).max().unwrap_or(1) as f32;
            let by_width = width / (count * (KEY_EM + words_em + GAP_EM) + GAP_EM);
            let by_height = height / ((most + 2.2) * ROW_EM);
            let size = by_width.min(by_height).min(scene.layout.text.title * 1.25);
            (columns, size)
        })
        // The first of equals: fewer columns are easier to search.
        .reduce(|best, next| if next.1 > best.1 + 0.01 { next } else { best })
        .expect("there is at least one column");
    let column_width = size * (KEY_EM + words_em + GAP_EM);
    let most = columns.iter().map(Vec::len).max().unwrap_or(1) as f32;
    let plate = egui::Rect::from_center_size(
        window.center(),
        egui::vec2(
            column_width * columns.len() as f32 + size * GAP_EM,
            size * ROW_EM * (most + 2.0),
        ),
    );
    let painter = pen.painter;
    painter.rect_filled(window, 0.0, color32(pen.palette.background.alpha(0.6)));
    painter.rect_filled(plate, size * 0.4, color32(pen.palette.panel));
    guide(ui, pen, plate, size);
    for (column, rows) in columns.iter().enumerate() {
        let x = plate.left() + size * GAP_EM + column as f32 * column_width;
        for (row, what) in rows.iter().enumerate() {
            let y = plate.top() + size * ROW_EM * (row as f32 + 1.0);
            let end = write_row(pen, what, [x, y], size);
            let place = egui::Rect::from_min_max(
                egui::pos2(x, y - size * 0.6),
                egui::pos2(end, y + size * 0.6),
            );
            // Assistive tools read what is painted by its name.
            let id = ui.scope_id().with(("row", column, row));
            let words = match what {
                Row::Heading(group) => group.title().to_owned(),
                Row::Key(entry) => {
                    let (key, help) = key_and_words(entry);
                    format!("{key} {help}")
                }
            };
            ui.interact(place, id, Sense::hover())
                .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
        }
    }
}

/// Where there is more than keys, at the foot of the plate.
fn guide(ui: &egui::Ui, pen: &Pen<'_>, plate: egui::Rect, size: f32) {
    let at = [plate.center().x, plate.bottom() - size * ROW_EM * 0.75];
    let dim = color32(pen.palette.text_dim);
    let style = font(Weight::Regular, size);
    let at = egui::pos2(at[0], at[1]);
    let place = pen
        .painter
        .text(at, Align2::CENTER_CENTER, GUIDE, style, dim);
    ui.interact(place, ui.scope_id().with("guide"), Sense::hover())
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, GUIDE));
}

fn write_row(pen: &Pen<'_>, row: &Row, [x, y]: [f32; 2], size: f32) -> f32 {
    let (dim, ink) = (pen.palette.text_dim, pen.palette.text);
    let (medium, regular) = ((Weight::Medium, size), (Weight::Regular, size));
    let left = Align2::LEFT_CENTER;
    match row {
        Row::Heading(group) => pen.put(group.title(), [x, y], left, regular, dim),
        Row::Key(entry) => {
            let (key, help) = key_and_words(entry);
            pen.put(key, [x, y], left, medium, ink);
            pen.put(help, [x + size * KEY_EM, y], left, regular, dim)
        }
    }
}

/// A key and what it does; "1 to 9: reference" stands for the keys it names.
pub fn key_and_words(entry: &Entry) -> (&'static str, &'static str) {
    let key = entry.key.unwrap_or_default();
    match entry.help.split_once(": ") {
        Some((keys, help)) if keys.starts_with(key) && keys.len() > key.len() => (keys, help),
        _ => (key, entry.help),
    }
}

/// Headings and keys in the order of the menu.
fn rows() -> Vec<Row> {
    let entries = catalog();
    let mut rows = vec![];
    for group in Group::ALL {
        let mut keys = entries
            .iter()
            .filter(|entry| entry.group == group && entry.key.is_some() && !entry.help.is_empty())
            .peekable();
        if keys.peek().is_some() {
            rows.push(Row::Heading(group));
            rows.extend(keys.cloned().map(Row::Key));
        }
    }
    rows
}

/// The rows in at most so many columns of about the same height; no heading stands last in its column.
fn split(rows: &[Row], columns: usize) -> Vec<Vec<&Row>> {
    let mut height = rows.len().div_ceil(columns).max(2);
    loop {
        let mut done: Vec<Vec<&Row>> = vec![vec![]];
        for row in rows {
            let column = done.last_mut().expect("there is always one");
            let is_heading = matches!(row, Row::Heading(_));
            if column.len() + usize::from(is_heading) >= height {
                done.push(vec![row]);
            } else {
                column.push(row);
            }
        }
        if done.len() <= columns {
            return done;
        }
        height += 1;
    }
}

/// Width of the widest words, in sizes of type.
fn widest_em(pen: &Pen<'_>) -> f32 {
    const SIZE: f32 = 20.0;
    let widths = catalog()
        .iter()
        .filter(|entry| entry.key.is_some())
        .map(|entry| pen.width(entry.help, (Weight::Regular, SIZE)) / SIZE);
    widths.fold(8.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_hold_all_rows_in_order_and_end_with_a_key() {
        let rows = rows();
        for columns in 1..=MOST_COLUMNS {
            let split = split(&rows, columns);
            assert!(split.len() <= columns);
            assert_eq!(split.iter().map(Vec::len).sum::<usize>(), rows.len());
            for column in split {
                assert!(matches!(column.last(), Some(Row::Key(_))), "{columns}");
            }
        }
    }
}
