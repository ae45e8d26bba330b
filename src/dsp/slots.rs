//! The 10 ms grid every meter stands on, counted exactly at every sample rate.
//!
//! Tech 3341 needs max M on a grid of 20 ms or finer (case 13 reads 0.45 LU low at 100 ms). At rates where 10 ms
//! is not a whole number of frames (22.05 kHz: 220.5) slots differ by one frame, so that slot `k` always begins
//! at the first frame at or after `k · 10 ms` and no drift builds up over hours.

/// Slots in a second.
pub const SLOTS_PER_SEC: u64 = 100;

/// A longer gap than a week is counted as a week, so that a broken clock cannot fill the memory with absence.
pub const LONGEST_GAP_SECS: u64 = 7 * 24 * 3600;

/// Counts frames and says where the 10 ms slots end.
#[derive(Clone, Debug)]
pub struct SlotClock {
    sample_rate_hz: u64,
    slots_per_sec: u64,
    position: u64,
    slot: u64,
    slot_end: u64,
}

impl SlotClock {
    /// A clock at frame 0 of a stream.
    pub fn new(sample_rate_hz: u32) -> Self {
        Self::with_slots(sample_rate_hz, SLOTS_PER_SEC)
    }

    /// A clock of another grid.
    pub fn with_slots(sample_rate_hz: u32, slots_per_sec: u64) -> Self {
        let sample_rate_hz = u64::from(sample_rate_hz.max(1));
        let mut clock = Self {
            sample_rate_hz,
            slots_per_sec,
            position: 0,
            slot: 0,
            slot_end: 0,
        };
        clock.slot_end = clock.start_of(1);
        clock
    }

    /// Frames counted since the start.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Index of the slot the next frame belongs to.
    pub fn slot(&self) -> u64 {
        self.slot
    }

    /// First frame of a slot.
    pub fn start_of(&self, slot: u64) -> u64 {
        (slot * self.sample_rate_hz).div_ceil(self.slots_per_sec)
    }

    /// Frames until the current slot is complete, at least 1.
    pub fn frames_left(&self) -> usize {
        (self.slot_end - self.position) as usize
    }

    /// Counts frames of the current slot, at most [`Self::frames_left`]; true when that completes it.
    pub fn advance(&mut self, frames: usize) -> bool {
        self.position += frames as u64;
        let complete = self.position >= self.slot_end;
        if complete {
            self.settle();
        }
        complete
    }

    /// Counts the frames of a gap at once, over as many slots as they last, at most [`LONGEST_GAP_SECS`].
    pub fn jump(&mut self, frames: u64) {
        self.position += frames.min(LONGEST_GAP_SECS * self.sample_rate_hz);
        self.settle();
    }

    fn settle(&mut self) {
        self.slot = (u128::from(self.position) * u128::from(self.slots_per_sec)
            / u128::from(self.sample_rate_hz)) as u64;
        self.slot_end = self.start_of(self.slot + 1);
        // A rate below 100 Hz has slots without a frame; they are passed over.
        if self.slot_end <= self.position {
            self.slot_end = self.position + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_exactly_360000_slots_at_every_rate() {
        for rate in [8_000u32, 11_025, 22_050, 44_100, 48_000, 88_200, 192_000] {
            let mut clock = SlotClock::new(rate);
            let (mut slots, frames) = (0u64, u64::from(rate) * 360);
            let mut lengths = std::collections::BTreeSet::new();
            let mut done = 0u64;
            while done < frames {
                let left = clock.frames_left();
                lengths.insert(left);
                done += left as u64;
                slots += u64::from(clock.advance(left));
            }
            assert_eq!(slots, 36_000, "{rate} Hz");
            assert_eq!(done, frames);
            assert!(lengths.len() <= 2, "{lengths:?}");
        }
    }

    #[test]
    fn a_jump_lands_where_counting_would() {
        let (mut counted, mut jumped) = (SlotClock::new(22_050), SlotClock::new(22_050));
        for _ in 0..12_345 {
            counted.advance(1);
        }
        jumped.jump(12_345);
        assert_eq!(counted.slot(), jumped.slot());
        assert_eq!(counted.frames_left(), jumped.frames_left());
    }
}
