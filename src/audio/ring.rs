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
use crate::dsp::samples::is_silence;

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

    /// Whether nothing but digital silence waits, less than so many frames of it: nothing is missing there, nothing is
    /// told of a song, and more may come.
    pub fn waits_in_silence(&mut self, most_frames: usize) -> bool {
        let goes_on = !self.samples.is_abandoned();
        let count = self.samples.slots();
        let is_plain = self.gaps.is_empty() && self.marks.is_empty();
        if !goes_on || !is_plain || count >= most_frames * self.channels {
            return false;
        }
        let Ok(chunk) = self.samples.read_chunk(count) else {
            return false;
        };
        let (first, second) = chunk.as_slices();
        is_silence(first) && is_silence(second)
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
mod tests;
