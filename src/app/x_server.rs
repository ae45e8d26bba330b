//! What winit leaves out on X11: monitors that come and go, whether any of the window can be seen, and whether there is
//! a window manager. Elsewhere (Wayland, Windows, macOS) winit and the system say enough, and nothing is asked here.

use winit::event_loop::EventLoop;
use winit::window::Window;

/// The X server, if the window is on one.
#[derive(Default)]
pub(super) struct XServer {
    #[cfg(target_os = "linux")]
    link: Option<linux::Link>,
}

/// Fails where the window would be on an X server that does not tell its monitors: winit takes for granted that it does.
pub(super) fn check_display() -> anyhow::Result<()> {
    #[cfg(target_os = "linux")]
    if linux::has_no_monitors() {
        anyhow::bail!(
            "the X server does not tell its monitors (RandR is missing); start it with that extension, or use \
             `abscope render`, which needs no display"
        );
    }
    Ok(())
}

#[cfg(target_os = "linux")]
impl XServer {
    /// Connects. Also has winit hear of monitors: see [`linux::have_winit_hear_of_monitors`].
    pub fn open<T: 'static>(event_loop: &EventLoop<T>) -> Self {
        use winit::platform::x11::EventLoopExtX11 as _;
        if !event_loop.is_x11() {
            return Self::default();
        }
        linux::have_winit_hear_of_monitors(event_loop);
        let link = linux::Link::connect();
        if let Err(error) = &link {
            tracing::debug!("the X server is not asked: {error}");
        }
        Self { link: link.ok() }
    }

    /// Whether there is one.
    pub fn is_there(&self) -> bool {
        self.link.is_some()
    }

    /// Whether monitors came, went or moved since this was asked last, even if all is now as it was.
    pub fn have_monitors_changed(&self) -> bool {
        self.link.as_ref().is_some_and(linux::Link::has_news)
    }

    /// Whether a window is taken off the screen, alone or with the desktop it is on.
    pub fn hides(&self, window: &Window) -> bool {
        self.link.as_ref().is_some_and(|link| link.hides(window))
    }

    /// Whether a window has to size itself, because no window manager does.
    pub fn has_no_manager(&self) -> bool {
        self.link.as_ref().is_some_and(|link| !link.has_manager())
    }
}

#[cfg(not(target_os = "linux"))]
impl XServer {
    /// There is none.
    pub fn open<T: 'static>(_: &EventLoop<T>) -> Self {
        Self::default()
    }

    /// Whether there is one.
    pub fn is_there(&self) -> bool {
        false
    }

    /// Never, as far as X is concerned.
    pub fn have_monitors_changed(&self) -> bool {
        false
    }

    /// Never, as far as X is concerned.
    pub fn hides(&self, _: &Window) -> bool {
        false
    }

    /// These systems manage their windows.
    pub fn has_no_manager(&self) -> bool {
        false
    }
}

/// Watches whether the X server is still there, on a connection of its own: winit panics once its own breaks.
#[derive(Default)]
pub(super) struct DisplayWatch {
    #[cfg(target_os = "linux")]
    connection: Option<std::sync::Arc<x11rb::rust_connection::RustConnection>>,
}

#[cfg(target_os = "linux")]
impl DisplayWatch {
    /// Watches the server of an event loop, if that is on one. From now on a panic that the end of the server made is not
    /// told: it helps nobody.
    pub fn open<T: 'static>(event_loop: &EventLoop<T>) -> Self {
        use winit::platform::x11::EventLoopExtX11 as _;
        if !event_loop.is_x11() {
            return Self::default();
        }
        linux::have_xlib_end_in_one_line();
        let connected = x11rb::rust_connection::RustConnection::connect(None);
        let connection = connected.ok().map(|(connection, _)| connection.into());
        let watch = Self { connection };
        let in_hook = Self {
            connection: watch.connection.clone(),
        };
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !in_hook.is_gone() {
                usual(panic);
            }
        }));
        watch
    }

    /// Whether the server has ended.
    fn is_gone(&self) -> bool {
        use x11rb::protocol::xproto::ConnectionExt as _;
        let asked = |connection: &x11rb::rust_connection::RustConnection| {
            let asked = connection.get_input_focus().ok()?;
            asked.reply().ok()
        };
        let connection = self.connection.as_ref();
        connection.is_some_and(|connection| asked(connection).is_none())
    }
}

#[cfg(not(target_os = "linux"))]
impl DisplayWatch {
    /// There is none.
    pub fn open<T: 'static>(_: &EventLoop<T>) -> Self {
        Self::default()
    }

    /// These systems end with their display.
    fn is_gone(&self) -> bool {
        false
    }
}

impl DisplayWatch {
    /// Runs what needs the display; `None` if it ended because that went away.
    pub fn run<T>(&self, run: impl FnOnce() -> T) -> Option<T> {
        use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
        match catch_unwind(AssertUnwindSafe(run)) {
            // winit says it as an error where it does not panic.
            Ok(ended) => (!self.is_gone()).then_some(ended),
            Err(_) if self.is_gone() => None,
            Err(panic) => resume_unwind(panic),
        }
    }
}

/// What is said once the X server has ended.
pub(super) fn words_of_the_end() -> String {
    let display = std::env::var("DISPLAY").unwrap_or_default();
    format!(
        "the X server of display {display} has ended, and the window with it; what was kept is on the disk: start Abscope \
         again"
    )
}

