//! Panels as shapes: grounds and lines under the data, then what each panel draws over it. A file for each.

mod bands;
pub mod correlation;
pub mod levels;
pub mod loudness;
pub mod punch;
pub mod scopes;
pub mod spectrogram;
pub mod spectrum;
pub mod width;

use crate::render::crosshair::crosshair;
use crate::render::marks::{frozen_frame, mark_outlines, song_now};
use crate::render::shapes::ShapeList;
use crate::session::settings::arrangement::Panel;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Grounds of the panels. Spectrograms and vectorscopes have none: they draw every pixel of their place themselves.
pub fn ground(scene: &Scene, list: &mut ShapeList) {
    let panels = Panel::ALL.into_iter();
    let others = [
        scene.correlation_rect(),
        scene.levels,
        scene.layout.figure_line,
        scene.layout.numerals,
    ];
    let places = panels.filter_map(|panel| scene.layout.place(panel));
    for rect in places.chain(others.into_iter().flatten()) {
        list.rect(rect, scene.palette.panel);
    }
}

/// Shapes that lie over them.
pub fn over(scene: &Scene, list: &mut ShapeList) {
    for panel in Panel::ALL {
        draw(panel, scene, list);
    }
    if let Some(rect) = scene.levels {
        levels::levels(scene, rect, list);
    }
    frozen_frame(scene, list);
    mark_outlines(scene, list);
    song_now(scene, list);
    crosshair(scene, list);
}

/// What a panel draws.
fn draw(panel: Panel, scene: &Scene, list: &mut ShapeList) {
    let draw_in = |draw: fn(&Scene, Rect, &mut ShapeList), list: &mut ShapeList| {
        if let Some(rect) = scene.layout.place(panel) {
            draw(scene, rect, list);
        }
    };
    match panel {
        Panel::Spectrograms => spectrogram::draw(scene, list),
        Panel::Loudness => draw_in(loudness::draw, list),
        Panel::Punch => draw_in(punch::draw, list),
        Panel::Spectrum => draw_in(spectrum::draw, list),
        Panel::Scopes => scopes::draw(scene, list),
        Panel::Width => draw_in(width::draw, list),
        // Words alone.
        Panel::Table => {}
    }
}
