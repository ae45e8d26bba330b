//! Settings as the picture uses them: looks made of them, and the rows of their drawer.

use crate::session::settings::arrangement::Arrangement;
use crate::session::settings::{Kind, Settings, Topic, Value, targets};
use crate::view::colormap::LevelMap;
use crate::view::looks::{DifferenceOf, Looks, Smoothing};

/// The looks that settings ask for; what is chosen by a key for the moment stays: mode, channel, match, time across.
pub fn looks(settings: &Settings, now: &Looks) -> Looks {
    Looks {
        top_db: settings.top_db as f32,
        range_db: settings.range_db as f32,
        tilt_db_per_octave: settings.tilt_db_per_octave as f32,
        spectrum_tilt_db_per_octave: settings.spectrum_tilt_db_per_octave as f32,
        fit_db: if settings.fit_scales { now.fit_db } else { 0.0 },
        spectrum_smoothing: named(
            &Smoothing::ALL,
            Smoothing::name,
            settings.spectrum_smoothing,
        ),
        spectrum_moment: settings.spectrum_moment,
        difference_of: named(
            &DifferenceOf::ALL,
            DifferenceOf::name,
            settings.difference_of,
        ),
        masking_range_db: settings.masking_range_db as f32,
        difference_range_db: settings.difference_range_db as f32,
        level_map: LevelMap::named(settings.color_map).unwrap_or_default(),
        spectrum_top_db: settings.spectrum_top_db,
        spectrum_range_db: settings.spectrum_range_db,
        loudness_range_lufs: [settings.loudness_low_lufs, settings.loudness_high_lufs],
        target_lufs: settings.target_lufs,
        target_dbtp: settings.target_dbtp,
        light: settings.theme == "light",
        font_scale: settings.font_scale as f32,
        high_contrast: settings.contrast == "high",
        ..now.clone()
    }
}

/// The choice of a name; the usual one of a name that is none.
fn named<T: Copy + Default>(all: &[T], name: fn(T) -> &'static str, called: &str) -> T {
    let found = all.iter().find(|choice| name(**choice) == called);
    found.copied().unwrap_or_default()
}

/// Under what name the arrangement of the window is kept.
const ARRANGEMENT: &str = "arrangement";

/// How the window was arranged the last time.
pub fn kept_arrangement(settings: &Settings) -> Arrangement {
    settings.kept(ARRANGEMENT).unwrap_or_default()
}

/// Takes over into the settings what keys change in the looks and people expect to find again.
pub fn remember(looks: &Looks, settings: &mut Settings) {
    settings.theme = if looks.light { "light" } else { "dark" };
    settings.color_map = looks.level_map.name();
    settings.spectrum_smoothing = looks.spectrum_smoothing.name();
    settings.difference_of = looks.difference_of.name();
    if kept_arrangement(settings) != looks.arrangement {
        settings.keep(ARRANGEMENT, &looks.arrangement);
    }
}

/// The drawer of the settings.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SettingsScene {
    /// Every setting, in order.
    pub rows: Vec<SettingRow>,
    /// What services and broadcasters ask for, to be taken over.
    pub targets: Vec<TargetChoice>,
}

/// A delivery target.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetChoice {
    /// Who asks for what, in words.
    pub title: String,
    /// The values of the settings `target-lufs` and `target-dbtp`.
    pub values: [Value; 2],
    /// Whether the settings have them.
    pub is_chosen: bool,
}

/// One setting in the drawer.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingRow {
    /// Its name for `set`.
    pub name: &'static str,
    /// Under which heading it stands.
    pub topic: Topic,
    /// Its value.
    pub value: Value,
    /// Its value when nobody has changed it.
    pub default: Value,
}

impl SettingsScene {
    /// What the drawer shows of settings.
    pub fn of(kept: &Settings) -> Self {
        let rows = kept.values().zip(Settings::default().values());
        let rows = rows.map(|((setting, value), (_, default))| SettingRow {
            name: setting.name,
            topic: setting.topic,
            value,
            default,
        });
        let targets = targets::built_in().into_iter().map(|target| TargetChoice {
            title: target.title(),
            values: [target.integrated_lufs, target.max_true_peak_dbtp].map(Value::Number),
            is_chosen: kept.target_lufs == target.integrated_lufs
                && kept.target_dbtp == target.max_true_peak_dbtp,
        });
        Self {
            rows: rows.collect(),
            targets: targets.collect(),
        }
    }
}

/// Decimals that show every value of a kind: a tenth of its step, if that is not whole.
pub fn decimals(kind: &Kind) -> usize {
    match kind {
        Kind::Number { step, .. } if *step < 0.1 => 2,
        Kind::Number { step, .. } if *step < 1.0 => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::settings::COLOR_MAPS;

    #[test]
    fn the_arrangement_is_found_again_and_what_filled_the_window_is_not() {
        let mut now = Looks::default();
        let mut settings = Settings::default();
        remember(&now, &mut settings);
        assert_eq!(settings, Settings::default(), "nothing was changed");
        now.arrangement.swapped = true;
        now.arrangement.filled = Some(crate::session::settings::arrangement::Panel::Width);
        remember(&now, &mut settings);
        now.arrangement.filled = None;
        assert_eq!(kept_arrangement(&settings), now.arrangement);
    }

    #[test]
    fn default_settings_are_the_default_looks() {
        let now = Looks::default();
        assert_eq!(looks(&Settings::default(), &now), now);
        assert_eq!(Settings::default().span_secs, now.span_secs);
    }

    #[test]
    fn every_colour_map_has_a_name_that_settings_know() {
        let names = LevelMap::ALL.map(LevelMap::name);
        assert_eq!(names, COLOR_MAPS);
        for name in COLOR_MAPS {
            assert_eq!(LevelMap::named(name).map(LevelMap::name), Some(name));
        }
    }

    #[test]
    fn what_keys_change_is_remembered() {
        let mut settings = Settings::default();
        let changed = Looks {
            light: true,
            level_map: LevelMap::Cividis,
            ..Looks::default()
        };
        remember(&changed, &mut settings);
        assert_eq!(looks(&settings, &Looks::default()), changed);
    }
}
