//! A person's home and the program's window in it: where a test on real parts begins.

use std::io::Read;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use abscope::view::rect::Rect;
use serde_json::Value;

use super::program::{Said, abscope, hear};
use super::x11::{Display, Picture, wait_for};

/// A home of its own for a program: nothing of the user's is read or written.
pub struct Home(tempfile::TempDir);

impl Home {
    /// An empty home with a folder for pictures and calm settings.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for name in ["Pictures", "config", "data", "state", "cache"] {
            std::fs::create_dir(folder.path().join(name)).expect("the folder is writable");
        }
        let home = Self(folder);
        // Where desktops write down what a person calls the folder.
        home.write(
            "config/user-dirs.dirs",
            "XDG_PICTURES_DIR=\"$HOME/Pictures\"\n",
        );
        // Windows of tests that run beside this one have the usual port.
        home.write("settings.toml", "remote = false\nhints-seen = true\n");
        home
    }

    /// A path in the home.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file in the home.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the folder is writable");
    }

    /// A file's text; none there is no text.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Files with an ending under a folder of the home.
    pub fn files(&self, folder: &str, ending: &str) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.path() {
                    path if path.is_dir() => walk(&path, found),
                    path => found.push(path),
                }
            }
        }
        let mut found = vec![];
        walk(&self.path(folder), &mut found);
        found.retain(|path| path.extension().is_some_and(|of_path| of_path == ending));
        found.sort();
        found
    }

    /// What its window is told from a terminal, and what that said.
    pub fn ctl(&self, words: &[&str]) -> Said {
        hear(self.abscope().arg("ctl").args(words))
    }

    /// What its window says of itself, once it answers.
    pub fn status(&self, deadline: Duration) -> Value {
        let said = wait_for("an answer", deadline, || {
            let said = self.ctl(&["status"]);
            (said.code == Some(0)).then_some(said)
        });
        serde_json::from_str(&said.out).expect("the status is JSON")
    }

    /// The program in this home.
    pub fn abscope(&self) -> Command {
        let mut command = abscope();
        command
            .env("HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("ABSCOPE_CONFIG", self.path("settings.toml"))
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
        command
    }
}

/// A port for remote control that nobody has.
pub fn free_port() -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback is there");
    socket.local_addr().expect("it is bound").port()
}

/// A running window; dropping it ends it.
pub struct Window {
    /// The program.
    pub program: Child,
    /// What the X server calls the window.
    pub id: String,
    /// Where it is shown.
    pub display: Rc<Display>,
    deadline: Duration,
}

impl Window {
    /// The demo in the home of a person, on a display of its own.
    pub fn demo(home: &Home, deadline: Duration) -> Self {
        let mut program = home.abscope();
        program
            .arg("--demo")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self::open(program, &Rc::new(Display::start()), deadline)
    }

    /// Starts the program on a display and waits for its window. Nothing it may take longer than `deadline` for.
    pub fn open(mut command: Command, display: &Rc<Display>, deadline: Duration) -> Self {
        let program = command
            .env("DISPLAY", display.name())
            .stdin(Stdio::null())
            .spawn()
            .expect("the program was built");
        let mut window = Self {
            program,
            id: String::new(),
            display: Rc::clone(display),
            deadline,
        };
        window.id = wait_for("a window", deadline, || {
            window.assert_runs();
            window.display.window("Abscope")
        });
        window
    }

    /// Fails, with what it said, if the program has ended.
    pub fn assert_runs(&mut self) {
        if let Some(status) = self.program.try_wait().expect("it is our child") {
            let mut said = String::new();
            if let Some(err) = &mut self.program.stderr {
                err.read_to_string(&mut said).expect("a pipe can be read");
            }
            panic!("the window is gone ({status}): {said}");
        }
    }

    /// Presses a key.
    pub fn press(&self, key: &str) {
        self.display
            .xdotool(&["key", key])
            .unwrap_or_else(|| panic!("xdotool does not know the key {key}"));
    }

    /// Runs a command of `xdotool` on the window: `["windowsize", "800", "500"]`.
    pub fn tell(&self, words: &[&str]) {
        let words = [&words[..1], &[self.id.as_str()], &words[1..]].concat();
        self.display.xdotool(&words).expect("the window is there");
    }

    /// Gives the window the keyboard: there is no window manager to do it.
    pub fn focus(&self) {
        let words = ["windowfocus", "--sync", &self.id];
        self.display.xdotool(&words).expect("the window is there");
    }

    /// Gives the window another size.
    pub fn resize(&self, [width, height]: [u32; 2]) {
        let (width, height) = (width.to_string(), height.to_string());
        let words = ["windowsize", "--sync", &self.id, &width, &height];
        self.display.xdotool(&words).expect("the window is there");
    }

    /// Takes a picture of the display.
    pub fn picture(&self) -> Picture {
        self.display.picture()
    }

    /// Waits until a picture shows something, and returns it.
    pub fn until(&mut self, what: &str, shows: impl Fn(&Picture) -> bool) -> Picture {
        let begin = Instant::now();
        loop {
            self.assert_runs();
            let picture = self.picture();
            if shows(&picture) {
                return picture;
            }
            if begin.elapsed() > self.deadline {
                let path = picture.save(&what.replace([' ', ','], "-"));
                panic!(
                    "{what}: not within {:?}, see {}",
                    self.deadline,
                    path.display()
                );
            }
        }
    }

    /// Waits until parts of the picture have not changed for a time, and returns the picture.
    pub fn settled(&mut self, parts: &[Rect], still: Duration) -> Picture {
        let (mut last, mut since) = (self.picture(), Instant::now());
        wait_for("a picture that stands still", self.deadline, || {
            let picture = self.picture();
            if parts.iter().any(|part| picture.changed(&last, *part) > 0.0) {
                since = Instant::now();
            }
            last = picture;
            (since.elapsed() > still).then_some(())
        });
        last
    }

    /// Asks the window to close and returns what the program said to the end, as far as that goes into pipes.
    pub fn close(mut self) -> Said {
        self.display.ask_to_close(&self.id);
        let status = wait_for("the end", self.deadline, || {
            self.program.try_wait().expect("it is our child")
        });
        let read = |pipe: Option<&mut dyn Read>| {
            let mut bytes = vec![];
            pipe.map(|pipe| pipe.read_to_end(&mut bytes).expect("a pipe can be read"));
            bytes
        };
        Said::from(Output {
            status,
            stdout: read(self.program.stdout.as_mut().map(|pipe| pipe as _)),
            stderr: read(self.program.stderr.as_mut().map(|pipe| pipe as _)),
        })
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
