//! The movements behind the needles: what each remembers, and what a sample does to it.

use std::f64::consts::{LN_10, PI, SQRT_2};

/// Damping of the VU pendulum: an overshoot of 1.25 %, e^(−πζ/√(1 − ζ²)).
const VU_DAMPING: f64 = 0.812_717;
/// Its speed: the step response reaches 99 % after 300 ms.
const VU_RADIANS_PER_SEC: f64 = 13.511_913;
/// Time constant of the K-System mean square: its root reaches 99 % after 600 ms, 1 − e^(−0.6/τ) = 0.99².
const K_SECS: f64 = 0.153_17;
/// Charging times of the quasi-peak meters, fitted to the bursts of IEC 60268-10 (largest deviations 0.3 dB for type I
/// and 0.4 dB for type II, where the standard allows 0.5 to 4 dB), and what a steady sine then reads.
const PPM_I: ([f64; 2], f64) = ([0.000_815, 0.002_388], 0.977_6);
const PPM_II: ([f64; 2], f64) = ([0.001_218, 0.004_543], 0.973_7);
/// Below this the needle lies on its stop: −300 dBFS. Kept from becoming denormal.
pub const STOP: f64 = 1e-15;

/// Rises at once, falls at a steady speed in dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    value: f64,
    decay: f64,
}

/// A damped pendulum, `y = a1 y1 + a2 y2 + b x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pendulum {
    past: [f64; 2],
    a: [f64; 2],
    b: f64,
}

/// An exponential mean of squares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanSquare {
    value: f64,
    step: f64,
}

/// Two capacitors charged through a rectifier at their own speeds and discharged at one; shown is their mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuasiPeak {
    charges: [f64; 2],
    steps: [f64; 2],
    decay: f64,
    gain: f64,
}

impl Peak {
    /// At rest, for samples so many seconds apart.
    pub fn new(sample_secs: f64) -> Self {
        Self {
            value: 0.0,
            decay: decay(20.0, 1.7, sample_secs),
        }
    }

    /// Moves over a sample.
    #[inline(always)]
    pub fn hear(&mut self, x: f64) {
        self.value = (self.value * self.decay).max(x.abs());
    }

    /// Comes to rest where it nearly is.
    pub fn rest(&mut self) {
        self.value = at_rest_below_stop(self.value);
    }

    /// Back to the stop.
    pub fn reset(&mut self) {
        self.value = 0.0;
    }

    /// Of the sine that it reads.
    pub fn amplitude(&self) -> f64 {
        self.value
    }
}

impl Pendulum {
    /// As [`Peak::new`].
    pub fn new(sample_secs: f64) -> Self {
        let radius = (-VU_DAMPING * VU_RADIANS_PER_SEC * sample_secs).exp();
        let angle = VU_RADIANS_PER_SEC * (1.0 - VU_DAMPING * VU_DAMPING).sqrt() * sample_secs;
        let [a1, a2] = [2.0 * radius * angle.cos(), -radius * radius];
        Self {
            past: [0.0; 2],
            a: [a1, a2],
            b: 1.0 - a1 - a2,
        }
    }

    /// As [`Peak::hear`].
    #[inline(always)]
    pub fn hear(&mut self, x: f64) {
        let ([y1, y2], [a1, a2]) = (self.past, self.a);
        self.past = [a1 * y1 + a2 * y2 + self.b * x.abs(), y1];
    }

    /// As [`Peak::rest`].
    pub fn rest(&mut self) {
        self.past = self.past.map(at_rest_below_stop);
    }

    /// As [`Peak::reset`].
    pub fn reset(&mut self) {
        self.past = [0.0; 2];
    }

    /// As [`Peak::amplitude`]: the rectified mean of a sine is 2/π of it.
    pub fn amplitude(&self) -> f64 {
        PI / 2.0 * self.past[0].max(0.0)
    }
}

impl MeanSquare {
    /// As [`Peak::new`].
    pub fn new(sample_secs: f64) -> Self {
        Self {
            value: 0.0,
            step: step(K_SECS, sample_secs),
        }
    }

    /// As [`Peak::hear`].
    #[inline(always)]
    pub fn hear(&mut self, x: f64) {
        self.value += self.step * (x * x - self.value);
    }

    /// As [`Peak::rest`].
    pub fn rest(&mut self) {
        if self.value < STOP * STOP {
            self.value = 0.0;
        }
    }

    /// As [`Peak::reset`].
    pub fn reset(&mut self) {
        self.value = 0.0;
    }

    /// As [`Peak::amplitude`].
    pub fn amplitude(&self) -> f64 {
        SQRT_2 * self.value.sqrt()
    }
}

impl QuasiPeak {
    /// Type I at rest.
    pub fn type_i(sample_secs: f64) -> Self {
        Self::new(PPM_I, decay(20.0, 1.7, sample_secs), sample_secs)
    }

    /// Type II at rest.
    pub fn type_ii(sample_secs: f64) -> Self {
        Self::new(PPM_II, decay(24.0, 2.8, sample_secs), sample_secs)
    }

    fn new((charging_secs, steady): ([f64; 2], f64), decay: f64, sample_secs: f64) -> Self {
        Self {
            charges: [0.0; 2],
            steps: charging_secs.map(|secs| step(secs, sample_secs)),
            decay,
            gain: 0.5 / steady,
        }
    }

    /// As [`Peak::hear`].
    #[inline(always)]
    pub fn hear(&mut self, x: f64) {
        for (charge, step) in self.charges.iter_mut().zip(self.steps) {
            let left = *charge * self.decay;
            let above = x.abs() - left;
            *charge = left + step * if above > 0.0 { above } else { 0.0 };
        }
    }

    /// As [`Peak::rest`].
    pub fn rest(&mut self) {
        self.charges = self.charges.map(at_rest_below_stop);
    }

    /// As [`Peak::reset`].
    pub fn reset(&mut self) {
        self.charges = [0.0; 2];
    }

    /// As [`Peak::amplitude`].
    pub fn amplitude(&self) -> f64 {
        self.gain * (self.charges[0] + self.charges[1])
    }
}

fn decay(db: f64, secs: f64, sample_secs: f64) -> f64 {
    (-db / 20.0 * LN_10 * sample_secs / secs).exp()
}

fn step(secs: f64, sample_secs: f64) -> f64 {
    -(-sample_secs / secs).exp_m1()
}

fn at_rest_below_stop(value: f64) -> f64 {
    if value.abs() < STOP { 0.0 } else { value }
}
