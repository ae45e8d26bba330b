//! The drawer of snapshots: each with its picture, name, date, loudness and note; shown as B, as A, or as it was.

use egui::{
    Button, ColorImage, FocusDirection, Id, Image, Key, Rect, RichText, TextEdit, TextureHandle,
    TextureOptions, Ui, vec2,
};

use crate::session::action::{Action, PairAction, ShelfAction};
use crate::session::snapshots::journal::Page;
use crate::ui::text::color32;
use crate::view::scene::Scene;
use crate::view::snapshots::{SnapshotRow, SnapshotsScene};

/// Width of a small picture in letters of a label; its height follows.
const PICTURE_EM: f32 = 9.0;
/// What the disk has not taken by then it has refused.
const REFUSED_AFTER_SECS: f64 = 3.0;

/// Lists the snapshots, newest first.
pub fn snapshots(ui: &mut Ui, scene: &Scene, shelf: &SnapshotsScene, actions: &mut Vec<Action>) {
    let begin = actions.len();
    rows(ui, scene, shelf, actions);
    // A click beside a field ends what was written there: it counts before what was clicked.
    actions[begin..].sort_by_key(|action| !is_written(action));
}

/// Whether an action comes from a field.
fn is_written(action: &Action) -> bool {
    matches!(
        action,
        Action::Pair(PairAction::Song(_))
            | Action::Shelf(ShelfAction::RenameSnapshot(..) | ShelfAction::NoteSnapshot(..))
    )
}

fn rows(ui: &mut Ui, scene: &Scene, shelf: &SnapshotsScene, actions: &mut Vec<Action>) {
    let em = scene.layout.text.label;
    ui.horizontal_wrapped(|ui| {
        if ui.button("Take snapshot").clicked() {
            actions.push(Action::Shelf(ShelfAction::Snapshot));
        }
        if let Some(name) = &shelf.recalled {
            let words = format!("Back to the live mix from {name}");
            if ui.button(words).clicked() {
                actions.push(Action::Shelf(ShelfAction::BackToLive));
            }
        }
        if let Some(name) = &shelf.deleted {
            let words = format!("Undo: deleted {name}");
            if ui.button(words).clicked() {
                actions.push(Action::Shelf(ShelfAction::UndeleteSnapshot));
            }
        }
    });
    song(ui, scene, shelf, actions);
    ui.add_space(em * 0.6);
    if shelf.rows.is_empty() {
        let words = match shelf.is_read {
            true => "Nothing is kept yet. S keeps what you see and hear.",
            false => "Reading the snapshots …",
        };
        dim(ui, scene, words);
    }
    let mut walked = vec![];
    for row in &shelf.rows {
        // Where one is deleted the next moves up, and the same key again must not delete that too.
        let drawn = ui.push_id(&row.page.path, |ui| snapshot(ui, scene, row, actions));
        walked.push(drawn.inner);
        ui.add_space(em * 0.7);
    }
    walk(ui, &walked);
    if shelf.more > 0 {
        let words = format!("{} older ones are in the folder.", shelf.more);
        dim(ui, scene, &words);
    }
    for problem in &shelf.problems {
        ui.label(RichText::new(problem).color(color32(scene.palette.over)));
    }
}

/// What the song is called: snapshots, journal, pictures and reports have it.
fn song(ui: &mut Ui, scene: &Scene, shelf: &SnapshotsScene, actions: &mut Vec<Action>) {
    let (name, is_named) = &shelf.song;
    let named = if *is_named { name.as_str() } else { "" };
    ui.horizontal(|ui| {
        dim(ui, scene, "Song");
        let hint = format!("{name}, until you name it");
        if let Some(name) = written(ui, song_field(), named, &hint, true) {
            actions.push(Action::Pair(PairAction::Song(name)));
        }
    });
}

fn song_field() -> Id {
    Id::unique("song of the mix")
}

/// What has the keyboard while a line is written.
fn edit_of(line: Id) -> Id {
    line.with("edit")
}

