//! Snapshots in the window: S keeps the scene, a recalled one stands beside the live mix or in its place.
//!
//! All files of the shelf are read and written by one thread, in the order they were asked for. The window copies what
//! it keeps a piece a frame, so neither waits for the other.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use serde_json::json;
use winit::event_loop::EventLoopProxy;

use crate::analysis::tap::{Recent, Tap};
use crate::app::autosave::{Autosave, Beat};
use crate::app::thumbnail::thumbnail_png;
use crate::app::view_state::Frozen;
use crate::app::window::{App, Message, moment};
use crate::session::action::{Drawer, ViewAction};
use crate::session::background;
use crate::session::format::moment::{Figures, figures_of_sound};
use crate::session::references::{MOST_REFERENCES, Reference};
use crate::session::snapshots::autosave::{StateFolder, WasOpen};
use crate::session::snapshots::journal::{PageReader, Pages};
use crate::session::snapshots::keep::{self, Keeping, Visible};
use crate::session::snapshots::{Preview, Snapshot, SnapshotError, is_snapshot, shelf};
use crate::view::axis::FrequencyAxis;
use crate::view::scene::Looks;

/// Extension of files that were deleted and can come back.
const DELETED: &str = "abscope-deleted";
/// Snapshots that wait for the disk; more are refused, because each holds some ten megabytes.
const MOST_WAITING: usize = 4;

/// In which place a snapshot is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecallAs {
    /// Its mix as side B.
    Reference,
    /// Its mix as side A.
    Mix,
    /// Both sides as they were.
    Picture,
}

/// What the thread of the shelf is asked for.
enum Task {
    /// Keep them in another folder; empty for the program's own.
    Folder(String),
    Save(Box<ToSave>),
    Recall {
        called: String,
        place: RecallAs,
    },
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
pub(super) enum Edit {
    Name(String),
    Note(String),
}

/// A snapshot on its way to the disk, and where its sound is.
struct ToSave {
    snapshot: Snapshot,
    looks: Looks,
    sound: Option<SoundSource>,
}

/// The sound behind a picture.
struct SoundSource {
    tap: Arc<Tap>,
    /// What was heard when the picture was frozen.
    held: Option<Arc<OnceLock<Recent>>>,
    secs: f64,
}

/// What the thread of the shelf tells the window.
pub(super) enum ShelfNews {
    /// A snapshot lies on the shelf under this name.
    Saved { name: String },
    /// It does not; here it is back.
    NotSaved {
        snapshot: Box<Snapshot>,
        error: SnapshotError,
    },
    /// The file of a snapshot that is wanted as a reference.
    Found { name: String, path: PathBuf },
    /// A snapshot that is wanted as mix or picture.
    Read {
        snapshot: Box<Snapshot>,
        place: RecallAs,
    },
    /// It could not be read: one line.
    NotRead(String),
    /// What lies on the shelf, what was deleted last, and a message.
    Pages {
        pages: Pages,
        deleted: Option<String>,
        said: Option<String>,
    },
}

/// What the window keeps of snapshots.
pub(super) struct Keeper {
    keeping: Option<(Keeping, Looks, SoundSource)>,
    /// On their way to the disk.
    num_waiting: usize,
    /// Those that the disk did not take: S tries again.
    unsaved: Vec<Snapshot>,
    /// The folder of the settings; empty for the program's own.
    folder: String,
    /// Whether the histories kept last are still on their way to the disk.
    autosaving: Arc<AtomicBool>,
    /// When the session is kept next.
    pub(super) beat: Beat,
    /// The sound of the frozen picture.
    held: Option<Arc<OnceLock<Recent>>>,
    tasks: Option<Sender<Task>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread of the shelf, which first sweeps what a killed process left behind.
    pub(super) fn start(proxy: EventLoopProxy<Message>, autosave: Autosave, folder: &str) -> Self {
        let (tasks, asked) = channel();
        let Autosave {
            state,
            has_crashed,
            absent,
        } = autosave;
        let tell = move |news| {
            // A window that has closed needs no news.
            let _ = proxy.send_event(Message::Shelf(Box::new(news)));
        };
        let autosaving = Arc::new(AtomicBool::new(false));
        let chosen = folder.to_owned();
        let is_autosaving = Arc::clone(&autosaving);
        let thread = background::spawn("shelf", background::WORK, move || {
            let mut worker = Worker {
                folder: swept(&chosen, state.is_some()),
                reader: PageReader::default(),
                deleted: None,
                state,
                open: None,
                autosaving: is_autosaving,
            };
            if let Some(words) = worker.recover(has_crashed) {
                tell(ShelfNews::NotRead(words));
            }
            for task in asked {
                if let Some(news) = worker.done(task) {
                    tell(news);
                }
            }
            worker.close();
        });
        if let Err(error) = &thread {
            tracing::error!("no thread for the snapshots: {error}");
        }
        Self {
            keeping: None,
            num_waiting: 0,
            unsaved: vec![],
            folder: folder.to_owned(),
            autosaving,
            beat: Beat::new(absent),
            held: None,
            tasks: Some(tasks).filter(|_| thread.is_ok()),
            thread: thread.ok(),
        }
    }

