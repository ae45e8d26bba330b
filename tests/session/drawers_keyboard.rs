//! The drawers without a mouse: Tab reaches all that can be pressed, in sight, and Space and Enter press it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::support::kittest::{Chrome, SIZE};
use abscope::session::action::{
    Action, Mark, PairAction, ShelfAction, ViewAction, WindowAction, catalog,
};
use abscope::session::settings::{Settings, Value};
use abscope::session::snapshots::journal::Page;
use abscope::session::snapshots::{Created, Facts};
use abscope::view::drawer::DrawerScene;
use abscope::view::findings::{FindingRow, FindingsScene};
use abscope::view::inputs::{InputItem, InputsScene};
use abscope::view::settings::SettingsScene;
use abscope::view::snapshots::{SnapshotRow, SnapshotsScene};
use egui::Key;

/// More than a drawer has room for.
const MANY: usize = 30;

/// Tab reaches a control of these words inside the window, and both keys press it.
fn assert_pressed_by_keys(content: DrawerScene, expected: &[(String, Action)]) {
    let mut chrome = Chrome::drawer(content);
    let stops = chrome.tab_stops();
    for (words, _) in expected {
        assert!(stops.contains(words), "no key reaches “{words}”: {stops:?}");
    }
    let mut left: Vec<_> = expected.iter().collect();
    // Round once more, now with a look at each and a press.
    for _ in 0..=stops.len() {
        chrome.press(Key::Tab);
        let Some(focused) = chrome.focused() else {
            continue;
        };
        let Some(at) = left.iter().position(|(words, _)| *words == focused) else {
            continue;
        };
        let (words, action) = left.remove(at);
        let place = chrome.place(words);
        assert!(
            place.y >= 0.0 && place.bottom() <= SIZE[1] as f32,
            "“{words}” has the keyboard out of sight: {place:?}"
        );
        for key in [Key::Space, Key::Enter] {
            assert_eq!(chrome.press(key), vec![action.clone()], "{words}, {key:?}");
        }
    }
    assert!(left.is_empty(), "never reached: {left:?}");
}

#[test]
fn every_input_and_every_pair_is_taken_by_keys() {
    let item = |number: usize| InputItem {
        name: format!("Desk {number}"),
        detail: "PulseAudio  48 kHz  2 channels".to_owned(),
        choice: format!("pulse:desk-{number}"),
        peak_dbfs: Some(-12.0),
        is_current: number == 1,
    };
    let content = InputsScene {
        items: (0..MANY).map(item).collect(),
        pairs: 4,
        pair: Some(0),
        ..InputsScene::default()
    };
    let inputs = content.items.iter().map(|item| {
        let taken = Action::Pair(PairAction::SelectInput(item.choice.clone()));
        (format!("Input {}", item.name), taken)
    });
    let pairs = (0..4).map(|pair| {
        let words = format!("{}–{}", 2 * pair + 1, 2 * pair + 2);
        (words, Action::Pair(PairAction::SelectInputPair(pair)))
    });
    let expected: Vec<_> = inputs.chain(pairs).collect();
    assert_pressed_by_keys(DrawerScene::Inputs(content), &expected);
}

#[test]
fn every_finding_is_shown_by_keys() {
    let row = |number: usize| FindingRow {
        figure: "+2.4 dB".to_owned(),
        text: format!("Finding {number} is louder"),
        place: "all along".to_owned(),
        kind: "tone · strong".to_owned(),
        severity: 0.5,
        mark: Mark {
            from_secs: number as f64,
            to_secs: number as f64 + 5.0,
            hz: None,
        },
    };
    let content = FindingsScene {
        heading: "compared".to_owned(),
        verdict: vec!["This.".to_owned(), "That.".to_owned(), "Sure.".to_owned()],
        note: String::new(),
        rows: (0..MANY).map(row).collect(),
        state: None,
    };
    let rows = content.rows.iter();
    let mut expected: Vec<_> = rows
        .map(|row| {
            (
                format!("Show {}", row.text),
                Action::View(ViewAction::GoTo(Some(row.mark))),
            )
        })
        .collect();
    expected.push(("Report".to_owned(), Action::Window(WindowAction::Report)));
    expected.push((
        "Export figures".to_owned(),
        Action::Window(WindowAction::Export),
    ));
    assert_pressed_by_keys(DrawerScene::Findings(content), &expected);
}

