//! Which monitor the window is on: it has a home, found by name; it waits elsewhere while that is unplugged.

use std::time::{Duration, Instant};

use winit::dpi::LogicalSize;
use winit::event_loop::ActiveEventLoop;
use winit::monitor::MonitorHandle;
use winit::window::{Fullscreen, Window, WindowLevel};

use crate::app::awake::Awake;
use crate::app::screen::Screen;
use crate::app::window::App;
use crate::app::window_file::{PlaceKeeper, WindowPlace};
use crate::cli::args::WindowArgs;

/// Between two looks at the monitors. Some systems tell nobody when one is unplugged.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After moving the window: until it is there, where it is says nothing about where it is wanted.
const SETTLES: Duration = Duration::from_secs(2);
/// How often a window that does not fill its monitor is asked to, where no window manager does it.
const MOST_TRIES: u32 = 4;
/// A mouse at rest in full screen is hidden after this time.
const CURSOR_RESTS: Duration = Duration::from_secs(3);

/// Where the window is, and where it belongs.
pub(super) struct Placement {
    /// The monitor asked for on the command line.
    asked: Option<String>,
    /// What is kept; its monitor is the home.
    place: WindowPlace,
    kept: WindowPlace,
    keeper: PlaceKeeper,
    /// The home is unplugged, and the window waits on another monitor.
    is_away: bool,
    next_look: Instant,
    settles_at: Instant,
    tries: u32,
    cursor_moved_at: Instant,
    cursor_hidden: bool,
    awake: Awake,
}

impl Placement {
    /// What the command line asks for, over what was kept.
    pub(super) fn open(args: &WindowArgs) -> Self {
        let (keeper, kept) = PlaceKeeper::open();
        let mut place = kept.clone();
        place.fullscreen |= args.fullscreen;
        let now = Instant::now();
        Self {
            asked: args.monitor.clone(),
            place,
            kept,
            keeper,
            is_away: false,
            next_look: now,
            settles_at: now,
            tries: 0,
            cursor_moved_at: now,
            cursor_hidden: false,
            awake: Awake::default(),
        }
    }

    /// Size to open with, in points.
    pub(super) fn size(&self) -> [f64; 2] {
        self.place.size.unwrap_or([1600.0, 900.0])
    }

    /// Whether to open in full screen.
    pub(super) fn fullscreen(&self) -> bool {
        self.place.fullscreen
    }

    /// Whether the window stays above all others.
    pub(super) fn level(&self) -> WindowLevel {
        if self.place.always_on_top {
            WindowLevel::AlwaysOnTop
        } else {
            WindowLevel::Normal
        }
    }

    /// A move was asked for: judge again once it had time.
    fn settle(&mut self) {
        self.settles_at = Instant::now() + SETTLES;
        self.tries = 0;
    }
}

impl Drop for Placement {
    /// What changed since the last look is kept as well.
    fn drop(&mut self) {
        if self.place != self.kept {
            self.keeper.keep(&self.place);
        }
    }
}

/// What a look at the monitors asks for.
#[derive(Debug, PartialEq)]
enum Move {
    Stay,
    /// The home is gone.
    Leave,
    /// The home is back.
    Return,
}

