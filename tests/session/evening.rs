//! What an engineer stumbles over in the words of the window: the song's name, long lines, the ends of long lists.

use crate::support::kittest::{Chrome, SIZE, empty_scene};
use abscope::view::drawer::DrawerScene;
use abscope::view::rect::Rect;
use egui::Key;

#[test]
fn a_song_that_was_named_is_what_the_mix_is_called() {
    let mut scene = empty_scene(SIZE);
    scene.sides[0].name = "Monitor of Desk".to_owned();
    let chrome = Chrome::of(scene.clone());
    assert!(chrome.has("Mix: Monitor of Desk"));
    scene.sides[0].song = "Night drive".to_owned();
    let chrome = Chrome::of(scene);
    assert!(chrome.has("Mix: Night drive"), "{:?}", chrome.words());
}

#[test]
fn a_line_that_is_too_long_is_read_whole() {
    let mut scene = empty_scene(SIZE);
    let line = "the reference was not opened: its sample rate of 3 Hz is outside 4 kHz to 768 kHz; convert it to 48 kHz \
                and open it again, or drop another one on the window";
    scene.status.toast = Some(line.to_owned());
    let chrome = Chrome::of(scene);
    assert!(chrome.has(line), "{:?}", chrome.words());
    // On the screen too: buttons, which have keys, make room for what it says to do.
    let mut scene = empty_scene(SIZE);
    scene.status.toast = Some("nothing to do".to_owned());
    let with_short = Chrome::of(scene.clone());
    assert!(
        with_short
            .words()
            .iter()
            .any(|words| words.contains("Settings"))
    );
    scene.status.toast = Some(line.to_owned());
    let with_long = Chrome::of(scene);
    assert!(
        !with_long
            .words()
            .iter()
            .any(|words| words.contains("Settings"))
    );
}

#[test]
fn home_and_end_go_to_the_ends_of_the_menu() {
    let mut chrome = Chrome::drawer(DrawerScene::Menu);
    let is_seen = |place: Rect| place.y >= 0.0 && place.bottom() <= SIZE[1] as f32;
    chrome.press(Key::Home);
    let [first, last] = ["mix alone A", "quit Ctrl+Q"];
    assert!(is_seen(chrome.place(first)) && !is_seen(chrome.place(last)));
    chrome.press(Key::End);
    assert!(is_seen(chrome.place(last)) && !is_seen(chrome.place(first)));
    chrome.press(Key::Home);
    assert!(is_seen(chrome.place(first)));
}
