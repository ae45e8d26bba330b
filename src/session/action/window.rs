//! What a person asks of the window: its place, and what it writes for others.

use std::path::PathBuf;

/// Done by the window.
#[derive(Clone, Debug, PartialEq)]
pub enum WindowAction {
    /// Save a picture, made for print, a phone or a slide.
    Screenshot(PictureKind),
    /// Write a report of the mix heard so far.
    Report,
    /// Write its curves, histories and figures as CSV and JSON.
    Export,
    /// Move the window to the next monitor.
    NextMonitor,
    /// Full screen on or off.
    ToggleFullscreen,
    /// Close what lies over the picture, then leave full screen; never quits.
    Escape,
    /// Choose a file to compare with.
    OpenReference,
    /// Open a file or folder to compare with.
    Open(PathBuf),
    /// A path as it is being typed.
    TypePath(String),
    /// Keep the window above all others, or not.
    ToggleAlwaysOnTop,
    /// Close the window.
    Quit,
}

/// What a saved picture is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PictureKind {
    /// A page or a large screen.
    #[default]
    Print,
    /// A telephone held upright.
    Phone,
    /// A slide of a talk.
    Slide,
}

impl PictureKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Print, Self::Phone, Self::Slide];

    /// Its name for `ctl`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Print => "print",
            Self::Phone => "phone",
            Self::Slide => "slide",
        }
    }

    /// What it is for, in words.
    pub fn for_whom(self) -> &'static str {
        match self {
            Self::Print => "print",
            Self::Phone => "a phone",
            Self::Slide => "a slide",
        }
    }

    /// Width and height in pixels.
    pub fn size(self) -> [u32; 2] {
        match self {
            Self::Print => [3840, 2160],
            Self::Phone => [1080, 1920],
            Self::Slide => [1920, 1080],
        }
    }

    /// Scale of its type: a phone is read at arm's length, a slide from the last row.
    pub fn scale(self) -> f32 {
        match self {
            Self::Print => 1.0,
            Self::Phone => 2.2,
            Self::Slide => 1.5,
        }
    }
}
