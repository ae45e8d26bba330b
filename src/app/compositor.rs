//! Keeps the screen of a Wayland compositor awake that is no whole desktop (Sway, Hyprland, river): nobody answers there
//! over D-Bus, see [`crate::app::awake`]. The window itself asks, on its own connection.
//!
//! Nothing waits here: winit reads what the compositor says, and this looks at what was meant for it.

use std::sync::Arc;

use wayland_client::backend::{Backend, ObjectId};
use wayland_client::protocol::wl_registry::{self, WlRegistry};
use wayland_client::protocol::wl_surface::WlSurface;
use wayland_client::{Connection, Dispatch, EventQueue, Proxy as _, QueueHandle};
use wayland_protocols::wp::idle_inhibit::zv1::client::zwp_idle_inhibit_manager_v1::ZwpIdleInhibitManagerV1;
use wayland_protocols::wp::idle_inhibit::zv1::client::zwp_idle_inhibitor_v1::ZwpIdleInhibitorV1;
use winit::raw_window_handle::{
    HasDisplayHandle as _, HasWindowHandle as _, RawDisplayHandle, RawWindowHandle,
};
use winit::window::Window;

/// The window's connection to its compositor.
pub(super) struct Compositor {
    connection: Connection,
    queue: EventQueue<Known>,
    known: Known,
    surface: WlSurface,
    inhibitor: Option<ZwpIdleInhibitorV1>,
    /// Connection and surface are this window's.
    _window: Arc<Window>,
}

/// What the compositor has.
#[derive(Default)]
struct Known {
    manager: Option<ZwpIdleInhibitManagerV1>,
}

impl Compositor {
    /// The compositor of a window; none on X11.
    pub(super) fn of(window: &Arc<Window>) -> Option<Self> {
        let RawDisplayHandle::Wayland(display) = window.display_handle().ok()?.as_raw() else {
            return None;
        };
        let RawWindowHandle::Wayland(handle) = window.window_handle().ok()?.as_raw() else {
            return None;
        };
        #[expect(unsafe_code, reason = "winit hands out plain pointers")]
        // SAFETY: both are libwayland's own, and they live as long as the window, which is kept beside them.
        let (backend, id) = unsafe {
            let backend = Backend::from_foreign_display(display.display.as_ptr().cast());
            let surface = handle.surface.as_ptr().cast();
            (backend, ObjectId::from_ptr(WlSurface::interface(), surface))
        };
        let connection = Connection::from_backend(backend);
        let surface = WlSurface::from_id(&connection, id.ok()?).ok()?;
        let queue = connection.new_event_queue();
        connection.display().get_registry(&queue.handle(), ());
        connection.flush().ok()?;
        Some(Self {
            connection,
            queue,
            known: Known::default(),
            surface,
            inhibitor: None,
            _window: Arc::clone(window),
        })
    }

    /// From now on the screen stays awake, or may sleep. To be called now and then: the compositor says what it has a
    /// moment after it was asked.
    pub(super) fn keep_awake(&mut self, wanted: bool) {
        // A connection that has broken ends the window, which says so.
        let _ = self.queue.dispatch_pending(&mut self.known);
        match (wanted, &self.known.manager, &self.inhibitor) {
            (true, Some(manager), None) => {
                let handle = self.queue.handle();
                self.inhibitor = Some(manager.create_inhibitor(&self.surface, &handle, ()));
            }
            (false, _, Some(inhibitor)) => {
                inhibitor.destroy();
                self.inhibitor = None;
            }
            _ => return,
        }
        let _ = self.connection.flush();
    }
}

impl Dispatch<WlRegistry, ()> for Known {
    fn event(
        known: &mut Self,
        registry: &WlRegistry,
        event: wl_registry::Event,
        (): &(),
        _: &Connection,
        queue: &QueueHandle<Self>,
    ) {
        let wl_registry::Event::Global {
            name, interface, ..
        } = event
        else {
            return;
        };
        if interface == ZwpIdleInhibitManagerV1::interface().name {
            known.manager = Some(registry.bind(name, 1, queue, ()));
        }
    }
}

wayland_client::delegate_noop!(Known: ZwpIdleInhibitManagerV1);
wayland_client::delegate_noop!(Known: ZwpIdleInhibitorV1);
