//! The overview of the active reference: its waveform, on which a region is dragged.
//!
//! Dragging on the waveform makes a region, dragging an end of it moves that end, a double click clears it, and
//! a click on the name of a section chooses that. What is dragged is drawn at once and chosen when it is let go: a region is measured, and that should happen once.

use egui::{CursorIcon, Id, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, pos2, vec2};

use crate::session::action::{Action, PairAction};
use crate::ui::text::color32;
use crate::view::readout::minutes;
use crate::view::scene::Scene;
use crate::view::shelf::{OVERVIEW_STEPS, OverviewScene};

/// Height, in letters of a label.
const HEIGHT_EM: f32 = 5.0;
/// How near to an end of the region a press means that end, in letters.
const REACH_EM: f32 = 0.6;
/// A drag shorter than this is a click, in pixels.
const CLICK_PX: f32 = 4.0;

/// Draws the overview and returns what was dragged.
pub fn overview(ui: &mut Ui, scene: &Scene, content: &OverviewScene, actions: &mut Vec<Action>) {
    let em = scene.layout.text.label;
    let size = vec2(ui.available_width(), em * HEIGHT_EM);
    let (rect, plate) = ui.allocate_exact_size(size, Sense::click_and_drag());
    plate.widget_info(|| {
        egui::WidgetInfo::labeled(
            egui::Role::GenericContainer,
            true,
            "Overview: drag a region",
        )
    });
    let axis = Axis {
        rect,
        duration_secs: content.duration_secs.max(0.1),
    };
    let ends = content.region_secs.map(|secs| {
        [0, 1].map(|end| {
            let x = axis.x(secs[end]);
            let handle = Rect::from_center_size(
                pos2(x, rect.center().y),
                vec2(2.0 * em * REACH_EM, rect.height()),
            );
            ui.interact(handle, Id::unique(("region end", end)), Sense::drag())
                .on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal)
        })
    });
    let dragged = dragged(ui, &axis, content, &plate, ends.as_ref());
    if let Some((secs, is_let_go)) = dragged
        && is_let_go
    {
        actions.push(Action::Pair(PairAction::Region(Some(secs))));
    } else if plate.double_clicked() && content.region_secs.is_some() {
        actions.push(Action::Pair(PairAction::ClearRegion));
    }
    draw(ui, scene, content, &axis, dragged.map(|(secs, _)| secs));
    sections(ui, scene, content, &axis, actions);
}

/// Names the sections below the waveform, as far as there is room; a click makes one the region. Their row is there before
/// they are found: what stands below moves under nobody's mouse.
fn sections(
    ui: &mut Ui,
    scene: &Scene,
    content: &OverviewScene,
    axis: &Axis,
    actions: &mut Vec<Action>,
) {
    let (palette, em) = (&scene.palette, scene.layout.text.label);
    let size = vec2(ui.available_width(), em * 1.6);
    let (row, _) = ui.allocate_exact_size(size, Sense::hover());
    let font = crate::ui::fonts::font(crate::ui::fonts::Weight::Regular, em * 0.85);
    for (n, section) in content.sections.iter().enumerate() {
        let [left, right] = section.secs.map(|secs| axis.x(secs));
        let place = Rect::from_min_max(
            pos2(left, row.top()),
            pos2(right.min(row.right()), row.bottom()),
        );
        let response = ui.interact(place, Id::unique(("section", n)), Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &section.name));
        let color = match response.on_hover_text(&section.name) {
            response if response.clicked() => {
                actions.push(Action::Pair(PairAction::Region(Some(section.secs))));
                palette.text
            }
            response if response.hovered() => palette.text,
            _ => palette.text_dim,
        };
        let painter = ui.painter().with_clip_rect(place);
        let mark = Stroke::new(1.0, color32(palette.text_dim));
        painter.vline(left + 0.5, place.y_range(), mark);
        // A narrow section has its letter only.
        let width = |words: &str| {
            let galley = painter.layout_no_wrap(words.to_owned(), font.clone(), color32(color));
            galley.size().x + em * 0.6
        };
        let letter = section.letter.to_string();
        let words = [section.name.as_str(), &letter]
            .into_iter()
            .find(|words| width(words) <= place.width());
        let at = pos2(left + em * 0.35, place.center().y);
        let anchor = egui::Align2::LEFT_CENTER;
        painter.text(
            at,
            anchor,
            words.unwrap_or_default(),
            font.clone(),
            color32(color),
        );
    }
}

