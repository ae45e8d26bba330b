//! The two parameters: bypass, and which name. Both come from the host on whichever thread it likes.

use std::ffi::CStr;
use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use clack_extensions::params::{
    ParamDisplayWriter, ParamInfo, ParamInfoFlags, ParamInfoWriter, PluginAudioProcessorParams,
    PluginMainThreadParams,
};
use clack_plugin::events::spaces::CoreEventSpace;
use clack_plugin::prelude::*;
use clack_plugin::utils::Cookie;

use crate::instance::Instance;
use crate::naming::CHOICES;
use crate::plugin::MainThread;
use crate::processor::Processor;

const BYPASS: ClapId = ClapId::new(1);
const NAME: ClapId = ClapId::new(2);

/// Takes over what the host changed. Real-time safe.
pub(crate) fn take(instance: &Instance, events: &InputEvents) {
    for event in events {
        if let Some(CoreEventSpace::ParamValue(event)) = event.as_core_event() {
            match event.param_id() {
                Some(BYPASS) => {
                    let is_bypassed = event.value() >= 0.5;
                    instance.is_bypassed.store(is_bypassed, Ordering::Relaxed);
                }
                Some(NAME) => {
                    let choice = event.value().round().clamp(0.0, last_choice()) as u32;
                    instance.name_choice.store(choice, Ordering::Relaxed);
                }
                _ => {}
            }
        }
    }
}

fn last_choice() -> f64 {
    (CHOICES.len() - 1) as f64
}

impl<const CHANNELS: u32> PluginMainThreadParams for MainThread<'_, CHANNELS> {
    fn count(&self) -> u32 {
        2
    }

    fn get_info(&self, index: u32, info: &mut ParamInfoWriter) {
        let stepped = ParamInfoFlags::IS_STEPPED;
        match index {
            0 => info.set(&ParamInfo {
                id: BYPASS,
                flags: stepped | ParamInfoFlags::IS_BYPASS | ParamInfoFlags::IS_AUTOMATABLE,
                cookie: Cookie::empty(),
                name: b"Bypass",
                module: b"",
                min_value: 0.0,
                max_value: 1.0,
                default_value: 0.0,
            }),
            1 => info.set(&ParamInfo {
                id: NAME,
                flags: stepped | ParamInfoFlags::IS_ENUM,
                cookie: Cookie::empty(),
                name: b"Name in Abscope",
                module: b"",
                min_value: 0.0,
                max_value: last_choice(),
                default_value: 0.0,
            }),
            _ => {}
        }
    }

    fn get_value(&self, id: ClapId) -> Option<f64> {
        let instance = &self.shared.instance;
        match id {
            BYPASS => Some(f64::from(u8::from(
                instance.is_bypassed.load(Ordering::Relaxed),
            ))),
            NAME => Some(instance.name_choice.load(Ordering::Relaxed).into()),
            _ => None,
        }
    }

    fn value_to_text(
        &self,
        id: ClapId,
        value: f64,
        writer: &mut ParamDisplayWriter,
    ) -> std::fmt::Result {
        match id {
            BYPASS => writer.write_str(if value >= 0.5 { "On" } else { "Off" }),
            NAME => {
                let choice = value.round().clamp(0.0, last_choice()) as usize;
                writer.write_str(CHOICES[choice])
            }
            _ => Err(std::fmt::Error),
        }
    }

    fn text_to_value(&self, id: ClapId, text: &CStr) -> Option<f64> {
        let text = text.to_str().ok()?.trim();
        let position = |words: &[&str]| {
            let found = words
                .iter()
                .position(|word| word.eq_ignore_ascii_case(text));
            found.map(|index| index as f64)
        };
        match id {
            BYPASS => position(&["Off", "On"]),
            NAME => position(&CHOICES),
            _ => None,
        }
    }

    fn flush(&self, changes: &InputEvents, _out: &mut OutputEvents) {
        take(&self.shared.instance, changes);
    }
}

impl PluginAudioProcessorParams for Processor<'_> {
    fn flush(&mut self, changes: &InputEvents, _out: &mut OutputEvents) {
        take(self.instance(), changes);
    }
}
