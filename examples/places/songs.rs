//! Songs with exact repeats, as loops pasted in a DAW have them: the same to the sample, but for a melody or a noise
//! floor that tells the rounds apart, or for nothing.

use abscope::dsp::signals::Random;
use abscope::units::db;

use crate::music::{self, Frames};

/// Samples per second of everything here.
pub const RATE_HZ: u32 = 32_000;

/// What tells the rounds of a song apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tells {
    /// Notes over two thirds of the rounds, so far below the loops, in dB.
    Melody(f64),
    /// Noise of its own under all of it, so far below the loops, in dB.
    Floor(f64),
    /// A melody over the verses alone; the refrain is pasted with all it has.
    Refrain(f64),
    /// Nothing.
    Nothing,
}

/// What tells the rounds apart, of the songs in turn.
const ALL: [Tells; 10] = [
    Tells::Melody(-6.0),
    Tells::Melody(-12.0),
    Tells::Refrain(-6.0),
    Tells::Floor(-30.0),
    Tells::Melody(-18.0),
    Tells::Nothing,
    Tells::Floor(-40.0),
    Tells::Melody(-24.0),
    Tells::Refrain(-12.0),
    Tells::Floor(-55.0),
];

/// A song and what tells its rounds apart.
pub struct Song {
    pub frames: Frames,
    pub tells: Tells,
    /// Frames from the first verse to the second, whose loops are the same.
    repeat: usize,
}

impl Song {
    /// Seconds from the first verse to the second.
    pub fn repeat_secs(&self) -> f64 {
        self.repeat as f64 / f64::from(RATE_HZ)
    }
}

/// The song of a seed, about a minute and a half long.
pub fn song(seed: u64) -> Song {
    let tells = ALL[seed as usize % ALL.len()];
    let mut random = Random::new(seed.wrapping_mul(977).wrapping_add(5));
    let step_secs = 60.0 / (84.0 + 60.0 * random.unit()) / 4.0;
    let bars = [1, 2, 4][(random.unit() * 2.99) as usize];
    let loops: Vec<Frames> = (0..3)
        .map(|_| music::band(bars, step_secs, &mut random))
        .collect();
    let round = loops[0].len();
    let mut frames: Frames = vec![];
    let mut refrains: Vec<std::ops::Range<usize>> = vec![];
    // Verse, refrain, verse, refrain, bridge, refrain, verse, …
    for section in [0, 1, 0, 1, 2, 1, 0, 1].into_iter().cycle() {
        let start = frames.len();
        for _ in 0..(8 / bars).max(2) {
            frames.extend_from_slice(&loops[section]);
        }
        if section == 1 {
            refrains.push(start..frames.len());
        }
        if frames.len() > 90 * RATE_HZ as usize {
            break;
        }
    }
    match tells {
        Tells::Nothing => {}
        Tells::Floor(level_db) => music::add_noise(&mut frames, level_db, &mut random),
        Tells::Melody(level_db) => add_melody(&mut frames, round, level_db, &mut random),
        Tells::Refrain(level_db) => {
            add_melody(&mut frames, round, level_db, &mut random);
            let first = refrains.first().cloned().unwrap_or(0..0);
            let refrain = frames[first].to_vec();
            for place in refrains {
                frames[place].copy_from_slice(&refrain);
            }
        }
    }
    Song {
        frames,
        tells,
        repeat: 2 * (8 / bars).max(2) * round,
    }
}

/// Notes that no round has twice, in two thirds of the rounds.
fn add_melody(frames: &mut [[f32; 2]], round: usize, level_db: f64, random: &mut Random) {
    let gain = 1.4 * music::rms(frames) * db::amplitude_from_db(level_db);
    for start in (0..frames.len()).step_by(round.max(1)) {
        if random.unit() < 1.0 / 3.0 {
            continue;
        }
        let mut at = start;
        while at < (start + round).min(frames.len()) {
            let secs = 0.15 + 0.5 * random.unit();
            let hz = 220.0 * 2f64.powf((random.unit() * 24.0).floor() / 12.0);
            let note = music::note(hz, secs, 5, random);
            let end = (at + note.len()).min(frames.len());
            for (frame, x) in frames[at..end].iter_mut().zip(&note) {
                frame[0] += gain as f32 * x;
                frame[1] += 0.8 * gain as f32 * x;
            }
            at = end;
        }
    }
}
