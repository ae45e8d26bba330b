//! The drum kit: every drum is made once, when the song is loaded, and played like a sample.

use super::filter::Svf;
use super::score::Drum;
use super::wave::{
    BLOCK, Noise, RATE_HZ, Stereo, Waves, decay_per_frame, lookup, phase_step, soft_clip,
};

/// Left and right of a drum's sound, and where it stands in the mix.
struct Shot {
    left: Vec<f32>,
    right: Vec<f32>,
    gain: f32,
    reverb_send: f32,
}

/// All drums, in the order of `Drum`.
pub struct Kit {
    shots: Vec<Shot>,
}

impl Kit {
    pub fn new(waves: &Waves) -> Self {
        let shots = vec![
            centred(kick(waves), 0.43, 0.0),
            stereo(snare(waves, 0x51a7, 0x9e37), 0.47, 0.22),
            stereo((clap(0xc1a9), clap(0x7f4b)), 0.34, 0.3),
            stereo(hat(0x4a11, 0x1d2f, 0.028, 0.12), 0.30, 0.03),
            stereo(hat(0x6b21, 0x35c9, 0.13, 0.4), 0.25, 0.05),
            stereo((shaker(0x2bd3), shaker(0x77e1)), 0.20, 0.04),
            stereo((crash(0x1357), crash(0x2468)), 0.26, 0.15),
            panned(tom(waves, 150.0), 0.42, 0.62, 0.85),
            panned(tom(waves, 96.0), 0.45, 0.85, 0.6),
            centred(impact(waves), 0.33, 0.1),
        ];
        Self { shots }
    }
}

fn centred(sound: Vec<f32>, gain: f32, reverb_send: f32) -> Shot {
    stereo((sound.clone(), sound), gain, reverb_send)
}

fn panned(sound: Vec<f32>, gain: f32, left: f32, right: f32) -> Shot {
    let side = |side_gain: f32| sound.iter().map(|x| x * side_gain).collect();
    stereo((side(left), side(right)), gain, 0.15)
}

fn stereo((left, right): (Vec<f32>, Vec<f32>), gain: f32, reverb_send: f32) -> Shot {
    Shot {
        left,
        right,
        gain,
        reverb_send,
    }
}

/// Strokes that can sound at once; the oldest gives way.
const MAX_STROKES: usize = 24;

#[derive(Clone, Copy)]
struct Stroke {
    drum: usize,
    /// Frames still to wait before the first sample.
    wait: usize,
    position: usize,
    velocity: f32,
}

/// The strokes that sound now.
pub struct Drummer {
    strokes: [Option<Stroke>; MAX_STROKES],
    next: usize,
}

impl Drummer {
    pub fn new() -> Self {
        Self {
            strokes: [None; MAX_STROKES],
            next: 0,
        }
    }

    /// Strikes a drum after a wait of less than a sixteenth, in frames.
    pub fn hit(&mut self, drum: Drum, velocity: f32, wait: usize) {
        let slot = (0..MAX_STROKES)
            .map(|i| (self.next + i) % MAX_STROKES)
            .find(|&slot| self.strokes[slot].is_none())
            .unwrap_or(self.next);
        self.strokes[slot] = Some(Stroke {
            drum: drum as usize,
            wait,
            position: 0,
            velocity,
        });
        self.next = (slot + 1) % MAX_STROKES;
    }

    /// Adds a block of drums at a gain to the dry sound and to what feeds the reverb.
    pub fn add(&mut self, kit: &Kit, fader: f32, dry: &mut Stereo, reverb: &mut Stereo) {
        for slot in &mut self.strokes {
            let Some(stroke) = slot else { continue };
            if stroke.wait >= BLOCK {
                stroke.wait -= BLOCK;
                continue;
            }
            let shot = &kit.shots[stroke.drum];
            let from = stroke.wait;
            let count = (BLOCK - from).min(shot.left.len() - stroke.position);
            let range = stroke.position..stroke.position + count;
            let gain = shot.gain * stroke.velocity * fader;
            let send = gain * shot.reverb_send;
            add_scaled(&mut dry.left[from..], &shot.left[range.clone()], gain);
            add_scaled(&mut dry.right[from..], &shot.right[range.clone()], gain);
            if send > 0.0 {
                add_scaled(&mut reverb.left[from..], &shot.left[range.clone()], send);
                add_scaled(&mut reverb.right[from..], &shot.right[range], send);
            }
            stroke.wait = 0;
            stroke.position += count;
            if stroke.position == shot.left.len() {
                *slot = None;
            }
        }
    }
}

fn add_scaled(sum: &mut [f32], sound: &[f32], gain: f32) {
    for (sum, x) in sum.iter_mut().zip(sound) {
        *sum += gain * x;
    }
}

/// Makes a sound of a length whose last 15 ms fade out, so that no drum ends in a click.
fn make(length_secs: f32, mut next: impl FnMut() -> f32) -> Vec<f32> {
    let length = (length_secs * RATE_HZ) as usize;
    let fade = 720.min(length / 4);
    (0..length)
        .map(|i| next() * ((length - i) as f32 / fade as f32).min(1.0))
        .collect()
}

/// An exponential decay from 1, one value a call.
fn decay(time_constant_secs: f64) -> impl FnMut() -> f32 {
    let factor = decay_per_frame(time_constant_secs);
    let mut level = 1.0;
    move || {
        let now = level;
        // Far below hearing it stops: numbers too small for a normal float are slow.
        level = if level > 1e-12 { level * factor } else { 0.0 };
        now
    }
}

