//! Session: what a person keeps between two evenings and compares now. In storeys, each a folder; imports only go down
//! this list: [`format`], [`sides`], [`references`], [`pairing`], [`snapshots`], [`settings`], [`action`], and on top
//! the [`Session`] that owns them.

pub mod action;
pub mod background;
pub mod format;
mod open;
pub mod pairing;
pub mod references;
pub mod replace;
pub mod settings;
pub mod sides;
pub mod snapshots;

pub use open::Session;

#[cfg(test)]
mod tests;
