//! The table of senders: who is there, under which name, at which rate.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::layout::{Format, NUM_SLOTS, Owner, VERSION};
use crate::lock::Locks;
use crate::memory::{Memory, Presence};
use crate::seal::Seal;
use crate::text::{NAME_WORDS, cleaned, text_of, words_of};

/// Set to have a table of that name in place of the user's own: tests must not meet a DAW that happens to run.
const TABLE_VARIABLE: &str = "ABSCOPE_LINK";

/// An owner that is just being written is looked at again, so many times.
const LOOKS: usize = 8;

/// Why the table cannot be used. Each is one line: what, why, what to do.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The shared memory does not open, or there is none left.
    #[error(
        "the shared memory of Abscope Send ({name}) does not open: {source}; close DAW and Abscope, remove it, start again"
    )]
    Memory {
        /// Its name for the system.
        name: String,
        /// In the words of the system.
        source: std::io::Error,
    },
    /// All slots are taken.
    #[error("{NUM_SLOTS} senders are there already, and that is as many as can be")]
    Full,
    /// The sender has a stream, and there is one at a time.
    #[error("the sender has a stream already")]
    Streaming,
    /// A rate or a number of channels that no stream has.
    #[error("a sender cannot have {channels} channels at {rate_hz} Hz")]
    Format {
        /// What was asked for.
        rate_hz: u32,
        /// What was asked for.
        channels: u32,
    },
    /// The sender is gone, or has never had a stream.
    #[error("the sender is not there, or its host has not started it yet")]
    NotThere,
}

/// A table of senders, mapped.
#[derive(Clone)]
pub struct Table {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) name: String,
    pub(crate) memory: Memory,
    pub(crate) locks: Locks,
}

/// A sender that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderInfo {
    /// Its slot.
    pub slot: usize,
    /// A number that no other sender ever had.
    pub session: u64,
    /// A number that stays with an instance of the plug-in, from one start of its host to the next.
    pub identity: u64,
    /// Its name.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// Rate in Hz; `None` as long as the host has never started it.
    pub rate_hz: Option<u32>,
    /// Channels, 1 or 2; 0 as long as the host has never started it.
    pub channels: u16,
}

impl Table {
    /// The user's own table, made if it is not there: for senders.
    pub fn make() -> Result<Self, LinkError> {
        Self::make_named(&own_name())
    }

    /// The user's own table; `None` where there has never been a sender: for readers.
    pub fn find() -> Result<Option<Self>, LinkError> {
        Self::find_named(&own_name())
    }

    /// As [`make`](Self::make), under another name.
    pub fn make_named(name: &str) -> Result<Self, LinkError> {
        let table = Self::open(name, Presence::Make)?;
        table.ok_or_else(|| LinkError::Memory {
            name: name.to_owned(),
            source: std::io::ErrorKind::NotFound.into(),
        })
    }

    /// As [`find`](Self::find), under another name.
    pub fn find_named(name: &str) -> Result<Option<Self>, LinkError> {
        Self::open(name, Presence::Expect)
    }

    fn open(name: &str, presence: Presence) -> Result<Option<Self>, LinkError> {
        let memory = Memory::open(name, presence).map_err(|source| LinkError::Memory {
            name: name.to_owned(),
            source,
        })?;
        Ok(memory.map(|memory| Self {
            shared: Arc::new(Shared {
                name: name.to_owned(),
                memory,
                locks: Locks::of(name),
            }),
        }))
    }

    /// All senders whose process lives, in the order of their slots.
    pub fn senders(&self) -> Vec<SenderInfo> {
        (0..NUM_SLOTS)
            .filter_map(|slot| self.sender(slot))
            .collect()
    }

    /// The sender of a slot, if its process lives.
    pub fn sender(&self, slot: usize) -> Option<SenderInfo> {
        let info = self.shared.owner(slot)?;
        self.shared.locks.is_taken(slot).then_some(info)
    }

