//! Putting panels into areas: their gutters and axes, the panes of each mode, and cuts with a gap between the parts.

use crate::session::settings::arrangement::Panel;
use crate::view::layout::frame::Frame;
use crate::view::layout::places::{Layout, Pane, PaneContent, Places};
use crate::view::looks::CompareMode;
use crate::view::palette::Side;
use crate::view::rect::Rect;

impl Layout {
    /// A layout with bars and nothing between them.
    pub fn bare(frame: &Frame) -> Self {
        Self {
            size: frame.size,
            text: frame.text,
            table_text: frame.text,
            top_bar: frame.top_bar,
            status_bar: frame.status_bar,
            panes: vec![],
            time_axis: None,
            scopes: [None, None],
            places: Places::default(),
            figure_line: None,
            numerals: None,
            dividers: vec![],
            drawer: frame.drawer,
        }
    }

    /// Places the table, with type as large as it has room for.
    pub fn put_table(&mut self, rect: Rect) {
        self.put(Panel::Table, rect);
        self.table_text = self.text.fitted_to_table(rect);
    }

    /// Spectrograms in an area that holds their gutters; the time axis lies between two, or below one.
    pub fn put_spectrograms(&mut self, frame: &Frame, area: Rect, mode: CompareMode) {
        let plot = frame.between_gutters(area);
        let axis = frame.axis;
        let plot = match mode {
            CompareMode::SideBySide => plot,
            _ => plot.inset(0.0, 0.0, 0.0, axis),
        };
        let (panes, time_axis) = panes(plot, axis, mode);
        self.panes = panes;
        self.time_axis = Some(time_axis);
    }

    /// Histories one under the other with a time axis of their own, in an area that holds their gutters.
    pub fn put_histories(&mut self, frame: &Frame, area: Rect, panels: &[Panel]) {
        let plot = frame.between_gutters(area).inset(0.0, 0.0, 0.0, frame.axis);
        self.stack_histories(frame, plot, panels);
        self.time_axis = Some(Rect::snapped(
            plot.x,
            plot.bottom(),
            plot.right(),
            area.bottom(),
        ));
    }

    /// Histories one under the other, equally high.
    pub fn stack_histories(&mut self, frame: &Frame, plot: Rect, panels: &[Panel]) {
        let rows = panels.len() as f32;
        let height = (plot.h - (rows - 1.0) * frame.gap) / rows;
        for (row, panel) in panels.iter().enumerate() {
            let top = plot.y + row as f32 * (height + frame.gap);
            let rect = Rect::snapped(plot.x, top, plot.right(), top + height);
            self.put(*panel, rect);
        }
    }
}

/// Splits the spectrogram area for a mode and places the shared time axis: between two panes, or below one.
pub fn panes(area: Rect, axis_height: f32, mode: CompareMode) -> (Vec<Pane>, Rect) {
    let below = Rect::snapped(
        area.x,
        area.bottom(),
        area.right(),
        area.bottom() + axis_height,
    );
    let single = |content| {
        vec![Pane {
            plot: area,
            content,
        }]
    };
    match mode {
        CompareMode::SideBySide => {
            let half = (area.h - axis_height) / 2.0;
            let upper = Rect::snapped(area.x, area.y, area.right(), area.y + half);
            let lower = Rect::snapped(area.x, area.bottom() - half, area.right(), area.bottom());
            let between = Rect::snapped(area.x, upper.bottom(), area.right(), lower.y);
            let pane = |plot, side| Pane {
                plot,
                content: PaneContent::Level(side),
            };
            (
                vec![pane(upper, Side::Mix), pane(lower, Side::Reference)],
                between,
            )
        }
        CompareMode::Overlay => (single(PaneContent::Overlay), below),
        CompareMode::Difference => (single(PaneContent::Difference), below),
        CompareMode::MixOnly => (single(PaneContent::Level(Side::Mix)), below),
        CompareMode::ReferenceOnly => (single(PaneContent::Level(Side::Reference)), below),
    }
}

/// Two parts beside each other, with a gap between them.
pub fn halves(area: Rect, gap: f32) -> [Option<Rect>; 2] {
    let middle = area.x + area.w / 2.0;
    [
        Some(Rect::snapped(
            area.x,
            area.y,
            middle - gap / 2.0,
            area.bottom(),
        )),
        Some(Rect::snapped(
            middle + gap / 2.0,
            area.y,
            area.right(),
            area.bottom(),
        )),
    ]
}

/// Cuts an area across at a height; a gap stays between the parts.
pub fn cut_rows(area: Rect, y: f32, gap: f32) -> [Rect; 2] {
    [
        Rect::snapped(area.x, area.y, area.right(), y - gap / 2.0),
        Rect::snapped(area.x, y + gap / 2.0, area.right(), area.bottom()),
    ]
}

/// Cuts an area upright at a place; a gap stays between the parts.
pub fn cut_columns(area: Rect, x: f32, gap: f32) -> [Rect; 2] {
    [
        Rect::snapped(area.x, area.y, x - gap / 2.0, area.bottom()),
        Rect::snapped(x + gap / 2.0, area.y, area.right(), area.bottom()),
    ]
}
