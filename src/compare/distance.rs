//! How far a mix lies from a reference: four numbers that get smaller as it comes closer.
//!
//! They are for a journal of one song: each alone says little, their course over an evening says much.

use crate::compare::matching::match_gain_lu;
use crate::dsp::grid::{BINS_PER_OCTAVE, NUM_BINS, bin_from_hz};

/// Bands of the stereo width.
pub const NUM_BANDS: usize = 5;
/// The spectrum counts between these frequencies, each octave alike.
const SPECTRUM_HZ: [f64; 2] = [20.0, 20_000.0];
/// Levels below this are no part of a mix; what a codec left out is not compared.
const SILENCE_DB: f32 = -120.0;
/// Differences are averaged over this width: what a mix decision is made on is not finer.
const SMOOTHING_OCTAVES: f64 = 1.0 / 6.0;
/// Bands whose side lies lower than this under their mid are mono; how much lower is not heard.
const MONO_DB: f64 = -40.0;

/// What is compared of a mix or a reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Portrait {
    /// Median level a bin in dBFS, −∞ where absent; empty where unknown.
    pub median_db: Vec<f32>,
    /// Side over mid of the five bands, dB.
    pub side_to_mid_db: [Option<f64>; NUM_BANDS],
    /// Integrated loudness.
    pub integrated_lufs: Option<f64>,
    /// True peak above integrated loudness, LU.
    pub plr_lu: Option<f64>,
    /// Of a mix: how much louder it was than a record over the same seconds of it, LU, where that is known.
    pub matched_lu: Option<f64>,
}

/// How far apart two portraits are; `None` where one of them does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Distance {
    /// Mean |Δ| of the loudness-matched medians, dB.
    pub spectrum_db: Option<f64>,
    /// Mean |Δ| of side over mid in the bands, dB.
    pub width_db: Option<f64>,
    /// Mix less reference, LU.
    pub loudness_lu: Option<f64>,
    /// Peak to loudness, mix less reference, LU: below 0 the mix is denser.
    pub dynamics_lu: Option<f64>,
}

/// The distance of a mix from a reference.
pub fn distance(mix: &Portrait, reference: &Portrait) -> Distance {
    let difference = |a: Option<f64>, b: Option<f64>| Some(a? - b?);
    let whole_lu = match_gain_lu(mix.integrated_lufs, reference.integrated_lufs);
    let gain_db = mix.matched_lu.or(whole_lu);
    Distance {
        spectrum_db: spectrum_db(&mix.median_db, &reference.median_db, gain_db),
        width_db: width_db(&mix.side_to_mid_db, &reference.side_to_mid_db),
        loudness_lu: gain_db,
        dynamics_lu: difference(mix.plr_lu, reference.plr_lu),
    }
}

/// Without a loudness on both sides, the spectra are matched by their own mean.
fn spectrum_db(mix: &[f32], reference: &[f32], gain_db: Option<f64>) -> Option<f64> {
    let first = bin_from_hz(SPECTRUM_HZ[0]).ceil().max(0.0) as usize;
    let end = (bin_from_hz(SPECTRUM_HZ[1]).floor() as usize + 1).min(NUM_BINS);
    let present = |level: &f32| *level > SILENCE_DB;
    let differences: Vec<f64> = mix
        .iter()
        .zip(reference)
        .take(end)
        .skip(first)
        .filter(|(a, b)| present(a) && present(b))
        .map(|(a, b)| f64::from(a - b))
        .collect();
    let count = differences.len() as f64;
    let half = (SMOOTHING_OCTAVES * BINS_PER_OCTAVE / 2.0).round() as usize;
    if differences.len() < 2 * half + 1 {
        return None;
    }
    let gain_db = gain_db.unwrap_or_else(|| differences.iter().sum::<f64>() / count);
    // A running sum: a journal of a whole evening is compared anew for each picture.
    let width = 2 * half + 1;
    let mut window: f64 = differences[..width].iter().sum();
    let mut sum = (window / width as f64 - gain_db).abs();
    for (leaving, entering) in differences.iter().zip(&differences[width..]) {
        window += entering - leaving;
        sum += (window / width as f64 - gain_db).abs();
    }
    Some(sum / (differences.len() - width + 1) as f64)
}

