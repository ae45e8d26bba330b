//! The value of one setting, and how it is written.

use std::fmt;

/// A value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// On or off.
    Switch(bool),
    /// A number in the setting's unit.
    Number(f64),
    /// One of the setting's words.
    Word(&'static str),
    /// Free text: a folder, an address.
    Text(String),
}

impl Value {
    /// As TOML writes it.
    pub fn to_toml(&self) -> toml::Value {
        match self {
            Self::Switch(on) => toml::Value::Boolean(*on),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                toml::Value::Integer(*number as i64)
            }
            Self::Number(number) => toml::Value::Float(*number),
            Self::Word(word) => toml::Value::String((*word).to_owned()),
            Self::Text(text) => toml::Value::String(text.clone()),
        }
    }
}

/// As `set` takes it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(true) => f.write_str("on"),
            Self::Switch(false) => f.write_str("off"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Word(word) => f.write_str(word),
            Self::Text(text) => f.write_str(text),
        }
    }
}
