//! The mapping of the shared memory: the only place of this crate that handles addresses.

#![expect(
    unsafe_code,
    reason = "memory that other processes write to exists only behind an address"
)]

use std::io;
use std::mem::{offset_of, size_of};
use std::ptr::NonNull;

use crate::layout::{Body, Head, Layout, NUM_SLOTS, ring_frames};

#[cfg_attr(unix, path = "memory/unix.rs")]
#[cfg_attr(windows, path = "memory/windows.rs")]
mod system;

/// Bytes of a page, or a divisor of it: touching one word in each of these touches all.
const PAGE_BYTES: usize = 4096;

/// The memory of all slots, mapped for reading and writing.
pub(crate) struct Memory {
    mapping: system::Mapping,
}

// SAFETY: all of the memory is atomic words, and the mapping itself is never changed before it is dropped.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

/// Whether memory that is not there is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Make,
    Expect,
}

impl Memory {
    /// Maps the memory of a name; `None` if it is not there and was not to be made. The memory of another user, or
    /// one that others can open, is an error.
    pub(crate) fn open(name: &str, presence: Presence) -> io::Result<Option<Self>> {
        let Some(mapping) = system::Mapping::open(name, size_of::<Layout>(), presence)? else {
            return Ok(None);
        };
        mapping.reserve(offset_of!(Layout, heads), size_of::<[Head; NUM_SLOTS]>())?;
        Ok(Some(Self { mapping }))
    }

    /// The head of a slot.
    pub(crate) fn head(&self, slot: usize) -> &Head {
        &self.layout().heads[slot]
    }

    /// Packets and ring of a slot: to be touched only after [`reserve`](Self::reserve).
    pub(crate) fn body(&self, slot: usize) -> &Body {
        &self.layout().bodies[slot]
    }

    /// Makes sure that the memory which a slot needs at a rate is there. Without it the first touch of a page would
    /// end the process where the computer has none left. Keeps what lies there. Both sides do it: neither can rely
    /// on the other.
    pub(crate) fn reserve(&self, slot: usize, rate_hz: u32) -> io::Result<()> {
        let (offset, bytes) = Self::part_of_body(slot, rate_hz);
        self.mapping.reserve(offset, bytes)
    }

    /// Has the pages of a slot mapped now, so that the audio thread does not wait for it. Changes nothing in them.
    pub(crate) fn touch(&self, slot: usize, rate_hz: u32) {
        let (_, bytes) = Self::part_of_body(slot, rate_hz);
        let ring_words = bytes - offset_of!(Body, ring);
        let body = self.body(slot);
        let add_nothing = |word: &std::sync::atomic::AtomicU64| {
            word.fetch_or(0, std::sync::atomic::Ordering::Relaxed);
        };
        let every = PAGE_BYTES / size_of::<u64>();
        body.ring[..ring_words / size_of::<u64>()]
            .iter()
            .step_by(every)
            .for_each(add_nothing);
        let packets = body.packets.iter().map(|packet| &packet.seal);
        packets.for_each(add_nothing);
    }

    fn part_of_body(slot: usize, rate_hz: u32) -> (usize, usize) {
        let ring = ring_frames(rate_hz) * size_of::<u64>();
        let offset = offset_of!(Layout, bodies) + slot * size_of::<Body>();
        (offset, offset_of!(Body, ring) + ring)
    }

    fn layout(&self) -> &Layout {
        // SAFETY: the mapping has the size of a layout, begins at a page, and lives as long as self. Every bit pattern
        // is a layout, as it is atomic words throughout.
        unsafe { self.mapping.address().cast::<Layout>().as_ref() }
    }
}

/// An address that a system gave, or its error.
fn mapped(address: *mut core::ffi::c_void) -> io::Result<NonNull<u8>> {
    NonNull::new(address.cast()).ok_or_else(io::Error::last_os_error)
}
