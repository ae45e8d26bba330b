//! The built program, started the way a person starts it, and what it said.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a finished run said.
pub struct Said {
    /// Exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Names another build of the program than the one that was built for the tests: the one that people have.
const PROGRAM_VARIABLE: &str = "ABSCOPE_TEST_PROGRAM";

/// Where the program lies.
pub fn program() -> PathBuf {
    let other = std::env::var_os(PROGRAM_VARIABLE).map(PathBuf::from);
    other.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_abscope")))
}

/// The program, with no sound server to find: a test that wants one names its own.
///
/// Mesa's software Vulkan writes to the standard error where there is no runtime folder, so it gets one.
pub fn abscope() -> Command {
    let folder = runtime_folder();
    let mut command = Command::new(program());
    command
        .env("XDG_RUNTIME_DIR", &folder)
        .env(
            "PULSE_SERVER",
            format!("unix:{}", folder.join("none").display()),
        )
        .env("ABSCOPE_CONFIG", calm_settings())
        // Nor a DAW that happens to run.
        .env("ABSCOPE_LINK", "abscope-test-no-senders")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .env_remove("RUST_LOG")
        .env_remove("RUST_BACKTRACE");
    command
}

/// A file of settings for one run: the user's own stay untouched.
fn calm_settings() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("settings-{}-{number}.toml", std::process::id());
    let path = runtime_folder().join(name);
    // Windows of tests that run beside this one have the usual port.
    std::fs::write(&path, "remote = false\nhints-seen = true\n")
        .expect("the target folder is writable");
    path
}

/// A folder for the sockets and caches that libraries put into their runtime folder.
pub fn runtime_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("runtime");
    std::fs::create_dir_all(&folder).expect("the target folder is writable");
    folder
}

/// Runs a command to its end. Whatever it was asked, it must not panic.
pub fn hear(command: &mut Command) -> Said {
    let output = command.output().expect("the program was built");
    Said::from(output)
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = Self {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        assert!(!said.err.contains("panicked"), "{}", said.err);
        said
    }
}

impl Said {
    /// The standard output as one JSON value a line.
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
            .collect()
    }

    /// Lines of the standard error.
    pub fn err_lines(&self) -> Vec<&str> {
        self.err.lines().collect()
    }

    /// The one line of a failure: exit code 1, nothing but that line on the standard error.
    pub fn failure(&self) -> &str {
        assert_eq!(self.code, Some(1), "{}", self.err);
        let lines = self.err_lines();
        assert_eq!(lines.len(), 1, "one line says what is wrong: {}", self.err);
        lines[0]
    }
}

/// A number in a JSON value by its pointer, which must be there and near an expected one.
pub fn assert_near(json: &serde_json::Value, pointer: &str, expected: f64, tolerance: f64) {
    let value = json.pointer(pointer).and_then(serde_json::Value::as_f64);
    let value = value.unwrap_or_else(|| panic!("{pointer} is no number in {}", json["file"]));
    assert!(
        (value - expected).abs() <= tolerance,
        "{pointer} of {} is {value}, expected {expected} ± {tolerance}",
        json["file"]
    );
}