fn page(number: usize) -> Page {
    Page {
        path: PathBuf::from(format!("/shelf/{number}.abscope")),
        facts: Facts {
            name: format!("Chorus {number}"),
            song: "Song".to_owned(),
            counter: number as u32,
            note: String::new(),
            created: Created {
                unix_secs: 1_700_000_000 + number as i64,
                text: "2026-11-23 02:51:28 UTC".to_owned(),
            },
            app_version: "0.1.0".to_owned(),
            settings: serde_json::json!({}),
            at_secs: 12.0,
            match_gain_db: None,
            offset_secs: None,
            figures: serde_json::json!({}),
        },
        sources: ("mix".to_owned(), None),
        bars: None,
        thumbnail: None,
        portrait: Default::default(),
        heard_secs: 0.0,
    }
}

#[test]
fn every_snapshot_is_recalled_and_deleted_by_keys() {
    let rows: Vec<_> = (1..=8)
        .map(|number| SnapshotRow {
            page: Arc::new(page(number)),
            facts: "today".to_owned(),
            as_reference: (number == 8).then_some(3),
            is_mix: number == 7,
        })
        .collect();
    let mut expected = vec![(
        "Take snapshot".to_owned(),
        Action::Shelf(ShelfAction::Snapshot),
    )];
    for row in &rows {
        let (name, path) = (&row.page.facts.name, &row.page.path);
        let called = path.to_string_lossy().into_owned();
        let as_reference = match row.as_reference {
            None => (
                format!("{name} Use as reference"),
                Action::Shelf(ShelfAction::Recall(called.clone())),
            ),
            number => (
                format!("{name} Not as reference"),
                Action::Pair(PairAction::RemoveReference(number)),
            ),
        };
        let as_mix = match row.is_mix {
            false => (
                format!("{name} Use as mix"),
                Action::Shelf(ShelfAction::RecallMix(called.clone())),
            ),
            true => (
                format!("{name} Not as mix"),
                Action::Shelf(ShelfAction::BackToLive),
            ),
        };
        expected.extend([
            as_reference,
            as_mix,
            (
                format!("{name} Restore view"),
                Action::Shelf(ShelfAction::Reopen(called)),
            ),
            (
                format!("{name} Delete"),
                Action::Shelf(ShelfAction::DeleteSnapshot(path.clone())),
            ),
        ]);
    }
    let content = SnapshotsScene {
        rows,
        is_read: true,
        ..SnapshotsScene::default()
    };
    assert_pressed_by_keys(DrawerScene::Snapshots(content), &expected);
}

#[test]
fn arrows_go_from_snapshot_to_snapshot() {
    let rows = (1..=3).map(|number| SnapshotRow {
        page: Arc::new(page(number)),
        facts: "today".to_owned(),
        as_reference: (number == 3).then_some(1),
        is_mix: false,
    });
    let mut chrome = Chrome::drawer(DrawerScene::Snapshots(SnapshotsScene {
        rows: rows.collect(),
        is_read: true,
        ..SnapshotsScene::default()
    }));
    let mut focused_after = |key: Key| {
        chrome.press(key);
        chrome.focused()
    };
    let first = Some("Chorus 1 Use as reference".to_owned());
    let second = Some("Chorus 2 Use as reference".to_owned());
    let third = Some("Chorus 3 Not as reference".to_owned());
    assert_eq!(focused_after(Key::ArrowDown), first);
    assert_eq!(focused_after(Key::ArrowDown), second);
    assert_eq!(focused_after(Key::ArrowDown), third);
    assert_eq!(focused_after(Key::ArrowDown), third, "it is the last");
    assert_eq!(focused_after(Key::ArrowUp), second);
    // From a button to the same one, and out of what is written back to what each is used for most.
    let as_mix = |number: usize| Some(format!("Chorus {number} Use as mix"));
    chrome.focus("Chorus 1 Use as mix");
    let mut focused_after = |key: Key| {
        chrome.press(key);
        chrome.focused()
    };
    assert_eq!(focused_after(Key::ArrowDown), as_mix(2));
    assert_eq!(focused_after(Key::ArrowDown), as_mix(3));
    assert_eq!(focused_after(Key::ArrowUp), as_mix(2));
    chrome.focus_control("note");
    let mut focused_after = |key: Key| {
        chrome.press(key);
        chrome.focused()
    };
    assert_eq!(focused_after(Key::ArrowDown), first);
    assert_eq!(focused_after(Key::ArrowDown), second);
    let recalled = Action::Shelf(ShelfAction::Recall("/shelf/2.abscope".to_owned()));
    assert_eq!(chrome.press(Key::Enter), [recalled]);
}

