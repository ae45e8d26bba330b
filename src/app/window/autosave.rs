//! What the window keeps of the session, once a frame and once a minute.

use crate::app::autosave::{EVERY, mode_word};
use crate::app::snapshots::settings_json;
use crate::app::view_state::moment;
use crate::app::window::state::App;
use crate::session::snapshots::autosave::WasOpen;
use crate::session::snapshots::keep::{Keeping, Visible};
use std::time::{Duration, Instant};

/// How often it is looked whether something else is open.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Fine columns fill most of a file and are gone from memory in minutes anyway.
const FINEST_TIER: usize = 2;

impl App {
    /// Notes what is open, and keeps the histories every minute; called once a frame.
    pub(super) fn autosave(&mut self) {
        let now = Instant::now();
        if now >= self.snapshots.beat.look_at {
            self.snapshots.beat.look_at = now + LOOK_EVERY;
            let open = WasOpen {
                mode: mode_word(self.view.lasting_mode()),
                ..WasOpen::of(&self.session.pair)
            };
            let open = self.snapshots.beat.absent.noted_with(open);
            if self.snapshots.beat.last.as_ref() != Some(&open) {
                self.snapshots.desk.note_open(open.clone());
                self.snapshots.beat.last = Some(open);
            }
        }
        if let Some(keeping) = &mut self.snapshots.beat.keeping {
            if keeping.step(&self.session.pair)
                && let Some(keeping) = self.snapshots.beat.keeping.take()
            {
                let snapshot = keeping.finish(&self.session.pair);
                self.snapshots.desk.autosave(snapshot);
            }
        } else if now >= self.snapshots.beat.save_at && self.snapshots.desk.can_autosave() {
            self.snapshots.beat.save_at = now + EVERY;
            self.snapshots.beat.keeping = self.over_time(|app| app.coarse());
        }
    }

    /// The histories of the live mix; a snapshot in its place lies on the shelf already.
    fn coarse(&self) -> Option<Keeping> {
        let mix = self.session.pair.mix.history();
        let mix = mix.filter(|_| self.session.pair.mix.recalled_name().is_none())?;
        let moment = moment(&self.session, &self.view);
        let visible = Visible {
            right_edge_secs: mix.end_secs(),
            span_secs: self.view.looks.span_secs,
            tiers: [FINEST_TIER; 2],
            finest_tier: FINEST_TIER,
            match_gain_db: None,
            settings: settings_json(&self.view.looks, self.view.frequency),
        };
        Keeping::begin(
            &self.session.pair,
            Some(&mix.meters),
            moment.beside,
            visible,
        )
    }
}
