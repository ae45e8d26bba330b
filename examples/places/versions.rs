//! What engineers and coders do to an excerpt of a song.

use std::io::Write;
use std::process::{Command, Stdio};

use abscope::dsp::signals::Random;
use abscope::units::db;

use crate::music::{self, Frames};
use crate::songs::RATE_HZ;

/// Coders and how they are asked.
const CODERS: [(&str, &[&str]); 3] = [
    ("mp3", &["-c:a", "libmp3lame", "-b:a", "128k", "-f", "mp3"]),
    ("vorbis", &["-c:a", "libvorbis", "-q:a", "3", "-f", "ogg"]),
    ("opus", &["-c:a", "libopus", "-b:a", "80k", "-f", "ogg"]),
];

/// A version of a part of a song, and what was done to it.
pub struct Version {
    pub frames: Frames,
    pub start_secs: f64,
    pub secs: f64,
    pub deeds: String,
}

/// Somebody's version of a random part of a song, of 6 to 45 s.
pub fn version_of(song: &[[f32; 2]], random: &mut Random, coded: bool) -> Version {
    let rate = f64::from(RATE_HZ);
    let secs = 6.0 * 7.5f64.powf(random.unit());
    let length = (secs * rate) as usize;
    let start = (random.unit() * (song.len() - length) as f64) as usize;
    let mut frames = song[start..start + length].to_vec();
    let mut deeds = vec![];
    let mut chance = |part: f64| random.unit() < part;
    let [eq, limit, noise, mono, narrow, invert, coder] =
        [0.7, 0.6, 0.5, 0.1, 0.2, 0.2, 0.4].map(&mut chance);
    if eq {
        deeds.push("EQ");
        for _ in 0..3 {
            let hz = 60.0 * 2f64.powf(7.0 * random.unit());
            music::equalise(&mut frames, hz, 9.0 * random.bipolar());
        }
    }
    if limit {
        deeds.push("limited");
        music::limit(&mut frames, 9.0 * random.unit());
    }
    if mono || narrow {
        deeds.push(if mono { "mono" } else { "narrow" });
        let width = if mono { 0.0 } else { 0.5 };
        for frame in &mut frames {
            let [middle, side] = [
                0.5 * (frame[0] + frame[1]),
                0.5 * width * (frame[0] - frame[1]),
            ];
            *frame = [middle + side, middle - side];
        }
    }
    if invert {
        let which = (random.unit() * 2.99) as usize;
        deeds.push(["L R inverted", "L inverted", "R inverted"][which]);
        for frame in &mut frames {
            let sign = [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0]][which];
            *frame = [sign[0] * frame[0], sign[1] * frame[1]];
        }
    }
    if noise {
        deeds.push("noise");
        music::add_noise(&mut frames, -20.0, random);
    }
    let gain = db::amplitude_from_db(-12.0 * random.unit()) as f32;
    frames
        .as_flattened_mut()
        .iter_mut()
        .for_each(|x| *x *= gain);
    if coder && coded {
        let (name, arguments) = CODERS[(random.unit() * 2.99) as usize];
        if let Some(decoded) = through(arguments, &frames) {
            deeds.push(name);
            frames = decoded;
        }
    }
    Version {
        frames,
        start_secs: start as f64 / rate,
        secs,
        deeds: deeds.join(" "),
    }
}

/// Through a coder and back; `None` without one.
fn through(arguments: &[&str], frames: &[[f32; 2]]) -> Option<Frames> {
    let rate = RATE_HZ.to_string();
    let raw = ["-f", "f32le", "-ar", &rate, "-ac", "2"];
    let bytes: Vec<u8> = frames
        .as_flattened()
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    // Into a file: what a coder puts before the sound is told at its beginning, when it is done.
    let file = std::env::temp_dir().join(format!(
        "places-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    let file = file.to_str()?;
    piped(
        &[&raw[..], &["-i", "-", "-y"], arguments, &[file]].concat(),
        bytes,
    )?;
    let decoded = piped(&[&["-i", file], &raw[..], &["-"]].concat(), vec![]);
    let removed = std::fs::remove_file(file);
    let decoded = decoded.filter(|_| removed.is_ok())?;
    let samples: Vec<f32> = decoded
        .chunks_exact(4)
        .map(|x| f32::from_le_bytes([x[0], x[1], x[2], x[3]]))
        .collect();
    (samples.len() >= frames.len()).then(|| samples.chunks_exact(2).map(|x| [x[0], x[1]]).collect())
}

fn piped(arguments: &[&str], input: Vec<u8>) -> Option<Vec<u8>> {
    let mut child = Command::new("ffmpeg")
        .args(["-v", "error"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take()?;
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().ok()?;
    writer.join().ok()?.ok()?;
    output.status.success().then_some(output.stdout)
}
