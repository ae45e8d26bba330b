//! The window on its monitors: placed, moved on, made full, found again.

use crate::app::monitors::{Move, SETTLES, name, wanted_move};
use crate::app::screen::Screen;
use crate::app::window::state::App;
use std::time::{Duration, Instant};
use winit::dpi::{LogicalSize, PhysicalSize};
use winit::event::InnerSizeWriter;
use winit::event_loop::ActiveEventLoop;
use winit::monitor::MonitorHandle;
use winit::window::{Fullscreen, Window};

/// Between two looks at the monitors. Some systems tell nobody when one is unplugged.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How often a window that does not fill its monitor is asked to, where no window manager does it.
const MOST_TRIES: u32 = 4;

/// A mouse at rest in full screen is hidden after this time.
const CURSOR_RESTS: Duration = Duration::from_secs(3);

impl App {
    /// The monitor to open on: asked for by number (from 1) or by a part of its name, else the one of last time.
    pub(super) fn chosen_monitor(&mut self, event_loop: &ActiveEventLoop) -> Option<MonitorHandle> {
        let found = if let Some(asked) = self.placement.asked.clone() {
            let found = match asked.parse::<usize>() {
                Ok(number) => event_loop.available_monitors().nth(number.wrapping_sub(1)),
                Err(_) => event_loop
                    .available_monitors()
                    .find(|monitor| name(monitor).to_lowercase().contains(&asked.to_lowercase())),
            };
            match &found {
                Some(monitor) => self.placement.place.monitor = Some(name(monitor)),
                None => self.say(format!("no monitor {asked}; `abscope devices` lists them")),
            }
            found
        } else {
            let home = self.placement.place.monitor.clone()?;
            event_loop
                .available_monitors()
                .find(|monitor| name(monitor) == home)
        };
        self.placement.is_away = found.is_none() && self.placement.place.monitor.is_some();
        self.placement.settle();
        found
    }

    /// Size to open with, in points: no larger than the monitor.
    pub(super) fn opening_size(
        &self,
        event_loop: &ActiveEventLoop,
        monitor: Option<&MonitorHandle>,
    ) -> LogicalSize<f64> {
        let first = || event_loop.available_monitors().next();
        let monitor = monitor.cloned().or_else(|| event_loop.primary_monitor());
        let (room, scale) = monitor
            .or_else(first)
            .map_or((PhysicalSize::default(), 1.0), |monitor| {
                (monitor.size(), monitor.scale_factor())
            });
        self.placement.size_on(room, scale)
    }

    pub(super) fn set_fullscreen(&mut self, event_loop: &ActiveEventLoop, wanted: Option<bool>) {
        let Some(screen) = &self.screen else {
            return;
        };
        let (window, scale) = (screen.window(), screen.scale());
        let is_full = window.fullscreen().is_some();
        let full = wanted.unwrap_or(!is_full);
        if full == is_full {
            return;
        }
        let monitors: Vec<_> = event_loop.available_monitors().collect();
        let monitor = monitor_under(&window, &monitors);
        self.placement.place.fullscreen = full;
        self.placement.settle();
        if full {
            if monitor.as_ref().is_some_and(|at| !covers(&window, at)) {
                self.placement.keep_size(&window, scale);
            }
            self.placement.moved_in_full = false;
            window.set_fullscreen(Some(Fullscreen::Borderless(monitor)));
            // Where no window manager makes it fill the monitor, the next look does.
            self.placement.next_look = Instant::now();
        } else {
            window.set_fullscreen(None);
            if let Some(monitor) = monitor {
                if std::mem::take(&mut self.placement.moved_in_full) {
                    window.set_outer_position(monitor.position());
                }
                if self.placement.x_server.has_no_manager() {
                    let size = self.placement.size_on(monitor.size(), scale);
                    let _ = window.request_inner_size(size.to_physical::<u32>(scale));
                }
            }
            self.show_cursor();
        }
    }

    /// Pixels a point have changed: the window stays as large to the eye, as far as its monitor has room. On X11 only:
    /// other systems say themselves how large it is then.
    pub(super) fn follow_scale(
        &mut self,
        event_loop: &ActiveEventLoop,
        scale: f64,
        mut writer: InnerSizeWriter,
    ) {
        let Some(window) = self.screen.as_ref().map(Screen::window) else {
            return;
        };
        let monitors: Vec<_> = event_loop.available_monitors().collect();
        if let Some(monitor) =
            monitor_under(&window, &monitors).filter(|_| self.placement.x_server.is_there())
        {
            let size = if window.fullscreen().is_some() {
                monitor.size()
            } else {
                self.placement
                    .size_on(monitor.size(), scale)
                    .to_physical(scale)
            };
            // It fails where the event is over, which it is not.
            let _ = writer.request_inner_size(size);
            self.placement.settle();
        }
    }

