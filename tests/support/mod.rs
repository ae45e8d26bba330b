//! Helpers that several test programs share.

#![allow(
    dead_code,
    reason = "each test program uses its own part of this module"
)]

pub mod kittest;
pub mod program;
#[cfg(target_os = "linux")]
pub mod pulse;
#[cfg(target_os = "linux")]
pub mod sender;
pub mod wav;
#[cfg(target_os = "linux")]
pub mod x11;
