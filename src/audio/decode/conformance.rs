//! What every format must pass, whoever decodes it: length, place, channels and rate are those of what was encoded; a
//! length nobody knew, tags, large pictures and bytes behind the end change nothing and raise no alarm; what is cut
//! short is said to be; and no bytes, zeros or mutated ones bring it down.
//!
//! The files are made by ffmpeg from sound that is made here; without it the tests say so and pass.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::{DecodeError, DecodeWarning, DecodedFile, FileDecoder, decode_all};
use crate::audio::frames::ChannelLayout;

/// A format, and what of the suite applies to it.
struct Format {
    file: &'static str,
    /// Arguments of ffmpeg that make it.
    encode: &'static str,
    /// Whether samples come back as they were.
    lossless: bool,
    /// Frames that may come after the last one, where the format cannot say where it ends; and how far the beginning
    /// may be off, where it does not say what the encoder put in front.
    surplus: usize,
    delay: usize,
    channels: &'static [usize],
    /// What ffmpeg calls the container where it can be written into a pipe.
    pipe: Option<&'static str>,
    /// Whether a file that ends in its middle can be entered, and whether that can be told.
    cut: Cut,
    tags: bool,
    picture: bool,
}

#[derive(PartialEq)]
enum Cut {
    Warns,
    Silent,
    Refused,
}

const RATE_HZ: u32 = 48_000;
const FRAMES: usize = 72_013;
const ALL: &[usize] = &[1, 2, 6];
const TWO: &[usize] = &[1, 2];

const PCM: Format = Format {
    file: "",
    encode: "",
    lossless: true,
    surplus: 0,
    delay: 0,
    channels: ALL,
    pipe: None,
    cut: Cut::Warns,
    tags: false,
    picture: false,
};
const LOSSY: Format = Format {
    lossless: false,
    channels: TWO,
    tags: true,
    ..PCM
};

