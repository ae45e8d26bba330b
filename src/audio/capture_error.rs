//! What can go wrong with an input.

/// What to do where there is no sound at all, on this system.
pub const GET_SOUND: &str = if cfg!(target_os = "linux") {
    "start PulseAudio or PipeWire, or connect an interface"
} else if cfg!(target_os = "windows") {
    "connect an interface, or switch one on in the sound settings of Windows"
} else {
    "connect an interface, or let Abscope use the microphone in System Settings, Privacy & Security"
};

/// Why no input could be opened. Each is one line: what, which, why, what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// The computer has no input at all.
    #[error("no audio input: no sound system answers and no sound card has one; {todo}, or use --demo", todo = GET_SOUND)]
    NoInput,
    /// No input has this name.
    #[error("no input fits “{name}”; run `abscope devices` to see the inputs")]
    NotFound {
        /// What was asked for.
        name: String,
    },
    /// Several inputs fit.
    #[error(
        "“{name}” fits several inputs: {matches}; give more of the name, or what is in brackets"
    )]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// The inputs that fit.
        matches: String,
    },
    /// The channel pair lies outside the device.
    #[error(
        "input “{device}” has {available} channels, so {left} and {right} do not both exist; choose from 1 to {available}"
    )]
    NoSuchChannels {
        /// The device.
        device: String,
        /// Its channels.
        available: u16,
        /// The left channel asked for, counted from 1.
        left: u16,
        /// The right channel asked for, counted from 1.
        right: u16,
    },
    /// The device does not open.
    #[error(
        "input “{device}” ({host}) does not open: {reason}; close what uses it, or run `abscope devices` and choose another"
    )]
    Refused {
        /// The device.
        device: String,
        /// Its audio system.
        host: String,
        /// In the words of the audio system.
        reason: String,
    },
}
