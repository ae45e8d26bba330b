//! The menu, the settings and the help in egui's test harness: what they show, and that clicks and keys reach it.

use crate::support::kittest::{Chrome, empty_scene};
use abscope::session::action::{Action, Drawer, Entry, Group, ViewAction, catalog};
use abscope::session::settings::{Kind, Setting, Settings, Topic, Value, settings};
use abscope::ui::help::{Help, key_and_words};
use abscope::view::drawer::DrawerScene;
use abscope::view::rect::Rect;
use abscope::view::settings::SettingsScene;
use egui::Key;

/// A button of the menu is read as its words and its key.
fn is_button_of(words: &str, entry: &Entry) -> bool {
    let read = format!("{} {}", entry.help, entry.key.unwrap_or_default());
    words.trim() == read.trim()
}

/// Sizes from a small window to a large screen.
const SIZES: [[u32; 2]; 4] = [[1280, 720], [1920, 1080], [3840, 2160], [700, 900]];

#[test]
fn the_menu_lists_every_action_under_its_heading_and_a_click_does_it() {
    let mut chrome = Chrome::drawer(DrawerScene::Menu);
    for group in Group::ALL {
        assert!(chrome.has(group.title()), "{}", group.title());
    }
    for entry in catalog().iter().filter(|entry| !entry.help.is_empty()) {
        let name = chrome
            .words()
            .into_iter()
            .find(|words| is_button_of(words, entry))
            .unwrap_or_else(|| panic!("the menu has no “{}”", entry.help));
        assert_eq!(chrome.click(&name), vec![entry.action.clone()], "{name}");
    }
    assert_eq!(
        chrome.click("Close"),
        vec![Action::View(ViewAction::ToggleDrawer(Drawer::Menu))]
    );
}

#[test]
fn the_tab_key_reaches_every_action_of_the_menu_and_space_does_it() {
    let mut chrome = Chrome::drawer(DrawerScene::Menu);
    let stops = chrome.tab_stops();
    for entry in catalog().iter().filter(|entry| !entry.help.is_empty()) {
        let stop = stops.iter().find(|words| is_button_of(words, entry));
        let Some(stop) = stop else {
            panic!("no key reaches “{}” among {stops:?}", entry.help);
        };
        chrome.focus(stop);
        assert_eq!(chrome.press(Key::Space), vec![entry.action.clone()]);
    }
}

#[test]
fn the_menu_opens_at_every_size_inside_the_window() {
    for size in SIZES {
        let chrome = Chrome::drawer_in(DrawerScene::Menu, size);
        let close = chrome.place("Close");
        assert!(
            close.right() <= size[0] as f32 && close.x >= 0.0,
            "{size:?}"
        );
    }
}

fn drawer_of(settings: &Settings) -> DrawerScene {
    DrawerScene::Settings(SettingsScene::of(settings))
}

/// The only setting that was asked for, with its value.
fn only_set(actions: &[Action]) -> (&'static str, Value) {
    match actions {
        [Action::View(ViewAction::Set(name, value))] => (name, value.clone()),
        other => panic!("not one setting: {other:?}"),
    }
}

#[test]
fn the_drawer_shows_every_setting_with_its_value_at_every_size() {
    let kept = Settings::default();
    for size in SIZES {
        let chrome = Chrome::drawer_in(drawer_of(&kept), size);
        for topic in Topic::ALL {
            assert!(chrome.has(topic.title()), "{}", topic.title());
        }
        for setting in settings() {
            assert!(chrome.has(setting.label), "{}", setting.label);
            let place = chrome.place(setting.label);
            assert!(
                place.x >= 0.0 && place.right() <= size[0] as f32,
                "{}",
                setting.label
            );
        }
    }
}

#[test]
fn every_setting_is_reached_by_the_tab_key() {
    let mut chrome = Chrome::drawer(drawer_of(&Settings::default()));
    let stops = chrome.tab_stops();
    for setting in settings() {
        let reached = stops.iter().any(|words| words == setting.label);
        assert!(
            reached,
            "no key reaches “{}” among {stops:?}",
            setting.label
        );
    }
}

#[test]
fn switches_and_choices_are_changed_by_key_and_click() {
    let mut chrome = Chrome::drawer(drawer_of(&Settings::default()));
    chrome.focus_control("Reduced motion");
    let switched = chrome.press(Key::Space);
    assert_eq!(only_set(&switched), ("reduced-motion", Value::Switch(true)));
    chrome.focus_control("Colour map");
    chrome.press(Key::Space);
    assert!(chrome.has("cividis"), "the list opens");
    let chosen = chrome.click("cividis");
    assert_eq!(only_set(&chosen), ("color-map", Value::Word("cividis")));
}

#[test]
fn a_slider_goes_one_step_with_a_key() {
    let mut chrome = Chrome::drawer(drawer_of(&Settings::default()));
    chrome.focus_control("Spectrogram, tilt");
    let (name, value) = only_set(&chrome.press(Key::ArrowRight));
    assert_eq!((name, value), ("tilt", Value::Number(4.5)));
}

