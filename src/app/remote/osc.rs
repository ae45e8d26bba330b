//! Control surfaces: a thread reads OSC packets over UDP, has what the gate lets through done, and answers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use winit::event_loop::EventLoopProxy;

use crate::app::message::Message;
use crate::app::remote::obey::{Asker, obey};
use crate::audio::threads;
use crate::session::action::gate::{Counts, Gate, Served};
use crate::session::action::remote::{MOST_BYTES, Request};

/// So often a device that has not sent the code is spoken of.
const STRANGERS_EVERY: Duration = Duration::from_secs(60);

/// A thread with a socket; dropping it ends both.
pub(super) struct Listener {
    thread: Option<JoinHandle<()>>,
    place: SocketAddr,
    ends: Arc<AtomicBool>,
}

impl Listener {
    pub(super) fn start(
        place: SocketAddr,
        may_all: bool,
        code: Option<String>,
        proxy: EventLoopProxy<Message>,
        counts: Arc<Mutex<Counts>>,
    ) -> io::Result<Self> {
        let ends = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ends);
        let for_strangers = proxy.clone();
        let code_to_say = code.clone();
        let greeted = move |stranger: IpAddr| {
            let words = match &code_to_say {
                Some(code) => format!(
                    "{stranger} wants to control Abscope: it has to send {code} to /abscope/pair first"
                ),
                None => {
                    format!("{stranger} wants to control Abscope: there is no code to pair with")
                }
            };
            // A window that has closed needs no news.
            let _ = for_strangers.send_event(Message::Say(words));
        };
        let obeyed =
            move |request: &Request| obey(request, Asker::Surface { may_all }, &proxy, &end);
        Self::start_with(place, code, ends, counts, obeyed, greeted)
    }

    fn start_with(
        place: SocketAddr,
        code: Option<String>,
        ends: Arc<AtomicBool>,
        counts: Arc<Mutex<Counts>>,
        obey: impl Fn(&Request) -> Result<String, String> + Send + 'static,
        greet: impl Fn(IpAddr) + Send + 'static,
    ) -> io::Result<Self> {
        let socket = UdpSocket::bind(place)?;
        let place = socket.local_addr()?;
        let end = Arc::clone(&ends);
        let thread = threads::spawn("remote", move || {
            let mut gate = Gate::new(place.port(), code, Instant::now());
            gate.counts = *counts.lock().unwrap_or_else(PoisonError::into_inner);
            let mut greeted_at: Option<Instant> = None;
            listen(&socket, &end, |packet, from| {
                let now = Instant::now();
                // A packet that breaks something costs itself.
                let served = threads::carry_on("remote", || {
                    threads::may_break("remote");
                    gate.serve(packet, from, now, &obey)
                });
                let served = served.unwrap_or_default();
                *counts.lock().unwrap_or_else(PoisonError::into_inner) = gate.counts;
                let is_due = greeted_at.is_none_or(|at| now - at >= STRANGERS_EVERY);
                if let (Some(stranger), true) = (served.stranger, is_due) {
                    greeted_at = Some(now);
                    greet(stranger);
                }
                served
            });
        })?;
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
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(any) if any.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(any) if any.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        address => address,
    }
}

/// One packet after the other: while the window is busy they wait in the system, and a flood is its to drop.
fn listen(
    socket: &UdpSocket,
    ends: &AtomicBool,
    mut serve: impl FnMut(&[u8], SocketAddr) -> Served,
) {
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
                if error.kind() != io::ErrorKind::ConnectionReset {
                    std::thread::sleep(Duration::from_millis(100));
                }
                continue;
            }
        };
        // A longer packet was cut off: its rest is missing.
        let packet = if length > MOST_BYTES {
            &[]
        } else {
            &packet[..length]
        };
        for answer in serve(packet, from).answers {
            // Whoever does not listen for answers needs none.
            let _ = socket.send_to(&answer, from);
        }
    }
}

// Where another socket can have the same port at another address of the computer.
#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::session::action::remote::{read_reply, write_request};

    #[test]
    fn a_packet_that_claims_to_come_from_the_window_itself_starts_no_endless_talk() {
        let counts: Arc<Mutex<Counts>> = Arc::default();
        let listener = Listener::start_with(
            (Ipv4Addr::LOCALHOST, 0).into(),
            None,
            Arc::default(),
            Arc::clone(&counts),
            |_| Err("no".to_owned()),
            |_| {},
        )
        .unwrap();
        // Another socket at the same port and another address of this computer: what a forged sender looks like.
        let own_port = listener.place.port();
        let forger = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), own_port)).unwrap();
        let status = write_request(&Request::Status);
        for _ in 0..3 {
            forger.send_to(&status, listener.place).unwrap();
        }
        let asker = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        asker
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        asker.send_to(&status, listener.place).unwrap();
        let mut answer = [0; 1000];
        let length = asker.recv(&mut answer).expect("this one is answered");
        assert_eq!(read_reply(&answer[..length]), Some(Err("no".to_owned())));
        forger.set_nonblocking(true).unwrap();
        assert!(forger.recv(&mut answer).is_err(), "the forged one is not");
        drop(listener);
        let counts = *counts.lock().unwrap();
        assert_eq!((counts.ignored, counts.errors), (3, 1));
    }
}
