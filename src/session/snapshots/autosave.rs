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
use crate::session::format::error::SnapshotError;
use crate::session::format::snapshot::{EXTENSION, Snapshot};
use crate::session::pairing::Pair;
use crate::session::replace::{UNFINISHED, make_private_folder, replace_file};
use crate::session::sides::input::InputWish;
use crate::session::sides::live::LiveSide;
use crate::session::snapshots::shelf;

/// What was open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WasOpen {
    /// Version of this file.
    pub schema: u32,
    /// The input by the name that `--input` takes; absent for a file.
    pub input: Option<String>,
    /// Left and right channel of it, counted from 0, where others than the first two were chosen.
    pub input_pair: Option<(u16, u16)>,
    /// A second live input in the place of the references, by its name.
    pub reference_input: Option<String>,
    /// Its channels, likewise.
    pub reference_input_pair: Option<(u16, u16)>,
    /// Files of the references, in their order; snapshots too.
    pub references: Vec<PathBuf>,
    /// Those of them that were being read.
    pub loading: Vec<PathBuf>,
    /// Which of them was shown, counted from 0.
    pub active: usize,
    /// Files of references that were opened lately, the newest first.
    pub recent: Vec<PathBuf>,
    /// Output that the reference is listened to on; absent for the system's own.
    pub listen_output: Option<String>,
    /// What the person called the song; empty if nobody has.
    pub song: String,
    /// The snapshot that stood in the place of the mix, by its name.
    pub snapshot: Option<String>,
    /// Whether all was shown as it was kept with it.
    pub is_picture: bool,
    /// How the sides stood to each other, as the looks of a snapshot say it; empty as usual.
    pub mode: String,
    /// Whether the window was closed in order; else it crashed.
    pub is_closed: bool,
}

impl Default for WasOpen {
    fn default() -> Self {
        Self {
            schema: 1,
            input: None,
            input_pair: None,
            reference_input: None,
            reference_input_pair: None,
            references: vec![],
            loading: vec![],
            active: 0,
            recent: vec![],
            listen_output: None,
            song: String::new(),
            snapshot: None,
            is_picture: false,
            mode: String::new(),
            is_closed: true,
        }
    }
}

impl WasOpen {
    /// What is open now.
    pub fn of(pair: &Pair) -> Self {
        let shelf = pair.references.shelf().all().iter();
        let shown = pair.references.lasting_active_id();
        let files: Vec<_> = shelf.filter(|item| item.path.is_some()).collect();
        let active = files.iter().position(|item| Some(item.id) == shown);
        let open = Self {
            // In full: the next start is in another folder, where the same name may be another file.
            references: files
                .iter()
                .filter_map(|item| std::path::absolute(item.path.as_ref()?).ok())
                .collect(),
            loading: files
                .iter()
                .filter(|item| item.is_loading())
                .filter_map(|item| std::path::absolute(item.path.as_ref()?).ok())
                .collect(),
            active: active.unwrap_or_default(),
            recent: pair.references.shelf().recent.clone(),
            listen_output: pair.listen.output.clone(),
            song: pair.named_song().to_owned(),
            snapshot: pair.mix.recalled_name().map(str::to_owned),
            is_picture: pair.references.picture_beside().is_some(),
            is_closed: false,
            ..Self::default()
        };
        let wish = |live: Option<&'_ LiveSide>| live.map(|live| live.input.wish.clone());
        let of_mix = wish(pair.mix.hearing().live());
        let lasting = pair.references.lasting_input();
        let of_reference = wish(lasting.and_then(|live| live.heard.live()));
        open.with_input(of_mix.as_ref())
            .with_reference_input(of_reference.as_ref())
    }

    fn with_input(mut self, wish: Option<&InputWish>) -> Self {
        (self.input, self.input_pair) = named(wish);
        self
    }

    fn with_reference_input(mut self, wish: Option<&InputWish>) -> Self {
        (self.reference_input, self.reference_input_pair) = named(wish);
        self
    }

    /// The same without what is not opened by itself: names that tell no place, and, after a crash, what was being read
    /// then, which may be what it died of. Those come second.
    pub fn without_suspects(mut self) -> (Self, Vec<PathBuf>) {
        let shown = self.references.get(self.active).cloned();
        self.references.retain(|path| path.is_absolute());
        let mut suspects = std::mem::take(&mut self.loading);
        if self.is_closed {
            suspects.clear();
        }
        suspects.retain(|path| self.references.contains(path));
        self.references.retain(|path| !suspects.contains(path));
        let place = |path| self.references.iter().position(|other| *other == path);
        self.active = shown.and_then(place).unwrap_or_default();
        (self, suspects)
    }

    /// The input again.
    pub fn input_wish(&self) -> Option<InputWish> {
        wish_from(self.input.as_deref()?, self.input_pair)
    }

    /// The second live input again.
    pub fn reference_input_wish(&self) -> Option<InputWish> {
        wish_from(self.reference_input.as_deref()?, self.reference_input_pair)
    }
}

/// What was open last and is not there now. It is looked for again at the next start, so it goes on being noted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Absent {
    /// The input, until a person chooses one.
    pub input: Option<InputWish>,
    /// The second live input, until a person chooses one or none.
    pub reference_input: Option<InputWish>,
    /// Files of references, each with its place among all.
    pub references: Vec<(usize, PathBuf)>,
}

