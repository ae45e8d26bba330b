//! Where each panel lies for a window's size: the Compare layout wide, in one column, and as a strip.
//!
//! Sizes of type follow the height of the window and the scale factor, never below 12 px at scale 1, because the
//! screen is read from across the room. A panel that would be too small is left out rather than shrunk.

use crate::view::palette::Side;
use crate::view::rect::Rect;

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
}

/// Everything's place.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Width and height of the window.
    pub size: [f32; 2],
    /// Sizes of type.
    pub text: TypeSizes,
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
}

/// A window narrower than this (in px at scale 1) stacks its panels in one column.
const NARROW_PX: f32 = 900.0;
/// A window lower than this (in px at scale 1) is a strip of numbers.
const STRIP_PX: f32 = 200.0;

impl Layout {
    /// The layout for a window of `size` px at a scale factor.
    pub fn compare(size: [u32; 2], scale: f32, mode: CompareMode) -> Self {
        let [w, h] = size.map(|s| s.max(16) as f32);
        if h < STRIP_PX * scale {
            Self::strip(w, h, scale)
        } else if w < NARROW_PX * scale {
            Self::column(w, h, scale, mode)
        } else {
            Self::wide(w, h, scale, mode)
        }
    }

    fn wide(w: f32, h: f32, scale: f32, mode: CompareMode) -> Self {
        let text = type_sizes(h, scale);
        let gap = (h * 0.009).max(6.0 * scale);
        let hz_gutter = text.label * 2.6;
        let note_gutter = text.label * 2.2;
        let top = (h * 0.042).max(text.title * 2.0);
        let status = (h * 0.026).max(text.label * 1.7);
        let axis = text.label * 1.7;
        let content = Rect::snapped(gap, top, w - gap, h - status);
        let left = content.columns(0.0, 0.655);
        let right = content.columns(0.655, 1.0);

        let plot_left = left.x + hz_gutter;
        let plot_right = left.right() - note_gutter;
        let loudness_top = left.y + left.h * 0.80;
        let spectrograms = Rect::snapped(plot_left, left.y, plot_right, loudness_top - axis);
        let (panes, time_axis) = panes(spectrograms, axis, mode);
        let loudness = Rect::snapped(
            plot_left,
            loudness_top + gap * 0.5,
            plot_right,
            content.bottom(),
        );

        let spectrum_bottom = right.y + right.h * 0.345;
        let spectrum_left = right.x + gap + text.label * 2.4;
        let spectrum = Rect::snapped(
            spectrum_left,
            right.y,
            right.right(),
            spectrum_bottom - axis,
        );
        let block_left = right.x + gap;
        let table_height = table_height(text).min(right.h * 0.36);
        let table = Rect::snapped(
            block_left,
            right.bottom() - table_height,
            right.right(),
            right.bottom(),
        );
        let width_height = (text.label * 6.2).min(right.h * 0.12);
        let width = Rect::snapped(
            block_left,
            table.y - gap - width_height,
            right.right(),
            table.y - gap,
        );
        let scopes = Rect::snapped(
            block_left,
            spectrum_bottom + gap * 0.5,
            right.right(),
            width.y - gap,
        );
        Self {
            size: [w, h],
            text,
            top_bar: Rect::snapped(gap, 0.0, w - gap, top),
            status_bar: Rect::snapped(gap, h - status, w - gap, h),
            panes,
            time_axis: Some(time_axis),
            loudness: Some(loudness),
            spectrum: Some(spectrum),
            scopes: halves(scopes, gap),
            width: Some(width),
            table: Some(table),
        }
    }

    /// One column, spectrum first.
    fn column(w: f32, h: f32, scale: f32, mode: CompareMode) -> Self {
        let text = type_sizes(h.min(w * 1.3), scale);
        let gap = 8.0 * scale;
        let gutter = text.label * 2.6;
        let axis = text.label * 1.7;
        // Two lines: the names, then the mode.
        let top = text.title * 3.6;
        let status = text.label * 1.8;
        let table_height = table_height(text).min(h * 0.3);
        let content = Rect::snapped(gap, top, w - gap, h - status);
        let spectrum_end = content.y + content.h * 0.22;
        let table_top = content.bottom() - table_height;
        let loudness_top = table_top - gap - content.h * 0.13;
        let plot_left = content.x + gutter;
        let plot_right = content.right() - text.label * 2.2;
        let spectrograms = Rect::snapped(
            plot_left,
            spectrum_end + gap,
            plot_right,
            loudness_top - gap * 0.5 - axis,
        );
        let (panes, time_axis) = panes(spectrograms, axis, mode);
        Self {
            size: [w, h],
            text,
            top_bar: Rect::snapped(gap, 0.0, w - gap, top),
            status_bar: Rect::snapped(gap, h - status, w - gap, h),
            panes,
            time_axis: Some(time_axis),
            loudness: Some(Rect::snapped(
                plot_left,
                loudness_top,
                plot_right,
                table_top - gap,
            )),
            spectrum: Some(Rect::snapped(
                plot_left,
                content.y,
                plot_right,
                spectrum_end - axis,
            )),
            scopes: [None, None],
            width: None,
            table: Some(Rect::snapped(
                content.x,
                table_top,
                content.right(),
                content.bottom(),
            )),
        }
    }

