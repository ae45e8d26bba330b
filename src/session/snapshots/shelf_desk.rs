//! The shelf as its owner knows it: what is on its way to the disk, what the disk did not take, and the thread that
//! works for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use crate::audio::threads;
use crate::session::background;
use crate::session::format::Snapshot;
use crate::session::snapshots::autosave::{StateFolder, WasOpen};
use crate::session::snapshots::shelf_worker::{
    Done, DrawThumbnail, Edit, RecallAs, ShelfNews, SoundSource, Task, ToSave, Worker,
};

/// Snapshots that wait for the disk; more are refused, because each holds some ten megabytes.
pub const MOST_WAITING: usize = 4;

/// The shelf of snapshots.
pub struct ShelfDesk {
    /// On their way to the disk.
    num_waiting: usize,
    /// Those that the disk did not take: the next one tries them again. None is ever given up.
    unsaved: Vec<Snapshot>,
    /// The folder of the settings; empty for the program's own.
    folder: String,
    /// Whether the histories kept last are still on their way to the disk.
    autosaving: Arc<AtomicBool>,
    tasks: Option<Sender<(Task, Option<Done>)>>,
    thread: Option<JoinHandle<()>>,
}

impl ShelfDesk {
    /// Starts the thread of the shelf, which first sweeps what a killed process left behind and puts what a crash left
    /// on the shelf. `tell` passes its news on; they come back to [`take`](Self::take).
    pub fn start(
        folder: &str,
        state: Option<StateFolder>,
        has_crashed: bool,
        tell: impl Fn(ShelfNews) + Send + 'static,
    ) -> Self {
        let (tasks, asked) = channel::<(Task, Option<Done>)>();
        let autosaving = Arc::new(AtomicBool::new(false));
        let chosen = folder.to_owned();
        let is_autosaving = Arc::clone(&autosaving);
        let thread = background::spawn("shelf", background::WORK, move || {
            let mut worker = Worker::new(&chosen, state, is_autosaving);
            if let Some(Some(words)) = threads::carry_on("shelf", || worker.recover(has_crashed)) {
                tell(ShelfNews::NotRead(words));
            }
            for (task, done) in asked {
                threads::may_break("shelf for good");
                let (news, result) = worker.perform(task);
                if let Some(news) = news {
                    tell(news);
                }
                if let Some(done) = done {
                    done(result);
                }
            }
            worker.close();
        });
        if let Err(error) = &thread {
            tracing::error!("no thread for the snapshots: {error}");
        }
        Self {
            num_waiting: 0,
            unsaved: vec![],
            folder: folder.to_owned(),
            autosaving,
            tasks: Some(tasks).filter(|_| thread.is_ok()),
            thread: thread.ok(),
        }
    }

    /// Puts the folder of the settings to work.
    pub fn follow(&mut self, folder: &str) {
        if self.folder != folder {
            folder.clone_into(&mut self.folder);
            let _ = self.ask(Task::Folder(folder.to_owned()));
        }
    }

    /// Notes what is open now.
    pub fn note_open(&self, open: WasOpen) {
        // Without its thread nothing is kept; that was said at the start.
        let _ = self.ask(Task::Open(open));
    }

    /// Keeps the histories in case of a crash.
    pub fn autosave(&self, snapshot: Snapshot) {
        self.autosaving.store(true, Ordering::Release);
        let _ = self.ask(Task::Autosave(Box::new(snapshot)));
    }

    /// Whether the disk has taken the histories kept last: on one that hangs, those of every minute would pile up.
    pub fn can_autosave(&self) -> bool {
        !self.autosaving.load(Ordering::Acquire)
    }

    /// Whether there is room for one more on its way to the disk, `begun` of which are being copied still; else why
    /// not, in one line.
    pub fn has_room(&self, begun: usize) -> Result<(), String> {
        let waiting = self.num_waiting + self.unsaved.len() + begun;
        match (waiting < MOST_WAITING, self.unsaved.is_empty()) {
            (true, _) => Ok(()),
            (false, true) => {
                Err("snapshots are still being saved: press S again in a moment".to_owned())
            }
            (false, false) => Err(format!(
                "no snapshot: {waiting} are not on the disk yet; make room or choose another folder, then press S"
            )),
        }
    }

