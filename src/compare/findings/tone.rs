//! Level over frequency: duller, boomier, more forward.

use std::ops::Range;

use super::{Area, Case, Finding, place_secs, place_words, rounded, severity, signed};
use crate::analysis::column::Column;
use crate::compare::band_bins::BandBins;
use crate::compare::runs::{BandRun, band_name, band_runs};
use crate::dsp::fractional_octave::{FrequencyBand, third_octave};
use crate::units::db;

/// Bands this far below the loudest third-octave are not heard.
const UNHEARD_DB: f64 = -60.0;

/// One for each run of third-octave bands that deviate together.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
    let differences_db = heard_differences(case);
    let spread = &case.spread.third_octave;
    let is_finding =
        |peak: usize| !case.thresholds.outside_only || spread[peak].excludes(differences_db[peak]);
    band_runs(&differences_db, case.thresholds.level_db)
        .into_iter()
        .filter(|run| is_finding(run.peak))
        .map(|run| {
            let value = differences_db[run.peak];
            let bands = band_name(run.first, run.last);
            let place = place(case, &run, value);
            let word = tone_word(run.peak, value);
            let figure = format!(
                "{} dB, {bands}{}",
                signed(value),
                place_words(place.as_ref())
            );
            Finding {
                area: Area::Spectrum,
                text: format!("Mix: {figure}: {word} than the reference"),
                value: rounded(value),
                unit: "dB",
                severity: severity(value, spread[run.peak]),
                frequency_hz: Some([
                    rounded(third_octave(run.first).low_hz),
                    rounded(third_octave(run.last).high_hz),
                ]),
                time_secs: place_secs(place.as_ref()),
                clause: format!("{word} ({figure})"),
            }
        })
        .collect()
}

/// Where in the song the bands deviate.
fn place(case: &Case, run: &BandRun, difference_db: f64) -> Option<Range<f64>> {
    let bins = BandBins::new(FrequencyBand {
        low_hz: third_octave(run.first).low_hz,
        high_hz: third_octave(run.last).high_hz,
    });
    let level_db = |column: &Column| db::db_from_power(bins.mid_and_side(column).iter().sum());
    let gain_db = case.difference.loudness_offset_lu.unwrap_or(0.0);
    case.place(level_db, gain_db, difference_db)
}

/// Mix minus matched reference per third-octave band; 0 where nobody hears it.
fn heard_differences(case: &Case) -> Vec<f64> {
    let levels_db = &case.mix.summary.third_octave.mean_db;
    let difference = &case.difference.third_octave.db;
    let loudest_db = levels_db
        .iter()
        .flatten()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    let heard = |(difference_db, mix_db): (&Option<f64>, &Option<f64>)| {
        let (difference_db, mix_db) = ((*difference_db)?, (*mix_db)?);
        // What the reference has there, at the mix's loudness.
        let loudest_here_db = mix_db.max(mix_db - difference_db);
        (loudest_here_db > loudest_db + UNHEARD_DB).then_some(difference_db)
    };
    difference
        .iter()
        .zip(levels_db)
        .map(|band| heard(band).unwrap_or(0.0))
        .collect()
}

/// What an engineer calls more or less of a third-octave band.
fn tone_word(band: usize, difference_db: f64) -> &'static str {
    let [more, less] = match band {
        // Up to 50 Hz, 200 Hz, 500 Hz, 2 kHz, 5 kHz.
        0..=4 => ["deeper", "lighter in the sub-bass"],
        5..=10 => ["boomier", "thinner"],
        11..=14 => ["muddier", "leaner"],
        15..=20 => ["more forward in the middle", "more hollow in the middle"],
        21..=24 => ["harsher", "softer"],
        _ => ["brighter", "duller"],
    };
    if difference_db > 0.0 { more } else { less }
}
