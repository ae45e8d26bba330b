//! The Compare layout: everything at once, with dividers that can be dragged and panels that can be hidden.

use crate::session::settings::arrangement::{Arrangement, Divider, Panel, Zone};
use crate::view::layout::frame::Frame;
use crate::view::layout::places::{DividerPlace, Layout};
use crate::view::layout::put::{halves, panes};
use crate::view::looks::CompareMode;
use crate::view::rect::Rect;

/// The spectrograms' part of the width.
const COLUMNS: f32 = 0.655;
/// A history's part of the height.
const HISTORY: f32 = 0.20;
/// The spectrum's part of the height.
const SPECTRUM: f32 = 0.345;

/// A drawer lower than this, in letters of a label, shows too little of its list.
const LEAST_DRAWER_EM: f32 = 24.0;

/// Two columns: spectrograms over loudness; spectrum, vectorscopes, width and table.
pub(super) fn wide(frame: &Frame, mode: CompareMode, arrangement: &Arrangement) -> Layout {
    let mut layout = Layout::bare(frame);
    let has_any = |zone| shown(arrangement, zone).next().is_some();
    let has_major = has_any(Zone::Main) || has_any(Zone::History);
    let has_minor = has_any(Zone::Upper) || has_any(Zone::Foot);
    let content = frame.content;
    let gap = frame.gap;
    if !has_minor {
        major(&mut layout, frame, content, mode, arrangement);
    } else if !has_major {
        minor(&mut layout, frame, content, arrangement);
    } else {
        let split = arrangement.divider(Divider::Columns).unwrap_or(COLUMNS);
        let (left, right, ends);
        if arrangement.swapped {
            let at = 1.0 - split;
            left = content.columns(at, 1.0);
            // The last frequency label of the spectrum stands beyond its plot.
            let edge = gap.max(frame.text.label * 1.2);
            right = content.columns(0.0, at).inset(0.0, 0.0, edge, 0.0);
            ends = [content.right(), content.x];
        } else {
            left = content.columns(0.0, split);
            right = content.columns(split, 1.0).inset(gap, 0.0, 0.0, 0.0);
            ends = [content.x, content.right()];
        }
        major(&mut layout, frame, left, mode, arrangement);
        minor(&mut layout, frame, right, arrangement);
        let edge = if arrangement.swapped {
            left.x
        } else {
            left.right()
        };
        let half = grab_px(frame) / 2.0;
        let middle = edge + if arrangement.swapped { -half } else { half };
        layout.dividers.push(DividerPlace {
            divider: Divider::Columns,
            rect: Rect::snapped(middle - half, content.y, middle + half, content.bottom()),
            is_upright: true,
            ends,
        });
    }
    layout
}

/// The panels of a zone that are to be shown.
fn shown(arrangement: &Arrangement, zone: Zone) -> impl Iterator<Item = Panel> + '_ {
    let panels = Panel::ALL.into_iter();
    panels.filter(move |panel| panel.row().zone == zone && arrangement.shows(*panel))
}

/// How wide a divider is for the mouse.
fn grab_px(frame: &Frame) -> f32 {
    frame.gap.max(8.0)
}

/// Adds a divider that lies across an area at a height.
fn lying(layout: &mut Layout, frame: &Frame, divider: Divider, area: Rect, y: f32) {
    let half = grab_px(frame) / 2.0;
    layout.dividers.push(DividerPlace {
        divider,
        rect: Rect::snapped(area.x, y - half, area.right(), y + half),
        is_upright: false,
        ends: [area.y, area.bottom()],
    });
}

/// Spectrograms over histories, on one time axis.
fn major(
    layout: &mut Layout,
    frame: &Frame,
    area: Rect,
    mode: CompareMode,
    arrangement: &Arrangement,
) {
    let least = frame.text.label * 4.0;
    let has_spectrograms = arrangement.shows(Panel::Spectrograms);
    let mut histories: Vec<Panel> = shown(arrangement, Zone::History).collect();
    let above = if has_spectrograms { 3.0 * least } else { 0.0 };
    // Where not all fit, the last ones leave first; one that stands alone stays.
    let room = |count: usize| above + count as f32 * (least + frame.gap);
    while !histories.is_empty() && area.h <= room(histories.len()) {
        if histories.len() == 1 && !has_spectrograms {
            break;
        }
        histories.pop();
    }
    match (has_spectrograms, histories.is_empty()) {
        (true, true) => layout.put_spectrograms(frame, area, mode),
        (false, false) => layout.put_histories(frame, area, &histories),
        (false, true) => {}
        (true, false) => {
            let plot = frame.between_gutters(area);
            let rows = histories.len() as f32;
            let usual = 1.0 - rows * HISTORY;
            let part = arrangement.divider(Divider::Loudness).unwrap_or(usual);
            let needed = rows * least + (rows - 1.0) * frame.gap;
            let top = (area.y + area.h * part)
                .min(area.bottom() - needed - frame.gap * 0.5)
                .max(area.y + 2.5 * least);
            let upper = Rect::snapped(plot.x, area.y, plot.right(), top - frame.axis);
            let (panes, time_axis) = panes(upper, frame.axis, mode);
            layout.panes = panes;
            layout.time_axis = Some(time_axis);
            let lower = Rect::snapped(plot.x, top + frame.gap * 0.5, plot.right(), area.bottom());
            layout.stack_histories(frame, lower, &histories);
            lying(layout, frame, Divider::Loudness, area, top);
        }
    }
}

