//! What makes the files of the suite, and holds what is decoded against what was encoded.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::formats::{ALL, FORMATS, FRAMES, Format, RATE_HZ};
use crate::support::parts::{self, FFMPEG};
use abscope::audio::decode::{DecodedFile, decode_all};
use abscope::audio::frames::ChannelLayout;

/// Runs a test's check on each format in a folder of its own; says that it is skipped where ffmpeg is missing.
pub fn for_each_format(test: &str, check: impl Fn(&Format, &Bench)) {
    if !parts::are_there(test, &[FFMPEG]) {
        return;
    }
    let bench = Bench::new();
    // One that fails does not hide the others.
    let fails =
        |format: &&Format| catch_unwind(AssertUnwindSafe(|| check(format, &bench))).is_err();
    let failed: Vec<_> = FORMATS
        .iter()
        .filter(fails)
        .map(|format| format.file)
        .collect();
    assert!(failed.is_empty(), "failed, and said why above: {failed:?}");
}

/// A folder with the sound that is encoded.
pub struct Bench {
    dir: TempDir,
}

impl Bench {
    fn new() -> Self {
        let dir = TempDir::new().expect("a folder for the test");
        for channels in ALL {
            let samples = sound(*channels);
            let bytes = wav(*channels, &samples);
            std::fs::write(dir.path().join(format!("source{channels}.wav")), bytes).expect("room");
        }
        Self { dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn ffmpeg(&self, channels: usize) -> Command {
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "error", "-y", "-i"])
            .arg(self.path(&format!("source{channels}.wav")));
        command
    }

    pub fn encode(&self, format: &Format, channels: usize, more: &str) -> PathBuf {
        let path = self.path(format.file);
        let mut command = self.ffmpeg(channels);
        let words = format.encode.split(' ').chain(more.split_whitespace());
        run(command.args(words).arg(&path));
        path
    }

    /// A tenth of a second.
    pub fn short(&self, format: &Format) -> PathBuf {
        self.encode(format, 2, "-t 0.1")
    }

    pub fn through_pipe(&self, format: &Format, container: &str) -> PathBuf {
        let mut command = self.ffmpeg(2);
        command
            .args(format.encode.split(' '))
            .args(["-f", container, "pipe:1"]);
        let bytes = run(&mut command);
        self.write(format, &bytes)
    }

    /// With a picture of noise, larger than what is read of tags.
    pub fn with_picture(&self, format: &Format) -> PathBuf {
        let picture = self.path("picture.png");
        let noise = "nullsrc=s=900x900,geq=random(1)*255:128:128";
        let mut make = Command::new("ffmpeg");
        run(make
            .args([
                "-v",
                "error",
                "-y",
                "-f",
                "lavfi",
                "-i",
                noise,
                "-frames:v",
                "1",
            ])
            .arg(&picture));
        let path = self.path(format.file);
        let mut command = self.ffmpeg(2);
        command.arg("-i").arg(&picture).args([
            "-map",
            "0",
            "-map",
            "1",
            "-c:v",
            "copy",
            "-disposition:v",
            "attached_pic",
        ]);
        run(command.args(format.encode.split(' ')).arg(&path));
        assert!(std::fs::metadata(&path).expect("just written").len() > 1 << 20);
        path
    }

    pub fn write(&self, format: &Format, bytes: &[u8]) -> PathBuf {
        let path = self.path(&format!("changed-{}", format.file));
        std::fs::write(&path, bytes).expect("room");
        path
    }

    /// Holds a file to what was encoded, warnings included.
    pub fn check_whole(
        &self,
        format: &Format,
        channels: usize,
        file: &Path,
        what: &str,
    ) -> DecodedFile {
        let name = format!("{} {what}, {channels} channels", format.file);
        let decoded = decode_all(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(decoded.warnings, [], "{name}");
        assert_eq!(decoded.format.sample_rate_hz, RATE_HZ, "{name}");
        let layout = ChannelLayout::from_count(channels as u16);
        assert_eq!(decoded.format.layout, layout, "{name}");
        let longest = FRAMES + format.surplus + format.delay;
        assert!(
            (FRAMES..=longest).contains(&decoded.frames()),
            "{name}: {} of {FRAMES} frames",
            decoded.frames()
        );
        let source = sound(channels);
        if format.lossless {
            assert!(
                decoded.samples[..source.len()] == source,
                "{name}: other samples"
            );
        } else {
            for channel in 0..channels {
                let [ours, theirs] = [&decoded.samples, &source]
                    .map(|samples| one_channel(samples, channels, channel));
                let delay = (0..=format.delay)
                    .find(|delay| likeness(&ours[*delay..], &theirs) > 0.98)
                    .unwrap_or_else(|| panic!("{name}: channel {channel} is another"));
                assert!(delay + 3 >= format.delay, "{name}: {delay} frames late");
            }
        }
        decoded
    }
}

fn run(command: &mut Command) -> Vec<u8> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .expect("it was there before");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output.stdout
}

/// Interleaved samples of 16 bits: in each channel its own wandering tone and noise, in the fourth of six a low tone.
fn sound(channels: usize) -> Vec<f32> {
    let mut dice = Dice(channels as u64);
    let mut samples = Vec::with_capacity(channels * FRAMES);
    let mut smooth = vec![0.0; channels];
    for frame in 0..FRAMES {
        let secs = frame as f64 / f64::from(RATE_HZ);
        for (channel, smooth) in smooth.iter_mut().enumerate() {
            let low = channels == 6 && channel == 3;
            let hz = if low {
                50.0
            } else {
                220.0 * (channel + 1) as f64
            };
            let phase = std::f64::consts::TAU * hz * secs + 4.0 * (3.0 * secs).sin();
            *smooth = 0.8 * *smooth + 0.2 * (dice.below(2_001) as f64 / 1_000.0 - 1.0);
            let x = 0.3 * phase.sin() + if low { 0.0 } else { 0.3 * *smooth };
            samples.push(((x * 32_768.0).round() / 32_768.0) as f32);
        }
    }
    samples
}

/// A WAV of 16 bits, by hand.
fn wav(channels: usize, samples: &[f32]) -> Vec<u8> {
    let data: Vec<u8> = samples
        .iter()
        .flat_map(|x| ((x * 32_768.0) as i16).to_le_bytes())
        .collect();
    let block = 2 * channels as u32;
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend((channels as u16).to_le_bytes());
    file.extend(RATE_HZ.to_le_bytes());
    file.extend((RATE_HZ * block).to_le_bytes());
    file.extend((block as u16).to_le_bytes());
    file.extend(b"\x10\0data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

/// Correlation over the common length.
pub fn likeness(a: &[f32], b: &[f32]) -> f64 {
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 1e-12);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (f64::from(*a), f64::from(*b));
        (ab, aa, bb) = (ab + a * b, aa + a * a, bb + b * b);
    }
    ab / (aa * bb).sqrt().max(1e-12)
}

fn one_channel(samples: &[f32], channels: usize, channel: usize) -> Vec<f32> {
    samples
        .iter()
        .skip(channel)
        .step_by(channels)
        .copied()
        .collect()
}

/// A congruential generator: the same numbers on every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}
