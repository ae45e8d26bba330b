//! Whole files of kinds that are seldom: cut without encoding, packed, glued, recorded from the middle of a stream. What
//! ffmpeg does not make is made of what it makes, byte by byte.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use abscope::audio::decode::{DecodeWarning, DecodedFile, FileDecoder, decode_all};
use abscope::audio::frames::ChannelLayout;

use super::bench::{Bench, for_each_format, likeness};
use super::formats::{FRAMES, Format};

#[test]
fn an_edit_list_is_heard_as_it_says() {
    for_each_format("an_edit_list_is_heard_as_it_says", |format, bench| {
        if !["a.mov", "fast.mov", "alac.m4a", "fast.m4a"].contains(&format.file) {
            return;
        }
        let whole = bench.encode(format, 2, "");
        let heard = decode_all(&whole).expect("a whole file").samples;
        let bytes = std::fs::read(&whole).expect("just written");
        let at = find(&bytes, b"elst");
        let start = i32::from_be_bytes(*bytes[at + 16..].first_chunk().expect("an entry"));
        // Milliseconds of the movie, frames of the track.
        let entry = |ms: u32, frame: i32| {
            [
                &ms.to_be_bytes()[..],
                &(start + frame).to_be_bytes(),
                &[0, 1, 0, 0],
            ]
            .concat()
        };
        let mut one = bytes.clone();
        one[at + 12..at + 24].copy_from_slice(&entry(500, 4_800));
        let cut = read(bench, format, &one);
        let expected = &heard[2 * 4_800..2 * 28_800];
        assert_eq!(
            (cut.frames(), &cut.warnings[..]),
            (24_000, &[][..]),
            "{}",
            format.file
        );
        assert!(cut.samples == expected, "{}: other samples", format.file);
        // A second entry makes the list, and all that it is in, longer; the sound is in front of them.
        if bytes.windows(4).position(|four| four == b"mdat") > Some(at) {
            return;
        }
        let mut two = one.clone();
        two.splice(at + 24..at + 24, entry(250, 48_000));
        two[at + 11] = 2;
        for name in [b"elst", b"edts", b"trak", b"moov"] {
            let length = find(&two, name) - 4;
            let longer = u32::from_be_bytes(*two[length..].first_chunk().expect("a box")) + 12;
            two[length..length + 4].copy_from_slice(&longer.to_be_bytes());
        }
        let cut = read(bench, format, &two);
        let expected = [expected, &heard[2 * 48_000..2 * 60_000]].concat();
        assert!(
            cut.samples == expected && cut.warnings.is_empty(),
            "{}: {} frames, {:?}",
            format.file,
            cut.frames(),
            cut.warnings
        );
    });
}

#[test]
fn packed_frames_of_matroska_are_unpacked() {
    on(
        "flac.mka",
        "packed_frames_of_matroska_are_unpacked",
        |format, bench| {
            let file = bench.encode(format, 2, "");
            let whole = std::fs::read(&file).expect("just written");
            let samples = decode_all(&file).expect("a whole file").samples;
            let zlib = |frame: &[u8]| {
                let mut packed =
                    flate2::write::ZlibEncoder::new(vec![], flate2::Compression::fast());
                packed.write_all(frame).expect("memory");
                packed.finish().expect("memory")
            };
            let encodings = |compression: &[u8]| {
                let encoding = element(&[0x50, 0x34], compression);
                element(&[0x6D, 0x80], &element(&[0x62, 0x40], &encoding))
            };
            let by_zlib = encodings(&element(&[0x42, 0x54], &[0]));
            // Every frame of FLAC begins with these two bytes.
            let stripped = [
                element(&[0x42, 0x54], &[3]),
                element(&[0x42, 0x55], &[0xFF, 0xF8]),
            ];
            let stripped = encodings(&stripped.concat());
            for (what, track, pack) in [
                ("zlib", by_zlib, &zlib as &dyn Fn(&[u8]) -> Vec<u8>),
                ("stripped", stripped, &|frame: &[u8]| frame[2..].to_vec()),
            ] {
                let packed = read(bench, format, &repacked(&whole, &track, pack));
                assert_eq!(packed.warnings, [], "{what}");
                assert!(packed.samples == samples, "{what}: other samples");
            }
            let encrypted = element(&[0x62, 0x40], &element(&[0x50, 0x33], &[1]));
            let encrypted = element(&[0x6D, 0x80], &encrypted);
            let file = bench.write(
                format,
                &repacked(&whole, &encrypted, &|frame| frame.to_vec()),
            );
            let refused = decode_all(&file)
                .expect_err("nobody has the key")
                .to_string();
            assert!(
                refused.contains("an encrypted Matroska track is not supported"),
                "{refused}"
            );
        },
    );
}

