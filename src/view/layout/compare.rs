//! The Compare layout: everything at once, with dividers that can be dragged and panels that can be hidden.

use crate::session::settings::arrangement::{Arrangement, Divider, Panel};
use crate::view::layout::frame::Frame;
use crate::view::layout::{CompareMode, DividerPlace, Layout, halves, panes};
use crate::view::rect::Rect;

/// The spectrograms' part of the width.
const COLUMNS: f32 = 0.655;
/// The part of the height above the loudness histories.
const LOUDNESS: f32 = 0.80;
/// The spectrum's part of the height.
const SPECTRUM: f32 = 0.345;

/// Two columns: spectrograms over loudness; spectrum, vectorscopes, width and table.
pub(super) fn wide(frame: &Frame, mode: CompareMode, arrangement: &Arrangement) -> Layout {
    let mut layout = Layout::bare(frame);
    let shows = |panel| arrangement.shows(panel);
    let has_major = shows(Panel::Spectrograms) || shows(Panel::Loudness);
    let has_minor = [Panel::Spectrum, Panel::Scopes, Panel::Width, Panel::Table]
        .into_iter()
        .any(shows);
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

/// Spectrograms over loudness histories, on one time axis.
fn major(
    layout: &mut Layout,
    frame: &Frame,
    area: Rect,
    mode: CompareMode,
    arrangement: &Arrangement,
) {
    let least = frame.text.label * 4.0;
    let has_room = area.h > 4.0 * least + frame.gap;
    match (
        arrangement.shows(Panel::Spectrograms),
        arrangement.shows(Panel::Loudness) && has_room,
    ) {
        (true, false) => layout.place_spectrograms(frame, area, mode),
        (false, true) => layout.place_loudness(frame, area),
        // Where both do not fit, one that stands alone still does.
        (false, false) if arrangement.shows(Panel::Loudness) => layout.place_loudness(frame, area),
        (false, false) => {}
        (true, true) => {
            let plot = frame.between_gutters(area);
            let part = arrangement.divider(Divider::Loudness).unwrap_or(LOUDNESS);
            let loudness_top = (area.y + area.h * part)
                .min(area.bottom() - least - frame.gap * 0.5)
                .max(area.y + 2.5 * least);
            let upper = Rect::snapped(plot.x, area.y, plot.right(), loudness_top - frame.axis);
            let (panes, time_axis) = panes(upper, frame.axis, mode);
            layout.panes = panes;
            layout.time_axis = Some(time_axis);
            layout.loudness = Some(Rect::snapped(
                plot.x,
                loudness_top + frame.gap * 0.5,
                plot.right(),
                area.bottom(),
            ));
            lying(layout, frame, Divider::Loudness, area, loudness_top);
        }
    }
}

/// Spectrum and vectorscopes over width and table.
fn minor(layout: &mut Layout, frame: &Frame, area: Rect, arrangement: &Arrangement) {
    let shows = |panel| arrangement.shows(panel);
    let has_upper = shows(Panel::Spectrum) || shows(Panel::Scopes);
    let has_lower = shows(Panel::Width) || shows(Panel::Table);
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

/// Width and table at the foot of an area: as high as they need, or `height`. Returns where they begin.
fn lower(
    layout: &mut Layout,
    frame: &Frame,
    area: Rect,
    height: Option<f32>,
    arrangement: &Arrangement,
) -> f32 {
    let text = frame.text;
    let natural_table = text.table_height(4.0).min(area.h * 0.36);
    let natural_width = (text.label * 6.2).min(area.h * 0.12);
    let has_table = arrangement.shows(Panel::Table);
    let mut foot = area.bottom();
    if has_table {
        let table = match height {
            None => natural_table,
            Some(height) if !arrangement.shows(Panel::Width) => height,
            Some(height) => {
                let share = natural_table / (natural_table + natural_width);
                (height - frame.gap) * share
            }
        };
        let rect = Rect::snapped(area.x, foot - table, area.right(), foot);
        layout.place_table(rect);
        foot = rect.y;
    }
    if arrangement.shows(Panel::Width) {
        if has_table {
            foot -= frame.gap;
        }
        let width = match height {
            None => natural_width,
            Some(height) => height - (area.bottom() - foot),
        };
        let rect = Rect::snapped(area.x, foot - width, area.right(), foot);
        layout.width = Some(rect);
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
        layout.spectrum = Some(Rect::snapped(
            area.x + frame.text.label * 2.4,
            area.y,
            area.right(),
            spectrum_bottom - frame.axis,
        ));
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
    let fits = |panel, lines: f32| {
        arrangement.shows(panel)
            && (content.h > text.label * lines || !arrangement.shows(Panel::Spectrograms))
    };
    let shows_spectrograms = arrangement.shows(Panel::Spectrograms);
    let shows_loudness = fits(Panel::Loudness, 22.0);
    let shows_spectrum =
        fits(Panel::Spectrum, 38.0) && (content.h > text.label * 38.0 || !shows_loudness);
    let only_table = !shows_spectrograms && !shows_loudness && !shows_spectrum;
    let mut bottom = content.bottom();
    if only_table || (arrangement.shows(Panel::Table) && content.h > text.label * 32.0) {
        let natural = text.table_height(4.0).min(frame.size[1] * 0.3);
        let height = if only_table { content.h } else { natural };
        let rect = Rect::snapped(content.x, bottom - height, content.right(), bottom);
        layout.place_table(rect);
        bottom = rect.y - gap;
    }
    let plot = frame.between_gutters(content);
    let mut top = content.y;
    if shows_spectrum {
        let is_last = !shows_spectrograms && !shows_loudness;
        let end = if is_last {
            bottom
        } else {
            content.y + content.h * 0.22
        };
        layout.spectrum = Some(Rect::snapped(
            plot.x,
            content.y,
            plot.right(),
            end - frame.axis,
        ));
        top = end + gap;
    }
    let rest = Rect::snapped(content.x, top, content.right(), bottom);
    match (shows_spectrograms, shows_loudness) {
        (true, true) => {
            let loudness_top = bottom - content.h * 0.13;
            let upper = Rect::snapped(
                plot.x,
                top,
                plot.right(),
                loudness_top - gap * 0.5 - frame.axis,
            );
            let (panes, time_axis) = panes(upper, frame.axis, mode);
            layout.panes = panes;
            layout.time_axis = Some(time_axis);
            layout.loudness = Some(Rect::snapped(plot.x, loudness_top, plot.right(), bottom));
        }
        (true, false) => layout.place_spectrograms(frame, rest, mode),
        (false, true) => layout.place_loudness(frame, rest),
        (false, false) => {}
    }
    layout
}

/// A strip across the foot of a screen: the figures, and the loudness histories where there is room.
pub(super) fn strip(frame: &Frame, arrangement: &Arrangement) -> Layout {
    let mut layout = Layout::bare(frame);
    let (content, text) = (frame.content, frame.text);
    let shows_loudness = arrangement.shows(Panel::Loudness);
    let mut left = content.x;
    if arrangement.shows(Panel::Table) || !shows_loudness {
        let width = (text.table * 22.0).min(content.w);
        let table = Rect::snapped(left, content.y, left + width, content.bottom());
        layout.place_table(table);
        left = table.right() + frame.gap;
    }
    let rest = Rect::snapped(
        left + frame.hz_gutter,
        content.y,
        content.right(),
        content.bottom(),
    );
    layout.loudness = (shows_loudness && rest.w > text.label * 12.0).then_some(rest);
    layout
}
