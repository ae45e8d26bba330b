//! What can go wrong with a snapshot's file: one clear line each, with what to do about it.

use std::io;
use std::path::PathBuf;

use crate::session::format::snapshot::SCHEMA;

/// Why a snapshot was not read or not saved.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file system refused to read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file was read and is not taken.
    #[error("{}: {refusal}", path.display())]
    Refused {
        /// Which file.
        path: PathBuf,
        /// Why.
        refusal: Refusal,
    },
    /// The file system refused to write. Files saved earlier are as they were.
    #[error("{}: the snapshot is not saved: {source}; it is still open, so save it elsewhere or make room", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The data in memory break a rule of the format: a defect of Abscope, found before anything was written.
    #[error("the snapshot cannot be saved: {0}")]
    Unsaveable(String),
}

/// Why the content of a file is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a snapshot at all, or one that another program has packed anew.
    #[error("not an Abscope snapshot: {0}")]
    Foreign(String),
    /// From the future.
    #[error(
        "made by a newer Abscope (schema {0}, this one reads up to {SCHEMA}): update Abscope to open it"
    )]
    Newer(u64),
    /// A snapshot whose content is not what it says.
    #[error("the snapshot is damaged: {0}")]
    Damaged(String),
    /// More than a snapshot may hold.
    #[error("too large for a snapshot: {0}")]
    TooLarge(String),
}
