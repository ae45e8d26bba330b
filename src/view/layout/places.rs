//! What a layout says: where everything stands, and how large its type is.

use crate::session::settings::arrangement::{Across, Divider, Panel, Zone};
use crate::view::palette::Side;
use crate::view::rect::Rect;

/// What one spectrogram pane draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaneContent {
    /// One side in the level map.
    Level(Side),
    /// Both sides in their hues, added.
    Overlay,
    /// A − B in the diverging map.
    Difference,
    /// Where the mix leaves the range of the record.
    Outside,
    /// What the reference masks of the mix.
    Masking,
}

/// A spectrogram pane: the plot alone; its labels stand in the gutters beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pane {
    /// Where the spectrogram is drawn.
    pub plot: Rect,
    /// What it shows.
    pub content: PaneContent,
}

/// Sizes of type in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TypeSizes {
    /// Ticks, units, status.
    pub label: f32,
    /// Panel titles, the top bar.
    pub title: f32,
    /// Table rows.
    pub table: f32,
    /// The numerals read across the room.
    pub key: f32,
}

/// Figures become so much smaller at most, so that all rows stay.
const LEAST_SHRINK: f32 = 0.8;

impl TypeSizes {
    /// Height of the table's head.
    pub fn table_head(self) -> f32 {
        self.label * 1.9
    }

    /// Height of a row of the table.
    pub fn table_row(self, is_key: bool) -> f32 {
        if is_key {
            self.key * 1.12
        } else {
            self.table * 1.14
        }
    }

    /// The height a table needs for its head and so many rows besides the three key ones.
    pub fn table_height(self, plain_rows: f32) -> f32 {
        self.table_head()
            + 3.0 * self.table_row(true)
            + plain_rows * self.table_row(false)
            + self.label * 0.6
    }

    /// The same sizes for a table that has more room, or less width: as large as all its rows and its columns allow.
    pub fn fitted_to_table(self, rect: Rect) -> Self {
        // A column of figures is 0.215 of the width; a figure and the space before it are 3.5 times as wide as high.
        let by_width = rect.w * 0.215 / 3.5 / self.key;
        let by_height = rect.h / self.table_height(5.0);
        let grow = by_width.min(by_height);
        if by_width < 1.0 {
            // Figures of neighbours must not touch.
            let key = (self.key * by_width).max(self.label);
            return Self {
                key,
                table: self.table.min(key),
                ..self
            };
        }
        if grow < 1.05 {
            // A wider table has no fewer rows: down to PSR, which is nowhere else, they stay.
            let around = self.table_head() + self.label * 0.6;
            let all = (rect.h - around) / (self.table_height(4.0) - around);
            let shrink = match all >= LEAST_SHRINK {
                true => all.min(1.0),
                false => 1.0,
            };
            return Self {
                key: (self.key * shrink).max(self.label),
                table: (self.table * shrink).max(self.label),
                ..self
            };
        }
        // Names and units share what the first figures leave.
        let name = (self.title * grow).min(rect.w * 0.3 / 6.5).max(self.title);
        Self {
            label: (self.label * grow).min(name * 0.8).max(self.label),
            title: name,
            table: self.table * grow,
            key: self.key * grow,
        }
    }
}

/// A line between panels that can be dragged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DividerPlace {
    /// Which one.
    pub divider: Divider,
    /// Where it can be grabbed.
    pub rect: Rect,
    /// Whether it stands upright and is dragged sideways.
    pub is_upright: bool,
    /// Pixels of fraction 0 and of fraction 1.
    pub ends: [f32; 2],
}

impl DividerPlace {
    /// The fraction for a place of the mouse.
    pub fn fraction_at(&self, x: f32, y: f32) -> f32 {
        let at = if self.is_upright { x } else { y };
        let [from, to] = self.ends;
        (at - from) / (to - from)
    }
}

/// Where the panels stand that are one rectangle each: their plots, where ticks and labels stand outside of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places([Option<Rect>; Panel::ALL.len()]);

