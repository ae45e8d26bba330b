//! The K-weighting of ITU-R BS.1770-5 at any sample rate, two channels at a time.
//!
//! The standard prints coefficients for 48 kHz only. They are the bilinear transform of two analog filters, so
//! other rates follow from the same prototypes. The high-pass numerator of the standard is 1, −2, 1 and not that
//! of a unity-gain filter; the factor `g` carries this gain over to other rates. Meters that leave it out read
//! 0.02 to 0.03 dB off at 96 and 192 kHz.
//!
//! Below 32 kHz the bilinear transform bends the shelf, whose corner comes close to half the rate: 0.2 dB at 8 kHz,
//! 5 dB at 4 kHz. There the shelf has poles and zeros that are matched to its magnitude instead.

use std::f64::consts::PI;

/// Coefficients of the shelf and of the RLB high-pass: `y = b0 x0 + b1 x1 + b2 x2 − a1 y1 − a2 y2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KWeighting {
    /// The high shelf, `[b0, b1, b2]`.
    pub shelf_b: [f64; 3],
    /// The high shelf, `[a1, a2]`.
    pub shelf_a: [f64; 2],
    /// Gain of the high-pass numerator, which is `g · (1, −2, 1)`.
    pub high_pass_gain: f64,
    /// The high-pass, `[a1, a2]`.
    pub high_pass_a: [f64; 2],
}

impl KWeighting {
    /// The filters at a sample rate: those of the standard within 0.01 dB from 9.6 kHz, 0.03 dB at 8 kHz, 0.06 dB at
    /// 5.5 kHz and 0.13 dB at 4 kHz, at every frequency the rate can hold.
    pub fn new(sample_rate_hz: u32) -> Self {
        let rate_hz = f64::from(sample_rate_hz.max(MIN_RATE_HZ));
        let (shelf_b, shelf_a) = if rate_hz < MIN_BILINEAR_RATE_HZ {
            matched_shelf(rate_hz)
        } else {
            bilinear_shelf(rate_hz)
        };
        let (q, k) = (
            0.500_327_037_323_877_3,
            (PI * 38.135_470_876_024_44 / rate_hz).tan(),
        );
        let a0 = 1.0 + k / q + k * k;
        Self {
            shelf_b,
            shelf_a,
            high_pass_gain: 1.004_994_898_714_688_4 / a0,
            high_pass_a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0],
        }
    }
}

/// Below it the shelf lies above half the rate, and no filter is left to design.
const MIN_RATE_HZ: u32 = 4_000;
/// From here on the bilinear transform is true to 0.01 dB.
const MIN_BILINEAR_RATE_HZ: f64 = 32_000.0;
/// Corner and quality of the shelf's analog prototype.
const SHELF_HZ: f64 = 1_681.974_450_955_533;
const SHELF_Q: f64 = 0.707_175_236_955_419_6;

/// Gain of the shelf at high frequencies and at its corner, linear.
fn shelf_gains() -> (f64, f64) {
    let high = 10f64.powf(3.999_843_853_973_347 / 20.0);
    (high, high.powf(0.499_666_774_154_541_6))
}

/// The shelf of the standard, `([b0, b1, b2], [a1, a2])`.
fn bilinear_shelf(rate_hz: f64) -> ([f64; 3], [f64; 2]) {
    let (high, corner) = shelf_gains();
    let (q, k) = (SHELF_Q, (PI * SHELF_HZ / rate_hz).tan());
    let a0 = 1.0 + k / q + k * k;
    let b = [
        (high + corner * k / q + k * k) / a0,
        2.0 * (k * k - high) / a0,
        (high - corner * k / q + k * k) / a0,
    ];
    (b, [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0])
}

