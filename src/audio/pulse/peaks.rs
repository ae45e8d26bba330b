//! How loud each source of the server is, without its sound.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use pulseaudio::RecordStream;
use pulseaudio::protocol::{self, stream::BufferAttr};

use super::server::{Server, Source};
use crate::audio::device_info::DeviceInfo;

/// Peaks a second that the server sends of each source.
const PEAKS_PER_SEC: u32 = 25;

/// The levels of all sources, found by the server: a number now and then in place of the sound.
pub(in crate::audio) struct Peaks {
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
    pub(in crate::audio) fn connect() -> Option<Self> {
        Some(Self {
            server: Server::connect()?,
            sources: Vec::new(),
        })
    }

    /// Looks which sources there are now, and listens to them; `None` when the server has ended.
    pub(in crate::audio) fn follow_sources(&mut self) -> Option<Vec<DeviceInfo>> {
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
    pub(in crate::audio) fn take_peak(&self, id: &str) -> Option<f32> {
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
