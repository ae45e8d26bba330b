//! The sliding windows of a meter: what was heard last, without a gap in it.

use crate::dsp::sliding::SlidingSum;
use crate::dsp::slots::SlotClock;

/// 10 ms slots in the momentary window of 0.4 s.
pub(super) const MOMENTARY_SLOTS: u64 = 40;
/// 10 ms slots in the short-term window of 3 s.
pub(super) const SHORT_TERM_SLOTS: u64 = 300;
/// 10 ms slots between two gating blocks, history points and range values.
pub(super) const HOP_SLOTS: u64 = 10;
/// Slots of silence behind the end of a file: half a short-term window.
const RUN_OUT_SLOTS: u64 = 150;

/// Mean energies of the windows; none of one that is not full.
#[derive(Clone, Copy)]
pub(super) struct Energies {
    pub momentary: Option<f64>,
    pub short_term: Option<f64>,
}

/// Sums of the last slots since a gap.
#[derive(Clone, Debug)]
pub(super) struct Windows {
    /// Whole slots since the last gap.
    slots: u64,
    hop: SlidingSum,
    momentary: SlidingSum,
    short_term: SlidingSum,
    fold_cross: SlidingSum,
}

impl Windows {
    pub fn new() -> Self {
        Self {
            slots: 0,
            hop: SlidingSum::new(HOP_SLOTS as usize),
            momentary: SlidingSum::new(MOMENTARY_SLOTS as usize),
            short_term: SlidingSum::new(SHORT_TERM_SLOTS as usize),
            fold_cross: SlidingSum::new(SHORT_TERM_SLOTS as usize),
        }
    }

    /// Adds the energy of a slot, and its sum of left times right.
    pub fn push(&mut self, energy: f64, cross: f64) {
        self.hop.push(energy);
        self.momentary.push(energy);
        self.short_term.push(energy);
        self.fold_cross.push(cross);
        self.slots += 1;
    }

    /// Begins anew behind a gap.
    pub fn clear(&mut self) {
        self.slots = 0;
        self.hop.clear();
        self.momentary.clear();
        self.short_term.clear();
        self.fold_cross.clear();
    }

    /// Whole slots since the last gap.
    pub fn slots(&self) -> u64 {
        self.slots
    }

    /// Mean energies at the end of the clock's last slot.
    pub fn energies(&self, clock: &SlotClock) -> Energies {
        let mean = |window: &SlidingSum, slots: u64| {
            (self.slots >= slots).then(|| window.sum() / window_frames(clock, slots))
        };
        Energies {
            momentary: mean(&self.momentary, MOMENTARY_SLOTS),
            short_term: mean(&self.short_term, SHORT_TERM_SLOTS),
        }
    }

    /// Mean energy of the hop that ends with the clock's last slot; none where a gap lies in it.
    pub fn hop_energy(&self, clock: &SlotClock) -> Option<f64> {
        (self.slots >= HOP_SLOTS).then(|| self.hop.sum() / window_frames(clock, HOP_SLOTS))
    }

    /// Sums of the last 3 s: energy, and left times right.
    pub fn short_term_sums(&self) -> [f64; 2] {
        [self.short_term.sum(), self.fold_cross.sum()]
    }

    /// Mean energies of the short-term window, one each hop, as it runs out into silence behind the clock's last slot.
    pub fn run_out<'a>(&self, clock: &'a SlotClock) -> impl Iterator<Item = f64> + use<'a> {
        let frames = window_frames(clock, SHORT_TERM_SLOTS);
        let mut window = self.short_term.clone();
        (1..=RUN_OUT_SLOTS).filter_map(move |slot| {
            window.push(0.0);
            let is_hop = (clock.slot() + slot).is_multiple_of(HOP_SLOTS);
            is_hop.then(|| window.sum() / frames)
        })
    }
}

/// Frames in the last whole slots; differs by one now and then where 10 ms is not a whole number of frames.
fn window_frames(clock: &SlotClock, slots: u64) -> f64 {
    let end = clock.slot();
    (clock.start_of(end) - clock.start_of(end.saturating_sub(slots))) as f64
}
