//! How the program's memory is handed out and given back to the computer, which the DAW needs.
//!
//! glibc keeps what was freed: each thread fills a heap of its own, and a single large piece that was freed makes all
//! smaller ones come from these heaps from then on, where they cannot be given back. A window that drew pictures, took
//! snapshots and changed its size grew so to twice its memory and stayed there.

/// Settles it, before the first thread starts.
pub fn settle() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for (parameter, value) in gnu::SETTINGS {
        #[expect(unsafe_code, reason = "the C library has no safe interface")]
        // SAFETY: it takes two numbers, and holds the lock of the heap meanwhile.
        let is_taken = unsafe { nix::libc::mallopt(parameter, value) } != 0;
        if !is_taken {
            tracing::debug!("the C library does not know parameter {parameter} of malloc");
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod gnu {
    use nix::libc::{M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD};

    /// Pieces of at least this many bytes are the system's own, and are given back at once.
    const OWN_BYTES: i32 = 256 << 10;
    /// So many heaps; threads that allocate wait for one another no longer than a moment.
    const HEAPS: i32 = 2;
    /// What lies unused at the end of the first heap is given back from this many bytes on.
    const UNUSED_BYTES: i32 = 1 << 20;

    pub const SETTINGS: [(i32, i32); 3] = [
        (M_MMAP_THRESHOLD, OWN_BYTES),
        (M_TRIM_THRESHOLD, UNUSED_BYTES),
        (M_ARENA_MAX, HEAPS),
    ];
}
