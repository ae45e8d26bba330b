//! Remote control of the window: `abscope ctl` by a way of the person alone, control surfaces by OSC. Each has a thread
//! that hands what is asked to the window, and answers.

mod ctl;
mod obey;
mod osc;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use winit::event_loop::EventLoopProxy;

use crate::app::message::Message;
use crate::session::action::gate::Counts;
use crate::session::action::{local, pairing_code};
use crate::session::settings::Settings;
use crate::session::snapshots::autosave::StateFolder;

/// The remote control of a window.
#[derive(Default)]
pub(super) struct Remote {
    osc: Option<osc::Listener>,
    ctl: Option<ctl::Listener>,
    counts: Arc<Mutex<Counts>>,
    /// What other devices send before anything else, while they are listened to.
    pub(super) code: Option<String>,
    /// What it was started with: it is started anew when that changes.
    of: Option<Wanted>,
}

/// What the settings ask for.
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    place: SocketAddr,
    surfaces_may_all: bool,
}

impl Wanted {
    fn of(settings: &Settings) -> Option<Self> {
        let address = settings.remote_address.parse::<IpAddr>();
        let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        settings.remote.then(|| Self {
            place: SocketAddr::new(address, settings.remote_port as u16),
            surfaces_may_all: settings.surfaces_may_all,
        })
    }
}

impl Remote {
    /// Brings the listeners to what the settings ask for; why one cannot listen, in one line.
    pub(super) fn follow(
        &mut self,
        settings: &Settings,
        proxy: &EventLoopProxy<Message>,
    ) -> Result<(), String> {
        let wanted = Wanted::of(settings);
        if self.of == wanted {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.of, wanted.clone());
        self.osc = None;
        let port_of = |wanted: &Option<Wanted>| wanted.as_ref().map(|wanted| wanted.place.port());
        if port_of(&before) != port_of(&wanted) {
            self.ctl = None;
        }
        let Some(wanted) = wanted else {
            return Ok(());
        };
        let port = wanted.place.port();
        let folder = StateFolder::default_folder().map(|state| local::folder(&state));
        if self.ctl.is_none() {
            let started = start_ctl(folder.as_ref(), port, proxy);
            self.ctl = Some(started.map_err(|error| unheard(port, &error, "`abscope ctl`"))?);
        }
        self.code = None;
        if !wanted.place.ip().is_loopback() {
            // Without a code no other device is heard, and that is said where one asks.
            self.code = folder.and_then(|folder| pairing_code::code_in(&folder).ok());
        }
        let osc = osc::Listener::start(
            wanted.place,
            wanted.surfaces_may_all,
            self.code.clone(),
            proxy.clone(),
            Arc::clone(&self.counts),
        );
        self.osc = Some(osc.map_err(|error| unheard(port, &error, &wanted.place.to_string()))?);
        Ok(())
    }

    /// What came of what arrived, since the window opened.
    pub(super) fn counts(&self) -> Counts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn start_ctl(
    folder: Option<&PathBuf>,
    port: u16,
    proxy: &EventLoopProxy<Message>,
) -> io::Result<ctl::Listener> {
    let none = || io::Error::other("the system knows no home folder; set HOME");
    ctl::Listener::start(folder.ok_or_else(none)?, port, proxy.clone())
}

/// Why something is not listened to.
fn unheard(port: u16, error: &io::Error, what: &str) -> String {
    if error.kind() == io::ErrorKind::AddrInUse {
        return format!(
            "port {port} is taken, by another Abscope perhaps: no remote control of this window; \
             the setting remote-port chooses another"
        );
    }
    format!(
        "no remote control: {what} cannot be listened to ({error}); \
         see the settings remote-address and remote-port"
    )
}
