//! The tap: the last seconds of the mix's sound, for whoever listens to it beside the analysis.
//!
//! Written by the analysis thread, never by the audio callback, so a lock is allowed here.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::analysis::song_clock::SongPlace;
use crate::dsp::frame_history::StereoFrame;

/// Below this amplitude, −80 dBFS, nothing sounds but the noise of an input.
const PAUSE_AMPLITUDE: f32 = 1e-4;
/// A shorter silence is music.
const LEAST_PAUSE_SECS: f64 = 0.4;

/// The newest frames of a stream.
#[derive(Debug)]
pub struct Tap {
    secs: f64,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    sample_rate_hz: u32,
    capacity: usize,
    frames: VecDeque<StereoFrame>,
    end_frame: u64,
    /// Where nothing sounded, in positions of the stream; the newest may go on.
    pauses: VecDeque<[u64; 2]>,
    /// Where the newest gap ended.
    heard_from: u64,
    /// Where the song is at the newest frame, of an input that tells.
    song: Option<SongPlace>,
}

/// What was copied out of a tap.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    /// Frames per second of the stream.
    pub sample_rate_hz: u32,
    /// The newest frames, oldest first, without a gap between them.
    pub frames: Vec<StereoFrame>,
    /// Stream position after the last of them.
    pub end_frame: u64,
    /// Stream position from which on nothing is missing.
    pub heard_from: u64,
}

impl Tap {
    /// A tap that keeps some seconds of a stream.
    pub fn new(sample_rate_hz: u32, secs: f64) -> Self {
        let capacity = (f64::from(sample_rate_hz) * secs) as usize;
        Self {
            secs,
            inner: Mutex::new(Inner {
                sample_rate_hz,
                capacity,
                frames: VecDeque::with_capacity(capacity),
                end_frame: 0,
                pauses: VecDeque::new(),
                heard_from: 0,
                song: None,
            }),
        }
    }

    /// Goes on at a position of the stream, perhaps at another rate: what was heard before is forgotten, and
    /// positions count in frames of the new rate from here on.
    pub fn resume(&self, sample_rate_hz: u32, end_frame: u64) {
        let mut inner = self.inner();
        inner.sample_rate_hz = sample_rate_hz;
        inner.capacity = (f64::from(sample_rate_hz) * self.secs) as usize;
        inner.frames.clear();
        inner.pauses.clear();
        inner.end_frame = end_frame;
        inner.heard_from = end_frame;
    }

    /// Seconds of the stream up to the newest frame.
    pub fn end_secs(&self) -> f64 {
        let inner = self.inner();
        inner.end_frame as f64 / f64::from(inner.sample_rate_hz.max(1))
    }

    /// Tells where the song is from the next frame on; before that frame is added, so that nobody takes it for going on.
    pub fn note_song(&self, place: SongPlace) {
        self.inner().song = Some(place);
    }

    /// Where the song is at the newest frame, of an input that tells, and the seconds of the stream up to there.
    pub fn song(&self) -> (Option<SongPlace>, f64) {
        let inner = self.inner();
        let rate = f64::from(inner.sample_rate_hz.max(1));
        (inner.song, inner.end_frame as f64 / rate)
    }

    /// Adds frames; the oldest leave.
    pub fn push(&self, frames: &[StereoFrame]) {
        let sounds =
            |frame: &StereoFrame| frame.iter().any(|sample| sample.abs() >= PAUSE_AMPLITUDE);
        let is_pause = !frames.iter().any(sounds);
        let mut inner = self.inner();
        let from = inner.end_frame;
        inner.end_frame += frames.len() as u64;
        if is_pause {
            inner.note_pause(from);
        }
        let capacity = inner.capacity;
        let keep = &frames[frames.len().saturating_sub(capacity)..];
        let surplus = (inner.frames.len() + keep.len()).saturating_sub(capacity);
        inner.frames.drain(..surplus);
        inner.frames.extend(keep);
    }

