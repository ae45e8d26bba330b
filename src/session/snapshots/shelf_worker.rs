//! The thread of the shelf: all files of the shelf are read and written by it, in the order they were asked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::analysis::tap::{Recent, Tap};
use crate::audio::threads;
use crate::session::format::moment::{Figures, figures_of_sound};
use crate::session::format::{Preview, Snapshot, SnapshotError};
use crate::session::snapshots::autosave::{StateFolder, WasOpen};
use crate::session::snapshots::journal::{PageReader, Pages};
use crate::session::snapshots::{keep, shelf};
use crate::units::plain::is_hidden;

/// Extension of files that were deleted and can come back.
const DELETED: &str = "abscope-deleted";

/// In which place a snapshot is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecallAs {
    /// Its mix as side B.
    Reference,
    /// Its mix as side A.
    Mix,
    /// Both sides as they were.
    Picture,
}

/// What the thread of the shelf is asked for.
pub(super) enum Task {
    /// Keep them in another folder; empty for the program's own.
    Folder(String),
    Save(Box<ToSave>),
    Recall {
        called: String,
        place: RecallAs,
    },
    /// Show a file that a person opened, wherever it lies.
    Show(PathBuf),
    /// Note what is open.
    Open(WasOpen),
    /// Keep the histories in case of a crash.
    Autosave(Box<Snapshot>),
    /// Read the shelf for the drawers.
    Pages,
    Edit {
        path: PathBuf,
        edit: Edit,
    },
    Delete(PathBuf),
    Undelete,
}

/// What a person writes on a snapshot.
pub enum Edit {
    /// What it is called.
    Name(String),
    /// What is noted with it.
    Note(String),
    /// The song that it is of: a name that counts the snapshots of the other one goes on with this.
    Song(String),
}

/// The small picture of a snapshot, drawn by whoever knows how; none if it cannot be.
pub type DrawThumbnail = Box<dyn Fn(&Snapshot) -> Option<Vec<u8>> + Send>;

/// Told what came of a task, once its news are told: done, or why not in one line.
pub type Done = Box<dyn FnOnce(Result<(), String>) + Send>;

/// A snapshot on its way to the disk, and where its sound is.
pub struct ToSave {
    /// All but its sound and its small picture.
    pub snapshot: Snapshot,
    /// Draws the small picture.
    pub draw_thumbnail: DrawThumbnail,
    /// The sound behind the picture; none where none is to be kept.
    pub sound: Option<SoundSource>,
}

/// The sound behind a picture.
pub struct SoundSource {
    /// The last seconds of what is heard.
    pub tap: Arc<Tap>,
    /// What was heard when the picture was frozen.
    pub held: Option<Arc<OnceLock<Recent>>>,
    /// Seconds to keep.
    pub secs: f64,
}

/// What the thread of the shelf tells.
pub enum ShelfNews {
    /// A snapshot lies on the shelf under this name.
    Saved {
        /// Its name there.
        name: String,
    },
    /// It does not; here it is back.
    NotSaved {
        /// What was to be saved.
        snapshot: Box<Snapshot>,
        /// Why it is not.
        error: SnapshotError,
    },
    /// The file of a snapshot that is wanted as a reference.
    Found {
        /// Its name.
        name: String,
        /// Where it lies.
        path: PathBuf,
    },
    /// A snapshot that is wanted as mix or picture.
    Read {
        /// What was read.
        snapshot: Box<Snapshot>,
        /// Where it is to be shown.
        place: RecallAs,
    },
    /// It could not be read: one line.
    NotRead(String),
    /// What lies on the shelf, what was deleted last, and a message.
    Pages {
        /// What lies there.
        pages: Pages,
        /// Name of what was deleted last and can come back.
        deleted: Option<String>,
        /// What came of what was asked: one line.
        said: Option<String>,
        /// Whether that is why it is not done.
        is_failure: bool,
    },
}

/// What the thread of the shelf owns.
pub(super) struct Worker {
    folder: Option<PathBuf>,
    reader: PageReader,
    /// What was deleted last: its name, where it was, and where it waits until it is forgotten.
    deleted: Option<(String, PathBuf, PathBuf)>,
    /// Where the session is kept, unless another window keeps its own there.
    state: Option<StateFolder>,
    /// What was open when it was noted last.
    open: Option<WasOpen>,
    /// Whether the disk did not take that.
    is_open_unwritten: bool,
    autosaving: Arc<AtomicBool>,
}

