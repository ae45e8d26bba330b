//! The inputs as plain data: what can be chosen, with its level, and what an input without sound says.

use crate::audio::demo::DemoVersion;
use crate::audio::levels::InputLevel;
use crate::audio::sender::SENDER_HOST;
use crate::session::Session;
use crate::session::sides::input::InputWish;
use crate::session::sides::live::LiveSide;
use crate::view::readout::sample_rate;

/// Seconds without any sound from an input after which the picture says what to do.
pub const UNHEARD_SECS: f64 = 5.0;
/// A device with more pairs than this has them all, but no more than this are offered as buttons.
const MOST_PAIRS: u16 = 32;

/// The drawer of the inputs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputsScene {
    /// What can be chosen, in order.
    pub items: Vec<InputItem>,
    /// Whether the devices are still being looked for.
    pub is_looking: bool,
    /// What to say about the present input: that it is away, or gives no sound.
    pub note: String,
    /// Pairs of channels of the present input; none to choose from for stereo and mono.
    pub pairs: u16,
    /// The pair heard, counted from 0, if it is one of those.
    pub pair: Option<u16>,
    /// Where the reference can be listened to; the system's own output first.
    pub outputs: Vec<OutputItem>,
}

/// One output to listen on.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputItem {
    /// Its name, as people read it.
    pub name: String,
    /// Its name for [`PairAction::ListenOn`](crate::session::action::PairAction::ListenOn).
    pub choice: String,
    /// Whether it is the chosen one.
    pub is_current: bool,
}

/// One input.
#[derive(Clone, Debug, PartialEq)]
pub struct InputItem {
    /// Its name, as people read it.
    pub name: String,
    /// Host, rate, channels, and whether it hears an output.
    pub detail: String,
    /// Its name for [`Action::SelectInput`](crate::session::action::Action::SelectInput).
    pub choice: String,
    /// Peak in dBFS, −∞ for silence; `None` while unknown.
    pub peak_dbfs: Option<f32>,
    /// Whether it is heard now.
    pub is_current: bool,
}

impl InputsScene {
    /// What the drawer shows of a session.
    pub fn of(session: &Session) -> Self {
        // It goes on being heard behind a snapshot.
        let mix = session.pair.mix.hearing().live();
        let state = mix.map(|live| &live.input);
        let wish = state.map(|state| &state.wish);
        let levels = session
            .input_levels
            .as_ref()
            .and_then(|levels| levels.read());
        let devices = levels.as_deref().unwrap_or_default();
        let heard = match state.and_then(|state| state.info.as_ref()) {
            _ if wish.is_some_and(InputWish::follows_system) => Current::System,
            Some(info) => Current::Device(&info.id),
            None => Current::NoDevice,
        };
        let mut items = device_items(devices, &heard);
        // It is no input among inputs: it has its row where it plays, else a button below them.
        let is_demo = wish == Some(&InputWish::Demo);
        items.extend(is_demo.then(|| InputItem {
            name: DemoVersion::Mix.name(),
            detail: "built in".to_owned(),
            choice: "demo".to_owned(),
            peak_dbfs: None,
            is_current: true,
        }));
        let info = state.and_then(|state| state.info.as_ref());
        let channels = info.map_or(0, |info| info.device_channels);
        let away = state.and_then(|state| state.away.clone());
        let is_unheard =
            |live: &&LiveSide| live.unheard_secs.is_some_and(|secs| secs >= UNHEARD_SECS);
        let unheard = mix.filter(is_unheard);
        Self {
            items,
            is_looking: levels.is_none(),
            note: away
                .or_else(|| unheard.map(|mix| no_sound_hint(&mix.history.name)))
                .unwrap_or_default(),
            pairs: if channels > 2 {
                (channels / 2).min(MOST_PAIRS)
            } else {
                0
            },
            pair: info.and_then(|info| info.pick.pair_index()),
            outputs: outputs(session),
        }
    }
}

/// What is heard now.
enum Current<'a> {
    /// What the system plays, whichever device that is.
    System,
    /// The device of this id.
    Device(&'a str),
    /// None of a list of devices.
    NoDevice,
}

/// Tracks of a DAW, for whoever put the plug-in there wants to hear them; what the system plays, which needs no
/// knowledge of names; all other devices.
fn device_items(devices: &[InputLevel], heard: &Current<'_>) -> Vec<InputItem> {
    let infos = || devices.iter().map(|level| &level.info);
    let item = |level: &InputLevel| InputItem {
        name: level.info.name_among(infos()),
        detail: detail(level),
        choice: if level.info.id.is_empty() {
            level.info.name.clone()
        } else {
            level.info.id.clone()
        },
        peak_dbfs: level.peak_dbfs,
        is_current: matches!(heard, Current::Device(id) if *id == level.info.id),
    };
    let is_sender = |level: &&InputLevel| level.info.host == SENDER_HOST;
    let system = system_item(devices, matches!(heard, Current::System));
    let senders = devices.iter().filter(is_sender).map(item);
    let others = devices.iter().filter(|level| !is_sender(level)).map(item);
    senders.chain([system]).chain(others).collect()
}

