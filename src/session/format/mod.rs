//! The file of a snapshot: what it holds as plain data, its bytes, and the rules that both keep.

pub mod archive;
pub mod check;
pub mod error;
pub mod file;
pub mod manifest;
pub mod moment;
pub mod npy;
pub mod recall;
pub mod snapshot;
pub mod song;
pub mod wav;

pub use error::{Refusal, SnapshotError};
pub use file::Preview;
pub use snapshot::{
    Created, EXTENSION, Facts, SCHEMA, SideData, Snapshot, Sound, TierStretch, is_snapshot,
};