/// The shelf for low rates: poles where the analog ones are sampled, and zeros that give the analog magnitude at 0 Hz,
/// at 997 Hz, where loudness is calibrated, and close to half the rate (after Vicanek, Matched Second Order Digital
/// Filters, 2016). Below 8 kHz the poles are moved up a little, by what was found to fit best.
fn matched_shelf(rate_hz: f64) -> ([f64; 3], [f64; 2]) {
    let (high, corner) = shelf_gains();
    let stretch = 1.0 + 0.3 * ((8_000.0 - rate_hz).max(0.0) / 4_000.0).powi(2);
    let (w, damping) = (
        2.0 * PI * SHELF_HZ * stretch / rate_hz,
        1.0 / (2.0 * SHELF_Q),
    );
    let a1 = -2.0 * (-damping * w).exp() * ((1.0 - damping * damping).sqrt() * w).cos();
    let a2 = (-2.0 * damping * w).exp();
    // A magnitude squared is linear in three numbers: `c0 (1 - s) + c1 s + c2 4 s (1 - s)`, s = sin²(w / 2).
    let poles = [(1.0 + a1 + a2).powi(2), (1.0 - a1 + a2).powi(2), -4.0 * a2];
    let at = |hz: f64| {
        let s = (PI * hz / rate_hz).sin().powi(2);
        let (x, y) = (hz / SHELF_HZ, hz / SHELF_HZ / SHELF_Q);
        let analog =
            ((1.0 - high * x * x).powi(2) + (corner * y).powi(2)) / ((1.0 - x * x).powi(2) + y * y);
        let wanted =
            analog * (poles[0] * (1.0 - s) + poles[1] * s + poles[2] * 4.0 * s * (1.0 - s));
        (s, wanted)
    };
    let zero0 = poles[0];
    let ((s, middle), (t, upper)) = (at(997.0), at(0.47 * rate_hz));
    // Two equations for the other two numbers of the zeros.
    let (left, right) = (middle - zero0 * (1.0 - s), upper - zero0 * (1.0 - t));
    let (p, r) = (4.0 * s * (1.0 - s), 4.0 * t * (1.0 - t));
    let determinant = s * r - t * p;
    let zero1 = (left * r - right * p) / determinant;
    let zero2 = (s * right - t * left) / determinant;
    let (even, odd) = (
        0.5 * (zero0.sqrt() + zero1.sqrt()),
        0.5 * (zero0.sqrt() - zero1.sqrt()),
    );
    let b0 = 0.5 * (even + (even * even + zero2).sqrt());
    ([b0, odd, -zero2 / (4.0 * b0)], [a1, a2])
}

/// Energies of a pair of K-weighted channels: sums over frames, linear, full scale 1.0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairEnergy {
    /// Sum of squares of each channel.
    pub squares: [f64; 2],
    /// Sum of products of the two.
    pub cross: f64,
}

/// Filter state of two channels, run side by side so that the CPU overlaps their recursions.
///
/// Direct form I: its recursion is one multiply and one subtraction a stage, the shortest there is, and the shelf's
/// past outputs are the high-pass's past inputs. The high-pass gain is multiplied into the shelf's numerator.
#[derive(Clone, Debug)]
pub struct KWeightedPair {
    b: [f64; 3],
    shelf_a: [f64; 2],
    high_pass_a: [f64; 2],
    inputs: [[f64; 2]; 2],
    shelved: [[f64; 2]; 2],
    outputs: [[f64; 2]; 2],
}

impl KWeightedPair {
    /// Filters at rest.
    pub fn new(filters: &KWeighting) -> Self {
        Self {
            b: filters.shelf_b.map(|b| b * filters.high_pass_gain),
            shelf_a: filters.shelf_a,
            high_pass_a: filters.high_pass_a,
            inputs: [[0.0; 2]; 2],
            shelved: [[0.0; 2]; 2],
            outputs: [[0.0; 2]; 2],
        }
    }

