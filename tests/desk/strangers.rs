//! Another user of the same computer wants in: to the window of one who works, to what is kept, and by links and pipes
//! that wait where files are written. Each user is one of the system's, and what keeps them apart is the system's too:
//! folders and homes stand open as far as people leave them open.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use crate::support::desk::{Home, Window, free_port};
use crate::support::parts::{self, DISPLAY};
use crate::support::program::{Said, hear, program};
use crate::support::turns::{self, Turn};
use crate::support::users::{OWNER, STRANGER, User, chmod, may_be_others};
use crate::support::wav::{sine, write_wav};
use crate::support::x11::{Display, wait_for};

/// Long enough for a busy machine whose processor draws.
const DEADLINE: Duration = Duration::from_secs(90);
const PRECIOUS: &str = "years of work";

/// A home that all users may look into, with a folder that all may write to, as on a computer that is shared.
struct Place {
    home: Home,
    port: u16,
    _turn: Turn,
}

impl Place {
    /// None where the test has to be skipped.
    fn make(test: &str, parts: &[parts::Part]) -> Option<Self> {
        if !parts::are_there(test, parts) || !may_be_others(test) {
            return None;
        }
        let place = Self {
            _turn: turns::alone(),
            home: Home::new(),
            port: free_port(),
        };
        let home = &place.home;
        for folder in ["shared", "run", "stranger"] {
            std::fs::create_dir(home.path(folder)).expect("the home is writable");
        }
        let shared = home.path("shared").display().to_string();
        let settings = format!(
            "remote-port = {}\nhints-seen = true\nsnapshot-sound = 1\npictures-folder = {shared:?}\n",
            place.port
        );
        home.write("settings.toml", &settings);
        home.write("precious", PRECIOUS);
        // The program lies where root alone may enter, perhaps.
        std::fs::copy(program(), home.path("abscope")).expect("there is room");
        for name in ["mix", "record"] {
            let path = home.path(format!("{name}.wav"));
            write_wav(&path, 48_000, 2, 5.0, |_, secs| sine(440.0, -12.0, secs));
        }
        OWNER.owns(&home.path(""));
        STRANGER.owns(&home.path("stranger"));
        chmod(&home.path(""), 0o755);
        // Without the bit of /tmp: there the system itself follows no link of another user.
        chmod(&home.path("shared"), 0o777);
        chmod(&home.path("run"), 0o700);
        Some(place)
    }

    /// The program as a user runs it, with the owner's home or one of their own.
    fn abscope(&self, user: User, is_in_own_home: bool) -> std::process::Command {
        let usual = self.home.abscope();
        let mut command = std::process::Command::new(self.home.path("abscope"));
        for (name, value) in usual.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("XDG_RUNTIME_DIR", self.home.path("run"));
        if is_in_own_home {
            let own = self.home.path("stranger");
            command
                .env("HOME", &own)
                .env("ABSCOPE_CONFIG", own.join("settings.toml"))
                .env("XDG_RUNTIME_DIR", &own)
                .env("XDG_CACHE_HOME", own.join("cache"))
                .env("XDG_DATA_HOME", own.join("data"))
                .env("XDG_STATE_HOME", own.join("state"));
        }
        user.runs(command)
    }

    fn run(&self, user: User, words: &[&str]) -> Said {
        hear(self.abscope(user, false).args(words))
    }

    fn shared(&self, name: &str) -> PathBuf {
        self.home.path("shared").join(name)
    }

    /// Checks that nothing of the owner's was written over or made by a stranger's link.
    fn assert_whole(&self, what: &str) {
        assert_eq!(self.home.read("precious"), PRECIOUS, "{what}");
        assert!(!self.home.path("not there").exists(), "{what}");
    }

    /// Names in the shared folder that are no links.
    fn written(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.shared("")).expect("it is there");
        let own = entries
            .flatten()
            .filter(|entry| !entry.file_type().expect("it has a type").is_symlink());
        own.map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }

    /// A link of the stranger's where a file is going to be.
    fn plant_link(&self, name: &str, to: &str) {
        let (done, said) = STRANGER.shell(
            "ln -s \"$1\" \"$2\"",
            &[&self.home.path(to), &self.shared(name)],
        );
        assert!(done, "{said}");
    }
}

