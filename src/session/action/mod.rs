//! Everything a person can ask of Abscope, in types and words.

mod all;
pub mod catalog;
mod context;
mod entry;
pub mod gate;
pub mod group;
pub mod local;
mod pair;
pub mod pairing_code;
pub mod remote;
mod shelf;
pub mod surface;
mod view;
mod window;
pub mod words;

pub use all::Action;
pub use catalog::catalog;
pub use context::Context;
pub use entry::Entry;
pub use group::Group;
pub use pair::PairAction;
pub use shelf::ShelfAction;
pub use view::{Crosshair, CursorPlace, Drawer, Mark, ViewAction};
pub use window::{PictureKind, WindowAction};
