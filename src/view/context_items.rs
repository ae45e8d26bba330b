//! What the small menu beside the mouse offers about each panel, the match and the place of the reference.

use crate::session::action::{
    Action, Context, Drawer, Entry, PairAction, PictureKind, ShelfAction, ViewAction, WindowAction,
    catalog,
};
use crate::session::pairing::basis::{BandOf, MatchBasis};
use crate::session::settings::arrangement::{Across, Panel};
use crate::view::context::{ContextItem, ContextScene};
use crate::view::looks::{CompareMode, DifferenceOf, Smoothing};
use crate::view::scene::Scene;

/// The menu about something where nobody pointed: in the middle of what it is about.
pub fn context_amid(context: Context, scene: &Scene) -> ContextScene {
    let rect = match context {
        Context::Panel(Panel::Spectrograms) => scene.layout.panes.first().map(|pane| pane.plot),
        Context::Panel(panel) => scene.layout.place(panel),
        Context::Levels => scene.levels,
        Context::Match | Context::Place => Some(scene.layout.top_bar),
    };
    let rect = rect.unwrap_or(scene.layout.top_bar);
    let middle = [rect.x + rect.w / 2.0, rect.y + rect.h / 2.0];
    context_at(context, middle, scene)
}

/// The menu about something, at a place of a picture.
pub fn context_at(context: Context, at: [f32; 2], scene: &Scene) -> ContextScene {
    let items = Items {
        entries: catalog(),
        scene,
        items: vec![],
    };
    let items = match context {
        Context::Panel(panel) => items.of_panel(panel),
        Context::Levels => items.of_levels(),
        Context::Match => items.of_match(),
        Context::Place => items.of_place(),
    };
    ContextScene { context, at, items }
}

/// Items in the making.
struct Items<'a> {
    entries: &'static [Entry],
    scene: &'a Scene,
    items: Vec<ContextItem>,
}