#[test]
fn a_folder_counts_when_enter_is_pressed_and_a_bad_one_is_refused_in_words() {
    let mut chrome = Chrome::drawer(drawer_of(&Settings::default()));
    chrome.focus_control("Pictures go to");
    assert_eq!(chrome.type_text("pictures"), vec![]);
    assert_eq!(chrome.press(Key::Enter), vec![]);
    let takes = Setting::named("pictures-folder").map(Setting::takes);
    assert!(
        chrome.has(&takes.expect("it is there")),
        "it says what it takes"
    );
    let mut chrome = Chrome::drawer(drawer_of(&Settings::default()));
    chrome.focus_control("Pictures go to");
    chrome.type_text("/my pictures");
    let value = Value::Text("/my pictures".to_owned());
    assert_eq!(
        only_set(&chrome.press(Key::Enter)),
        ("pictures-folder", value)
    );
}

#[test]
fn what_was_changed_goes_back_to_its_default() {
    let mut kept = Settings::default();
    for setting in settings() {
        kept.set(setting, &setting.example());
    }
    let mut chrome = Chrome::drawer(drawer_of(&kept));
    for setting in settings() {
        let words = format!("{}: default", setting.label);
        let default = Settings::default().value(setting);
        assert_eq!(only_set(&chrome.click(&words)), (setting.name, default));
        assert!(!matches!(setting.kind, Kind::Text { .. }) || chrome.has(setting.label));
    }
}

/// Words of every key in the help, as they are read aloud.
fn keys() -> Vec<String> {
    let entries = catalog().iter();
    let keyed = entries.filter(|entry| entry.key.is_some() && !entry.help.is_empty());
    keyed
        .map(|entry| {
            let (key, help) = key_and_words(entry);
            format!("{key} {help}")
        })
        .collect()
}

#[test]
fn the_help_shows_every_key_inside_the_window_at_every_size() {
    let more = [
        [1600, 900],
        [1000, 600],
        [1080, 1920],
        [2560, 1080],
        [1920, 200],
    ];
    for size in SIZES.into_iter().chain(more) {
        let chrome = Chrome::helped(empty_scene(size), Help::Keys);
        let places: Vec<(String, Rect)> = keys()
            .into_iter()
            .map(|words| (words.clone(), chrome.place(&words)))
            .collect();
        assert!(places.len() > 20);
        for (number, (words, place)) in places.iter().enumerate() {
            let [width, height] = size.map(|px| px as f32);
            let is_inside = place.x >= 0.0
                && place.y >= 0.0
                && place.right() <= width
                && place.bottom() <= height;
            assert!(is_inside, "{words} leaves {size:?}: {place:?}");
            for (other, its_place) in &places[number + 1..] {
                assert!(
                    !place.overlaps(*its_place),
                    "{words} over {other} at {size:?}"
                );
            }
        }
        // As large as is read from a chair, except where there is no room for it.
        let smallest = if size[1] < 300 { 6.0 } else { 11.0 };
        assert!(places[0].1.h >= smallest, "{size:?}: {:?}", places[0]);
    }
}

#[test]
fn the_hints_of_the_first_start_are_inside_the_window() {
    for size in SIZES {
        let chrome = Chrome::helped(empty_scene(size), Help::Hints);
        for words in ["O", "Space", "D", "?"] {
            let place = chrome.place(words);
            assert!(place.x >= 0.0 && place.y >= 0.0, "{words} {size:?}");
            assert!(place.bottom() <= size[1] as f32, "{words} {size:?}");
        }
    }
}

#[test]
fn a_number_explains_itself_when_the_pointer_rests_on_it() {
    let scene = empty_scene([1280, 720]);
    let mut chrome = Chrome::of(scene);
    for (reading, said) in [
        ("Integrated: Mix –, Reference – LUFS", "BS.1770-5"),
        ("Range: Mix –, Reference – LU", "Tech 3342"),
        ("lost 0", "gap"),
    ] {
        assert!(!chrome.words().iter().any(|words| words.contains(said)));
        let place = chrome.place(reading);
        chrome.hover(place);
        let words = chrome.words();
        assert!(
            words.iter().any(|words| words.contains(said)),
            "{reading}: {words:?}"
        );
    }
    let band = chrome
        .words()
        .into_iter()
        .find(|words| words.starts_with("Width 20 to 120 Hz"));
    let place = chrome.place(&band.expect("the bars are read aloud"));
    chrome.hover(place);
    let words = chrome.words();
    assert!(
        words.iter().any(|words| words.contains("Side to mid")),
        "{words:?}"
    );
}

#[test]
fn whatever_can_be_clicked_in_the_bars_has_a_name() {
    let chrome = Chrome::of(empty_scene([1280, 720]));
    for mode in ["Side by side", "Overlay", "Difference"] {
        assert!(chrome.has(mode), "{mode}");
    }
}
