//! A window that stands still is noticed: a thread of its own sees that the window's thread does not come back to its
//! events, says where it stands, and leaves a line for the next start.
//!
//! The window's thread only notes where it is: two stores, a few times a frame.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::session::background;
use crate::session::replace::replace_file;
use crate::units::plain::is_hidden;

/// A person takes a picture that stands for so long as broken.
const STANDS_STILL: Duration = Duration::from_secs(2);
/// How often the thread looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A look that comes this much late says that the whole program was stopped: asleep, or held by a debugger.
const HELD: Duration = Duration::from_secs(1);
/// The line for the next start, in the state folder.
const NOTE: &str = "stood-still.txt";

/// Where the window's thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Stage {
    /// Waits for events; or opens a window, which may take as long as it must.
    Waiting,
    /// Takes an event.
    Event,
    /// Does what somebody asked for.
    Acting,
    /// Takes what the threads have made.
    Polling,
    /// Makes the scene of a picture.
    Scene,
    /// Hands a picture to the GPU.
    Drawing,
}

impl Stage {
    const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Event,
        Self::Acting,
        Self::Polling,
        Self::Scene,
        Self::Drawing,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Event => "taking an event",
            Self::Acting => "doing what was asked",
            Self::Polling => "taking what was measured",
            Self::Scene => "working out the picture",
            Self::Drawing => "drawing",
        }
    }
}

/// What the two threads share.
#[derive(Debug)]
struct Shared {
    begin: Instant,
    stage: AtomicU8,
    /// When the window's thread left its waiting last, in milliseconds since `begin`.
    woke_ms: AtomicU64,
    ends: AtomicBool,
}

/// Watches the window's thread until it is dropped.
#[derive(Debug)]
pub(super) struct Watchdog {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    /// Starts to watch. `state` is the folder for the line of the next start; `say` tells a window that goes on again.
    pub(super) fn start(state: Option<PathBuf>, say: impl Fn(String) + Send + 'static) -> Self {
        let shared = Arc::new(Shared {
            begin: Instant::now(),
            stage: AtomicU8::new(Stage::Waiting as u8),
            woke_ms: AtomicU64::new(0),
            ends: AtomicBool::new(false),
        });
        let watched = Arc::clone(&shared);
        let thread = background::spawn("watchdog", background::BESIDE, move || {
            watch(&watched, state.as_deref(), say);
        });
        if let Err(error) = &thread {
            tracing::error!("nobody watches the window: {error}");
        }
        Self {
            shared,
            thread: thread.ok(),
        }
    }

    /// Notes where the window's thread is.
    pub(super) fn at(&self, stage: Stage) {
        let before = self.shared.stage.swap(stage as u8, Ordering::AcqRel);
        if before == Stage::Waiting as u8 && stage != Stage::Waiting {
            let now_ms = self.shared.begin.elapsed().as_millis() as u64;
            self.shared.woke_ms.store(now_ms, Ordering::Release);
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It only looks and says.
            let _ = thread.join();
        }
    }
}

/// What the window before left behind if it stood still and never went on: one line, told once.
pub(super) fn left_behind(state: &Path) -> Option<String> {
    let path = state.join(NOTE);
    let line = std::fs::read_to_string(&path).ok()?;
    // One that stays is told once too often, which harms nobody.
    let _ = std::fs::remove_file(path);
    // Nobody but Abscope writes here, but what is read is still not trusted.
    let line: String = line.chars().filter(|c| !is_hidden(*c)).take(200).collect();
    (!line.is_empty()).then(|| format!("the window before {line}; please report this"))
}

fn watch(shared: &Shared, state: Option<&Path>, say: impl Fn(String)) {
    let mut eye = Eye::default();
    let mut looked_at = Instant::now();
    while !shared.ends.load(Ordering::Acquire) {
        std::thread::park_timeout(LOOK_EVERY);
        let now = Instant::now();
        let was_held = now - looked_at > LOOK_EVERY + HELD;
        looked_at = now;
        let look = Look {
            now: now - shared.begin,
            woke: Duration::from_millis(shared.woke_ms.load(Ordering::Acquire)),
            stage: Stage::ALL[usize::from(shared.stage.load(Ordering::Acquire))],
            was_held,
        };
        match eye.see(look) {
            Some(Sight::StandsStill(stage)) => {
                let line = format!("stood still while {}", stage.words());
                tracing::error!(
                    "the window has {line}, for {} s now",
                    STANDS_STILL.as_secs()
                );
                if let Some(state) = state {
                    // A folder that cannot be written was said at the start.
                    let _ = replace_file(&state.join(NOTE), |file| file.write_all(line.as_bytes()));
                }
            }
            Some(Sight::GoesOn(stage, stood)) => {
                let line = format!(
                    "the window stood still for {:.1} s while {}",
                    stood.as_secs_f64(),
                    stage.words()
                );
                tracing::error!("{line}, and goes on");
                if let Some(state) = state {
                    let _ = std::fs::remove_file(state.join(NOTE));
                }
                say(line);
            }
            None => {}
        }
    }
}

