//! What was measured in a marked stretch, on a plate beside its outline.

use crate::compare::runs::{band_name, thirds_between};
use crate::session::settings::arrangement::Across;
use crate::ui::plate::{Line, plate_within, room};
use crate::ui::text::Pen;
use crate::view::layout::PaneContent;
use crate::view::marked::MarkScene;
use crate::view::palette::Side;
use crate::view::readout::{clock_time, frequency, signed};
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// So much of a stretch may be missing on one side unsaid, and the reference may lie off by it.
const LEAST_NOTED_SECS: f64 = 0.35;

/// Writes the readout of a scene's mark within the panels that have its time, not over what is written already.
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
        let mut places = vec![
            [right, y + h / 2.0],
            [right, bottom + h],
            [x + w / 2.0, bottom],
            [x, bottom],
            [x, y + h / 2.0],
        ];
        // Where all of those lie over the crosshair's readout: above it, and below.
        let tall = scene.layout.text.label * 12.0;
        places.extend(
            written
                .iter()
                .flat_map(|of| [[of.x, of.y], [of.x, of.bottom() + tall]]),
        );
        let mut written: Vec<Rect> = written.into_iter().collect();
        written.extend(title_rows(scene));
        written.extend(section_rows(scene));
        let room = panels_room(scene);
        plate_within(pen, scene, (&places, room), &written, &lines(scene, mark));
    }
}

/// All that the panels with time cover.
fn panels_room(scene: &Scene) -> Rect {
    let room = room(scene);
    let panes = scene.layout.panes.iter().map(|pane| pane.plot);
    let plots = panes.chain(scene.layout.histories());
    let all = plots.reduce(|all, plot| {
        Rect::snapped(
            all.x.min(plot.x),
            all.y.min(plot.y),
            all.right().max(plot.right()),
            all.bottom().max(plot.bottom()),
        )
    });
    // An open drawer may cover some of it.
    all.map_or(room, |all| {
        Rect::snapped(all.x, all.y, all.right().min(room.right()), all.bottom())
    })
}

/// Where the titles of those panels stand.
fn title_rows(scene: &Scene) -> impl Iterator<Item = Rect> + '_ {
    let text = scene.layout.text;
    let panes = scene.layout.panes.iter().map(move |pane| {
        let w = match pane.content {
            PaneContent::Level(_) => text.title * 8.0,
            _ => pane.plot.w,
        };
        let h = text.title * 2.0;
        Rect { w, h, ..pane.plot }
    });
    let titled = move |plot| Rect {
        h: text.label * 2.0,
        ..plot
    };
    panes.chain(scene.layout.histories().map(titled))
}

/// Where the names of sections stand.
fn section_rows(scene: &Scene) -> impl Iterator<Item = Rect> + '_ {
    let height = scene.layout.text.label * 2.2;
    scene.layout.panes.iter().filter_map(move |pane| {
        let PaneContent::Level(side) = pane.content else {
            return None;
        };
        let plot = pane.plot;
        let row = Rect::snapped(plot.x, plot.bottom() - height, plot.right(), plot.bottom());
        (!scene.side(side).sections.is_empty()).then_some(row)
    })
}

fn lines(scene: &Scene, measured: &MarkScene) -> Vec<Line> {
    let mark = measured.mark;
    let (from, to) = (mark.from_secs, mark.to_secs);
    let mut lines = vec![Line::Place(format!(
        "{} – {}   {:.1} s",
        clock_time(from),
        clock_time(to),
        to - from
    ))];
    // Where it is in the song: the mix's time is that of the evening.
    let reference = scene.side(Side::Reference);
    let there = [from, to].map(|secs| reference.reference_secs(secs));
    if let [Some(there), Some(end)] = there
        && scene.has_same_time()
        && (there - from).abs() >= LEAST_NOTED_SECS
        // Not where it jumped on the way.
        && (end - there - (to - from)).abs() < LEAST_NOTED_SECS
    {
        lines.push(Line::Note(format!(
            "ref {} – {}",
            clock_time(there),
            clock_time(end)
        )));
    }
    lines.extend(common_line(measured));
    let lufs = |side: Side| Some(measured.loudness_lufs[side.index()]? + scene.gain_db(side));
    lines.push(Line::Values {
        name: "I",
        values: Side::BOTH.map(lufs),
        unit: "LU",
    });
    if let Some([low, high]) = mark.hz {
        let band = frequencies(low, high);
        let difference = measured
            .band_difference_db
            .map(|db| db - scene.reference_gain_db());
        lines.push(Line::Note(match measured.finding {
            // One figure of one thing: the finding's own.
            Some(finding) => format!("{band}   {} dB at its strongest", signed(Some(finding.db))),
            None => format!("{band}   Δ {} dB", signed(difference)),
        }));
    }
    lines
}

/// How much of the stretch is measured, where that is not all of it.
fn common_line(measured: &MarkScene) -> Option<Line> {
    let length_secs = measured.mark.to_secs - measured.mark.from_secs;
    let is_less = length_secs - measured.common_secs >= LEAST_NOTED_SECS;
    let words = format!("{:.1} s of it on both sides", measured.common_secs);
    is_less.then_some(Line::Note(words))
}

/// Thirds of an octave by the names they have on an equaliser, all else by its edges.
fn frequencies(low_hz: f64, high_hz: f64) -> String {
    match thirds_between(low_hz, high_hz) {
        Some((first, last)) => band_name(first, last),
        None => format!("{} – {}", frequency(low_hz), frequency(high_hz)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::view::build::{Moment, PictureRequest, scene};
    use crate::view::looks::Looks;

    #[test]
    fn a_mark_is_read_below_the_top_bar_and_above_the_status_line() {
        let session = Session::default();
        for size in [[1280, 720], [1920, 1080], [700, 900]] {
            let request = PictureRequest {
                size,
                ..PictureRequest::default()
            };
            let scene = scene(&session, Moment::now(&session), &Looks::default(), request);
            let room = panels_room(&scene);
            assert!(room.y >= scene.layout.top_bar.bottom(), "{size:?}");
            assert!(room.bottom() <= scene.layout.status_bar.y, "{size:?}");
            for title in title_rows(&scene) {
                assert!(room.overlaps(title), "{size:?}");
            }
            for pane in &scene.layout.panes {
                assert!(room.overlaps(pane.plot), "{size:?}");
            }
        }
    }
}
