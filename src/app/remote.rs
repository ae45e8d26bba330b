//! Remote control of the window: a thread reads OSC packets, hands what they ask to the window, and answers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use winit::event_loop::EventLoopProxy;

use crate::app::message::{Ask, Message, What};
use crate::session::action::Action;
use crate::session::action::remote::{MOST_BYTES, Request, read_requests, write_reply};
use crate::session::settings::Settings;

/// A window that has not answered by now does not; one that draws its first picture takes a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// While the window has not answered, it may be waiting for this thread to end.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Packets since the window opened.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) accepted: AtomicU64,
    pub(super) errors: AtomicU64,
}

/// The remote control of a window.
#[derive(Default)]
pub(super) struct Remote {
    listener: Option<Listener>,
    pub(super) counts: Arc<Counts>,
    /// What it was started with: it is started anew when that changes.
    of: Option<(String, u16)>,
}

impl Remote {
    /// Brings the listener to what the settings ask for; why it cannot listen, in one line.
    pub(super) fn follow(
        &mut self,
        settings: &Settings,
        proxy: &EventLoopProxy<Message>,
    ) -> Result<(), String> {
        let port = settings.remote_port as u16;
        let is_same = match &self.of {
            None => !settings.remote,
            Some((address, of_port)) => {
                settings.remote && *address == settings.remote_address && *of_port == port
            }
        };
        if is_same {
            return Ok(());
        }
        let address = settings.remote_address.clone();
        self.of = settings.remote.then(|| (address.clone(), port));
        self.listener = None;
        if !settings.remote {
            return Ok(());
        }
        let address = address
            .parse::<IpAddr>()
            .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let place = SocketAddr::new(address, port);
        match Listener::start(place, proxy.clone(), Arc::clone(&self.counts)) {
            Ok(listener) => {
                self.listener = Some(listener);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(format!(
                "port {port} is taken, by another Abscope perhaps: no remote control of this window; \
                 the setting remote-port chooses another"
            )),
            Err(error) => Err(format!(
                "no remote control: {place} cannot be listened on ({error}); \
                 see the settings remote-address and remote-port"
            )),
        }
    }
}

/// A thread with a socket; dropping it ends both.
struct Listener {
    thread: Option<JoinHandle<()>>,
    place: SocketAddr,
    ends: Arc<AtomicBool>,
}

impl Listener {
    fn start(
        place: SocketAddr,
        proxy: EventLoopProxy<Message>,
        counts: Arc<Counts>,
    ) -> io::Result<Self> {
        let socket = UdpSocket::bind(place)?;
        let place = socket.local_addr()?;
        let ends = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ends);
        let thread = std::thread::Builder::new()
            .name("remote".to_owned())
            .spawn(move || listen(&socket, &proxy, &counts, &end))?;
        Ok(Self {
            thread: Some(thread),
            place,
            ends,
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Release);
        // An empty packet wakes it: looking a few times a second whether to end would cost the DAW.
        let woken = UdpSocket::bind((reachable(self.place.ip()), 0)).and_then(|socket| {
            socket.send_to(&[], (reachable(self.place.ip()), self.place.port()))
        });
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            let _ = thread.join();
        }
    }
}

/// An address to send to for one that is listened on: "any" means this computer too.
pub(super) fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(any) if any.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(any) if any.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        address => address,
    }
}

/// One packet after the other: while the window is busy they wait in the system, and a flood is its to drop.
fn listen(socket: &UdpSocket, proxy: &EventLoopProxy<Message>, counts: &Counts, ends: &AtomicBool) {
    let mut packet = [0; MOST_BYTES + 1];
    loop {
        let received = socket.recv_from(&mut packet);
        if ends.load(Ordering::Acquire) {
            return;
        }
        let (length, from) = match received {
            Ok(received) => received,
            Err(error) => {
                // On Windows an answer that reached nobody comes back as an error of the next packet.
                tracing::debug!("remote control: {error}");
                if error.kind() == io::ErrorKind::ConnectionReset {
                    continue;
                }
                std::thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        // A longer packet was cut off: its rest is missing.
        let requests = if length > MOST_BYTES {
            read_requests(&[])
        } else {
            read_requests(&packet[..length])
        };
        for request in requests {
            let answer = match request {
                Ok(request) => obey(&request, proxy, ends),
                Err(error) => Err(error.to_string()),
            };
            let count = match answer {
                Ok(_) => &counts.accepted,
                Err(_) => &counts.errors,
            };
            count.fetch_add(1, Ordering::Relaxed);
            // Whoever does not listen for answers needs none.
            let _ = socket.send_to(&write_reply(&answer), from);
        }
    }
}

/// Has the window do it and waits until it has.
fn obey(
    request: &Request,
    proxy: &EventLoopProxy<Message>,
    ends: &AtomicBool,
) -> Result<String, String> {
    let what = match request {
        Request::Words(words) => What::Act(Action::from_words(words).map_err(|e| e.to_string())?),
        Request::Released => return Ok(String::new()),
        Request::Status => What::Status,
    };
    let (answer, answered) = sync_channel(1);
    let closed = || "the window is closing".to_owned();
    proxy
        .send_event(Message::Remote(Ask { what, answer }))
        .map_err(|_| closed())?;
    let asked_at = Instant::now();
    loop {
        match answered.recv_timeout(LOOK_UP) {
            Ok(answer) => return answer,
            Err(RecvTimeoutError::Disconnected) => return Err(closed()),
            Err(RecvTimeoutError::Timeout) if ends.load(Ordering::Acquire) => return Err(closed()),
            Err(RecvTimeoutError::Timeout) if asked_at.elapsed() > PATIENCE => {
                return Err("the window is busy".to_owned());
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}
