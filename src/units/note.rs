//! Notes of equal temperament at A4 = 440 Hz, the words a musician has for a frequency.

/// Frequency of C0 in Hz, the origin of note numbers here and of the frequency grid.
pub const C0_HZ: f64 = 16.351_597_831_287_414;

const NAMES: [&str; 12] = [
    "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B",
];

/// The note nearest to a frequency: its name with octave, and how many cents the frequency lies above it.
pub fn nearest_note(frequency_hz: f64) -> (String, f64) {
    let semitones = 12.0 * (frequency_hz / C0_HZ).log2();
    let nearest = semitones.round();
    let name = NAMES[nearest.rem_euclid(12.0) as usize];
    let octave = (nearest / 12.0).floor() as i32;
    (format!("{name}{octave}"), 100.0 * (semitones - nearest))
}

/// Frequency in Hz of the C of an octave.
pub fn c_of_octave_hz(octave: i32) -> f64 {
    C0_HZ * 2f64.powi(octave)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concert_pitch_is_a4_and_a_quarter_tone_above_is_50_cents() {
        let (name, cents) = nearest_note(440.0);
        assert_eq!(name, "A4");
        assert!(cents.abs() < 1e-6);
        let (name, cents) = nearest_note(440.0 * 2f64.powf(0.3 / 12.0));
        assert_eq!(name, "A4");
        assert!((cents - 30.0).abs() < 1e-6);
        assert_eq!(nearest_note(c_of_octave_hz(4)).0, "C4");
    }
}
