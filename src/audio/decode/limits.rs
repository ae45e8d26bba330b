//! What the rest of the program can use of a file: its rates and its channels.

use std::path::Path;

use super::error::DecodeError;
use crate::audio::frames::StreamFormat;

/// The slowest sample rate accepted, in Hz: telephone recordings have 8000.
pub const MIN_RATE_HZ: u32 = 4_000;
/// The fastest sample rate accepted, in Hz.
pub const MAX_RATE_HZ: u32 = 768_000;
/// The most channels accepted.
pub const MAX_CHANNELS: usize = 64;

/// Refuses what the rest of the program cannot use.
pub(super) fn check_format(path: &Path, format: StreamFormat) -> Result<(), DecodeError> {
    let channels = format.layout.count();
    if channels == 0 || channels > MAX_CHANNELS {
        return Err(DecodeError::UnsupportedChannels {
            file: path.to_path_buf(),
            channels,
        });
    }
    if !(MIN_RATE_HZ..=MAX_RATE_HZ).contains(&format.sample_rate_hz) {
        return Err(DecodeError::UnsupportedRate {
            file: path.to_path_buf(),
            rate_hz: format.sample_rate_hz,
        });
    }
    Ok(())
}
