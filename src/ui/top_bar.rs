//! The top bar: who is compared, and how. All of it can be clicked.

use egui::Align2;

use crate::session::action::{Action, Context, Drawer, ViewAction};
use crate::ui::click::{clicked, clicked_as};
use crate::ui::fonts::Weight;
use crate::ui::labels::side_mark;
use crate::ui::text::{Pen, color32};
use crate::ui::tooltip::explanation;
use crate::view::layout::CompareMode;
use crate::view::palette::Side;
use crate::view::rect::Rect;
use crate::view::scene::{Alignment, Scene, SideState};
use crate::view::stamp::{alignment_words, gain_words, match_words};

const MODES: [(CompareMode, ViewAction); 3] = [
    (CompareMode::SideBySide, ViewAction::ToggleOverlay),
    (CompareMode::Overlay, ViewAction::ToggleOverlay),
    (CompareMode::Difference, ViewAction::ShowDifference),
];

/// Writes the top bar; what is clicked comes back as actions.
pub fn top_bar(pen: &Pen<'_>, scene: &Scene, actions: &mut Vec<Action>) {
    let bar = scene.layout.top_bar;
    if bar.h <= 0.0 {
        return;
    }
    let text = scene.layout.text;
    let two_lines = bar.h > text.title * 3.0;
    let first = if two_lines { bar.rows(0.0, 0.5) } else { bar };
    let second = if two_lines { bar.rows(0.5, 1.0) } else { bar };
    let modes_left = match scene.stamp {
        // Nobody clicks in a picture.
        Some(_) => mode_name(pen, scene, second),
        None => modes(pen, scene, second, actions),
    };
    let names_left = menu_button(pen, scene, first, actions);
    let (names, notes) = if two_lines {
        (
            Rect::snapped(names_left, first.y, first.right(), first.bottom()),
            Rect::snapped(second.x, second.y, modes_left, second.bottom()),
        )
    } else {
        let split = names_left + (modes_left - names_left) * 0.66;
        (
            Rect::snapped(names_left, bar.y, split, bar.bottom()),
            Rect::snapped(split, bar.y, modes_left, bar.bottom()),
        )
    };
    let middle = names_middle(pen, scene, names.w);
    for side in Side::BOTH {
        let part = if side == Side::Mix {
            [0.0, middle]
        } else {
            [middle, 1.0]
        };
        let half = names.columns(part[0], part[1]);
        side_name(pen, scene, side, half, actions);
    }
    match_and_alignment(pen, scene, notes, actions);
}

/// Three lines that open the menu of all actions; returns where the names begin.
fn menu_button(pen: &Pen<'_>, scene: &Scene, area: Rect, actions: &mut Vec<Action>) -> f32 {
    if scene.stamp.is_some() {
        return area.x;
    }
    let size = scene.layout.text.title;
    let middle = area.y + area.h / 2.0;
    let line = |n: f32| {
        let y = (middle + (n - 1.0) * size * 0.36).round();
        egui::Rect::from_min_size(
            egui::pos2((area.x + size * 0.25).round(), y - 1.0),
            egui::vec2((size * 0.95).round(), (size * 0.11).round().max(2.0)),
        )
    };
    for n in 0..3 {
        let color = color32(pen.palette.text_dim);
        pen.painter.rect_filled(line(n as f32), 0.0, color);
    }
    let place = Rect::snapped(area.x, area.y, area.x + size * 1.5, area.bottom());
    if clicked(pen, "Menu", place, "Menu of all actions ( . )") {
        actions.push(ViewAction::ToggleDrawer(Drawer::Menu).into());
    }
    area.x + size * 1.9
}

/// Where the reference's name begins, as a part of the room for both: in the middle, or before it where its own half is
/// too narrow for it and the mix's has room to spare.
fn names_middle(pen: &Pen<'_>, scene: &Scene, room: f32) -> f32 {
    let text = scene.layout.text;
    let needed = |side: Side| {
        let state = scene.side(side);
        let name = if state.song.is_empty() {
            &state.name
        } else {
            &state.song
        };
        let detail = pen.width(&state.detail, (Weight::Regular, text.label));
        pen.width(name, (Weight::Medium, text.title)) + detail + text.title * 3.0
    };
    let [mix, reference] = Side::BOTH.map(needed);
    match reference > room * 0.5 {
        true => (mix / room.max(1.0))
            .max(1.0 - reference / room.max(1.0))
            .clamp(0.25, 0.5),
        false => 0.5,
    }
}

