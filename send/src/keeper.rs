//! One thread for all instances in a process, for what neither the audio thread may do nor the host's main thread is
//! asked to: names that come from Abscope, and a look at what stands in the table.
//!
//! It runs as long as there is an instance and has ended before the last one is gone: a host may unload the library
//! right then.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::instance::Instance;

/// How often it looks.
const BEAT: Duration = Duration::from_millis(400);

/// Name of its thread, at most the 15 letters that Linux keeps.
pub const THREAD_NAME: &str = "abscope send";

static KEEPER: Mutex<Keeper> = Mutex::new(Keeper {
    instances: Vec::new(),
    running: None,
});

struct Keeper {
    instances: Vec<Arc<Instance>>,
    running: Option<Running>,
}

struct Running {
    stop: Arc<Stop>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct Stop {
    is_set: Mutex<bool>,
    changed: Condvar,
}

/// Looks after an instance from now on.
pub fn add(instance: &Arc<Instance>) {
    let mut keeper = KEEPER.lock().unwrap_or_else(PoisonError::into_inner);
    keeper.instances.push(Arc::clone(instance));
    if keeper.running.is_none() {
        let stop = Arc::new(Stop::default());
        let theirs = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name(THREAD_NAME.to_owned())
            .spawn(move || run(&theirs));
        // Without a thread names do not change, and all else is as it should be.
        keeper.running = thread.ok().map(|thread| Running { stop, thread });
    }
}

/// Looks after an instance no longer. With the last one the thread ends, and has ended when this returns.
pub fn remove(instance: &Arc<Instance>) {
    let mut keeper = KEEPER.lock().unwrap_or_else(PoisonError::into_inner);
    keeper
        .instances
        .retain(|known| !Arc::ptr_eq(known, instance));
    let running = if keeper.instances.is_empty() {
        keeper.running.take()
    } else {
        None
    };
    drop(keeper);
    if let Some(Running { stop, thread }) = running {
        *stop.is_set.lock().unwrap_or_else(PoisonError::into_inner) = true;
        stop.changed.notify_all();
        // If it panicked, it has ended too.
        let _ = thread.join();
    }
}

fn run(stop: &Stop) {
    let mut is_set = stop.is_set.lock().unwrap_or_else(PoisonError::into_inner);
    while !*is_set {
        let waited = stop.changed.wait_timeout(is_set, BEAT);
        is_set = waited.unwrap_or_else(PoisonError::into_inner).0;
        if *is_set {
            return;
        }
        let keeper = KEEPER.lock().unwrap_or_else(PoisonError::into_inner);
        let instances = keeper.instances.clone();
        drop(keeper);
        for instance in instances {
            instance.look_after();
        }
    }
}
