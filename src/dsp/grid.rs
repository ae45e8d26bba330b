//! The frequency grid every spectrum of Abscope stands on: 96 bins per octave from C0.
//!
//! Eight bins a semitone put every note of A = 440 Hz tuning on a bin centre, and 1024 bins reach 26.6 kHz,
//! above what anybody hears. Both sides of a comparison share the grid whatever their sample rates, so that
//! subtracting them needs no resampling.

use crate::units::note::C0_HZ;

/// Bins in every column. Bins above a stream's Nyquist frequency are absent.
pub const NUM_BINS: usize = 1024;

/// Bins in an octave: eight a semitone.
pub const BINS_PER_OCTAVE: f64 = 96.0;

/// Centre frequency in Hz of a (fractional) bin.
pub fn hz_from_bin(bin: f64) -> f64 {
    C0_HZ * (bin / BINS_PER_OCTAVE).exp2()
}

/// Fractional bin whose centre is at a frequency in Hz.
pub fn bin_from_hz(frequency_hz: f64) -> f64 {
    BINS_PER_OCTAVE * (frequency_hz / C0_HZ).log2()
}

/// How many bins of the grid exist at a sample rate: those whose centre lies below Nyquist.
pub fn num_bins_below_nyquist(sample_rate_hz: u32) -> usize {
    let nyquist_bin = bin_from_hz(f64::from(sample_rate_hz) / 2.0);
    (nyquist_bin.ceil().max(0.0) as usize).min(NUM_BINS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concert_pitch_lies_on_a_bin_centre() {
        let bin = bin_from_hz(440.0);
        assert!((bin - bin.round()).abs() < 1e-9, "440 Hz is bin {bin}");
        assert!((hz_from_bin(bin) - 440.0).abs() < 1e-9);
    }

    #[test]
    fn bins_above_nyquist_are_absent() {
        assert_eq!(num_bins_below_nyquist(96_000), NUM_BINS);
        let present = num_bins_below_nyquist(44_100);
        assert!(hz_from_bin(present as f64 - 1.0) < 22_050.0);
        assert!(hz_from_bin(present as f64) >= 22_050.0);
    }
}
