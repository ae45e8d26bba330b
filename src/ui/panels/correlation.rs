//! Names and figures of the correlation panel's bars.

use egui::Align2;

use crate::ui::fonts::Weight;
use crate::ui::panels::bands::{band_name, difference_words, is_outside, words_of};
use crate::ui::text::Pen;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::panels::band_figure::BandFigure;
use crate::view::panels::width::correlation_bars;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Title, names and figures of the correlation bars.
pub fn words(pen: &Pen<'_>, scene: &Scene, rect: Rect) {
    let figure = BandFigure::Correlation;
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let dim = pen.palette.text_dim;
    let left = rect.x + text.label * 0.7;
    let bands = correlation_bars(scene, rect);
    let is_difference = scene.looks.mode == CompareMode::Difference;
    let room = rect.w - text.label * 1.4;
    let title = match (is_difference, scene.has_same_time()) {
        (true, true) => "Correlation  mix − reference",
        (true, false) => "Correlation  mix − median",
        (false, _) => "Correlation",
    };
    let title = match pen.width(title, style) > room {
        true if is_difference => "Correlation Δ",
        _ => title,
    };
    let title = pen.begun(title, style, room);
    let at = [left, rect.y + text.label * 1.2];
    pen.put(&title, at, Align2::LEFT_CENTER, style, dim);
    let middle = |[first, last]: [Rect; 2]| (first.y + last.bottom()) / 2.0;
    // Where there is no room for all rows of words, every second or third band has some.
    let apart = (middle(bands[0].tracks) - middle(bands[1].tracks)).abs();
    let every = (text.label * 1.15 / apart.max(0.1)).ceil() as usize;
    for (band, bars) in bands.into_iter().enumerate() {
        if band % every != 0 {
            continue;
        }
        let [first, last] = bars.tracks;
        let middle = middle(bars.tracks);
        let name = band_name(band);
        pen.put(&name, [left, middle], Align2::LEFT_CENTER, style, dim);
        let put = |bar: Rect, words: &str, tells: bool| {
            let at = [rect.right() - text.label * 0.5, bar.y + bar.h / 2.0];
            let color = if tells { pen.palette.text } else { dim };
            pen.put(words, at, Align2::RIGHT_CENTER, style, color);
        };
        let is_outside = is_outside(scene, figure, band);
        if bars.is_difference {
            let value = figure.difference(scene, band);
            put(first, &difference_words(figure, value), is_outside);
        } else if last.y - first.y >= text.label * 1.05 {
            for side in Side::BOTH {
                let words = words_of(figure, figure.of(scene.side(side), band));
                put(
                    bars.tracks[side.index()],
                    &words,
                    is_outside && side == Side::Mix,
                );
            }
        }
    }
}