    /// Asks a sender to call itself by another name; an empty one gives it back its own. It does so within a second.
    pub fn ask_name(&self, sender: &SenderInfo, name: &str) {
        let wishes = &self.shared.memory.head(sender.slot).wishes;
        let words = words_of(name);
        wishes.name_seal.store(0, Ordering::Relaxed);
        for (place, word) in wishes.name.iter().zip(words) {
            place.store(word, Ordering::Relaxed);
        }
        let seal = Seal::of(sender.session, words);
        wishes.name_seal.store(seal, Ordering::Release);
    }
}

impl Shared {
    /// What the owner of a slot wrote, if it is whole.
    pub(crate) fn owner(&self, slot: usize) -> Option<SenderInfo> {
        let owner = &self.memory.head(slot).owner;
        (0..LOOKS).find_map(|_| {
            let seal = owner.seal.load(Ordering::Acquire);
            let words = OwnerWords::read(owner);
            (seal == words.seal() && words.session != 0).then(|| words.info(slot))
        })
    }

    /// The name that somebody wants the sender of this session to have; taken away from there.
    pub(crate) fn take_asked_name(&self, slot: usize, session: u64) -> Option<String> {
        let wishes = &self.memory.head(slot).wishes;
        let seal = wishes.name_seal.load(Ordering::Acquire);
        if seal == 0 {
            return None;
        }
        let words: [u64; NAME_WORDS] =
            std::array::from_fn(|index| wishes.name[index].load(Ordering::Relaxed));
        if seal != Seal::of(session, words) {
            return None;
        }
        wishes.name_seal.store(0, Ordering::Relaxed);
        Some(text_of(&words))
    }
}

/// What an owner says of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OwnerWords {
    pub(crate) session: u64,
    pub(crate) pid: u64,
    pub(crate) identity: u64,
    pub(crate) format: u64,
    pub(crate) name: [u64; NAME_WORDS],
}

impl OwnerWords {
    fn read(owner: &Owner) -> Self {
        Self {
            session: owner.session.load(Ordering::Relaxed),
            pid: owner.pid.load(Ordering::Relaxed),
            identity: owner.identity.load(Ordering::Relaxed),
            format: owner.format.load(Ordering::Relaxed),
            name: std::array::from_fn(|index| owner.name[index].load(Ordering::Relaxed)),
        }
    }

    /// Writes all, the seal last; leaves alone what is as it should be, so that a rewrite disturbs no reader.
    pub(crate) fn write(&self, owner: &Owner) {
        if owner.seal.load(Ordering::Relaxed) == self.seal() && Self::read(owner) == *self {
            return;
        }
        owner.seal.store(0, Ordering::Relaxed);
        owner.session.store(self.session, Ordering::Relaxed);
        owner.pid.store(self.pid, Ordering::Relaxed);
        owner.identity.store(self.identity, Ordering::Relaxed);
        owner.format.store(self.format, Ordering::Relaxed);
        for (place, word) in owner.name.iter().zip(self.name) {
            place.store(word, Ordering::Relaxed);
        }
        owner.seal.store(self.seal(), Ordering::Release);
    }

    fn seal(&self) -> u64 {
        let own = [self.session, self.pid, self.identity, self.format];
        Seal::of(u64::from(VERSION), own.into_iter().chain(self.name))
    }

    fn info(&self, slot: usize) -> SenderInfo {
        let format = Format::of_word(self.format);
        SenderInfo {
            slot,
            session: self.session,
            identity: self.identity,
            name: cleaned(&text_of(&self.name)),
            pid: self.pid as u32,
            rate_hz: format.map(|format| format.rate_hz),
            channels: format.map_or(0, |format| format.channels as u16),
        }
    }
}

/// The name of the user's own table.
fn own_name() -> String {
    match std::env::var(TABLE_VARIABLE) {
        Ok(name) if !name.is_empty() => name,
        #[cfg(unix)]
        _ => format!(
            "abscope-send-{VERSION}-{}",
            rustix::process::geteuid().as_raw()
        ),
        #[cfg(not(unix))]
        _ => format!("abscope-send-{VERSION}"),
    }
}
