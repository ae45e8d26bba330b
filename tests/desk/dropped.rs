//! A picture dropped on the window: it shows its figures and opens no file by itself, whatever it names.

use std::path::{Path, PathBuf};
use std::time::Duration;

use abscope::cli::picture::encode_with_text;
use abscope::session::snapshots::picture_metadata::{KEYWORD, PictureMetadata};
use serde_json::Value;

use crate::support::desk::{Home, Window, free_port};
use crate::support::drop::drop_files;
use crate::support::parts::{self, DISPLAY};
use crate::support::turns;
use crate::support::x11::wait_for;

/// Long enough for a busy machine whose processor draws.
const DEADLINE: Duration = Duration::from_secs(90);

fn metadata(path: &Path) -> PictureMetadata {
    let file = std::fs::File::open(path).expect("it is there");
    PictureMetadata::read(&mut std::io::BufReader::new(file)).expect("it is ours")
}

#[test]
fn a_picture_that_is_dropped_opens_nothing_by_itself_and_no_path_it_names() {
    let test = "a_picture_that_is_dropped_opens_nothing_by_itself_and_no_path_it_names";
    if !parts::are_there(test, &[DISPLAY]) {
        return;
    }
    let _turn = turns::alone();
    let home = Home::new();
    let settings = format!("remote-port = {}\nhints-seen = true\n", free_port());
    home.write("settings.toml", &settings);
    let window = Window::demo(&home, DEADLINE);
    let ctl = |words: &[&str]| home.ctl(words);
    let status = || home.status(DEADLINE);
    let done = |words: &[&str]| {
        let said = ctl(words);
        assert_eq!(said.code, Some(0), "{words:?}: {}", said.err);
    };
    status();
    window.resize([640, 400]);
    wait_for("a mix to keep", DEADLINE, || {
        (ctl(&["snapshot"]).code == Some(0)).then_some(())
    });
    let kept: PathBuf = home.files("data", "abscope")[0].clone();
    done(&["recall-mix"]);
    let shown = wait_for("the snapshot", DEADLINE, || {
        status()["snapshot"].as_str().map(str::to_owned)
    });
    done(&["screenshot", "slide"]);
    done(&["live"]);
    let picture = home.files("Pictures", "png")[0].clone();
    let mut facts = metadata(&picture);
    assert_eq!(facts.snapshot.as_ref(), Some(&shown));

    // One that names a file that is there, and lies elsewhere.
    let elsewhere = home.path("elsewhere.abscope");
    std::fs::copy(&kept, &elsewhere).expect("the home is writable");
    facts.snapshot = Some(elsewhere.display().to_string());
    let text = serde_json::to_string(&facts).expect("it is JSON");
    let crafted = home.path("crafted.png");
    let bytes = encode_with_text([1, 1], &[0; 4], KEYWORD, &text).expect("it is a picture");
    std::fs::write(&crafted, bytes).expect("the home is writable");

    for (path, named) in [
        (&picture, shown),
        (&crafted, elsewhere.display().to_string()),
    ] {
        if status()["drawer"] == "snapshots" {
            done(&["snapshots"]);
        }
        let before = status();
        assert_eq!(
            (&before["drawer"], &before["snapshot"]),
            (&Value::Null, &Value::Null)
        );
        drop_files(&window.display, &window.id, &[path]);
        let after = wait_for("the figures of the picture", DEADLINE, || {
            let status = status();
            let said = status["message"].as_str()?.contains(&named);
            said.then_some(status)
        });
        let said = after["message"].as_str().expect("it is said");
        assert!(
            said.contains("open it from the shelf if you like"),
            "{said}"
        );
        assert_eq!(after["drawer"], "snapshots", "the shelf is the question");
        for what in ["snapshot", "frozen", "reference", "references", "input"] {
            assert_eq!(after[what], before[what], "{what}");
        }
    }
}
