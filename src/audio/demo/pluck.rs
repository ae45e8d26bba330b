//! The plucked arpeggio: short saws whose brightness falls faster than their level, thrown left and right.

use super::filter::Svf;
use super::score::{Note, Part};
use super::wave::{Mono, Stereo, Waves, decay_per_frame, hz_from_midi, lookup, phase_step};

const NUM_STRINGS: usize = 5;

/// The quietest level at which a string is still worth its cost.
const SILENT: f32 = 2e-4;

#[derive(Clone, Copy)]
struct StringVoice {
    phase: u32,
    step: u32,
    frequency_hz: f32,
    level: f32,
    attack: f32,
    cutoff_hz: f32,
    left: f32,
    right: f32,
    filter: Svf,
}

/// Five strings used in turn.
pub struct Plucks {
    strings: [StringVoice; NUM_STRINGS],
    next: usize,
    fade: f32,
}

impl Plucks {
    pub fn new() -> Self {
        let silent = StringVoice {
            phase: 0,
            step: 0,
            frequency_hz: 440.0,
            level: 0.0,
            attack: 0.0,
            cutoff_hz: 1000.0,
            left: 0.0,
            right: 0.0,
            filter: Svf::new(1000.0, 1.0),
        };
        Self {
            strings: [silent; NUM_STRINGS],
            next: 0,
            fade: decay_per_frame(0.11),
        }
    }

    /// Plucks the next string.
    pub fn play(&mut self, note: Note, part: Part) {
        const LEFT: [f32; NUM_STRINGS] = [0.98, 0.25, 0.75, 0.45, 0.9];
        const RIGHT: [f32; NUM_STRINGS] = [0.2, 0.97, 0.5, 0.9, 0.35];
        let frequency_hz = hz_from_midi(f32::from(note.midi));
        let brightness = match part {
            Part::Intro | Part::Outro => 3.0,
            Part::Verse | Part::Bridge => 4.0,
            Part::Chorus => 9.0,
        };
        let string = &mut self.strings[self.next];
        string.frequency_hz = frequency_hz;
        string.step = phase_step(frequency_hz);
        string.phase = 0;
        string.level = note.velocity;
        string.attack = 0.0;
        string.cutoff_hz = frequency_hz * brightness * (0.5 + 0.5 * note.velocity);
        string.left = LEFT[self.next];
        string.right = RIGHT[self.next];
        string.filter.clear();
        self.next = (self.next + 1) % NUM_STRINGS;
    }

    /// Adds a block.
    pub fn add(&mut self, waves: &Waves, out: &mut Stereo) {
        for string in &mut self.strings {
            if string.level < SILENT {
                continue;
            }
            string.filter.tune(string.cutoff_hz + 250.0, 1.0);
            string.cutoff_hz *= 0.955;
            let saw = waves.saw(string.frequency_hz);
            let mut sound: Mono = [0.0; super::wave::BLOCK];
            for x in &mut sound {
                let wave = string.filter.next(lookup(saw, string.phase)).low;
                string.phase = string.phase.wrapping_add(string.step);
                // One millisecond of attack keeps the pluck from clicking.
                string.attack = (string.attack + 0.02).min(1.0);
                string.level *= self.fade;
                *x = string.attack * string.level * wave;
            }
            out.add_mono(&sound, string.left, string.right);
        }
    }
}
