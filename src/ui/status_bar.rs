//! The status line: whether the chain is healthy, and buttons for what is done most.

use egui::{Align2, Id, Order, Sense, pos2, vec2};

use crate::session::action::{Action, Entry, catalog};
use crate::session::settings::arrangement::{LayoutKind, Panel};
use crate::session::sides::absence::absence;
use crate::ui::click::clicked;
use crate::ui::fonts::Weight;
use crate::ui::text::Pen;
use crate::ui::tooltip::{explain, explain_with, is_read_aloud};
use crate::view::palette::{Rgba, Side};
use crate::view::readout::{minutes, sample_rate};
use crate::view::rect::Rect;
use crate::view::scene::{Scene, SideState, Status};

/// The buttons by their actions' names in the catalog, with their words; what matters most comes last, at the edge.
const BUTTONS: [(&str, &str); 9] = [
    ("settings", "Settings"),
    ("listen", "Listen"),
    ("references", "References"),
    ("snapshots", "Snapshots"),
    ("findings", "Findings"),
    ("screenshot", "Picture"),
    ("snapshot", "Snapshot"),
    ("freeze", "Freeze"),
    ("help", "Keys"),
];

/// So many at the edge stay whatever there is to say.
const BUTTONS_KEPT: usize = 3;

/// The part of the line that buttons may have.
const BUTTONS_PART: f32 = 0.58;

/// Writes the status line; what is clicked comes back as actions.
pub fn status_bar(pen: &Pen<'_>, scene: &Scene, actions: &mut Vec<Action>) {
    let bar = scene.layout.status_bar;
    if bar.h <= 0.0 {
        return;
    }
    if let Some(message) = &scene.status.toast
        && is_read_aloud(pen.painter.ctx())
    {
        announce(pen, message, bar);
    }
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let (line, right) = if bar.h > text.label * 3.0 {
        buttons_of_a_line(pen, scene, bar.rows(0.5, 1.0), actions);
        (bar.rows(0.0, 0.5), bar.right())
    } else {
        (bar, buttons(pen, scene, actions))
    };
    let y = line.y + line.h / 2.0;
    let mut x = line.x;
    for (whole, color) in status_words(scene) {
        let words = pen.begun(&whole, style, right - x);
        let end = x + pen.width(&words, style);
        if words.is_empty() || end > right {
            break;
        }
        let place = Rect::snapped(x, line.y, end, line.bottom());
        match words == whole {
            true => explain(pen, status_name(&words, scene), place, &words),
            false => explain_with(pen, "status", place, &whole, &whole),
        }
        x = pen.put(&words, [x, y], Align2::LEFT_CENTER, style, color) + text.label * 1.3;
    }
}

/// The message for those who do not see it: an assistive tool reads it out once, when it comes, and whole.
fn announce(pen: &Pen<'_>, message: &str, bar: Rect) {
    egui::Area::new(Id::unique("message"))
        .order(Order::Background)
        .interactable(false)
        .fixed_pos(pos2(bar.x, bar.y))
        .show(pen.painter.ctx(), |ui| {
            let (_, response) = ui.allocate_exact_size(vec2(bar.w, bar.h), Sense::hover());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, message));
            ui.ctx().accesskit_node_builder(response.id, |node| {
                node.set_live(egui::accesskit::Live::Polite);
            });
        });
}

/// As many buttons as there is room for, each with its key; returns where they begin.
fn buttons(pen: &Pen<'_>, scene: &Scene, actions: &mut Vec<Action>) -> f32 {
    let bar = scene.layout.status_bar;
    let text = scene.layout.text;
    // What is said says what to do, often at its end: buttons have keys, and come back.
    let said = scene.status.toast.as_deref().map_or(0.0, |toast| {
        pen.width(toast, (Weight::Regular, text.label)) + text.label * 2.0
    });
    let least = (bar.right() - bar.w * BUTTONS_PART).max(bar.x + said);
    let mut right = bar.right();
    for (n, button) in all_buttons(scene).into_iter().rev().enumerate() {
        let left = right - button.width(pen, text.label);
        let is_kept = n < BUTTONS_KEPT && left > bar.x + bar.w / 2.0;
        if left < least && !is_kept {
            break;
        }
        let place = Rect::snapped(left, bar.y, right, bar.bottom());
        button.show(pen, text.label, place, actions);
        right = left;
    }
    right - text.label
}

/// All buttons on a line of their own, across it: without their keys where those have no room.
fn buttons_of_a_line(pen: &Pen<'_>, scene: &Scene, line: Rect, actions: &mut Vec<Action>) {
    let label = scene.layout.text.label;
    let mut buttons = all_buttons(scene);
    let width =
        |buttons: &[Button]| -> f32 { buttons.iter().map(|button| button.width(pen, label)).sum() };
    if width(&buttons) > line.w {
        buttons.iter_mut().for_each(|button| button.key = "");
    }
    while width(&buttons) > line.w && buttons.len() > BUTTONS_KEPT {
        buttons.remove(0);
    }
    let air = (line.w - width(&buttons)).max(0.0) / (buttons.len() as f32 - 1.0).max(1.0);
    let mut left = line.x;
    for button in &buttons {
        let right = left + button.width(pen, label);
        let place = Rect::snapped(left, line.y, right, line.bottom());
        button.show(pen, label, place, actions);
        left = right + air;
    }
}

/// A button of the status line.
struct Button {
    entry: &'static Entry,
    key: &'static str,
    words: &'static str,
}

