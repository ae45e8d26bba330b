//! Actions as words: what `abscope ctl` and OSC send. A name of the catalog, and for some an argument after it.

use crate::analysis::bridge::LevelMeter;
use crate::session::action::all::Action;
use crate::session::action::catalog::catalog;
use crate::session::action::context::Context;
use crate::session::action::pair::PairAction;
use crate::session::action::shelf::ShelfAction;
use crate::session::action::view::{CursorPlace, Mark, ViewAction};
use crate::session::action::window::{PictureKind, WindowAction};
use crate::session::pairing::basis::{BandOf, MatchBasis};
use crate::session::references::MOST_TRIM_DB;
use crate::session::references::typed::meant;
use crate::session::settings::Setting;
use crate::session::settings::arrangement::{Divider, LayoutKind, Panel};

/// The word before a setting's name and its value.
pub const SET: &str = "set";

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
    /// No setting has that name.
    #[error("there is no setting {0:?}; `abscope config show` names all")]
    Setting(String),
    /// The setting does not take the value.
    #[error("{name} does not take {value:?}; it takes {takes}")]
    Value {
        /// The setting's name.
        name: &'static str,
        /// What was given.
        value: String,
        /// What it takes.
        takes: String,
    },
}

impl Action {
    /// The action that words mean: `freeze`, `reference 3`, `nudge -0.01`.
    pub fn from_words(words: &str) -> Result<Self, WordsError> {
        let words = words.trim();
        let (name, argument) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        if name.eq_ignore_ascii_case(SET) {
            return set(argument.trim());
        }
        let entry = catalog()
            .iter()
            .find(|entry| !entry.name.is_empty() && entry.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| WordsError::Unknown(name.to_owned()))?;
        match argument.trim() {
            "" => Ok(entry.action.clone()),
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

/// `tilt 4.5`: a setting and its value. A text is all that follows, with its spaces; nothing empties it.
fn set(argument: &str) -> Result<Action, WordsError> {
    let (name, value) = argument
        .split_once(char::is_whitespace)
        .unwrap_or((argument, ""));
    let setting = Setting::named(name).ok_or_else(|| WordsError::Setting(name.to_owned()))?;
    match setting.parse(value) {
        Ok(value) => Ok(Action::View(ViewAction::Set(setting.name, value))),
        Err(takes) => Err(WordsError::Value {
            name: setting.name,
            value: value.trim().to_owned(),
            takes,
        }),
    }
}

/// One action as `abscope ctl --list` shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// What it takes, if it takes an argument.
    pub argument: Option<String>,
    /// What it does.
    pub help: &'static str,
}

/// All actions that have a name, in the order of the catalog.
pub fn listing() -> Vec<Listed> {
    let named = catalog().iter().filter(|entry| !entry.name.is_empty());
    named
        .map(|entry| Listed {
            name: entry.name,
            argument: argument_of(&entry.action),
            help: entry.help,
        })
        .collect()
}

/// Whether an action, by its name, takes an argument. What is no action takes what it likes.
pub fn takes_argument(name: &str) -> bool {
    let entry = catalog()
        .iter()
        .find(|entry| entry.name.eq_ignore_ascii_case(name));
    entry.is_none_or(|entry| argument_of(&entry.action).is_some())
}

/// What an action takes: what it says to an argument that nothing is written like.
fn argument_of(action: &Action) -> Option<String> {
    match with_argument(action, "\u{0}") {
        Ok(_) => Some("a text".to_owned()),
        Err(NOTHING) => None,
        Err(takes) => Some(takes.trim_start_matches("it takes ").to_owned()),
    }
}

/// What an action without an argument says to one.
const NOTHING: &str = "it takes nothing";

/// The same action with another argument, or what it takes.
fn with_argument(action: &Action, argument: &str) -> Result<Action, &'static str> {
    match action {
        Action::Pair(PairAction::Reference(_)) => match argument.parse::<usize>() {
            Ok(number @ 1..) => Ok(Action::Pair(PairAction::Reference(number - 1))),
            _ => Err("it takes a number from 1"),
        },
        Action::Pair(PairAction::RemoveReference(_)) => match argument.parse::<usize>() {
            Ok(number @ 1..) => Ok(Action::Pair(PairAction::RemoveReference(Some(number - 1)))),
            _ => Err("it takes a number from 1, or nothing for the active one"),
        },
        Action::Pair(PairAction::Region(_)) => region(argument)
            .map(|secs| Action::Pair(PairAction::Region(Some(secs))))
            .ok_or("it takes start and end in seconds, or nothing for what the picture shows"),
        Action::Pair(PairAction::Trim(_)) => number(argument, -MOST_TRIM_DB, MOST_TRIM_DB)
            .map(|value| Action::Pair(PairAction::Trim(value)))
            .ok_or("it takes dB from -12 to 12"),
        Action::View(ViewAction::MatchBasis(_)) => MatchBasis::from_name(argument)
            .map(|basis| Action::View(ViewAction::MatchBasis(Some(basis))))
            .ok_or("it takes integrated, short-term or region"),
        Action::View(ViewAction::Band(_)) => BandOf::from_name(argument)
            .map(|band| Action::View(ViewAction::Band(Some(band))))
            .ok_or("it takes active or all"),
        Action::Pair(PairAction::NudgeAlignment(_)) => number(argument, -3600.0, 3600.0)
            .map(|value| Action::Pair(PairAction::NudgeAlignment(value)))
            .ok_or("it takes seconds"),
        Action::Pair(PairAction::ReferenceInput(_)) => Ok(Action::Pair(PairAction::ReferenceInput(argument.to_owned()))),
        Action::Pair(PairAction::Song(_)) => Ok(Action::Pair(PairAction::Song(argument.to_owned()))),
        Action::Pair(PairAction::ListenOn(_)) => Ok(Action::Pair(PairAction::ListenOn(argument.to_owned()))),
        Action::View(ViewAction::ZoomTime(_)) => number(argument, 0.001, 1000.0)
            .map(|value| Action::View(ViewAction::ZoomTime(value)))
            .ok_or("it takes a factor, above 1 to zoom in"),
        Action::View(ViewAction::Context(_)) => Context::from_name(argument)
            .map(|context| Action::View(ViewAction::Context(Some(context))))
            .ok_or("it takes a panel's name, match or place; nothing closes it"),
        Action::View(ViewAction::Cursor(_)) => parse_place(argument)
            .map(|place| Action::View(ViewAction::Cursor(Some(place))))
            .ok_or("it takes a frequency in Hz and a time in seconds; below 0 counts back from the right edge"),
        Action::View(ViewAction::MarkVisible) => parse_mark(argument)
            .map(|mark| Action::View(ViewAction::Mark(Some(mark))))
            .ok_or("it takes a start and an end in seconds, and a lower and an upper frequency in Hz if you like"),
        Action::View(ViewAction::GoTo(_)) => parse_mark(argument)
            .map(|mark| Action::View(ViewAction::GoTo(Some(mark))))
            .ok_or("it takes what mark takes, or nothing for what is marked"),
        Action::View(ViewAction::NextSmoothing) => match argument.parse::<u8>() {
            Ok(amount @ 0..=3) => Ok(Action::View(ViewAction::DifferenceSmoothing(amount))),
            _ => Err("it takes an amount from 0 to 3"),
        },
        Action::View(ViewAction::NextLevelMeter) => LevelMeter::from_name(argument)
            .map(|value| Action::View(ViewAction::LevelMeter(value)))
            .ok_or("it takes one of peak-rms, vu, k-20, k-14, k-12, ppm-1, ppm-2"),
        Action::View(ViewAction::ZoomFrequency(_)) => number(argument, 0.001, 1000.0)
            .map(|value| Action::View(ViewAction::ZoomFrequency(value)))
            .ok_or("it takes a factor, above 1 to zoom in"),
        Action::View(ViewAction::Scroll(_)) => number(argument, -1000.0, 1000.0)
            .map(|value| Action::View(ViewAction::Scroll(value)))
            .ok_or("it takes a part of what is visible, positive for back"),
        Action::Window(WindowAction::TypePath(_)) => Ok(Action::Window(WindowAction::TypePath(argument.to_owned()))),
        Action::Window(WindowAction::OpenReference) => Ok(Action::Window(WindowAction::Open(meant(argument)))),
        Action::Window(WindowAction::Screenshot(_)) => PictureKind::ALL
            .into_iter()
            .find(|kind| kind.name() == argument)
            .map(|value| Action::Window(WindowAction::Screenshot(value)))
            .ok_or("it takes print, phone or slide"),
        Action::Shelf(ShelfAction::Recall(_)) => Ok(Action::Shelf(ShelfAction::Recall(argument.to_owned()))),
        Action::Shelf(ShelfAction::RecallMix(_)) => Ok(Action::Shelf(ShelfAction::RecallMix(argument.to_owned()))),
        Action::Shelf(ShelfAction::Reopen(_)) => Ok(Action::Shelf(ShelfAction::Reopen(argument.to_owned()))),
        Action::Shelf(ShelfAction::RenameSnapshot(path, _)) => {
            Ok(Action::Shelf(ShelfAction::RenameSnapshot(path.clone(), argument.to_owned())))
        }
        Action::Shelf(ShelfAction::NoteSnapshot(path, _)) => {
            Ok(Action::Shelf(ShelfAction::NoteSnapshot(path.clone(), argument.to_owned())))
        }
        Action::Shelf(ShelfAction::DeleteSnapshot(_)) => Ok(Action::Shelf(ShelfAction::DeleteSnapshot(argument.into()))),
        Action::View(ViewAction::Layout(_)) => LayoutKind::from_name(argument)
            .map(|value| Action::View(ViewAction::Layout(value)))
            .ok_or("it takes compare, spectrogram, stereo, loudness or big-numbers"),
        Action::View(ViewAction::Fill(_)) => panel(argument).map(|value| Action::View(ViewAction::Fill(value))),
        Action::View(ViewAction::Hide(_)) => panel(argument).map(|value| Action::View(ViewAction::Hide(value))),
        Action::View(ViewAction::MoveDivider(..)) => argument
            .split_once(char::is_whitespace)
            .and_then(|(name, fraction)| {
                let fraction = number(fraction.trim(), 0.0, 1.0)?;
                Some(Action::View(ViewAction::MoveDivider(
                    Divider::from_name(name)?,
                    fraction as f32,
                )))
            })
            .ok_or("it takes columns, loudness, spectrum or figures, and a fraction from 0 to 1"),
        Action::Pair(PairAction::SelectInput(_)) => Ok(Action::Pair(PairAction::SelectInput(argument.to_owned()))),
        Action::Pair(PairAction::SelectInputPair(_)) => match argument.parse::<u16>() {
            Ok(number @ 1..=1024) => Ok(Action::Pair(PairAction::SelectInputPair(number - 1))),
            _ => Err("it takes the number of a pair: 3 is channels 5 and 6"),
        },
        _ => Err(NOTHING),
    }
}

fn panel(name: &str) -> Result<Panel, &'static str> {
    Panel::from_name(name).ok_or_else(Panel::takes_names)
}