fn width_db(mix: &[Option<f64>; NUM_BANDS], reference: &[Option<f64>; NUM_BANDS]) -> Option<f64> {
    let heard = |db: Option<f64>| db.map(|db| db.clamp(MONO_DB, -MONO_DB));
    let pairs = mix.iter().zip(reference);
    let differences: Vec<f64> = pairs
        .filter_map(|(a, b)| Some((heard(*a)? - heard(*b)?).abs()))
        .collect();
    let count = differences.len() as f64;
    (!differences.is_empty()).then(|| differences.iter().sum::<f64>() / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portrait(level_db: f32, loudness: f64) -> Portrait {
        Portrait {
            median_db: vec![level_db; NUM_BINS],
            side_to_mid_db: [Some(-10.0), Some(-8.0), None, Some(-3.0), Some(-60.0)],
            integrated_lufs: Some(loudness),
            plr_lu: Some(12.0),
            matched_lu: None,
        }
    }

    #[test]
    fn the_same_mix_at_another_gain_is_no_other_spectrum() {
        let mut louder = portrait(-40.0, -14.0);
        louder.plr_lu = Some(9.5);
        let apart = distance(&louder, &portrait(-46.0, -20.0));
        assert!(apart.spectrum_db.is_some_and(|db| db < 1e-9));
        assert_eq!(apart.width_db, Some(0.0));
        assert_eq!(apart.loudness_lu, Some(6.0));
        assert_eq!(apart.dynamics_lu, Some(-2.5));
        // A verse of it beside the same verse of the record: what the whole record has besides counts for nothing.
        let verse = Portrait {
            integrated_lufs: Some(-23.0),
            matched_lu: Some(6.0),
            ..louder
        };
        let apart = distance(&verse, &portrait(-46.0, -20.0));
        assert!(apart.spectrum_db.is_some_and(|db| db < 1e-9));
        assert_eq!(apart.loudness_lu, Some(6.0));
    }

    #[test]
    fn three_db_more_in_half_of_the_octaves_are_a_distance_of_one_and_a_half() {
        let mut bright = portrait(-40.0, -14.0);
        let middle = (bin_from_hz(20.0) + bin_from_hz(20_000.0)) / 2.0;
        bright.median_db[middle as usize..].fill(-37.0);
        let apart = distance(&bright, &portrait(-40.0, -14.0));
        let db = apart.spectrum_db.expect("both are there");
        assert!((db - 1.5).abs() < 0.05, "{db}");
        // Without loudness they are matched by their mean: half of it everywhere.
        bright.integrated_lufs = None;
        let db = distance(&bright, &portrait(-40.0, -14.0)).spectrum_db;
        assert!(db.is_some_and(|db| (db - 1.5).abs() < 0.05));
    }

    #[test]
    fn widths_count_where_both_are_heard_and_mono_is_mono() {
        let mut wide = portrait(-40.0, -14.0);
        wide.side_to_mid_db = [Some(-4.0), None, Some(0.0), Some(-3.0), Some(-90.0)];
        let apart = distance(&wide, &portrait(-40.0, -14.0));
        assert_eq!(apart.width_db, Some(2.0));
    }

    #[test]
    fn what_is_not_known_is_absent() {
        let none = Portrait::default();
        assert_eq!(
            distance(&none, &portrait(-40.0, -14.0)),
            Distance::default()
        );
        let mut silent = portrait(f32::NEG_INFINITY, -14.0);
        silent.side_to_mid_db = [None; NUM_BANDS];
        let apart = distance(&silent, &portrait(-40.0, -14.0));
        assert_eq!((apart.spectrum_db, apart.width_db), (None, None));
    }
}
