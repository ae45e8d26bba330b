//! The one table of settings: name, words, unit, limits and field of each.

use crate::session::settings::all::{COLOR_MAPS, CONTRASTS, Settings, THEMES};
use crate::session::settings::value::Value;
use crate::session::sides::history::SOUND_SECS;

/// What a setting is about; the drawer has one heading for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Theme, colours, motion.
    Looks,
    /// Axes and ranges.
    Scales,
    /// What is delivered.
    Targets,
    /// Snapshots and pictures.
    Keep,
    /// Control from outside.
    Remote,
}

impl Topic {
    /// All topics in the order of the drawer.
    pub const ALL: [Self; 5] = [
        Self::Looks,
        Self::Scales,
        Self::Targets,
        Self::Keep,
        Self::Remote,
    ];

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Looks => "Looks",
            Self::Scales => "Scales",
            Self::Targets => "Targets",
            Self::Keep => "Keep",
            Self::Remote => "Hands on the DAW",
        }
    }
}

/// One setting as people meet it.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name in the file and for `set`: words joined by hyphens.
    pub name: &'static str,
    /// Its words in the drawer.
    pub label: &'static str,
    /// Unit of a number; empty for the others.
    pub unit: &'static str,
    /// What it does: one or two sentences.
    pub help: &'static str,
    /// Under which heading it stands.
    pub topic: Topic,
    /// What it takes, and where it is kept.
    pub kind: Kind,
}

/// What a setting takes, with the field that holds it.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// On or off.
    Switch(fn(&mut Settings) -> &mut bool),
    /// A number.
    Number {
        /// Where it is kept.
        field: fn(&mut Settings) -> &mut f64,
        /// The lowest it may be.
        low: f64,
        /// The highest it may be.
        high: f64,
        /// One step of a key; numbers are rounded to a tenth of it.
        step: f64,
    },
    /// One of a few words.
    Choice {
        /// Where it is kept.
        field: fn(&mut Settings) -> &mut &'static str,
        /// The words.
        words: &'static [&'static str],
    },
    /// Free text.
    Text {
        /// Where it is kept.
        field: fn(&mut Settings) -> &mut String,
        /// Why a text is not taken: what it has to be.
        check: fn(&str) -> Result<(), &'static str>,
        /// What stands in an empty field.
        empty: &'static str,
    },
}

