//! Everything a person can ask of Abscope, once: keys, menu, buttons, `abscope ctl` and OSC all speak it. It is split by
//! who does it, and each part is matched by its doer without a rest: an action that nobody does does not compile.

use crate::session::action::pair::PairAction;
use crate::session::action::shelf::ShelfAction;
use crate::session::action::view::ViewAction;
use crate::session::action::window::WindowAction;

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// By the view: what is shown and how.
    View(ViewAction),
    /// By mix and reference.
    Pair(PairAction),
    /// By the shelf of snapshots.
    Shelf(ShelfAction),
    /// By the window.
    Window(WindowAction),
}

impl From<ViewAction> for Action {
    fn from(action: ViewAction) -> Self {
        Self::View(action)
    }
}

impl From<PairAction> for Action {
    fn from(action: PairAction) -> Self {
        Self::Pair(action)
    }
}

impl From<ShelfAction> for Action {
    fn from(action: ShelfAction) -> Self {
        Self::Shelf(action)
    }
}

impl From<WindowAction> for Action {
    fn from(action: WindowAction) -> Self {
        Self::Window(action)
    }
}
