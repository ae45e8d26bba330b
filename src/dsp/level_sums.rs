//! Sums of samples over time: RMS and direct current of a whole measurement, correlation and balance of the newest
//! 0.6 s.

use crate::dsp::frame_history::StereoFrame;

/// The correlation and the balance look back this many slots of 10 ms: 0.6 s.
const NUM_SLOTS: usize = 60;

/// Products of left and right, summed.
#[derive(Clone, Copy, Debug, Default)]
pub struct StereoSums {
    /// Σ L²
    pub left: f64,
    /// Σ R²
    pub right: f64,
    /// Σ L R
    pub cross: f64,
}

/// Sums over a stream of frames.
#[derive(Clone, Debug)]
pub struct LevelSums {
    channels: usize,
    /// Per channel: Σ x, and over all channels Σ x².
    sums: Vec<f64>,
    squares: f64,
    frames: u64,
    stereo: StereoSums,
    slot_frames: usize,
    filled_frames: usize,
    slot: StereoSums,
    recent: [StereoSums; NUM_SLOTS],
    next_slot: usize,
}

impl LevelSums {
    /// Sums of interleaved frames and of their stereo downmix.
    pub fn new(sample_rate_hz: u32, channels: usize) -> Self {
        Self {
            channels,
            sums: vec![0.0; channels],
            squares: 0.0,
            frames: 0,
            stereo: StereoSums::default(),
            slot_frames: (sample_rate_hz as usize / 100).max(1),
            filled_frames: 0,
            slot: StereoSums::default(),
            recent: [StereoSums::default(); NUM_SLOTS],
            next_slot: 0,
        }
    }

    /// Adds frames, both as they are and downmixed. The sums do not depend on how a stream is cut.
    pub fn process(&mut self, interleaved: &[f32], stereo: &[StereoFrame]) {
        for frame in interleaved.chunks_exact(self.channels) {
            let mut squares = 0.0;
            for (sum, sample) in self.sums.iter_mut().zip(frame) {
                let sample = if sample.is_finite() {
                    f64::from(*sample)
                } else {
                    0.0
                };
                *sum += sample;
                squares += sample * sample;
            }
            self.squares += squares;
        }
        self.frames += stereo.len() as u64;
        let mut rest = stereo;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.slot_frames - self.filled_frames));
            for &[left, right] in now {
                let (left, right) = (f64::from(left), f64::from(right));
                self.slot.left += left * left;
                self.slot.right += right * right;
                self.slot.cross += left * right;
            }
            self.filled_frames += now.len();
            if self.filled_frames == self.slot_frames {
                self.end_slot();
            }
            rest = later;
        }
    }

    /// Begins the sums of the whole measurement anew; those of the newest 0.6 s go on.
    pub fn reset(&mut self) {
        self.sums.fill(0.0);
        self.squares = 0.0;
        self.frames = 0;
        self.stereo = StereoSums::default();
    }

    /// A gap: what is recent is forgotten.
    pub fn skip(&mut self) {
        self.end_slot();
        self.recent = [StereoSums::default(); NUM_SLOTS];
    }

    /// Mean square over all channels; `None` without frames.
    pub fn mean_square(&self) -> Option<f64> {
        let samples = self.frames as f64 * self.channels as f64;
        (self.frames > 0).then(|| self.squares / samples)
    }

    /// Mean of the channel in which it is largest, with its sign; `None` without frames.
    pub fn dc_offset(&self) -> Option<f64> {
        let largest = self
            .sums
            .iter()
            .copied()
            .max_by(|a, b| a.abs().total_cmp(&b.abs()))?;
        (self.frames > 0).then(|| largest / self.frames as f64)
    }

    /// Of the whole measurement.
    pub fn stereo(&self) -> StereoSums {
        let mut sums = self.stereo;
        sums.add(&self.slot);
        sums
    }

    /// Of the newest 0.6 s.
    pub fn recent_stereo(&self) -> StereoSums {
        let mut sums = StereoSums::default();
        self.recent.iter().for_each(|slot| sums.add(slot));
        sums
    }

    fn end_slot(&mut self) {
        let slot = std::mem::take(&mut self.slot);
        self.stereo.add(&slot);
        self.recent[self.next_slot] = slot;
        self.next_slot = (self.next_slot + 1) % NUM_SLOTS;
        self.filled_frames = 0;
    }
}

impl StereoSums {
    /// −1 … 1; `None` where a channel is silent.
    pub fn correlation(&self) -> Option<f64> {
        let product = self.left * self.right;
        (product > 1e-30).then(|| (self.cross / product.sqrt()).clamp(-1.0, 1.0))
    }

    /// Power of left over right; `None` where a channel is silent.
    pub fn left_to_right(&self) -> Option<f64> {
        (self.left > 0.0 && self.right > 0.0).then(|| self.left / self.right)
    }

    /// Power of side over mid; `None` where one of them is nothing.
    pub fn side_to_mid(&self) -> Option<f64> {
        let sum = self.left + self.right;
        let (side, mid) = (sum - 2.0 * self.cross, sum + 2.0 * self.cross);
        // Below −120 dB only rounding is left.
        (side > 1e-12 * sum && mid > 1e-12 * sum).then(|| side / mid)
    }

    fn add(&mut self, other: &Self) {
        self.left += other.left;
        self.right += other.right;
        self.cross += other.cross;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums_of(frame: impl Fn(f64) -> StereoFrame) -> LevelSums {
        let mut sums = LevelSums::new(48_000, 2);
        let frames: Vec<_> = (0..48_000).map(|n| frame(f64::from(n) * 0.1309)).collect();
        sums.process(frames.as_flattened(), &frames);
        sums
    }

    #[test]
    fn correlation_is_the_cosine_of_the_phase_and_silence_has_none() {
        for phase in [0.0, 0.5, 1.0, 2.0, std::f64::consts::PI] {
            let sums = sums_of(|t| [t.sin() as f32, (t + phase).sin() as f32]);
            let correlation = sums.recent_stereo().correlation().expect("there is signal");
            assert!(
                (correlation - phase.cos()).abs() < 1e-3,
                "{correlation} at {phase}"
            );
        }
        let silent = sums_of(|_| [0.0; 2]);
        assert_eq!(silent.recent_stereo().correlation(), None);
        assert_eq!(silent.stereo().side_to_mid(), None);
    }

    #[test]
    fn mean_square_and_direct_current() {
        let sums = sums_of(|t| [t.sin() as f32, 0.25]);
        assert!((sums.mean_square().expect("frames") - (0.5 + 0.0625) / 2.0).abs() < 1e-4);
        assert!((sums.dc_offset().expect("frames") - 0.25).abs() < 1e-4);
        assert_eq!(LevelSums::new(48_000, 2).mean_square(), None);
    }
}
