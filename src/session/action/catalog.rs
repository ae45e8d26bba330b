//! The list of all actions: name, key and words of each. Help, menu, README, `ctl` and OSC are made from it.

use std::path::PathBuf;

use crate::session::action::all::Action;
use crate::session::action::pair::PairAction;
use crate::session::action::shelf::ShelfAction;
use crate::session::action::view::{Drawer, ViewAction};
use crate::session::action::window::{PictureKind, WindowAction};
use crate::session::settings::arrangement::{Divider, LayoutKind, Panel};

/// Seconds one nudge moves the reference.
pub const NUDGE_SECS: f64 = 0.01;

/// What an action is about; the menu has one heading for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Mix against reference.
    Compare,
    /// Which references, and where they lie.
    References,
    /// Time, zoom, colours.
    View,
    /// Snapshots, pictures, reports.
    Keep,
    /// Window, input, program.
    Window,
}

impl Group {
    /// All groups in the order of the menu.
    pub const ALL: [Self; 5] = [
        Self::Compare,
        Self::References,
        Self::View,
        Self::Keep,
        Self::Window,
    ];

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Compare => "Compare",
            Self::References => "References",
            Self::View => "View",
            Self::Keep => "Keep",
            Self::Window => "Window",
        }
    }
}

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
fn entry(
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

/// All entries, in the order the help shows them.
pub fn catalog() -> Vec<Entry> {
    use Group::{Compare, Keep, References, View, Window};
    let drawer = |name, key, help, group, drawer| {
        entry(name, key, help, group, ViewAction::ToggleDrawer(drawer))
    };
    let mut entries = vec![
        entry(
            "freeze",
            "Space",
            "freeze, go on",
            View,
            ViewAction::ToggleFreeze,
        ),
        entry("mix", "A", "mix alone", Compare, ViewAction::ShowMix),
        entry(
            "reference-alone",
            "B",
            "reference alone",
            Compare,
            ViewAction::ShowReference,
        ),
        entry(
            "difference",
            "D",
            "difference, mix − reference",
            Compare,
            ViewAction::ShowDifference,
        ),
        entry(
            "overlay",
            "Tab",
            "side by side, overlay",
            Compare,
            ViewAction::ToggleOverlay,
        ),
        entry(
            "match",
            "L",
            "loudness match",
            Compare,
            ViewAction::ToggleLoudnessMatch,
        ),
        entry(
            "match-basis",
            "Q",
            "match: integrated, short-term, region",
            Compare,
            ViewAction::MatchBasis(None),
        ),
        entry(
            "band",
            "",
            "band of the active reference, of all",
            Compare,
            ViewAction::Band(None),
        ),
        entry(
            "reset",
            "R",
            "reset measurement",
            Compare,
            PairAction::ResetMeasurement,
        ),
        entry("snapshot", "S", "snapshot", Keep, ShelfAction::Snapshot),
        drawer(
            "snapshots",
            "K",
            "snapshots: recall, name, delete",
            Keep,
            Drawer::Snapshots,
        ),
        drawer(
            "journal",
            "J",
            "journal: closer to the reference?",
            Keep,
            Drawer::Journal,
        ),
        entry(
            "undelete-snapshot",
            "",
            "deleted snapshot back",
            Keep,
            ShelfAction::UndeleteSnapshot,
        ),
        entry(
            "rename-snapshot",
            "",
            "name the newest snapshot",
            Keep,
            ShelfAction::RenameSnapshot(PathBuf::new(), String::new()),
        ),
        entry(
            "note-snapshot",
            "",
            "note to the newest snapshot",
            Keep,
            ShelfAction::NoteSnapshot(PathBuf::new(), String::new()),
        ),
        entry(
            "delete-snapshot",
            "",
            "delete the newest snapshot",
            Keep,
            ShelfAction::DeleteSnapshot(PathBuf::new()),
        ),
        entry(
            "recall",
            "",
            "newest snapshot as reference",
            Keep,
            ShelfAction::Recall(String::new()),
        ),
        entry(
            "recall-mix",
            "",
            "newest snapshot as mix",
            Keep,
            ShelfAction::RecallMix(String::new()),
        ),
        entry(
            "reopen",
            "",
            "newest snapshot as it was",
            Keep,
            ShelfAction::Reopen(String::new()),
        ),
        entry(
            "live",
            "",
            "back to the live mix",
            Keep,
            ShelfAction::BackToLive,
        ),
        entry(
            "screenshot",
            "P",
            "picture",
            Keep,
            WindowAction::Screenshot(PictureKind::Print),
        ),
        entry(
            "open",
            "O",
            "open a reference",
            References,
            WindowAction::OpenReference,
        ),
        drawer(
            "references",
            "E",
            "references: region, trim",
            References,
            Drawer::References,
        ),
        entry(
            "next-reference",
            "N",
            "next reference",
            References,
            PairAction::NextReference,
        ),
        entry(
            "region",
            "",
            "region: what the picture shows",
            References,
            PairAction::Region(None),
        ),
        entry(
            "region-clear",
            "Z",
            "region: all of the reference",
            References,
            PairAction::ClearRegion,
        ),
        entry(
            "trim",
            "",
            "trim back to 0 dB",
            References,
            PairAction::Trim(0.0),
        ),
        entry(
            "remove-reference",
            "",
            "remove the active reference",
            References,
            PairAction::RemoveReference(None),
        ),
        entry(
            "earlier",
            "←",
            "reference earlier",
            References,
            PairAction::NudgeAlignment(-NUDGE_SECS),
        ),
        entry(
            "nudge",
            "→",
            "reference later",
            References,
            PairAction::NudgeAlignment(NUDGE_SECS),
        ),
        entry(
            "follow-sections",
            "G",
            "follow the section that fits",
            References,
            PairAction::FollowSections,
        ),
        entry(
            "reference-input",
            "",
            "files as references, no input",
            References,
            PairAction::ReferenceInput(String::new()),
        ),
        entry(
            "listen",
            "W",
            "listen to the reference",
            References,
            PairAction::ToggleListen,
        ),
        entry(
            "listen-output",
            "",
            "listen on the system's output",
            References,
            PairAction::ListenOn(String::new()),
        ),
        entry("zoom", "+", "less time", View, ViewAction::ZoomTime(2.0)),
        entry(
            "zoom-out",
            "−",
            "more time",
            View,
            ViewAction::ZoomTime(0.5),
        ),
        entry(
            "zoom-frequency",
            "",
            "fewer frequencies",
            View,
            ViewAction::ZoomFrequency(2.0),
        ),
        entry(
            "difference-smoothing",
            "",
            "smoother difference",
            View,
            ViewAction::NextSmoothing,
        ),
        entry(
            "level-meter",
            "",
            "next level meter",
            View,
            ViewAction::NextLevelMeter,
        ),
        entry(
            "reset-axes",
            "",
            "usual axes, same place",
            View,
            ViewAction::ResetAxes,
        ),
        entry("cursor", "", "no crosshair", View, ViewAction::Cursor(None)),
        entry(
            "mark",
            "",
            "mark what is visible",
            View,
            ViewAction::MarkVisible,
        ),
        entry("mark-clear", "", "no mark", View, ViewAction::Mark(None)),
        entry(
            "go-to",
            "",
            "to what is marked",
            View,
            ViewAction::GoTo(None),
        ),
        entry(
            "scroll",
            "PageUp",
            "back in time",
            View,
            ViewAction::Scroll(0.5),
        ),
        entry(
            "scroll-on",
            "PageDown",
            "on in time",
            View,
            ViewAction::Scroll(-0.5),
        ),
        entry(
            "reset-view",
            "Home",
            "usual axes",
            View,
            ViewAction::ResetView,
        ),
        entry(
            "color-map",
            "C",
            "colour map",
            View,
            ViewAction::NextColorMap,
        ),
        entry(
            "channel",
            "H",
            "channel: L+R, L, R, mid, side",
            View,
            ViewAction::NextChannel,
        ),
        entry("theme", "T", "dark, light", View, ViewAction::ToggleTheme),
        drawer(
            "inputs",
            "I",
            "inputs with their levels",
            Window,
            Drawer::Inputs,
        ),
        entry(
            "layout-next",
            "Y",
            "next layout",
            View,
            ViewAction::NextLayout,
        ),
        drawer("layouts", "", "layouts and panels", View, Drawer::Layouts),
        entry(
            "layout",
            "",
            "compare layout",
            View,
            ViewAction::Layout(LayoutKind::Compare),
        ),
        entry(
            "layout-reset",
            "",
            "all panels where they were at first",
            View,
            ViewAction::ResetLayout,
        ),
        entry(
            "fill",
            "",
            "spectrograms alone, all panels",
            View,
            ViewAction::Fill(Panel::Spectrograms),
        ),
        entry(
            "hide",
            "",
            "hide, show the vectorscopes",
            View,
            ViewAction::Hide(Panel::Scopes),
        ),
        entry(
            "swap",
            "",
            "spectrograms left, right",
            View,
            ViewAction::SwapSides,
        ),
        entry(
            "divider",
            "",
            "halves of equal width",
            View,
            ViewAction::MoveDivider(Divider::Columns, 0.5),
        ),
        entry(
            "input",
            "",
            "hear what the system plays",
            Window,
            PairAction::SelectInput("system".to_owned()),
        ),
        entry(
            "input-pair",
            "",
            "hear channels 1 and 2 of the input",
            Window,
            PairAction::SelectInputPair(0),
        ),
        entry(
            "fullscreen",
            "F",
            "full screen",
            Window,
            WindowAction::ToggleFullscreen,
        ),
        entry(
            "next-monitor",
            "M",
            "next monitor",
            Window,
            WindowAction::NextMonitor,
        ),
        entry(
            "always-on-top",
            "U",
            "always on top",
            Window,
            WindowAction::ToggleAlwaysOnTop,
        ),
        entry(
            "escape",
            "Esc",
            "close, leave full screen",
            Window,
            WindowAction::Escape,
        ),
        entry(
            "report",
            "",
            "report of the mix so far",
            Keep,
            WindowAction::Report,
        ),
        entry("export", "X", "export figures", Keep, WindowAction::Export),
        drawer("findings", "V", "findings", Compare, Drawer::Findings),
        drawer("menu", ".", "menu of all actions", Window, Drawer::Menu),
        drawer("settings", ",", "settings", Window, Drawer::Settings),
        entry("help", "?", "these keys", Window, ViewAction::ToggleHelp),
        entry("quit", "", "quit", Window, WindowAction::Quit),
    ];
    for (index, key) in ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
        .iter()
        .enumerate()
    {
        let (name, help) = if index == 0 {
            ("reference", "1 to 9: reference")
        } else {
            ("", "")
        };
        entries.push(entry(
            name,
            key,
            help,
            References,
            PairAction::Reference(index),
        ));
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_and_no_name_means_two_things() {
        let entries = catalog();
        let keys: Vec<_> = entries.iter().filter_map(|entry| entry.key).collect();
        let names: Vec<_> = entries
            .iter()
            .map(|entry| entry.name)
            .filter(|name| !name.is_empty())
            .collect();
        for words in [keys, names] {
            let mut unique = words.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), words.len());
        }
    }

    #[test]
    fn every_entry_with_words_has_a_name() {
        for entry in catalog() {
            assert_eq!(
                entry.help.is_empty(),
                entry.name.is_empty(),
                "{:?}",
                entry.action
            );
        }
    }
}
