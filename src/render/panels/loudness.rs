//! The loudness histories of both sides, the target and the integrated loudness.

use crate::render::plot::{
    LEVEL_STEPS_DB, about_zero, history_time_lines, horizontal_lines, pieces_of, stroke_px,
    zero_line,
};
use crate::render::shapes::ShapeList;
use crate::view::palette::Side;
use crate::view::rect::Rect;
use crate::view::scene::{LoudnessSample, Scene};

/// Draws both sides, or their difference.
pub fn draw(scene: &Scene, plot: Rect, list: &mut ShapeList) {
    let palette = &scene.palette;
    horizontal_lines(
        plot,
        scene.loudness_range(),
        &LEVEL_STEPS_DB,
        scene.layout.text.label,
        palette.grid,
        list,
    );
    history_time_lines(scene, plot, list);
    if scene.loudness_is_difference() {
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
        let samples = differences.iter().map(|s| (s.fraction, value(s)));
        pieces_of(samples, plot, |lu| scene.y_from_lufs(plot, lu))
    };
    for piece in pieces(|sample| sample.momentary_lufs) {
        list.polyline(&piece, stroke * 0.5, thin);
    }
    let zero = scene.y_from_lufs(plot, 0.0);
    for piece in pieces(|sample| sample.short_term_lufs) {
        about_zero(scene, &piece, zero, list);
        list.polyline(&piece, stroke, palette.text);
    }
    zero_line(scene, plot, zero, list);
}

/// A small mark at the right edge at the integrated loudness: the whole, beside what moves.
fn integrated_mark(scene: &Scene, plot: Rect, side: Side, lufs: f64, list: &mut ShapeList) {
    let lufs = lufs + scene.gain_db(side);
    if !scene.shows_lufs(lufs) {
        return;
    }
    let y = scene.y_from_lufs(plot, lufs);
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
    if !scene.shows_lufs(scene.looks.target_lufs) {
        return;
    }
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

/// One history as pieces of polyline, matched. What lies below the axis is not there: a line along the edge would be read as
/// that loudness.
fn history(
    scene: &Scene,
    plot: Rect,
    side: Side,
    samples: &[LoudnessSample],
    value: fn(&LoudnessSample) -> f32,
) -> Vec<Vec<[f32; 2]>> {
    let gain = scene.gain_db(side);
    let [low, _] = scene.loudness_range();
    let is_below = |sample: Option<&LoudnessSample>| {
        sample.is_none_or(|sample| f64::from(value(sample)) + gain <= low)
    };
    let shown = |at: usize| {
        let [before, after] = [at.checked_sub(1), Some(at + 1)];
        let around = [before.and_then(|at| samples.get(at)), samples.get(at)];
        // The one behind the edge is where the line leaves it.
        let is_outside =
            around.into_iter().all(is_below) && is_below(after.and_then(|at| samples.get(at)));
        match is_outside {
            true => f32::NEG_INFINITY,
            false => value(&samples[at]),
        }
    };
    let samples = (0..samples.len()).map(|at| (samples[at].fraction, shown(at)));
    pieces_of(samples, plot, |lufs| scene.y_from_lufs(plot, lufs + gain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::view::build::{Moment, PictureRequest, scene};
    use crate::view::scene::Looks;

    #[test]
    fn what_lies_below_the_axis_is_no_line_along_its_edge() {
        let session = Session::default();
        let moment = Moment::now(&session);
        let scene = scene(
            &session,
            moment,
            &Looks::default(),
            PictureRequest::default(),
        );
        let plot = Rect {
            x: 0.0,
            y: 0.0,
            w: 100.0,
            h: 100.0,
        };
        let drawn = |lufs: &[f32]| {
            let samples: Vec<LoudnessSample> = (0..lufs.len())
                .map(|n| LoudnessSample {
                    fraction: n as f32 / 10.0,
                    momentary_lufs: lufs[n],
                    short_term_lufs: lufs[n],
                })
                .collect();
            let pieces = history(&scene, plot, Side::Mix, &samples, |s| s.short_term_lufs);
            pieces
                .iter()
                .map(Vec::len)
                .filter(|len| *len > 0)
                .collect::<Vec<_>>()
        };
        assert!(drawn(&[-36.0; 5]).is_empty());
        // Down to the edge, and up from it.
        let outro = [-14.0, -20.0, -40.0, -50.0, -50.0, -50.0, -40.0, -14.0];
        assert_eq!(drawn(&outro), [3, 2]);
    }
}
