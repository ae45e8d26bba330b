//! The program on real parts: displays, sound servers, sounds that play, keys that are pressed, pixels that are looked at.
#![cfg(target_os = "linux")]

mod alignment;
mod beside;
mod capture;
mod dropped;
mod evening;
mod faults;
mod listening;
mod live;
mod live_inputs;
mod monitors;
mod mouse;
mod network;
mod night;
mod noise;
mod opened;
mod pictures;
mod reader;
mod reference_input;
mod remote;
mod report;
mod still;
mod strangers;
mod wayland;
mod window;

#[path = "../support/mod.rs"]
mod support;
