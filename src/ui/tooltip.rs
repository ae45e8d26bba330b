//! Tooltips over what is painted: what a number means, and which standard it follows.

use std::mem::Discriminant;
use std::sync::Arc;

use egui::{Id, Order, Pos2, Sense, Stroke, StrokeKind, TextStyle, Vec2, pos2, vec2};

use crate::session::settings::arrangement::Panel;
use crate::ui::text::{Pen, color32};
use crate::units::plain::plain;
use crate::view::drawer::DrawerScene;
use crate::view::rect::Rect;
use crate::view::scene::Scene;

/// A pointer that passes by asks nothing, and one that was left lying has been answered.
const REST_SECS: std::ops::Range<f32> = 0.45..12.0;

/// What is explained under a name.
const WORDS: [(&str, &str); 18] = [
    (
        "Short-term",
        "Loudness of the last 3 s, K-weighted, not gated (ITU-R BS.1770-5, EBU Tech 3341).",
    ),
    (
        "Integrated",
        "Gated loudness since the start or the last reset (R): what services judge (ITU-R BS.1770-5). \
         Silence and passages 10 LU below the rest do not count.",
    ),
    (
        "True peak",
        "The highest level between the samples since the start or the last reset (ITU-R BS.1770-5, annex 2). \
         Red above what the settings allow.",
    ),
    (
        "Momentary",
        "Loudness of the last 0.4 s, K-weighted (ITU-R BS.1770-5, EBU Tech 3341).",
    ),
    (
        "Range",
        "Loudness range LRA: from the quietest tenth to the loudest twentieth of what was heard (EBU Tech 3342). \
         Grey until a minute has been heard.",
    ),
    (
        "PLR",
        "Peak to loudness ratio: true peak minus integrated loudness. The smaller, the more limited.",
    ),
    (
        "PSR",
        "Peak to short-term loudness ratio of the last 3 s: how much the limiter works now. Below 8 LU is dense.",
    ),
    (
        "Correlation",
        "Of left and right over 0.6 s: +1 is mono, 0 is unrelated, −1 cancels itself in mono.",
    ),
    (
        "lost",
        "Frames lost between the device and the analysis since the start. Each loss is a gap in the picture at its place.",
    ),
    (
        "latency",
        "From the capture ring to the drawn picture. The device's own block comes on top.",
    ),
    (
        "fps",
        "Pictures drawn in the last second; the settings limit it.",
    ),
    (
        "match",
        "Gain given to the reference so that it is as loud as the mix: the difference of gated loudness \
         (ITU-R BS.1770-5). L turns it off.",
    ),
    (
        "aligned",
        "Where the reference lies under the mix, found by correlation, and how sure that is. ← and → move it. \
         In doubt the mix plays something else than the reference has there; it stays until a better place is found.",
    ),
    (
        "beside",
        "The reference runs beside the mix: the same song was not found in it.",
    ),
    ("input", "The input the mix comes from."),
    (
        "rate",
        "Sample rate of the mix. Each side is analysed at its own.",
    ),
    ("gpu", "The graphics adapter that draws."),
    (
        "room",
        "Panels that this window is too small for: make it larger, hide others, or choose another layout (Y).",
    ),
];

/// What is said about a name.
pub fn explanation(name: &str) -> Option<&'static str> {
    WORDS
        .iter()
        .find_map(|(known, words)| (*known == name).then_some(*words))
}

/// A place that explains itself when the pointer rests on it; `reading` is what assistive tools read there.
pub fn explain(pen: &Pen<'_>, name: &str, place: Rect, reading: &str) {
    let Some(words) = explanation(name) else {
        return;
    };
    explain_with(pen, name, place, reading, words);
}

