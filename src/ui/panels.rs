//! Panels as words: ticks, titles, figures, tooltips, and what the crosshair reads. A file for each.

pub mod correlation;
pub mod levels;
pub mod loudness;
pub mod scopes;
pub mod spectrogram;
pub mod spectrum;
pub mod table;
pub mod width;

use crate::session::settings::arrangement::Panel;
use crate::ui::plate::Line;
use crate::ui::text::Pen;
use crate::view::crosshair::CursorScene;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Writes the words of every panel that is shown.
pub fn words(pen: &Pen<'_>, scene: &Scene) {
    for panel in Panel::ALL {
        let write_in = |write: fn(&Pen<'_>, &Scene, Rect)| {
            if let Some(rect) = scene.layout.place(panel) {
                write(pen, scene, rect);
            }
        };
        match panel {
            Panel::Spectrograms => spectrogram::words(pen, scene),
            Panel::Loudness => write_in(loudness::words),
            Panel::Spectrum => write_in(spectrum::words),
            Panel::Scopes => scopes::words(pen, scene),
            Panel::Width => write_in(width::words),
            Panel::Table => write_in(table::words),
        }
    }
    levels::words(pen, scene);
}

/// What a crosshair over a panel reads there, besides frequency and time.
pub fn readout(panel: Panel, cursor: &CursorScene) -> Vec<Line> {
    match panel {
        Panel::Spectrograms | Panel::Spectrum => spectrum::readout(cursor),
        Panel::Loudness => loudness::readout(cursor),
        Panel::Scopes => scopes::readout(cursor),
        // Nothing is shared with them that could be pointed at.
        Panel::Width | Panel::Table => vec![],
    }
}