/// Everything's place.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Width and height of the window.
    pub size: [f32; 2],
    /// Sizes of type.
    pub text: TypeSizes,
    /// Sizes of type in the table: larger where it has the room.
    pub table_text: TypeSizes,
    /// Names, match, alignment, mode.
    pub top_bar: Rect,
    /// Input, rate, losses, fps.
    pub status_bar: Rect,
    /// Spectrogram panes, one or two.
    pub panes: Vec<Pane>,
    /// Where the labels of the shared time axis stand.
    pub time_axis: Option<Rect>,
    /// Vectorscopes, mix first.
    pub scopes: [Option<Rect>; 2],
    /// The panels that are one rectangle each.
    pub places: Places,
    /// One line of figures.
    pub figure_line: Option<Rect>,
    /// Short-term, integrated and true peak as large as they go.
    pub numerals: Option<Rect>,
    /// Lines that can be dragged.
    pub dividers: Vec<DividerPlace>,
    /// The open drawer: beside the panels of a wide window, over those of a narrow one.
    pub drawer: Option<Rect>,
}

impl Layout {
    /// Whether a pane shows where the mix leaves the range of the record.
    pub fn shows_outside(&self) -> bool {
        self.panes
            .iter()
            .any(|pane| pane.content == PaneContent::Outside)
    }

    /// Has the pane of a difference show where the mix leaves the range of the record.
    pub fn show_outside(&mut self) {
        self.show_in_place_of_difference(PaneContent::Outside);
    }

    /// Whether a pane shows what the reference masks of the mix.
    pub fn shows_masking(&self) -> bool {
        self.panes
            .iter()
            .any(|pane| pane.content == PaneContent::Masking)
    }

    /// Has the pane of a difference show something else.
    pub fn show_in_place_of_difference(&mut self, content: PaneContent) {
        for pane in &mut self.panes {
            if pane.content == PaneContent::Difference {
                pane.content = content;
            }
        }
    }

    /// The plot that the time axis belongs to.
    pub fn time_plot(&self) -> Option<Rect> {
        let first = self.panes.first().map(|pane| pane.plot);
        first.or_else(|| self.histories().next())
    }

    /// Where a panel stands that is one rectangle.
    pub fn place(&self, panel: Panel) -> Option<Rect> {
        self.places.0[panel as usize]
    }

    /// Places a panel that is one rectangle.
    pub fn put(&mut self, panel: Panel, rect: Rect) {
        self.places.0[panel as usize] = Some(rect);
    }

    /// All that a panel covers.
    pub fn rects(&self, panel: Panel) -> impl Iterator<Item = Rect> + '_ {
        let panes = self.panes.iter().map(|pane| pane.plot);
        let scopes = self.scopes.into_iter().flatten();
        panes
            .filter(move |_| panel == Panel::Spectrograms)
            .chain(scopes.filter(move |_| panel == Panel::Scopes))
            .chain(self.place(panel))
    }

    /// Plots of the histories, from the uppermost on.
    pub fn histories(&self) -> impl Iterator<Item = Rect> + '_ {
        let panels = Panel::ALL.into_iter();
        panels
            .filter(|panel| panel.row().zone == Zone::History)
            .filter_map(|panel| self.place(panel))
    }

    /// Panels of one rectangle along which something runs, with their plots.
    pub fn plots(&self, across: Across) -> impl Iterator<Item = (Panel, Rect)> + '_ {
        let panels = Panel::ALL.into_iter();
        panels
            .filter(move |panel| panel.row().across == across)
            .filter_map(|panel| Some((panel, self.place(panel)?)))
    }

    /// The panel at a place of the window.
    pub fn panel_at(&self, x: f32, y: f32) -> Option<Panel> {
        Panel::ALL
            .into_iter()
            .find(|panel| self.rects(*panel).any(|rect| rect.contains(x, y)))
    }

    /// Leaves out every panel.
    pub fn clear(&mut self) {
        self.panes.clear();
        self.time_axis = None;
        self.scopes = [None, None];
        self.places = Places::default();
    }

    /// Every rectangle that holds data or words, for the test that none overlap and none leave the window.
    pub fn all_rects(&self) -> Vec<(&'static str, Rect)> {
        let mut rects = vec![("top bar", self.top_bar), ("status bar", self.status_bar)];
        for panel in Panel::ALL {
            rects.extend(self.rects(panel).map(|rect| (panel.name(), rect)));
        }
        let others = [
            ("time axis", self.time_axis),
            ("line of figures", self.figure_line),
            ("numerals", self.numerals),
        ];
        rects.extend(
            others
                .into_iter()
                .filter_map(|(name, rect)| Some((name, rect?))),
        );
        rects
    }
}