    /// To the next monitor, which becomes the window's home.
    pub(super) fn next_monitor(&mut self, event_loop: &ActiveEventLoop) {
        let Some(window) = self.screen.as_ref().map(Screen::window) else {
            return;
        };
        let monitors: Vec<_> = event_loop.available_monitors().collect();
        // Two quick presses go two monitors on, though the window has not followed yet.
        let moving = Some(&self.placement.place.monitor)
            .filter(|_| !self.placement.is_away && Instant::now() < self.placement.settles_at);
        let current = match moving.cloned().flatten() {
            Some(name) => name,
            None => monitor_under(&window, &monitors)
                .as_ref()
                .map(name)
                .unwrap_or_default(),
        };
        let at = monitors.iter().position(|monitor| name(monitor) == current);
        let after = at.map_or(0, |at| at + 1);
        let Some(next) = monitors.get(after % monitors.len().max(1)) else {
            return;
        };
        if monitors.len() < 2 {
            self.say("there is only one monitor".to_owned());
            return;
        }
        // Wayland lets no program move a window that is not full screen.
        if window.fullscreen().is_none() && window.outer_position().is_err() {
            self.say(
                "this desktop moves windows itself; in full screen (F) M goes to the next monitor"
                    .to_owned(),
            );
            return;
        }
        self.placement.place.monitor = Some(name(next));
        self.placement.is_away = false;
        self.go_to(next);
    }

    /// Keeps the window above all others, or no longer.
    pub(super) fn toggle_always_on_top(&mut self) {
        let place = &mut self.placement.place;
        place.always_on_top = !place.always_on_top;
        let words = if place.always_on_top {
            "always on top"
        } else {
            "no longer always on top"
        };
        if let Some(screen) = &self.screen {
            screen.window.set_window_level(self.placement.level());
        }
        self.say(words.to_owned());
    }

    fn go_to(&mut self, monitor: &MonitorHandle) {
        let Some(screen) = &self.screen else {
            return;
        };
        let window = screen.window();
        if window.fullscreen().is_some() {
            if self.placement.x_server.is_there() {
                // Many window managers keep a window in full screen where it is. And to winit, monitors that one
                // after the other had the same controller of the graphics card are one: it would do nothing.
                window.set_fullscreen(None);
                window.set_outer_position(monitor.position());
            }
            window.set_fullscreen(Some(Fullscreen::Borderless(Some(monitor.clone()))));
            self.placement.moved_in_full = true;
            self.placement.next_look = Instant::now();
        } else {
            window.set_outer_position(monitor.position());
            let scale = monitor.scale_factor();
            let size = self.placement.size_on(monitor.size(), scale);
            let size = size.to_physical::<u32>(scale);
            if self.placement.x_server.is_there() && window.inner_size() != size {
                let _ = window.request_inner_size(size);
            }
        }
        self.placement.settle();
    }

    /// Now and then: is the monitor still there, has the window been moved, is the mouse at rest, may the screen
    /// sleep.
    pub(super) fn look_after_window(&mut self, event_loop: &ActiveEventLoop, now: Instant) {
        self.rest_cursor(now);
        if now < self.placement.next_look {
            return;
        }
        self.placement.next_look = now + LOOK_EVERY;
        if self.placement.x_server.have_monitors_changed() {
            self.placement.unrest_until = now + SETTLES;
            self.placement.settle();
        }
        let monitors: Vec<_> = event_loop.available_monitors().collect();
        let names: Vec<_> = monitors.iter().map(name).collect();
        let home = self.placement.place.monitor.clone();
        match wanted_move(home.as_deref(), self.placement.is_away, &names) {
            Move::Stay => self.settle_in(event_loop, &monitors, now),
            Move::Leave => {
                self.placement.is_away = true;
                if let Some(monitor) = main_of(event_loop, &monitors) {
                    self.go_to(&monitor);
                }
                let home = home.unwrap_or_default();
                self.say(format!(
                    "the monitor {home} is gone; the window goes back when it returns"
                ));
            }
            Move::Return => {
                self.placement.is_away = false;
                let is_home = |monitor: &&MonitorHandle| Some(name(monitor)) == home;
                if let Some(monitor) = monitors.iter().find(is_home) {
                    self.go_to(monitor);
                }
            }
        }
        self.look_at_pace();
        let wants_awake = self.has_sounded_lately(now);
        if let Some(window) = self.screen.as_ref().map(Screen::window) {
            self.placement.awake.set(wants_awake, &window);
        }
        if self.placement.place != self.placement.kept {
            self.placement.kept = self.placement.place.clone();
            self.placement.keeper.keep(&self.placement.place);
        }
    }

