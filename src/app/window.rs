//! The window: events become actions, frames are paced, and one session is shown.

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

/// The picture ends this much before the newest frame: half a short window, what columns in the making lack.
const EDGE_SECS: f64 = 0.022;
/// How long a message stays.
const TOAST: Duration = Duration::from_secs(6);

/// What other threads tell the window.
pub(super) enum Message {
    /// Files and folders chosen in the dialog.
    Files(Vec<PathBuf>),
    /// Files to open as references.
    References(Vec<PathBuf>),
    /// The figures of a picture that was dropped.
    Picture(Box<PictureMetadata>),
    /// The mix heard so far, compared.
    Heard(Box<Heard>),
    /// Something to say.
    Say(String),
    /// Of the shelf of snapshots.
    Shelf(Box<ShelfNews>),
    /// A hotkey was pressed.
    Act(Action),
    /// Something is asked from outside.
    Remote(Ask),
    /// An assistive tool wants to read or press something.
    Assistive(AssistiveEvent),
}

impl From<AssistiveEvent> for Message {
    fn from(event: AssistiveEvent) -> Self {
        Self::Assistive(event)
    }
}

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

impl ApplicationHandler<Message> for App {
    fn new_events(&mut self, _: &ActiveEventLoop, _: StartCause) {
        self.watchdog.at(Stage::Event);
    }

    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        // A driver may take its time to open.
        self.watchdog.at(Stage::Waiting);
        if self.screen.is_none()
            && let Err(error) = self.open_screen(event_loop)
        {
            self.failure = Some(error);
            event_loop.exit();
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        // Keys are actions, unless a drawer is open and means them: Tab would give a button the focus that Space
        // then presses.
        let is_for_chrome = match &event {
            WindowEvent::KeyboardInput { event, .. } => self.is_for_drawer(event),
            _ => true,
        };
        let Some(screen) = &mut self.screen else {
            return;
        };
        let consumed = is_for_chrome && screen.on_event(&event);
        if is_touch(&event) {
            self.pace.touch();
        }
        match event {
            WindowEvent::CloseRequested => event_loop.exit(),
            WindowEvent::Resized(size) => {
                screen.resize(size.width, size.height);
                self.pace.is_empty = size.width.min(size.height) < LEAST_SIDE_PX;
            }
            WindowEvent::Occluded(is_covered) => self.pace.cover(is_covered),
            WindowEvent::ScaleFactorChanged {
                scale_factor,
                inner_size_writer,
            } => self.follow_scale(event_loop, scale_factor, inner_size_writer),
            WindowEvent::RedrawRequested if self.pace.is_empty => {}
            WindowEvent::RedrawRequested => self.draw(event_loop),
            WindowEvent::DroppedFile(path) => self.open_files(vec![path]),
            WindowEvent::ModifiersChanged(modifiers) => self.modifiers = modifiers.state(),
            // Synthetic presses are keys that were held while the window got the focus: they were meant elsewhere.
            WindowEvent::KeyboardInput {
                event,
                is_synthetic: false,
                ..
            } if event.state == ElementState::Pressed && !is_for_chrome => {
                self.on_key(event_loop, &event)
            }
            _ => {
                if let WindowEvent::CursorMoved { .. } = event {
                    self.show_cursor();
                }
                self.on_mouse(&event, consumed);
            }
        }
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, message: Message) {
        self.pace.touch();
        match message {
            Message::Files(paths) => self.open_files(paths),
            Message::References(files) => self.add_references(&files),
            Message::Picture(metadata) => self.show_picture(&metadata),
            Message::Heard(heard) => self.show_findings(*heard),
            Message::Say(words) => self.say(words),
            Message::Shelf(news) => self.on_shelf_news(*news),
            Message::Act(action) => self.act(event_loop, &action),
            Message::Remote(ask) => self.answer(event_loop, &ask),
            Message::Assistive(event) => {
                if let Some(screen) = &mut self.screen {
                    screen.on_assistive(event);
                }
            }
        }
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        self.watchdog.at(Stage::Polling);
        let next = self.prepare_to_wait(event_loop);
        event_loop.set_control_flow(ControlFlow::WaitUntil(next));
        self.watchdog.at(Stage::Waiting);
    }
}