/// Spectrum and vectorscopes over width and table.
fn minor(layout: &mut Layout, frame: &Frame, area: Rect, arrangement: &Arrangement) {
    let has_any = |zone| shown(arrangement, zone).next().is_some();
    let has_upper = has_any(Zone::Upper);
    let has_lower = has_any(Zone::Foot);
    if !has_lower {
        upper(layout, frame, area, area.bottom(), arrangement);
        return;
    }
    let moved = arrangement
        .divider(Divider::Figures)
        .filter(|_| has_upper)
        .map(|part| {
            let least = frame.text.label * 5.0;
            area.bottom() - (area.y + area.h * part).min(area.bottom() - least)
        });
    let height = match moved {
        _ if !has_upper => Some(area.h),
        moved => moved,
    };
    let top = lower(layout, frame, area, height, arrangement);
    if has_upper {
        upper(layout, frame, area, top - frame.gap, arrangement);
        lying(layout, frame, Divider::Figures, area, top - frame.gap * 0.5);
    }
}

/// Panels at the foot of an area: as high as they need, or `height` together. Returns where they begin.
fn lower(
    layout: &mut Layout,
    frame: &Frame,
    area: Rect,
    height: Option<f32>,
    arrangement: &Arrangement,
) -> f32 {
    let text = frame.text;
    let panels: Vec<Panel> = shown(arrangement, Zone::Foot).collect();
    let natural = |panel: Panel| match panel {
        Panel::Table => text.table_height(4.0).min(area.h * 0.36),
        _ => (text.label * 6.2).min(area.h * 0.12),
    };
    let natural_sum: f32 = panels.iter().map(|panel| natural(*panel)).sum();
    let gaps = frame.gap * (panels.len() as f32 - 1.0);
    let mut foot = area.bottom();
    for (index, panel) in panels.into_iter().enumerate().rev() {
        if foot < area.bottom() {
            foot -= frame.gap;
        }
        let height = match height {
            None => natural(panel),
            // What rounding left is the uppermost one's.
            Some(height) if index == 0 => height - (area.bottom() - foot),
            Some(height) => (height - gaps) * (natural(panel) / natural_sum),
        };
        let rect = Rect::snapped(area.x, foot - height, area.right(), foot);
        match panel {
            Panel::Table => layout.put_table(rect),
            _ => layout.put(panel, rect),
        }
        foot = rect.y;
    }
    foot
}

/// Spectrum over vectorscopes, down to `bottom`. What would be too small to read is left out.
fn upper(layout: &mut Layout, frame: &Frame, area: Rect, bottom: f32, arrangement: &Arrangement) {
    let least = frame.text.label * 5.0;
    let shows_spectrum = arrangement.shows(Panel::Spectrum) && bottom - area.y > least + frame.axis;
    let room_for_both = bottom - area.y > 2.0 * least + frame.axis + frame.gap;
    let shows_scopes = arrangement.shows(Panel::Scopes)
        && (room_for_both || (!shows_spectrum && bottom - area.y > least));
    let part = arrangement.divider(Divider::Spectrum).unwrap_or(SPECTRUM);
    let spectrum_bottom = match (shows_spectrum, shows_scopes) {
        (true, true) => (area.y + area.h * part)
            .min(bottom - frame.gap * 0.5 - least)
            .max(area.y + least + frame.axis),
        (true, false) => bottom,
        _ => area.y,
    };
    if shows_spectrum {
        let plot = Rect::snapped(
            area.x + frame.text.label * 2.4,
            area.y,
            area.right(),
            spectrum_bottom - frame.axis,
        );
        layout.put(Panel::Spectrum, plot);
    }
    if shows_scopes {
        let top = if shows_spectrum {
            spectrum_bottom + frame.gap * 0.5
        } else {
            area.y
        };
        layout.scopes = halves(Rect::snapped(area.x, top, area.right(), bottom), frame.gap);
    }
    if shows_spectrum && shows_scopes {
        lying(layout, frame, Divider::Spectrum, area, spectrum_bottom);
    }
}

