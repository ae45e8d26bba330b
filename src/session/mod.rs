//! Session: what a person keeps between two evenings: settings, references, snapshots.

pub mod action;
pub mod columns;
pub mod loudness_history;
pub mod mix;
pub mod references;

use mix::MixSide;
use references::References;

/// What is open: the mix, the references, and how they were placed to each other.
#[derive(Default)]
pub struct Session {
    /// Side A; none while no input could be opened.
    pub mix: Option<MixSide>,
    /// Why there is no mix: one line.
    pub mix_problem: Option<String>,
    /// Side B.
    pub references: References,
    /// Reference time under mix time 0, in seconds.
    pub offset_secs: f64,
}
