//! How a person has arranged the window: which layout, where the dividers stand, what is hidden. Settings keep it.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// What the window is laid out for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayoutKind {
    /// Everything, mix beside reference.
    #[default]
    Compare,
    /// The spectrograms, and one line of figures.
    Spectrogram,
    /// Large vectorscopes, width and correlation of each band.
    Stereo,
    /// Large loudness histories and a large table.
    Loudness,
    /// Short-term, integrated and true peak, readable across a large room.
    BigNumbers,
}

impl LayoutKind {
    /// All of them, in the order of the key.
    pub const ALL: [Self; 5] = [
        Self::Compare,
        Self::Spectrogram,
        Self::Stereo,
        Self::Loudness,
        Self::BigNumbers,
    ];

    /// Its name for `--layout` and `ctl`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compare => "compare",
            Self::Spectrogram => "spectrogram",
            Self::Stereo => "stereo",
            Self::Loudness => "loudness",
            Self::BigNumbers => "big-numbers",
        }
    }

    /// The words on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Compare => "Compare",
            Self::Spectrogram => "Spectrogram",
            Self::Stereo => "Stereo",
            Self::Loudness => "Loudness",
            Self::BigNumbers => "Big numbers",
        }
    }

    /// The layout of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// The one after it.
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|kind| *kind == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// A part of the window that can fill it, or be hidden. [`PANELS`] has a row for each, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Panel {
    /// Both spectrograms, or their difference.
    Spectrograms,
    /// Loudness histories.
    Loudness,
    /// Peaks above loudness, and attacks in bands, over time.
    Punch,
    /// Spectrum curves.
    Spectrum,
    /// Both vectorscopes.
    Scopes,
    /// Width per band.
    Width,
    /// The table of figures.
    Table,
}

/// Where the Compare layout has a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// The large column, as high as the others leave it.
    Main,
    /// The large column, one under the other below the main panel, on its time axis.
    History,
    /// The small column, at its top.
    Upper,
    /// The small column, one under the other at its foot.
    Foot,
}

/// What runs from left to right in a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Across {
    /// The time that all panels share.
    Time,
    /// The frequencies that all panels share.
    Frequency,
    /// Nothing that is shared.
    Nothing,
}

/// All that is decided about a panel in one place. Names, drawers, layouts, filling, hiding, the mouse and the
/// documents follow from it; what it draws and says has its name in `view/panels`, `render/panels` and `ui/panels`.
#[derive(Clone, Copy, Debug)]
pub struct PanelRow {
    /// Which one.
    pub panel: Panel,
    /// Its name for `ctl`.
    pub name: &'static str,
    /// The words on the screen.
    pub title: &'static str,
    /// What it shows and what that is good for, where the pointer rests on its name.
    pub help: &'static str,
    /// Where the Compare layout has it.
    pub zone: Zone,
    /// What runs from left to right in it.
    pub across: Across,
    /// Whether it is shown before anybody asks for it.
    pub is_usual: bool,
}

/// All panels, as the layout has them from the upper left.
pub const PANELS: [PanelRow; 7] = [
    PanelRow {
        panel: Panel::Spectrograms,
        name: "spectrograms",
        title: "Spectrograms",
        help: "Level of every frequency over time, of both sides on the same axes, or their difference.",
        zone: Zone::Main,
        across: Across::Time,
        is_usual: true,
    },
    PanelRow {
        panel: Panel::Loudness,
        name: "loudness",
        title: "Loudness",
        help: "Momentary and short-term loudness over time (ITU-R BS.1770-5, EBU Tech 3341).",
        zone: Zone::History,
        across: Across::Time,
        is_usual: true,
    },
    PanelRow {
        panel: Panel::Punch,
        name: "punch",
        title: "Punch",
        help: "What a limiter takes: how far peaks stand above loudness (PSR), and how far attacks stand above the 200 ms \
               around them in five bands. Behind the lines, where the reference lies 80 % of the time.",
        zone: Zone::History,
        across: Across::Time,
        is_usual: false,
    },
    PanelRow {
        panel: Panel::Spectrum,
        name: "spectrum",
        title: "Spectrum",
        help: "Mean of both sides, and the range in which the reference lies 80 % of the time.",
        zone: Zone::Upper,
        across: Across::Frequency,
        is_usual: true,
    },
    PanelRow {
        panel: Panel::Scopes,
        name: "scopes",
        title: "Vectorscopes",
        help: "Left against right: upright is mono, level is what cancels in mono.",
        zone: Zone::Upper,
        across: Across::Nothing,
        is_usual: true,
    },
    PanelRow {
        panel: Panel::Width,
        name: "width",
        title: "Width per band",
        help: "Side to mid of five bands, and in a large panel their correlation. Behind the bars, where the reference lies \
               80 % of the time.",
        zone: Zone::Foot,
        across: Across::Nothing,
        is_usual: true,
    },
    PanelRow {
        panel: Panel::Table,
        name: "table",
        title: "Figures",
        help: "Loudness, peaks and correlation of both sides, and how far they lie apart.",
        zone: Zone::Foot,
        across: Across::Nothing,
        is_usual: true,
    },
];

