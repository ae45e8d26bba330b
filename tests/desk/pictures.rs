//! A picture from the window on real parts: P is pressed under Xvfb, and the file, its figures and the clipboard are
//! looked at.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use crate::support::desk::{Home, Window};
use crate::support::parts::{self, CLIPBOARD, DISPLAY};
use crate::support::program::abscope;
use crate::support::turns::{self, Turn};
use crate::support::x11::{Display, wait_for};
use abscope::session::snapshots::picture_metadata::PictureMetadata;

/// Long enough for a busy machine whose processor draws a 4K picture.
const DEADLINE: Duration = Duration::from_secs(90);

struct Desk {
    window: Window,
    home: Home,
    _turn: Turn,
}

impl Desk {
    /// Opens the demo in a window that has the keyboard.
    fn open() -> Self {
        let turn = turns::alone();
        let home = Home::new();
        let mut program = home.abscope();
        program
            .arg("--demo")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let window = Window::open(program, &Rc::new(Display::start()), DEADLINE);
        window.resize([640, 480]);
        window.focus();
        Self {
            window,
            home,
            _turn: turn,
        }
    }

    /// Files in the pictures folder that are whole, sorted by name.
    fn pictures(&self) -> Vec<PathBuf> {
        let mut paths = self.home.files("Pictures", "png");
        paths.retain(|path| path.metadata().is_ok_and(|data| data.len() > 0));
        paths
    }

    /// What a program says about the clipboard of this display.
    fn clipboard(&self, target: &str) -> Option<Vec<u8>> {
        let output = Command::new("xclip")
            .args(["-selection", "clipboard", "-o", "-t", target])
            .env("DISPLAY", self.window.display.name())
            .output()
            .expect("xclip is not installed; run scripts/test once, it installs it");
        output.status.success().then_some(output.stdout)
    }
}

#[test]
fn a_picture_is_saved_with_its_figures_and_copied() {
    if !parts::are_there(
        "a_picture_is_saved_with_its_figures_and_copied",
        &[DISPLAY, CLIPBOARD],
    ) {
        return;
    }
    let mut desk = Desk::open();
    // Figures exist once something has been heard: pressed again until a picture has them.
    let mut pressed = 0;
    let (path, metadata) = wait_for("a picture with a loudness", 2 * DEADLINE, || {
        desk.window.assert_runs();
        let pictures = desk.pictures();
        if pictures.len() == pressed {
            desk.window.press("p");
            pressed += 1;
        }
        let path = pictures.last()?.clone();
        let file = std::fs::File::open(&path).expect("it is there");
        let metadata = PictureMetadata::read(&mut std::io::BufReader::new(file)).expect("ours");
        metadata
            .mix
            .integrated_lufs
            .is_some()
            .then_some((path, metadata))
    });
    let lufs = metadata.mix.integrated_lufs.expect("it was waited for");
    assert!(
        (-40.0..-10.0).contains(&lufs),
        "the demo is not {lufs} LUFS"
    );
    assert!(metadata.mix.source.contains("demo mix"), "{metadata:?}");
    assert_eq!(metadata.settings["span_secs"], 20.0);
    let name = path
        .file_name()
        .expect("a file")
        .to_string_lossy()
        .into_owned();
    assert!(name.starts_with("Abscope 20"), "{name}");
    let file = std::fs::File::open(&path).expect("it is there");
    let reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .expect("a PNG");
    assert_eq!((reader.info().width, reader.info().height), (3840, 2160));

    let targets = wait_for("an image on the clipboard", DEADLINE, || {
        let targets = String::from_utf8(desk.clipboard("TARGETS")?).ok()?;
        targets.contains("image/png").then_some(targets)
    });
    let png = desk
        .clipboard("image/png")
        .unwrap_or_else(|| panic!("no image: {targets}"));
    let copied = png::Decoder::new(std::io::Cursor::new(png))
        .read_info()
        .expect("a PNG");
    assert_eq!((copied.info().width, copied.info().height), (3840, 2160));

    let said = abscope()
        .arg("show")
        .arg(&path)
        .output()
        .expect("the program was built");
    let words = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(
        said.status.success() && words.contains("LUFS integrated"),
        "{words}"
    );

    // The demo is found in its reference within seconds; before that X says what it waits for.
    let exported = || {
        let entries = std::fs::read_dir(desk.home.path("Pictures")).expect("it was made");
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut folders = paths.filter(|path| path.is_dir());
        folders.find(|folder| folder.join("loudness.csv").is_file())
    };
    let folder = wait_for("exported figures", 2 * DEADLINE, || {
        desk.window.press("x");
        exported()
    });
    let text = std::fs::read_to_string(folder.join("comparison.json")).expect("it was written");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["verdict"].as_array().map(Vec::len), Some(3), "{text}");
}
