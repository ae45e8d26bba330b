//! Names and figures of the stereo display's bars.

use egui::Align2;

use crate::ui::fonts::Weight;
use crate::ui::text::Pen;
use crate::view::bands::{
    MONO_DB, correlation_bars, correlation_difference, width_bars, width_difference_db,
};
use crate::view::palette::Side;
use crate::view::readout::{correlation as correlation_words, one_decimal, signed};
use crate::view::rect::Rect;
use crate::view::scene::{STEREO_BANDS_HZ, Scene};

/// Names and figures of the width bars.
pub fn width(pen: &Pen<'_>, scene: &Scene) {
    let Some(rect) = scene.layout.width else {
        return;
    };
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let dim = pen.palette.text_dim;
    let left = rect.x + text.label * 0.7;
    let title_y = rect.y + rect.h * 0.36;
    let bands = width_bars(scene, rect);
    let is_difference = bands.first().is_some_and(|bars| bars.is_difference);
    let title = if is_difference { "Width Δ" } else { "Width" };
    pen.put(title, [left, title_y], Align2::LEFT_CENTER, style, dim);
    let unit_y = rect.y + rect.h * 0.82;
    pen.put("S/M dB", [left, unit_y], Align2::LEFT_CENTER, style, dim);
    for (band, bars) in bands.into_iter().enumerate() {
        let at = [bars.tracks[0].x, unit_y];
        pen.put(&band_name(band), at, Align2::LEFT_CENTER, style, dim);
        let put = |bar: Rect, words: &str| {
            let at = [bar.right() + text.label * 0.3, bar.y + bar.h / 2.0];
            pen.put(words, at, Align2::LEFT_CENTER, style, dim);
        };
        if is_difference {
            put(bars.tracks[0], &signed(width_difference_db(scene, band)));
            continue;
        }
        for side in Side::BOTH {
            let value = scene.side(side).figures.bands[band].side_to_mid_db;
            // Below −48 dB a band is mono: more digits would only crowd the next one.
            let words = match value {
                Some(db) if db < MONO_DB => "mono".to_owned(),
                _ => one_decimal(value),
            };
            put(bars.tracks[side.index()], &words);
        }
    }
}

/// Title, names and figures of the correlation bars.
pub fn correlation(pen: &Pen<'_>, scene: &Scene, rect: Rect) {
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

fn band_name(band: usize) -> String {
    let (low, high) = STEREO_BANDS_HZ[band];
    format!("{}–{}", short_hz(low), short_hz(high))
}

fn short_hz(hz: f64) -> String {
    if hz >= 1000.0 {
        format!("{:.0}k", hz / 1000.0)
    } else {
        format!("{hz:.0}")
    }
}
