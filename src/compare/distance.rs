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
    /// Of a mix: what it was beside the record it was kept with, where that was the same song.
    pub beside: Option<BesideRecord>,
}

/// What a mix and a record were over the same seconds of a song.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BesideRecord {
    /// How much louder the mix was, LU.
    pub matched_lu: f64,
    /// Median level of the record a bin in dBFS, −∞ where absent; empty where unknown.
    pub median_db: Vec<f32>,
    /// Side over mid of the five bands of mix and record, dB, of one moment.
    pub side_to_mid_db: [[Option<f64>; NUM_BANDS]; 2],
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

/// The distance of a mix from a reference that is another song: what was heard of it beside the whole of the other.
pub fn distance(mix: &Portrait, reference: &Portrait) -> Distance {
    let difference = |a: Option<f64>, b: Option<f64>| Some(a? - b?);
    let gain_db = match_gain_lu(mix.integrated_lufs, reference.integrated_lufs);
    let widths = differences(&mix.side_to_mid_db, &reference.side_to_mid_db);
    Distance {
        spectrum_db: spectrum_db([&mix.median_db, &reference.median_db], None, gain_db),
        width_db: mean(widths.map(|width| width.map(f64::abs))),
        loudness_lu: gain_db,
        dynamics_lu: difference(mix.plr_lu, reference.plr_lu),
    }
}

/// The distance of a mix from the record it was kept with, over the same seconds of the song. Dynamics are of all of it,
/// and not known here.
pub fn distance_beside(mix: &Portrait) -> Distance {
    let Some(beside) = &mix.beside else {
        return Distance::default();
    };
    let gain_db = Some(beside.matched_lu);
    Distance {
        spectrum_db: spectrum_db([&mix.median_db, &beside.median_db], None, gain_db),
        width_db: mean(beside.widths().map(|width| width.map(f64::abs))),
        loudness_lu: gain_db,
        dynamics_lu: None,
    }
}

/// The distance of a mix from another mix of the song that was kept with the same record, maybe at another place of it: by
/// how much further each lies from that record over the same seconds.
pub fn distance_through_record(mix: &Portrait, other: &Portrait) -> Distance {
    let Some((beside, others)) = mix.beside.as_ref().zip(other.beside.as_ref()) else {
        return Distance::default();
    };
    let gain_db = Some(beside.matched_lu - others.matched_lu);
    let widths = differences(&beside.widths(), &others.widths());
    Distance {
        spectrum_db: spectrum_db(
            [&mix.median_db, &beside.median_db],
            Some([&other.median_db, &others.median_db]),
            gain_db,
        ),
        width_db: mean(widths.map(|width| width.map(f64::abs))),
        loudness_lu: gain_db,
        dynamics_lu: None,
    }
}

impl BesideRecord {
    /// How much wider the mix was, dB.
    fn widths(&self) -> [Option<f64>; NUM_BANDS] {
        let [mix, record] = &self.side_to_mid_db;
        differences(mix, record)
    }
}

/// Mean |Δ| of a mix from a reference, or of that from the same of `others`. Without a loudness on both sides, the spectra
/// are matched by their own mean.
fn spectrum_db(
    [mix, reference]: [&[f32]; 2],
    others: Option<[&[f32]; 2]>,
    gain_db: Option<f64>,
) -> Option<f64> {
    let first = bin_from_hz(SPECTRUM_HZ[0]).ceil().max(0.0) as usize;
    let end = (bin_from_hz(SPECTRUM_HZ[1]).floor() as usize + 1).min(NUM_BINS);
    let level = |curve: &[f32], bin: usize| {
        let level = curve.get(bin).filter(|level| **level > SILENCE_DB);
        level.map(|level| f64::from(*level))
    };
    let differences: Vec<f64> = (first..end)
        .filter_map(|bin| {
            let difference = level(mix, bin)? - level(reference, bin)?;
            let further = match others {
                Some([mix, reference]) => level(mix, bin)? - level(reference, bin)?,
                None => 0.0,
            };
            Some(difference - further)
        })
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

/// Differences of widths, where both are heard.
fn differences(
    widths: &[Option<f64>; NUM_BANDS],
    others: &[Option<f64>; NUM_BANDS],
) -> [Option<f64>; NUM_BANDS] {
    let heard = |db: f64| db.clamp(MONO_DB, -MONO_DB);
    std::array::from_fn(|n| Some(heard(widths[n]?) - heard(others[n]?)))
}

fn mean(values: [Option<f64>; NUM_BANDS]) -> Option<f64> {
    let count = values.iter().flatten().count() as f64;
    (count > 0.0).then(|| values.iter().flatten().sum::<f64>() / count)
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
            beside: None,
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
    }

    #[test]
    fn mixes_of_one_song_are_told_apart_by_the_seconds_each_had_in_common_with_the_record() {
        // A quiet verse and a loud chorus, each 3 dB under the same seconds of the record; the second has less treble.
        let kept = |level_db: f32, treble_db: f32| {
            let mut mix = portrait(level_db - 3.0, f64::from(level_db));
            let middle = (bin_from_hz(20.0) + bin_from_hz(20_000.0)) / 2.0;
            for level in &mut mix.median_db[middle as usize..] {
                *level += treble_db;
            }
            mix.beside = Some(BesideRecord {
                matched_lu: -3.0,
                median_db: vec![level_db; NUM_BINS],
                side_to_mid_db: [[Some(f64::from(level_db)); 5], [Some(-20.0); 5]],
            });
            mix
        };
        let (verse, chorus) = (kept(-30.0, 0.0), kept(-20.0, -2.0));
        let near = |value: Option<f64>, expected: f64| {
            value.is_some_and(|value| (value - expected).abs() < 0.05)
        };
        let apart = distance_beside(&verse);
        assert!(near(apart.spectrum_db, 0.0), "{apart:?}");
        assert_eq!(
            (apart.width_db, apart.loudness_lu),
            (Some(10.0), Some(-3.0))
        );
        assert_eq!(apart.dynamics_lu, None);
        assert!(near(distance_beside(&chorus).spectrum_db, 1.0));
        let apart = distance_through_record(&verse, &verse);
        assert_eq!((apart.spectrum_db, apart.width_db), (Some(0.0), Some(0.0)));
        let apart = distance_through_record(&chorus, &verse);
        assert!(near(apart.spectrum_db, 1.0), "{apart:?}");
        assert_eq!((apart.width_db, apart.loudness_lu), (Some(10.0), Some(0.0)));
        // Kept beside nothing, it is no distance from anything of the same song.
        let alone = portrait(-20.0, -14.0);
        assert_eq!(distance_through_record(&alone, &verse), Distance::default());
        assert_eq!(distance_beside(&alone), Distance::default());
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
