//! View: what is shown, as plain data: axes, layout, palettes, readouts. No egui, no wgpu.

pub mod axis;
pub mod bands;
pub mod build;
pub mod colormap;
pub mod cursor;
pub mod drawer;
pub mod findings;
pub mod inputs;
pub mod journal;
pub mod layout;
pub mod levels;
pub mod mark;
pub mod palette;
pub mod readout;
pub mod rect;
pub mod report_panel;
pub mod scene;
pub mod sections;
pub mod settings;
pub mod shelf;
pub mod snapshots;
pub mod spectrum;
pub mod stamp;
pub mod timeline;
