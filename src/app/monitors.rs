//! Which monitor the window is on, and full screen.

use winit::event_loop::ActiveEventLoop;
use winit::monitor::MonitorHandle;
use winit::window::{Fullscreen, WindowLevel};

use crate::app::window::App;

impl App {
    /// The monitor asked for by number (from 1) or by a part of its name.
    pub(super) fn chosen_monitor(&mut self, event_loop: &ActiveEventLoop) -> Option<MonitorHandle> {
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

    pub(super) fn set_fullscreen(&self, wanted: Option<bool>) {
        if let Some(screen) = &self.screen {
            let is_full = screen.window.fullscreen().is_some();
            let full = wanted.unwrap_or(!is_full);
            screen
                .window
                .set_fullscreen(full.then_some(Fullscreen::Borderless(None)));
        }
    }

    /// Keeps the window above all others, or no longer.
    pub(super) fn toggle_always_on_top(&mut self) {
        self.placement.always_on_top = !self.placement.always_on_top;
        self.apply_always_on_top();
        let words = if self.placement.always_on_top {
            "always on top"
        } else {
            "no longer always on top"
        };
        self.say(words.to_owned());
    }

    fn apply_always_on_top(&self) {
        if let Some(screen) = &self.screen {
            screen
                .window
                .set_window_level(if self.placement.always_on_top {
                    WindowLevel::AlwaysOnTop
                } else {
                    WindowLevel::Normal
                });
        }
    }

    pub(super) fn next_monitor(&mut self, event_loop: &ActiveEventLoop) {
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
}
