//! Every action is within reach of everybody: by key or menu, by `abscope ctl`, by OSC; and docs/remote.md lists all
//! (`ABSCOPE_UPDATE_README=1` writes its table anew).

use abscope::cli::ctl::list;
use abscope::session::action::remote::{Request, read_requests, write_request};
use abscope::session::action::words::{SET, listing};
use abscope::session::action::{
    Action, Drawer, PairAction, ShelfAction, ViewAction, WindowAction, catalog,
};
use abscope::session::settings::settings;

/// One row for each variant of [`Action`]: a new one does not compile until words that reach it stand here.
macro_rules! every_action {
    ($($pattern:pat => $words:literal),* $(,)?) => {
        /// The row of an action.
        fn row_of(action: &Action) -> &'static str {
            match action {
                $($pattern => $words),*
            }
        }

        /// Words of each row.
        const WORDS: &[&str] = &[$($words),*];
    };
}

every_action! {
    Action::View(ViewAction::ToggleFreeze) => "freeze",
    Action::View(ViewAction::ShowMix) => "mix",
    Action::View(ViewAction::ShowReference) => "reference-alone",
    Action::View(ViewAction::ShowDifference) => "difference",
    Action::View(ViewAction::ToggleOverlay) => "overlay",
    Action::View(ViewAction::ToggleLoudnessMatch) => "match",
    Action::Pair(PairAction::ResetMeasurement) => "reset",
    Action::Pair(PairAction::UndoReset) => "undo-reset",
    Action::Pair(PairAction::Reference(_)) => "reference 3",
    Action::Pair(PairAction::NextReference) => "next-reference",
    Action::Pair(PairAction::NudgeAlignment(_)) => "nudge -0.01",
    Action::Pair(PairAction::NudgeBack) => "nudge-back",
    Action::Pair(PairAction::SongPosition) => "song-position",
    Action::Pair(PairAction::FollowSections) => "follow-sections",
    Action::Pair(PairAction::ReferenceInput(_)) => "reference-input Desk",
    Action::Pair(PairAction::Song(_)) => "song Night drive",
    Action::Pair(PairAction::ToggleListen) => "listen",
    Action::Pair(PairAction::ListenOn(_)) => "listen-output Speakers",
    Action::View(ViewAction::ZoomTime(_)) => "zoom 1.5",
    Action::View(ViewAction::Scroll(_)) => "scroll 0.25",
    Action::View(ViewAction::ResetView) => "reset-view",
    Action::Window(WindowAction::Screenshot(_)) => "screenshot phone",
    Action::Window(WindowAction::Report) => "report",
    Action::Window(WindowAction::Export) => "export",
    Action::Shelf(ShelfAction::Snapshot) => "snapshot",
    Action::Shelf(ShelfAction::Recall(_)) => "recall Chorus",
    Action::Shelf(ShelfAction::RecallMix(_)) => "recall-mix Chorus",
    Action::Shelf(ShelfAction::Reopen(_)) => "reopen Chorus",
    Action::Shelf(ShelfAction::BackToLive) => "live",
    Action::Shelf(ShelfAction::RenameSnapshot(..)) => "rename-snapshot Chorus",
    Action::Shelf(ShelfAction::NoteSnapshot(..)) => "note-snapshot louder",
    Action::Shelf(ShelfAction::DeleteSnapshot(_)) => "delete-snapshot Chorus",
    Action::Shelf(ShelfAction::UndeleteSnapshot) => "undelete-snapshot",
    Action::Window(WindowAction::NextMonitor) => "next-monitor",
    Action::Window(WindowAction::ToggleFullscreen) => "fullscreen",
    Action::Window(WindowAction::Escape) => "escape",
    Action::Pair(PairAction::SelectInput(_)) => "input demo",
    Action::Pair(PairAction::SelectInputPair(_)) => "input-pair 2",
    Action::Window(WindowAction::OpenReference) => "open",
    Action::Window(WindowAction::Open(_)) => "open song.wav",
    Action::Window(WindowAction::TypePath(_)) => "open-path /music",
    Action::Pair(PairAction::RemoveReference(_)) => "remove-reference 2",
    Action::Pair(PairAction::Region(_)) => "region 10 20",
    Action::Pair(PairAction::ClearRegion) => "region-clear",
    Action::Pair(PairAction::Trim(_)) => "trim -1.5",
    Action::View(ViewAction::MatchBasis(_)) => "match-basis short-term",
    Action::View(ViewAction::Band(_)) => "band all",
    Action::View(ViewAction::Layout(_)) => "layout stereo",
    Action::View(ViewAction::NextLayout) => "layout-next",
    Action::View(ViewAction::Fill(_)) => "fill scopes",
    Action::View(ViewAction::Hide(_)) => "hide width",
    Action::View(ViewAction::SwapSides) => "swap",
    Action::View(ViewAction::MoveDivider(..)) => "divider spectrum 0.4",
    Action::View(ViewAction::ResetLayout) => "layout-reset",
    Action::Window(WindowAction::ToggleAlwaysOnTop) => "always-on-top",
    Action::View(ViewAction::NextColorMap) => "color-map",
    Action::View(ViewAction::NextChannel) => "channel",
    Action::View(ViewAction::ToggleTheme) => "theme",
    Action::View(ViewAction::ToggleHelp) => "help",
    Action::View(ViewAction::ToggleDrawer(_)) => "menu",
    Action::View(ViewAction::Set(..)) => "set tilt 4.5",
    Action::View(ViewAction::Context(_)) => "context spectrum",
    Action::View(ViewAction::Crosshair(_)) => "crosshair",
    Action::View(ViewAction::Cursor(_)) => "cursor 440 -2",
    Action::View(ViewAction::Mark(_)) => "mark 12 20",
    Action::View(ViewAction::MarkVisible) => "mark",
    Action::View(ViewAction::GoTo(_)) => "go-to 12 20",
    Action::View(ViewAction::ResetAxes) => "reset-axes",
    Action::View(ViewAction::LevelMeter(_)) => "level-meter k-14",
    Action::View(ViewAction::NextLevelMeter) => "level-meter",
    Action::View(ViewAction::DifferenceSmoothing(_)) => "difference-smoothing 2",
    Action::View(ViewAction::NextSmoothing) => "difference-smoothing",
    Action::View(ViewAction::NextSpectrumSmoothing) => "spectrum-smoothing",
    Action::View(ViewAction::FitScales) => "fit-scales",
    Action::View(ViewAction::ToggleDifferenceOf) => "difference-of",
    Action::View(ViewAction::ShowMasking) => "masking",
    Action::View(ViewAction::ZoomFrequency(_)) => "zoom-frequency 2",
    Action::Window(WindowAction::Quit) => "quit",
}

