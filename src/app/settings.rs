//! Settings in the window: read at the start, at work at once, written soon after a change.

use std::time::{Duration, Instant};

use winit::event_loop::EventLoopProxy;

use crate::app::message::Message;
use crate::app::view_state::ViewState;
use crate::session::Session;
use crate::session::settings::keeper::SettingsKeeper;
use crate::session::settings::{Setting, Settings, Value};
use crate::view::settings::{kept_arrangement, looks, remember};

/// Long enough to read three lines twice; the first action ends it too.
const HINTS: Duration = Duration::from_secs(45);

/// What the window does with its settings.
pub(super) struct SettingsDesk {
    pub(super) keeper: SettingsKeeper,
    /// As they were when they were last handed to the keeper.
    pub(super) last: Settings,
    /// Until when the hints of the first start are shown.
    pub(super) hints_until: Option<Instant>,
}

impl SettingsDesk {
    /// Reads the settings into session and view; what was wrong comes back in a line each.
    pub(super) fn open(
        session: &mut Session,
        view: &mut ViewState,
        proxy: &EventLoopProxy<Message>,
    ) -> (Self, Vec<String>) {
        let proxy = proxy.clone();
        let (keeper, loaded) = SettingsKeeper::open(move |words| {
            // A window that is closed has nobody to tell.
            let _ = proxy.send_event(Message::Say(words));
        });
        session.settings = loaded.settings;
        view.use_settings(session);
        view.looks.span_secs = session.settings.span_secs;
        view.looks.arrangement = kept_arrangement(&session.settings);
        let last = session.settings.clone();
        let is_first = !last.hints_seen;
        session.settings.hints_seen = true;
        let desk = Self {
            keeper,
            last,
            hints_until: is_first.then(|| Instant::now() + HINTS),
        };
        (desk, loaded.problems)
    }
}

impl ViewState {
    /// Gives a setting a value, and the picture its looks.
    pub(super) fn set(&mut self, name: &str, value: &Value, session: &mut Session) {
        if let Some(setting) = Setting::named(name) {
            session.settings.set(setting, value);
            self.use_settings(session);
            if name == "span" {
                self.looks.span_secs = session.settings.span_secs;
            }
        }
    }

    /// Takes over into the settings what keys changed; the looks of a snapshot are not for keeps.
    pub(super) fn keep_looks(&self, settings: &mut Settings) {
        if !self.is_in_picture() {
            remember(&self.looks, settings);
        }
    }

    fn use_settings(&mut self, session: &Session) {
        self.looks = looks(&session.settings, &self.looks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::action::{Action, ViewAction};
    use crate::view::colormap::LevelMap;
    use crate::view::scene::Looks;

    fn asked_of_the_view(words: &str) -> ViewAction {
        match Action::from_words(words) {
            Ok(Action::View(action)) => action,
            other => panic!("{words}: {other:?}"),
        }
    }

    #[test]
    fn the_looks_of_a_snapshot_leave_with_it_and_settings_changed_meanwhile_stay() {
        let (mut view, mut session) = (ViewState::default(), Session::default());
        let before = view.looks.clone();
        let kept = Looks {
            light: true,
            level_map: LevelMap::Cividis,
            span_secs: 7.0,
            ..Looks::default()
        };
        view.enter_picture((kept.clone(), view.frequency), &session.settings);
        assert_eq!(view.looks, kept);
        view.keep_looks(&mut session.settings);
        assert_eq!(session.settings, Settings::default());
        view.leave_picture(&session.settings);
        assert_eq!(view.looks, before);
        view.enter_picture((kept, view.frequency), &session.settings);
        for words in ["set tilt 6", "set span 45", "set theme light"] {
            view.apply(&asked_of_the_view(words), &mut session, 0.0);
            view.keep_looks(&mut session.settings);
        }
        view.leave_picture(&session.settings);
        let expected = Looks {
            tilt_db_per_octave: 6.0,
            span_secs: 45.0,
            light: true,
            ..before
        };
        assert_eq!(view.looks, expected);
    }

    #[test]
    fn a_setting_acts_on_the_picture_at_once() {
        let (mut view, mut session) = (ViewState::default(), Session::default());
        for words in [
            "set tilt 6",
            "set theme light",
            "set span 45",
            "set contrast high",
        ] {
            view.apply(&asked_of_the_view(words), &mut session, 0.0);
        }
        assert_eq!(view.looks.tilt_db_per_octave, 6.0);
        assert!(view.looks.light && view.looks.high_contrast);
        assert_eq!(view.looks.span_secs, 45.0);
        view.apply(&ViewAction::ZoomTime(2.0), &mut session, 0.0);
        view.apply(&ViewAction::ResetView, &mut session, 0.0);
        assert_eq!(view.looks.span_secs, 45.0, "Home goes back to the setting");
    }
}
