//! What a row of the table of settings is: name, words, unit, limits and field of each. The rows are in rows.rs.

use crate::session::settings::all::Settings;
use crate::session::settings::value::Value;

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
            Self::Remote => "Remote control",
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

    /// Its value in settings. They have to be ones that can be changed, since its field is found only there.
    pub(super) fn value_in(&self, settings: &mut Settings) -> Value {
        match self.kind {
            Kind::Switch(field) => Value::Switch(*field(settings)),
            Kind::Number { field, .. } => Value::Number(*field(settings)),
            Kind::Choice { field, .. } => Value::Word(field(settings)),
            Kind::Text { field, .. } => Value::Text(field(settings).clone()),
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
                let texts = ["127.0.0.2", "/tmp", r"C:\tmp"];
                let fits = texts.map(|text| self.checked(&Value::Text(text.to_owned())));
                fits.into_iter().flatten().next().unwrap_or(value)
            }
        }
    }
}

pub(super) const fn number(
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

pub(super) const fn switch(
    [name, label, help]: [&'static str; 3],
    topic: Topic,
    field: fn(&mut Settings) -> &mut bool,
) -> Setting {
    setting([name, label, "", help], topic, Kind::Switch(field))
}

pub(super) const fn choice(
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

pub(super) const fn text(
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
pub(super) fn address(text: &str) -> Result<(), &'static str> {
    text.parse::<std::net::IpAddr>()
        .map(|_| ())
        .map_err(|_| "an address of this computer: 127.0.0.1 for itself alone, 0.0.0.0 for the whole network")
}

/// A folder is named in full, because a window started from a menu is in no folder one would guess.
pub(super) fn folder(text: &str) -> Result<(), &'static str> {
    let path = std::path::Path::new(text);
    if text.is_empty() || (path.is_absolute() && !text.contains('\0')) {
        Ok(())
    } else {
        Err("the full path of a folder, or nothing for the usual one")
    }
}

impl Settings {
    /// The value of a setting. Copies all of them; [`values`](Self::values) does so once for all.
    pub fn value(&self, setting: &Setting) -> Value {
        setting.value_in(&mut self.clone())
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
    use crate::session::settings::rows::settings;

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
