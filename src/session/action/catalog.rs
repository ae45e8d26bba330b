//! The list of all actions: name, key and words of each. Help, menu, README, `ctl` and OSC are made from it.

use std::path::PathBuf;
use std::sync::LazyLock;

use crate::session::action::entry::{Entry, entry};
use crate::session::action::group::Group;
use crate::session::action::pair::PairAction;
use crate::session::action::shelf::ShelfAction;
use crate::session::action::view::{Crosshair, Drawer, ViewAction};
use crate::session::action::window::{PictureKind, WindowAction};
use crate::session::settings::arrangement::{Divider, LayoutKind, Panel};

/// Seconds one nudge moves the reference.
pub const NUDGE_SECS: f64 = 0.01;

/// All entries, in the order the help shows them.
pub fn catalog() -> &'static [Entry] {
    static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(entries);
    &ENTRIES
}

fn entries() -> Vec<Entry> {
    use Group::{Compare, Keep, References, View, Window};
    use {PairAction as P, ShelfAction as S, ViewAction as V, WindowAction as W};
    let drawer =
        |name, key, help, group, drawer| entry(name, key, help, group, V::ToggleDrawer(drawer));
    let mut entries = vec![
        entry("freeze", "Space", "freeze, go on", View, V::ToggleFreeze),
        entry("mix", "A", "mix alone", Compare, V::ShowMix),
        entry(
            "reference-alone",
            "B",
            "reference alone",
            Compare,
            V::ShowReference,
        ),
        entry(
            "difference",
            "D",
            "difference, mix − reference",
            Compare,
            V::ShowDifference,
        ),
        entry(
            "overlay",
            "Tab",
            "side by side, overlay",
            Compare,
            V::ToggleOverlay,
        ),
        entry(
            "match",
            "L",
            "loudness match",
            Compare,
            V::ToggleLoudnessMatch,
        ),
        entry(
            "match-basis",
            "Q",
            "match basis: integrated, short-term, region",
            Compare,
            V::MatchBasis(None),
        ),
        entry(
            "band",
            "",
            "10–90 %: this reference, all references",
            Compare,
            V::Band(None),
        ),
        entry(
            "reset",
            "R",
            "reset measurement",
            Compare,
            P::ResetMeasurement,
        ),
        entry(
            "undo-reset",
            "Ctrl+Z",
            "undo the reset",
            Compare,
            P::UndoReset,
        ),
        entry(
            "song",
            "",
            "song named as the input",
            Keep,
            P::Song(String::new()),
        ),
        entry("snapshot", "S", "take snapshot", Keep, S::Snapshot),
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
            "restore the deleted snapshot",
            Keep,
            S::UndeleteSnapshot,
        ),
        entry(
            "rename-snapshot",
            "",
            "name the newest snapshot",
            Keep,
            S::RenameSnapshot(PathBuf::new(), String::new()),
        ),
        entry(
            "note-snapshot",
            "",
            "note to the newest snapshot",
            Keep,
            S::NoteSnapshot(PathBuf::new(), String::new()),
        ),
        entry(
            "delete-snapshot",
            "",
            "delete the newest snapshot",
            Keep,
            S::DeleteSnapshot(PathBuf::new()),
        ),
        entry(
            "recall",
            "",
            "use the newest snapshot as reference",
            Keep,
            S::Recall(String::new()),
        ),
        entry(
            "recall-mix",
            "",
            "use the newest snapshot as mix",
            Keep,
            S::RecallMix(String::new()),
        ),
        entry(
            "reopen",
            "",
            "restore the view of the newest snapshot",
            Keep,
            S::Reopen(String::new()),
        ),
        entry("live", "", "back to the live mix", Keep, S::BackToLive),
        entry(
            "screenshot",
            "P",
            "picture for print",
            Keep,
            W::Screenshot(PictureKind::Print),
        ),
        entry(
            "open",
            "O",
            "open a reference",
            References,
            W::OpenReference,
        ),
        entry(
            "open-path",
            "",
            "open a reference by its path",
            References,
            W::TypePath(String::new()),
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
            P::NextReference,
        ),
        entry(
            "region",
            "",
            "region: what the picture shows",
            References,
            P::Region(None),
        ),
        entry(
            "region-clear",
            "Z",
            "region: whole song",
            References,
            P::ClearRegion,
        ),
        entry("trim", "", "trim back to 0 dB", References, P::Trim(0.0)),
        entry(
            "remove-reference",
            "",
            "remove the active reference",
            References,
            P::RemoveReference(None),
        ),
        entry(
            "earlier",
            "←",
            "reference earlier",
            References,
            P::NudgeAlignment(-NUDGE_SECS),
        ),
        entry(
            "nudge",
            "→",
            "reference later",
            References,
            P::NudgeAlignment(NUDGE_SECS),
        ),
        entry(
            "nudge-back",
            "",
            "reference back to where it was found",
            References,
            P::NudgeBack,
        ),
        entry(
            "follow-sections",
            "G",
            "follow the section that fits",
            References,
            P::FollowSections,
        ),
        entry(
            "reference-input",
            "",
            "reference: back to the files",
            References,
            P::ReferenceInput(String::new()),
        ),
        entry(
            "listen",
            "W",
            "listen to the reference",
            References,
            P::ToggleListen,
        ),
        entry(
            "listen-output",
            "",
            "listen on the system's output",
            References,
            P::ListenOn(String::new()),
        ),
        entry("zoom", "+", "zoom in", View, V::ZoomTime(2.0)),
        entry("zoom-out", "−", "zoom out", View, V::ZoomTime(0.5)),
        entry(
            "zoom-frequency",
            "",
            "zoom in on frequency",
            View,
            V::ZoomFrequency(2.0),
        ),
        entry(
            "difference-smoothing",
            "",
            "smoother difference",
            View,
            V::NextSmoothing,
        ),
        entry(
            "fit-scales",
            "0",
            "fit the scales to the music",
            View,
            V::FitScales,
        ),
        entry(
            "spectrum-smoothing",
            "/",
            "spectrum: next smoothing, down to tones",
            View,
            V::NextSpectrumSmoothing,
        ),
        entry(
            "difference-of",
            "",
            "difference: moment by moment, record's range",
            Compare,
            V::ToggleDifferenceOf,
        ),
        entry("masking", "Ctrl+M", "masking", Compare, V::ShowMasking),
        entry(
            "level-meter",
            "",
            "next level meter",
            View,
            V::NextLevelMeter,
        ),
        entry("reset-axes", "", "reset zoom", View, V::ResetAxes),
        entry("context", "", "close panel menu", View, V::Context(None)),
        entry("cursor", "", "hide crosshair", View, V::Cursor(None)),
        entry("mark", "Ctrl+A", "mark what's shown", View, V::MarkVisible),
        entry("mark-clear", "", "clear mark", View, V::Mark(None)),
        entry("go-to", "", "go to mark", View, V::GoTo(None)),
        entry("scroll", "PageUp", "back", View, V::Scroll(0.5)),
        entry("scroll-on", "PageDown", "forward", View, V::Scroll(-0.5)),
        entry(
            "reset-view",
            "Home",
            "reset zoom, back to now",
            View,
            V::ResetView,
        ),
        entry(
            "song-position",
            "Ctrl+B",
            "over song position, over time",
            View,
            P::SongPosition,
        ),
        entry("color-map", "C", "colour map", View, V::NextColorMap),
        entry(
            "channel",
            "H",
            "channel: L+R, L, R, mid, side",
            View,
            V::NextChannel,
        ),
        entry("theme", "T", "dark, light", View, V::ToggleTheme),
        drawer(
            "inputs",
            "I",
            "inputs with their levels",
            Window,
            Drawer::Inputs,
        ),
        entry("layout-next", "Y", "next layout", View, V::NextLayout),
        drawer("layouts", "", "layouts and panels", View, Drawer::Layouts),
        entry(
            "layout",
            "",
            "compare layout",
            View,
            V::Layout(LayoutKind::Compare),
        ),
        entry(
            "layout-reset",
            "",
            "all panels where they were at first",
            View,
            V::ResetLayout,
        ),
        entry(
            "fill",
            "",
            "spectrograms alone, all panels",
            View,
            V::Fill(Panel::Spectrograms),
        ),
        entry(
            "hide",
            "",
            "hide, show the vectorscopes",
            View,
            V::Hide(Panel::Scopes),
        ),
        entry(
            "punch",
            "Ctrl+P",
            "hide, show Punch: peaks above loudness",
            View,
            V::Hide(Panel::Punch),
        ),
        entry("swap", "", "spectrograms left, right", View, V::SwapSides),
        entry(
            "divider",
            "",
            "halves of equal width",
            View,
            V::MoveDivider(Divider::Columns, 0.5),
        ),
        entry(
            "input",
            "",
            "hear what the system plays",
            Window,
            P::SelectInput("system".to_owned()),
        ),
        entry(
            "input-pair",
            "",
            "hear channels 1 and 2 of the input",
            Window,
            P::SelectInputPair(0),
        ),
        entry(
            "fullscreen",
            "F",
            "full screen",
            Window,
            W::ToggleFullscreen,
        ),
        entry("next-monitor", "M", "next monitor", Window, W::NextMonitor),
        entry(
            "always-on-top",
            "U",
            "always on top",
            Window,
            W::ToggleAlwaysOnTop,
        ),
        entry(
            "escape",
            "Esc",
            "close, leave full screen",
            Window,
            W::Escape,
        ),
        entry("report", "", "report of the mix so far", Keep, W::Report),
        entry("export", "X", "export figures", Keep, W::Export),
        drawer("findings", "V", "findings", Compare, Drawer::Findings),
        drawer("menu", ".", "menu of all actions", Window, Drawer::Menu),
        drawer("settings", ",", "settings", Window, Drawer::Settings),
        entry("help", "?", "all keys", Window, V::ToggleHelp),
        entry("quit", "Ctrl+Q", "quit", Window, W::Quit),
    ];
    for (name, help, kind) in [
        ("picture-phone", "picture for a phone", PictureKind::Phone),
        ("picture-slide", "picture for a slide", PictureKind::Slide),
    ] {
        entries.push(entry(name, "", help, Keep, W::Screenshot(kind)));
    }
    for (step, name, key, help) in Crosshair::ALL {
        entries.push(entry(name, key, help, View, V::Crosshair(step)));
    }
    for (index, key) in ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
        .iter()
        .enumerate()
    {
        let (name, help) = if index == 0 {
            ("reference", "1 to 9: reference")
        } else {
            ("", "")
        };
        entries.push(entry(name, key, help, References, P::Reference(index)));
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
