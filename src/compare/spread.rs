//! How far a recording strays from its own mean, the measure of what is a difference and what is only music.
//!
//! Between verse and chorus a record's bands move by many dB. A mix that differs from it by less is not outside it.

use crate::analysis::band_power::STEREO_BANDS;
use crate::analysis::column::Column;
use crate::compare::band_bins::BandBins;
use crate::dsp::fractional_octave::{NUM_THIRD_OCTAVES, third_octave};
use crate::units::db;

/// Slices this far below the loudest one are pauses and fades.
const PAUSE_DB: f64 = -40.0;

/// The 10-90 % span around the mean, in dB: `low_db` below it (negative), `high_db` above it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Span {
    /// What a tenth of the slices stay below, less the mean.
    pub low_db: f64,
    /// What a tenth of the slices exceed, less the mean.
    pub high_db: f64,
}

impl Span {
    /// Half its width.
    pub fn half_db(self) -> f64 {
        0.5 * (self.high_db - self.low_db)
    }

    /// Whether a difference from the mean lies outside.
    pub fn excludes(self, difference_db: f64) -> bool {
        difference_db < self.low_db.min(0.0) || difference_db > self.high_db.max(0.0)
    }
}

/// Phrases are about this long: what a song does in one of them, and not in the next, is its own spread.
const PHRASE_SECS: f64 = 10.0;
/// Phrases this far below the mean of all do not count, as in gated loudness.
const QUIET_PHRASE_DB: f64 = -10.0;
/// Octaves around these third-octave bands tell what is common to all of a phrase's tone.
const MIDDLE_BANDS: std::ops::Range<usize> = 5..27;

/// The spreads of a recording.
#[derive(Clone, Debug)]
pub struct Spread {
    /// Of the octave around each third-octave band, beside the tone of the whole phrase; only of phrases.
    pub octave: [Span; NUM_THIRD_OCTAVES],
    /// Of the level of each third-octave band.
    pub third_octave: [Span; NUM_THIRD_OCTAVES],
    /// Of the side/mid ratio of each stereo band.
    pub side_to_mid: [Span; STEREO_BANDS.len()],
}

impl Spread {
    /// Over columns of any tier; those of some tenths of a second to some seconds say most.
    pub fn new(columns: &[Column]) -> Self {
        let sounding: Vec<Vec<&Column>> = sounding(columns)
            .into_iter()
            .map(|column| vec![column])
            .collect();
        Self::of_groups(&sounding)
    }

    /// Over means of phrases: another song of the band is as far from it as one phrase from another.
    pub fn of_phrases(columns: &[Column], column_secs: f64) -> Self {
        let sounding = sounding(columns);
        let per_phrase = (PHRASE_SECS / column_secs.max(1e-3)).round().max(1.0) as usize;
        let phrases: Vec<Vec<&Column>> = sounding.chunks(per_phrase).map(<[_]>::to_vec).collect();
        Self::of_groups(&loud_enough(phrases))
    }

    /// Over groups of columns, by the mean power of each.
    fn of_groups(groups: &[Vec<&Column>]) -> Self {
        let powers = |bins: BandBins, group: &[&Column]| {
            let sum = |[mid, side]: [f64; 2], [m, s]: [f64; 2]| [mid + m, side + s];
            let powers = group.iter().map(|column| bins.mid_and_side(column));
            powers
                .fold([0.0; 2], sum)
                .map(|power| power / group.len().max(1) as f64)
        };
        let thirds: Vec<[f64; NUM_THIRD_OCTAVES]> = groups
            .iter()
            .map(|group| {
                std::array::from_fn(|n| powers(BandBins::new(third_octave(n)), group).iter().sum())
            })
            .collect();
        let octaves: Vec<[f64; NUM_THIRD_OCTAVES]> = thirds.iter().map(octaves_of).collect();
        Self {
            octave: std::array::from_fn(|n| {
                span_of_powers(octaves.iter().map(|powers| powers[n]).collect())
            }),
            third_octave: std::array::from_fn(|n| {
                span_of_powers(thirds.iter().map(|powers| powers[n]).collect())
            }),
            side_to_mid: std::array::from_fn(|n| {
                let ratios = groups.iter().map(|group| {
                    let [mid, side] = powers(BandBins::new(STEREO_BANDS[n]), group);
                    side / mid.max(f64::MIN_POSITIVE)
                });
                span_of_powers(ratios.collect())
            }),
        }
    }
}

