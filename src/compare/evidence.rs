//! Coherent evidence: how well a place of the reference explains an excerpt of the mix, in nats, told by every band of
//! every quarter of a second on its own.
//!
//! A loop that is pasted again is the same to the sample, and a whitened correlation sees no more than that. What tells
//! its rounds apart is a melody, a voice, a room: quiet, and only here and there. So each band of each moment is fitted
//! with a gain of its own (an equaliser, a fader, a limiter), and what the fit leaves over is what counts: under noise of
//! unknown strength the logarithm of the remainder, times the number of independent values, is the likelihood. Where
//! two places of a reference are alike they leave the same over, so that only what differs has a say.

use std::sync::Arc;

use rustfft::{Fft, num_complex::Complex};

use crate::compare::common_rate::COMMON_RATE_HZ;
use crate::compare::transforms::transforms;

/// Samples of a transform: 64 ms.
const FRAME: usize = 512;
const HOP: usize = FRAME / 2;
/// Transforms that share one gain: a quarter of a second.
const FRAMES_PER_BLOCK: usize = 8;
/// Bins that share one gain: 125 Hz.
const BINS_PER_BAND: usize = 8;
/// The first bin: below 47 Hz little sounds.
const FIRST_BIN: usize = 3;
const NUM_BANDS: usize = 27;
const NUM_BINS: usize = NUM_BANDS * BINS_PER_BAND;
/// Seconds of a block.
pub const BLOCK_SECS: f64 = (FRAMES_PER_BLOCK * HOP) as f64 / COMMON_RATE_HZ as f64;
/// Samples of a block.
pub const BLOCK: usize = FRAMES_PER_BLOCK * HOP;
/// Independent complex values of a band in a block.
const INDEPENDENT: f64 = BLOCK_SECS * BINS_PER_BAND as f64 * COMMON_RATE_HZ as f64 / FRAME as f64;
/// What a fit leaves over at least, as a part: two versions of a sound are never closer.
const LEAST_REMAINDER: f64 = 0.003;
/// Bands this far below the loudest one of the excerpt are not heard.
const UNHEARD: f32 = 1e-6;
/// Two places explain a band of a block differently from here on: by chance it is one or two.
const CLEAR_NATS: f64 = 5.0;

/// An excerpt of the mix, ready to be held against places of a reference.
pub struct Excerpt {
    forward: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    /// `spectra[frame * NUM_BINS + bin]`.
    spectra: Vec<Complex<f32>>,
    /// `powers[block * NUM_BANDS + band]`; 0 where nothing is heard.
    powers: Vec<f32>,
}

/// What a place explains of an excerpt.
#[derive(Clone, Debug, Default)]
pub struct Explained {
    /// `nats[block]`: how much better than chance it explains each block.
    pub nats: Vec<f32>,
    /// `part[block]`: the part of the heard bands' values that it explains, 0 … 1.
    pub part: Vec<f32>,
    /// Sum of products over sum of their magnitudes, −1 … 1: negative for an inverted mix.
    pub polarity: f64,
}

impl Excerpt {
    /// Of sound at the common rate.
    pub fn new(sound: &[i16]) -> Self {
        let [forward, _] = transforms(FRAME);
        let window: Vec<f32> = (0..FRAME)
            .map(|n| {
                (std::f32::consts::PI * (n as f32 + 0.5) / FRAME as f32)
                    .sin()
                    .powi(2)
            })
            .collect();
        let num_blocks = sound.len() / BLOCK;
        let mut spectra = vec![Complex::default(); num_blocks * FRAMES_PER_BLOCK * NUM_BINS];
        transform(&*forward, &window, sound, 0, &mut spectra);
        let mut powers = vec![0f32; num_blocks * NUM_BANDS];
        for (block, powers) in powers.chunks_mut(NUM_BANDS).enumerate() {
            for frame in spectra_of_block(&spectra, block) {
                for (power, band) in powers.iter_mut().zip(frame.chunks(BINS_PER_BAND)) {
                    *power += band.iter().map(Complex::norm_sqr).sum::<f32>();
                }
            }
        }
        let loudest = powers.iter().copied().fold(0f32, f32::max);
        for power in &mut powers {
            if *power <= loudest * UNHEARD {
                *power = 0.0;
            }
        }
        Self {
            forward,
            window,
            spectra,
            powers,
        }
    }

    /// How many blocks it has.
    pub fn num_blocks(&self) -> usize {
        self.powers.len() / NUM_BANDS
    }

