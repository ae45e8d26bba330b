//! Third-octave bands of IEC 61260-1, base ten.

/// Index x of the lowest and highest band from 20 Hz to 20 kHz: the centre is 1000 · G^(x/3).
const LOWEST: i32 = -17;
const HIGHEST: i32 = 13;

/// Bands from 20 Hz to 20 kHz.
pub const NUM_THIRD_OCTAVES: usize = (HIGHEST - LOWEST + 1) as usize;

/// A band of frequencies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrequencyBand {
    /// Lower edge in Hz.
    pub low_hz: f64,
    /// Upper edge in Hz.
    pub high_hz: f64,
}

/// Exact centre in Hz of a third-octave band, 0 being 20 Hz.
pub fn third_octave_center_hz(band: usize) -> f64 {
    // G = 10^0.3, so that ten bands are a decade.
    1000.0 * 10f64.powf(f64::from(band as i32 + LOWEST) / 10.0)
}

/// The edges of a third-octave band: G^(±1/6) from its centre.
pub fn third_octave(band: usize) -> FrequencyBand {
    let center_hz = third_octave_center_hz(band);
    let half = 10f64.powf(0.05);
    FrequencyBand {
        low_hz: center_hz / half,
        high_hz: center_hz * half,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centres_are_those_of_the_standard_and_bands_touch() {
        assert_eq!(NUM_THIRD_OCTAVES, 31);
        for (band, nominal_hz) in [
            (0, 20.0),
            (7, 100.0),
            (17, 1000.0),
            (24, 5000.0),
            (30, 20_000.0),
        ] {
            assert!((third_octave_center_hz(band) / nominal_hz - 1.0).abs() < 0.005);
        }
        for band in 1..NUM_THIRD_OCTAVES {
            assert!(
                (third_octave(band - 1).high_hz / third_octave(band).low_hz - 1.0).abs() < 1e-12
            );
        }
    }
}
