//! The filters of the demo song: one that follows a moving cutoff, and one with the exact shapes of a mixing desk.

use crate::units::db;

use super::wave::RATE_HZ;

/// A state-variable filter in trapezoidal form: low, band and high pass at once, safe to sweep.
#[derive(Clone, Copy, Default)]
pub struct Svf {
    damping: f32,
    a1: f32,
    a2: f32,
    a3: f32,
    first: f32,
    second: f32,
}

/// What the filter gives for one sample.
pub struct SvfOut {
    pub low: f32,
    /// Its peak is 1 whatever the quality.
    pub band: f32,
    pub high: f32,
}

impl Svf {
    /// A filter at rest.
    pub fn new(cutoff_hz: f32, quality: f32) -> Self {
        let mut filter = Self::default();
        filter.tune(cutoff_hz, quality);
        filter
    }

    /// Moves the cutoff and keeps the state.
    pub fn tune(&mut self, cutoff_hz: f32, quality: f32) {
        // The tangent as a fraction of polynomials: within 1.5 % up to 20 kHz, the same everywhere.
        let x = std::f32::consts::PI * (cutoff_hz / RATE_HZ).clamp(0.0, 0.42);
        let g = x * (15.0 - x * x) / (15.0 - 6.0 * x * x);
        self.damping = 1.0 / quality;
        self.a1 = 1.0 / (1.0 + g * (g + self.damping));
        self.a2 = g * self.a1;
        self.a3 = g * self.a2;
    }

    /// Forgets what went through it.
    pub fn clear(&mut self) {
        self.first = 0.0;
        self.second = 0.0;
    }

    #[inline]
    pub fn next(&mut self, x: f32) -> SvfOut {
        let v3 = x - self.second;
        let v1 = self.a1 * self.first + self.a2 * v3;
        let v2 = self.second + self.a2 * self.first + self.a3 * v3;
        self.first = 2.0 * v1 - self.first;
        self.second = 2.0 * v2 - self.second;
        let band = self.damping * v1;
        SvfOut {
            low: v2,
            band,
            high: x - band - v2,
        }
    }
}

/// A second-order section in double precision, for what the master and the faults do; shapes after
/// R. Bristow-Johnson's audio EQ formulas.
#[derive(Clone, Copy)]
pub struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
    state: [f64; 2],
}

impl Biquad {
    /// 12 dB an octave below the cutoff.
    pub fn high_pass(cutoff_hz: f64, quality: f64) -> Self {
        let (cos, alpha) = angle(cutoff_hz, quality);
        let edge = (1.0 + cos) / 2.0;
        Self::normalised(
            [edge, -2.0 * edge, edge],
            [1.0 + alpha, -2.0 * cos, 1.0 - alpha],
        )
    }

    /// A bell.
    pub fn bell(center_hz: f64, quality: f64, gain_db: f64) -> Self {
        let (cos, alpha) = angle(center_hz, quality);
        let root = db::amplitude_from_db(gain_db / 2.0);
        Self::normalised(
            [1.0 + alpha * root, -2.0 * cos, 1.0 - alpha * root],
            [1.0 + alpha / root, -2.0 * cos, 1.0 - alpha / root],
        )
    }

    /// A high shelf as steep as it can be without a bump; half its decibels lie at the middle.
    pub fn high_shelf(middle_hz: f64, gain_db: f64) -> Self {
        let (cos, alpha) = angle(middle_hz, std::f64::consts::FRAC_1_SQRT_2);
        let root = db::amplitude_from_db(gain_db / 2.0);
        let (up, down) = (root + 1.0, root - 1.0);
        let slope = 2.0 * root.sqrt() * alpha;
        Self::normalised(
            [
                root * (up + down * cos + slope),
                -2.0 * root * (down + up * cos),
                root * (up + down * cos - slope),
            ],
            [
                up - down * cos + slope,
                2.0 * (down - up * cos),
                up - down * cos - slope,
            ],
        )
    }

    /// Divides by the leading coefficient and rounds, so that the last bit of a platform's sine is not heard.
    fn normalised(b: [f64; 3], a: [f64; 3]) -> Self {
        // Not to f32: near 0 Hz the poles sit too close to the unit circle for that.
        let fine = |x: f64| (x / a[0] * 1e12).round() / 1e12;
        Self {
            b: b.map(fine),
            a: [fine(a[1]), fine(a[2])],
            state: [0.0; 2],
        }
    }

    #[inline]
    pub fn next(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * y + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

/// Cosine of the angular frequency, and the bandwidth term of the formulas.
fn angle(frequency_hz: f64, quality: f64) -> (f64, f64) {
    let omega = std::f64::consts::TAU * frequency_hz / f64::from(RATE_HZ);
    (omega.cos(), omega.sin() / (2.0 * quality))
}
