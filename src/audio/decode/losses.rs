//! Damaged packets of a file: how many there were and from where on, and the silence that is owed for them.

use super::error::DecodeWarning;

/// So many damaged packets in a row, and the rest is given up.
const MAX_IN_A_ROW: u32 = 1_000;
/// The most silence that stands in for damaged packets in a row, frames.
const MAX_OWED_FRAMES: u64 = 1 << 20;

/// What was lost of a file so far.
#[derive(Default)]
pub(super) struct Losses {
    packets: u64,
    /// Frames delivered before the first of them.
    first_frame: u64,
    in_a_row: u32,
    /// Frames of damaged packets, delivered as silence before the next good one.
    owed_frames: u64,
}

impl Losses {
    /// Books a damaged packet of so many frames, behind so many that were delivered.
    pub fn book(&mut self, frames: u64, delivered_frames: u64) {
        if self.packets == 0 {
            self.first_frame = delivered_frames;
        }
        self.packets += 1;
        self.in_a_row += 1;
        self.owed_frames = self.owed_frames.saturating_add(frames).min(MAX_OWED_FRAMES);
    }

    /// A packet was good again.
    pub fn end_row(&mut self) {
        self.in_a_row = 0;
    }

    /// Whether so many were damaged in a row that the rest is given up.
    pub fn are_hopeless(&self) -> bool {
        self.in_a_row >= MAX_IN_A_ROW
    }

    /// The frames of silence that are owed; from then on none are.
    pub fn take_owed_frames(&mut self) -> u64 {
        std::mem::take(&mut self.owed_frames)
    }

    /// What is to be said of it at the end.
    pub fn warning(&self) -> Option<DecodeWarning> {
        (self.packets > 0).then_some(DecodeWarning::SkippedPackets {
            packets: self.packets,
            first_frame: self.first_frame,
        })
    }
}
