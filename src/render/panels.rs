//! Panels as shapes: grounds and lines under the data, then curves, histories and bars over it.

use crate::render::bands;
use crate::render::crosshair::crosshair;
use crate::render::levels;
use crate::render::shapes::ShapeList;
use crate::render::width::width_bars;
use crate::view::axis::{frequency_ticks, linear_ticks};
use crate::view::layout::CompareMode;
use crate::view::palette::{Rgba, Side};
use crate::view::rect::Rect;
use crate::view::scene::{LoudnessSample, Scene};
use crate::view::spectrum::{Fineness, SpectrumAxes};

/// Grounds of the panels. Spectrograms and vectorscopes have none: they draw every pixel of their place themselves.
pub fn ground(scene: &Scene, list: &mut ShapeList) {
    let grounds = [
        scene.layout.loudness,
        scene.layout.spectrum,
        scene.correlation_rect(),
        scene.layout.width,
        scene.layout.table,
        scene.levels,
        scene.layout.figure_line,
        scene.layout.numerals,
    ];
    for rect in grounds.into_iter().flatten() {
        list.rect(rect, scene.palette.panel);
    }
}

/// Shapes that lie over them.
pub fn over(scene: &Scene, list: &mut ShapeList) {
    for pane in &scene.layout.panes {
        spectrogram_grid(scene, pane.plot, list);
    }
    for rect in scene.scope_rects() {
        scope_lines(rect, scene.palette.grid, list);
    }
    if let Some(rect) = scene.correlation_rect() {
        bands::correlation(scene, rect, list);
    }
    if let Some(plot) = scene.layout.loudness {
        loudness(scene, plot, list);
    }
    if let Some(plot) = scene.layout.spectrum {
        spectrum(scene, plot, list);
    }
    if let Some(rect) = scene.layout.width {
        width_bars(scene, rect, list);
    }
    if let Some(rect) = scene.levels {
        levels::levels(scene, rect, list);
    }
    if scene.frozen_behind_secs.is_some() {
        frozen_frame(scene, list);
    }
    mark_outlines(scene, list);
    crosshair(scene, list);
}

/// The goniometer's lines: mono vertical, left and right on the diagonals.
fn scope_lines(rect: Rect, color: Rgba, list: &mut ShapeList) {
    let center = [rect.x + rect.w / 2.0, rect.y + rect.h / 2.0];
    let half = rect.w.min(rect.h) / 2.0;
    let arm = half * std::f32::consts::FRAC_1_SQRT_2;
    list.segment(
        [center[0], center[1] - half],
        [center[0], center[1] + half],
        1.0,
        color,
    );
    for sign in [-1.0, 1.0] {
        list.segment(
            [center[0] - arm, center[1] - sign * arm],
            [center[0] + arm, center[1] + sign * arm],
            1.0,
            color,
        );
    }
}

fn spectrogram_grid(scene: &Scene, plot: Rect, list: &mut ShapeList) {
    let color = scene.palette.grid.alpha(0.07);
    let min_gap = scene.layout.text.label * 1.5 / plot.h;
    for tick in frequency_ticks(&scene.frequency, min_gap) {
        let y = (plot.bottom() - tick.fraction * plot.h).round();
        list.rect(Rect { y, h: 1.0, ..plot }, color);
    }
    time_lines(scene, plot, color, list);
}

fn time_lines(scene: &Scene, plot: Rect, color: Rgba, list: &mut ShapeList) {
    let min_gap = scene.layout.text.label * 6.0 / plot.w;
    let ticks = scene.time_ticks(min_gap);
    let inside = |fraction: f32| fraction > 0.0 && fraction < 1.0;
    for tick in ticks.iter().filter(|tick| inside(tick.fraction)) {
        let x = (plot.x + tick.fraction * plot.w).round();
        list.rect(Rect { x, w: 1.0, ..plot }, color);
    }
}

fn horizontal_lines(
    plot: Rect,
    range: [f64; 2],
    steps: &[f64],
    label_px: f32,
    color: Rgba,
    list: &mut ShapeList,
) {
    for tick in linear_ticks(range[0], range[1], steps, label_px * 1.6 / plot.h) {
        let y = (plot.bottom() - tick.fraction * plot.h).round();
        if y > plot.y + 1.0 && y < plot.bottom() - 1.0 {
            list.rect(Rect { y, h: 1.0, ..plot }, color);
        }
    }
}

fn spectrum(scene: &Scene, plot: Rect, list: &mut ShapeList) {
    let label = scene.layout.text.label;
    let axes = scene.spectrum_axes(plot);
    let grid = scene.palette.grid;
    horizontal_lines(
        plot,
        [axes.low_db, axes.high_db],
        &LEVEL_STEPS_DB,
        label,
        grid,
        list,
    );
    for tick in frequency_ticks(&scene.frequency, label * 3.0 / plot.w) {
        let x = (plot.x + tick.fraction * plot.w).round();
        list.rect(Rect { x, w: 1.0, ..plot }, grid);
    }
    if scene.looks.mode == CompareMode::Difference {
        difference_curve(scene, &axes, list);
    } else {
        side_curves(scene, &axes, list);
    }
}

