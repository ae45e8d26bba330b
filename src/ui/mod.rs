//! User interface: egui functions that write text, edit plain data or return an action.

pub mod arrange;
pub mod bands;
pub mod bars;
pub mod chrome;
pub mod cursor;
pub mod drawer;
pub mod fonts;
pub mod help;
pub mod labels;
pub mod levels;
pub mod mark;
pub mod numbers;
pub mod plate;
pub mod sections;
pub mod stamp;
pub mod style;
pub mod table;
pub mod text;
pub mod tooltip;
pub mod width;
