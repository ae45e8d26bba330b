//! How the two sides are laid to each other, matched, compared and heard.

pub mod basis;
pub mod companion;
pub mod heard;
pub mod listening;
pub mod same_seconds;
pub mod sections;
