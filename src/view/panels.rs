//! Panels as plain data: a file for each, with what it shows of both sides and where that lies in its place.
//!
//! Which panels there are, what they are called and where they stand is said in
//! [`PANELS`](crate::session::settings::arrangement::PANELS).

pub mod levels;
pub mod loudness;
pub mod scopes;
pub mod spectrum;
pub mod width;
