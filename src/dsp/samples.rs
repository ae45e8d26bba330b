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

/// The first two channels of a frame; a lone channel is both.
#[inline(always)]
pub fn left_right(frame: &[f32]) -> [f32; 2] {
    match *frame {
        [left, right, ..] => [left, right],
        [one] => [one, one],
        [] => [0.0; 2],
    }
}
