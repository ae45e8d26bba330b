//! An entry of the list of all actions.

use crate::session::action::all::Action;
use crate::session::action::group::Group;

/// One action as people meet it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name for `abscope ctl` and OSC: words joined by hyphens.
    pub name: &'static str,
    /// The key's name as drawn in the help, if it has one.
    pub key: Option<&'static str>,
    /// What it does, in few words; empty where another entry says it too.
    pub help: &'static str,
    /// Where the menu lists it.
    pub group: Group,
    /// The action as key and menu do it; the name followed by an argument does it with that argument.
    pub action: Action,
}

/// An entry; no key is an empty one.
pub(super) fn entry(
    name: &'static str,
    key: &'static str,
    help: &'static str,
    group: Group,
    action: impl Into<Action>,
) -> Entry {
    Entry {
        name,
        key: Some(key).filter(|key| !key.is_empty()),
        help,
        group,
        action: action.into(),
    }
}
