//! What all layouts of one window share: its shape, the bars at its edges, sizes of type, gaps and gutters.

use crate::view::layout::places::TypeSizes;
use crate::view::rect::Rect;

/// No layout is smaller; a window with a shorter side has no room for a picture.
pub const LEAST_SIDE_PX: u32 = 16;

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

/// A window narrower than this (in px at scale 1) stacks its panels in one column.
const NARROW_PX: f32 = 900.0;
/// A drawer stands beside the panels if this much is left of a wide window (in px at scale 1), else over them.
const LEAST_BESIDE_PX: f32 = 860.0;
/// A window lower than this (in px at scale 1) is a strip of numbers.
const STRIP_PX: f32 = 200.0;

/// A window narrower than this, in letters of a label, has bars of two lines.
const ONE_LINE_EM: f32 = 90.0;

/// Width of a drawer in letters of a label; a narrow window gives all it has.
const DRAWER_EM: f32 = 34.0;

/// What shape a window has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Wide,
    Column,
    Strip,
}

/// The window less its bars, and the measures of what lies in it.
pub struct Frame {
    pub shape: Shape,
    pub size: [f32; 2],
    pub text: TypeSizes,
    pub gap: f32,
    /// Height of a row of tick labels.
    pub axis: f32,
    /// Width of the frequency ticks left of a plot.
    pub hz_gutter: f32,
    /// Width of the note names right of a plot.
    pub note_gutter: f32,
    pub top_bar: Rect,
    pub status_bar: Rect,
    /// What lies between the bars, left of a drawer that has room beside it.
    pub content: Rect,
    /// The open drawer: beside the panels of a wide window, over those of a narrow one.
    pub drawer: Option<Rect>,
}

impl Frame {
    pub fn new(room: &Room) -> Self {
        let Room {
            scale, font_scale, ..
        } = *room;
        let [w, h] = room.size.map(|s| s.max(LEAST_SIDE_PX) as f32);
        let (shape, text_height) = if h < STRIP_PX * scale {
            (Shape::Strip, (h * 5.0).min(1080.0 * scale))
        } else if w < NARROW_PX * scale {
            (Shape::Column, h.min(w * 1.3))
        } else {
            (Shape::Wide, h)
        };
        let text = type_sizes(text_height * font_scale, scale * font_scale);
        let (gap, top, status) = match shape {
            Shape::Wide if w >= ONE_LINE_EM * text.label => (
                (h * 0.009).max(6.0 * scale),
                (h * 0.042).max(text.title * 2.0),
                (h * 0.026).max(text.label * 1.7),
            ),
            // Two lines above: the names, then the mode. Two below: how the chain is, then the buttons.
            Shape::Wide => (6.0 * scale, text.title * 3.6, text.label * 3.4),
            Shape::Column => (8.0 * scale, text.title * 3.6, text.label * 3.6),
            Shape::Strip => (6.0 * scale, 0.0, text.label * 1.6),
        };
        let top_bar = match shape {
            Shape::Strip => Rect::default(),
            _ => Rect::snapped(gap, 0.0, w - gap, top),
        };
        let content_top = if shape == Shape::Strip { gap } else { top };
        let drawer = room.has_drawer.then(|| {
            let width = (text.label * DRAWER_EM).min(w);
            Rect::snapped(w - width, top_bar.bottom(), w, h - status)
        });
        let is_beside = |drawer: &Rect| shape == Shape::Wide && drawer.x >= LEAST_BESIDE_PX * scale;
        let right = drawer.filter(is_beside).map_or(w, |drawer| drawer.x);
        Self {
            shape,
            size: [w, h],
            text,
            gap,
            axis: text.label * 1.7,
            hz_gutter: text.label * 2.6,
            note_gutter: text.label * 2.2,
            top_bar,
            status_bar: Rect::snapped(gap, h - status, w - gap, h),
            content: Rect::snapped(gap, content_top, right - gap, h - status),
            drawer,
        }
    }

    /// An area less the gutters for ticks at its left and right.
    pub fn between_gutters(&self, area: Rect) -> Rect {
        area.inset(self.hz_gutter, 0.0, self.note_gutter, 0.0)
    }
}

/// Sizes of type for a height: labels h/80, titles h/70, table h/36, key numerals h/29.
///
/// Key numerals are h/29, not h/22: three columns of them must stand apart in a third of the window's width.
fn type_sizes(h: f32, scale: f32) -> TypeSizes {
    TypeSizes {
        label: (h / 80.0).max(12.0 * scale),
        title: (h / 68.0).max(13.0 * scale),
        table: (h / 38.0).max(15.0 * scale),
        key: (h / 29.0).max(20.0 * scale),
    }
}
