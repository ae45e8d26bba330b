//! Helpers that the test programs share: each program includes this folder and uses its part of it.

#![allow(
    dead_code,
    reason = "each test program uses its own part of this module"
)]

pub mod alone;
#[cfg(target_os = "linux")]
pub mod desk;
#[cfg(target_os = "linux")]
pub mod disk;
#[cfg(target_os = "linux")]
pub mod drop;
pub mod kittest;
pub mod music;
pub mod parts;
#[cfg(target_os = "linux")]
pub mod pipewire;
pub mod program;
#[cfg(target_os = "linux")]
pub mod pulse;
#[cfg(target_os = "linux")]
pub mod sender;
pub mod signals;
#[cfg(target_os = "linux")]
pub mod sway;
pub mod turns;
#[cfg(target_os = "linux")]
pub mod users;
pub mod wav;
#[cfg(target_os = "linux")]
pub mod x11;
