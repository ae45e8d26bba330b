//! Senders: tracks of a DAW that the plug-in Abscope Send lets us hear, as inputs like any other.
//!
//! They come by shared memory, packet by packet, each with the song's place. The plug-in may not wake anybody, so a
//! thread looks for what has come. A DAW that stands still is no lost input: its sender is there, and is heard again
//! when it goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use abscope_link::{Heard, Listener, Packet, SenderInfo, Table};

use super::callback::{CaptureCallback, CaptureStatus};
use super::device_info::DeviceInfo;
use crate::audio::threads;

/// What stands for the audio system of a sender.
pub const SENDER_HOST: &str = "Abscope Send";
/// In front of a sender's name.
const NAME_PREFIX: &str = "DAW: ";
/// In front of the number that stays with a sender, in its id.
const ID_PREFIX: &str = "send:";

/// Name of the thread, at most the 15 letters that Linux keeps.
const THREAD_NAME: &str = "sender";
/// How often it is looked for packets: a quarter of a picture, and no measurable load.
const LOOK_EVERY: Duration = Duration::from_millis(4);
/// How often it is asked whether the sender's process lives.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// A sender that sends nothing counts as delivering once it has been there for so long: longer than another input waits
/// for the first frames of the one that takes over, shorter than one without any counts as dead.
const AT_REST_AFTER: Duration = Duration::from_secs(3);
/// Where the song is, is told at least this often, in seconds of the stream.
const MARK_SECS: f64 = 0.1;

/// A sender that can be opened.
pub(super) struct Source {
    pub(super) info: DeviceInfo,
    table: Table,
    sender: SenderInfo,
}

impl Source {
    /// Frames per second; `None` as long as the host has never started it.
    pub(super) fn sample_rate_hz(&self) -> Option<u32> {
        self.sender.rate_hz
    }

    /// Samples in a frame.
    pub(super) fn channels(&self) -> u16 {
        self.sender.channels
    }
}

/// All senders that are there. A table that does not open has none.
pub(super) fn sources() -> Vec<Source> {
    let Ok(Some(table)) = Table::find() else {
        return Vec::new();
    };
    let senders = table.senders();
    let names = distinct_names(&senders);
    let source = |(sender, name): (SenderInfo, String)| Source {
        info: DeviceInfo {
            name,
            id: format!("{ID_PREFIX}{:016x}", sender.identity),
            host: SENDER_HOST.to_owned(),
            channels: sender.channels,
            rates: sender.rate_hz.into_iter().collect(),
            is_monitor: false,
            is_default: false,
        },
        table: table.clone(),
        sender,
    };
    senders.into_iter().zip(names).map(source).collect()
}

/// Whether a DAW has a track to be heard.
pub fn is_there() -> bool {
    matches!(Table::find(), Ok(Some(table)) if !table.senders().is_empty())
}

/// Names for people; the second of two that are called the same is "(2)".
fn distinct_names(senders: &[SenderInfo]) -> Vec<String> {
    let name_of = |index: usize| {
        let name = &senders[index].name;
        let before = senders[..index].iter().filter(|other| other.name == *name);
        match before.count() {
            0 => format!("{NAME_PREFIX}{name}"),
            count => format!("{NAME_PREFIX}{name} ({})", count + 1),
        }
    };
    (0..senders.len()).map(name_of).collect()
}

/// A running stream; dropping it stops and joins its thread.
pub(super) struct Stream {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stream {
    /// Hands on what the sender sends from now on.
    pub(super) fn open(
        source: &Source,
        callback: CaptureCallback,
        status: &Arc<CaptureStatus>,
    ) -> Result<Self, String> {
        let listener = Listener::new(&source.table, &source.sender);
        let listener = listener.map_err(|error| error.to_string())?;
        let stop = Arc::new(AtomicBool::new(false));
        let pump = Pump {
            listener,
            callback,
            status: Arc::clone(status),
            stop: Arc::clone(&stop),
            block: Vec::new(),
            marked: None,
            has_jumped: false,
        };
        let thread =
            threads::spawn(THREAD_NAME, move || pump.run()).map_err(|error| error.to_string())?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A thread that panicked has said so already.
            let _ = thread.join();
        }
    }
}

