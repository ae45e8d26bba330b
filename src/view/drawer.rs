//! What lies in the open drawer, as plain data.

use crate::session::Session;
use crate::session::action::Drawer;

/// The open drawer with all it shows.
#[derive(Clone, Debug, PartialEq)]
pub enum DrawerScene {
    /// Every action; the catalog is all it shows.
    Menu,
}

impl DrawerScene {
    /// What a drawer shows of a session.
    pub fn of(drawer: Drawer, _session: &Session) -> Self {
        match drawer {
            Drawer::Menu => Self::Menu,
        }
    }

    /// Which drawer it is.
    pub fn drawer(&self) -> Drawer {
        match self {
            Self::Menu => Drawer::Menu,
        }
    }
}
