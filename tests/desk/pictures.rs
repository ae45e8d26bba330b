//! A picture from the window on real parts: P is pressed under Xvfb, and the file, its figures and the clipboard are
//! looked at.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::program::abscope;
use crate::support::turns::{self, Turn};
use crate::support::x11::{Display, wait_for};
use abscope::session::snapshots::picture_metadata::PictureMetadata;

/// Long enough for a busy machine whose processor draws a 4K picture.
const DEADLINE: Duration = Duration::from_secs(90);

struct Desk {
    display: Display,
    program: Child,
    home: tempfile::TempDir,
    _turn: Turn,
}

impl Desk {
    /// Opens the demo in a window that has the keyboard.
    fn open() -> Self {
        let turn = turns::alone();
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        for folder in ["Pictures", "config"] {
            std::fs::create_dir(home.path().join(folder)).expect("the folder is writable");
        }
        let folders = "XDG_PICTURES_DIR=\"$HOME/Pictures\"\n";
        std::fs::write(home.path().join("config/user-dirs.dirs"), folders).expect("writable");
        let display = Display::start();
        let program = abscope()
            .args(["--demo"])
            .env("DISPLAY", display.name())
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path().join("config"))
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program was built");
        let mut desk = Self {
            display,
            program,
            home,
            _turn: turn,
        };
        let window = wait_for("a window", DEADLINE, || {
            desk.assert_runs();
            desk.display.window("Abscope")
        });
        let resize = ["windowsize", "--sync", &window, "640", "480"];
        desk.display.xdotool(&resize).expect("the window is there");
        let focus = ["windowfocus", "--sync", &window];
        desk.display.xdotool(&focus).expect("the window is there");
        desk
    }

    fn assert_runs(&mut self) {
        let ended = self.program.try_wait().expect("it is our child");
        assert!(ended.is_none(), "the window is gone: {ended:?}");
    }

    /// Files in the pictures folder that are whole, sorted by name.
    fn pictures(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.home.path().join("Pictures")).expect("it was made");
        let is_whole = |path: &PathBuf| {
            path.extension().is_some_and(|ending| ending == "png")
                && path.metadata().is_ok_and(|data| data.len() > 0)
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut paths: Vec<PathBuf> = paths.filter(is_whole).collect();
        paths.sort();
        paths
    }

    /// What a program says about the clipboard of this display.
    fn clipboard(&self, target: &str) -> Option<Vec<u8>> {
        let output = Command::new("xclip")
            .args(["-selection", "clipboard", "-o", "-t", target])
            .env("DISPLAY", self.display.name())
            .output()
            .expect("xclip is not installed; run scripts/test once, it installs it");
        output.status.success().then_some(output.stdout)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

#[test]
fn a_picture_is_saved_with_its_figures_and_copied() {
    let mut desk = Desk::open();
    // Figures exist once something has been heard: pressed again until a picture has them.
    let mut pressed = 0;
    let (path, metadata) = wait_for("a picture with a loudness", 2 * DEADLINE, || {
        desk.assert_runs();
        let pictures = desk.pictures();
        if pictures.len() == pressed {
            desk.display
                .xdotool(&["key", "p"])
                .expect("it knows the key");
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
        let entries = std::fs::read_dir(desk.home.path().join("Pictures")).expect("it was made");
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut folders = paths.filter(|path| path.is_dir());
        folders.find(|folder| folder.join("loudness.csv").is_file())
    };
    let folder = wait_for("exported figures", 2 * DEADLINE, || {
        desk.display
            .xdotool(&["key", "x"])
            .expect("it knows the key");
        exported()
    });
    let text = std::fs::read_to_string(folder.join("comparison.json")).expect("it was written");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["verdict"].as_array().map(Vec::len), Some(3), "{text}");
}
