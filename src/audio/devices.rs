//! Which inputs and outputs this computer has, and which of them a person means.
//!
//! Tracks of a DAW that come from its plug-in are first: whoever put it there wants to hear them. Otherwise the
//! natural input is what the speakers play: on Linux the monitor source of an output, on Windows and macOS an
//! output device opened for input. Those come next and are marked. ALSA is asked only where no sound server
//! answers and a card exists: its list is full of dead plug-ins, and probing those prints to stderr.

use cpal::traits::{DeviceTrait, HostTrait};
use cpal::{Device, Host, HostId};

use super::capture_error::CaptureError;
pub use super::device_info::DeviceInfo;
#[cfg(target_os = "linux")]
use super::pulse;
use super::sender::{self, SENDER_HOST};
#[cfg(target_os = "linux")]
use std::sync::Arc;

/// Rates worth naming when a device offers a range, in Hz.
const COMMON_RATES_HZ: [u32; 6] = [44_100, 48_000, 88_200, 96_000, 176_400, 192_000];

/// Which input is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InputChoice {
    /// What the default output plays; where that cannot be heard, the default input.
    #[default]
    System,
    /// An input by its name or id, or a part of one that fits no other. Case does not matter. A host in front
    /// ("alsa:hw:CARD=0") asks that host alone.
    Named(String),
}

/// All inputs, monitors of outputs included. Never fails: a host that does not answer has no devices.
pub fn list_inputs() -> Vec<DeviceInfo> {
    infos(input_endpoints(&HostWish::Any))
}

/// All outputs.
pub fn list_outputs() -> Vec<DeviceInfo> {
    let infos = output_endpoints().into_iter().map(|e| e.info);
    infos.collect()
}

/// An output that can be opened.
pub(super) struct OutputEndpoint {
    pub(super) info: DeviceInfo,
    pub(super) device: OutputDevice,
}

/// What opens it.
pub(super) enum OutputDevice {
    /// A sink of the sound server.
    #[cfg(target_os = "linux")]
    Pulse(Arc<pulse::Server>, pulse::Sink),
    /// An output of any other host.
    Cpal(Box<Device>),
}

/// All outputs with what opens them.
pub(super) fn output_endpoints() -> Vec<OutputEndpoint> {
    let mut outputs = Vec::new();
    #[cfg(target_os = "linux")]
    if let Some(server) = pulse::Server::connect() {
        outputs.extend(server.sinks().into_iter().map(|sink| OutputEndpoint {
            info: sink.info.clone(),
            device: OutputDevice::Pulse(Arc::clone(&server), sink),
        }));
    }
    for host in answering_hosts(&HostWish::Any, !outputs.is_empty()) {
        let default_id = host.default_output_device().and_then(|d| id_of(&d));
        for device in devices_of(&host) {
            if device.supports_output()
                && let Some(mut info) = describe(&host, &device, Side::Output)
            {
                info.is_default = default_id.as_deref() == Some(&info.id);
                let device = OutputDevice::Cpal(Box::new(device));
                outputs.push(OutputEndpoint { info, device });
            }
        }
    }
    outputs
}

/// What opening `choice` now would take, without opening it: tells a watcher that the default has changed.
pub fn resolve_input(choice: &InputChoice) -> Result<DeviceInfo, CaptureError> {
    let mut found = find_inputs(choice)?;
    Ok(found.swap_remove(0).info)
}

/// Ids of the default output and input of each of cpal's hosts that answers: cheap enough to ask now and then.
pub fn cpal_defaults() -> Vec<Option<String>> {
    answering_hosts(&HostWish::Any, false)
        .iter()
        .flat_map(|host| [host.default_output_device(), host.default_input_device()])
        .map(|device| device.and_then(|device| id_of(&device)))
        .collect()
}

/// An input that can be opened.
pub(super) struct InputEndpoint {
    pub(super) info: DeviceInfo,
    pub(super) device: InputDevice,
}

/// What opens it.
pub(super) enum InputDevice {
    /// A source of the sound server.
    #[cfg(target_os = "linux")]
    Pulse(Arc<pulse::Server>, pulse::Source),
    /// An input of any other host.
    Cpal(Device),
    /// An output, opened for input through its output configuration (WASAPI, CoreAudio).
    CpalLoopback(Device),
    /// A track of a DAW.
    Sender(sender::Source),
}

