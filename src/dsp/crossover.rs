//! Five bands of a stereo stream in the time domain, as energies and peaks: what a transient did to each of them.
//!
//! Four state-variable filters one below the other (Zavalishin, The Art of VA Filter Design, 2012, chapter 4; quality
//! 1/√2, so 12 dB an octave): each gives what lies above its edge and hands what lies below to the next. The transforms of
//! the columns are no use here: their windows are longer than an attack.
//!
//! Two filters and both channels are four lanes of one recursion. For that the lower one hears what the upper one gave a
//! frame ago, so that the lowest band comes some frames late, which is nothing beside any attack. The lower two filters
//! run at about 12 kHz, on means of the frames between: that costs half, and takes up to 0.4 dB of what lies at 2 kHz, the
//! same at any time, so that no attack changes by it.

use super::samples::{is_silence, keep_sound};
use super::wide::widely;

/// Frequencies between the bands.
pub const EDGES_HZ: [f64; 4] = [120.0, 500.0, 2_000.0, 8_000.0];
/// Bands, from below the first edge to above the last.
pub const NUM_BANDS: usize = EDGES_HZ.len() + 1;

/// Two edges, left and right.
const LANES: usize = 4;
/// The lower filters run at this rate or a little above, in Hz.
const LOWERED_HZ: u32 = 11_000;
/// What lies below is an offset and no bass: it would fill the lowest band between the drums.
const OFFSET_HZ: f64 = 4.0;
/// An edge this part of the rate or higher cannot be made.
const HIGHEST_EDGE: f64 = 0.45;
/// Twice the damping of a Butterworth filter.
const DAMPING: f64 = std::f64::consts::SQRT_2;
/// What a filter remembers below this is not sound.
const NOTHING: f32 = 1e-15;
/// Frames filtered at once.
const BLOCK: usize = 256;

type Lanes = [f32; LANES];

/// What the bands held over some frames, full scale 1.0, `[band]`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BandEnergies {
    /// Mean of the squares of both channels.
    pub powers: [f32; NUM_BANDS],
    /// Largest square of a sample.
    pub peak_squares: [f32; NUM_BANDS],
}

/// The filters at work.
#[derive(Clone, Debug)]
pub struct Crossover {
    num_bands: usize,
    upper: Stage,
    lower: Stage,
    /// Frames that make one of the lower filters, and the sum of those that have come.
    factor: usize,
    num_summed: usize,
    summed: [f32; 2],
    /// What left and right lie about, and how fast that follows them.
    offset: [f32; 2],
    follows: f32,
}

/// Two filters in a row: what lies above the upper edge, between both, and below.
#[derive(Clone, Copy, Debug)]
struct Stage {
    gains: Gains,
    state: State,
    sums: Sums,
    frames: u32,
}

/// Lanes 0 and 1 are left and right at the upper edge, 2 and 3 at the lower.
#[derive(Clone, Copy, Debug)]
struct Gains {
    first_of_first: Lanes,
    of_first: Lanes,
    first_of_input: Lanes,
    second_of_input: Lanes,
    high_of_input: Lanes,
    high_of_first: Lanes,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    first: Lanes,
    second: Lanes,
    /// What lay below each edge at the last frame.
    below: Lanes,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    above: Lanes,
    above_peaks: Lanes,
    lowest: [f32; 2],
    lowest_peaks: [f32; 2],
}

impl Sums {
    #[inline(always)]
    fn count_lowest(&mut self, frame: [f32; 2]) {
        for (channel, low) in frame.iter().enumerate() {
            let square = low * low;
            self.lowest[channel] += square;
            let peak = self.lowest_peaks[channel];
            self.lowest_peaks[channel] = if square > peak { square } else { peak };
        }
    }
}

