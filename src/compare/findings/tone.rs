//! Level over frequency: duller, boomier, more midrange.
//!
//! Of the same song, what a mixer's equaliser did: the gain that explains most bands is taken first, and what departs
//! from it is told by its peak and reach. Of another song, notes and keys differ, so that whole octaves are judged, and
//! only what the reference itself never does.

use std::ops::Range;

use super::case::{Case, Kind, severity};
use super::finding::{Area, Finding, Said};
use super::words::{place_secs, place_words, rounded, signed};
use crate::analysis::column::Column;
use crate::compare::band_bins::BandBins;
use crate::compare::runs::{BandRun, band_name, band_runs};
use crate::compare::spread::Span;
use crate::dsp::fractional_octave::{FrequencyBand, third_octave};
use crate::units::db;

/// Runs of third-octave bands that deviate together, each word once.
pub(super) fn findings(case: &Case) -> Vec<Said> {
    let (differences_db, spread): (Vec<f64>, &[Span]) = match case.kind {
        Kind::Song => (octave_departures(case), &case.spread.octave),
        Kind::Aligned | Kind::Target => (departures(case), &case.spread.third_octave),
    };
    let is_finding =
        |peak: usize| !case.thresholds.outside_only || spread[peak].excludes(differences_db[peak]);
    band_runs(&differences_db, case.thresholds.level_db)
        .into_iter()
        .filter(|run| is_finding(run.peak))
        .map(|run| {
            let run = to_the_edges(case, run, differences_db[run.peak]);
            let value = differences_db[run.peak];
            let place = place(case, &run, value);
            let figure = format!(
                "{} dB, {}{}",
                signed(value),
                band_name(run.first, run.last),
                place_words(place.as_ref())
            );
            Said {
                word: tone_word(run.peak, value),
                figure,
                finding: Finding {
                    frequency_hz: Some([
                        rounded(third_octave(run.first).low_hz),
                        rounded(third_octave(run.last).high_hz),
                    ]),
                    time_secs: place_secs(place.as_ref()),
                    ..Finding::of(
                        Area::Spectrum,
                        value,
                        "dB",
                        severity(value, spread[run.peak]),
                    )
                },
            }
        })
        .collect()
}

/// A shelf goes on in bands that nobody judges by ear: those at the ends, and those too far below the loudest.
fn to_the_edges(case: &Case, run: BandRun, peak_db: f64) -> BandRun {
    let all = &case.difference.third_octave.db;
    let judged = case.difference.tone_departures();
    let offset_db = case.difference.tone_offset_db.unwrap_or(0.0);
    let goes_on = |band: &usize| {
        let here = all.get(*band).copied().flatten();
        let is_judged = judged.get(*band).copied().flatten().is_some();
        !is_judged && here.is_some_and(|db| (db - offset_db) / peak_db >= 0.5)
    };
    let BandRun { first, last, peak } = run;
    let below = (0..first).rev().take_while(goes_on).count();
    let above = (last + 1..all.len()).take_while(goes_on).count();
    BandRun {
        first: first - below,
        last: last + above,
        peak,
    }
}

/// Where in the song the bands deviate.
fn place(case: &Case, run: &BandRun, difference_db: f64) -> Option<Range<f64>> {
    let bins = BandBins::new(FrequencyBand {
        low_hz: third_octave(run.first).low_hz,
        high_hz: third_octave(run.last).high_hz,
    });
    let level_db = |column: &Column| db::db_from_power(bins.mid_and_side(column).iter().sum());
    let gain_db = case.difference.loudness_offset_lu.unwrap_or(0.0)
        + case.difference.tone_offset_db.unwrap_or(0.0);
    case.place(level_db, gain_db, difference_db)
}

/// What each third-octave band departs from the gain that explains most of them; 0 where nobody hears it.
fn departures(case: &Case) -> Vec<f64> {
    let departures = case.difference.tone_departures();
    departures.into_iter().map(|db| db.unwrap_or(0.0)).collect()
}

/// As [`departures`], of the octave around each band: notes of another key fall into other thirds of it.
fn octave_departures(case: &Case) -> Vec<f64> {
    let heard = case.difference.tone_departures();
    let powers = |of_reference: bool| -> Vec<f64> {
        let levels = &case.mix.summary.third_octave.mean_db;
        let power = |(level, departure): (&Option<f64>, &Option<f64>)| {
            let departure = departure.as_ref()?;
            let level = (*level)? - if of_reference { *departure } else { 0.0 };
            Some(db::power_from_db(level))
        };
        levels
            .iter()
            .zip(&heard)
            .map(|band| power(band).unwrap_or(0.0))
            .collect()
    };
    let [mix, reference] = [false, true].map(powers);
    let octave = |powers: &[f64], band: usize| -> f64 {
        powers[band.saturating_sub(1)..(band + 2).min(powers.len())]
            .iter()
            .sum()
    };
    let departure = |band: usize| {
        let apart = octave(&mix, band) / octave(&reference, band);
        heard[band]
            .and(db::existing(db::db_from_power(apart)))
            .unwrap_or(0.0)
    };
    let all: Vec<f64> = (0..heard.len()).map(departure).collect();
    let mut sorted: Vec<f64> = all
        .iter()
        .zip(&heard)
        .filter(|(_, heard)| heard.is_some())
        .map(|(db, _)| *db)
        .collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    all.iter()
        .zip(&heard)
        .map(|(db, heard)| heard.map_or(0.0, |_| db - middle))
        .collect()
}

/// What an engineer calls more or less of a third-octave band.
fn tone_word(band: usize, difference_db: f64) -> &'static str {
    let [more, less] = match band {
        // Up to 63 Hz, 200 Hz, 500 Hz, 2 kHz, 5 kHz.
        0..=5 => ["more sub", "less sub"],
        6..=10 => ["boomier", "thinner"],
        11..=14 => ["muddier", "thinner"],
        15..=20 => ["more midrange", "less midrange"],
        21..=24 => ["harsher", "softer"],
        _ => ["brighter", "duller"],
    };
    if difference_db > 0.0 { more } else { less }
}
