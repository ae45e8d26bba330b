//! Figures and places as they stand in the sentence of a finding.

use std::ops::Range;

use crate::dsp::fractional_octave::FrequencyBand;

/// A place as words to go into a sentence: nothing, or ", 0:48–1:12".
pub(super) fn place_words(place: Option<&Range<f64>>) -> String {
    place.map_or(String::new(), |place| {
        format!(", {}–{}", minutes(place.start), minutes(place.end))
    })
}

pub(super) fn place_secs(place: Option<&Range<f64>>) -> Option<[f64; 2]> {
    place.map(|place| [rounded(place.start), rounded(place.end)])
}

/// "+2.4" or "−1.9", with a minus sign that is one.
pub(super) fn signed(value: f64) -> String {
    match format!("{value:+.1}").as_str() {
        "+0.0" | "-0.0" => "0.0".to_owned(),
        words => words.replace('-', "−"),
    }
}

pub(super) fn minutes(secs: f64) -> String {
    let whole = secs as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

/// Three decimals, as everywhere in the JSON.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0 + 0.0
}

/// "20–120 Hz", "2–8 kHz", "120 Hz–20 kHz".
pub(super) fn span_name(band: FrequencyBand) -> String {
    let parts = |hz: f64| match hz >= 1000.0 {
        true => (hz / 1000.0, "kHz"),
        false => (hz, "Hz"),
    };
    let ((low, low_unit), (high, high_unit)) = (parts(band.low_hz), parts(band.high_hz));
    match low_unit == high_unit {
        true => format!("{low}–{high} {high_unit}"),
        false => format!("{low} {low_unit}–{high} {high_unit}"),
    }
}