/// A side's name; a click chooses another input or reference.
fn side_name(pen: &Pen<'_>, scene: &Scene, side: Side, area: Rect, actions: &mut Vec<Action>) {
    let text = scene.layout.text;
    let y = area.y + area.h / 2.0;
    side_mark(pen, side, [area.x + 3.0, y], text.title * 1.25);
    let left = area.x + text.title * 0.7;
    let state = scene.side(side);
    let color = match state.state {
        SideState::Lost(_) | SideState::Failed(_) => pen.palette.over,
        _ => pen.palette.text,
    };
    let name = match (state.song.as_str(), state.name.as_str(), side) {
        ("", "", Side::Mix) => "No input",
        ("", "", Side::Reference) => "No reference",
        ("", name, _) => name,
        (song, ..) => song,
    };
    // A song that was named is told first, then what it comes from: a snapshot of it, or else its input.
    let detail = match (state.detail.as_str(), state.song.is_empty()) {
        ("", false) => state.name.as_str(),
        (detail, _) => detail,
    };
    let room = area.right() - text.title - left;
    let detail_width = if detail.is_empty() {
        0.0
    } else {
        pen.width(detail, (Weight::Regular, text.label)) + text.label
    };
    let style = (Weight::Medium, text.title);
    let shown = pen.fitted(name, style, room - detail_width.min(room * 0.5));
    let end = pen.put(&shown, [left, y], Align2::LEFT_CENTER, style, color);
    let detail = pen.fitted(
        detail,
        (Weight::Regular, text.label),
        area.right() - end - text.label,
    );
    let end = pen.put(
        &detail,
        [end + text.label * 0.8, y],
        Align2::LEFT_CENTER,
        (Weight::Regular, text.label),
        pen.palette.text_dim,
    );
    if scene.stamp.is_some() {
        return;
    }
    let (what, tip, drawer) = match side {
        Side::Mix => ("Mix", "Inputs (I)", Drawer::Inputs),
        Side::Reference => (
            "Reference",
            "References: open, region, trim (E)",
            Drawer::References,
        ),
    };
    let place = Rect::snapped(area.x, area.y, end + text.label * 0.4, area.bottom());
    if clicked_as(pen, what, &format!("{what}: {name}"), place, tip) {
        actions.push(ViewAction::ToggleDrawer(drawer).into());
    }
}

/// How loud the reference is shown and where it lies; a click offers what can be chosen of that.
fn match_and_alignment(pen: &Pen<'_>, scene: &Scene, area: Rect, actions: &mut Vec<Action>) {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let y = area.y + area.h / 2.0;
    let is_timeless = scene.side(Side::Reference).state == SideState::Timeless;
    let (explained, ways) = match (scene.alignment, &scene.section) {
        _ if is_timeless => ("beside", vec![]),
        (Alignment::OtherSong, Some(section)) => ("beside", other_song(section)),
        (Alignment::OtherSong, None) => (
            "beside",
            vec![alignment_words(scene), "different song".to_owned()],
        ),
        (Alignment::Locked { .. }, _) => ("aligned", place_words(scene)),
        _ => ("beside", vec![alignment_words(scene)]),
    };
    let mut x = area.x;
    let gap = text.label * 1.8;
    let room = area.w - text.label;
    // Rather both in few words than one of them in many.
    let matched = [match_words(scene), gain_words(scene)];
    let least = pen.width(&matched[1], style) + gap;
    let aligned = ways
        .iter()
        .find(|words| least + pen.width(words, style) <= room)
        .or(ways.last());
    let aligned = aligned.cloned().unwrap_or_default();
    let width_beside = gap + pen.width(&aligned, style);
    let fits = |words: &&String| pen.width(words, style) + width_beside <= room;
    let matched = matched.iter().find(fits).unwrap_or(&matched[1]);
    let both = [
        ("match", matched, Context::Match),
        (explained, &aligned, Context::Place),
    ];
    for (name, words, context) in both.into_iter().filter(|_| scene.has_reference()) {
        let width = pen.width(words, style);
        if words.is_empty() || x + width > area.right() - text.label {
            break;
        }
        let dim = pen.palette.text_dim;
        let margin = text.label * 0.4;
        let place = Rect::snapped(x - margin, area.y, x + width + margin, area.bottom());
        x = pen.put(words, [x, y], Align2::LEFT_CENTER, style, dim) + gap;
        let tip = explanation(name).unwrap_or_default();
        let id = context.name();
        if scene.stamp.is_none() && clicked_as(pen, id, words, place, tip) {
            actions.push(ViewAction::Context(Some(context)).into());
        }
    }
}