impl Panel {
    /// All of them, in the order of their rows.
    pub const ALL: [Self; PANELS.len()] = {
        let mut all = [Self::Spectrograms; PANELS.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = PANELS[at].panel;
            at += 1;
        }
        all
    };

    /// Its row.
    pub fn row(self) -> &'static PanelRow {
        &PANELS[self as usize]
    }

    /// Its name for `ctl`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The words on the screen.
    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// All names in a sentence: "it takes spectrograms, … or table".
    pub fn takes_names() -> &'static str {
        static WORDS: LazyLock<String> = LazyLock::new(|| {
            let names = Panel::ALL.map(Panel::name);
            let (last, others) = names.split_last().expect("there are panels");
            format!("it takes {} or {last}", others.join(", "))
        });
        &WORDS
    }

    /// The panel of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|panel| panel.name().eq_ignore_ascii_case(name))
    }
}

/// A line between panels that can be dragged. Each is a fraction of the Compare layout's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Divider {
    /// Between spectrograms and the column of other panels: the spectrograms' part of the width.
    Columns,
    /// Above the loudness histories: the part of the height that lies above.
    Loudness,
    /// Below the spectrum: its part of the height.
    Spectrum,
    /// Above width and table: the part of the height that lies above.
    Figures,
}

impl Divider {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Columns, Self::Loudness, Self::Spectrum, Self::Figures];

    /// Its name for `ctl`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Loudness => "loudness",
            Self::Spectrum => "spectrum",
            Self::Figures => "figures",
        }
    }

    /// The divider of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|divider| divider.name().eq_ignore_ascii_case(name))
    }

    /// How far it can be moved. The layout stops it earlier where a panel would become too small.
    pub fn range(self) -> [f32; 2] {
        match self {
            Self::Columns => [0.3, 0.85],
            Self::Loudness => [0.4, 0.93],
            Self::Spectrum => [0.12, 0.7],
            Self::Figures => [0.3, 0.92],
        }
    }
}

/// Where dividers were moved to; the others stand where the layout puts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dividers {
    /// See [`Divider::Columns`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<f32>,
    /// See [`Divider::Loudness`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loudness: Option<f32>,
    /// See [`Divider::Spectrum`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spectrum: Option<f32>,
    /// See [`Divider::Figures`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<f32>,
}

impl Dividers {
    fn slot(&mut self, divider: Divider) -> &mut Option<f32> {
        match divider {
            Divider::Columns => &mut self.columns,
            Divider::Loudness => &mut self.loudness,
            Divider::Spectrum => &mut self.spectrum,
            Divider::Figures => &mut self.figures,
        }
    }
}

/// A person's arrangement. It may come from a file, so fractions are read through [`Arrangement::divider`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Arrangement {
    /// Which layout.
    pub layout: LayoutKind,
    /// Usual panels that are not shown in the Compare layout.
    pub hidden: Vec<Panel>,
    /// Panels that are shown in it because somebody asked for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<Panel>,
    /// Whether the spectrograms stand at the right.
    pub swapped: bool,
    /// The panel that fills the window for now. Not kept: one starts with the whole picture.
    #[serde(skip)]
    pub filled: Option<Panel>,
    /// Dividers of the Compare layout.
    pub dividers: Dividers,
}

impl Arrangement {
    /// Where a divider was moved to, within its range.
    pub fn divider(&self, divider: Divider) -> Option<f32> {
        let [low, high] = divider.range();
        let mut dividers = self.dividers;
        dividers
            .slot(divider)
            .filter(|fraction| fraction.is_finite())
            .map(|fraction| fraction.clamp(low, high))
    }

