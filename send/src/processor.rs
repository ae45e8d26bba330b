//! What runs on the host's audio thread: audio goes through as it is, and into shared memory if somebody listens.
//!
//! Nothing here allocates, locks, waits, logs or asks the system for anything.

use std::sync::atomic::Ordering;

use abscope_link::{Stream, Transport};
use clack_plugin::events::event_types::TransportEvent;
use clack_plugin::events::spaces::CoreEventSpace;
use clack_plugin::prelude::*;

use crate::instance::Instance;
use crate::params;
use crate::plugin::{MainThread, Shared};
use crate::transport::transport_of;

/// The audio side of an instance.
pub struct Processor<'a> {
    shared: &'a Shared<'a>,
    /// `None` where there is no slot or no memory: then audio goes through, and nobody hears it.
    stream: Option<Stream>,
    rate_hz: f64,
}

impl<'a> Processor<'a> {
    /// Begins to stream, as far as that is possible.
    pub(crate) fn begin(shared: &'a Shared<'a>, rate_hz: f64, channels: u32) -> Self {
        let stream = shared.instance.stream(rate_hz.round() as u32, channels);
        Self {
            shared,
            // A plug-in without a window has nowhere to say why; Abscope does when it finds no sender.
            stream: stream.ok(),
            rate_hz,
        }
    }

    pub(crate) fn instance(&self) -> &Instance {
        &self.shared.instance
    }

    /// Sends a block, cut where the host's transport changes on the way.
    fn send(
        &mut self,
        process: &Process,
        events: &InputEvents,
        left: &[f32],
        right: Option<&[f32]>,
    ) {
        let instance = &self.shared.instance;
        // A host that renders faster than time goes is not to be listened to, and its frames are no time that passes.
        let is_offline = instance.is_offline.load(Ordering::Relaxed);
        let Some(stream) = self.stream.as_mut().filter(|_| !is_offline) else {
            return;
        };
        if instance.is_bypassed.load(Ordering::Relaxed) {
            return stream.skip(left.len());
        }
        let rate_hz = self.rate_hz;
        let told = |event: Option<&TransportEvent>| {
            event.map_or_else(Transport::default, |event| transport_of(event, rate_hz))
        };
        let mut transport = process.transport;
        let mut begin = 0;
        for event in events {
            if let Some(CoreEventSpace::Transport(event)) = event.as_core_event() {
                let end = (event.header.time() as usize).clamp(begin, left.len());
                let right = right.and_then(|right| right.get(begin..end));
                stream.write(&left[begin..end], right, || told(transport));
                transport = Some(event);
                begin = end;
            }
        }
        let right = right.and_then(|right| right.get(begin..));
        stream.write(&left[begin..], right, || told(transport));
    }
}

impl<'a, const CHANNELS: u32> PluginAudioProcessor<'a, Shared<'a>, MainThread<'a, CHANNELS>>
    for Processor<'a>
{
    fn activate(
        _host: HostAudioProcessorHandle<'a>,
        main_thread: &MainThread<'a, CHANNELS>,
        shared: &'a Shared<'a>,
        config: PluginAudioConfiguration,
    ) -> Result<Self, PluginError> {
        main_thread.ask_track();
        Ok(Self::begin(shared, config.sample_rate, CHANNELS))
    }

    fn process(
        &mut self,
        process: Process,
        mut audio: Audio,
        events: Events,
    ) -> Result<ProcessStatus, PluginError> {
        params::take(self.instance(), events.input);
        let Some(mut port) = audio.port_pair(0) else {
            return Ok(ProcessStatus::Continue);
        };
        let constant = port.input_info().map(|input| input.constant_mask());
        if let (Some(constant), Some(mut output)) = (constant, port.output()) {
            output.set_constant_mask(constant);
        }
        if let SampleType::F32(mut channels) = port.channels()? {
            pass(&mut channels);
            let mut heard: [Option<&[f32]>; 2] = [None; 2];
            for (index, place) in heard.iter_mut().enumerate() {
                // What went out is what came in.
                *place = match channels.channel_pair(index) {
                    Some(ChannelPair::InputOnly(samples)) => Some(samples),
                    Some(ChannelPair::InPlace(samples) | ChannelPair::InputOutput(_, samples)) => {
                        Some(samples)
                    }
                    _ => None,
                };
            }
            if let [Some(left), right] = heard {
                self.send(&process, events.input, left, right);
            }
        }
        Ok(ProcessStatus::Continue)
    }

    fn stop_processing(&mut self) {
        if let Some(stream) = &mut self.stream {
            stream.flush();
        }
    }

    fn reset(&mut self) {
        if let Some(stream) = &mut self.stream {
            stream.flush();
        }
    }
}

/// Copies every input to its output; an output without one is silent.
fn pass(channels: &mut clack_plugin::process::audio::PairedChannels<'_, f32>) {
    for pair in channels.iter_mut() {
        match pair {
            ChannelPair::InputOutput(input, output) => output.copy_from_slice(input),
            ChannelPair::OutputOnly(output) => output.fill(0.0),
            ChannelPair::InPlace(_) | ChannelPair::InputOnly(_) => {}
        }
    }
}
