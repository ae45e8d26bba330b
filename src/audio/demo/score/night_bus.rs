//! "Night Bus": 93.75 beats a minute, F sharp minor and A major, 32 bars. A finished record of another song.

use super::{Chord, Drum, Faders, Note, Part, Phrase, Place, Score};

/// The song.
pub const SCORE: Score = Score {
    title: "Night Bus",
    step_frames: 7680,
    swing_frames: 900,
    bars: 32,
    plan: &[
        (0, Part::Verse, "Verse 1"),
        (8, Part::Chorus, "Chorus 1"),
        (16, Part::Bridge, "Bridge"),
        (20, Part::Chorus, "Chorus 2"),
        (28, Part::Outro, "Outro"),
    ],
    faders: Faders {
        bass: 0.135,
        pad: 0.058,
        pluck: 0.185,
        lead: 0.24,
        drums: 1.15,
        drive: 1.1,
    },
    chord,
    bass,
    pluck,
    lead,
    drums,
};

const F_SHARP_MINOR: Chord = Chord {
    bass: 30,
    voices: [54, 57, 61, 66],
};
const B_MINOR: Chord = Chord {
    bass: 35,
    voices: [54, 59, 62, 66],
};
const D_MAJOR: Chord = Chord {
    bass: 38,
    voices: [54, 57, 62, 66],
};
const E_MAJOR: Chord = Chord {
    bass: 28,
    voices: [56, 59, 64, 66],
};
const A_MAJOR: Chord = Chord {
    bass: 33,
    voices: [57, 61, 64, 69],
};

/// The chord of a bar.
fn chord(place: Place) -> Chord {
    let quarter = place.bar_in_part % 4;
    match place.part {
        Part::Intro | Part::Verse => [F_SHARP_MINOR, B_MINOR, D_MAJOR, E_MAJOR][quarter],
        Part::Chorus => [A_MAJOR, E_MAJOR, B_MINOR, D_MAJOR][quarter],
        Part::Bridge => [B_MINOR, F_SHARP_MINOR, B_MINOR, E_MAJOR][quarter],
        Part::Outro => [D_MAJOR, A_MAJOR, F_SHARP_MINOR, F_SHARP_MINOR][quarter],
    }
}

/// The bass note that begins here: long ones in the verse, dotted ones in the chorus.
fn bass(place: Place) -> Option<Note> {
    let root = chord(place).bass;
    let note = |midi, steps, velocity| Some(Note::new(midi, steps, velocity));
    match (place.part, place.step) {
        (Part::Verse, 0) => note(root, 9, 0.85),
        (Part::Verse, 10) => note(root, 4, 0.75),
        (Part::Verse, 14) => note(root + 12, 2, 0.6),
        (Part::Chorus, 0 | 6) => note(root, 3, 1.0),
        (Part::Chorus, 3) => note(root, 2, 0.8),
        (Part::Chorus, 9) => note(root + 7, 2, 0.8),
        (Part::Chorus, 12) => note(root, 4, 0.95),
        (Part::Bridge, 0) => note(root, 15, 0.8),
        (Part::Outro, 0) if place.bar_in_part < 3 => note(root, 14, 0.6),
        _ => None,
    }
}

/// The plucked note that begins here: falling chords in dotted eighths, fourths of a bar in the outro.
fn pluck(place: Place) -> Option<Note> {
    const FALLING: [(usize, usize, f32); 6] = [
        (0, 7, 1.0),
        (3, 5, 0.7),
        (6, 4, 0.85),
        (9, 6, 0.65),
        (12, 3, 0.8),
        (14, 2, 0.6),
    ];
    let &(_, degree, velocity) = FALLING.iter().find(|&&(step, ..)| step == place.step)?;
    let plays = match place.part {
        Part::Chorus => true,
        Part::Verse => place.bar_in_part >= 4,
        Part::Outro => place.bar_in_part < 3 && place.step.is_multiple_of(4),
        Part::Intro | Part::Bridge => false,
    };
    let octave = if degree < 4 { 12 } else { 24 };
    let midi = chord(place).voices[degree % 4] + octave;
    plays.then(|| Note::new(midi, 1, velocity))
}

