//! Every thread of the program is started here, so that one that dies is seen: it is put on record, and the window says
//! it where people look. What can begin anew goes on by [`carry_on`] instead.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle};

/// In debug builds, a folder: whoever makes a file in it by the name of a thread ends that thread. For tests.
pub const FAULTS_VARIABLE: &str = "ABSCOPE_FAULTS";

/// A thread that broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its name.
    pub name: String,
    /// Whether its work goes on all the same.
    pub goes_on: bool,
}

impl Broken {
    /// What that means for whoever looks, in one line.
    pub fn words(&self) -> String {
        if self.goes_on {
            return format!(
                "Abscope stumbled ({}) and goes on; please report it",
                self.name
            );
        }
        let what = match self.name.as_str() {
            "analysis" => "the analysis has stopped, and the picture stands still",
            "companion" => "the reference no longer runs beside the mix",
            "shelf" => "snapshots are no longer kept",
            "keeper" => "references are no longer looked after",
            "settings" | "window place" => "settings are no longer kept",
            "song" => "the song is no longer laid over its position",
            "input" => "the input is no longer looked after",
            "remote" | "ctl" => "the remote control has stopped",
            "pictures" => "pictures and reports are no longer written",
            "watchdog" => "nothing watches whether the window stands still",
            name => return format!("a part of Abscope has stopped ({name}): start it again"),
        };
        format!("{what}: start Abscope again")
    }
}

static RECORD: Mutex<Vec<Broken>> = Mutex::new(Vec::new());
static NUM_BROKEN: AtomicUsize = AtomicUsize::new(0);

/// So many are put on record of those that go on: one that breaks again and again fills no memory.
const MOST_ON_RECORD: usize = 1000;

/// How many broke so far; costs nothing to ask.
pub fn num_broken() -> usize {
    NUM_BROKEN.load(Ordering::Acquire)
}

/// Those that broke so far, in order.
pub fn broken() -> Vec<Broken> {
    RECORD
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

fn put_on_record(name: &str, goes_on: bool) {
    let mut record = RECORD.lock().unwrap_or_else(PoisonError::into_inner);
    if record.len() < MOST_ON_RECORD || !goes_on {
        record.push(Broken {
            name: name.to_owned(),
            goes_on,
        });
        NUM_BROKEN.store(record.len(), Ordering::Release);
    }
}

/// Starts a thread by name. Fails only where none can be made.
pub fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let watch = Watch(name.to_owned());
    Builder::new().name(name.to_owned()).spawn(move || {
        let _watch = watch;
        work()
    })
}

/// Sees how a thread ends.
struct Watch(String);

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            put_on_record(&self.0, false);
        }
    }
}

/// Does a piece of a thread's work; none where it broke, which is put on record. What it left must be whole or unused.
pub fn carry_on<T>(name: &str, work: impl FnOnce() -> T) -> Option<T> {
    let done = catch_unwind(AssertUnwindSafe(work)).ok();
    if done.is_none() {
        put_on_record(name, true);
    }
    done
}

/// Breaks here if a test wants this thread to; nothing in the program that people have.
pub fn may_break(name: &str) {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    if cfg!(debug_assertions) {
        let folder = FOLDER.get_or_init(|| std::env::var_os(FAULTS_VARIABLE).map(PathBuf::from));
        let wanted = folder.as_ref().map(|folder| folder.join(name));
        if wanted.is_some_and(|wanted| std::fs::remove_file(wanted).is_ok()) {
            panic!("a planted fault ends {name}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_breaks_is_on_record_and_one_that_ends_is_not() {
        let before = num_broken();
        let ended = spawn("threads test, ends", || 3).unwrap().join();
        assert_eq!(ended.unwrap(), 3);
        let broken_one = spawn("threads test, breaks", || panic!("planted")).unwrap();
        assert!(broken_one.join().is_err());
        let goes_on = carry_on("threads test, goes on", || panic!("planted"));
        assert_eq!(goes_on, None::<()>);
        assert_eq!(carry_on("threads test, well", || 4), Some(4));
        assert!(num_broken() >= before + 2);
        let ours = broken()
            .into_iter()
            .filter(|one| one.name.starts_with("threads test"));
        let ours: Vec<_> = ours.map(|one| (one.name.clone(), one.goes_on)).collect();
        let expected = [
            ("threads test, breaks", false),
            ("threads test, goes on", true),
        ];
        assert_eq!(
            ours,
            expected.map(|(name, goes_on)| (name.to_owned(), goes_on))
        );
    }

    #[test]
    fn what_a_broken_thread_means_is_said_in_one_line_with_what_to_do() {
        for name in ["analysis", "shelf", "anything"] {
            let broken = |goes_on| Broken {
                name: name.to_owned(),
                goes_on,
            };
            assert!(broken(false).words().contains("start"), "{name}");
            assert!(broken(true).words().contains("goes on"), "{name}");
        }
    }
}
