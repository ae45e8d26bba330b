//! Opening references by mouse and keys where there is no dialog: a path that is typed, and what was opened lately.

use std::path::{Path, PathBuf};

use egui::{Button, Id, Key, Response, RichText, TextEdit, Ui, vec2};

use crate::session::action::{Action, WindowAction};
use crate::session::references::typed::{Offer, meant};
use crate::ui::style::show_focus;
use crate::ui::text::color32;
use crate::view::palette::Rgba;
use crate::view::readout::shortened;
use crate::view::scene::Scene;
use crate::view::shelf::ShelfScene;

/// Letters of a folder's path that are shown.
const FOLDER_CHARS: usize = 34;

/// The button, the field with what a path may go on as, and the files opened lately.
pub fn open(ui: &mut Ui, scene: &Scene, shelf: &ShelfScene, actions: &mut Vec<Action>) {
    let em = scene.layout.text.label;
    if ui.button("Open references…").clicked() {
        actions.push(WindowAction::OpenReference.into());
    }
    ui.add_space(em * 0.4);
    let steps_down = field(ui, shelf, actions);
    for (number, offer) in shelf.typed.offered.iter().enumerate() {
        let name = offer.path.file_name().unwrap_or_default().to_string_lossy();
        let words = match offer.is_folder {
            true => format!("{name}{}", std::path::MAIN_SEPARATOR),
            false => name.into_owned(),
        };
        let response = line(ui, scene, &words, "");
        if steps_down && number == 0 {
            response.request_focus();
        }
        if response.clicked() {
            actions.push(taken(offer));
        }
    }
    if !shelf.typed.offered.is_empty() {
        return;
    }
    let (dim, over) = (scene.palette.text_dim, scene.palette.over);
    files(
        ui,
        scene,
        ("Was open, not there now", over),
        &shelf.absent,
        actions,
    );
    files(ui, scene, ("Opened lately", dim), &shelf.recent, actions);
}

/// Files under a heading; a click opens one.
fn files(
    ui: &mut Ui,
    scene: &Scene,
    (heading, color): (&str, Rgba),
    paths: &[PathBuf],
    actions: &mut Vec<Action>,
) {
    if paths.is_empty() {
        return;
    }
    ui.add_space(scene.layout.text.label * 0.8);
    ui.label(RichText::new(heading).color(color32(color)));
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().unwrap_or(Path::new("")).display().to_string();
        if line(ui, scene, &name, &shortened(&folder, FOLDER_CHARS)).clicked() {
            actions.push(WindowAction::Open(path.clone()).into());
        }
    }
}

/// A folder is gone on from, a file is opened.
fn taken(offer: &Offer) -> Action {
    match offer.is_folder {
        true => {
            let separator = std::path::MAIN_SEPARATOR;
            let text = format!("{}{separator}", offer.path.display());
            WindowAction::TypePath(text).into()
        }
        false => WindowAction::Open(offer.path.clone()).into(),
    }
}

/// The path: Enter opens it, or the only way that it may go on; returns whether the arrow goes down to those.
fn field(ui: &mut Ui, shelf: &ShelfScene, actions: &mut Vec<Action>) -> bool {
    let mut text = shelf.typed.text.clone();
    let edit = TextEdit::singleline(&mut text)
        .id(Id::unique("path of a reference"))
        .hint_text("or type a path to a file or folder")
        .desired_width(f32::INFINITY);
    let response = ui.add(edit).accessible_name("Path of a reference");
    let seen = Id::unique("path field asked for");
    let known: u32 = ui.data(|data| data.get_temp(seen)).unwrap_or(0);
    if shelf.typed.asked > known {
        ui.data_mut(|data| data.insert_temp(seen, shelf.typed.asked));
        response.request_focus();
    }
    if response.changed() {
        actions.push(WindowAction::TypePath(text.clone()).into());
    }
    let is_done = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if is_done && !text.trim().is_empty() {
        // Records are opened one after another.
        response.request_focus();
        let path = meant(&text);
        let goes_on = |offer: &&Offer| {
            let [whole, begun] =
                [&offer.path, &path].map(|path| path.to_string_lossy().to_lowercase());
            !offer.is_folder && whole.starts_with(&begun)
        };
        actions.push(match shelf.typed.offered.as_slice() {
            [only] if goes_on(&only) => taken(only),
            _ => WindowAction::Open(path).into(),
        });
    }
    response.has_focus() && ui.input(|input| input.key_pressed(Key::ArrowDown))
}

/// A line that is clicked.
fn line(ui: &mut Ui, scene: &Scene, words: &str, beside: &str) -> Response {
    let text = scene.layout.text;
    let dim = color32(scene.palette.text_dim);
    let button = Button::new(words)
        .truncate()
        .frame(false)
        .right_text(RichText::new(beside).color(dim))
        .min_size(vec2(ui.available_width(), text.label * 1.8));
    let response = ui.add(button);
    show_focus(ui, scene, &response);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, words));
    response
}
