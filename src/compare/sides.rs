//! What was done to the two channels of a version: swapped, inverted, or one of them inverted.

use serde::Serialize;

/// How left and right of the mix come from left and right of the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sides {
    /// Left is right.
    pub swapped: bool,
    /// Left and right of the mix are upside down.
    pub inverted: [bool; 2],
}

/// Correlations below this say nothing about a sign.
const LEAST_CORRELATION: f64 = 0.1;

impl Sides {
    /// From the correlation, −1 … 1, of the mix's middle and side with those of the reference; if `exchanged` of its
    /// middle with the reference's side and of its side with the reference's middle. `None` where one has no sound.
    pub fn new(middle: Option<f64>, side: Option<f64>, exchanged: bool) -> Self {
        let sign = |value: Option<f64>| value.filter(|r| r.abs() >= LEAST_CORRELATION);
        let is_minus = |value: Option<f64>| value.is_some_and(|r| r < 0.0);
        let (middle, side) = (sign(middle), sign(side));
        // Without one of them left and right cannot be told; the other then goes along.
        let [m, s] = match (middle, side) {
            (Some(_), Some(_)) => [is_minus(middle), is_minus(side)],
            (Some(_), None) if exchanged => [is_minus(middle); 2],
            (None, Some(_)) if exchanged => [is_minus(side); 2],
            _ => [is_minus(middle.or(side)); 2],
        };
        // With L = M + S and R = M − S, for each pair of signs; exchanged, middle and side have changed places.
        let (swapped, left, right) = match (exchanged, m, s) {
            (false, false, false) => (false, false, false),
            (false, true, true) => (false, true, true),
            (false, false, true) => (true, false, false),
            (false, true, false) => (true, true, true),
            (true, false, false) => (false, false, true),
            (true, true, true) => (false, true, false),
            (true, true, false) => (true, false, true),
            (true, false, true) => (true, true, false),
        };
        Self {
            swapped,
            inverted: [left, right],
        }
    }

    /// Whether nothing was done.
    pub fn is_same(self) -> bool {
        self == Self::default()
    }

    /// "swapped left and right, and inverted polarity"; nothing if nothing was done.
    pub fn words(self) -> Option<&'static str> {
        match (self.swapped, self.inverted) {
            (false, [false, false]) => None,
            (false, [true, true]) => Some("its polarity inverted"),
            (false, [true, false]) => Some("its left channel inverted"),
            (false, [false, true]) => Some("its right channel inverted"),
            (true, [false, false]) => Some("left and right swapped"),
            (true, [true, true]) => Some("left and right swapped and its polarity inverted"),
            (true, [true, false]) => Some("left and right swapped and its left channel inverted"),
            (true, [false, true]) => Some("left and right swapped and its right channel inverted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Correlation of two signals.
    fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let energies = sum(a, a) * sum(b, b);
        (energies > 0.0).then(|| sum(a, b) / energies.sqrt())
    }

    #[test]
    fn every_way_of_swapping_and_inverting_is_told_from_middle_and_side() {
        let middle: Vec<f64> = (0..100).map(|n| f64::from(n).sin()).collect();
        let side: Vec<f64> = (0..100).map(|n| 0.5 * (1.7 * f64::from(n)).cos()).collect();
        for swapped in [false, true] {
            for inverted in [[false, false], [true, true], [true, false], [false, true]] {
                let sign = inverted.map(|inverted| if inverted { -1.0 } else { 1.0 });
                let frame = |n: usize| {
                    let [mut left, mut right] = [middle[n] + side[n], middle[n] - side[n]];
                    if swapped {
                        (left, right) = (right, left);
                    }
                    [sign[0] * left, sign[1] * right]
                };
                let mix: Vec<[f64; 2]> = (0..100).map(frame).collect();
                let m: Vec<f64> = mix.iter().map(|[l, r]| 0.5 * (l + r)).collect();
                let s: Vec<f64> = mix.iter().map(|[l, r]| 0.5 * (l - r)).collect();
                let exchanged = inverted[0] != inverted[1];
                let found = match exchanged {
                    false => Sides::new(correlation(&m, &middle), correlation(&s, &side), false),
                    true => Sides::new(correlation(&m, &side), correlation(&s, &middle), true),
                };
                assert_eq!(found, Sides { swapped, inverted });
            }
        }
    }

    #[test]
    fn a_mono_song_is_not_called_swapped() {
        assert!(Sides::new(Some(0.9), None, false).is_same());
        assert_eq!(
            Sides::new(Some(-0.9), Some(0.02), false).inverted,
            [true, true]
        );
        let left = Sides::new(None, Some(-0.9), true);
        assert_eq!((left.swapped, left.inverted), (false, [true, false]));
    }
}