    /// Filters frames of the pair and adds their energies to `energy`.
    #[inline]
    pub fn process(&mut self, frames: impl Iterator<Item = [f32; 2]>, energy: &mut PairEnergy) {
        let ([b0, b1, b2], [a1, a2], [c1, c2]) = (self.b, self.shelf_a, self.high_pass_a);
        let [mut x1, mut x2] = self.inputs;
        let [mut v1, mut v2] = self.shelved;
        let [mut y1, mut y2] = self.outputs;
        let mut sums = *energy;
        for frame in frames {
            let x0 = frame.map(f64::from);
            // The terms without the newest output come first, so that only a1 v1 and c1 y1 wait for it.
            let v0 = lanes(|c| b0 * x0[c] + b1 * x1[c] + b2 * x2[c] - a2 * v2[c] - a1 * v1[c]);
            let y0 = lanes(|c| v0[c] - 2.0 * v1[c] + v2[c] - c2 * y2[c] - c1 * y1[c]);
            sums.squares = lanes(|c| sums.squares[c] + y0[c] * y0[c]);
            sums.cross += y0[0] * y0[1];
            (x2, x1) = (x1, x0);
            (v2, v1) = (v1, v0);
            (y2, y1) = (y1, y0);
        }
        self.inputs = [x1, x2];
        self.shelved = [v1, v2];
        self.outputs = [y1, y2];
        *energy = sums;
    }

    /// Whether silence leaves it as it is.
    pub fn is_at_rest(&self) -> bool {
        [self.inputs, self.shelved, self.outputs] == [[[0.0; 2]; 2]; 3]
    }

    /// Back to rest, as after a gap.
    pub fn clear(&mut self) {
        self.inputs = [[0.0; 2]; 2];
        self.shelved = [[0.0; 2]; 2];
        self.outputs = [[0.0; 2]; 2];
    }

    /// Rounds a tail below −600 dB to zero, before it becomes denormal and slow. Called once a slot: between two
    /// calls the slowest pole decays by far less than from here to the smallest normal number.
    pub fn flush_denormals(&mut self) {
        for state in [&mut self.inputs, &mut self.shelved, &mut self.outputs] {
            for value in state.as_flattened_mut() {
                if value.abs() < 1e-30 {
                    *value = 0.0;
                }
            }
        }
    }
}

