//! Keys to actions, by the one list that the help shows too.

use winit::keyboard::{Key, NamedKey};

use crate::session::action::{Action, Crosshair, catalog};

/// The action of a key, with Ctrl held or not, if it has one.
pub fn action_of(key: &Key, with_ctrl: bool) -> Option<Action> {
    let name = match with_ctrl {
        true => format!("Ctrl+{}", key_name(key)?),
        false => key_name(key)?,
    };
    catalog()
        .iter()
        .find(|entry| entry.key == Some(name.as_str()))
        .map(|entry| entry.action.clone())
}

/// The way an arrow key moves the crosshair, while that stands where keys have put it.
pub fn crosshair_of(key: &Key) -> Option<Crosshair> {
    match key {
        Key::Named(NamedKey::ArrowUp) => Some(Crosshair::Up),
        Key::Named(NamedKey::ArrowDown) => Some(Crosshair::Down),
        Key::Named(NamedKey::ArrowLeft) => Some(Crosshair::Left),
        Key::Named(NamedKey::ArrowRight) => Some(Crosshair::Right),
        _ => None,
    }
}

/// A key's name as the list writes it.
fn key_name(key: &Key) -> Option<String> {
    match key {
        Key::Named(named) => match named {
            NamedKey::Space => Some("Space".to_owned()),
            NamedKey::Tab => Some("Tab".to_owned()),
            NamedKey::Escape => Some("Esc".to_owned()),
            NamedKey::ArrowLeft => Some("←".to_owned()),
            NamedKey::ArrowRight => Some("→".to_owned()),
            NamedKey::ArrowUp => Some("↑".to_owned()),
            NamedKey::ArrowDown => Some("↓".to_owned()),
            NamedKey::Enter => Some("Enter".to_owned()),
            NamedKey::PageUp => Some("PageUp".to_owned()),
            NamedKey::PageDown => Some("PageDown".to_owned()),
            NamedKey::Home => Some("Home".to_owned()),
            NamedKey::F1 => Some("?".to_owned()),
            NamedKey::F11 => Some("F".to_owned()),
            _ => None,
        },
        Key::Character(text) => match text.as_str() {
            " " => Some("Space".to_owned()),
            "-" | "_" => Some("−".to_owned()),
            "=" => Some("+".to_owned()),
            other => Some(other.to_uppercase()),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::action::{PairAction, ViewAction};

    #[test]
    fn keys_reach_their_actions_in_either_case() {
        let character = |text: &str| Key::Character(text.into());
        assert_eq!(
            action_of(&character("d"), false),
            Some(Action::View(ViewAction::ShowDifference))
        );
        assert_eq!(
            action_of(&character("D"), false),
            Some(Action::View(ViewAction::ShowDifference))
        );
        assert_eq!(
            action_of(&character("-"), false),
            Some(Action::View(ViewAction::ZoomTime(0.5)))
        );
        assert_eq!(
            action_of(&character("3"), false),
            Some(Action::Pair(PairAction::Reference(2)))
        );
        assert_eq!(
            action_of(&Key::Named(NamedKey::Space), false),
            Some(Action::View(ViewAction::ToggleFreeze))
        );
        assert_eq!(action_of(&character("ß"), false), None);
        assert_eq!(
            action_of(&character("z"), true),
            Some(Action::Pair(PairAction::UndoReset))
        );
        assert_eq!(action_of(&character("d"), true), None);
    }
}
