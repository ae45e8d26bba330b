//! The shelf: the loaded references, each with its picture and figures; region and trim of the active one.

mod open;
mod overview;

use egui::{Button, Mesh, Pos2, Rect, RichText, Sense, Ui, pos2, vec2};

use crate::session::action::{Action, PairAction};
use crate::session::references::MOST_TRIM_DB;
use crate::session::references::overview::{THUMBNAIL_HEIGHT, THUMBNAIL_WIDTH, Thumbnail};
use crate::ui::fonts::{Weight, font};
use crate::ui::text::color32;
use crate::view::palette::{Palette, Rgba};
use crate::view::readout::{minutes, one_decimal, shortened};
use crate::view::scene::Scene;
use crate::view::shelf::{OverviewScene, ShelfItem, ShelfScene, ShelfState};

/// Height of a row, in letters of a label.
const ROW_EM: f32 = 3.4;

/// Lists the references.
pub fn references(ui: &mut Ui, scene: &Scene, shelf: &ShelfScene, actions: &mut Vec<Action>) {
    let em = scene.layout.text.label;
    if let Some(content) = &shelf.overview {
        region_and_trim(ui, scene, content, actions);
        ui.add_space(em * 0.8);
    }
    for (number, item) in shelf.items.iter().enumerate() {
        row(ui, scene, number, item, actions);
    }
    ui.add_space(em * 0.6);
    if shelf.items.is_empty() {
        dim(
            ui,
            scene,
            "Drop a reference track here, or a folder of them.",
        );
    }
    if shelf.items.len() < shelf.most {
        open::open(ui, scene, shelf, actions);
    } else {
        let words = format!("{} are open, which is all there is room for.", shelf.most);
        dim(ui, scene, &words);
    }
}

fn dim(ui: &mut Ui, scene: &Scene, words: &str) {
    ui.label(RichText::new(words).color(color32(scene.palette.text_dim)));
}

/// The waveform with its region, and the trim.
fn region_and_trim(ui: &mut Ui, scene: &Scene, content: &OverviewScene, actions: &mut Vec<Action>) {
    overview::overview(ui, scene, content, actions);
    ui.horizontal(|ui| {
        let words = match content.region_secs {
            Some([start, end]) => format!(
                "Region {}  ·  {} LUFS",
                crate::view::shelf::region_words(start, end - start),
                one_decimal(content.integrated_lufs)
            ),
            None if content.is_kept_sound => format!(
                "The last {} of a mix  ·  {} LUFS in all",
                minutes(content.duration_secs),
                one_decimal(content.integrated_lufs)
            ),
            None => format!(
                "Whole song  ·  {} LUFS",
                one_decimal(content.integrated_lufs)
            ),
        };
        ui.label(words);
        if content.region_secs.is_some() {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.button("Whole song").clicked() {
                    actions.push(Action::Pair(PairAction::ClearRegion));
                }
            });
        }
    });
    ui.horizontal(|ui| {
        let label = ui.label("Trim");
        let mut trim_db = content.trim_db;
        let range = -MOST_TRIM_DB..=MOST_TRIM_DB;
        ui.spacing_mut().slider_width = scene.layout.text.label * 14.0;
        let slider = egui::Slider::new(&mut trim_db, range.clone())
            .step_by(0.1)
            .show_value(false);
        let slid = ui.add(slider).labelled_by(label.id);
        let number = egui::DragValue::new(&mut trim_db)
            .range(range)
            .speed(0.1)
            .custom_formatter(|db, _| crate::view::readout::signed(Some(db)))
            .custom_parser(|text| text.replace('−', "-").parse().ok())
            .suffix(" dB");
        let typed = ui.add(number).labelled_by(label.id);
        if slid.changed() || typed.changed() {
            actions.push(Action::Pair(PairAction::Trim(trim_db)));
        }
        if content.trim_db != 0.0 && ui.button("0").clicked() {
            actions.push(Action::Pair(PairAction::Trim(0.0)));
        }
    });
}

/// One reference: its key, picture, name and figures; a click compares with it.
fn row(ui: &mut Ui, scene: &Scene, number: usize, item: &ShelfItem, actions: &mut Vec<Action>) {
    let (text, palette) = (scene.layout.text, &scene.palette);
    let em = text.label;
    let size = vec2(ui.available_width(), em * ROW_EM);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Reference {}", item.name))
    });
    if response.clicked() {
        actions.push(Action::Pair(PairAction::Reference(number)));
    }
    let shade = palette.reference_shade(number);
    ground(ui, scene, number, item, &response);
    let picture = Rect::from_min_size(
        rect.min + vec2(em * 1.9, em * 0.35),
        vec2(em * 6.0, rect.height() - em * 0.7),
    );
    picture_of(ui, palette, item, shade, picture);
    let button_width = em
        * if matches!(item.state, ShelfState::Loading(_)) {
            5.4
        } else {
            2.0
        };
    let left = picture.right() + em * 0.7;
    let room = rect.right() - button_width - em * 0.6 - left;
    let name = fitted(ui, &item.name, text.label, room);
    put(
        ui,
        pos2(left, rect.top() + em * 1.1),
        egui::Align2::LEFT_CENTER,
        &name,
        text.label,
        palette.text,
    );
    let (words, color) = state_words(item, palette);
    let words_shown = fitted(ui, &words, text.label, room);
    put(
        ui,
        pos2(left, rect.top() + em * 2.4),
        egui::Align2::LEFT_CENTER,
        &words_shown,
        text.label,
        color,
    );
    if words_shown != words {
        response.on_hover_text(words);
    }
    remove_button(ui, scene, number, item, rect, button_width, actions);
    // The button stands within the row, and what comes next below it.
    ui.advance_cursor_after_rect(rect);
}