impl Absent {
    /// What is to be noted: what is open, with what only is not there.
    pub fn noted_with(&self, mut open: WasOpen) -> WasOpen {
        if let Some(wish) = &self.input {
            open = open.with_input(Some(wish));
        }
        if let (Some(wish), None) = (&self.reference_input, &open.reference_input) {
            open = open.with_reference_input(Some(wish));
        }
        for (place, path) in &self.references {
            if open.references.contains(path) {
                continue;
            }
            let place = (*place).min(open.references.len());
            if place <= open.active && !open.references.is_empty() {
                open.active += 1;
            }
            open.references.insert(place, path.clone());
        }
        open
    }
}

fn named(wish: Option<&InputWish>) -> (Option<String>, Option<(u16, u16)>) {
    match wish {
        Some(InputWish::Device(InputSelector { choice, pair })) => {
            let name = match choice {
                InputChoice::Named(name) => name.clone(),
                InputChoice::System => "system".to_owned(),
            };
            (Some(name), *pair)
        }
        // The demo stands in where there is no input, and a file is named anew: neither is looked for by itself.
        Some(InputWish::Demo | InputWish::File(_)) | None => (None, None),
    }
}

fn wish_from(name: &str, pair: Option<(u16, u16)>) -> Option<InputWish> {
    match InputWish::from_name(name) {
        InputWish::Device(selector) => Some(InputWish::Device(InputSelector { pair, ..selector })),
        // The demo is asked for anew each time.
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
        // What is heard and what was open is nobody else's to read.
        make_private_folder(folder).or_else(|_| fs::create_dir_all(folder))?;
        let lock = File::create(folder.join("session.lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        // What a killed process left in the making is nobody's now.
        for entry in fs::read_dir(folder)?.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == UNFINISHED) {
                let _ = fs::remove_file(path);
            }
        }
        Ok(Some(Self {
            folder: folder.to_owned(),
            _lock: lock,
        }))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.folder
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
            shelf::add(shelf, &snapshot)?;
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
    fn what_was_being_read_in_a_crash_is_not_opened_by_itself_and_no_name_without_its_place() {
        let [a, b, c] = ["a.wav", "b.wav", "c.wav"].map(|name| std::env::temp_dir().join(name));
        let crashed = WasOpen {
            references: vec![a.clone(), b.clone(), "d.wav".into(), c.clone()],
            loading: vec![b.clone()],
            active: 3,
            is_closed: false,
            ..WasOpen::default()
        };
        let (open, suspects) = crashed.clone().without_suspects();
        assert_eq!(
            (open.references, open.active),
            (vec![a.clone(), c.clone()], 1)
        );
        assert_eq!(suspects, std::slice::from_ref(&b));
        let closed = WasOpen {
            is_closed: true,
            ..crashed
        };
        let (open, suspects) = closed.without_suspects();
        assert_eq!((open.references, open.active), (vec![a, b, c], 2));
        assert!(suspects.is_empty());
    }

    #[test]
    fn a_reference_named_in_another_folder_is_noted_by_its_full_path() {
        let mut pair = Pair::default();
        pair.references
            .open(Path::new("Cargo.toml"))
            .expect("there is room");
        let open = WasOpen::of(&pair);
        assert_eq!(
            open.references,
            [std::path::absolute("Cargo.toml").unwrap()]
        );
    }

    #[test]
    fn an_input_comes_back_with_its_pair_of_channels() {
        let desk = InputWish::from_name("Desk").with_pair(2).unwrap();
        let system = InputWish::system().with_pair(1).unwrap();
        let open = WasOpen::default()
            .with_input(Some(&desk))
            .with_reference_input(Some(&system));
        let text = serde_json::to_vec(&open).unwrap();
        let again: WasOpen = serde_json::from_slice(&text).unwrap();
        assert_eq!(again.input_wish(), Some(desk));
        assert_eq!(again.reference_input_wish(), Some(system));
        let before_pairs: WasOpen = serde_json::from_str("{\"input\": \"Desk\"}").unwrap();
        assert_eq!(
            before_pairs.input_wish(),
            Some(InputWish::from_name("Desk"))
        );
    }

    #[test]
    fn what_only_is_not_there_stays_in_its_place_and_another_choice_wins() {
        let absent = Absent {
            input: Some(InputWish::from_name("Desk")),
            reference_input: Some(InputWish::from_name("Loopback")),
            references: vec![(0, "a.wav".into()), (2, "c.wav".into())],
        };
        let open = WasOpen {
            references: vec!["b.wav".into(), "d.wav".into()],
            active: 1,
            ..WasOpen::default().with_input(Some(&InputWish::system()))
        };
        let noted = absent.noted_with(open.clone());
        assert_eq!(noted.input.as_deref(), Some("Desk"));
        assert_eq!(noted.reference_input.as_deref(), Some("Loopback"));
        let paths = ["a.wav", "b.wav", "c.wav", "d.wav"].map(PathBuf::from);
        assert_eq!((noted.references, noted.active), (paths.to_vec(), 3));
        let opened_since = open.with_reference_input(Some(&InputWish::from_name("Other")));
        let noted = absent.noted_with(opened_since.clone());
        assert_eq!(noted.reference_input.as_deref(), Some("Other"));
        assert_eq!(
            Absent::default().noted_with(opened_since.clone()),
            opened_since
        );
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
