//! The reading end: packets in their order, each checked, and every frame that is missing counted.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::layout::{
    Body, Format, Head, NUM_PACKETS, PACKET_WORDS, PacketHead, PacketWords, ring_frames,
};
use crate::seal::Seal;
use crate::table::{LinkError, SenderInfo, Shared, Table};
use crate::transport::Transport;

/// A sender goes on for this long after the last look of a reader.
const ATTENTION_SECS: f64 = 2.0;

/// Reads one sender. Several may read the same one.
pub struct Listener {
    shared: Arc<Shared>,
    info: SenderInfo,
    format: Format,
    /// Number of the packet that comes next.
    next: u64,
    /// Place in the stream of the frame that comes next; `None` before the first packet.
    position: Option<u64>,
    /// The latest packet, to see whether the song jumps.
    before: Option<Packet>,
    /// Set by what ended the stream.
    end: Option<Heard>,
}

/// What one call of [`Listener::read`] met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Heard {
    /// The frames of a packet were appended.
    Packet(Packet),
    /// So many frames are missing between what was read before and what comes next.
    Gap {
        /// How many.
        frames: u64,
    },
    /// Nothing has come since the last call.
    Idle,
    /// The host goes on at another rate or with another number of channels: listen anew.
    OtherFormat,
    /// The sender is gone: its host closed it, or ended.
    Gone,
}

/// A stretch of the stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Packet {
    /// Frames.
    pub frames: usize,
    /// Place of the first in the stream.
    pub position: u64,
    /// The host's transport at the first.
    pub transport: Transport,
    /// Whether the song does not go on from the packet before, but is elsewhere: a locate, or the end of a loop.
    pub has_jumped: bool,
}

impl Listener {
    /// Listens to a sender from now on. The first packet comes with the host's next block.
    pub fn new(table: &Table, sender: &SenderInfo) -> Result<Self, LinkError> {
        let shared = Arc::clone(&table.shared);
        let info = table.sender(sender.slot);
        let info = info.filter(|info| info.session == sender.session);
        let info = info.ok_or(LinkError::NotThere)?;
        let rate_hz = info.rate_hz.ok_or(LinkError::NotThere)?;
        let reserved = shared.memory.reserve(info.slot, rate_hz);
        reserved.map_err(|source| LinkError::Memory {
            name: shared.name.clone(),
            source,
        })?;
        let published = &shared.memory.head(info.slot).progress.published;
        let mut listener = Self {
            next: published.load(Ordering::Acquire),
            format: Format {
                rate_hz,
                channels: info.channels.into(),
            },
            shared,
            info,
            position: None,
            before: None,
            end: None,
        };
        listener.ask_for_more();
        Ok(listener)
    }

    /// The sender, as it was when this began to listen.
    pub fn sender(&self) -> &SenderInfo {
        &self.info
    }

    /// Frames per second.
    pub fn rate_hz(&self) -> u32 {
        self.format.rate_hz
    }

    /// Samples in a frame, 1 or 2.
    pub fn channels(&self) -> usize {
        self.format.channels as usize
    }

    /// Appends the frames of the next packet, interleaved, or says what is there in its place. To be called at least
    /// every second: a sender that nobody reads stops writing. Never waits; its work is bounded whatever lies in the
    /// memory.
    pub fn read(&mut self, out: &mut Vec<f32>) -> Heard {
        if let Some(end) = self.end {
            return end;
        }
        self.ask_for_more();
        let published = self.head().progress.published.load(Ordering::Acquire);
        let waiting = published.wrapping_sub(self.next);
        if waiting == 0 {
            return Heard::Idle;
        }
        // The count is believed if the packet that it counts as newest is there: anything may have been written over
        // it, but then the sender counts on from its own number.
        if self.packet(published.wrapping_sub(1)).is_none() {
            return Heard::Idle;
        }
        if waiting > NUM_PACKETS as u64 {
            let is_ahead = published > self.next;
            let back = if is_ahead { NUM_PACKETS as u64 } else { 1 };
            self.next = published.saturating_sub(back);
        }
        while self.next != published {
            let Some(head) = self.packet(self.next) else {
                // Written over, by the sender or by anything: it is missed, and the next one tells how much.
                self.next = self.next.wrapping_add(1);
                continue;
            };
            if head.format != self.format {
                return self.end_with(Heard::OtherFormat);
            }
            match self.take(&head, out) {
                Some(heard) => return heard,
                None => self.next = self.next.wrapping_add(1),
            }
        }
        Heard::Idle
    }

