//! The crosshair's readout: a small plate beside what is pointed at.

use crate::session::settings::arrangement::Panel;
use crate::ui::panels;
use crate::ui::plate::{Line, plate};
use crate::ui::text::Pen;
use crate::units::note::nearest_note;
use crate::view::crosshair::{CursorPanel, CursorScene};
use crate::view::readout::{cents, clock_time, frequency, seconds_back};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Writes the readout of a scene's crosshair; returns its place.
pub fn cursor(pen: &Pen<'_>, scene: &Scene) -> Option<Rect> {
    let cursor = scene.cursor.as_ref()?;
    plate(pen, scene, &[cursor.at], None, &lines(scene, cursor))
}

fn lines(scene: &Scene, cursor: &CursorScene) -> Vec<Line> {
    let mut lines = vec![];
    if let Some(hz) = cursor.hz {
        let (note, off) = nearest_note(hz);
        lines.push(Line::Place(format!(
            "{}   {note} {}",
            frequency(hz),
            cents(off)
        )));
    }
    if let (Some(secs), Some(back)) = (cursor.mix_secs, cursor.before_edge_secs) {
        // A picture that stands still tells the time of the mix: it is nowhere near now.
        let mut words = match scene.frozen_behind_secs {
            Some(_) => clock_time(secs),
            None => format!("{}   {}", seconds_back(back), clock_time(secs)),
        };
        if let Some(secs) = cursor.reference_secs {
            words += &format!("   ref {}", clock_time(secs));
        }
        if let Some(bar) = scene.song.at(secs) {
            words += &format!("   {bar}");
        }
        lines.push(Line::Note(words));
    }
    let mut values = match cursor.panel {
        // A moment of a frequency and a frequency of all moments read alike.
        CursorPanel::Pane(_) => panels::readout(Panel::Spectrograms, scene, cursor),
        CursorPanel::Plot(panel) => panels::readout(panel, scene, cursor),
        CursorPanel::Scope(_) => panels::readout(Panel::Scopes, scene, cursor),
    };
    // Moments of two songs, or of other bars, have no difference.
    let is_apart = cursor.mix_secs.is_some() && scene.has_reference() && !scene.has_same_time();
    if is_apart && scene.outside.is_none() && scene.masking.is_none() {
        for line in &mut values {
            if let Line::Values { unit, .. } = line {
                *unit = "";
            }
        }
    }
    lines.extend(values);
    lines
}
