//! What a host keeps of an instance in its project: lines of text, each a word and a value.

use std::fmt::Write as _;

/// The first line.
const HEADER: &str = "abscope-send 1";

/// Longest state that is read, in bytes.
pub(crate) const STATE_BYTES_MAX: u64 = 4096;

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) identity: u64,
    pub(crate) asked_name: Option<String>,
    pub(crate) name_choice: u32,
    pub(crate) is_bypassed: bool,
}

impl Settings {
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        let Self {
            identity,
            asked_name,
            name_choice,
            is_bypassed,
        } = self;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "identity {identity:016x}");
        let _ = writeln!(text, "name-choice {name_choice}");
        let _ = writeln!(text, "bypass {}", u8::from(*is_bypassed));
        if let Some(name) = asked_name {
            let _ = writeln!(text, "name {}", one_line(name));
        }
        text
    }

    /// `None` if it is no state of this plug-in. Words that are not known are left to later versions.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != HEADER {
            return None;
        }
        let mut settings = Self::default();
        for (word, value) in lines.filter_map(|line| line.split_once(' ')) {
            match word {
                "identity" => {
                    settings.identity = u64::from_str_radix(value, 16).unwrap_or_default();
                }
                "name-choice" => settings.name_choice = value.parse().unwrap_or_default(),
                "bypass" => settings.is_bypassed = value == "1",
                "name" if !value.is_empty() => settings.asked_name = Some(value.to_owned()),
                _ => {}
            }
        }
        Some(settings)
    }
}

/// A name on one line.
fn one_line(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_and_what_is_none_is_refused() {
        let all = Settings {
            identity: 0xfeed_0000_0000_0001,
            asked_name: Some("Lead vocal, dry".to_owned()),
            name_choice: 3,
            is_bypassed: true,
        };
        assert_eq!(Settings::of_text(&all.to_text()), Some(all));
        let none = Settings::default();
        assert_eq!(Settings::of_text(&none.to_text()), Some(none.clone()));
        assert_eq!(
            Settings::of_text("abscope-send 1\nlater 7\nbypass maybe\nname-choice -1\n\n"),
            Some(none)
        );
        for text in ["", "\n", "abscope-send 2\n", "PK\u{3}\u{4}"] {
            assert_eq!(Settings::of_text(text), None);
        }
    }
}
