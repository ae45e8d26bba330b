//! Words of the spectrograms: ticks of their axes, names, absences, and what an empty one says.

use egui::Align2;

use crate::session::action::{Action, WindowAction};
use crate::ui::click::clicked;
use crate::ui::fonts::Weight;
use crate::ui::labels::{shadowed, side_title};
use crate::ui::panels::masking;
use crate::ui::text::{Pen, color32};
use crate::view::axis::{frequency_ticks, note_ticks};
use crate::view::layout::{Pane, PaneContent};
use crate::view::looks::Channel;
use crate::view::palette::Side;
use crate::view::readout::whole;
use crate::view::rect::Rect;
use crate::view::scene::{Scene, SideState};

/// Frequency, note and time ticks, and the name of each pane.
pub fn words(pen: &Pen<'_>, scene: &Scene) {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let dim = pen.palette.text_dim;
    for pane in &scene.layout.panes {
        let plot = pane.plot;
        let side = match pane.content {
            PaneContent::Level(side) => side,
            PaneContent::Overlay
            | PaneContent::Difference
            | PaneContent::Outside
            | PaneContent::Masking => Side::Mix,
        };
        absences(pen, scene, side, plot);
        let min_gap = text.label * 1.5 / plot.h;
        for tick in frequency_ticks(&scene.frequency, min_gap) {
            let y = plot.bottom() - tick.fraction * plot.h;
            let x = plot.x - text.label * 0.45;
            pen.put(&tick.label, [x, y], Align2::RIGHT_CENTER, style, dim);
        }
        for tick in note_ticks(&scene.frequency, min_gap) {
            let y = plot.bottom() - tick.fraction * plot.h;
            let x = plot.right() + text.label * 0.45;
            pen.put(&tick.label, [x, y], Align2::LEFT_CENTER, style, dim);
        }
        pane_title(pen, scene, pane);
    }
}

/// Nothing was heard there: neither sound nor silence, so it is no part of the map, and its length is written in it.
fn absences(pen: &Pen<'_>, scene: &Scene, side: Side, plot: Rect) {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    // From the newest on, to the left.
    let mut free_to = plot.right();
    for absence in &scene.side(side).absences {
        let [left, right] = absence.fractions.map(|part| plot.x + part * plot.w);
        if right - left < 1.0 {
            continue;
        }
        let band =
            egui::Rect::from_min_max(egui::pos2(left, plot.y), egui::pos2(right, plot.bottom()));
        pen.painter
            .rect_filled(band, 0.0, color32(pen.palette.panel));
        for x in [left, right] {
            let stroke = egui::Stroke::new(1.0, color32(pen.palette.text_dim));
            pen.painter.vline(x, band.y_range(), stroke);
        }
        let half = pen.width(&absence.words, style) / 2.0 + text.label * 0.4;
        let x =
            ((left + right) / 2.0).clamp(plot.x + half, (plot.right() - half).max(plot.x + half));
        if x + half <= free_to {
            let y = plot.bottom() - text.label * 1.3;
            shadowed(pen, &absence.words, [x, y], Align2::CENTER_CENTER, style);
            free_to = x - half;
        }
    }
}

