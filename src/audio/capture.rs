//! An open input: a device's stream runs, and its frames wait in a ring.

use std::sync::Arc;
use std::time::Duration;

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{BufferSize, SampleFormat, StreamConfig, SupportedBufferSize};

use super::callback::{CaptureCallback, CaptureStatus, ChannelPick};
pub use super::capture_error::{CaptureError, GET_SOUND};
use super::devices::{InputChoice, InputDevice, InputEndpoint, find_inputs};
use super::frames::{ChannelLayout, StreamFormat};
#[cfg(target_os = "linux")]
use super::pulse;
use super::ring::{FrameReader, FrameWriter, frame_ring, song_ring};
use super::sender;

/// What the ring holds while the analysis thread is held up.
const RING_SECS: f64 = 4.0;

/// The length of a block that is asked of the device. Shorter costs wake-ups, longer is seen as delay.
const BLOCK_SECS: f64 = 0.008;

/// How long a device may take to open before it counts as hung.
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Which input to open, and which of its channels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputSelector {
    /// The device.
    pub choice: InputChoice,
    /// Left and right channel of the device, counted from 0; `None` takes the first two, or the only one.
    pub pair: Option<(u16, u16)>,
}

impl InputSelector {
    /// What the computer plays.
    pub fn system() -> Self {
        Self::default()
    }

    /// An input by name.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            choice: InputChoice::Named(name.into()),
            pair: None,
        }
    }

    /// An input by name; "NAME #2" is its second pair of channels.
    pub fn with_pair(name: &str) -> Self {
        let pair_of = |(name, pair): (&str, &str)| {
            let left = pair
                .trim()
                .parse::<u16>()
                .ok()?
                .checked_sub(1)?
                .checked_mul(2)?;
            let pair = Some((left, left.checked_add(1)?));
            let name = Some(name.trim()).filter(|name| !name.is_empty())?;
            Some(Self {
                pair,
                ..Self::named(name)
            })
        };
        let pair = name.rsplit_once('#').and_then(pair_of);
        pair.unwrap_or_else(|| Self::named(name))
    }
}

/// What is being captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureInfo {
    /// Name of the input.
    pub name: String,
    /// Its name for the audio system.
    pub id: String,
    /// The audio system.
    pub host: String,
    /// Whether it hears what an output plays.
    pub is_monitor: bool,
    /// Rate and channels of the frames in the ring.
    pub format: StreamFormat,
    /// Channels of the device.
    pub device_channels: u16,
    /// Those that are heard.
    pub pick: ChannelPick,
    /// Frames in a block, where the audio system tells.
    pub block_frames: Option<u32>,
}

/// A running capture; dropping it closes the device.
pub struct Capture {
    /// The frames; take it to the analysis thread.
    pub reader: Option<FrameReader>,
    /// What is being captured.
    pub info: CaptureInfo,
    /// How it fares: lost device, overruns, time of the latest callback.
    pub status: Arc<CaptureStatus>,
    _stream: OpenStream,
}

/// Keeps the device open.
enum OpenStream {
    #[cfg(target_os = "linux")]
    Pulse {
        _stream: pulse::Stream,
    },
    Cpal {
        _stream: cpal::Stream,
    },
    Sender {
        _stream: sender::Stream,
    },
}

