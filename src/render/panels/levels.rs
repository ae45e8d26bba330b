//! The level meters as bars: needle, digital peak above it, held peak, and a red mark for over.

use crate::render::shapes::ShapeList;
use crate::view::axis::linear_ticks;
use crate::view::palette::Side;
use crate::view::panels::levels::{LevelBar, bars, range_db, reading, y_of};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Steps of the scale, finest first.
pub const LEVEL_METER_STEPS_DB: [f64; 4] = [2.0, 6.0, 12.0, 20.0];

/// Draws the bars of the panel.
pub fn levels(scene: &Scene, rect: Rect, list: &mut ShapeList) {
    let bars = bars(scene, rect);
    for bar in &bars {
        list.rect(bar.track, scene.palette.grid);
        match bar.side {
            Some(side) if scene.looks.mode.shows(side) => level(scene, bar, side, list),
            Some(_) => {}
            None => difference(scene, bar, list),
        }
    }
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else {
        return;
    };
    let [low, high] = range_db(scene);
    let min_gap = scene.layout.text.label * 1.6 / first.track.h;
    for tick in linear_ticks(low, high, &LEVEL_METER_STEPS_DB, min_gap) {
        let y = (first.track.bottom() - tick.fraction * first.track.h).round();
        let line = Rect::snapped(first.track.x, y, last.track.right(), y + 1.0);
        list.rect(line, scene.palette.grid);
    }
}

fn level(scene: &Scene, bar: &LevelBar, side: Side, list: &mut ShapeList) {
    let palette = &scene.palette;
    let read = reading(scene, bar);
    let track = bar.track;
    let mut fill = |from: f32, to: f32, color| {
        if from > to {
            list.rect(Rect::snapped(track.x, to, track.right(), from), color);
        }
    };
    let top_of = |value: Option<f64>| value.map_or(track.bottom(), |db| y_of(scene, track, db));
    let needle = top_of(read.value_db);
    fill(
        needle,
        top_of(read.peak_db),
        palette.panel.mix(palette.side(side), 0.45),
    );
    fill(track.bottom(), needle, palette.side(side));
    let line = (scene.layout.size[1] / 720.0).round().max(1.0);
    if let Some(held) = read.held_db {
        let y = y_of(scene, track, held);
        fill(y + line, y, palette.text);
    }
    if read.is_over {
        fill(track.y, track.y - 3.0 * line, palette.over);
    }
}

fn difference(scene: &Scene, bar: &LevelBar, list: &mut ShapeList) {
    let zero = y_of(scene, bar.track, 0.0);
    if let Some(value) = reading(scene, bar).value_db {
        let y = y_of(scene, bar.track, value);
        let side = if value > 0.0 {
            Side::Mix
        } else {
            Side::Reference
        };
        let filled = Rect::snapped(bar.track.x, y.min(zero), bar.track.right(), y.max(zero));
        list.rect(filled, scene.palette.side(side));
    }
    let line = Rect::snapped(bar.track.x, zero, bar.track.right(), zero + 1.0);
    list.rect(line, scene.palette.text_dim);
}
