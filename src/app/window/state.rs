//! The window with all that it shows, and the words it says.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use winit::event_loop::EventLoopProxy;
use winit::keyboard::ModifiersState;
use winit::window::Window;

use crate::app::asked::Asked;
use crate::app::casualties::Casualties;
use crate::app::clock::PictureClock;
use crate::app::findings::FindingsClock;
use crate::app::hotkeys::Hotkeys;
use crate::app::jobs::{Done, Jobs, Work};
use crate::app::message::Message;
use crate::app::monitors::Placement;
use crate::app::pace::Pace;
use crate::app::pointer::Mouse;
use crate::app::remote::Remote;
use crate::app::screen::{AssistiveAdapter, Screen};
use crate::app::settings::SettingsDesk;
use crate::app::snapshots::Snapshots;
use crate::app::view_state::ViewState;
use crate::app::watchdog::Watchdog;
use crate::session::Session;
use crate::session::pairing::matching::Matching;
use crate::units::plain::plain;
use crate::view::scene::Scene;

/// How long a message stays.
pub(super) const TOAST: Duration = Duration::from_secs(8);
/// And so much longer for each letter of a long one.
const TOAST_PER_LETTER: Duration = Duration::from_millis(100);

/// The window with all that it shows.
// Many fields: each is one part of the window, with a file of its own beside this one.
pub(super) struct App {
    pub(super) session: Session,
    pub(super) view: ViewState,
    pub(super) screen: Option<Screen>,
    /// A window that nothing can draw into just now.
    pub(super) undrawn: Option<(Arc<Window>, Option<AssistiveAdapter>)>,
    pub(super) clock: PictureClock,
    /// What stands on the screen, if it may stand.
    pub(super) still: Option<Box<Scene>>,
    pub(super) pace: Pace,
    pub(super) placement: Placement,
    pub(super) toast: Option<(String, Instant)>,
    pub(super) proxy: EventLoopProxy<Message>,
    pub(super) keeping: SettingsDesk,
    pub(super) snapshots: Snapshots,
    pub(super) remote: Remote,
    pub(super) asked: Asked,
    pub(super) jobs: Jobs,
    pub(super) casualties: Casualties,
    pub(super) hotkeys: Hotkeys,
    pub(super) failure: Option<anyhow::Error>,
    pub(super) modifiers: ModifiersState,
    pub(super) findings: FindingsClock,
    pub(super) mouse: Mouse,
    /// What was dropped since the last look.
    pub(super) dropped: Vec<PathBuf>,
    pub(super) watchdog: Watchdog,
}

impl App {
    /// Takes what the threads have made, and says what happened to the input.
    pub(super) fn poll_session(&mut self) {
        self.session.pair.listen.matching = Matching {
            is_on: self.view.looks.loudness_match,
            basis: self.view.looks.match_basis,
        };
        self.session.pair.poll();
        self.await_sound();
        self.attend_listening();
        self.keep_on();
        self.look_after_inputs();
        for words in self.casualties.news() {
            self.say(words);
        }
        for words in self.session.pair.take_news() {
            self.say(words);
        }
    }

    /// Has a picture, report or export written beside the window.
    pub(super) fn write_beside(&mut self, work: Work) {
        self.jobs.write(self.asked.take(), work);
    }

    /// Says what came of it, to whoever looks and to whoever waits for it.
    pub(super) fn on_written(&mut self, Done { said, reply }: Done) {
        if let Some(reply) = reply {
            reply.give(said.clone().map(|_| String::new()));
        }
        self.say(said.unwrap_or_else(|why| why));
    }

    /// Says that what was asked for is not done, to whoever looks and to whoever asked.
    pub(super) fn refuse(&mut self, why: String) {
        self.asked.refuse(&why);
        self.say(why);
    }

    pub(super) fn say(&mut self, words: String) {
        let words = plain(&words).into_owned();
        tracing::info!("{words}");
        // Where something was saved takes longer to read than that it was done.
        let letters = words.chars().count() as u32;
        let until = Instant::now() + TOAST + TOAST_PER_LETTER * letters.saturating_sub(40);
        self.toast = Some((words, until));
    }
}
