//! Who may run beside whom: the tests of a program share its threads, a display's pixels and a machine's two cores.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Held by what is running on real parts.
static DESK: RwLock<()> = RwLock::new(());

/// Leave to run; dropping it lets the next ones run.
pub enum Turn {
    /// Nothing else runs on real parts.
    Alone(RwLockWriteGuard<'static, ()>),
    /// Others that can stand company run as well.
    Beside(RwLockReadGuard<'static, ()>),
}

/// For a window: two at once on two cores draw too slowly to be judged.
pub fn alone() -> Turn {
    // A test that failed has nothing to say to the next one.
    Turn::Alone(DESK.write().unwrap_or_else(PoisonError::into_inner))
}

/// For what only listens to a server of its own.
pub fn beside_others() -> Turn {
    Turn::Beside(DESK.read().unwrap_or_else(PoisonError::into_inner))
}
