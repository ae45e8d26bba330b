//! The status line: whether the chain is healthy, and buttons for what is done most.

use egui::{Align2, Id, Order, Sense, pos2, vec2};

use crate::session::action::{Action, catalog};
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
    let y = bar.y + bar.h / 2.0;
    let right = buttons(pen, scene, actions);
    let mut x = bar.x;
    for (whole, color) in status_words(scene) {
        let words = pen.begun(&whole, style, right - x);
        let end = x + pen.width(&words, style);
        if words.is_empty() || end > right {
            break;
        }
        let place = Rect::snapped(x, bar.y, end, bar.bottom());
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
    let y = bar.y + bar.h / 2.0;
    // What is said says what to do, often at its end: buttons have keys, and come back.
    let said = scene.status.toast.as_deref().map_or(0.0, |toast| {
        pen.width(toast, (Weight::Regular, text.label)) + text.label * 2.0
    });
    let least = (bar.right() - bar.w * BUTTONS_PART).max(bar.x + said);
    let (words_style, key_style) = ((Weight::Regular, text.label), (Weight::Medium, text.label));
    let (gap, margin) = (text.label * 0.45, text.label * 0.6);
    let entries = catalog();
    let mut right = bar.right();
    for (n, (name, words)) in BUTTONS.into_iter().rev().enumerate() {
        let Some(entry) = entries.iter().find(|entry| entry.name == name) else {
            continue;
        };
        let words = match name {
            "freeze" if scene.frozen_behind_secs.is_some() => "Go on",
            "listen" if !scene.status.listening.is_empty() => "Stop listening",
            _ => words,
        };
        let key = entry.key.unwrap_or_default();
        let words_width = pen.width(words, words_style);
        let left = right - pen.width(key, key_style) - gap - words_width - 2.0 * margin;
        let is_kept = n < BUTTONS_KEPT && left > bar.x + bar.w / 2.0;
        if left < least && !is_kept {
            break;
        }
        let (ink, dim) = (pen.palette.text, pen.palette.text_dim);
        let at = [left + margin, y];
        let end = pen.put(key, at, Align2::LEFT_CENTER, key_style, dim);
        pen.put(words, [end + gap, y], Align2::LEFT_CENTER, words_style, ink);
        let place = Rect::snapped(left, bar.y, right, bar.bottom());
        if clicked(pen, words, place, entry.help) {
            actions.push(entry.action.clone());
        }
        right = left;
    }
    right - text.label
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
