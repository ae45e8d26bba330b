//! The window's part in listening: on and off, which output, and what is said about it.

use crate::app::window::App;
use crate::session::pairing::listening::ListenState;

impl App {
    /// Begins to play the reference, or stops.
    pub(super) fn toggle_listening(&mut self) {
        if self.session.pair.listen.state().is_some() {
            self.session.pair.listen.stop();
            self.say("the reference is no longer heard".to_owned());
            return;
        }
        if let Err(why) = self.session.pair.start_listening() {
            self.say(why);
        }
    }

    /// Chooses the output; empty is the system's own. What is heard moves there.
    pub(super) fn listen_on(&mut self, output: &str) {
        let output = output.trim();
        self.session.pair.listen.output = (!output.is_empty()).then(|| output.to_owned());
        let name = self.session.pair.listen.output.as_deref();
        let words = format!(
            "the reference is heard on {}",
            name.unwrap_or("the system's output")
        );
        if self.session.pair.listen.state().is_some()
            && let Err(why) = self.session.pair.start_listening()
        {
            self.say(why);
            return;
        }
        self.say(words);
    }

    /// Says once that listening has failed.
    pub(super) fn attend_listening(&mut self) {
        if let Some(ListenState::Failed(why)) = self.session.pair.listen.state() {
            self.session.pair.listen.stop();
            self.say(why);
        }
    }
}

/// What the status line says of listening.
pub(super) fn listening_words(state: &ListenState) -> String {
    match state {
        ListenState::Opening => "listening …".to_owned(),
        ListenState::Playing {
            output, limited_db, ..
        } if *limited_db > 0.05 => {
            format!(
                "listening on {output}, {limited_db:.1} dB below the match to stay under −1 dBTP"
            )
        }
        ListenState::Playing { output, .. } => format!("listening on {output}"),
        ListenState::Failed(why) => why.clone(),
        ListenState::Ended => String::new(),
    }
}