/// Seconds against pixels.
struct Axis {
    rect: Rect,
    duration_secs: f64,
}

impl Axis {
    fn x(&self, secs: f64) -> f32 {
        self.rect.left() + self.rect.width() * (secs / self.duration_secs) as f32
    }

    fn secs(&self, at: Pos2) -> f64 {
        let part = ((at.x - self.rect.left()) / self.rect.width()).clamp(0.0, 1.0);
        f64::from(part) * self.duration_secs
    }
}

/// The region under way, in order, and whether it was let go now.
fn dragged(
    ui: &Ui,
    axis: &Axis,
    content: &OverviewScene,
    plate: &Response,
    ends: Option<&[Response; 2]>,
) -> Option<([f64; 2], bool)> {
    let under_way = |response: &Response| response.dragged() || response.drag_stopped();
    let ordered = |a: f64, b: f64| [a.min(b), a.max(b)];
    if let (Some(responses), Some(secs)) = (ends, content.region_secs) {
        for (end, response) in responses.iter().enumerate() {
            if let (true, Some(at)) = (under_way(response), response.interact_pointer_pos()) {
                let fixed = secs[1 - end];
                return Some((ordered(axis.secs(at), fixed), response.drag_stopped()));
            }
        }
    }
    // Where the button went down, which nobody knows any more when it is let go.
    let begun = Id::unique("region begun");
    if plate.drag_started() {
        let origin = ui.input(|input| input.pointer.press_origin());
        ui.data_mut(|data| data.insert_temp(begun, origin));
    }
    let at = plate.interact_pointer_pos().filter(|_| under_way(plate))?;
    let from = ui.data(|data| data.get_temp::<Option<Pos2>>(begun))??;
    let is_long = (at.x - from.x).abs() > CLICK_PX;
    is_long.then(|| {
        (
            ordered(axis.secs(from), axis.secs(at)),
            plate.drag_stopped(),
        )
    })
}

fn draw(ui: &Ui, scene: &Scene, content: &OverviewScene, axis: &Axis, under_way: Option<[f64; 2]>) {
    let (palette, em) = (&scene.palette, scene.layout.text.label);
    let (painter, rect) = (ui.painter(), axis.rect);
    painter.rect_filled(rect, 0.0, color32(palette.background));
    let region = under_way.or(content.region_secs);
    let chosen = region.unwrap_or([0.0, content.duration_secs]);
    let step_px = rect.width() / OVERVIEW_STEPS as f32;
    let half = rect.height() * 0.48;
    for (n, [low, high]) in content.steps.iter().enumerate() {
        let x = rect.left() + (n as f32 + 0.5) * step_px;
        let secs = axis.secs(pos2(x, 0.0));
        let is_chosen = (chosen[0]..=chosen[1]).contains(&secs);
        let alpha = if is_chosen { 1.0 } else { 0.35 };
        let y = |sample: f32| rect.center().y - half * sample.clamp(-1.0, 1.0);
        let bar = Rect::from_min_max(
            pos2(x - 0.5 * step_px, y(*high)),
            pos2(x + 0.5 * step_px, y(*low).max(y(*high) + 1.0)),
        );
        let color = palette.background.mix(palette.reference, alpha);
        painter.rect_filled(bar, 0.0, color32(color));
    }
    if let Some(secs) = region {
        let stroke = Stroke::new((em * 0.14).max(1.5), color32(palette.text));
        for (end, &at) in secs.iter().enumerate() {
            let x = axis.x(at);
            painter.vline(x, rect.y_range(), stroke);
            // A tab at the top shows that an end can be taken.
            let towards = if end == 0 { 1.0 } else { -1.0 };
            let tab = [
                pos2(x, rect.top()),
                pos2(x + towards * em * 0.6, rect.top()),
                pos2(x, rect.top() + em * 0.8),
            ];
            painter.add(Shape::convex_polygon(
                tab.to_vec(),
                color32(palette.text),
                Stroke::NONE,
            ));
        }
    }
    if let Some([start, end]) = under_way {
        let words = format!("{}–{}", minutes(start), minutes(end));
        let at = pos2(
            axis.x(0.5 * (start + end))
                .clamp(rect.left() + 3.0 * em, rect.right() - 3.0 * em),
            rect.bottom() - em * 0.8,
        );
        let font = crate::ui::fonts::font(crate::ui::fonts::Weight::Medium, em);
        painter.text(
            at,
            egui::Align2::CENTER_CENTER,
            words,
            font,
            color32(palette.text),
        );
    }
}