/// What the thread owns.
struct Pump {
    listener: Listener,
    callback: CaptureCallback,
    status: Arc<CaptureStatus>,
    stop: Arc<AtomicBool>,
    block: Vec<f32>,
    /// The packet whose place in the song was told last.
    marked: Option<Packet>,
    /// Whether the song has jumped since.
    has_jumped: bool,
}

impl Pump {
    fn run(mut self) {
        let begun = Instant::now();
        let mut asked = begun;
        while !self.stop.load(Ordering::Acquire) && !self.callback.is_abandoned() {
            if let Some(reason) = self.take_in() {
                return self.status.note_lost(reason);
            }
            if asked.elapsed() >= ASK_EVERY {
                asked = Instant::now();
                if self.listener.is_there() && begun.elapsed() >= AT_REST_AFTER {
                    self.status.note_callback(0);
                }
            }
            std::thread::park_timeout(LOOK_EVERY);
        }
    }

    /// Hands on all that has come; why the stream is over, if it is.
    fn take_in(&mut self) -> Option<String> {
        loop {
            self.block.clear();
            match self.listener.read(&mut self.block) {
                Heard::Packet(packet) => {
                    self.mark(packet);
                    self.callback.on_frames(&self.block);
                }
                Heard::Gap { frames } => self.callback.skip(frames),
                Heard::Idle => return None,
                Heard::OtherFormat => {
                    return Some("its host goes on at another rate".to_owned());
                }
                Heard::Gone => return Some("its host has closed it".to_owned()),
            }
        }
    }

    /// Tells where the song is, if that does not follow from what was told, and now and then anyhow.
    fn mark(&mut self, packet: Packet) {
        self.has_jumped |= packet.has_jumped;
        let every_frames = (f64::from(self.listener.rate_hz()) * MARK_SECS) as u64;
        let follows = self.marked.is_some_and(|marked| {
            let passed = packet.position - marked.position;
            passed < every_frames && marked.transport.goes_on_in(&packet.transport, passed)
        });
        if !follows && self.callback.mark(packet.transport, self.has_jumped) {
            self.marked = Some(packet);
            self.has_jumped = false;
        }
    }
}

/// The levels of all senders, for a list to choose from; other systems open them in turn, as all inputs.
#[cfg(target_os = "linux")]
#[derive(Default)]
pub(super) struct Peaks {
    listeners: Vec<(String, Listener)>,
}

#[cfg(target_os = "linux")]
impl Peaks {
    /// Looks which senders there are now, and listens to them.
    pub(super) fn follow_senders(&mut self) -> Vec<DeviceInfo> {
        let sources = sources();
        self.listeners
            .retain_mut(|(_, listener)| listener.is_there());
        for source in &sources {
            let is_known = |(id, _): &(String, Listener)| *id == source.info.id;
            if !self.listeners.iter().any(is_known)
                && let Ok(listener) = Listener::new(&source.table, &source.sender)
            {
                self.listeners.push((source.info.id.clone(), listener));
            }
        }
        sources.into_iter().map(|source| source.info).collect()
    }

    /// The largest magnitude of each sender since the last call, by its id.
    pub(super) fn take_peaks(&mut self) -> Vec<(String, f32)> {
        let mut block = Vec::new();
        let mut peak_of = |listener: &mut Listener| {
            block.clear();
            while matches!(
                listener.read(&mut block),
                Heard::Packet(_) | Heard::Gap { .. }
            ) {}
            let finite = block.iter().filter(|sample| sample.is_finite());
            finite.fold(0.0f32, |peak, sample| sample.abs().max(peak))
        };
        self.listeners
            .iter_mut()
            .map(|(id, listener)| (id.clone(), peak_of(listener)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_of_one_name_are_told_apart() {
        let sender = |slot, name: &str| SenderInfo {
            slot,
            session: 1,
            identity: 1,
            name: name.to_owned(),
            pid: 1,
            rate_hz: None,
            channels: 2,
        };
        let senders = [sender(0, "Vocal"), sender(1, "Bass"), sender(5, "Vocal")];
        assert_eq!(
            distinct_names(&senders),
            ["DAW: Vocal", "DAW: Bass", "DAW: Vocal (2)"]
        );
    }
}
