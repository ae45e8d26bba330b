//! Peaks as an ear for detail hears them: places over full scale, and how far peaks stand out second by second.
//!
//! One jumping stroke raises the peak-to-loudness ratio of a whole song; the median over its seconds does not move.

use crate::dsp::frame_history::StereoFrame;
use crate::units::db;

/// Samples over full scale that lie this close together are one place.
const SAME_PLACE_SECS: f64 = 0.01;
/// Seconds this far below the loudest one are pauses and fades.
const PAUSE_DB: f64 = -40.0;

/// Peaks of a recording, collected piece by piece.
#[derive(Clone, Debug)]
pub struct PeakTrack {
    sample_rate_hz: u32,
    num_frames: u64,
    /// First and last frame of each place over full scale.
    overs: Vec<(u64, u64)>,
    /// Largest sample and mean square of each whole second.
    seconds: Vec<(f32, f64)>,
    peak: f32,
    energy: f64,
}

impl PeakTrack {
    /// Nothing heard yet.
    pub fn new(sample_rate_hz: u32) -> Self {
        Self {
            sample_rate_hz: sample_rate_hz.max(1),
            num_frames: 0,
            overs: Vec::new(),
            seconds: Vec::new(),
            peak: 0.0,
            energy: 0.0,
        }
    }

    /// Takes the next frames.
    pub fn push(&mut self, frames: &[StereoFrame]) {
        let same_place = (SAME_PLACE_SECS * f64::from(self.sample_rate_hz)) as u64;
        for [left, right] in frames {
            let peak = left.abs().max(right.abs());
            if peak > 1.0 {
                match self.overs.last_mut() {
                    Some((_, last)) if self.num_frames - *last <= same_place => {
                        *last = self.num_frames
                    }
                    _ => self.overs.push((self.num_frames, self.num_frames)),
                }
            }
            self.peak = self.peak.max(peak);
            self.energy += f64::from(0.5 * (left * left + right * right));
            self.num_frames += 1;
            if self.num_frames.is_multiple_of(self.sample_rate_hz.into()) {
                self.seconds
                    .push((self.peak, self.energy / f64::from(self.sample_rate_hz)));
                self.peak = 0.0;
                self.energy = 0.0;
            }
        }
    }

    /// How many places pass full scale.
    pub fn num_overs(&self) -> usize {
        self.overs.len()
    }

    /// Where the first place passes full scale, in seconds.
    pub fn first_over_secs(&self) -> Option<f64> {
        let (first, _) = self.overs.first()?;
        Some(*first as f64 / f64::from(self.sample_rate_hz))
    }

    /// Median over the seconds of their sample peak above their root mean square, in dB.
    pub fn median_crest_db(&self) -> Option<f64> {
        let loudest = self
            .seconds
            .iter()
            .map(|second| second.1)
            .fold(0.0, f64::max);
        let enough = loudest * db::power_from_db(PAUSE_DB);
        let sounding = self.seconds.iter().filter(|second| second.1 > enough);
        let mut crests: Vec<f64> = sounding
            .map(|&(peak, power)| db::db_from_amplitude(peak.into()) - db::db_from_power(power))
            .collect();
        crests.sort_by(f64::total_cmp);
        crests.get(crests.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_over_full_scale_that_lie_together_are_one_place() {
        let mut frames = vec![[0.5f32, -0.5]; 48_000];
        for frame in [100, 101, 400, 20_000] {
            frames[frame] = [0.2, -1.2];
        }
        frames[30_000] = [1.0, -1.0];
        let mut track = PeakTrack::new(48_000);
        frames.chunks(77).for_each(|frames| track.push(frames));
        assert_eq!(track.num_overs(), 2);
        assert_eq!(track.first_over_secs(), Some(100.0 / 48_000.0));
    }

    #[test]
    fn one_jump_does_not_move_the_crest() {
        let mut frames = vec![[0.5f32, -0.5]; 480_000];
        frames[470_000] = [2.0, 2.0];
        let mut track = PeakTrack::new(48_000);
        track.push(&frames);
        assert!(track.median_crest_db().expect("sound").abs() < 1e-6);
        assert_eq!(PeakTrack::new(48_000).median_crest_db(), None);
    }
}
