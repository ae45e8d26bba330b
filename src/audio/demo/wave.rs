//! What every instrument of the demo song is made of: blocks, band-limited waves, noise and portable arithmetic.
//!
//! The song must be the same on every computer and for every block size a reader asks for. So it is made in
//! fixed blocks, phases are whole numbers, and the platform's own sine, exponential and tangent serve only to
//! fill tables and constants that are rounded to `f32`; whatever moves while the song plays is a polynomial.

/// Frames the song is made in at a time; every note begins on a multiple of it.
pub const BLOCK: usize = 128;

/// Frames per second, as the instruments need it.
pub const RATE_HZ: f32 = 48_000.0;

/// One channel of one block.
pub type Mono = [f32; BLOCK];

/// Left and right of one block.
#[derive(Clone)]
pub struct Stereo {
    pub left: Mono,
    pub right: Mono,
}

impl Stereo {
    pub const SILENCE: Self = Self {
        left: [0.0; BLOCK],
        right: [0.0; BLOCK],
    };

    /// Adds a block of one channel at a gain for each side.
    pub fn add_mono(&mut self, mono: &Mono, left_gain: f32, right_gain: f32) {
        for ((left, right), x) in self.left.iter_mut().zip(&mut self.right).zip(mono) {
            *left += left_gain * x;
            *right += right_gain * x;
        }
    }

    /// Adds another block at one gain.
    pub fn add(&mut self, other: &Self, gain: f32) {
        for (sum, x) in self.left.iter_mut().zip(&other.left) {
            *sum += gain * x;
        }
        for (sum, x) in self.right.iter_mut().zip(&other.right) {
            *sum += gain * x;
        }
    }
}

const TABLE_BITS: u32 = 11;
const TABLE_LEN: usize = 1 << TABLE_BITS;

/// One period, with its first sample repeated at the end so that interpolation needs no wrapping.
pub type Table = [f32; TABLE_LEN + 1];

/// The highest harmonic any wave may hold, so that nothing folds back from Nyquist.
const TOP_HARMONIC_HZ: f32 = 20_000.0;

/// Upper end of the lowest table's range of fundamentals; each further table serves half an octave more.
const LOWEST_RANGE_HZ: f32 = 38.9;

const NUM_SAWS: usize = 18;

/// A sine, and saws with as many harmonics as fit under 20 kHz, one for each half octave of fundamentals.
pub struct Waves {
    pub sine: Table,
    saws: Vec<Table>,
}

impl Waves {
    pub fn new() -> Self {
        let mut sine = [0.0; TABLE_LEN + 1];
        for (i, x) in sine.iter_mut().enumerate() {
            *x = (std::f64::consts::TAU * i as f64 / TABLE_LEN as f64).sin() as f32;
        }
        // From the few harmonics of the highest notes to the many of the lowest, adding what is new.
        let mut saws = vec![[0.0; TABLE_LEN + 1]; NUM_SAWS];
        let mut saw = [0.0; TABLE_LEN + 1];
        let mut harmonics = 0;
        for (range, table) in saws.iter_mut().enumerate().rev() {
            let wanted = (TOP_HARMONIC_HZ / range_top_hz(range)).max(1.0) as usize;
            for harmonic in harmonics + 1..=wanted {
                let amplitude = std::f32::consts::FRAC_2_PI / harmonic as f32;
                for (i, x) in saw.iter_mut().enumerate() {
                    *x += amplitude * sine[(harmonic * i) % TABLE_LEN];
                }
            }
            harmonics = harmonics.max(wanted);
            *table = saw;
        }
        Self { sine, saws }
    }

    /// The saw (from +1 down to −1) for a fundamental, free of aliases.
    pub fn saw(&self, frequency_hz: f32) -> &Table {
        let range = (0..NUM_SAWS - 1).find(|&r| frequency_hz <= range_top_hz(r));
        &self.saws[range.unwrap_or(NUM_SAWS - 1)]
    }
}

fn range_top_hz(range: usize) -> f32 {
    LOWEST_RANGE_HZ * exp2(range as f32 / 2.0)
}

/// The value of a table at a phase, where 2³² is one period; between samples a straight line.
pub fn lookup(table: &Table, phase: u32) -> f32 {
    const FRACTION_BITS: u32 = 32 - TABLE_BITS;
    let index = (phase >> FRACTION_BITS) as usize;
    let fraction = (phase & ((1 << FRACTION_BITS) - 1)) as f32 / (1u32 << FRACTION_BITS) as f32;
    table[index] + fraction * (table[index + 1] - table[index])
}

/// Phase step of a frame at a frequency.
pub fn phase_step(frequency_hz: f32) -> u32 {
    (frequency_hz * (4_294_967_296.0 / RATE_HZ)) as u32
}

/// Frequency of a MIDI note number, fractions being parts of a semitone.
pub fn hz_from_midi(midi: f32) -> f32 {
    440.0 * exp2((midi - 69.0) / 12.0)
}

/// 2ˣ to 2·10⁻⁷, the same on every platform.
pub fn exp2(x: f32) -> f32 {
    let whole = x.floor();
    let f = x - whole;
    let series = 0.001_877_58f32;
    let series = 0.008_989_34 + f * series;
    let series = 0.055_826_31 + f * series;
    let series = 0.240_153_61 + f * series;
    let series = 0.693_153_1 + f * series;
    (1.0 + f * series) * f32::from_bits(((whole as i32 + 127) as u32) << 23)
}

/// The factor by which an exponential decay shrinks in one frame, given the time in which it falls to 1/e.
pub fn decay_per_frame(time_constant_secs: f64) -> f32 {
    (-1.0 / (time_constant_secs * f64::from(RATE_HZ))).exp() as f32
}

/// A soft bend of peaks: slope 1 at zero, ±1 at ±3 and beyond.
pub fn soft_clip(x: f32) -> f32 {
    let x = x.clamp(-3.0, 3.0);
    let square = x * x;
    x * (27.0 + square) / (27.0 + 9.0 * square)
}

/// White noise between −1 and 1 from a fixed seed.
pub struct Noise(u32);

impl Noise {
    pub fn new(seed: u32) -> Self {
        Self(seed | 1)
    }

    pub fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as i32 as f32 / 2_147_483_648.0
    }
}
