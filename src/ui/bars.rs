//! The top bar (who is compared, how) and the status line (is the chain healthy).

use egui::{Align2, Id, Order, Pos2, Sense, vec2};

use crate::session::action::{Action, ViewAction};
use crate::session::sides::absence::absence;
use crate::ui::fonts::Weight;
use crate::ui::labels::side_mark;
use crate::ui::text::Pen;
use crate::ui::tooltip::explain;
use crate::view::layout::CompareMode;
use crate::view::palette::{Rgba, Side};
use crate::view::readout::{minutes, sample_rate};
use crate::view::rect::Rect;
use crate::view::scene::{Alignment, Scene, SideState, Status};
use crate::view::stamp::{alignment_words, gain_words, match_words};

const MODES: [(CompareMode, Action); 3] = [
    (
        CompareMode::SideBySide,
        Action::View(ViewAction::ToggleOverlay),
    ),
    (
        CompareMode::Overlay,
        Action::View(ViewAction::ToggleOverlay),
    ),
    (
        CompareMode::Difference,
        Action::View(ViewAction::ShowDifference),
    ),
];

/// Writes the top bar; clicks on a mode come back as actions.
pub fn top_bar(ctx: &egui::Context, pen: &Pen<'_>, scene: &Scene, actions: &mut Vec<Action>) {
    let bar = scene.layout.top_bar;
    if bar.h <= 0.0 {
        return;
    }
    let text = scene.layout.text;
    let two_lines = bar.h > text.title * 3.0;
    let first = if two_lines { bar.rows(0.0, 0.5) } else { bar };
    let second = if two_lines { bar.rows(0.5, 1.0) } else { bar };
    let modes_left = modes(ctx, pen, scene, second, actions);
    let (names, notes) = if two_lines {
        (
            first,
            Rect::snapped(second.x, second.y, modes_left, second.bottom()),
        )
    } else {
        let split = bar.x + (modes_left - bar.x) * 0.66;
        (
            Rect::snapped(bar.x, bar.y, split, bar.bottom()),
            Rect::snapped(split, bar.y, modes_left, bar.bottom()),
        )
    };
    for side in Side::BOTH {
        let half = names.columns(0.5 * side.index() as f32, 0.5 + 0.5 * side.index() as f32);
        side_name(pen, scene, side, half);
    }
    match_and_alignment(pen, scene, notes);
}

fn side_name(pen: &Pen<'_>, scene: &Scene, side: Side, area: Rect) {
    let text = scene.layout.text;
    let y = area.y + area.h / 2.0;
    side_mark(pen, side, [area.x + 3.0, y], text.title * 1.25);
    let left = area.x + text.title * 0.7;
    let state = scene.side(side);
    let color = match state.state {
        SideState::Lost(_) | SideState::Failed(_) => pen.palette.over,
        _ => pen.palette.text,
    };
    let name = if state.name.is_empty() {
        match side {
            Side::Mix => "No input",
            Side::Reference => "No reference",
        }
    } else {
        &state.name
    };
    let room = area.right() - text.title - left;
    let detail_width = if state.detail.is_empty() {
        0.0
    } else {
        pen.width(&state.detail, (Weight::Regular, text.label)) + text.label
    };
    let style = (Weight::Medium, text.title);
    let shown = pen.fitted(name, style, room - detail_width.min(room * 0.5));
    let end = pen.put(&shown, [left, y], Align2::LEFT_CENTER, style, color);
    let detail = pen.fitted(
        &state.detail,
        (Weight::Regular, text.label),
        area.right() - end - text.label,
    );
    pen.put(
        &detail,
        [end + text.label * 0.8, y],
        Align2::LEFT_CENTER,
        (Weight::Regular, text.label),
        pen.palette.text_dim,
    );
}