/// Steps of level axes, finest first.
pub const LEVEL_STEPS_DB: [f64; 4] = [3.0, 6.0, 12.0, 24.0];

fn side_curves(scene: &Scene, axes: &SpectrumAxes, list: &mut ShapeList) {
    let palette = &scene.palette;
    let stroke = stroke_px(scene);
    if scene.looks.mode.shows(Side::Reference) {
        let spectrum = &scene.side(Side::Reference).spectrum;
        let gain = scene.reference_gain_db();
        let fill = palette.panel.mix(palette.reference, 0.2);
        // Where the lower edge does not exist it lies below the axis: both edges must have the same points.
        let lower_edge: Vec<f32> = spectrum
            .p90_db
            .iter()
            .zip(&spectrum.p10_db)
            .map(|(high, low)| match (high.is_finite(), low.is_finite()) {
                (true, false) => -200.0,
                (true, true) => *low,
                (false, _) => f32::NEG_INFINITY,
            })
            .collect();
        for (upper, lower) in axes
            .curve(&spectrum.p90_db, gain, Fineness::Median)
            .iter()
            .zip(&axes.curve(&lower_edge, gain, Fineness::Median))
        {
            list.band(upper, lower, fill);
        }
    }
    // Thin and dim first, thick and bright on top: what lasts matters more than what passes.
    for side in Side::BOTH {
        if scene.looks.mode.shows(side) {
            let dim = palette.panel.mix(palette.side(side), 0.55);
            let curve = &scene.side(side).spectrum.live_db;
            for piece in axes.line(curve, scene.gain_db(side), Fineness::Live) {
                list.polyline(&piece, stroke * 0.5, dim);
            }
        }
    }
    for side in [Side::Reference, Side::Mix] {
        if scene.looks.mode.shows(side) {
            let curve = &scene.side(side).spectrum.median_db;
            for piece in axes.line(curve, scene.gain_db(side), Fineness::Median) {
                list.polyline(&piece, stroke, palette.side(side));
            }
        }
    }
}

fn difference_curve(scene: &Scene, axes: &SpectrumAxes, list: &mut ShapeList) {
    let palette = &scene.palette;
    let zero = axes.y_from_shown_db(0.0);
    for piece in axes.curve(&scene.spectrum_difference_db(), 0.0, Fineness::Median) {
        about_zero(scene, &piece, zero, list);
        list.polyline(&piece, stroke_px(scene), palette.text);
    }
    list.rect(
        Rect {
            y: zero.round(),
            h: 1.0,
            ..axes.plot
        },
        palette.text_dim,
    );
}

fn loudness(scene: &Scene, plot: Rect, list: &mut ShapeList) {
    let palette = &scene.palette;
    horizontal_lines(
        plot,
        scene.loudness_range(),
        &LEVEL_STEPS_DB,
        scene.layout.text.label,
        palette.grid,
        list,
    );
    // Beside spectrograms, theirs are enough.
    if scene.layout.panes.is_empty() && scene.layout.time_axis.is_some() {
        time_lines(scene, plot, scene.palette.grid, list);
    }
    if scene.looks.mode == CompareMode::Difference {
        loudness_difference(scene, plot, list);
        return;
    }
    target_line(scene, plot, list);
    let stroke = stroke_px(scene);
    for side in [Side::Reference, Side::Mix] {
        if !scene.looks.mode.shows(side) {
            continue;
        }
        let color = palette.side(side);
        let dim = palette.panel.mix(color, 0.5);
        let samples = &scene.side(side).loudness;
        for piece in history(scene, plot, side, samples, |s| s.momentary_lufs) {
            list.polyline(&piece, stroke * 0.5, dim);
        }
        for piece in history(scene, plot, side, samples, |s| s.short_term_lufs) {
            list.polyline(&piece, stroke, color);
        }
        if let Some(integrated) = scene.side(side).figures.integrated_lufs {
            integrated_mark(scene, plot, side, integrated, list);
        }
    }
}

/// A − B of the histories about zero: short-term as a filled curve, momentary as a thin one.
fn loudness_difference(scene: &Scene, plot: Rect, list: &mut ShapeList) {
    let palette = &scene.palette;
    let differences = scene.loudness_difference();
    let thin = palette.panel.mix(palette.text, 0.35);
    let stroke = stroke_px(scene);
    let pieces = |value: fn(&LoudnessSample) -> f32| {
        pieces_of(&differences, plot, value, |lu| scene.y_from_lufs(plot, lu))
    };
    for piece in pieces(|sample| sample.momentary_lufs) {
        list.polyline(&piece, stroke * 0.5, thin);
    }
    let zero = scene.y_from_lufs(plot, 0.0);
    for piece in pieces(|sample| sample.short_term_lufs) {
        about_zero(scene, &piece, zero, list);
        list.polyline(&piece, stroke, palette.text);
    }
    let line = Rect {
        y: zero.round(),
        h: 1.0,
        ..plot
    };
    list.rect(line, palette.text_dim);
}

