//! Names and figures of the width panel: in one row of bands, or in a large panel a row for each band.

use egui::Align2;

use crate::render::panels::width::{WidthRow, width_cells, width_is_tall, width_rows};
use crate::ui::fonts::Weight;
use crate::ui::panels::bands::{band_name, difference_words, is_outside, range_words, words_of};
use crate::ui::text::Pen;
use crate::ui::tooltip::explain_with;
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::panels::band_figure::BandFigure;
use crate::view::panels::width::amid;
use crate::view::readout::whole;
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
    let figure = BandFigure::Width;
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
    let cells = width_cells(scene, rect);
    let pitch = cells[1][0].x - cells[0][0].x;
    let names: Vec<String> = (0..cells.len()).map(band_name).collect();
    let fits = |name: &String| pen.width(name, style) + text.label * 0.5 <= pitch;
    let has_room = names.iter().all(fits);
    // Figures of neighbours must not touch.
    let figure_px = text.label * 0.4 + pen.width("−88.8", style);
    let has_tenths = cells.iter().all(|bars| bars[0].w + figure_px <= pitch);
    for (band, bars) in cells.into_iter().enumerate() {
        // Where the bands have no room for their names they are told by where they begin.
        let begins = names[band].split('–').next().unwrap_or_default();
        let name = if has_room { &names[band] } else { begins };
        pen.put(name, [bars[0].x, unit_y], Align2::LEFT_CENTER, style, dim);
        let put = |bar: Rect, words: &str, tells: bool| {
            let at = [bar.right() + text.label * 0.3, bar.y + bar.h / 2.0];
            let color = if tells { pen.palette.text } else { dim };
            let number: Option<f64> = words.replace('−', "-").parse().ok();
            let is_plus = words.starts_with('+') && number.is_some_and(|db| db >= 0.5);
            let plus = if is_plus { "+" } else { "" };
            let rounded = number.filter(|_| !has_tenths);
            let rounded = rounded.map(|db| format!("{plus}{}", whole(db)));
            let words = rounded.as_deref().unwrap_or(words);
            pen.put(words, at, Align2::LEFT_CENTER, style, color);
        };
        // What is outside the reference's range is read first.
        let is_outside = is_outside(scene, figure, band);
        if is_difference {
            let value = figure.difference(scene, band);
            put(amid(bars), &difference_words(figure, value), is_outside);
            continue;
        }
        for side in Side::BOTH
            .into_iter()
            .filter(|side| scene.looks.mode.shows(*side))
        {
            let words = words_of(figure, figure.of(scene.side(side), band));
            put(bars[side.index()], &words, is_outside && side == Side::Mix);
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
        let of_band = |band| BandFigure::Width.range(scene, band).is_some();
        let has_range = (0..STEREO_BANDS_HZ.len()).any(of_band);
        let words = match (scene.looks.mode, scene.has_same_time(), has_range) {
            (CompareMode::Difference, true, _) => "Width  side/mid  mix − reference  dB",
            (CompareMode::Difference, false, true) => {
                "Width  side/mid  mix − median  dB, reference 10–90 %"
            }
            (_, _, true) => "Width  side/mid  dB, reference 10–90 %",
            _ => "Width  side/mid  dB",
        };
        let words = pen.begun(words, small, width[0].w + text.label * 4.0);
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
        for (figure, bars) in [
            (BandFigure::Width, row.width),
            (BandFigure::Correlation, row.correlation),
        ] {
            if scene.looks.mode == CompareMode::Difference {
                let value = figure.difference(scene, band);
                put(amid(bars), &difference_words(figure, value));
                continue;
            }
            for side in Side::BOTH
                .into_iter()
                .filter(|side| scene.looks.mode.shows(*side))
            {
                let value = figure.of(scene.side(side), band);
                put(bars[side.index()], &words_of(figure, value));
            }
        }
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
            let value = |figure: BandFigure| words_of(figure, figure.of(scene.side(side), band));
            let ratio = match value(BandFigure::Width) {
                mono if mono == "mono" => mono,
                ratio => format!("{ratio} dB"),
            };
            let correlation = value(BandFigure::Correlation);
            format!("{} {ratio}, correlation {correlation}", side.name())
        };
        let values = Side::BOTH.map(of).join("\n");
        let range = |figure, name: &str| {
            let range = range_words(scene, figure, band);
            range.map_or_else(String::new, |range| format!("\n{name}: {range}"))
        };
        let width = range(BandFigure::Width, "width");
        let correlation = range(BandFigure::Correlation, "correlation");
        let values = format!("{values}{width}{correlation}");
        let reading = format!("Width {name}: {}", values.replace('\n', "; "));
        let words = format!(
            "Side to mid from {name}. 0 dB: as much side as mid. Below −20 dB is narrow, mono has no side.\n{values}"
        );
        explain_with(pen, &name, place, &reading, &words);
    }
}