#[rustfmt::skip]
const FORMATS: &[Format] = &[
    Format { file: "a.wav", encode: "-c:a pcm_s16le", pipe: Some("wav"), tags: true, ..PCM },
    Format { file: "rf64.wav", encode: "-c:a pcm_s16le -rf64 always", tags: true, ..PCM },
    // ffmpeg counts the padding to 8 bytes into the sound.
    Format { file: "a.w64", encode: "-c:a pcm_s16le", pipe: Some("w64"), surplus: 8, ..PCM },
    Format { file: "a.aiff", encode: "-c:a pcm_s16be", pipe: None, ..PCM },
    Format { file: "sowt.aifc", encode: "-c:a pcm_s16le -f aiff", ..PCM },
    Format { file: "a.caf", encode: "-c:a pcm_s16be", pipe: Some("caf"), ..PCM },
    Format { file: "a.mov", encode: "-c:a pcm_s16le", cut: Cut::Refused, ..PCM },
    Format { file: "fast.mov", encode: "-c:a pcm_s24be -movflags +faststart", ..PCM },
    Format { file: "a.flac", encode: "-c:a flac", pipe: Some("flac"), tags: true, picture: true, ..PCM },
    Format { file: "flac.ogg", encode: "-c:a flac -page_duration 200000 -f ogg", pipe: Some("ogg"), tags: true, ..PCM },
    Format { file: "alac.m4a", encode: "-c:a alac", cut: Cut::Refused, tags: true, picture: true, ..PCM },
    Format { file: "alac.caf", encode: "-c:a alac", channels: TWO, cut: Cut::Refused, ..PCM },
    Format { file: "flac.mka", encode: "-c:a flac", pipe: Some("matroska"), ..PCM },
    Format { file: "a.mp3", encode: "-c:a libmp3lame -b:a 256k", tags: true, picture: true, ..LOSSY },
    // Without the encoder's tag nothing says what it put in front and behind.
    Format { file: "bare.mp3", encode: "-c:a libmp3lame -b:a 256k -write_xing 0", pipe: Some("mp3"), delay: 1_105, surplus: 2_400,
        cut: Cut::Silent, ..LOSSY },
    Format { file: "a.mp2", encode: "-c:a mp2 -b:a 192k", pipe: Some("mp2"), delay: 481, surplus: 1_152, cut: Cut::Silent, tags: false, ..LOSSY },
    Format { file: "a.aac", encode: "-c:a aac -b:a 256k", pipe: Some("adts"), delay: 1_024, surplus: 2_048, cut: Cut::Silent, tags: false, ..LOSSY },
    Format { file: "a.m4a", encode: "-c:a aac -b:a 256k", cut: Cut::Refused, picture: true, ..LOSSY },
    Format { file: "fast.m4a", encode: "-c:a aac -b:a 256k -movflags +faststart", ..LOSSY },
    // Without an edit list, which ffmpeg leaves out here, nothing says what was put in front.
    Format { file: "fragments.m4a", encode: "-c:a aac -b:a 256k -movflags frag_keyframe+empty_moov -frag_duration 300000",
        pipe: Some("mp4"), delay: 1_024, ..LOSSY },
    Format { file: "cmaf.m4a", encode: "-c:a aac -b:a 256k -movflags cmaf -frag_duration 300000", delay: 1_024, ..LOSSY },
    Format { file: "half.m4a", encode: "-c:a aac -b:a 256k -movflags frag_keyframe -frag_duration 300000", delay: 1_024, ..LOSSY },
    Format { file: "alac-fragments.m4a", encode: "-c:a alac -movflags frag_keyframe+empty_moov -frag_duration 300000", ..PCM },
    Format { file: "a.ogg", encode: "-c:a libvorbis -q:a 8 -page_duration 200000", pipe: Some("ogg"), channels: ALL, ..LOSSY },
    Format { file: "a.opus", encode: "-c:a libopus -b:a 256k -page_duration 200000", pipe: Some("opus"), ..LOSSY },
    Format { file: "surround.opus", encode: "-c:a libopus -b:a 510k -page_duration 200000", pipe: Some("opus"), channels: &[6], ..LOSSY },
    Format { file: "a.webm", encode: "-c:a libopus -b:a 256k", pipe: Some("webm"), surplus: 960, tags: false, ..LOSSY },
    Format { file: "vorbis.mka", encode: "-c:a libvorbis -q:a 8", pipe: Some("matroska"), surplus: 2_048, tags: false, ..LOSSY },
];

// ---- The suite ------------------------------------------------------------------------------------------------------

#[test]
fn every_format_keeps_length_place_channels_and_rate() {
    for_each_format(|format, bench| {
        for channels in format.channels {
            let file = bench.encode(format, *channels, "");
            bench.check_whole(format, *channels, &file, "as it is");
        }
    });
}

#[test]
fn a_length_that_was_not_known_when_the_file_was_begun_is_no_damage() {
    for_each_format(|format, bench| {
        let Some(container) = format.pipe else { return };
        // A pipe cannot be gone back in: sizes and lengths stay as they were written first.
        let file = bench.through_pipe(format, container);
        // Tags of an encoder that stand in front, like LAME's, are empty then.
        bench.check_whole(format, 2, &file, "through a pipe");
    });
}

#[test]
fn a_file_that_is_cut_short_yields_its_beginning_and_is_said_to_be_cut() {
    for_each_format(|format, bench| {
        let whole = std::fs::read(bench.encode(format, 2, "")).expect("just written");
        let expected = decode_all(&bench.path(format.file)).expect("a whole file");
        let file = bench.write(format, &whole[..whole.len() * 6 / 10]);
        match decode_all(&file) {
            Ok(cut) => {
                let said = cut.warnings.iter().any(|warning| {
                    matches!(
                        warning,
                        DecodeWarning::Truncated { .. } | DecodeWarning::EndsEarly { .. }
                    )
                });
                assert!(
                    said || format.cut == Cut::Silent,
                    "{}: {:?}",
                    format.file,
                    cut.warnings
                );
                assert!(cut.frames() < expected.frames() * 7 / 10, "{}", format.file);
                assert!(
                    cut.frames() > expected.frames() * 3 / 10,
                    "{}: {}",
                    format.file,
                    cut.frames()
                );
                // What the last packet overlaps with is not there.
                let sure = cut.samples.len().saturating_sub(2 * 4_096);
                assert!(
                    likeness(&cut.samples[..sure], &expected.samples[..sure]) > 0.999,
                    "{}",
                    format.file
                );
            }
            Err(error) => {
                assert!(format.cut == Cut::Refused, "{}: {error}", format.file);
                let line = error.to_string();
                let said = line.contains("cut short") || line.contains("stops in the middle");
                assert!(said, "{line}");
            }
        }
    });
}

