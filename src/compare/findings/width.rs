//! Width and balance: narrower, leaning to the left.

use super::case::{Case, severity_of};
use super::finding::{Area, Finding, Said};
use super::words::{place_secs, place_words, signed, span_name};
use crate::analysis::band_power::STEREO_BANDS;
use crate::analysis::column::Column;
use crate::analysis::summary::Summary;
use crate::compare::band_bins::BandBins;
use crate::dsp::fractional_octave::FrequencyBand;
use crate::units::db;

/// A side/mid ratio below this is mono to every ear.
const MONO_DB: f64 = -30.0;
/// What a mono band's side/mid ratio counts as.
const NO_SIDE_DB: f64 = -60.0;
/// Neighbouring bands whose widths differ by less than this are named together.
const SAME_WIDTH_DB: f64 = 1.5;

/// Stereo bands this far below the loudest one are not heard.
const UNHEARD_DB: f64 = -45.0;
/// A side that leans less than this is in the middle.
const CENTRED_DB: f64 = 0.5;

/// Those of the stereo bands, each word once.
pub(super) fn findings(case: &Case) -> Vec<Said> {
    // One channel alone is neither wide nor narrow.
    if case.is_one_sided() {
        return vec![];
    }
    let differences_db = differences_db(case);
    let mut found = Vec::new();
    let mut band = 0;
    while band < differences_db.len() {
        let Some(first_db) = differences_db[band] else {
            band += 1;
            continue;
        };
        let together: Vec<f64> = differences_db[band..]
            .iter()
            .map_while(|other_db| other_db.filter(|db| (db - first_db).abs() < SAME_WIDTH_DB))
            .collect();
        found.push(finding(case, band, together.clone()));
        band += together.len();
    }
    found
}

/// Side/mid of the mix minus that of the reference per stereo band, where it counts.
fn differences_db(case: &Case) -> Vec<Option<f64>> {
    let loudest = |summary: &Summary| {
        let levels = summary
            .stereo
            .bands
            .iter()
            .filter_map(|band| band.level_dbfs);
        levels.fold(f64::NEG_INFINITY, f64::max)
    };
    let side_db = |summary: &Summary, band: usize| {
        let band = summary.stereo.bands.get(band)?;
        // The width of what nobody hears is that of noise.
        band.level_dbfs
            .filter(|level| *level > loudest(summary) + UNHEARD_DB)?;
        Some(band.side_to_mid_db.unwrap_or(NO_SIDE_DB).max(MONO_DB))
    };
    let counted = |band: usize| {
        let difference_db =
            side_db(case.mix.summary, band)? - side_db(case.reference.summary, band)?;
        let is_outside =
            !case.thresholds.outside_only || case.spread.side_to_mid[band].excludes(difference_db);
        let counts = difference_db.abs() >= case.thresholds.side_db && case.both_have(band);
        (counts && is_outside).then_some(difference_db)
    };
    (0..STEREO_BANDS.len()).map(counted).collect()
}

/// About neighbouring bands from `first` on that differ alike.
fn finding(case: &Case, first: usize, mut differences_db: Vec<f64>) -> Said {
    let band = FrequencyBand {
        low_hz: STEREO_BANDS[first].low_hz,
        high_hz: STEREO_BANDS[first + differences_db.len() - 1].high_hz,
    };
    differences_db.sort_by(f64::total_cmp);
    let value = differences_db[differences_db.len() / 2];
    let bins = BandBins::new(band);
    let side_to_mid_db = |column: &Column| {
        let [mid, side] = bins.mid_and_side(column);
        db::db_from_power(side / mid.max(f64::MIN_POSITIVE))
    };
    let place = case.place(side_to_mid_db, 0.0, value);
    let word = if value > 0.0 { "wider" } else { "narrower" };
    let figure = format!(
        "side/mid {} dB, {}{}",
        signed(value),
        span_name(band),
        place_words(place.as_ref())
    );
    Said {
        word,
        figure,
        finding: Finding {
            frequency_hz: Some([band.low_hz, band.high_hz]),
            time_secs: place_secs(place.as_ref()),
            ..Finding::of(
                Area::Stereo,
                value,
                "dB",
                case.severity(value, case.spread.side_to_mid[first]),
            )
        },
    }
}

/// Which of both leans, and whereto.
pub(super) fn balance(case: &Case) -> Option<Finding> {
    let [mix, reference] = [case.mix, case.reference].map(|side| side.summary.stereo.balance_db);
    let (mix, reference) = (mix?, reference?);
    let value = mix - reference;
    if value.abs() < case.thresholds.balance_db || case.has_dc_beside_sound() {
        return None;
    }
    let side = |db: f64| if db > 0.0 { "left" } else { "right" };
    let figure = format!("balance {} dB", signed(value));
    // Only who leans is said to lean.
    let leans = [mix, reference].map(|db| db.abs() >= CENTRED_DB);
    let (own, other) = (side(mix), side(reference));
    let (text, clause) = match leans {
        [true, true] if own != other => (
            format!("leans to the {own}, the reference to the {other}"),
            format!("to the {own}, where the reference leans to the {other} ({figure})"),
        ),
        [true, _] if mix.abs() >= reference.abs() => (
            format!("leans more to the {own} than the reference"),
            format!("more to the {own} ({figure})"),
        ),
        [true, _] => (
            format!("leans less to the {own} than the reference"),
            format!("less to the {own} than the reference ({figure})"),
        ),
        [false, _] => (
            format!("in the middle, where the reference leans to the {other}"),
            format!("less to the {other} than the reference, which leans there ({figure})"),
        ),
    };
    Some(Finding {
        text: format!("Mix: {figure}: {text}"),
        clause,
        ..Finding::of(Area::Stereo, value, "dB", severity_of(value.abs() / 2.0))
    })
}
