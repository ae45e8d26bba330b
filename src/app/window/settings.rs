//! Settings in the window: what they change there, and what is kept of what was chosen.

use crate::app::pace::FRAME;
use crate::app::window::state::App;
use crate::session::settings::Settings;
use crate::ui::help::Help;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The picture moves on this often when motion is reduced.
const STILL_SECS: f64 = 0.5;

impl App {
    /// After each action: what it changed of the settings is put to work and kept.
    pub(super) fn follow_settings(&mut self) {
        self.view.keep_looks(&mut self.session.settings);
        let now = &self.session.settings;
        self.snapshots.desk.follow(&now.snapshots_folder);
        if *now != self.keeping.last {
            self.keeping.keeper.keep(now);
            self.keeping.last = now.clone();
        }
    }

    /// Remote control and hotkeys as the settings ask for. Not within an action: one that came from outside is
    /// answered first.
    pub(super) fn follow_remote(&mut self) {
        let settings = &self.session.settings;
        let remote = self.remote.follow(settings, &self.proxy);
        let hotkeys = self.hotkeys.follow(settings.hotkeys, &self.proxy);
        for problem in [remote, hotkeys].into_iter().filter_map(Result::err) {
            tracing::warn!("{problem}");
            self.say(problem);
        }
    }

    /// What is explained over the picture now.
    pub(super) fn help(&mut self) -> Help {
        let is_over = |until: &Instant| Instant::now() > *until;
        self.keeping.hints_until = self.keeping.hints_until.filter(|until| !is_over(until));
        match (self.view.help, self.keeping.hints_until) {
            (true, _) => Help::Keys,
            (false, Some(_)) => Help::Hints,
            (false, None) => Help::None,
        }
    }

    /// Whoever does something needs no hints any more.
    pub(super) fn end_hints(&mut self) {
        self.keeping.hints_until = None;
    }

    /// Time between two pictures.
    pub(super) fn frame_period(&self) -> Duration {
        let cap_hz = self.session.settings.frame_rate_cap_hz;
        // The default is the screen's usual rate, whose period is a few nanoseconds off its rounded inverse.
        if cap_hz == Settings::default().frame_rate_cap_hz {
            return FRAME;
        }
        Duration::from_secs_f64(1.0 / cap_hz)
    }

    /// The right edge of a live picture, in steps if motion is reduced.
    pub(super) fn stepped(&self, edge_secs: f64) -> f64 {
        if self.session.settings.reduced_motion {
            (edge_secs / STILL_SECS).floor() * STILL_SECS
        } else {
            edge_secs
        }
    }

    /// Where pictures go if a person has said so.
    pub(super) fn chosen_pictures_folder(&self) -> Option<PathBuf> {
        let folder = &self.session.settings.pictures_folder;
        (!folder.is_empty()).then(|| PathBuf::from(folder))
    }
}