impl Setting {
    /// The setting of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        settings()
            .iter()
            .find(|setting| setting.name.eq_ignore_ascii_case(name))
    }

    /// The value words mean, as `set` takes them, or what it takes.
    pub fn parse(&self, words: &str) -> Result<Value, String> {
        let words = words.trim();
        let value = match self.kind {
            Kind::Switch(_) => match words.to_ascii_lowercase().as_str() {
                "on" | "true" | "yes" | "1" => Value::Switch(true),
                "off" | "false" | "no" | "0" => Value::Switch(false),
                _ => return Err(self.takes()),
            },
            Kind::Number { .. } => Value::Number(words.parse().map_err(|_| self.takes())?),
            Kind::Choice { .. } | Kind::Text { .. } => Value::Text(words.to_owned()),
        };
        self.checked(&value)
    }

    /// The value a TOML value means, or what it takes.
    pub fn from_toml(&self, value: &toml::Value) -> Result<Value, String> {
        let value = match value {
            toml::Value::Boolean(on) => Value::Switch(*on),
            toml::Value::Integer(number) => Value::Number(*number as f64),
            toml::Value::Float(number) => Value::Number(*number),
            toml::Value::String(text) => Value::Text(text.clone()),
            _ => return Err(self.takes()),
        };
        self.checked(&value)
    }

    /// The value as it is kept: of the right kind, in range, numbers rounded; else what it takes.
    pub fn checked(&self, value: &Value) -> Result<Value, String> {
        match (self.kind, value) {
            (Kind::Switch(_), Value::Switch(on)) => Ok(Value::Switch(*on)),
            (
                Kind::Number {
                    low, high, step, ..
                },
                Value::Number(number),
            ) if (low..=high).contains(number) => {
                // In tenths of a step by a division: a product with 0.05 would end in …0000001.
                let per_unit = (10.0 / step).round().max(1.0);
                Ok(Value::Number((number * per_unit).round() / per_unit))
            }
            (Kind::Choice { words, .. }, Value::Word(word)) => self.word(words, word),
            (Kind::Choice { words, .. }, Value::Text(word)) => self.word(words, word),
            (Kind::Text { check, .. }, Value::Text(text)) => match check(text) {
                Ok(()) => Ok(Value::Text(text.clone())),
                Err(_) => Err(self.takes()),
            },
            _ => Err(self.takes()),
        }
    }

    fn word(&self, words: &'static [&'static str], word: &str) -> Result<Value, String> {
        let found = words.iter().find(|known| known.eq_ignore_ascii_case(word));
        found
            .map(|known| Value::Word(known))
            .ok_or_else(|| self.takes())
    }

    /// What it takes, in words: "a number from 0 to 9 dB/oct".
    pub fn takes(&self) -> String {
        match self.kind {
            Kind::Switch(_) => "on or off".to_owned(),
            Kind::Number { low, high, .. } => {
                let text = format!("a number from {low} to {high} {}", self.unit);
                text.trim_end().to_owned()
            }
            Kind::Choice { words, .. } => format!("one of {}", words.join(", ")),
            Kind::Text { check, .. } => {
                // A character that no file system and no address takes.
                check("\0").err().unwrap_or("a text").to_owned()
            }
        }
    }

    /// A value that is not the default: what tests set.
    pub fn example(&self) -> Value {
        match (self.kind, Settings::default().value(self)) {
            (Kind::Switch(_), Value::Switch(on)) => Value::Switch(!on),
            (Kind::Number { low, high, .. }, Value::Number(number)) => {
                Value::Number(if number == high { low } else { high })
            }
            (Kind::Choice { words, .. }, value) => {
                let other = words.iter().find(|word| Value::Word(word) != value);
                other.map_or(value, |word| Value::Word(word))
            }
            (_, value) => {
                let texts = ["127.0.0.2", "/tmp"];
                let fits = texts.map(|text| self.checked(&Value::Text(text.to_owned())));
                fits.into_iter().flatten().next().unwrap_or(value)
            }
        }
    }
}

/// All settings, in the order of the drawer and the file.
pub fn settings() -> &'static [Setting] {
    &SETTINGS
}

