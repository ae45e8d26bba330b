//! The crosshair's readout: a small plate beside what is pointed at.

use crate::ui::plate::{Line, plate};
use crate::ui::text::Pen;
use crate::units::db::{db_from_amplitude, existing};
use crate::units::note::nearest_note;
use crate::view::cursor::{CursorLoudness, CursorPanel, CursorScene};
use crate::view::readout::{cents, clock_time, frequency, one_decimal, seconds_back};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Writes the readout of a scene's crosshair; returns its place.
pub fn cursor(pen: &Pen<'_>, scene: &Scene) -> Option<Rect> {
    let cursor = scene.cursor.as_ref()?;
    plate(pen, scene, &[cursor.at], None, &lines(cursor))
}

fn lines(cursor: &CursorScene) -> Vec<Line> {
    let mut lines = vec![];
    if let Some(hz) = cursor.hz {
        let (note, off) = nearest_note(hz);
        lines.push(Line::Place(format!(
            "{}   {note} {}",
            frequency(hz),
            cents(off)
        )));
    }
    if let (Some(secs), Some(back)) = (cursor.mix_secs, cursor.before_edge_secs) {
        let mut words = format!("{}   {}", seconds_back(back), clock_time(secs));
        if let Some(secs) = cursor.reference_secs {
            words += &format!("   ref {}", clock_time(secs));
        }
        lines.push(Line::Note(words));
    }
    match cursor.panel {
        CursorPanel::Pane(_) | CursorPanel::Spectrum => {
            lines.push(Line::Values {
                name: "",
                values: cursor.levels_db,
                unit: "dB",
            });
            if let Some([low, high]) = cursor.band_db {
                let words = format!(
                    "ref 10–90 %   {} … {}",
                    one_decimal(Some(low)),
                    one_decimal(Some(high))
                );
                lines.push(Line::Note(words));
            }
        }
        CursorPanel::Loudness => {
            let values =
                |value: fn(&CursorLoudness) -> Option<f64>| cursor.loudness.each_ref().map(value);
            for (name, values) in [
                ("S", values(|l| l.short_term_lufs)),
                ("M", values(|l| l.momentary_lufs)),
            ] {
                lines.push(Line::Values {
                    name,
                    values,
                    unit: "LU",
                });
            }
        }
        CursorPanel::Scope(_) => lines.extend(cursor.vector.into_iter().flat_map(vector_lines)),
    }
    lines
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