#[test]
fn another_user_reaches_neither_the_window_nor_what_is_kept() {
    let test = "another_user_reaches_neither_the_window_nor_what_is_kept";
    let Some(place) = Place::make(test, &[DISPLAY]) else {
        return;
    };
    let mut command = place.abscope(OWNER, false);
    command
        .arg("--demo")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut window = Window::open(command, &Rc::new(Display::start()), DEADLINE);
    window.resize([640, 400]);
    let ctl = |words: &[&str]| place.run(OWNER, &[&["ctl"], words].concat());
    let status = || -> Value {
        let said = wait_for("an answer", DEADLINE, || {
            let said = ctl(&["status"]);
            (said.code == Some(0)).then_some(said)
        });
        serde_json::from_str(&said.out).expect("the status is JSON")
    };
    status();
    wait_for("a snapshot", DEADLINE, || {
        (ctl(&["snapshot"]).code == Some(0)).then_some(())
    });

    // `abscope ctl`, from a home of their own and told where the owner's socket is.
    let port = place.port.to_string();
    for is_in_own_home in [true, false] {
        for words in ["status", "quit", "set pictures-folder /tmp"] {
            let mut asks = place.abscope(STRANGER, is_in_own_home);
            asks.args(["ctl", "--port", &port]).args(words.split(' '));
            let said = hear(&mut asks);
            let why = said.failure();
            assert!(why.contains("no window of yours answers"), "{why}");
            assert!(is_in_own_home || why.contains("Permission denied"), "{why}");
        }
    }

    // What is kept, by hand.
    let state = place.home.path("state/Abscope");
    let snapshot = place.home.files("data", "abscope")[0].clone();
    let process = PathBuf::from(format!("/proc/{}", window.program.id()));
    for (lines, path) in [
        ("ls \"$1\"", &state),
        ("cat \"$1\"/session.json", &state),
        ("ls \"$1\"/control", &state),
        ("cat \"$1\"/control/pairing-code", &state),
        ("echo x > \"$1\"/session.json", &state),
        ("rm \"$1\"/session.lock", &state),
        ("mv \"$1\" \"$1\".gone", &state),
        ("cat \"$1\" > /dev/null", &snapshot),
        ("echo x >> \"$1\"", &snapshot),
        ("echo x >> \"$1\"", &place.home.path("settings.toml")),
        ("rm -f \"$1\"", &place.home.path("settings.toml")),
        ("cat \"$1\"/environ", &process),
    ] {
        let (done, said) = STRANGER.shell(lines, &[path]);
        assert!(!done, "{lines} {}: {said}", path.display());
        assert!(
            said.contains("denied") || said.contains("not permitted"),
            "{lines}: {said}"
        );
    }

    // Messages: everybody may send them, and they do what a surface may.
    let before = status();
    let packets = [
        r"/abscope/quit\0\0\0,\0\0\0",
        r"/abscope/delete-snapshot\0\0\0\0,\0\0\0",
        r"/abscope/do\0,s\0\0set pictures-folder /tmp\0\0\0\0",
        r"/abscope/do\0,s\0\0set remote-address 0.0.0.0\0\0",
        r"/abscope/do\0,s\0\0recall-mix /etc/passwd\0\0",
    ];
    for packet in packets {
        let sends = format!("printf '{packet}' > /dev/udp/127.0.0.1/{port}");
        let (done, said) = STRANGER.shell(&sends, &[]);
        assert!(done, "{packet}: {said}");
    }
    let after = wait_for("the packets", DEADLINE, || {
        let status = status();
        (status["remote_refused"] == packets.len()).then_some(status)
    });
    for what in ["snapshot", "input", "reference", "remote_code", "stopped"] {
        assert_eq!(after[what], before[what], "{what}");
    }
    assert!(!place.home.read("settings.toml").contains("0.0.0.0"));
    assert_eq!(place.home.files("data", "abscope"), [snapshot]);

    // Pictures, reports and exports go to a folder where the stranger waits under each name of the next minutes.
    let write_all = || {
        for words in [&["screenshot", "slide"][..], &["report"], &["export"]] {
            wait_for("it to be written", DEADLINE, || {
                (ctl(words).code == Some(0)).then_some(())
            });
            place.assert_whole(&words.join(" "));
        }
    };
    write_all();
    let names = place.written();
    assert_eq!(names.len(), 3, "{names:?}");
    let now = jiff::Zoned::now();
    for name in &names {
        let (_, rest) = name.split_at("Abscope 2026-11-29 11.23.42".len());
        for secs in 0..300 {
            let at = &now + jiff::Span::new().seconds(secs);
            let name = format!("{}{rest}", at.strftime("Abscope %Y-%m-%d %H.%M.%S"));
            for name in [format!("{name}.part"), name] {
                let link = place.shared(&name);
                if !link.exists() {
                    symlink(place.home.path("precious"), &link).expect("root may");
                    STRANGER.owns_link(&link);
                }
            }
        }
    }
    write_all();
    let more: Vec<String> = place
        .written()
        .into_iter()
        .filter(|name| !names.contains(name))
        .collect();
    assert_eq!(more.len(), 3, "{more:?}");
    assert!(
        more.iter().all(|name| name.contains("(2)")),
        "each met a link: {more:?}"
    );
    window.assert_runs();
}