#[test]
fn what_an_encoder_put_in_front_is_left_out_where_matroska_tells_it() {
    let name = "what_an_encoder_put_in_front_is_left_out_where_matroska_tells_it";
    on("flac.mka", name, |format, bench| {
        let file = bench.encode(format, 2, "");
        let whole = std::fs::read(&file).expect("just written");
        let samples = decode_all(&file).expect("a whole file").samples;
        // 10 ms, in nanoseconds.
        let delay = element(&[0x56, 0xAA], &10_000_000u32.to_be_bytes());
        let delayed = read(
            bench,
            format,
            &repacked(&whole, &delay, &|frame| frame.to_vec()),
        );
        assert!(
            delayed.samples == samples[2 * 480..],
            "{} frames",
            delayed.frames()
        );
        assert_eq!(delayed.warnings, []);
    });
}

#[test]
fn another_file_behind_the_first_is_said_to_be_left_out() {
    let glued = ["a.aiff", "a.caf", "a.m4a", "cmaf.m4a", "a.webm", "flac.mka"];
    let name = "another_file_behind_the_first_is_said_to_be_left_out";
    for_each_format(name, |format, bench| {
        if !glued.contains(&format.file) {
            return;
        }
        let whole = std::fs::read(bench.encode(format, 2, "")).expect("just written");
        let once = decode_all(&bench.path(format.file)).expect("a whole file");
        let both = read(bench, format, &whole.repeat(2));
        assert!(
            both.samples == once.samples,
            "{}: {}",
            format.file,
            both.frames()
        );
        let bytes = whole.len() as u64;
        assert_eq!(
            both.warnings,
            [DecodeWarning::LeftOut { bytes }],
            "{}",
            format.file
        );
    });
}

#[test]
fn the_speakers_that_a_tag_of_flac_names_are_those_of_its_channels() {
    let name = "the_speakers_that_a_tag_of_flac_names_are_those_of_its_channels";
    for_each_format(name, |format, bench| {
        if !["a.flac", "flac.ogg"].contains(&format.file) {
            return;
        }
        let tag = "-metadata WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x137";
        let file = bench.encode(format, 6, tag);
        let decoded = decode_all(&file).expect("a whole file");
        assert_eq!(
            decoded.format.layout,
            ChannelLayout::Speakers(0x137),
            "{}",
            format.file
        );
        assert_eq!(
            (decoded.frames(), decoded.warnings),
            (FRAMES, vec![]),
            "{}",
            format.file
        );
    });
}

#[test]
fn ogg_recorded_from_the_middle_of_a_stream_or_to_no_end_is_whole() {
    let name = "ogg_recorded_from_the_middle_of_a_stream_or_to_no_end_is_whole";
    for_each_format(name, |format, bench| {
        if !["a.ogg", "a.opus"].contains(&format.file) {
            return;
        }
        let whole = std::fs::read(bench.encode(format, 2, "")).expect("just written");
        let late = with_pages(&whole, |page, _| {
            let frames = u64::from_le_bytes(*page[6..].first_chunk().expect("a header"));
            if frames > 0 {
                page[6..14].copy_from_slice(&(frames + 480_000).to_le_bytes());
            }
        });
        let late = read(bench, format, &late);
        assert_eq!(
            (late.frames(), &late.warnings[..]),
            (FRAMES, &[][..]),
            "{}",
            format.file
        );
        let endless = read(bench, format, &with_pages(&whole, |page, _| page[5] &= !4));
        assert!(
            endless.frames() >= FRAMES,
            "{}: {}",
            format.file,
            endless.frames()
        );
        assert_eq!(endless.warnings, [], "{}", format.file);
    });
}