impl Worker {
    /// With a folder of the settings, empty for the program's own. What a killed process left behind is swept.
    pub(super) fn new(
        folder: &str,
        state: Option<StateFolder>,
        autosaving: Arc<AtomicBool>,
    ) -> Self {
        Self {
            folder: opened_folder(folder, state.is_some()),
            reader: PageReader::default(),
            deleted: None,
            state,
            open: None,
            is_open_unwritten: false,
            autosaving,
        }
    }

    /// Does one task: its news, and whether it is done or why not. A task that breaks takes no other with it.
    pub(super) fn perform(&mut self, task: Task) -> (Option<ShelfNews>, Result<(), String>) {
        if let Task::Open(open) = &task {
            self.open = Some(open.clone());
        }
        let news = threads::carry_on("shelf", || self.try_to(task));
        self.is_open_unwritten |= news.is_none();
        let news = news.unwrap_or_else(|| Some(ShelfNews::NotRead(STUMBLED.to_owned())));
        let done = match &news {
            Some(ShelfNews::NotRead(why)) => Err(why.clone()),
            Some(ShelfNews::NotSaved { error, .. }) => Err(error.to_string()),
            Some(ShelfNews::Pages {
                said, is_failure, ..
            }) if *is_failure => Err(said.clone().unwrap_or_default()),
            _ => Ok(()),
        };
        (news, done)
    }

    fn try_to(&mut self, task: Task) -> Option<ShelfNews> {
        let folder = self.folder.clone();
        if !matches!(task, Task::Save(_)) {
            threads::may_break("shelf");
        }
        let said = match task {
            Task::Folder(name) => {
                self.folder = opened_folder(&name, self.state.is_some());
                Ok(None)
            }
            Task::Save(to_save) => return Some(save(*to_save, folder.as_deref())),
            Task::Recall { called, place } => {
                let news = self.on_shelf(&called).and_then(|path| recall(&path, place));
                return Some(news.unwrap_or_else(ShelfNews::NotRead));
            }
            Task::Show(path) => {
                let news = recall(&path, RecallAs::Picture);
                return Some(news.unwrap_or_else(ShelfNews::NotRead));
            }
            Task::Open(open) => return self.note_open(open).map(ShelfNews::NotRead),
            Task::Autosave(snapshot) => {
                let said = self.autosave(&snapshot);
                return said
                    .or_else(|| self.note_open_again())
                    .map(ShelfNews::NotRead);
            }
            Task::Pages => Ok(None),
            Task::Edit { path, edit } => self
                .on_shelf(&path.to_string_lossy())
                .and_then(|path| write_edit(&path, edit))
                .map(Some),
            Task::Delete(path) => self
                .on_shelf(&path.to_string_lossy())
                .and_then(|path| self.delete(&path))
                .map(Some),
            Task::Undelete => self.undelete().map(Some),
        };
        let read = match &folder {
            Some(folder) => self.reader.read(folder),
            None => Ok(Pages::default()),
        };
        let is_failure = said.is_err();
        let said = said.unwrap_or_else(Some);
        let (pages, said) = match (read, &folder) {
            (Ok(pages), _) => (pages, said),
            (Err(why), folder) => {
                let folder = folder.as_deref().unwrap_or(Path::new(".")).display();
                let words = format!("{folder}: the snapshots cannot be read: {why}");
                (Pages::default(), said.or(Some(words)))
            }
        };
        Some(ShelfNews::Pages {
            pages,
            deleted: self.deleted.as_ref().map(|(name, ..)| name.clone()),
            said,
            is_failure,
        })
    }

    /// What a crash left goes on the shelf; what to say about it.
    pub(super) fn recover(&self, has_crashed: bool) -> Option<String> {
        let state = self.state.as_ref().filter(|_| has_crashed)?;
        let mut recovered = state.recover(self.folder.as_deref()?)?;
        // A folder that cannot be written now, a drive that is off: the next minute writes over what was saved.
        if let (Err(_), Some(usual)) = (&recovered, shelf::default_folder()) {
            recovered = state.recover(&usual)?;
        }
        Some(match recovered {
            Ok(name) => format!("Abscope had not ended in order: {name} is on the shelf (K)"),
            Err(error) => format!("what was measured before the crash does not open: {error}"),
        })
    }