/// A place from "HZ SECS" or "HZ,SECS".
pub fn parse_place(text: &str) -> Option<CursorPlace> {
    let (hz, secs) = text.trim().split_once([',', ' '])?;
    Some(CursorPlace {
        hz: number(hz.trim(), 1.0, 30_000.0)?,
        secs: number(secs.trim(), -604_800.0, 604_800.0)?,
    })
}

/// A stretch from "START END" or "START END LOW HIGH", with spaces or commas.
pub fn parse_mark(text: &str) -> Option<Mark> {
    let numbers: Option<Vec<f64>> = text
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| number(part, -604_800.0, 604_800.0))
        .collect();
    let (from_secs, to_secs, hz) = match numbers?[..] {
        [from, to] => (from, to, None),
        [from, to, low, high] if 1.0 <= low && low < high && high <= 30_000.0 => {
            (from, to, Some([low, high]))
        }
        _ => return None,
    };
    // Both count from the start, or both back from the right edge.
    let is_one_way = from_secs >= 0.0 || to_secs <= 0.0;
    (from_secs < to_secs && is_one_way).then_some(Mark {
        from_secs,
        to_secs,
        hz,
    })
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
    use crate::session::settings::Value;

    #[test]
    fn every_name_means_its_action() {
        for entry in catalog().iter().filter(|entry| !entry.name.is_empty()) {
            assert_eq!(Action::from_words(entry.name), Ok(entry.action.clone()));
        }
    }

    #[test]
    fn what_takes_an_argument_is_known() {
        assert!(takes_argument("reference") && takes_argument("nudge"));
        assert!(!takes_argument("freeze") && !takes_argument("quit"));
        let listing = listing();
        let zoom = listing.iter().find(|listed| listed.name == "zoom");
        let argument = zoom.and_then(|listed| listed.argument.clone());
        assert_eq!(argument.as_deref(), Some("a factor, above 1 to zoom in"));
    }

    #[test]
    fn arguments_are_read_and_bad_ones_refused() {
        assert_eq!(
            Action::from_words("reference 3"),
            Ok(Action::Pair(PairAction::Reference(2)))
        );
        let recall = Action::from_words("recall Chorus 3");
        assert_eq!(
            recall,
            Ok(Action::Shelf(ShelfAction::Recall("Chorus 3".into())))
        );
        assert_eq!(
            Action::from_words(" nudge  -0.5 "),
            Ok(Action::Pair(PairAction::NudgeAlignment(-0.5)))
        );
        let folder = if cfg!(windows) {
            r"C:\my pictures"
        } else {
            "/my pictures"
        };
        let set = Action::View(ViewAction::Set(
            "pictures-folder",
            Value::Text(folder.to_owned()),
        ));
        assert_eq!(
            Action::from_words(&format!("set pictures-folder {folder}")),
            Ok(set)
        );
        let place = |hz, secs| {
            Ok(Action::View(ViewAction::Cursor(Some(CursorPlace {
                hz,
                secs,
            }))))
        };
        assert_eq!(Action::from_words("cursor 440 12.5"), place(440.0, 12.5));
        assert_eq!(Action::from_words("cursor 440, -2"), place(440.0, -2.0));
        let mark = |from_secs, to_secs, hz| {
            Ok(Action::View(ViewAction::Mark(Some(Mark {
                from_secs,
                to_secs,
                hz,
            }))))
        };
        assert_eq!(Action::from_words("mark 12 20"), mark(12.0, 20.0, None));
        assert_eq!(
            Action::from_words("mark -8 0, 60 250"),
            mark(-8.0, 0.0, Some([60.0, 250.0]))
        );
        assert_eq!(
            Action::from_words("layout big-numbers"),
            Ok(Action::View(ViewAction::Layout(LayoutKind::BigNumbers)))
        );
        assert_eq!(
            Action::from_words("hide Width"),
            Ok(Action::View(ViewAction::Hide(Panel::Width)))
        );
        assert_eq!(
            Action::from_words("divider spectrum  0.4"),
            Ok(Action::View(ViewAction::MoveDivider(
                Divider::Spectrum,
                0.4
            )))
        );
        assert_eq!(
            Action::from_words("region 10 40.5"),
            Ok(Action::Pair(PairAction::Region(Some([10.0, 40.5]))))
        );
        assert_eq!(
            Action::from_words("match-basis short-term"),
            Ok(Action::View(ViewAction::MatchBasis(Some(
                MatchBasis::ShortTerm
            ))))
        );
        assert_eq!(
            Action::from_words("band all"),
            Ok(Action::View(ViewAction::Band(Some(BandOf::All))))
        );
        assert_eq!(
            Action::from_words("trim -1.5"),
            Ok(Action::Pair(PairAction::Trim(-1.5)))
        );
        assert_eq!(
            Action::from_words("remove-reference 2"),
            Ok(Action::Pair(PairAction::RemoveReference(Some(1))))
        );
        assert_eq!(
            Action::from_words("input Monitor of Speakers"),
            Ok(Action::Pair(PairAction::SelectInput(
                "Monitor of Speakers".to_owned()
            )))
        );
        assert_eq!(
            Action::from_words("input-pair 3"),
            Ok(Action::Pair(PairAction::SelectInputPair(2)))
        );
        for bad in [
            "difference-smoothing 4",
            "level-meter k-15",
            "layout 3",
            "fill x",
            "divider spectrum",
            "divider spectrum 2",
            "swap left",
            "input-pair 0",
            "mark 12",
            "mark 20 12",
            "mark -8 3",
            "mark 1 2 300 200",
            "cursor 440",
            "cursor 0 1",
            "cursor nan 1",
            "zoom-frequency -1",
            "band some",
            "match-basis loud",
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
            "set",
            "set tilt",
            "set tilt steep",
            "set warp 9",
        ] {
            assert!(Action::from_words(bad).is_err(), "{bad}");
        }
    }
}
