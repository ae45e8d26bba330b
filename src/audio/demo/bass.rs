//! The bass: a filtered saw over a sine an octave of weight below, in the middle of the picture.

use super::filter::Svf;
use super::score::{Note, Part};
use super::wave::{BLOCK, Mono, Waves, hz_from_midi, lookup, phase_step, soft_clip};

/// One player, one note at a time.
pub struct Bass {
    phase: u32,
    step: u32,
    frequency_hz: f32,
    velocity: f32,
    blocks_left: usize,
    level: f32,
    bite: f32,
    brightness: f32,
    filter: Svf,
}

impl Bass {
    pub fn new() -> Self {
        Self {
            phase: 0,
            step: 0,
            frequency_hz: 55.0,
            velocity: 0.0,
            blocks_left: 0,
            level: 0.0,
            bite: 0.0,
            brightness: 1.0,
            filter: Svf::new(400.0, 0.8),
        }
    }

    /// Begins a note of a length in blocks; the wave goes on where it was, so that there is no click.
    pub fn play(&mut self, note: Note, blocks: usize, part: Part) {
        self.frequency_hz = hz_from_midi(f32::from(note.midi));
        self.step = phase_step(self.frequency_hz);
        self.velocity = note.velocity;
        self.blocks_left = blocks.saturating_sub(8);
        self.bite = 1.0;
        self.brightness = if part == Part::Chorus { 1.0 } else { 0.55 };
    }

    /// Writes a block; silent notes cost nothing.
    pub fn fill(&mut self, waves: &Waves, out: &mut Mono) {
        let sounding = self.blocks_left > 0;
        self.blocks_left = self.blocks_left.saturating_sub(1);
        let target = if sounding {
            // Attack in three blocks, then a slow sag.
            (self.level + 0.35).min(self.velocity * (0.82 + 0.18 * self.bite))
        } else {
            self.level * 0.72
        };
        if !sounding && self.level < 1e-4 {
            self.level = 0.0;
            self.filter.clear();
            out.fill(0.0);
            return;
        }
        self.filter
            .tune(210.0 + self.brightness * (450.0 + 2300.0 * self.bite), 0.9);
        self.bite *= 0.965;
        let slope = (target - self.level) / BLOCK as f32;
        let saw = waves.saw(self.frequency_hz);
        for x in out {
            self.level += slope;
            let edge = self.filter.next(lookup(saw, self.phase)).low;
            // The octave makes the bass heard on small speakers, where the fundamental is not.
            let weight = 0.62 * lookup(&waves.sine, self.phase)
                + 0.42 * lookup(&waves.sine, self.phase << 1);
            self.phase = self.phase.wrapping_add(self.step);
            *x = self.level * soft_clip(weight + 1.4 * edge);
        }
        self.level = target;
    }
}
