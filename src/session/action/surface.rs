//! What a control surface may ask by OSC. Anybody on this computer can send a packet, and no packet tells who sent it:
//! what deletes, writes where it is told, opens the computer to others or ends the program is for `abscope ctl` and
//! for the window alone, unless the setting `remote-surfaces-may-all` says otherwise.

use crate::session::action::all::Action;
use crate::session::action::pair::PairAction;
use crate::session::action::shelf::ShelfAction;
use crate::session::action::view::ViewAction;
use crate::session::action::window::WindowAction;
use crate::session::settings::{Setting, Topic};

/// Whether an action is one of those that a control surface is for.
pub fn is_for_surfaces(action: &Action) -> bool {
    match action {
        Action::View(ViewAction::Set(name, _)) => {
            let setting = Setting::named(name);
            // What stands under these changes the picture; the rest names folders and who may control the window.
            setting.is_some_and(|setting| {
                matches!(setting.topic, Topic::Looks | Topic::Scales | Topic::Targets)
            })
        }
        Action::View(_) => true,
        Action::Pair(action) => match action {
            // A file as the mix's input is a path.
            PairAction::SelectInput(name) | PairAction::ReferenceInput(name) => !is_path(name),
            _ => true,
        },
        Action::Shelf(action) => match action {
            ShelfAction::Snapshot | ShelfAction::BackToLive => true,
            ShelfAction::Recall(name)
            | ShelfAction::RecallMix(name)
            | ShelfAction::Reopen(name) => !is_path(name),
            ShelfAction::RenameSnapshot(..)
            | ShelfAction::NoteSnapshot(..)
            | ShelfAction::DeleteSnapshot(_)
            | ShelfAction::UndeleteSnapshot => false,
        },
        Action::Window(action) => match action {
            WindowAction::Screenshot(_)
            | WindowAction::Report
            | WindowAction::Export
            | WindowAction::NextMonitor
            | WindowAction::ToggleFullscreen
            | WindowAction::Escape
            | WindowAction::ToggleAlwaysOnTop => true,
            WindowAction::OpenReference
            | WindowAction::Open(_)
            | WindowAction::TypePath(_)
            | WindowAction::Quit => false,
        },
    }
}

/// Whether words are a path rather than a name.
fn is_path(words: &str) -> bool {
    words.contains(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::action::words::listing;
    use crate::session::settings::settings;

    fn may(words: &str) -> bool {
        let action = Action::from_words(words).unwrap_or_else(|why| panic!("{words}: {why}"));
        is_for_surfaces(&action)
    }

    #[test]
    fn surfaces_have_all_but_what_deletes_ends_opens_or_names_a_path() {
        let refused: Vec<_> = listing()
            .iter()
            .map(|listed| listed.name)
            .filter(|name| !may(name))
            .collect();
        let expected = [
            "undelete-snapshot",
            "rename-snapshot",
            "note-snapshot",
            "delete-snapshot",
            "open",
            "open-path",
            "quit",
        ];
        assert_eq!(refused, expected);
        for path in [
            "recall /etc/passwd",
            "reopen ../x",
            "recall-mix \\\\host\\x",
            "input ./a.wav",
        ] {
            assert!(!may(path), "{path}");
        }
        assert!(may("recall Chorus 3") && may("input Desk") && may("set tilt 4.5"));
    }

    #[test]
    fn no_setting_of_folders_or_of_the_remote_control_is_for_surfaces() {
        for setting in settings() {
            let words = format!("set {} {}", setting.name, setting.example());
            let is_of_the_picture = !matches!(setting.topic, Topic::Keep | Topic::Remote);
            assert_eq!(may(&words), is_of_the_picture, "{words}");
        }
    }
}
