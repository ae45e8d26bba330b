//! What goes into the ring comes out at its place, or is counted.

use super::*;
use crate::audio::frames::ChannelLayout;
use proptest::prelude::*;

fn format(channels: u16, sample_rate_hz: u32) -> StreamFormat {
    StreamFormat {
        sample_rate_hz,
        layout: ChannelLayout::from_count(channels),
    }
}

/// Reads to the end of what is there and rebuilds the stream: `None` for each missing frame.
fn drain(reader: &mut FrameReader, stream: &mut Vec<Option<Vec<f32>>>) -> ReadEvent {
    let channels = reader.format().layout.count();
    loop {
        let mut out = Vec::new();
        match reader.read(&mut out) {
            ReadEvent::Frames(frames) => {
                assert_eq!(out.len(), frames * channels);
                stream.extend(out.chunks(channels).map(|frame| Some(frame.to_vec())));
            }
            ReadEvent::Gap { frames } => stream.extend((0..frames).map(|_| None)),
            end => return end,
        }
        assert_eq!(reader.position(), stream.len() as u64);
    }
}

/// Frame `index` of a source whose frames all differ, in every channel.
fn frame(index: u64, channels: usize) -> impl Iterator<Item = f32> {
    (0..channels).map(move |channel| (index as usize * channels + channel) as f32)
}

#[test]
fn silence_may_wait_until_there_is_enough_of_it_or_anything_else() {
    let (mut writer, mut reader) = song_ring(format(2, 10), 2.0);
    assert!(reader.waits_in_silence(5));
    writer.push(&[0.0; 8]);
    assert!(reader.waits_in_silence(5));
    assert!(!reader.waits_in_silence(4), "enough of it");
    let mut out = vec![];
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(4));
    writer.push(&[0.0, 0.0, 0.0, 1e-9]);
    assert!(!reader.waits_in_silence(5), "no silence");
    reader.read(&mut out);
    writer.mark(Transport::default(), false);
    assert!(!reader.waits_in_silence(5), "a word of the song");
    writer.push(&[0.0; 2]);
    reader.read(&mut out);
    writer.skip(1);
    writer.push(&[0.0; 2]);
    assert!(!reader.waits_in_silence(5), "a gap");
    reader.read(&mut out);
    reader.read(&mut out);
    assert!(reader.waits_in_silence(5));
    drop(writer);
    assert!(!reader.waits_in_silence(5), "the end");
}

#[test]
fn a_gap_stands_at_its_true_position() {
    let (mut writer, mut reader) = frame_ring(format(2, 10), 1.0);
    let source: Vec<f32> = (0..14).flat_map(|i| frame(i, 2)).collect();
    writer.push(&source);
    let mut out = Vec::new();
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(10));
    assert_eq!(reader.lost_frames(), 4);
    writer.push(&[100.0, 101.0]);
    assert_eq!(reader.read(&mut out), ReadEvent::Gap { frames: 4 });
    assert_eq!(reader.position(), 14);
    out.clear();
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(1));
    assert_eq!(out, [100.0, 101.0]);
    assert_eq!(reader.read(&mut out), ReadEvent::Idle);
    assert_eq!(reader.gaps(), 1);
}

#[test]
fn a_gap_at_the_very_end_is_told_before_closed() {
    let (mut writer, mut reader) = frame_ring(format(1, 4), 1.0);
    writer.push(&[0.0; 7]);
    drop(writer);
    let mut out = Vec::new();
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(4));
    assert_eq!(reader.read(&mut out), ReadEvent::Gap { frames: 3 });
    assert_eq!(reader.read(&mut out), ReadEvent::Closed);
    assert_eq!(reader.read(&mut out), ReadEvent::Closed);
}

#[test]
fn a_mark_in_the_song_stands_at_its_frame_whatever_was_lost_before() {
    let (mut writer, mut reader) = song_ring(format(1, 10), 1.0);
    let at = |song_frames| Transport {
        is_playing: true,
        song_frames: Some(song_frames),
        ..Transport::default()
    };
    assert!(writer.mark(at(100), false));
    writer.push(&[1.0; 4]);
    writer.push(&[1.0; 3]);
    writer.skip(5);
    assert!(writer.mark(at(500), true));
    writer.push(&[2.0; 2]);
    let mut out = Vec::new();
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(7));
    let song = reader.song().copied().expect("there is a mark");
    assert_eq!((song.position, song.has_jumped), (0, false));
    assert_eq!(song.song_frames_at(6), Some(106));
    assert_eq!(reader.read(&mut out), ReadEvent::Gap { frames: 5 });
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(2));
    let song = reader.song().copied().expect("there is a mark");
    assert_eq!((song.position, song.has_jumped), (12, true));
    assert_eq!(song.song_frames_at(13), Some(501));
    // Two marks without a gap: a block ends at the second.
    writer.push(&[3.0; 2]);
    assert!(writer.mark(at(0), true));
    writer.push(&[4.0; 3]);
    out.clear();
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(2));
    assert_eq!(out, [3.0; 2]);
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(3));
    assert_eq!(reader.song().map(|song| song.position), Some(16));
    assert_eq!(reader.jumps(), 2);
}