const fn number(
    words: [&'static str; 4],
    topic: Topic,
    field: fn(&mut Settings) -> &mut f64,
    [low, high, step]: [f64; 3],
) -> Setting {
    let kind = Kind::Number {
        field,
        low,
        high,
        step,
    };
    setting(words, topic, kind)
}

const fn switch(
    [name, label, help]: [&'static str; 3],
    topic: Topic,
    field: fn(&mut Settings) -> &mut bool,
) -> Setting {
    setting([name, label, "", help], topic, Kind::Switch(field))
}

const fn choice(
    [name, label, help]: [&'static str; 3],
    topic: Topic,
    field: fn(&mut Settings) -> &mut &'static str,
    words: &'static [&'static str],
) -> Setting {
    setting(
        [name, label, "", help],
        topic,
        Kind::Choice { field, words },
    )
}

const fn text(
    [name, label, help]: [&'static str; 3],
    topic: Topic,
    field: fn(&mut Settings) -> &mut String,
    check: fn(&str) -> Result<(), &'static str>,
    empty: &'static str,
) -> Setting {
    let kind = Kind::Text {
        field,
        check,
        empty,
    };
    setting([name, label, "", help], topic, kind)
}

const fn setting(
    [name, label, unit, help]: [&'static str; 4],
    topic: Topic,
    kind: Kind,
) -> Setting {
    Setting {
        name,
        label,
        unit,
        help,
        topic,
        kind,
    }
}

/// Only an address of this computer can be listened on, but which ones it has changes.
fn address(text: &str) -> Result<(), &'static str> {
    text.parse::<std::net::IpAddr>()
        .map(|_| ())
        .map_err(|_| "an address of this computer: 127.0.0.1 for itself alone, 0.0.0.0 for the whole network")
}

/// A folder is named in full, because a window started from a menu is in no folder one would guess.
fn folder(text: &str) -> Result<(), &'static str> {
    let path = std::path::Path::new(text);
    if text.is_empty() || (path.is_absolute() && !text.contains('\0')) {
        Ok(())
    } else {
        Err("the full path of a folder, or nothing for the usual one")
    }
}

static SETTINGS: [Setting; 31] = [
    choice(
        [
            "theme",
            "Theme",
            "Light text on a dark ground, or the other way round.",
        ],
        Topic::Looks,
        |s| &mut s.theme,
        &THEMES,
    ),
    choice(
        [
            "contrast",
            "Contrast",
            "High: full black and white, stronger lines, no grey text.",
        ],
        Topic::Looks,
        |s| &mut s.contrast,
        &CONTRASTS,
    ),
    number(
        [
            "font-scale",
            "Size of type",
            "×",
            "Larger or smaller letters and figures everywhere.",
        ],
        Topic::Looks,
        |s| &mut s.font_scale,
        [0.8, 1.6, 0.05],
    ),
    choice(
        [
            "color-map",
            "Colour map",
            "Colours of levels. Viridis, cividis and grey read the same for colour-blind people; \
             the difference is blue and orange for all.",
        ],
        Topic::Looks,
        |s| &mut s.color_map,
        &COLOR_MAPS,
    ),
    switch(
        [
            "reduced-motion",
            "Reduced motion",
            "The picture moves on twice a second instead of scrolling.",
        ],
        Topic::Looks,
        |s| &mut s.reduced_motion,
    ),
    number(
        [
            "frame-rate-cap",
            "Frame rate, at most",
            "pictures/s",
            "Fewer pictures a second leave more of the computer to the DAW.",
        ],
        Topic::Looks,
        |s| &mut s.frame_rate_cap_hz,
        [5.0, 240.0, 5.0],
    ),
    number(
        [
            "span",
            "Time across",
            "s",
            "Seconds across spectrograms and loudness at the start, and after Home.",
        ],
        Topic::Scales,
        |s| &mut s.span_secs,
        [1.0, 3600.0, 1.0],
    ),
    number(
        [
            "top",
            "Spectrogram, brightest",
            "dBFS",
            "Level that has the brightest colour, after the tilt.",
        ],
        Topic::Scales,
        |s| &mut s.top_db,
        [-80.0, 20.0, 1.0],
    ),
    number(
        [
            "range",
            "Spectrogram, range",
            "dB",
            "From the darkest to the brightest colour.",
        ],
        Topic::Scales,
        |s| &mut s.range_db,
        [20.0, 120.0, 1.0],
    ),
    number(
        [
            "tilt",
            "Spectrogram, tilt",
            "dB/oct",
            "Added per octave above 1 kHz, so that music is about as bright at both ends.",
        ],
        Topic::Scales,
        |s| &mut s.tilt_db_per_octave,
        [0.0, 9.0, 0.5],
    ),
    number(
        [
            "spectrum-top",
            "Spectrum, top",
            "dBFS",
            "Level at the upper edge of the spectrum, after the tilt.",
        ],
        Topic::Scales,
        |s| &mut s.spectrum_top_db,
        [-80.0, 20.0, 1.0],
    ),
    number(
        [
            "spectrum-range",
            "Spectrum, range",
            "dB",
            "From the lower to the upper edge of the spectrum.",
        ],
        Topic::Scales,
        |s| &mut s.spectrum_range_db,
        [20.0, 120.0, 1.0],
    ),
    number(
        [
            "spectrum-tilt",
            "Spectrum, tilt",
            "dB/oct",
            "Added per octave above 1 kHz. At 4.5 the spectrum of most music lies level.",
        ],
        Topic::Scales,
        |s| &mut s.spectrum_tilt_db_per_octave,
        [0.0, 9.0, 0.5],
    ),
    switch(
        [
            "fit-scales",
            "Scales fit the music",
            "Levels and loudness of loud and quiet music fill their panels; once fitted they stand still.",
        ],
        Topic::Scales,
        |s| &mut s.fit_scales,
    ),
    choice(
        [
            "spectrum-smoothing",
            "Spectrum, smoothing",
            "Octaves that the spectrum's band levels are averaged over, or the level of each tone.",
        ],
        Topic::Scales,
        |s| &mut s.spectrum_smoothing,
        &["1/1", "1/2", "1/3", "1/6", "1/12", "1/24", "tones"],
    ),
    switch(
        [
            "spectrum-moment",
            "Spectrum of the moment",
            "A thin line in the spectrum: what the mix does now.",
        ],
        Topic::Scales,
        |s| &mut s.spectrum_moment,
    ),
    choice(
        [
            "difference-of",
            "Difference of the same song",
            "Moment by moment, or what lies outside the record's range, as with another song.",
        ],
        Topic::Scales,
        |s| &mut s.difference_of,
        &["moments", "range"],
    ),
    number(
        [
            "difference-range",
            "Difference, plus and minus",
            "dB",
            "Difference that has the full colour, and the edges of the difference's spectrum.",
        ],
        Topic::Scales,
        |s| &mut s.difference_range_db,
        [3.0, 36.0, 1.0],
    ),
    number(
        [
            "loudness-low",
            "Loudness, lower edge",
            "LUFS",
            "Lower edge of the loudness histories.",
        ],
        Topic::Scales,
        |s| &mut s.loudness_low_lufs,
        [-70.0, -24.0, 1.0],
    ),
    number(
        [
            "loudness-high",
            "Loudness, upper edge",
            "LUFS",
            "Upper edge of the loudness histories.",
        ],
        Topic::Scales,
        |s| &mut s.loudness_high_lufs,
        [-20.0, 6.0, 1.0],
    ),
    number(
        [
            "target-lufs",
            "Loudness to deliver",
            "LUFS",
            "The line in the loudness histories (integrated, ITU-R BS.1770-5).",
        ],
        Topic::Targets,
        |s| &mut s.target_lufs,
        [-40.0, 0.0, 0.5],
    ),
    number(
        [
            "target-dbtp",
            "True peak allowed",
            "dBTP",
            "A higher true peak is red (ITU-R BS.1770-5, annex 2).",
        ],
        Topic::Targets,
        |s| &mut s.target_dbtp,
        [-12.0, 3.0, 0.1],
    ),
    number(
        [
            "snapshot-sound",
            "Sound in a snapshot",
            "s",
            "Seconds of sound kept with each snapshot; 0 keeps none.",
        ],
        Topic::Keep,
        |s| &mut s.snapshot_sound_secs,
        [0.0, SOUND_SECS, 5.0],
    ),
    text(
        [
            "pictures-folder",
            "Pictures go to",
            "The folder of saved pictures.",
        ],
        Topic::Keep,
        |s| &mut s.pictures_folder,
        folder,
        "the system's folder for pictures",
    ),
    text(
        [
            "snapshots-folder",
            "Snapshots go to",
            "The folder of snapshots.",
        ],
        Topic::Keep,
        |s| &mut s.snapshots_folder,
        folder,
        "Abscope's own folder",
    ),
    switch(
        [
            "remote",
            "Remote control",
            "Takes `abscope ctl` and OSC messages; see docs/remote.md.",
        ],
        Topic::Remote,
        |s| &mut s.remote,
    ),
    number(
        [
            "remote-port",
            "Remote control, port",
            "",
            "UDP port of the remote control.",
        ],
        Topic::Remote,
        |s| &mut s.remote_port,
        [1024.0, 65535.0, 1.0],
    ),
    text(
        [
            "remote-address",
            "Remote control, address",
            "At 127.0.0.1 only this computer is heard. At 0.0.0.0 tablets of the network are, after they have sent the \
             code that `abscope ctl status` names.",
        ],
        Topic::Remote,
        |s| &mut s.remote_address,
        address,
        "127.0.0.1",
    ),
    switch(
        [
            "remote-surfaces-may-all",
            "Surfaces may do all",
            "OSC messages may also delete, rename, open files, change folders and the remote control, and quit. \
             Every program and person on this computer can send them.",
        ],
        Topic::Remote,
        |s| &mut s.surfaces_may_all,
    ),
    switch(
        [
            "hotkeys",
            "Hotkeys everywhere",
            "Ctrl+Alt and F freeze, S snapshot, P picture, D difference, N next reference act while another window \
             has the keyboard. Not on Wayland.",
        ],
        Topic::Remote,
        |s| &mut s.hotkeys,
    ),
    switch(
        [
            "hints-seen",
            "First hints seen",
            "Off: the three hints of the first start are shown once more at the next one.",
        ],
        Topic::Looks,
        |s| &mut s.hints_seen,
    ),
];

impl Settings {
    /// The value of a setting.
    pub fn value(&self, setting: &Setting) -> Value {
        // The table's fields are found in something that can be changed; a copy is cheap beside a drawer.
        let mut copy = self.clone();
        match setting.kind {
            Kind::Switch(field) => Value::Switch(*field(&mut copy)),
            Kind::Number { field, .. } => Value::Number(*field(&mut copy)),
            Kind::Choice { field, .. } => Value::Word(field(&mut copy)),
            Kind::Text { field, .. } => Value::Text(field(&mut copy).clone()),
        }
    }

    /// Gives a setting a value; a value of another kind, or out of its range, changes nothing and returns false.
    pub fn set(&mut self, setting: &Setting, value: &Value) -> bool {
        let Ok(value) = setting.checked(value) else {
            return false;
        };
        match (setting.kind, value) {
            (Kind::Switch(field), Value::Switch(on)) => *field(self) = on,
            (Kind::Number { field, .. }, Value::Number(number)) => *field(self) = number,
            (Kind::Choice { field, .. }, Value::Word(word)) => *field(self) = word,
            (Kind::Text { field, .. }, Value::Text(text)) => *field(self) = text,
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_joined_by_hyphens_and_mean_one_setting() {
        for setting in settings() {
            let fits = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(setting.name.chars().all(fits), "{}", setting.name);
            assert_eq!(
                Setting::named(setting.name).map(|s| s.label),
                Some(setting.label)
            );
            assert!(setting.help.ends_with('.'), "{}", setting.name);
        }
    }

    #[test]
    fn words_become_values_and_bad_ones_are_refused() {
        let parse = |name: &str, words: &str| {
            let setting = Setting::named(name).expect("it is in the table");
            setting.parse(words)
        };
        assert_eq!(parse("tilt", "4.5"), Ok(Value::Number(4.5)));
        assert_eq!(parse("target-dbtp", "-0.30000001"), Ok(Value::Number(-0.3)));
        assert_eq!(parse("theme", "Light"), Ok(Value::Word("light")));
        assert_eq!(parse("reduced-motion", "on"), Ok(Value::Switch(true)));
        assert_eq!(parse("pictures-folder", ""), Ok(Value::Text(String::new())));
        for (name, words) in [
            ("tilt", "steep"),
            ("tilt", "nan"),
            ("tilt", "inf"),
            ("tilt", "9.1"),
            ("tilt", ""),
            ("theme", "pink"),
            ("reduced-motion", "perhaps"),
            ("pictures-folder", "somewhere"),
        ] {
            assert!(parse(name, words).is_err(), "{name} {words}");
        }
    }

    #[test]
    fn every_value_survives_its_words_and_its_toml() {
        for setting in settings() {
            let value = setting.example();
            assert_eq!(setting.parse(&value.to_string()), Ok(value.clone()));
            assert_eq!(setting.from_toml(&value.to_toml()), Ok(value));
        }
    }
}