#[test]
fn every_action_is_reached_by_words() {
    for words in WORDS {
        let action = Action::from_words(words).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(row_of(&action), *words, "{words} is {action:?}");
    }
}

#[test]
fn every_action_is_reached_by_key_or_menu_or_its_drawer() {
    let entries = catalog();
    for words in WORDS {
        // An argument may make another action of a name: the entry of the name is the way to both.
        let name = words.split(' ').next().unwrap_or_default();
        let has = |entry: &&abscope::session::action::Entry| {
            row_of(&entry.action) == *words || entry.name == name
        };
        let entry = entries.iter().find(has);
        let is_setting = words.starts_with(SET);
        assert!(entry.is_some() != is_setting, "{words}");
        if let Some(entry) = entry {
            assert!(entry.key.is_some() || !entry.help.is_empty(), "{words}");
        }
    }
    // Settings have a drawer of their own; `drawers_settings` sets each of them there.
    for drawer in Drawer::ALL {
        let opens = |action: &Action| *action == Action::View(ViewAction::ToggleDrawer(drawer));
        let entry = entries.iter().find(|entry| opens(&entry.action));
        assert!(
            entry.is_some_and(|entry| !entry.help.is_empty()),
            "{drawer:?}"
        );
    }
}

#[test]
fn every_action_and_every_setting_is_reached_by_osc_in_both_ways() {
    let settings = settings().iter().map(|setting| {
        let example = setting.example();
        format!("{SET} {} {example}", setting.name)
    });
    let words = WORDS.iter().map(|words| (*words).to_owned());
    for words in words.chain(settings) {
        let expected = Action::from_words(&words).unwrap_or_else(|error| panic!("{error}"));
        let action = |packet: &[u8]| match read_requests(packet).as_slice() {
            [Ok(Request::Words(words))] => Action::from_words(words),
            other => panic!("{words}: {other:?}"),
        };
        let said = write_request(&Request::Words(words.clone()));
        assert_eq!(action(&said), Ok(expected.clone()), "{words}");
        let (name, argument) = words.split_once(' ').unwrap_or((&words, ""));
        let (address, argument) = match argument.split_once(' ') {
            Some((setting, value)) if name == SET => (format!("{SET}/{setting}"), value),
            _ => (name.to_owned(), argument),
        };
        let addressed = osc(&format!("/abscope/{address}"), argument);
        assert_eq!(action(&addressed), Ok(expected), "{words}");
    }
}