fn wanted_move(home: Option<&str>, is_away: bool, names: &[String]) -> Move {
    let Some(home) = home else {
        return Move::Stay;
    };
    let is_there = names.iter().any(|name| name == home);
    match (is_there, is_away) {
        // Without any monitor there is nowhere to go.
        (false, false) if !names.is_empty() => Move::Leave,
        (true, true) => Move::Return,
        _ => Move::Stay,
    }
}

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
        let [width, height] = self.placement.size();
        let first = || event_loop.available_monitors().next();
        let monitor = monitor.cloned().or_else(|| event_loop.primary_monitor());
        let room = monitor.or_else(first).map(|monitor| {
            let room = monitor.size().to_logical::<f64>(monitor.scale_factor());
            // A monitor that does not say its size has 0.
            [room.width, room.height].map(|side| if side > 0.0 { side } else { f64::MAX })
        });
        let [most_wide, most_high] = room.unwrap_or([f64::MAX; 2]);
        LogicalSize::new(width.min(most_wide), height.min(most_high))
    }

    pub(super) fn set_fullscreen(&mut self, wanted: Option<bool>) {
        let Some(screen) = &self.screen else {
            return;
        };
        let is_full = screen.window.fullscreen().is_some();
        let full = wanted.unwrap_or(!is_full);
        if full == is_full {
            return;
        }
        let monitor = Fullscreen::Borderless(None);
        screen.window.set_fullscreen(full.then_some(monitor));
        self.placement.place.fullscreen = full;
        self.placement.settle();
        if !full {
            self.show_cursor();
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
        let Some(window) = self.screen.as_ref().map(Screen::window) else {
            return;
        };
        if window.fullscreen().is_some() {
            let full = Fullscreen::Borderless(Some(monitor.clone()));
            window.set_fullscreen(Some(full));
        } else {
            window.set_outer_position(monitor.position());
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
        let monitors: Vec<_> = event_loop.available_monitors().collect();
        let names: Vec<_> = monitors.iter().map(name).collect();
        let home = self.placement.place.monitor.clone();
        match wanted_move(home.as_deref(), self.placement.is_away, &names) {
            Move::Stay => self.settle_in(event_loop, &monitors, now),
            Move::Leave => {
                self.placement.is_away = true;
                let remaining = event_loop.primary_monitor();
                let remaining = remaining.filter(|monitor| names.contains(&name(monitor)));
                if let Some(monitor) = remaining.or(monitors.first().cloned()) {
                    self.go_to(&monitor);
                }
                let home = home.unwrap_or_default();
                self.say(format!(
                    "the monitor {home} is gone; the window goes back when it returns"
                ));
            }
            Move::Return => {
                self.placement.is_away = false;
                let back = monitors
                    .iter()
                    .find(|monitor| Some(name(monitor)) == home)
                    .cloned();
                if let Some(monitor) = back {
                    self.go_to(&monitor);
                }
            }
        }
        self.look_at_pace();
        let wants_awake = self.has_sounded_lately(now);
        self.placement.awake.set(wants_awake);
        if self.placement.place != self.placement.kept {
            self.placement.kept = self.placement.place.clone();
            self.placement.keeper.keep(&self.placement.place);
        }
    }

    /// Fills the monitor where no window manager does; afterwards, what a person does with the window is where it
    /// belongs.
    fn settle_in(
        &mut self,
        event_loop: &ActiveEventLoop,
        monitors: &[MonitorHandle],
        now: Instant,
    ) {
        let Some(window) = self.screen.as_ref().map(Screen::window) else {
            return;
        };
        let current = monitor_under(&window, monitors);
        let is_full = window.fullscreen().is_some();
        let home = monitors
            .iter()
            .find(|monitor| Some(name(monitor)) == self.placement.place.monitor);
        let target = home.or(current.as_ref());
        let target = if self.placement.is_away {
            event_loop.primary_monitor().or(monitors.first().cloned())
        } else {
            target.cloned()
        };
        if let Some(monitor) = target.filter(|_| is_full)
            && has_no_manager(event_loop)
            && self.placement.tries < MOST_TRIES
            && !covers(&window, &monitor)
        {
            self.placement.tries += 1;
            window.set_outer_position(monitor.position());
            let _ = window.request_inner_size(monitor.size());
            self.placement.settles_at = now + SETTLES;
        }
        if now < self.placement.settles_at || self.placement.is_away {
            return;
        }
        self.placement.place.fullscreen = is_full;
        if let Some(current) = current {
            if !is_full {
                let size = window.inner_size().to_logical::<f64>(window.scale_factor());
                // Where no window manager does it, a window that left full screen is as large as it was before.
                if covers(&window, &current) && has_no_manager(event_loop) {
                    let [width, height] = self.placement.size();
                    let before = winit::dpi::LogicalSize::new(width, height);
                    let _ = window.request_inner_size(before);
                    self.placement.settle();
                } else if size.width >= 100.0 && size.height >= 100.0 {
                    self.placement.place.size = Some([size.width, size.height]);
                }
            }
            self.placement.place.monitor = Some(name(&current)).filter(|name| !name.is_empty());
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

fn name(monitor: &MonitorHandle) -> String {
    monitor.name().unwrap_or_default()
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

/// Whether a window may have to size itself: on X11, where a window manager may be missing. One that is there keeps
/// a window in full screen as it should be, and what is asked here changes nothing.
#[cfg(target_os = "linux")]
fn has_no_manager(event_loop: &ActiveEventLoop) -> bool {
    use winit::platform::x11::ActiveEventLoopExtX11 as _;
    event_loop.is_x11()
}

#[cfg(not(target_os = "linux"))]
fn has_no_manager(_: &ActiveEventLoop) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_leaves_a_monitor_that_is_gone_once_and_returns_once() {
        let names = |list: &[&str]| {
            list.iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let both = names(&["A", "B"]);
        let one = names(&["A"]);
        assert_eq!(wanted_move(Some("B"), false, &both), Move::Stay);
        assert_eq!(wanted_move(Some("B"), false, &one), Move::Leave);
        assert_eq!(wanted_move(Some("B"), true, &one), Move::Stay);
        assert_eq!(wanted_move(Some("B"), true, &both), Move::Return);
        assert_eq!(wanted_move(None, false, &one), Move::Stay);
        assert_eq!(wanted_move(Some("B"), false, &[]), Move::Stay);
    }
}
