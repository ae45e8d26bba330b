//! Labels of the panels: ticks, titles, readings in corners, and what an empty panel says.

use egui::Align2;

use crate::render::panels::LEVEL_STEPS_DB;
use crate::ui::bands;
use crate::ui::fonts::Weight;
use crate::ui::table::side_mark;
use crate::ui::text::{Pen, color32};
use crate::view::axis::{frequency_ticks, linear_ticks, note_ticks};
use crate::view::layout::{CompareMode, Pane, PaneContent};
use crate::view::palette::Side;
use crate::view::readout::{correlation, minutes, signed, whole};
use crate::view::rect::Rect;
use crate::view::scene::{Scene, SideState};

/// Frequency, note and time ticks, and the name of each pane.
pub fn spectrograms(pen: &Pen<'_>, scene: &Scene) {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let dim = pen.palette.text_dim;
    for pane in &scene.layout.panes {
        let plot = pane.plot;
        let side = match pane.content {
            PaneContent::Level(side) => side,
            PaneContent::Overlay | PaneContent::Difference => Side::Mix,
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
    if let (Some(axis), Some(plot)) = (scene.layout.time_axis, scene.layout.time_plot()) {
        time_axis(pen, scene, axis, plot);
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

fn time_axis(pen: &Pen<'_>, scene: &Scene, axis: Rect, plot: Rect) {
    let text = scene.layout.text;
    let y = axis.y + axis.h / 2.0;
    for tick in scene.time_ticks(text.label * 6.0 / plot.w) {
        let is_edge = tick.fraction >= 1.0;
        let label = match (is_edge, scene.frozen_behind_secs) {
            (true, Some(_)) => "frozen",
            _ => tick.label.as_str(),
        };
        let anchor = if is_edge {
            Align2::RIGHT_CENTER
        } else {
            Align2::CENTER_CENTER
        };
        let x = plot.x + tick.fraction * plot.w;
        let style = (Weight::Regular, text.label);
        pen.put(label, [x, y], anchor, style, pen.palette.text_dim);
    }
}

fn pane_title(pen: &Pen<'_>, scene: &Scene, pane: &Pane) {
    let text = scene.layout.text;
    let x = pane.plot.x + text.label * 0.8;
    let y = pane.plot.y + text.label * 1.3;
    match pane.content {
        PaneContent::Level(side) => {
            side_title(pen, side, side.name(), [x, y], text.title);
            empty_state(pen, scene, side, pane.plot);
        }
        PaneContent::Overlay => {
            let end = side_title(pen, Side::Mix, "Mix", [x, y], text.title);
            side_title(
                pen,
                Side::Reference,
                "Reference",
                [end + text.title, y],
                text.title,
            );
        }
        PaneContent::Difference => {
            let end = side_title(pen, Side::Mix, "Mix has more", [x, y], text.title);
            let at = [end + text.title, y];
            side_title(pen, Side::Reference, "Reference has more", at, text.title);
            let words = format!(
                "± {} dB{}",
                whole(f64::from(scene.looks.difference_range_db)),
                match scene.match_gain_db.filter(|_| scene.looks.loudness_match) {
                    Some(gain) => format!(", matched {} LU", signed(Some(gain))),
                    None => ", not matched".to_owned(),
                }
            );
            let right = pane.plot.right() - text.label * 0.8;
            let style = (Weight::Regular, text.label);
            shadowed(pen, &words, [right, y], Align2::RIGHT_CENTER, style);
            for side in Side::BOTH {
                empty_state(
                    pen,
                    scene,
                    side,
                    pane.plot.rows(0.3 * side.index() as f32, 1.0),
                );
            }
        }
    }
}

/// A name with its side's mark, readable on any colour below; returns the right edge.
fn side_title(pen: &Pen<'_>, side: Side, words: &str, at: [f32; 2], size: f32) -> f32 {
    side_mark(pen, side, [at[0] + 2.0, at[1]], size * 1.25);
    let left = at[0] + size * 0.75;
    shadowed(
        pen,
        words,
        [left, at[1]],
        Align2::LEFT_CENTER,
        (Weight::Medium, size),
    )
}

/// Text over data: a soft plate of the panel's colour below it, since a spectrogram can be any colour there.
pub(super) fn shadowed(
    pen: &Pen<'_>,
    words: &str,
    at: [f32; 2],
    anchor: Align2,
    style: (Weight, f32),
) -> f32 {
    let size = style.1;
    let width = pen.width(words, style);
    let left = match anchor {
        Align2::RIGHT_CENTER => at[0] - width,
        Align2::CENTER_CENTER => at[0] - width / 2.0,
        _ => at[0],
    };
    let plate = egui::Rect::from_min_max(
        egui::pos2(left - size * 0.3, at[1] - size * 0.72),
        egui::pos2(left + width + size * 0.3, at[1] + size * 0.72),
    );
    pen.painter
        .rect_filled(plate, size * 0.25, color32(pen.palette.panel.alpha(0.55)));
    pen.put(words, at, anchor, style, pen.palette.text)
}

/// What a panel without data says: what to do, or how far the loading is.
fn empty_state(pen: &Pen<'_>, scene: &Scene, side: Side, plot: Rect) {
    let state = scene.side(side);
    let words = match (&state.state, side) {
        (SideState::Empty, Side::Mix) => {
            "No input. Start with --input NAME, or see `abscope devices`".to_owned()
        }
        (SideState::Empty, Side::Reference) => "Drop a record here, or press O".to_owned(),
        (SideState::Loading(part), _) => format!("Reading … {:.0} %", part * 100.0),
        (SideState::Lost(why) | SideState::Failed(why), _) => why.clone(),
        (SideState::Timeless, _) => "A target has no time: its band is in the spectrum".to_owned(),
        (SideState::Running, _) if state.hint.is_empty() => return,
        (SideState::Running, _) => state.hint.clone(),
    };
    let size = scene.layout.text.title;
    let style = (Weight::Regular, size);
    let words = pen.fitted(&words, style, plot.w - size * 2.0);
    let center = [plot.x + plot.w / 2.0, plot.y + plot.h / 2.0];
    pen.put(
        &words,
        center,
        Align2::CENTER_CENTER,
        style,
        pen.palette.text_dim,
    );
}

/// Ticks, title and target of the loudness panel.
pub fn loudness(pen: &Pen<'_>, scene: &Scene) {
    let Some(plot) = scene.layout.loudness else {
        return;
    };
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let dim = pen.palette.text_dim;
    let [low, high] = scene.loudness_range();
    let is_difference = scene.looks.mode == CompareMode::Difference;
    let target_y = scene.y_from_lufs(plot, scene.looks.target_lufs);
    for tick in linear_ticks(low, high, &LEVEL_STEPS_DB, text.label * 1.6 / plot.h) {
        let y = plot.bottom() - tick.fraction * plot.h;
        let inside = y > plot.y + text.label * 0.4 && y < plot.bottom() - text.label * 0.4;
        if inside {
            let x = plot.x - text.label * 0.45;
            let words = level_tick(scene, &tick.label);
            pen.put(&words, [x, y], Align2::RIGHT_CENTER, style, dim);
        }
    }
    if !is_difference {
        let x = plot.right() + text.label * 0.3;
        let target = whole(scene.looks.target_lufs);
        pen.put(&target, [x, target_y], Align2::LEFT_CENTER, style, dim);
    }
    let at = [plot.x + text.label * 0.8, plot.y + text.label * 1.1];
    let is_matched = scene.looks.loudness_match && scene.match_gain_db.is_some();
    let title = match (is_difference, is_matched) {
        (true, true) => "Loudness  short-term, momentary  mix − reference  LU, matched",
        (true, false) => "Loudness  short-term, momentary  mix − reference  LU, not matched",
        (false, true) => "Loudness  short-term, momentary, integrated  LUFS, reference matched",
        (false, false) => "Loudness  short-term, momentary, integrated  LUFS",
    };
    let title = pen.fitted(title, style, plot.w - text.label * 2.0);
    pen.put(&title, at, Align2::LEFT_CENTER, style, dim);
}

/// A tick of a level; of a difference with its sign.
fn level_tick(scene: &Scene, label: &str) -> String {
    let is_positive = label.starts_with(|c: char| ('1'..='9').contains(&c));
    if is_positive && scene.looks.mode == CompareMode::Difference {
        format!("+{label}")
    } else {
        label.to_owned()
    }
}

/// Ticks and title of the spectrum panel.
pub fn spectrum(pen: &Pen<'_>, scene: &Scene) {
    let Some(plot) = scene.layout.spectrum else {
        return;
    };
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let dim = pen.palette.text_dim;
    let axes = scene.spectrum_axes(plot);
    for tick in linear_ticks(
        axes.low_db,
        axes.high_db,
        &LEVEL_STEPS_DB,
        text.label * 1.6 / plot.h,
    ) {
        let y = plot.bottom() - tick.fraction * plot.h;
        if y > plot.y + text.label * 0.4 && y < plot.bottom() - text.label * 0.4 {
            let x = plot.x - text.label * 0.45;
            let words = level_tick(scene, &tick.label);
            pen.put(&words, [x, y], Align2::RIGHT_CENTER, style, dim);
        }
    }
    for tick in frequency_ticks(&scene.frequency, text.label * 3.0 / plot.w) {
        let x = plot.x + tick.fraction * plot.w;
        let y = plot.bottom() + text.label * 0.85;
        // The last label would leave the window if it were centred on its tick.
        let half = pen.width(&tick.label, style) / 2.0;
        let x = x.min(scene.layout.size[0] - half - 2.0);
        pen.put(&tick.label, [x, y], Align2::CENTER_CENTER, style, dim);
    }
    let of = scene.mark.as_ref().map_or_else(String::new, |measured| {
        let [from, to] = [measured.mark.from_secs, measured.mark.to_secs].map(minutes);
        format!("marked {from}–{to}, ")
    });
    let title = if scene.looks.mode == CompareMode::Difference {
        format!("Spectrum  {of}median mix − reference  dB")
    } else {
        format!(
            "Spectrum  {of}median, reference 10–90 %, {} dB/oct",
            scene.looks.spectrum_tilt_db_per_octave
        )
    };
    let title = pen.fitted(&title, style, plot.w - text.label * 1.6);
    let at = [plot.x + text.label * 0.8, plot.y + text.label * 1.1];
    pen.put(&title, at, Align2::LEFT_CENTER, style, dim);
}

/// Names and correlations of the vectorscopes; where one holds both sides, their names stand one below the other.
pub fn scopes(pen: &Pen<'_>, scene: &Scene) {
    let text = scene.layout.text;
    let has_one = scene.correlation_rect();
    if let Some(rect) = has_one {
        bands::correlation(pen, scene, rect);
    }
    for side in Side::BOTH {
        let Some(rect) = scene.scope_rect(side) else {
            continue;
        };
        let row = if has_one.is_some() {
            side.index() as f32
        } else {
            0.0
        };
        let y = rect.y + text.label * 1.2 + row * text.title * 1.6;
        let x = rect.x + text.label * 0.7;
        side_mark(pen, side, [x + 2.0, y], text.title * 1.2);
        let left = x + text.title * 0.75;
        let style = (Weight::Regular, text.title);
        let end = pen.put(
            side.name(),
            [left, y],
            Align2::LEFT_CENTER,
            style,
            pen.palette.text,
        );
        let value = scene.side(side).figures.correlation;
        let right = rect.right() - text.label * 0.7;
        let number = correlation(value);
        let style = (Weight::Medium, text.title);
        if right - pen.width(&number, style) > end + text.label {
            pen.put(
                &number,
                [right, y],
                Align2::RIGHT_CENTER,
                style,
                pen.palette.text,
            );
        }
        // One channel alone has no correlation, and is a signal all the same.
        let levels = &scene.side(side).figures.levels;
        let is_silent = levels.iter().all(|channel| channel.rms_dbfs.is_none());
        if value.is_none() && is_silent && has_one.is_none() {
            let center = [rect.x + rect.w / 2.0, rect.bottom() - text.label * 1.4];
            let style = (Weight::Regular, text.label);
            pen.put(
                "no signal",
                center,
                Align2::CENTER_CENTER,
                style,
                pen.palette.text_dim,
            );
        }
    }
}