/// Moves some of the lanes over a frame.
#[expect(
    clippy::needless_range_loop,
    reason = "counted through, the lanes become one instruction: half the time of an iterator's"
)]
#[inline(always)]
fn step<const FROM: usize, const TO: usize>(
    gains: &Gains,
    state: &mut State,
    sums: &mut Sums,
    input: Lanes,
) {
    for lane in FROM..TO {
        let (first, second) = (state.first[lane], state.second[lane]);
        let apart = input[lane] - second;
        let next = (second + gains.of_first[lane] * first) + gains.second_of_input[lane] * apart;
        state.first[lane] = gains.first_of_first[lane] * first + gains.first_of_input[lane] * apart;
        state.second[lane] = next;
        state.below[lane] = 0.5 * (second + next);
        let high = gains.high_of_input[lane] * apart - gains.high_of_first[lane] * first;
        let square = high * high;
        sums.above[lane] += square;
        let peak = sums.above_peaks[lane];
        sums.above_peaks[lane] = if square > peak { square } else { peak };
    }
}

impl Stage {
    /// With edges as parts of the rate, the upper one first.
    fn new(edges: [f64; 2]) -> Self {
        let of_edge = |edge: f64| {
            let g = (std::f64::consts::PI * edge.min(HIGHEST_EDGE)).tan();
            let a = 1.0 / (1.0 + g * (g + DAMPING));
            [
                2.0 * a - 1.0,
                2.0 * g * a,
                2.0 * g * g * a,
                a,
                (DAMPING + g) * a,
            ]
        };
        let edges = edges.map(of_edge);
        let lanes = |n: usize| -> Lanes { std::array::from_fn(|lane| edges[lane / 2][n] as f32) };
        Self {
            gains: Gains {
                first_of_first: lanes(0),
                of_first: lanes(1),
                first_of_input: lanes(1),
                second_of_input: lanes(2),
                high_of_input: lanes(3),
                high_of_first: lanes(4),
            },
            state: State::default(),
            sums: Sums::default(),
            frames: 0,
        }
    }

    /// Filters frames in place: what lies below both edges is left of them. `COUNTS_LOWEST` says whether that is a band.
    ///
    /// The upper edge is a frame ahead until the end, so that neither edge waits for what the other is at.
    #[inline(always)]
    fn process<const COUNTS_LOWEST: bool>(&mut self, frames: &mut [[f32; 2]]) {
        let Some(&[left, right]) = frames.first() else {
            return;
        };
        let gains = self.gains;
        let (mut state, mut sums) = (self.state, self.sums);
        let mut handed = [state.below[0], state.below[1]];
        step::<0, 2>(&gains, &mut state, &mut sums, [left, right, 0.0, 0.0]);
        for n in 1..frames.len() {
            let input = [frames[n][0], frames[n][1], handed[0], handed[1]];
            handed = [state.below[0], state.below[1]];
            step::<0, LANES>(&gains, &mut state, &mut sums, input);
            frames[n - 1] = [state.below[2], state.below[3]];
            if COUNTS_LOWEST {
                sums.count_lowest(frames[n - 1]);
            }
        }
        let input = [0.0, 0.0, handed[0], handed[1]];
        step::<2, LANES>(&gains, &mut state, &mut sums, input);
        if let Some(last) = frames.last_mut() {
            *last = [state.below[2], state.below[3]];
            if COUNTS_LOWEST {
                sums.count_lowest(*last);
            }
        }
        (self.state, self.sums) = (state, sums);
        self.frames += frames.len() as u32;
    }

    /// Passes over frames that leave it at rest, as zeros do once it is; false of others.
    fn rests_through(&mut self, frames: &[[f32; 2]]) -> bool {
        let State {
            first,
            second,
            below,
        } = self.state;
        let rests =
            [first, second, below] == [[0.0; LANES]; 3] && is_silence(frames.as_flattened());
        if rests {
            self.frames += frames.len() as u32;
        }
        rests
    }

