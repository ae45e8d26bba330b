//! Names and figures of the width panel: in one row of bands, or in a large panel a row for each band.

use egui::Align2;

use crate::render::panels::width::{WidthRow, width_cells, width_is_tall, width_rows};
use crate::ui::fonts::Weight;
use crate::ui::text::Pen;
use crate::ui::tooltip::explain_with;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::panels::width::{MONO_DB, amid, correlation_difference, width_difference_db};
use crate::view::readout::{correlation, one_decimal, signed};
use crate::view::rect::Rect;
use crate::view::scene::{STEREO_BANDS_HZ, Scene};

/// Names and figures beside the bars.
pub fn words(pen: &Pen<'_>, scene: &Scene, rect: Rect) {
    if width_is_tall(scene, rect) {
        tall(pen, scene, rect);
    } else {
        flat(pen, scene, rect);
    }
    explain_bars(pen, scene, rect);
}

/// One row: five bands beside each other.
fn flat(pen: &Pen<'_>, scene: &Scene, rect: Rect) {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let dim = pen.palette.text_dim;
    let left = rect.x + text.label * 0.7;
    let title_y = rect.y + rect.h * 0.36;
    let is_difference = scene.looks.mode == CompareMode::Difference;
    let title = if is_difference { "Width Δ" } else { "Width" };
    pen.put(title, [left, title_y], Align2::LEFT_CENTER, style, dim);
    let unit_y = rect.y + rect.h * 0.82;
    pen.put("S/M dB", [left, unit_y], Align2::LEFT_CENTER, style, dim);
    for (band, bars) in width_cells(scene, rect).into_iter().enumerate() {
        let name = band_name(band);
        pen.put(&name, [bars[0].x, unit_y], Align2::LEFT_CENTER, style, dim);
        let put = |bar: Rect, words: &str| {
            let at = [bar.right() + text.label * 0.3, bar.y + bar.h / 2.0];
            pen.put(words, at, Align2::LEFT_CENTER, style, dim);
        };
        if is_difference {
            put(amid(bars), &signed(width_difference_db(scene, band)));
            continue;
        }
        for side in Side::BOTH {
            put(bars[side.index()], &width_words(scene, side, band));
        }
    }
}

/// A row for each band: width at the left, correlation at the right.
fn tall(pen: &Pen<'_>, scene: &Scene, rect: Rect) {
    let text = scene.layout.text;
    let dim = pen.palette.text_dim;
    let rows = width_rows(scene, rect);
    let small = (Weight::Regular, text.label);
    let head_y = rect.y + text.label * 1.2;
    if let Some(WidthRow {
        width, correlation, ..
    }) = rows.first()
    {
        let words = pen.fitted("Width  side/mid  dB", small, width[0].w + text.label * 4.0);
        pen.put(
            &words,
            [width[0].x, head_y],
            Align2::LEFT_CENTER,
            small,
            dim,
        );
        let words = pen.fitted("Correlation", small, correlation[0].w + text.label * 4.0);
        let at = [correlation[0].x, head_y];
        pen.put(&words, at, Align2::LEFT_CENTER, small, dim);
    }
    let at = [rect.x + text.label * 0.7, head_y];
    pen.put("Hz", at, Align2::LEFT_CENTER, small, dim);
    for (band, row) in rows.into_iter().enumerate() {
        let at = [rect.x + text.label * 0.7, row.area.y + row.area.h / 2.0];
        let style = (Weight::Regular, text.title);
        let name = band_name(band);
        pen.put(&name, at, Align2::LEFT_CENTER, style, pen.palette.text);
        let put = |bar: Rect, words: &str| {
            let at = [bar.right() + row.number_px, bar.y + bar.h / 2.0];
            let style = (Weight::Medium, row.text_px);
            pen.put(words, at, Align2::RIGHT_CENTER, style, pen.palette.text);
        };
        if scene.looks.mode == CompareMode::Difference {
            put(amid(row.width), &signed(width_difference_db(scene, band)));
            let value = correlation_difference(scene, band);
            put(amid(row.correlation), &correlation(value));
            continue;
        }
        for side in Side::BOTH {
            let index = side.index();
            put(row.width[index], &width_words(scene, side, band));
            let value = scene.side(side).figures.bands[band].correlation;
            put(row.correlation[index], &correlation(value));
        }
    }
}

/// A band's side/mid ratio. Below −48 dB it is mono: more digits would only crowd the next one.
fn width_words(scene: &Scene, side: Side, band: usize) -> String {
    match scene.side(side).figures.bands[band].side_to_mid_db {
        Some(db) if db < MONO_DB => "mono".to_owned(),
        value => one_decimal(value),
    }
}

/// The bars of the width panel, band by band.
fn explain_bars(pen: &Pen<'_>, scene: &Scene, panel: Rect) {
    let places: Vec<Rect> = if width_is_tall(scene, panel) {
        let rows = width_rows(scene, panel);
        rows.into_iter().map(|row| row.area).collect()
    } else {
        let figure_px = scene.layout.text.label * 3.0;
        let columns = width_cells(scene, panel).into_iter();
        columns
            .map(|[first, _]| {
                Rect::snapped(first.x, panel.y, first.right() + figure_px, panel.bottom())
            })
            .collect()
    };
    for (band, place) in places.into_iter().enumerate() {
        let (low, high) = STEREO_BANDS_HZ[band];
        let name = format!("{low:.0} to {high:.0} Hz");
        let of = |side: Side| {
            let width = scene.side(side).figures.bands[band];
            let correlation = correlation(width.correlation);
            let ratio = one_decimal(width.side_to_mid_db);
            format!("{} {ratio} dB, correlation {correlation}", side.name())
        };
        let reading = format!("Width {name}: {}; {}", of(Side::Mix), of(Side::Reference));
        let words = format!(
            "Side to mid from {name}. 0 dB: as much side as mid. Below −20 dB is narrow, mono has no side.\n{}\n{}",
            of(Side::Mix),
            of(Side::Reference)
        );
        explain_with(pen, &name, place, &reading, &words);
    }
}

/// A band by its edges, in Hz.
pub(super) fn band_name(band: usize) -> String {
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
