//! Settings: what a person chose once and keeps. Plain values here; one table gives the file, the drawer and
//! `set` their names, limits and words.

/// Where the window listens for its remote control unless told otherwise.
pub const DEFAULT_PORT: u16 = 9421;
/// Dark and light.
pub const THEMES: [&str; 2] = ["dark", "light"];
/// How far text and lines stand out from the ground.
pub const CONTRASTS: [&str; 2] = ["normal", "high"];
/// Colour maps of levels, in the order their key steps through them.
pub const COLOR_MAPS: [&str; 5] = ["magma", "viridis", "cividis", "grey", "sides"];

/// All settings. Names with their unit are the fields; names without are those of the file.
// Many fields: a field a setting, which the table reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// One of [`THEMES`].
    pub theme: &'static str,
    /// One of [`CONTRASTS`].
    pub contrast: &'static str,
    /// Sizes of type times this.
    pub font_scale: f64,
    /// One of [`COLOR_MAPS`].
    pub color_map: &'static str,
    /// The picture moves on in steps of half a second.
    pub reduced_motion: bool,
    /// Most pictures drawn in a second.
    pub frame_rate_cap_hz: f64,
    /// Seconds across the picture at the start and after Home.
    pub span_secs: f64,
    /// Level at the bright end of the spectrogram's map, dBFS after tilt.
    pub top_db: f64,
    /// dB from the dark to the bright end of the spectrogram's map.
    pub range_db: f64,
    /// Tilt of the spectrogram around 1 kHz.
    pub tilt_db_per_octave: f64,
    /// Level at the top of the spectrum panel, dBFS after tilt.
    pub spectrum_top_db: f64,
    /// dB from the bottom to the top of the spectrum panel.
    pub spectrum_range_db: f64,
    /// Tilt of the spectrum's curves around 1 kHz.
    pub spectrum_tilt_db_per_octave: f64,
    /// Whether scales fit themselves to the music.
    pub fit_scales: bool,
    /// What the spectrum's curves are averaged over.
    pub spectrum_smoothing: &'static str,
    /// Whether the spectrum of the moment is drawn.
    pub spectrum_moment: bool,
    /// What the difference of the same song is.
    pub difference_of: &'static str,
    /// A track that stands so little above the threshold in another counts as masked, dB.
    pub masking_range_db: f64,
    /// Difference that reaches the ends of the diverging map.
    pub difference_range_db: f64,
    /// Loudness at the lower edge of its panel.
    pub loudness_low_lufs: f64,
    /// Loudness at the upper edge of its panel.
    pub loudness_high_lufs: f64,
    /// Integrated loudness to deliver.
    pub target_lufs: f64,
    /// Highest true peak to deliver.
    pub target_dbtp: f64,
    /// Seconds of sound a snapshot keeps; 0 keeps none.
    pub snapshot_sound_secs: f64,
    /// Where pictures go; empty is the system's folder for pictures.
    pub pictures_folder: String,
    /// Where snapshots go; empty is Abscope's own folder.
    pub snapshots_folder: String,
    /// Whether the window can be controlled from outside.
    pub remote: bool,
    /// UDP port of the remote control.
    pub remote_port: f64,
    /// Address the remote control listens on.
    pub remote_address: String,
    /// Whether control surfaces may do all that `ctl` does.
    pub surfaces_may_all: bool,
    /// Whether Ctrl+Alt and a letter act while another window has the keyboard.
    pub hotkeys: bool,
    /// Whether the hints of the first start have been shown.
    pub hints_seen: bool,
    /// Other values that features keep between two evenings, each under a name of its own.
    pub kept: toml::Table,
    /// What the file held that this version does not know: it is written back.
    pub unknown: toml::Table,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: THEMES[0],
            contrast: CONTRASTS[0],
            font_scale: 1.0,
            color_map: COLOR_MAPS[0],
            reduced_motion: false,
            frame_rate_cap_hz: 60.0,
            span_secs: 20.0,
            top_db: -18.0,
            range_db: 60.0,
            tilt_db_per_octave: 4.0,
            spectrum_top_db: -12.0,
            spectrum_range_db: 60.0,
            spectrum_tilt_db_per_octave: 4.5,
            fit_scales: true,
            spectrum_smoothing: "1/3",
            spectrum_moment: true,
            difference_of: "moments",
            masking_range_db: 0.0,
            difference_range_db: 12.0,
            loudness_low_lufs: -36.0,
            loudness_high_lufs: -6.0,
            target_lufs: -14.0,
            target_dbtp: -1.0,
            snapshot_sound_secs: 30.0,
            pictures_folder: String::new(),
            snapshots_folder: String::new(),
            remote: true,
            remote_port: f64::from(DEFAULT_PORT),
            remote_address: "127.0.0.1".to_owned(),
            surfaces_may_all: false,
            hotkeys: false,
            hints_seen: false,
            kept: toml::Table::new(),
            unknown: toml::Table::new(),
        }
    }
}

impl Settings {
    /// What a feature keeps under a name; none if nothing fits.
    pub fn kept<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.kept.get(name)?.clone().try_into().ok()
    }

    /// Keeps something under a feature's name. What TOML cannot write is not kept.
    pub fn keep<T: serde::Serialize>(&mut self, name: &str, value: &T) {
        match toml::Value::try_from(value) {
            Ok(value) => {
                self.kept.insert(name.to_owned(), value);
            }
            Err(error) => tracing::error!("{name} cannot be kept: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::settings::rows::settings;

    #[test]
    fn every_setting_takes_its_own_value_and_no_other_field_moves() {
        let before = Settings::default();
        for setting in settings() {
            let other = setting.example();
            let mut changed = before.clone();
            assert_ne!(before.value(setting), other, "{}", setting.name);
            assert!(changed.set(setting, &other), "{}", setting.name);
            assert_eq!(changed.value(setting), other);
            for ((rest, is), (_, was)) in changed.values().zip(before.values()) {
                assert_eq!(is != was, rest.name == setting.name, "{}", setting.name);
                assert_eq!(is, changed.value(rest));
            }
        }
    }

    #[test]
    fn defaults_are_values_their_settings_take() {
        let defaults = Settings::default();
        for setting in settings() {
            let value = defaults.value(setting);
            assert_eq!(
                setting.checked(&value),
                Ok(value.clone()),
                "{}",
                setting.name
            );
        }
    }

    #[test]
    fn features_keep_values_of_their_own() {
        let mut settings = Settings::default();
        settings.keep("monitor", &"HDMI-1");
        assert_eq!(
            settings.kept::<String>("monitor").as_deref(),
            Some("HDMI-1")
        );
        assert_eq!(settings.kept::<u32>("monitor"), None);
        assert_eq!(settings.kept::<String>("other"), None);
    }
}