#[inline(always)]
fn lanes(f: impl Fn(usize) -> f64) -> [f64; 2] {
    [f(0), f(1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::db::db_from_amplitude;

    /// Gain in dB from the coefficients, by the transfer function.
    fn gain_db(filters: &KWeighting, rate_hz: f64, frequency_hz: f64) -> f64 {
        let w = 2.0 * PI * frequency_hz / rate_hz;
        let magnitude = |c: [f64; 3]| {
            let (re, im) = (
                c[0] + c[1] * w.cos() + c[2] * (2.0 * w).cos(),
                c[1] * w.sin() + c[2] * (2.0 * w).sin(),
            );
            re.hypot(im)
        };
        let with_one = |a: [f64; 2]| magnitude([1.0, a[0], a[1]]);
        let g = filters.high_pass_gain;
        db_from_amplitude(
            magnitude(filters.shelf_b) / with_one(filters.shelf_a) * magnitude([g, -2.0 * g, g])
                / with_one(filters.high_pass_a),
        )
    }

    #[test]
    fn the_48_khz_coefficients_are_those_the_standard_prints() {
        let filters = KWeighting::new(48_000);
        let printed = [
            (filters.shelf_b[0], 1.53512485958697),
            (filters.shelf_b[1], -2.69169618940638),
            (filters.shelf_b[2], 1.19839281085285),
            (filters.shelf_a[0], -1.69065929318241),
            (filters.shelf_a[1], 0.73248077421585),
            (filters.high_pass_gain, 1.0),
            (filters.high_pass_a[0], -1.99004745483398),
            (filters.high_pass_a[1], 0.99007225036621),
        ];
        for (i, (ours, standard)) in printed.into_iter().enumerate() {
            assert!((ours - standard).abs() < 1e-12, "{i}: {ours} {standard}");
        }
    }

    #[test]
    fn the_gain_is_the_published_one_and_the_same_at_every_rate() {
        let published = [
            (20.0, -13.275),
            (50.0, -3.934),
            (100.0, -1.134),
            (500.0, 0.043),
            (997.0, 0.691),
            (2_000.0, 3.071),
            (5_000.0, 4.013),
            (10_000.0, 4.042),
        ];
        for rate in [32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000] {
            let filters = KWeighting::new(rate);
            for (frequency_hz, expected_db) in published {
                let gain = gain_db(&filters, f64::from(rate), frequency_hz);
                assert!(
                    (gain - expected_db).abs() < 0.0105,
                    "{rate} Hz, {frequency_hz} Hz: {gain:.4} dB instead of {expected_db}"
                );
            }
        }
    }

    #[test]
    fn low_rates_have_the_gain_of_48_khz_wherever_they_reach() {
        let standard = KWeighting::new(48_000);
        for (rate, tolerance_db) in [
            (4_000, 0.13),
            (4_410, 0.1),
            (5_512, 0.06),
            (6_000, 0.05),
            (8_000, 0.03),
            (9_600, 0.015),
            (11_025, 0.01),
            (12_000, 0.01),
            (16_000, 0.01),
            (22_050, 0.01),
            (24_000, 0.01),
            (31_999, 0.01),
        ] {
            let filters = KWeighting::new(rate);
            let highest = 0.495 * f64::from(rate).min(18_000.0);
            for step in 0..400 {
                let frequency_hz = 30.0 + (highest - 30.0) * f64::from(step) / 399.0;
                let off = gain_db(&filters, f64::from(rate), frequency_hz)
                    - gain_db(&standard, 48_000.0, frequency_hz);
                assert!(
                    off.abs() < tolerance_db,
                    "{rate} Hz, {frequency_hz:.0} Hz: {off:.4} dB off"
                );
            }
            let at_997 = gain_db(&filters, f64::from(rate), 997.0);
            assert!((at_997 - 0.691).abs() < 0.02, "{rate} Hz: {at_997}");
        }
    }

    #[test]
    fn the_filter_has_the_gain_of_its_coefficients_in_both_channels() {
        for rate in [8_000u32, 44_100, 384_000] {
            let filters = KWeighting::new(rate);
            let mut pair = KWeightedPair::new(&filters);
            let sine = |i: u32| (2.0 * PI * 1_000.0 * f64::from(i) / f64::from(rate)).sin() as f32;
            let (mut settling, mut energy) = (PairEnergy::default(), PairEnergy::default());
            pair.process((0..rate).map(|i| [sine(i), -0.5 * sine(i)]), &mut settling);
            pair.process((0..rate).map(|i| [sine(i), -0.5 * sine(i)]), &mut energy);
            let expected = 0.5 * 10f64.powf(gain_db(&filters, f64::from(rate), 1_000.0) / 10.0);
            let mean = energy.squares[0] / f64::from(rate);
            assert!(
                (mean / expected - 1.0).abs() < 1e-6,
                "{rate} Hz: {mean} {expected}"
            );
            assert!((energy.squares[1] / energy.squares[0] - 0.25).abs() < 1e-9);
            assert!((energy.cross / energy.squares[0] + 0.5).abs() < 1e-9);
        }
    }

    #[test]
    fn silence_after_sound_ends_in_exact_zeros() {
        let mut pair = KWeightedPair::new(&KWeighting::new(48_000));
        let mut energy = PairEnergy::default();
        pair.process((0..480).map(|_| [1.0, 1.0]), &mut energy);
        for _ in 0..1_000 {
            pair.process((0..480).map(|_| [0.0, 0.0]), &mut energy);
            pair.flush_denormals();
        }
        assert_eq!(pair.outputs, [[0.0; 2]; 2]);
    }
}
