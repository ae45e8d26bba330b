//! Session: what a person keeps between two evenings: settings, references, snapshots.

pub mod action;