/// One look at the window's thread. Times are since the watch began.
#[derive(Clone, Copy, Debug)]
struct Look {
    now: Duration,
    /// When it left its waiting last.
    woke: Duration,
    stage: Stage,
    /// Whether the whole program was stopped since the look before.
    was_held: bool,
}

/// What is new to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    StandsStill(Stage),
    /// With how long it stood.
    GoesOn(Stage, Duration),
}

/// What was seen so far.
#[derive(Debug, Default)]
struct Eye {
    /// Time before this does not count: the program was stopped.
    held_until: Duration,
    /// What was said to stand still: where, and since when.
    standing: Option<(Stage, Duration)>,
}

impl Eye {
    fn see(&mut self, look: Look) -> Option<Sight> {
        if look.was_held {
            self.held_until = look.now;
        }
        let since = look.woke.max(self.held_until);
        if let Some((stage, standing_since)) = self.standing {
            let is_same = look.stage != Stage::Waiting && look.woke <= standing_since;
            if is_same {
                return None;
            }
            self.standing = None;
            return Some(Sight::GoesOn(
                stage,
                look.now.saturating_sub(standing_since),
            ));
        }
        let stands = look.stage != Stage::Waiting && look.now >= since + STANDS_STILL;
        stands.then(|| {
            self.standing = Some((look.stage, since));
            Sight::StandsStill(look.stage)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn look(now_ms: u64, woke_ms: u64, stage: Stage) -> Look {
        Look {
            now: ms(now_ms),
            woke: ms(woke_ms),
            stage,
            was_held: false,
        }
    }

    #[test]
    fn a_thread_that_does_not_come_back_is_said_once_and_so_is_that_it_goes_on() {
        let mut eye = Eye::default();
        assert_eq!(eye.see(look(1_000, 500, Stage::Scene)), None);
        assert_eq!(eye.see(look(2_400, 500, Stage::Scene)), None);
        let stands = Some(Sight::StandsStill(Stage::Scene));
        assert_eq!(eye.see(look(2_500, 500, Stage::Scene)), stands);
        assert_eq!(eye.see(look(9_000, 500, Stage::Scene)), None);
        let goes_on = Some(Sight::GoesOn(Stage::Scene, ms(9_000)));
        assert_eq!(eye.see(look(9_500, 9_400, Stage::Polling)), goes_on);
        assert_eq!(eye.see(look(10_000, 9_900, Stage::Polling)), None);
    }

    #[test]
    fn one_that_waits_or_comes_back_in_time_is_not_said() {
        let mut eye = Eye::default();
        for now_ms in (0..60_000).step_by(500) {
            assert_eq!(eye.see(look(now_ms, 0, Stage::Waiting)), None);
        }
        for now_ms in (60_000..120_000).step_by(500) {
            assert_eq!(eye.see(look(now_ms, now_ms - 1_900, Stage::Drawing)), None);
        }
    }

    #[test]
    fn a_program_that_was_stopped_as_a_whole_does_not_stand_still() {
        let mut eye = Eye::default();
        let woken = Look {
            was_held: true,
            ..look(3_600_000, 500, Stage::Drawing)
        };
        assert_eq!(eye.see(woken), None);
        assert_eq!(eye.see(look(3_601_900, 500, Stage::Drawing)), None);
        let stands = Some(Sight::StandsStill(Stage::Drawing));
        assert_eq!(eye.see(look(3_602_000, 500, Stage::Drawing)), stands);
    }

    #[test]
    fn what_is_left_behind_is_told_once_and_without_controls() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(left_behind(folder.path()), None);
        std::fs::write(
            folder.path().join(NOTE),
            "stood still\u{1b}[2J while drawing",
        )
        .unwrap();
        let told = left_behind(folder.path()).unwrap();
        assert!(
            told.starts_with("the window before stood still[2J while drawing"),
            "{told}"
        );
        assert_eq!(left_behind(folder.path()), None);
    }

    #[test]
    fn a_real_thread_that_stands_still_is_said_and_noted_for_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let (said, heard) = std::sync::mpsc::channel();
        let watchdog = Watchdog::start(Some(folder.path().to_owned()), move |line| {
            let _ = said.send(line);
        });
        watchdog.at(Stage::Polling);
        watchdog.at(Stage::Scene);
        let note = folder.path().join(NOTE);
        let limit = Instant::now() + Duration::from_secs(60);
        while !note.exists() {
            assert!(Instant::now() < limit, "nobody has noticed");
            std::thread::sleep(Duration::from_millis(20));
        }
        watchdog.at(Stage::Waiting);
        let line = heard.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(line.contains("while working out the picture"), "{line}");
        assert!(!note.exists(), "it went on");
    }
}
