//! Keeps the settings: a thread writes them soon after a change, so that the picture never waits for a disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::audio::threads;
use crate::session::settings::all::Settings;
use crate::session::settings::file::{Loaded, load, path, put_aside, save};

/// Changes within this time are written once: a slider that is dragged makes sixty a second.
const SOON: Duration = Duration::from_millis(400);

/// Writes what it is given, newest last; dropping it writes what is left.
pub struct SettingsKeeper {
    queue: Option<Sender<Settings>>,
    thread: Option<JoinHandle<()>>,
}

impl SettingsKeeper {
    /// Reads the settings and starts to keep them. `say` is told, on the keeper's thread, what cannot be written.
    pub fn open(say: impl Fn(String) + Send + 'static) -> (Self, Loaded) {
        let Some(path) = path() else {
            let nowhere = Self {
                queue: None,
                thread: None,
            };
            let problem = "no folder for settings is known; changes are not kept (is HOME set?)";
            let loaded = Loaded {
                problems: vec![problem.to_owned()],
                ..Loaded::default()
            };
            return (nowhere, loaded);
        };
        let loaded = load(&path);
        let keeper = if loaded.is_unreadable {
            Self {
                queue: None,
                thread: None,
            }
        } else {
            Self::start(path, loaded.settings.clone(), loaded.is_broken, say)
        };
        (keeper, loaded)
    }

    fn start(
        path: PathBuf,
        read: Settings,
        is_broken: bool,
        say: impl Fn(String) + Send + 'static,
    ) -> Self {
        let (queue, changes) = channel();
        let thread = threads::spawn("settings", move || {
            write_changes(&path, read, is_broken, &changes, &say)
        });
        match thread {
            Ok(thread) => Self {
                queue: Some(queue),
                thread: Some(thread),
            },
            Err(error) => {
                tracing::error!("settings are not kept: {error}");
                Self {
                    queue: None,
                    thread: None,
                }
            }
        }
    }

    /// Has settings written soon.
    pub fn keep(&self, settings: &Settings) {
        if let Some(queue) = &self.queue {
            // A thread that has ended has said why.
            let _ = queue.send(settings.clone());
        }
    }
}

impl Drop for SettingsKeeper {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn write_changes(
    path: &Path,
    mut before: Settings,
    mut is_broken: bool,
    changes: &Receiver<Settings>,
    say: &impl Fn(String),
) {
    let mut unsaved = None;
    loop {
        // What the disk did not take is tried again with the next change, and when the window closes.
        let (mut newest, mut is_last) = match (changes.recv(), unsaved.take()) {
            (Ok(newest), _) => (newest, false),
            (Err(_), Some(unsaved)) => (unsaved, true),
            (Err(_), None) => return,
        };
        while !is_last {
            match changes.recv_timeout(SOON) {
                Ok(newer) => newest = newer,
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => is_last = true,
            }
        }
        if is_broken {
            // What was not understood may be dear to somebody.
            if let Err(error) = put_aside(path) {
                tracing::warn!("{}: no copy is kept: {error}", path.display());
            }
            is_broken = false;
        }
        let mut save = || {
            threads::carry_on("settings", || {
                threads::may_break("settings");
                save_changes(path, &before, &newest)
            })
        };
        // A stumble is no reason to lose what was set.
        let saved = save().or_else(&mut save);
        match saved {
            Some(Ok(())) => before = newest,
            _ => unsaved = Some(newest),
        }
        if let Some(Err(error)) = saved {
            let is_full = fs::metadata(path.parent().unwrap_or(path)).is_ok();
            let advice = if is_full {
                "is the disk full or write-protected?"
            } else {
                "the folder cannot be made"
            };
            say(format!(
                "{}: the settings cannot be written ({error}); {advice}",
                path.display()
            ));
        }
        if is_last {
            return;
        }
    }
}

/// Writes what has changed since it was read or written last, and leaves all else as it is now: another window may have
/// written it.
fn save_changes(path: &Path, before: &Settings, newest: &Settings) -> io::Result<()> {
    let there = load(path);
    if there.is_unreadable {
        return Err(io::Error::other("the file that is there cannot be read"));
    }
    save(path, &with_changes(there.settings, before, newest))
}

/// Settings with what is other in `newest` than it was `before`.
fn with_changes(mut there: Settings, before: &Settings, newest: &Settings) -> Settings {
    for ((setting, value), (_, old)) in newest.values().zip(before.values()) {
        if value != old {
            there.set(setting, &value);
        }
    }
    for name in before.kept.keys().chain(newest.kept.keys()) {
        match newest.kept.get(name) {
            value if value == before.kept.get(name) => {}
            Some(value) => {
                there.kept.insert(name.clone(), value.clone());
            }
            None => {
                there.kept.remove(name);
            }
        }
    }
    there
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_change_is_written_even_when_the_program_ends_at_once() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("settings.toml");
        let keeper = SettingsKeeper::start(path.clone(), Settings::default(), false, |words| {
            panic!("{words}")
        });
        let mut settings = Settings::default();
        for span_secs in [5.0, 6.0, 7.0] {
            settings.span_secs = span_secs;
            keeper.keep(&settings);
        }
        drop(keeper);
        assert_eq!(load(&path).settings.span_secs, 7.0);
    }

