//! An open output: frames that are put into its ring are played.
//!
//! A thread of its own fills the ring; the device's callback copies out of it and returns. It fades in when there is
//! enough, and out when it is told to or when the ring runs low: so neither a stop nor a drop-out clicks.

use std::sync::Arc;
use std::time::Duration;

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{FromSample, SampleFormat, SizedSample};
use rtrb::Producer;

use super::capture_error::CaptureError;
use super::capture_error::GET_SOUND;
use super::device_info::DeviceInfo;
use super::devices::{OutputDevice, choose_named, output_endpoints};
pub use super::playback::PlayerStatus;
use super::playback::{PlaybackCallback, ring};
#[cfg(target_os = "linux")]
use super::pulse;

/// How long a device may take to open before it counts as hung.
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why no output could be opened. Each is one line: what, which, why, what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlayerError {
    /// The computer has no output at all.
    #[error("no audio output: no sound system answers and no sound card has one; {todo}", todo = GET_SOUND)]
    NoOutput,
    /// No output has this name.
    #[error("no output fits “{name}”; run `abscope devices` to see the outputs")]
    NotFound {
        /// What was asked for.
        name: String,
    },
    /// Several outputs fit.
    #[error("choose one of the outputs that “{name}” fits (key I): {matches}")]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// The outputs that fit.
        matches: String,
    },
    /// The device does not open.
    #[error("output “{device}” ({host}) does not open: {reason}; choose another (key I)")]
    Refused {
        /// The device.
        device: String,
        /// Its audio system.
        host: String,
        /// In the words of the audio system.
        reason: String,
    },
}

/// A running output; dropping it closes the device.
pub struct Player {
    /// The frames to play: interleaved left and right.
    writer: Producer<f32>,
    /// What is played on.
    pub info: DeviceInfo,
    /// Frames per second.
    pub sample_rate_hz: u32,
    /// How it fares.
    pub status: Arc<PlayerStatus>,
    _stream: OpenOutput,
}

/// Keeps the device open.
enum OpenOutput {
    #[cfg(target_os = "linux")]
    Pulse {
        _stream: pulse::Playback,
    },
    Cpal {
        _stream: cpal::Stream,
    },
}

impl Player {
    /// Opens an output by name or a part of it, or the system's own, and starts it. Waits for the audio system: not for
    /// the thread that draws.
    pub fn open(name: Option<&str>) -> Result<Self, PlayerError> {
        let mut endpoints = output_endpoints();
        let infos: Vec<&DeviceInfo> = endpoints.iter().map(|endpoint| &endpoint.info).collect();
        let chosen = match name {
            Some(name) => choose_named(&infos, name).map_err(of_outputs)?,
            None => {
                let default = infos.iter().position(|info| info.is_default);
                let any = (!infos.is_empty()).then_some(0);
                default.or(any).ok_or(PlayerError::NoOutput)?
            }
        };
        let endpoint = endpoints.swap_remove(chosen);
        let info = endpoint.info;
        let status = Arc::new(PlayerStatus::default());
        let opened = match &endpoint.device {
            #[cfg(target_os = "linux")]
            OutputDevice::Pulse(server, sink) => {
                let rate = sink.sample_rate_hz();
                let (writer, callback) = ring(rate, &status);
                pulse::Playback::open(server, sink, callback, &status)
                    .map(|stream| (writer, rate, OpenOutput::Pulse { _stream: stream }))
            }
            OutputDevice::Cpal(device) => open_cpal(device, &status)
                .map(|(writer, rate, stream)| (writer, rate, OpenOutput::Cpal { _stream: stream })),
        };
        let (writer, sample_rate_hz, stream) = opened.map_err(|reason| PlayerError::Refused {
            device: info.name.clone(),
            host: info.host.clone(),
            reason,
        })?;
        Ok(Self {
            writer,
            info,
            sample_rate_hz,
            status,
            _stream: stream,
        })
    }

    /// Frames waiting in the ring.
    pub fn waiting_frames(&self) -> usize {
        (self.writer.buffer().capacity() - self.writer.slots()) / 2
    }

    /// Adds a frame; one that finds no room is dropped and false comes back.
    pub fn push(&mut self, frame: [f32; 2]) -> bool {
        let has_room = self.writer.slots() >= 2;
        if has_room {
            for sample in frame {
                // Room was seen, and nobody else writes.
                let _ = self.writer.push(sample);
            }
        }
        has_room
    }
}

/// Whether an input hears what an output plays: a monitor's id is its output's with an ending, or the same.
pub fn hears(input_id: &str, is_monitor: bool, output: &DeviceInfo) -> bool {
    is_monitor && input_id.strip_suffix(".monitor").unwrap_or(input_id) == output.id
}

fn of_outputs(error: CaptureError) -> PlayerError {
    match error {
        CaptureError::Ambiguous { name, matches } => PlayerError::Ambiguous { name, matches },
        CaptureError::NotFound { name } => PlayerError::NotFound { name },
        _ => PlayerError::NoOutput,
    }
}

fn open_cpal(
    device: &cpal::Device,
    status: &Arc<PlayerStatus>,
) -> Result<(Producer<f32>, u32, cpal::Stream), String> {
    let config = device
        .default_output_config()
        .map_err(|error| error.to_string())?;
    let (writer, callback) = ring(config.sample_rate(), status);
    let stream = match config.sample_format() {
        SampleFormat::F32 => build::<f32>(device, &config, callback, status),
        SampleFormat::I16 => build::<i16>(device, &config, callback, status),
        SampleFormat::I32 => build::<i32>(device, &config, callback, status),
        SampleFormat::U16 => build::<u16>(device, &config, callback, status),
        other => return Err(format!("its sample format {other} is not supported")),
    }
    .map_err(|error| error.to_string())?;
    stream.play().map_err(|error| error.to_string())?;
    Ok((writer, config.sample_rate(), stream))
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: &cpal::SupportedStreamConfig,
    mut callback: PlaybackCallback,
    status: &Arc<PlayerStatus>,
) -> Result<cpal::Stream, cpal::Error> {
    let channels = usize::from(config.channels());
    let status = Arc::clone(status);
    device.build_output_stream(
        config.config(),
        move |out: &mut [T], _: &cpal::OutputCallbackInfo| callback.fill_samples(out, channels),
        move |error: cpal::Error| match error.kind() {
            cpal::ErrorKind::Xrun
            | cpal::ErrorKind::DeviceChanged
            | cpal::ErrorKind::RealtimeDenied => {}
            _ => status.note_lost(error),
        },
        Some(OPEN_TIMEOUT),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monitor_hears_its_own_output_only() {
        let output = |id: &str| DeviceInfo {
            name: String::new(),
            id: id.to_owned(),
            host: String::new(),
            channels: 2,
            rates: vec![],
            is_monitor: false,
            is_default: false,
        };
        assert!(hears("desk.monitor", true, &output("desk")));
        assert!(hears("speakers", true, &output("speakers")));
        assert!(!hears("desk.monitor", true, &output("phones")));
        assert!(!hears("desk", false, &output("desk")), "a microphone");
    }
}
