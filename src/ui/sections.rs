//! Sections along the bottom of the spectrograms: thin marks with names, those of the mix with what they can be held
//! against.

use egui::{Align2, Rect, Stroke, StrokeKind, pos2, vec2};

use crate::session::action::{Action, Mark, PairAction, ViewAction};
use crate::ui::click::clicked;
use crate::ui::fonts::Weight;
use crate::ui::labels::shadowed;
use crate::ui::text::{Pen, color32};
use crate::view::layout::PaneContent;
use crate::view::palette::Side;
use crate::view::rect;
use crate::view::scene::Scene;
use crate::view::sections::{SectionBeside, SectionMark};

/// Marks where a section begins, and names it where there is room. A click on a section of the mix that has one of the
/// record beside it compares the two.
pub fn section_marks(pen: &Pen<'_>, scene: &Scene, actions: &mut Vec<Action>) {
    for pane in &scene.layout.panes {
        let side = match pane.content {
            PaneContent::Level(side) => side,
            // What lies outside is of the mix, and so is what is masked.
            PaneContent::Outside | PaneContent::Masking => Side::Mix,
            PaneContent::Overlay | PaneContent::Difference => continue,
        };
        for mark in &scene.side(side).sections {
            section_mark(pen, scene, side, pane.plot, mark, actions);
        }
    }
}

fn section_mark(
    pen: &Pen<'_>,
    scene: &Scene,
    side: Side,
    plot: rect::Rect,
    mark: &SectionMark,
    actions: &mut Vec<Action>,
) {
    let text = scene.layout.text;
    let style = (Weight::Regular, text.label);
    let x = (plot.x + mark.from * plot.w).round();
    let right = plot.x + mark.to * plot.w;
    let y = plot.bottom() - text.label * 1.1;
    if mark.begins {
        let tick = Rect::from_min_max(
            pos2(x, plot.bottom() - text.label * 2.2),
            pos2(x + (text.label / 8.0).round().max(1.0), plot.bottom()),
        );
        if pen.palette.has_light_ground() {
            // Dark upon a dark picture.
            let halo = color32(pen.palette.panel.alpha(0.9));
            pen.painter
                .rect_filled(tick.expand2(vec2(tick.width(), 0.0)), 0.0, halo);
        }
        let color = color32(pen.palette.text.alpha(0.8));
        pen.painter.rect_filled(tick, 0.0, color);
    }
    let left = x + text.label * 0.6;
    let fits = |words: &&String| left + pen.width(words, style) + text.label * 0.6 < right;
    let beside = mark.beside.as_ref().filter(|_| side == Side::Mix);
    let paired = beside.map(|beside| {
        [
            format!("{} vs {}", mark.name, beside.name),
            format!("vs {}", beside.name),
        ]
    });
    let Some(words) = paired.iter().flatten().chain([&mark.name]).find(fits) else {
        return;
    };
    let Some(beside) = beside.filter(|_| scene.stamp.is_none()) else {
        shadowed(pen, words, [left, y], Align2::LEFT_CENTER, style);
        return;
    };
    // What is clicked looks like it: on a plate of its own.
    let margin = text.label * 0.35;
    let end = left + pen.width(words, style);
    let (top, bottom) = (y - text.label * 0.8, y + text.label * 0.8);
    let place = rect::Rect::snapped(left - margin, top, end + margin, bottom);
    let rect = Rect::from_min_size(pos2(place.x, place.y), vec2(place.w, place.h));
    let radius = text.label * 0.25;
    let (ground, edge) = (pen.palette.panel.alpha(0.92), pen.palette.text_dim);
    pen.painter.rect_filled(rect, radius, color32(ground));
    let edge = Stroke::new(1.0, color32(edge));
    pen.painter
        .rect_stroke(rect, radius, edge, StrokeKind::Inside);
    let color = pen.palette.text;
    pen.put(words, [left, y], Align2::LEFT_CENTER, style, color);
    let name = format!("{words} at {:.0} s", beside.mix_secs[0]);
    if clicked(pen, &name, place, "Compare these two sections") {
        actions.extend(compared(beside));
    }
}

/// What compares two sections: the one of the mix is marked, the one of the record is its region.
fn compared(beside: &SectionBeside) -> [Action; 2] {
    let [from_secs, to_secs] = beside.mix_secs;
    let mark = Mark {
        from_secs,
        to_secs,
        hz: None,
    };
    [
        PairAction::Region(Some(beside.record_secs)).into(),
        ViewAction::Mark(Some(mark)).into(),
    ]
}