fn all_buttons(scene: &Scene) -> Vec<Button> {
    let entries = catalog();
    let buttons = BUTTONS.into_iter().filter_map(|(name, words)| {
        let entry = entries.iter().find(|entry| entry.name == name)?;
        let words = match name {
            "freeze" if scene.frozen_behind_secs.is_some() => "Go on",
            "listen" if !scene.status.listening.is_empty() => "Stop listening",
            _ => words,
        };
        let key = entry.key.unwrap_or_default();
        Some(Button { entry, key, words })
    });
    buttons.collect()
}

impl Button {
    fn key_width(&self, pen: &Pen<'_>, label: f32) -> f32 {
        match self.key {
            "" => 0.0,
            key => pen.width(key, (Weight::Medium, label)) + label * 0.45,
        }
    }

    fn width(&self, pen: &Pen<'_>, label: f32) -> f32 {
        let words = pen.width(self.words, (Weight::Regular, label));
        self.key_width(pen, label) + words + label * 1.2
    }

    fn show(&self, pen: &Pen<'_>, label: f32, place: Rect, actions: &mut Vec<Action>) {
        let (ink, dim) = (pen.palette.text, pen.palette.text_dim);
        let (left, y) = (place.x + label * 0.6, place.y + place.h / 2.0);
        let styles = [Weight::Medium, Weight::Regular].map(|weight| (weight, label));
        pen.put(self.key, [left, y], Align2::LEFT_CENTER, styles[0], dim);
        let at = [left + self.key_width(pen, label), y];
        pen.put(self.words, at, Align2::LEFT_CENTER, styles[1], ink);
        let tip = match self.key {
            "" => format!(
                "{} ({})",
                self.entry.help,
                self.entry.key.unwrap_or_default()
            ),
            _ => self.entry.help.to_owned(),
        };
        if clicked(pen, self.words, place, &tip) {
            actions.push(self.entry.action.clone());
        }
    }
}

/// Under what name words of the status line are explained.
fn status_name(words: &str, scene: &Scene) -> &'static str {
    if *words == scene.side(Side::Mix).name {
        "input"
    } else if *words == scene.status.gpu {
        "gpu"
    } else if words.starts_with("lost ") {
        "lost"
    } else if words.starts_with("latency ") {
        "latency"
    } else if words.ends_with(" fps") {
        "fps"
    } else if words.ends_with(" kHz") {
        "rate"
    } else if words.starts_with("no room for ") {
        "room"
    } else {
        ""
    }
}

/// A few frames are counted as such; an absence has a length.
fn lost_words(status: &Status) -> String {
    if status.lost_secs < 0.1 {
        return format!("lost {}", status.lost_frames);
    }
    let pieces = match status.gaps {
        1 => "1 gap".to_owned(),
        gaps => format!("{gaps} gaps"),
    };
    format!("lost {} in {pieces}", absence(status.lost_secs))
}

/// Which panels were asked for and have no room in this window.
fn without_room(scene: &Scene) -> Option<String> {
    let arrangement = &scene.looks.arrangement;
    let is_compare = arrangement.layout == LayoutKind::Compare && arrangement.filled.is_none();
    // A strip has room for figures alone, as everybody sees.
    let is_strip = scene.layout.top_bar.h <= 0.0;
    if !is_compare || is_strip || scene.stamp.is_some() {
        return None;
    }
    let layout = &scene.layout;
    let left_out = Panel::ALL
        .into_iter()
        .filter(|panel| arrangement.shows(*panel) && layout.rects(*panel).next().is_none());
    let titles: Vec<&str> = left_out.map(|panel| panel.row().title).collect();
    (!titles.is_empty()).then(|| format!("no room for {}", titles.join(", ").to_lowercase()))
}

fn status_words(scene: &Scene) -> Vec<(String, Rgba)> {
    let palette = &scene.palette;
    let dim = palette.text_dim;
    let mix = scene.side(Side::Mix);
    let status = &scene.status;
    let mut words = vec![];
    if let Some(behind) = scene.frozen_behind_secs {
        words.push((format!("frozen −{}", minutes(behind)), palette.frozen));
    }
    match &mix.state {
        SideState::Lost(why) | SideState::Failed(why) => words.push((why.clone(), palette.over)),
        _ if mix.name.is_empty() => words.push(("no input".to_owned(), dim)),
        _ => words.push((mix.name.clone(), dim)),
    }
    if mix.sample_rate_hz > 0 {
        words.push((sample_rate(mix.sample_rate_hz), dim));
    }
    let lost_color = if status.lost_frames > 0 {
        palette.over
    } else {
        dim
    };
    words.push((lost_words(status), lost_color));
    if let Some(panels) = without_room(scene) {
        words.push((panels, dim));
    }
    if let Some(fps) = status.fps {
        words.push((format!("{fps:.0} fps"), dim));
    }
    if let Some(latency) = status.latency_ms {
        words.push((format!("latency {latency:.0} ms"), dim));
    }
    if !status.gpu.is_empty() {
        words.push((status.gpu.clone(), dim));
    }
    if !status.listening.is_empty() {
        let at = words.len().min(1);
        words.insert(at, (status.listening.clone(), palette.text));
    }
    for line in status.stopped.iter().rev() {
        words.insert(0, (line.clone(), palette.over));
    }
    // First, so that a narrow window leaves out the rest and not the message.
    if let Some(toast) = &status.toast {
        words.insert(0, (toast.clone(), palette.text));
    }
    words
}
