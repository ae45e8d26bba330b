//! The shelf in egui's test harness: references are chosen, removed, trimmed and cleared of their region by clicks.

use crate::support::kittest::Chrome;
use abscope::session::action::{Action, PairAction, WindowAction};
use abscope::view::drawer::DrawerScene;
use abscope::view::shelf::{OVERVIEW_STEPS, OverviewScene, ShelfItem, ShelfScene, ShelfState};

fn item(id: u64, name: &str, state: ShelfState) -> ShelfItem {
    ShelfItem {
        id,
        name: name.to_owned(),
        facts: "−9.1 LUFS  ·  3:25".to_owned(),
        state,
        thumbnail: None,
        is_active: id == 2,
    }
}

fn shelf() -> ShelfScene {
    ShelfScene {
        items: vec![
            item(1, "Loading", ShelfState::Loading(0.4)),
            item(2, "Record", ShelfState::Ready),
            item(
                3,
                "Broken",
                ShelfState::Failed("broken.wav: it is empty".to_owned()),
            ),
        ],
        overview: Some(OverviewScene {
            steps: vec![[-0.5, 0.5]; OVERVIEW_STEPS],
            duration_secs: 200.0,
            is_kept_sound: false,
            region_secs: Some([50.0, 90.0]),
            trim_db: -1.5,
            integrated_lufs: Some(-9.1),
            sections: vec![],
        }),
        most: 16,
        typed: Default::default(),
        recent: vec![],
        absent: vec![],
    }
}

#[test]
fn every_row_and_button_of_the_shelf_does_what_it_says() {
    let mut chrome = Chrome::drawer(DrawerScene::References(shelf()));
    for (words, action) in [
        ("Reference Record", Action::Pair(PairAction::Reference(1))),
        (
            "Cancel reading Loading",
            Action::Pair(PairAction::RemoveReference(Some(0))),
        ),
        (
            "Remove Broken",
            Action::Pair(PairAction::RemoveReference(Some(2))),
        ),
        ("Whole song", Action::Pair(PairAction::ClearRegion)),
        (
            "Open references…",
            Action::Window(WindowAction::OpenReference),
        ),
    ] {
        assert_eq!(chrome.click(words), [action], "{words}");
    }
    assert!(
        chrome.has("Region 0:50–1:30  ·  −9.1 LUFS"),
        "{:?}",
        chrome.words()
    );
}

#[test]
fn without_a_region_there_is_nothing_to_clear_and_a_full_shelf_opens_no_more() {
    let mut content = shelf();
    if let Some(overview) = &mut content.overview {
        overview.region_secs = None;
        overview.trim_db = 0.0;
    }
    content.most = content.items.len();
    let chrome = Chrome::drawer(DrawerScene::References(content));
    assert!(!chrome.has("Whole song") && !chrome.has("Open references…"));
    assert!(
        chrome.has("Whole song  ·  −9.1 LUFS"),
        "{:?}",
        chrome.words()
    );
}

#[test]
fn a_region_is_dragged_on_the_waveform_and_each_of_its_ends_moves() {
    let mut content = shelf();
    let mut dragged = |region_secs: Option<[f64; 2]>, [from, to]: [f32; 2]| {
        if let Some(overview) = &mut content.overview {
            overview.region_secs = region_secs;
        }
        let mut chrome = Chrome::drawer(DrawerScene::References(content.clone()));
        let plate = chrome.place("Overview: drag a region");
        let at = |part: f32| [plate.x + part * plate.w, plate.y + 0.5 * plate.h];
        let asked = chrome.drag([at(from), at(to)]);
        let [Action::Pair(PairAction::Region(Some(secs)))] = asked[..] else {
            panic!("{asked:?}");
        };
        secs.map(f64::round)
    };
    assert_eq!(dragged(None, [0.25, 0.75]), [50.0, 150.0]);
    assert_eq!(dragged(None, [0.75, 0.25]), [50.0, 150.0]);
    assert_eq!(dragged(Some([50.0, 90.0]), [0.45, 0.7]), [50.0, 140.0]);
    assert_eq!(dragged(Some([50.0, 90.0]), [0.8, 0.9]), [160.0, 180.0]);
}

#[test]
fn an_empty_shelf_says_what_to_do() {
    let empty = ShelfScene {
        items: vec![],
        overview: None,
        most: 16,
        typed: Default::default(),
        recent: vec![],
        absent: vec![],
    };
    let chrome = Chrome::drawer(DrawerScene::References(empty));
    let words = chrome.words().join("\n");
    assert!(
        words.contains("Drop a reference track here") && words.contains("Open references…"),
        "{words}"
    );
}