#[cfg(target_os = "linux")]
mod linux {
    use std::error::Error;
    use std::ffi::c_int;

    use winit::event_loop::EventLoop;
    use winit::raw_window_handle::{
        HasDisplayHandle as _, HasWindowHandle as _, RawDisplayHandle, RawWindowHandle,
    };
    use winit::window::Window;
    use x11_dl::xlib::{Display, Xlib};
    use x11rb::connection::Connection as _;
    use x11rb::protocol::randr::{ConnectionExt as _, NotifyMask};
    use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, MapState};
    use x11rb::rust_connection::RustConnection;

    use crate::cli::output::complain;

    /// A connection of its own: what is asked here does not mix with winit's events.
    pub(super) struct Link {
        connection: RustConnection,
        root: u32,
        /// `_NET_SUPPORTING_WM_CHECK`: names a window that a window manager keeps as long as it runs.
        check: u32,
    }

    /// Xlib, through which winit opens windows, ends a program whose connection breaks, in words for programmers.
    pub(super) fn have_xlib_end_in_one_line() {
        let Ok(xlib) = Xlib::open() else {
            return;
        };
        #[expect(unsafe_code, reason = "Xlib has no safe interface")]
        // SAFETY: the handler asks nothing of Xlib and does not return to it; a library that was opened so stays loaded.
        unsafe {
            (xlib.XSetIOErrorHandler)(Some(end));
        }
    }

    extern "C" fn end(_: *mut Display) -> c_int {
        complain(format_args!("{}", super::words_of_the_end()));
        std::process::exit(1)
    }

    impl Link {
        pub(super) fn connect() -> Result<Self, Box<dyn Error>> {
            let (connection, screen) = RustConnection::connect(None)?;
            let screen = connection.setup().roots.get(screen);
            let root = screen.ok_or("no such screen")?.root;
            let check = connection.intern_atom(false, b"_NET_SUPPORTING_WM_CHECK")?;
            let check = check.reply()?.atom;
            let changes = NotifyMask::SCREEN_CHANGE | NotifyMask::CRTC_CHANGE;
            connection.randr_select_input(root, changes)?.check()?;
            Ok(Self {
                connection,
                root,
                check,
            })
        }

        /// Nothing but changes of monitors was asked for, so any event is one.
        pub(super) fn has_news(&self) -> bool {
            let mut has_news = false;
            while let Ok(Some(_)) = self.connection.poll_for_event() {
                has_news = true;
            }
            has_news
        }

        pub(super) fn hides(&self, window: &Window) -> bool {
            let id = match window.window_handle().map(|handle| handle.as_raw()) {
                Ok(RawWindowHandle::Xlib(handle)) => u32::try_from(handle.window).ok(),
                Ok(RawWindowHandle::Xcb(handle)) => Some(handle.window.get()),
                _ => None,
            };
            id.and_then(|id| self.connection.get_window_attributes(id).ok()?.reply().ok())
                .is_some_and(|attributes| attributes.map_state != MapState::VIEWABLE)
        }

        /// One that crashed leaves its mark on the root, but not the window it names.
        pub(super) fn has_manager(&self) -> bool {
            self.checked(self.root)
                .is_some_and(|window| self.checked(window) == Some(window))
        }

        fn checked(&self, window: u32) -> Option<u32> {
            let property = (self.check, AtomEnum::WINDOW);
            let asked = self
                .connection
                .get_property(false, window, property.0, property.1, 0, 1);
            asked.ok()?.reply().ok()?.value32()?.next()
        }
    }

    /// Whether there is an X server to open windows on, and it lacks RandR. Wayland comes first, as with winit.
    pub(super) fn has_no_monitors() -> bool {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if is_set("WAYLAND_DISPLAY") || is_set("WAYLAND_SOCKET") {
            return false;
        }
        let Ok((connection, _)) = RustConnection::connect(None) else {
            return false;
        };
        let asked = connection.query_extension(b"RANDR");
        asked
            .ok()
            .and_then(|asked| asked.reply().ok())
            .is_some_and(|found| !found.present)
    }

    /// Since 0.30 winit asks for RandR's events, but Xlib drops events of an extension nobody has made known to it, and
    /// winit no longer does. So its list of monitors stayed as it was at the start: a window on a monitor that was
    /// unplugged never learned of it. libXrandr makes the extension known; Xlib calls into it from then on, and x11-dl never
    /// unloads it.
    #[expect(unsafe_code, reason = "libXrandr has no safe interface")]
    pub(super) fn have_winit_hear_of_monitors<T: 'static>(event_loop: &EventLoop<T>) {
        let Ok(RawDisplayHandle::Xlib(handle)) =
            event_loop.display_handle().map(|handle| handle.as_raw())
        else {
            return;
        };
        let Some(display) = handle.display else {
            return;
        };
        match x11_dl::xrandr::Xrandr::open() {
            Ok(library) => {
                let (mut event_base, mut error_base) = (0, 0);
                // SAFETY: the display is winit's and open as long as the event loop, which is borrowed; this is its
                // thread; both results are written to places that outlive the call.
                unsafe {
                    (library.XRRQueryExtension)(
                        display.as_ptr().cast(),
                        &mut event_base,
                        &mut error_base,
                    );
                }
            }
            Err(error) => tracing::debug!("monitors that come or go are not heard of: {error}"),
        }
    }
}
