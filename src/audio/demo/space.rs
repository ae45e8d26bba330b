//! The room: a feedback-delay-network reverb and an echo that jumps between left and right.

use super::wave::{Mono, Stereo};

const NUM_LINES: usize = 8;

/// Lengths in frames, primes between 29 and 72 ms, so that their echoes never fall together.
const LINE_FRAMES: [usize; NUM_LINES] = [1409, 1637, 1877, 2129, 2393, 2707, 3049, 3461];

/// Longest line rounded up to a power of two, so that positions wrap with a mask.
const LINE_CAPACITY: usize = 4096;

/// Frames before the first reflection: 18 ms.
const PRE_DELAY_FRAMES: usize = 864;

/// Level left after one round of a line.
const FEEDBACK: f32 = 0.86;

/// How much of the highs stays each round; a room swallows them first.
const DAMPING: f32 = 0.42;

/// Eight delay lines that feed one another through a Hadamard matrix.
pub struct Reverb {
    /// `lines[frame][line]`, a ring.
    lines: Vec<[f32; NUM_LINES]>,
    pre_delay: Vec<[f32; 2]>,
    damped: [f32; NUM_LINES],
    low: [f32; 2],
    position: usize,
    pre_position: usize,
}

impl Reverb {
    pub fn new() -> Self {
        Self {
            lines: vec![[0.0; NUM_LINES]; LINE_CAPACITY],
            pre_delay: vec![[0.0; 2]; PRE_DELAY_FRAMES],
            damped: [0.0; NUM_LINES],
            low: [0.0; 2],
            position: 0,
            pre_position: 0,
        }
    }

    /// Adds the room's answer to what was sent.
    pub fn add(&mut self, sent: &Stereo, out: &mut Stereo) {
        for i in 0..sent.left.len() {
            let fresh = self.without_rumble(sent.left[i], sent.right[i]);
            let [left_in, right_in] =
                std::mem::replace(&mut self.pre_delay[self.pre_position], fresh);
            self.pre_position = (self.pre_position + 1) % PRE_DELAY_FRAMES;

            let mut heard = [0.0f32; NUM_LINES];
            for (line, x) in heard.iter_mut().enumerate() {
                let from = (self.position + LINE_CAPACITY - LINE_FRAMES[line]) % LINE_CAPACITY;
                *x = self.lines[from][line];
            }
            for (state, x) in self.damped.iter_mut().zip(heard) {
                *state += DAMPING * (x - *state);
            }
            out.left[i] += heard[0] + heard[2] - heard[4] + heard[6];
            out.right[i] += heard[1] - heard[3] + heard[5] + heard[7];

            let mut mixed = hadamard(self.damped);
            for (line, x) in mixed.iter_mut().enumerate() {
                *x = FEEDBACK * *x + if line % 2 == 0 { left_in } else { right_in };
            }
            self.lines[self.position] = mixed;
            self.position = (self.position + 1) % LINE_CAPACITY;
        }
    }

    /// Takes away what lies below about 250 Hz: a room on the bass makes mud.
    fn without_rumble(&mut self, left: f32, right: f32) -> [f32; 2] {
        const SPEED: f32 = 0.032;
        self.low[0] += SPEED * (left - self.low[0]);
        self.low[1] += SPEED * (right - self.low[1]);
        [left - self.low[0], right - self.low[1]]
    }
}

/// Mixes eight values so that their energy stays.
fn hadamard(x: [f32; NUM_LINES]) -> [f32; NUM_LINES] {
    const SCALE: f32 = 0.353_553_4;
    let a = [
        x[0] + x[4],
        x[1] + x[5],
        x[2] + x[6],
        x[3] + x[7],
        x[0] - x[4],
        x[1] - x[5],
        x[2] - x[6],
        x[3] - x[7],
    ];
    let b = [
        a[0] + a[2],
        a[1] + a[3],
        a[0] - a[2],
        a[1] - a[3],
        a[4] + a[6],
        a[5] + a[7],
        a[4] - a[6],
        a[5] - a[7],
    ];
    [
        SCALE * (b[0] + b[1]),
        SCALE * (b[0] - b[1]),
        SCALE * (b[2] + b[3]),
        SCALE * (b[2] - b[3]),
        SCALE * (b[4] + b[5]),
        SCALE * (b[4] - b[5]),
        SCALE * (b[6] + b[7]),
        SCALE * (b[6] - b[7]),
    ]
}

/// An echo every dotted eighth that changes sides each time.
pub struct PingPong {
    ring: Vec<[f32; 2]>,
    position: usize,
    low: [f32; 2],
}

impl PingPong {
    /// An echo of a length in frames.
    pub fn new(delay_frames: usize) -> Self {
        Self {
            ring: vec![[0.0; 2]; delay_frames],
            position: 0,
            low: [0.0; 2],
        }
    }

    /// Adds the echoes of what was sent; they begin on the left.
    pub fn add(&mut self, sent: &Mono, out: &mut Stereo, gain: f32) {
        for (i, x) in sent.iter().enumerate() {
            let echo = self.ring[self.position];
            // Every round is darker.
            for (low, x) in self.low.iter_mut().zip(echo) {
                *low += 0.4 * (x - *low);
            }
            self.ring[self.position] = [x + 0.45 * self.low[1], 0.75 * self.low[0]];
            self.position = (self.position + 1) % self.ring.len();
            out.left[i] += gain * echo[0];
            out.right[i] += gain * echo[1];
        }
    }
}
