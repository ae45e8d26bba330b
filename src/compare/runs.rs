//! Neighbouring third-octave bands that deviate together are one thing: one equaliser, one instrument, one finding.

use std::ops::Range;

use crate::dsp::fractional_octave::{NUM_THIRD_OCTAVES, third_octave};

/// Nominal centres of the bands from 20 Hz to 20 kHz (IEC 61260-1), in Hz.
const NOMINAL_HZ: [f64; 31] = [
    20.0, 25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0, 315.0, 400.0,
    500.0, 630.0, 800.0, 1000.0, 1250.0, 1600.0, 2000.0, 2500.0, 3150.0, 4000.0, 5000.0, 6300.0,
    8000.0, 10_000.0, 12_500.0, 16_000.0, 20_000.0,
];

/// Bands that deviate together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandRun {
    /// The first and last band that deviate by at least half as much as the peak.
    pub first: usize,
    /// See `first`.
    pub last: usize,
    /// The band that deviates most.
    pub peak: usize,
}

/// The runs of `differences_db[band]` whose peak reaches a threshold, the highest first. Each reaches as far as half
/// its decibels; its slopes belong to it and make no run of their own.
pub fn band_runs(differences_db: &[f64], threshold_db: f64) -> Vec<BandRun> {
    let mut left = differences_db.to_vec();
    let mut runs = Vec::new();
    while let Some(peak) = highest(&left).filter(|&peak| left[peak].abs() >= threshold_db) {
        let half = reach(&left, peak, |_, _, value| value >= 0.5 * left[peak].abs());
        runs.push(BandRun {
            first: half.start,
            last: half.end - 1,
            peak,
        });
        let slopes = reach(&left, peak, |band, before, value| {
            half.contains(&band) || value <= before
        });
        left[slopes].fill(0.0);
    }
    runs
}

fn highest(differences_db: &[f64]) -> Option<usize> {
    (0..differences_db.len())
        .max_by(|&a, &b| differences_db[a].abs().total_cmp(&differences_db[b].abs()))
}

/// Bands to both sides of a peak for as long as their sign is the peak's and `goes_on(band, value before, value)`.
fn reach(
    differences_db: &[f64],
    peak: usize,
    goes_on: impl Fn(usize, f64, f64) -> bool,
) -> Range<usize> {
    let towards = |sign: f64| sign * differences_db[peak].signum();
    let value = |band: usize| towards(differences_db[band]);
    let goes_on =
        |band: usize, before: usize| value(band) > 0.0 && goes_on(band, value(before), value(band));
    let mut bands = peak..peak + 1;
    while bands.start > 0 && goes_on(bands.start - 1, bands.start) {
        bands.start -= 1;
    }
    while bands.end < differences_db.len() && goes_on(bands.end, bands.end - 1) {
        bands.end += 1;
    }
    bands
}

/// The first and the last of the third-octave bands whose edges two frequencies are.
pub fn thirds_between(low_hz: f64, high_hz: f64) -> Option<(usize, usize)> {
    let is_at = |edge_hz: f64, hz: f64| (edge_hz / hz - 1.0).abs() < 1e-3;
    let mut bands = 0..NUM_THIRD_OCTAVES;
    let first = bands.find(|band| is_at(third_octave(*band).low_hz, low_hz))?;
    let last =
        (first..NUM_THIRD_OCTAVES).find(|band| is_at(third_octave(*band).high_hz, high_hz))?;
    Some((first, last))
}

/// A frequency as people write the middle of a third of an octave: "63 Hz", "1.25 kHz".
pub fn nominal_words(hz: f64) -> String {
    let apart = |nominal: &f64| (nominal / hz).ln().abs();
    let nearest = NOMINAL_HZ
        .into_iter()
        .min_by(|a, b| apart(a).total_cmp(&apart(b)));
    match nearest.unwrap_or(hz) {
        hz if hz >= 1000.0 => format!("{} kHz", hz / 1000.0),
        hz => format!("{hz} Hz"),
    }
}

/// "125 Hz", "8–16 kHz", "630 Hz–2 kHz": third-octave bands by their nominal centres.
pub fn band_name(first: usize, last: usize) -> String {
    let name = |band: usize| {
        let hz = NOMINAL_HZ[band.min(NOMINAL_HZ.len() - 1)];
        if hz >= 1000.0 {
            (hz / 1000.0, "kHz")
        } else {
            (hz, "Hz")
        }
    };
    let ((low, low_unit), (high, high_unit)) = (name(first), name(last));
    if first == last {
        format!("{low} {low_unit}")
    } else if low_unit == high_unit {
        format!("{low}–{high} {high_unit}")
    } else {
        format!("{low} {low_unit}–{high} {high_unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(first: usize, last: usize, peak: usize) -> BandRun {
        BandRun { first, last, peak }
    }

    #[test]
    fn a_bell_and_a_shelf_are_one_run_each() {
        let bell = [
            0.0, 0.2, 0.7, 1.6, 2.9, 1.7, 0.8, 0.1, 0.0, -0.2, -0.9, -1.2, -1.8, -2.0,
        ];
        assert_eq!(band_runs(&bell, 1.0), [run(3, 5, 4), run(11, 13, 13)]);
    }

    #[test]
    fn two_peaks_are_two_runs_and_small_ones_none() {
        let two = [0.5, 4.0, 1.2, 3.0, 0.5];
        assert_eq!(band_runs(&two, 1.0), [run(1, 1, 1), run(3, 3, 3)]);
        assert_eq!(band_runs(&[0.9, -0.9, 0.0], 1.0), []);
        assert_eq!(band_runs(&[], 1.0), []);
    }

    #[test]
    fn names_are_those_on_an_equaliser() {
        assert_eq!(band_name(8, 8), "125 Hz");
        assert_eq!(band_name(26, 29), "8–16 kHz");
        assert_eq!(band_name(15, 20), "630 Hz–2 kHz");
        assert_eq!(band_name(2, 3), "31.5–40 Hz");
        for (hz, words) in [
            (79.4, "80 Hz"),
            (1000.0, "1 kHz"),
            (1258.9, "1.25 kHz"),
            (12_589.0, "12.5 kHz"),
        ] {
            assert_eq!(nominal_words(hz), words);
        }
    }

    #[test]
    fn the_edges_of_thirds_lead_back_to_them() {
        let edges = |first, last| [third_octave(first).low_hz, third_octave(last).high_hz];
        let [low, high] = edges(24, 29).map(|hz| (hz * 1000.0).round() / 1000.0);
        assert_eq!(thirds_between(low, high), Some((24, 29)));
        assert_eq!(thirds_between(low * 1.02, high), None);
    }
}