/// Opens an input and starts it. Waits for the audio system, which takes milliseconds when it is well and up to
/// some seconds when it hangs: not for the thread that draws.
pub fn open_input(selector: &InputSelector) -> Result<Capture, CaptureError> {
    let mut first_error = None;
    for endpoint in find_inputs(&selector.choice)? {
        match open_endpoint(endpoint, selector.pair) {
            Ok(capture) => return Ok(capture),
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    Err(first_error.unwrap_or(CaptureError::NoInput))
}

fn open_endpoint(
    endpoint: InputEndpoint,
    pair: Option<(u16, u16)>,
) -> Result<Capture, CaptureError> {
    let refused = |reason: String| CaptureError::Refused {
        device: endpoint.info.name.clone(),
        host: endpoint.info.host.clone(),
        reason,
    };
    let wish = stream_wish(&endpoint.device).map_err(refused)?;
    let pick = channel_pick(&endpoint.info.name, wish.channels, pair)?;
    let format = StreamFormat {
        sample_rate_hz: wish.sample_rate_hz,
        layout: ChannelLayout::from_count(pick.count()),
    };
    let status = CaptureStatus::new();
    let opening = Opening {
        device: &endpoint.device,
        wish: &wish,
        pick,
        format,
        status: &status,
    };
    let (stream, reader, block_frames) = opening.open().map_err(refused)?;
    let info = CaptureInfo {
        name: endpoint.info.name,
        id: endpoint.info.id,
        host: endpoint.info.host,
        is_monitor: endpoint.info.is_monitor,
        format,
        device_channels: wish.channels,
        pick,
        block_frames,
    };
    Ok(Capture {
        reader: Some(reader),
        info,
        status,
        _stream: stream,
    })
}

/// What the device is asked for.
struct StreamWish {
    channels: u16,
    sample_rate_hz: u32,
    sample_format: SampleFormat,
    block_frames: Option<u32>,
}

fn stream_wish(device: &InputDevice) -> Result<StreamWish, String> {
    let block_at = |sample_rate_hz| (f64::from(sample_rate_hz) * BLOCK_SECS).round() as u32;
    let config = match device {
        #[cfg(target_os = "linux")]
        InputDevice::Pulse(_, source) => {
            return Ok(StreamWish {
                channels: source.channels(),
                sample_rate_hz: source.sample_rate_hz(),
                sample_format: SampleFormat::F32,
                block_frames: Some(block_at(source.sample_rate_hz())),
            });
        }
        InputDevice::Sender(source) => {
            let rate = source.sample_rate_hz();
            return Ok(StreamWish {
                channels: source.channels(),
                sample_rate_hz: rate.ok_or("its DAW has not started it yet")?,
                sample_format: SampleFormat::F32,
                block_frames: None,
            });
        }
        InputDevice::Cpal(device) => device.default_input_config(),
        InputDevice::CpalLoopback(device) => device.default_output_config(),
    }
    .map_err(|error| error.to_string())?;
    let sample_format = config.sample_format();
    if !CaptureCallback::converts(sample_format) {
        return Err(format!("its sample format {sample_format} is not PCM"));
    }
    let block_frames = match config.buffer_size() {
        SupportedBufferSize::Range { min, max } if min <= max => {
            Some(block_at(config.sample_rate()).clamp(*min, *max))
        }
        _ => None,
    };
    Ok(StreamWish {
        channels: config.channels(),
        sample_rate_hz: config.sample_rate(),
        sample_format,
        block_frames,
    })
}

fn channel_pick(
    device: &str,
    channels: u16,
    pair: Option<(u16, u16)>,
) -> Result<ChannelPick, CaptureError> {
    match pair {
        None if channels < 2 => Ok(ChannelPick::Mono),
        None => Ok(ChannelPick::Pair { left: 0, right: 1 }),
        Some((left, right)) if left < channels && right < channels => {
            Ok(ChannelPick::Pair { left, right })
        }
        Some((left, right)) => Err(CaptureError::NoSuchChannels {
            device: device.to_owned(),
            available: channels,
            left: left.saturating_add(1),
            right: right.saturating_add(1),
        }),
    }
}

/// All that is known before a stream runs.
struct Opening<'a> {
    device: &'a InputDevice,
    wish: &'a StreamWish,
    pick: ChannelPick,
    format: StreamFormat,
    status: &'a Arc<CaptureStatus>,
}

impl Opening<'_> {
    fn open(&self) -> Result<(OpenStream, FrameReader, Option<u32>), String> {
        match self.device {
            #[cfg(target_os = "linux")]
            InputDevice::Pulse(server, source) => {
                let (writer, reader) = frame_ring(self.format, RING_SECS);
                let block_frames = self.wish.block_frames.unwrap_or_default();
                let callback = self.callback(writer);
                let stream =
                    pulse::Stream::open(server, source, block_frames, callback, self.status)?;
                let block_frames = Some(stream.block_frames);
                Ok((OpenStream::Pulse { _stream: stream }, reader, block_frames))
            }
            InputDevice::Sender(source) => {
                let (writer, reader) = song_ring(self.format, RING_SECS);
                let callback = self.callback(writer);
                let stream = sender::Stream::open(source, callback, self.status)?;
                Ok((OpenStream::Sender { _stream: stream }, reader, None))
            }
            InputDevice::Cpal(device) | InputDevice::CpalLoopback(device) => {
                let (stream, reader) = self.open_cpal(device)?;
                let block_frames = stream.buffer_size().ok();
                Ok((OpenStream::Cpal { _stream: stream }, reader, block_frames))
            }
        }
    }

    /// Tries the short block first; a backend that refuses it gets to choose its own.
    fn open_cpal(&self, device: &cpal::Device) -> Result<(cpal::Stream, FrameReader), String> {
        let sizes = self.wish.block_frames.map(BufferSize::Fixed);
        let mut reason = String::new();
        for buffer_size in sizes.into_iter().chain([BufferSize::Default]) {
            let (writer, reader) = frame_ring(self.format, RING_SECS);
            match self.build(device, buffer_size, writer) {
                Ok(stream) => return Ok((stream, reader)),
                Err(error) => reason = error.to_string(),
            }
        }
        Err(reason)
    }

    fn build(
        &self,
        device: &cpal::Device,
        buffer_size: BufferSize,
        writer: FrameWriter,
    ) -> Result<cpal::Stream, cpal::Error> {
        let config = StreamConfig {
            channels: self.wish.channels,
            sample_rate: self.wish.sample_rate_hz,
            buffer_size,
        };
        let mut callback = self.callback(writer);
        let status = Arc::clone(self.status);
        let stream = device.build_input_stream_raw(
            config,
            self.wish.sample_format,
            move |data, info| callback.on_data(data, info.timestamp().capture),
            move |error| status.note_error(&error),
            Some(OPEN_TIMEOUT),
        )?;
        stream.play()?;
        Ok(stream)
    }

    fn callback(&self, writer: FrameWriter) -> CaptureCallback {
        CaptureCallback::new(
            writer,
            Arc::clone(self.status),
            self.pick,
            self.wish.channels,
            self.format.sample_rate_hz,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_channels_stands_behind_the_name_of_its_input() {
        let with = InputSelector::with_pair;
        assert_eq!(with("Desk #16").pair, Some((30, 31)));
        assert_eq!(
            with("Desk #16").choice,
            InputChoice::Named("Desk".to_owned())
        );
        for name in ["Desk", "Desk #0", "Desk #x", "#2", "Desk #99999"] {
            assert_eq!(with(name), InputSelector::named(name), "{name}");
        }
    }

    #[test]
    fn the_first_two_channels_are_heard_unless_others_are_named() {
        assert_eq!(channel_pick("d", 1, None), Ok(ChannelPick::Mono));
        let first = ChannelPick::Pair { left: 0, right: 1 };
        assert_eq!(channel_pick("d", 8, None), Ok(first));
        let last = ChannelPick::Pair { left: 6, right: 7 };
        assert_eq!(channel_pick("d", 8, Some((6, 7))), Ok(last));
    }

    #[test]
    fn a_capture_may_be_opened_on_one_thread_and_kept_on_another() {
        fn must_be_send<T: Send>() {}
        must_be_send::<Capture>();
    }

    #[test]
    fn channels_that_do_not_exist_are_named_as_a_person_counts_them() {
        let error = channel_pick("Desk", 2, Some((2, 3))).expect_err("there are two");
        let line = error.to_string();
        assert!(line.contains("“Desk” has 2 channels, so 3 and 4"), "{line}");
    }
}
