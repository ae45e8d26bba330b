//! Has the window do what was asked from outside, and waits for its answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use winit::event_loop::EventLoopProxy;

use crate::app::message::{Ask, Message, What};
use crate::app::reply::Reply;
use crate::session::action::Action;
use crate::session::action::gate::NOT_FOR_SURFACES;
use crate::session::action::remote::Request;
use crate::session::action::surface::is_for_surfaces;

/// A window that has not answered a surface by now does not; one that draws its first picture takes a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// While the window has not answered, it may be waiting for this thread to end.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// A control surface, that may do all or only what surfaces are for.
    Surface { may_all: bool },
    /// The person who runs the window, by `abscope ctl`.
    Person,
}

/// Has the window do it and waits until it has. A person waits for files too, and as long as it takes.
pub(super) fn obey(
    request: &Request,
    asker: Asker,
    proxy: &EventLoopProxy<Message>,
    ends: &AtomicBool,
) -> Result<String, String> {
    let what = match request {
        Request::Words(words) => What::Act(Action::from_words(words).map_err(|e| e.to_string())?),
        Request::Released | Request::Pair(_) => return Ok(String::new()),
        Request::Status => What::Status,
    };
    if let (What::Act(action), Asker::Surface { may_all: false }) = (&what, asker)
        && !is_for_surfaces(action)
    {
        return Err(NOT_FOR_SURFACES.to_owned());
    }
    let (answer, answered) = sync_channel(1);
    let closed = || "the window is closing".to_owned();
    let ask = Ask {
        what,
        reply: Reply::to(answer),
        waits_for_files: asker == Asker::Person,
    };
    proxy
        .send_event(Message::Remote(ask))
        .map_err(|_| closed())?;
    let asked_at = Instant::now();
    loop {
        match answered.recv_timeout(LOOK_UP) {
            Ok(answer) => return answer,
            // The part that took it over ended with it.
            Err(RecvTimeoutError::Disconnected) if !ends.load(Ordering::Acquire) => {
                return Err(
                    "not done: the window is closing, or a part of it has stopped (`abscope ctl status`)"
                        .to_owned(),
                );
            }
            Err(RecvTimeoutError::Disconnected) => return Err(closed()),
            Err(RecvTimeoutError::Timeout) if ends.load(Ordering::Acquire) => return Err(closed()),
            Err(RecvTimeoutError::Timeout)
                if asker != Asker::Person && asked_at.elapsed() > PATIENCE =>
            {
                return Err("the window is busy".to_owned());
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}
