//! What is left between mix and reference once they are equally loud: always mix minus matched reference.

use serde::Serialize;

use crate::analysis::punch::{PunchBand, Tenths};
use crate::analysis::summary::Summary;
use crate::compare::alignment::AlignmentResult;
use crate::compare::matching::match_gain_lu;
use crate::compare::relation::Relation;
use crate::units::db;

/// Bands that agree within this share a gain: of the same song, and of two songs.
const SAME_GAIN_DB: f64 = 0.6;
const SAME_TONE_DB: f64 = 2.0;
/// From so many of the bands on what they share is what was done to all.
pub const MOST_OF_THEM: f64 = 0.5;
/// Levels that nearly as many bands share, as part of what most do: which is the gain is not known by counting.
const AS_DENSE: f64 = 0.5;
/// Third-octave bands from 25 Hz to 16 kHz: beyond, most records hold nothing, and loudspeakers give less.
pub const AUDIBLE_BANDS: std::ops::Range<usize> = 1..30;
/// Bands this far below the loudest third-octave are not heard.
const UNHEARD_DB: f64 = -50.0;
/// Third-octave bands up to 63 Hz: an ear needs much more level there.
pub const LOW_BANDS: std::ops::Range<usize> = 0..6;
/// Low octaves this far below the whole are not heard.
const UNHEARD_LOW_DB: f64 = -25.0;

/// Mix minus loudness-matched reference, in the shape of `compare --json`. What one side lacks is `None`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Difference {
    /// Gain given to the reference so that it is as loud as the mix.
    pub loudness_offset_lu: Option<f64>,
    /// Where the mix lies in the reference; `None`: not the same song.
    pub alignment: Option<AlignmentResult>,
    /// Level that most third-octave bands have in common: what an equaliser did to the rest moved the loudness by so
    /// much the other way.
    pub tone_offset_db: Option<f64>,
    /// Part of the bands that are heard which have that level, 0 to 1.
    #[serde(skip)]
    pub tone_offset_share: f64,
    /// Which of mix and reference have no loudness.
    #[serde(skip)]
    pub is_silent: [bool; 2],
    /// Third-octave bands that are heard, on one of both sides.
    #[serde(skip)]
    pub heard_bands: Vec<bool>,
    /// Of the octave around each third-octave band, where that is heard: notes of another key fall into other thirds.
    #[serde(skip)]
    pub octave_db: Vec<Option<f64>>,
    /// Per third-octave band.
    pub third_octave: ThirdOctaveDifference,
    /// Per stereo band.
    pub bands: Vec<BandDifference>,
    /// Peak-to-loudness ratio.
    pub plr_lu: Option<f64>,
    /// Peak to short-term loudness, by the medians.
    pub psr_lu: Option<f64>,
    /// Loudness range.
    pub range_lu: Option<f64>,
}

/// Third-octave levels, `[band]`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ThirdOctaveDifference {
    /// Exact centres.
    pub center_hz: Vec<f64>,
    /// Mix minus matched reference.
    pub db: Vec<Option<f64>>,
}

/// One stereo band.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct BandDifference {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
    /// Level.
    pub level_db: Option<f64>,
    /// Side/mid ratio: positive means that the mix is wider.
    pub side_to_mid_db: Option<f64>,
    /// Correlation.
    pub correlation: Option<f64>,
    /// How far attacks stand out, by the medians of both sides: below 0 the mix's are softer.
    pub attack_db: Option<f64>,
    /// Crest, by the medians.
    pub crest_db: Option<f64>,
}

