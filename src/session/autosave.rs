//! What was open comes back: a small file that says it, and a snapshot without sound every minute, for a crash.
//!
//! Both lie in the state folder. Whoever holds the lock there writes them; a second window neither restores nor
//! writes, and says nothing about it.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::audio::capture::InputSelector;
use crate::audio::devices::InputChoice;
use crate::session::Session;
use crate::session::input::InputWish;
use crate::session::snapshot::file::replace_file;
use crate::session::snapshot::{EXTENSION, Snapshot, SnapshotError, shelf};

/// What was open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WasOpen {
    /// Version of this file.
    pub schema: u32,
    /// The input by the name that `--input` takes; absent for a file.
    pub input: Option<String>,
    /// Files of the references, in their order; snapshots too.
    pub references: Vec<PathBuf>,
    /// Which of them was shown, counted from 0.
    pub active: usize,
    /// Whether the window was closed in order; else it crashed.
    pub is_closed: bool,
}

impl Default for WasOpen {
    fn default() -> Self {
        Self {
            schema: 1,
            input: None,
            references: vec![],
            active: 0,
            is_closed: true,
        }
    }
}

impl WasOpen {
    /// What is open now.
    pub fn of(session: &Session) -> Self {
        let lasting = session.references.all().iter();
        let lasting = lasting.filter(|reference| !reference.came_with_picture);
        let shown = session.references.active().map(|active| active.id);
        let files: Vec<_> = lasting.filter(|item| item.path.is_some()).collect();
        let active = files.iter().position(|item| Some(item.id) == shown);
        let wish = session.live_mix().and_then(|mix| mix.input.as_ref());
        Self {
            input: wish.and_then(|input| name_of(&input.wish)),
            references: files.iter().filter_map(|item| item.path.clone()).collect(),
            active: active.unwrap_or_default(),
            is_closed: false,
            ..Self::default()
        }
    }
}

fn name_of(wish: &InputWish) -> Option<String> {
    match wish {
        InputWish::Device(InputSelector { choice, .. }) => match choice {
            InputChoice::Named(name) => Some(name.clone()),
            InputChoice::System => Some("system".to_owned()),
        },
        // The demo stands in where there is no input, and a file is named anew: neither is looked for by itself.
        InputWish::Demo | InputWish::File(_) => None,
    }
}

/// The state folder, held by this process.
#[derive(Debug)]
pub struct StateFolder {
    folder: PathBuf,
    _lock: File,
}

impl StateFolder {
    /// Where the system keeps such things; none where it knows no home folder.
    pub fn default_folder() -> Option<PathBuf> {
        let folders = directories::BaseDirs::new()?;
        let state = folders.state_dir().unwrap_or(folders.data_local_dir());
        Some(state.join("Abscope"))
    }

    /// Takes hold of a folder; none while another window has it.
    pub fn hold(folder: &Path) -> io::Result<Option<Self>> {
        fs::create_dir_all(folder)?;
        let lock = File::create(folder.join("session.lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        // What a killed process left in the making is nobody's now.
        for entry in fs::read_dir(folder)?.flatten() {
            let path = entry.path();
            if path.to_string_lossy().ends_with(shelf::UNFINISHED_ENDING) {
                let _ = fs::remove_file(path);
            }
        }
        Ok(Some(Self {
            folder: folder.to_owned(),
            _lock: lock,
        }))
    }

    /// What was open last; the defaults where that is not known or cannot be understood.
    pub fn was_open(&self) -> WasOpen {
        fs::read(self.folder.join("session.json"))
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }

    /// Writes what is open.
    pub fn write(&self, open: &WasOpen) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(open).expect("plain data become JSON");
        replace_file(&self.folder.join("session.json"), |file| {
            file.write_all(&text)
        })
    }

    fn autosave(&self) -> PathBuf {
        self.folder.join(format!("autosave.{EXTENSION}"))
    }

    /// Writes the snapshot of the minute.
    pub fn save(&self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        snapshot.write_to(&self.autosave())
    }

    /// Puts what was saved before a crash on a shelf, under a name that says so; its name there.
    pub fn recover(&self, shelf: &Path) -> Option<Result<String, SnapshotError>> {
        let path = self.autosave();
        if !path.is_file() {
            return None;
        }
        let recovered = Snapshot::read(&path).and_then(|mut snapshot| {
            let facts = &mut snapshot.facts;
            let time: String = facts.created.text.chars().take(16).collect();
            facts.name = format!("Recovered {time}");
            let name = facts.name.clone();
            let failed = |source| SnapshotError::Write {
                path: shelf.to_owned(),
                source,
            };
            fs::create_dir_all(shelf).map_err(failed)?;
            snapshot.write_to(&shelf::free_path(shelf, &snapshot.facts))?;
            Ok(name)
        });
        if recovered.is_ok() {
            self.forget();
        }
        Some(recovered)
    }

    /// The window closes in order: nothing has to be recovered.
    pub fn forget(&self) {
        // One that stays is recovered once too often, which harms nobody.
        let _ = fs::remove_file(self.autosave());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_open_comes_back_and_nonsense_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let held = StateFolder::hold(folder.path()).unwrap().unwrap();
        assert_eq!(held.was_open(), WasOpen::default());
        let open = WasOpen {
            input: Some("Monitor of X".into()),
            references: vec!["a.wav".into(), "b.abscope".into()],
            active: 1,
            is_closed: false,
            ..WasOpen::default()
        };
        held.write(&open).unwrap();
        assert_eq!(held.was_open(), open);
        for text in ["", "[]", "{\"references\": 3}", "\u{0}"] {
            fs::write(folder.path().join("session.json"), text).unwrap();
            assert_eq!(held.was_open(), WasOpen::default(), "{text:?}");
        }
        let some = "{\"input\": \"demo\", \"hologram\": 1}";
        fs::write(folder.path().join("session.json"), some).unwrap();
        assert_eq!(held.was_open().input.as_deref(), Some("demo"));
    }

    #[test]
    fn a_second_window_keeps_its_hands_off_until_the_first_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = StateFolder::hold(folder.path()).unwrap();
        assert!(first.is_some());
        assert!(StateFolder::hold(folder.path()).unwrap().is_none());
        drop(first);
        assert!(StateFolder::hold(folder.path()).unwrap().is_some());
    }
}
