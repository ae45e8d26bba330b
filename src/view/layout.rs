//! Where each panel lies for a window's size: each layout wide, in one column, and as a strip.
//!
//! Sizes of type follow the height of the window and the scale factor, never below 12 px at scale 1, because the
//! screen is read from across the room. A panel that would be too small is left out rather than shrunk.

mod compare;
mod focus;
mod frame;
#[cfg(test)]
mod tests;

use crate::session::settings::arrangement::{Arrangement, Divider, LayoutKind, Panel};
use crate::view::layout::frame::{Frame, Shape};
use crate::view::palette::Side;
use crate::view::rect::Rect;

/// No layout is smaller; a window with a shorter side has no room for a picture.
pub const LEAST_SIDE_PX: u32 = 16;

/// How mix and reference stand to each other in every panel.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Default, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum CompareMode {
    /// A above (or beside) B on locked axes.
    #[default]
    SideBySide,
    /// A over B in one panel.
    Overlay,
    /// A − B.
    Difference,
    /// Side A alone.
    MixOnly,
    /// Side B alone.
    ReferenceOnly,
}

impl CompareMode {
    /// The words on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::SideBySide => "Side by side",
            Self::Overlay => "Overlay",
            Self::Difference => "Difference",
            Self::MixOnly => "Mix",
            Self::ReferenceOnly => "Reference",
        }
    }

    /// Whether a side is drawn as itself in this mode.
    pub fn shows(self, side: Side) -> bool {
        !matches!(
            (self, side),
            (Self::MixOnly, Side::Reference) | (Self::ReferenceOnly, Side::Mix)
        )
    }
}

/// What one spectrogram pane draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaneContent {
    /// One side in the level map.
    Level(Side),
    /// Both sides in their hues, added.
    Overlay,
    /// A − B in the diverging map.
    Difference,
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
    fn table_height(self, plain_rows: f32) -> f32 {
        self.table_head()
            + 3.0 * self.table_row(true)
            + plain_rows * self.table_row(false)
            + self.label * 0.6
    }

    /// The same sizes for a table that has more room, or less width: as large as all its rows and its columns allow.
    fn fitted_to_table(self, rect: Rect) -> Self {
        // A column of figures is 0.215 of the width; a figure and the space before it are 3.5 times as wide as high.
        let by_width = rect.w * 0.215 / 3.5 / self.key;
        let by_height = rect.h / self.table_height(5.0);
        let grow = by_width.min(by_height);
        if by_width < 1.0 {
            // Figures of neighbours must not touch; what is read from afar stays the largest.
            let key = (self.key * by_width).max(self.table);
            return Self { key, ..self };
        }
        if grow < 1.05 {
            return self;
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
    /// Loudness histories: the plot; ticks stand left of it.
    pub loudness: Option<Rect>,
    /// Spectrum: the plot; ticks stand left of and below it.
    pub spectrum: Option<Rect>,
    /// Vectorscopes, mix first.
    pub scopes: [Option<Rect>; 2],
    /// Width and correlation per band.
    pub width: Option<Rect>,
    /// The A / B / Δ table.
    pub table: Option<Rect>,
    /// One line of figures.
    pub figure_line: Option<Rect>,
    /// Short-term, integrated and true peak as large as they go.
    pub numerals: Option<Rect>,
    /// Lines that can be dragged.
    pub dividers: Vec<DividerPlace>,
    /// The open drawer: beside the panels of a wide window, over those of a narrow one.
    pub drawer: Option<Rect>,
}

/// What a layout has to fit into.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Width and height of the window in px.
    pub size: [u32; 2],
    /// The screen's scale factor.
    pub scale: f32,
    /// Type as large or small as a person wants it, as far as there is room.
    pub font_scale: f32,
    /// Whether a drawer is open at the right.
    pub has_drawer: bool,
}

/// Type is never scaled by less or more, whatever a file asks for.
pub const FONT_SCALES: [f32; 2] = [0.8, 1.6];

impl Layout {
    /// The Compare layout as nobody has changed it.
    pub fn compare(size: [u32; 2], scale: f32, mode: CompareMode) -> Self {
        Self::of(size, scale, mode, &Arrangement::default())
    }

    /// The layout for a window of `size` px at a scale factor, as a person has arranged it.
    pub fn of(size: [u32; 2], scale: f32, mode: CompareMode, arrangement: &Arrangement) -> Self {
        let room = Room {
            size,
            scale,
            font_scale: 1.0,
            has_drawer: false,
        };
        Self::in_room(room, mode, arrangement)
    }

    /// The same with type of another size, or beside a drawer.
    pub fn in_room(mut room: Room, mode: CompareMode, arrangement: &Arrangement) -> Self {
        let [smallest, largest] = FONT_SCALES;
        room.font_scale = room.font_scale.clamp(smallest, largest);
        loop {
            let layout = Self::in_frame(&Frame::new(&room), mode, arrangement);
            if room.font_scale <= 1.0 || layout.is_apart() {
                return layout;
            }
            // Larger type than has room would lay words over words.
            room.font_scale = (room.font_scale - 0.05).max(1.0);
        }
    }

