//! Files that people had trouble with, in the smallest form that shows it: what the headers say and what is true.

use std::path::PathBuf;

use tempfile::TempDir;

use super::{DecodeError, DecodeWarning, DecodedFile, decode_all};
use crate::audio::frames::ChannelLayout;

const FRAMES: usize = 1_000;

#[test]
fn sizes_that_say_unknown_are_no_alarm_and_sizes_of_records_are() {
    for size in [
        0x7FFF_FFFFu32,
        0x7FFF_F000,
        0x8000_0000,
        0xFFFF_FFFF,
        0x7FFF_FFDB,
    ] {
        let file = wav(&[&fmt(2), &head(b"data", size), &sound(2)], size);
        assert_whole(&decoded("unknown.wav", &file), &format!("{size:x}"));
    }
    let cut = decoded(
        "cut.wav",
        &wav(&[&fmt(2), &head(b"data", 8_000), &sound(2)], 8_036),
    );
    assert_eq!(
        cut.warnings,
        [DecodeWarning::Truncated {
            decoded_frames: 1_000,
            declared_frames: 2_000
        }]
    );
}

#[test]
fn chunks_behind_sound_of_unknown_length_are_no_sound() {
    let list = chunk(b"LIST", b"INFOINAM\x04\0\0\0song");
    for (size, warnings) in [
        (0, vec![DecodeWarning::UnfinishedHeader]),
        (u32::MAX, vec![]),
    ] {
        let file = wav(&[&fmt(2), &head(b"data", size), &sound(2), &list], size);
        let read = decoded("list.wav", &file);
        assert_eq!((read.frames(), read.warnings), (FRAMES, warnings));
        assert_eq!(read.title.as_deref(), Some("song"));
    }
    let mut name = b"NAME\0\0\0\x04song".to_vec();
    name.extend(b"ANNO\0\0\0\x02ok");
    let begins = aiff_head(2, 0);
    let unfinished = [
        begins.as_slice(),
        b"SSND\0\0\0\0",
        &[0; 8],
        &big_endian(2),
        &name,
    ];
    let read = decoded("list.aiff", &unfinished.concat());
    assert_eq!(
        (read.frames(), read.warnings),
        (FRAMES, vec![DecodeWarning::UnfinishedHeader])
    );
}

#[test]
fn lengths_that_aiff_and_caf_do_not_know_are_no_alarm() {
    for (frames, len) in [
        (0x7F00_0000u32, 0x7F00_0008u32),
        (0, u32::MAX),
        (u32::MAX, 0x7FFF_FFFF),
    ] {
        let mut file = aiff_head(2, frames);
        file.extend(b"SSND");
        file.extend(len.to_be_bytes());
        file.extend([0; 8]);
        file.extend(big_endian(2));
        assert_whole(
            &decoded("unknown.aiff", &file),
            &format!("{frames:x} {len:x}"),
        );
    }
    for len in [-1, i64::MAX, 0x7FFF_FFFF] {
        assert_whole(
            &decoded("unknown.caf", &caf(2, &[], len)),
            &format!("{len:x}"),
        );
    }
}

#[test]
fn sound_in_several_chunks_and_in_glued_files_is_read_as_one() {
    let (first, rest) = (&sound(2)[..1_000], &sound(2)[1_000..]);
    let junk = chunk(b"JUNK", &[7; 9]);
    let file = wav(
        &[
            &fmt(2),
            &chunk(b"data", first),
            &junk,
            &fmt(2),
            &chunk(b"data", rest),
        ],
        0,
    );
    assert_whole(&decoded("two.wav", &file), "two chunks");
    let one = wav(&[&fmt(2), &chunk(b"data", &sound(2))], 4_036);
    let twice = decoded("glued.wav", &one.repeat(2));
    assert_eq!((twice.frames(), twice.warnings), (2 * FRAMES, vec![]));
    assert!(twice.samples[..2 * FRAMES] == twice.samples[2 * FRAMES..]);
    let file = wav(
        &[
            &fmt(2),
            &chunk(b"data", first),
            &fmt(1),
            &chunk(b"data", rest),
        ],
        0,
    );
    let changes = decoded("changes.wav", &file);
    assert_eq!(changes.frames(), 250);
    assert_eq!(
        changes.warnings,
        [DecodeWarning::FormatChanges { frame: 250 }]
    );
}