    /// Holds blocks of it against the reference, the excerpt's first sample lying on sample `lag` (and a fraction) of it.
    pub fn explained(
        &self,
        reference: &[i16],
        lag: f64,
        blocks: std::ops::Range<usize>,
    ) -> Explained {
        let opposite = self.opposite(reference, lag, blocks.clone());
        let mut explained = Explained::default();
        let (mut signed, mut unsigned) = (0f64, 0f64);
        for (n, block) in blocks.enumerate() {
            let mut cross = [Complex::<f32>::default(); NUM_BANDS];
            let mut power = [0f32; NUM_BANDS];
            for (mix, other) in
                spectra_of_block(&self.spectra, block).zip(spectra_of_block(&opposite, n))
            {
                for band in 0..NUM_BANDS {
                    let bins = band * BINS_PER_BAND..(band + 1) * BINS_PER_BAND;
                    for bin in bins {
                        cross[band] += mix[bin] * other[bin].conj();
                        power[band] += other[bin].norm_sqr();
                    }
                }
            }
            let (mut nats, mut part, mut heard) = (0f64, 0f64, 0u32);
            for band in 0..NUM_BANDS {
                let own = self.powers[block * NUM_BANDS + band];
                if own <= 0.0 {
                    continue;
                }
                heard += 1;
                let product = own * power[band];
                if product <= f32::MIN_POSITIVE {
                    continue;
                }
                let coherence = f64::from(cross[band].norm_sqr() / product).min(1.0);
                nats += self::nats(own, cross[band], power[band]);
                part += coherence;
                let root = f64::from(product).sqrt();
                signed += f64::from(cross[band].re) / root;
                unsigned += f64::from(cross[band].norm()) / root;
            }
            explained.nats.push(nats as f32);
            explained.part.push((part / f64::from(heard.max(1))) as f32);
        }
        explained.polarity = signed / unsigned.max(f64::MIN_POSITIVE);
        explained
    }

    /// Whether blocks lie at the first place rather than at the second: how much is heard of what the first has and
    /// the second has not.
    pub fn apart(
        &self,
        reference: &[i16],
        lags: [f64; 2],
        blocks: std::ops::Range<usize>,
    ) -> Apart {
        let [first, second] = lags.map(|lag| self.opposite(reference, lag, blocks.clone()));
        let mut apart = Apart::default();
        for (n, block) in blocks.enumerate() {
            // Products of the mix with both places, of the places with each other, and the powers of both.
            let mut sums = [[Complex::<f32>::default(); 3]; NUM_BANDS];
            let mut powers = [[0f32; 2]; NUM_BANDS];
            let frames = spectra_of_block(&self.spectra, block)
                .zip(spectra_of_block(&first, n))
                .zip(spectra_of_block(&second, n));
            for ((mix, one), two) in frames {
                for band in 0..NUM_BANDS {
                    for bin in band * BINS_PER_BAND..(band + 1) * BINS_PER_BAND {
                        sums[band][0] += mix[bin] * one[bin].conj();
                        sums[band][1] += mix[bin] * two[bin].conj();
                        sums[band][2] += two[bin] * one[bin].conj();
                        powers[band][0] += one[bin].norm_sqr();
                        powers[band][1] += two[bin].norm_sqr();
                    }
                }
            }
            for band in 0..NUM_BANDS {
                apart.add(
                    self.powers[block * NUM_BANDS + band],
                    sums[band],
                    powers[band],
                );
            }
        }
        apart
    }

    /// Spectra of the reference opposite of blocks.
    fn opposite(
        &self,
        reference: &[i16],
        lag: f64,
        blocks: std::ops::Range<usize>,
    ) -> Vec<Complex<f32>> {
        let whole = lag.round();
        let turn: Vec<Complex<f32>> = (FIRST_BIN..FIRST_BIN + NUM_BINS)
            .map(|bin| std::f64::consts::TAU * bin as f64 / FRAME as f64 * (lag - whole))
            .map(|angle| Complex::from_polar(1.0, angle as f32))
            .collect();
        let first = whole as i64 + (blocks.start * BLOCK) as i64;
        let mut spectra = vec![Complex::default(); blocks.len() * FRAMES_PER_BLOCK * NUM_BINS];
        transform(&*self.forward, &self.window, reference, first, &mut spectra);
        for frame in spectra.chunks_mut(NUM_BINS) {
            for (value, turn) in frame.iter_mut().zip(&turn) {
                *value *= turn;
            }
        }
        spectra
    }
}

