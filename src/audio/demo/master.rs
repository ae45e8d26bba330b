//! The finished master: bass in the middle, fades, and a limiter that holds the true peak below −1 dBTP.

use super::filter::Biquad;
use super::wave::{BLOCK, Mono, Stereo};

/// What the limiter lets through, linear: −2.1 dBFS, since it sees the peak between samples only halfway.
const CEILING: f32 = 0.785;

/// Part of the way back to full gain that the limiter goes in each of its steps (1.3 ms).
const RECOVERY: f32 = 0.014;

/// Below this frequency the master is mono.
const MONO_BELOW_HZ: f64 = 120.0;

/// Frames of one limiter step.
const STEP: usize = BLOCK / 2;

/// From the band's sum to the master, one block late.
pub struct Master {
    rumble: Biquad,
    side_rumble: [Biquad; 2],
    waiting: Stereo,
    /// Gains that the two halves of the waiting block must not exceed.
    waiting_gains: [f32; 2],
    gain: f32,
    tails: [Tail; 2],
}

impl Master {
    pub fn new() -> Self {
        Self {
            rumble: Biquad::high_pass(26.0, std::f64::consts::FRAC_1_SQRT_2),
            // Fourth-order Butterworth, in two sections.
            side_rumble: [0.541_196_1, 1.306_563]
                .map(|quality| Biquad::high_pass(MONO_BELOW_HZ, quality)),
            waiting: Stereo::SILENCE,
            waiting_gains: [1.0; 2],
            gain: 1.0,
            tails: [Tail::default(); 2],
        }
    }

    /// Takes the next block of the sum, at a gain before the limiter, and leaves the block before it, finished, in its place.
    pub fn process(&mut self, block: &mut Stereo, gain: f32) {
        self.centre_bass(block, gain);
        let left = self.tails[0].peaks(&block.left);
        let right = self.tails[1].peaks(&block.right);
        let gains = [0, 1].map(|half| (CEILING / left[half].max(right[half])).min(1.0));

        std::mem::swap(&mut self.waiting, block);
        let [first, second] = std::mem::replace(&mut self.waiting_gains, gains);
        self.ramp(block, 0, first.min(second));
        self.ramp(block, STEP, second.min(gains[0]));
    }

    /// A straight line from the present gain to the one both neighbouring steps can bear, or part of the way back up.
    fn ramp(&mut self, block: &mut Stereo, from: usize, bearable: f32) {
        let target = (self.gain + RECOVERY * (1.0 - self.gain)).min(bearable);
        let slope = (target - self.gain) / STEP as f32;
        for i in 0..STEP {
            let gain = self.gain + slope * (i + 1) as f32;
            block.left[from + i] *= gain;
            block.right[from + i] *= gain;
        }
        self.gain = target;
    }

    fn centre_bass(&mut self, block: &mut Stereo, gain: f32) {
        let half = 0.5 * f64::from(gain);
        for (left, right) in block.left.iter_mut().zip(&mut block.right) {
            let (l, r) = (f64::from(*left), f64::from(*right));
            let mid = self.rumble.next(half * (l + r));
            let side = self
                .side_rumble
                .iter_mut()
                .fold(half * (l - r), |x, section| section.next(x));
            *left = (mid + side) as f32;
            *right = (mid - side) as f32;
        }
    }
}

/// Half of a symmetric filter that gives the value halfway between two samples.
const HALFWAY: [f32; 4] = [0.6138, -0.1503, 0.0468, -0.0103];

const TAIL_LEN: usize = 2 * HALFWAY.len() - 1;

/// The last samples of the block before, which the values between samples need.
#[derive(Clone, Copy, Default)]
struct Tail([f32; TAIL_LEN]);

impl Tail {
    /// The largest magnitude on and between the samples of each half of a block, never zero.
    fn peaks(&mut self, block: &Mono) -> [f32; 2] {
        let mut joined = [0.0; TAIL_LEN + BLOCK];
        joined[..TAIL_LEN].copy_from_slice(&self.0);
        joined[TAIL_LEN..].copy_from_slice(block);
        self.0.copy_from_slice(&block[BLOCK - TAIL_LEN..]);
        [0, STEP].map(|from| {
            let mut peak = 1e-9f32;
            for x in &block[from..from + STEP] {
                peak = peak.max(x.abs());
            }
            for i in from..from + STEP {
                let near = |k: usize| joined[i + 3 - k] + joined[i + 4 + k];
                let between = HALFWAY[0] * near(0)
                    + HALFWAY[1] * near(1)
                    + HALFWAY[2] * near(2)
                    + HALFWAY[3] * near(3);
                peak = peak.max(between.abs());
            }
            peak
        })
    }
}
