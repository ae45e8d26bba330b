//! What a person asks of the shelf of snapshots.

use std::path::PathBuf;

/// Done by the shelf.
#[derive(Clone, Debug, PartialEq)]
pub enum ShelfAction {
    /// Keep the scene and the sound behind it on the shelf.
    Snapshot,
    /// Show a snapshot's mix as the reference; by name, or the newest.
    Recall(String),
    /// Show a snapshot's mix in place of the live one; by name, or the newest.
    RecallMix(String),
    /// Show a snapshot as it was, mix and reference; by name, or the newest.
    Reopen(String),
    /// Show the live mix again.
    BackToLive,
    /// Give a snapshot on the shelf another name; without a path the newest, without a name its drawer opens.
    RenameSnapshot(PathBuf, String),
    /// Write a note to a snapshot on the shelf; without a path the newest, without a note its drawer opens.
    NoteSnapshot(PathBuf, String),
    /// Take a snapshot from the shelf, by path or name; without one the newest.
    DeleteSnapshot(PathBuf),
    /// Put the one that was deleted last back.
    UndeleteSnapshot,
}
