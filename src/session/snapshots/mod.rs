//! Snapshots: frozen scenes as plain data and files, the shelf they lie on, the journal, and what was open.

pub mod archive;
pub mod autosave;
pub mod check;
pub mod error;
pub mod file;
pub mod journal;
pub mod keep;
pub mod manifest;
pub mod moment;
pub mod npy;
pub mod picture_metadata;
pub mod recall;
pub mod shelf;
pub mod snapshot;
pub mod wav;

pub use error::{Refusal, SnapshotError};
pub use file::Preview;
pub use snapshot::{
    Created, EXTENSION, Facts, SCHEMA, SideData, Snapshot, Sound, TierStretch, is_snapshot,
};
