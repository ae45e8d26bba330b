//! Title, scale and channels of the level meters.

use egui::Align2;

use crate::render::panels::levels::LEVEL_METER_STEPS_DB;
use crate::ui::fonts::Weight;
use crate::ui::text::Pen;
use crate::view::axis::linear_ticks;
use crate::view::panels::levels::{bars, range_db};
use crate::view::scene::Scene;

/// Writes the words of the panel.
pub fn words(pen: &Pen<'_>, scene: &Scene) {
    let Some(rect) = scene.levels else {
        return;
    };
    let label = scene.layout.text.label;
    let style = (Weight::Regular, label);
    let dim = pen.palette.text_dim;
    let bars = bars(scene, rect);
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else {
        return;
    };
    let meter = scene.looks.level_meter.title();
    let title = match last.side {
        Some(_) => meter.to_owned(),
        None => format!("{meter} Δ"),
    };
    // Where there is no room, the name of the meter is what stays.
    let with_gain = format!("{title}, B {}", scene.gain_words());
    let has_room = scene.has_reference() && pen.width(&with_gain, style) <= rect.w - label;
    let title = if has_room { with_gain } else { title };
    let title = pen.begun(&title, style, rect.w - label);
    let at = [rect.x + label * 0.6, rect.y + label * 1.1];
    pen.put(&title, at, Align2::LEFT_CENTER, style, dim);
    let [low, high] = range_db(scene);
    let track = first.track;
    for tick in linear_ticks(low, high, &LEVEL_METER_STEPS_DB, label * 1.6 / track.h) {
        let y = track.bottom() - tick.fraction * track.h;
        let at = [track.x - label * 0.35, y];
        pen.put(&tick.label, at, Align2::RIGHT_CENTER, style, dim);
    }
    for bar in &bars {
        let at = [
            bar.track.x + bar.track.w / 2.0,
            bar.track.bottom() + label * 0.9,
        ];
        let name = ["L", "R"][bar.channel];
        let color = bar.side.map_or(dim, |side| pen.palette.side(side));
        pen.put(name, at, Align2::CENTER_CENTER, style, color);
    }
}