/// That it is another song, and which section of it fits, in fewer and fewer words.
fn other_song(section: &str) -> Vec<String> {
    let short = section.strip_prefix("best section: ").unwrap_or(section);
    let name = short.split_once(" (").map_or(short, |(name, _)| name);
    let key = [", press G"].into_iter().find(|key| short.ends_with(key));
    let shortest = format!("{name}{}", key.unwrap_or_default());
    vec![
        format!("different song, {section}"),
        format!("different song, best: {short}"),
        format!("other song: {short}"),
        format!("other song: {shortest}"),
        "different song".to_owned(),
    ]
}

/// How sure the place is, in fewer and fewer words; where that is stands beside the record's name while it runs.
fn place_words(scene: &Scene) -> Vec<String> {
    let words = alignment_words(scene);
    let is_told = scene.frozen_behind_secs.is_none()
        && scene.stamp.is_none()
        && !scene.side(Side::Reference).detail.is_empty();
    let place = words.strip_prefix("song ");
    let sure = match place.and_then(|words| words.split_once(", ")) {
        Some((_, sure)) => sure.to_owned(),
        None => words.clone(),
    };
    let short = sure.replace("time-aligned", "aligned");
    match is_told {
        true => vec![sure, short],
        false => vec![words, sure, short],
    }
}

/// Writes the modes from the right and returns where they begin.
fn modes(pen: &Pen<'_>, scene: &Scene, area: Rect, actions: &mut Vec<Action>) -> f32 {
    let text = scene.layout.text;
    let y = area.y + area.h / 2.0;
    let mut right = area.right() - text.label * 0.3;
    if let CompareMode::MixOnly | CompareMode::ReferenceOnly = scene.looks.mode {
        let name = format!("{} alone", scene.looks.mode.name());
        let style = (Weight::Medium, text.label);
        let color = pen.palette.text;
        pen.put(&name, [right, y], Align2::RIGHT_CENTER, style, color);
        right -= pen.width(&name, style) + text.label * 1.6;
    }
    for (mode, action) in MODES.into_iter().rev() {
        let is_on = scene.looks.mode == mode;
        // Masking stands in the place of the difference.
        let name = match is_on && scene.masking.is_some() {
            true => "Masking",
            false => mode.name(),
        };
        let (weight, color) = match is_on {
            true => (Weight::Medium, pen.palette.text),
            false => (Weight::Regular, pen.palette.text_dim),
        };
        let left = right - pen.width(name, (Weight::Medium, text.label));
        let style = (weight, text.label);
        pen.put(name, [right, y], Align2::RIGHT_CENTER, style, color);
        let margin = text.label * 0.5;
        let place = Rect::snapped(left - margin, area.y, right + margin, area.bottom());
        let tip = match mode {
            CompareMode::Difference => "Difference, mix − reference (D)",
            _ => "Side by side, overlay (Tab)",
        };
        if clicked(pen, mode.name(), place, tip) && !is_on {
            // The key goes from side by side to overlay and back, so from elsewhere it takes two steps.
            if mode == CompareMode::Overlay && scene.looks.mode != CompareMode::SideBySide {
                actions.push(ViewAction::ToggleOverlay.into());
            }
            actions.push(action.into());
        }
        right = left - text.label * 1.6;
    }
    right
}

/// Writes the mode that is shown, and returns where it begins.
fn mode_name(pen: &Pen<'_>, scene: &Scene, area: Rect) -> f32 {
    let style = (Weight::Medium, scene.layout.text.label);
    let (name, color) = (scene.looks.mode.name(), pen.palette.text_dim);
    let at = [area.right(), area.y + area.h / 2.0];
    pen.put(name, at, Align2::RIGHT_CENTER, style, color);
    at[0] - pen.width(name, style) - scene.layout.text.label * 1.6
}
