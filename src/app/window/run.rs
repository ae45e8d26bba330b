//! Opens the window and runs until it is closed.

use std::time::Instant;

use anyhow::anyhow;
use winit::event_loop::EventLoop;
use winit::keyboard::ModifiersState;

use crate::app::asked::Asked;
use crate::app::autosave::Autosave;
use crate::app::casualties::Casualties;
use crate::app::clock::PictureClock;
use crate::app::findings::FindingsClock;
use crate::app::hotkeys::Hotkeys;
use crate::app::jobs::Jobs;
use crate::app::message::Message;
use crate::app::monitors::Placement;
use crate::app::pace::Pace;
use crate::app::pointer::Mouse;
use crate::app::remote::Remote;
use crate::app::settings::SettingsDesk;
use crate::app::snapshots::Snapshots;
use crate::app::view_state::ViewState;
use crate::app::watchdog::{self, Watchdog};
use crate::app::window::inputs::first_drawer;
use crate::app::window::state::{App, TOAST};
use crate::app::x_server::{DisplayWatch, XServer, words_of_the_end};
use crate::cli::args::WindowArgs;
use crate::session::background;

/// What to look at is the system's that it is read on.
const NO_DISPLAY: &str = if cfg!(target_os = "linux") {
    "no display to open a window on (is DISPLAY or WAYLAND_DISPLAY set?)"
} else {
    "no display to open a window on"
};

/// Opens the window and runs until it is closed.
pub fn run(args: &WindowArgs) -> anyhow::Result<()> {
    background::have_helpers_stand_back();
    let (mut autosave, mut session) = Autosave::open(args)?;
    let stood_as_mix = autosave.snapshot.take();
    let event_loop = EventLoop::<Message>::with_user_event()
        .build()
        .map_err(|error| {
            // Its words name a line of winit's source: that helps those who ask for the log, nobody else.
            tracing::debug!("{error}");
            anyhow!("{NO_DISPLAY}; `abscope render --demo -o demo.png` needs none")
        })?;
    let mut view = ViewState::default();
    let proxy = event_loop.create_proxy();
    let (keeping, problems) = SettingsDesk::open(&mut session, &mut view, &proxy);
    view.drawer = first_drawer(args, keeping.hints_until.is_some());
    for problem in &problems {
        tracing::warn!("{problem}");
    }
    view.looks.mode = autosave.mode;
    if let Some(layout) = args.layout {
        (view.looks.mode, view.looks.difference_of) = layout.mode_of(view.looks.difference_of);
        view.looks.arrangement.choose(layout.kind());
    }
    if let Some(words) = &session.notice {
        tracing::warn!("{words}");
    }
    let state = autosave.state.as_ref().map(|state| state.path().to_owned());
    let stood_still = state.as_deref().and_then(watchdog::left_behind);
    if let Some(words) = &stood_still {
        tracing::warn!("{words}");
    }
    let notice = session.notice.clone();
    let first = stood_still.or(notice).or(problems.into_iter().next());
    let toast = first.map(|words| (words, Instant::now() + TOAST));
    let snapshots_folder = &session.settings.snapshots_folder;
    let snapshots = Snapshots::start(event_loop.create_proxy(), autosave, snapshots_folder);
    let is_written = event_loop.create_proxy();
    // A window that has closed needs no news.
    let jobs = Jobs::start(move |done| drop(is_written.send_event(Message::Written(done))))?;
    let goes_on = event_loop.create_proxy();
    let watchdog = Watchdog::start(state, move |words| {
        // A window that has closed needs no news.
        let _ = goes_on.send_event(Message::Say(words));
    });
    let mut app = App {
        session,
        view,
        screen: None,
        undrawn: None,
        clock: PictureClock::default(),
        still: None,
        pace: Pace::new(args.fps),
        placement: Placement::open(args, XServer::open(&event_loop)),
        toast,
        proxy,
        keeping,
        snapshots,
        remote: Remote::default(),
        asked: Asked::default(),
        jobs,
        casualties: Casualties::default(),
        hotkeys: Hotkeys::default(),
        failure: None,
        modifiers: ModifiersState::default(),
        findings: FindingsClock::default(),
        dropped: vec![],
        mouse: Mouse::default(),
        watchdog,
    };
    app.show_at_start(&args.files, stood_as_mix);
    // That the hints were shown is kept even if nothing else is done.
    app.follow_settings();
    let watch = DisplayWatch::open(&event_loop);
    match watch.run(|| event_loop.run_app(&mut app)) {
        Some(ended) => ended?,
        None => app.leave_without_display()?,
    }
    app.failure.map_or(Ok(()), Err)
}

impl App {
    /// Keeps what is to be kept without touching the window, which is no more; says what happened.
    fn leave_without_display(&mut self) -> anyhow::Result<()> {
        self.hand_over();
        // Closing them would ask the server that is gone.
        std::mem::forget(self.screen.take());
        std::mem::forget(self.undrawn.take());
        Err(anyhow!(words_of_the_end()))
    }
}
