//! The window: events become actions, frames are paced, and one session is shown. Each file is the window's part in one
//! thing; what needs no window lies beside this folder.

mod act;
mod autosave;
mod draw;
mod events;
mod export;
mod files;
mod findings;
mod inputs;
mod listening;
mod monitors;
mod pace;
mod pointer;
mod remote;
mod report;
mod run;
mod screenshot;
mod settings;
mod snapshots;
mod state;

pub use run::run;