/// The ground of a row with its focus, its side's mark and its key.
fn ground(ui: &Ui, scene: &Scene, number: usize, item: &ShelfItem, response: &egui::Response) {
    let (em, palette, rect) = (scene.layout.text.label, &scene.palette, response.rect);
    if response.has_focus() {
        let stroke = egui::Stroke::new(1.5, color32(palette.text));
        ui.painter()
            .rect_stroke(rect, 3.0, stroke, egui::StrokeKind::Inside);
    }
    if item.is_active || response.hovered() {
        let alpha = if item.is_active { 0.10 } else { 0.05 };
        ui.painter()
            .rect_filled(rect, 3.0, color32(palette.text.alpha(alpha)));
    }
    let mark = Rect::from_min_size(
        rect.min,
        vec2(em * if item.is_active { 0.45 } else { 0.22 }, rect.height()),
    );
    let shade = palette.reference_shade(number);
    ui.painter().rect_filled(mark, 1.0, color32(shade));
    let key = if number < 9 {
        format!("{}", number + 1)
    } else {
        String::new()
    };
    put(
        ui,
        pos2(rect.left() + em * 1.1, rect.center().y),
        egui::Align2::CENTER_CENTER,
        &key,
        em,
        palette.text_dim,
    );
}

/// What is said of a reference below its name.
fn state_words(item: &ShelfItem, palette: &Palette) -> (String, Rgba) {
    match &item.state {
        ShelfState::Failed(why) => (why.clone(), palette.over),
        ShelfState::Loading(part) if item.facts.is_empty() => {
            (format!("reading  {:.0} %", part * 100.0), palette.text_dim)
        }
        ShelfState::Loading(part) => (
            format!("reading  {:.0} %  ·  {}", part * 100.0, item.facts),
            palette.text_dim,
        ),
        ShelfState::Ready => (item.facts.clone(), palette.text_dim),
    }
}

/// Takes a reference from the shelf; while it is read, that stops the reading.
fn remove_button(
    ui: &mut Ui,
    scene: &Scene,
    number: usize,
    item: &ShelfItem,
    row: Rect,
    width: f32,
    actions: &mut Vec<Action>,
) {
    let em = scene.layout.text.label;
    let place = Rect::from_center_size(
        pos2(row.right() - width / 2.0 - em * 0.3, row.center().y),
        vec2(width, em * 1.8),
    );
    let (words, name) = match item.state {
        ShelfState::Loading(_) => ("Cancel", format!("Cancel reading {}", item.name)),
        _ => ("×", format!("Remove {}", item.name)),
    };
    let response = ui.put(place, Button::new(words));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    if response.on_hover_text(name.as_str()).clicked() {
        actions.push(Action::Pair(PairAction::RemoveReference(Some(number))));
    }
}

/// The thumbnail, or how far the reading is.
fn picture_of(ui: &Ui, palette: &Palette, item: &ShelfItem, shade: Rgba, rect: Rect) {
    ui.painter()
        .rect_filled(rect, 0.0, color32(palette.background));
    match (&item.thumbnail, &item.state) {
        (Some(thumbnail), _) => {
            ui.painter().add(mesh(thumbnail, palette, shade, rect));
        }
        (None, ShelfState::Loading(part)) => {
            let mut done = rect;
            done.set_width(rect.width() * part.clamp(0.0, 1.0));
            ui.painter()
                .rect_filled(done, 0.0, color32(shade.alpha(0.35)));
        }
        _ => {}
    }
}

/// A thumbnail as a mesh whose corners have the colours: the screen interpolates between them.
fn mesh(thumbnail: &Thumbnail, palette: &Palette, shade: Rgba, rect: Rect) -> Mesh {
    let mut mesh = Mesh::default();
    let (width, height) = (THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT);
    for row in 0..height {
        for column in 0..width {
            let level = f32::from(thumbnail.levels[row * width + column]) / 255.0;
            let x = rect.left() + rect.width() * column as f32 / (width - 1) as f32;
            let y = rect.bottom() - rect.height() * row as f32 / (height - 1) as f32;
            let color = palette.background.mix(shade, level);
            mesh.colored_vertex(pos2(x, y), color32(color));
        }
    }
    let corner = |row: usize, column: usize| (row * width + column) as u32;
    for row in 0..height - 1 {
        for column in 0..width - 1 {
            let [a, b] = [corner(row, column), corner(row, column + 1)];
            let [c, d] = [corner(row + 1, column), corner(row + 1, column + 1)];
            mesh.add_triangle(a, b, c);
            mesh.add_triangle(b, d, c);
        }
    }
    mesh
}

fn put(ui: &Ui, at: Pos2, anchor: egui::Align2, words: &str, size: f32, color: Rgba) {
    let at = pos2(at.x.round(), at.y.round());
    ui.painter().text(
        at,
        anchor,
        words,
        font(Weight::Regular, size),
        color32(color),
    );
}

/// Words cut in their middle to a width in pixels.
fn fitted(ui: &Ui, words: &str, size: f32, room_px: f32) -> String {
    let width = |words: &str| {
        let font = font(Weight::Regular, size);
        ui.painter()
            .layout_no_wrap(words.to_owned(), font, egui::Color32::WHITE)
            .size()
            .x
    };
    let full = width(words);
    if full <= room_px {
        return words.to_owned();
    }
    let mut chars = (words.chars().count() as f32 * room_px / full.max(1.0)) as usize;
    while chars > 4 && width(&shortened(words, chars)) > room_px {
        chars -= 1;
    }
    shortened(words, chars)
}
