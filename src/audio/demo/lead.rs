//! The lead: a glottal saw sung through moving vowels, with portamento, late vibrato and breath.

use super::filter::Svf;
use super::wave::{BLOCK, Mono, Noise, RATE_HZ, Waves, hz_from_midi, lookup, phase_step};

/// Formants in Hz of the vowels the notes take in turn: ah, oh, eh, oo, ah.
const VOWELS: [[f32; 3]; 5] = [
    [730.0, 1180.0, 2750.0],
    [480.0, 880.0, 2700.0],
    [560.0, 1750.0, 2650.0],
    [380.0, 950.0, 2500.0],
    [680.0, 1250.0, 2900.0],
];

/// Formant quality and gain, from the lowest to the highest.
const FORMANTS: [(f32, f32); 3] = [(5.0, 0.72), (6.0, 0.85), (4.0, 0.8)];

/// Vibrato: six cycles a second once it is there.
const VIBRATO_STEP: u32 = (5.6 * BLOCK as f32 * (4_294_967_296.0 / RATE_HZ)) as u32;

/// One singer.
pub struct Singer {
    detune: f32,
    phase: u32,
    step: f32,
    midi: f32,
    target_midi: f32,
    vibrato_phase: u32,
    age_blocks: usize,
    blocks_left: usize,
    velocity: f32,
    level: f32,
    vowel: usize,
    formants_hz: [f32; 3],
    throat: Throat,
    noise: Noise,
}

/// What shapes the sound of the cords.
struct Throat {
    /// One for each formant.
    filters: [Svf; 3],
    presence: Svf,
    breath: Svf,
}

impl Singer {
    /// A singer who is off by some cents; the seed is the breath's.
    pub fn new(detune_cents: f32, seed: u32) -> Self {
        Self {
            detune: detune_cents / 100.0,
            phase: 0,
            step: 0.0,
            midi: 64.0,
            target_midi: 64.0,
            vibrato_phase: seed << 20,
            age_blocks: 0,
            blocks_left: 0,
            velocity: 0.0,
            level: 0.0,
            vowel: 0,
            formants_hz: VOWELS[0],
            throat: Throat {
                filters: [Svf::default(); 3],
                presence: Svf::new(2200.0, 0.7),
                breath: Svf::new(6500.0, 0.6),
            },
            noise: Noise::new(seed),
        }
    }

    /// Begins a note of a length in blocks, gliding from the last one if that still sounds.
    pub fn play(&mut self, midi: u8, velocity: f32, blocks: usize) {
        self.target_midi = f32::from(midi) + self.detune;
        if self.level < 0.02 {
            // From silence a singer scoops up to the note.
            self.midi = self.target_midi - 0.8;
            self.step = phase_step(hz_from_midi(self.midi)) as f32;
        }
        self.velocity = velocity;
        self.blocks_left = blocks.saturating_sub(6);
        self.age_blocks = 0;
        self.vowel = (self.vowel + 1) % VOWELS.len();
    }

    /// Writes a block; `false` when there is silence, and the block is then untouched.
    pub fn fill(&mut self, waves: &Waves, out: &mut Mono) -> bool {
        let sounding = self.blocks_left > 0;
        if !sounding && self.level < 1e-4 {
            self.rest();
            return false;
        }
        self.blocks_left = self.blocks_left.saturating_sub(1);
        let target = if sounding {
            self.level + 0.14 * (self.velocity - self.level)
        } else {
            self.level * 0.86
        };
        let end_step = self.next_pitch(waves);
        let table = waves.saw(hz_from_midi(self.midi + 1.0));
        self.move_vowel();
        // Consonants: breath at the start of a note.
        let breath = 0.035 + 0.28 * (1.0 - self.age_blocks as f32 / 18.0).max(0.0);
        let slope = (target - self.level) / BLOCK as f32;
        let bend = (end_step - self.step) / BLOCK as f32;
        for x in out {
            self.level += slope;
            self.step += bend;
            let voice = lookup(table, self.phase);
            self.phase = self.phase.wrapping_add(self.step as u32);
            let mut sung = 0.0;
            for (filter, (_, gain)) in self.throat.filters.iter_mut().zip(FORMANTS) {
                sung += gain * filter.next(voice).band;
            }
            let edge = self.throat.presence.next(voice).high;
            let air = self.throat.breath.next(self.noise.next()).high;
            *x = self.level * (sung + 0.10 * voice + 0.75 * edge + breath * air);
        }
        self.level = target;
        self.step = end_step;
        true
    }

    /// Glide, vibrato after a fifth of a second, and the phase step they end the block with.
    fn next_pitch(&mut self, waves: &Waves) -> f32 {
        self.age_blocks += 1;
        self.midi += 0.11 * (self.target_midi - self.midi);
        self.vibrato_phase = self.vibrato_phase.wrapping_add(VIBRATO_STEP);
        let depth = 0.28 * ((self.age_blocks as f32 - 60.0) / 80.0).clamp(0.0, 1.0);
        let vibrato = depth * lookup(&waves.sine, self.vibrato_phase);
        phase_step(hz_from_midi(self.midi + vibrato)) as f32
    }

    fn move_vowel(&mut self) {
        for (((formant_hz, goal_hz), filter), (quality, _)) in self
            .formants_hz
            .iter_mut()
            .zip(VOWELS[self.vowel])
            .zip(&mut self.throat.filters)
            .zip(FORMANTS)
        {
            *formant_hz += 0.05 * (goal_hz - *formant_hz);
            filter.tune(*formant_hz, quality);
        }
    }

    fn rest(&mut self) {
        self.level = 0.0;
        self.throat.filters.iter_mut().for_each(Svf::clear);
        self.throat.presence.clear();
        self.throat.breath.clear();
    }
}
