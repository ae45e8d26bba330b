//! Snapshots in use: keeping a scene, the shelf they lie on, the journal, pictures that carry figures, and what was open.

pub mod autosave;
pub mod journal;
pub mod keep;
pub mod picture_metadata;
pub mod shelf;
pub mod shelf_desk;
pub mod shelf_worker;

pub use crate::session::format::{
    Created, EXTENSION, Facts, Preview, Refusal, SCHEMA, SideData, Snapshot, SnapshotError, Sound,
    TierStretch, is_snapshot,
};