impl Difference {
    /// Of two programmes, or of the parts of them that are compared.
    pub fn new(mix: &Summary, reference: &Summary, alignment: Option<AlignmentResult>) -> Self {
        let offset = match_gain_lu(
            mix.loudness.integrated_lufs,
            reference.loudness.integrated_lufs,
        );
        let level =
            |mix_db, reference_db: Option<f64>| minus(mix_db, Some(reference_db? + offset?));
        let third_octaves = mix
            .third_octave
            .mean_db
            .iter()
            .zip(&reference.third_octave.mean_db);
        let differences_db: Vec<Option<f64>> = third_octaves
            .map(|(mix, reference)| level(*mix, *reference))
            .collect();
        let heard_bands = heard_bands(&mix.third_octave.mean_db, &differences_db);
        let heard = differences_db.iter().zip(&heard_bands);
        let heard: Vec<f64> = heard
            .filter(|(_, heard)| **heard)
            .filter_map(|(db, _)| *db)
            .collect();
        let reach_db = if alignment.is_some() {
            SAME_GAIN_DB
        } else {
            SAME_TONE_DB
        };
        let common = common_value(&heard, reach_db);
        let bands = mix.stereo.bands.iter().zip(&reference.stereo.bands);
        let punch = |band: usize, figure: fn(&PunchBand) -> Option<Tenths>| {
            let median = |side: &Summary| {
                let tenths = side.punch.bands.get(band).and_then(figure);
                tenths.map(|tenths| tenths.p50)
            };
            minus(median(mix), median(reference))
        };
        let psr_lu = |side: &Summary| side.punch.psr_lu.map(|tenths| tenths.p50);
        Self {
            loudness_offset_lu: offset.and_then(rounded),
            alignment: alignment.map(|found| AlignmentResult {
                // A hundredth of a millisecond is finer than it is known.
                offset_secs: (found.offset_secs * 1e5).round() / 1e5 + 0.0,
                confidence: (found.confidence * 1000.0).round() / 1000.0,
                speed: (found.speed * 1e6).round() / 1e6,
                jump_secs: found.jump_secs.map(|secs| (secs * 1e5).round() / 1e5),
                strays_secs: (found.strays_secs * 1e5).round() / 1e5 + 0.0,
                ..found
            }),
            tone_offset_db: common.and_then(|(offset_db, _)| rounded(offset_db)),
            tone_offset_share: common.map_or(0.0, |(_, share)| share),
            is_silent: [mix, reference].map(|side| side.loudness.integrated_lufs.is_none()),
            octave_db: octaves(&mix.third_octave.mean_db, &differences_db, &heard_bands),
            heard_bands,
            third_octave: ThirdOctaveDifference {
                center_hz: mix.third_octave.center_hz.clone(),
                db: differences_db,
            },
            bands: bands
                .enumerate()
                .map(|(band, (mix, reference))| BandDifference {
                    low_hz: mix.low_hz,
                    high_hz: mix.high_hz,
                    level_db: level(mix.level_dbfs, reference.level_dbfs),
                    side_to_mid_db: minus(mix.side_to_mid_db, reference.side_to_mid_db),
                    correlation: minus(mix.correlation, reference.correlation),
                    attack_db: punch(band, |of| of.attack_db),
                    crest_db: punch(band, |of| of.crest_db),
                })
                .collect(),
            plr_lu: minus(mix.loudness.plr_lu, reference.loudness.plr_lu),
            psr_lu: minus(psr_lu(mix), psr_lu(reference)),
            range_lu: minus(mix.loudness.range_lu, reference.loudness.range_lu),
        }
    }

    /// What each third-octave band departs from what most of them have in common; `None` where nobody hears it.
    pub fn tone_departures(&self) -> Vec<Option<f64>> {
        let offset_db = self.tone_offset_db.unwrap_or(0.0);
        let bands = self.third_octave.db.iter().zip(&self.heard_bands);
        bands
            .map(|(db, heard)| db.filter(|_| *heard).map(|db| db - offset_db))
            .collect()
    }

    /// What most octaves have in common, matched: of another song, whose thirds say too little.
    pub fn octave_offset_db(&self) -> f64 {
        let mut sorted: Vec<f64> = self.octave_db.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
    }

    /// What findings of tone leave out, in dB: what most bands have in common once both are equally loud.
    pub fn left_out_db(&self, relation: Relation) -> f64 {
        match relation {
            Relation::OtherSong => self.octave_offset_db(),
            _ => self.tone_offset_db.unwrap_or(0.0),
        }
    }

