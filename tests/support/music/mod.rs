//! Songs for tests of alignment: drums, bass, chords and a voice-like lead, all drawn from a seed, in a four-bar form
//! that repeats with changes, as songs do; and what a mix engineer or a coder does to a song.

use abscope::dsp::signals::Random;
use abscope::units::db;

pub mod files;

pub type Frames = Vec<[f32; 2]>;

/// A song of its own for each seed.
pub fn song(seed: u64, secs: f64, rate_hz: u32) -> Frames {
    let mut random = random_of(seed);
    let mut frames = vec![[0f32; 2]; (secs * f64::from(rate_hz)) as usize];
    let step_secs = step_secs(&mut random);
    let key_hz = 55.0 * 2f64.powf(random.unit());
    let chords: Vec<f64> = (0..4).map(|_| degree(&mut random)).collect();
    let pattern: Vec<u8> = (0..16)
        .map(|step| match (step % 8, random.unit()) {
            (0, _) => 1,
            (4, _) => 2,
            (_, chance) if chance < 0.2 => 1,
            (_, chance) if chance < 0.75 => 3,
            _ => 0,
        })
        .collect();
    let hits: Vec<Vec<f32>> = (0..4)
        .map(|kind| drum(kind, &mut random, rate_hz))
        .collect();
    for step in 0..(secs / step_secs) as usize {
        let at = (step as f64 * step_secs * f64::from(rate_hz)) as usize;
        let chord_hz = key_hz * chords[step / 16 % 4];
        let fill = random.unit() < 0.1;
        let kind = if fill { 2 } else { pattern[step % 16] };
        add(&mut frames, at, &hits[usize::from(kind)], 0.5, 0.0);
        if step % 4 == 0 || random.unit() < 0.3 {
            let bass = tone(chord_hz, 2.0 * step_secs, 6, 3.0, &mut random, rate_hz);
            add(&mut frames, at, &bass, 0.25, 0.0);
        }
        if step % 16 == 0 {
            for (n, ratio) in [2.0, 2.5, 3.0].into_iter().enumerate() {
                let pad = tone(
                    chord_hz * ratio,
                    15.0 * step_secs,
                    8,
                    1.0,
                    &mut random,
                    rate_hz,
                );
                add(&mut frames, at, &pad, 0.08, n as f32 - 1.0);
            }
        }
        if random.unit() < 0.35 {
            let lead_hz = key_hz * 8.0 * degree(&mut random);
            let lead = tone(
                lead_hz,
                (1.0 + 3.0 * random.unit()) * step_secs,
                10,
                2.0,
                &mut random,
                rate_hz,
            );
            add(&mut frames, at, &lead, 0.15, 0.3);
        }
    }
    frames
}

/// Length of a bar of the song of a seed.
pub fn bar_secs(seed: u64) -> f64 {
    16.0 * step_secs(&mut random_of(seed))
}

fn random_of(seed: u64) -> Random {
    Random::new(seed.wrapping_mul(0x1234_5677).wrapping_add(99))
}

/// Length of a sixteenth.
fn step_secs(random: &mut Random) -> f64 {
    60.0 / (84.0 + 60.0 * random.unit()) / 4.0
}

fn degree(random: &mut Random) -> f64 {
    let scale = [0.0, 2.0, 4.0, 5.0, 7.0, 9.0, 11.0, 12.0];
    2f64.powf(scale[(random.unit() * 7.99) as usize] / 12.0)
}

fn tone(
    hz: f64,
    secs: f64,
    partials: usize,
    decay: f64,
    random: &mut Random,
    rate_hz: u32,
) -> Vec<f32> {
    let phases: Vec<f64> = (0..partials)
        .map(|_| std::f64::consts::TAU * random.unit())
        .collect();
    let vibrato = 0.004 * random.unit();
    let rate = f64::from(rate_hz);
    (0..(secs * rate) as usize)
        .map(|n| {
            let t = n as f64 / rate;
            let place = t / secs;
            let envelope = (place * 40.0).min(1.0) * (1.0 - place) * (-decay * place).exp();
            let bend = t + vibrato * (33.0 * t).sin() / 33.0;
            let wave = |(k, phase): (usize, &f64)| {
                let partial = (k + 1) as f64;
                (std::f64::consts::TAU * hz * partial * bend + phase).sin() / partial
            };
            (envelope * phases.iter().enumerate().map(wave).sum::<f64>()) as f32
        })
        .collect()
}

