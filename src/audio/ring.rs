//! The ring between an audio source and the analysis thread: whole frames, and every lost frame counted.
//!
//! The writing end belongs to a real-time thread: it copies or it counts, nothing else. Loss travels beside the
//! samples as records of "so many frames are missing after frame n", so the reader meets each gap at its true
//! position in the stream and audio from before and after a gap is never glued together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use abscope_link::Transport;
use rtrb::{Consumer, Producer, RingBuffer};

use super::frames::StreamFormat;

/// Gaps that can wait unread. While more are pending the writer drops on, and all of it counts as one gap.
const GAP_RECORDS: usize = 256;

/// `frames` are missing after `after_delivered` frames that did arrive.
#[derive(Clone, Copy)]
struct GapRecord {
    after_delivered: u64,
    frames: u64,
}

/// Places in a song that can wait unread, some seconds of the shortest packets that a DAW's sender has.
const SONG_MARKS: usize = 4096;

/// Where the song of a DAW is at a frame of the stream, and so until the next mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SongMark {
    /// The frame, as [`FrameReader::position`] counts.
    pub position: u64,
    /// The DAW's transport there.
    pub transport: Transport,
    /// Whether the song has jumped there: a locate, or the end of a loop.
    pub has_jumped: bool,
}

impl SongMark {
    /// Place in the song of a frame of the stream at or behind the mark, in frames; `None` where the DAW does not
    /// tell.
    pub fn song_frames_at(&self, position: u64) -> Option<i64> {
        let passed = position.saturating_sub(self.position);
        self.transport.song_frames_after(passed)
    }
}

/// Makes a ring that holds `capacity_secs` seconds of a format.
pub fn frame_ring(format: StreamFormat, capacity_secs: f64) -> (FrameWriter, FrameReader) {
    ring_with_marks(format, capacity_secs, 0)
}

/// The same for a DAW's stream, which tells where its song is.
pub fn song_ring(format: StreamFormat, capacity_secs: f64) -> (FrameWriter, FrameReader) {
    ring_with_marks(format, capacity_secs, SONG_MARKS)
}

fn ring_with_marks(
    format: StreamFormat,
    capacity_secs: f64,
    song_marks: usize,
) -> (FrameWriter, FrameReader) {
    let channels = format.layout.count().max(1);
    let frames = (f64::from(format.sample_rate_hz) * capacity_secs).ceil() as usize;
    let (samples_in, samples_out) = RingBuffer::new(frames.max(1) * channels);
    let (gaps_in, gaps_out) = RingBuffer::new(GAP_RECORDS);
    let (marks_in, marks_out) = RingBuffer::new(song_marks);
    let lost = Arc::new(AtomicU64::new(0));
    let writer = FrameWriter {
        channels,
        samples: samples_in,
        gaps: gaps_in,
        marks: marks_in,
        delivered: 0,
        pending: 0,
        lost: Arc::clone(&lost),
    };
    let reader = FrameReader {
        format,
        channels,
        samples: samples_out,
        gaps: gaps_out,
        marks: marks_out,
        song: None,
        jumps: 0,
        delivered: 0,
        lost_read: 0,
        num_gaps: 0,
        non_finite: 0,
        lost,
    };
    (writer, reader)
}

/// The real-time end: copies whole frames in, or counts those that find no room.
pub struct FrameWriter {
    channels: usize,
    samples: Producer<f32>,
    gaps: Producer<GapRecord>,
    marks: Producer<SongMark>,
    /// Frames that went into the ring.
    delivered: u64,
    /// Frames missing since then, not yet announced to the reader.
    pending: u64,
    lost: Arc<AtomicU64>,
}

impl FrameWriter {
    /// Copies interleaved frames in. Frames that find no room are dropped and counted; samples behind the last
    /// whole frame are no frame and count as one lost. Real-time safe: no allocation, lock or system call.
    pub fn push(&mut self, interleaved: &[f32]) {
        let frames = interleaved.len() / self.channels;
        self.push_iter(frames, interleaved.iter().copied());
        if !interleaved.len().is_multiple_of(self.channels) {
            self.skip(1);
        }
    }

    /// As [`push`](Self::push), from an iterator that yields at least `frames` whole frames, interleaved: a
    /// callback converts its sample format on the way in and needs no buffer of its own.
    pub fn push_iter(&mut self, frames: usize, interleaved: impl Iterator<Item = f32>) {
        let room = if self.announce_pending() {
            self.samples.slots() / self.channels
        } else {
            0
        };
        let fitting = frames.min(room);
        let mut written = 0;
        if fitting > 0
            && let Ok(chunk) = self.samples.write_chunk_uninit(fitting * self.channels)
        {
            written = chunk.fill_from_iter(interleaved) / self.channels;
            self.delivered += written as u64;
        }
        if written < frames {
            self.skip((frames - written) as u64);
        }
    }

    /// Counts frames that the source knows to be missing here: an overrun, or a device that was away.
    pub fn skip(&mut self, frames: u64) {
        self.pending += frames;
        self.lost.fetch_add(frames, Ordering::Release);
    }

    /// Says where the song is at the next frame. False if there is no room for it.
    pub fn mark(&mut self, transport: Transport, has_jumped: bool) -> bool {
        let mark = SongMark {
            position: self.delivered + self.lost.load(Ordering::Relaxed),
            transport,
            has_jumped,
        };
        self.marks.push(mark).is_ok()
    }

    /// Whether the reader is gone.
    pub fn is_abandoned(&self) -> bool {
        self.samples.is_abandoned()
    }

