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

/// All entries, in the order the help shows them.
pub fn catalog() -> Vec<Entry> {
    use Group::{Compare, Keep, References, View, Window};
    let entry = |name, key, help, group, action| Entry {
        name,
        key: Some(key).filter(|key: &&str| !key.is_empty()),
        help,
        group,
        action,
    };
    let drawer = |name, key, help, group, drawer| {
        entry(
            name,
            key,
            help,
            group,
            Action::View(ViewAction::ToggleDrawer(drawer)),
        )
    };
    let mut entries = vec![
        entry(
            "freeze",
            "Space",
            "freeze, go on",
            View,
            Action::View(ViewAction::ToggleFreeze),
        ),
        entry(
            "mix",
            "A",
            "mix alone",
            Compare,
            Action::View(ViewAction::ShowMix),
        ),
        entry(
            "reference-alone",
            "B",
            "reference alone",
            Compare,
            Action::View(ViewAction::ShowReference),
        ),
        entry(
            "difference",
            "D",
            "difference, mix − reference",
            Compare,
            Action::View(ViewAction::ShowDifference),
        ),
        entry(
            "overlay",
            "Tab",
            "side by side, overlay",
            Compare,
            Action::View(ViewAction::ToggleOverlay),
        ),
        entry(
            "match",
            "L",
            "loudness match",
            Compare,
            Action::View(ViewAction::ToggleLoudnessMatch),
        ),
        entry(
            "match-basis",
            "Q",
            "match: integrated, short-term, region",
            Compare,
            Action::View(ViewAction::MatchBasis(None)),
        ),
        entry(
            "band",
            "",
            "band of the active reference, of all",
            Compare,
            Action::View(ViewAction::Band(None)),
        ),
        entry(
            "reset",
            "R",
            "reset measurement",
            Compare,
            Action::Pair(PairAction::ResetMeasurement),
        ),
        entry(
            "snapshot",
            "S",
            "snapshot",
            Keep,
            Action::Shelf(ShelfAction::Snapshot),
        ),
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
            Action::Shelf(ShelfAction::UndeleteSnapshot),
        ),
        entry(
            "rename-snapshot",
            "",
            "name the newest snapshot",
            Keep,
            Action::Shelf(ShelfAction::RenameSnapshot(PathBuf::new(), String::new())),
        ),
        entry(
            "note-snapshot",
            "",
            "note to the newest snapshot",
            Keep,
            Action::Shelf(ShelfAction::NoteSnapshot(PathBuf::new(), String::new())),
        ),
        entry(
            "delete-snapshot",
            "",
            "delete the newest snapshot",
            Keep,
            Action::Shelf(ShelfAction::DeleteSnapshot(PathBuf::new())),
        ),
        entry(
            "recall",
            "",
            "newest snapshot as reference",
            Keep,
            Action::Shelf(ShelfAction::Recall(String::new())),
        ),
        entry(
            "recall-mix",
            "",
            "newest snapshot as mix",
            Keep,
            Action::Shelf(ShelfAction::RecallMix(String::new())),
        ),
        entry(
            "reopen",
            "",
            "newest snapshot as it was",
            Keep,
            Action::Shelf(ShelfAction::Reopen(String::new())),
        ),
        entry(
            "live",
            "",
            "back to the live mix",
            Keep,
            Action::Shelf(ShelfAction::BackToLive),
        ),
        entry(
            "screenshot",
            "P",
            "picture",
            Keep,
            Action::Window(WindowAction::Screenshot(PictureKind::Print)),
        ),
        entry(
            "open",
            "O",
            "open a reference",
            References,
            Action::Window(WindowAction::OpenReference),
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
            Action::Pair(PairAction::NextReference),
        ),
        entry(
            "region",
            "",
            "region: what the picture shows",
            References,
            Action::Pair(PairAction::Region(None)),
        ),
        entry(
            "region-clear",
            "Z",
            "region: all of the reference",
            References,
            Action::Pair(PairAction::ClearRegion),
        ),
        entry(
            "trim",
            "",
            "trim back to 0 dB",
            References,
            Action::Pair(PairAction::Trim(0.0)),
        ),
        entry(
            "remove-reference",
            "",
            "remove the active reference",
            References,
            Action::Pair(PairAction::RemoveReference(None)),
        ),
        entry(
            "earlier",
            "←",
            "reference earlier",
            References,
            Action::Pair(PairAction::NudgeAlignment(-NUDGE_SECS)),
        ),
        entry(
            "nudge",
            "→",
            "reference later",
            References,
            Action::Pair(PairAction::NudgeAlignment(NUDGE_SECS)),
        ),
        entry(
            "follow-sections",
            "G",
            "follow the section that fits",
            References,
            Action::Pair(PairAction::FollowSections),
        ),
        entry(
            "reference-input",
            "",
            "files as references, no input",
            References,
            Action::Pair(PairAction::ReferenceInput(String::new())),
        ),
        entry(
            "listen",
            "W",
            "listen to the reference",
            References,
            Action::Pair(PairAction::ToggleListen),
        ),
        entry(
            "listen-output",
            "",
            "listen on the system's output",
            References,
            Action::Pair(PairAction::ListenOn(String::new())),
        ),
        entry(
            "zoom",
            "+",
            "less time",
            View,
            Action::View(ViewAction::ZoomTime(2.0)),
        ),
        entry(
            "zoom-out",
            "−",
            "more time",
            View,
            Action::View(ViewAction::ZoomTime(0.5)),
        ),
        entry(
            "zoom-frequency",
            "",
            "fewer frequencies",
            View,
            Action::View(ViewAction::ZoomFrequency(2.0)),
        ),
        entry(
            "difference-smoothing",
            "",
            "smoother difference",
            View,
            Action::View(ViewAction::NextSmoothing),
        ),
        entry(
            "level-meter",
            "",
            "next level meter",
            View,
            Action::View(ViewAction::NextLevelMeter),
        ),
        entry(
            "reset-axes",
            "",
            "usual axes, same place",
            View,
            Action::View(ViewAction::ResetAxes),
        ),
        entry(
            "cursor",
            "",
            "no crosshair",
            View,
            Action::View(ViewAction::Cursor(None)),
        ),
        entry(
            "mark",
            "",
            "mark what is visible",
            View,
            Action::View(ViewAction::MarkVisible),
        ),
        entry(
            "mark-clear",
            "",
            "no mark",
            View,
            Action::View(ViewAction::Mark(None)),
        ),
        entry(
            "go-to",
            "",
            "to what is marked",
            View,
            Action::View(ViewAction::GoTo(None)),
        ),
        entry(
            "scroll",
            "PageUp",
            "back in time",
            View,
            Action::View(ViewAction::Scroll(0.5)),
        ),
        entry(
            "scroll-on",
            "PageDown",
            "on in time",
            View,
            Action::View(ViewAction::Scroll(-0.5)),
        ),
        entry(
            "reset-view",
            "Home",
            "usual axes",
            View,
            Action::View(ViewAction::ResetView),
        ),
        entry(
            "color-map",
            "C",
            "colour map",
            View,
            Action::View(ViewAction::NextColorMap),
        ),
        entry(
            "channel",
            "H",
            "channel: L+R, L, R, mid, side",
            View,
            Action::View(ViewAction::NextChannel),
        ),
        entry(
            "theme",
            "T",
            "dark, light",
            View,
            Action::View(ViewAction::ToggleTheme),
        ),
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
            Action::View(ViewAction::NextLayout),
        ),
        drawer("layouts", "", "layouts and panels", View, Drawer::Layouts),
        entry(
            "layout",
            "",
            "compare layout",
            View,
            Action::View(ViewAction::Layout(LayoutKind::Compare)),
        ),
        entry(
            "layout-reset",
            "",
            "all panels where they were at first",
            View,
            Action::View(ViewAction::ResetLayout),
        ),
        entry(
            "fill",
            "",
            "spectrograms alone, all panels",
            View,
            Action::View(ViewAction::Fill(Panel::Spectrograms)),
        ),
        entry(
            "hide",
            "",
            "hide, show the vectorscopes",
            View,
            Action::View(ViewAction::Hide(Panel::Scopes)),
        ),
        entry(
            "swap",
            "",
            "spectrograms left, right",
            View,
            Action::View(ViewAction::SwapSides),
        ),
        entry(
            "divider",
            "",
            "halves of equal width",
            View,
            Action::View(ViewAction::MoveDivider(Divider::Columns, 0.5)),
        ),
        entry(
            "input",
            "",
            "hear what the system plays",
            Window,
            Action::Pair(PairAction::SelectInput("system".to_owned())),
        ),
        entry(
            "input-pair",
            "",
            "hear channels 1 and 2 of the input",
            Window,
            Action::Pair(PairAction::SelectInputPair(0)),
        ),
        entry(
            "fullscreen",
            "F",
            "full screen",
            Window,
            Action::Window(WindowAction::ToggleFullscreen),
        ),
        entry(
            "next-monitor",
            "M",
            "next monitor",
            Window,
            Action::Window(WindowAction::NextMonitor),
        ),
        entry(
            "always-on-top",
            "U",
            "always on top",
            Window,
            Action::Window(WindowAction::ToggleAlwaysOnTop),
        ),
        entry(
            "escape",
            "Esc",
            "close, leave full screen",
            Window,
            Action::Window(WindowAction::Escape),
        ),
        entry(
            "report",
            "",
            "report of the mix so far",
            Keep,
            Action::Window(WindowAction::Report),
        ),
        entry(
            "export",
            "X",
            "export figures",
            Keep,
            Action::Window(WindowAction::Export),
        ),
        drawer("findings", "V", "findings", Compare, Drawer::Findings),
        drawer("menu", ".", "menu of all actions", Window, Drawer::Menu),
        drawer("settings", ",", "settings", Window, Drawer::Settings),
        entry(
            "help",
            "?",
            "these keys",
            Window,
            Action::View(ViewAction::ToggleHelp),
        ),
        entry(
            "quit",
            "",
            "quit",
            Window,
            Action::Window(WindowAction::Quit),
        ),
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
            Action::Pair(PairAction::Reference(index)),
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
