//! What lies where in the shared memory. Every word is atomic; a change of anything here needs another
//! [`VERSION`], which is part of the memory's name, so that old and new never meet.

use std::sync::atomic::AtomicU64;

use crate::text::NAME_WORDS;
use crate::transport::TRANSPORT_WORDS;

/// Version of the layout.
pub(crate) const VERSION: u32 = 1;

/// Senders that can be there at once.
pub const NUM_SLOTS: usize = 64;

/// Frames of the longest ring: half a second up to 524 kHz.
pub const RING_FRAMES_MAX: usize = 1 << 18;
const RING_FRAMES_MIN: usize = 1 << 15;

/// A ring holds at least this much, and four of the longest blocks that hosts have.
const RING_SECS: f64 = 0.5;

/// Packets that a slot remembers.
pub(crate) const NUM_PACKETS: usize = 1 << 10;

/// A packet has at most this share of the ring, so that reading one is well away from writing.
const PACKETS_IN_RING_AT_LEAST: usize = 8;

/// Frames of the longest packet of all.
pub const MAX_PACKET_FRAMES: usize = RING_FRAMES_MAX / PACKETS_IN_RING_AT_LEAST;

/// Audio channels of a stream.
pub(crate) const MAX_CHANNELS: u32 = 2;

/// Rates that a stream may have, in Hz.
pub(crate) const RATES_HZ: std::ops::RangeInclusive<u32> = 1_000..=1_536_000;

/// Frames of the ring at a rate: a power of two, half a second or more.
pub fn ring_frames(rate_hz: u32) -> usize {
    let frames = (f64::from(rate_hz) * RING_SECS).ceil() as usize;
    frames
        .next_power_of_two()
        .clamp(RING_FRAMES_MIN, RING_FRAMES_MAX)
}

/// Packets shorter than this wait for the next block, so that a ring full of them never has more than a slot
/// remembers, even if the host's blocks have one frame each. At 48 kHz it is 1.3 ms.
pub(crate) fn packet_frames_min(ring_frames: usize) -> usize {
    2 * ring_frames / NUM_PACKETS
}

/// Frames of the longest packet in such a ring.
pub(crate) fn packet_frames_max(ring_frames: usize) -> usize {
    ring_frames / PACKETS_IN_RING_AT_LEAST
}

/// The whole memory.
#[repr(C)]
pub(crate) struct Layout {
    pub(crate) heads: [Head; NUM_SLOTS],
    pub(crate) bodies: [Body; NUM_SLOTS],
}

/// Who a slot belongs to, how far it is, and what readers want of it.
#[repr(C, align(4096))]
pub(crate) struct Head {
    pub(crate) owner: Owner,
    pub(crate) progress: Progress,
    pub(crate) wishes: Wishes,
}

/// Written by the owner, off its audio thread; believed only with the right seal.
#[repr(C, align(64))]
pub(crate) struct Owner {
    /// Over all that follows.
    pub(crate) seal: AtomicU64,
    /// A number that no other owner ever had; 0 in a free slot.
    pub(crate) session: AtomicU64,
    /// The process.
    pub(crate) pid: AtomicU64,
    /// What the plug-in's instance is called by itself, from one start of the host to the next.
    pub(crate) identity: AtomicU64,
    /// Rate and channels, see [`Format`]; 0 before the first stream.
    pub(crate) format: AtomicU64,
    pub(crate) name: [AtomicU64; NAME_WORDS],
}

/// Written by the owner's audio thread.
#[repr(C, align(64))]
pub(crate) struct Progress {
    /// Packets so far; the newest has this number less one.
    pub(crate) published: AtomicU64,
}

/// Written by readers.
#[repr(C, align(64))]
pub(crate) struct Wishes {
    /// Frames that somebody still wants to hear; the owner's audio thread counts it down. Readers renew it, so that
    /// it runs out by itself when they are gone.
    pub(crate) attention: AtomicU64,
    /// Over the session and the name that is wanted; 0 when none is.
    pub(crate) name_seal: AtomicU64,
    pub(crate) name: [AtomicU64; NAME_WORDS],
}

/// Packets and audio of a slot. Only its first part is used where the ring is shorter than it could be.
#[repr(C, align(4096))]
pub(crate) struct Body {
    pub(crate) packets: [PacketWords; NUM_PACKETS],
    /// A frame is a word: left in its lower half, right in its upper, so that none is ever half written.
    pub(crate) ring: [AtomicU64; RING_FRAMES_MAX],
}

