//! What lies in the open drawer, as plain data.

use crate::session::Session;
use crate::session::action::Drawer;
use crate::view::findings::FindingsScene;
use crate::view::inputs::InputsScene;
use crate::view::journal::JournalScene;
use crate::view::settings::SettingsScene;
use crate::view::shelf::ShelfScene;
use crate::view::snapshots::SnapshotsScene;

/// The open drawer with all it shows.
#[derive(Clone, Debug, PartialEq)]
pub enum DrawerScene {
    /// Every action; the catalog is all it shows.
    Menu,
    /// Layouts and panels; what is chosen stands in the scene's looks.
    Layouts,
    /// Every setting.
    Settings(SettingsScene),
    /// The shelf.
    References(ShelfScene),
    /// What differs.
    Findings(FindingsScene),
    /// The snapshots.
    Snapshots(SnapshotsScene),
    /// Their course.
    Journal(JournalScene),
    /// The inputs.
    Inputs(InputsScene),
}

impl DrawerScene {
    /// What a drawer shows of a session.
    pub fn of(drawer: Drawer, session: &Session) -> Self {
        match drawer {
            Drawer::Menu => Self::Menu,
            Drawer::Layouts => Self::Layouts,
            Drawer::Settings => Self::Settings(SettingsScene::of(&session.settings)),
            Drawer::References => Self::References(ShelfScene::of(session)),
            Drawer::Findings => Self::Findings(FindingsScene::of(session)),
            Drawer::Snapshots => Self::Snapshots(SnapshotsScene::of(session)),
            Drawer::Journal => Self::Journal(JournalScene::of(session)),
            Drawer::Inputs => Self::Inputs(InputsScene::of(session)),
        }
    }

    /// Which drawer it is.
    pub fn drawer(&self) -> Drawer {
        match self {
            Self::Menu => Drawer::Menu,
            Self::Layouts => Drawer::Layouts,
            Self::Settings(_) => Drawer::Settings,
            Self::References(_) => Drawer::References,
            Self::Findings(_) => Drawer::Findings,
            Self::Snapshots(_) => Drawer::Snapshots,
            Self::Journal(_) => Drawer::Journal,
            Self::Inputs(_) => Drawer::Inputs,
        }
    }
}
