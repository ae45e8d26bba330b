//! Decoding held against ffmpeg on files made here, and against what damaged and hostile files do.

use std::path::{Path, PathBuf};
use std::process::Command;

use abscope::audio::decode::{DecodeError, DecodeWarning, DecodedFile, FileDecoder, decode_all};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::support::alone::in_own_process;
use crate::support::parts::{self, FFMPEG};

// ---- Formats against the oracle -------------------------------------------------------------------------------------

#[test]
fn every_wav_flavour_is_decoded_to_the_sample() {
    if !parts::are_there("every_wav_flavour_is_decoded_to_the_sample", &[FFMPEG]) {
        return;
    }
    let dir = TempDir::new().expect("a folder for the test");
    let frames = signal(2, 4_801, 48_000);
    for flavour in [
        Flavour::new(1, 8, 1),
        Flavour::new(1, 16, 2),
        Flavour::new(1, 24, 3),
        Flavour::new(1, 32, 4),
        Flavour::new(1, 24, 4),
        Flavour::new(3, 32, 4),
        Flavour::new(3, 64, 8),
        Flavour::new(1, 16, 2).extensible(),
        Flavour::new(1, 24, 3).extensible(),
        Flavour::new(1, 20, 3).extensible(),
        Flavour::new(3, 32, 4).extensible(),
    ] {
        let path = write(&dir, "flavour.wav", &wav(&flavour, 2, 48_000, &frames));
        let decoded = decode_all(&path).expect("a good file");
        assert_eq!(
            decoded.format,
            StreamFormat {
                sample_rate_hz: 48_000,
                layout: ChannelLayout::Stereo
            }
        );
        assert_eq!(decoded.warnings, [], "{flavour:?}");
        assert_eq!(decoded.samples.len(), frames.len(), "{flavour:?}");
        let expected: Vec<f32> = frames.iter().map(|x| flavour.expected(*x)).collect();
        assert_eq!(decoded.samples, expected, "{flavour:?}");
        // 24 bits in 4 bytes under the plain tag: ffmpeg reads the bytes as 24-bit samples and gets noise.
        if (flavour.bits, flavour.bytes) != (24, 4) {
            assert_eq!(
                decoded.samples,
                ffmpeg_decode(&path, &[]),
                "{flavour:?} against ffmpeg"
            );
        }
    }
}

#[test]
fn all_sample_rates_and_channel_counts_of_wav_keep_their_format() {
    let dir = TempDir::new().expect("a folder for the test");
    for rate_hz in [8_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000] {
        for channels in [1, 2, 3, 6, 8] {
            let frames = signal(channels, 100, rate_hz);
            let path = write(
                &dir,
                "f.wav",
                &wav(&Flavour::new(1, 16, 2), channels as u16, rate_hz, &frames),
            );
            let decoded = decode_all(&path).expect("a good file");
            let layout = ChannelLayout::from_count(channels as u16);
            assert_eq!(
                decoded.format,
                StreamFormat {
                    sample_rate_hz: rate_hz,
                    layout
                }
            );
            assert_eq!(decoded.frames(), 100);
        }
    }
}

