//! Words of the vectorscopes.

use egui::Align2;

use crate::ui::fonts::Weight;
use crate::ui::labels::side_mark;
use crate::ui::panels::correlation;
use crate::ui::plate::Line;
use crate::ui::text::Pen;
use crate::units::db::{db_from_amplitude, existing};
use crate::view::crosshair::CursorScene;
use crate::view::palette::Side;
use crate::view::readout::{correlation as correlation_words, one_decimal};
use crate::view::scene::Scene;

/// Names and correlations of the vectorscopes; where one holds both sides, their names stand one below the other.
pub fn words(pen: &Pen<'_>, scene: &Scene) {
    let text = scene.layout.text;
    let has_one = scene.correlation_rect();
    if let Some(rect) = has_one {
        correlation::words(pen, scene, rect);
    }
    for side in Side::BOTH {
        let Some(rect) = scene.scope_rect(side) else {
            continue;
        };
        let row = if has_one.is_some() {
            side.index() as f32
        } else {
            0.0
        };
        let y = rect.y + text.label * 1.2 + row * text.title * 1.6;
        let x = rect.x + text.label * 0.7;
        side_mark(pen, side, [x + 2.0, y], text.title * 1.2);
        let left = x + text.title * 0.75;
        let value = scene.side(side).figures.correlation;
        let right = rect.right() - text.label * 0.7;
        let number = correlation_words(value);
        let style = (Weight::Regular, text.title);
        // Rather a letter with its figure than a name without.
        let room = right - pen.width(&number, (Weight::Medium, text.title)) - text.label - left;
        let name = match pen.width(side.name(), style) < room {
            true => side.name(),
            false => side.letter(),
        };
        let end = pen.put(
            name,
            [left, y],
            Align2::LEFT_CENTER,
            style,
            pen.palette.text,
        );
        let style = (Weight::Medium, text.title);
        if right - pen.width(&number, style) > end + text.label {
            pen.put(
                &number,
                [right, y],
                Align2::RIGHT_CENTER,
                style,
                pen.palette.text,
            );
        }
        // One channel alone has no correlation, and is a signal all the same.
        let levels = &scene.side(side).figures.levels;
        let is_silent = levels.iter().all(|channel| channel.rms_dbfs.is_none());
        if value.is_none() && is_silent && has_one.is_none() {
            let center = [rect.x + rect.w / 2.0, rect.bottom() - text.label * 1.4];
            let style = (Weight::Regular, text.label);
            pen.put(
                "no signal",
                center,
                Align2::CENTER_CENTER,
                style,
                pen.palette.text_dim,
            );
        }
    }
}

/// What is pointed at in a vectorscope.
pub fn readout(cursor: &CursorScene) -> Vec<Line> {
    cursor.vector.into_iter().flat_map(vector_lines).collect()
}

/// Left, right, and how far the place leans from the upright of mono.
fn vector_lines([left, right]: [f32; 2]) -> [Line; 2] {
    let level =
        |amplitude: f32| one_decimal(existing(db_from_amplitude(f64::from(amplitude.abs()))));
    // A vector and its opposite are the same motion of the beam: mono is 0°, left alone 45°, the sides 90°.
    let mut degrees = f64::from(right - left)
        .atan2(f64::from(left + right))
        .to_degrees();
    if degrees > 90.0 {
        degrees -= 180.0;
    } else if degrees < -90.0 {
        degrees += 180.0;
    }
    let side = match degrees.round() as i32 {
        0 => "",
        1.. => " right",
        _ => " left",
    };
    [
        Line::Place(format!("{:.0}°{side}", degrees.abs())),
        Line::Note(format!("L {}   R {} dBFS", level(left), level(right))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mono_stands_upright_and_one_channel_leans_by_45_degrees() {
        let words = |vector| match &vector_lines(vector)[0] {
            Line::Place(words) => words.clone(),
            _ => String::new(),
        };
        assert_eq!(words([0.5, 0.5]), "0°");
        assert_eq!(words([-0.5, -0.5]), "0°");
        assert_eq!(words([0.5, 0.0]), "45° left");
        assert_eq!(words([0.0, -0.5]), "45° right");
        assert_eq!(words([0.5, -0.5]), "90° left");
    }
}
