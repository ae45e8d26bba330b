//! Where each panel lies for a window's size: each layout wide, in one column, and as a strip.
//!
//! Sizes of type follow the height of the window and the scale factor, never below 12 px at scale 1, because the
//! screen is read from across the room. A panel that would be too small is left out rather than shrunk.

mod compare;
mod focus;
mod frame;
mod places;
mod put;
#[cfg(test)]
mod tests;

use crate::session::settings::arrangement::{Arrangement, LayoutKind};
use crate::view::layout::frame::{Frame, Shape};
pub use crate::view::layout::frame::{LEAST_SIDE_PX, Room};
pub use crate::view::layout::places::{DividerPlace, Layout, Pane, PaneContent, Places, TypeSizes};
pub use crate::view::looks::CompareMode;

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
}