#[test]
fn lossless_formats_are_decoded_to_the_sample() {
    if !parts::are_there("lossless_formats_are_decoded_to_the_sample", &[FFMPEG]) {
        return;
    }
    for (channels, rate_hz) in [(1, 44_100), (2, 48_000), (6, 96_000)] {
        let source = Encoded::source(channels, 30_011, rate_hz);
        let original = decode_all(&source.path("source.wav"))
            .expect("the source")
            .samples;
        for (name, args) in [
            ("s.flac", "-c:a flac -sample_fmt s16"),
            ("s24.flac", "-c:a flac -sample_fmt s32"),
            ("s.flac.ogg", "-c:a flac -f ogg"),
            ("s.alac.m4a", "-c:a alac"),
            ("s.alac.caf", "-c:a alac"),
            ("s.caf", "-c:a pcm_s16le"),
            ("s.s24be.caf", "-c:a pcm_s24be"),
            ("s.f32.caf", "-c:a pcm_f32be"),
            ("s.aiff", "-c:a pcm_s16be"),
            ("s24.aiff", "-c:a pcm_s24be"),
            ("f32.aiff", "-c:a pcm_f32be"),
            ("f64.aiff", "-c:a pcm_f64be"),
            ("sowt.aiff", "-c:a pcm_s16le"),
            ("rf64.wav", "-c:a pcm_s24le -rf64 always"),
            ("s.w64", "-c:a pcm_s16le"),
            ("f.w64", "-c:a pcm_f32le"),
        ] {
            if channels == 6 && name == "s.alac.caf" {
                continue; // ffmpeg writes no channel layout there.
            }
            let path = source.encode(name, args);
            let decoded = decode_all(&path)
                .unwrap_or_else(|error| panic!("{name}, {channels} channels: {error}"));
            assert_eq!(
                decoded.format.layout,
                ChannelLayout::from_count(channels as u16),
                "{name}"
            );
            assert_eq!(decoded.format.sample_rate_hz, rate_hz, "{name}");
            assert_eq!(decoded.warnings, [], "{name}");
            // Wave64 pads to 8 bytes and ffmpeg counts the padding into the length of the sound.
            let padding = if name.ends_with(".w64") { 8 } else { 0 };
            assert!(
                (original.len()..=original.len() + padding).contains(&decoded.samples.len()),
                "{name}"
            );
            assert!(
                decoded.samples[..original.len()] == original,
                "{name}, {channels} channels: other samples"
            );
            assert!(
                decoded.samples == ffmpeg_decode(&path, &[]),
                "{name}, {channels} channels: not as ffmpeg"
            );
        }
    }
}