/// The input that a choice means, and behind it those to try should it not open. Never empty.
pub(super) fn find_inputs(choice: &InputChoice) -> Result<Vec<InputEndpoint>, CaptureError> {
    let (host, name) = match choice {
        InputChoice::System => (HostWish::Any, None),
        InputChoice::Named(name) => {
            let (host, name) = split_host(name);
            (host, Some(name))
        }
    };
    let endpoints = input_endpoints(&host);
    let infos: Vec<&DeviceInfo> = endpoints.iter().map(|endpoint| &endpoint.info).collect();
    let chosen = match name {
        None => choose_system(&infos)?,
        Some(name) => vec![choose_named(&infos, name)?],
    };
    let mut endpoints: Vec<Option<InputEndpoint>> = endpoints.into_iter().map(Some).collect();
    Ok(chosen
        .into_iter()
        .filter_map(|index| endpoints[index].take())
        .collect())
}

/// The default output's monitor, then the default input; only without either any monitor, or any input at all.
/// A monitor may be listed and yet not open: macOS can hear outputs only from version 14.6 on.
fn choose_system(inputs: &[&DeviceInfo]) -> Result<Vec<usize>, CaptureError> {
    let position = |wanted: &dyn Fn(&DeviceInfo) -> bool| inputs.iter().position(|i| wanted(i));
    let mut chosen: Vec<usize> = [
        position(&|i| i.is_default && i.is_monitor),
        position(&|i| i.is_default && !i.is_monitor),
    ]
    .into_iter()
    .flatten()
    .collect();
    if chosen.is_empty() {
        chosen.extend(position(&|i| i.is_monitor).or_else(|| position(&|_| true)));
    }
    if chosen.is_empty() {
        return Err(CaptureError::NoInput);
    }
    Ok(chosen)
}

