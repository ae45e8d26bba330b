//! Turns: few files are read at once, so that a dropped folder neither fills the memory nor keeps the one that is
//! compared waiting.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Files read at once. Each keeps two threads at work and up to 0.9 MB a second of sound in memory.
const MOST_AT_ONCE: usize = 2;
/// How often one that waits looks whether it was cancelled or became wanted.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Who reads, and who waits to.
#[derive(Default)]
pub struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    reading: usize,
    /// How many of those that wait are wanted now.
    wanted: usize,
}

/// The right to read; given back when dropped.
pub struct Turn<'a>(&'a Turns);

impl Turns {
    /// Waits for a turn; those that are wanted now come first. `None` when cancelled.
    pub fn take(&self, is_wanted: &dyn Fn() -> bool, cancel: &AtomicBool) -> Option<Turn<'_>> {
        let mut state = self.lock();
        loop {
            if cancel.load(Ordering::Relaxed) {
                return None;
            }
            let wanted = is_wanted();
            if state.reading < MOST_AT_ONCE && (wanted || state.wanted == 0) {
                state.reading += 1;
                return Some(Turn(self));
            }
            state.wanted += usize::from(wanted);
            let waited = self.changed.wait_timeout(state, LOOK_EVERY);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.wanted -= usize::from(wanted);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Two counters are whole whoever panicked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.lock().reading -= 1;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn no_more_read_at_once_than_may_and_the_wanted_one_is_next() {
        let turns = Turns::default();
        let never = AtomicBool::new(false);
        let first = turns.take(&|| false, &never).expect("there is room");
        let second = turns.take(&|| false, &never).expect("there is room");
        let (sender, order) = channel();
        std::thread::scope(|scope| {
            let take = |name: &'static str, wanted: bool| {
                let (sender, turns, never) = (sender.clone(), &turns, &never);
                scope.spawn(move || {
                    let turn = turns.take(&|| wanted, never);
                    sender.send(name).expect("somebody listens");
                    drop(turn);
                });
            };
            take("shelf", false);
            take("active", true);
            // Both wait, since both turns are taken.
            while turns.lock().wanted == 0 {
                std::thread::yield_now();
            }
            assert!(order.try_recv().is_err());
            drop(first);
            assert_eq!(order.recv(), Ok("active"));
            assert_eq!(order.recv(), Ok("shelf"));
        });
        drop(second);
        assert_eq!(turns.lock().reading, 0);
    }

    #[test]
    fn one_that_is_cancelled_waits_no_longer() {
        let turns = Turns::default();
        assert!(turns.take(&|| true, &AtomicBool::new(true)).is_none());
    }
}