impl Items<'_> {
    /// Adds an action under words of its own, or those of the catalog.
    fn add(&mut self, words: &str, action: impl Into<Action>) {
        let action = action.into();
        let entry = self.entries.iter().find(|entry| entry.action == action);
        let key = entry.and_then(|entry| entry.key).unwrap_or_default();
        let words = match (words, entry) {
            ("", Some(entry)) => entry.help,
            _ => words,
        };
        self.items.push(ContextItem {
            words: words.to_owned(),
            key,
            is_on: None,
            action,
        });
    }

    /// The same for a choice that is on or not.
    fn choice(&mut self, words: &str, is_on: bool, action: impl Into<Action>) {
        self.add(words, action);
        if let Some(item) = self.items.last_mut() {
            item.is_on = Some(is_on);
        }
    }

    fn of_panel(mut self, panel: Panel) -> Vec<ContextItem> {
        let looks = &self.scene.looks;
        match panel {
            Panel::Spectrograms => self.of_spectrograms(),
            Panel::Spectrum => {
                let words = match looks.spectrum_smoothing {
                    Smoothing::Tones => "smoothing: none, tones".to_owned(),
                    smoothing => format!("smoothing: {} octave", smoothing.name()),
                };
                self.add(&words, ViewAction::NextSpectrumSmoothing);
                let of_all = looks.band_of == BandOf::All;
                let other = if of_all { BandOf::Active } else { BandOf::All };
                self.choice(
                    "range of all references",
                    of_all,
                    ViewAction::Band(Some(other)),
                );
            }
            Panel::Loudness | Panel::Punch => {
                self.add("", ViewAction::FitScales);
                self.add("", PairAction::ResetMeasurement);
            }
            Panel::Table => self.add("", PairAction::ResetMeasurement),
            // All others offer what every panel does.
            _ => {}
        }
        if panel.row().across == Across::Time {
            self.of_time();
        }
        self.keeping();
        let is_filled = self.scene.looks.arrangement.filled == Some(panel);
        self.choice("fill the window", is_filled, ViewAction::Fill(panel));
        if !is_filled && panel != Panel::Spectrograms {
            self.add("hide this panel", ViewAction::Hide(panel));
        }
        self.add(
            "layouts and panels…",
            ViewAction::ToggleDrawer(Drawer::Layouts),
        );
        self.items
    }

    /// What can be kept of all panels.
    fn keeping(&mut self) {
        self.add("take snapshot", ShelfAction::Snapshot);
        for kind in PictureKind::ALL {
            let words = format!("picture for {}", kind.for_whom());
            self.add(&words, WindowAction::Screenshot(kind));
        }
    }

    fn of_levels(mut self) -> Vec<ContextItem> {
        let words = format!("meter: {}", self.scene.looks.level_meter.title());
        self.add(&words, ViewAction::NextLevelMeter);
        self.add("", PairAction::ResetMeasurement);
        self.keeping();
        self.add("settings…", ViewAction::ToggleDrawer(Drawer::Settings));
        self.items
    }

    fn of_spectrograms(&mut self) {
        let looks = &self.scene.looks;
        let (of, smoothing) = (looks.difference_of, looks.difference_smoothing);
        let (map, channel) = (looks.level_map.name(), looks.channel.name());
        if looks.mode == CompareMode::Difference {
            let of = match of {
                DifferenceOf::Moments => "moments",
                DifferenceOf::Range => "outside the record's range",
                DifferenceOf::Masking => "masking",
            };
            self.add(
                &format!("difference of: {of}"),
                ViewAction::ToggleDifferenceOf,
            );
            let words = format!("smoothing: {smoothing} of 3");
            self.add(&words, ViewAction::NextSmoothing);
        } else {
            self.add(&format!("colours: {map}"), ViewAction::NextColorMap);
        }
        self.add(&format!("channel: {channel}"), ViewAction::NextChannel);
        self.add("", ViewAction::FitScales);
    }

    fn of_time(&mut self) {
        let words = match self.scene.frozen_behind_secs {
            Some(_) => "go on",
            None => "freeze",
        };
        self.add(words, ViewAction::ToggleFreeze);
        match self.scene.mark {
            Some(_) => self.add("clear mark", ViewAction::Mark(None)),
            None => self.add("mark what is visible", ViewAction::MarkVisible),
        }
        self.add("zoom in", ViewAction::ZoomTime(2.0));
        self.add("zoom out", ViewAction::ZoomTime(0.5));
        self.add("reset zoom", ViewAction::ResetAxes);
    }

    fn of_match(mut self) -> Vec<ContextItem> {
        let looks = &self.scene.looks;
        let (is_on, chosen) = (looks.loudness_match, looks.match_basis);
        self.choice("loudness match", is_on, ViewAction::ToggleLoudnessMatch);
        for basis in MatchBasis::ALL {
            let action = ViewAction::MatchBasis(Some(basis));
            // What it comes to at the moment is what the top bar says of it.
            let (name, of) = (basis.name(), self.scene.match_of);
            let is_chosen = basis == chosen;
            let words = match is_chosen && is_on && !of.is_empty() && of != name {
                true => format!("match: {name}, of the {of}"),
                false => format!("match: {name}"),
            };
            self.choice(&words, is_chosen, action);
        }
        self.add("", PairAction::ToggleListen);
        self.add("trim…", ViewAction::ToggleDrawer(Drawer::References));
        self.items
    }

    fn of_place(mut self) -> Vec<ContextItem> {
        self.add("", PairAction::FollowSections);
        for name in [
            "earlier",
            "nudge",
            "nudge-back",
            "next-reference",
            "region",
            "region-clear",
        ] {
            let entry = self.entries.iter().find(|entry| entry.name == name);
            if let Some(action) = entry.map(|entry| entry.action.clone()) {
                self.add("", action);
            }
        }
        self.add("references…", ViewAction::ToggleDrawer(Drawer::References));
        self.add("findings…", ViewAction::ToggleDrawer(Drawer::Findings));
        self.items
    }
}