    /// Frames that can be pushed now without loss.
    pub fn free_frames(&self) -> usize {
        self.samples.slots() / self.channels
    }

    /// Puts the pending gap before the next frame. False when there is no room for the record: then no frame may
    /// follow either, or it would stand where the missing ones belong.
    fn announce_pending(&mut self) -> bool {
        if self.pending == 0 {
            return true;
        }
        // Without room for a frame behind it the gap is still growing: one record when it has ended.
        if self.samples.slots() < self.channels {
            return false;
        }
        let record = GapRecord {
            after_delivered: self.delivered,
            frames: self.pending,
        };
        let announced = self.gaps.push(record).is_ok();
        if announced {
            self.pending = 0;
        }
        announced
    }
}

/// What one call of [`FrameReader::read`] met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadEvent {
    /// This many frames were appended, whole ones only.
    Frames(usize),
    /// This many frames are missing here, between what was read before and what comes next.
    Gap {
        /// How many.
        frames: u64,
    },
    /// Nothing has arrived since the last call.
    Idle,
    /// The writer is gone and everything it left has been read.
    Closed,
}

/// The reading end, on the analysis thread.
pub struct FrameReader {
    format: StreamFormat,
    channels: usize,
    samples: Consumer<f32>,
    gaps: Consumer<GapRecord>,
    marks: Consumer<SongMark>,
    /// The latest mark at or before the next frame.
    song: Option<SongMark>,
    jumps: u64,
    delivered: u64,
    lost_read: u64,
    num_gaps: u64,
    non_finite: u64,
    lost: Arc<AtomicU64>,
}

impl FrameReader {
    /// Appends the frames that have arrived up to the next gap or mark in the song, or reports the gap. Samples that are not finite
    /// become 0 and are counted. Never waits; allocates only when `out` lacks capacity.
    pub fn read(&mut self, out: &mut Vec<f32>) -> ReadEvent {
        // The order of these looks is the proof that a gap or a mark is never overtaken: the writer announces it
        // before it adds the frame that follows, and leaves after both.
        let closed = self.samples.is_abandoned();
        let arrived = (self.samples.slots() / self.channels) as u64;
        let next_gap = self.gaps.peek().ok().copied();

        let readable = match next_gap {
            Some(gap) if gap.after_delivered == self.delivered => {
                let _ = self.gaps.pop();
                return self.meet_gap(gap.frames);
            }
            Some(gap) => arrived.min(gap.after_delivered - self.delivered),
            None => arrived,
        };
        let readable = readable.min(self.frames_to_next_mark());
        if readable > 0 {
            return self.take(readable as usize, out);
        }
        if !closed {
            return ReadEvent::Idle;
        }
        // The last gap has no frame behind it, so nothing announced it.
        match self.lost.load(Ordering::Acquire) - self.lost_read {
            0 => ReadEvent::Closed,
            frames => self.meet_gap(frames),
        }
    }

    /// Where the song is at the frames that [`read`](Self::read) appended last, of an input that tells.
    pub fn song(&self) -> Option<&SongMark> {
        self.song.as_ref()
    }

    /// Jumps of the song so far.
    pub fn jumps(&self) -> u64 {
        self.jumps
    }

    /// Rate and channels of the stream.
    pub fn format(&self) -> StreamFormat {
        self.format
    }

    /// Frames lost so far, including those of a gap that `read` has not met yet.
    pub fn lost_frames(&self) -> u64 {
        self.lost.load(Ordering::Acquire)
    }

    /// Frames lost that `read` has not met yet.
    pub fn unmet_lost_frames(&self) -> u64 {
        self.lost_frames() - self.lost_read
    }

    /// Gaps met so far.
    pub fn gaps(&self) -> u64 {
        self.num_gaps
    }

    /// Position in the stream's frames of the next thing to be read: frames read plus frames missed.
    pub fn position(&self) -> u64 {
        self.delivered + self.lost_read
    }

    /// Samples so far that were NaN or infinite and have been replaced by 0.
    pub fn non_finite_samples(&self) -> u64 {
        self.non_finite
    }

    /// Frames waiting to be read.
    pub fn waiting_frames(&self) -> usize {
        self.samples.slots() / self.channels
    }

    /// Takes over the marks up to the next frame; frames until the mark behind it.
    fn frames_to_next_mark(&mut self) -> u64 {
        let position = self.position();
        while let Ok(mark) = self.marks.peek() {
            if mark.position > position {
                return mark.position - position;
            }
            self.jumps += u64::from(mark.has_jumped);
            self.song = Some(*mark);
            let _ = self.marks.pop();
        }
        u64::MAX
    }

    fn meet_gap(&mut self, frames: u64) -> ReadEvent {
        self.lost_read += frames;
        self.num_gaps += 1;
        ReadEvent::Gap { frames }
    }

    fn take(&mut self, frames: usize, out: &mut Vec<f32>) -> ReadEvent {
        let Ok(chunk) = self.samples.read_chunk(frames * self.channels) else {
            return ReadEvent::Idle;
        };
        let start = out.len();
        let (first, second) = chunk.as_slices();
        out.extend_from_slice(first);
        out.extend_from_slice(second);
        chunk.commit_all();
        for sample in &mut out[start..] {
            if !sample.is_finite() {
                *sample = 0.0;
                self.non_finite += 1;
            }
        }
        self.delivered += frames as u64;
        ReadEvent::Frames(frames)
    }
}

#[cfg(test)]
mod tests {
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
        let source = std::thread::spawn(move || {
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
        });
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
        source.join().expect("the source does not panic");
        assert_eq!(reader.position(), total);
    }
}
