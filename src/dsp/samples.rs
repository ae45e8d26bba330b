//! What the meters make of samples that are no sound.

use super::wide::widely;

/// NaN, infinity and magnitudes beyond +180 dBFS become silence, as does what would be denormal when filtered.
#[inline(always)]
pub fn sound(sample: f32) -> f32 {
    let magnitude = sample.abs();
    if magnitude > 1e-20 && magnitude < 1e9 {
        sample
    } else {
        0.0
    }
}

widely! {
    /// Makes the same of all of them.
    pub fn keep_sound(samples: &mut [f32]) {
        samples.iter_mut().for_each(|sample| *sample = sound(*sample));
    }
}

/// Whether all of them are digital silence. Some at a time without a branch in between, so that it vectorises.
#[inline]
pub fn is_silence(samples: &[f32]) -> bool {
    let bits = |samples: &[f32]| {
        let bits = samples.iter().map(|sample| sample.to_bits());
        bits.fold(0, |all, bits| all | bits)
    };
    // All but the sign.
    samples.chunks(64).all(|some| bits(some) << 1 == 0)
}

/// How far what comes up has risen, 0 … 1, after a part of its time.
pub fn risen(part: f64) -> f32 {
    (0.5 - 0.5 * (std::f64::consts::PI * part.clamp(0.0, 1.0)).cos()) as f32
}

/// The first two channels of a frame; a lone channel is both.
#[inline(always)]
pub fn left_right(frame: &[f32]) -> [f32; 2] {
    match *frame {
        [left, right, ..] => [left, right],
        [one] => [one, one],
        [] => [0.0; 2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_zeros_of_either_sign_and_nothing_else() {
        let mut samples = [0.0; 200];
        samples[70] = -0.0;
        assert!(is_silence(&samples) && is_silence(&[]));
        for sample in [1e-45, -1.0, f32::NAN, f32::INFINITY] {
            for at in [0, 63, 64, 199] {
                let mut samples = samples;
                samples[at] = sample;
                assert!(!is_silence(&samples), "{sample} at {at}");
            }
        }
    }
}