    /// Whether the sender is there. Asks the file system: now and then, not with every packet.
    pub fn is_there(&mut self) -> bool {
        if self.end.is_some() {
            return false;
        }
        let is_taken = self.shared.locks.is_taken(self.info.slot);
        let owner = self.shared.owner(self.info.slot);
        let is_other = owner.is_some_and(|owner| owner.session != self.info.session);
        if !is_taken || is_other {
            self.end_with(Heard::Gone);
        }
        self.end.is_none()
    }

    /// What the sender calls itself now.
    pub fn name(&self) -> String {
        let owner = self.shared.owner(self.info.slot);
        let owner = owner.filter(|owner| owner.session == self.info.session);
        owner.map_or_else(|| self.info.name.clone(), |owner| owner.name)
    }

    fn end_with(&mut self, heard: Heard) -> Heard {
        self.end = Some(heard);
        heard
    }

    /// The packet of a number, if it is there and whole.
    fn packet(&self, sequence: u64) -> Option<PacketHead> {
        let place: &PacketWords = &self.body().packets[sequence as usize % NUM_PACKETS];
        let seal = place.seal.load(Ordering::Relaxed);
        let words: [u64; PACKET_WORDS] =
            std::array::from_fn(|index| place.words[index].load(Ordering::Relaxed));
        if seal != Seal::of(self.info.session, words) {
            return None;
        }
        PacketHead::of_words(&words).filter(|head| head.sequence == sequence)
    }

    /// Takes a packet, or the gap before it. `None` if its audio has been written over, or was read before.
    fn take(&mut self, head: &PacketHead, out: &mut Vec<f32>) -> Option<Heard> {
        let frames = head.frames as usize;
        let begin = out.len();
        if self.position.is_some_and(|position| head.start < position) || !self.copy(head, out) {
            out.truncate(begin);
            return None;
        }
        let position = *self.position.get_or_insert(head.start);
        if head.start > position {
            out.truncate(begin);
            self.position = Some(head.start);
            return Some(Heard::Gap {
                frames: head.start - position,
            });
        }
        let transport = Transport::of_words(&head.transport);
        let has_jumped = self.before.is_some_and(|before| {
            let passed = head.start - before.position;
            before.transport.jumps_to(&transport, passed)
        });
        let packet = Packet {
            frames,
            position,
            transport,
            has_jumped,
        };
        self.next = self.next.wrapping_add(1);
        self.position = Some(head.start.saturating_add(frames as u64));
        self.before = Some(packet);
        Some(Heard::Packet(packet))
    }

    /// Appends a packet's audio; false if it is not what the sender sealed.
    fn copy(&self, head: &PacketHead, out: &mut Vec<f32>) -> bool {
        let ring = &self.body().ring;
        let mask = ring_frames(head.format.rate_hz) - 1;
        let is_stereo = head.format.channels == 2;
        let mut seal = Seal::new(self.info.session);
        for index in 0..head.frames as usize {
            let place = (head.start as usize).wrapping_add(index) & mask;
            let word = ring[place].load(Ordering::Relaxed);
            seal.add(word);
            out.push(f32::from_bits(word as u32));
            if is_stereo {
                out.push(f32::from_bits((word >> 32) as u32));
            }
        }
        seal.value() == head.audio_seal
    }

    /// Keeps the sender writing.
    fn ask_for_more(&mut self) {
        let attention = &self.head().wishes.attention;
        let wanted = (f64::from(self.format.rate_hz) * ATTENTION_SECS) as u64;
        if attention.load(Ordering::Relaxed) < wanted / 2 {
            attention.store(wanted, Ordering::Relaxed);
        }
    }

    fn head(&self) -> &Head {
        self.shared.memory.head(self.info.slot)
    }

    fn body(&self) -> &Body {
        self.shared.memory.body(self.info.slot)
    }
}
