//! Words of the spectrum.

use egui::Align2;

use crate::analysis::spectral::LIVE_CURVES_SECS;
use crate::render::plot::LEVEL_STEPS_DB;
use crate::ui::fonts::Weight;
use crate::ui::labels::{fitting_title, level_ticks, shadowed};
use crate::ui::plate::Line;
use crate::ui::text::Pen;
use crate::view::axis::frequency_ticks;
use crate::view::crosshair::CursorScene;
use crate::view::looks::{CompareMode, Smoothing};
use crate::view::palette::Side;
use crate::view::panels::spectrum::SpectrumAxes;
use crate::view::readout::{minutes, one_decimal, signed};
use crate::view::rect::Rect;
use crate::view::scene::{Alignment, Scene};

/// Ticks and title.
pub fn words(pen: &Pen<'_>, scene: &Scene, plot: Rect) {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let axes = scene.spectrum_axes(plot);
    let range = [axes.low_db, axes.high_db];
    level_ticks(pen, scene, plot, range, &LEVEL_STEPS_DB);
    for tick in frequency_ticks(&scene.frequency, text.label * 3.0 / plot.w) {
        let x = plot.x + tick.fraction * plot.w;
        let y = plot.bottom() + text.label * 0.85;
        // The last label would leave the window if it were centred on its tick.
        let half = pen.width(&tick.label, style) / 2.0;
        let x = x.min(scene.layout.size[0] - half - 2.0);
        let dim = pen.palette.text_dim;
        pen.put(&tick.label, [x, y], Align2::CENTER_CENTER, style, dim);
    }
    if scene.looks.mode == CompareMode::Difference {
        beyond_words(pen, scene, &axes);
    }
    fitting_title(pen, scene, plot, &titles(scene), plot.w - text.label * 1.6);
}

/// Of which seconds the curves are, where that is not all: to go before what they are.
fn of_words(scene: &Scene) -> String {
    let marked = scene.mark.as_ref().map(|measured| measured.mark);
    let marked = marked.map(|mark| ("marked", [mark.from_secs, mark.to_secs]));
    let of_overlap = match scene.alignment {
        Alignment::OtherSong => "mix of",
        _ => "in common",
    };
    let common = scene.overlap_secs.map(|secs| (of_overlap, secs));
    let of = marked.or(common).map(|(what, secs)| {
        let [from, to] = secs.map(minutes);
        format!("{what} {from}–{to}, ")
    });
    // Beside another song the record's curve is of all that is compared, and the mix's is not.
    let of_last = match scene.alignment {
        _ if scene.told_later_secs.is_some() && scene.stamp.is_none() => None,
        Alignment::OtherSong => Some(format!("mix of the last {LIVE_CURVES_SECS:.0} s, ")),
        Alignment::Locked { .. } => Some(format!("last {LIVE_CURVES_SECS:.0} s, ")),
        _ => None,
    };
    of.or(of_last).unwrap_or_default()
}