    /// Whether everything is inside the window and nothing lies over anything else.
    fn is_apart(&self) -> bool {
        let rects = self.all_rects();
        let [width, height] = self.size;
        rects.iter().enumerate().all(|(number, (_, rect))| {
            let is_inside =
                rect.x >= 0.0 && rect.y >= 0.0 && rect.right() <= width && rect.bottom() <= height;
            is_inside
                && rects[number + 1..]
                    .iter()
                    .all(|(_, other)| !rect.overlaps(*other))
        })
    }

    fn in_frame(frame: &Frame, mode: CompareMode, arrangement: &Arrangement) -> Self {
        if let Some(panel) = arrangement.filled {
            return focus::filled(frame, mode, panel);
        }
        match arrangement.layout {
            LayoutKind::Compare => match frame.shape {
                Shape::Wide => compare::wide(frame, mode, arrangement),
                Shape::Column => compare::column(frame, mode, arrangement),
                Shape::Strip => compare::strip(frame, arrangement),
            },
            LayoutKind::Spectrogram => focus::spectrogram(frame, mode),
            LayoutKind::Stereo => focus::stereo(frame),
            LayoutKind::Loudness => focus::loudness(frame),
            LayoutKind::BigNumbers => focus::big_numbers(frame),
        }
    }

    /// A layout with bars and nothing between them.
    fn bare(frame: &Frame) -> Self {
        Self {
            size: frame.size,
            text: frame.text,
            table_text: frame.text,
            top_bar: frame.top_bar,
            status_bar: frame.status_bar,
            panes: vec![],
            time_axis: None,
            loudness: None,
            spectrum: None,
            scopes: [None, None],
            width: None,
            table: None,
            figure_line: None,
            numerals: None,
            dividers: vec![],
            drawer: frame.drawer,
        }
    }

    /// The plot that the time axis belongs to.
    pub fn time_plot(&self) -> Option<Rect> {
        self.panes.first().map(|pane| pane.plot).or(self.loudness)
    }

    /// The panel at a place of the window.
    pub fn panel_at(&self, x: f32, y: f32) -> Option<Panel> {
        let is_in = |rect: Option<Rect>| rect.is_some_and(|rect| rect.contains(x, y));
        if self.panes.iter().any(|pane| pane.plot.contains(x, y)) {
            return Some(Panel::Spectrograms);
        }
        let places = [
            (Panel::Loudness, self.loudness),
            (Panel::Spectrum, self.spectrum),
            (Panel::Scopes, self.scopes[0]),
            (Panel::Scopes, self.scopes[1]),
            (Panel::Width, self.width),
            (Panel::Table, self.table),
        ];
        places
            .into_iter()
            .find(|(_, rect)| is_in(*rect))
            .map(|(panel, _)| panel)
    }

    /// Every rectangle that holds data or words, for the test that none overlap and none leave the window.
    pub fn all_rects(&self) -> Vec<(&'static str, Rect)> {
        let mut rects = vec![("top bar", self.top_bar), ("status bar", self.status_bar)];
        rects.extend(self.panes.iter().map(|pane| ("spectrogram", pane.plot)));
        let optional = [
            ("time axis", self.time_axis),
            ("loudness", self.loudness),
            ("spectrum", self.spectrum),
            ("mix scope", self.scopes[0]),
            ("reference scope", self.scopes[1]),
            ("width", self.width),
            ("table", self.table),
            ("line of figures", self.figure_line),
            ("numerals", self.numerals),
        ];
        rects.extend(
            optional
                .into_iter()
                .filter_map(|(name, rect)| rect.map(|rect| (name, rect))),
        );
        rects
    }

    /// Places the table, with type as large as it has room for.
    fn place_table(&mut self, rect: Rect) {
        self.table = Some(rect);
        self.table_text = self.text.fitted_to_table(rect);
    }

    /// Spectrograms in an area that holds their gutters; the time axis lies between two, or below one.
    fn place_spectrograms(&mut self, frame: &Frame, area: Rect, mode: CompareMode) {
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

    /// Loudness histories with a time axis of their own, in an area that holds their gutters.
    fn place_loudness(&mut self, frame: &Frame, area: Rect) {
        let plot = frame.between_gutters(area).inset(0.0, 0.0, 0.0, frame.axis);
        self.loudness = Some(plot);
        self.time_axis = Some(Rect::snapped(
            plot.x,
            plot.bottom(),
            plot.right(),
            area.bottom(),
        ));
    }
}

/// Splits the spectrogram area for a mode and places the shared time axis: between two panes, or below one.
fn panes(area: Rect, axis_height: f32, mode: CompareMode) -> (Vec<Pane>, Rect) {
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

fn halves(area: Rect, gap: f32) -> [Option<Rect>; 2] {
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
