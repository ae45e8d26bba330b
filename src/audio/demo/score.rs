//! The demo song on paper: 112.5 beats a minute, A minor and C major, 40 bars.
//!
//! The tempo makes a sixteenth exactly 6400 frames, so every note begins on a whole block.

use super::wave::BLOCK;

/// Frames in a sixteenth: 112.5 beats a minute at 48 kHz.
pub const STEP_FRAMES: usize = 6400;

/// Blocks in a sixteenth.
pub const STEP_BLOCKS: usize = STEP_FRAMES / BLOCK;

/// Sixteenths in a bar.
pub const STEPS_PER_BAR: usize = 16;

/// Bars in the song.
pub const BARS: usize = 40;

/// Seconds in a bar.
const BAR_SECS: f64 = (STEPS_PER_BAR * STEP_FRAMES) as f64 / 48_000.0;

/// What kind of music a bar belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Intro,
    Verse,
    Chorus,
    Outro,
}

/// First bar of each section, what it is, and its name.
const PLAN: [(usize, Part); 6] = [
    (0, Part::Intro),
    (4, Part::Verse),
    (12, Part::Chorus),
    (20, Part::Verse),
    (28, Part::Chorus),
    (36, Part::Outro),
];

/// Where each section starts, in seconds, and its name.
pub const SECTIONS: [(f64, &str); 6] = [
    (0.0 * BAR_SECS, "Intro"),
    (4.0 * BAR_SECS, "Verse 1"),
    (12.0 * BAR_SECS, "Chorus 1"),
    (20.0 * BAR_SECS, "Verse 2"),
    (28.0 * BAR_SECS, "Chorus 2"),
    (36.0 * BAR_SECS, "Outro"),
];

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

/// Where a sixteenth of the song lies.
pub fn place(song_step: usize) -> Place {
    let bar = (song_step / STEPS_PER_BAR).min(BARS - 1);
    let section = PLAN
        .iter()
        .rposition(|&(start, _)| start <= bar)
        .unwrap_or(0);
    let (start, part) = PLAN[section];
    let end = PLAN.get(section + 1).map_or(BARS, |&(next, _)| next);
    Place {
        bar,
        step: song_step % STEPS_PER_BAR,
        part,
        bar_in_part: bar - start,
        bars_left: end - bar,
        second_time: section >= 3,
    }
}

/// A note: MIDI number, length in sixteenths, strength 0…1.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    pub midi: u8,
    pub steps: usize,
    pub velocity: f32,
}

/// A chord: its bass note and four voices, led by the shortest way from one to the next.
#[derive(Clone, Copy, Debug)]
pub struct Chord {
    pub bass: u8,
    pub voices: [u8; 4],
}

const A_MINOR: Chord = Chord {
    bass: 33,
    voices: [57, 60, 64, 67],
};
const F_MAJOR: Chord = Chord {
    bass: 29,
    voices: [57, 60, 64, 65],
};
const C_MAJOR: Chord = Chord {
    bass: 36,
    voices: [55, 60, 62, 64],
};
const G_MAJOR: Chord = Chord {
    bass: 31,
    voices: [55, 59, 62, 69],
};

/// The chord of a bar.
pub fn chord(place: Place) -> Chord {
    let quarter = place.bar_in_part % 4;
    match place.part {
        Part::Chorus => [F_MAJOR, C_MAJOR, G_MAJOR, A_MINOR][quarter],
        Part::Outro => [F_MAJOR, C_MAJOR, A_MINOR, A_MINOR][quarter],
        Part::Intro | Part::Verse => [A_MINOR, F_MAJOR, C_MAJOR, G_MAJOR][quarter],
    }
}

/// The bass note that begins here.
pub fn bass(place: Place) -> Option<Note> {
    let root = chord(place).bass;
    let note = |midi, steps, velocity| {
        Some(Note {
            midi,
            steps,
            velocity,
        })
    };
    match (place.part, place.step) {
        (Part::Verse, 0) => note(root, 5, 1.0),
        (Part::Verse, 6) => note(root, 3, 0.8),
        (Part::Verse, 10) => note(root, 3, 0.9),
        (Part::Verse, 14) => note(root + 7, 2, 0.7),
        (Part::Chorus, 14) if place.bar_in_part % 2 == 1 => note(root + 12, 2, 0.8),
        (Part::Chorus, step) if step % 2 == 0 => {
            note(root, 2, if step % 4 == 2 { 1.0 } else { 0.85 })
        }
        (Part::Outro, 0) if place.bar_in_part < 3 => note(root, 14, 0.6),
        _ => None,
    }
}

/// The plucked note that begins here: chord tones up and down over two octaves.
pub fn pluck(place: Place) -> Option<Note> {
    const ORDER: [usize; 16] = [0, 2, 4, 6, 5, 3, 7, 4, 1, 3, 5, 7, 6, 4, 2, 5];
    const VELOCITY: [f32; 4] = [1.0, 0.55, 0.8, 0.6];
    let plays = match place.part {
        Part::Intro => place.step.is_multiple_of(2) || place.bar_in_part >= 2,
        Part::Verse => place.second_time && place.step.is_multiple_of(2),
        Part::Chorus => true,
        Part::Outro => place.bar_in_part < 3 && place.step.is_multiple_of(2),
    };
    let degree = ORDER[place.step];
    plays.then(|| Note {
        midi: chord(place).voices[degree % 4] + if degree < 4 { 12 } else { 24 },
        steps: 1,
        velocity: VELOCITY[place.step % 4],
    })
}