impl Apart {
    /// Adds a band of a block from its power in the mix, the products mix·first*, mix·second*, second·first*, and the
    /// powers of both places.
    fn add(&mut self, own: f32, [xa, xb, ba]: [Complex<f32>; 3], [a, b]: [f32; 2]) {
        if own <= 0.0 {
            return;
        }
        let ahead = nats(own, xa, a) - nats(own, xb, b);
        if ahead.abs() >= CLEAR_NATS {
            self.won += ahead.max(0.0);
            self.lost -= ahead.min(0.0);
        }
        if a <= 0.0 {
            return;
        }
        // The gain with which the first place becomes the mix, and what is left over then.
        let gain = xa.scale(1.0 / a);
        let left = (own - xa.norm_sqr() / a).max(0.0) + LEAST_REMAINDER as f32 * own;
        let noise = f64::from(left) / INDEPENDENT;
        let square = gain.norm_sqr();
        // The second place has a gain of its own here too, c: a place that is the same but for a fraction of a sample, by
        // which one of both was found beside its true lag, would else pass for another sound.
        let its = match b > 0.0 {
            true => ba.scale(1.0 / b),
            false => Complex::default(),
        };
        // |g(a − c b)|², and the real part of (x − g c b)·(g(a − c b))*; what is left of a beside b is upright on b.
        let energy = square * (a - its.norm_sqr() * b);
        let product = (gain.conj() * (xa - its * xb)).re;
        self.energy += f64::from(energy.max(0.0)) / noise;
        self.product += f64::from(product) / noise;
    }

    /// Sums of both, the earlier one weighed less.
    pub fn and(self, weight: f64, later: Self) -> Self {
        Self {
            product: weight * self.product + later.product,
            energy: weight * self.energy + later.energy,
            won: weight * self.won + later.won,
            lost: weight * self.lost + later.lost,
        }
    }

    /// The share of what tells the places apart that is the first's: 1 if the mix lies at the first, 0 at the second,
    /// about a half at neither.
    pub fn share(&self) -> f64 {
        let share = self.product / self.energy.max(f64::MIN_POSITIVE);
        // Each of them has something that the other lacks: then the mix lies at neither, or was edited.
        let conflict = self.lost / (self.won + self.lost).max(f64::MIN_POSITIVE);
        share.min(1.0 - conflict)
    }
}

/// What tells two places apart, as far as it was found in the mix.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Apart {
    /// Products of what the second place leaves over with what the first has beyond it, in units of the noise.
    pub product: f64,
    /// Energy of what the first has beyond the second, in the same unit.
    pub energy: f64,
    /// Nats by which the first explains more, over the bands and moments where that is clear.
    pub won: f64,
    /// Nats by which the second does.
    pub lost: f64,
}

fn spectra_of_block(
    spectra: &[Complex<f32>],
    block: usize,
) -> impl Iterator<Item = &[Complex<f32>]> {
    let len = FRAMES_PER_BLOCK * NUM_BINS;
    spectra[block * len..(block + 1) * len].chunks(NUM_BINS)
}

/// How much better than chance a band of a block is explained, from its power, its product with what is opposite, and
/// the power of that.
fn nats(own: f32, product: Complex<f32>, other: f32) -> f64 {
    let powers = own * other;
    if powers <= f32::MIN_POSITIVE {
        return 0.0;
    }
    let coherence = f64::from(product.norm_sqr() / powers).min(1.0);
    let remainder = (1.0 - coherence + LEAST_REMAINDER) / (1.0 + LEAST_REMAINDER);
    -INDEPENDENT * remainder.ln() - 1.0
}

/// Fills `spectra` with the kept bins of one transform after another, the first from sample `start` on; what lies
/// outside of the sound is silent. Two real transforms go through one complex one.
fn transform(
    forward: &dyn Fft<f32>,
    window: &[f32],
    sound: &[i16],
    start: i64,
    spectra: &mut [Complex<f32>],
) {
    let sample = |at: i64| {
        let sample = usize::try_from(at).ok().and_then(|at| sound.get(at));
        sample.map_or(0.0, |&x| f32::from(x))
    };
    let mut scratch = vec![Complex::default(); forward.get_inplace_scratch_len()];
    let mut both = vec![Complex::default(); FRAME];
    for (pair, spectra) in spectra.chunks_mut(2 * NUM_BINS).enumerate() {
        let at = start + (2 * pair * HOP) as i64;
        for (n, value) in both.iter_mut().enumerate() {
            let at = at + n as i64;
            *value = Complex::new(window[n] * sample(at), window[n] * sample(at + HOP as i64));
        }
        forward.process_with_scratch(&mut both, &mut scratch);
        let (first, second) = spectra.split_at_mut(NUM_BINS.min(spectra.len()));
        for bin in 0..NUM_BINS {
            let (a, b) = (both[FIRST_BIN + bin], both[FRAME - FIRST_BIN - bin].conj());
            first[bin] = (a + b).scale(0.5);
            if let Some(value) = second.get_mut(bin) {
                let difference = (a - b).scale(0.5);
                *value = Complex::new(difference.im, -difference.re);
            }
        }
    }
}
