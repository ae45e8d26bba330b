//! Bars of a figure of a stereo band, of both sides or of their difference, over the range in which the reference's moves.

use crate::render::shapes::ShapeList;
use crate::view::looks::CompareMode;
use crate::view::palette::{Rgba, Side};
use crate::view::panels::band_figure::BandFigure;
use crate::view::panels::width::amid;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Bars of both sides, or one amid them for what they differ by.
pub(super) fn bars(
    scene: &Scene,
    tracks: [Rect; 2],
    of: (BandFigure, usize),
    list: &mut ShapeList,
) {
    if scene.looks.mode == CompareMode::Difference {
        difference(scene, amid(tracks), of, list);
    } else {
        both(scene, tracks, of, list);
    }
}

/// Both sides' bars.
fn both(
    scene: &Scene,
    tracks: [Rect; 2],
    (figure, band): (BandFigure, usize),
    list: &mut ShapeList,
) {
    for track in tracks {
        list.rect(track, scene.palette.grid);
    }
    let range = figure.range(scene, band);
    let around = around(tracks);
    if let Some([low, _, high]) = range {
        let [low, high] = [low, high].map(|value| figure.fraction(value));
        range_ground(scene, around, low, high, list);
    }
    for side in Side::BOTH {
        let track = tracks[side.index()];
        let value = figure.of(scene.side(side), band);
        if let Some(value) = value.filter(|_| scene.looks.mode.shows(side)) {
            let [from, to] = [figure.base_fraction(), figure.fraction(value)];
            let filled = track.columns(from.min(to), from.max(to));
            list.rect(filled, scene.palette.side(side));
        }
        if figure == BandFigure::Correlation {
            middle(scene, track, list);
        }
    }
    if let Some([low, _, high]) = range {
        let [low, high] = [low, high].map(|value| figure.fraction(value));
        range_edges(scene, around, low, high, list);
    }
}

/// A − B about the middle of a bar: blue where the mix has more, orange where the reference has. Of another song over
/// the range about its median.
fn difference(
    scene: &Scene,
    track: Rect,
    (figure, band): (BandFigure, usize),
    list: &mut ShapeList,
) {
    list.rect(track, scene.palette.grid);
    let place = |value: f64| 0.5 + 0.5 * (value / figure.most_difference()).clamp(-1.0, 1.0) as f32;
    let around = around([track; 2]);
    let range = figure.difference_range(scene, band);
    let range = range.map(|range| range.map(place));
    if let Some([low, high]) = range {
        range_ground(scene, around, low, high, list);
    }
    if let Some(value) = figure.difference(scene, band) {
        let side = if value > 0.0 {
            Side::Mix
        } else {
            Side::Reference
        };
        let end = place(value);
        let filled = track.columns(end.min(0.5), end.max(0.5));
        list.rect(filled, scene.palette.side(side));
    }
    if let Some([low, high]) = range {
        range_edges(scene, around, low, high, list);
    }
    middle(scene, track, list);
}

/// The place of a range: both bars, and a little above and below where they are not so low that it would touch the next.
fn around([first, last]: [Rect; 2]) -> Rect {
    let more = (first.h * 0.3).floor();
    Rect {
        y: first.y - more,
        h: last.bottom() - first.y + 2.0 * more,
        ..first
    }
}

/// In which colour a range is drawn: the reference's, and grey where that says that the mix has less.
fn range_color(scene: &Scene) -> Rgba {
    match scene.looks.mode {
        CompareMode::Difference => scene.palette.text_dim,
        _ => scene.palette.reference,
    }
}

/// Where the reference is most of its time.
fn range_ground(scene: &Scene, around: Rect, low: f32, high: f32, list: &mut ShapeList) {
    let ground = scene.palette.panel.mix(range_color(scene), 0.3);
    list.rect(around.columns(low, high), ground);
}

/// Its ends, over the bars too.
fn range_edges(scene: &Scene, around: Rect, low: f32, high: f32, list: &mut ShapeList) {
    let thick = (scene.layout.text.label * 0.12).round().max(1.0);
    for at in [low, high] {
        let x = around.columns(at, at).x.min(around.right() - thick);
        let edge = Rect {
            x,
            w: thick,
            ..around
        };
        list.rect(edge, range_color(scene));
    }
}

/// The line at zero, a little higher than the bar.
fn middle(scene: &Scene, track: Rect, list: &mut ShapeList) {
    let x = (track.x + track.w / 2.0).round();
    let line = Rect {
        x,
        y: track.y - 2.0,
        w: 1.0,
        h: track.h + 4.0,
    };
    list.rect(line, scene.palette.text_dim);
}
