//! The small menu beside the mouse, as plain data: what can be done with what was clicked, and how it stands now.

use crate::session::action::{Action, Context, PairAction, ViewAction};

/// The open menu.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextScene {
    /// What it is about.
    pub context: Context,
    /// Where it was asked for, in px; it lies beside that, as far as the window has room.
    pub at: [f32; 2],
    /// What can be done, from the top.
    pub items: Vec<ContextItem>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextItem {
    /// What it does, or what is chosen now and goes on to the next.
    pub words: String,
    /// Its key, if it has one.
    pub key: &'static str,
    /// Whether it is on, where it is a choice.
    pub is_on: Option<bool>,
    /// What a click asks for.
    pub action: Action,
}

/// Whether an action leaves the menu open, so that a choice can be stepped through.
pub fn stays_open(action: &Action) -> bool {
    matches!(
        action,
        Action::View(
            ViewAction::NextSpectrumSmoothing
                | ViewAction::NextSmoothing
                | ViewAction::NextColorMap
                | ViewAction::NextChannel
                | ViewAction::NextLevelMeter
                | ViewAction::ZoomTime(_)
        ) | Action::Pair(PairAction::NudgeAlignment(_))
    )
}
