//! What every format must pass, whoever decodes it: length, place, channels and rate are those of what was encoded; a
//! length nobody knew, tags, large pictures and bytes behind the end change nothing and raise no alarm; what is cut
//! short is said to be; and no bytes, zeros or mutated ones bring it down.
//!
//! The files are made by ffmpeg from sound that is made here; without it the tests are skipped, and say so.

mod bench;
mod formats;
mod odd;

use tempfile::TempDir;

use crate::support::parts;
use abscope::audio::decode::{DecodeError, DecodeWarning, FileDecoder, decode_all};
use bench::{Dice, for_each_format, likeness};
use formats::{Cut, FORMATS, FRAMES};

#[test]
fn every_format_keeps_length_place_channels_and_rate() {
    for_each_format(
        "every_format_keeps_length_place_channels_and_rate",
        |format, bench| {
            for channels in format.channels {
                let file = bench.encode(format, *channels, "");
                bench.check_whole(format, *channels, &file, "as it is");
            }
        },
    );
}

#[test]
fn a_length_that_was_not_known_when_the_file_was_begun_is_no_damage() {
    for_each_format(
        "a_length_that_was_not_known_when_the_file_was_begun_is_no_damage",
        |format, bench| {
            let Some(container) = format.pipe else { return };
            // A pipe cannot be gone back in: sizes and lengths stay as they were written first.
            let file = bench.through_pipe(format, container);
            // Tags of an encoder that stand in front, like LAME's, are empty then.
            bench.check_whole(format, 2, &file, "through a pipe");
        },
    );
}

#[test]
fn a_file_that_is_cut_short_yields_its_beginning_and_is_said_to_be_cut() {
    for_each_format(
        "a_file_that_is_cut_short_yields_its_beginning_and_is_said_to_be_cut",
        |format, bench| {
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
        },
    );
}

#[test]
fn bytes_behind_the_end_change_nothing() {
    if parts::left_to_the_whole_run("bytes_behind_the_end_change_nothing") {
        return;
    }
    let id3v1 = [b"TAG".as_slice(), &[b' '; 125]].concat();
    let mut ape = b"APETAGEX\xD0\x07\0\0\x20\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    ape.extend([0; 8]);
    for_each_format("bytes_behind_the_end_change_nothing", |format, bench| {
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
    for_each_format(
        "recordings_that_were_glued_together_are_read_as_one_or_said_to_change",
        |format, bench| {
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
                let both =
                    decode_all(&both).unwrap_or_else(|error| panic!("{}: {error}", format.file));
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
        },
    );
}

#[test]
fn tags_name_the_file_and_change_nothing() {
    if parts::left_to_the_whole_run("tags_name_the_file_and_change_nothing") {
        return;
    }
    for_each_format("tags_name_the_file_and_change_nothing", |format, bench| {
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
    for_each_format("a_large_picture_changes_nothing", |format, bench| {
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
    for_each_format(
        "five_hundred_mutations_of_every_format_do_no_harm",
        |format, bench| {
            let whole = std::fs::read(bench.short(format)).expect("just written");
            let mut dice = Dice(format.file.len() as u64);
            for round in parts::rounds(500) {
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
        },
    );
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
