//! A sender: the owner of a slot, for the plug-in's main thread. Its audio thread has a [`Stream`].

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::counters::Counters;
use crate::layout::{Format, NUM_SLOTS};
use crate::lock::SlotLock;
use crate::stream::Stream;
use crate::table::{LinkError, OwnerWords, Shared, Table};
use crate::text::words_of;

/// What a sender says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Its name; empty for "Track N", by its slot.
    pub name: String,
    /// The number that stays with this instance of the plug-in; 0 for a new one.
    pub identity: u64,
}

/// The owner of a slot. Dropping it frees the slot.
pub struct Sender {
    shared: Arc<Shared>,
    slot: usize,
    words: OwnerWords,
    counters: Arc<Counters>,
}

impl Sender {
    /// Takes a free slot. An identity that another sender has, as after a track was copied, becomes a new one.
    pub fn take(table: &Table, description: &Description) -> Result<Self, LinkError> {
        let shared = Arc::clone(&table.shared);
        let (slot, lock) = free_slot(&shared)?;
        let is_known = |other: &crate::SenderInfo| other.identity == description.identity;
        let identity = match description.identity {
            0 => new_number(),
            _ if table.senders().iter().any(is_known) => new_number(),
            known => known,
        };
        let mut sender = Self {
            words: OwnerWords {
                session: new_number(),
                pid: std::process::id().into(),
                identity,
                format: 0,
                name: [0; _],
            },
            slot,
            counters: Arc::new(Counters::new(lock)),
            shared,
        };
        // Whatever the slot's owner before counted or was asked is not ours.
        let head = sender.shared.memory.head(slot);
        head.wishes.attention.store(0, Ordering::Relaxed);
        head.wishes.name_seal.store(0, Ordering::Relaxed);
        head.progress.published.store(0, Ordering::Relaxed);
        sender.call(&description.name);
        Ok(sender)
    }

    /// Its slot.
    pub fn slot(&self) -> usize {
        self.slot
    }

    /// The number that stays with this instance.
    pub fn identity(&self) -> u64 {
        self.words.identity
    }

    /// Changes the name that readers see; empty for "Track N".
    pub fn call(&mut self, name: &str) {
        let name = crate::text::cleaned(name);
        self.words.name = if name.is_empty() {
            words_of(&format!("Track {}", self.slot + 1))
        } else {
            words_of(&name)
        };
        self.mend();
    }

    /// Writes again what this sender says of itself, should something else stand there. To be called now and then.
    pub fn mend(&self) {
        self.words.write(&self.shared.memory.head(self.slot).owner);
    }

    /// The name that somebody in Abscope wants it to have, once; an empty one asks for its own.
    pub fn asked_name(&self) -> Option<String> {
        self.shared.take_asked_name(self.slot, self.words.session)
    }

    /// Begins a stream, to go to the audio thread. Reserves and touches memory: not for that thread. There is one at a
    /// time; the next goes on counting where the one before ended.
    pub fn stream(&mut self, rate_hz: u32, channels: u32) -> Result<Stream, LinkError> {
        let wrong = LinkError::Format { rate_hz, channels };
        let word = Format { rate_hz, channels }.to_word();
        let format = Format::of_word(word).ok_or(wrong)?;
        let memory = &self.shared.memory;
        let reserved = memory.reserve(self.slot, rate_hz);
        reserved.map_err(|source| LinkError::Memory {
            name: self.shared.name.clone(),
            source,
        })?;
        memory.touch(self.slot, rate_hz);
        if self.counters.has_stream.swap(true, Ordering::AcqRel) {
            return Err(LinkError::Streaming);
        }
        self.words.format = word;
        self.mend();
        Ok(Stream::new(
            Arc::clone(&self.shared),
            self.slot,
            self.words.session,
            format,
            Arc::clone(&self.counters),
        ))
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let gone = OwnerWords {
            session: 0,
            ..self.words
        };
        gone.write(&self.shared.memory.head(self.slot).owner);
    }
}

fn free_slot(shared: &Shared) -> Result<(usize, SlotLock), LinkError> {
    for slot in 0..NUM_SLOTS {
        let lock = shared
            .locks
            .take(slot)
            .map_err(|source| LinkError::Memory {
                name: shared.name.clone(),
                source,
            })?;
        if let Some(lock) = lock {
            return Ok((slot, lock));
        }
    }
    Err(LinkError::Full)
}

/// A number that nobody has had before, as far as chance goes; never 0.
fn new_number() -> u64 {
    // The standard library's keys are random for each process, and differ from one call to the next.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    if let Ok(now) = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
        hasher.write_u128(now.as_nanos());
    }
    hasher.finish().max(1)
}