    /// Puts the folder of the settings to work.
    pub(super) fn follow(&mut self, folder: &str) {
        if self.folder != folder {
            folder.clone_into(&mut self.folder);
            let _ = self.ask(Task::Folder(folder.to_owned()));
        }
    }

    /// Notes what is open now.
    pub(super) fn note_open(&self, open: WasOpen) {
        // Without its thread nothing is kept; that was said at the start.
        let _ = self.ask(Task::Open(open));
    }

    /// Keeps the histories in case of a crash.
    pub(super) fn autosave(&self, snapshot: Snapshot) {
        self.autosaving.store(true, Ordering::Release);
        let _ = self.ask(Task::Autosave(Box::new(snapshot)));
    }

    /// Whether the disk has taken the histories kept last: on one that hangs, those of every minute would pile up.
    pub(super) fn can_autosave(&self) -> bool {
        !self.autosaving.load(Ordering::Acquire)
    }

    /// Whether the thread took it.
    fn ask(&self, task: Task) -> bool {
        let tasks = self.tasks.as_ref();
        tasks.is_some_and(|tasks| tasks.send(task).is_ok())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // What waits for the disk is written before the program ends.
        self.tasks = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the snapshots ended by a panic");
        }
    }
}

/// What the thread of the shelf owns.
struct Worker {
    folder: Option<PathBuf>,
    reader: PageReader,
    /// What was deleted last: its name, where it was, and where it waits until it is forgotten.
    deleted: Option<(String, PathBuf, PathBuf)>,
    /// Where the session is kept, unless another window keeps its own there.
    state: Option<StateFolder>,
    /// What was open when it was noted last.
    open: Option<WasOpen>,
    autosaving: Arc<AtomicBool>,
}

