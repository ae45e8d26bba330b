//! The levels of all inputs are looked after while the drawer that shows them is open, and not longer.

use crate::app::window::state::App;
use crate::audio::levels::InputLevels;
use crate::session::action::Drawer;

impl App {
    /// Starts or ends looking at the levels of the inputs, as the drawer says.
    pub(super) fn look_after_inputs(&mut self) {
        let is_wanted = self.view.drawer == Some(Drawer::Inputs) && !self.pace.is_hidden();
        match (is_wanted, &self.session.input_levels) {
            (true, None) => match InputLevels::start() {
                Ok(levels) => self.session.input_levels = Some(levels),
                Err(error) => {
                    self.view.drawer = None;
                    self.say(format!("the inputs cannot be listed: {error}"));
                }
            },
            (false, Some(_)) => self.session.input_levels = None,
            _ => {}
        }
    }
}