fn pane_title(pen: &Pen<'_>, scene: &Scene, pane: &Pane) {
    let text = scene.layout.text;
    let x = pane.plot.x + text.label * 0.8;
    let y = pane.plot.y + text.label * 1.3;
    match pane.content {
        PaneContent::Level(side) => {
            let name = format!("{}{}", side.name(), channel_words(scene));
            side_title(pen, side, &name, [x, y], text.title);
            empty_state(pen, scene, side, pane.plot);
        }
        PaneContent::Overlay => {
            let end = side_title(pen, Side::Mix, "Mix", [x, y], text.title);
            let name = format!("Reference{}", channel_words(scene));
            let at = [end + text.title, y];
            side_title(pen, Side::Reference, &name, at, text.title);
        }
        PaneContent::Masking => {
            masking::words(pen, scene, pane.plot);
            empty_states(pen, scene, pane.plot);
        }
        PaneContent::Difference | PaneContent::Outside => {
            let [more, less, of] = match &scene.outside {
                Some(outside) => [
                    format!("Above {}", outside.of),
                    format!("Below {}", outside.of),
                    "10–90 %, ".to_owned(),
                ],
                None => ["Mix has more", "Reference has more", ""].map(str::to_owned),
            };
            let end = side_title(pen, Side::Mix, &more, [x, y], text.title);
            let at = [end + text.title, y];
            let end = side_title(pen, Side::Reference, &less, at, text.title);
            // What lies outside is told of both channels.
            let channel = match scene.outside {
                Some(_) => String::new(),
                None => channel_words(scene),
            };
            let range = format!("± {} dB", whole(f64::from(scene.looks.difference_range_db)));
            let channel = channel.replace("  ", ", ");
            // Until the record is read where the mix is, hits of drums lie half a column beside themselves.
            let is_exact = scene.wants_on_grid.is_none() || scene.on_grid.is_some();
            let of = if is_exact {
                of
            } else {
                "not exact yet, ".to_owned()
            };
            let all = format!("{of}{range}, B {}{channel}", scene.gain_words());
            let right = pane.plot.right() - text.label * 0.8;
            let style = (Weight::Regular, text.label);
            let room = right - end - text.title;
            let fitting = [
                all,
                format!("{of}{range}{channel}"),
                format!("{range}{channel}"),
            ];
            if let Some(words) = fitting.iter().find(|words| pen.width(words, style) <= room) {
                shadowed(pen, words, [right, y], Align2::RIGHT_CENTER, style);
            }
            empty_states(pen, scene, pane.plot);
        }
    }
}

/// Which channel the spectrograms show, where that is not both: "  side only".
fn channel_words(scene: &Scene) -> String {
    match scene.looks.channel {
        Channel::Both => String::new(),
        channel => format!("  {} only", channel.name()),
    }
}

/// What both sides say in one pane, one below the other.
fn empty_states(pen: &Pen<'_>, scene: &Scene, plot: Rect) {
    for side in Side::BOTH {
        empty_state(pen, scene, side, plot.rows(0.3 * side.index() as f32, 1.0));
    }
}

/// A click on the empty pane of the reference opens one.
pub fn open_on_click(pen: &Pen<'_>, scene: &Scene, actions: &mut Vec<Action>) {
    let is_empty = scene.side(Side::Reference).state == SideState::Empty;
    if !is_empty || scene.stamp.is_some() {
        return;
    }
    let mut panes = scene.layout.panes.iter();
    let pane = panes.find(|pane| pane.content == PaneContent::Level(Side::Reference));
    if let Some(plot) = pane.map(|pane| pane.plot) {
        let size = scene.layout.text.title;
        let middle = plot.y + plot.h / 2.0;
        let place = Rect::snapped(plot.x, middle - size, plot.right(), middle + size);
        if clicked(pen, "Open a reference", place, "") {
            actions.push(WindowAction::OpenReference.into());
        }
    }
}

/// What a panel without data says: what to do, or how far the loading is.
fn empty_state(pen: &Pen<'_>, scene: &Scene, side: Side, plot: Rect) {
    let state = scene.side(side);
    let words = match (&state.state, side) {
        (SideState::Empty, Side::Mix) => {
            "No input. Start with --input NAME, or see `abscope devices`".to_owned()
        }
        (SideState::Empty, Side::Reference) => {
            "Drop a reference track here, or click to open one (O)".to_owned()
        }
        (SideState::Loading(part), _) => format!("Reading … {:.0} %", part * 100.0),
        (SideState::Lost(why) | SideState::Failed(why), _) => why.clone(),
        (SideState::Timeless, _) => "A target has no time: its band is in the spectrum".to_owned(),
        (SideState::Running, _) if state.hint.is_empty() => return,
        (SideState::Running, _) => state.hint.clone(),
    };
    let size = scene.layout.text.title;
    let style = (Weight::Regular, size);
    let row = size * 1.4;
    let most = (plot.h / row - 1.0).max(1.0) as usize;
    let lines = pen.lines(&words, style, plot.w - size * 2.0, most);
    let first = plot.y + (plot.h - row * (lines.len() as f32 - 1.0)) / 2.0;
    for (n, words) in lines.iter().enumerate() {
        let center = [plot.x + plot.w / 2.0, first + row * n as f32];
        match state.state {
            // What has come lies below it, if only silence.
            SideState::Loading(_) | SideState::Running => {
                shadowed(pen, words, center, Align2::CENTER_CENTER, style);
            }
            _ => {
                let dim = pen.palette.text_dim;
                pen.put(words, center, Align2::CENTER_CENTER, style, dim);
            }
        }
    }
}
