//! What a host finds in the library: the plug-in for stereo tracks and the one for mono tracks.
//!
//! They are two, as a VST3 host asks for its number of channels once and gets one answer.

use std::ffi::CStr;

use clack_plugin::entry::prelude::*;
use clack_plugin::plugin::features::{ANALYZER, AUDIO_EFFECT, MONO, STEREO, UTILITY};

use crate::plugin::{MainThread, SendPlugin, Shared};

/// The stereo plug-in's name for hosts, from now on and for ever: projects refer to it.
pub const STEREO_ID: &str = "org.abscope.send";
/// The mono plug-in's.
pub const MONO_ID: &str = "org.abscope.send.mono";

/// The library's entry.
pub struct SendEntry {
    factory: PluginFactoryWrapper<SendFactory>,
}

impl Entry for SendEntry {
    fn new(_path: Option<&CStr>) -> Result<Self, EntryLoadError> {
        let factory = PluginFactoryWrapper::new(SendFactory {
            stereo: describe(STEREO_ID, "Abscope Send", STEREO),
            mono: describe(MONO_ID, "Abscope Send (mono)", MONO),
        });
        Ok(Self { factory })
    }

    fn declare_factories<'a>(&'a self, builder: &mut EntryFactories<'a>) {
        builder.register_factory(&self.factory);
    }
}

struct SendFactory {
    stereo: PluginDescriptor,
    mono: PluginDescriptor,
}

impl PluginFactoryImpl for SendFactory {
    fn plugin_count(&self) -> u32 {
        2
    }

    fn plugin_descriptor(&self, index: u32) -> Option<&PluginDescriptor> {
        match index {
            0 => Some(&self.stereo),
            1 => Some(&self.mono),
            _ => None,
        }
    }

    fn create_plugin<'a>(&'a self, host: HostInfo<'a>, id: &CStr) -> Option<PluginInstance<'a>> {
        let is_called = |descriptor: &PluginDescriptor| descriptor.id() == Some(id);
        if is_called(&self.stereo) {
            Some(instance::<2>(host, &self.stereo))
        } else if is_called(&self.mono) {
            Some(instance::<1>(host, &self.mono))
        } else {
            None
        }
    }
}

fn instance<'a, const CHANNELS: u32>(
    host: HostInfo<'a>,
    descriptor: &'a PluginDescriptor,
) -> PluginInstance<'a> {
    PluginInstance::new::<SendPlugin<CHANNELS>>(
        host,
        descriptor,
        |host| Ok(Shared::new(host)),
        |host, shared| Ok(MainThread::<CHANNELS>::new(host, shared)),
    )
}

fn describe(id: &str, name: &str, channels: &CStr) -> PluginDescriptor {
    PluginDescriptor::new(id, name)
        .with_vendor("Abscope")
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_description("Lets Abscope hear this track; passes it on as it is")
        .with_features([AUDIO_EFFECT, ANALYZER, UTILITY, channels])
}
