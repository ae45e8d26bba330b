//! What is wrong with the mix version, applied to the finished master so that the difference is known exactly.

use crate::units::db;

use super::filter::Biquad;
use super::score::STEPS_PER_BAR;
use super::score::second_monitor::SCORE;
use super::wave::Stereo;

/// The mix is too dull: level of its top octave (above 9 kHz) beside its middle, against the reference's, in dB.
pub const FAULT_SHELF_DB: f64 = -2.0;

/// Frequency in Hz at which the dullness has reached half its decibels.
pub const FAULT_SHELF_HZ: f64 = 5_500.0;

/// The mix is boomy: its level at the middle of the boom beside its middle frequencies, against the reference's, in dB.
pub const FAULT_BELL_DB: f64 = 3.0;

/// Middle of the boom in Hz; it is about an octave and a half wide.
pub const FAULT_BELL_HZ: f64 = 120.0;

/// The mix is too narrow: its side-to-mid ratio against the reference's, in dB, at every frequency.
pub const FAULT_SIDE_DB: f64 = -6.0;

/// The mix is too quiet: its integrated loudness against the reference's, in LU.
pub const FAULT_LOUDNESS_LU: f64 = -4.0;

/// Places of the mix where drum strokes pass 0 dBFS for less than 4 ms; the reference stays below −1 dBTP.
pub const NUM_FAULT_OVERS: usize = 5;

/// Shelf and bell as set at the desk, in dB. The published figures are what is read off the finished song beside the
/// bands that no fault is about; what the make-up leaves adds a tenth.
const SHELF_DB: f64 = -2.1;
const BELL_DB: f64 = 3.3;
const BELL_QUALITY: f64 = 1.0;

/// Narrowing takes power away where the record is wide, so mid and side together are lifted by as much there:
/// too narrow shall not read as too quiet above the bass.
const MAKE_UP_DB: f64 = 1.4;
const MAKE_UP_HZ: f64 = 200.0;

/// Gain of the mid signal in dB that makes the mix 4.0 LU quieter, faults included.
const GAIN_DB: f64 = -4.87;

/// Bar and sixteenth of the strokes that jump out: backbeats and one kick of the two choruses.
const OVERS: [(usize, usize); NUM_FAULT_OVERS] = [(13, 4), (17, 12), (29, 4), (32, 0), (34, 12)];

/// How far the strokes jump out.
const OVER_DB: f64 = 10.5;

/// Frames from the stroke to the middle of the jump, and half the jump's length: it lasts 4 ms.
const OVER_DELAY_FRAMES: usize = 96;
const OVER_HALF_FRAMES: usize = 96;

/// From the reference to the mix.
pub struct Faults {
    /// Shelf, bell and make-up, for mid and for side.
    filters: [[Biquad; 3]; 2],
    gain: f64,
    side_gain: f64,
    over_gain: f64,
    frame: usize,
}

impl Faults {
    pub fn new() -> Self {
        let chain = [
            Biquad::high_shelf(FAULT_SHELF_HZ, SHELF_DB),
            Biquad::bell(FAULT_BELL_HZ, BELL_QUALITY, BELL_DB),
            Biquad::high_shelf(MAKE_UP_HZ, MAKE_UP_DB),
        ];
        // Rounded, so that the last bit of a platform's power function is not heard.
        let rounded = |level_db: f64| f64::from(db::amplitude_from_db(level_db) as f32);
        Self {
            filters: [chain; 2],
            gain: rounded(GAIN_DB),
            side_gain: rounded(GAIN_DB + FAULT_SIDE_DB),
            over_gain: rounded(OVER_DB),
            frame: 0,
        }
    }

    /// Spoils the next block.
    pub fn process(&mut self, block: &mut Stereo) {
        let [mid_filters, side_filters] = &mut self.filters;
        for (left, right) in block.left.iter_mut().zip(&mut block.right) {
            let (l, r) = (f64::from(*left), f64::from(*right));
            let mid = mid_filters
                .iter_mut()
                .fold(0.5 * self.gain * (l + r), |x, filter| filter.next(x));
            let side = side_filters
                .iter_mut()
                .fold(0.5 * self.side_gain * (l - r), |x, filter| filter.next(x));
            *left = (mid + side) as f32;
            *right = (mid - side) as f32;
        }
        self.jump_out(block);
        self.frame += block.left.len();
    }

    fn jump_out(&self, block: &mut Stereo) {
        for (bar, step) in OVERS {
            let middle = (bar * STEPS_PER_BAR + step) * SCORE.step_frames + OVER_DELAY_FRAMES;
            let nearest = middle.clamp(self.frame, self.frame + block.left.len());
            if nearest.abs_diff(middle) >= OVER_HALF_FRAMES {
                continue;
            }
            for (i, (left, right)) in block.left.iter_mut().zip(&mut block.right).enumerate() {
                let away = (self.frame + i).abs_diff(middle) as f64 / OVER_HALF_FRAMES as f64;
                // A parabola squared: up and down without a corner.
                let bump = (1.0 - away * away).max(0.0);
                let gain = (1.0 + (self.over_gain - 1.0) * bump * bump) as f32;
                *left *= gain;
                *right *= gain;
            }
        }
    }
}
