//! The window with all that it shows, and the words it says.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use winit::application::ApplicationHandler;
use winit::event::{ElementState, StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop, EventLoopProxy};
use winit::keyboard::ModifiersState;
use winit::window::{Fullscreen, Window, WindowId};

use crate::app::autosave::Autosave;
use crate::app::clock::PictureClock;
use crate::app::findings::FindingsClock;
use crate::app::hotkeys::Hotkeys;
use crate::app::identity::identified;
use crate::app::listening::listening_words;
use crate::app::monitors::Placement;
use crate::app::pace::{IDLE, Pace};
use crate::app::pointer::Mouse;
use crate::app::remote::{Ask, Remote};
use crate::app::screen::{AssistiveAdapter, AssistiveEvent, Drawn, Screen};
use crate::app::settings::Keeping;
use crate::app::snapshots::Snapshots;
use crate::app::upload::hold;
use crate::app::view_state::ViewState;
use crate::app::watchdog::{self, Stage, Watchdog};
use crate::app::x_server::XServer;
use crate::cli::args::WindowArgs;
use crate::session::Session;
use crate::session::action::{Action, Drawer};
use crate::session::background;
use crate::session::pairing::heard::Heard;
use crate::session::pairing::matching::Matching;
use crate::session::snapshots::is_snapshot;
use crate::session::snapshots::picture_metadata::PictureMetadata;
use crate::session::snapshots::shelf_worker::{RecallAs, ShelfNews};
use crate::view::build::{Moment, PictureRequest, scene_after};
use crate::view::layout::LEAST_SIDE_PX;
use crate::view::scene::{Scene, Status};

/// How long a message stays.
pub(super) const TOAST: Duration = Duration::from_secs(6);

/// The window with all that it shows.
pub(super) struct App {
    pub(super) session: Session,
    pub(super) view: ViewState,
    pub(super) screen: Option<Screen>,
    /// A window that nothing can draw into just now.
    undrawn: Option<(Arc<Window>, Option<AssistiveAdapter>)>,
    pub(super) clock: PictureClock,
    pub(super) pace: Pace,
    pub(super) placement: Placement,
    pub(super) toast: Option<(String, Instant)>,
    pub(super) proxy: EventLoopProxy<Message>,
    pub(super) keeping: Keeping,
    pub(super) snapshots: Snapshots,
    pub(super) remote: Remote,
    pub(super) hotkeys: Hotkeys,
    pub(super) failure: Option<anyhow::Error>,
    pub(super) modifiers: ModifiersState,
    pub(super) findings: FindingsClock,
    pub(super) mouse: Mouse,
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
        self.attend_listening();
        self.keep_on();
        self.look_after_inputs();
        for words in self.session.pair.take_news() {
            self.say(words);
        }
    }

    pub(super) fn say(&mut self, words: String) {
        tracing::info!("{words}");
        self.toast = Some((words, Instant::now() + TOAST));
    }
}