impl Worker {
    fn done(&mut self, task: Task) -> Option<ShelfNews> {
        let folder = self.folder.clone();
        let said = match task {
            Task::Folder(name) => {
                self.folder = swept(&name, self.state.is_some());
                Ok(None)
            }
            Task::Save(to_save) => return Some(saved(*to_save, folder.as_deref())),
            Task::Recall { called, place } => {
                let news = recalled(&called, place, folder.as_deref());
                return Some(news.unwrap_or_else(ShelfNews::NotRead));
            }
            Task::Open(open) => return self.note_open(open).map(ShelfNews::NotRead),
            Task::Autosave(snapshot) => return self.autosave(&snapshot).map(ShelfNews::NotRead),
            Task::Pages => Ok(None),
            Task::Edit { path, edit } => self
                .meant(&path)
                .and_then(|path| edited(&path, edit))
                .map(Some),
            Task::Delete(path) => self
                .meant(&path)
                .and_then(|path| self.delete(&path))
                .map(Some),
            Task::Undelete => self.undelete().map(Some),
        };
        let read = match &folder {
            Some(folder) => self.reader.read(folder),
            None => Ok(Pages::default()),
        };
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
        })
    }

    /// What a crash left goes on the shelf; what to say about it.
    fn recover(&self, has_crashed: bool) -> Option<String> {
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

    /// Writes down what is open; what to say if that fails, once.
    fn note_open(&mut self, open: WasOpen) -> Option<String> {
        let is_first = self.open.is_none();
        let written = self.state.as_ref().map(|state| state.write(&open));
        self.open = Some(open);
        match written {
            Some(Err(why)) if is_first => Some(format!(
                "the session is not kept: {why}; make room or set XDG_STATE_HOME"
            )),
            _ => None,
        }
    }

    fn autosave(&self, snapshot: &Snapshot) -> Option<String> {
        let saved = self.state.as_ref().map(|state| state.save(snapshot));
        self.autosaving.store(false, Ordering::Release);
        let why = saved?.err()?;
        Some(format!("the histories are not kept: {why}"))
    }

    /// The window closes in order.
    fn close(&mut self) {
        self.forget_deleted();
        if let (Some(state), Some(open)) = (&self.state, self.open.take()) {
            let is_closed = true;
            // What cannot be written now was said when it was written first.
            let _ = state.write(&WasOpen { is_closed, ..open });
            state.forget();
        }
    }

    /// The file of a path or a name; the newest without any.
    fn meant(&self, path: &Path) -> Result<PathBuf, String> {
        let folder = self.folder.as_deref().unwrap_or(Path::new("."));
        shelf::find(folder, &path.to_string_lossy())
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
fn edited(path: &Path, edit: Edit) -> Result<String, String> {
    let said = |error: SnapshotError| error.to_string();
    let mut snapshot = Snapshot::read(path).map_err(said)?;
    let plain = |text: &str| -> String { text.chars().filter(|c| !c.is_control()).collect() };
    let words = match edit {
        Edit::Name(name) => {
            snapshot.facts.name = plain(name.trim());
            format!("it is called {} now", snapshot.facts.name)
        }
        Edit::Note(note) => {
            snapshot.facts.note = plain(note.trim());
            format!("noted with {}", snapshot.facts.name)
        }
    };
    snapshot.write_to(path).map_err(said)?;
    Ok(words)
}

/// A folder of the settings, or the program's own, without what a killed process left in it. What was deleted goes only
/// where no other window may still bring it back.
fn swept(name: &str, is_first_window: bool) -> Option<PathBuf> {
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

fn saved(to_save: ToSave, folder: Option<&Path>) -> ShelfNews {
    let ToSave {
        mut snapshot,
        looks,
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
        snapshot.thumbnail_png = thumbnail_png(&snapshot, &looks);
    }
    let saved = match folder {
        Some(folder) => keep::save(&mut snapshot, folder),
        None => Err(SnapshotError::Unsaveable(
            "the system knows no home folder; set HOME".to_owned(),
        )),
    };
    match saved {
        Ok(_) => ShelfNews::Saved {
            name: snapshot.facts.name,
        },
        Err(error) => ShelfNews::NotSaved {
            snapshot: Box::new(snapshot),
            error,
        },
    }
}

fn recalled(called: &str, place: RecallAs, folder: Option<&Path>) -> Result<ShelfNews, String> {
    let folder = folder.unwrap_or(Path::new("."));
    let path = shelf::find(folder, called)?;
    let said = |error: SnapshotError| error.to_string();
    Ok(match place {
        RecallAs::Reference => ShelfNews::Found {
            name: Preview::read(&path).map_err(said)?.facts.name,
            path,
        },
        RecallAs::Mix | RecallAs::Picture => ShelfNews::Read {
            snapshot: Box::new(Snapshot::read(&path).map_err(said)?),
            place,
        },
    })
}

impl App {
    /// Begins to keep what is shown.
    pub(super) fn keep_snapshot(&mut self) {
        self.save_again();
        if self.keeper.keeping.is_some() {
            return;
        }
        if self.keeper.num_waiting >= MOST_WAITING {
            self.say("snapshots are still being saved: press S again in a moment".to_owned());
            return;
        }
        let Some(size) = self.screen.as_ref().map(|screen| screen.size()) else {
            return;
        };
        let edge = self.advance_clock();
        let scene = self.scene(size, 1.0, edge);
        let visible = Visible {
            right_edge_secs: scene.right_edge_secs,
            span_secs: scene.looks.span_secs,
            tiers: [scene.sides[0].clock.tier, scene.sides[1].clock.tier],
            finest_tier: 0,
            match_gain_db: scene.match_gain_db,
            settings: settings_json(&self.view.looks, self.view.frequency),
        };
        let moment = moment(&self.session, &self.view);
        let keeping = Keeping::begin(&self.session.pair, moment.mix, moment.beside, visible);
        let (Some(keeping), Some(mix)) = (keeping, self.session.pair.mix.history()) else {
            self.say("no snapshot: there is no mix to keep".to_owned());
            return;
        };
        let sound = SoundSource {
            tap: mix.tap(),
            held: self.keeper.held.clone(),
            secs: self.session.settings.snapshot_sound_secs,
        };
        self.keeper.keeping = Some((keeping, self.view.looks.clone(), sound));
    }

    /// Copies a piece of what is kept; called once a frame.
    pub(super) fn keep_on(&mut self) {
        self.autosave();
        if let Some((keeping, _, _)) = &mut self.keeper.keeping
            && keeping.step(&self.session.pair)
        {
            self.hand_over();
        }
    }

    /// Hands what was kept to the thread of the shelf.
    fn hand_over(&mut self) {
        let Some((keeping, looks, sound)) = self.keeper.keeping.take() else {
            return;
        };
        self.save(ToSave {
            snapshot: keeping.finish(&self.session.pair),
            looks,
            sound: Some(sound).filter(|sound| sound.secs > 0.0),
        });
    }

    fn save(&mut self, to_save: ToSave) {
        if self.keeper.ask(Task::Save(Box::new(to_save))) {
            self.keeper.num_waiting += 1;
        } else {
            self.say(
                "no snapshot: its thread could not be started; start Abscope again".to_owned(),
            );
        }
    }

    /// Tries again to save what the disk did not take.
    fn save_again(&mut self) {
        for snapshot in std::mem::take(&mut self.keeper.unsaved) {
            self.save(ToSave {
                snapshot,
                looks: self.view.looks.clone(),
                sound: None,
            });
        }
    }

    /// Looks for a snapshot to show.
    pub(super) fn recall(&mut self, called: &str, place: RecallAs) {
        let called = called.to_owned();
        if !self.keeper.ask(Task::Recall { called, place }) {
            self.say("snapshots cannot be read: start Abscope again".to_owned());
        }
    }

    pub(super) fn on_shelf_news(&mut self, news: ShelfNews) {
        match news {
            ShelfNews::Saved { name } => {
                self.keeper.num_waiting = self.keeper.num_waiting.saturating_sub(1);
                self.say(format!("snapshot kept: {name}"));
                self.read_pages();
            }
            ShelfNews::NotSaved { snapshot, error } => {
                self.keeper.num_waiting = self.keeper.num_waiting.saturating_sub(1);
                self.keeper.unsaved.push(*snapshot);
                if self.keeper.unsaved.len() > MOST_WAITING {
                    self.keeper.unsaved.remove(0);
                }
                self.say(format!("{error}; S tries again"));
            }
            ShelfNews::Found { name, path } => self.show_as_reference(name, &path),
            ShelfNews::Read { snapshot, place } => self.show_recalled(&snapshot, place),
            ShelfNews::NotRead(why) => self.say(why),
            ShelfNews::Pages {
                pages,
                deleted,
                said,
            } => {
                self.session.pages = pages;
                self.session.deleted = deleted;
                if let Some(words) = said {
                    self.say(words);
                }
            }
        }
    }

    /// Reads the shelf for a drawer that has just been opened.
    pub(super) fn read_pages_for(&mut self, action: &ViewAction) {
        let opens = |drawer| *action == ViewAction::ToggleDrawer(drawer);
        if (opens(Drawer::Snapshots) || opens(Drawer::Journal)) && self.view.drawer.is_some() {
            self.read_pages();
        }
    }

    fn read_pages(&mut self) {
        // Without its thread the shelf stays as it is; that was said at the start.
        let _ = self.keeper.ask(Task::Pages);
    }

    pub(super) fn edit_snapshot(&mut self, path: &Path, edit: Edit) {
        let path = path.to_owned();
        let _ = self.keeper.ask(Task::Edit { path, edit });
    }

    pub(super) fn delete_snapshot(&mut self, path: &Path) {
        let _ = self.keeper.ask(Task::Delete(path.to_owned()));
    }

    pub(super) fn undelete_snapshot(&mut self) {
        let _ = self.keeper.ask(Task::Undelete);
    }

    fn show_as_reference(&mut self, name: String, path: &Path) {
        if self.session.pair.references.is_full() {
            self.say(format!(
                "{name} was not loaded: {MOST_REFERENCES} references are open"
            ));
            return;
        }
        let reference = Reference::from_snapshot(name.clone(), path);
        match self.session.pair.references.add(reference) {
            Ok(()) => self.say(format!("B is the snapshot {name}")),
            Err(why) => self.say(why),
        }
    }

    fn show_recalled(&mut self, snapshot: &Snapshot, place: RecallAs) {
        // What is being kept is of the mix that leaves now.
        self.hand_over();
        let edge = snapshot.edge_secs();
        if place == RecallAs::Picture {
            self.session.pair.reopen(snapshot);
            let kept = looks_of(snapshot, &self.view.looks);
            self.view.enter_picture(kept, &self.session.settings);
            self.view.frozen = Some(Frozen::of(&self.session, edge));
        } else {
            self.session.pair.recall_mix(snapshot);
            let mut frozen = Frozen::of(&self.session, edge);
            // The mix stands still; what lies beside it is still to be found.
            frozen.beside = None;
            self.view.frozen = Some(frozen);
        }
        self.keeper.held = None;
        let name = &snapshot.facts.name;
        self.say(format!(
            "A is the snapshot {name}; menu: back to the live mix"
        ));
    }

    pub(super) fn back_to_live(&mut self) {
        self.hand_over();
        if !self.session.pair.back_to_live() {
            self.say("the mix is live".to_owned());
            return;
        }
        self.view.frozen = None;
        self.keeper.held = None;
        self.view.leave_picture(&self.session.settings);
    }

    /// Holds the sound of a picture that was just frozen, for the tap forgets it while somebody looks. Copying takes
    /// some milliseconds, so it happens beside the picture.
    pub(super) fn hold_sound(&mut self) {
        let mix = self.session.pair.mix.history();
        let Some(tap) = mix
            .filter(|_| self.view.frozen.is_some())
            .map(|mix| mix.tap())
        else {
            self.keeper.held = None;
            return;
        };
        if self.keeper.held.is_some() || self.session.pair.mix.recalled_name().is_some() {
            return;
        }
        let held = Arc::new(OnceLock::new());
        let filled = Arc::clone(&held);
        let copying = std::thread::Builder::new()
            .name("held sound".to_owned())
            .spawn(move || {
                let mut recent = Recent::default();
                tap.copy(usize::MAX, &mut recent);
                // It is new: nobody else fills it.
                let _ = filled.set(recent);
            });
        // Without it, the sound of a snapshot is what the tap still has.
        self.keeper.held = copying.is_ok().then_some(held);
    }

    /// Files dropped on the window or chosen: a snapshot is shown as it was, all else is a reference.
    pub(super) fn open_files(&mut self, paths: Vec<PathBuf>) {
        let (snapshots, others): (Vec<_>, Vec<_>) =
            paths.into_iter().partition(|path| is_snapshot(path));
        for path in snapshots {
            self.recall(&path.to_string_lossy(), RecallAs::Picture);
        }
        if !others.is_empty() {
            self.take_paths(others);
        }
    }
}

/// The view as a snapshot keeps it.
pub fn settings_json(looks: &Looks, frequency: FrequencyAxis) -> serde_json::Value {
    json!({
        "looks": looks,
        "frequency_bins": [frequency.low_bin, frequency.high_bin],
    })
}

/// The view of a snapshot, within the bounds that drawing relies on; what it does not say is as it is now.
pub fn looks_of(snapshot: &Snapshot, now: &Looks) -> (Looks, FrequencyAxis) {
    let settings = &snapshot.facts.settings;
    let looks: Looks =
        serde_json::from_value(settings["looks"].clone()).unwrap_or_else(|_| now.clone());
    let usual = FrequencyAxis::default();
    let bins: [f64; 2] = serde_json::from_value(settings["frequency_bins"].clone())
        .unwrap_or([usual.low_bin, usual.high_bin]);
    let frequency = FrequencyAxis {
        low_bin: bins[0],
        high_bin: bins[1],
    };
    let is_axis = bins[0] >= 0.0 && bins[1] <= 1_023.0 && bins[1] - bins[0] >= 1.0;
    (
        within_bounds(looks),
        if is_axis { frequency } else { usual },
    )
}

fn within_bounds(looks: Looks) -> Looks {
    let [low, high] = looks
        .loudness_range_lufs
        .map(|lufs| lufs.clamp(-200.0, 50.0));
    Looks {
        span_secs: looks.span_secs.clamp(1.0, 43_200.0),
        top_db: looks.top_db.clamp(-160.0, 40.0),
        range_db: looks.range_db.clamp(1.0, 200.0),
        tilt_db_per_octave: looks.tilt_db_per_octave.clamp(-20.0, 20.0),
        spectrum_tilt_db_per_octave: looks.spectrum_tilt_db_per_octave.clamp(-20.0, 20.0),
        difference_range_db: looks.difference_range_db.clamp(0.5, 100.0),
        spectrum_top_db: looks.spectrum_top_db.clamp(-160.0, 60.0),
        spectrum_range_db: looks.spectrum_range_db.clamp(1.0, 250.0),
        loudness_range_lufs: if high - low >= 1.0 {
            [low, high]
        } else {
            [-36.0, -6.0]
        },
        ..looks
    }
}
