//! The menu, the settings and the help in egui's test harness: what they show, and that clicks and keys reach it.

mod support;

use abscope::session::action::{Action, Drawer, Group, catalog};
use abscope::session::settings::{Kind, Setting, Settings, Topic, Value, settings};
use abscope::view::drawer::DrawerScene;
use abscope::view::settings::SettingsScene;
use egui::Key;
use support::kittest::Chrome;

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
            .find(|words| words.starts_with(entry.help))
            .unwrap_or_else(|| panic!("the menu has no “{}”", entry.help));
        assert_eq!(chrome.click(&name), vec![entry.action.clone()], "{name}");
    }
    assert_eq!(
        chrome.click("Close"),
        vec![Action::ToggleDrawer(Drawer::Menu)]
    );
}

#[test]
fn the_tab_key_reaches_every_action_of_the_menu_and_space_does_it() {
    let mut chrome = Chrome::drawer(DrawerScene::Menu);
    let stops = chrome.tab_stops();
    for entry in catalog().iter().filter(|entry| !entry.help.is_empty()) {
        let stop = stops.iter().find(|words| words.starts_with(entry.help));
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
        [Action::Set(name, value)] => (name, value.clone()),
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
