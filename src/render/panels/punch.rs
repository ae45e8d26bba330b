//! The punch of both sides as lines, over the range in which the reference lies; a row for each band where there is room.

use crate::render::plot::{
    about_zero, history_time_lines, horizontal_lines, pieces_of, stroke_px, zero_line,
};
use crate::render::shapes::ShapeList;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::panels::punch_figure::{PunchFigure, STEPS_DB};
use crate::view::panels::punch_rows::{difference, range, rows};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Draws both sides, or their difference.
pub fn draw(scene: &Scene, plot: Rect, list: &mut ShapeList) {
    for (n, (figure, row)) in rows(scene, plot).into_iter().enumerate() {
        draw_row(scene, figure, row, list);
        if n > 0 {
            let line = Rect { h: 1.0, ..row };
            list.rect(line, scene.palette.text_dim.alpha(0.5));
        }
    }
    history_time_lines(scene, plot, list);
}

fn draw_row(scene: &Scene, figure: PunchFigure, plot: Rect, list: &mut ShapeList) {
    let mode = scene.looks.mode;
    let palette = &scene.palette;
    // Where a sound stops, peaks stand high over what is left of it.
    let y = |value: f64| figure.y(mode, plot, value).clamp(plot.y, plot.bottom());
    let is_difference = mode == CompareMode::Difference;
    if let Some([low, _, high]) = range(scene, figure).filter(|_| !is_difference) {
        let band = Rect::snapped(plot.x, y(high), plot.right(), y(low).max(y(high) + 1.0));
        list.rect(band, palette.panel.mix(palette.reference, 0.2));
    }
    let label = scene.layout.text.label;
    horizontal_lines(
        plot,
        figure.ends(mode),
        &STEPS_DB,
        label,
        palette.grid,
        list,
    );
    let stroke = stroke_px(scene);
    if is_difference {
        for piece in pieces_of(difference(scene, figure).into_iter(), plot, y) {
            about_zero(scene, &piece, y(0.0), list);
            list.polyline(&piece, stroke, palette.text);
        }
        zero_line(scene, plot, y(0.0), list);
        return;
    }
    for side in [Side::Reference, Side::Mix] {
        if mode.shows(side) {
            let line = scene.side(side).panels.punch.line(figure);
            for piece in pieces_of(line, plot, y) {
                list.polyline(&piece, stroke, palette.side(side));
            }
        }
    }
}
