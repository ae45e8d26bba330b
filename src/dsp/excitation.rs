//! Auditory filters: how much of each frequency the ear lets through about another one.
//!
//! Rounded exponentials (Patterson et al. 1982) of the equivalent rectangular bandwidths of Glasberg & Moore (1990). Below
//! its centre a filter is the broader the louder it is, so that low sounds mask high ones more than the other way; how
//! loud a listener has turned the music up is not known, so that one level stands for all: 70 dB SPL in a filter.

use crate::dsp::grid::{NUM_BINS, hz_from_bin};

/// Bins from filter to filter: a sixth of an octave.
pub const BINS_PER_FILTER: usize = 16;
/// Filters on the grid.
pub const NUM_FILTERS: usize = NUM_BINS / BINS_PER_FILTER;
/// The level, in dB SPL, whose filters stand for those of all.
const LEVEL_DB_SPL: f64 = 70.0;
/// Bandwidths are those of filters at this level, which are as broad below as above.
const SYMMETRIC_DB_SPL: f64 = 51.0;
/// How much broader a filter of 1 kHz gets below its centre, in units of its slope per dB.
const BROADER_PER_DB: f64 = 0.35;

/// The (fractional) bin in the middle of a filter.
pub fn filter_bin(filter: usize) -> f64 {
    (BINS_PER_FILTER * filter) as f64 + (BINS_PER_FILTER - 1) as f64 / 2.0
}

/// The filter nearest to a bin, with the part that it lies above it: 2.5 is midway between filters 2 and 3.
pub fn filter_at(bin: f64) -> f64 {
    let at = (bin - (BINS_PER_FILTER - 1) as f64 / 2.0) / BINS_PER_FILTER as f64;
    at.clamp(0.0, (NUM_FILTERS - 1) as f64)
}

/// Equivalent rectangular bandwidth in Hz of the filter about a frequency, Glasberg & Moore (1990), eq. 3.
pub fn erb_hz(center_hz: f64) -> f64 {
    24.7 * (4.37 * center_hz / 1000.0 + 1.0)
}

/// The part of a frequency's power that the filter about a centre lets through.
pub fn roex(center_hz: f64, hz: f64) -> f64 {
    let slope = |center_hz: f64| 4.0 * center_hz / erb_hz(center_hz);
    let upper = slope(center_hz);
    let lower =
        upper - BROADER_PER_DB * (upper / slope(1000.0)) * (LEVEL_DB_SPL - SYMMETRIC_DB_SPL);
    let far = (hz - center_hz).abs() / center_hz;
    let p = if hz < center_hz { lower } else { upper };
    (1.0 + p * far) * (-p * far).exp()
}

/// The same for a filter and a bin of the grid.
pub fn response(filter: usize, bin: usize) -> f64 {
    roex(hz_from_bin(filter_bin(filter)), hz_from_bin(bin as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::db::db_from_power;

    #[test]
    fn bandwidths_are_those_published() {
        for (center_hz, expected_hz) in [(100.0, 35.5), (1000.0, 132.6), (5000.0, 564.4)] {
            let erb = erb_hz(center_hz);
            assert!((erb - expected_hz).abs() < 0.06, "{center_hz}: {erb}");
        }
    }

    #[test]
    fn a_filter_is_as_wide_as_it_says_above_its_centre_and_broader_below() {
        for center_hz in [200.0, 1000.0, 6000.0] {
            let step_hz = center_hz / 20_000.0;
            let width = |sign: f64| -> f64 {
                let far = (0..20_000).map(|n| (f64::from(n) + 0.5) * step_hz);
                far.map(|far| roex(center_hz, center_hz + sign * far) * step_hz)
                    .sum()
            };
            let [above, below] = [width(1.0), width(-1.0)];
            let half = erb_hz(center_hz) / 2.0;
            assert!((above / half - 1.0).abs() < 0.01, "{center_hz}: {above}");
            // 1 / (1 − 0.35 · 19 / 30.2), less what lies below 0 Hz.
            assert!((1.2..1.3).contains(&(below / half)), "{center_hz}: {below}");
        }
    }

    #[test]
    fn a_tone_is_felt_further_above_than_below() {
        // Three bandwidths from 1 kHz, on the scale of numbers of bandwidths.
        let felt = |center_hz: f64| db_from_power(roex(center_hz, 1000.0));
        let [below, above] = [felt(660.0), felt(1470.0)];
        assert!((-28.0..-22.0).contains(&above), "{above}");
        assert!(below < above - 15.0, "{below}");
        assert_eq!(felt(1000.0), 0.0);
    }

    #[test]
    fn filters_are_found_again_where_they_stand() {
        for filter in 0..NUM_FILTERS {
            assert!((filter_at(filter_bin(filter)) - filter as f64).abs() < 1e-12);
        }
        assert_eq!(filter_at(-5.0), 0.0);
        assert_eq!(filter_at(2_000.0), (NUM_FILTERS - 1) as f64);
    }
}
