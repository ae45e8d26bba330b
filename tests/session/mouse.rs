//! The window by mouse alone: what looks like a control is one, and the menu of the right button lies in the window.

use std::path::PathBuf;

use crate::support::kittest::{Chrome, SIZE, empty_scene};
use abscope::session::Session;
use abscope::session::action::{
    Action, Context, Drawer, PairAction, PictureKind, ShelfAction, ViewAction, WindowAction,
};
use abscope::session::references::typed::{Offer, TypedPath};
use abscope::session::settings::arrangement::Panel;
use abscope::view::context_items::{context_amid, context_at};
use abscope::view::drawer::DrawerScene;
use abscope::view::scene::{Alignment, SideState};
use abscope::view::shelf::ShelfScene;
use egui::Key;

#[test]
fn what_is_done_most_is_one_click_away() {
    let mut chrome = Chrome::of(empty_scene([1920, 1080]));
    let drawer = |drawer| Action::View(ViewAction::ToggleDrawer(drawer));
    let buttons = [
        ("Menu", drawer(Drawer::Menu)),
        ("Mix: No input", drawer(Drawer::Inputs)),
        ("Reference: No reference", drawer(Drawer::References)),
        ("Difference", ViewAction::ShowDifference.into()),
        ("Freeze", ViewAction::ToggleFreeze.into()),
        ("Snapshot", ShelfAction::Snapshot.into()),
        (
            "Picture",
            WindowAction::Screenshot(PictureKind::Print).into(),
        ),
        ("Findings", drawer(Drawer::Findings)),
        ("Snapshots", drawer(Drawer::Snapshots)),
        ("References", drawer(Drawer::References)),
        ("Listen", PairAction::ToggleListen.into()),
        ("Settings", drawer(Drawer::Settings)),
        ("Keys", ViewAction::ToggleHelp.into()),
    ];
    for (words, action) in buttons {
        assert_eq!(chrome.click(words), [action], "{words}");
    }
    chrome.change(|scene| scene.frozen_behind_secs = Some(1.0));
    assert_eq!(chrome.click("Go on"), [ViewAction::ToggleFreeze.into()]);
}

#[test]
fn the_words_of_the_top_bar_open_what_they_speak_of() {
    let mut scene = empty_scene([1920, 1080]);
    scene.sides[1].name = "A record".to_owned();
    scene.sides[1].state = SideState::Running;
    scene.alignment = Alignment::OtherSong;
    let mut chrome = Chrome::of(scene);
    let context = |about| Action::View(ViewAction::Context(Some(about)));
    assert_eq!(chrome.click("match not known"), [context(Context::Match)]);
    assert_eq!(
        chrome.click("different song, not aligned"),
        [context(Context::Place)]
    );
}

#[test]
fn a_choice_of_the_small_menu_is_done_and_closes_it() {
    let scene = empty_scene(SIZE);
    let menu = context_amid(Context::Panel(Panel::Spectrograms), &scene);
    let mut chrome = Chrome::of(scene);
    chrome.change(|scene| scene.context = Some(menu));
    let close = Action::View(ViewAction::Context(None));
    assert_eq!(
        chrome.click("freeze"),
        [ViewAction::ToggleFreeze.into(), close]
    );
    // What is stepped through stays.
    assert_eq!(
        chrome.click("channel: L+R"),
        [ViewAction::NextChannel.into()]
    );
}

#[test]
fn the_small_menu_lies_in_the_window_wherever_it_is_asked_for() {
    for size in [SIZE, [520, 1000]] {
        let [width, height] = size.map(|side| side as f32);
        for context in Context::all() {
            for at in [
                [2.0, 2.0],
                [width - 2.0, 2.0],
                [2.0, height - 2.0],
                [width - 2.0, height - 2.0],
            ] {
                let scene = empty_scene(size);
                let menu = context_at(context, at, &scene);
                let words: Vec<_> = menu.items.iter().map(|item| item.words.clone()).collect();
                assert!(words.iter().all(|words| !words.is_empty()), "{words:?}");
                let mut chrome = Chrome::of(scene);
                chrome.change(|scene| scene.context = Some(menu));
                for words in [&words[0], &words[words.len() - 1]] {
                    let place = chrome.place(words);
                    let is_inside = place.x >= 0.0
                        && place.y >= 0.0
                        && place.right() <= width
                        && place.bottom() <= height;
                    assert!(is_inside, "{words} of {context:?} at {at:?}: {place:?}");
                }
            }
        }
    }
}

#[test]
fn a_path_is_typed_where_there_is_no_dialog() {
    let mut shelf = ShelfScene::of(&Session::default());
    shelf.recent = vec![PathBuf::from("/music/old.wav")];
    let mut chrome = Chrome::drawer(DrawerScene::References(shelf.clone()));
    assert_eq!(
        chrome.click("old.wav"),
        [WindowAction::Open("/music/old.wav".into()).into()]
    );
    chrome.focus_control("Path of a reference");
    let typed = chrome.type_text("/mu");
    assert_eq!(typed, [WindowAction::TypePath("/mu".to_owned()).into()]);
    shelf.typed = TypedPath {
        asked: 0,
        text: "/mu".to_owned(),
        offered: vec![Offer {
            path: "/music".into(),
            is_folder: true,
        }],
    };
    chrome.show(DrawerScene::References(shelf.clone()));
    let goes_on = WindowAction::TypePath(format!("/music{}", std::path::MAIN_SEPARATOR));
    let folder = format!("music{}", std::path::MAIN_SEPARATOR);
    assert_eq!(chrome.click(&folder), [goes_on.into()]);
    shelf.typed.text = "/music/new.wav".to_owned();
    chrome.show(DrawerScene::References(shelf));
    chrome.focus_control("Path of a reference");
    assert_eq!(
        chrome.press(Key::Enter),
        [WindowAction::Open("/music/new.wav".into()).into()]
    );
}

#[test]
fn arrow_and_enter_take_what_a_typed_path_may_go_on_as() {
    let mut shelf = ShelfScene::of(&Session::default());
    let offer = |name: &str| Offer {
        path: format!("/music/{name}").into(),
        is_folder: false,
    };
    let typed = |text: &str, offered: Vec<Offer>| TypedPath {
        asked: 0,
        text: text.to_owned(),
        offered,
    };
    shelf.typed = typed("/music/mi", vec![offer("Mix 1.wav"), offer("Mix 2.wav")]);
    let mut chrome = Chrome::drawer(DrawerScene::References(shelf.clone()));
    chrome.focus_control("Path of a reference");
    chrome.press(Key::ArrowDown);
    assert_eq!(
        chrome.press(Key::Enter),
        [WindowAction::Open("/music/Mix 1.wav".into()).into()]
    );
    // The only one is meant; where nothing was found, and of several, what was typed.
    let mut entered = |text: &str, offered: Vec<Offer>| {
        shelf.typed = typed(text, offered);
        chrome.show(DrawerScene::References(shelf.clone()));
        chrome.focus_control("Path of a reference");
        chrome.press(Key::Enter)
    };
    let opened = |path: &str| [WindowAction::Open(path.into()).into()];
    let only = vec![offer("Mix 2.wav")];
    assert_eq!(
        entered("/music/mix 2", only.clone()),
        opened("/music/Mix 2.wav")
    );
    assert_eq!(entered("/other", only), opened("/other"));
    assert_eq!(entered("/music/x", vec![]), opened("/music/x"));
}
