//! The window: events become actions, frames are paced, and one session is shown.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use winit::application::ApplicationHandler;
use winit::event::{ElementState, KeyEvent, MouseScrollDelta, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop, EventLoopProxy};
use winit::keyboard::ModifiersState;
use winit::monitor::MonitorHandle;
use winit::window::{Fullscreen, Window, WindowId};

use crate::app::clock::PictureClock;
use crate::app::keys::action_of;
use crate::app::open::{file_name, open_session};
use crate::app::screen::{Drawn, Screen};
use crate::app::view_state::ViewState;
use crate::cli::args::WindowArgs;
use crate::cli::picture::write_png;
use crate::session::Session;
use crate::session::action::Action;
use crate::session::references::{MOST_REFERENCES, Reference};
use crate::view::build::{Moment, PictureRequest, scene};
use crate::view::scene::{Scene, Status};

/// Frames a second while something moves.
const FRAME: Duration = Duration::from_nanos(16_666_667);
/// Between looks when the window is hidden or nothing plays.
const IDLE: Duration = Duration::from_millis(250);
/// The picture ends this much before the newest frame: half a short window, what columns in the making lack.
const EDGE_SECS: f64 = 0.022;
/// How long a message stays.
const TOAST: Duration = Duration::from_secs(6);
/// Size of a saved picture.
const SCREENSHOT_SIZE: [u32; 2] = [3840, 2160];
/// Numbers in the status line change at most four times a second.
const STATUS_EVERY: Duration = Duration::from_millis(250);

/// What other threads tell the window.
enum Message {
    /// Files chosen in the dialog.
    Files(Vec<PathBuf>),
    /// Something to say.
    Say(String),
}

/// Opens the window and runs until it is closed.
pub fn run(args: &WindowArgs) -> anyhow::Result<()> {
    let session = open_session(args)?;
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
    if let Some(layout) = args.layout {
        view.looks.mode = layout.mode();
    }
    let toast = session.notice.clone().map(|words| {
        tracing::warn!("{words}");
        (words, Instant::now() + TOAST)
    });
    let mut app = App {
        session,
        view,
        screen: None,
        clock: PictureClock::default(),
        pace: Pace::default(),
        placement: Placement {
            monitor: args.monitor.clone(),
            fullscreen: args.fullscreen,
        },
        toast,
        proxy: event_loop.create_proxy(),
        failure: None,
        modifiers: ModifiersState::default(),
    };
    event_loop.run_app(&mut app)?;
    app.failure.map_or(Ok(()), Err)
}

/// Where the window opens.
struct Placement {
    monitor: Option<String>,
    fullscreen: bool,
}

/// Frames drawn and how they were paced.
#[derive(Default)]
struct Pace {
    next: Option<Instant>,
    hidden: bool,
    frames: u32,
    since: Option<Instant>,
    fps: Option<f32>,
    latency_ms: Option<f32>,
    newest_latency_ms: f32,
}

struct App {
    session: Session,
    view: ViewState,
    screen: Option<Screen>,
    clock: PictureClock,
    pace: Pace,
    placement: Placement,
    toast: Option<(String, Instant)>,
    proxy: EventLoopProxy<Message>,
    failure: Option<anyhow::Error>,
    modifiers: ModifiersState,
}

impl ApplicationHandler<Message> for App {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.screen.is_none()
            && let Err(error) = self.open_screen(event_loop)
        {
            self.failure = Some(error);
            event_loop.exit();
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        let Some(screen) = &mut self.screen else {
            return;
        };
        // The chrome has nothing to type into, and Tab would give a button the focus that Space then presses: keys
        // are actions, and nothing else.
        let is_key = matches!(event, WindowEvent::KeyboardInput { .. });
        let consumed = !is_key && screen.on_event(&event);
        match event {
            WindowEvent::CloseRequested => event_loop.exit(),
            WindowEvent::Resized(size) => {
                screen.resize(size.width, size.height);
                self.pace.hidden = size.width == 0 || size.height == 0;
            }
            WindowEvent::Occluded(hidden) => self.pace.hidden = hidden,
            WindowEvent::RedrawRequested => self.draw(event_loop),
            WindowEvent::DroppedFile(path) => self.add_references(vec![path]),
            WindowEvent::ModifiersChanged(modifiers) => self.modifiers = modifiers.state(),
            // Synthetic presses are keys that were held while the window got the focus: they were meant elsewhere.
            WindowEvent::KeyboardInput {
                event,
                is_synthetic: false,
                ..
            } if event.state == ElementState::Pressed => self.on_key(event_loop, &event),
            WindowEvent::MouseWheel { delta, .. } if !consumed => {
                let lines = match delta {
                    MouseScrollDelta::LineDelta(_, y) => f64::from(y),
                    MouseScrollDelta::PixelDelta(position) => position.y / 40.0,
                };
                self.act(event_loop, &Action::ZoomTime(1.15f64.powf(lines)));
            }
            _ => {}
        }
    }

