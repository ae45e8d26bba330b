//! What lies over all panels: the frame of a picture that stands still, and the outline of a marked stretch.

use crate::render::shapes::ShapeList;
use crate::session::settings::arrangement::Across;
use crate::view::layout::PaneContent;
use crate::view::palette::{Rgba, Side};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// A thin frame around each spectrogram of a picture that stands still.
pub fn frozen_frame(scene: &Scene, list: &mut ShapeList) {
    if scene.frozen_behind_secs.is_none() {
        return;
    }
    let width = (scene.layout.size[1] / 540.0).max(2.0).round();
    for pane in &scene.layout.panes {
        frame(pane.plot, width, scene.palette.frozen, list);
    }
}

/// A thin outline around what is marked, in every panel that has its time. Where a section of the mix is held against one of
/// the record, that lies elsewhere than what happens to stand below.
pub fn mark_outlines(scene: &Scene, list: &mut ShapeList) {
    let width = (scene.layout.size[1] / 1080.0).max(1.0).round();
    let is_section = scene
        .mark
        .as_ref()
        .is_some_and(|mark| mark.section.is_some());
    let panes = scene
        .layout
        .panes
        .iter()
        .filter(|pane| !is_section || pane.content != PaneContent::Level(Side::Reference));
    let panes = panes.map(|pane| (pane.plot, true));
    let plots = scene.layout.plots(Across::Time);
    let plots = plots.map(|(_, plot)| (plot, false));
    for (plot, has_frequency) in panes.chain(plots) {
        if let Some(outline) = scene.mark_outline(plot, has_frequency) {
            let shade = scene.palette.panel.alpha(0.6);
            frame(outline, 3.0 * width, shade, list);
            let inner = outline.inset(width, width, width, width);
            frame(inner, width, scene.palette.text, list);
        }
    }
}

/// Where the DAW is in its song, in every panel that lies over song position.
pub fn song_now(scene: &Scene, list: &mut ShapeList) {
    let Some(now_secs) = scene.song.now_secs else {
        return;
    };
    let left_secs = scene.right_edge_secs - scene.looks.span_secs;
    let fraction = ((now_secs - left_secs) / scene.looks.span_secs) as f32;
    let width = (scene.layout.size[1] / 1080.0).max(1.0).round();
    let panes = scene.layout.panes.iter().map(|pane| pane.plot);
    let plots = scene.layout.plots(Across::Time).map(|(_, plot)| plot);
    for plot in panes.chain(plots) {
        let x = (plot.x + fraction * plot.w).round();
        let line = |side: f32| Rect::snapped(x - side, plot.y, x + width + side, plot.bottom());
        list.rect(line(width), scene.palette.panel.alpha(0.6));
        list.rect(line(0.0), scene.palette.text);
    }
}

/// The four edges of a rectangle, within it.
fn frame(rect: Rect, width: f32, color: Rgba, list: &mut ShapeList) {
    let Rect { x, y, w, h } = rect;
    let sides_height = (h - 2.0 * width).max(0.0);
    for edge in [
        Rect { x, y, w, h: width },
        Rect {
            x,
            y: y + h - width,
            w,
            h: width,
        },
        Rect {
            x,
            y: y + width,
            w: width,
            h: sides_height,
        },
        Rect {
            x: x + w - width,
            y: y + width,
            w: width,
            h: sides_height,
        },
    ] {
        list.rect(edge, color);
    }
}
