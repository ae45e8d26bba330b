//! An instance of the plug-in as its threads share it: its sender in the link's table, its name, its switches.
//!
//! The audio thread touches the atomics only; the lock is for the main thread and the keeper.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use abscope_link::{Description, LinkError, Sender, Stream, Table};
use clack_plugin::host::HostSharedHandle;

use crate::naming::Naming;
use crate::settings::Settings;

/// One instance.
#[derive(Default)]
pub struct Instance {
    /// Passes audio on and sends nothing.
    pub(crate) is_bypassed: AtomicBool,
    /// Set while the host renders faster than time goes: nobody could listen to that.
    pub(crate) is_offline: AtomicBool,
    /// Which name was chosen in the DAW. The audio thread may hear of it first; the keeper takes it over.
    pub(crate) name_choice: AtomicU32,
    /// Set by the keeper when the host should keep the project again.
    pub(crate) has_changed: AtomicBool,
    inner: Mutex<Inner>,
    host: Mutex<Option<HostSharedHandle<'static>>>,
}

#[derive(Default)]
struct Inner {
    naming: Naming,
    identity: u64,
    sender: Option<Sender>,
}

impl Instance {
    /// An instance whose host can be called back until [`forget_host`](Self::forget_host).
    pub(crate) fn new(host: HostSharedHandle<'static>) -> Self {
        Self {
            host: Mutex::new(Some(host)),
            ..Self::default()
        }
    }

    /// The host is going away: it is not called any more once this has returned.
    pub(crate) fn forget_host(&self) {
        *self.host.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Takes a slot if there is none yet, and begins to stream. Not for the audio thread.
    pub(crate) fn stream(&self, rate_hz: u32, channels: u32) -> Result<Stream, LinkError> {
        let mut inner = self.inner();
        self.take_over_choice(&mut inner);
        if inner.sender.is_none() {
            let description = Description {
                name: inner.naming.name().to_owned(),
                identity: inner.identity,
            };
            let sender = Sender::take(&Table::make()?, &description)?;
            inner.identity = sender.identity();
            inner.sender = Some(sender);
        }
        match &mut inner.sender {
            Some(sender) => sender.stream(rate_hz, channels),
            None => Err(LinkError::NotThere),
        }
    }

    /// The host says what it calls the track.
    pub(crate) fn name_track(&self, track: Option<String>) {
        let mut inner = self.inner();
        inner.naming.track = track;
        inner.call();
    }

    /// What the keeper does now and then: hears of names from Abscope and from the audio thread, and writes again
    /// what others may have written over.
    pub(crate) fn look_after(&self) {
        let mut inner = self.inner();
        self.take_over_choice(&mut inner);
        let asked = inner.sender.as_ref().and_then(Sender::asked_name);
        if let Some(asked) = asked {
            inner.naming.ask(asked);
            inner.call();
            self.has_changed.store(true, Ordering::Release);
        }
        if let Some(sender) = &inner.sender {
            sender.mend();
        }
        drop(inner);
        if self.has_changed.load(Ordering::Acquire)
            && let Some(host) = &*self.host.lock().unwrap_or_else(PoisonError::into_inner)
        {
            host.request_callback();
        }
    }

    /// What belongs into the host's project.
    pub(crate) fn settings(&self) -> Settings {
        let mut inner = self.inner();
        self.take_over_choice(&mut inner);
        Settings {
            identity: inner.identity,
            asked_name: inner.naming.asked.clone(),
            name_choice: inner.naming.choice,
            is_bypassed: self.is_bypassed.load(Ordering::Relaxed),
        }
    }

    /// What was in the host's project. The identity counts for a sender that is still to come: one that is there
    /// keeps its own, or two copies of a track would have the same.
    pub(crate) fn set(&self, settings: &Settings) {
        let mut inner = self.inner();
        self.is_bypassed
            .store(settings.is_bypassed, Ordering::Relaxed);
        self.name_choice
            .store(settings.name_choice, Ordering::Relaxed);
        inner.naming.choice = settings.name_choice;
        inner.naming.asked.clone_from(&settings.asked_name);
        if inner.sender.is_none() {
            inner.identity = settings.identity;
        }
        inner.call();
    }

    fn take_over_choice(&self, inner: &mut Inner) {
        let choice = self.name_choice.load(Ordering::Relaxed);
        if choice != inner.naming.choice {
            inner.naming.choose(choice);
            inner.call();
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn call(&mut self) {
        if let Some(sender) = &mut self.sender {
            sender.call(self.naming.name());
        }
    }
}
