//! The writing end, on a host's audio thread: it copies, counts and returns. No allocation, lock, system call, log or
//! wait is in here, and no loop that depends on anybody else. While nobody listens it does not even write.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::counters::Counters;
use crate::layout::{
    Body, Format, Head, NUM_PACKETS, PacketHead, packet_frames_max, packet_frames_min, ring_frames,
};
use crate::seal::Seal;
use crate::table::Shared;
use crate::transport::Transport;

/// Attention beyond this is not what a reader asked for, but something else that lies there.
const ATTENTION_MAX_SECS: u64 = 10;

/// The audio of a sender, going out.
pub struct Stream {
    shared: Arc<Shared>,
    slot: usize,
    session: u64,
    format: Format,
    ring_frames: usize,
    /// Frames so far, heard or not.
    position: u64,
    /// Packets so far.
    sequence: u64,
    /// The packet in the making, if any.
    open: Option<OpenPacket>,
    counters: Arc<Counters>,
}

/// Frames that lie in the ring already, but are announced to nobody.
#[derive(Clone, Copy)]
struct OpenPacket {
    start: u64,
    frames: usize,
    seal: Seal,
    transport: Transport,
}

impl Stream {
    pub(crate) fn new(
        shared: Arc<Shared>,
        slot: usize,
        session: u64,
        format: Format,
        counters: Arc<Counters>,
    ) -> Self {
        Self {
            shared,
            slot,
            session,
            format,
            ring_frames: ring_frames(format.rate_hz),
            position: counters.position.load(Ordering::Acquire),
            sequence: counters.sequence.load(Ordering::Acquire),
            open: None,
            counters,
        }
    }

    /// Frames so far, heard or not.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether somebody listens at present.
    pub fn is_heard(&self) -> bool {
        self.head().wishes.attention.load(Ordering::Relaxed) > 0
    }

    /// Sends a block of the host: the only channel, or left and right, of the same length (the shorter counts).
    /// `transport` is asked only if somebody listens; it is that at the first frame. Real-time safe.
    pub fn write(
        &mut self,
        left: &[f32],
        right: Option<&[f32]>,
        transport: impl FnOnce() -> Transport,
    ) {
        let frames = right.map_or(left.len(), |right| right.len().min(left.len()));
        if !self.count_down(frames) {
            self.open = None;
            return self.skip(frames);
        }
        let mut now = transport();
        let goes_on = |open: &OpenPacket| open.transport.goes_on_in(&now, open.frames as u64);
        if self.open.as_ref().is_some_and(|open| !goes_on(open)) {
            self.publish();
        }
        let longest = packet_frames_max(self.ring_frames);
        let mut done = 0;
        while done < frames {
            let open = self.open.map_or(0, |open| open.frames);
            let part = (frames - done).min(longest - open);
            let span = done..done + part;
            self.put(&left[span.clone()], right.map(|right| &right[span]), &now);
            now.song_frames = now.song_frames_after(part as u64);
            // In beats a later part of a block is not known: tempo may change.
            now.song_beats = None;
            done += part;
            let open = self.open.map_or(0, |open| open.frames);
            if open >= packet_frames_min(self.ring_frames) {
                self.publish();
            }
        }
    }

    /// Counts frames that are not sent, so that a reader finds a gap as long as what is missing. Real-time safe.
    pub fn skip(&mut self, frames: usize) {
        self.publish();
        self.position = self.position.wrapping_add(frames as u64);
    }

    /// Announces what still waits for a longer packet: when the host stops. Real-time safe.
    pub fn flush(&mut self) {
        self.publish();
    }

    /// Whether somebody listens; counts the frames down from what is still wanted.
    fn count_down(&self, frames: usize) -> bool {
        let attention = &self.head().wishes.attention;
        let wanted = attention.load(Ordering::Relaxed);
        if wanted == 0 {
            return false;
        }
        let most = ATTENTION_MAX_SECS * u64::from(self.format.rate_hz);
        let rest = wanted.min(most).saturating_sub(frames as u64);
        // Once: if it fails, a reader has just renewed it, which is as good.
        let _ = attention.compare_exchange(wanted, rest, Ordering::Relaxed, Ordering::Relaxed);
        true
    }

    /// Adds frames to the packet in the making, which has room for them.
    fn put(&mut self, left: &[f32], right: Option<&[f32]>, transport: &Transport) {
        let mut open = self.open.unwrap_or_else(|| OpenPacket {
            start: self.position,
            frames: 0,
            seal: Seal::new(self.session),
            transport: *transport,
        });
        let ring = &self.body().ring;
        let mask = self.ring_frames - 1;
        let begin = self.position as usize;
        let mut put = |index: usize, word: u64| {
            ring[begin.wrapping_add(index) & mask].store(word, Ordering::Relaxed);
            open.seal.add(word);
        };
        match right {
            Some(right) => {
                for (index, (left, right)) in left.iter().zip(right).enumerate() {
                    let word = u64::from(left.to_bits()) | u64::from(right.to_bits()) << 32;
                    put(index, word);
                }
            }
            None => {
                for (index, sample) in left.iter().enumerate() {
                    put(index, sample.to_bits().into());
                }
            }
        }
        open.frames += left.len();
        self.position = self.position.wrapping_add(left.len() as u64);
        self.open = Some(open);
    }

    fn publish(&mut self) {
        let Some(open) = self.open.take() else {
            return;
        };
        let head = PacketHead {
            sequence: self.sequence,
            start: open.start,
            frames: open.frames as u32,
            format: self.format,
            audio_seal: open.seal.value(),
            transport: open.transport.to_words(),
        };
        let words = head.to_words();
        let place = &self.body().packets[self.sequence as usize % NUM_PACKETS];
        for (place, word) in place.words.iter().zip(words) {
            place.store(word, Ordering::Relaxed);
        }
        let seal = Seal::of(self.session, words);
        place.seal.store(seal, Ordering::Relaxed);
        self.sequence = self.sequence.wrapping_add(1);
        let published: &AtomicU64 = &self.head().progress.published;
        published.store(self.sequence, Ordering::Release);
    }

    fn head(&self) -> &Head {
        self.shared.memory.head(self.slot)
    }

    fn body(&self) -> &Body {
        self.shared.memory.body(self.slot)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.publish();
        let counters = &self.counters;
        counters.position.store(self.position, Ordering::Release);
        counters.sequence.store(self.sequence, Ordering::Release);
        counters.has_stream.store(false, Ordering::Release);
    }
}