    /// Moves a divider.
    pub fn move_divider(&mut self, divider: Divider, fraction: f32) {
        let [low, high] = divider.range();
        *self.dividers.slot(divider) = Some(fraction.clamp(low, high));
    }

    /// Whether a panel is to be shown.
    pub fn shows(&self, panel: Panel) -> bool {
        if panel.row().is_usual {
            !self.hidden.contains(&panel)
        } else {
            self.added.contains(&panel)
        }
    }

    /// Hides a panel or shows it again; the last one stays.
    pub fn toggle_hidden(&mut self, panel: Panel) {
        let is_shown = self.shows(panel);
        if is_shown && Panel::ALL.into_iter().filter(|p| self.shows(*p)).count() == 1 {
            return;
        }
        let (list, is_listed) = if panel.row().is_usual {
            (&mut self.hidden, is_shown)
        } else {
            (&mut self.added, !is_shown)
        };
        list.retain(|listed| *listed != panel);
        if is_listed {
            list.push(panel);
        }
    }

    /// Lets a panel fill the window, or brings the others back.
    pub fn toggle_filled(&mut self, panel: Panel) {
        self.filled = Some(panel).filter(|_| self.filled != Some(panel));
    }

    /// The Compare layout as it was at first.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes another layout; nothing fills the window any more.
    pub fn choose(&mut self, layout: LayoutKind) {
        self.layout = layout;
        self.filled = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_again() {
        for kind in LayoutKind::ALL {
            assert_eq!(LayoutKind::from_name(kind.name()), Some(kind));
        }
        for panel in Panel::ALL {
            assert_eq!(Panel::from_name(panel.name()), Some(panel));
        }
        for divider in Divider::ALL {
            assert_eq!(Divider::from_name(divider.name()), Some(divider));
        }
    }

    #[test]
    fn every_panel_has_its_own_row() {
        for (panel, row) in Panel::ALL.into_iter().zip(&PANELS) {
            assert_eq!(panel.row().panel, panel, "{}", row.name);
            // Settings and snapshots keep the name that serde makes of the variant.
            let kept = serde_json::to_value(panel).expect("it is plain data");
            assert_eq!(kept, row.name);
            assert!(row.help.ends_with('.'), "{}", row.name);
        }
    }

    #[test]
    fn the_key_steps_through_all_layouts_and_comes_back() {
        let mut kind = LayoutKind::Compare;
        for expected in LayoutKind::ALL.into_iter().cycle().skip(1).take(5) {
            kind = kind.next();
            assert_eq!(kind, expected);
        }
        assert_eq!(kind, LayoutKind::Compare);
    }

    #[test]
    fn the_last_panel_cannot_be_hidden() {
        let mut arrangement = Arrangement::default();
        for panel in Panel::ALL {
            if arrangement.shows(panel) {
                arrangement.toggle_hidden(panel);
            }
        }
        let shown = |a: &Arrangement| Panel::ALL.iter().filter(|p| a.shows(**p)).count();
        assert_eq!(shown(&arrangement), 1);
        arrangement.toggle_hidden(Panel::Loudness);
        assert_eq!(shown(&arrangement), 2);
    }

    #[test]
    fn it_comes_back_from_a_file_and_bad_fractions_do_no_harm() {
        let mut arrangement = Arrangement {
            layout: LayoutKind::Stereo,
            swapped: true,
            filled: Some(Panel::Table),
            ..Arrangement::default()
        };
        arrangement.toggle_hidden(Panel::Width);
        arrangement.move_divider(Divider::Columns, 0.5);
        arrangement.move_divider(Divider::Columns, 0.6);
        let text = toml::to_string(&arrangement).expect("it is plain data");
        let read: Arrangement = toml::from_str(&text).expect("it was just written");
        let kept = Arrangement {
            filled: None,
            ..arrangement.clone()
        };
        assert_eq!(read, kept);
        assert_eq!(read.divider(Divider::Columns), Some(0.6));
        let bad: Arrangement =
            toml::from_str("[dividers]\ncolumns = 7.0\nloudness = nan").expect("TOML");
        assert_eq!(bad.divider(Divider::Columns), Some(0.85));
        assert_eq!(bad.divider(Divider::Loudness), None);
    }
}
