//! Playing on an output of the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use pulseaudio::protocol::{self, stream::BufferAttr};
use pulseaudio::{AsPlaybackSource as _, PlaybackStream};

use super::server::{Server, WATCH_PERIOD, info};
use crate::audio::device_info::DeviceInfo;
use crate::audio::playback::{PlaybackCallback, PlayerStatus};
use crate::audio::threads;

/// Frames the server keeps ready, in seconds: enough for a busy machine, and a stop is heard at once.
const BUFFER_SECS: f64 = 0.06;
/// Bytes of a frame: two 32-bit floats.
const FRAME_BYTES: u32 = 8;

/// An output of the server.
pub(in crate::audio) struct Sink {
    pub(in crate::audio) info: DeviceInfo,
    index: u32,
    sample_rate_hz: u32,
}

impl Sink {
    /// Frames per second.
    pub(in crate::audio) fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }
}

impl Server {
    /// All outputs.
    pub(in crate::audio) fn sinks(&self) -> Vec<Sink> {
        let default = self
            .answer(self.client.server_info())
            .ok()
            .and_then(|server| server.default_sink_name);
        let sinks = self.answer(self.client.list_sinks()).unwrap_or_default();
        sinks
            .into_iter()
            .map(|sink| {
                let name = sink.description.as_ref().unwrap_or(&sink.name);
                let is_default = default.as_ref() == Some(&sink.name);
                Sink {
                    info: info(name, &sink.name, &sink.sample_spec, false, is_default),
                    index: sink.index,
                    sample_rate_hz: sink.sample_spec.sample_rate,
                }
            })
            .collect()
    }
}

/// A running stream; dropping it closes the connection.
pub(in crate::audio) struct Playback {
    server: Arc<Server>,
    stop: Arc<AtomicBool>,
    watch: Option<JoinHandle<()>>,
}

impl Playback {
    /// Plays on `sink`, at its own rate, what `callback` gives.
    pub(in crate::audio) fn open(
        server: &Arc<Server>,
        sink: &Sink,
        mut callback: PlaybackCallback,
        status: &Arc<PlayerStatus>,
    ) -> Result<Self, String> {
        let mut props = protocol::Props::new();
        props.set(protocol::Prop::MediaName, c"Reference");
        let target_frames = (f64::from(sink.sample_rate_hz) * BUFFER_SECS) as u32;
        let params = protocol::PlaybackStreamParams {
            sample_spec: protocol::SampleSpec {
                format: protocol::SampleFormat::Float32Le,
                channels: 2,
                sample_rate: sink.sample_rate_hz,
            },
            channel_map: protocol::ChannelMap::stereo(),
            sink_index: Some(sink.index),
            buffer_attr: BufferAttr {
                target_length: target_frames * FRAME_BYTES,
                ..Default::default()
            },
            flags: protocol::stream::StreamFlags {
                adjust_latency: true,
                // Should the output vanish, the stream ends, rather than playing on another one unasked.
                no_move: true,
                start_muted: Some(false),
                ..Default::default()
            },
            // What is heard is as loud as it is measured, unless the output itself is turned down.
            cvolume: Some(protocol::ChannelVolume::norm(2)),
            props,
            ..Default::default()
        };
        let source = move |bytes: &mut [u8]| {
            callback.fill_f32_bytes(bytes);
            bytes.len()
        };
        let stream = server
            .client
            .create_playback_stream(params, source.as_playback_source());
        let stream = server.answer(stream).map_err(|error| error.to_string())?;
        let stop = Arc::new(AtomicBool::new(false));
        let watch = threads::spawn("abscope player", {
            let (stop, status) = (Arc::clone(&stop), Arc::clone(status));
            move || watch_stream(&stream, &stop, &status)
        })
        .map_err(|error| error.to_string())?;
        Ok(Self {
            server: Arc::clone(server),
            stop,
            watch: Some(watch),
        })
    }
}

impl Drop for Playback {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // With the socket shut no question waits any longer, so the watch ends at once.
        let _ = self.server.socket.shutdown(std::net::Shutdown::Both);
        if let Some(watch) = self.watch.take() {
            watch.thread().unpark();
            let _ = watch.join();
        }
    }
}

/// Asks for the stream's timing now and then: an error says that the output or the server has gone.
fn watch_stream(stream: &PlaybackStream, stop: &AtomicBool, status: &PlayerStatus) {
    while !stop.load(Ordering::Acquire) {
        if let Err(error) = pollster::block_on(stream.timing_info()) {
            if !stop.load(Ordering::Acquire) {
                status.note_lost(error);
            }
            return;
        }
        std::thread::park_timeout(WATCH_PERIOD);
    }
}
