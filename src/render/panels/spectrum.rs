//! The spectrum's curves over the reference's band.

use crate::render::plot::{LEVEL_STEPS_DB, about_zero, horizontal_lines, stroke_px, zero_line};
use crate::render::shapes::ShapeList;
use crate::view::axis::frequency_ticks;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::panels::spectrum::{Beyond, Fineness, SpectrumAxes};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Draws both sides, or their difference.
pub fn draw(scene: &Scene, plot: Rect, list: &mut ShapeList) {
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
    if scene.looks.mode.shows(Side::Mix) {
        let dim = palette.panel.mix(palette.mix, 0.4);
        let spectrum = &scene.side(Side::Mix).spectrum;
        for edge in [&spectrum.p10_db, &spectrum.p90_db] {
            for piece in axes.line(edge, 0.0, Fineness::Median) {
                list.polyline(&piece, stroke * 0.5, dim);
            }
        }
    }
    // One line of the moment is enough: two of them cross all the time.
    let of_moment = if scene.looks.mode.shows(Side::Mix) {
        Side::Mix
    } else {
        Side::Reference
    };
    let dim = palette.panel.mix(palette.text, 0.4);
    let live = &scene.side(of_moment).spectrum.live_db;
    for piece in axes.line(live, scene.gain_db(of_moment), Fineness::Live) {
        list.polyline(&piece, stroke * 0.5, dim);
    }
    for side in [Side::Reference, Side::Mix] {
        if scene.looks.mode.shows(side) {
            let curve = &scene.side(side).spectrum.mean_db;
            for piece in axes.line(curve, scene.gain_db(side), Fineness::Median) {
                list.polyline(&piece, stroke, palette.side(side));
            }
        }
    }
}

fn difference_curve(scene: &Scene, axes: &SpectrumAxes, list: &mut ShapeList) {
    let palette = &scene.palette;
    let zero = axes.y_from_shown_db(0.0);
    let difference_db = scene.spectrum_difference_db();
    for piece in axes.curve(&difference_db, 0.0, Fineness::Median) {
        about_zero(scene, &piece, zero, list);
        list.polyline(&piece, stroke_px(scene), palette.text);
    }
    zero_line(scene, axes.plot, zero, list);
    // The curve runs along the edge there: a bar in the colour of the side that has more says that it goes on.
    let thick = (2.5 * stroke_px(scene)).round();
    for Beyond {
        x: [from, to],
        most_db,
    } in axes.beyond(&difference_db)
    {
        let (side, y) = match most_db > 0.0 {
            true => (Side::Mix, axes.plot.y),
            false => (Side::Reference, axes.plot.bottom() - thick),
        };
        let (x, w) = (from, (to - from).max(thick));
        let h = thick;
        list.rect(Rect { x, y, w, h }, palette.side(side));
    }
}
