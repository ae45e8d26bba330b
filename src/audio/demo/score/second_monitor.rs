//! "Second Monitor": 112.5 beats a minute, A minor and C major, 40 bars. Its mix has the faults.

use super::{Chord, Drum, Faders, Note, Part, Phrase, Place, Score};

/// The song.
pub const SCORE: Score = Score {
    title: "Second Monitor",
    step_frames: 6400,
    swing_frames: 520,
    bars: 40,
    plan: &[
        (0, Part::Intro, "Intro"),
        (4, Part::Verse, "Verse 1"),
        (12, Part::Chorus, "Chorus 1"),
        (20, Part::Verse, "Verse 2"),
        (28, Part::Chorus, "Chorus 2"),
        (36, Part::Outro, "Outro"),
    ],
    faders: Faders {
        bass: 0.135,
        pad: 0.058,
        pluck: 0.185,
        lead: 0.24,
        drums: 1.0,
        drive: 1.0,
    },
    chord,
    bass,
    pluck,
    lead,
    drums,
};

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
fn chord(place: Place) -> Chord {
    let quarter = place.bar_in_part % 4;
    match place.part {
        Part::Chorus => [F_MAJOR, C_MAJOR, G_MAJOR, A_MINOR][quarter],
        Part::Outro => [F_MAJOR, C_MAJOR, A_MINOR, A_MINOR][quarter],
        Part::Intro | Part::Verse | Part::Bridge => [A_MINOR, F_MAJOR, C_MAJOR, G_MAJOR][quarter],
    }
}

/// The bass note that begins here.
fn bass(place: Place) -> Option<Note> {
    let root = chord(place).bass;
    let note = |midi, steps, velocity| Some(Note::new(midi, steps, velocity));
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
fn pluck(place: Place) -> Option<Note> {
    const ORDER: [usize; 16] = [0, 2, 4, 6, 5, 3, 7, 4, 1, 3, 5, 7, 6, 4, 2, 5];
    const VELOCITY: [f32; 4] = [1.0, 0.55, 0.8, 0.6];
    let plays = match place.part {
        Part::Intro => place.step.is_multiple_of(2) || place.bar_in_part >= 2,
        Part::Verse | Part::Bridge => place.second_time && place.step.is_multiple_of(2),
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
fn lead(place: Place) -> Option<Note> {
    let (phrase, velocity) = match place.part {
        Part::Intro | Part::Bridge => return None,
        Part::Verse => (VERSE_PHRASE, 0.75),
        Part::Chorus => (CHORUS_PHRASE, 1.0),
        Part::Outro if place.bar_in_part < 4 => (OUTRO_PHRASE, 0.6),
        Part::Outro => return None,
    };
    place.note_of(phrase, velocity)
}

/// Calls `hit(drum, velocity)` for every drum struck here.
fn drums(place: Place, hit: &mut dyn FnMut(Drum, f32)) {
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
        Part::Bridge => {}
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
