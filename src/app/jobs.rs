//! Pictures, reports and exports: one thread writes them, one after the other. Each holds a copy of what it shows, up to
//! some hundred megabytes, so few wait and more are refused with a word.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use crate::app::reply::Reply;
use crate::audio::threads;
use crate::session::background;

/// One that is written and those that wait.
pub(super) const MOST: usize = 3;

/// What to write; says what came of it, in one line.
pub(super) type Work = Box<dyn FnOnce() -> Result<String, String> + Send>;

/// What came of one.
pub(super) struct Done {
    /// What to say.
    pub(super) said: Result<String, String>,
    /// Who waits for it.
    pub(super) reply: Option<Reply>,
}

/// The thread with its queue.
pub(super) struct Jobs {
    queue: Sender<(Work, Option<Reply>)>,
    num_open: Arc<AtomicUsize>,
}

impl Jobs {
    /// Starts the thread, which tells what came of each. Fails only where no thread can be made.
    pub(super) fn start(tell: impl Fn(Done) + Send + 'static) -> io::Result<Self> {
        let (queue, asked) = channel::<(Work, Option<Reply>)>();
        let num_open = Arc::new(AtomicUsize::new(0));
        let open = Arc::clone(&num_open);
        background::spawn("pictures", background::WORK, move || {
            for (work, reply) in asked {
                let work = || {
                    threads::may_break("pictures");
                    work()
                };
                let said = threads::carry_on("pictures", work).unwrap_or_else(|| {
                    Err(
                        "not written: Abscope stumbled over it; please report what was shown"
                            .to_owned(),
                    )
                });
                open.fetch_sub(1, Ordering::AcqRel);
                tell(Done { said, reply });
            }
        })?;
        Ok(Self { queue, num_open })
    }

    /// Whether one more is taken, before anything is copied for it; else why not, in one line.
    pub(super) fn room(&self) -> Result<(), String> {
        let num_open = self.num_open.load(Ordering::Acquire);
        (num_open < MOST).then_some(()).ok_or_else(|| {
            format!("{num_open} pictures or reports are still being written: ask again in a moment")
        })
    }

    /// Has one written.
    pub(super) fn write(&self, reply: Option<Reply>, work: Work) {
        self.num_open.fetch_add(1, Ordering::AcqRel);
        // The thread lives as long as the window.
        let _ = self.queue.send((work, reply));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_wait_more_are_refused_and_one_that_breaks_takes_no_other_with_it() {
        let (told, done) = channel();
        let jobs = Jobs::start(move |done: Done| {
            let _ = told.send(done.said);
        })
        .unwrap();
        let (go_on, gone_on) = channel::<()>();
        jobs.write(
            None,
            Box::new(move || {
                let _ = gone_on.recv();
                panic!("planted")
            }),
        );
        for number in 1..MOST {
            assert_eq!(jobs.room(), Ok(()));
            jobs.write(None, Box::new(move || Ok(number.to_string())));
        }
        assert!(
            jobs.room()
                .is_err_and(|why| why.contains("again in a moment"))
        );
        go_on.send(()).unwrap();
        assert!(
            done.recv()
                .unwrap()
                .is_err_and(|why| why.contains("stumbled"))
        );
        for number in 1..MOST {
            assert_eq!(done.recv().unwrap(), Ok(number.to_string()));
        }
        assert_eq!(jobs.room(), Ok(()));
    }
}