    /// Fills the monitor where no window manager does, and stays on it while monitors come and go; afterwards, what a
    /// person does with the window is where it belongs.
    fn settle_in(
        &mut self,
        event_loop: &ActiveEventLoop,
        monitors: &[MonitorHandle],
        now: Instant,
    ) {
        let Some(screen) = &self.screen else {
            return;
        };
        let (window, scale) = (screen.window(), screen.scale());
        let current = monitor_under(&window, monitors);
        let is_full = window.fullscreen().is_some();
        let home = self.placement.place.monitor.clone();
        let is_away = self.placement.is_away;
        let belongs = if is_away {
            main_of(event_loop, monitors)
        } else {
            let is_home = |monitor: &&MonitorHandle| Some(name(monitor)) == home;
            monitors.iter().find(is_home).or(current.as_ref()).cloned()
        };
        let Some(belongs) = belongs else {
            return;
        };
        if now < self.placement.unrest_until && current.as_ref().map(name) != Some(name(&belongs)) {
            // A monitor that was off for a moment: a window manager has taken the window elsewhere.
            self.go_to(&belongs);
        } else if is_full {
            self.fill(&window, &belongs);
        }
        if now < self.placement.settles_at || is_away {
            return;
        }
        self.placement.place.fullscreen = is_full;
        if let Some(current) = current {
            if !is_full {
                self.placement.keep_size(&window, scale);
            }
            self.placement.place.monitor = Some(name(&current)).filter(|name| !name.is_empty());
        }
    }

    /// Where no window manager does it, a window in full screen takes place and size of its monitor.
    fn fill(&mut self, window: &Window, monitor: &MonitorHandle) {
        if covers(window, monitor) {
            self.placement.tries = 0;
        } else if self.placement.tries < MOST_TRIES && self.placement.x_server.has_no_manager() {
            self.placement.tries += 1;
            window.set_outer_position(monitor.position());
            let _ = window.request_inner_size(monitor.size());
            self.placement.settles_at = Instant::now() + SETTLES;
        }
    }

    /// The mouse has moved: it is seen.
    pub(super) fn show_cursor(&mut self) {
        self.placement.cursor_moved_at = Instant::now();
        if let Some(screen) = self
            .screen
            .as_ref()
            .filter(|_| self.placement.cursor_hidden)
        {
            screen.window.set_cursor_visible(true);
            self.placement.cursor_hidden = false;
        }
    }

    fn rest_cursor(&mut self, now: Instant) {
        let placement = &mut self.placement;
        let rests = now.saturating_duration_since(placement.cursor_moved_at) > CURSOR_RESTS;
        if let Some(screen) = &self.screen
            && rests
            && !placement.cursor_hidden
            && screen.window.fullscreen().is_some()
        {
            screen.window.set_cursor_visible(false);
            placement.cursor_hidden = true;
        }
    }
}

/// The monitor that is taken when the window's own is not there.
fn main_of(event_loop: &ActiveEventLoop, monitors: &[MonitorHandle]) -> Option<MonitorHandle> {
    let primary = event_loop.primary_monitor();
    let is_primary = |monitor: &&MonitorHandle| primary.as_ref().map(name) == Some(name(monitor));
    monitors
        .iter()
        .find(is_primary)
        .or(monitors.first())
        .cloned()
}

/// The monitor that holds the middle of the window. What winit says itself lags behind on X11 after a move. Where a
/// window may not know its place (Wayland), winit's word is taken.
fn monitor_under(window: &Window, monitors: &[MonitorHandle]) -> Option<MonitorHandle> {
    let Ok(position) = window.outer_position() else {
        let current = window.current_monitor()?;
        return monitors
            .iter()
            .find(|monitor| name(monitor) == name(&current))
            .cloned();
    };
    let size = window.inner_size();
    let x = i64::from(position.x) + i64::from(size.width / 2);
    let y = i64::from(position.y) + i64::from(size.height / 2);
    let holds = |monitor: &&MonitorHandle| {
        let (corner, size) = (monitor.position(), monitor.size());
        let (left, top) = (i64::from(corner.x), i64::from(corner.y));
        (left..left + i64::from(size.width)).contains(&x)
            && (top..top + i64::from(size.height)).contains(&y)
    };
    monitors.iter().find(holds).cloned()
}

fn covers(window: &Window, monitor: &MonitorHandle) -> bool {
    window.inner_size() == monitor.size()
        && window
            .outer_position()
            .is_ok_and(|position| position == monitor.position())
}