#[test]
fn marks_that_nobody_reads_are_refused_and_an_input_without_a_song_has_none() {
    let (mut writer, mut reader) = song_ring(format(1, 10_000), 1.0);
    for _ in 0..SONG_MARKS {
        assert!(writer.mark(Transport::default(), false));
        writer.push(&[0.0]);
    }
    assert!(!writer.mark(Transport::default(), false));
    let mut out = Vec::new();
    assert_eq!(reader.read(&mut out), ReadEvent::Frames(1));
    assert!(writer.mark(Transport::default(), false));
    let (mut writer, reader) = frame_ring(format(1, 10), 1.0);
    assert!(!writer.mark(Transport::default(), false));
    assert_eq!(reader.song(), None);
}

#[test]
fn samples_that_are_not_finite_become_silence_and_are_counted() {
    let (mut writer, mut reader) = frame_ring(format(2, 10), 1.0);
    writer.push(&[f32::NAN, 0.5, f32::INFINITY, f32::NEG_INFINITY]);
    let mut out = Vec::new();
    reader.read(&mut out);
    assert_eq!(out, [0.0, 0.5, 0.0, 0.0]);
    assert_eq!(reader.non_finite_samples(), 3);
}

#[test]
fn a_torn_frame_is_counted_and_shifts_no_channel() {
    let (mut writer, mut reader) = frame_ring(format(2, 10), 1.0);
    writer.push(&[1.0, 2.0, 3.0]);
    writer.push(&[5.0, 6.0]);
    let mut stream = Vec::new();
    drain(&mut reader, &mut stream);
    assert_eq!(
        stream,
        vec![Some(vec![1.0, 2.0]), None, Some(vec![5.0, 6.0])]
    );
}

#[test]
fn more_gaps_than_records_are_merged_and_none_is_lost() {
    let (mut writer, mut reader) = frame_ring(format(1, 10_000), 1.0);
    for index in 0..1000u64 {
        writer.push(&[index as f32 * 2.0]);
        writer.skip(1);
    }
    let mut stream = Vec::new();
    drain(&mut reader, &mut stream);
    drop(writer);
    assert_eq!(drain(&mut reader, &mut stream), ReadEvent::Closed);
    assert_eq!(stream.len(), 2000);
    for (position, sample) in stream.iter().enumerate() {
        if let Some(sample) = sample {
            assert_eq!(sample[0] as usize, position);
        }
    }
}

proptest! {
    /// Every frame pushed is either read at its own position or lies in a counted gap.
    #[test]
    fn random_pushes_and_reads_lose_nothing_uncounted(
        channels in 1u16..4,
        capacity in 1u32..40,
        steps in proptest::collection::vec((0usize..30, 0u64..4, any::<bool>()), 1..200),
    ) {
        let (mut writer, mut reader) = frame_ring(format(channels, capacity), 1.0);
        let channels = usize::from(channels);
        let mut pushed = 0u64;
        let mut stream = Vec::new();
        for (frames, skipped, read) in steps {
            let block: Vec<f32> = (pushed..pushed + frames as u64)
                .flat_map(|index| frame(index, channels))
                .collect();
            writer.push(&block);
            pushed += frames as u64;
            if skipped == 3 {
                writer.skip(skipped);
                pushed += skipped;
            }
            if read {
                drain(&mut reader, &mut stream);
            }
        }
        drop(writer);
        prop_assert_eq!(drain(&mut reader, &mut stream), ReadEvent::Closed);
        prop_assert_eq!(stream.len() as u64, pushed);
        let missing = stream.iter().filter(|frame| frame.is_none()).count();
        prop_assert_eq!(missing as u64, reader.lost_frames());
        for (position, got) in stream.iter().enumerate() {
            if let Some(got) = got {
                let expected: Vec<f32> = frame(position as u64, channels).collect();
                prop_assert_eq!(got, &expected);
            }
        }
    }
}

#[test]
fn two_threads_at_full_speed_lose_nothing_uncounted() {
    let (mut writer, mut reader) = frame_ring(format(2, 512), 1.0);
    let total = 200_000u64;
    let source = move || {
        let mut index = 0u64;
        while index < total {
            let frames = 1 + index % 97;
            let frames = frames.min(total - index);
            let block: Vec<f32> = (index..index + frames)
                .flat_map(|i| [i as f32, -(i as f32)])
                .collect();
            writer.push(&block);
            index += frames;
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(source);
        let mut out = Vec::new();
        loop {
            out.clear();
            let before = reader.position();
            match reader.read(&mut out) {
                ReadEvent::Frames(_) => {
                    for (offset, got) in out.chunks(2).enumerate() {
                        let expected = (before + offset as u64) as f32;
                        assert_eq!(got, [expected, -expected]);
                    }
                }
                ReadEvent::Gap { .. } => {}
                ReadEvent::Idle => std::thread::yield_now(),
                ReadEvent::Closed => break,
            }
        }
    });
    assert_eq!(reader.position(), total);
}
