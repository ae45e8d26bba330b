//! What a demo song is on paper: its tempo, its bars and sections, and who plays what in each.
//!
//! A tempo makes a sixteenth a whole number of blocks, so every note begins on one.

pub mod night_bus;
pub mod second_monitor;

use super::wave::{BLOCK, RATE_HZ};

/// Sixteenths in a bar.
pub const STEPS_PER_BAR: usize = 16;

/// A song on paper.
pub struct Score {
    pub title: &'static str,
    /// Frames in a sixteenth.
    pub step_frames: usize,
    /// Off-beat sixteenths of hats and shaker come this late, which makes them swing.
    pub swing_frames: usize,
    /// Bars in the song.
    pub bars: usize,
    /// First bar of each section, what it is, and its name.
    pub plan: &'static [(usize, Part, &'static str)],
    pub faders: Faders,
    /// The chord of a bar.
    pub chord: fn(Place) -> Chord,
    /// The bass note that begins at a place.
    pub bass: fn(Place) -> Option<Note>,
    /// The plucked note that begins at a place.
    pub pluck: fn(Place) -> Option<Note>,
    /// The melody note that begins at a place.
    pub lead: fn(Place) -> Option<Note>,
    /// Calls with drum and velocity for every drum struck at a place.
    pub drums: fn(Place, &mut dyn FnMut(Drum, f32)),
}

/// What is set at the desk for a song, linear.
pub struct Faders {
    pub bass: f32,
    pub pad: f32,
    pub pluck: f32,
    pub lead: f32,
    pub drums: f32,
    /// Gain before the limiter; it sets the loudness.
    pub drive: f32,
}

/// What kind of music a bar belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Intro,
    Verse,
    Chorus,
    Bridge,
    Outro,
}

/// A bar of the song and how far into its section it lies.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub bar: usize,
    pub step: usize,
    pub part: Part,
    /// Bars since the section began.
    pub bar_in_part: usize,
    /// Bars until the next section, at least 1.
    pub bars_left: usize,
    /// A part is played more fully the second time.
    pub second_time: bool,
}

impl Place {
    /// The note of a phrase of four bars, repeated through the section, that begins here.
    pub fn note_of(self, phrase: &Phrase, velocity: f32) -> Option<Note> {
        let step = self.bar_in_part % 4 * STEPS_PER_BAR + self.step;
        let &(_, steps, midi) = phrase.iter().find(|&&(start, ..)| start == step)?;
        Some(Note::new(midi, steps, velocity))
    }
}

impl Score {
    /// Blocks in a sixteenth.
    pub const fn step_blocks(&self) -> usize {
        self.step_frames / BLOCK
    }

    /// Blocks in a bar.
    pub const fn bar_blocks(&self) -> usize {
        STEPS_PER_BAR * self.step_blocks()
    }

    /// Frames in the song.
    pub const fn num_frames(&self) -> u64 {
        (self.bars * STEPS_PER_BAR * self.step_frames) as u64
    }

    /// Where each section starts, in seconds, and its name, in order.
    pub fn sections(&self) -> Vec<(f64, &'static str)> {
        let bar_secs = (STEPS_PER_BAR * self.step_frames) as f64 / f64::from(RATE_HZ);
        let section = |&(bar, _, name): &(usize, Part, &'static str)| (bar as f64 * bar_secs, name);
        self.plan.iter().map(section).collect()
    }

    /// Where a sixteenth of the song lies.
    pub fn place(&self, song_step: usize) -> Place {
        let bar = (song_step / STEPS_PER_BAR).min(self.bars - 1);
        let is_begun = |&(start, ..): &(usize, Part, &str)| start <= bar;
        let section = self.plan.iter().rposition(is_begun).unwrap_or(0);
        let (start, part, _) = self.plan[section];
        let end = self
            .plan
            .get(section + 1)
            .map_or(self.bars, |&(next, ..)| next);
        Place {
            bar,
            step: song_step % STEPS_PER_BAR,
            part,
            bar_in_part: bar - start,
            bars_left: end - bar,
            second_time: section >= 3,
        }
    }

    /// The second voice in the last chorus: the next chord tone below the melody.
    pub fn harmony_midi(&self, place: Place, lead_midi: u8) -> u8 {
        let voices = (self.chord)(place).voices;
        let below = voices
            .iter()
            .flat_map(|&v| [v, v + 12])
            .filter(|&v| v + 2 < lead_midi);
        below.max().unwrap_or(lead_midi - 4)
    }

    /// How far the riser before a chorus has come, 0…1, while it sounds: it takes the last two bars.
    pub fn riser(&self, block: usize) -> Option<f32> {
        const RISER_BARS: usize = 2;
        let place = self.place(block / self.step_blocks());
        let leads_to_chorus = matches!(place.part, Part::Verse | Part::Bridge);
        (leads_to_chorus && place.bars_left <= RISER_BARS).then(|| {
            let first = (place.bar + place.bars_left - RISER_BARS) * self.bar_blocks();
            (block - first) as f32 / (RISER_BARS * self.bar_blocks()) as f32
        })
    }

    /// Gain of a block of the song: the last bar fades to silence.
    pub fn fade(&self, block: usize) -> f32 {
        let song_blocks = self.bars * self.bar_blocks();
        let left = song_blocks.saturating_sub(block) as f32 / self.bar_blocks() as f32;
        left.min(1.0) * left.min(1.0)
    }
}

/// A note: MIDI number, length in sixteenths, strength 0…1.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    pub midi: u8,
    pub steps: usize,
    pub velocity: f32,
}

impl Note {
    pub fn new(midi: u8, steps: usize, velocity: f32) -> Self {
        Self {
            midi,
            steps,
            velocity,
        }
    }
}

/// A chord: its bass note and four voices, led by the shortest way from one to the next.
#[derive(Clone, Copy, Debug)]
pub struct Chord {
    pub bass: u8,
    pub voices: [u8; 4],
}

/// Four bars of melody: sixteenth, length in sixteenths, MIDI number.
pub type Phrase = [(usize, usize, u8)];

/// A drum of the kit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drum {
    Kick,
    Snare,
    Clap,
    ClosedHat,
    OpenHat,
    Shaker,
    Crash,
    TomHigh,
    TomLow,
    Impact,
}
