//! Punch: softer in its attacks.
//!
//! Only of the same song: the attacks of two songs are those of other drums. A limiter on the demo's songs and on songs of
//! the tests takes 1.5 to 3 dB from the bands that drums lead in, and from their crest; equalisers of 3 dB take or give up
//! to 0.8 from the band that their corner lies in, pads that were narrowed leave 1.2 more of the drums, and gain does nothing.

use super::case::{Case, Kind, severity_of};
use super::finding::{Area, Finding, Said};
use super::words::{signed, span_name};
use crate::compare::difference::BandDifference;
use crate::dsp::fractional_octave::FrequencyBand;

/// Attacks count from here on, where crests agree by so much.
const LEAST_ATTACK_DB: f64 = 1.5;
const LEAST_CREST_DB: f64 = 0.5;
/// What is twice as much as anybody misses.
const FAR_DB: f64 = 2.0;
/// Bands this far below the loudest one are not heard.
const UNHEARD_DB: f64 = -45.0;

/// Of the bands, neighbours together.
pub(super) fn findings(case: &Case) -> Vec<Said> {
    if case.kind != Kind::Aligned {
        return vec![];
    }
    let levels = || case.mix.summary.stereo.bands.iter();
    let loudest = levels()
        .filter_map(|band| band.level_dbfs)
        .fold(f64::NEG_INFINITY, f64::max);
    let is_heard = |level: Option<f64>| level.is_some_and(|level| level > loudest + UNHEARD_DB);
    let bands = case.difference.bands.iter().zip(levels()).enumerate();
    let bands: Vec<Option<(&BandDifference, f64)>> = bands
        .map(|(n, (band, level))| {
            let (attack, crest) = (band.attack_db?, band.crest_db?);
            let agree = attack.signum() == crest.signum() && crest.abs() >= LEAST_CREST_DB;
            let counts = attack.abs() >= LEAST_ATTACK_DB && agree && is_heard(level.level_dbfs);
            let is_sound = case.both_have(n) && (n > 0 || !case.has_dc_beside_sound());
            (counts && is_sound).then_some((band, attack))
        })
        .collect();
    let together = bands.chunk_by(|a, b| match (a, b) {
        (Some((_, a)), Some((_, b))) => a.signum() == b.signum(),
        _ => false,
    });
    together
        .filter_map(|run| run.iter().copied().collect::<Option<Vec<_>>>())
        .filter_map(|run| finding(&run))
        .collect()
}

/// About neighbouring bands that differ in one direction: the figure is of the one that differs most.
fn finding(run: &[(&BandDifference, f64)]) -> Option<Said> {
    let (first, last) = (run.first()?.0, run.last()?.0);
    let band = FrequencyBand {
        low_hz: first.low_hz,
        high_hz: last.high_hz,
    };
    let furthest = run.iter().map(|(_, attack)| *attack);
    let value = furthest.max_by(|a, b| a.abs().total_cmp(&b.abs()))?;
    let word = match value > 0.0 {
        true => "sharper in its attacks",
        false => "softer in its attacks",
    };
    let up_to = if run.len() > 1 { "up to " } else { "" };
    Some(Said {
        word,
        figure: format!("attacks {up_to}{} dB, {}", signed(value), span_name(band)),
        finding: Finding {
            frequency_hz: Some([band.low_hz, band.high_hz]),
            ..Finding::of(
                Area::Dynamics,
                value,
                "dB",
                severity_of(value.abs() / FAR_DB),
            )
        },
    })
}
