//! The menu, the settings and the help in egui's test harness: what they show, and that clicks and keys reach it.

mod support;

use abscope::session::action::{Action, Drawer, Group, catalog};
use abscope::view::drawer::DrawerScene;
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
