//! Keeps the screen from sleeping while sound is measured: nobody touches mouse or keys during a take.
//!
//! Asking the desktop can take long or fail, so it happens on a thread of its own; a desktop that cannot be asked is
//! noted in the log and nothing else.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use winit::window::Window;

#[cfg(target_os = "linux")]
use crate::app::compositor::Compositor;
use crate::audio::threads;

/// Holds the screen awake while it is asked to.
#[derive(Default)]
pub(super) struct Awake {
    wanted: bool,
    /// None until it is wanted for the first time.
    thread: Option<(Sender<bool>, JoinHandle<()>)>,
    /// None until it is wanted for the first time.
    #[cfg(target_os = "linux")]
    compositor: Option<Compositor>,
}

impl Awake {
    /// From now on the screen that the window is on stays awake, or may sleep. To be called now and then.
    pub(super) fn set(&mut self, wanted: bool, window: &Arc<Window>) {
        self.ask_compositor(wanted, window);
        if wanted == self.wanted {
            return;
        }
        self.wanted = wanted;
        if self.thread.is_none() {
            let (sender, receiver) = channel();
            let spawned = threads::spawn("awake", move || hold(&receiver));
            match spawned {
                Ok(thread) => self.thread = Some((sender, thread)),
                Err(error) => tracing::debug!("the screen may sleep: {error}"),
            }
        }
        if let Some((sender, _)) = &self.thread {
            // A thread that has ended has nothing to hold.
            let _ = sender.send(wanted);
        }
    }
}

#[cfg(target_os = "linux")]
impl Awake {
    fn ask_compositor(&mut self, wanted: bool, window: &Arc<Window>) {
        if wanted && !self.wanted && self.compositor.is_none() {
            self.compositor = Compositor::of(window);
        }
        if let Some(compositor) = &mut self.compositor {
            compositor.keep_awake(wanted);
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Awake {
    fn ask_compositor(&mut self, _: bool, _: &Arc<Window>) {}
}

/// Holds what the desktop gave as long as it is wanted. The thread is not joined: a desktop that does not answer must
/// not keep the window from closing, and what it holds ends with the program.
fn hold(receiver: &Receiver<bool>) {
    let mut held = None;
    while let Ok(wanted) = receiver.recv() {
        if !wanted {
            held = None;
        } else if held.is_none() {
            match ask() {
                Ok(given) => held = Some(given),
                Err(error) => tracing::debug!("the screen may sleep: {error}"),
            }
        }
    }
    drop(held);
}

/// Asks over D-Bus. The desktop lets go when the connection ends, so the connection is what is held.
#[cfg(target_os = "linux")]
fn ask() -> zbus::Result<zbus::Connection> {
    pollster::block_on(async {
        let connection = zbus::Connection::session().await?;
        connection
            .call_method(
                Some("org.freedesktop.ScreenSaver"),
                "/org/freedesktop/ScreenSaver",
                Some("org.freedesktop.ScreenSaver"),
                "Inhibit",
                &("Abscope", "Sound is being measured"),
            )
            .await?;
        Ok(connection)
    })
}

#[cfg(not(target_os = "linux"))]
fn ask() -> keepawake::Result<keepawake::KeepAwake> {
    keepawake::Builder::default()
        .display(true)
        .reason("Sound is being measured")
        .app_name("Abscope")
        .app_reverse_domain("org.abscope.Abscope")
        .create()
}
