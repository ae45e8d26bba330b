//! What can stand on a side, and what it remembers: the lowest storey of the session.

pub mod columns;
pub mod input;
pub mod live_reference;
pub mod loudness_history;
pub mod mix;
pub mod stretches;
