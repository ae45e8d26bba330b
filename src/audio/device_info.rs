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
