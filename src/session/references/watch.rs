//! The keeper: one thread that looks after the files of the shelf. It notices those that change or move, keeps what
//! was chosen for each, and frees what takes long to free.
//!
//! It looks at size and time once a second rather than asking the system to tell: that works on every system and on
//! network disks, and sixteen looks cost nothing.

use std::any::Any;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::audio::threads;
use crate::compare::common_band::{
    CommonBand, common_band, common_punch, common_range, common_stereo_bands,
};
use crate::session::background;
use crate::session::references::cache::{Cache, Choices};
use crate::session::references::content_key::ContentKey;
use crate::session::references::data::SharedReference;
use crate::session::references::file_stamp::FileStamp;
use crate::session::references::part::PartFigures;

/// How often files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the keeper is told.
pub enum Task {
    /// A reference was opened.
    Watch {
        /// Its number.
        id: u64,
        /// Its file.
        path: PathBuf,
        /// What is known of it, with the stamp it was read at.
        reference: SharedReference,
    },
    /// A reference was closed.
    Forget(u64),
    /// Something was chosen.
    Keep(ContentKey, Choices),
    /// Something large is to be freed.
    Free(Box<dyn Any + Send>),
    /// The common band of these parts, each with a gain in dB, is wanted.
    Common(Vec<(Arc<PartFigures>, f64)>),
}

/// What the keeper has to say.
pub enum Notice {
    /// Something happened to the file of a reference.
    File(u64, FileNews),
    /// The common band that was wanted; none of no parts.
    Common(Option<Arc<CommonBand>>),
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileNews {
    /// It was written anew, and is no longer being written.
    Changed,
    /// It is no longer where it was.
    Missing,
    /// It is there again, as it was.
    Back,
}

/// The band that parts of references have in common.
pub fn common_band_of(parts: &[(Arc<PartFigures>, f64)]) -> Option<Arc<CommonBand>> {
    let recordings: Vec<_> = parts
        .iter()
        .map(|(part, gain_db)| (&part.quantiles, *gain_db))
        .collect();
    let ranges: Vec<_> = parts
        .iter()
        .map(|(part, gain_db)| (&part.curves.range, *gain_db))
        .collect();
    let bands: Vec<_> = parts.iter().map(|(part, _)| &part.bands).collect();
    let punch: Vec<_> = parts.iter().map(|(part, _)| &part.summary.punch).collect();
    (!recordings.is_empty()).then(|| {
        Arc::new(CommonBand {
            range: common_range(&ranges),
            bands: common_stereo_bands(&bands),
            punch: common_punch(&punch),
            ..common_band(&recordings)
        })
    })
}

/// The thread.
pub struct Keeper {
    tasks: Option<Sender<Task>>,
    notices: Receiver<Notice>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Keeper {
    /// Starts it. Fails only where no thread can be made.
    pub fn spawn(cache: Option<Cache>) -> io::Result<Self> {
        let (tasks, received) = channel();
        let (sender, notices) = channel();
        let thread = background::spawn("keeper", background::WORK, move || {
            work(&received, &sender, cache.as_ref())
        })?;
        Ok(Self {
            tasks: Some(tasks),
            notices,
            thread: Some(thread),
        })
    }

    /// Tells it something.
    pub fn tell(&self, task: Task) {
        if let Some(tasks) = &self.tasks {
            // It ends only after this does.
            let _ = tasks.send(task);
        }
    }

    /// The next thing it noticed, if there is one.
    pub fn notice(&self) -> Option<Notice> {
        self.notices.try_recv().ok()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            // What was chosen last is written before the program ends.
            let _ = thread.join();
        }
    }
}

struct Watched {
    path: PathBuf,
    reference: SharedReference,
    /// As it was at the last look.
    seen: Option<FileStamp>,
    /// The change that was told last: once is enough.
    told: Option<FileStamp>,
    is_missing: bool,
}

/// What is looked after.
struct Work<'a> {
    notices: &'a Sender<Notice>,
    cache: Option<&'a Cache>,
    watched: HashMap<u64, Watched>,
    chosen: HashMap<ContentKey, Choices>,
}

fn work(tasks: &Receiver<Task>, notices: &Sender<Notice>, cache: Option<&Cache>) {
    let mut work = Work {
        notices,
        cache,
        watched: HashMap::new(),
        chosen: HashMap::new(),
    };
    let mut next_look = Instant::now() + LOOK_EVERY;
    loop {
        let room = next_look.saturating_duration_since(Instant::now());
        let task = tasks.recv_timeout(room);
        if matches!(task, Err(RecvTimeoutError::Timeout)) {
            next_look = Instant::now() + LOOK_EVERY;
        }
        let is_last = matches!(task, Err(RecvTimeoutError::Disconnected));
        // One that breaks takes no other with it.
        threads::carry_on("keeper", || {
            threads::may_break("keeper");
            work.perform(task);
        });
        if is_last {
            return;
        }
    }
}

impl Work<'_> {
    fn perform(&mut self, task: Result<Task, RecvTimeoutError>) {
        match task {
            Ok(Task::Watch {
                id,
                path,
                reference,
            }) => {
                let new = Watched {
                    path,
                    reference,
                    seen: None,
                    told: None,
                    is_missing: false,
                };
                self.watched.insert(id, new);
            }
            Ok(Task::Forget(id)) => {
                self.watched.remove(&id);
            }
            Ok(Task::Keep(key, choices)) => {
                self.chosen.insert(key, choices);
            }
            Ok(Task::Free(large)) => drop(large),
            Ok(Task::Common(parts)) => {
                // Nobody listens when the program ends.
                let _ = self.notices.send(Notice::Common(common_band_of(&parts)));
            }
            Err(RecvTimeoutError::Timeout) => {
                write(&mut self.chosen, self.cache);
                for (id, file) in &mut self.watched {
                    if let Some(news) = file.look() {
                        // Nobody listens when the program ends.
                        let _ = self.notices.send(Notice::File(*id, news));
                    }
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                write(&mut self.chosen, self.cache);
            }
        }
    }
}

/// Keeps what was chosen; a slider that is moved writes once a second, not at each step.
fn write(chosen: &mut HashMap<ContentKey, Choices>, cache: Option<&Cache>) {
    for (key, choices) in chosen.drain() {
        if let Some(cache) = cache
            && let Err(error) = cache.write_choices(&key, &choices)
        {
            tracing::warn!("region and trim of a reference are not kept: {error}");
        }
    }
}

impl Watched {
    fn look(&mut self) -> Option<FileNews> {
        // Before it is read there is nothing to compare with.
        let read = self.reference.with(|data| data.stamp)?;
        let now = match FileStamp::of(&self.path) {
            Ok(now) => now,
            Err(error) => {
                let is_news = error.kind() == io::ErrorKind::NotFound && !self.is_missing;
                self.is_missing |= is_news;
                return is_news.then_some(FileNews::Missing);
            }
        };
        // A file that still grows is not read yet.
        let is_still = self.seen.replace(now) == Some(now);
        let was_missing = self.is_missing;
        if now == read {
            self.is_missing = false;
            return was_missing.then_some(FileNews::Back);
        }
        if is_still && self.told.replace(now) != Some(now) {
            self.is_missing = false;
            return Some(FileNews::Changed);
        }
        None
    }
}
