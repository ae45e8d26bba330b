//! The one answer to what was asked from outside.

use std::sync::mpsc::SyncSender;

/// Where the one answer to what was asked goes.
pub(super) struct Reply(SyncSender<Result<String, String>>);

impl Reply {
    /// Into a channel with room for one.
    pub(super) fn to(answer: SyncSender<Result<String, String>>) -> Self {
        Self(answer)
    }

    /// Answers: done, with what there is to say, or why not.
    pub(super) fn give(self, answer: Result<String, String>) {
        // Room for one answer is there; nobody waits any more if the patience ran out.
        let _ = self.0.try_send(answer);
    }
}
