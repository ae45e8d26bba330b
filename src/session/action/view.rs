//! What a person asks of the picture: what of both sides is shown, where, and how.

use crate::analysis::bridge::LevelMeter;
use crate::session::action::context::Context;
use crate::session::pairing::basis::{BandOf, MatchBasis};
use crate::session::settings::Value;
use crate::session::settings::arrangement::{Divider, LayoutKind, Panel};

/// Done by the view.
#[derive(Clone, Debug, PartialEq)]
pub enum ViewAction {
    /// Stand still, or go on live.
    ToggleFreeze,
    /// Show side A alone, or both again.
    ShowMix,
    /// Show side B alone, or both again.
    ShowReference,
    /// Show A − B, or both again.
    ShowDifference,
    /// Side by side, or one over the other.
    ToggleOverlay,
    /// Bring the reference to the loudness of the mix, or not.
    ToggleLoudnessMatch,
    /// Zoom in time by a factor; above 1 shows less time.
    ZoomTime(f64),
    /// Scroll back (positive) or forward by a part of what is visible.
    Scroll(f64),
    /// Back to the usual axes and now.
    ResetView,
    /// Make the loudness match of something; `None` steps on.
    MatchBasis(Option<MatchBasis>),
    /// Show the band of one reference or of all; `None` goes to the other.
    Band(Option<BandOf>),
    /// Step through the colour maps.
    NextColorMap,
    /// Step through channels: both, left, right, mid, side.
    NextChannel,
    /// Dark or light.
    ToggleTheme,
    /// Show or hide the keys.
    ToggleHelp,
    /// Open or close a drawer at the side of the window.
    ToggleDrawer(Drawer),
    /// Open the small menu about something beside the mouse, or close it.
    Context(Option<Context>),
    /// Take a layout.
    Layout(LayoutKind),
    /// Take the next layout.
    NextLayout,
    /// Let a panel fill the window, or bring the others back.
    Fill(Panel),
    /// Hide a panel of the Compare layout, or show it again.
    Hide(Panel),
    /// Spectrograms to the other side of the window.
    SwapSides,
    /// Move a divider to a fraction of the width or height.
    MoveDivider(Divider, f32),
    /// All panels and dividers of the Compare layout as they were at first.
    ResetLayout,
    /// Give a setting, by its name, a value that it takes.
    Set(&'static str, Value),
    /// Put the crosshair at a place, or take it away.
    Cursor(Option<CursorPlace>),
    /// What keys do with the crosshair.
    Crosshair(Crosshair),
    /// Mark a stretch, or nothing.
    Mark(Option<Mark>),
    /// Mark the time that is visible.
    MarkVisible,
    /// Mark a stretch and bring it into the picture, which then stands still; `None` brings what is marked.
    GoTo(Option<Mark>),
    /// Show a level meter.
    LevelMeter(LevelMeter),
    /// Step through the level meters.
    NextLevelMeter,
    /// Smooth the difference by an amount, 0 … 3.
    DifferenceSmoothing(u8),
    /// Step through the amounts of smoothing.
    NextSmoothing,
    /// Fit the scales of levels and loudness to the music again.
    FitScales,
    /// Step through what the spectrum's curves are averaged over.
    NextSpectrumSmoothing,
    /// Of the same song: differences of moments, or what lies outside the record's range.
    ToggleDifferenceOf,
    /// What the reference masks of the mix, or back.
    ShowMasking,
    /// The usual axes; a frozen picture stays where it is.
    ResetAxes,
    /// Zoom in frequency by a factor, about the crosshair or the middle; above 1 shows less.
    ZoomFrequency(f64),
}

/// A stretch of time, with or without a band of frequencies, whose loudness and spectrum are asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Mix time of its start in seconds; below 0, with its end, both count back from the right edge.
    pub from_secs: f64,
    /// Mix time of its end in seconds, after its start.
    pub to_secs: f64,
    /// Lower and upper frequency in Hz.
    pub hz: Option<[f64; 2]>,
}