    /// Writes down what is open; what to say once that begins to fail.
    fn note_open(&mut self, open: WasOpen) -> Option<String> {
        let was_said = self.is_open_unwritten;
        // Until it is written, also where that breaks.
        self.is_open_unwritten = true;
        let open = self.open.insert(open);
        let written = self.state.as_ref().map(|state| state.write(open));
        match written {
            Some(Err(why)) => (!was_said).then(|| {
                format!("the session is not kept: {why}; make room or set XDG_STATE_HOME")
            }),
            _ => {
                self.is_open_unwritten = false;
                None
            }
        }
    }

    /// What is open is noted when it changes; what the disk did not take then, every minute until it does.
    fn note_open_again(&mut self) -> Option<String> {
        let open = self.open.clone().filter(|_| self.is_open_unwritten)?;
        self.note_open(open)
    }

    fn autosave(&self, snapshot: &Snapshot) -> Option<String> {
        // Also where it breaks: else none would ever be kept again.
        let _over = Over(&self.autosaving);
        let saved = self.state.as_ref().map(|state| state.save(snapshot));
        let why = saved?.err()?;
        Some(format!("the histories are not kept: {why}"))
    }

    /// The window closes in order.
    pub(super) fn close(&mut self) {
        self.forget_deleted();
        if let (Some(state), Some(open)) = (&self.state, self.open.take()) {
            let is_closed = true;
            // The window is gone: nobody is there to tell.
            let _ = state.write(&WasOpen { is_closed, ..open });
            state.forget();
        }
    }

    /// The file of a name on the shelf; the newest without any. What is asked from outside reaches no other file.
    fn on_shelf(&self, called: &str) -> Result<PathBuf, String> {
        let folder = self
            .folder
            .as_deref()
            .ok_or("there is no shelf; set HOME")?;
        shelf::find_there(folder, called)
    }

    /// Puts a file aside, so that it can come back.
    fn delete(&mut self, path: &Path) -> Result<String, String> {
        self.forget_deleted();
        let name = Preview::read(path).map_or_else(
            |_| {
                path.file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned()
            },
            |preview| preview.facts.name,
        );
        let aside = shelf::put_aside(path, DELETED);
        std::fs::rename(path, &aside)
            .map_err(|why| format!("{}: it cannot be deleted: {why}", path.display()))?;
        self.deleted = Some((name.clone(), path.to_owned(), aside));
        Ok(format!("deleted {name}; K, Undo brings it back"))
    }

    fn undelete(&mut self) -> Result<String, String> {
        let (name, path, aside) = self
            .deleted
            .take()
            .ok_or("nothing was deleted that could come back")?;
        std::fs::rename(&aside, &path)
            .map_err(|why| format!("{}: it does not come back: {why}", path.display()))?;
        Ok(format!("{name} is back"))
    }

    /// Deletes for good what was put aside.
    fn forget_deleted(&mut self) {
        if let Some((_, _, aside)) = self.deleted.take() {
            // One that stays is swept at the next start.
            let _ = std::fs::remove_file(aside);
        }
    }
}

/// Writes a name or a note into a file, which is replaced as a whole.
fn write_edit(path: &Path, edit: Edit) -> Result<String, String> {
    let said = |error: SnapshotError| error.to_string();
    let mut snapshot = Snapshot::read(path).map_err(said)?;
    let plain = |text: &str| -> String { text.chars().filter(|c| !is_hidden(*c)).collect() };
    let words = match edit {
        Edit::Name(name) => {
            snapshot.facts.name = plain(name.trim());
            format!("it is called {} now", snapshot.facts.name)
        }
        Edit::Note(note) => {
            snapshot.facts.note = plain(note.trim());
            format!("noted with {}", snapshot.facts.name)
        }
        Edit::Song(song) => {
            let song = plain(song.trim());
            let facts = &mut snapshot.facts;
            let number = facts.name.strip_prefix(&facts.song);
            if let Some(number) = number.filter(|number| number.trim().parse::<u32>().is_ok()) {
                facts.name = format!("{song}{number}");
            }
            facts.song = song;
            format!("{} is of {} now", facts.name, facts.song)
        }
    };
    snapshot.write_to(path).map_err(said)?;
    Ok(words)
}

