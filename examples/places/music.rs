//! A small band for loops, and what mixing does to them.

use std::f64::consts::TAU;

use abscope::dsp::signals::Random;
use abscope::units::db;

use crate::songs::RATE_HZ;

pub type Frames = Vec<[f32; 2]>;

/// A loop of some bars of sixteen steps: drums, bass and chords, drawn at random.
pub fn band(bars: usize, step_secs: f64, random: &mut Random) -> Frames {
    let rate = f64::from(RATE_HZ);
    let mut frames = vec![[0f32; 2]; (16.0 * bars as f64 * step_secs * rate).round() as usize];
    let key_hz = 45.0 * 2f64.powf(random.unit());
    let drums: Vec<Vec<f32>> = (0..3).map(|kind| drum(kind, random)).collect();
    for step in 0..16 * bars {
        let at = (step as f64 * step_secs * rate) as usize;
        let kind = match step % 8 {
            0 => Some(0),
            4 => Some(1),
            _ if random.unit() < 0.6 => Some(2),
            _ => None,
        };
        if let Some(kind) = kind {
            add(&mut frames, at, &drums[kind], 0.5, 0.0);
        }
        let degree = [0.0, 3.0, 5.0, 7.0, 10.0][(random.unit() * 4.99) as usize];
        let hz = key_hz * 2f64.powf(degree / 12.0);
        if step % 4 == 0 || random.unit() < 0.2 {
            add(
                &mut frames,
                at,
                &note(hz, 3.0 * step_secs, 6, random),
                0.25,
                0.0,
            );
        }
        if step % 8 == 0 {
            for (n, ratio) in [4.0, 5.0, 6.0].into_iter().enumerate() {
                let chord = note(hz * ratio, 8.0 * step_secs, 9, random);
                add(&mut frames, at, &chord, 0.07, n as f32 - 1.0);
            }
        }
    }
    frames
}

/// A note that decays, with phases of its own.
pub fn note(hz: f64, secs: f64, partials: u32, random: &mut Random) -> Vec<f32> {
    let rate = f64::from(RATE_HZ);
    let phases: Vec<f64> = (0..partials).map(|_| random.unit()).collect();
    let bend = 0.004 * random.unit();
    (0..(secs * rate) as usize)
        .map(|n| {
            let t = n as f64 / rate;
            let place = t / secs;
            let envelope = (40.0 * place).min(1.0) * (1.0 - place);
            let bent = t + bend * (33.0 * t).sin() / 33.0;
            let partial = |(k, phase): (usize, &f64)| {
                let k = (k + 1) as f64;
                (TAU * (hz * k * bent + phase)).sin() / k
            };
            (envelope * phases.iter().enumerate().map(partial).sum::<f64>()) as f32
        })
        .collect()
}

/// Kick, snare or hat.
fn drum(kind: usize, random: &mut Random) -> Vec<f32> {
    let rate = f64::from(RATE_HZ);
    let (secs, noise, hz) = [(0.25, 0.05, 52.0), (0.18, 0.8, 185.0), (0.06, 0.4, 0.0)][kind];
    (0..(secs * rate) as usize)
        .map(|n| {
            let t = n as f64 / rate;
            let decay = (1.0 - t / secs).powi(3);
            let sweep = hz * (t + 0.02 * (1.0 - (-60.0 * t).exp()));
            (decay * (noise * random.bipolar() + (TAU * sweep).sin())) as f32
        })
        .collect()
}

/// Adds a sound; what reaches beyond the end begins again, as in a loop.
pub fn add(frames: &mut [[f32; 2]], at: usize, sound: &[f32], gain: f32, pan: f32) {
    let length = frames.len();
    for (n, x) in sound.iter().enumerate().take(length) {
        let frame = &mut frames[(at + n) % length];
        frame[0] += gain * x * (1.0 - 0.5 * pan);
        frame[1] += gain * x * (1.0 + 0.5 * pan);
    }
}

/// A bell an octave and a half wide.
pub fn equalise(frames: &mut [[f32; 2]], hz: f64, level_db: f64) {
    let amplitude = 10f64.powf(level_db / 40.0);
    let angle = TAU * hz / f64::from(RATE_HZ);
    let alpha = angle.sin() / 2.0;
    let norm = 1.0 + alpha / amplitude;
    let middle = -2.0 * angle.cos();
    let b = [1.0 + alpha * amplitude, middle, 1.0 - alpha * amplitude].map(|b| b / norm);
    let a = [middle / norm, (1.0 - alpha / amplitude) / norm];
    for channel in 0..2 {
        let mut state = [0f64; 2];
        for frame in frames.iter_mut() {
            let x = f64::from(frame[channel]);
            let y = b[0] * x + state[0];
            state = [b[1] * x - a[0] * y + state[1], b[2] * x - a[1] * y];
            frame[channel] = y as f32;
        }
    }
}

/// Drives a song into a soft limiter.
pub fn limit(frames: &mut [[f32; 2]], drive_db: f64) {
    let gain = db::amplitude_from_db(drive_db) as f32;
    for x in frames.as_flattened_mut() {
        *x = (gain * *x).tanh();
    }
}

/// Root mean square of all samples.
pub fn rms(frames: &[[f32; 2]]) -> f64 {
    let power: f64 = frames
        .as_flattened()
        .iter()
        .map(|&x| f64::from(x).powi(2))
        .sum();
    (power / (2 * frames.len().max(1)) as f64).sqrt()
}

/// Adds white noise at a level relative to the song's.
pub fn add_noise(frames: &mut [[f32; 2]], relative_db: f64, random: &mut Random) {
    let amplitude = rms(frames) * 3f64.sqrt() * db::amplitude_from_db(relative_db);
    for x in frames.as_flattened_mut() {
        *x += (amplitude * random.bipolar()) as f32;
    }
}
