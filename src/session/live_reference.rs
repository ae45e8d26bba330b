//! A second live input in the place of a reference: heard, analysed and kept as the mix is, at the same clock.
//!
//! Both inputs count their own frames, so the one's time under the other's is measured where both publish, and smoothed:
//! blocks arrive when they arrive. The time that the devices themselves take is not known and not corrected.

use crate::session::Session;
use crate::session::companion::CompanionFrame;
use crate::session::mix::MixSide;

/// How fast the difference of the clocks is learnt, per picture.
const STEP: f64 = 0.05;
/// The place of one under the other moves once it is off by this much: a gap, or a device that was away.
const MOVE_SECS: f64 = 0.03;

/// Side B, live.
pub struct LiveReference {
    /// The input with all it remembers.
    pub side: MixSide,
    /// Its time under mix time 0, as shown.
    pub offset_secs: f64,
    /// The same, smoothed.
    mean_secs: Option<f64>,
}

impl LiveReference {
    /// Beside a mix from now on.
    pub fn new(side: MixSide) -> Self {
        Self {
            side,
            offset_secs: 0.0,
            mean_secs: None,
        }
    }

    /// Takes what its analysis has made. Never waits.
    fn poll(&mut self, mix: &MixSide) {
        self.side.poll();
        let (Some(own), Some(other)) = (self.side.published_at, mix.published_at) else {
            return;
        };
        let later_secs = match own.checked_duration_since(other) {
            Some(later) => later.as_secs_f64(),
            None => -other.duration_since(own).as_secs_f64(),
        };
        let now_secs = self.side.end_secs() - mix.end_secs() - later_secs;
        let mean = self.mean_secs.unwrap_or(now_secs);
        // A step that no jitter makes is believed at once.
        let mean = match (now_secs - mean).abs() < 0.25 {
            true => mean + STEP * (now_secs - mean),
            false => now_secs,
        };
        self.mean_secs = Some(mean);
        if (mean - self.offset_secs).abs() > MOVE_SECS {
            self.offset_secs = mean;
        }
    }
}

impl Session {
    /// Puts a live input in the place of the references, or takes it away again.
    pub fn set_live_reference(&mut self, side: Option<MixSide>) {
        self.live_reference = side.map(LiveReference::new);
        self.references.stand_back(self.live_reference.is_some());
        self.nudge_secs = 0.0;
        self.beside = CompanionFrame::default();
    }

    /// Brings the figures beside the mix up to those of the live reference; false without one.
    pub(super) fn poll_live_reference(&mut self) -> bool {
        let (Some(live), Some(mix)) = (&mut self.live_reference, &self.mix) else {
            return false;
        };
        live.poll(mix);
        let beside = &mut self.beside;
        match &mut beside.meters {
            Some(meters) => meters.clone_from(&live.side.meters),
            None => beside.meters = Some(live.side.meters.clone()),
        }
        beside.offset_secs = live.offset_secs + self.nudge_secs;
        beside.matched_lufs = live.side.meters.loudness.integrated_lufs;
        beside.tracking = None;
        true
    }
}
