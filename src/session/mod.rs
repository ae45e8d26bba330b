//! Session: what a person keeps between two evenings: settings, references, snapshots.

pub mod action;
pub mod columns;
pub mod loudness_history;
pub mod mix;
pub mod references;
