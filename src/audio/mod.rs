//! Audio in: devices, files and the demo song become one stream of frames with a clock that never runs backwards.

pub mod decode;
pub mod frames;
pub mod resample;