/// Powers of the octaves around third-octave bands, beside what is common to them.
fn octaves_of(thirds: &[f64; NUM_THIRD_OCTAVES]) -> [f64; NUM_THIRD_OCTAVES] {
    let octave = |n: usize| -> f64 {
        thirds[n.saturating_sub(1)..(n + 2).min(NUM_THIRD_OCTAVES)]
            .iter()
            .sum()
    };
    let mut middle: Vec<f64> = MIDDLE_BANDS.map(octave).map(f64::ln).collect();
    middle.retain(|value| value.is_finite());
    let common = (middle.iter().sum::<f64>() / middle.len().max(1) as f64).exp();
    std::array::from_fn(|n| octave(n) / common)
}

/// The columns that are not pauses.
fn sounding(columns: &[Column]) -> Vec<&Column> {
    let all = BandBins::all();
    let powers: Vec<f64> = columns
        .iter()
        .map(|column| all.mid_and_side(column).iter().sum())
        .collect();
    let enough = powers.iter().copied().fold(0.0, f64::max) * db::power_from_db(PAUSE_DB);
    let both = columns.iter().zip(&powers);
    both.filter(|(_, power)| **power > enough)
        .map(|(column, _)| column)
        .collect()
}

/// Phrases that are not far quieter than all of them: an intro of one instrument, and a fade, are no measure of how much air
/// the song has.
fn loud_enough(phrases: Vec<Vec<&Column>>) -> Vec<Vec<&Column>> {
    let all = BandBins::all();
    let power = |phrase: &Vec<&Column>| {
        let powers = phrase
            .iter()
            .map(|column| all.mid_and_side(column).iter().sum::<f64>());
        powers.sum::<f64>() / phrase.len().max(1) as f64
    };
    let powers: Vec<f64> = phrases.iter().map(power).collect();
    let mean = powers.iter().sum::<f64>() / powers.len().max(1) as f64;
    let enough = mean * db::power_from_db(QUIET_PHRASE_DB);
    let both = phrases.into_iter().zip(powers);
    both.filter(|(_, power)| *power >= enough)
        .map(|(phrase, _)| phrase)
        .collect()
}

fn span_of_powers(mut powers: Vec<f64>) -> Span {
    let sum: f64 = powers.iter().sum();
    if sum <= 0.0 {
        return Span::default();
    }
    powers.sort_by(f64::total_cmp);
    let mean_db = db::db_from_power(sum / powers.len() as f64);
    let last = powers.len() - 1;
    let quantile = |part: f64| {
        let power = powers[(part * last as f64).round() as usize];
        db::existing(db::db_from_power(power)).map_or(0.0, |level_db| level_db - mean_db)
    };
    Span {
        low_db: quantile(0.1),
        high_db: quantile(0.9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::pack_bin;
    use crate::dsp::grid::NUM_BINS;

    fn column(level_db: f32, side_to_mid_db: f32) -> Column {
        Column {
            index: 0,
            bins: [pack_bin(level_db, 0.0, side_to_mid_db); NUM_BINS],
        }
    }

    #[test]
    fn a_steady_sound_has_no_spread_and_a_pause_does_not_widen_it() {
        let mut columns = vec![column(-30.0, -9.0); 40];
        columns.extend(vec![column(-90.0, 0.0); 40]);
        let spread = Spread::new(&columns);
        for span in spread.third_octave.iter().chain(&spread.side_to_mid) {
            assert!(span.half_db() < 1e-6, "{span:?}");
            assert!(span.excludes(0.5) && span.excludes(-0.5) && !span.excludes(0.0));
        }
    }

    #[test]
    fn verse_and_chorus_span_their_distance() {
        let mut columns = vec![column(-26.0, -12.0); 50];
        columns.extend(vec![column(-20.0, -6.0); 50]);
        let spread = Spread::new(&columns);
        for span in [spread.third_octave[17], spread.side_to_mid[2]] {
            assert!((2.0 * span.half_db() - 6.0).abs() < 0.2, "{span:?}");
            assert!(!span.excludes(-3.0) && span.excludes(3.0), "{span:?}");
        }
    }
}
