//! Command line: words become valid plain data, each command a file.

pub mod analyze;
pub mod devices;
pub mod picture;