/// The same with words of its own.
pub fn explain_with(pen: &Pen<'_>, name: &str, place: Rect, reading: &str, words: &str) {
    if place.w < 1.0 || place.h < 1.0 {
        return;
    }
    let ctx = pen.painter.ctx();
    let rect = egui::Rect::from_min_size(pos2(place.x, place.y), vec2(place.w, place.h));
    if is_read_aloud(ctx) {
        // Not interactable: the mouse is for the picture below, which is dragged and zoomed there.
        egui::Area::new(Id::unique(("explained", name)))
            .order(Order::Background)
            .interactable(false)
            .fixed_pos(rect.min)
            .show(ctx, |ui| {
                let (_, response) = ui.allocate_exact_size(rect.size(), Sense::hover());
                response
                    .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, reading));
            });
    }
    if let Some(at) = resting_pointer(ctx).filter(|at| rect.contains(*at)) {
        tooltip(pen, at, rect, words);
    }
}

/// Whether an assistive tool reads the picture: only then what is there for it alone is made.
pub fn is_read_aloud(ctx: &egui::Context) -> bool {
    ctx.has_accesskit_node(egui::accesskit_root_id())
}

/// Whether the pointer was moved somewhere and rests there.
fn asks(input: &egui::InputState) -> bool {
    let pointer = &input.pointer;
    REST_SECS.contains(&pointer.time_since_last_movement()) && !pointer.any_down()
}

/// Where the pointer has been resting for a while, with nothing over the picture there.
fn resting_pointer(ctx: &egui::Context) -> Option<Pos2> {
    let at = ctx.pointer_latest_pos()?;
    let rests = ctx.input(asks);
    let is_free = ctx
        .layer_id_at(at)
        .is_none_or(|layer| layer.order == Order::Background);
    (rests && is_free).then_some(at)
}

/// Words beside a place where the pointer rests on something that can be clicked.
pub fn tip(pen: &Pen<'_>, response: &egui::Response, words: &str) {
    let is_resting = response.ctx.input(asks);
    if is_resting
        && response.hovered()
        && let Some(at) = response.ctx.pointer_latest_pos()
    {
        tooltip(pen, at, response.rect, words);
    }
}

/// Whether the small menu is open, and which drawer.
type Open = (bool, Option<Discriminant<DrawerScene>>);

/// What explanations keep clear of.
#[derive(Clone, Default)]
struct Clear {
    /// Each with what a pixel of it weighs.
    rects: Arc<Vec<(Rect, f32)>>,
    /// The small menu and the drawer that are open, and since when: what lies under the pointer since then was not asked about.
    open: Open,
    since_secs: f64,
}

/// Notes what explanations keep clear of: figures, bars and titles are read while one points elsewhere, and a small menu
/// while it is open.
pub fn keep_clear(ctx: &egui::Context, scene: &Scene) {
    let layout = &scene.layout;
    let title = |plot: Rect| Rect {
        h: layout.text.title * 1.6,
        ..plot
    };
    let titles = Panel::ALL
        .into_iter()
        .flat_map(|panel| layout.rects(panel))
        .map(title);
    let bars = [layout.top_bar, layout.status_bar];
    let others = [
        layout.place(Panel::Table),
        layout.figure_line,
        layout.numerals,
        layout.time_axis,
    ];
    let read = titles.chain(others.into_iter().flatten());
    let clear: Vec<(Rect, f32)> = read
        .map(|rect| (rect, 1.0))
        .chain(bars.map(|bar| (bar, CONTROL_WEIGHT)))
        .collect();
    let drawer = scene.drawer.as_ref().map(std::mem::discriminant);
    note(ctx, clear, (scene.context.is_some(), drawer));
}

/// Notes where the crosshair's readout stands, which is drawn last.
pub fn keep_clear_of_readout(ctx: &egui::Context, readout: Option<Rect>) {
    ctx.data_mut(|data| data.insert_temp(Id::unique(READOUT), readout));
}

fn note(ctx: &egui::Context, clear: Vec<(Rect, f32)>, open: Open) {
    let now_secs = ctx.input(|input| input.time);
    ctx.data_mut(|data| {
        let kept = data.get_temp_mut_or_default::<Clear>(Id::unique(CLEAR));
        kept.rects = Arc::new(clear);
        if kept.open != open {
            (kept.open, kept.since_secs) = (open, now_secs);
        }
    });
}