/// The area between a difference and zero: blue where the mix has more, orange where the reference has.
fn about_zero(scene: &Scene, piece: &[[f32; 2]], zero: f32, list: &mut ShapeList) {
    let palette = &scene.palette;
    let clipped = |keep: fn(f32, f32) -> f32| -> Vec<[f32; 2]> {
        piece.iter().map(|[x, y]| [*x, keep(*y, zero)]).collect()
    };
    let base: Vec<[f32; 2]> = piece.iter().map(|[x, _]| [*x, zero]).collect();
    let ground = |side| palette.panel.mix(palette.side(side), 0.5);
    list.band(&clipped(f32::min), &base, ground(Side::Mix));
    list.band(&base, &clipped(f32::max), ground(Side::Reference));
}

/// A small mark at the right edge at the integrated loudness: the whole, beside what moves.
fn integrated_mark(scene: &Scene, plot: Rect, side: Side, lufs: f64, list: &mut ShapeList) {
    let y = scene.y_from_lufs(plot, lufs + scene.gain_db(side));
    let size = scene.layout.text.label * 0.5;
    let tip = [plot.right() - size * 1.4, y];
    let color = scene.palette.side(side);
    list.band(
        &[tip, [plot.right(), y - size]],
        &[tip, [plot.right(), y + size]],
        color,
    );
}

fn target_line(scene: &Scene, plot: Rect, list: &mut ShapeList) {
    let y = scene.y_from_lufs(plot, scene.looks.target_lufs).round();
    let dash = (scene.layout.text.label * 0.6).max(2.0);
    for number in 0..(plot.w / (dash * 2.0)).ceil() as usize {
        let x = plot.x + number as f32 * dash * 2.0;
        let end = (x + dash).min(plot.right());
        list.rect(
            Rect {
                x,
                y,
                w: end - x,
                h: 1.0,
            },
            scene.palette.text_dim,
        );
    }
}

/// One history as pieces of polyline, matched.
fn history(
    scene: &Scene,
    plot: Rect,
    side: Side,
    samples: &[LoudnessSample],
    value: fn(&LoudnessSample) -> f32,
) -> Vec<Vec<[f32; 2]>> {
    let gain = scene.gain_db(side);
    pieces_of(samples, plot, value, |lufs| {
        scene.y_from_lufs(plot, lufs + gain)
    })
}

/// Samples as pieces of polyline; where there is no value the line breaks.
fn pieces_of(
    samples: &[LoudnessSample],
    plot: Rect,
    value: fn(&LoudnessSample) -> f32,
    y_of: impl Fn(f64) -> f32,
) -> Vec<Vec<[f32; 2]>> {
    let mut pieces = vec![];
    let mut piece = vec![];
    for sample in samples {
        let lufs = value(sample);
        if lufs.is_finite() {
            let x = plot.x + sample.fraction.clamp(0.0, 1.0) * plot.w;
            piece.push([x, y_of(f64::from(lufs))]);
        } else if !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    pieces.push(piece);
    pieces
}

fn frozen_frame(scene: &Scene, list: &mut ShapeList) {
    let width = (scene.layout.size[1] / 540.0).max(2.0).round();
    for pane in &scene.layout.panes {
        frame(pane.plot, width, scene.palette.frozen, list);
    }
}

/// A thin outline around what is marked, in every panel that has its time.
fn mark_outlines(scene: &Scene, list: &mut ShapeList) {
    let width = (scene.layout.size[1] / 1080.0).max(1.0).round();
    let panes = scene.layout.panes.iter().map(|pane| (pane.plot, true));
    for (plot, has_frequency) in panes.chain(scene.layout.loudness.map(|plot| (plot, false))) {
        if let Some(outline) = scene.mark_outline(plot, has_frequency) {
            let shade = scene.palette.panel.alpha(0.6);
            frame(outline, 3.0 * width, shade, list);
            let inner = outline.inset(width, width, width, width);
            frame(inner, width, scene.palette.text, list);
        }
    }
}

/// The four edges of a rectangle, within it.
fn frame(rect: Rect, width: f32, color: Rgba, list: &mut ShapeList) {
    let Rect { x, y, w, h } = rect;
    let sides_height = (h - 2.0 * width).max(0.0);
    for edge in [
        Rect { x, y, w, h: width },
        Rect {
            x,
            y: y + h - width,
            w,
            h: width,
        },
        Rect {
            x,
            y: y + width,
            w: width,
            h: sides_height,
        },
        Rect {
            x: x + w - width,
            y: y + width,
            w: width,
            h: sides_height,
        },
    ] {
        list.rect(edge, color);
    }
}

/// Width of the curves people look at; the thin ones are half of it.
fn stroke_px(scene: &Scene) -> f32 {
    (scene.layout.size[1] / 480.0).clamp(1.5, 5.0)
}
