//! What was open comes back at the next start, and a minute's histories after a crash.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::app::open::{file_name, reopen_session};
use crate::cli::args::WindowArgs;
use crate::session::Session;
use crate::session::action::PairAction;
use crate::session::snapshots::autosave::{Absent, StateFolder, WasOpen};
use crate::session::snapshots::keep::Keeping;
use crate::session::snapshots::shelf_worker::RecallAs;
use crate::view::looks::CompareMode;

/// Between two autosaves.
pub(super) const EVERY: Duration = Duration::from_secs(60);

/// What the window knows of the session's files.
pub(super) struct Autosave {
    /// Where they lie; none while another window has them.
    pub(super) state: Option<StateFolder>,
    /// Whether the window before did not close in order.
    pub(super) has_crashed: bool,
    /// What was open last and is not there.
    pub(super) absent: Absent,
    /// The snapshot that stood in the place of the mix, and how: it comes back.
    pub(super) snapshot: Option<(String, RecallAs)>,
    /// How the sides stood to each other.
    pub(super) mode: CompareMode,
}

impl Autosave {
    /// Takes hold of the state folder and opens the session: what the arguments say, and else what was open last.
    pub(super) fn open(args: &WindowArgs) -> anyhow::Result<(Self, Session)> {
        let folder = StateFolder::default_folder();
        let held = folder.map(|folder| StateFolder::hold(&folder));
        let mut state = None;
        let mut notices = vec![];
        match held {
            Some(Ok(held)) => state = held,
            Some(Err(error)) => notices.push(format!(
                "the session is not kept: {error}; make room or set XDG_STATE_HOME"
            )),
            None => {}
        }
        let last = state.as_ref().map(StateFolder::was_open);
        let last = last.unwrap_or_default();
        let (was_open, has_crashed) = taken_up(last, args.fresh);
        let (was_open, suspects) = was_open.without_suspects();
        let (mut session, absent) = reopen_session(args, &was_open)?;
        notices.extend(about(&suspects));
        let snapshot = stood_as_mix(args, &was_open);
        if let (Some((name, _)), true) = (&snapshot, has_crashed) {
            // It may be what it died of.
            notices.push(format!(
                "the snapshot {name} stood in the place of the mix when Abscope ended: K has it"
            ));
        }
        notices.extend(session.notice.take());
        session.notice = (!notices.is_empty()).then(|| notices.join("; "));
        let autosave = Self {
            state,
            has_crashed,
            absent,
            mode: mode_from(&was_open.mode),
            snapshot: snapshot.filter(|_| !has_crashed),
        };
        Ok((autosave, session))
    }
}

/// The word for a mode, as a snapshot's looks have it.
pub(super) fn mode_word(mode: CompareMode) -> String {
    let word = serde_json::to_value(mode).ok();
    word.and_then(|word| word.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The mode of a word; the usual one of none.
fn mode_from(word: &str) -> CompareMode {
    serde_json::from_value(word.into()).unwrap_or_default()
}

/// The snapshot that stood in the place of the mix, unless another mix is asked for.
fn stood_as_mix(args: &WindowArgs, was_open: &WasOpen) -> Option<(String, RecallAs)> {
    let asks_for_another = args.demo || args.mix.is_some() || args.input.is_some();
    let name = was_open.snapshot.clone().filter(|_| !asks_for_another)?;
    let place = match was_open.is_picture {
        true => RecallAs::Picture,
        false => RecallAs::Mix,
    };
    Some((name, place))
}

/// What to say of references that are not opened by themselves.
fn about(suspects: &[PathBuf]) -> Option<String> {
    let names: Vec<String> = suspects.iter().map(|path| file_name(path)).collect();
    let names = names.join(", ");
    (!names.is_empty()).then(|| {
        format!("not opened: {names}, which was being read when Abscope ended; open it yourself if it is well")
    })
}

/// What is taken up of what was open last, and whether that did not end in order: what a crash left is put on the shelf
/// even by a start that takes up nothing else.
fn taken_up(last: WasOpen, is_fresh: bool) -> (WasOpen, bool) {
    let has_crashed = !last.is_closed;
    let was_open = if is_fresh { WasOpen::default() } else { last };
    (was_open, has_crashed)
}

/// When the window looks again.
pub(super) struct Beat {
    pub(super) look_at: Instant,
    pub(super) save_at: Instant,
    pub(super) last: Option<WasOpen>,
    pub(super) keeping: Option<Keeping>,
    pub(super) absent: Absent,
}

impl Beat {
    /// From now on.
    pub(super) fn new(absent: Absent) -> Self {
        let now = Instant::now();
        Self {
            look_at: now,
            save_at: now + EVERY,
            last: None,
            keeping: None,
            absent,
        }
    }

    /// Whoever chooses an input no longer waits for the one that was not there.
    pub(super) fn see(&mut self, action: &PairAction) {
        match action {
            PairAction::SelectInput(_) => self.absent.input = None,
            PairAction::ReferenceInput(_) => self.absent.reference_input = None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::sides::input::InputWish;

    #[test]
    fn every_mode_comes_back_by_its_word_and_nonsense_is_the_usual_one() {
        for mode in [
            CompareMode::SideBySide,
            CompareMode::Overlay,
            CompareMode::Difference,
            CompareMode::MixOnly,
            CompareMode::ReferenceOnly,
        ] {
            assert_eq!(mode_from(&mode_word(mode)), mode);
        }
        assert_eq!(["", "loud"].map(mode_from), [CompareMode::SideBySide; 2]);
    }

    #[test]
    fn a_fresh_start_after_a_crash_takes_up_nothing_and_forgets_no_histories() {
        let crashed = WasOpen {
            input: Some("Desk".to_owned()),
            is_closed: false,
            ..WasOpen::default()
        };
        assert_eq!(taken_up(crashed.clone(), false), (crashed.clone(), true));
        assert_eq!(taken_up(crashed, true), (WasOpen::default(), true));
    }

    #[test]
    fn a_snapshot_that_stood_as_the_mix_comes_back_unless_another_mix_is_asked_for() {
        let mut was_open = WasOpen::default();
        let args = WindowArgs::default();
        assert_eq!(stood_as_mix(&args, &was_open), None);
        was_open.snapshot = Some("Chorus 3".to_owned());
        let comes = |args: &WindowArgs, was_open: &WasOpen| stood_as_mix(args, was_open);
        let as_mix = Some(("Chorus 3".to_owned(), RecallAs::Mix));
        assert_eq!(comes(&args, &was_open), as_mix);
        was_open.is_picture = true;
        let as_picture = Some(("Chorus 3".to_owned(), RecallAs::Picture));
        assert_eq!(comes(&args, &was_open), as_picture);
        let demo = WindowArgs { demo: true, ..args };
        assert_eq!(comes(&demo, &was_open), None);
    }

    #[test]
    fn whoever_chooses_an_input_waits_no_more_for_the_one_that_was_gone() {
        let mut beat = Beat::new(Absent {
            input: Some(InputWish::from_name("Desk")),
            reference_input: Some(InputWish::from_name("Loopback")),
            references: vec![],
        });
        beat.see(&PairAction::SelectInput("system".to_owned()));
        assert!(beat.absent.input.is_none() && beat.absent.reference_input.is_some());
        beat.see(&PairAction::ReferenceInput(String::new()));
        assert_eq!(beat.absent, Absent::default());
    }
}
