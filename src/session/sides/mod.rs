//! What can stand on a side, and what it remembers: the lowest storey of the session.

pub mod absence;
pub mod beside;
pub mod columns;
pub mod history;
pub mod input;
pub mod live;
pub mod live_reference;
pub mod loudness_history;
pub mod mix;
mod placed;
pub mod region;
pub mod same_tenth;
mod song_columns;
pub mod song_runs;
pub mod song_side;
pub mod song_tape;
pub mod still;
pub mod stretches;
