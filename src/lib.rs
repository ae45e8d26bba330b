//! Abscope shows a live mix side by side with a reference: spectrogram, spectrum, vectorscope, loudness.
//!
//! `ls src` is the architecture. Imports only go down this list, and a test holds it:
//! units ← dsp ← audio ← analysis ← compare ← session ← view ← render ← ui ← app (cli sits beside ui, under app).

pub mod analysis;
pub mod app;
pub mod audio;
pub mod cli;
pub mod compare;
pub mod dsp;
pub mod render;
pub mod session;
pub mod ui;
pub mod units;
pub mod view;