const VERSE_PHRASE: &Phrase = &[
    (0, 4, 61),
    (4, 2, 64),
    (6, 7, 66),
    (16, 4, 66),
    (20, 2, 64),
    (22, 7, 62),
    (32, 3, 62),
    (35, 3, 64),
    (38, 7, 66),
    (48, 6, 64),
    (55, 6, 59),
];

const CHORUS_PHRASE: &Phrase = &[
    (0, 6, 73),
    (6, 2, 71),
    (8, 7, 69),
    (16, 6, 71),
    (22, 2, 69),
    (24, 6, 68),
    (32, 4, 66),
    (36, 4, 69),
    (40, 7, 71),
    (48, 8, 69),
    (58, 2, 66),
    (60, 4, 69),
];

const BRIDGE_PHRASE: &Phrase = &[(0, 12, 66), (16, 12, 69), (32, 12, 66), (48, 14, 71)];

const OUTRO_PHRASE: &Phrase = &[(0, 6, 69), (6, 9, 66), (16, 13, 64), (32, 14, 66)];

/// The melody note that begins here.
fn lead(place: Place) -> Option<Note> {
    match place.part {
        Part::Intro => None,
        Part::Verse => place.note_of(VERSE_PHRASE, 0.7),
        Part::Chorus => place.note_of(CHORUS_PHRASE, 1.0),
        Part::Bridge => place.note_of(BRIDGE_PHRASE, 0.7),
        Part::Outro => place.note_of(OUTRO_PHRASE, 0.6),
    }
}

/// Half time in the verse, a broken beat in the chorus.
fn drums(place: Place, hit: &mut dyn FnMut(Drum, f32)) {
    let step = place.step;
    let starts = place.bar_in_part == 0 && step == 0;
    match place.part {
        Part::Verse => {
            if [0, 10].contains(&step) {
                hit(Drum::Kick, if step == 0 { 0.95 } else { 0.75 });
            }
            if step == 8 {
                hit(Drum::Snare, 0.8);
            }
            if step % 4 == 2 || (place.bar_in_part >= 4 && step.is_multiple_of(4)) {
                hit(Drum::ClosedHat, if step % 4 == 2 { 0.9 } else { 0.6 });
            }
            hit(Drum::Shaker, if step.is_multiple_of(4) { 0.7 } else { 0.4 });
        }
        Part::Chorus => {
            if [0, 3, 9, 10].contains(&step) {
                hit(Drum::Kick, [1.0, 0.75, 0.8, 0.9][step % 4]);
            }
            if [4, 12].contains(&step) {
                hit(Drum::Snare, 1.0);
            }
            if step == 12 {
                hit(Drum::Clap, 0.9);
            }
            if step == 14 {
                hit(Drum::OpenHat, 1.0);
            } else {
                hit(Drum::ClosedHat, [1.0, 0.45, 0.8, 0.6][step % 4]);
            }
            if place.bar_in_part == 4 && step == 0 {
                hit(Drum::Crash, 0.8);
            }
            hit(Drum::Shaker, if step % 4 == 3 { 0.9 } else { 0.55 });
        }
        Part::Bridge if place.bars_left <= 2 => {
            if step.is_multiple_of(4) {
                hit(Drum::ClosedHat, 0.6);
            }
        }
        Part::Outro if starts => hit(Drum::Kick, 0.9),
        Part::Intro | Part::Bridge | Part::Outro => {}
    }
    if starts && place.part != Part::Verse {
        hit(
            Drum::Crash,
            if place.part == Part::Chorus { 1.0 } else { 0.6 },
        );
    }
    if starts && place.part == Part::Chorus {
        hit(Drum::Impact, 1.0);
    }
    let rolls_into_next = place.bars_left == 1 && matches!(place.part, Part::Verse | Part::Bridge);
    if rolls_into_next && [10, 12, 13, 14, 15].contains(&step) {
        hit(Drum::TomLow, 0.55 + 0.03 * step as f32);
    }
}
