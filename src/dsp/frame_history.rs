//! The last frames of an endless stereo signal in one contiguous piece, addressed by their position in the stream.
//!
//! Before the first frame lies silence, so that a window centred on it needs no special case.

/// A stereo frame: left, right.
pub type StereoFrame = [f32; 2];

/// The newest frames of a stream. Made once, never grows.
pub struct FrameHistory {
    frames: Vec<StereoFrame>,
    /// Position in the stream of `frames[0]`.
    first: i64,
    /// Frames that are kept whatever is pushed.
    keep: usize,
    /// From this position on there is nothing but zeros.
    silent_from: i64,
}

impl FrameHistory {
    /// A history that always holds the last `keep` frames, for pushes of at most `max_push` frames, the first of
    /// which stands at position `start`; all before is silence.
    pub fn new(keep: usize, max_push: usize, start: i64) -> Self {
        // Twice the kept length: frames then move to the front once per `keep` frames, not once per push.
        let mut frames = Vec::with_capacity(2 * keep + max_push);
        frames.resize(keep, [0.0; 2]);
        Self {
            frames,
            first: start - keep as i64,
            keep,
            silent_from: start - keep as i64,
        }
    }

    /// Position behind the newest frame.
    pub fn end(&self) -> i64 {
        self.first + self.frames.len() as i64
    }

    /// Appends frames; the oldest may leave.
    pub fn push(&mut self, frames: &[StereoFrame]) {
        self.make_room(frames.len());
        self.frames.extend_from_slice(frames);
        if let Some(newest) = frames.iter().rposition(|frame| *frame != [0.0; 2]) {
            self.silent_from = self.end() - (frames.len() - 1 - newest) as i64;
        }
    }

    /// Appends one frame.
    pub fn push_one(&mut self, frame: StereoFrame) {
        self.make_room(1);
        self.frames.push(frame);
        if frame != [0.0; 2] {
            self.silent_from = self.end();
        }
    }

    /// Whether there is nothing but zeros from a position on.
    pub fn is_silent_from(&self, from: i64) -> bool {
        from >= self.silent_from
    }

    /// `len` frames from a position on, which must lie within what is kept.
    pub fn slice(&self, from: i64, len: usize) -> &[StereoFrame] {
        let start = (from - self.first) as usize;
        &self.frames[start..start + len]
    }

    fn make_room(&mut self, count: usize) {
        if self.frames.len() + count > self.frames.capacity() {
            let leaving = self.frames.len() - self.keep;
            self.frames.copy_within(leaving.., 0);
            self.frames.truncate(self.keep);
            self.first += leaving as i64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_keep_their_positions_while_older_ones_leave() {
        let mut history = FrameHistory::new(10, 7, 0);
        assert_eq!(history.slice(-10, 10), [[0.0; 2]; 10]);
        for start in (0..700i64).step_by(7) {
            let block: Vec<_> = (start..start + 7).map(|n| [n as f32, -n as f32]).collect();
            history.push(&block);
            assert_eq!(history.end(), start + 7);
            let from = start + 7 - 10;
            let expected: Vec<_> = (from..from + 10)
                .map(|n| {
                    if n < 0 {
                        [0.0; 2]
                    } else {
                        [n as f32, -n as f32]
                    }
                })
                .collect();
            assert_eq!(history.slice(from, 10), expected);
        }
    }

    #[test]
    fn silence_begins_behind_the_newest_frame_that_is_none() {
        let mut history = FrameHistory::new(10, 4, 100);
        assert!(history.is_silent_from(90));
        history.push(&[[0.0; 2], [0.1, 0.0], [0.0; 2]]);
        assert!(!history.is_silent_from(101) && history.is_silent_from(102));
        history.push(&[[-0.0; 2]; 4]);
        assert!(!history.is_silent_from(101) && history.is_silent_from(102));
        history.push_one([0.0, 0.1]);
        assert!(!history.is_silent_from(107) && history.is_silent_from(108));
    }
}
