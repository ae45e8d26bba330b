//! What is open: both sides, what was found out about them, the shelf of snapshots, and what the person has chosen.

use crate::audio::levels::InputLevels;
use crate::session::pairing::heard::Heard;
use crate::session::pairing::pair::Pair;
use crate::session::references::typed::TypedPath;
use crate::session::settings::Settings;
use crate::session::snapshots::journal::Pages;

/// All that is open.
#[derive(Default)]
pub struct Session {
    /// Mix and reference, and how they are laid to each other.
    pub pair: Pair,
    /// The mix heard so far against the active reference, or why that is not known; none before it was asked for.
    pub heard: Option<Result<Heard, String>>,
    /// The shelf of snapshots, as far as it was read.
    pub pages: Pages,
    /// What was deleted from it last, and can come back.
    pub deleted: Option<String>,
    /// What the person has chosen once and keeps.
    pub settings: Settings,
    /// What a person should know about how it was opened: one line.
    pub notice: Option<String>,
    /// The path that is being typed.
    pub typed: TypedPath,
    /// The levels of all inputs, while somebody chooses one.
    pub input_levels: Option<InputLevels>,
}
