//! Width and balance: narrower, leaning to the left.

use super::{Area, Case, Finding, place_secs, place_words, rounded, severity, severity_of, signed};
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

/// Those of the stereo bands, and one of the balance.
pub(super) fn findings(case: &Case) -> Vec<Finding> {
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
    found.extend(balance(case));
    found
}

/// Side/mid of the mix minus that of the reference per stereo band, where it counts.
fn differences_db(case: &Case) -> Vec<Option<f64>> {
    let side_db = |summary: &Summary, band: usize| {
        let band = summary.stereo.bands.get(band)?;
        band.level_dbfs?;
        Some(band.side_to_mid_db.unwrap_or(NO_SIDE_DB).max(MONO_DB))
    };
    let counted = |band: usize| {
        let difference_db =
            side_db(case.mix.summary, band)? - side_db(case.reference.summary, band)?;
        let is_outside =
            !case.thresholds.outside_only || case.spread.side_to_mid[band].excludes(difference_db);
        (difference_db.abs() >= case.thresholds.side_db && is_outside).then_some(difference_db)
    };
    (0..STEREO_BANDS.len()).map(counted).collect()
}

/// About neighbouring bands from `first` on that differ alike.
fn finding(case: &Case, first: usize, mut differences_db: Vec<f64>) -> Finding {
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
    Finding {
        area: Area::Stereo,
        text: format!("Mix: {figure}: {word} than the reference"),
        value: rounded(value),
        unit: "dB",
        severity: severity(value, case.spread.side_to_mid[first]),
        frequency_hz: Some([band.low_hz, band.high_hz]),
        time_secs: place_secs(place.as_ref()),
        clause: format!("{word} ({figure})"),
    }
}

fn balance(case: &Case) -> Option<Finding> {
    let (mix, reference) = (case.mix.summary, case.reference.summary);
    let value = mix.stereo.balance_db? - reference.stereo.balance_db?;
    let side = if value > 0.0 { "left" } else { "right" };
    (value.abs() >= case.thresholds.balance_db).then(|| Finding {
        area: Area::Stereo,
        text: format!(
            "Mix: balance {} dB: leans more to the {side} than the reference",
            signed(value)
        ),
        value: rounded(value),
        unit: "dB",
        severity: severity_of(value.abs() / 2.0),
        frequency_hz: None,
        time_secs: None,
        clause: format!("more to the {side} (balance {} dB)", signed(value)),
    })
}

/// "20–120 Hz", "120 Hz–20 kHz".
fn span_name(band: FrequencyBand) -> String {
    let name = |hz: f64| {
        if hz >= 1000.0 {
            format!("{} kHz", hz / 1000.0)
        } else {
            format!("{hz} Hz")
        }
    };
    format!("{}–{}", name(band.low_hz), name(band.high_hz))
}