    /// As [`Difference::tone_departures`], of the octave around each band.
    pub fn octave_departures(&self) -> Vec<Option<f64>> {
        let offset_db = self.octave_offset_db();
        let departure = |octave_db: &Option<f64>| octave_db.map(|db| db - offset_db);
        self.octave_db.iter().map(departure).collect()
    }

    /// Whether one gain turns the reference into the mix: nothing but the loudness differs by more than this, in dB,
    /// LU and hundredths of correlation.
    pub fn is_only_gain(&self, tolerance_db: f64) -> bool {
        let levels = self.third_octave.db.iter().copied();
        let bands = self.bands.iter().flat_map(|band| {
            let correlation = band.correlation.map(|correlation| 100.0 * correlation);
            [band.level_db, band.side_to_mid_db, correlation]
        });
        levels
            .chain(bands)
            .chain([self.plr_lu, self.range_lu])
            .flatten()
            .all(|difference| difference.abs() <= tolerance_db)
    }
}

/// Bands from 25 Hz to 16 kHz in which mix or matched reference is heard.
fn heard_bands(mix_db: &[Option<f64>], differences_db: &[Option<f64>]) -> Vec<bool> {
    let here = |(mix, difference): (&Option<f64>, &Option<f64>)| {
        let (mix, difference) = ((*mix)?, (*difference)?);
        // What the reference has there, at the mix's loudness.
        Some(mix.max(mix - difference))
    };
    let levels: Vec<Option<f64>> = mix_db.iter().zip(differences_db).map(here).collect();
    let loudest = levels
        .iter()
        .flatten()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    let power = |levels: &[Option<f64>]| -> f64 {
        let powers = levels.iter().flatten().copied().map(db::power_from_db);
        powers.sum()
    };
    let least_low = power(&levels) * db::power_from_db(UNHEARD_LOW_DB);
    let is_heard = |(band, level): (usize, &Option<f64>)| {
        let octave = &levels[octave_around(band, levels.len())];
        AUDIBLE_BANDS.contains(&band)
            && level.is_some_and(|db| db > loudest + UNHEARD_DB)
            && (!LOW_BANDS.contains(&band) || power(octave) > least_low)
    };
    levels.iter().enumerate().map(is_heard).collect()
}

/// The third-octave bands of the octave around one.
fn octave_around(band: usize, num_bands: usize) -> std::ops::Range<usize> {
    band.saturating_sub(1)..(band + 2).min(num_bands)
}

/// Mix minus matched reference in the octave around each band that is heard.
fn octaves(
    mix_db: &[Option<f64>],
    differences_db: &[Option<f64>],
    heard: &[bool],
) -> Vec<Option<f64>> {
    let powers = |of_reference: bool| -> Vec<f64> {
        let power = |band: usize| {
            let apart_db = differences_db[band].filter(|_| heard[band])?;
            let level_db = mix_db[band]? - if of_reference { apart_db } else { 0.0 };
            Some(db::power_from_db(level_db))
        };
        (0..heard.len())
            .map(|band| power(band).unwrap_or(0.0))
            .collect()
    };
    let [mix, reference] = [false, true].map(powers);
    let apart = |band: usize| {
        let octave = octave_around(band, heard.len());
        let [mix, reference] =
            [&mix, &reference].map(|side| side[octave.clone()].iter().sum::<f64>());
        let is_there = heard[band] && differences_db[band].is_some();
        db::existing(db::db_from_power(mix / reference)).filter(|_| is_there)
    };
    (0..heard.len()).map(apart).collect()
}

