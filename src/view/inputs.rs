//! The inputs as plain data: what an input without sound says.

/// Seconds without any sound from an input after which the picture says what to do.
pub const UNHEARD_SECS: f64 = 5.0;

/// What to do when an input gives no sound, on this platform.
pub fn no_sound_hint(input: &str) -> String {
    let what = if cfg!(target_os = "windows") {
        "choose the “Monitor of …” your DAW plays to; a DAW on ASIO needs the interface's own loopback"
    } else if cfg!(target_os = "macos") {
        "choose the “Monitor of …” your DAW plays to, or a virtual device such as BlackHole"
    } else {
        "play something, or choose the “Monitor of …” your DAW plays to"
    };
    format!("No sound from {input} yet: {what}")
}
