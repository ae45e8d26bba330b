//! The connection to the server, and the inputs it has.

use std::ffi::CString;
use std::future::Future;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use nix::sys::signal::SigSet;
use pulseaudio::{Client, protocol};

use super::address::socket_paths;
use crate::audio::device_info::DeviceInfo;
use crate::audio::threads;

/// How often a running stream is asked whether it still lives.
pub(super) const WATCH_PERIOD: Duration = Duration::from_millis(250);

/// A server that takes longer to answer counts as hung.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// Length of the secret a client shows. A server hangs up on any other length before it looks whether it needs one,
/// so somebody without a cookie, as on a fresh account, shows this many zeros.
const COOKIE_BYTES: usize = 256;

/// Name of the client's thread, at most the 15 letters that Linux keeps.
const CLIENT_THREAD: &str = "abscope client";

/// A connection to the server. Dropping the last handle closes it.
pub(in crate::audio) struct Server {
    pub(super) client: Client,
    /// The same socket. The client's thread ends when it is shut, and by no other means.
    pub(super) socket: UnixStream,
}

/// A source of the server.
pub(in crate::audio) struct Source {
    pub(in crate::audio) info: DeviceInfo,
    pub(super) index: u32,
    pub(super) spec: protocol::SampleSpec,
    pub(super) channel_map: protocol::ChannelMap,
}

impl Source {
    /// Frames per second.
    pub(in crate::audio) fn sample_rate_hz(&self) -> u32 {
        self.spec.sample_rate
    }

    /// Samples in a frame.
    pub(in crate::audio) fn channels(&self) -> u16 {
        u16::from(self.channel_map.num_channels()).max(1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

impl Server {
    /// Connects to the server of this session; `None` if there is none or it does not answer.
    pub(in crate::audio) fn connect() -> Option<Arc<Self>> {
        let socket = socket_paths()
            .iter()
            .find_map(|path| UnixStream::connect(path).ok())?;
        let own = socket.try_clone().ok()?;
        socket.set_read_timeout(Some(ANSWER_TIMEOUT)).ok()?;
        socket.set_write_timeout(Some(ANSWER_TIMEOUT)).ok()?;
        let cookie = pulseaudio::cookie_path_from_env()
            .and_then(|path| std::fs::read(path).ok())
            .unwrap_or_else(|| vec![0; COOKIE_BYTES]);
        let client = client_undisturbed(socket, cookie)?;
        Some(Arc::new(Self {
            client,
            socket: own,
        }))
    }

    /// All sources, monitors marked, the system's choices marked as default.
    pub(in crate::audio) fn sources(&self) -> Vec<Source> {
        let server = self.answer(self.client.server_info()).ok();
        let default_sink = server.as_ref().and_then(|s| s.default_sink_name.clone());
        let default_source = server.and_then(|s| s.default_source_name);
        let sources = self.answer(self.client.list_sources()).unwrap_or_default();
        sources
            .into_iter()
            .map(|source| {
                let is_monitor = source.monitor_of_sink_index.is_some();
                let is_default = if is_monitor {
                    default_sink.is_some() && source.monitor_of_sink_name == default_sink
                } else {
                    default_source.as_ref() == Some(&source.name)
                };
                let name = source.description.as_ref().unwrap_or(&source.name);
                Source {
                    info: info(
                        name,
                        &source.name,
                        &source.sample_spec,
                        is_monitor,
                        is_default,
                    ),
                    index: source.index,
                    spec: source.sample_spec,
                    channel_map: source.channel_map,
                }
            })
            .collect()
    }

    /// Waits for an answer, at most [`ANSWER_TIMEOUT`]: then the connection is cut, which ends the waiting.
    pub(super) fn answer<T>(&self, question: impl Future<Output = T>) -> T {
        let (answered, wait) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                if wait.recv_timeout(ANSWER_TIMEOUT) == Err(mpsc::RecvTimeoutError::Timeout) {
                    let _ = self.socket.shutdown(Shutdown::Both);
                }
            });
            let answer = pollster::block_on(question);
            drop(answered);
            answer
        })
    }
}

/// A client whose thread no signal reaches. It ends for good when a signal interrupts its waiting, and signals are
/// not rare: the dialog's and the desktop's helpers are child processes, each of which sends one when it ends. The
/// thread inherits the signals blocked, and the name, from the one that makes it.
fn client_undisturbed(socket: UnixStream, cookie: Vec<u8>) -> Option<Client> {
    let connect = move || {
        SigSet::all().thread_block().ok()?;
        Client::new_unix(c"Abscope", socket, Some(cookie)).ok()
    };
    let connecting = threads::spawn(CLIENT_THREAD, connect);
    connecting.ok()?.join().ok()?
}

/// A source or sink as a person sees it.
pub(super) fn info(
    name: &CString,
    id: &CString,
    spec: &protocol::SampleSpec,
    is_monitor: bool,
    is_default: bool,
) -> DeviceInfo {
    DeviceInfo {
        name: name.to_string_lossy().into_owned(),
        id: id.to_string_lossy().into_owned(),
        host: "PulseAudio".to_owned(),
        channels: u16::from(spec.channels),
        // The server resamples to any rate; its own is the one that is true.
        rates: vec![spec.sample_rate],
        is_monitor,
        is_default,
    }
}
