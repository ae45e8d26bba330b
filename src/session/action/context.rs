//! What the small menu beside the mouse is about.

use crate::session::settings::arrangement::Panel;

/// What was clicked with the right button, or of the words of the top bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// A panel.
    Panel(Panel),
    /// The level meters, which stand beside the vectorscopes.
    Levels,
    /// How loud the reference is shown.
    Match,
    /// Where the reference lies under the mix.
    Place,
}

impl Context {
    /// Every one of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Panel::ALL
            .into_iter()
            .map(Self::Panel)
            .chain([Self::Levels, Self::Match, Self::Place])
    }

    /// Its name for `ctl`: the panel's, or `levels`, `match`, or `place`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Panel(panel) => panel.row().name,
            Self::Levels => "levels",
            Self::Match => "match",
            Self::Place => "place",
        }
    }

    /// The one of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|context| context.name() == name)
    }

    /// The words at its top.
    pub fn title(self) -> &'static str {
        match self {
            Self::Panel(panel) => panel.row().title,
            Self::Levels => "Level meters",
            Self::Match => "Loudness match",
            Self::Place => "Place of the reference",
        }
    }
}
