//! Scales that fit the music: a loud master neither burns out nor sticks to the ceiling.
//!
//! Levels, spectrum and loudness are shown about the loudness they were made for. Once the mix has sounded for some
//! seconds they move by what it is louder or quieter, and then stand still: a scale that moves cannot be read.

use crate::analysis::meters::Meters;

/// The loudness that the scales are made for, in LUFS.
const MADE_FOR_LUFS: f64 = -14.0;
/// From here to there nothing moves: what is a little quieter still fills the picture.
const FITS_LUFS: [f64; 2] = [-21.0, -12.0];
/// Scales move by whole steps of this, so that their ticks stay where they are.
const STEP_DB: f64 = 6.0;
/// The mix has to sound for so long before its loudness is believed.
const HEARD_SECS: f64 = 6.0;

/// By how many dB scales move for music of a loudness.
pub fn fit_db(lufs: f64) -> f32 {
    let [quiet, loud] = FITS_LUFS;
    if (quiet..=loud).contains(&lufs) || !lufs.is_finite() {
        return 0.0;
    }
    let steps = ((lufs - MADE_FOR_LUFS) / STEP_DB).round();
    (steps * STEP_DB).clamp(-36.0, 12.0) as f32
}

/// What the scales were fitted to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fit {
    /// The mix that they were fitted to, by its generation.
    fitted: Option<u64>,
    /// Whether a person wants them fitted again.
    is_asked: bool,
}

impl Fit {
    /// By how many dB to move the scales from now on; `None` while they stand.
    pub fn due(&mut self, generation: u64, meters: &Meters) -> Option<f32> {
        let loudness = &meters.loudness;
        let is_done = self.fitted == Some(generation) && !self.is_asked;
        if is_done || loudness.measured_secs < HEARD_SECS {
            return None;
        }
        let fit_db = fit_db(loudness.integrated_lufs?);
        self.fitted = Some(generation);
        self.is_asked = false;
        Some(fit_db)
    }

    /// Has them fitted again.
    pub fn again(&mut self) {
        self.is_asked = true;
    }

    /// Whether that was asked for and is still to be done.
    pub fn is_asked(&self) -> bool {
        self.is_asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::frames::{ChannelLayout, StreamFormat};

    #[test]
    fn loud_and_quiet_music_moves_the_scales_and_most_does_not() {
        for (lufs, expected) in [
            (-6.0, 6.0),
            (-8.0, 6.0),
            (-14.0, 0.0),
            (-20.0, 0.0),
            (-25.0, -12.0),
            (-90.0, -36.0),
            (20.0, 12.0),
            (f64::NAN, 0.0),
        ] {
            assert_eq!(fit_db(lufs), expected, "{lufs}");
        }
    }

    #[test]
    fn a_mix_is_fitted_once_and_another_one_anew() {
        let mut meters = Meters::silent(StreamFormat {
            sample_rate_hz: 48_000,
            layout: ChannelLayout::Stereo,
        });
        let mut fit = Fit::default();
        meters.loudness.integrated_lufs = Some(-7.0);
        assert_eq!(fit.due(1, &meters), None, "nothing was heard yet");
        meters.loudness.measured_secs = 7.0;
        assert_eq!(fit.due(1, &meters), Some(6.0));
        meters.loudness.integrated_lufs = Some(-30.0);
        assert_eq!(fit.due(1, &meters), None, "it stands");
        assert_eq!(fit.due(2, &meters), Some(-18.0));
        fit.again();
        assert!(fit.is_asked());
        assert_eq!(fit.due(2, &meters), Some(-18.0));
        assert!(!fit.is_asked(), "once is enough");
        assert_eq!(fit.due(2, &meters), None);
    }
}
