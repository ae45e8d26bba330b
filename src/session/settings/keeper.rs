//! Keeps the settings: a thread writes them soon after a change, so that the picture never waits for a disk.

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

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
            Self::start(path, loaded.is_broken, say)
        };
        (keeper, loaded)
    }

    fn start(path: PathBuf, is_broken: bool, say: impl Fn(String) + Send + 'static) -> Self {
        let (queue, changes) = channel();
        let thread = std::thread::Builder::new()
            .name("settings".to_owned())
            .spawn(move || write_changes(&path, is_broken, &changes, &say));
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
    path: &std::path::Path,
    mut is_broken: bool,
    changes: &Receiver<Settings>,
    say: &impl Fn(String),
) {
    while let Ok(mut newest) = changes.recv() {
        let is_last = loop {
            match changes.recv_timeout(SOON) {
                Ok(newer) => newest = newer,
                Err(RecvTimeoutError::Timeout) => break false,
                Err(RecvTimeoutError::Disconnected) => break true,
            }
        };
        if is_broken {
            // What was not understood may be dear to somebody.
            if let Err(error) = put_aside(path) {
                tracing::warn!("{}: no copy is kept: {error}", path.display());
            }
            is_broken = false;
        }
        if let Err(error) = save(path, &newest) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_change_is_written_even_when_the_program_ends_at_once() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("settings.toml");
        let keeper = SettingsKeeper::start(path.clone(), false, |words| panic!("{words}"));
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
        let keeper = SettingsKeeper::start(path.clone(), true, |words| panic!("{words}"));
        keeper.keep(&Settings::default());
        drop(keeper);
        let aside = fs::read_to_string(folder.path().join("settings.toml.bak"));
        assert_eq!(aside.expect("it was put aside"), "tilt = = 3\n");
    }

    #[test]
    fn what_cannot_be_written_is_said_in_one_line() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let in_the_way = folder.path().join("file");
        fs::write(&in_the_way, "").expect("the folder is writable");
        let (said, heard) = channel();
        let keeper = SettingsKeeper::start(in_the_way.join("settings.toml"), false, move |words| {
            said.send(words).expect("the test listens");
        });
        keeper.keep(&Settings::default());
        drop(keeper);
        let words = heard.recv().expect("it was said");
        assert!(
            words.contains("settings.toml") && !words.contains('\n'),
            "{words}"
        );
    }
}
