//! Loudness match: the gain that makes the reference as loud as the mix over what is compared.
//!
//! Everything else is compared behind it, because what is louder sounds better, brighter and wider.

use std::ops::Range;

use crate::dsp::loudness::{LoudnessPoint, region_integrated};
use crate::units::db;

/// Gain in LU (and dB) for the reference, from the loudness of both in LUFS; `None` where one of them has none.
pub fn match_gain_lu(mix_lufs: Option<f64>, reference_lufs: Option<f64>) -> Option<f64> {
    db::existing(mix_lufs? - reference_lufs?)
}

/// As [`match_gain_lu`], over a region of each history, in points of 0.1 s.
pub fn region_match_gain_lu(
    mix: &[LoudnessPoint],
    mix_region: Range<usize>,
    reference: &[LoudnessPoint],
    reference_region: Range<usize>,
) -> Option<f64> {
    let mix_lufs = region_integrated(mix, mix_region);
    let reference_lufs = region_integrated(reference, reference_region);
    match_gain_lu(mix_lufs, reference_lufs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quieter_reference_is_lifted_and_silence_is_not_matched() {
        let gain = match_gain_lu(Some(-14.0), Some(-20.0));
        assert_eq!(gain, Some(6.0));
        assert_eq!(match_gain_lu(None, Some(-20.0)), None);
        assert_eq!(match_gain_lu(Some(-14.0), None), None);
        assert_eq!(match_gain_lu(Some(f64::NEG_INFINITY), Some(-14.0)), None);
    }

    #[test]
    fn only_the_regions_count() {
        let point = |lufs| LoudnessPoint {
            momentary_lufs: lufs,
            short_term_lufs: lufs,
            ..LoudnessPoint::ABSENT
        };
        let mix: Vec<_> = [point(-20.0); 50]
            .into_iter()
            .chain([point(-14.0); 50])
            .collect();
        let reference = [point(-10.0); 40];
        let gain = region_match_gain_lu(&mix, 50..100, &reference, 0..40);
        assert!((gain.expect("both sound") + 4.0).abs() < 1e-6);
        assert_eq!(region_match_gain_lu(&mix, 90..90, &reference, 0..40), None);
    }
}