/// Titles, from the one that says most on.
fn titles(scene: &Scene) -> Vec<String> {
    let of = of_words(scene);
    let smoothing = scene.looks.spectrum_smoothing;
    let what = match smoothing {
        Smoothing::Tones => "median of tones".to_owned(),
        _ => format!("{} oct", smoothing.name()),
    };
    if scene.looks.mode == CompareMode::Difference {
        let most = format!("Spectrum  {of}{what}, mix − reference  dB");
        let mut titles = vec![most, format!("Spectrum  {of}{what}, A − B  dB")];
        if !of.is_empty() {
            titles.push(format!("{of}{what}, A − B  dB"));
        }
        titles.push(format!("Spectrum  {what}, A − B  dB"));
        titles
    } else {
        let tilt = format!("{} dB/oct", scene.looks.spectrum_tilt_db_per_octave);
        let gain = match scene.has_reference() {
            true => format!(", B {}", scene.gain_words()),
            false => String::new(),
        };
        // The thin grey curve.
        let has_moment = Side::BOTH
            .iter()
            .any(|side| !scene.side(*side).spectrum.live_db.is_empty());
        let moment = match has_moment {
            true => ", grey: now",
            false => "",
        };
        let mut titles = vec![
            format!("Spectrum  {of}{what}, 10–90 %, {tilt}{gain}{moment}"),
            format!("Spectrum  {of}{what}, 10–90 %{gain}{moment}"),
            format!("Spectrum  {of}{what}, {tilt}{gain}{moment}"),
            format!("Spectrum  {of}{what}{gain}{moment}"),
            format!("Spectrum  {of}{what}, 10–90 %{gain}"),
            format!("Spectrum  {of}{what}, {tilt}{gain}"),
            format!("Spectrum  {of}{what}{gain}"),
        ];
        // Rather of which seconds than what everybody sees.
        if !of.is_empty() {
            titles.extend([format!("{of}{what}{gain}"), format!("{of}{what}")]);
        }
        titles.extend([
            format!("Spectrum  {what}{gain}"),
            format!("Spectrum  {what}"),
        ]);
        titles
    }
}

/// How far the difference goes where it lies beyond the axis, beside the bar at its edge.
fn beyond_words(pen: &Pen<'_>, scene: &Scene, axes: &SpectrumAxes) {
    let label = scene.layout.text.label;
    let style = (Weight::Medium, label);
    // Above and below, each from left to right. The title lies at the left of the upper edge.
    let mut free_from = [axes.plot.x; 2];
    for run in axes.beyond(&scene.spectrum_difference_db()) {
        let words = signed(Some(run.most_db));
        let half = pen.width(&words, style) / 2.0;
        let middle = (run.x[0] + run.x[1]) / 2.0;
        let [least, most] = [axes.plot.x + half, axes.plot.right() - half - label * 0.3];
        let x = middle.min(most).max(least);
        let (row, y) = match run.most_db > 0.0 {
            true => (0, axes.plot.y + label * 2.3),
            false => (1, axes.plot.bottom() - label * 1.2),
        };
        if x - half >= free_from[row] {
            shadowed(pen, &words, [x, y], Align2::CENTER_CENTER, style);
            free_from[row] = x + half + label * 0.6;
        }
    }
}

/// Levels of both sides at the crosshair, and the reference's band there.
pub fn readout(cursor: &CursorScene) -> Vec<Line> {
    let mut lines = vec![Line::Values {
        name: "",
        values: cursor.levels_db,
        unit: "dB",
    }];
    if let Some(words) = cursor.outside_db.map(outside_words) {
        lines.push(Line::Note("1/3 octave beside the record's mean".to_owned()));
        lines.push(Line::Note(words));
    }
    if let Some(over_db) = cursor.over_threshold_db {
        lines.push(Line::Note("in one band of the ear, as they are".to_owned()));
        lines.push(Line::Note(masking_words(over_db)));
    }
    if let Some([low, high]) = cursor.band_db {
        let words = format!(
            "ref 10–90 %   {} … {}",
            one_decimal(Some(low)),
            one_decimal(Some(high))
        );
        lines.push(Line::Note(words));
    }
    lines
}

/// "masked, 4.2 dB under the threshold".
fn masking_words(over_db: f64) -> String {
    let far = one_decimal(Some(over_db.abs()));
    match over_db > 0.0 {
        true => format!("masked, {far} dB under the threshold"),
        false => format!("heard, {far} dB above the threshold"),
    }
}

/// "3.2 dB above the record's 90 %".
fn outside_words(outside_db: f64) -> String {
    let far = one_decimal(Some(outside_db.abs()));
    match outside_db {
        off if off > 0.0 => format!("{far} dB above the record's 90 %"),
        off if off < 0.0 => format!("{far} dB below the record's 10 %"),
        _ => "within the record's 10–90 %".to_owned(),
    }
}
