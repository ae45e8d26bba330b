//! Panels as words: ticks, titles, figures, tooltips, and what the crosshair reads. A file for each.

mod bands;
pub mod correlation;
pub mod levels;
pub mod loudness;
pub mod masking;
pub mod punch;
pub mod scopes;
pub mod spectrogram;
pub mod spectrum;
pub mod table;
pub mod width;

use crate::session::settings::arrangement::{Across, Panel};
use crate::ui::plate::Line;
use crate::ui::text::Pen;
use crate::ui::tooltip::explain_with;
use crate::view::crosshair::CursorScene;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Writes the words of every panel that is shown.
pub fn words(pen: &Pen<'_>, scene: &Scene) {
    for panel in Panel::ALL {
        if panel.row().across != Across::Nothing {
            explain_title(pen, scene, panel);
        }
        let write_in = |write: fn(&Pen<'_>, &Scene, Rect)| {
            if let Some(rect) = scene.layout.place(panel) {
                write(pen, scene, rect);
            }
        };
        match panel {
            Panel::Spectrograms => spectrogram::words(pen, scene),
            Panel::Loudness => write_in(loudness::words),
            Panel::Punch => write_in(punch::words),
            Panel::Spectrum => write_in(spectrum::words),
            Panel::Scopes => scopes::words(pen, scene),
            Panel::Width => write_in(width::words),
            Panel::Table => write_in(table::words),
        }
    }
    levels::words(pen, scene);
}

/// The line of a panel's title explains what it shows.
fn explain_title(pen: &Pen<'_>, scene: &Scene, panel: Panel) {
    if let Some(plot) = scene.layout.place(panel) {
        let height = (scene.layout.text.label * 2.0).min(plot.h);
        let line = Rect { h: height, ..plot };
        let row = panel.row();
        explain_with(pen, row.name, line, row.title, row.help);
    }
}

/// What a crosshair over a panel reads there, besides frequency and time.
pub fn readout(panel: Panel, scene: &Scene, cursor: &CursorScene) -> Vec<Line> {
    match panel {
        Panel::Spectrograms | Panel::Spectrum => spectrum::readout(cursor),
        Panel::Loudness => loudness::readout(cursor),
        Panel::Punch => punch::readout(scene, cursor),
        Panel::Scopes => scopes::readout(cursor),
        // Nothing is shared with them that could be pointed at.
        Panel::Width | Panel::Table => vec![],
    }
}
