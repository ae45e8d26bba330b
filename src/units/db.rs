//! Decibel maths, once: power and amplitude to level and back.
//!
//! Power is a mean square, amplitude its root, level their logarithm in dB. A level that does not exist
//! (silence) is `None` at the edges of the program and −∞ only inside a computation.

/// Level in dB of a power ratio; −∞ for zero.
pub fn db_from_power(power: f64) -> f64 {
    10.0 * power.log10()
}

/// Power ratio of a level in dB.
pub fn power_from_db(level_db: f64) -> f64 {
    10f64.powf(level_db / 10.0)
}

/// Level in dB of an amplitude ratio; −∞ for zero.
pub fn db_from_amplitude(amplitude: f64) -> f64 {
    20.0 * amplitude.abs().log10()
}

/// Amplitude ratio of a level in dB.
pub fn amplitude_from_db(level_db: f64) -> f64 {
    10f64.powf(level_db / 20.0)
}

/// The level if it exists: `None` for −∞ and NaN, so that no made-up floor reaches a reader.
pub fn existing(level_db: f64) -> Option<f64> {
    level_db.is_finite().then_some(level_db)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_and_amplitude_agree_and_come_back() {
        for level_db in [-160.0, -23.0, -0.691, 0.0, 6.0206, 32.0] {
            assert!((db_from_power(power_from_db(level_db)) - level_db).abs() < 1e-9);
            assert!((db_from_amplitude(amplitude_from_db(level_db)) - level_db).abs() < 1e-9);
        }
        assert!((db_from_amplitude(0.5) + 6.0206).abs() < 1e-4);
    }

    #[test]
    fn silence_has_no_level() {
        assert_eq!(existing(db_from_power(0.0)), None);
        assert_eq!(existing(f64::NAN), None);
        assert_eq!(existing(-23.0), Some(-23.0));
    }
}
