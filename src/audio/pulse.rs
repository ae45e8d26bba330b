//! PulseAudio, and PipeWire's server that speaks its protocol: monitor sources without loss and without delay.
//!
//! cpal has a host for it, built on the same client, but it asks for either the server's default blocks, which
//! are two seconds long, or a server-side queue of exactly one block. The server throws away what does not fit
//! into that queue and tells nobody: while something plays into a null sink, its monitor loses a third of all
//! frames. Here the blocks are short and the queue is as long as the server allows, about ten seconds.

use std::ffi::CString;
use std::future::Future;
use std::net::Shutdown;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::sys::signal::SigSet;
use pulseaudio::protocol::{self, stream::BufferAttr};
use pulseaudio::{Client, RecordStream};

use super::callback::{CaptureCallback, CaptureStatus};
use super::devices::DeviceInfo;
use crate::audio::threads;

mod playback;

pub(super) use playback::{Playback, Sink};

/// A server that takes longer to answer counts as hung.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// Length of the secret a client shows. A server hangs up on any other length before it looks whether it needs one,
/// so somebody without a cookie, as on a fresh account, shows this many zeros.
const COOKIE_BYTES: usize = 256;

/// Name of the client's thread, at most the 15 letters that Linux keeps.
const CLIENT_THREAD: &str = "abscope client";

/// How often a running stream is asked whether it still lives.
const WATCH_PERIOD: Duration = Duration::from_millis(250);

/// A connection to the server. Dropping the last handle closes it.
pub(super) struct Server {
    client: Client,
    /// The same socket. The client's thread ends when it is shut, and by no other means.
    socket: UnixStream,
}

/// A source of the server.
pub(super) struct Source {
    pub(super) info: DeviceInfo,
    index: u32,
    spec: protocol::SampleSpec,
    channel_map: protocol::ChannelMap,
}

impl Source {
    /// Frames per second.
    pub(super) fn sample_rate_hz(&self) -> u32 {
        self.spec.sample_rate
    }