    /// Hands a snapshot to the thread; what to say if it is not taken.
    pub fn save(
        &mut self,
        snapshot: Snapshot,
        sound: Option<SoundSource>,
        draw_thumbnail: DrawThumbnail,
        done: Option<Done>,
    ) -> Result<(), &'static str> {
        let to_save = ToSave {
            snapshot,
            draw_thumbnail,
            sound,
        };
        if !self.ask_and(Task::Save(Box::new(to_save)), done) {
            return Err("no snapshot: its thread could not be started; start Abscope again");
        }
        self.num_waiting += 1;
        Ok(())
    }

    /// Tries again to save what the disk did not take.
    pub fn save_again(
        &mut self,
        draw_thumbnail: impl Fn() -> DrawThumbnail,
    ) -> Result<(), &'static str> {
        for snapshot in std::mem::take(&mut self.unsaved) {
            self.save(snapshot, None, draw_thumbnail(), None)?;
        }
        Ok(())
    }

    /// Looks on the shelf for a snapshot by its name, empty for the newest; whether the thread took it.
    pub fn recall(&self, called: &str, place: RecallAs, done: Option<Done>) -> bool {
        let called = called.to_owned();
        self.ask_and(Task::Recall { called, place }, done)
    }

    /// Reads a file that a person opened, to show it as it was; whether the thread took it.
    pub fn show(&self, path: PathBuf) -> bool {
        self.ask(Task::Show(path))
    }

    /// Reads what lies on the shelf.
    pub fn read_pages(&self) {
        // Without its thread the shelf stays as it is; that was said at the start.
        let _ = self.ask(Task::Pages);
    }

    /// Writes a name or a note on one.
    pub fn edit(&self, path: PathBuf, edit: Edit, done: Option<Done>) {
        let _ = self.ask_and(Task::Edit { path, edit }, done);
    }

    /// Puts one aside, so that it can come back.
    pub fn delete(&self, path: PathBuf, done: Option<Done>) {
        let _ = self.ask_and(Task::Delete(path), done);
    }

    /// Brings back what was deleted last.
    pub fn undelete(&self, done: Option<Done>) {
        let _ = self.ask_and(Task::Undelete, done);
    }

    /// Takes news of what was to be saved: what to say, and whether the shelf has changed. Other news come back.
    pub fn take(&mut self, news: ShelfNews) -> Result<(String, bool), ShelfNews> {
        match news {
            ShelfNews::Saved { name } => {
                self.num_waiting = self.num_waiting.saturating_sub(1);
                Ok((format!("snapshot kept: {name}"), true))
            }
            ShelfNews::NotSaved { snapshot, error } => {
                self.num_waiting = self.num_waiting.saturating_sub(1);
                self.unsaved.push(*snapshot);
                Ok((format!("{error}; S tries again"), false))
            }
            other => Err(other),
        }
    }

    /// Whether the thread took it.
    fn ask(&self, task: Task) -> bool {
        self.ask_and(task, None)
    }

    /// The same, for somebody who waits for it. Who is not told at all learns it from that.
    fn ask_and(&self, task: Task, done: Option<Done>) -> bool {
        let tasks = self.tasks.as_ref();
        tasks.is_some_and(|tasks| tasks.send((task, done)).is_ok())
    }
}

impl Drop for ShelfDesk {
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    fn no_thumbnail() -> DrawThumbnail {
        Box::new(|_| None)
    }