    /// What was heard since the last call: mean powers and largest squares below both edges, between and above them.
    fn take(&mut self) -> [[f32; 2]; 3] {
        let sums = std::mem::take(&mut self.sums);
        let share = 0.5 / std::mem::take(&mut self.frames).max(1) as f32;
        for lane in (self.state.first.iter_mut()).chain(&mut self.state.second) {
            if lane.abs() < NOTHING {
                *lane = 0.0;
            }
        }
        let of = |[left, right]: [f32; 2], peaks: [f32; 2]| {
            [share * (left + right), peaks[0].max(peaks[1])]
        };
        let pair = |lanes: &Lanes, n: usize| [lanes[2 * n], lanes[2 * n + 1]];
        let above = |n: usize| of(pair(&sums.above, n), pair(&sums.above_peaks, n));
        [of(sums.lowest, sums.lowest_peaks), above(1), above(0)]
    }

    fn clear(&mut self) {
        self.state = State::default();
        self.sums = Sums::default();
        self.frames = 0;
    }
}

widely! {
    fn filter_upper(stage: &mut Stage, frames: &mut [[f32; 2]]) {
        stage.process::<false>(frames);
    }
}

widely! {
    fn filter_lower(stage: &mut Stage, frames: &mut [[f32; 2]]) {
        stage.process::<true>(frames);
    }
}

impl Crossover {
    /// Filters at rest.
    pub fn new(sample_rate_hz: u32) -> Self {
        let rate_hz = f64::from(sample_rate_hz.max(1));
        let mut factor = 1;
        while sample_rate_hz / (2 * factor) >= LOWERED_HZ {
            factor *= 2;
        }
        let made = EDGES_HZ.iter().filter(|hz| **hz < HIGHEST_EDGE * rate_hz);
        let part = |edge: usize, factor: u32| EDGES_HZ[edge] * f64::from(factor) / rate_hz;
        Self {
            num_bands: made.count() + 1,
            upper: Stage::new([part(3, 1), part(2, 1)]),
            lower: Stage::new([part(1, factor), part(0, factor)]),
            factor: factor as usize,
            num_summed: 0,
            summed: [0.0; 2],
            offset: [0.0; 2],
            follows: (std::f64::consts::TAU * OFFSET_HZ * factor as f64 / rate_hz) as f32,
        }
    }

    /// Bands that the sample rate can hold, from the lowest.
    pub fn num_bands(&self) -> usize {
        self.num_bands
    }

    /// Hears frames.
    pub fn process(&mut self, frames: &[[f32; 2]]) {
        let mut block = [[0.0; 2]; BLOCK];
        for frames in frames.chunks(BLOCK) {
            let block = &mut block[..frames.len()];
            block.copy_from_slice(frames);
            keep_sound(block.as_flattened_mut());
            if !self.upper.rests_through(block) {
                filter_upper(&mut self.upper, block);
            }
            let lowered = self.lower_rate(block);
            filter_lower(&mut self.lower, &mut block[..lowered]);
        }
    }

    /// Puts the means of so many frames at a time, without their offset, at the beginning of a block; returns how many
    /// there are.
    fn lower_rate(&mut self, block: &mut [[f32; 2]]) -> usize {
        let share = 1.0 / self.factor as f32;
        let (mut summed, mut num_summed, mut lowered) = (self.summed, self.num_summed, 0);
        let mut at = 0;
        while at < block.len() {
            let end = block.len().min(at + self.factor - num_summed);
            for frame in &block[at..end] {
                summed = [summed[0] + frame[0], summed[1] + frame[1]];
            }
            num_summed += end - at;
            at = end;
            if num_summed == self.factor {
                let mean = summed.map(|sum| share * sum);
                for (offset, mean) in self.offset.iter_mut().zip(mean) {
                    *offset += self.follows * (mean - *offset);
                }
                block[lowered] = [mean[0] - self.offset[0], mean[1] - self.offset[1]];
                lowered += 1;
                (summed, num_summed) = ([0.0; 2], 0);
            }
        }
        (self.summed, self.num_summed) = (summed, num_summed);
        lowered
    }

    /// What was heard since the last call.
    pub fn take(&mut self) -> BandEnergies {
        let [_, fourth, fifth] = self.upper.take();
        let [first, second, third] = self.lower.take();
        for offset in &mut self.offset {
            if offset.abs() < NOTHING {
                *offset = 0.0;
            }
        }
        let bands = [first, second, third, fourth, fifth];
        BandEnergies {
            powers: bands.map(|[power, _]| power),
            peak_squares: bands.map(|[_, peak]| peak),
        }
    }