const CLEAR: &str = "kept clear of explanations";
const READOUT: &str = "the readout of the crosshair";
/// What is read at that moment.
const READOUT_WEIGHT: f32 = 4.0;
/// What is clicked is covered last: it may be what the pointer goes to next.
const CONTROL_WEIGHT: f32 = 8.0;

/// Words above, below or beside what they explain, never over it, where they cover least of what is read.
fn tooltip(pen: &Pen<'_>, at: Pos2, explained: egui::Rect, words: &str) {
    let ctx = pen.painter.ctx();
    let font = ctx.global_style().text_styles[&TextStyle::Body].clone();
    let em = font.size;
    let color = color32(pen.palette.text);
    let lines: Vec<_> = words.lines().map(plain).collect();
    let galley = pen.painter.layout(lines.join("\n"), font, color, em * 28.0);
    let size = galley.size() + vec2(1.2 * em, 1.2 * em);
    let clear: Clear = ctx
        .data(|data| data.get_temp(Id::unique(CLEAR)))
        .unwrap_or_default();
    let (is_menu_open, _) = clear.open;
    let rest_since =
        ctx.input(|input| input.time - f64::from(input.pointer.time_since_last_movement()));
    if is_menu_open || rest_since < clear.since_secs {
        return;
    }
    let window = ctx.viewport_rect();
    let readout = ctx.data(|data| data.get_temp::<Option<Rect>>(Id::unique(READOUT)));
    let readout = readout.flatten().map(|rect| (rect, READOUT_WEIGHT));
    let clear: Vec<(Rect, f32)> = clear.rects.iter().copied().chain(readout).collect();
    let place = place_beside([at, explained.min, explained.max], size, window, &clear);
    egui::Area::new(Id::unique("tooltip"))
        .order(Order::Tooltip)
        .interactable(false)
        .fixed_pos(place.min)
        .show(ctx, |ui| {
            let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words));
            let edge = Stroke::new(1.0, color32(pen.palette.text_dim));
            let ground = color32(pen.palette.panel);
            ui.painter()
                .rect(rect, 2.0, ground, edge, StrokeKind::Inside);
            ui.painter()
                .galley(rect.min + vec2(0.6 * em, 0.6 * em), galley, color);
        });
}