    #[test]
    fn a_task_that_breaks_is_answered_as_not_done_and_takes_no_snapshot_and_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let (tell, told) = channel();
        let mut desk =
            ShelfDesk::start(&folder.path().to_string_lossy(), None, false, move |news| {
                let _ = tell.send(news);
            });
        let limit = Duration::from_secs(60);
        let (answer, answered) = channel();
        let done = |answer: &Sender<Result<(), String>>| -> Option<Done> {
            let answer = answer.clone();
            Some(Box::new(move |result| answer.send(result).unwrap()))
        };
        let broken = || -> DrawThumbnail { Box::new(|_| panic!("a planted fault")) };
        let snapshot = crate::session::tests::snapshot();
        desk.save(snapshot, None, broken(), done(&answer)).unwrap();
        let (words, _) = desk.take(told.recv_timeout(limit).unwrap()).ok().unwrap();
        assert!(words.starts_with("snapshot kept"), "{words}");
        assert_eq!(answered.recv_timeout(limit), Ok(Ok(())));
        assert!(desk.recall("no such name", RecallAs::Mix, done(&answer)));
        let why = answered.recv_timeout(limit).unwrap().unwrap_err();
        assert!(why.contains("no such name"), "{why}");
        desk.undelete(done(&answer));
        assert!(answered.recv_timeout(limit).unwrap().is_err());
    }

    #[test]
    fn beside_a_dead_thread_nothing_is_answered_as_done() {
        let folder = tempfile::tempdir().unwrap();
        // Telling news is the one thing of the thread that no task can break and nothing can mend.
        let tell = |_| panic!("a planted fault");
        let mut desk = ShelfDesk::start(&folder.path().to_string_lossy(), None, false, tell);
        let (answer, answered) = channel();
        let done = || -> Option<Done> {
            let answer = answer.clone();
            Some(Box::new(move |result| answer.send(result).unwrap()))
        };
        desk.read_pages();
        while !desk.thread.as_ref().is_some_and(JoinHandle::is_finished) {
            std::thread::yield_now();
        }
        let saved = desk.save(
            crate::session::tests::snapshot(),
            None,
            no_thumbnail(),
            done(),
        );
        assert!(saved.is_err());
        assert!(!desk.recall("", RecallAs::Mix, done()));
        desk.undelete(done());
        drop(answer);
        assert!(answered.recv().is_err(), "nobody was told that it is done");
        assert!(
            threads::broken()
                .iter()
                .any(|one| one.name == "shelf" && !one.goes_on)
        );
    }

    #[test]
    fn what_the_disk_does_not_take_is_never_given_up_and_more_are_refused_with_a_word() {
        let folder = tempfile::tempdir().unwrap();
        // A file in the folder's place takes no snapshot.
        let place = folder.path().join("shelf");
        std::fs::write(&place, "in the way").unwrap();
        let (tell, told) = channel();
        let mut desk = ShelfDesk::start(&place.to_string_lossy(), None, false, move |news| {
            let _ = tell.send(news);
        });
        let limit = Duration::from_secs(60);
        for number in 0..MOST_WAITING {
            assert_eq!(desk.has_room(0), Ok(()), "{number}");
            let mut snapshot = crate::session::tests::snapshot();
            snapshot.facts.note = format!("number {number}");
            desk.save(snapshot, None, no_thumbnail(), None).unwrap();
            let (words, _) = desk.take(told.recv_timeout(limit).unwrap()).ok().unwrap();
            assert!(words.contains("S tries again"), "{words}");
        }
        let words = desk.has_room(0).unwrap_err();
        assert!(words.contains("4 are not on the disk"), "{words}");
        assert!(desk.has_room(1).is_err());
        let notes: Vec<&str> = desk.unsaved.iter().map(|one| &*one.facts.note).collect();
        assert_eq!(notes, ["number 0", "number 1", "number 2", "number 3"]);
        std::fs::remove_file(&place).unwrap();
        desk.save_again(no_thumbnail).unwrap();
        for _ in 0..MOST_WAITING {
            let (words, _) = desk.take(told.recv_timeout(limit).unwrap()).ok().unwrap();
            assert!(words.starts_with("snapshot kept"), "{words}");
        }
        assert_eq!(desk.has_room(0), Ok(()));
        assert_eq!(std::fs::read_dir(&place).unwrap().count(), MOST_WAITING);
    }
}