/// A packet as it lies in the memory.
#[repr(C, align(64))]
pub(crate) struct PacketWords {
    /// Over all that follows, begun with the session.
    pub(crate) seal: AtomicU64,
    pub(crate) words: [AtomicU64; PACKET_WORDS],
}

pub(crate) const PACKET_WORDS: usize = 5 + TRANSPORT_WORDS;

/// A packet's head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PacketHead {
    pub(crate) sequence: u64,
    /// Place of its first frame in the stream.
    pub(crate) start: u64,
    pub(crate) frames: u32,
    pub(crate) format: Format,
    /// Over its audio, begun with the session.
    pub(crate) audio_seal: u64,
    pub(crate) transport: [u64; TRANSPORT_WORDS],
}

impl PacketHead {
    pub(crate) fn to_words(self) -> [u64; PACKET_WORDS] {
        let mut words = [0; PACKET_WORDS];
        words[0] = self.sequence;
        words[1] = self.start;
        words[2] = self.frames.into();
        words[3] = self.format.to_word();
        words[4] = self.audio_seal;
        words[5..].copy_from_slice(&self.transport);
        words
    }

    pub(crate) fn of_words(words: &[u64; PACKET_WORDS]) -> Option<Self> {
        let mut transport = [0; TRANSPORT_WORDS];
        transport.copy_from_slice(&words[5..]);
        let format = Format::of_word(words[3])?;
        let frames = u32::try_from(words[2]).ok()?;
        let fits = frames as usize <= packet_frames_max(ring_frames(format.rate_hz));
        (fits && frames > 0).then_some(Self {
            sequence: words[0],
            start: words[1],
            frames,
            format,
            audio_seal: words[4],
            transport,
        })
    }
}

/// Rate and channels of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) rate_hz: u32,
    /// 1 or 2.
    pub(crate) channels: u32,
}

impl Format {
    pub(crate) fn to_word(self) -> u64 {
        u64::from(self.rate_hz) | u64::from(self.channels) << 32
    }

    pub(crate) fn of_word(word: u64) -> Option<Self> {
        let format = Self {
            rate_hz: word as u32,
            channels: (word >> 32) as u32,
        };
        let is_possible =
            RATES_HZ.contains(&format.rate_hz) && (1..=MAX_CHANNELS).contains(&format.channels);
        is_possible.then_some(format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::{offset_of, size_of};

    /// Old plug-ins and new readers meet in one memory: whoever changes these numbers changes [`VERSION`] too.
    #[test]
    fn the_first_version_lies_as_it_always_did() {
        assert_eq!(VERSION, 1);
        assert_eq!((size_of::<Head>(), size_of::<PacketWords>()), (4096, 128));
        assert_eq!(size_of::<Body>(), 128 * 1024 + 8 * RING_FRAMES_MAX);
        assert_eq!(size_of::<Layout>(), 64 * (4096 + size_of::<Body>()));
        assert_eq!(offset_of!(Head, progress), 128);
        assert_eq!(offset_of!(Head, wishes), 192);
        assert_eq!((NUM_PACKETS, PACKET_WORDS, NAME_WORDS), (1024, 15, 8));
    }

    #[test]
    fn a_ring_holds_half_a_second_at_every_rate_and_its_packets_half_a_second_of_shortest_blocks() {
        for rate_hz in [8000, 44_100, 48_000, 96_000, 192_000, 384_000] {
            let frames = ring_frames(rate_hz);
            assert!(frames as f64 >= 0.5 * f64::from(rate_hz), "{rate_hz} Hz");
            assert!(packet_frames_min(frames) * NUM_PACKETS >= frames);
            assert!(packet_frames_min(frames) < packet_frames_max(frames));
        }
        assert_eq!(ring_frames(u32::MAX), RING_FRAMES_MAX);
        assert_eq!(ring_frames(0), RING_FRAMES_MIN);
    }

    #[test]
    fn a_packet_comes_back_and_one_longer_than_its_ring_allows_does_not() {
        let head = PacketHead {
            sequence: 7,
            start: 1 << 40,
            frames: 4096,
            format: Format {
                rate_hz: 48_000,
                channels: 2,
            },
            audio_seal: 99,
            transport: std::array::from_fn(|n| n as u64),
        };
        assert_eq!(PacketHead::of_words(&head.to_words()), Some(head));
        for frames in [0, 4097, u32::MAX] {
            let wrong = PacketHead { frames, ..head };
            assert_eq!(PacketHead::of_words(&wrong.to_words()), None);
        }
    }
}
