//! The band: reads the score, plays every instrument a block at a time, and sums them at the desk.

use super::bass::Bass;
use super::drums::{Drummer, Kit};
use super::filter::Svf;
use super::lead::Singer;
use super::pad::Pad;
use super::pluck::Plucks;
use super::score::{Drum, Part, Place, Score};
use super::space::{PingPong, Reverb};
use super::wave::{BLOCK, Mono, Noise, Stereo, Waves};

/// Faders that stand alike in every song, linear.
const DOUBLE_GAIN: f32 = 0.17;
const HARMONY_GAIN: f32 = 0.15;
const RISER_GAIN: f32 = 0.22;
const REVERB_GAIN: f32 = 0.42;
const ECHO_GAIN: f32 = 0.5;

/// What never changes while the song plays: made once, shared by all songs.
pub struct Instruments {
    waves: Waves,
    kit: Kit,
}

impl Instruments {
    pub fn new() -> Self {
        let waves = Waves::new();
        let kit = Kit::new(&waves);
        Self { waves, kit }
    }
}

/// Everyone who plays, and where in the song they are.
pub struct Band {
    score: &'static Score,
    block: usize,
    bass: Bass,
    pad: Pad,
    plucks: Plucks,
    singer: Singer,
    /// Doubles of the singer, left and right, in the choruses.
    doubles: [Singer; 2],
    harmony: Singer,
    drummer: Drummer,
    riser: Riser,
    echo: PingPong,
    reverb: Reverb,
    duck: Duck,
}

impl Band {
    pub fn new(score: &'static Score) -> Self {
        Self {
            score,
            block: 0,
            bass: Bass::new(),
            pad: Pad::new(),
            plucks: Plucks::new(),
            singer: Singer::new(0.0, 0x1001),
            doubles: [Singer::new(-11.0, 0x2003), Singer::new(13.0, 0x3005)],
            harmony: Singer::new(4.0, 0x4007),
            drummer: Drummer::new(),
            riser: Riser::new(),
            echo: PingPong::new(3 * score.step_frames),
            reverb: Reverb::new(),
            duck: Duck::default(),
        }
    }

    /// Plays the next block of the song; after the last bar the room rings out.
    pub fn play(&mut self, instruments: &Instruments, out: &mut Stereo) {
        let waves = &instruments.waves;
        let faders = &self.score.faders;
        let step_blocks = self.score.step_blocks();
        let place = self.score.place(self.block / step_blocks);
        if self.block.is_multiple_of(step_blocks) {
            self.strike(place);
        }
        out.clone_from(&Stereo::SILENCE);
        let mut to_reverb = Stereo::SILENCE;
        let mut to_echo = [0.0; BLOCK];

        let ducked = self.duck.next_block(if place.part == Part::Chorus {
            0.62
        } else {
            0.4
        });
        let mut chords = Stereo::SILENCE;
        self.pad.fill(waves, place.part, &mut chords);
        let mut bass = [0.0; BLOCK];
        self.bass.fill(waves, &mut bass);
        for i in 0..BLOCK {
            chords.left[i] *= ducked[i];
            chords.right[i] *= ducked[i];
            bass[i] *= ducked[i];
        }
        let pad_gain = faders.pad * if place.part == Part::Chorus { 1.0 } else { 0.9 };
        out.add(&chords, pad_gain);
        to_reverb.add(&chords, 0.25 * pad_gain);
        out.add_mono(&bass, faders.bass, faders.bass);

        let mut plucked = Stereo::SILENCE;
        self.plucks.add(waves, &mut plucked);
        out.add(&plucked, faders.pluck);
        to_reverb.add(&plucked, 0.3 * faders.pluck);
        for (sum, (left, right)) in to_echo
            .iter_mut()
            .zip(plucked.left.iter().zip(&plucked.right))
        {
            *sum += 0.3 * faders.pluck * (left + right);
        }

        self.sing(waves, out, &mut to_reverb, &mut to_echo);
        if let Some(progress) = self.score.riser(self.block) {
            self.riser.add(progress, out, &mut to_reverb);
        }
        self.drummer
            .add(&instruments.kit, faders.drums, out, &mut to_reverb);

        let mut echoes = Stereo::SILENCE;
        self.echo.add(&to_echo, &mut echoes, ECHO_GAIN);
        out.add(&echoes, 1.0);
        to_reverb.add(&echoes, 0.3);
        let mut room = Stereo::SILENCE;
        self.reverb.add(&to_reverb, &mut room);
        out.add(&room, REVERB_GAIN);
        self.block += 1;
    }

