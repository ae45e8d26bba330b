//! Events of the window and between them: to whom they are passed, and what is done before the next.

use std::sync::Arc;
use std::time::Instant;

use winit::application::ApplicationHandler;
use winit::event::{ElementState, StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow};
use winit::window::{Fullscreen, Window, WindowId};

use crate::app::identity::identified;
use crate::app::message::Message;
use crate::app::screen::{AssistiveAdapter, Screen};
use crate::app::watchdog::Stage;
use crate::app::window::state::App;
use crate::view::layout::LEAST_SIDE_PX;

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
            WindowEvent::RedrawRequested => {
                self.pace.is_called(Instant::now());
                if !self.pace.is_empty {
                    self.draw(event_loop);
                }
            }
            WindowEvent::DroppedFile(path) => self.dropped.push(path),
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
        if message.may_change_picture() {
            self.pace.touch();
        }
        match message {
            Message::Files(paths) => self.open_files(paths),
            Message::NoDialog => self.show_path_field(),
            Message::Offers(text, offered) => self.offer(&text, offered),
            Message::References(files) => self.add_references(&files),
            Message::Picture(metadata) => self.show_picture(&metadata),
            Message::Heard(heard) => self.show_findings(*heard),
            Message::NotRead(why) => self.not_read(why),
            Message::Say(words) => self.say(words),
            Message::Written(done) => self.on_written(done),
            Message::Sounds => self.hear_again(),
            Message::Shelf(news) => self.on_shelf_news(*news),
            Message::Act(action) => self.act(event_loop, &action),
            Message::Remote(ask) => self.answer(event_loop, ask),
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
        // Several that are dropped at once come one by one, and keep their order together.
        let dropped = std::mem::take(&mut self.dropped);
        if !dropped.is_empty() {
            self.open_files(dropped);
        }
        let now = Instant::now();
        self.look_after_window(event_loop, now);
        if let Some(next) = self.pace.not_before(now) {
            return next;
        }
        if let Some((window, assistive)) = self.undrawn.take() {
            self.reopen_screen(event_loop, window, assistive);
        }
        let (next, is_due) = self.pace(now);
        let stands = is_due && self.stands_still(now);
        match &self.screen {
            Some(_) if stands => {}
            Some(screen) if is_due => {
                screen.window.request_redraw();
                self.pace.ask(now);
            }
            Some(_) if self.pace.wants_sign(now) => self.draw(event_loop),
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

    /// Draws into a window whose surface or device was lost; where that is not possible yet, it is tried again.
    pub(super) fn reopen_screen(
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
