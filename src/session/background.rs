//! Good manners: Abscope runs beside a DAW that has to make a block of sound every few milliseconds, so work that can
//! wait gets a processor only where nobody else wants it.
//!
//! Linux has a priority for each thread; the threads that one starts inherit it. Capture, analysis and window keep the
//! usual one, never a higher. Windows and macOS share processors by rules of their own, and nothing is asked of them.

use std::io;
use std::thread::JoinHandle;

use crate::audio::threads;

/// How far a thread stands back, from 0 to 19 (`nice`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandsBack(pub i32);

/// What a person waits for: files that are read, comparisons, pictures, reports, snapshots.
pub const WORK: StandsBack = StandsBack(10);
/// What the picture needs several times a second: the reference that is played silently beside the mix.
pub const BESIDE: StandsBack = StandsBack(5);

/// Starts a thread by name that stands back. Fails only where no thread can be made.
pub fn spawn<T: Send + 'static>(
    name: &str,
    stands_back: StandsBack,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    threads::spawn(name, move || {
        stand_back(stands_back);
        work()
    })
}

/// Has the threads that work is shared among stand back as well; before anything is shared.
pub fn have_helpers_stand_back() {
    let pool = rayon::ThreadPoolBuilder::new()
        .thread_name(|number| format!("helper {number}"))
        .start_handler(|_| stand_back(WORK));
    if let Err(error) = pool.build_global() {
        tracing::debug!("the helpers keep their priority: {error}");
    }
}

/// The calling thread stands back from now on.
#[cfg(target_os = "linux")]
fn stand_back(StandsBack(nice): StandsBack) {
    // Linux sets the priority of a thread here, not of the process. Whoever started Abscope may have asked for more.
    let wanted = rustix::process::getpriority_process(None).map_or(nice, |now| now.max(nice));
    if let Err(error) = rustix::process::setpriority_process(None, wanted) {
        tracing::debug!("a thread keeps its priority: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
fn stand_back(_: StandsBack) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn nice() -> i32 {
        rustix::process::getpriority_process(None).expect("a thread may ask for its own")
    }

    #[test]
    fn a_thread_stands_back_as_far_as_was_asked_and_the_one_that_started_it_does_not() {
        let before = nice();
        for stands_back in [BESIDE, WORK] {
            let thread = spawn("test", stands_back, nice).expect("a thread can be made");
            let nice = thread.join().expect("it does not panic");
            assert_eq!(nice, before.max(stands_back.0));
        }
        assert_eq!(nice(), before);
    }

    #[test]
    fn threads_started_by_one_that_stands_back_do_so_as_well() {
        let inner = || std::thread::spawn(nice).join().expect("it does not panic");
        let thread = spawn("test", WORK, inner).expect("a thread can be made");
        assert!(thread.join().expect("it does not panic") >= WORK.0);
    }
}
