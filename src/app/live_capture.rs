//! An input heard without a window: for as long as is wanted, until it is lost, or until the person has had enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::audio::capture::{Capture, CaptureInfo, InputSelector, open_input};
use crate::audio::devices::InputChoice;
use crate::audio::ring::{FrameReader, ReadEvent};

/// How long an input may be silent in the sense of delivering nothing at all before that is an error. A sound
/// server may first play out what it had already mixed.
const FIRST_FRAMES: Duration = Duration::from_secs(10);

/// An open input.
pub(super) struct LiveCapture {
    selector: InputSelector,
    /// What is captured.
    pub(super) info: CaptureInfo,
    /// Where its frames come from.
    pub(super) reader: FrameReader,
    capture: Capture,
    changes_seen: u64,
    /// Frames and gaps lost of the inputs before this one.
    lost_before: [u64; 2],
    last_frames: Instant,
}

/// What came.
pub(super) enum Heard {
    /// Nothing now.
    Idle,
    /// Frames, in the block.
    Frames(u64),
    /// So many frames are missing.
    Gap(u64),
    /// No more will come, and why.
    Ended(String),
}

impl LiveCapture {
    /// Opens an input.
    pub(super) fn open(selector: InputSelector) -> anyhow::Result<Self> {
        let mut capture = open_input(&selector)?;
        Ok(Self {
            reader: capture.reader.take().context("the input has no ring")?,
            info: capture.info.clone(),
            changes_seen: capture.status.changes(),
            capture,
            selector,
            lost_before: [0; 2],
            last_frames: Instant::now(),
        })
    }

    /// Reads what has come into an empty block.
    pub(super) fn hear(&mut self, block: &mut Vec<f32>) -> anyhow::Result<Heard> {
        match self.reader.read(block) {
            ReadEvent::Frames(frames) => {
                self.last_frames = Instant::now();
                Ok(Heard::Frames(frames as u64))
            }
            ReadEvent::Gap { frames } => Ok(Heard::Gap(frames)),
            ReadEvent::Closed => Ok(Heard::Ended("the input ended".to_owned())),
            ReadEvent::Idle => {
                if let Some(why) = self.capture.status.lost_reason() {
                    return Ok(Heard::Ended(why));
                }
                if self.last_frames.elapsed() > FIRST_FRAMES {
                    bail!(
                        "{}: nothing has arrived for {} s; is something playing, and is it the right input? `abscope \
                         devices` lists them",
                        self.info.name,
                        FIRST_FRAMES.as_secs()
                    );
                }
                Ok(match self.follow() {
                    Some(why) => Heard::Ended(why),
                    None => Heard::Idle,
                })
            }
        }
    }

    /// Goes over to what the system plays to now, as the window does, if no input was named; says why it cannot.
    fn follow(&mut self) -> Option<String> {
        let changes = self.capture.status.changes();
        if self.selector.choice != InputChoice::System || changes == self.changes_seen {
            return None;
        }
        self.changes_seen = changes;
        let other = Self::open(self.selector.clone()).ok()?;
        let is_same = other.info.id == self.info.id;
        if is_same || (self.info.is_monitor && !other.info.is_monitor) {
            return None;
        }
        if other.info.format != self.info.format {
            let rate_khz = f64::from(other.info.format.sample_rate_hz) / 1000.0;
            return Some(format!(
                "the system plays to {} now, at {rate_khz} kHz",
                other.info.name
            ));
        }
        let lost_before = [self.lost_frames(), self.gaps()];
        *self = Self {
            lost_before,
            ..other
        };
        None
    }

    /// Frames missing so far.
    pub(super) fn lost_frames(&self) -> u64 {
        self.lost_before[0] + self.reader.lost_frames()
    }

    /// In so many pieces.
    pub(super) fn gaps(&self) -> u64 {
        self.lost_before[1] + self.reader.gaps()
    }
}

/// Signals so close together are one wish.
#[cfg(target_os = "linux")]
const ONE_WISH: Duration = Duration::from_millis(500);

/// Whether the person has had enough: an interrupt ends the capture, not what is made of it.
pub(super) struct Enough(Arc<AtomicBool>);

impl Enough {
    /// Listens for interrupts from now on. To be called before other threads are made, which would be ended by them.
    pub(super) fn listen() -> Self {
        let enough = Self(Arc::default());
        #[cfg(target_os = "linux")]
        enough.hear_signals();
        enough
    }

    #[cfg(target_os = "linux")]
    fn hear_signals(&self) {
        use crate::audio::threads;
        use nix::sys::signal::{SigSet, Signal};
        let mut signals = SigSet::empty();
        signals.add(Signal::SIGINT);
        signals.add(Signal::SIGTERM);
        if signals.thread_block().is_err() {
            return;
        }
        let heard = Arc::clone(&self.0);
        let waiting = threads::spawn("signals", move || {
            let mut first: Option<Instant> = None;
            while signals.wait().is_ok() {
                heard.store(true, Ordering::Relaxed);
                // Twice is in earnest; but some programs that end others send each signal twice at once.
                if first.get_or_insert_with(Instant::now).elapsed() > ONE_WISH {
                    std::process::exit(130);
                }
            }
        });
        if waiting.is_err() {
            // Nobody would hear them.
            let _ = signals.thread_unblock();
        }
    }

    /// Whether that is so.
    pub(super) fn is_enough(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
