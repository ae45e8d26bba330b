//! How the two sides are laid to each other, matched, compared and heard.

pub mod basis;
mod beside_levels;
pub mod companion;
mod companions;
mod followed;
pub mod heard;
mod heard_parts;
pub mod histories;
pub mod listen_desk;
pub mod listening;
pub mod matching;
pub mod mix_sections;
mod mix_there;
pub mod on_grid;
mod over_song;
pub mod pair;
mod reference_heard;
mod remembered;
mod same_seconds;
pub mod sections;
mod side_by_side;
mod song;
mod song_position;
mod too_little;

pub use pair::Pair;
