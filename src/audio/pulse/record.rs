//! Recording from a source of the server.

use std::ffi::CString;
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use pulseaudio::protocol::{self, stream::BufferAttr};
use pulseaudio::{Client, RecordStream};

use super::server::{Server, Source, WATCH_PERIOD};
use crate::audio::callback::{CaptureCallback, CaptureStatus};
use crate::audio::threads;

/// A running stream; dropping it closes the connection.
pub(in crate::audio) struct Stream {
    server: Arc<Server>,
    stop: Arc<AtomicBool>,
    watch: Option<JoinHandle<()>>,
    /// Frames in a block, as the server granted them.
    pub(in crate::audio) block_frames: u32,
}

impl Stream {
    /// Records `source` into `callback`, in blocks of about `block_frames`.
    pub(in crate::audio) fn open(
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

/// Why a running stream no longer answers, in words for people.
fn why_gone(error: pulseaudio::ClientError) -> String {
    match error {
        pulseaudio::ClientError::ServerError(_) => "its source is gone".to_owned(),
        _ => "the sound server has ended".to_owned(),
    }
}