/// Four bars of melody: sixteenth, length in sixteenths, MIDI number.
type Phrase = [(usize, usize, u8)];

const VERSE_PHRASE: &Phrase = &[
    (2, 2, 64),
    (4, 2, 64),
    (6, 3, 62),
    (10, 5, 60),
    (16, 3, 57),
    (19, 2, 60),
    (22, 4, 60),
    (28, 4, 62),
    (34, 2, 64),
    (36, 2, 64),
    (38, 2, 67),
    (40, 7, 64),
    (50, 3, 62),
    (53, 2, 60),
    (56, 6, 59),
];

const CHORUS_PHRASE: &Phrase = &[
    (0, 3, 69),
    (3, 3, 69),
    (6, 2, 67),
    (8, 4, 69),
    (12, 4, 72),
    (16, 7, 67),
    (24, 2, 64),
    (26, 2, 67),
    (28, 4, 67),
    (32, 3, 71),
    (35, 3, 71),
    (38, 2, 69),
    (40, 4, 71),
    (44, 4, 74),
    (48, 8, 72),
    (56, 2, 71),
    (58, 5, 69),
];

const OUTRO_PHRASE: &Phrase = &[
    (2, 2, 64),
    (4, 2, 64),
    (6, 3, 62),
    (10, 5, 60),
    (18, 12, 64),
];

/// The melody note that begins here.
pub fn lead(place: Place) -> Option<Note> {
    let (phrase, velocity) = match place.part {
        Part::Intro => return None,
        Part::Verse => (VERSE_PHRASE, 0.75),
        Part::Chorus => (CHORUS_PHRASE, 1.0),
        Part::Outro if place.bar_in_part < 4 => (OUTRO_PHRASE, 0.6),
        Part::Outro => return None,
    };
    let step = place.bar_in_part % 4 * STEPS_PER_BAR + place.step;
    let &(_, steps, midi) = phrase.iter().find(|&&(start, ..)| start == step)?;
    Some(Note {
        midi,
        steps,
        velocity,
    })
}

/// The second voice in the last chorus: the next chord tone below the melody.
pub fn harmony_midi(place: Place, lead_midi: u8) -> u8 {
    let voices = chord(place).voices;
    let below = voices
        .iter()
        .flat_map(|&v| [v, v + 12])
        .filter(|&v| v + 2 < lead_midi);
    below.max().unwrap_or(lead_midi - 4)
}

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

/// Calls `hit(drum, velocity)` for every drum struck here.
pub fn drums(place: Place, mut hit: impl FnMut(Drum, f32)) {
    let step = place.step;
    let fill = place.bars_left == 1 && matches!(place.part, Part::Verse | Part::Chorus);
    let starts = place.bar_in_part == 0 && step == 0;
    match place.part {
        Part::Intro => {
            if place.bar_in_part >= 2 && step % 4 == 2 {
                hit(Drum::ClosedHat, 0.5);
            }
            if place.bar_in_part >= 2 {
                hit(Drum::Shaker, if step.is_multiple_of(4) { 0.5 } else { 0.3 });
            }
        }
        Part::Verse => {
            if [0, 7, 10].contains(&step) && !(fill && step > 7) {
                hit(Drum::Kick, if step == 7 { 0.75 } else { 0.95 });
            }
            if [4, 12].contains(&step) {
                hit(Drum::Snare, 0.8);
            }
            if step.is_multiple_of(2) || (place.second_time && step % 4 == 3) {
                hit(Drum::ClosedHat, [0.8, 0.0, 0.55, 0.35][step % 4]);
            }
            if place.second_time {
                hit(Drum::Shaker, if step % 4 == 2 { 0.6 } else { 0.35 });
            }
            if starts {
                hit(Drum::Crash, 0.5);
            }
        }
        Part::Chorus => {
            if step.is_multiple_of(4) {
                hit(Drum::Kick, 1.0);
            }
            if [4, 12].contains(&step) {
                hit(Drum::Snare, 1.0);
                hit(Drum::Clap, 1.0);
            }
            if step % 4 == 2 {
                hit(Drum::OpenHat, 0.8);
            } else {
                hit(Drum::ClosedHat, [0.75, 0.45, 0.0, 0.5][step % 4]);
            }
            hit(Drum::Shaker, if step % 4 == 2 { 0.8 } else { 0.5 });
            if place.bar_in_part.is_multiple_of(4) && step == 0 {
                hit(Drum::Crash, if starts { 1.0 } else { 0.6 });
            }
            if starts {
                hit(Drum::Impact, 1.0);
            }
        }
        Part::Outro => {
            if starts {
                hit(Drum::Crash, 0.8);
                hit(Drum::Kick, 0.9);
            }
        }
    }
    if fill {
        match step {
            8 => hit(Drum::TomHigh, 0.9),
            10 => hit(Drum::TomHigh, 0.7),
            11 | 14 => hit(Drum::TomLow, 0.9),
            13 | 15 => hit(Drum::Snare, 0.55 + 0.02 * step as f32),
            _ => {}
        }
    }
}

/// How far the riser before a chorus has come, 0…1, while it sounds: it takes the last two bars.
pub fn riser(block: usize) -> Option<f32> {
    const RISER_BARS: usize = 2;
    let place = place(block / STEP_BLOCKS);
    (place.part == Part::Verse && place.bars_left <= RISER_BARS).then(|| {
        let bar_blocks = STEPS_PER_BAR * STEP_BLOCKS;
        let first = (place.bar + place.bars_left - RISER_BARS) * bar_blocks;
        (block - first) as f32 / (RISER_BARS * bar_blocks) as f32
    })
}
