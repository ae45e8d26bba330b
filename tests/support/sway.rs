//! A Wayland compositor without a screen: Sway with two outputs, X11-1 at scale 1 and X11-2 right of it at 1.5, keys pressed
//! in it, and pictures taken of it. Its outputs are windows of an X server: those can go, as its own kind without a screen
//! cannot in every version. Nobody runs a desktop as root, so there it and its windows are somebody else's.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::users::{OWNER, is_root};
use super::x11::{Display, Picture, wait_for};

/// Long enough for a busy machine; it takes a tenth of a second.
const START_DEADLINE: Duration = Duration::from_secs(20);

/// Size of each output, in pixels.
const OUTPUT: [usize; 2] = [1920, 1080];

/// Windows lie side by side without frames, as they do where nobody said otherwise; no X server stands in.
const CONFIG: &str = "\
output X11-1 resolution 1920x1080 position 0 0 scale 1
output X11-2 resolution 1920x1080 position 1920 0 scale 1.5
workspace 1 output X11-1
workspace 2 output X11-2
default_border none
focus_follows_mouse no
xwayland disable
";

/// A running compositor; dropping it ends it.
pub struct Sway {
    compositor: Child,
    /// Plugged in all the time: see [`Sway::press`].
    keyboard: Option<Child>,
    folder: tempfile::TempDir,
    display: String,
    socket: PathBuf,
    screen: Display,
}

impl Sway {
    /// Starts it.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let config = folder.path().join("config");
        std::fs::write(&config, CONFIG).expect("the folder is writable");
        let log = std::fs::File::create(folder.path().join("log")).expect("the folder is writable");
        let screen = Display::start();
        screen.know(&[
            "WM_PROTOCOLS",
            "WM_DELETE_WINDOW",
            "_NET_WM_NAME",
            "UTF8_STRING",
        ]);
        let mut sway = Command::new("sway");
        sway.arg("-c")
            .arg(&config)
            .env("WLR_BACKENDS", "x11")
            .env("WLR_X11_OUTPUTS", "2")
            .env("WLR_RENDERER", "pixman")
            .env("XDG_RUNTIME_DIR", folder.path())
            .env("HOME", folder.path())
            .env("DISPLAY", screen.name())
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .env_remove("SWAYSOCK")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        if is_root() {
            OWNER.owns(folder.path());
        }
        let compositor = owned(sway)
            .spawn()
            .expect("sway is not installed; run scripts/test once, it installs it");
        let found = |begins: &str, ends: &str| {
            let entries = std::fs::read_dir(folder.path()).expect("it is there");
            let names = entries.flatten().map(|entry| entry.file_name());
            let mut names = names.filter_map(|name| name.into_string().ok());
            names.find(|name| name.starts_with(begins) && name.ends_with(ends))
        };
        let (display, socket) = wait_for("sway", START_DEADLINE, || {
            let display = found("wayland-", "")?;
            let display = display.trim_end_matches(".lock").to_owned();
            Some((display, found("sway-ipc", ".sock")?))
        });
        let mut sway = Self {
            compositor,
            keyboard: None,
            screen,
            socket: folder.path().join(socket),
            folder,
            display,
        };
        wait_for("both outputs", START_DEADLINE, || {
            (sway.outputs().len() == 2).then_some(())
        });
        let mut keyboard = Command::new("wtype");
        // As long as a test may take, in milliseconds.
        keyboard.args(["-s", "3600000"]).stdin(Stdio::null());
        let keyboard = sway.runs(keyboard).spawn();
        sway.keyboard =
            Some(keyboard.expect("wtype is not installed; run scripts/test once, it installs it"));
        sway
    }

    /// A command whose window is shown here, as the one runs it whose compositor this is.
    pub fn runs(&self, mut command: Command) -> Command {
        command
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("WAYLAND_DISPLAY", &self.display);
        owned(command)
    }

    /// Has the compositor do something, and returns what it says.
    pub fn tell(&self, words: &[&str]) -> Value {
        let mut swaymsg = Command::new("swaymsg");
        swaymsg.arg("-s").arg(&self.socket).arg("--raw").args(words);
        let output = self.runs(swaymsg).output().expect("it comes with sway");
        assert!(output.status.success(), "swaymsg {words:?}: {output:?}");
        serde_json::from_slice(&output.stdout).expect("it says JSON")
    }

    /// The names of the outputs that are on.
    pub fn outputs(&self) -> Vec<String> {
        let outputs = self.tell(&["-t", "get_outputs"]);
        let outputs = outputs.as_array().expect("it is a list").iter();
        let on = outputs.filter(|output| output["active"] == true);
        on.filter_map(|output| Some(output["name"].as_str()?.to_owned()))
            .collect()
    }

    /// The window of the program: what the compositor knows of it, with the name of its output as `on`.
    pub fn window(&self) -> Option<Value> {
        fn find(node: &Value, output: &Value) -> Option<Value> {
            let output = match node["type"] == "output" {
                true => &node["name"],
                false => output,
            };
            if node["app_id"] == "org.abscope.Abscope" {
                let mut found = node.clone();
                found["on"] = output.clone();
                return Some(found);
            }
            let lists = [&node["nodes"], &node["floating_nodes"]];
            let mut nodes = lists.into_iter().filter_map(Value::as_array).flatten();
            nodes.find_map(|node| find(node, output))
        }
        find(&self.tell(&["-t", "get_tree"]), &Value::Null)
    }

    /// Presses a key, by its name in X.
    ///
    /// `wtype` plugs a keyboard in, types, and unplugs it. Where it is the only one, a window hears of a keyboard at all only
    /// then, asks for it, and hears no key that was pressed before the answer: of a keyboard that is gone again at once,
    /// none. No desktop is without a keyboard, so one is plugged in all the time here.
    pub fn press(&self, key: &str) {
        let mut wtype = Command::new("wtype");
        wtype.args(["-k", key]);
        let output = self.runs(wtype).output().expect("it was there before");
        assert!(output.status.success(), "wtype {key}: {output:?}");
    }

    /// Takes an output away, as pulling its cable does.
    pub fn unplug(&self, output: &str) {
        let title = format!("wlroots - {output}");
        let window = self.screen.window_of_title_alone(&title);
        let window = window.unwrap_or_else(|| panic!("no window “{title}”: {}", self.log()));
        self.screen.ask_to_close(&window);
    }

    /// Takes a picture of an output, in its own pixels.
    pub fn picture(&self, output: &str) -> Picture {
        let mut grim = Command::new("grim");
        grim.args(["-t", "ppm", "-o", output, "-"]);
        let said = self.runs(grim).output();
        let said = said.expect("grim is not installed; run scripts/test once, it installs it");
        assert!(said.status.success(), "grim {output}: {said:?}");
        let pixels = said.stdout.len() - OUTPUT[0] * OUTPUT[1] * 3;
        Picture::new(OUTPUT, said.stdout[pixels..].to_vec())
    }

    /// What it wrote down.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// A folder of the one whose compositor this is.
    pub fn owns(&self, folder: &Path) {
        if is_root() {
            OWNER.owns(folder);
        }
    }
}

impl Drop for Sway {
    fn drop(&mut self) {
        for program in self.keyboard.iter_mut().chain([&mut self.compositor]) {
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

fn owned(command: Command) -> Command {
    match is_root() {
        true => OWNER.runs(command),
        false => command,
    }
}
