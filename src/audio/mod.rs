//! Audio in: devices, files and the demo song become one stream of frames with a clock that never runs backwards.

pub mod callback;
pub mod capture;
mod capture_error;
pub mod decode;
pub mod demo;
pub mod device_info;
pub mod devices;
pub mod feed;
pub mod frames;
pub mod levels;
mod playback;
pub mod player;
#[cfg(target_os = "linux")]
pub(crate) mod pulse;
pub mod resample;
pub mod ring;
pub mod sender;
pub mod threads;
pub mod voices;
pub mod wall_clock;