impl App {
    /// What is to be done between events; until when to wait for the next.
    fn prepare_to_wait(&mut self, event_loop: &ActiveEventLoop) -> Instant {
        self.follow_remote();
        let now = Instant::now();
        self.look_after_window(event_loop, now);
        if let Some(next) = self.pace.not_before(now) {
            return next;
        }
        if let Some((window, assistive)) = self.undrawn.take() {
            self.reopen_screen(event_loop, window, assistive);
        }
        let (next, is_due) = self.pace(now);
        match &self.screen {
            Some(screen) if is_due => screen.window.request_redraw(),
            _ => self.listen(now),
        }
        next
    }

    fn open_screen(&mut self, event_loop: &ActiveEventLoop) -> anyhow::Result<()> {
        let monitor = self.chosen_monitor(event_loop);
        let mut attributes = identified(Window::default_attributes())
            .with_title("Abscope")
            // Assistive tools must be told of it before it is seen.
            .with_visible(false)
            .with_inner_size(self.opening_size(event_loop, monitor.as_ref()))
            .with_window_level(self.placement.level())
            .with_min_inner_size(winit::dpi::LogicalSize::new(320.0, 100.0));
        if let Some(monitor) = &monitor {
            attributes = attributes.with_position(monitor.position());
        }
        if self.placement.fullscreen() {
            attributes = attributes.with_fullscreen(Some(Fullscreen::Borderless(monitor)));
        }
        let window = Arc::new(event_loop.create_window(attributes)?);
        let mut screen = Screen::open(event_loop, window)?;
        screen.tell_assistive(event_loop, self.proxy.clone());
        screen.window.set_visible(true);
        self.screen = Some(screen);
        Ok(())
    }

    pub(super) fn draw(&mut self, event_loop: &ActiveEventLoop) {
        self.watchdog.at(Stage::Polling);
        self.poll_session();
        self.look_for_findings();
        let Some(size) = self.screen.as_ref().map(Screen::size) else {
            return;
        };
        let scale = self
            .screen
            .as_ref()
            .map_or(1.0, |screen| screen.scale() as f32);
        self.watchdog.at(Stage::Scene);
        let edge = self.advance_clock();
        let edge = self.stepped(edge);
        let mut mark = std::mem::take(&mut self.view.mark);
        mark.measure(&self.session, moment(&self.session, &self.view).beside);
        self.view.mark = mark;
        let scene = self.scene_beside(self.view.drawer, size, scale, edge);
        hold(&mut self.session.pair, &scene);
        self.mouse.saw(&scene);
        let help = self.help();
        let Some(screen) = &mut self.screen else {
            return;
        };
        // The first picture makes the driver translate the shaders, which takes as long as it must.
        let is_first = !self.pace.has_drawn();
        self.watchdog.at(if is_first {
            Stage::Waiting
        } else {
            Stage::Drawing
        });
        let moment = moment(&self.session, &self.view);
        match screen.draw(&self.session.pair.histories(), moment, &scene, help) {
            Drawn::Shown(painted) => {
                screen.finish(&painted);
                self.count_frame();
                for action in painted.actions.clone() {
                    self.act(event_loop, &action);
                }
            }
            Drawn::Skipped => {}
            Drawn::Lost => {
                // Histories are in memory, so a new screen shows all of it again.
                let window = Arc::clone(&screen.window);
                let assistive = screen.take_assistive();
                // A window has one swapchain: the old one goes first.
                self.screen = None;
                self.reopen_screen(event_loop, window, assistive);
            }
        }
    }

