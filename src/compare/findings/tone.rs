//! Level over frequency: duller, boomier, more midrange.
//!
//! Of the same song, what a mixer's equaliser did: the gain that explains most bands is taken first, and what departs
//! from it is told by its peak and reach. Of another song, notes and keys differ, so that whole octaves are judged, and
//! only what the reference itself never does.

use std::ops::Range;

use super::case::{Case, Kind};
use super::finding::{Area, Finding, Said};
use super::words::{place_secs, place_words, rounded, signed};
use crate::analysis::column::Column;
use crate::compare::band_bins::BandBins;
use crate::compare::difference::LOW_BANDS;
use crate::compare::runs::{BandRun, band_name, band_runs};
use crate::compare::spread::Span;
use crate::dsp::fractional_octave::{FrequencyBand, third_octave};
use crate::units::db;

/// Of a run that reaches over so many thirds more, and is so much stronger at one of them, it is said where.
const WIDE_THIRDS: usize = 4;
const PEAKS_DB: f64 = 0.6;
/// Low bands this far below all of them do not make the sub.
const UNDER_THE_SUB_DB: f64 = -10.0;

/// Runs of third-octave bands that deviate together, each word once.
pub(super) fn findings(case: &Case) -> Vec<Said> {
    let (departures, spread): (Vec<Option<f64>>, &[Span]) = match case.kind {
        Kind::Song => (case.difference.octave_departures(), &case.spread.octave),
        Kind::Aligned | Kind::Target => {
            (case.difference.tone_departures(), &case.spread.third_octave)
        }
    };
    let differences_db: Vec<f64> = departures.iter().map(|db| db.unwrap_or(0.0)).collect();
    let is_finding =
        |peak: usize| !case.thresholds.outside_only || spread[peak].excludes(differences_db[peak]);
    band_runs(&differences_db, case.thresholds.level_db)
        .into_iter()
        .filter(|run| is_finding(run.peak))
        .filter_map(|run| match case.kind {
            Kind::Song => as_it_is_drawn(case, run, differences_db[run.peak]),
            Kind::Aligned | Kind::Target => Some(run),
        })
        .filter(|run| case.kind == Kind::Aligned || is_where_sub_sounds(case, run))
        .map(|run| {
            let run = to_the_edges(case, run, differences_db[run.peak]);
            let value = differences_db[run.peak];
            let place = place(case, &run, value);
            let most = most_words(&departures, &run);
            let figure = format!(
                "{} dB, {}{most}{}",
                signed(value),
                band_name(run.first, run.last),
                place_words(place.as_ref())
            );
            Said {
                // What of it is named may leave out the band in which it is strongest.
                word: tone_word(run.peak.clamp(run.first, run.last), value),
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
                        case.severity(value, spread[run.peak]),
                    )
                },
            }
        })
        .collect()
}

/// Where a wide run is strongest, if that is clearly more than the rest of it: a bell on a shelf.
fn most_words(departures_db: &[Option<f64>], run: &BandRun) -> String {
    let judged: Vec<f64> = departures_db[run.first..=run.last]
        .iter()
        .flatten()
        .copied()
        .collect();
    let mean_db = judged.iter().sum::<f64>() / judged.len().max(1) as f64;
    let peaks = departures_db[run.peak].is_some_and(|db| (db - mean_db).abs() >= PEAKS_DB);
    match run.last - run.first >= WIDE_THIRDS && peaks {
        true => format!(", most at {}", band_name(run.peak, run.peak)),
        false => String::new(),
    }
}

/// Octaves reach over their thirds: of a run of them what is left whose own thirds, as curves and marks draw them, lie to
/// the same side. None: those of its peak do not.
fn as_it_is_drawn(case: &Case, run: BandRun, peak_db: f64) -> Option<BandRun> {
    let difference = case.difference;
    let offset_db = difference.octave_offset_db();
    let lies_alike = |band: &usize| {
        let octave_db = difference.octave_db[*band];
        let third_db = difference.third_octave.db[*band];
        let third_alone = third_db.map(|db| db - offset_db);
        let all = [octave_db, third_db, third_alone];
        all.iter().flatten().all(|db| db * peak_db > 0.0)
    };
    // The octave's middle may be a gap between two notes.
    let peak = (run.first..=run.last)
        .filter(lies_alike)
        .min_by_key(|band| band.abs_diff(run.peak))
        .filter(|band| band.abs_diff(run.peak) <= 1)?;
    let below = (run.first..peak).rev().take_while(lies_alike).count();
    let above = (peak + 1..=run.last).take_while(lies_alike).count();
    Some(BandRun {
        first: peak - below,
        last: peak + above,
        peak: run.peak,
    })
}

/// Whether a run is not of low bands so far below the other low bands that nobody calls it more or less sub.
fn is_where_sub_sounds(case: &Case, run: &BandRun) -> bool {
    if !LOW_BANDS.contains(&run.peak) {
        return true;
    }
    let levels = &case.mix.summary.third_octave.mean_db;
    let power = |bands: std::ops::Range<usize>, of_reference: bool| -> f64 {
        let power = |band: usize| {
            let apart_db = case.difference.third_octave.db[band]?;
            let level_db = levels[band]? - if of_reference { apart_db } else { 0.0 };
            Some(db::power_from_db(level_db))
        };
        bands.filter_map(power).sum()
    };
    let least = db::power_from_db(UNDER_THE_SUB_DB);
    [false, true].into_iter().any(|side| {
        let run = power(run.first..run.last + 1, side);
        run >= least * power(LOW_BANDS, side)
    })
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

/// What an engineer calls more or less of a third-octave band.
fn tone_word(band: usize, difference_db: f64) -> &'static str {
    let [more, less] = match band {
        // Up to 63 Hz, 200 Hz, 500 Hz, 2 kHz, 5 kHz.
        0..=5 => ["more sub", "less sub"],
        6..=10 => ["boomier", "thinner"],
        11..=14 => ["muddier", "thinner"],
        15..=20 => ["more midrange", "less midrange"],
        21..=24 => ["harsher", "smoother"],
        _ => ["brighter", "duller"],
    };
    if difference_db > 0.0 { more } else { less }
}
