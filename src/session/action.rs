//! Everything a person can ask of Abscope, once: keys, buttons and the remote control all speak it.

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Stand still, or go on live.
    ToggleFreeze,
    /// Show side A alone, or both again.
    ShowMix,
    /// Show side B alone, or both again.
    ShowReference,
    /// Show A − B, or both again.
    ShowDifference,
    /// Side by side, or one over the other.
    ToggleOverlay,
    /// Bring the reference to the loudness of the mix, or not.
    ToggleLoudnessMatch,
    /// Start integrated loudness, range, peaks and curves anew.
    ResetMeasurement,
    /// Activate a loaded reference, counted from 0.
    Reference(usize),
    /// Activate the next reference.
    NextReference,
    /// Move the reference in time, in seconds; positive shows a later part of it.
    NudgeAlignment(f64),
    /// Zoom in time by a factor; above 1 shows less time.
    ZoomTime(f64),
    /// Scroll back (positive) or forward by a part of what is visible.
    Scroll(f64),
    /// Back to the usual axes and now.
    ResetView,
    /// Save a picture.
    Screenshot,
    /// Move the window to the next monitor.
    NextMonitor,
    /// Full screen on or off.
    ToggleFullscreen,
    /// Leave full screen; never quits.
    LeaveFullscreen,
    /// Choose a file to compare with.
    OpenReference,
    /// Step through the colour maps.
    NextColorMap,
    /// Step through channels: both, left, right, mid, side.
    NextChannel,
    /// Dark or light.
    ToggleTheme,
    /// Show or hide the keys.
    ToggleHelp,
    /// Close the window.
    Quit,
}

/// A key as people see it, what it does, and the words beside it.
pub struct KeyBinding {
    /// The key's name, as drawn in the help.
    pub key: &'static str,
    /// What it does, in few words.
    pub help: &'static str,
    /// The action.
    pub action: Action,
}

/// Seconds one nudge moves the reference.
pub const NUDGE_SECS: f64 = 0.01;

/// All keys, in the order the help shows them.
pub fn key_bindings() -> Vec<KeyBinding> {
    let bind = |key, help, action| KeyBinding { key, help, action };
    let mut bindings = vec![
        bind("Space", "freeze, go on", Action::ToggleFreeze),
        bind("A", "mix alone", Action::ShowMix),
        bind("B", "reference alone", Action::ShowReference),
        bind("D", "difference, mix − reference", Action::ShowDifference),
        bind("Tab", "side by side, overlay", Action::ToggleOverlay),
        bind("L", "loudness match", Action::ToggleLoudnessMatch),
        bind("R", "reset measurement", Action::ResetMeasurement),
        bind("P", "picture", Action::Screenshot),
        bind("O", "open a reference", Action::OpenReference),
        bind("N", "next reference", Action::NextReference),
        bind(
            "←",
            "reference earlier",
            Action::NudgeAlignment(-NUDGE_SECS),
        ),
        bind("→", "reference later", Action::NudgeAlignment(NUDGE_SECS)),
        bind("+", "less time", Action::ZoomTime(2.0)),
        bind("−", "more time", Action::ZoomTime(0.5)),
        bind("C", "colour map", Action::NextColorMap),
        bind("H", "channel: L+R, L, R, mid, side", Action::NextChannel),
        bind("T", "dark, light", Action::ToggleTheme),
        bind("F", "full screen", Action::ToggleFullscreen),
        bind("M", "next monitor", Action::NextMonitor),
        bind("Esc", "leave full screen", Action::LeaveFullscreen),
        bind("?", "these keys", Action::ToggleHelp),
    ];
    for (digit, key) in ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
        .iter()
        .enumerate()
    {
        let help = if digit == 0 { "1 to 9: reference" } else { "" };
        bindings.push(bind(key, help, Action::Reference(digit)));
    }
    bindings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut keys: Vec<_> = key_bindings().iter().map(|b| b.key).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}