#[test]
fn bytes_behind_the_end_change_nothing() {
    let id3v1 = [b"TAG".as_slice(), &[b' '; 125]].concat();
    let mut ape = b"APETAGEX\xD0\x07\0\0\x20\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    ape.extend([0; 8]);
    for_each_format(|format, bench| {
        let whole = std::fs::read(bench.encode(format, 2, "")).expect("just written");
        for (tail, what) in [
            (id3v1.clone(), "an ID3v1 tag"),
            ([ape.as_slice(), &id3v1].concat(), "an APE and an ID3v1 tag"),
            (vec![0; 300], "zeros"),
        ] {
            let file = bench.write(format, &[whole.as_slice(), &tail].concat());
            bench.check_whole(format, 2, &file, &format!("with {what} behind it"));
        }
    });
}

#[test]
fn recordings_that_were_glued_together_are_read_as_one_or_said_to_change() {
    let glued = ["a.wav", "a.flac", "flac.ogg", "a.ogg", "a.opus", "a.mp3"];
    for_each_format(|format, bench| {
        if !glued.contains(&format.file) {
            return;
        }
        let stereo = std::fs::read(bench.encode(format, 2, "")).expect("just written");
        let once = decode_all(&bench.path(format.file)).expect("a whole file");
        // The second one is another, so that neither serial numbers nor sizes are the same.
        let other = std::fs::read(bench.encode(format, 2, "-ss 0.5")).expect("just written");
        let rest = decode_all(&bench.path(format.file))
            .expect("a whole file")
            .frames();
        for (second, frames) in [(&stereo, FRAMES), (&other, rest)] {
            let both = bench.write(format, &[stereo.as_slice(), second].concat());
            let both = decode_all(&both).unwrap_or_else(|error| panic!("{}: {error}", format.file));
            assert_eq!(
                (both.frames(), &both.warnings[..]),
                (FRAMES + frames, &[][..]),
                "{}",
                format.file
            );
            let begin = 2 * FRAMES;
            assert!(
                likeness(&both.samples[..begin], &once.samples) > 0.999_999,
                "{}",
                format.file
            );
        }
        let mono = std::fs::read(bench.encode(format, 1, "")).expect("just written");
        let both = bench.write(format, &[stereo.as_slice(), &mono].concat());
        let both = decode_all(&both).unwrap_or_else(|error| panic!("{}: {error}", format.file));
        let frame = FRAMES as u64;
        assert_eq!(
            both.warnings,
            [DecodeWarning::FormatChanges { frame }],
            "{}",
            format.file
        );
        assert_eq!(both.frames(), FRAMES, "{}", format.file);
    });
}

#[test]
fn tags_name_the_file_and_change_nothing() {
    for_each_format(|format, bench| {
        if !format.tags {
            return;
        }
        let tags = "-metadata artist=Ärtist -metadata title=Söng";
        let file = bench.encode(format, 2, tags);
        let decoded = bench.check_whole(format, 2, &file, "with tags");
        assert_eq!(
            decoded.title.as_deref(),
            Some("Ärtist - Söng"),
            "{}",
            format.file
        );
    });
}

#[test]
fn a_large_picture_changes_nothing() {
    for_each_format(|format, bench| {
        if format.picture {
            let file = bench.with_picture(format);
            bench.check_whole(format, 2, &file, "with a picture");
        }
    });
}