    /// Forgets what was heard.
    pub fn clear(&mut self) {
        self.upper.clear();
        self.lower.clear();
        self.num_summed = 0;
        self.summed = [0.0; 2];
        self.offset = [0.0; 2];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::signals::Signal;
    use crate::units::db::db_from_power;

    /// Levels of the bands of a tone of −6 dBFS, dB.
    fn levels_db(rate_hz: u32, hz: f64) -> Vec<f64> {
        let tone = Signal::new(rate_hz, 2).tone(hz, -6.0, 2.0);
        let frames = tone.samples.as_chunks::<2>().0;
        let (before, heard) = frames.split_at(frames.len() / 2);
        let mut crossover = Crossover::new(rate_hz);
        crossover.process(before);
        crossover.take();
        crossover.process(heard);
        let powers = crossover.take().powers;
        let power = |power: &f32| db_from_power(2.0 * f64::from(*power));
        powers[..crossover.num_bands()].iter().map(power).collect()
    }

    #[test]
    fn a_tone_is_in_its_band_and_little_of_it_in_others_at_every_rate() {
        for rate_hz in [32_000, 44_100, 48_000, 96_000, 192_000] {
            for (band, hz) in [30.0, 245.0, 1_000.0, 4_000.0, 13_500.0]
                .into_iter()
                .enumerate()
            {
                let levels = levels_db(rate_hz, hz);
                assert!(
                    (levels[band] + 6.0).abs() < 1.0,
                    "{rate_hz} {hz}: {levels:?}"
                );
                for (other, level) in levels.iter().enumerate() {
                    let octaves = other.abs_diff(band) as f64;
                    let most = -6.0 - 8.0 * octaves;
                    assert!(other == band || *level < most, "{rate_hz} {hz}: {levels:?}");
                }
            }
        }
    }

    #[test]
    fn an_offset_is_no_bass() {
        for rate_hz in [44_100, 96_000] {
            let tone = Signal::new(rate_hz, 2).tone(60.0, -26.0, 4.0);
            let frames = tone.samples.as_chunks::<2>().0;
            let moved = frames.iter().map(|[left, right]| [left + 0.3, right - 0.2]);
            let moved: Vec<[f32; 2]> = moved.collect();
            let power_db = |frames: &[[f32; 2]]| {
                let (before, heard) = frames.split_at(frames.len() / 2);
                let mut crossover = Crossover::new(rate_hz);
                crossover.process(before);
                crossover.take();
                crossover.process(heard);
                db_from_power(f64::from(crossover.take().powers[0]))
            };
            let apart = power_db(&moved) - power_db(frames);
            assert!(apart.abs() < 0.01, "{rate_hz}: {apart}");
        }
    }

    #[test]
    fn an_edge_is_3_db_down_on_both_sides() {
        for hz in EDGES_HZ {
            let band = EDGES_HZ
                .iter()
                .position(|edge| *edge == hz)
                .expect("its own");
            let levels = levels_db(96_000, hz);
            // The means of the lower rate take 0.4 dB at 2 kHz.
            let taken_db = if hz == 2_000.0 { [0.4, 0.0] } else { [0.0; 2] };
            for (level, taken_db) in levels[band..band + 2].iter().zip(taken_db) {
                let expected = -9.03 - taken_db;
                assert!((level - expected).abs() < 0.1, "{hz}: {levels:?}");
            }
        }
    }

    #[test]
    fn a_low_rate_has_the_bands_that_it_can_hold_and_broken_samples_are_silence() {
        for (rate_hz, bands) in [(4_000, 3), (16_000, 4), (22_050, 5)] {
            assert_eq!(Crossover::new(rate_hz).num_bands(), bands, "{rate_hz}");
        }
        let mut crossover = Crossover::new(48_000);
        crossover.process(&[[f32::NAN, f32::INFINITY], [1e30, 0.0]]);
        assert_eq!(crossover.take(), BandEnergies::default());
    }
}