fn dim(ui: &mut Ui, scene: &Scene, words: &str) {
    ui.label(RichText::new(words).color(color32(scene.palette.text_dim)));
}

/// The lines and buttons of a snapshot.
struct Walked {
    lines: [Id; 2],
    buttons: [Id; 4],
}

/// Up and Down go from snapshot to snapshot, from a button to the same button: beyond its lines that is many Tabs away. From the
/// lines they go to the first button, what each is used for most.
fn walk(ui: &Ui, rows: &[Walked]) {
    let focused = ui.memory(|memory| memory.focused());
    let is_at_song = focused == Some(edit_of(song_field()));
    let place = |of: fn(&Walked) -> &[Id]| {
        let found = rows.iter().enumerate().find_map(|(row, walked)| {
            let column = of(walked).iter().position(|id| focused == Some(*id))?;
            Some((row, column))
        });
        found.filter(|_| focused.is_some())
    };
    let (button, line) = (
        place(|row| &row.buttons),
        place(|row| &row.lines).map(|(row, _)| row),
    );
    // Otherwise the toolkit goes on from there to what lies nearest.
    for id in rows.iter().flat_map(|row| row.buttons) {
        let filter = egui::EventFilter {
            vertical_arrows: true,
            ..egui::EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
    let pressed = |key: Key| ui.input(|input| input.key_pressed(key));
    let to = match (pressed(Key::ArrowDown), pressed(Key::ArrowUp)) {
        (true, _) if focused.is_none() || is_at_song => Some((0, 0)),
        (true, _) => button
            .map(|(row, column)| (row + 1, column))
            .or(line.map(|row| (row, 0))),
        (_, true) => {
            let above = button.or(line.map(|row| (row, 0)));
            above.and_then(|(row, column)| Some((row.checked_sub(1)?, column)))
        }
        _ => None,
    };
    let to = to.and_then(|(row, column)| Some(rows.get(row)?.buttons[column]));
    if let Some(id) = to {
        ui.memory_mut(|memory| {
            memory.request_focus(id);
            memory.move_focus(FocusDirection::None);
        });
    }
}

/// One of them; what its lines and buttons are known by.
fn snapshot(ui: &mut Ui, scene: &Scene, row: &SnapshotRow, actions: &mut Vec<Action>) -> Walked {
    let em = scene.layout.text.label;
    let page = &row.page;
    let [name_line, note_line] = ["name", "note"].map(|line| Id::unique((line, &page.path)));
    ui.horizontal(|ui| {
        let size = vec2(em * PICTURE_EM, em * PICTURE_EM * 9.0 / 16.0);
        match texture(ui, page) {
            Some(texture) => {
                ui.add(Image::from_texture((texture.id(), size)));
            }
            None => {
                ui.allocate_space(size);
            }
        }
        ui.vertical(|ui| {
            let name = &page.facts.name;
            if let Some(name) = written(ui, name_line, name, "name", false) {
                actions.push(Action::Shelf(ShelfAction::RenameSnapshot(
                    page.path.clone(),
                    name,
                )));
            }
            dim(ui, scene, &row.facts);
            let note = page.facts.note.replace('\n', " ");
            if let Some(note) = written(ui, note_line, &note, "note", false) {
                actions.push(Action::Shelf(ShelfAction::NoteSnapshot(
                    page.path.clone(),
                    note,
                )));
            }
        });
    });
    let buttons = ui.horizontal(|ui| {
        choices(row).map(|(words, hint, action)| {
            let name = format!("{} {words}", page.facts.name);
            let response = ui.add(Button::new(words));
            let id = response.id;
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            if response.on_hover_text(hint).clicked() {
                actions.push(action);
            }
            id
        })
    });
    Walked {
        lines: [name_line, note_line].map(edit_of),
        buttons: buttons.inner,
    }
}

/// What its buttons are: words, what they do, and that as an action.
fn choices(row: &SnapshotRow) -> [(&'static str, &'static str, Action); 4] {
    let page = &row.page;
    let called = page.path.to_string_lossy().into_owned();
    let as_reference = match row.as_reference {
        None => (
            "Use as reference",
            "beside the live mix",
            Action::Shelf(ShelfAction::Recall(called.clone())),
        ),
        Some(number) => (
            "Not as reference",
            "back to the reference before it",
            Action::Pair(PairAction::RemoveReference(Some(number))),
        ),
    };
    let as_mix = match row.is_mix {
        false => (
            "Use as mix",
            "in place of the live mix",
            Action::Shelf(ShelfAction::RecallMix(called.clone())),
        ),
        true => (
            "Not as mix",
            "back to the live mix",
            Action::Shelf(ShelfAction::BackToLive),
        ),
    };
    [
        as_reference,
        as_mix,
        (
            "Restore view",
            "mix and reference",
            Action::Shelf(ShelfAction::Reopen(called.clone())),
        ),
        (
            "Delete",
            "can be undone",
            Action::Shelf(ShelfAction::DeleteSnapshot(page.path.clone())),
        ),
    ]
}

/// A line that can be written over; what was written, once it is left or Enter is pressed, if it is something else.
fn written(ui: &mut Ui, id: Id, now: &str, hint: &str, has_frame: bool) -> Option<String> {
    let draft: Option<String> = ui.data(|data| data.get_temp(id));
    let shown = kept_meanwhile(ui, id, now).unwrap_or_else(|| now.to_owned());
    let mut text = draft.unwrap_or_else(|| shown.clone());
    let mut edit = TextEdit::singleline(&mut text)
        .id(edit_of(id))
        .hint_text(hint)
        .char_limit(200)
        .desired_width(f32::INFINITY);
    if !has_frame {
        edit = edit.frame(egui::Frame::NONE);
    }
    let response = ui.add(edit).accessible_name(hint);
    if response.has_focus() && !has_frame {
        // Without a frame around it nothing else says where the keyboard is.
        let Rect { min, max } = response.rect;
        let stroke = ui.visuals().widgets.active.bg_stroke;
        ui.painter().hline(min.x..=max.x, max.y, stroke);
    }
    if response.changed() {
        ui.data_mut(|data| data.insert_temp(id, text.clone()));
    }
    if !response.lost_focus() {
        return None;
    }
    ui.data_mut(|data| data.remove::<String>(id));
    let (is_escape, time_secs) =
        ui.input(|input| (input.key_pressed(egui::Key::Escape), input.time));
    let is_new = !is_escape && text != shown;
    if is_new {
        let sent = Sent {
            text: text.clone(),
            before: now.to_owned(),
            at_secs: time_secs,
        };
        ui.data_mut(|data| data.insert_temp(id, sent));
    }
    is_new.then_some(text)
}

/// What was written in a line, until the disk has it.
#[derive(Clone)]
struct Sent {
    text: String,
    before: String,
    at_secs: f64,
}

/// What was just written, while what it replaces is still there; not for long, for the disk may refuse it.
fn kept_meanwhile(ui: &Ui, id: Id, now: &str) -> Option<String> {
    let sent: Sent = ui.data(|data| data.get_temp(id))?;
    let waits_secs = ui.input(|input| input.time) - sent.at_secs;
    let is_waiting = sent.before == now && waits_secs < REFUSED_AFTER_SECS;
    if !is_waiting {
        ui.data_mut(|data| data.remove::<Sent>(id));
    }
    is_waiting.then_some(sent.text)
}

/// The small picture on the GPU, put there once.
fn texture(ui: &Ui, page: &Page) -> Option<TextureHandle> {
    let thumbnail = page.thumbnail.as_ref()?;
    let id = Id::unique(("snapshot picture", &page.path, page.facts.created.unix_secs));
    if let Some(texture) = ui.data(|data| data.get_temp::<TextureHandle>(id)) {
        return Some(texture);
    }
    let image = ColorImage::from_rgb(thumbnail.size, &thumbnail.rgb);
    let texture = ui
        .ctx()
        .load_texture("snapshot", image, TextureOptions::LINEAR);
    ui.data_mut(|data| data.insert_temp(id, texture.clone()));
    Some(texture)
}