/// A sine that falls from a high beater to 52 Hz, with a short click.
fn kick(waves: &Waves) -> Vec<f32> {
    let (mut thump, mut beater) = (decay(0.036), decay(0.005));
    let (mut body, mut tick) = (decay(0.13), decay(0.0022));
    let mut noise = Noise::new(0x000b_a55d);
    let mut bright = Svf::new(2500.0, 0.7);
    let mut phase = 0u32;
    make(0.42, || {
        let frequency_hz = 52.0 + 90.0 * thump() + 320.0 * beater();
        let x = 1.7 * body() * lookup(&waves.sine, phase);
        phase = phase.wrapping_add(phase_step(frequency_hz));
        soft_clip(x) + 0.35 * tick() * bright.next(noise.next()).high
    })
}

/// Two drum-head tones in the middle, wires on both sides.
fn snare(waves: &Waves, left_seed: u32, right_seed: u32) -> (Vec<f32>, Vec<f32>) {
    let side = |seed| {
        let (mut low, mut high, mut wires, mut snap) =
            (decay(0.055), decay(0.03), decay(0.085), decay(0.006));
        let (mut noise, mut common) = (Noise::new(seed), Noise::new(0x00c0_ffee));
        let mut shape = Svf::new(1500.0, 0.6);
        let (mut low_phase, mut high_phase) = (0u32, 0u32);
        make(0.45, || {
            let tone = 0.85 * low() * lookup(&waves.sine, low_phase)
                + 0.4 * high() * lookup(&waves.sine, high_phase);
            low_phase = low_phase.wrapping_add(phase_step(188.0));
            high_phase = high_phase.wrapping_add(phase_step(331.0));
            let hiss = 0.75 * common.next() + 0.65 * noise.next();
            let hiss = shape.next(hiss);
            soft_clip(tone + (0.6 * wires() + 0.5 * snap()) * (0.9 * hiss.high + 0.55 * hiss.band))
        })
    };
    (side(left_seed), side(right_seed))
}

/// Several hands: four short bursts, the last one ringing on.
fn clap(seed: u32) -> Vec<f32> {
    let mut noise = Noise::new(seed);
    let mut shape = Svf::new(1450.0, 1.1);
    let (burst, tail) = (decay_per_frame(0.0028), decay_per_frame(0.075));
    let (mut level, mut frame) = (0.0f32, 0);
    make(0.4, || {
        let (start, factor) = match frame {
            0 | 480 | 930 => (true, burst),
            1420 => (true, tail),
            f => (false, if f < 1420 { burst } else { tail }),
        };
        level = if start { 1.0 } else { level * factor };
        frame += 1;
        let x = shape.next(noise.next());
        level * (1.3 * x.band + 0.45 * x.high)
    })
}

/// Noise above 7 kHz, mostly in the middle.
fn hat(
    left_seed: u32,
    right_seed: u32,
    time_constant_secs: f64,
    length_secs: f32,
) -> (Vec<f32>, Vec<f32>) {
    let side = |seed| {
        let (mut noise, mut common) = (Noise::new(seed), Noise::new(0x00d1_5c05));
        let (mut first, mut second) = (Svf::new(7600.0, 0.8), Svf::new(6800.0, 0.9));
        let mut top = Svf::new(11_500.0, 0.55);
        let (mut ring, mut tick) = (decay(time_constant_secs), decay(0.003));
        make(length_secs, || {
            let x = top.next(0.6 * common.next() + 0.85 * noise.next()).low;
            (0.8 * ring() + 0.4 * tick()) * second.next(first.next(x).high).high
        })
    };
    (side(left_seed), side(right_seed))
}

/// Noise around 6 kHz and above that swells before it falls.
fn shaker(seed: u32) -> Vec<f32> {
    let mut noise = Noise::new(seed);
    let (mut shape, mut top) = (Svf::new(5600.0, 0.7), Svf::new(11_000.0, 0.55));
    let (mut fall, mut swell) = (decay(0.026), decay(0.012));
    make(0.12, || {
        let x = shape.next(top.next(noise.next()).low);
        2.2 * (1.0 - swell()) * fall() * (x.high + 0.2 * x.band)
    })
}

/// Three seconds of bright wash.
fn crash(seed: u32) -> Vec<f32> {
    let mut noise = Noise::new(seed);
    let (mut first, mut second) = (Svf::new(3800.0, 0.7), Svf::new(9000.0, 0.8));
    let mut top = Svf::new(11_000.0, 0.55);
    let (mut wash, mut stroke, mut air) = (decay(0.75), decay(0.05), decay(1.0));
    make(3.2, || {
        let x = first.next(top.next(noise.next()).low).high;
        (0.45 * wash() + 0.5 * stroke()) * x + 0.3 * air() * second.next(x).high
    })
}

/// A drum head whose pitch sinks a little.
fn tom(waves: &Waves, frequency_hz: f32) -> Vec<f32> {
    let (mut bend, mut body, mut tick) = (decay(0.04), decay(0.11), decay(0.004));
    let mut noise = Noise::new(0x0070_0709);
    let mut phase = 0u32;
    make(0.45, || {
        let x = body() * lookup(&waves.sine, phase) + 0.12 * tick() * noise.next();
        phase = phase.wrapping_add(phase_step(frequency_hz * (1.0 + 0.5 * bend())));
        x
    })
}

/// A sub-bass fall under the first beat of a chorus.
fn impact(waves: &Waves) -> Vec<f32> {
    let (mut fall, mut body) = (decay(0.3), decay(0.4));
    let mut phase = 0u32;
    let mut attack = 0.0f32;
    make(1.6, || {
        attack = (attack + 0.002).min(1.0);
        let x = attack * body() * lookup(&waves.sine, phase);
        phase = phase.wrapping_add(phase_step(38.0 + 60.0 * fall()));
        x
    })
}
