//! Which monitor the window is on: it has a home, found by name; it waits elsewhere while that is unplugged.

use std::time::{Duration, Instant};

use winit::dpi::{LogicalSize, PhysicalSize};
use winit::monitor::MonitorHandle;
use winit::window::{Window, WindowLevel};

use crate::app::awake::Awake;
use crate::app::window_file::{PlaceKeeper, WindowPlace};
use crate::app::x_server::XServer;
use crate::cli::args::WindowArgs;

/// After moving the window: until it is there, where it is says nothing about where it is wanted.
pub(super) const SETTLES: Duration = Duration::from_secs(2);

/// Where the window is, and where it belongs.
pub(super) struct Placement {
    /// The monitor asked for on the command line.
    pub(super) asked: Option<String>,
    /// What is kept; its monitor is the home.
    pub(super) place: WindowPlace,
    pub(super) kept: WindowPlace,
    pub(super) keeper: PlaceKeeper,
    /// The home is unplugged, and the window waits on another monitor.
    pub(super) is_away: bool,
    pub(super) next_look: Instant,
    pub(super) settles_at: Instant,
    /// Until then monitors are on the move, and where the window is was not chosen by a person.
    pub(super) unrest_until: Instant,
    pub(super) tries: u32,
    /// It changed monitors in full screen: where it was before that is another monitor.
    pub(super) moved_in_full: bool,
    pub(super) x_server: XServer,
    pub(super) cursor_moved_at: Instant,
    pub(super) cursor_hidden: bool,
    pub(super) awake: Awake,
}

impl Placement {
    /// What the command line asks for, over what was kept.
    pub(super) fn open(args: &WindowArgs, x_server: XServer) -> Self {
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
            unrest_until: now,
            tries: 0,
            moved_in_full: false,
            x_server,
            cursor_moved_at: now,
            cursor_hidden: false,
            awake: Awake::default(),
        }
    }

    /// Size when it is not full, in points: no larger than a monitor of a size in pixels and a scale.
    pub(super) fn size_on(&self, room: PhysicalSize<u32>, scale: f64) -> LogicalSize<f64> {
        let [width, height] = self.place.size.unwrap_or([1600.0, 900.0]);
        let room = room.to_logical::<f64>(scale);
        // A monitor that does not say its size has 0.
        let most = |side: f64| if side > 0.0 { side } else { f64::MAX };
        LogicalSize::new(width.min(most(room.width)), height.min(most(room.height)))
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

    /// What a person made of its size, which full screen comes back to.
    pub(super) fn keep_size(&mut self, window: &Window, scale: f64) {
        let size = window.inner_size().to_logical::<f64>(scale);
        if size.width >= 100.0 && size.height >= 100.0 {
            self.place.size = Some([size.width, size.height]);
        }
    }

    /// A move was asked for: judge again once it had time.
    pub(super) fn settle(&mut self) {
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
pub(super) enum Move {
    Stay,
    /// The home is gone.
    Leave,
    /// The home is back.
    Return,
}

pub(super) fn wanted_move(home: Option<&str>, is_away: bool, names: &[String]) -> Move {
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

pub(super) fn name(monitor: &MonitorHandle) -> String {
    monitor.name().unwrap_or_default()
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
