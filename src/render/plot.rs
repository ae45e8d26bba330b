//! What plots have in common: lines of their axes, pieces of curves, and areas about zero.

use crate::render::shapes::ShapeList;
use crate::view::axis::linear_ticks;
use crate::view::palette::{Rgba, Side};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Steps of level axes, finest first.
pub const LEVEL_STEPS_DB: [f64; 4] = [3.0, 6.0, 12.0, 24.0];

/// Upright lines at the ticks of the shared time axis.
pub fn time_lines(scene: &Scene, plot: Rect, color: Rgba, list: &mut ShapeList) {
    let min_gap = scene.layout.text.label * 6.0 / plot.w;
    let ticks = scene.time_ticks(min_gap);
    let inside = |fraction: f32| fraction > 0.0 && fraction < 1.0;
    for tick in ticks.iter().filter(|tick| inside(tick.fraction)) {
        let x = (plot.x + tick.fraction * plot.w).round();
        list.rect(Rect { x, w: 1.0, ..plot }, color);
    }
}

/// The same in a history. Beside spectrograms, theirs are enough.
pub fn history_time_lines(scene: &Scene, plot: Rect, list: &mut ShapeList) {
    if scene.layout.panes.is_empty() && scene.layout.time_axis.is_some() {
        time_lines(scene, plot, scene.palette.grid, list);
    }
}

/// Level lines at the ticks of an axis, a label's height apart.
pub fn horizontal_lines(
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

/// The area between a difference and zero: blue where the mix has more, orange where the reference has.
pub fn about_zero(scene: &Scene, piece: &[[f32; 2]], zero: f32, list: &mut ShapeList) {
    let palette = &scene.palette;
    let clipped = |keep: fn(f32, f32) -> f32| -> Vec<[f32; 2]> {
        piece.iter().map(|[x, y]| [*x, keep(*y, zero)]).collect()
    };
    let base: Vec<[f32; 2]> = piece.iter().map(|[x, _]| [*x, zero]).collect();
    let ground = |side| palette.panel.mix(palette.side(side), 0.5);
    list.band(&clipped(f32::min), &base, ground(Side::Mix));
    list.band(&base, &clipped(f32::max), ground(Side::Reference));
}

/// A history as pieces of polyline: places on the time axis from 0 to 1 with their values; where there is no value
/// the line breaks.
pub fn pieces_of(
    samples: impl Iterator<Item = (f32, f32)>,
    plot: Rect,
    y_of: impl Fn(f64) -> f32,
) -> Vec<Vec<[f32; 2]>> {
    let mut pieces = vec![];
    let mut piece = vec![];
    for (fraction, value) in samples {
        if value.is_finite() {
            let x = plot.x + fraction.clamp(0.0, 1.0) * plot.w;
            piece.push([x, y_of(f64::from(value))]);
        } else if !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    pieces.push(piece);
    pieces
}

/// A level line through a plot, where its values change sign.
pub fn zero_line(scene: &Scene, plot: Rect, zero: f32, list: &mut ShapeList) {
    let line = Rect {
        y: zero.round(),
        h: 1.0,
        ..plot
    };
    list.rect(line, scene.palette.text_dim);
}

/// Width of the curves people look at; the thin ones are half of it.
pub fn stroke_px(scene: &Scene) -> f32 {
    (scene.layout.size[1] / 480.0).clamp(1.5, 5.0)
}