    fn user_event(&mut self, _: &ActiveEventLoop, message: Message) {
        match message {
            Message::Files(paths) => self.add_references(paths),
            Message::Say(words) => self.say(words),
        }
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        let now = Instant::now();
        let next = self.pace.next.unwrap_or(now);
        if now < next {
            event_loop.set_control_flow(ControlFlow::WaitUntil(next));
            return;
        }
        let period = if self.pace.hidden { IDLE } else { FRAME };
        // A late frame moves the beat on; it is not made up for.
        let next = if now - next < period {
            next + period
        } else {
            now + period
        };
        self.pace.next = Some(next);
        event_loop.set_control_flow(ControlFlow::WaitUntil(next));
        if self.pace.hidden {
            // Measuring goes on: what was made is taken, so that no ring runs full.
            self.session.poll();
        } else if let Some(screen) = &self.screen {
            screen.window.request_redraw();
        }
    }
}

impl App {
    fn open_screen(&mut self, event_loop: &ActiveEventLoop) -> anyhow::Result<()> {
        let monitor = self.chosen_monitor(event_loop);
        let mut attributes = Window::default_attributes()
            .with_title("Abscope")
            .with_inner_size(winit::dpi::LogicalSize::new(1600.0, 900.0))
            .with_min_inner_size(winit::dpi::LogicalSize::new(320.0, 100.0));
        if let Some(monitor) = &monitor {
            attributes = attributes.with_position(monitor.position());
        }
        if self.placement.fullscreen {
            attributes = attributes.with_fullscreen(Some(Fullscreen::Borderless(monitor)));
        }
        let window = Arc::new(event_loop.create_window(attributes)?);
        self.screen = Some(Screen::open(event_loop, window)?);
        Ok(())
    }

    /// The monitor asked for by number (from 1) or by a part of its name.
    fn chosen_monitor(&mut self, event_loop: &ActiveEventLoop) -> Option<MonitorHandle> {
        let wanted = self.placement.monitor.clone()?;
        let found = match wanted.parse::<usize>() {
            Ok(number) => event_loop.available_monitors().nth(number.wrapping_sub(1)),
            Err(_) => event_loop.available_monitors().find(|monitor| {
                let name = monitor.name().unwrap_or_default().to_lowercase();
                name.contains(&wanted.to_lowercase())
            }),
        };
        if found.is_none() {
            self.say(format!("no monitor {wanted}; `abscope devices` lists them"));
        }
        found
    }