fn match_and_alignment(pen: &Pen<'_>, scene: &Scene, area: Rect) {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let y = area.y + area.h / 2.0;
    let is_timeless = scene.side(Side::Reference).state == SideState::Timeless;
    let (explained, aligned) = match (scene.alignment, &scene.section) {
        _ if is_timeless => ("beside", String::new()),
        (Alignment::OtherSong, Some(section)) => ("beside", section.clone()),
        (Alignment::Locked { .. }, _) => ("aligned", alignment_words(scene)),
        _ => ("beside", alignment_words(scene)),
    };
    let mut x = area.x;
    let gap = text.label * 1.8;
    let room = area.w - text.label;
    let width_beside = gap + pen.width(&aligned, style);
    // Rather both in few words than one of them in many.
    let matched = [match_words(scene), gain_words(scene)];
    let fits = |words: &&String| pen.width(words, style) + width_beside <= room;
    let matched = matched.iter().find(fits).unwrap_or(&matched[0]);
    let has_reference = !matches!(scene.side(Side::Reference).state, SideState::Empty);
    let both = [("match", matched), (explained, &aligned)];
    for (name, words) in both.into_iter().filter(|_| has_reference) {
        if x + pen.width(words, style) > area.right() - text.label {
            break;
        }
        let dim = pen.palette.text_dim;
        let place = Rect::snapped(x, area.y, x + pen.width(words, style), area.bottom());
        explain(pen, name, place, words);
        x = pen.put(words, [x, y], Align2::LEFT_CENTER, style, dim) + gap;
    }
}

/// Writes the modes from the right and returns where they begin.
fn modes(
    ctx: &egui::Context,
    pen: &Pen<'_>,
    scene: &Scene,
    area: Rect,
    actions: &mut Vec<Action>,
) -> f32 {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let y = area.y + area.h / 2.0;
    let mut right = area.right() - text.label * 0.3;
    for (mode, action) in MODES.into_iter().rev() {
        let is_on = scene.looks.mode == mode;
        let style = if is_on {
            (Weight::Medium, text.label)
        } else {
            style
        };
        let color = if is_on {
            pen.palette.text
        } else {
            pen.palette.text_dim
        };
        let width = pen.width(mode.name(), (Weight::Medium, text.label));
        let left = right - width;
        pen.put(mode.name(), [right, y], Align2::RIGHT_CENTER, style, color);
        let place = Rect::snapped(
            left - text.label * 0.5,
            area.y,
            right + text.label * 0.5,
            area.bottom(),
        );
        if clicked(ctx, mode.name(), place) && !is_on {
            // The key goes from side by side to overlay and back, so from elsewhere it takes two steps.
            if mode == CompareMode::Overlay && scene.looks.mode != CompareMode::SideBySide {
                actions.push(Action::View(ViewAction::ToggleOverlay));
            }
            actions.push(action);
        }
        right = left - text.label * 1.6;
    }
    right
}

/// Whether a place was clicked; a place that can be clicked has a name for assistive tools.
fn clicked(ctx: &egui::Context, name: &str, place: Rect) -> bool {
    let rect = egui::Rect::from_min_size(Pos2::new(place.x, place.y), vec2(place.w, place.h));
    egui::Area::new(Id::unique(("click", name)))
        .order(Order::Middle)
        .fixed_pos(rect.min)
        .show(ctx, |ui| {
            // Its key reaches it: Tab walks through an open drawer alone.
            let (_, response) = ui.allocate_exact_size(rect.size(), Sense::CLICK);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
            response.clicked()
        })
        .inner
}

/// Writes the status line.
pub fn status_bar(pen: &Pen<'_>, scene: &Scene) {
    let bar = scene.layout.status_bar;
    if bar.h <= 0.0 {
        return;
    }
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let y = bar.y + bar.h / 2.0;
    let hint = "Space freeze   D difference   P picture   ? keys";
    let hint_left = bar.right() - pen.width(hint, style);
    let mut x = bar.x;
    for (words, color) in status_words(scene) {
        let words = pen.fitted(&words, style, (bar.right() - x).min(bar.w * 0.6));
        let end = x + pen.width(&words, style);
        if end > bar.right() {
            break;
        }
        let place = Rect::snapped(x, bar.y, end, bar.bottom());
        explain(pen, status_name(&words, scene), place, &words);
        x = pen.put(&words, [x, y], Align2::LEFT_CENTER, style, color) + text.label * 1.3;
    }
    if x < hint_left {
        let dim = pen.palette.text_dim;
        pen.put(hint, [bar.right(), y], Align2::RIGHT_CENTER, style, dim);
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
