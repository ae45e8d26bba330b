//! Bars of the stereo display: width and correlation per band, of both sides or of their difference.

use crate::render::shapes::ShapeList;
use crate::view::bands::{
    BandBars, WIDTH_DIFFERENCE_DB, WIDTH_RANGE_DB, correlation_bars, correlation_difference,
    width_bars, width_difference_db,
};
use crate::view::palette::Side;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Width per band.
pub fn width(scene: &Scene, rect: Rect, list: &mut ShapeList) {
    for (band, bars) in width_bars(scene, rect).iter().enumerate() {
        if bars.is_difference {
            let value = width_difference_db(scene, band).map(|db| db / WIDTH_DIFFERENCE_DB);
            signed(scene, bars, value, list);
            continue;
        }
        for side in Side::BOTH {
            list.rect(bars.tracks[side.index()], scene.palette.grid);
            let value = scene.side(side).figures.bands[band].side_to_mid_db;
            if let Some(db) = value.filter(|_| scene.looks.mode.shows(side)) {
                let [low, high] = WIDTH_RANGE_DB;
                let fraction = ((db - low) / (high - low)) as f32;
                list.rect(bars.filled(side, fraction), scene.palette.side(side));
            }
        }
    }
}

/// Correlation per band, about zero in the middle.
pub fn correlation(scene: &Scene, rect: Rect, list: &mut ShapeList) {
    for (band, bars) in correlation_bars(scene, rect).iter().enumerate() {
        if bars.is_difference {
            signed(scene, bars, correlation_difference(scene, band), list);
            continue;
        }
        for side in Side::BOTH {
            list.rect(bars.tracks[side.index()], scene.palette.grid);
            if let Some(value) = scene.side(side).figures.bands[band].correlation {
                let end = 0.5 + 0.5 * value as f32;
                list.rect(bars.between(side, 0.5, end), scene.palette.side(side));
            }
            middle(scene, bars.tracks[side.index()], list);
        }
    }
}

/// A − B about the middle of a bar, −1 … 1 from end to end: blue where the mix has more, orange where the reference has.
fn signed(scene: &Scene, bars: &BandBars, value: Option<f64>, list: &mut ShapeList) {
    list.rect(bars.tracks[0], scene.palette.grid);
    if let Some(value) = value {
        let side = if value > 0.0 {
            Side::Mix
        } else {
            Side::Reference
        };
        let filled = bars.between(side, 0.5, 0.5 + 0.5 * value as f32);
        list.rect(filled, scene.palette.side(side));
    }
    middle(scene, bars.tracks[0], list);
}

/// The line at zero, a little higher than the bar.
fn middle(scene: &Scene, track: Rect, list: &mut ShapeList) {
    let x = (track.x + track.w / 2.0).round();
    let line = Rect {
        x,
        y: track.y - 2.0,
        w: 1.0,
        h: track.h + 4.0,
    };
    list.rect(line, scene.palette.text_dim);
}