    /// Passes over missing frames: what was heard before them is forgotten.
    pub fn skip(&self, frames: u64) {
        let mut inner = self.inner();
        inner.frames.clear();
        inner.end_frame += frames;
        inner.heard_from = inner.end_frame;
    }

    /// Stream position of the newest frame.
    pub fn end_frame(&self) -> u64 {
        self.inner().end_frame
    }

    /// Copies the newest frames, at most so many.
    pub fn copy(&self, most: usize, recent: &mut Recent) {
        let inner = self.inner();
        let from = inner.frames.len().saturating_sub(most);
        recent.frames.clear();
        let (older, newer) = inner.frames.as_slices();
        let newer_from = from.saturating_sub(older.len());
        recent
            .frames
            .extend_from_slice(&older[from.min(older.len())..]);
        recent.frames.extend_from_slice(&newer[newer_from..]);
        recent.sample_rate_hz = inner.sample_rate_hz;
        recent.end_frame = inner.end_frame;
        recent.heard_from = inner.heard_from;
    }

    /// Where nothing sounded, in seconds of the stream, oldest first; of what is kept.
    pub fn pauses(&self) -> Vec<[f64; 2]> {
        let inner = self.inner();
        let rate = f64::from(inner.sample_rate_hz.max(1));
        let long = inner
            .pauses
            .iter()
            .filter(|[from, to]| (to - from) as f64 / rate >= LEAST_PAUSE_SECS);
        long.map(|pause| pause.map(|at| at as f64 / rate)).collect()
    }

    /// For how many seconds up to the newest frame nothing has sounded.
    pub fn pause_secs(&self) -> f64 {
        let inner = self.inner();
        let newest = inner.pauses.back();
        let newest = newest.filter(|pause| pause[1] == inner.end_frame);
        let frames = newest.map_or(0, |pause| pause[1] - pause[0].max(inner.heard_from));
        frames as f64 / f64::from(inner.sample_rate_hz.max(1))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Frames are whole whatever happened to a thread that held the lock.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Nothing sounded from a frame on up to the newest. What lies before all that is kept is forgotten.
    fn note_pause(&mut self, from: u64) {
        match self.pauses.back_mut() {
            Some(last) if last[1] == from => last[1] = self.end_frame,
            _ => self.pauses.push_back([from, self.end_frame]),
        }
        let kept_from = self.end_frame.saturating_sub(self.capacity as u64);
        while self
            .pauses
            .front()
            .is_some_and(|pause| pause[1] < kept_from)
        {
            self.pauses.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_sounds_for_long_there_is_a_pause() {
        let tap = Tap::new(100, 10.0);
        let (sound, noise) = ([[0.1, 0.0]; 10], [[1e-5, -1e-5]; 10]);
        tap.push(&noise);
        tap.push(&sound);
        (0..5).for_each(|_| tap.push(&noise));
        tap.push(&sound);
        (0..4).for_each(|_| tap.push(&noise));
        assert_eq!(tap.pauses(), [[0.2, 0.7], [0.8, 1.2]]);
        (0..200).for_each(|_| tap.push(&sound));
        tap.push(&noise);
        assert!(tap.pauses().is_empty());
    }

    #[test]
    fn the_newest_frames_are_kept_and_nothing_from_before_a_gap() {
        let tap = Tap::new(10, 1.0);
        tap.push(&[[1.0, 1.0]; 7]);
        tap.push(&[[2.0, 2.0]; 7]);
        let mut recent = Recent::default();
        tap.copy(100, &mut recent);
        assert_eq!(recent.frames.len(), 10);
        assert_eq!(recent.frames[2], [1.0, 1.0]);
        assert_eq!(recent.frames[3], [2.0, 2.0]);
        assert_eq!(recent.end_frame, 14);
        tap.skip(5);
        tap.push(&[[3.0, 3.0]; 2]);
        tap.copy(100, &mut recent);
        assert_eq!(recent.frames, vec![[3.0, 3.0]; 2]);
        assert_eq!((recent.heard_from, recent.end_frame), (19, 21));
        tap.copy(1, &mut recent);
        assert_eq!(recent.frames.len(), 1);
    }
}
