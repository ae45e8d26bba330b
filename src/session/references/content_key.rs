//! What a file holds, by which it is known again wherever it lies.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes hashed at once.
const CHUNK_BYTES: usize = 1 << 20;

/// What a file holds, whatever it is called: its hash as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContentKey(pub(super) String);

impl ContentKey {
    /// Of a file. Reads all of it; `None` when cancelled.
    pub fn of_file(path: &Path, cancel: &AtomicBool) -> io::Result<Option<Self>> {
        let mut file = File::open(path)?;
        let mut hasher = blake3::Hasher::new();
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            if cancel.load(Ordering::Relaxed) {
                return Ok(None);
            }
            match file.read(&mut chunk)? {
                0 => break,
                count => hasher.update(&chunk[..count]),
            };
        }
        Ok(Some(Self(hasher.finalize().to_hex().to_string())))
    }
}
