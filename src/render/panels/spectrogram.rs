//! The grid over the spectrograms, which have a pass of their own.

use crate::render::plot::time_lines;
use crate::render::shapes::ShapeList;
use crate::view::axis::frequency_ticks;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Lines of both axes over each pane.
pub fn draw(scene: &Scene, list: &mut ShapeList) {
    for pane in &scene.layout.panes {
        spectrogram_grid(scene, pane.plot, list);
    }
}

fn spectrogram_grid(scene: &Scene, plot: Rect, list: &mut ShapeList) {
    let color = scene.palette.grid.alpha(0.07);
    let min_gap = scene.layout.text.label * 1.5 / plot.h;
    for tick in frequency_ticks(&scene.frequency, min_gap) {
        let y = (plot.bottom() - tick.fraction * plot.h).round();
        list.rect(Rect { y, h: 1.0, ..plot }, color);
    }
    time_lines(scene, plot, color, list);
}