/// Where a plate of a size lies beside what it explains, between `from` and `to`: within the window, off what is
/// explained, and over as little as can be of what is kept clear.
fn place_beside(
    [at, from, to]: [Pos2; 3],
    size: Vec2,
    window: egui::Rect,
    clear: &[(Rect, f32)],
) -> egui::Rect {
    const STEPS: [f32; 7] = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0];
    let gap = 6.0;
    let lefts = [at.x, at.x - size.x];
    let tops = [from.y, to.y - size.y];
    let ways = STEPS.into_iter().flat_map(|step| {
        let (over, beside) = (step * size.y, step * size.x);
        let above_below = [to.y + gap + over, from.y - gap - size.y - over];
        let left_right = [from.x - gap - size.x - beside, to.x + gap + beside];
        let upright = lefts
            .into_iter()
            .flat_map(move |x| above_below.map(|y| pos2(x, y)));
        upright.chain(
            tops.into_iter()
                .flat_map(move |y| left_right.map(|x| pos2(x, y))),
        )
    });
    let within = |min: Pos2| {
        let most = (window.max - size).max(window.min);
        egui::Rect::from_min_size(min.clamp(window.min, most), size)
    };
    let explained = egui::Rect::from_min_max(from, to);
    let covered = |plate: &egui::Rect| {
        let own = match plate.intersects(explained) {
            true => f32::INFINITY,
            false => 0.0,
        };
        let rect = Rect::snapped(plate.min.x, plate.min.y, plate.max.x, plate.max.y);
        let kept = clear.iter();
        own + kept
            .map(|(kept, weight)| weight * kept.shared(rect))
            .sum::<f32>()
    };
    let mut best = (f32::INFINITY, within(pos2(at.x, to.y + gap)));
    for plate in ways.map(within) {
        let cost = covered(&plate);
        // The nearest of those that cover as little: a few pixels of an edge are no reason to go far.
        if cost + size.x * size.y * 0.02 < best.0 {
            best = (cost, plate);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_explained_once() {
        for (name, words) in WORDS {
            let count = WORDS.iter().filter(|(other, _)| *other == name).count();
            assert_eq!(count, 1, "{name}");
            assert!(words.ends_with('.'), "{name}");
        }
    }

    #[test]
    fn what_came_under_a_pointer_at_rest_was_not_asked_about_and_an_open_menu_is_not_covered() {
        let ctx = egui::Context::default();
        let frame = |time: f64, moves_to: Option<Pos2>, open: Open| {
            let input = egui::RawInput {
                time: Some(time),
                events: moves_to
                    .map(egui::Event::PointerMoved)
                    .into_iter()
                    .collect(),
                ..egui::RawInput::default()
            };
            let mut output = ctx.run_ui(input, |ui| {
                note(ui.ctx(), vec![], open);
                let pen = Pen {
                    painter: ui.painter(),
                    palette: &crate::view::palette::Palette::DARK,
                };
                let place = Rect::snapped(0.0, 0.0, 100.0, 100.0);
                explain_with(&pen, "here", place, "here", "What this is.");
            });
            // Nobody draws it.
            output.textures_delta.clear();
            let layer = egui::LayerId::new(Order::Tooltip, Id::unique("tooltip"));
            ctx.memory(|memory| memory.areas().visible_last_frame(&layer))
        };
        let drawer = Some(std::mem::discriminant(&DrawerScene::Menu));
        let at = Some(pos2(50.0, 50.0));
        frame(0.0, at, (false, drawer));
        assert!(frame(1.0, None, (false, drawer)));
        // The drawer closes: what lies under the pointer now was under nothing when it came to rest.
        assert!(!frame(1.1, None, (false, None)));
        assert!(!frame(2.0, None, (false, None)));
        frame(2.1, Some(pos2(51.0, 50.0)), (false, None));
        assert!(frame(3.0, None, (false, None)));
        assert!(!frame(3.1, None, (true, None)), "a menu is open");
        frame(3.2, at, (true, None));
        assert!(!frame(4.0, None, (true, None)), "a menu is open");
    }

    #[test]
    fn an_explanation_covers_neither_what_it_is_of_nor_figures_where_there_is_room() {
        let window = egui::Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 720.0));
        let table = Rect::snapped(850.0, 420.0, 1274.0, 690.0);
        let time_axis = Rect::snapped(0.0, 660.0, 840.0, 695.0);
        let bars = [
            Rect::snapped(0.0, 0.0, 1280.0, 30.0),
            Rect::snapped(0.0, 695.0, 1280.0, 720.0),
        ];
        let [top, foot] = bars.map(|bar| (bar, CONTROL_WEIGHT));
        let clear = [(table, 1.0), (time_axis, 1.0), top, foot];
        let size = vec2(336.0, 70.0);
        let explained = [
            [860.0, 440.0, 1270.0, 470.0],
            [860.0, 660.0, 1270.0, 685.0],
            [10.0, 697.0, 90.0, 718.0],
            [1200.0, 697.0, 1279.0, 718.0],
            [764.0, 697.0, 830.0, 718.0],
            [600.0, 2.0, 700.0, 28.0],
        ];
        for [left, top, right, bottom] in explained {
            let of = [pos2(left, top), pos2(right, bottom)];
            let at = pos2((left + right) / 2.0, (top + bottom) / 2.0);
            let plate = place_beside([at, of[0], of[1]], size, window, &clear);
            assert!(window.contains_rect(plate), "{plate:?}");
            assert!(
                !plate.intersects(egui::Rect::from_min_max(of[0], of[1])),
                "{plate:?}"
            );
            let rect = Rect::snapped(plate.min.x, plate.min.y, plate.max.x, plate.max.y);
            let covered: f32 = clear.iter().map(|(kept, _)| kept.shared(rect)).sum();
            assert!(
                covered < 0.02 * size.x * size.y,
                "{of:?}: {plate:?} covers {covered}"
            );
        }
    }
}