#[test]
fn no_bytes_and_zero_bytes_are_refused_in_one_line() {
    let dir = TempDir::new().expect("a folder for the test");
    for format in FORMATS {
        for (bytes, what) in [(0, "empty"), (1, "not an audio"), (100_000, "not an audio")] {
            let path = dir.path().join(format.file);
            std::fs::write(&path, vec![0; bytes]).expect("room");
            let error = FileDecoder::open(&path).err().expect("no sound");
            let line = error.to_string();
            let right = match bytes {
                0 => matches!(error, DecodeError::Empty { .. }),
                // Where the name says MPEG, noise at the beginning is forgiven, and then there is nothing.
                _ => matches!(
                    error,
                    DecodeError::NotAudio { .. }
                        | DecodeError::Damaged { .. }
                        | DecodeError::NoAudio { .. }
                ),
            };
            assert!(right && !line.contains('\n'), "{bytes} {what}: {line}");
        }
    }
}

#[test]
fn five_hundred_mutations_of_every_format_do_no_harm() {
    for_each_format(|format, bench| {
        let whole = std::fs::read(bench.short(format)).expect("just written");
        let mut dice = Dice(format.file.len() as u64);
        for round in 0..500 {
            let bytes = mutated(&whole, &mut dice, round);
            let file = bench.write(format, &bytes);
            match decode_all(&file) {
                Ok(decoded) => {
                    assert!(decoded.samples.iter().all(|sample| sample.is_finite()));
                    // The most compact legal thing is a FLAC of silence.
                    assert!(decoded.samples.len() <= (bytes.len() + 100) * 52_428);
                }
                Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
            }
        }
    });
}

/// Flipped bytes, headers above all; a stretch that is missing, doubled or zero; an end that is missing.
fn mutated(whole: &[u8], dice: &mut Dice, round: usize) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let reach = if round.is_multiple_of(2) {
        bytes.len().min(1_500)
    } else {
        bytes.len()
    };
    for _ in 0..=dice.below(6) {
        let at = dice.below(reach);
        bytes[at] = [0, 0xFF, 0x7F, dice.below(256) as u8][dice.below(4)];
    }
    let start = dice.below(bytes.len());
    let end = (start + dice.below(600)).min(bytes.len());
    match round % 5 {
        1 => drop(bytes.drain(start..end)),
        2 => bytes[start..end].fill(0),
        3 => {
            let twice = bytes[start..end].to_vec();
            bytes.splice(start..start, twice);
        }
        4 => bytes.truncate(start + 1),
        _ => {}
    }
    bytes
}

// ---- The bench ------------------------------------------------------------------------------------------------------

/// Runs a check on each format in a folder of its own; says so where ffmpeg is missing.
fn for_each_format(check: impl Fn(&Format, &Bench)) {
    if Command::new("ffmpeg").arg("-version").output().is_err() {
        eprintln!("skipped: ffmpeg is not installed, and it makes the files of this test");
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
struct Bench {
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

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn ffmpeg(&self, channels: usize) -> Command {
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "error", "-y", "-i"])
            .arg(self.path(&format!("source{channels}.wav")));
        command
    }

    fn encode(&self, format: &Format, channels: usize, more: &str) -> PathBuf {
        let path = self.path(format.file);
        let mut command = self.ffmpeg(channels);
        let words = format.encode.split(' ').chain(more.split_whitespace());
        run(command.args(words).arg(&path));
        path
    }

    /// A tenth of a second.
    fn short(&self, format: &Format) -> PathBuf {
        self.encode(format, 2, "-t 0.1")
    }

    fn through_pipe(&self, format: &Format, container: &str) -> PathBuf {
        let mut command = self.ffmpeg(2);
        command
            .args(format.encode.split(' '))
            .args(["-f", container, "pipe:1"]);
        let bytes = run(&mut command);
        self.write(format, &bytes)
    }

    /// With a picture of noise, larger than what is read of tags.
    fn with_picture(&self, format: &Format) -> PathBuf {
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

    fn write(&self, format: &Format, bytes: &[u8]) -> PathBuf {
        let path = self.path(&format!("changed-{}", format.file));
        std::fs::write(&path, bytes).expect("room");
        path
    }

    /// Holds a file to what was encoded, warnings included.
    fn check_whole(
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
fn likeness(a: &[f32], b: &[f32]) -> f64 {
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
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}
