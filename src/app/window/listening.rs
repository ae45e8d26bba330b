//! What the window says of listening.

use crate::app::window::state::App;
use crate::session::pairing::listening::ListenState;

impl App {
    /// Says once that listening has failed.
    pub(super) fn attend_listening(&mut self) {
        if let Some(ListenState::Failed(why)) = self.session.pair.listen.state() {
            self.session.pair.listen.stop();
            self.say(why);
        }
    }
}