    /// Begins the notes of a sixteenth.
    fn strike(&mut self, place: Place) {
        let score = self.score;
        let blocks = |steps: usize| steps * score.step_blocks();
        if place.step == 0 {
            self.pad.play((score.chord)(place));
        }
        if let Some(note) = (score.bass)(place) {
            self.bass.play(note, blocks(note.steps), place.part);
        }
        if let Some(note) = (score.pluck)(place) {
            self.plucks.play(note, place.part);
        }
        if let Some(note) = (score.lead)(place) {
            self.singer
                .play(note.midi, note.velocity, blocks(note.steps));
            if place.part == Part::Chorus {
                for double in &mut self.doubles {
                    double.play(note.midi, note.velocity, blocks(note.steps));
                }
                if place.second_time {
                    let midi = score.harmony_midi(place, note.midi);
                    self.harmony.play(midi, note.velocity, blocks(note.steps));
                }
            }
        }
        let late = if place.step % 2 == 1 {
            score.swing_frames
        } else {
            0
        };
        let (drummer, duck) = (&mut self.drummer, &mut self.duck);
        (score.drums)(place, &mut |drum, velocity| {
            let swings = matches!(drum, Drum::ClosedHat | Drum::Shaker);
            drummer.hit(drum, velocity, if swings { late } else { 0 });
            if drum == Drum::Kick {
                duck.push(velocity);
            }
        });
    }

    fn sing(
        &mut self,
        waves: &Waves,
        out: &mut Stereo,
        to_reverb: &mut Stereo,
        to_echo: &mut Mono,
    ) {
        let lead = self.score.faders.lead;
        let mut voice = [0.0; BLOCK];
        if self.singer.fill(waves, &mut voice) {
            out.add_mono(&voice, lead, lead);
            to_reverb.add_mono(&voice, 0.3 * lead, 0.3 * lead);
            for (sum, x) in to_echo.iter_mut().zip(&voice) {
                *sum += 0.28 * lead * x;
            }
        }
        let [left, right] = &mut self.doubles;
        for (singer, left_gain, right_gain) in [
            (left, DOUBLE_GAIN, 0.0),
            (right, 0.0, DOUBLE_GAIN),
            (&mut self.harmony, 0.5 * HARMONY_GAIN, HARMONY_GAIN),
        ] {
            if singer.fill(waves, &mut voice) {
                out.add_mono(&voice, left_gain, right_gain);
                to_reverb.add_mono(&voice, 0.4 * left_gain, 0.4 * right_gain);
            }
        }
    }
}

/// The side chain: chords and bass make way for the kick.
#[derive(Default)]
struct Duck {
    level: f32,
    from: f32,
}

impl Duck {
    fn push(&mut self, velocity: f32) {
        self.level = velocity;
    }

    /// Gain of each frame for a depth; going down takes one block, coming back about 120 ms.
    fn next_block(&mut self, depth: f32) -> Mono {
        let to = self.level;
        let slope = (to - self.from) / BLOCK as f32;
        let mut gains = [1.0; BLOCK];
        for (i, gain) in gains.iter_mut().enumerate() {
            *gain = 1.0 - depth * (self.from + slope * (i + 1) as f32);
        }
        self.from = to;
        self.level *= 0.978;
        gains
    }
}

/// Noise that climbs and swells through two bars.
struct Riser {
    noises: [Noise; 2],
    bands: [Svf; 2],
}

impl Riser {
    fn new() -> Self {
        Self {
            noises: [Noise::new(0x8001), Noise::new(0x9003)],
            bands: [Svf::new(400.0, 1.2); 2],
        }
    }

    fn add(&mut self, progress: f32, out: &mut Stereo, to_reverb: &mut Stereo) {
        let cutoff_hz = 350.0 * super::wave::exp2(4.4 * progress);
        let gain = RISER_GAIN * progress * progress;
        for (side, (out, sent)) in [
            (&mut out.left, &mut to_reverb.left),
            (&mut out.right, &mut to_reverb.right),
        ]
        .into_iter()
        .enumerate()
        {
            self.bands[side].tune(cutoff_hz, 1.4);
            for (x, sent) in out.iter_mut().zip(sent.iter_mut()) {
                let hiss = gain * self.bands[side].next(self.noises[side].next()).band;
                *x += hiss;
                *sent += 0.3 * hiss;
            }
        }
    }
}