    /// Mix time at the right edge of a live picture.
    pub(super) fn advance_clock(&mut self) -> f64 {
        let mix = &self.session.pair.mix;
        let Some(history) = mix.history() else {
            return 0.0;
        };
        let published_at = mix.live().and_then(|live| live.published_at);
        let age = published_at.map_or(Duration::ZERO, |published| published.elapsed());
        let stopped = mix.has_ended() || age > IDLE;
        let end_secs = history.end_secs();
        let now = self.clock.advance(Instant::now(), end_secs, age, stopped);
        (now - EDGE_SECS).max(0.0)
    }

    /// The scene of a picture that is saved: without a drawer.
    pub(super) fn scene(&self, size: [u32; 2], scale: f32, live_edge: f64) -> Scene {
        self.scene_beside(None, size, scale, live_edge)
    }

    fn scene_beside(
        &self,
        drawer: Option<Drawer>,
        size: [u32; 2],
        scale: f32,
        live_edge: f64,
    ) -> Scene {
        let mix = self.session.pair.mix.history();
        let frozen = self.view.frozen.as_ref();
        let edge = frozen.map_or(live_edge, |frozen| frozen.edge_secs);
        let moment = moment(&self.session, &self.view);
        let request = PictureRequest {
            size,
            scale,
            right_edge_secs: edge,
            frozen_behind_secs: frozen.map(|_| live_edge - edge),
            drawer,
            frequency: self.view.frequency,
            status: Status {
                lost_frames: mix.map_or(0, |mix| mix.meters.lost_frames),
                lost_secs: mix.map_or(0.0, |mix| mix.lost_secs()),
                gaps: mix.map_or(0, |mix| mix.meters.gaps),
                fps: self.pace.fps,
                latency_ms: self.pace.latency_ms,
                gpu: self
                    .screen
                    .as_ref()
                    .map(|screen| screen.gpu.name.clone())
                    .unwrap_or_default(),
                listening: self
                    .session
                    .pair
                    .listen
                    .state()
                    .as_ref()
                    .map_or_else(String::new, listening_words),
                toast: self.toast.as_ref().map(|(words, _)| words.clone()),
            },
        };
        let looks = &self.view.looks;
        let mut scene = scene_after(&self.session, moment, looks, request, &self.view.last);
        self.view.mark.show(&mut scene);
        scene.cursor = self.crosshair(&scene);
        scene
    }

    /// Draws into a window whose surface or device was lost; where that is not possible yet, it is tried again.
    fn reopen_screen(
        &mut self,
        event_loop: &ActiveEventLoop,
        window: Arc<Window>,
        assistive: Option<AssistiveAdapter>,
    ) {
        // A driver may take its time to open.
        self.watchdog.at(Stage::Waiting);
        match Screen::open(event_loop, Arc::clone(&window)) {
            Ok(mut screen) => {
                screen.give_assistive(assistive);
                self.screen = Some(screen);
            }
            Err(error) => {
                tracing::info!("the display was lost, and is waited for: {error:#}");
                self.undrawn = Some((window, assistive));
            }
        }
    }

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

/// Whether an event wants its effect to be seen now.
fn is_touch(event: &WindowEvent) -> bool {
    matches!(
        event,
        WindowEvent::KeyboardInput { .. }
            | WindowEvent::CursorMoved { .. }
            | WindowEvent::MouseInput { .. }
            | WindowEvent::MouseWheel { .. }
            | WindowEvent::Touch(_)
            | WindowEvent::Resized(_)
            | WindowEvent::Focused(true)
            | WindowEvent::DroppedFile(_)
            | WindowEvent::ScaleFactorChanged { .. }
    )
}

/// The figures of now, or of the moment the picture was frozen; another reference has only those of now.
pub(super) fn moment<'a>(session: &'a Session, view: &'a ViewState) -> Moment<'a> {
    match &view.frozen {
        Some(frozen) => Moment {
            mix: frozen.meters.as_ref(),
            beside: frozen
                .beside(session.pair.references.generation())
                .unwrap_or(&session.pair.beside),
        },
        None => Moment {
            mix: session.pair.mix.history().map(|mix| &mix.meters),
            beside: &session.pair.beside,
        },
    }
}