#[test]
fn more_sound_than_the_last_header_knew_of_is_said_to_be_left_out() {
    // A recorder that writes its header every now and then, and crashes.
    let sound = sound(2).repeat(20);
    let file = wav(&[&fmt(2), &head(b"data", 4_000), &sound], 4_036);
    let read = decoded("crashed.wav", &file);
    let bytes = sound.len() as u64 - 4_000;
    assert_eq!(
        (read.frames(), read.warnings),
        (FRAMES, vec![DecodeWarning::LeftOut { bytes }])
    );
    // What only fills up is no sound.
    let filled = [
        wav(&[&fmt(2), &head(b"data", 4_000), &sound[..4_000]], 4_036),
        vec![0; 90_000],
    ];
    assert_whole(&decoded("filled.wav", &filled.concat()), "zeros behind it");
}

#[test]
fn an_odd_chunk_without_its_padding_hides_nothing() {
    let odd = [head(b"LIST", 9).as_slice(), b"INFOabcde"].concat();
    assert_whole(
        &decoded(
            "odd.wav",
            &wav(&[&fmt(2), &odd, &chunk(b"data", &sound(2))], 0),
        ),
        "without padding",
    );
    let padded = chunk(b"LIST", b"INFOabcde");
    assert_whole(
        &decoded(
            "even.wav",
            &wav(&[&fmt(2), &padded, &chunk(b"data", &sound(2))], 0),
        ),
        "with padding",
    );
}

#[test]
fn the_channel_layouts_of_apple_lead_to_the_order_of_wav() {
    // MPEG 5.1 C: left, centre, right, both surrounds, LFE.
    let layout = [123u32 << 16 | 6, 0, 0].map(u32::to_be_bytes).concat();
    let film: [usize; 6] = [0, 2, 1, 4, 5, 3];
    let mut file = aiff_head(6, FRAMES as u32);
    file.extend(b"CHAN\0\0\0\x0C");
    file.extend(&layout);
    file.extend(b"SSND");
    file.extend((8 + 12 * FRAMES as u32).to_be_bytes());
    file.extend([0; 8]);
    let frames = sound(6);
    for frame in frames.as_chunks::<12>().0 {
        for channel in film {
            file.extend([frame[2 * channel + 1], frame[2 * channel]]);
        }
    }
    let read = decoded("film.aiff", &file);
    assert_eq!(read.format.layout, ChannelLayout::Surround51);
    assert!(read.samples == floats(6) && read.warnings.is_empty());
    let mut chan = b"chan\0\0\0\0\0\0\0\x0C".to_vec();
    chan.extend(&layout);
    let data = &file[file.len() - 12 * FRAMES..];
    let read = decoded("film.caf", &caf_of(6, &chan, -1, data));
    assert!(read.samples == floats(6) && read.warnings.is_empty());
}

#[test]
fn codecs_that_are_not_supported_are_called_by_their_names() {
    let mut mp3 = fmt(2);
    mp3[8] = 0x55;
    let cases = [
        (
            "mp3.wav",
            wav(&[&mp3, &chunk(b"data", &[0xFF; 400])], 0),
            "MP3 in a WAV file",
        ),
        (
            "x.ts",
            [b"G".as_slice(), &[0; 187]].concat().repeat(8),
            "an MPEG transport stream",
        ),
        ("x.dts", b"\x7F\xFE\x80\x01".repeat(99), "DTS"),
        (
            "x.avi",
            [b"RIFF\x40\0\0\0AVI LIST".as_slice(), &[0; 64]].concat(),
            "AVI",
        ),
        (
            "main.aac",
            b"\xFF\xF1\x10\x80\x01\x1F\xFC\x21".repeat(40),
            "AAC Main",
        ),
    ];
    for (name, bytes, what) in cases {
        let dir = TempDir::new().expect("a folder for the test");
        let error = decode_all(&write(&dir, name, &bytes)).expect_err("not supported");
        assert!(
            matches!(&error, DecodeError::Unsupported { what: named, .. } if named == what),
            "{error}"
        );
    }
}

#[test]
fn a_pipe_is_said_to_be_one() {
    let null = PathBuf::from("/dev/null");
    if null.exists() {
        let error = decode_all(&null).expect_err("no file").to_string();
        assert!(
            error.contains("a pipe or a device") && !error.contains("permissions"),
            "{error}"
        );
    }
}