#[test]
fn no_link_pipe_or_file_of_another_user_chooses_what_is_written_over() {
    let test = "no_link_pipe_or_file_of_another_user_chooses_what_is_written_over";
    let Some(place) = Place::make(test, &[]) else {
        return;
    };
    let [mix, record] = ["mix.wav", "record.wav"].map(|name| place.home.path(name));
    let [mix, record] = [&mix, &record].map(|path| path.to_str().expect("it is text"));
    let commands: [(&str, &[&str]); 3] = [
        (
            "picture.png",
            &["render", "--mix", mix, "--size", "320x200", "-o"],
        ),
        ("report.html", &["compare", mix, record, "--report"]),
        ("target.json", &["target", mix, record, "-o"]),
    ];
    for (name, words) in commands {
        let out = place.shared(name);
        let write = || {
            place.run(
                OWNER,
                &[words, &[out.to_str().expect("it is text")]].concat(),
            )
        };
        place.plant_link(&format!("{name}.part"), "precious");
        for to in ["precious", "not there"] {
            place.plant_link(name, to);
            let said = write();
            assert!(
                said.failure().contains("a link of another user is there"),
                "{}",
                said.err
            );
            place.assert_whole(name);
            std::fs::remove_file(&out).expect("root may");
        }
        // A pipe, which would take what is written, or wait for ever.
        let (done, said) = STRANGER.shell("mkfifo -m 666 \"$1\"", &[&out]);
        assert!(done, "{said}");
        let said = write();
        assert!(
            said.failure().contains("a pipe of another user"),
            "{}",
            said.err
        );
        std::fs::remove_file(&out).expect("root may");
        // A file that all may write and that runs as whose it is.
        let (done, said) = STRANGER.shell("echo > \"$1\" && chmod 6777 \"$1\"", &[&out]);
        assert!(done, "{said}");
        let said = write();
        assert_eq!(said.code, Some(0), "{}", said.err);
        let mode = std::fs::metadata(&out)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o7022, 0, "{name} is {mode:o}");
        place.assert_whole(name);
        // Their own link leads where they want.
        std::fs::remove_file(&out).expect("root may");
        let (done, said) = OWNER.shell("ln -s \"$1\" \"$2\"", &[Path::new("behind"), &out]);
        assert!(done, "{said}");
        assert_eq!(write().code, Some(0));
        assert!(place.shared("behind").is_file(), "{name}");
        std::fs::remove_file(place.shared("behind")).expect("root may");
    }
}