    #[test]
    fn a_broken_file_is_put_aside_before_it_is_written_anew() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("settings.toml");
        fs::write(&path, "tilt = = 3\n").expect("the folder is writable");
        let keeper = SettingsKeeper::start(path.clone(), Settings::default(), true, |words| {
            panic!("{words}")
        });
        keeper.keep(&Settings::default());
        drop(keeper);
        let aside = fs::read_to_string(folder.path().join("settings.toml.bak"));
        assert_eq!(aside.expect("it was put aside"), "tilt = = 3\n");
    }

    #[test]
    fn two_windows_keep_what_each_has_changed() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("settings.toml");
        fs::write(&path, "span = 33\nwarp = 9\n[kept]\na = 1\nb = 2\n").expect("it is writable");
        let read = load(&path).settings;
        let keepers = [0, 1].map(|_| {
            let say = |words| panic!("{words}");
            SettingsKeeper::start(path.clone(), read.clone(), false, say)
        });
        let mut first = read.clone();
        first.span_secs = 44.0;
        first.keep("a", &3);
        let mut second = read.clone();
        second.theme = "light";
        second.keep("c", &4);
        second.kept.remove("b");
        let [one, two] = keepers;
        one.keep(&first);
        drop(one);
        two.keep(&second);
        drop(two);
        let mut expected = read;
        expected.span_secs = 44.0;
        expected.theme = "light";
        expected.kept = "a = 3\nc = 4".parse().expect("it is TOML");
        assert_eq!(load(&path).settings, expected);
    }

    #[test]
    fn what_cannot_be_written_is_said_in_one_line() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let in_the_way = folder.path().join("file");
        fs::write(&in_the_way, "").expect("the folder is writable");
        let (said, heard) = channel();
        let keeper = SettingsKeeper::start(
            in_the_way.join("settings.toml"),
            Settings::default(),
            false,
            move |words| {
                said.send(words).expect("the test listens");
            },
        );
        keeper.keep(&Settings::default());
        drop(keeper);
        let words = heard.recv().expect("it was said");
        assert!(
            words.contains("settings.toml") && !words.contains('\n'),
            "{words}"
        );
    }

    #[test]
    fn what_the_disk_did_not_take_is_written_once_it_does() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let place = folder.path().join("there");
        for closes in [false, true] {
            // A file where the folder should be.
            fs::write(&place, "").expect("the folder is writable");
            let path = place.join("settings.toml");
            let (said, heard) = channel();
            let keeper =
                SettingsKeeper::start(path.clone(), Settings::default(), false, move |words| {
                    let _ = said.send(words);
                });
            let mut settings = Settings {
                span_secs: 33.0,
                ..Settings::default()
            };
            keeper.keep(&settings);
            heard.recv().expect("it is said");
            fs::remove_file(&place).expect("the folder is writable");
            let mut expected = settings.clone();
            if !closes {
                settings.theme = "light";
                expected.theme = "light";
                keeper.keep(&settings);
            }
            drop(keeper);
            assert_eq!(load(&path).settings, expected, "closes: {closes}");
            fs::remove_dir_all(&place).expect("the folder is writable");
        }
    }
}
