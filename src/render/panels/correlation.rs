//! Bars of the correlation panel, of both sides or of their difference.

use crate::render::shapes::ShapeList;
use crate::view::palette::Side;
use crate::view::panels::width::{correlation_bars, correlation_difference};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Correlation per band, about zero in the middle.
pub fn correlation(scene: &Scene, rect: Rect, list: &mut ShapeList) {
    for (band, bars) in correlation_bars(scene, rect).iter().enumerate() {
        if bars.is_difference {
            signed(
                scene,
                bars.tracks[0],
                correlation_difference(scene, band),
                list,
            );
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
pub(super) fn signed(scene: &Scene, track: Rect, value: Option<f64>, list: &mut ShapeList) {
    list.rect(track, scene.palette.grid);
    if let Some(value) = value {
        let side = if value > 0.0 {
            Side::Mix
        } else {
            Side::Reference
        };
        let end = 0.5 + 0.5 * value.clamp(-1.0, 1.0) as f32;
        let filled = track.columns(end.min(0.5), end.max(0.5));
        list.rect(filled, scene.palette.side(side));
    }
    middle(scene, track, list);
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
