//! The chords: four voices of detuned saws, other detunings on the left than on the right, which is what makes
//! them wide; in a chorus a brighter layer an octave above joins.

use super::filter::Svf;
use super::score::{Chord, Part};
use super::wave::{BLOCK, Stereo, Waves, hz_from_midi, lookup, phase_step};

/// Cents by which the two saws of a note miss it, on the left and on the right.
const DETUNE_CENTS: [[f32; 2]; 2] = [[-9.0, 5.0], [8.0, -4.0]];

/// The same for the single saws of the upper layer.
const UPPER_DETUNE_CENTS: [f32; 2] = [-12.0, 11.0];

#[derive(Clone, Copy, Default)]
struct Saw {
    phase: u32,
    step: u32,
    frequency_hz: f32,
}

impl Saw {
    fn tune(&mut self, midi: f32) {
        self.frequency_hz = hz_from_midi(midi);
        self.step = phase_step(self.frequency_hz);
    }

    fn add(&mut self, waves: &Waves, out: &mut [f32; BLOCK], gain: f32) {
        let table = waves.saw(self.frequency_hz);
        for x in out {
            *x += gain * lookup(table, self.phase);
            self.phase = self.phase.wrapping_add(self.step);
        }
    }
}

/// One channel of the pad.
struct Side {
    saws: [[Saw; 2]; 4],
    upper: [Saw; 4],
    low_pass: Svf,
    high_pass: Svf,
    upper_pass: Svf,
}

/// All voices of the pad.
pub struct Pad {
    sides: [Side; 2],
    cutoff_hz: f32,
    upper_level: f32,
    sweep: u32,
}

impl Pad {
    pub fn new() -> Self {
        let side = |seed: u32| {
            // Scattered phases, or every chord would begin with a peak.
            let scattered = |i: u32| Saw {
                phase: (seed + i).wrapping_mul(0x9e37_79b9),
                ..Saw::default()
            };
            Side {
                saws: [0, 1, 2, 3].map(|note| [scattered(2 * note), scattered(2 * note + 1)]),
                upper: [8, 9, 10, 11].map(scattered),
                low_pass: Svf::new(600.0, 0.75),
                high_pass: Svf::new(190.0, 0.7),
                upper_pass: Svf::new(600.0, 0.6),
            }
        };
        Self {
            sides: [side(1), side(101)],
            cutoff_hz: 300.0,
            upper_level: 0.0,
            sweep: 0,
        }
    }

    /// Moves every voice to its note of a chord without a break.
    pub fn play(&mut self, chord: Chord) {
        for (side, (detune, upper_detune)) in self
            .sides
            .iter_mut()
            .zip(DETUNE_CENTS.iter().zip(UPPER_DETUNE_CENTS))
        {
            for (voice, midi) in chord.voices.into_iter().enumerate() {
                let midi = f32::from(midi);
                for (saw, cents) in side.saws[voice].iter_mut().zip(detune) {
                    saw.tune(midi + cents / 100.0);
                }
                side.upper[voice].tune(midi + 12.0 + upper_detune / 100.0);
            }
        }
    }

    /// Writes a block, opening or closing slowly towards the brightness of the part.
    pub fn fill(&mut self, waves: &Waves, part: Part, out: &mut Stereo) {
        let (cutoff_hz, upper) = match part {
            Part::Intro => (1100.0, 0.0),
            Part::Verse | Part::Bridge => (1700.0, 0.0),
            Part::Chorus => (7000.0, 1.0),
            Part::Outro => (900.0, 0.0),
        };
        let speed = if part == Part::Chorus { 0.05 } else { 0.004 };
        self.cutoff_hz += speed * (cutoff_hz - self.cutoff_hz);
        self.upper_level += 4.0 * speed * (upper - self.upper_level);
        self.sweep = self.sweep.wrapping_add(0x0008_0000);
        let wave = 0.2 * lookup(&waves.sine, self.sweep);
        for (side, (out, sign)) in self
            .sides
            .iter_mut()
            .zip([(&mut out.left, 1.0), (&mut out.right, -1.0)])
        {
            out.fill(0.0);
            if self.upper_level > 1e-3 {
                for saw in &mut side.upper {
                    saw.add(waves, out, 0.75 * self.upper_level);
                }
                side.upper_pass.tune(700.0, 0.6);
                for x in out.iter_mut() {
                    *x = side.upper_pass.next(*x).high;
                }
            }
            for saw in side.saws.iter_mut().flatten() {
                saw.add(waves, out, 1.0);
            }
            side.low_pass
                .tune(self.cutoff_hz * (1.0 + sign * wave), 0.75);
            for x in out.iter_mut() {
                *x = side.high_pass.next(side.low_pass.next(*x).low).high;
            }
        }
    }
}
