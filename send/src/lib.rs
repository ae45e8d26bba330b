//! Abscope Send: a plug-in that lets Abscope hear a track, a bus or the master of a DAW, with the song's own clock.
//!
//! It passes audio on as it is, to the bit and without latency, and has no window. [`processor`] runs on the host's
//! audio thread and writes into shared memory (the crate `abscope-link`), while Abscope listens and only then. All
//! else is done by the host's main thread and by one [`keeper`] thread for all instances of a process.
//!
//! The code speaks CLAP; `clap-wrapper` makes VST3 of the same, and AUv2 on macOS, in the same library.

pub mod entry;
pub mod instance;
pub mod keeper;
pub mod naming;
mod params;
mod plugin;
pub mod processor;
mod settings;
mod transport;

pub use entry::SendEntry;

clack_plugin::clack_export_entry!(SendEntry);

#[cfg(feature = "vst3")]
clap_wrapper::export_vst3!();
#[cfg(all(feature = "vst3", target_os = "macos"))]
clap_wrapper::export_auv2!();
