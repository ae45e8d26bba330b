//! Bytes of a file at a place, for the readers of headers.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Up to `len` bytes at a position; fewer where the file ends.
pub(super) fn read_at(file: &mut File, position: u64, len: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(position))?;
    let mut bytes = Vec::new();
    file.take(len as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
