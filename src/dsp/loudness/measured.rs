//! What a meter has measured since the start or the last reset: gated loudness, range, maxima, and what a fold costs.

use super::history::HISTORY_STEP_SECS;
use super::windows::{Energies, MOMENTARY_SLOTS, SHORT_TERM_SLOTS};
use crate::dsp::loudness_gating::{ABSOLUTE_GATE_LUFS, LoudnessHistogram, lufs_from_energy};

/// All that a reset begins anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    /// Whole slots. Windows that reach back before the last reset belong to what was reset.
    slots: u64,
    pub frames: u64,
    /// Largest mean energy of the windows.
    pub max_momentary: f64,
    pub max_short_term: f64,
    /// Sums of all slots: energy, and left times right.
    pub energy: f64,
    pub cross: f64,
    blocks: LoudnessHistogram,
    range_values: LoudnessHistogram,
    gated: Option<Gated>,
}

/// What the gates said last time, kept until the next block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gated {
    pub integrated_lufs: Option<f64>,
    pub range_lu: Option<f64>,
    pub secs: f64,
}

impl Measured {
    /// Begins anew; allocates nothing.
    pub fn reset(&mut self) {
        self.slots = 0;
        self.frames = 0;
        self.max_momentary = 0.0;
        self.max_short_term = 0.0;
        self.energy = 0.0;
        self.cross = 0.0;
        self.blocks.clear();
        self.range_values.clear();
        self.gated = None;
    }

    /// Adds what an earlier measurement of the same stream counted, as if nothing had been reset between.
    pub fn absorb(&mut self, earlier: &Self) {
        self.slots += earlier.slots;
        self.frames += earlier.frames;
        self.max_momentary = self.max_momentary.max(earlier.max_momentary);
        self.max_short_term = self.max_short_term.max(earlier.max_short_term);
        self.energy += earlier.energy;
        self.cross += earlier.cross;
        self.blocks.absorb(&earlier.blocks);
        self.range_values.absorb(&earlier.range_values);
        self.gated = None;
    }

    /// The same at a rate that is so many times as high.
    pub fn at_rate(self, scale: f64) -> Self {
        Self {
            frames: (self.frames as f64 * scale).round() as u64,
            energy: self.energy * scale,
            cross: self.cross * scale,
            gated: None,
            ..self
        }
    }

    /// Whole slots.
    pub fn slots(&self) -> u64 {
        self.slots
    }

    /// Counts a slot with its energy and its sum of left times right.
    pub fn end_slot(&mut self, energy: f64, cross: f64) {
        self.energy += energy;
        self.cross += cross;
        self.slots += 1;
    }

    /// Raises the maxima to what the windows hold now.
    pub fn raise_maxima(&mut self, energies: Energies) {
        let Energies {
            momentary,
            short_term,
        } = self.own(energies);
        self.max_momentary = self.max_momentary.max(momentary.unwrap_or(0.0));
        self.max_short_term = self.max_short_term.max(short_term.unwrap_or(0.0));
    }

    /// Counts a gating block and a value of the range, as the windows hold them at the end of a hop.
    pub fn end_hop(&mut self, energies: Energies) {
        let Energies {
            momentary,
            short_term,
        } = self.own(energies);
        if let Some(energy) = momentary
            && lufs_from_energy(energy) > ABSOLUTE_GATE_LUFS
        {
            self.blocks.add(energy);
        }
        if let Some(energy) = short_term {
            self.add_range_value(energy);
        }
        self.gated = None;
    }

    /// Counts a value of the range.
    pub fn add_range_value(&mut self, energy: f64) {
        if lufs_from_energy(energy) >= ABSOLUTE_GATE_LUFS {
            self.range_values.add(energy);
        }
        self.gated = None;
    }

    /// What the gates say.
    pub fn gated(&mut self) -> Gated {
        *self.gated.get_or_insert_with(|| {
            let integrated = self.blocks.integrated();
            Gated {
                integrated_lufs: integrated.map(|(lufs, _)| lufs),
                range_lu: self.range_values.range(),
                secs: integrated.map_or(0.0, |(_, blocks)| blocks as f64 * HISTORY_STEP_SECS),
            }
        })
    }

    /// Those that do not reach back before the last reset.
    fn own(&self, energies: Energies) -> Energies {
        Energies {
            momentary: energies.momentary.filter(|_| self.slots >= MOMENTARY_SLOTS),
            short_term: energies
                .short_term
                .filter(|_| self.slots >= SHORT_TERM_SLOTS),
        }
    }
}