    /// Samples in a frame.
    pub(super) fn channels(&self) -> u16 {
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
    pub(super) fn connect() -> Option<Arc<Self>> {
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
    pub(super) fn sources(&self) -> Vec<Source> {
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
    fn answer<T>(&self, question: impl Future<Output = T>) -> T {
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

/// A running stream; dropping it closes the connection.
pub(super) struct Stream {
    server: Arc<Server>,
    stop: Arc<AtomicBool>,
    watch: Option<JoinHandle<()>>,
    /// Frames in a block, as the server granted them.
    pub(super) block_frames: u32,
}

impl Stream {
    /// Records `source` into `callback`, in blocks of about `block_frames`.
    pub(super) fn open(
        server: &Arc<Server>,
        source: &Source,
        block_frames: u32,
        mut callback: CaptureCallback,
        status: &Arc<CaptureStatus>,
    ) -> Result<Self, String> {
        let channels = source.channel_map.num_channels();
        let frame_bytes = 4 * u32::from(channels).max(1);
        let mut props = protocol::Props::new();
        props.set(protocol::Prop::MediaName, c"Capture");
        let params = protocol::RecordStreamParams {
            sample_spec: protocol::SampleSpec {
                format: protocol::SampleFormat::Float32Le,
                channels,
                sample_rate: source.spec.sample_rate,
            },
            channel_map: source.channel_map,
            source_index: Some(source.index),
            buffer_attr: BufferAttr {
                max_length: u32::MAX,
                fragment_size: block_frames * frame_bytes,
                ..Default::default()
            },
            flags: protocol::stream::StreamFlags {
                // The source itself is asked for short blocks, not just the way from it to us.
                adjust_latency: true,
                // Should the source vanish, the stream ends, rather than going on with another under its name.
                no_move: true,
                start_muted: Some(false),
                ..Default::default()
            },
            // A volume remembered from another day has no place in a measurement.
            cvolume: Some(protocol::ChannelVolume::norm(channels)),
            props,
            ..Default::default()
        };
        let record = server
            .client
            .create_record_stream(params, move |bytes: &[u8]| {
                callback.on_f32_bytes(bytes);
            });
        let record = server.answer(record).map_err(|error| error.to_string())?;
        let granted_frames = record.buffer_attr().fragment_size / frame_bytes;
        let stop = Arc::new(AtomicBool::new(false));
        let watch = threads::spawn("abscope pulse", {
            let watch = Watch {
                client: server.client.clone(),
                source_index: source.index,
                sample_rate_hz: source.spec.sample_rate,
                defaults: None,
                stop: Arc::clone(&stop),
                status: Arc::clone(status),
            };
            move || watch.run(&record)
        })
        .map_err(|error| error.to_string())?;
        Ok(Self {
            server: Arc::clone(server),
            stop,
            watch: Some(watch),
            block_frames: granted_frames,
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // With the socket shut no question waits any longer, so the watch ends at once.
        let _ = self.server.socket.shutdown(Shutdown::Both);
        if let Some(watch) = self.watch.take() {
            watch.thread().unpark();
            let _ = watch.join();
        }
    }
}

/// Looks after a running stream. The client shows only by an error that the source or the server has gone, and the
/// server resamples silently when the rate of the source changes.
struct Watch {
    client: Client,
    source_index: u32,
    sample_rate_hz: u32,
    /// The names of the default sink and source when last seen.
    defaults: Option<[Option<CString>; 2]>,
    stop: Arc<AtomicBool>,
    status: Arc<CaptureStatus>,
}

impl Watch {
    fn run(mut self, record: &RecordStream) {
        while !self.stop.load(Ordering::Acquire) {
            if let Err(reason) = self.look(record) {
                if !self.stop.load(Ordering::Acquire) {
                    self.status.note_lost(reason);
                }
                return;
            }
            std::thread::park_timeout(WATCH_PERIOD);
        }
    }

    /// Why the stream is over, if it is.
    fn look(&mut self, record: &RecordStream) -> Result<(), String> {
        let timing = pollster::block_on(record.timing_info()).map_err(why_gone)?;
        let queued_bytes = (timing.write_offset - timing.read_offset).max(0);
        let queued = record
            .sample_spec()
            .bytes_to_duration(queued_bytes as usize);
        self.status
            .note_device_delay(Duration::from_micros(timing.source_usec) + queued);
        let source =
            pollster::block_on(self.client.source_info(self.source_index)).map_err(why_gone)?;
        if source.sample_spec.sample_rate != self.sample_rate_hz {
            let rate = source.sample_spec.sample_rate;
            return Err(format!("its sample rate is now {rate} Hz"));
        }
        let server = pollster::block_on(self.client.server_info()).map_err(why_gone)?;
        let defaults = [server.default_sink_name, server.default_source_name];
        if self
            .defaults
            .as_ref()
            .is_some_and(|before| *before != defaults)
        {
            self.status.note_change();
        }
        self.defaults = Some(defaults);
        Ok(())
    }
}

/// Peaks a second that the server sends of each source.
const PEAKS_PER_SEC: u32 = 25;

/// The levels of all sources, found by the server: a number now and then in place of the sound.
pub(super) struct Peaks {
    server: Arc<Server>,
    sources: Vec<SourcePeak>,
}

struct SourcePeak {
    id: String,
    index: u32,
    /// Largest magnitude since it was taken, as bits; those of floats above 0 are in their order.
    peak: Arc<AtomicU32>,
    /// Kept open.
    _record: RecordStream,
}

impl Peaks {
    /// Connects; `None` if no server answers.
    pub(super) fn connect() -> Option<Self> {
        Some(Self {
            server: Server::connect()?,
            sources: Vec::new(),
        })
    }

    /// Looks which sources there are now, and listens to them; `None` when the server has ended.
    pub(super) fn follow_sources(&mut self) -> Option<Vec<DeviceInfo>> {
        self.server.answer(self.server.client.server_info()).ok()?;
        let found = self.server.sources();
        self.sources
            .retain(|known| found.iter().any(|source| source.index == known.index));
        for source in &found {
            let is_known = |known: &SourcePeak| known.index == source.index;
            if !self.sources.iter().any(is_known)
                && let Some(peak) = self.listen(source)
            {
                self.sources.push(peak);
            }
        }
        let mut infos: Vec<DeviceInfo> = found.into_iter().map(|source| source.info).collect();
        infos.sort_by_key(|info| (!info.is_monitor, !info.is_default));
        Some(infos)
    }

    /// The largest magnitude of a source since the last call, if it is listened to.
    pub(super) fn take_peak(&self, id: &str) -> Option<f32> {
        let source = self.sources.iter().find(|source| source.id == id)?;
        Some(f32::from_bits(source.peak.swap(0, Ordering::AcqRel)))
    }

    fn listen(&self, source: &Source) -> Option<SourcePeak> {
        let peak = Arc::new(AtomicU32::new(0));
        // All channels as they are: a mean of eight of which two sound would read too low.
        let channels = source.channel_map.num_channels();
        let mut props = protocol::Props::new();
        props.set(protocol::Prop::MediaName, c"Level");
        let params = protocol::RecordStreamParams {
            sample_spec: protocol::SampleSpec {
                format: protocol::SampleFormat::Float32Le,
                channels,
                sample_rate: PEAKS_PER_SEC,
            },
            channel_map: source.channel_map,
            source_index: Some(source.index),
            buffer_attr: BufferAttr {
                max_length: u32::MAX,
                fragment_size: 4 * u32::from(channels).max(1),
                ..Default::default()
            },
            flags: protocol::stream::StreamFlags {
                peak_detect: true,
                no_move: true,
                // An output at rest may fall asleep although it is looked at.
                no_inhibit_auto_suspend: true,
                start_muted: Some(false),
                ..Default::default()
            },
            cvolume: Some(protocol::ChannelVolume::norm(channels)),
            props,
            ..Default::default()
        };
        let heard = Arc::clone(&peak);
        let record = self
            .server
            .client
            .create_record_stream(params, move |bytes: &[u8]| {
                for sample in bytes.as_chunks::<4>().0 {
                    let magnitude = f32::from_le_bytes(*sample).abs();
                    if magnitude.is_finite() {
                        heard.fetch_max(magnitude.to_bits(), Ordering::AcqRel);
                    }
                }
            });
        Some(SourcePeak {
            id: source.info.id.clone(),
            index: source.index,
            peak,
            _record: self.server.answer(record).ok()?,
        })
    }
}

/// Why a running stream no longer answers, in words for people.
fn why_gone(error: pulseaudio::ClientError) -> String {
    match error {
        pulseaudio::ClientError::ServerError(_) => "its source is gone".to_owned(),
        _ => "the sound server has ended".to_owned(),
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

fn info(
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

/// Where the server may listen, the likeliest place first, by the rules of its own client library.
fn socket_paths() -> Vec<PathBuf> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(servers) = var("PULSE_SERVER") {
        return unix_sockets(&servers);
    }
    let mut paths = Vec::new();
    paths.extend(var("PULSE_RUNTIME_PATH").map(|path| Path::new(&path).join("native")));
    paths.extend(var("XDG_RUNTIME_DIR").map(|path| Path::new(&path).join("pulse/native")));
    if let Ok(own) = std::fs::metadata("/proc/self") {
        paths.push(format!("/run/user/{}/pulse/native", own.uid()).into());
    }
    // Without a runtime folder the server makes one of its own and leaves a link in the home folder.
    let config = var("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| var("HOME").map(|home| Path::new(&home).join(".config")));
    let links = config.and_then(|config| std::fs::read_dir(config.join("pulse")).ok());
    for entry in links.into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().ends_with("-runtime") {
            paths.push(entry.path().join("native"));
        }
    }
    paths.push("/var/run/pulse/native".into());
    paths
}

/// The local sockets in a list like `{machine}unix:/run/a /run/b tcp:c`.
fn unix_sockets(servers: &str) -> Vec<PathBuf> {
    servers
        .split_whitespace()
        .map(
            |server| match (server.starts_with('{'), server.split_once('}')) {
                (true, Some((_, address))) => address,
                _ => server,
            },
        )
        .map(|address| address.strip_prefix("unix:").unwrap_or(address))
        .filter(|path| path.starts_with('/'))
        .map(PathBuf::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_servers_are_found_in_every_spelling() {
        let expect = |servers: &str, paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            assert_eq!(unix_sockets(servers), paths, "{servers}");
        };
        expect("unix:/run/a/native", &["/run/a/native"]);
        expect("/run/a/native", &["/run/a/native"]);
        expect(
            "{0123abc}unix:/run/a tcp:studio:4713 /run/b",
            &["/run/a", "/run/b"],
        );
        expect("studio.local", &[]);
    }
}