    fn draw(&mut self, event_loop: &ActiveEventLoop) {
        self.session.poll();
        let Some(size) = self.screen.as_ref().map(Screen::size) else {
            return;
        };
        let scale = self
            .screen
            .as_ref()
            .map_or(1.0, |screen| screen.window.scale_factor() as f32);
        let edge = self.advance_clock();
        let scene = self.scene(size, scale, edge);
        let Some(screen) = &mut self.screen else {
            return;
        };
        let moment = moment(&self.session, &self.view);
        match screen.draw(&self.session, moment, &scene, self.view.help) {
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
                // A window has one swapchain: the old one goes first.
                self.screen = None;
                match Screen::open(event_loop, window) {
                    Ok(screen) => self.screen = Some(screen),
                    Err(error) => {
                        self.failure = Some(error.context("the display was lost"));
                        event_loop.exit();
                    }
                }
            }
        }
    }

    /// Mix time at the right edge of a live picture.
    fn advance_clock(&mut self) -> f64 {
        let Some(mix) = &self.session.mix else {
            return 0.0;
        };
        let age = mix
            .published_at
            .map_or(Duration::ZERO, |published| published.elapsed());
        let stopped = mix.has_ended || mix.lost_reason().is_some() || age > IDLE;
        let now = self
            .clock
            .advance(Instant::now(), mix.end_secs(), age, stopped);
        (now - EDGE_SECS).max(0.0)
    }

    fn scene(&self, size: [u32; 2], scale: f32, live_edge: f64) -> Scene {
        let mix = self.session.mix.as_ref();
        let frozen = self.view.frozen.as_ref();
        let edge = frozen.map_or(live_edge, |frozen| frozen.edge_secs);
        let moment = moment(&self.session, &self.view);
        let request = PictureRequest {
            size,
            scale,
            right_edge_secs: edge,
            frozen_behind_secs: frozen.map(|_| live_edge - edge),
            frequency: self.view.frequency,
            status: Status {
                lost_frames: mix.map_or(0, |mix| mix.meters.lost_frames),
                fps: self.pace.fps,
                latency_ms: self.pace.latency_ms,
                gpu: self
                    .screen
                    .as_ref()
                    .map(|screen| screen.gpu.name.clone())
                    .unwrap_or_default(),
                toast: self.toast.as_ref().map(|(words, _)| words.clone()),
            },
        };
        scene(&self.session, moment, &self.view.looks, request)
    }

    fn count_frame(&mut self) {
        let now = Instant::now();
        let pace = &mut self.pace;
        pace.frames += 1;
        if let Some(published) = self.session.mix.as_ref().and_then(|mix| mix.published_at) {
            let age = published.elapsed();
            // An input that has stopped has no latency.
            if age < IDLE {
                pace.newest_latency_ms = pace.newest_latency_ms.max(age.as_secs_f32() * 1000.0);
            }
        }
        let since = *pace.since.get_or_insert(now);
        let elapsed = now - since;
        if elapsed >= STATUS_EVERY {
            pace.fps = Some(pace.frames as f32 / elapsed.as_secs_f32());
            pace.latency_ms = Some(pace.newest_latency_ms);
            pace.frames = 0;
            pace.newest_latency_ms = 0.0;
            pace.since = Some(now);
        }
        if self.toast.as_ref().is_some_and(|(_, until)| now > *until) {
            self.toast = None;
        }
    }

    fn act(&mut self, event_loop: &ActiveEventLoop, action: &Action) {
        let edge = self.advance_clock();
        if self.view.apply(action, &mut self.session, edge) {
            return;
        }
        match action {
            Action::Quit => event_loop.exit(),
            Action::ToggleFullscreen => self.set_fullscreen(None),
            Action::LeaveFullscreen => {
                self.view.help = false;
                self.set_fullscreen(Some(false));
            }
            Action::NextMonitor => self.next_monitor(event_loop),
            Action::OpenReference => self.ask_for_files(),
            Action::Screenshot => self.screenshot(),
            _ => {}
        }
    }

    /// A key without a modifier; held down, only those that go step by step act again.
    fn on_key(&mut self, event_loop: &ActiveEventLoop, event: &KeyEvent) {
        let is_plain = !self.modifiers.control_key()
            && !self.modifiers.alt_key()
            && !self.modifiers.super_key();
        if let Some(action) = action_of(&event.logical_key).filter(|_| is_plain) {
            let repeats = matches!(action, Action::NudgeAlignment(_) | Action::ZoomTime(_));
            if !event.repeat || repeats {
                self.act(event_loop, &action);
            }
        }
    }

    fn set_fullscreen(&self, wanted: Option<bool>) {
        if let Some(screen) = &self.screen {
            let is_full = screen.window.fullscreen().is_some();
            let full = wanted.unwrap_or(!is_full);
            screen
                .window
                .set_fullscreen(full.then_some(Fullscreen::Borderless(None)));
        }
    }

    fn next_monitor(&mut self, event_loop: &ActiveEventLoop) {
        let Some(screen) = &self.screen else {
            return;
        };
        let monitors: Vec<_> = event_loop.available_monitors().collect();
        let current = screen.window.current_monitor();
        let at = monitors.iter().position(|m| Some(m) == current.as_ref());
        let Some(next) = at.and_then(|at| monitors.get((at + 1) % monitors.len())) else {
            return;
        };
        if screen.window.fullscreen().is_some() {
            let full = Fullscreen::Borderless(Some(next.clone()));
            screen.window.set_fullscreen(Some(full));
        } else {
            screen.window.set_outer_position(next.position());
        }
    }

    fn add_references(&mut self, paths: Vec<PathBuf>) {
        for path in paths {
            let name = file_name(&path);
            if self.session.references.is_full() {
                self.say(format!(
                    "{name} was not loaded: {MOST_REFERENCES} references are open"
                ));
                continue;
            }
            match self.session.references.add(Reference::from_file(&path)) {
                Ok(()) => self.say(format!("reading {name}")),
                Err(why) => self.say(why),
            }
        }
    }

    /// The dialog runs on a thread of its own: the picture goes on behind it.
    fn ask_for_files(&mut self) {
        let proxy = self.proxy.clone();
        let asking = std::thread::Builder::new()
            .name("dialog".to_owned())
            .spawn(move || {
                let chosen = rfd::FileDialog::new()
                    .set_title("References to compare with")
                    .pick_files();
                // A closed window needs no files.
                let _ = proxy.send_event(Message::Files(chosen.unwrap_or_default()));
            });
        if let Err(error) = asking {
            self.say(format!(
                "the file dialog does not open: {error}; drop a file on the window"
            ));
        }
    }

    fn screenshot(&mut self) {
        let edge = self.advance_clock();
        let mut scene = self.scene(SCREENSHOT_SIZE, 1.0, edge);
        scene.status.toast = None;
        scene.status.fps = None;
        scene.status.latency_ms = None;
        let Some(screen) = &mut self.screen else {
            return;
        };
        let moment = moment(&self.session, &self.view);
        match screen.picture(&self.session, moment, &scene) {
            Ok(pixels) => self.save_picture(pixels),
            Err(error) => self.say(format!("no picture: {error:#}")),
        }
    }

    /// Compressing a large picture takes a while: it happens on a thread of its own.
    fn save_picture(&mut self, pixels: Vec<u8>) {
        let proxy = self.proxy.clone();
        let saving = std::thread::Builder::new()
            .name("picture".to_owned())
            .spawn(move || {
                let path = pictures_folder().join(format!("Abscope {}.png", time_stamp()));
                let words = match write_png(&path, SCREENSHOT_SIZE, &pixels) {
                    Ok(()) => format!("picture saved: {}", path.display()),
                    Err(error) => format!("{error:#}"),
                };
                let _ = proxy.send_event(Message::Say(words));
            });
        if let Err(error) = saving {
            self.say(format!("no picture: {error}"));
        }
    }

    fn say(&mut self, words: String) {
        tracing::info!("{words}");
        self.toast = Some((words, Instant::now() + TOAST));
    }
}

/// The figures of now, or of the moment the picture was frozen; another reference has only those of now.
fn moment<'a>(session: &'a Session, view: &'a ViewState) -> Moment<'a> {
    match &view.frozen {
        Some(frozen) => Moment {
            mix: frozen.meters.as_ref(),
            beside: if frozen.generation == session.references.generation {
                &frozen.beside
            } else {
                &session.beside
            },
        },
        None => Moment {
            mix: session.mix.as_ref().map(|mix| &mix.meters),
            beside: &session.beside,
        },
    }
}

/// The pictures folder of the person, else the home folder, else here.
fn pictures_folder() -> PathBuf {
    directories::UserDirs::new()
        .map(|dirs| dirs.picture_dir().unwrap_or(dirs.home_dir()).to_owned())
        .filter(|folder| folder.is_dir())
        .unwrap_or_else(|| PathBuf::from("."))
}

/// Seconds since 1970: sortable, and needs no calendar. With thousandths, so that two pictures of one second are two.
fn time_stamp() -> String {
    let elapsed = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    format!("{}.{:03}", elapsed.as_secs(), elapsed.subsec_millis())
}
