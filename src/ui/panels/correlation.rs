//! Names and figures of the correlation panel's bars.

use egui::Align2;

use crate::ui::fonts::Weight;
use crate::ui::panels::width::band_name;
use crate::ui::text::Pen;
use crate::view::palette::Side;
use crate::view::panels::width::{correlation_bars, correlation_difference};
use crate::view::readout::correlation as correlation_words;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Title, names and figures of the correlation bars.
pub fn words(pen: &Pen<'_>, scene: &Scene, rect: Rect) {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let dim = pen.palette.text_dim;
    let left = rect.x + text.label * 0.7;
    let bands = correlation_bars(scene, rect);
    let is_difference = bands.first().is_some_and(|bars| bars.is_difference);
    let title = if is_difference {
        "Correlation  mix − reference"
    } else {
        "Correlation"
    };
    let title = pen.fitted(title, style, rect.w - text.label * 1.4);
    let at = [left, rect.y + text.label * 1.2];
    pen.put(&title, at, Align2::LEFT_CENTER, style, dim);
    for (band, bars) in bands.into_iter().enumerate() {
        let [first, last] = bars.tracks;
        let middle = (first.y + last.bottom()) / 2.0;
        let name = band_name(band);
        pen.put(&name, [left, middle], Align2::LEFT_CENTER, style, dim);
        let put = |bar: Rect, value: Option<f64>| {
            let at = [rect.right() - text.label * 0.5, bar.y + bar.h / 2.0];
            let words = correlation_words(value);
            pen.put(&words, at, Align2::RIGHT_CENTER, style, dim);
        };
        if is_difference {
            put(first, correlation_difference(scene, band));
        } else if last.y - first.y >= text.label * 1.05 {
            for side in Side::BOTH {
                let value = scene.side(side).figures.bands[band].correlation;
                put(bars.tracks[side.index()], value);
            }
        }
    }
}
