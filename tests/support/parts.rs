//! What a test needs of the machine. Where it is not there the test says that it is skipped, in a line that nobody can
//! overlook: a test that says nothing was run.

use std::io::Write as _;
use std::path::PathBuf;

/// Names the file that `scripts/test` tells the skipped tests from.
const LIST: &str = "ABSCOPE_TEST_SKIPPED";
/// Set by `scripts/test --quick`.
const QUICK: &str = "ABSCOPE_TEST_QUICK";

/// Programs without which a test has nothing to test.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    name: &'static str,
    /// Each one's names, of which one must be there.
    programs: &'static [&'static str],
}

/// A sound server without a sound card, and what plays into it.
pub const PULSEAUDIO: Part = Part {
    name: "PulseAudio",
    programs: &["pulseaudio", "pactl", "paplay"],
};
/// The other sound server, with its session manager, the bus both need, and what changes its clock.
pub const PIPEWIRE: Part = Part {
    name: "PipeWire",
    programs: &[
        "pipewire",
        "wireplumber",
        "dbus-daemon",
        "pw-metadata",
        "pactl",
        "paplay",
    ],
};
/// Whichever sound server is there.
pub const SOUND: Part = Part {
    name: "a sound server",
    programs: &["pulseaudio|wireplumber", "pactl", "paplay"],
};
/// A display without a screen, keys that are pressed on it, and pictures that are taken of it.
pub const DISPLAY: Part = Part {
    name: "Xvfb with xdotool and ImageMagick",
    programs: &["Xvfb", "xdotool", "import"],
};
/// Two monitors without a card.
pub const MONITORS: Part = Part {
    name: "Xorg with xrandr, xrdb and xprop",
    programs: &["Xorg", "xrandr", "xrdb", "xprop"],
};
/// A Wayland compositor without a screen, keys that are pressed in it, and pictures that are taken of it.
pub const SWAY: Part = Part {
    name: "Sway with wtype, grim and xwininfo",
    programs: &["sway", "swaymsg", "wtype", "grim", "xwininfo"],
};
/// What screen readers read windows over.
pub const ACCESSIBILITY: Part = Part {
    name: "D-Bus with AT-SPI",
    programs: &["dbus-daemon", "at-spi-bus-launcher"],
};
/// The clipboard of a display.
pub const CLIPBOARD: Part = Part {
    name: "xclip",
    programs: &["xclip"],
};
/// The oracle for files.
pub const FFMPEG: Part = Part {
    name: "ffmpeg",
    programs: &["ffmpeg"],
};
/// A browser.
pub const CHROMIUM: Part = Part {
    name: "Chromium",
    programs: &["chromium|chromium-browser|google-chrome"],
};
/// Reads a snapshot by its document.
pub const PYTHON: Part = Part {
    name: "Python 3",
    programs: &["python3"],
};
/// Validators of what desktops read.
pub const VALIDATORS: Part = Part {
    name: "desktop-file-validate and appstreamcli",
    programs: &["desktop-file-validate", "appstreamcli"],
};

impl Part {
    /// Whether all of it is there.
    pub fn is_there(self) -> bool {
        self.programs.iter().all(|names| any_of(names).is_some())
    }

    /// Where its first program lies.
    pub fn program(self) -> Option<PathBuf> {
        self.programs.first().and_then(|names| any_of(names))
    }
}

/// Whether a test may run: all parts are there. If not, it is said to be skipped.
///
/// # Panics
/// Where every part must be there: on Linux in continuous integration (`CI=true`). Only PulseAudio may be missing there,
/// and only where PipeWire is the desktop's sound server.
pub fn are_there(test: &str, parts: &[Part]) -> bool {
    let missing = parts.iter().find_map(|part| {
        let program = part.programs.iter().find(|names| any_of(names).is_none())?;
        Some((part, program))
    });
    let Some((part, program)) = missing else {
        return true;
    };
    let is_replaced = part.name == PULSEAUDIO.name && find("pipewire-pulse").is_some();
    let why = format!(
        "{program} is not installed ({}); scripts/test installs it",
        part.name
    );
    assert!(
        !must_be_whole() || is_replaced,
        "{test} cannot be tested, and in continuous integration it must be: {why}"
    );
    say(test, &why);
    false
}

/// Says that a test is skipped, and why.
///
/// # Panics
/// On Linux in continuous integration, where nothing may be skipped.
pub fn skipped(test: &str, why: &str) {
    assert!(
        !must_be_whole(),
        "{test} cannot be tested, and in continuous integration it must be: {why}"
    );
    say(test, why);
}

/// Says that a test is left out where only root could run it: a run of its own has it, in continuous integration too.
pub fn left_to_root(test: &str, why: &str) {
    say(test, &format!("{why}; scripts/night strangers"));
}

/// Whether a test is left to the whole run, being one of those that take the most time; it is then said to be skipped.
pub fn left_to_the_whole_run(test: &str) -> bool {
    let is_quick = std::env::var_os(QUICK).is_some();
    if is_quick {
        say(test, "it takes long; scripts/test without --quick has it");
    }
    is_quick
}

/// So many rounds of a trial: all of them, or the first tenth where everything is to be quick.
pub fn rounds(all: usize) -> std::ops::Range<usize> {
    match std::env::var_os(QUICK) {
        Some(_) => 0..all.div_ceil(10),
        None => 0..all,
    }
}

/// The first program of some names, `a|b`.
fn any_of(names: &str) -> Option<PathBuf> {
    names.split('|').find_map(find)
}

/// A program by its name, in the folders where programs are looked for.
fn find(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    // Debian's Xorg is a wrapper that refuses those who sit at no console; the program behind it lies here.
    // What is started over D-Bus lies in no PATH.
    let more = ["/usr/lib/xorg", "/usr/libexec", "/usr/lib/at-spi2-core"].map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(more);
    let mut places = folders.map(|folder| folder.join(&name));
    places.find(|place| place.is_file())
}

fn must_be_whole() -> bool {
    cfg!(target_os = "linux") && std::env::var("CI").as_deref() == Ok("true")
}

/// One line to the terminal, past the test harness, which shows only what failed tests print; and one to the list.
fn say(test: &str, why: &str) {
    let line = format!("SKIPPED {test}: {why}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    if let Some(list) = std::env::var_os(LIST) {
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(list);
        let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
        written.expect("scripts/test names a file that can be written");
    }
}
