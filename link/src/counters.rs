//! What goes on from one stream of a sender to its next.

use std::sync::atomic::{AtomicBool, AtomicU64};

use crate::lock::SlotLock;

/// What a sender and its stream share.
pub(crate) struct Counters {
    /// Held by a stream too: nobody else may have the slot as long as something writes to it.
    _lock: SlotLock,
    pub(crate) has_stream: AtomicBool,
    /// Frames so far, heard or not.
    pub(crate) position: AtomicU64,
    /// Packets so far.
    pub(crate) sequence: AtomicU64,
}

impl Counters {
    /// Of a slot that was just taken.
    pub fn new(lock: SlotLock) -> Self {
        Self {
            _lock: lock,
            has_stream: AtomicBool::new(false),
            position: AtomicU64::new(0),
            sequence: AtomicU64::new(0),
        }
    }
}
