//! `abscope ctl`: a thread waits for programs of the same person, and each has a thread while it is answered.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use winit::event_loop::EventLoopProxy;

use crate::app::message::Message;
use crate::app::remote::obey::{Asker, obey};
use crate::audio::threads;
use crate::session::action::local::{Conversation, LocalListener};
use crate::session::action::remote::Request;

/// Programs that are answered at once; more are refused with a word.
const MOST_AT_ONCE: usize = 16;

/// A thread with the window's end; dropping it ends both.
pub(super) struct Listener {
    thread: Option<JoinHandle<()>>,
    wake: Box<dyn Fn() -> Option<Conversation> + Send>,
    ends: Arc<AtomicBool>,
}

impl Listener {
    pub(super) fn start(
        folder: &Path,
        port: u16,
        proxy: EventLoopProxy<Message>,
    ) -> io::Result<Self> {
        let ends = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ends);
        let obeyed = move |request: &Request| obey(request, Asker::Person, &proxy, &end);
        Self::start_with(LocalListener::start(folder, port)?, ends, obeyed)
    }

    fn start_with(
        listener: LocalListener,
        ends: Arc<AtomicBool>,
        obey: impl Fn(&Request) -> Result<String, String> + Clone + Send + 'static,
    ) -> io::Result<Self> {
        let wake = Box::new(listener.waker());
        let end = Arc::clone(&ends);
        let num_open = Arc::new(AtomicUsize::new(0));
        let thread = threads::spawn("ctl", move || {
            loop {
                let accepted = listener.accept();
                if end.load(Ordering::Acquire) {
                    return;
                }
                match accepted {
                    Ok(conversation) => hold(conversation, &num_open, obey.clone()),
                    Err(error) => {
                        tracing::debug!("ctl: {error}");
                        std::thread::sleep(Duration::from_millis(100));
                    }
                }
            }
        })?;
        Ok(Self {
            thread: Some(thread),
            wake,
            ends,
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Release);
        let _connected = (self.wake)();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers on a thread of its own: one that waits for a picture keeps no other waiting.
fn hold(
    conversation: Conversation,
    num_open: &Arc<AtomicUsize>,
    obey: impl Fn(&Request) -> Result<String, String> + Send + 'static,
) {
    if num_open.fetch_add(1, Ordering::AcqRel) >= MOST_AT_ONCE {
        num_open.fetch_sub(1, Ordering::AcqRel);
        return conversation.refuse("too many ask at once: ask again in a moment");
    }
    let place = Place(Arc::clone(num_open));
    let answering = threads::spawn("ctl answer", move || {
        let _place = place;
        conversation.hold(|request| {
            let answer = threads::carry_on("ctl", || obey(request));
            answer.unwrap_or_else(|| Err("Abscope stumbled over it".to_owned()))
        });
    });
    if let Err(error) = answering {
        tracing::warn!("no thread to answer `abscope ctl`: {error}");
    }
}

/// One of those that are answered at once.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::action::local;
    use std::sync::mpsc::channel;
    use std::sync::{Mutex, PoisonError};

    #[test]
    fn one_that_waits_keeps_no_other_waiting_and_all_places_come_back() {
        let state = tempfile::tempdir().unwrap();
        let folder = local::folder(state.path());
        let (go_on, gone_on) = channel::<()>();
        let gone_on = Arc::new(Mutex::new(gone_on));
        let obey = move |request: &Request| {
            if *request == Request::Words("slow".to_owned()) {
                let gone_on = gone_on.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = gone_on.recv();
            }
            Ok(String::new())
        };
        let listener = LocalListener::start(&folder, 1).unwrap();
        let listener = Listener::start_with(listener, Arc::default(), obey).unwrap();
        let ask = |words: &'static str| {
            let folder = folder.clone();
            move || {
                let request = Request::Words(words.to_owned());
                local::ask(&folder, 1, &request, Duration::from_secs(60)).unwrap()
            }
        };
        let slow = std::thread::spawn(ask("slow"));
        for _ in 0..3 * MOST_AT_ONCE {
            assert_eq!(ask("quick")(), Ok(String::new()));
        }
        go_on.send(()).unwrap();
        assert_eq!(slow.join().unwrap(), Ok(String::new()));
        drop(listener);
    }
}