#[test]
fn a_long_beginning_of_opus_is_no_loss() {
    on(
        "a.opus",
        "a_long_beginning_of_opus_is_no_loss",
        |format, bench| {
            let whole = std::fs::read(bench.encode(format, 2, "")).expect("just written");
            let skipping = with_pages(&whole, |page, number| {
                if number == 0 {
                    let at = find(page, b"OpusHead") + 10;
                    page[at..at + 2].copy_from_slice(&3_840u16.to_le_bytes());
                }
            });
            let decoded = read(bench, format, &skipping);
            // libopus puts 312 in front.
            assert_eq!(
                (decoded.frames(), decoded.warnings),
                (FRAMES - 3_840 + 312, vec![])
            );
        },
    );
}

#[test]
fn opus_in_fragments_ends_where_it_did() {
    on(
        "a.opus",
        "opus_in_fragments_ends_where_it_did",
        |format, bench| {
            let fragments = "-c:a libopus -b:a 256k -movflags frag_keyframe+empty_moov -frag_duration 300000 -f mp4";
            let file = bench.encode(format, 2, fragments);
            let fragments = decode_all(&file).expect("a whole file");
            let whole = decode_all(&bench.encode(format, 2, "")).expect("a whole file");
            assert_eq!((fragments.frames(), fragments.warnings), (FRAMES, vec![]));
            assert!(likeness(&fragments.samples, &whole.samples) > 0.999);
        },
    );
}

#[test]
fn the_last_byte_is_missed() {
    for_each_format("the_last_byte_is_missed", |format, bench| {
        if ![
            "a.wav", "a.flac", "flac.ogg", "a.ogg", "a.opus", "a.mp3", "fast.m4a",
        ]
        .contains(&format.file)
        {
            return;
        }
        let whole = std::fs::read(bench.encode(format, 2, "")).expect("just written");
        let cut = read(bench, format, &whole[..whole.len() - 1]);
        assert!(
            matches!(
                cut.warnings[..],
                [DecodeWarning::Truncated { .. } | DecodeWarning::EndsEarly { .. }]
            ),
            "{}: {:?}",
            format.file,
            cut.warnings
        );
        assert!(
            cut.frames() > FRAMES / 2,
            "{}: {}",
            format.file,
            cut.frames()
        );
    });
}

#[test]
fn a_tag_of_another_kind_in_front_of_an_mp3_hides_nothing() {
    let name = "a_tag_of_another_kind_in_front_of_an_mp3_hides_nothing";
    on("a.mp3", name, |format, bench| {
        let whole = std::fs::read(bench.encode(format, 2, "")).expect("just written");
        // An APE tag with a header and one item of 32 bytes.
        let mut tag = b"APETAGEX\xD0\x07\0\0\x20\0\0\0\x01\0\0\0\0\0\0\xA0".to_vec();
        tag.extend([0; 8]);
        tag.extend(b"\x12\0\0\0\0\0\0\0TITLE\0a song of letters.");
        let file = bench.write(format, &[tag, whole].concat());
        bench.check_whole(format, 2, &file, "behind an APE tag");
    });
}

#[test]
fn he_aac_that_begins_behind_silence_is_not_taken_for_its_core() {
    let name = "he_aac_that_begins_behind_silence_is_not_taken_for_its_core";
    on("a.aac", name, |format, bench| {
        // Three seconds of plain silence, then a tone in HE-AAC under the same headers.
        let silence = bench.path("silence.aac");
        let mut make = Command::new("ffmpeg");
        make.args([
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            "anullsrc=r=8000:cl=mono",
            "-t",
            "3",
        ]);
        let made = make.args(["-c:a", "aac"]).arg(&silence).status();
        assert!(made.expect("ffmpeg was there before").success());
        let mut bytes = std::fs::read(&silence).expect("just written");
        let replicated = "src/audio/decode/reported/he_aac_mono_16_khz.aac";
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let replicated = std::fs::read(root.join(replicated)).expect("in the source");
        bytes.extend(replicated.repeat(3));
        let decoded = read(bench, format, &bytes);
        assert!(
            matches!(&decoded.warnings[..], [DecodeWarning::EndsEarly { reason, .. }] if reason.contains("HE-AAC")),
            "{:?}",
            decoded.warnings
        );
    });
}

