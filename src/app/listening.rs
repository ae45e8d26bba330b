//! The window's part in listening: on and off, which output, and what is said about it.

use crate::app::window::App;
use crate::session::pairing::listening::ListenState;

impl App {
    /// Begins to play the reference, or stops.
    pub(super) fn toggle_listening(&mut self) {
        if self.session.listening().is_some() {
            self.session.stop_listening();
            self.say("the reference is no longer heard".to_owned());
            return;
        }
        if let Err(why) = self.session.start_listening() {
            self.say(why);
        }
    }

    /// Chooses the output; empty is the system's own. What is heard moves there.
    pub(super) fn listen_on(&mut self, output: &str) {
        let output = output.trim();
        self.session.listen_output = (!output.is_empty()).then(|| output.to_owned());
        let name = self.session.listen_output.as_deref();
        let words = format!(
            "the reference is heard on {}",
            name.unwrap_or("the system's output")
        );
        if self.session.listening().is_some()
            && let Err(why) = self.session.start_listening()
        {
            self.say(why);
            return;
        }
        self.say(words);
    }

    /// Keeps what is heard in step with what is shown, and says once what has changed.
    pub(super) fn attend_listening(&mut self, gain_db: f64) {
        self.session.listen_gain_db = gain_db;
        if let Some(ListenState::Failed(why)) = self.session.listening() {
            self.session.stop_listening();
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