#[test]
fn the_keyboard_enters_a_list_at_either_end() {
    let helps: Vec<&str> = catalog()
        .iter()
        .map(|entry| entry.help)
        .filter(|help| !help.is_empty())
        .collect();
    for (key, other) in [(Key::ArrowUp, Key::ArrowDown), (Key::End, Key::Home)] {
        let mut chrome = Chrome::drawer(DrawerScene::Menu);
        chrome.press(key);
        let last = chrome.focused().expect("the keyboard is somewhere");
        chrome.press(Key::ArrowUp);
        let before = chrome.focused().expect("the keyboard is somewhere");
        let is_listed = |words: &String| helps.iter().any(|help| words.starts_with(help));
        assert!(
            last != before && is_listed(&last) && is_listed(&before),
            "{key:?}: {last}, {before}"
        );
        chrome.press(Key::Home);
        let first = chrome.focused().expect("the keyboard is somewhere");
        let mut chrome = Chrome::drawer(DrawerScene::Menu);
        chrome.press(other);
        assert_eq!(chrome.focused(), Some(first));
    }
}

#[test]
fn a_snapshot_that_is_deleted_leaves_the_keyboard_to_no_other_delete() {
    let row = |number: usize| SnapshotRow {
        page: Arc::new(page(number)),
        facts: "today".to_owned(),
        as_reference: None,
        is_mix: false,
    };
    let shown = |numbers: std::ops::RangeInclusive<usize>| {
        DrawerScene::Snapshots(SnapshotsScene {
            rows: numbers.map(row).collect(),
            is_read: true,
            ..SnapshotsScene::default()
        })
    };
    let mut chrome = Chrome::drawer(shown(1..=3));
    chrome.focus("Chorus 1 Delete");
    let deleted = Action::Shelf(ShelfAction::DeleteSnapshot("/shelf/1.abscope".into()));
    assert_eq!(chrome.press(Key::Enter), [deleted]);
    chrome.show(shown(2..=3));
    assert_eq!(chrome.press(Key::Enter), []);
}

#[test]
fn a_list_of_choices_is_gone_through_by_arrows_without_opening_it() {
    let kept = Settings::default();
    let mut chrome = Chrome::drawer(DrawerScene::Settings(SettingsScene::of(&kept)));
    chrome.focus_control("Theme");
    let set = |word| Action::View(ViewAction::Set("theme", Value::Word(word)));
    assert_eq!(chrome.press(Key::ArrowDown), [set("light")]);
    assert_eq!(chrome.focused(), Some("Theme".to_owned()));
    assert_eq!(chrome.press(Key::ArrowUp), [], "it is the first");
}

#[test]
fn a_level_below_zero_has_a_minus_in_the_settings_and_either_sign_can_be_typed() {
    let kept = Settings::default();
    let mut chrome = Chrome::drawer(DrawerScene::Settings(SettingsScene::of(&kept)));
    let shown = chrome.values();
    let levels: Vec<_> = shown.iter().filter(|value| value.contains(" dB")).collect();
    assert!(
        levels.iter().any(|value| value.starts_with('−')),
        "{shown:?}"
    );
    assert!(!levels.iter().any(|value| value.contains('-')), "{shown:?}");
    for (typed, number) in [("-20", -20.0), ("−21", -21.0)] {
        chrome.focus_control("Spectrogram, brightest, dBFS");
        let mut actions = chrome.type_text(typed);
        actions.extend(chrome.press(Key::Enter));
        let Some(Action::View(ViewAction::Set("top", value))) = actions.last() else {
            panic!("{typed}: {actions:?}");
        };
        assert_eq!(*value, Value::Number(number));
    }
}

#[test]
fn a_name_that_is_being_written_counts_before_the_button_that_ends_it() {
    let mut chrome = Chrome::drawer(DrawerScene::Snapshots(SnapshotsScene {
        song: ("Mix".to_owned(), false),
        is_read: true,
        ..SnapshotsScene::default()
    }));
    chrome.focus_control("Mix, until you name it");
    chrome.type_text("Night song");
    let asked = chrome.click("Take snapshot");
    let song = Action::Pair(PairAction::Song("Night song".to_owned()));
    assert_eq!(asked, [song, Action::Shelf(ShelfAction::Snapshot)]);
}
