//! What was asked from outside and is not answered yet: "done" is answered when it is done.

use crate::app::reply::Reply;

/// The answers that are owed.
#[derive(Default)]
pub(super) struct Asked {
    /// Of what is being done now.
    now: Option<Now>,
}

struct Now {
    reply: Reply,
    waits_for_files: bool,
    /// Why it was not done, in one line.
    refusal: Option<String>,
}

impl Asked {
    /// Something asked from outside is done from here on …
    pub(super) fn begin(&mut self, reply: Reply, waits_for_files: bool) {
        self.now = Some(Now {
            reply,
            waits_for_files,
            refusal: None,
        });
    }

    /// … and until here. It is answered, unless a part that goes on has taken that over.
    pub(super) fn end(&mut self) {
        if let Some(now) = self.now.take() {
            now.reply.give(match now.refusal {
                Some(why) => Err(why),
                None => Ok(String::new()),
            });
        }
    }

    /// What is being done now is not: why, in one line. The first reason counts.
    pub(super) fn refuse(&mut self, why: &str) {
        if let Some(now) = &mut self.now {
            now.refusal.get_or_insert_with(|| why.to_owned());
        }
    }

    /// Takes over the answer to what is being done now, for what goes on after this: none where nobody waits for it.
    pub(super) fn take(&mut self) -> Option<Reply> {
        let waits = |now: &mut Now| now.waits_for_files && now.refusal.is_none();
        self.now.take_if(waits).map(|now| now.reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

    fn begun(waits_for_files: bool) -> (Asked, Receiver<Result<String, String>>) {
        let (answer, answered) = sync_channel(1);
        let mut asked = Asked::default();
        asked.begin(Reply::to(answer), waits_for_files);
        (asked, answered)
    }

    #[test]
    fn what_is_refused_is_not_answered_as_done() {
        let (mut asked, answered) = begun(true);
        asked.refuse("no mix");
        asked.refuse("no picture either");
        assert!(asked.take().is_none());
        asked.end();
        assert_eq!(answered.try_recv(), Ok(Err("no mix".to_owned())));
    }

    #[test]
    fn what_goes_on_is_answered_when_it_is_done_and_a_surface_does_not_wait_for_it() {
        let (mut asked, answered) = begun(true);
        let reply = asked.take().expect("it goes on");
        asked.end();
        assert_eq!(answered.try_recv(), Err(TryRecvError::Empty));
        reply.give(Ok("saved".to_owned()));
        assert_eq!(answered.try_recv(), Ok(Ok("saved".to_owned())));
        let (mut asked, answered) = begun(false);
        assert!(asked.take().is_none());
        asked.end();
        assert_eq!(answered.try_recv(), Ok(Ok(String::new())));
    }
}