/// The value that most values have nearly in common, and the part of them that do: the peak of their density, refined by
/// their mean. A mean of all would be moved by the very bands that depart from it. Where fewer than half agree, as below
/// and above a shelf, several may be it: then the one that changes least at equal loudness.
fn common_value(values: &[f64], reach_db: f64) -> Option<(f64, f64)> {
    let near = |middle: f64| {
        values
            .iter()
            .filter(move |value| (*value - middle).abs() < reach_db)
    };
    let density = |middle: f64| -> f64 {
        near(middle)
            .map(|value| 1.0 - ((value - middle) / reach_db).powi(2))
            .sum()
    };
    let share = |middle: f64| near(middle).count() as f64 / values.len() as f64;
    let densest = values
        .iter()
        .copied()
        .max_by(|a, b| density(*a).total_cmp(&density(*b)))?;
    let middle = match share(densest) >= MOST_OF_THEM {
        true => densest,
        false => {
            let least = AS_DENSE * density(densest);
            let as_dense = values.iter().copied().filter(|at| density(*at) >= least);
            as_dense.min_by(|a, b| a.abs().total_cmp(&b.abs()))?
        }
    };
    let count = near(middle).count().max(1);
    Some((near(middle).sum::<f64>() / count as f64, share(middle)))
}

/// The difference of what both sides have.
fn minus(mix: Option<f64>, reference: Option<f64>) -> Option<f64> {
    rounded(mix? - reference?)
}

/// Summaries have three decimals; so have their differences. Adding 0 turns −0 into 0.
fn rounded(value: f64) -> Option<f64> {
    db::existing((value * 1000.0).round() / 1000.0 + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_and_a_shelf_do_not_move_what_the_other_bands_have_in_common() {
        let mut bands = vec![-1.2f64; 29];
        for (band, db) in [(4, 0.5), (5, 1.8), (6, 2.9), (7, 1.7), (8, 0.4)] {
            bands[band] += db;
        }
        bands[23..].iter_mut().for_each(|band| *band -= 2.0);
        bands
            .iter_mut()
            .enumerate()
            .for_each(|(n, band)| *band += 0.05 * (n % 3) as f64);
        let (common, share) = common_value(&bands, SAME_GAIN_DB).expect("there are values");
        assert!(
            (common + 1.15).abs() < 0.1 && share > 0.5,
            "{common}, {share}"
        );
        assert_eq!(common_value(&[], SAME_GAIN_DB), None);
    }

    #[test]
    fn of_levels_below_and_above_a_shelf_the_one_that_changes_least_is_the_gain() {
        // At equal loudness, from 80 Hz on: a bell cut at 120 Hz, the middle as it was, a bell at 3 kHz and a shelf boosted.
        let bands = [
            -1.2, -1.7, -1.7, -1.3, -0.8, -0.3, 0.2, 0.4, 0.6, 0.7, 0.8, 1.0, 1.3, 1.6, 2.1, 2.7,
            3.1, 2.9, 2.6, 2.4, 2.5, 2.6, 2.7, 2.7,
        ];
        let (common, share) = common_value(&bands, SAME_GAIN_DB).expect("there are values");
        assert!((common - 0.6).abs() < 0.2, "{common}");
        assert!(share < MOST_OF_THEM, "{share}");
    }

    #[test]
    fn low_bands_far_below_the_whole_are_not_heard() {
        let mut mix = vec![Some(-30.0); 31];
        // 20 and 25 Hz, and what reaches into the octave around 31.5 Hz.
        (mix[0], mix[1], mix[2]) = (Some(-50.0), Some(-50.0), Some(-48.0));
        let heard = |mix: &[Option<f64>]| heard_bands(mix, &vec![Some(0.0); 31]);
        assert!(!heard(&mix)[1] && heard(&mix)[2] && heard(&mix)[3]);
        // As far below, treble is heard.
        mix[27] = Some(-70.0);
        assert!(heard(&mix)[27]);
    }

    #[test]
    fn bands_beyond_hearing_are_not_heard_however_loud() {
        let mut mix = vec![Some(-30.0); 31];
        mix[12] = Some(-90.0);
        mix[13] = None;
        let heard = heard_bands(&mix, &vec![Some(0.0); 31]);
        let unheard: Vec<usize> = (0..31).filter(|band| !heard[*band]).collect();
        assert_eq!(unheard, [0, 12, 13, 30]);
    }
}
