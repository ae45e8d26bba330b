//! Opens the window and runs until it is closed.

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
use crate::app::window::state::{App, TOAST};
use crate::app::message::Message;

/// Opens the window and runs until it is closed.
pub fn run(args: &WindowArgs) -> anyhow::Result<()> {
    background::have_helpers_stand_back();
    let (autosave, mut session) = Autosave::open(args)?;
    let event_loop = EventLoop::<Message>::with_user_event()
        .build()
        .map_err(|error| {
            // Its words name a line of winit's source: that helps those who ask for the log, nobody else.
            tracing::debug!("{error}");
            anyhow!(
                "no display to open a window on (is DISPLAY or WAYLAND_DISPLAY set?); \
                 `abscope render --demo -o demo.png` needs none"
            )
        })?;
    let mut view = ViewState::default();
    let proxy = event_loop.create_proxy();
    let (keeping, problems) = Keeping::open(&mut session, &mut view, &proxy);
    for problem in &problems {
        tracing::warn!("{problem}");
    }
    if let Some(layout) = args.layout {
        view.looks.mode = layout.mode();
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
    let first = stood_still
        .or(session.notice.clone())
        .or(problems.into_iter().next());
    let toast = first.map(|words| (words, Instant::now() + TOAST));
    let snapshots_folder = &session.settings.snapshots_folder;
    let snapshots = Snapshots::start(event_loop.create_proxy(), autosave, snapshots_folder);
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
        pace: Pace::new(args.fps),
        placement: Placement::open(args, XServer::open(&event_loop)),
        toast,
        proxy,
        keeping,
        snapshots,
        remote: Remote::default(),
        hotkeys: Hotkeys::default(),
        failure: None,
        modifiers: ModifiersState::default(),
        findings: FindingsClock::default(),
        mouse: Mouse::default(),
        watchdog,
    };
    for path in args.files.iter().filter(|path| is_snapshot(path)) {
        app.recall(&path.to_string_lossy(), RecallAs::Picture);
    }
    // That the hints were shown is kept even if nothing else is done.
    app.follow_settings();
    event_loop.run_app(&mut app)?;
    app.failure.map_or(Ok(()), Err)
}
