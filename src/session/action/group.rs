//! What actions are about: the headings of the menu.

/// What an action is about; the menu has one heading for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Mix against reference.
    Compare,
    /// Which references, and where they lie.
    References,
    /// Time, zoom, colours.
    View,
    /// Snapshots, pictures, reports.
    Keep,
    /// Window, input, program.
    Window,
}

impl Group {
    /// All groups in the order of the menu.
    pub const ALL: [Self; 5] = [
        Self::Compare,
        Self::References,
        Self::View,
        Self::Keep,
        Self::Window,
    ];

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Compare => "Compare",
            Self::References => "References",
            Self::View => "View",
            Self::Keep => "Keep",
            Self::Window => "Window",
        }
    }
}
