//! Tooltips over what is painted: what a number means, and which standard it follows.

use egui::{Align2, Frame, Id, Margin, Order, Pos2, Sense, Stroke, TextStyle, pos2, vec2};

use crate::ui::text::{Pen, color32};
use crate::view::rect::Rect;

/// A pointer that passes by asks nothing, and one that was left lying has been answered.
const REST_SECS: std::ops::Range<f32> = 0.45..12.0;

/// What is explained under a name.
const WORDS: [(&str, &str); 17] = [
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

/// Where the pointer has been resting for a while, with nothing over the picture there.
fn resting_pointer(ctx: &egui::Context) -> Option<Pos2> {
    let at = ctx.pointer_latest_pos()?;
    let rests = ctx.input(|input| {
        let since_secs = input.pointer.time_since_last_movement();
        REST_SECS.contains(&since_secs) && !input.pointer.any_down()
    });
    let is_free = ctx
        .layer_id_at(at)
        .is_none_or(|layer| layer.order == Order::Background);
    (rests && is_free).then_some(at)
}

/// Words above, below or beside what they explain, never over it, on the side where the window has room.
fn tooltip(pen: &Pen<'_>, at: Pos2, explained: egui::Rect, words: &str) {
    let ctx = pen.painter.ctx();
    let size = ctx.global_style().text_styles[&TextStyle::Body].size;
    let window = ctx.viewport_rect();
    let is_low = at.y > window.center().y;
    // What stands at the right has a column of its like below and above it: then beside it, where there is room.
    let is_right = explained.left() > window.center().x + size * 2.0;
    let (pivot, at) = match (is_right, is_low) {
        (true, true) => (
            Align2::RIGHT_BOTTOM,
            explained.left_bottom() - vec2(0.6 * size, 0.0),
        ),
        (true, false) => (
            Align2::RIGHT_TOP,
            explained.left_top() - vec2(0.6 * size, 0.0),
        ),
        (false, true) => (
            Align2::LEFT_BOTTOM,
            pos2(at.x, explained.top() - 0.4 * size),
        ),
        (false, false) => (
            Align2::LEFT_TOP,
            pos2(at.x, explained.bottom() + 0.4 * size),
        ),
    };
    egui::Area::new(Id::unique("tooltip"))
        .order(Order::Tooltip)
        .interactable(false)
        .pivot(pivot)
        .fixed_pos(at)
        .show(ctx, |ui| {
            Frame::new()
                .fill(color32(pen.palette.panel))
                .stroke(Stroke::new(1.0, color32(pen.palette.text_dim)))
                .inner_margin(Margin::same((size * 0.6) as i8))
                .show(ui, |ui| {
                    ui.set_max_width(size * 28.0);
                    ui.label(words);
                });
        });
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
}
