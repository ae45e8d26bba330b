//! What a session keeps and can be asked for: actions, drawers, settings, references, snapshots.

mod actions_everywhere;
mod drawers_keyboard;
mod drawers_settings;
mod evening;
mod limits;
mod mouse;
mod references_cache;
mod references_shelf;
mod snapshots;

#[path = "../support/mod.rs"]
mod support;
