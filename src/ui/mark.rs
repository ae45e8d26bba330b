//! What was measured in a marked stretch, on a plate beside its outline.

use crate::session::settings::arrangement::Across;
use crate::ui::plate::{Line, plate};
use crate::ui::text::Pen;
use crate::view::marked::MarkScene;
use crate::view::palette::Side;
use crate::view::readout::{clock_time, frequency, signed};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// Writes the readout of a scene's mark, not over what is written already.
pub fn mark(pen: &Pen<'_>, scene: &Scene, written: Option<Rect>) {
    let Some(mark) = &scene.mark else {
        return;
    };
    let pane = scene.layout.panes.first().map(|pane| pane.plot);
    let outline = pane
        .and_then(|plot| scene.mark_outline(plot, true))
        .or_else(|| {
            let (_, plot) = scene.layout.plots(Across::Time).next()?;
            scene.mark_outline(plot, false)
        });
    if let Some(Rect { x, y, w, h }) = outline {
        // Beside the outline, where the crosshair's readout leaves room.
        let (right, bottom) = (x + w, y + h);
        let places = [
            [right, y + h / 2.0],
            [right, bottom + h],
            [x + w / 2.0, bottom],
            [x, bottom],
        ];
        plate(pen, scene, &places, written, &lines(scene, mark));
    }
}

fn lines(scene: &Scene, measured: &MarkScene) -> Vec<Line> {
    let mark = measured.mark;
    let (from, to) = (mark.from_secs, mark.to_secs);
    let mut lines = vec![
        Line::Place(format!(
            "{} – {}   {:.1} s",
            clock_time(from),
            clock_time(to),
            to - from
        )),
        Line::Values {
            name: "I",
            values: Side::BOTH
                .map(|side| Some(measured.loudness_lufs[side.index()]? + scene.gain_db(side))),
            unit: "LU",
        },
    ];
    if let Some([low, high]) = mark.hz {
        let difference = measured
            .band_difference_db
            .map(|db| db - scene.reference_gain_db());
        lines.push(Line::Note(format!(
            "{} – {}   Δ {} dB",
            frequency(low),
            frequency(high),
            signed(difference)
        )));
    }
    lines
}
