//! Where a person listens: whether anything is heard, on which output, and by which match.

use crate::session::pairing::listening::{ListenState, ListenWish, Listening};
use crate::session::pairing::matching::Matching;

/// The desk that a person listens at: whether, on which output, and how loud.
#[derive(Default)]
pub struct ListenDesk {
    /// Output that the reference is heard on; none is the system's own.
    pub output: Option<String>,
    /// Whether the reference is brought to the loudness of the mix, and by which measure.
    pub matching: Matching,
    listening: Option<Listening>,
}

impl ListenDesk {
    /// Begins to play what is wished for, or goes on with it on another output. Never waits.
    pub(super) fn start(&mut self, wish: ListenWish) -> Result<(), String> {
        let listening = Listening::start(self.output.clone(), wish)
            .map_err(|error| format!("the reference cannot be heard: no thread: {error}"))?;
        self.listening = Some(listening);
        Ok(())
    }

    /// Fades the reference out.
    pub fn stop(&mut self) {
        self.listening = None;
    }

    /// How listening fares; `None` while nobody asked for it.
    pub fn state(&self) -> Option<ListenState> {
        self.listening.as_ref().map(Listening::state)
    }

    /// Whether anything is to be heard.
    pub(super) fn is_on(&self) -> bool {
        self.listening.is_some()
    }

    /// Tells the thread what is to be heard now; nothing ends it.
    pub(super) fn tend(&mut self, wish: Option<ListenWish>) {
        match (&self.listening, wish) {
            (Some(listening), Some(wish)) => listening.wish(wish),
            _ => self.listening = None,
        }
    }
}