#[test]
fn a_wav_beyond_4_gib_is_as_long_as_its_file() {
    let dir = tempfile::TempDir::new().expect("a folder for the test");
    let path = dir.path().join("long.wav");
    // Ten seconds more than 32 bits can count, in stereo of 16 bits at 48 kHz.
    let len = (1u64 << 32) + 1_920_000;
    let mut header =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xBB\0\0\0\xEE\x02\0\x04\0\x10\0data"
            .to_vec();
    header.extend((len as u32).to_le_bytes());
    std::fs::write(&path, &header).expect("room");
    let file = std::fs::File::options()
        .append(true)
        .open(&path)
        .expect("just written");
    // Nothing of it takes room on the disk.
    file.set_len(44 + len)
        .expect("a file system that knows holes");
    let decoder = FileDecoder::open(&path).expect("a whole file");
    assert_eq!(decoder.declared_frames(), Some(len / 4));
}

// ---- Bytes ----------------------------------------------------------------------------------------------------------

/// Runs a check on one format.
fn on(file: &str, test: &str, check: impl Fn(&Format, &Bench)) {
    for_each_format(test, |format, bench| {
        if format.file == file {
            check(format, bench);
        }
    });
}

fn read(bench: &Bench, format: &Format, bytes: &[u8]) -> DecodedFile {
    let file = bench.write(format, bytes);
    decode_all(&file).unwrap_or_else(|error| panic!("{}: {error}", format.file))
}

fn find(bytes: &[u8], name: &[u8]) -> usize {
    let found = bytes.windows(name.len()).position(|here| here == name);
    found.unwrap_or_else(|| panic!("no {} in it", name.escape_ascii()))
}

/// The pages of an Ogg file after a change, with their checksums right again.
fn with_pages(ogg: &[u8], change: impl Fn(&mut [u8], usize)) -> Vec<u8> {
    let (mut bytes, mut at) = (ogg.to_vec(), 0);
    for number in 0.. {
        let Some(header) = bytes.get(at..at + 27) else {
            break;
        };
        let segments = usize::from(header[26]);
        let content = bytes[at + 27..at + 27 + segments].iter();
        let end = at + 27 + segments + content.map(|len| usize::from(*len)).sum::<usize>();
        let page = &mut bytes[at..end];
        change(page, number);
        page[22..26].fill(0);
        let sum = page.iter().fold(0u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte) << 24, |sum, _| {
                sum << 1 ^ if sum >> 31 == 1 { 0x04C1_1DB7 } else { 0 }
            })
        });
        page[22..26].copy_from_slice(&sum.to_le_bytes());
        at = end;
    }
    bytes
}

/// An element of Matroska, with its length in eight bytes.
fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    let len = 1 << 56 | content.len() as u64;
    [id, &len.to_be_bytes(), content].concat()
}

/// A Matroska file again with more in the description of its track, and with its frames packed.
fn repacked(matroska: &[u8], track: &[u8], pack: &dyn Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let (mut rest, mut out) = (matroska, vec![]);
    while let Some(first) = rest.first() {
        let (id, after) = rest.split_at(first.leading_zeros() as usize + 1);
        let len_bytes = after[0].leading_zeros() as usize + 1;
        let len = after[..len_bytes]
            .iter()
            .fold(0, |n, b| n << 8 | u64::from(*b));
        let len = (len & ((1 << (7 * len_bytes)) - 1)) as usize;
        let content = &after[len_bytes..len_bytes + len];
        rest = &after[len_bytes + len..];
        let content = match id {
            // Where things are is no longer true.
            [0x11, 0x4D, 0x9B, 0x74] | [0x1C, 0x53, 0xBB, 0x6B] => continue,
            // Segment, cluster, tracks, group of a block.
            [0x18, 0x53, 0x80, 0x67]
            | [0x1F, 0x43, 0xB6, 0x75]
            | [0x16, 0x54, 0xAE, 0x6B]
            | [0xA0] => repacked(content, track, pack),
            [0xAE] => [content, track].concat(),
            // Behind a number, a time and flags.
            [0xA1 | 0xA3] => [&content[..4], &pack(&content[4..])].concat(),
            _ => content.to_vec(),
        };
        out.extend(element(id, &content));
    }
    out
}