/// One column, spectrum first. Vectorscopes and widths have no room here.
pub(super) fn column(frame: &Frame, mode: CompareMode, arrangement: &Arrangement) -> Layout {
    let mut layout = Layout::bare(frame);
    let (content, gap, text) = (frame.content, frame.gap, frame.text);
    // A low window has no room for all: the spectrograms stay longest.
    let shows_spectrograms = arrangement.shows(Panel::Spectrograms);
    let fits = |lines: f32| content.h > text.label * lines || !shows_spectrograms;
    let histories: Vec<Panel> = shown(arrangement, Zone::History)
        .enumerate()
        .filter(|(row, _)| fits(22.0 + 10.0 * *row as f32))
        .map(|(_, panel)| panel)
        .collect();
    let shows_spectrum = arrangement.shows(Panel::Spectrum)
        && fits(38.0)
        && (content.h > text.label * 38.0 || histories.is_empty());
    let only_table = !shows_spectrograms && histories.is_empty() && !shows_spectrum;
    let mut bottom = content.bottom();
    if only_table || (arrangement.shows(Panel::Table) && content.h > text.label * 32.0) {
        let natural = text.table_height(4.0).min(frame.size[1] * 0.3);
        let height = if only_table { content.h } else { natural };
        let rect = Rect::snapped(content.x, bottom - height, content.right(), bottom);
        layout.put_table(rect);
        bottom = rect.y - gap;
    }
    let plot = frame.between_gutters(content);
    let mut top = content.y;
    if shows_spectrum {
        let is_last = !shows_spectrograms && histories.is_empty();
        let end = if is_last {
            bottom
        } else {
            content.y + content.h * 0.22
        };
        let rect = Rect::snapped(plot.x, content.y, plot.right(), end - frame.axis);
        layout.put(Panel::Spectrum, rect);
        top = end + gap;
    }
    let between = Rect::snapped(0.0, top, frame.size[0], bottom);
    // A drawer leaves spectrum and table in sight.
    if layout.drawer.is_some() && between.h >= text.label * LEAST_DRAWER_EM {
        layout.drawer = Some(between);
    }
    let rest = Rect::snapped(content.x, top, content.right(), bottom);
    match (shows_spectrograms, histories.is_empty()) {
        (true, false) => {
            let histories_top = bottom - content.h * 0.13 * histories.len() as f32;
            let upper_bottom = histories_top - gap * 0.5 - frame.axis;
            let upper = Rect::snapped(plot.x, top, plot.right(), upper_bottom);
            let (panes, time_axis) = panes(upper, frame.axis, mode);
            layout.panes = panes;
            layout.time_axis = Some(time_axis);
            let lower = Rect::snapped(plot.x, histories_top, plot.right(), bottom);
            layout.stack_histories(frame, lower, &histories);
        }
        (true, true) => layout.put_spectrograms(frame, rest, mode),
        (false, false) => layout.put_histories(frame, rest, &histories),
        (false, true) => {}
    }
    layout
}

/// A strip across the foot of a screen: the figures, and histories beside each other where there is room.
pub(super) fn strip(frame: &Frame, arrangement: &Arrangement) -> Layout {
    let mut layout = Layout::bare(frame);
    let (content, text) = (frame.content, frame.text);
    let mut histories: Vec<Panel> = shown(arrangement, Zone::History).collect();
    let mut left = content.x;
    if arrangement.shows(Panel::Table) || histories.is_empty() {
        let width = (text.table * 22.0).min(content.w);
        let table = Rect::snapped(left, content.y, left + width, content.bottom());
        layout.put_table(table);
        left = table.right() + frame.gap;
    }
    let gutter = frame.hz_gutter;
    let room = content.right() - left;
    while !histories.is_empty() && room / histories.len() as f32 - gutter <= text.label * 12.0 {
        histories.pop();
    }
    let count = histories.len() as f32;
    for (index, panel) in histories.into_iter().enumerate() {
        let from = left + room * index as f32 / count + gutter;
        let to = left + room * (index as f32 + 1.0) / count;
        // The last one ends where the window does; others leave room for what stands at their right.
        let to = if index as f32 + 1.0 < count {
            to - gutter
        } else {
            content.right()
        };
        layout.put(panel, Rect::snapped(from, content.y, to, content.bottom()));
    }
    layout
}