fn drum(kind: usize, random: &mut Random, rate_hz: u32) -> Vec<f32> {
    let rate = f64::from(rate_hz);
    let (secs, noise, pitch_hz) = match kind {
        0 => return Vec::new(),
        1 => (0.25, 0.05, 50.0),
        2 => (0.18, 0.8, 180.0),
        _ => (0.06, 0.4, 0.0),
    };
    let mut last = 0.0;
    (0..(secs * rate) as usize)
        .map(|n| {
            let place = n as f64 / (secs * rate);
            let white = random.bipolar();
            let hiss = if kind == 3 { white - last } else { white };
            last = white;
            let sweep = pitch_hz * (place * secs + 0.02 * (1.0 - (-place * 8.0).exp()));
            let body = if pitch_hz > 0.0 {
                (std::f64::consts::TAU * sweep).sin()
            } else {
                0.0
            };
            ((1.0 - place).powi(3) * (noise * hiss + body)) as f32
        })
        .collect()
}

fn add(frames: &mut [[f32; 2]], at: usize, sound: &[f32], gain: f32, pan: f32) {
    for (frame, x) in frames.iter_mut().skip(at).zip(sound) {
        frame[0] += gain * x * (1.0 - 0.5 * pan);
        frame[1] += gain * x * (1.0 + 0.5 * pan);
    }
}

/// A shelf above a frequency, as mixers have it (Audio EQ Cookbook, slope 1).
pub fn shelve(frames: &mut [[f32; 2]], rate_hz: u32, hz: f64, level_db: f64) {
    let a = 10f64.powf(level_db / 40.0);
    let angle = std::f64::consts::TAU * hz / f64::from(rate_hz);
    let (cos, root) = (angle.cos(), a.sqrt() * angle.sin() * 2f64.sqrt());
    let norm = (a + 1.0) - (a - 1.0) * cos + root;
    let feed = [
        a * ((a + 1.0) + (a - 1.0) * cos + root),
        -2.0 * a * ((a - 1.0) + (a + 1.0) * cos),
        a * ((a + 1.0) + (a - 1.0) * cos - root),
    ];
    let back = [
        2.0 * ((a - 1.0) - (a + 1.0) * cos),
        (a + 1.0) - (a - 1.0) * cos - root,
    ];
    filter(frames, feed.map(|b| b / norm), back.map(|a| a / norm));
}

/// A bell.
pub fn equalise(frames: &mut [[f32; 2]], rate_hz: u32, hz: f64, level_db: f64) {
    let amplitude = 10f64.powf(level_db / 40.0);
    let angle = std::f64::consts::TAU * hz / f64::from(rate_hz);
    let alpha = angle.sin() / 2.0;
    let norm = 1.0 + alpha / amplitude;
    let b = [
        1.0 + alpha * amplitude,
        -2.0 * angle.cos(),
        1.0 - alpha * amplitude,
    ]
    .map(|b| b / norm);
    let a = [-2.0 * angle.cos() / norm, (1.0 - alpha / amplitude) / norm];
    filter(frames, b, a);
}

fn filter(frames: &mut [[f32; 2]], b: [f64; 3], a: [f64; 2]) {
    for channel in 0..2 {
        let mut state = [0f64; 2];
        for frame in frames.iter_mut() {
            let x = f64::from(frame[channel]);
            let y = b[0] * x + state[0];
            state[0] = b[1] * x - a[0] * y + state[1];
            state[1] = b[2] * x - a[1] * y;
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

/// Drives a song into a limiter that looks 2 ms ahead and is back after some 7 ms: it holds the peaks where they were and
/// takes the transients.
pub fn limit_peaks(frames: &mut [[f32; 2]], rate_hz: u32, drive_db: f64) {
    let peak = |frame: &[f32; 2]| frame[0].abs().max(frame[1].abs());
    let ceiling = frames.iter().map(peak).fold(0.0, f32::max);
    let drive = db::amplitude_from_db(drive_db) as f32;
    let gains: Vec<f32> = frames
        .iter()
        .map(|frame| (ceiling / (drive * peak(frame)).max(1e-9)).min(1.0))
        .collect();
    let ahead = (rate_hz / 500) as usize;
    let (down, up) = (0.1, 144.0 / rate_hz as f32);
    let mut gain = 1f32;
    for (n, frame) in frames.iter_mut().enumerate() {
        let seen = &gains[n..gains.len().min(n + ahead)];
        let bearable = seen.iter().copied().fold(1.0, f32::min);
        gain += (bearable - gain) * if bearable < gain { down } else { up };
        let now = gain.min(gains[n]);
        *frame = frame.map(|x| drive * now * x);
    }
}

/// Adds white noise at a level relative to the song's.
pub fn add_noise(frames: &mut [[f32; 2]], relative_db: f64, random: &mut Random) {
    let power: f64 = frames
        .as_flattened()
        .iter()
        .map(|&x| f64::from(x) * f64::from(x))
        .sum();
    let rms = (power / (2 * frames.len().max(1)) as f64).sqrt();
    let amplitude = rms * 3f64.sqrt() * db::amplitude_from_db(relative_db);
    for x in frames.as_flattened_mut() {
        *x += (amplitude * random.bipolar()) as f32;
    }
}