    /// A strip across the foot of a screen: the figures, and the loudness histories where there is room.
    fn strip(w: f32, h: f32, scale: f32) -> Self {
        let text = type_sizes((h * 5.0).min(1080.0 * scale), scale);
        let gap = 6.0 * scale;
        let status = text.label * 1.6;
        let content = Rect::snapped(gap, gap, w - gap, h - status);
        let table_width = (text.table * 22.0).min(content.w);
        let table = Rect::snapped(
            content.x,
            content.y,
            content.x + table_width,
            content.bottom(),
        );
        let rest = Rect::snapped(
            table.right() + gap + text.label * 2.6,
            content.y,
            content.right(),
            content.bottom(),
        );
        Self {
            size: [w, h],
            text,
            top_bar: Rect::default(),
            status_bar: Rect::snapped(gap, h - status, w - gap, h),
            panes: vec![],
            time_axis: None,
            loudness: (rest.w > text.label * 12.0).then_some(rest),
            spectrum: None,
            scopes: [None, None],
            width: None,
            table: Some(table),
        }
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
        ];
        rects.extend(
            optional
                .into_iter()
                .filter_map(|(name, rect)| rect.map(|rect| (name, rect))),
        );
        rects
    }
}

/// Sizes of type for a height: labels h/80, titles h/70, table h/36, key numerals h/29.
///
/// Key numerals are h/29, not h/22: three columns of them must stand apart in a third of the window's width.
fn type_sizes(h: f32, scale: f32) -> TypeSizes {
    let label = (h / 80.0).max(12.0 * scale);
    TypeSizes {
        label,
        title: (h / 68.0).max(13.0 * scale),
        table: (h / 38.0).max(15.0 * scale),
        key: (h / 29.0).max(20.0 * scale),
    }
}

/// The height the table needs for its head, three key rows and four plain ones.
fn table_height(text: TypeSizes) -> f32 {
    text.table_head() + 3.0 * text.table_row(true) + 4.0 * text.table_row(false) + text.label * 0.6
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overlaps_or_leaves_the_window_at_any_size() {
        let modes = [
            CompareMode::SideBySide,
            CompareMode::Overlay,
            CompareMode::Difference,
            CompareMode::MixOnly,
            CompareMode::ReferenceOnly,
        ];
        let sizes = [
            [1280, 720],
            [1920, 1080],
            [3840, 2160],
            [700, 900],
            [1080, 1920],
            [1000, 600],
            [2560, 1080],
            [1920, 120],
        ];
        for mode in modes {
            for size in sizes {
                for scale in [1.0, 1.5] {
                    let layout = Layout::compare(size, scale, mode);
                    let rects = layout.all_rects();
                    for (i, (name, rect)) in rects.iter().enumerate() {
                        assert!(
                            rect.x >= 0.0
                                && rect.y >= 0.0
                                && rect.right() <= size[0] as f32
                                && rect.bottom() <= size[1] as f32,
                            "{name} leaves {size:?}: {rect:?}"
                        );
                        for (other_name, other) in &rects[i + 1..] {
                            assert!(
                                !rect.overlaps(*other),
                                "{name} {rect:?} over {other_name} {other:?} at {size:?} × {scale}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn type_is_never_smaller_than_twelve_pixels() {
        for size in [[1280, 720], [700, 900], [1920, 120]] {
            let layout = Layout::compare(size, 1.0, CompareMode::SideBySide);
            assert!(layout.text.label >= 12.0);
        }
    }

    #[test]
    fn the_two_panes_are_equally_high_so_that_their_axes_match() {
        let layout = Layout::compare([1920, 1080], 1.0, CompareMode::SideBySide);
        assert_eq!(layout.panes[0].plot.h, layout.panes[1].plot.h);
        assert_eq!(layout.panes[0].plot.w, layout.panes[1].plot.w);
    }
}
