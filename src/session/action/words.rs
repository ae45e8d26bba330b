//! Actions as words: what `abscope ctl` and OSC send. A name of the catalog, and for some an argument after it.

use super::{Action, PictureKind, catalog};
use crate::session::references::MOST_TRIM_DB;

/// Why words are no action: one line.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WordsError {
    /// No entry of the catalog has that name.
    #[error("there is no action {0}; `abscope ctl --list` names all")]
    Unknown(String),
    /// The action takes no argument, or another one.
    #[error("{name} does not take {argument:?}; {expected}")]
    Argument {
        /// The action's name.
        name: String,
        /// What was given.
        argument: String,
        /// What it takes.
        expected: &'static str,
    },
}

impl Action {
    /// The action that words mean: `freeze`, `reference 3`, `nudge -0.01`.
    pub fn from_words(words: &str) -> Result<Self, WordsError> {
        let words = words.trim();
        let (name, argument) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        let entry = catalog()
            .into_iter()
            .find(|entry| !entry.name.is_empty() && entry.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| WordsError::Unknown(name.to_owned()))?;
        match argument.trim() {
            "" => Ok(entry.action),
            argument => {
                with_argument(&entry.action, argument).map_err(|expected| WordsError::Argument {
                    name: entry.name.to_owned(),
                    argument: argument.to_owned(),
                    expected,
                })
            }
        }
    }
}

/// The same action with another argument, or what it takes.
fn with_argument(action: &Action, argument: &str) -> Result<Action, &'static str> {
    match action {
        Action::Reference(_) => match argument.parse::<usize>() {
            Ok(number @ 1..) => Ok(Action::Reference(number - 1)),
            _ => Err("it takes a number from 1"),
        },
        Action::RemoveReference(_) => match argument.parse::<usize>() {
            Ok(number @ 1..) => Ok(Action::RemoveReference(Some(number - 1))),
            _ => Err("it takes a number from 1, or nothing for the active one"),
        },
        Action::Region(_) => region(argument)
            .map(|secs| Action::Region(Some(secs)))
            .ok_or("it takes start and end in seconds, or nothing for what the picture shows"),
        Action::Trim(_) => number(argument, -MOST_TRIM_DB, MOST_TRIM_DB)
            .map(Action::Trim)
            .ok_or("it takes dB from -12 to 12"),
        Action::NudgeAlignment(_) => number(argument, -3600.0, 3600.0)
            .map(Action::NudgeAlignment)
            .ok_or("it takes seconds"),
        Action::ZoomTime(_) => number(argument, 0.001, 1000.0)
            .map(Action::ZoomTime)
            .ok_or("it takes a factor, above 1 for less time"),
        Action::Scroll(_) => number(argument, -1000.0, 1000.0)
            .map(Action::Scroll)
            .ok_or("it takes a part of what is visible, positive for back"),
        Action::Screenshot(_) => PictureKind::ALL
            .into_iter()
            .find(|kind| kind.name() == argument)
            .map(Action::Screenshot)
            .ok_or("it takes print, phone or slide"),
        _ => Err("it takes nothing"),
    }
}

/// Two times in seconds, the later one second.
fn region(text: &str) -> Option<[f64; 2]> {
    let mut secs = text.split_whitespace().map(|part| number(part, 0.0, 1e6));
    let pair = [secs.next()??, secs.next()??];
    (secs.next().is_none() && pair[0] < pair[1]).then_some(pair)
}

fn number(text: &str, low: f64, high: f64) -> Option<f64> {
    text.parse::<f64>()
        .ok()
        .filter(|n| (low..=high).contains(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_means_its_action() {
        for entry in catalog().into_iter().filter(|entry| !entry.name.is_empty()) {
            assert_eq!(Action::from_words(entry.name), Ok(entry.action));
        }
    }

    #[test]
    fn arguments_are_read_and_bad_ones_refused() {
        assert_eq!(Action::from_words("reference 3"), Ok(Action::Reference(2)));
        assert_eq!(
            Action::from_words(" nudge  -0.5 "),
            Ok(Action::NudgeAlignment(-0.5))
        );
        assert_eq!(
            Action::from_words("region 10 40.5"),
            Ok(Action::Region(Some([10.0, 40.5])))
        );
        assert_eq!(Action::from_words("trim -1.5"), Ok(Action::Trim(-1.5)));
        assert_eq!(
            Action::from_words("remove-reference 2"),
            Ok(Action::RemoveReference(Some(1)))
        );
        for bad in [
            "region 20",
            "region 20 10",
            "region 1 2 3",
            "trim 13",
            "remove-reference 0",
            "reference 0",
            "reference x",
            "zoom nan",
            "zoom -1",
            "freeze 2",
            "",
            "dance",
        ] {
            assert!(Action::from_words(bad).is_err(), "{bad}");
        }
    }
}
