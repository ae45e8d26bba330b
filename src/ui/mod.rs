//! User interface: egui functions that write text, edit plain data or return an action.

pub mod arrange;
pub mod chrome;
pub mod click;
pub mod context;
pub mod cursor;
mod delta;
pub mod drawer;
pub mod fonts;
pub mod help;
pub mod labels;
pub mod mark;
pub mod numbers;
pub mod panels;
pub mod plate;
pub mod sections;
pub mod stamp;
pub mod status_bar;
pub mod style;
pub mod text;
pub mod time_axis;
pub mod tooltip;
pub mod top_bar;
