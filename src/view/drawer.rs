//! What lies in the open drawer, as plain data.

use crate::session::Session;
use crate::session::action::Drawer;

/// The open drawer with all it shows.
#[derive(Clone, Debug, PartialEq)]
pub enum DrawerScene {
    /// Every action; the catalog is all it shows.
    Menu,
    /// Layouts and panels; what is chosen stands in the scene's looks.
    Layouts,
}

impl DrawerScene {
    /// What a drawer shows of a session.
    pub fn of(drawer: Drawer, _session: &Session) -> Self {
        match drawer {
            Drawer::Menu => Self::Menu,
            Drawer::Layouts => Self::Layouts,
        }
    }

    /// Which drawer it is.
    pub fn drawer(&self) -> Drawer {
        match self {
            Self::Menu => Drawer::Menu,
            Self::Layouts => Drawer::Layouts,
        }
    }
}