/// An exact id first, then the only one of that name, else the only one that contains the words.
pub(super) fn choose_named(inputs: &[&DeviceInfo], name: &str) -> Result<usize, CaptureError> {
    let wanted = name.trim().to_lowercase();
    let has_id = |i: &&DeviceInfo| i.id.to_lowercase() == wanted;
    if let Some(index) = inputs.iter().position(has_id) {
        return Ok(index);
    }
    let contains = |i: &DeviceInfo| {
        i.name.to_lowercase().contains(&wanted) || i.id.to_lowercase().contains(&wanted)
    };
    let those = |fits: &dyn Fn(&DeviceInfo) -> bool| -> Vec<usize> {
        let all = 0..inputs.len();
        all.filter(|&index| !wanted.is_empty() && fits(inputs[index]))
            .collect()
    };
    let mut matching = those(&|i| i.name.to_lowercase() == wanted);
    if matching.is_empty() {
        matching = those(&contains);
    }
    // The same device seen through two hosts is no ambiguity: the host that is asked first has it.
    if let Some(&first) = matching.first() {
        matching.retain(|&index| inputs[index].host == inputs[first].host);
    }
    match matching.as_slice() {
        [] => Err(CaptureError::NotFound {
            name: name.to_owned(),
        }),
        [index] => Ok(*index),
        several => Err(CaptureError::Ambiguous {
            name: name.to_owned(),
            matches: several
                .iter()
                .map(|&index| format!("“{}” ({})", inputs[index].name, inputs[index].id))
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Input,
    Output,
}

fn infos(endpoints: Vec<InputEndpoint>) -> Vec<DeviceInfo> {
    endpoints.into_iter().map(|e| e.info).collect()
}

/// Which hosts may answer.
#[derive(Debug, PartialEq)]
enum HostWish {
    Any,
    Pulse,
    Cpal(HostId),
}

fn input_endpoints(wish: &HostWish) -> Vec<InputEndpoint> {
    let mut endpoints = Vec::new();
    #[cfg(target_os = "linux")]
    if !matches!(wish, HostWish::Cpal(_))
        && let Some(server) = pulse::Server::connect()
    {
        endpoints.extend(server.sources().into_iter().map(|source| InputEndpoint {
            info: source.info.clone(),
            device: InputDevice::Pulse(Arc::clone(&server), source),
        }));
    }
    for host in answering_hosts(wish, !endpoints.is_empty()) {
        let default_input = host.default_input_device().and_then(|d| id_of(&d));
        let default_output = host.default_output_device().and_then(|d| id_of(&d));
        let loops_outputs = matches!(host.id().name(), "Wasapi" | "WASAPI" | "CoreAudio");
        for device in devices_of(&host) {
            let as_input = device.supports_input();
            if as_input && let Some(mut info) = describe(&host, &device, Side::Input) {
                // PipeWire names the monitor of an output "<output>.monitor".
                let heard_output = info.id.strip_suffix(".monitor");
                info.is_monitor = heard_output.is_some();
                info.is_default = match heard_output {
                    Some(output) => default_output.as_deref() == Some(output),
                    None => default_input.as_deref() == Some(&info.id),
                };
                let device = InputDevice::Cpal(device.clone());
                endpoints.push(InputEndpoint { info, device });
            }
            if loops_outputs
                && !as_input
                && device.supports_output()
                && let Some(mut info) = describe(&host, &device, Side::Output)
            {
                info.is_default = default_output.as_deref() == Some(&info.id);
                info.is_monitor = true;
                info.name = format!("Monitor of {}", info.name);
                let device = InputDevice::CpalLoopback(device);
                endpoints.push(InputEndpoint { info, device });
            }
        }
    }
    if *wish == HostWish::Any {
        endpoints.extend(sender::sources().into_iter().map(|source| InputEndpoint {
            info: source.info.clone(),
            device: InputDevice::Sender(source),
        }));
    }
    endpoints.sort_by_key(|e| {
        let is_sender = e.info.host == SENDER_HOST;
        (!is_sender, !e.info.is_monitor, !e.info.is_default)
    });
    endpoints
}

/// cpal's hosts that answer. Its PulseAudio host is never asked (see `pulse.rs`), and ALSA only by name or where
/// nothing else answers.
fn answering_hosts(wish: &HostWish, something_answered: bool) -> Vec<Host> {
    let mut ids = match wish {
        HostWish::Any => cpal::available_hosts(),
        HostWish::Pulse => Vec::new(),
        HostWish::Cpal(id) => vec![*id],
    };
    ids.retain(|id| id.name() != "PulseAudio");
    ids.sort_by_key(|id| id.name() == "ALSA");
    let mut hosts: Vec<Host> = Vec::new();
    for id in ids {
        let needed = !something_answered && hosts.is_empty() && has_sound_card();
        if id.name() == "ALSA" && *wish == HostWish::Any && !needed {
            continue;
        }
        hosts.extend(cpal::host_from_id(id).ok());
    }
    hosts
}

/// Whether the kernel knows a sound card. Without one every name that ALSA lists is dead.
fn has_sound_card() -> bool {
    std::fs::read_to_string("/proc/asound/pcm").is_ok_and(|list| !list.trim().is_empty())
}

fn devices_of(host: &Host) -> Vec<Device> {
    let is_alsa = host.id().name() == "ALSA";
    let useful = |device: &Device| {
        let id = id_of(device).unwrap_or_default();
        !is_alsa || id == "default" || id.starts_with("hw:") || id.starts_with("plughw:")
    };
    match host.devices() {
        Ok(devices) => devices.filter(useful).collect(),
        Err(_) => Vec::new(),
    }
}

fn describe(host: &Host, device: &Device, side: Side) -> Option<DeviceInfo> {
    let name = device.description().ok()?.name().to_owned();
    let config = match side {
        Side::Input => device.default_input_config(),
        Side::Output => device.default_output_config(),
    }
    .ok();
    let mut rates: Vec<u32> = config.iter().map(|config| config.sample_rate()).collect();
    for rate in offered_rates(device, side) {
        if !rates.contains(&rate) {
            rates.push(rate);
        }
    }
    Some(DeviceInfo {
        name,
        id: id_of(device).unwrap_or_default(),
        host: host.id().name().to_owned(),
        channels: config.map_or(0, |config| config.channels()),
        rates,
        is_monitor: false,
        is_default: false,
    })
}

fn offered_rates(device: &Device, side: Side) -> Vec<u32> {
    let ranges: Vec<_> = match side {
        Side::Input => device
            .supported_input_configs()
            .into_iter()
            .flatten()
            .collect(),
        Side::Output => device
            .supported_output_configs()
            .into_iter()
            .flatten()
            .collect(),
    };
    COMMON_RATES_HZ
        .into_iter()
        .filter(|&rate| {
            ranges
                .iter()
                .any(|range| range.min_sample_rate() <= rate && rate <= range.max_sample_rate())
        })
        .collect()
}

fn id_of(device: &Device) -> Option<String> {
    device.id().ok().map(|id| id.id().to_owned())
}

/// "alsa:hw:CARD=0" → ALSA and the rest; a word that is no host stays part of the name.
fn split_host(name: &str) -> (HostWish, &str) {
    let Some((host, rest)) = name.split_once(':') else {
        return (HostWish::Any, name);
    };
    if host.trim().eq_ignore_ascii_case("pulseaudio") {
        return (HostWish::Pulse, rest);
    }
    match host.trim().parse::<HostId>() {
        Ok(id) => (HostWish::Cpal(id), rest),
        Err(_) => (HostWish::Any, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str, id: &str, is_monitor: bool, is_default: bool) -> DeviceInfo {
        DeviceInfo {
            name: name.to_owned(),
            id: id.to_owned(),
            host: "PulseAudio".to_owned(),
            channels: 2,
            rates: vec![48_000],
            is_monitor,
            is_default,
        }
    }

    fn desk() -> Vec<DeviceInfo> {
        vec![
            input("Built-in Microphone", "pci.mic", false, true),
            input("Monitor of Headphones", "usb.head.monitor", true, false),
            input("Monitor of Speakers", "pci.speakers.monitor", true, true),
        ]
    }

    fn named(name: &str) -> Result<usize, CaptureError> {
        let desk = desk();
        choose_named(&desk.iter().collect::<Vec<_>>(), name)
    }

    #[test]
    fn the_system_input_is_what_the_default_output_plays() {
        let desk = desk();
        let all: Vec<&DeviceInfo> = desk.iter().collect();
        assert_eq!(choose_system(&all).ok(), Some(vec![2, 0]));
        assert_eq!(choose_system(&all[..2]).ok(), Some(vec![0]));
        assert_eq!(choose_system(&all[1..2]).ok(), Some(vec![0]));
        assert!(matches!(choose_system(&[]), Err(CaptureError::NoInput)));
    }

    #[test]
    fn a_host_in_front_of_a_name_is_taken_off_and_any_other_word_is_not() {
        assert_eq!(split_host("Desk: main"), (HostWish::Any, "Desk: main"));
        #[cfg(target_os = "linux")]
        {
            let (host, rest) = split_host("alsa:hw:CARD=0");
            assert_eq!((host, rest), (HostWish::Cpal(HostId::Alsa), "hw:CARD=0"));
            assert_eq!(split_host("PulseAudio:x"), (HostWish::Pulse, "x"));
        }
    }

    #[test]
    fn an_input_is_found_by_any_part_of_its_name_or_id() {
        assert_eq!(named("built-in MICROPHONE").ok(), Some(0));
        assert_eq!(named("speakers").ok(), Some(2));
        assert_eq!(named("usb.head.monitor").ok(), Some(1));
    }

    #[test]
    fn a_device_that_two_hosts_show_is_no_ambiguity() {
        let mut desk = desk();
        desk.push(DeviceInfo {
            host: "PipeWire".to_owned(),
            ..input("Speakers (same again)", "42", true, false)
        });
        let found = choose_named(&desk.iter().collect::<Vec<_>>(), "speakers");
        assert_eq!(found.ok(), Some(2));
    }

    #[test]
    fn two_devices_of_one_name_are_told_apart_by_their_ids() {
        let twins = [
            input("Twin", "one.monitor", true, false),
            input("Twin", "two.monitor", true, false),
            input("Twin of another", "other", false, false),
        ];
        let twins: Vec<&DeviceInfo> = twins.iter().collect();
        let several = choose_named(&twins, "twin")
            .expect_err("two fit")
            .to_string();
        assert!(
            several.contains("“Twin” (one.monitor), “Twin” (two.monitor)"),
            "{several}"
        );
        assert!(!several.contains("other"), "{several}");
        assert_eq!(choose_named(&twins, "two.monitor").ok(), Some(1));
        assert_eq!(choose_named(&twins[1..], "twin").ok(), Some(0));
    }

    #[test]
    fn a_name_that_fits_none_or_several_says_what_to_do_in_one_line() {
        let missing = named("tape").expect_err("there is no tape").to_string();
        assert!(missing.contains("“tape”") && missing.contains("abscope devices"));
        let several = named("monitor").expect_err("two fit").to_string();
        assert!(
            several.contains("Monitor of Headphones") && several.contains("Monitor of Speakers")
        );
        for line in [missing, several, CaptureError::NoInput.to_string()] {
            assert_eq!(line.lines().count(), 1);
        }
        assert!(named("").is_err());
    }
}
