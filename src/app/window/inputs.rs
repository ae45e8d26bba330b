//! The levels of all inputs are looked after while the drawer that shows them is open, and not longer.

use crate::app::window::state::App;
use crate::audio::levels::InputLevels;
use crate::audio::sender;
use crate::cli::args::WindowArgs;
use crate::session::action::Drawer;

/// What is open at a first start. Whoever has put the plug-in on a track wants to hear that, and does not know yet that
/// it is a choice away: unless the mix was named, the inputs are shown, where tracks of a DAW stand first.
pub(super) fn first_drawer(args: &WindowArgs, is_first: bool) -> Option<Drawer> {
    let is_named = args.input.is_some() || args.mix.is_some() || args.demo;
    (is_first && !is_named && sender::is_there()).then_some(Drawer::Inputs)
}

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
