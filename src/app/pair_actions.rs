//! What is asked of mix and reference is done here; only two things look at the picture for it.

use crate::app::view_state::ViewState;
use crate::session::Session;
use crate::session::action::PairAction;
use crate::session::sides::input::InputWish;

/// Does what is asked of mix and reference. `edge_secs` is the time at the right edge now.
pub fn apply_to_pair(
    action: &PairAction,
    session: &mut Session,
    view: &mut ViewState,
    edge_secs: f64,
) {
    match action {
        PairAction::Region(secs) => {
            let shown = || view.shown_of_reference(session, edge_secs);
            if let Some(secs) = secs.or_else(shown) {
                session.pair.references.set_region(Some(secs));
            }
        }
        PairAction::NudgeAlignment(secs) => nudge(*secs, session, view),
        PairAction::NudgeBack => nudge(-session.pair.nudge_secs(), session, view),
        PairAction::ResetMeasurement => session.pair.reset_measurement(),
        PairAction::UndoReset => session.pair.undo_reset(),
        PairAction::SelectInput(name) => session.pair.select_input(InputWish::from_name(name)),
        PairAction::SelectInputPair(pair) => session.pair.select_input_pair(*pair),
        PairAction::Reference(index) => {
            session.pair.references.activate(*index);
        }
        PairAction::NextReference => session.pair.references.activate_next(),
        PairAction::RemoveReference(number) => {
            let (_, active) = session.pair.references.count();
            session.pair.references.remove(number.unwrap_or(active));
        }
        PairAction::ClearRegion => session.pair.references.set_region(None),
        PairAction::Trim(trim_db) => session.pair.references.set_trim_db(*trim_db),
        PairAction::ReferenceInput(name) => session.pair.select_reference_input(name),
        PairAction::Song(name) => session.pair.name_song(name),
        PairAction::SongPosition => session.pair.toggle_song_position(),
        PairAction::FollowSections => {
            session.pair.toggle_following();
        }
        PairAction::ToggleListen => session.pair.toggle_listening(),
        PairAction::ListenOn(output) => session.pair.listen_on(output),
    }
}

/// Moves the reference by hand.
fn nudge(secs: f64, session: &mut Session, view: &mut ViewState) {
    session.pair.nudge(secs);
    // What stands still is moved as well, or it would jump when it goes on.
    view.nudge_frozen(secs, session.pair.references.generation());
}