/// The system's own output, then those that were found.
fn outputs(session: &Session) -> Vec<OutputItem> {
    let found = session
        .input_levels
        .as_ref()
        .and_then(|levels| levels.outputs());
    let chosen = session.pair.listen.output.as_deref();
    let found = found.unwrap_or_default();
    let mut items = vec![OutputItem {
        name: "The system's output".to_owned(),
        choice: String::new(),
        is_current: chosen.is_none(),
    }];
    items.extend(found.iter().map(|info| {
        let apart = info.apart(found.iter());
        let is_alone = apart.is_empty();
        OutputItem {
            name: info.name_among(found.iter()),
            choice: if is_alone { &info.name } else { &info.id }.clone(),
            is_current: chosen
                .is_some_and(|name| *name == info.id || is_alone && *name == info.name),
        }
    }));
    items
}

/// What the system plays.
fn system_item(devices: &[InputLevel], is_current: bool) -> InputItem {
    let monitor = devices
        .iter()
        .find(|level| level.info.is_monitor && level.info.is_default);
    InputItem {
        name: "What the system plays".to_owned(),
        detail: monitor.map_or_else(
            || "follows the default output".to_owned(),
            |level| {
                let name = level
                    .info
                    .name_among(devices.iter().map(|level| &level.info));
                // Its output is meant, which has no monitor.
                let output = name.strip_prefix("Monitor of ").unwrap_or(&name);
                format!("follows the default output: {output}")
            },
        ),
        choice: "system".to_owned(),
        peak_dbfs: monitor.and_then(|level| level.peak_dbfs),
        is_current,
    }
}

fn detail(level: &InputLevel) -> String {
    let info = &level.info;
    let mut words = vec![];
    if info.is_monitor {
        words.push("hears an output".to_owned());
    }
    words.extend(info.rates.first().map(|rate| sample_rate(*rate)));
    words.push(match info.channels {
        0 => String::new(),
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        channels => format!("{channels} channels"),
    });
    words.push(info.host.clone());
    words.retain(|word| !word.is_empty());
    words.join("  ·  ")
}

/// What to do when an input gives no sound, on this platform.
pub fn no_sound_hint(input: &str) -> String {
    let what = if cfg!(target_os = "windows") {
        "choose what your DAW plays to (key I); a DAW on ASIO needs the interface's own loopback"
    } else if cfg!(target_os = "macos") {
        "choose what your DAW plays to, or a virtual device such as BlackHole (key I)"
    } else {
        "play something, or choose the monitor of what your DAW plays to (key I)"
    };
    format!("No sound yet from {input}: {what}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::device_info::DeviceInfo;

    #[test]
    fn the_system_comes_first_and_the_demo_is_no_input_among_inputs() {
        let scene = InputsScene::of(&Session::default());
        let choices: Vec<_> = scene
            .items
            .iter()
            .map(|item| item.choice.as_str())
            .collect();
        assert_eq!(choices, ["system"]);
        assert_eq!(scene.outputs.len(), 1, "the system's own");
        assert!(scene.outputs[0].is_current);
        assert!(scene.is_looking);
        assert_eq!(scene.pairs, 0);
    }

    fn level(name: &str, host: &str, is_monitor: bool) -> InputLevel {
        let info = DeviceInfo {
            name: name.to_owned(),
            id: name.to_lowercase(),
            host: host.to_owned(),
            channels: 2,
            rates: vec![48_000],
            is_monitor,
            is_default: is_monitor,
        };
        InputLevel {
            info,
            peak_dbfs: None,
        }
    }

    #[test]
    fn inputs_of_one_name_are_told_apart() {
        let mut devices = [0, 1, 2].map(|n| level("Monitor of Null Output", "PulseAudio", n == 0));
        for (device, id) in devices
            .iter_mut()
            .zip(["main.monitor", "phones.monitor", "a.b"])
        {
            device.info.id = id.to_owned();
        }
        devices[2].info.name = "Microphone".to_owned();
        let items = device_items(&devices, &Current::System);
        let names: Vec<_> = items.iter().map(|item| item.name.as_str()).collect();
        let expected = [
            "What the system plays",
            "Monitor of Null Output (main)",
            "Monitor of Null Output (phones)",
            "Microphone",
        ];
        assert_eq!(names, expected);
        assert_eq!(items[2].choice, "phones.monitor");
        assert!(items[0].detail.ends_with("output: Null Output (main)"));
    }

    #[test]
    fn tracks_of_a_daw_stand_before_what_the_system_plays_and_that_before_devices() {
        let devices = [
            level("Monitor", "PulseAudio", true),
            level("DAW: Vocal", SENDER_HOST, false),
            level("Line", "PulseAudio", false),
            level("DAW: Bass", SENDER_HOST, false),
        ];
        let items = device_items(&devices, &Current::Device("daw: bass"));
        let choices: Vec<_> = items.iter().map(|item| item.choice.as_str()).collect();
        let expected = ["daw: vocal", "daw: bass", "system", "monitor", "line"];
        assert_eq!(choices, expected);
        let heard: Vec<_> = items.iter().filter(|item| item.is_current).collect();
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0].name, "DAW: Bass");
    }
}
