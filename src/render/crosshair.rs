//! The crosshair as lines: through every panel that shows its frequency or its time, open where it is pointed at.

use crate::dsp::grid::bin_from_hz;
use crate::render::shapes::ShapeList;
use crate::session::settings::arrangement::{Across, Panel};
use crate::view::crosshair::{CursorPanel, CursorScene};
use crate::view::cursor::{curve_at, vector_px};
use crate::view::looks::CompareMode;
use crate::view::palette::{Rgba, Side};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Draws the crosshair of a scene, if it has one.
pub fn crosshair(scene: &Scene, list: &mut ShapeList) {
    let Some(cursor) = &scene.cursor else {
        return;
    };
    let lines = Lines {
        width: (scene.layout.size[1] / 1080.0).round().max(1.0),
        opening: scene.layout.text.label * 0.7,
        at: cursor.at,
        color: scene.palette.text.alpha(0.75),
        shade: scene.palette.panel.alpha(0.45),
    };
    panes(scene, cursor, &lines, list);
    if let Some(hz) = cursor.hz {
        for (panel, plot) in scene.layout.plots(Across::Frequency) {
            let x = scene.spectrum_axes(plot).x_from_bin(bin_from_hz(hz));
            lines.upright(plot, x, list);
            if panel == Panel::Spectrum {
                curve_marks(scene, bin_from_hz(hz), plot, list);
            }
        }
    }
    if let Some(secs) = cursor.mix_secs {
        let fraction = 1.0 - (scene.right_edge_secs - secs) / scene.looks.span_secs;
        for (_, plot) in scene.layout.plots(Across::Time) {
            lines.upright(plot, plot.x + fraction as f32 * plot.w, list);
        }
    }
    if let Some(vector) = cursor.vector {
        for rect in scene.scope_rects() {
            let at = vector_px(rect, scene.scope_full_scale(), vector);
            let is_here = rect.contains(cursor.at[0], cursor.at[1]);
            lines.cross(rect, at, is_here, list);
        }
    }
}

fn panes(scene: &Scene, cursor: &CursorScene, lines: &Lines, list: &mut ShapeList) {
    for (index, pane) in scene.layout.panes.iter().enumerate() {
        let plot = pane.plot;
        if let Some(secs) = cursor.mix_secs {
            let fraction = 1.0 - (scene.right_edge_secs - secs) / scene.looks.span_secs;
            lines.upright(plot, plot.x + fraction as f32 * plot.w, list);
        }
        if let Some(hz) = cursor.hz {
            let y = plot.bottom() - scene.frequency.fraction_from_hz(hz) as f32 * plot.h;
            lines.level(plot, y, cursor.panel == CursorPanel::Pane(index), list);
        }
    }
}

/// A small block on each median curve at the frequency.
fn curve_marks(scene: &Scene, bin: f64, plot: Rect, list: &mut ShapeList) {
    if scene.looks.mode == CompareMode::Difference {
        return;
    }
    let axes = scene.spectrum_axes(plot);
    let half = (scene.layout.text.label * 0.22).round().max(2.0);
    for side in [Side::Reference, Side::Mix] {
        let level = curve_at(&scene.side(side).spectrum.mean_db, bin);
        let Some(level) = level.filter(|_| scene.looks.mode.shows(side)) else {
            continue;
        };
        let [x, y] = axes.point(bin, level + scene.gain_db(side));
        if plot.contains(x, y) {
            let block = Rect::snapped(x - half, y - half, x + half, y + half);
            list.rect(block, scene.palette.side(side));
        }
    }
}

/// How the lines are drawn.
struct Lines {
    width: f32,
    /// Half of the opening around what is pointed at.
    opening: f32,
    at: [f32; 2],
    color: Rgba,
    /// Beside each line, so that it is seen on bright data as well.
    shade: Rgba,
}

impl Lines {
    /// An upright line through a panel, open where the pointed place lies on it.
    fn upright(&self, plot: Rect, x: f32, list: &mut ShapeList) {
        let x = (x - self.width / 2.0).round();
        if x - self.width < plot.x || x + 2.0 * self.width > plot.right() {
            return;
        }
        let mut piece = |from: f32, to: f32| {
            if to > from {
                let shade = Rect::snapped(x - self.width, from, x + 2.0 * self.width, to);
                list.rect(shade, self.shade);
                list.rect(Rect::snapped(x, from, x + self.width, to), self.color);
            }
        };
        if plot.contains(self.at[0], self.at[1]) {
            piece(plot.y, self.at[1] - self.opening);
            piece(self.at[1] + self.opening, plot.bottom());
        } else {
            piece(plot.y, plot.bottom());
        }
    }

    /// A level line through a panel, open in the panel that is pointed at.
    fn level(&self, plot: Rect, y: f32, is_here: bool, list: &mut ShapeList) {
        let y = (y - self.width / 2.0).round();
        if y - self.width < plot.y || y + 2.0 * self.width > plot.bottom() {
            return;
        }
        let mut piece = |from: f32, to: f32| {
            if to > from {
                let shade = Rect::snapped(from, y - self.width, to, y + 2.0 * self.width);
                list.rect(shade, self.shade);
                list.rect(Rect::snapped(from, y, to, y + self.width), self.color);
            }
        };
        if is_here {
            piece(plot.x, self.at[0] - self.opening);
            piece(self.at[0] + self.opening, plot.right());
        } else {
            piece(plot.x, plot.right());
        }
    }

    /// A small cross in a vectorscope, open in its middle.
    fn cross(&self, rect: Rect, [x, y]: [f32; 2], is_here: bool, list: &mut ShapeList) {
        let inner = if is_here {
            self.opening
        } else {
            self.opening * 0.3
        };
        let outer = inner + self.opening * 1.2;
        for sign in [-1.0, 1.0] {
            let ends = |inner: f32, outer: f32| {
                (
                    (sign * inner).min(sign * outer),
                    (sign * inner).max(sign * outer),
                )
            };
            let (from, to) = ends(inner, outer);
            let across = Rect::snapped(x + from, y, x + to, y + self.width);
            let along = Rect::snapped(x, y + from, x + self.width, y + to);
            for piece in [across, along] {
                let is_inside = piece.x >= rect.x
                    && piece.y >= rect.y
                    && piece.right() <= rect.right()
                    && piece.bottom() <= rect.bottom();
                if is_inside {
                    list.rect(piece, self.color);
                }
            }
        }
    }
}
