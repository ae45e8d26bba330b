//! The band of the stamp: what it says besides the scene itself, and how high it is.

use crate::session::settings::arrangement::Panel;
use crate::view::layout::{Layout, TypeSizes};
use crate::view::rect::Rect;

/// What the stamp says besides the scene itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamp {
    /// Where it lies.
    pub rect: Rect,
    /// Song.
    pub song: String,
    /// Snapshot, if the picture shows one.
    pub snapshot: Option<String>,
    /// Date and time, as a person reads them.
    pub made: String,
    /// Version of the program.
    pub version: String,
}

impl Stamp {
    /// Whether its blocks stand beside each other, or below.
    pub fn is_wide(width: f32, text: TypeSizes) -> bool {
        width > 70.0 * text.label
    }

    /// Height of the band, with or without a table of its own.
    pub fn height(width: f32, text: TypeSizes, has_table: bool) -> f32 {
        let rows = match (Self::is_wide(width, text), has_table) {
            (true, true) => 5.0,
            (true, false) => 3.1,
            (false, true) => 12.1,
            (false, false) => 8.1,
        };
        rows * Self::row(text) + 1.6 * text.label
    }

    /// Height that is left for the panels and the status line, whose place the stamp takes.
    pub fn rest(whole: &Layout) -> u32 {
        let [width, height] = whole.size;
        let band = Self::height(width, whole.text, Self::has_table(whole)) - whole.status_bar.h;
        (height - band.max(0.0)).round().max(16.0) as u32
    }

    /// Whether the stamp has the loudness table: only where no panel shows it.
    pub fn has_table(layout: &Layout) -> bool {
        layout.place(Panel::Table).is_none()
    }

    /// Height of a line.
    pub fn row(text: TypeSizes) -> f32 {
        text.label * 1.6
    }
}