/// A message as another program makes it: numbers as numbers, all else as texts.
fn osc(address: &str, arguments: &str) -> Vec<u8> {
    use rosc::{OscMessage, OscPacket, OscType, encoder};
    let is_text = arguments.contains('/') || arguments.parse::<std::net::IpAddr>().is_ok();
    let args = arguments
        .split_whitespace()
        .map(|part| match part.parse::<f32>() {
            Ok(number) if !is_text => OscType::Float(number),
            _ => OscType::String(part.to_owned()),
        });
    let message = OscMessage {
        addr: address.to_owned(),
        args: args.collect(),
    };
    encoder::encode(&OscPacket::Message(message)).expect("it can be encoded")
}

#[test]
fn the_list_names_every_action_and_setting_with_what_they_take() {
    let list = list();
    for listed in listing() {
        let line = list
            .lines()
            .find(|line| line.starts_with(&format!("{} ", listed.name)));
        let line = line.unwrap_or_else(|| panic!("{} is not listed", listed.name));
        assert!(line.contains(listed.help) && line.contains(&listed.argument.unwrap_or_default()));
    }
    for setting in settings() {
        assert!(
            list.contains(&format!("{SET} {} ", setting.name)),
            "{}",
            setting.name
        );
    }
}

#[test]
fn the_tables_of_the_documentation_are_the_programs() {
    let text = include_str!("../../docs/remote.md");
    let row = |cells: [&str; 3]| format!("| {} |\n", cells.join(" | "));
    let actions: String = listing()
        .iter()
        .map(|listed| {
            let argument = listed.argument.clone().unwrap_or_default();
            row([&format!("`{}`", listed.name), &argument, listed.help])
        })
        .collect();
    let settings: String = settings()
        .iter()
        .map(|setting| {
            row([
                &format!("`{SET} {}`", setting.name),
                &setting.takes(),
                setting.help,
            ])
        })
        .collect();
    let expected = replaced(&replaced(text, "actions", &actions), "settings", &settings);
    if std::env::var_os("ABSCOPE_UPDATE_README").is_some() {
        std::fs::write("docs/remote.md", expected).expect("the file is writable");
        return;
    }
    assert_eq!(
        text, expected,
        "ABSCOPE_UPDATE_README=1 cargo test --test session tables"
    );
}

/// The text with other rows in the table between two marks.
fn replaced(text: &str, mark: &str, rows: &str) -> String {
    let (begin, end) = (
        format!("<!-- {mark} -->\n"),
        format!("<!-- end of {mark} -->"),
    );
    let (before, rest) = text.split_once(&begin).expect("the mark is there");
    let (_, after) = rest.split_once(&end).expect("the end is there");
    let head = "| name | takes | does |\n|---|---|---|\n";
    format!("{before}{begin}\n{head}{rows}\n{end}{after}")
}
