//! The way of `abscope ctl` to the window: a socket in a folder of the state that only the person who runs both can
//! enter; on Windows a pipe that only they can write to. Packets are those of `remote`, each after its length.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use interprocess::local_socket::traits::{Listener as _, Stream as _};
use interprocess::local_socket::{Listener, ListenerOptions, Name, Stream};

use crate::session::action::remote::{
    MOST_BYTES, PacketError, Request, read_reply, read_requests, write_reply, write_request,
};
use crate::session::replace::make_private_folder;

/// More than any answer.
const MOST_ANSWER_BYTES: usize = 4 << 20;
/// A program that connects asks at once; one that does not holds up the next.
const ASKED_WITHIN: Duration = Duration::from_secs(2);

/// Where the sockets of windows are, and the code that devices pair with.
pub fn folder(state: &Path) -> PathBuf {
    state.join("control")
}

/// The window's end. While it is there, no other window takes the same port.
pub struct LocalListener {
    listener: Listener,
    place: PathBuf,
    _lock: File,
}

impl LocalListener {
    /// Listens for `abscope ctl` under the number of a port; `AddrInUse` where another window does.
    pub fn start(folder: &Path, port: u16) -> io::Result<Self> {
        make_private_folder(folder)?;
        let lock = File::create(folder.join(format!("{port}.lock")))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(io::ErrorKind::AddrInUse.into()),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        let place = place(folder, port);
        // Whoever holds the lock is the only window: a socket that lies there is of one that was killed.
        let listener = ListenerOptions::new()
            .name(name(&place)?)
            .try_overwrite(true)
            .create_sync()?;
        Ok(Self {
            listener,
            place,
            _lock: lock,
        })
    }

    /// Waits for the next program that asks. Fails where nothing more can come.
    pub fn accept(&self) -> io::Result<Conversation> {
        self.listener.accept().map(Conversation)
    }

    /// What ends [`accept`](Self::accept) from another thread, for as long as what it gives is kept: Windows passes over
    /// whoever has gone again. One that cannot be reached does not wait.
    pub fn waker(&self) -> impl Fn() -> Option<Conversation> + Send + use<> {
        let place = self.place.clone();
        move || {
            let stream = name(&place).and_then(Stream::connect);
            stream.ok().map(Conversation)
        }
    }
}

/// A program that asks for one thing.
pub struct Conversation(Stream);

impl Conversation {
    /// Has what it asks for obeyed, and answers.
    pub fn hold(mut self, obey: impl FnOnce(&Request) -> Result<String, String>) {
        let stream = &mut self.0;
        // Where a system has no such limit, only programs of the same person can hold this up.
        let _ = stream.set_recv_timeout(Some(ASKED_WITHIN));
        let _ = stream.set_send_timeout(Some(ASKED_WITHIN));
        // Whoever goes away without a request needs no answer.
        let Ok(packet) = receive(stream, MOST_BYTES) else {
            return;
        };
        let mut requests = read_requests(&packet);
        let answer = match (requests.pop(), requests.is_empty()) {
            (Some(Ok(request)), true) => obey(&request),
            (Some(Err(error)), true) => Err(error.to_string()),
            _ => Err(PacketError::NoOsc.to_string()),
        };
        // Whoever does not wait for the answer needs none.
        let _ = send(stream, &write_reply(&answer));
    }

    /// Sends one away with a word.
    pub fn refuse(mut self, why: &str) {
        let _ = self.0.set_send_timeout(Some(ASKED_WITHIN));
        let _ = send(&mut self.0, &write_reply(&Err(why.to_owned())));
    }
}

/// Asks the window of a port and waits for its answer. `NotFound` or `ConnectionRefused` where there is no window.
pub fn ask(
    folder: &Path,
    port: u16,
    request: &Request,
    patience: Duration,
) -> io::Result<Result<String, String>> {
    let place = place(folder, port);
    let mut stream = Stream::connect(name(&place)?)?;
    // Where a system has no such limit, the window's own patience ends it.
    let _ = stream.set_recv_timeout(Some(patience));
    send(&mut stream, &write_request(request))?;
    let packet = receive(&mut stream, MOST_ANSWER_BYTES)?;
    let none = || io::Error::new(io::ErrorKind::InvalidData, "another program listens there");
    read_reply(&packet).ok_or_else(none)
}

fn send(stream: &mut Stream, packet: &[u8]) -> io::Result<()> {
    let length = u32::try_from(packet.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(packet)
}

fn receive(stream: &mut Stream, most_bytes: usize) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > most_bytes {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "too long"));
    }
    let mut packet = vec![0; length];
    stream.read_exact(&mut packet)?;
    Ok(packet)
}

#[cfg(not(windows))]
fn place(folder: &Path, port: u16) -> PathBuf {
    folder.join(format!("{port}.socket"))
}

/// Pipes have names of their own, for all persons of a computer: this one has the folder in it.
#[cfg(windows)]
fn place(folder: &Path, port: u16) -> PathBuf {
    let of_person = blake3::hash(folder.as_os_str().as_encoded_bytes()).to_hex();
    PathBuf::from(format!(r"\\.\pipe\abscope-{of_person}-{port}"))
}

fn name(place: &Path) -> io::Result<Name<'_>> {
    use interprocess::local_socket::{GenericFilePath, ToFsName as _};
    place.to_fs_name::<GenericFilePath>()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn a_request_reaches_the_window_of_its_port_and_its_answer_comes_back() {
        let state = tempfile::tempdir().unwrap();
        let folder = folder(state.path());
        let listener = LocalListener::start(&folder, 9421).unwrap();
        let taken = LocalListener::start(&folder, 9421).err();
        assert_eq!(
            taken.map(|error| error.kind()),
            Some(io::ErrorKind::AddrInUse)
        );
        let window = std::thread::spawn(move || {
            // On Windows who says nothing and goes is passed over.
            for _ in 0..if cfg!(windows) { 2 } else { 3 } {
                listener.accept().unwrap().hold(|request| match request {
                    Request::Status => Ok("x".repeat(100_000)),
                    other => Err(format!("{other:?}")),
                });
            }
        });
        let ask = |request| ask(&folder, 9421, &request, PATIENCE).unwrap();
        assert_eq!(ask(Request::Status).map(|words| words.len()), Ok(100_000));
        let quit = Request::Words("quit".to_owned());
        assert_eq!(ask(quit), Err("Words(\"quit\")".to_owned()));
        // One that connects and says nothing holds up nobody for long.
        if cfg!(unix) {
            drop(Stream::connect(name(&place(&folder, 9421)).unwrap()).unwrap());
        }
        window.join().unwrap();
        let gone = super::ask(&folder, 9421, &Request::Status, PATIENCE);
        assert!(gone.is_err(), "the window has closed");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_enter_the_folder_and_a_socket_of_a_killed_window_is_taken_over() {
        use std::os::unix::fs::PermissionsExt as _;
        let state = tempfile::tempdir().unwrap();
        let folder = folder(state.path());
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        // What a killed window leaves: a socket that nobody listens at.
        drop(std::os::unix::net::UnixListener::bind(place(&folder, 9421)).unwrap());
        let _listener = LocalListener::start(&folder, 9421).unwrap();
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert!(Stream::connect(name(&place(&folder, 9421)).unwrap()).is_ok());
    }
}
