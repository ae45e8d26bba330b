//! How the mix is played: it pauses, and goes on somewhere.

use crate::dsp::frame_history::StereoFrame;

/// Below this the mix pauses: −80 dBFS.
const PAUSE_AMPLITUDE: f32 = 1e-4;

/// What is known of how the mix is played.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Playing {
    pub is_paused: bool,
    /// Mix time at which it began to sound behind its last pause.
    pub began_secs: Option<f64>,
    /// Mix time at which it sounded last.
    pub sounded_secs: f64,
    /// Where it is likely to have gone on, as reference time minus mix time, until that was tried.
    pub likely_secs: Option<[f64; 3]>,
    /// Mix time since which the lock is in doubt because the mix paused.
    pub resumed_secs: Option<f64>,
    /// The lock was tried and not searched for.
    pub is_tried_only: bool,
}

impl Playing {
    /// Its place is known again.
    pub fn is_found(&mut self) {
        self.likely_secs = None;
        self.resumed_secs = None;
        self.is_tried_only = false;
    }
}

/// Mix times of the first and the last frame that can be heard of sound that begins at one.
pub(super) fn sounding_secs(
    sound: &[StereoFrame],
    from_secs: f64,
    sample_rate_hz: u32,
) -> Option<[f64; 2]> {
    let is_heard = |frame: &StereoFrame| frame.iter().any(|sample| sample.abs() > PAUSE_AMPLITUDE);
    let first = sound.iter().position(is_heard)?;
    let last = sound.iter().rposition(is_heard)?;
    let rate = f64::from(sample_rate_hz.max(1));
    Some([first, last + 1].map(|frame| from_secs + frame as f64 / rate))
}