impl Mark {
    /// The same stretch in mix time, for a picture with its right edge at a time; nothing before the start.
    pub fn at_edge(self, edge_secs: f64) -> Option<Self> {
        let shift_secs = if self.from_secs < 0.0 { edge_secs } else { 0.0 };
        let from_secs = (self.from_secs + shift_secs).max(0.0);
        let to_secs = self.to_secs + shift_secs;
        (to_secs > from_secs).then_some(Self {
            from_secs,
            to_secs,
            hz: self.hz,
        })
    }
}

/// A step of the crosshair that stays where it is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crosshair {
    /// Into the middle of the picture, or away.
    Toggle,
    /// A semitone up.
    Up,
    /// A semitone down.
    Down,
    /// A hundredth of the picture back in time.
    Left,
    /// A hundredth of the picture on.
    Right,
    /// Marks from it on.
    MarkFrom,
    /// Marks up to it.
    MarkTo,
    /// Marks frequencies from it up.
    MarkAbove,
    /// Marks frequencies up to it.
    MarkBelow,
}

impl Crosshair {
    /// Each with its name, its key and its words. Left and right have keys of their own while it stands there.
    pub const ALL: [(Self, &str, &str, &str); 9] = [
        (
            Self::Toggle,
            "crosshair",
            "Enter",
            "crosshair: arrow keys move it",
        ),
        (Self::Up, "crosshair-up", "↑", "crosshair up"),
        (Self::Down, "crosshair-down", "↓", "crosshair down"),
        (Self::Left, "crosshair-left", "", "crosshair left"),
        (Self::Right, "crosshair-right", "", "crosshair right"),
        (
            Self::MarkFrom,
            "mark-from",
            "[",
            "mark from the crosshair on",
        ),
        (Self::MarkTo, "mark-to", "]", "mark up to the crosshair"),
        (
            Self::MarkAbove,
            "mark-above",
            "{",
            "mark from the crosshair's frequency up",
        ),
        (
            Self::MarkBelow,
            "mark-below",
            "}",
            "mark frequencies up to the crosshair's",
        ),
    ];
}

/// A place on the axes, as words give it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CursorPlace {
    /// Frequency in Hz.
    pub hz: f64,
    /// Mix time in seconds; negative counts back from the right edge.
    pub secs: f64,
}

/// What can lie over the right side of the picture: lists and choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Drawer {
    /// Every action, by group, with its key.
    Menu,
    /// Layouts, and which panels are shown.
    Layouts,
    /// Every setting.
    Settings,
    /// The loaded references, with the region and trim of the active one.
    References,
    /// What differs between the mix heard so far and the reference.
    Findings,
    /// The snapshots, to recall, name and delete.
    Snapshots,
    /// How a song's snapshots came closer to the reference.
    Journal,
    /// The inputs, each with its level.
    Inputs,
}

impl Drawer {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Menu,
        Self::References,
        Self::Findings,
        Self::Snapshots,
        Self::Journal,
        Self::Inputs,
        Self::Layouts,
        Self::Settings,
    ];

    /// Its name for `ctl` and `render --drawer`: the name of the entry that opens it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Menu => "menu",
            Self::Layouts => "layouts",
            Self::Settings => "settings",
            Self::References => "references",
            Self::Findings => "findings",
            Self::Snapshots => "snapshots",
            Self::Journal => "journal",
            Self::Inputs => "inputs",
        }
    }

    /// Whether something is written in it: while it is open single keys are no actions.
    pub fn has_fields(self) -> bool {
        matches!(self, Self::References | Self::Snapshots | Self::Settings)
    }

    /// The drawer of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|drawer| drawer.name() == name)
    }

    /// The words at its top.
    pub fn title(self) -> &'static str {
        match self {
            Self::Menu => "Menu",
            Self::Layouts => "Layouts and panels",
            Self::Settings => "Settings",
            Self::References => "References",
            Self::Findings => "Findings",
            Self::Snapshots => "Snapshots",
            Self::Journal => "Journal",
            Self::Inputs => "Inputs",
        }
    }
}
