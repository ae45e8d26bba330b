//! Hotkeys that act while another window has the keyboard: Ctrl+Alt and a letter, if a person turns them on.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use global_hotkey::hotkey::{Code, HotKey, Modifiers};
use global_hotkey::{GlobalHotKeyEvent, GlobalHotKeyManager, HotKeyState};
use winit::event_loop::EventLoopProxy;

use crate::app::message::Message;
use crate::session::action::Action;

/// The keys and the actions they do, by name.
const HOTKEYS: [(Code, &str); 5] = [
    (Code::KeyF, "freeze"),
    (Code::KeyS, "snapshot"),
    (Code::KeyP, "screenshot"),
    (Code::KeyD, "difference"),
    (Code::KeyN, "next-reference"),
];

/// Hotkeys of the whole desktop; dropping it gives them back.
#[derive(Default)]
pub(super) struct Hotkeys {
    held: Option<Held>,
    is_on: bool,
}

impl Hotkeys {
    /// Takes the hotkeys or gives them back, as the settings ask; why not, in one line.
    pub(super) fn follow(
        &mut self,
        is_on: bool,
        proxy: &EventLoopProxy<Message>,
    ) -> Result<(), String> {
        if is_on == self.is_on {
            return Ok(());
        }
        self.is_on = is_on;
        self.held = None;
        if is_on {
            if let Some(why) = not_here() {
                return Err(why.to_owned());
            }
            self.held = Some(Held::take(proxy)?);
        }
        Ok(())
    }
}

/// Why this desktop has none.
fn not_here() -> Option<&'static str> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !cfg!(target_os = "linux") {
        None
    } else if is_set("WAYLAND_DISPLAY") {
        Some(
            "Wayland has no hotkeys for programs: give `abscope ctl freeze` a key in the desktop's settings",
        )
    } else if !is_set("DISPLAY") {
        Some("there are no hotkeys without an X11 display")
    } else {
        None
    }
}

fn wanted() -> Vec<(HotKey, &'static str, Action)> {
    HOTKEYS
        .into_iter()
        .filter_map(|(code, name)| {
            let key = HotKey::new(Some(Modifiers::CONTROL | Modifiers::ALT), code);
            Some((key, name, Action::from_words(name).ok()?))
        })
        .collect()
}

/// Who is told of a hotkey; the library takes one listener for the whole run.
type Listeners = Mutex<Option<(EventLoopProxy<Message>, HashMap<u32, Action>)>>;
static LISTENER: OnceLock<Listeners> = OnceLock::new();

fn listen(proxy: EventLoopProxy<Message>) {
    let actions = wanted()
        .into_iter()
        .map(|(key, _, action)| (key.id(), action));
    let listener = LISTENER.get_or_init(|| {
        GlobalHotKeyEvent::set_event_handler(Some(hear));
        Mutex::default()
    });
    *listener.lock().unwrap_or_else(PoisonError::into_inner) = Some((proxy, actions.collect()));
}

fn hear(event: GlobalHotKeyEvent) {
    if event.state != HotKeyState::Pressed {
        return;
    }
    let Some(listener) = LISTENER.get() else {
        return;
    };
    let listener = listener.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((proxy, actions)) = &*listener
        && let Some(action) = actions.get(&event.id)
    {
        // A window that is closing needs no more.
        let _ = proxy.send_event(Message::Act(action.clone()));
    }
}

/// Takes each key; those that another program has are named.
fn register(manager: &GlobalHotKeyManager) -> Result<(), String> {
    let taken: Vec<&str> = wanted()
        .into_iter()
        .filter(|(key, ..)| manager.register(*key).is_err())
        .map(|(_, name, _)| name)
        .collect();
    if taken.is_empty() {
        return Ok(());
    }
    Err(format!(
        "another program has the hotkeys of {}; the others work",
        taken.join(", ")
    ))
}

/// The manager lives on a thread of its own on X11, where each key is a question to the server.
#[cfg(target_os = "linux")]
struct Held {
    _ends: std::sync::mpsc::Sender<()>,
}

#[cfg(target_os = "linux")]
impl Held {
    fn take(proxy: &EventLoopProxy<Message>) -> Result<Self, String> {
        listen(proxy.clone());
        let (ends, end) = std::sync::mpsc::channel();
        let proxy = proxy.clone();
        let hold = move || {
            let manager = match GlobalHotKeyManager::new() {
                Ok(manager) => manager,
                Err(error) => {
                    let _ = proxy.send_event(Message::Say(format!("no hotkeys: {error}")));
                    return;
                }
            };
            if let Err(words) = register(&manager) {
                let _ = proxy.send_event(Message::Say(words));
            }
            // Until the other end is dropped.
            let _ = end.recv();
            let keys: Vec<HotKey> = wanted().into_iter().map(|(key, ..)| key).collect();
            let _ = manager.unregister_all(&keys);
        };
        crate::audio::threads::spawn("hotkeys", hold)
            .map_err(|error| format!("no hotkeys: {error}"))?;
        Ok(Self { _ends: ends })
    }
}

/// Windows and macOS want the manager on the thread of the window.
#[cfg(not(target_os = "linux"))]
struct Held {
    manager: GlobalHotKeyManager,
}

#[cfg(not(target_os = "linux"))]
impl Held {
    fn take(proxy: &EventLoopProxy<Message>) -> Result<Self, String> {
        listen(proxy.clone());
        let manager = GlobalHotKeyManager::new().map_err(|error| format!("no hotkeys: {error}"))?;
        if let Err(words) = register(&manager) {
            let _ = proxy.send_event(Message::Say(words));
        }
        Ok(Self { manager })
    }
}

#[cfg(not(target_os = "linux"))]
impl Drop for Held {
    fn drop(&mut self) {
        let keys: Vec<HotKey> = wanted().into_iter().map(|(key, ..)| key).collect();
        let _ = self.manager.unregister_all(&keys);
    }
}
