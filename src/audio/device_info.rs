//! An input or output of the computer as people see it, whatever audio system has it.

/// An input or output as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Name for people: "Monitor of Built-in Audio".
    pub name: String,
    /// Name for the audio system, the same after a restart where the system can keep it.
    pub id: String,
    /// Audio system: "PulseAudio", "ALSA", "WASAPI" …
    pub host: String,
    /// Channels in its own configuration; 0 if it does not tell.
    pub channels: u16,
    /// Sample rates in Hz that it can run at, its present one first.
    pub rates: Vec<u32>,
    /// Whether this input hears what an output plays.
    pub is_monitor: bool,
    /// Whether the system uses it when none is named.
    pub is_default: bool,
}

impl DeviceInfo {
    /// What tells it apart from others of its name and audio system: the part of its id that they do not share; empty
    /// where no other has its name.
    pub fn apart<'a>(&self, all: impl Iterator<Item = &'a DeviceInfo>) -> String {
        let own = self.short_id();
        let is_twin = |other: &&DeviceInfo| {
            other.id != self.id && other.name == self.name && other.host == self.host
        };
        let twins: Vec<&str> = all.filter(is_twin).map(Self::short_id).collect();
        let Some(shared) = twins.iter().map(|twin| shared_beginning(own, twin)).min() else {
            return String::new();
        };
        // From a whole word on.
        let is_between = |c: char| !c.is_alphanumeric();
        let begin = own[..shared].rfind(is_between).map_or(0, |at| at + 1);
        match own[begin..].is_empty() {
            true => own.to_owned(),
            false => own[begin..].to_owned(),
        }
    }

    /// Its name, with what tells it apart where others among `all` have it too: "Null Output (phones)".
    pub fn name_among<'a>(&self, all: impl Iterator<Item = &'a DeviceInfo>) -> String {
        match self.apart(all).as_str() {
            "" => self.name.clone(),
            apart => format!("{} ({apart})", self.name),
        }
    }

    /// A monitor's id is its output's with an ending.
    fn short_id(&self) -> &str {
        self.id.strip_suffix(".monitor").unwrap_or(&self.id)
    }
}

/// Bytes that two words have in common from their beginning on.
fn shared_beginning(one: &str, other: &str) -> usize {
    let both = one.char_indices().zip(other.chars());
    let mut differing = both.filter(|((_, a), b)| a != b);
    let first = differing.next().map(|((at, _), _)| at);
    first.unwrap_or(one.len().min(other.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_of_one_name_are_told_apart_by_what_their_ids_do_not_share() {
        let device = |name: &str, id: &str| DeviceInfo {
            name: name.to_owned(),
            id: id.to_owned(),
            host: "PulseAudio".to_owned(),
            channels: 2,
            rates: vec![],
            is_monitor: false,
            is_default: false,
        };
        let all = [
            device("Null Output", "main.monitor"),
            device("Null Output", "phones.monitor"),
            device("Scarlett", "usb-Focusrite-00.analog-stereo"),
            device("Scarlett", "usb-Focusrite-01.analog-stereo"),
            device("Scarlett", "usb-Focusrite-00.analog"),
            device("Speakers", "pci"),
        ];
        let apart: Vec<String> = all.iter().map(|one| one.apart(all.iter())).collect();
        let expected = [
            "main",
            "phones",
            "00.analog-stereo",
            "01.analog-stereo",
            "00.analog",
            "",
        ];
        assert_eq!(apart, expected);
    }
}