/// A folder of the settings, or the program's own, without what a killed process left in it. What was deleted goes only
/// where no other window may still bring it back.
fn opened_folder(name: &str, is_first_window: bool) -> Option<PathBuf> {
    let folder = match name {
        "" => shelf::default_folder()?,
        name => PathBuf::from(name),
    };
    // A folder that cannot be swept is said when something is to be saved there.
    let _ = shelf::sweep(&folder);
    if is_first_window {
        let _ = shelf::sweep_deleted(&folder, DELETED);
    }
    Some(folder)
}

/// What is said of a task that broke: the panic itself is in the log.
const STUMBLED: &str =
    "Abscope stumbled over a snapshot: this was not done; the others are as they were";

/// Ends the mark that the histories are on their way.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Saves, and gives the snapshot back whatever happens: none is ever given up.
fn save(mut to_save: ToSave, folder: Option<&Path>) -> ShelfNews {
    let saved = threads::carry_on("shelf", || {
        threads::may_break("shelf");
        try_to_save(&mut to_save, folder)
    });
    let stumbled = || Err(SnapshotError::Unsaveable(STUMBLED.to_owned()));
    match saved.unwrap_or_else(stumbled) {
        Ok(()) => ShelfNews::Saved {
            name: to_save.snapshot.facts.name,
        },
        Err(error) => ShelfNews::NotSaved {
            snapshot: Box::new(to_save.snapshot),
            error,
        },
    }
}

fn try_to_save(to_save: &mut ToSave, folder: Option<&Path>) -> Result<(), SnapshotError> {
    let ToSave {
        snapshot,
        draw_thumbnail,
        sound,
    } = to_save;
    if let Some(source) = sound {
        let mut newest = Recent::default();
        let held = source.held.as_ref().and_then(|held| held.get());
        let recent = held.unwrap_or_else(|| {
            source.tap.copy(usize::MAX, &mut newest);
            &newest
        });
        snapshot.sound = keep::sound(recent, snapshot.facts.at_secs, source.secs);
        let mut figures = Figures::from_json(&snapshot.facts.figures);
        figures.sound = snapshot.sound.as_ref().and_then(figures_of_sound);
        snapshot.facts.figures = figures.to_json();
    }
    if snapshot.thumbnail_png.is_none() {
        // Without its small picture a snapshot is still one.
        let drawn = threads::carry_on("small picture", || draw_thumbnail(snapshot));
        snapshot.thumbnail_png = drawn.flatten();
    }
    match folder {
        Some(folder) => keep::save(snapshot, folder).map(|_| ()),
        None => Err(SnapshotError::Unsaveable(
            "the system knows no home folder; set HOME".to_owned(),
        )),
    }
}

fn recall(path: &Path, place: RecallAs) -> Result<ShelfNews, String> {
    let said = |error: SnapshotError| error.to_string();
    Ok(match place {
        RecallAs::Reference => ShelfNews::Found {
            name: Preview::read(path).map_err(said)?.facts.name,
            path: path.to_owned(),
        },
        RecallAs::Mix | RecallAs::Picture => ShelfNews::Read {
            snapshot: Box::new(Snapshot::read(path).map_err(said)?),
            place,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_song_that_gets_its_name_takes_its_snapshots_along() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("one.abscope");
        let mut snapshot = crate::session::tests::snapshot();
        (snapshot.facts.song, snapshot.facts.name) = ("Mix".to_owned(), "Mix 3".to_owned());
        snapshot.write_to(&path).expect("there is room");
        write_edit(&path, Edit::Song("Night song".to_owned())).expect("it is there");
        let read = Snapshot::read(&path).expect("it is well");
        assert_eq!(
            [&read.facts.song, &read.facts.name],
            ["Night song", "Night song 3"]
        );
        // A name of a person's own stays.
        write_edit(&path, Edit::Name("Louder".to_owned())).expect("it is there");
        write_edit(&path, Edit::Song("Other".to_owned())).expect("it is there");
        let read = Snapshot::read(&path).expect("it is well");
        assert_eq!([&read.facts.song, &read.facts.name], ["Other", "Louder"]);
    }
}
