//! What a person chose once and keeps: settings with their file, targets, the arrangement of panels.

mod all;
pub mod arrangement;
pub mod file;
pub mod keeper;
mod rows;
mod table;
pub mod targets;
mod value;

pub use all::{COLOR_MAPS, CONTRASTS, DEFAULT_PORT, Settings, THEMES};
pub use rows::settings;
pub use table::{Kind, Setting, Topic};
pub use value::Value;
