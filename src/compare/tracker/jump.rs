//! When the mix jumped: a lock is known to hold or not by whole seconds, but what lies beside a picture changes at a moment.

use super::{CHECK_SECS, Tracker};
use crate::compare::alignment::{LockCheck, check_samples, coefficient_at};
use crate::compare::common_rate::{COMMON_RATE_HZ, samples_in};
use crate::compare::fingerprint::ReferenceFingerprint;
use crate::dsp::frame_history::StereoFrame;

/// The moment is told by blocks of so many samples, 50 ms.
const BLOCK_SAMPLES: usize = COMMON_RATE_HZ as usize / 20;

impl Tracker {
    /// Has the lock hold from the very moment at which the mix left another place for it. `sound` begins at a mix time, with
    /// a second that lies at the other place, and ends with one that lies at the lock; where one of them does not, nothing
    /// changes.
    pub fn find_the_jump(
        &mut self,
        other_offset_secs: f64,
        reference: &ReferenceFingerprint,
        (sound, from_secs): (&[StereoFrame], f64),
        sample_rate_hz: u32,
    ) {
        let Some(lock) = self.lock else {
            return;
        };
        let fingerprint = self.as_locked(sound, sample_rate_hz);
        let (white, reference) = (fingerprint.samples(), reference.samples());
        let second = samples_in(CHECK_SECS);
        let Some(last) = white.len().checked_sub(second) else {
            return;
        };
        let secs = |samples: usize| samples as f64 / f64::from(COMMON_RATE_HZ);
        let lag_of_first = |offset_secs: f64, at: usize| {
            let expected_secs = offset_secs + from_secs + secs(at);
            match check_samples(reference, &white[at..at + second], expected_secs) {
                LockCheck::Holds { offset_secs, .. } => {
                    let lag = (offset_secs * f64::from(COMMON_RATE_HZ)).round() as i64;
                    Some(lag - at as i64)
                }
                LockCheck::Silent | LockCheck::Fails => None,
            }
        };
        let lags = [
            lag_of_first(other_offset_secs, 0),
            lag_of_first(lock.offset_secs, last),
        ];
        let [Some(other_lag), Some(lock_lag)] = lags else {
            return;
        };
        // Before the jump blocks fit the other place, behind it the lock: where the sum of both is largest.
        let (mut sum, mut largest, mut jump_at) = (0.0, 0.0, 0);
        for (n, block) in white.chunks_exact(BLOCK_SAMPLES).enumerate() {
            let fits =
                |lag: i64| coefficient_at(reference, block, lag + (n * BLOCK_SAMPLES) as i64);
            sum += fits(other_lag) - fits(lock_lag);
            if sum > largest {
                (largest, jump_at) = (sum, (n + 1) * BLOCK_SAMPLES);
            }
        }
        self.held_secs[0] = (from_secs + secs(jump_at)).min(self.held_secs[1]);
    }
}