#[test]
fn lossy_formats_are_decoded_as_by_ffmpeg_and_lie_where_they_were() {
    if !parts::are_there(
        "lossy_formats_are_decoded_as_by_ffmpeg_and_lie_where_they_were",
        &[FFMPEG],
    ) {
        return;
    }
    for (channels, rate_hz) in [(1, 44_100), (2, 44_100), (2, 48_000)] {
        let source = Encoded::source(channels, 60_013, rate_hz);
        let original = decode_all(&source.path("source.wav"))
            .expect("the source")
            .samples;
        for (name, args, decode_args, exact_len) in [
            ("s.mp3", "-c:a libmp3lame -b:a 256k", [].as_slice(), true),
            ("s.vbr.mp3", "-c:a libmp3lame -q:a 2", &[], true),
            ("s.m4a", "-c:a aac -b:a 256k", &[], true),
            ("s.ogg", "-c:a libvorbis -q:a 8", &[], true),
            (
                "s.opus",
                "-c:a libopus -b:a 256k",
                &["-c:a", "libopus"],
                rate_hz == 48_000,
            ),
        ] {
            let path = source.encode(name, args);
            let decoded = decode_all(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(decoded.warnings, [], "{name}");
            assert_eq!(
                decoded.format.layout,
                ChannelLayout::from_count(channels as u16),
                "{name}"
            );
            let by_ffmpeg = ffmpeg_decode(&path, decode_args);
            // ffmpeg leaves the encoder's padding at the end of an MP4: up to a packet more than went in.
            let surplus = if name == "s.m4a" { 1024 * channels } else { 0 };
            let allowed = decoded.samples.len()..=decoded.samples.len() + surplus;
            assert!(
                allowed.contains(&by_ffmpeg.len()),
                "{name}: {} of {}",
                decoded.samples.len(),
                by_ffmpeg.len()
            );
            let worst = largest_difference(&decoded.samples, &by_ffmpeg);
            assert!(
                worst < 1e-4,
                "{name}, {channels} channels at {rate_hz} Hz: off by {worst}"
            );
            if exact_len {
                assert_eq!(decoded.samples.len(), original.len(), "{name}: gapless");
                assert_eq!(
                    best_shift_frames(&decoded.samples, &original, channels),
                    0,
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn five_point_one_comes_in_one_order_from_every_format() {
    if !parts::are_there(
        "five_point_one_comes_in_one_order_from_every_format",
        &[FFMPEG],
    ) {
        return;
    }
    let source = Encoded::source(6, 48_000, 48_000);
    let original = decode_all(&source.path("source.wav"))
        .expect("the source")
        .samples;
    for (name, args) in [
        ("x.flac", "-c:a flac"),
        ("x.alac.m4a", "-c:a alac"),
        ("x.alac.caf", "-c:a alac"),
        ("x.aiff", "-c:a pcm_s16be"),
        ("x.caf", "-c:a pcm_s16le"),
        ("x.opus", "-c:a libopus -b:a 510k"),
        ("x.ogg", "-c:a libvorbis -q:a 8"),
        ("x.mka", "-c:a libvorbis -q:a 8"),
    ] {
        let decoded = decode_all(&source.encode(name, args))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(decoded.format.layout, ChannelLayout::Surround51, "{name}");
        for channel in 0..6 {
            let best = (0..6)
                .max_by(|a, b| {
                    let [a, b] = [a, b].map(|other| {
                        likeness(
                            &one_channel(&decoded.samples, 6, channel),
                            &one_channel(&original, 6, *other),
                        )
                    });
                    a.total_cmp(&b)
                })
                .expect("six channels");
            assert_eq!(
                best, channel,
                "{name}: channel {channel} carries that of {best}"
            );
        }
    }
}

#[test]
fn what_cannot_be_decoded_truly_is_refused_by_name() {
    if !parts::are_there("what_cannot_be_decoded_truly_is_refused_by_name", &[FFMPEG]) {
        return;
    }
    let source = Encoded::source(6, 4_800, 48_000);
    for (name, args, what) in [
        ("x.m4a", "-c:a aac", "AAC"),
        ("x.wv", "-c:a wavpack", "WavPack"),
        ("x.ac3", "-c:a ac3", "Dolby Digital"),
        ("x.au", "-c:a pcm_s16be", "AU"),
    ] {
        let error = FileDecoder::open(&source.encode(name, args))
            .err()
            .unwrap_or_else(|| panic!("{name} was opened"));
        assert!(
            matches!(error, DecodeError::Unsupported { .. }),
            "{name}: {error:?}"
        );
        let line = error.to_string();
        assert!(
            line.contains(what) && line.contains("convert it to WAV or FLAC"),
            "{line}"
        );
    }
}

#[test]
fn a_file_is_named_by_its_tags() {
    if !parts::are_there("a_file_is_named_by_its_tags", &[FFMPEG]) {
        return;
    }
    let source = Encoded::source(2, 4_800, 48_000);
    for name in ["t.wav", "t.flac", "t.mp3", "t.m4a", "t.ogg", "t.opus"] {
        let path = source.encode(name, "-metadata artist=Ärtist -metadata title=Söng");
        let decoder = FileDecoder::open(&path).expect("a good file");
        assert_eq!(decoder.title().as_deref(), Some("Ärtist - Söng"), "{name}");
    }
    let path = source.encode(
        "t.aiff",
        "-write_id3v2 1 -metadata artist=Ärtist -metadata title=Söng",
    );
    assert_eq!(
        FileDecoder::open(&path)
            .expect("a good file")
            .title()
            .as_deref(),
        Some("Ärtist - Söng")
    );
    assert_eq!(
        FileDecoder::open(&source.path("source.wav"))
            .expect("a good file")
            .title(),
        None
    );
}

#[test]
fn streaming_in_chunks_gives_the_same_as_all_at_once() {
    if !parts::are_there(
        "streaming_in_chunks_gives_the_same_as_all_at_once",
        &[FFMPEG],
    ) {
        return;
    }
    let source = Encoded::source(2, 200_000, 48_000);
    for name in ["source.wav", "s.flac", "s.mp3"] {
        let path = if name == "source.wav" {
            source.path(name)
        } else {
            source.encode(name, "-b:a 128k")
        };
        let mut decoder = FileDecoder::open(&path).expect("a good file");
        assert_eq!(decoder.declared_frames(), Some(200_000), "{name}");
        let (mut streamed, mut chunk, mut chunks) = (Vec::new(), vec![9.0; 5], 0);
        while decoder.read(&mut chunk).expect("a good file") {
            assert!(!chunk.is_empty() && chunk.len().is_multiple_of(2));
            streamed.extend_from_slice(&chunk);
            chunks += 1;
        }
        assert!(chunks > 3 && chunk.is_empty());
        assert!(!decoder.read(&mut chunk).expect("the end stays the end"));
        assert!(
            streamed == decode_all(&path).expect("a good file").samples,
            "{name}"
        );
    }
}

// ---- Damaged, wrong and hostile files -------------------------------------------------------------------------------

#[test]
fn each_kind_of_wrong_file_gives_one_line_that_says_what_to_do() {
    let dir = TempDir::new().expect("a folder for the test");
    let silence = [0.0; 64];
    type Check = fn(&DecodeError) -> bool;
    let cases: [(PathBuf, Check); 9] = [
        (dir.path().join("missing.wav"), |e| {
            matches!(e, DecodeError::NotFound { .. })
        }),
        (dir.path().join("missing\nfile.wav"), |e| {
            matches!(e, DecodeError::NotFound { .. })
        }),
        (dir.path().to_path_buf(), |e| {
            matches!(e, DecodeError::IsFolder { .. })
        }),
        (write(&dir, "empty.wav", b""), |e| {
            matches!(e, DecodeError::Empty { .. })
        }),
        (
            write(&dir, "text.wav", b"These are the lyrics, not the song."),
            |e| matches!(e, DecodeError::NotAudio { .. }),
        ),
        (
            write(
                &dir,
                "slow.wav",
                &wav(&Flavour::new(1, 16, 2), 1, 100, &silence),
            ),
            |e| matches!(e, DecodeError::UnsupportedRate { rate_hz: 100, .. }),
        ),
        (
            write(
                &dir,
                "wide.wav",
                &wav(&Flavour::new(1, 16, 2), 65, 48_000, &[0.0; 650]),
            ),
            |e| matches!(e, DecodeError::UnsupportedChannels { channels: 65, .. }),
        ),
        (
            write(
                &dir,
                "silent.wav",
                &wav(&Flavour::new(1, 16, 2), 1, 48_000, &[]),
            ),
            |e| matches!(e, DecodeError::NoAudio { .. }),
        ),
        (PathBuf::from("/dev/zero"), |e| {
            matches!(
                e,
                DecodeError::NotAFile { .. } | DecodeError::NotFound { .. }
            )
        }),
    ];
    for (path, is_right) in cases {
        let error = FileDecoder::open(&path)
            .err()
            .unwrap_or_else(|| panic!("{} was opened", path.display()));
        let line = error.to_string();
        assert!(is_right(&error), "{error:?}");
        assert!(!line.contains('\n') && line.contains("; "), "{line}");
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .replace('\n', "\u{fffd}");
        assert!(line.contains(&name), "{line}");
    }
}

#[test]
fn a_truncated_file_yields_what_it_holds_and_a_warning() {
    if !parts::are_there(
        "a_truncated_file_yields_what_it_holds_and_a_warning",
        &[FFMPEG],
    ) {
        return;
    }
    // Ogg pages are a second long: half of a file must be more than one.
    let source = Encoded::source(2, 240_000, 48_000);
    for (name, args) in [
        ("t.wav", "-c:a pcm_s24le"),
        ("t.w64", "-c:a pcm_s16le"),
        ("t.rf64.wav", "-rf64 always"),
        ("t.aiff", "-c:a pcm_s16be"),
        ("t.caf", "-c:a pcm_s16le"),
        ("t.flac", "-c:a flac"),
        ("t.mp3", "-c:a libmp3lame"),
        ("t.ogg", "-c:a libvorbis"),
        ("t.opus", "-c:a libopus"),
        ("t.m4a", "-c:a aac -movflags +faststart"),
    ] {
        let whole = source.encode(name, args);
        let bytes = std::fs::read(&whole).expect("just written");
        let samples = decode_all(&whole).expect("a good file").samples;
        for tenths in [5, 7, 9] {
            let path = write(
                &source.dir,
                &format!("cut-{name}"),
                &bytes[..bytes.len() * tenths / 10],
            );
            let cut =
                decode_all(&path).unwrap_or_else(|error| panic!("{name} at {tenths}/10: {error}"));
            let short = |warning: &DecodeWarning| {
                matches!(
                    warning,
                    DecodeWarning::Truncated { .. } | DecodeWarning::EndsEarly { .. }
                )
            };
            assert!(
                cut.warnings.iter().any(short),
                "{name} at {tenths}/10: {:?}",
                cut.warnings
            );
            assert!(
                cut.samples.len() > samples.len() / 4,
                "{name} at {tenths}/10: {} frames",
                cut.frames()
            );
            assert!(
                cut.samples.len() < samples.len(),
                "{name} at {tenths}/10: {} frames",
                cut.frames()
            );
            // The last packet may be half a packet.
            let sure = cut.samples.len().saturating_sub(2 * 4_096);
            assert!(
                largest_difference(&cut.samples[..sure], &samples) < 1e-6,
                "{name} at {tenths}/10"
            );
        }
    }
}

#[test]
fn a_recording_whose_header_was_never_finished_is_read_to_the_end() {
    let dir = TempDir::new().expect("a folder for the test");
    let frames = signal(2, 1_000, 48_000);
    let mut bytes = wav(&Flavour::new(1, 16, 2), 2, 48_000, &frames);
    bytes[40..44].copy_from_slice(&0u32.to_le_bytes());
    let crashed = decode_all(&write(&dir, "crashed.wav", &bytes)).expect("there is sound in it");
    assert_eq!(
        (crashed.frames(), crashed.warnings),
        (1_000, vec![DecodeWarning::UnfinishedHeader])
    );
    bytes[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    let streamed = decode_all(&write(&dir, "streamed.wav", &bytes)).expect("there is sound in it");
    assert_eq!((streamed.frames(), streamed.warnings), (1_000, vec![]));
}

#[test]
fn samples_that_are_not_numbers_become_silence_and_are_counted() {
    let dir = TempDir::new().expect("a folder for the test");
    let mut frames = signal(2, 1_000, 48_000);
    frames[7] = f64::NAN;
    frames[8] = f64::INFINITY;
    frames[9] = 3.0;
    let decoded = decode_all(&write(
        &dir,
        "nan.wav",
        &wav(&Flavour::new(3, 32, 4), 2, 48_000, &frames),
    ));
    let decoded = decoded.expect("the rest is good");
    assert_eq!(decoded.warnings, [DecodeWarning::NotNumbers { samples: 2 }]);
    assert_eq!(
        decoded.samples[7..10],
        [0.0, 0.0, 3.0],
        "above full scale is kept"
    );
}

#[test]
fn damage_in_the_middle_of_an_mp3_costs_a_moment_and_is_said() {
    if !parts::are_there(
        "damage_in_the_middle_of_an_mp3_costs_a_moment_and_is_said",
        &[FFMPEG],
    ) {
        return;
    }
    let source = Encoded::source(2, 96_000, 48_000);
    let whole = source.encode("d.mp3", "-c:a libmp3lame -b:a 192k");
    let samples = decode_all(&whole).expect("a good file").samples;
    let mut bytes = std::fs::read(&whole).expect("just written");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 700].fill(0xAA);
    let damaged =
        decode_all(&write(&source.dir, "damaged.mp3", &bytes)).expect("most of it is good");
    assert!(!damaged.warnings.is_empty());
    assert!(
        damaged.samples.len().abs_diff(samples.len()) <= 2 * 3 * 1_152,
        "{}",
        damaged.frames()
    );
    let quarter = samples.len() / 4;
    assert!(
        damaged.samples[..quarter] == samples[..quarter],
        "what lies before the damage"
    );
}

#[test]
fn a_damaged_page_of_an_ogg_file_becomes_silence_of_its_length() {
    if !parts::are_there(
        "a_damaged_page_of_an_ogg_file_becomes_silence_of_its_length",
        &[FFMPEG],
    ) {
        return;
    }
    let source = Encoded::source(2, 480_000, 48_000);
    for (name, args) in [("d.ogg", "-c:a libvorbis"), ("d.opus", "-c:a libopus")] {
        let whole = source.encode(name, args);
        let samples = decode_all(&whole).expect("a good file").samples;
        let mut bytes = std::fs::read(&whole).expect("just written");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x55;
        let damaged = decode_all(&write(&source.dir, &format!("damaged-{name}"), &bytes))
            .expect("most of it is good");
        assert!(
            matches!(damaged.warnings[..], [DecodeWarning::SkippedPackets { .. }]),
            "{name}: {:?}",
            damaged.warnings
        );
        assert_eq!(damaged.samples.len(), samples.len(), "{name}");
        let tail = samples.len() * 9 / 10;
        assert!(
            largest_difference(&damaged.samples[tail..], &samples[tail..]) < 1e-3,
            "{name}: not at its place"
        );
    }
}

#[test]
fn headers_with_absurd_sizes_cost_neither_time_nor_memory() {
    measured(
        "headers_with_absurd_sizes_cost_neither_time_nor_memory",
        || {
            let dir = TempDir::new().expect("a folder for the test");
            let frames = signal(2, 100, 48_000);
            let good = wav(&Flavour::new(1, 16, 2), 2, 48_000, &frames);
            // Every 32-bit field of the header in turn claims the most it can.
            for at in (4..44).step_by(2) {
                for value in [0u32, 1, 0x7FFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFF] {
                    let mut bytes = good.clone();
                    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
                    check_survived(&write(&dir, "absurd.wav", &bytes), bytes.len());
                }
            }
        },
    );
}

#[test]
fn a_parser_that_panics_is_a_damaged_file() {
    measured("a_parser_that_panics_is_a_damaged_file", || {
        let dir = TempDir::new().expect("a folder for the test");
        // symphonia 0.6.1 multiplies the packet length by 8, which overflows; it panics in builds with overflow checks.
        let mut bytes = b"caff\0\x01\0\0desc\0\0\0\0\0\0\0\x20".to_vec();
        bytes.extend(48_000f64.to_be_bytes());
        bytes.extend(b"ulaw");
        [0u32, u32::MAX, 1, 1, 8]
            .iter()
            .for_each(|word| bytes.extend(word.to_be_bytes()));
        bytes.extend(b"data\0\0\0\0\0\0\0\x08\0\0\0\0abcd");
        check_survived(&write(&dir, "overflow.caf", &bytes), bytes.len());
    });
}

#[test]
fn a_megabyte_of_noise_is_no_audio() {
    // Among so many bytes there will be what looks like MPEG frames: who searches long enough hears something.
    let dir = TempDir::new().expect("a folder for the test");
    let mut random = Random(3);
    let mut noise: Vec<u8> = (0..1 << 20).map(|_| random.below(256) as u8).collect();
    // 128 kbit/s at 44.1 kHz, 417 bytes each.
    for frame in 0..8 {
        noise[300_000 + 417 * frame..][..4].copy_from_slice(b"\xFF\xFB\x90\x64");
    }
    let error = decode_all(&write(&dir, "noise.bin", &noise)).expect_err("noise");
    assert!(matches!(error, DecodeError::NotAudio { .. }), "{error:?}");
}

#[test]
fn noise_behind_any_signature_never_panics_hangs_or_eats_memory() {
    let config = ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let noise = proptest::collection::vec(any::<u8>(), 0..4_000);
    let name = "noise_behind_any_signature_never_panics_hangs_or_eats_memory";
    measured(name, || {
        proptest!(config, |(
            magic in 0..SIGNATURES.len(),
            noise in noise,
            extension in 0..EXTENSIONS.len(),
        )| {
            let dir = TempDir::new().expect("a folder for the test");
            let bytes = [SIGNATURES[magic], &noise].concat();
            let name = format!("noise.{}", EXTENSIONS[extension]);
            check_survived(&write(&dir, &name, &bytes), bytes.len());
        });
    });
}

#[test]
fn flipped_bytes_never_panic_hang_or_eat_memory() {
    if !parts::are_there("flipped_bytes_never_panic_hang_or_eat_memory", &[FFMPEG]) {
        return;
    }
    measured("flipped_bytes_never_panic_hang_or_eat_memory", || {
        let source = Encoded::source(2, 6_000, 48_000);
        let files: Vec<Vec<u8>> = [
            ("a.wav", "-c:a pcm_s16le"),
            ("a.w64", "-c:a pcm_s16le"),
            ("a.aiff", "-c:a pcm_s24be"),
            ("a.caf", "-c:a alac"),
            ("a.flac", "-c:a flac"),
            ("a.mp3", "-c:a libmp3lame"),
            ("a.m4a", "-c:a aac"),
            ("b.m4a", "-c:a alac -movflags +faststart"),
            ("a.ogg", "-c:a libvorbis"),
            ("a.opus", "-c:a libopus"),
            ("a.webm", "-c:a libopus"),
        ]
        .iter()
        .map(|(name, args)| std::fs::read(source.encode(name, args)).expect("just written"))
        .collect();
        let mut random = Random(7);
        for round in 0..60 {
            for (number, good) in files.iter().enumerate() {
                let mut bytes = good.clone();
                for _ in 0..=random.below(8) {
                    // Headers are where damage is dangerous.
                    let reach = if round % 2 == 0 {
                        bytes.len().min(1_500)
                    } else {
                        bytes.len()
                    };
                    let at = random.below(reach);
                    bytes[at] = [0, 0xFF, 0x7F, random.below(256) as u8][random.below(4)];
                }
                bytes.truncate(if round % 3 == 0 {
                    random.below(bytes.len()) + 1
                } else {
                    bytes.len()
                });
                check_survived(
                    &write(&source.dir, &format!("flipped-{number}.bin"), &bytes),
                    bytes.len(),
                );
            }
        }
    });
}

const SIGNATURES: [&[u8]; 12] = [
    b"",
    b"RIFF\xFF\xFF\xFF\x7FWAVEfmt \x10\0\0\0\x01\0\x02\0\x44\xAC\0\0\0\0\0\0\x04\0\x10\0",
    b"RIFF\0\0\0\0WAVE",
    b"FORM\0\0\0\0AIFF",
    b"caff\0\x01\0\0",
    b"fLaC\0\0\0\x22",
    b"OggS\0\x02",
    b"\xFF\xFB\x90\x64",
    b"ID3\x04\0\0\x7F\x7F\x7F\x7F",
    b"\0\0\0\x18ftypM4A \0\0\0\0",
    b"\x1A\x45\xDF\xA3",
    b"\xFF\xF1\x50\x80",
];
const EXTENSIONS: [&str; 6] = ["wav", "mp3", "m4a", "flac", "ogg", "bin"];

/// Runs a test in a process of its own, whose memory is that of this test alone.
fn measured(test: &str, body: impl FnOnce()) {
    in_own_process(test, |_| {}, body);
}

/// Decodes, whatever comes of it, and holds the result to what a file of this size can contain.
fn check_survived(path: &Path, file_len: usize) {
    let begin = std::time::Instant::now();
    match decode_all(path) {
        Ok(DecodedFile { samples, .. }) => {
            assert!(samples.iter().all(|sample| sample.is_finite()));
            // The most compact legal thing is a FLAC of silence, 65535 frames of 8 channels in some ten bytes.
            assert!(
                samples.len() <= (file_len + 100) * 52_428,
                "{} samples of {file_len} bytes",
                samples.len()
            );
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
    assert!(
        begin.elapsed().as_secs() < 20,
        "{file_len} bytes took {:?}",
        begin.elapsed()
    );
    if let Some(peak_mib) = peak_memory_mib() {
        assert!(
            peak_mib < 1_500,
            "{peak_mib} MiB for files of a few kilobytes"
        );
    }
}

/// The most memory this process ever had, where the system tells.
fn peak_memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

// ---- Fixtures -------------------------------------------------------------------------------------------------------

/// How a WAV stores its samples.
#[derive(Debug)]
struct Flavour {
    tag: u16,
    bits: u16,
    bytes: u16,
    extensible: bool,
}

impl Flavour {
    fn new(tag: u16, bits: u16, bytes: u16) -> Self {
        Self {
            tag,
            bits,
            bytes,
            extensible: false,
        }
    }

    fn extensible(self) -> Self {
        Self {
            extensible: true,
            ..self
        }
    }

    /// The integer that stands for a sample, in the valid bits.
    fn quantised(&self, x: f64) -> i64 {
        let scale = 2f64.powi(i32::from(self.bits) - 1);
        (x * scale).round().clamp(-scale, scale - 1.0) as i64
    }

    /// What the sample must be after decoding.
    fn expected(&self, x: f64) -> f32 {
        match self.tag {
            3 => x as f32,
            _ => (self.quantised(x) as f64 / 2f64.powi(i32::from(self.bits) - 1)) as f32,
        }
    }

    fn push(&self, x: f64, out: &mut Vec<u8>) {
        match (self.tag, self.bytes) {
            (3, 4) => out.extend((x as f32).to_le_bytes()),
            (3, _) => out.extend(x.to_le_bytes()),
            (_, 1) => out.push((self.quantised(x) + 128) as u8),
            // Fewer valid bits than the container has are left-justified.
            (_, bytes) => {
                let shifted = self.quantised(x) << (8 * bytes - self.bits);
                out.extend(&shifted.to_le_bytes()[..usize::from(bytes)]);
            }
        }
    }
}

/// A WAV file, by hand.
fn wav(flavour: &Flavour, channels: u16, rate_hz: u32, samples: &[f64]) -> Vec<u8> {
    let mut data = Vec::new();
    samples.iter().for_each(|x| flavour.push(*x, &mut data));
    let block = channels * flavour.bytes;
    let mut format = Vec::new();
    format.extend(
        if flavour.extensible {
            0xFFFE
        } else {
            flavour.tag
        }
        .to_le_bytes(),
    );
    format.extend(channels.to_le_bytes());
    format.extend(rate_hz.to_le_bytes());
    format.extend((rate_hz * u32::from(block)).to_le_bytes());
    format.extend(block.to_le_bytes());
    format.extend(
        if flavour.extensible {
            flavour.bytes * 8
        } else {
            flavour.bits
        }
        .to_le_bytes(),
    );
    if flavour.extensible {
        format.extend(22u16.to_le_bytes());
        format.extend(flavour.bits.to_le_bytes());
        format.extend(3u32.to_le_bytes());
        format.extend(flavour.tag.to_le_bytes());
        format.extend(b"\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71");
    }
    let mut file = b"RIFF".to_vec();
    file.extend((20 + format.len() as u32 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend((format.len() as u32).to_le_bytes());
    file.extend(format);
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

/// Interleaved programme: in each channel its own wandering tone and soft noise, the fourth of six a low tone (LFE).
fn signal(channels: usize, frames: usize, rate_hz: u32) -> Vec<f64> {
    let mut random = Random(channels as u64);
    let mut smooth = vec![0.0; channels];
    let mut samples = Vec::with_capacity(channels * frames);
    for frame in 0..frames {
        let secs = frame as f64 / f64::from(rate_hz);
        for (channel, smooth) in smooth.iter_mut().enumerate() {
            let low = channels == 6 && channel == 3;
            let hz = if low {
                50.0
            } else {
                220.0 * (channel + 1) as f64
            };
            let phase = std::f64::consts::TAU * hz * secs + 4.0 * (3.0 * secs).sin();
            *smooth = 0.8 * *smooth + 0.2 * (random.below(2_001) as f64 / 1_000.0 - 1.0);
            samples.push(0.3 * phase.sin() + if low { 0.0 } else { 0.3 * *smooth });
        }
    }
    samples
}

/// A source in a folder of its own, and what ffmpeg makes of it.
struct Encoded {
    dir: TempDir,
}

impl Encoded {
    fn source(channels: usize, frames: usize, rate_hz: u32) -> Self {
        let dir = TempDir::new().expect("a folder for the test");
        let samples = signal(channels, frames, rate_hz);
        write(
            &dir,
            "source.wav",
            &wav(&Flavour::new(1, 16, 2), channels as u16, rate_hz, &samples),
        );
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn encode(&self, name: &str, args: &str) -> PathBuf {
        let path = self.path(name);
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "error", "-y", "-i"])
            .arg(self.path("source.wav"));
        run(command.args(args.split_whitespace()).arg(&path));
        path
    }
}

/// What ffmpeg decodes a file to.
fn ffmpeg_decode(path: &Path, args: &[&str]) -> Vec<f32> {
    let mut command = Command::new("ffmpeg");
    command
        .args(["-v", "error"])
        .args(args)
        .arg("-i")
        .arg(path)
        .args(["-f", "f32le", "-"]);
    run(&mut command)
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| {
        panic!("ffmpeg is the oracle of this test and does not start ({error}): run scripts/test, which installs it")
    });
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn write(dir: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).expect("the test's own folder");
    path
}

// ---- Measures -------------------------------------------------------------------------------------------------------

/// Over the common length.
fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

/// By how many frames `b` has to be moved to be most like `a`, up to a packet each way.
fn best_shift_frames(a: &[f32], b: &[f32], channels: usize) -> i64 {
    let (a, b) = (one_channel(a, channels, 0), one_channel(b, channels, 0));
    let window = 2_000..12_000;
    (-1_500i64..=1_500)
        .max_by(|left, right| {
            let [left, right] = [left, right].map(|shift| {
                let moved =
                    (window.start as i64 + shift) as usize..(window.end as i64 + shift) as usize;
                likeness(&a[moved], &b[window.clone()])
            });
            left.total_cmp(&right)
        })
        .expect("a range that is not empty")
}

/// Correlation.
fn likeness(a: &[f32], b: &[f32]) -> f64 {
    let sum = |x: &[f32], y: &[f32]| {
        x.iter()
            .zip(y)
            .map(|(x, y)| f64::from(*x) * f64::from(*y))
            .sum::<f64>()
    };
    sum(a, b) / (sum(a, a) * sum(b, b)).sqrt().max(1e-12)
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
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}
