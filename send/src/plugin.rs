//! The plug-in as the host sees it: its threads, its ports, its state, and what it asks of the host.

#![expect(
    unsafe_code,
    reason = "the keeper calls the host back on a thread of its own, guarded by a lock"
)]

use std::io::Read as _;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clack_extensions::audio_ports::{
    AudioPortFlags, AudioPortInfo, AudioPortInfoWriter, AudioPortType, PluginAudioPorts,
    PluginAudioPortsImpl,
};
use clack_extensions::params::{HostParams, ParamRescanFlags, PluginParams};
use clack_extensions::render::{PluginRender, PluginRenderImpl, RenderMode};
use clack_extensions::state::{HostState, PluginState, PluginStateImpl};
use clack_extensions::track_info::{
    HostTrackInfo, PluginTrackInfo, PluginTrackInfoImpl, TrackInfoBuffer, TrackInfoFlags,
};
use clack_plugin::prelude::*;
use clack_plugin::stream::{InputStream, OutputStream};

use crate::instance::Instance;
use crate::keeper;
use crate::processor::Processor;
use crate::settings::{STATE_BYTES_MAX, Settings};

/// The plug-in for tracks of so many channels.
pub(crate) struct SendPlugin<const CHANNELS: u32>;

impl<const CHANNELS: u32> Plugin for SendPlugin<CHANNELS> {
    type AudioProcessor<'a> = Processor<'a>;
    type Shared<'a> = Shared<'a>;
    type MainThread<'a> = MainThread<'a, CHANNELS>;

    fn declare_extensions(builder: &mut PluginExtensions<Self>, _: Option<&Shared<'_>>) {
        builder
            .register::<PluginAudioPorts>()
            .register::<PluginParams>()
            .register::<PluginRender>()
            .register::<PluginState>()
            .register::<PluginTrackInfo>();
    }
}

/// What all threads of an instance see.
pub struct Shared<'a> {
    pub(crate) instance: Arc<Instance>,
    _host: HostSharedHandle<'a>,
}

impl<'a> Shared<'a> {
    pub(crate) fn new(host: HostSharedHandle<'a>) -> Self {
        // SAFETY: the instance forgets this handle when self is dropped, which is within 'a.
        let kept = unsafe { host.with_arbitrary_lifetime() };
        let instance = Arc::new(Instance::new(kept));
        keeper::add(&instance);
        Self {
            instance,
            _host: host,
        }
    }
}

impl Drop for Shared<'_> {
    fn drop(&mut self) {
        self.instance.forget_host();
        keeper::remove(&self.instance);
    }
}

impl<'a> PluginShared<'a> for Shared<'a> {}

/// What the host's main thread does.
pub struct MainThread<'a, const CHANNELS: u32> {
    pub(crate) shared: &'a Shared<'a>,
    host: HostMainThreadHandle<'a>,
}

impl<'a, const CHANNELS: u32> MainThread<'a, CHANNELS> {
    pub(crate) fn new(host: HostMainThreadHandle<'a>, shared: &'a Shared<'a>) -> Self {
        Self { shared, host }
    }

    /// Asks the host what it calls the track.
    pub(crate) fn ask_track(&self) {
        let Some(ask) = self.host.shared().info().get_extension::<HostTrackInfo>() else {
            return;
        };
        let (mut host, mut buffer) = (self.host, TrackInfoBuffer::new());
        let track = ask.get(&mut host, &mut buffer);
        let name = track.and_then(|track| {
            let name = track.name().map(String::from_utf8_lossy);
            let name = name.filter(|name| !name.trim().is_empty());
            let is_master = track.flags().contains(TrackInfoFlags::IS_FOR_MASTER);
            name.map(|name| name.into_owned())
                .or_else(|| is_master.then(|| "Master".to_owned()))
        });
        self.shared.instance.name_track(name);
    }
}

impl<'a, const CHANNELS: u32> PluginMainThread<'a, Shared<'a>> for MainThread<'a, CHANNELS> {
    fn on_main_thread(&self) {
        let has_changed = &self.shared.instance.has_changed;
        if has_changed.swap(false, Ordering::AcqRel)
            && let Some(state) = self.host.shared().info().get_extension::<HostState>()
        {
            state.mark_dirty(&self.host);
        }
    }
}

impl<const CHANNELS: u32> PluginAudioPortsImpl for MainThread<'_, CHANNELS> {
    fn count(&self, _is_input: bool) -> u32 {
        1
    }

    fn get(&self, index: u32, is_input: bool, writer: &mut AudioPortInfoWriter) {
        if index > 0 {
            return;
        }
        let port_type = if CHANNELS == 1 {
            AudioPortType::MONO
        } else {
            AudioPortType::STEREO
        };
        writer.set(&AudioPortInfo {
            id: ClapId::new(0),
            name: if is_input { b"Input" } else { b"Output" },
            channel_count: CHANNELS,
            flags: AudioPortFlags::IS_MAIN,
            port_type: Some(port_type),
            in_place_pair: Some(ClapId::new(0)),
        });
    }
}

impl<const CHANNELS: u32> PluginTrackInfoImpl for MainThread<'_, CHANNELS> {
    fn changed(&self) {
        self.ask_track();
    }
}

impl<const CHANNELS: u32> PluginRenderImpl for MainThread<'_, CHANNELS> {
    fn has_hard_realtime_requirement(&self) -> bool {
        false
    }

    fn set(&self, mode: RenderMode) -> Result<(), PluginError> {
        let is_offline = mode == RenderMode::Offline;
        let instance = &self.shared.instance;
        instance.is_offline.store(is_offline, Ordering::Relaxed);
        Ok(())
    }
}

impl<const CHANNELS: u32> PluginStateImpl for MainThread<'_, CHANNELS> {
    fn save(&self, output: &mut OutputStream) -> Result<(), PluginError> {
        let text = self.shared.instance.settings().to_text();
        output.write_all(text.as_bytes())?;
        Ok(())
    }

    fn load(&self, input: &mut InputStream) -> Result<(), PluginError> {
        let mut bytes = Vec::new();
        input.take(STATE_BYTES_MAX).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let settings = Settings::of_text(&text);
        let settings = settings.ok_or(PluginError::Message("no state of Abscope Send"))?;
        self.shared.instance.set(&settings);
        // Hosts of VST3 do not ask again by themselves.
        if let Some(params) = self.host.shared().info().get_extension::<HostParams>() {
            params.rescan(&self.host, ParamRescanFlags::VALUES);
        }
        Ok(())
    }
}
