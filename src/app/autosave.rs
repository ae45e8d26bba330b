//! What was open comes back at the next start, and a minute's histories after a crash.

use std::time::{Duration, Instant};

use crate::app::open::open_session;
use crate::app::snapshots::settings_json;
use crate::app::window::{App, moment};
use crate::cli::args::WindowArgs;
use crate::session::Session;
use crate::session::autosave::{StateFolder, WasOpen};
use crate::session::keep::{Keeping, Visible};

/// Between two autosaves.
const EVERY: Duration = Duration::from_secs(60);
/// How often it is looked whether something else is open.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Fine columns fill most of a file and are gone from memory in minutes anyway.
const FINEST_TIER: usize = 2;

/// What the window knows of the session's files.
pub(super) struct Autosave {
    /// Where they lie; none while another window has them.
    pub(super) state: Option<StateFolder>,
    /// What was open when this window opened.
    pub(super) was_open: WasOpen,
}

impl Autosave {
    /// Takes hold of the state folder and opens the session: what the arguments say, and else what was open last.
    pub(super) fn open(args: &WindowArgs) -> anyhow::Result<(Self, Session)> {
        let folder = StateFolder::default_folder();
        let held = folder.map(|folder| StateFolder::hold(&folder));
        let mut state = None;
        match held {
            Some(Ok(held)) => state = held,
            Some(Err(error)) => tracing::info!("the session is not kept: {error}"),
            None => {}
        }
        let was_open = match (&state, args.fresh) {
            (Some(state), false) => state.was_open(),
            _ => WasOpen::default(),
        };
        let wished = with_what_was_open(args, &was_open);
        let session = match open_session(&wished) {
            Ok(mut session) => {
                if wished.reference != args.reference {
                    session.references.activate(was_open.active);
                }
                session
            }
            // A device that is gone, a file that was moved: then as the arguments alone say.
            Err(error) if wished != *args => {
                let mut session = open_session(args)?;
                let words = format!("what was open last is not there: {error:#}");
                session.notice.get_or_insert(words);
                session
            }
            Err(error) => return Err(error),
        };
        Ok((Self { state, was_open }, session))
    }
}

/// The arguments, with what they do not say as it was last. The demo is asked for by name and comes as it is.
fn with_what_was_open(args: &WindowArgs, was_open: &WasOpen) -> WindowArgs {
    let mut wished = args.clone();
    if args.fresh || args.demo {
        return wished;
    }
    if args.input.is_none() && args.mix.is_none() {
        wished.input.clone_from(&was_open.input);
    }
    if args.files.is_empty() && args.reference.is_empty() {
        let there = was_open.references.iter().filter(|path| path.is_file());
        wished.reference = there.cloned().collect();
    }
    wished
}

/// When the window looks again.
pub(super) struct Beat {
    look_at: Instant,
    save_at: Instant,
    last: Option<WasOpen>,
    keeping: Option<Keeping>,
}

impl Beat {
    /// From now on.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            look_at: now,
            save_at: now + EVERY,
            last: None,
            keeping: None,
        }
    }
}

impl App {
    /// Notes what is open, and keeps the histories every minute; called once a frame.
    pub(super) fn autosave(&mut self) {
        let now = Instant::now();
        if now >= self.keeper.beat.look_at {
            self.keeper.beat.look_at = now + LOOK_EVERY;
            let open = WasOpen::of(&self.session);
            if self.keeper.beat.last.as_ref() != Some(&open) {
                self.keeper.note_open(open.clone());
                self.keeper.beat.last = Some(open);
            }
        }
        if let Some(keeping) = &mut self.keeper.beat.keeping {
            if keeping.step(&self.session)
                && let Some(keeping) = self.keeper.beat.keeping.take()
            {
                let snapshot = keeping.finish(&self.session);
                self.keeper.autosave(snapshot);
            }
        } else if now >= self.keeper.beat.save_at {
            self.keeper.beat.save_at = now + EVERY;
            self.keeper.beat.keeping = self.coarse();
        }
    }

    /// The histories of the live mix; a snapshot in its place lies on the shelf already.
    fn coarse(&self) -> Option<Keeping> {
        let mix = self.session.mix.as_ref();
        let mix = mix.filter(|_| self.session.recalled.is_none())?;
        let moment = moment(&self.session, &self.view);
        let visible = Visible {
            right_edge_secs: mix.end_secs(),
            span_secs: self.view.looks.span_secs,
            tiers: [FINEST_TIER; 2],
            finest_tier: FINEST_TIER,
            match_gain_db: None,
            settings: settings_json(&self.view.looks, self.view.frequency),
        };
        Keeping::begin(&self.session, Some(&mix.meters), moment.beside, visible)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_wins_over_what_was_open() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("a.wav");
        std::fs::write(&there, "").unwrap();
        let was_open = WasOpen {
            input: Some("Interface".into()),
            references: vec![there.clone(), "/nowhere/b.wav".into()],
            ..WasOpen::default()
        };
        let said = WindowArgs::default();
        let wished = with_what_was_open(&said, &was_open);
        assert_eq!(wished.input.as_deref(), Some("Interface"));
        assert_eq!(wished.reference, std::slice::from_ref(&there));
        let mix = WindowArgs {
            mix: Some("mix.wav".into()),
            ..WindowArgs::default()
        };
        let wished = with_what_was_open(&mix, &was_open);
        assert_eq!((wished.input, wished.reference), (None, vec![there]));
        for unchanged in [
            WindowArgs {
                demo: true,
                ..WindowArgs::default()
            },
            WindowArgs {
                fresh: true,
                ..WindowArgs::default()
            },
            WindowArgs {
                input: Some("x".into()),
                files: vec!["y.wav".into()],
                ..WindowArgs::default()
            },
        ] {
            assert_eq!(with_what_was_open(&unchanged, &was_open), unchanged);
        }
    }
}