#[test]
fn he_aac_is_refused_where_only_its_packets_tell() {
    // A tone of 997 Hz in mono at 8 kbit/s: the headers speak of plain AAC at 8 kHz.
    let dir = TempDir::new().expect("a folder for the test");
    let error = decode_all(&write(&dir, "he.aac", HE_AAC)).expect_err("half of the spectrum");
    assert!(
        error.to_string().contains("HE-AAC is not supported"),
        "{error}"
    );
}

const HE_AAC: &[u8] = include_bytes!("reported/he_aac_mono_16_khz.aac");

// ---- Bytes ----------------------------------------------------------------------------------------------------------

/// The sample of a channel in a frame.
fn sample(frame: usize, channel: usize) -> i16 {
    (frame * 31 + channel * 4_001) as i16
}

fn floats(channels: usize) -> Vec<f32> {
    let frames = (0..FRAMES).flat_map(|n| (0..channels).map(move |c| sample(n, c)));
    frames.map(|sample| f32::from(sample) / 32_768.0).collect()
}

/// Little-endian.
fn sound(channels: usize) -> Vec<u8> {
    let frames = (0..FRAMES).flat_map(|n| (0..channels).map(move |c| sample(n, c)));
    frames.flat_map(i16::to_le_bytes).collect()
}

fn big_endian(channels: usize) -> Vec<u8> {
    let pairs = sound(channels);
    pairs
        .as_chunks::<2>()
        .0
        .iter()
        .flat_map(|[low, high]| [*high, *low])
        .collect()
}

fn head(id: &[u8; 4], len: u32) -> Vec<u8> {
    [id.as_slice(), &len.to_le_bytes()].concat()
}

/// With padding.
fn chunk(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let padding = &[0][..content.len() % 2];
    [&head(id, content.len() as u32), content, padding].concat()
}

fn fmt(channels: u8) -> Vec<u8> {
    let block = 2 * channels;
    let rate = [0x80, 0xBB, 0, 0];
    chunk(
        b"fmt ",
        &[
            &[1, 0, channels, 0],
            &rate[..],
            &[0, 0, 0, 0, block, 0, 16, 0],
        ]
        .concat(),
    )
}

fn wav(chunks: &[&[u8]], size: u32) -> Vec<u8> {
    [&head(b"RIFF", size), b"WAVE".as_slice(), &chunks.concat()].concat()
}

/// Up to the chunk of sound: 48 kHz as an 80-bit float.
fn aiff_head(channels: u8, frames: u32) -> Vec<u8> {
    let mut file = b"FORM\0\0\0\0AIFFCOMM\0\0\0\x12\0".to_vec();
    file.push(channels);
    file.extend(frames.to_be_bytes());
    file.extend(b"\0\x10\x40\x0E\xBB\x80\0\0\0\0\0\0");
    file
}

fn caf(channels: u8, chunks: &[u8], data_len: i64) -> Vec<u8> {
    caf_of(
        channels,
        chunks,
        data_len,
        &big_endian(usize::from(channels)),
    )
}

fn caf_of(channels: u8, chunks: &[u8], data_len: i64, data: &[u8]) -> Vec<u8> {
    let mut file = b"caff\0\x01\0\0desc\0\0\0\0\0\0\0\x20".to_vec();
    file.extend(48_000f64.to_be_bytes());
    file.extend(b"lpcm");
    for word in [0, 2 * u32::from(channels), 1, u32::from(channels), 16] {
        file.extend(word.to_be_bytes());
    }
    file.extend(chunks);
    file.extend(b"data");
    file.extend(data_len.to_be_bytes());
    file.extend([0; 4]);
    file.extend(data);
    file
}

fn decoded(name: &str, bytes: &[u8]) -> DecodedFile {
    let dir = TempDir::new().expect("a folder for the test");
    decode_all(&write(&dir, name, bytes)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn write(dir: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).expect("room");
    path
}

fn assert_whole(read: &DecodedFile, what: &str) {
    assert_eq!(read.warnings, [], "{what}");
    assert!(
        read.samples == floats(2),
        "{what}: {} frames",
        read.frames()
    );
}
