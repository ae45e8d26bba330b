//! One resolution of the multi-resolution spectrum: a windowed transform of stereo frames, read off on the cells
//! of the frequency grid that this resolution serves.
//!
//! A cell shows the **maximum of the interpolated spectrum within the cell**, a cell being everything nearer to
//! its grid bin than to the next. So a sine reads its level wherever it lies, both where cells are narrower than
//! transform bins and where they are wider. Between transform bins the logarithm of the power is interpolated,
//! because the main lobe of Blackman-Harris is nearly a parabola in dB; picking transform bins alone would read up
//! to 0.83 dB low.

mod peaks;

use std::ops::Range;
use std::sync::Arc;

use glam::{Mat4, Vec4};
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::dsp::fast_math::{DB_PER_LOG2, db_from_power, log2};
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::grid::hz_from_bin;
use crate::dsp::wide::widely;
use crate::dsp::window::blackman_harris;
use peaks::Peaks;

/// Added to every power, so that silence has a logarithm: −200 dB.
const SILENCE_POWER: f32 = 1e-20;
/// Levels at so many borders are computed at once.
const BORDERS_AT_ONCE: usize = 4;

/// What the cells of one resolution show at one time. Arrays are `[cell - cells.start]`.
#[derive(Clone, Debug, Default)]
pub struct CellSpectrum {
    /// Mean power of left and right as a tone level in dBFS.
    pub level_db: Vec<f32>,
    /// Left to right power ratio in dB.
    pub left_to_right_db: Vec<f32>,
    /// Side to mid power ratio in dB.
    pub side_to_mid_db: Vec<f32>,
    /// Whether all of it is what digital silence shows.
    pub is_silence: bool,
}

impl CellSpectrum {
    /// Silence for a number of cells.
    pub fn silent(num_cells: usize) -> Self {
        Self {
            level_db: vec![-200.0; num_cells],
            left_to_right_db: vec![0.0; num_cells],
            side_to_mid_db: vec![0.0; num_cells],
            is_silence: true,
        }
    }

    /// Becomes silence.
    pub fn silence(&mut self) {
        if !std::mem::replace(&mut self.is_silence, true) {
            self.level_db.fill(-200.0);
            self.left_to_right_db.fill(0.0);
            self.side_to_mid_db.fill(0.0);
        }
    }
}

/// Powers of the transform bins, `[bin - first_bin]`; a full-scale sine on a bin is 1.0. Of each bin in a row: of the left
/// channel, of the right one, the real part of left times conjugate right, and nothing. Four numbers are one load.
#[derive(Clone, Debug, Default)]
pub struct BinPowers(pub Vec<[f32; 4]>);

/// A resolution: window, transform and the way onto the grid.
pub struct ResolutionBand {
    cells: Range<usize>,
    bin_width_hz: f64,
    first_bin: usize,
    /// The same weight for left and for right.
    window: Vec<[f32; 2]>,
    fft: Arc<dyn Fft<f32>>,
    /// The borders of the cells, one more than cells and as many as make whole fours.
    borders: Vec<Border>,
    /// The centres of the cells.
    centres: Vec<Centre>,
    peaks: Peaks,
    spectrum: Vec<Complex32>,
    scratch: Vec<Complex32>,
    powers: BinPowers,
    /// Whether they are all 0.
    is_silence: bool,
    bin_levels_db: Vec<f32>,
    /// Levels at the borders.
    border_levels_db: Vec<f32>,
    /// Powers at the cells, for the two ratios.
    cell_powers: BinPowers,
}

/// Where to read between transform bins.
#[derive(Clone, Copy)]
struct Border {
    /// Index into the arrays of powers of the bin before the one just below.
    first: u32,
    /// Weights of the four bins from there on (Catmull-Rom).
    cubic: [f32; 4],
}

/// The same on a straight line.
#[derive(Clone, Copy)]
struct Centre {
    /// Index into the arrays of powers of the bin just below.
    below: u32,
    /// Part of a bin above it.
    part: f32,
}

impl ResolutionBand {
    /// A window of a length in seconds at a rate in Hz, for a range of grid cells below Nyquist. Powers of transform
    /// bins are there from the first cell on, or from a lower frequency.
    pub fn new(rate_hz: f64, window_secs: f64, cells: Range<usize>, powers_from_hz: f64) -> Self {
        let window_frames = 2 * (window_secs * rate_hz / 2.0).round() as usize;
        let fft_len = transform_len(window_frames);
        let fft = FftPlanner::new().plan_fft_forward(fft_len);
        let bin_width_hz = rate_hz / fft_len as f64;
        let low_hz = hz_from_bin(cells.start as f64 - 0.5);
        let high_hz = hz_from_bin(cells.end as f64 - 0.5);
        // One bin below and two above the outermost borders serve the cubic; past Nyquist the bins mirror.
        let first_bin = (low_hz.min(powers_from_hz) / bin_width_hz) as usize - 1;
        let num_bins = ((high_hz / bin_width_hz) as usize + 3).min(fft_len - 1) - first_bin;
        let at = |cell: f64| hz_from_bin(cell) / bin_width_hz - first_bin as f64;
        let num_cells = cells.len();
        let num_borders = (num_cells + 1).next_multiple_of(BORDERS_AT_ONCE);
        let border = |n: usize| at((cells.start + n.min(num_cells)) as f64 - 0.5);
        Self {
            bin_width_hz,
            first_bin,
            window: scaled_window(window_frames),
            borders: (0..num_borders).map(|n| Border::new(border(n))).collect(),
            centres: cells
                .clone()
                .map(|cell| Centre::new(at(cell as f64)))
                .collect(),
            peaks: Peaks::new(first_bin..first_bin + num_bins, bin_width_hz, cells.start),
            spectrum: vec![Complex32::default(); fft_len],
            scratch: vec![Complex32::default(); fft.get_inplace_scratch_len()],
            powers: BinPowers::zero(num_bins),
            is_silence: true,
            bin_levels_db: vec![0.0; num_bins],
            border_levels_db: vec![0.0; num_borders],
            cell_powers: BinPowers::zero(num_cells),
            cells,
            fft,
        }
    }

    /// The grid cells this resolution serves.
    pub fn cells(&self) -> Range<usize> {
        self.cells.clone()
    }

    /// Frames in a window; its centre is frame `window_frames() / 2`.
    pub fn window_frames(&self) -> usize {
        self.window.len()
    }

    /// Distance of transform bins in Hz.
    pub fn bin_width_hz(&self) -> f64 {
        self.bin_width_hz
    }

    /// Equivalent noise bandwidth in transform bins, zero-padding included: what power sums are divided by.
    pub fn enbw_bins(&self) -> f64 {
        let padding = self.spectrum.len() as f64 / self.window.len() as f64;
        crate::dsp::window::BLACKMAN_HARRIS_ENBW_BINS * padding
    }

    /// The transform bin of index 0 in [`powers`](Self::powers).
    pub fn first_bin(&self) -> usize {
        self.first_bin
    }

    /// The powers of the last [`transform`](Self::transform).
    pub fn powers(&self) -> &BinPowers {
        &self.powers
    }

    /// Transforms one window of frames and reads it off on the cells.
    pub fn transform(&mut self, frames: &[StereoFrame], cells: &mut CellSpectrum) {
        self.transform_both_channels(frames);
        read_off(self, cells);
        (self.is_silence, cells.is_silence) = (false, false);
    }

    /// The same of a window of zeros, of which nothing needs to be transformed.
    pub fn transform_silence(&mut self, cells: &mut CellSpectrum) {
        if !std::mem::replace(&mut self.is_silence, true) {
            self.powers.0.fill([0.0; 4]);
        }
        cells.silence();
    }

    /// Left as real and right as imaginary part: one complex transform serves both.
    fn transform_both_channels(&mut self, frames: &[StereoFrame]) {
        let (windowed, padding) = self.spectrum.split_at_mut(self.window.len());
        multiply(frames, &self.window, windowed);
        padding.fill(Complex32::default());
        self.fft
            .process_with_scratch(&mut self.spectrum, &mut self.scratch);
    }

    /// Separates the channels by the symmetry of real signals' spectra: 2 L = Z[k] + Z*[N−k], 2 i R = Z[k] − Z*[N−k].
    #[inline(always)]
    fn unpack_powers(&mut self) {
        let num_bins = self.powers.0.len();
        let upper = &self.spectrum[self.first_bin..][..num_bins];
        let mirror_start = self.spectrum.len() - self.first_bin - num_bins + 1;
        let mirrored = &self.spectrum[mirror_start..][..num_bins];
        let powers = &mut self.powers.0[..num_bins];
        let levels_db = &mut self.bin_levels_db[..num_bins];
        for n in 0..num_bins {
            let (z, m) = (upper[n], mirrored[num_bins - 1 - n]);
            let (left_re, left_im) = (z.re + m.re, z.im - m.im);
            let (right_re, right_im) = (z.im + m.im, m.re - z.re);
            let left = left_re * left_re + left_im * left_im;
            let right = right_re * right_re + right_im * right_im;
            let cross = left_re * right_re + left_im * right_im;
            powers[n] = [left, right, cross, 0.0];
            levels_db[n] = 0.5 * (left + right) + SILENCE_POWER;
        }
        for level_db in levels_db {
            *level_db = db_from_power(*level_db);
        }
    }

    /// The larger of the levels at the two borders of each cell.
    #[inline(always)]
    fn interpolate_levels(&mut self, cells: &mut CellSpectrum) {
        let levels_db = &self.bin_levels_db[..];
        let weighted = |border: &Border| {
            let around = &levels_db[border.first as usize..][..4];
            Vec4::from_array(border.cubic) * Vec4::from_slice(around)
        };
        let borders = self.borders.as_chunks::<BORDERS_AT_ONCE>().0;
        let levels = self.border_levels_db.as_chunks_mut::<BORDERS_AT_ONCE>().0;
        for (levels, [a, b, c, d]) in levels.iter_mut().zip(borders) {
            let four = Mat4::from_cols(weighted(a), weighted(b), weighted(c), weighted(d));
            let four = four.transpose();
            *levels = ((four.x_axis + four.y_axis) + (four.z_axis + four.w_axis)).to_array();
        }
        let num_cells = cells.level_db.len();
        let (lower, upper) = (
            &self.border_levels_db[..num_cells],
            &self.border_levels_db[1..][..num_cells],
        );
        for n in 0..num_cells {
            cells.level_db[n] = lower[n].max(upper[n]);
        }
    }

    /// The powers at the cells' centres, on the straight line between transform bins.
    #[inline(always)]
    fn interpolate_powers(&mut self) {
        let powers = &self.powers.0[..];
        for (cell, centre) in self.cell_powers.0.iter_mut().zip(&self.centres) {
            let around = &powers[centre.below as usize..][..2];
            let (below, above) = (Vec4::from_array(around[0]), Vec4::from_array(around[1]));
            *cell = (below + centre.part * (above - below)).to_array();
        }
    }

    #[inline(always)]
    fn compute_ratios(&self, cells: &mut CellSpectrum) {
        let num_cells = self.centres.len();
        let powers = &self.cell_powers.0[..num_cells];
        let left_to_right_db = &mut cells.left_to_right_db[..num_cells];
        let side_to_mid_db = &mut cells.side_to_mid_db[..num_cells];
        for n in 0..num_cells {
            let [left, right, cross, _] = powers[n];
            let (sum, cross) = (left + right, 2.0 * cross);
            // Rounding can make a side of nothing slightly negative.
            let side = (sum - cross).max(0.0) + SILENCE_POWER;
            let mid = (sum + cross).max(0.0) + SILENCE_POWER;
            left_to_right_db[n] = ratio_db(left + SILENCE_POWER, right + SILENCE_POWER);
            side_to_mid_db[n] = ratio_db(side, mid);
        }
    }
}

widely! {
    /// Frames times a window, of which each weight stands there for left and for right. Both are even.
    fn multiply(frames: &[StereoFrame], window: &[[f32; 2]], product: &mut [Complex32]) {
        let frames = frames.as_chunks::<2>().0.iter().zip(window.as_chunks::<2>().0);
        for (two, (frames, weights)) in product.as_chunks_mut::<2>().0.iter_mut().zip(frames) {
            let [a, b, c, d] = (Vec4::from_slice(frames.as_flattened())
                * Vec4::from_slice(weights.as_flattened())).to_array();
            *two = [Complex32::new(a, b), Complex32::new(c, d)];
        }
    }
}

widely! {
    /// What the cells show of a transform.
    fn read_off(band: &mut ResolutionBand, cells: &mut CellSpectrum) {
        band.unpack_powers();
        band.interpolate_levels(cells);
        band.interpolate_powers();
        band.peaks.find(&band.bin_levels_db);
        band.peaks.raise(&mut cells.level_db, &band.powers.0, &mut band.cell_powers.0);
        band.compute_ratios(cells);
    }
}

#[inline(always)]
fn ratio_db(numerator: f32, denominator: f32) -> f32 {
    DB_PER_LOG2 * log2(numerator / denominator)
}

impl BinPowers {
    /// Silence.
    pub fn zero(len: usize) -> Self {
        Self(vec![[0.0; 4]; len])
    }
}

impl Border {
    fn new(position: f64) -> Self {
        let below = position.floor();
        let t = position - below;
        let (t2, t3) = (t * t, t * t * t);
        let cubic = [
            0.5 * (2.0 * t2 - t - t3),
            0.5 * (2.0 - 5.0 * t2 + 3.0 * t3),
            0.5 * (t + 4.0 * t2 - 3.0 * t3),
            0.5 * (t3 - t2),
        ];
        Self {
            first: below as u32 - 1,
            cubic: cubic.map(|weight| weight as f32),
        }
    }
}

impl Centre {
    fn new(position: f64) -> Self {
        let below = position.floor();
        Self {
            below: below as u32,
            part: (position - below) as f32,
        }
    }
}

/// The window times 1/Σw: separating the channels doubles amplitudes, so that a full-scale sine reads A = 2|X|/Σw.
fn scaled_window(len: usize) -> Vec<[f32; 2]> {
    let window = blackman_harris(len);
    let sum: f64 = window.iter().sum();
    window.iter().map(|w| [(w / sum) as f32; 2]).collect()
}

/// The next length that a transform does fast: a power of two, possibly times 3 or 9.
fn transform_len(window_frames: usize) -> usize {
    let power_of_two_times = |odd: usize| odd * window_frames.div_ceil(odd).next_power_of_two();
    [1, 3, 9]
        .map(power_of_two_times)
        .into_iter()
        .min()
        .unwrap_or(window_frames)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::grid::{BINS_PER_OCTAVE, bin_from_hz};
    use std::f64::consts::TAU;

    #[test]
    fn silence_is_what_its_transform_would_have_been() {
        let mut band = ResolutionBand::new(12_000.0, 0.170667, 200..300, 200.0);
        let frames = vec![[0.0; 2]; band.window_frames()];
        let sound = vec![[0.3, -0.2]; band.window_frames()];
        let mut transformed = CellSpectrum::silent(100);
        band.transform(&sound, &mut transformed);
        band.transform(&frames, &mut transformed);
        let powers = band.powers().clone();
        let mut silence = CellSpectrum::silent(100);
        band.transform(&sound, &mut silence);
        band.transform_silence(&mut silence);
        assert_eq!(band.powers().0, powers.0);
        for cell in 0..100 {
            assert!((silence.level_db[cell] - transformed.level_db[cell]).abs() < 1e-3);
            assert!(transformed.left_to_right_db[cell].abs() < 1e-3);
            assert!(transformed.side_to_mid_db[cell].abs() < 1e-3);
        }
        assert!(silence.left_to_right_db.iter().all(|db| *db == 0.0));
        assert!(silence.side_to_mid_db.iter().all(|db| *db == 0.0));
    }

    #[test]
    fn a_full_scale_sine_reads_its_level_at_any_frequency_and_in_the_right_cell() {
        for (rate_hz, window_secs, low_hz, high_hz) in [
            (1500.0, 0.682667, 16.5, 400.0),
            (12_000.0, 0.170667, 200.0, 3200.0),
            (11_025.0, 0.170667, 200.0, 3200.0),
            (48_000.0, 0.0426667, 1600.0, 21_000.0),
        ] {
            let cells = bin_from_hz(low_hz) as usize..bin_from_hz(high_hz) as usize;
            let mut band = ResolutionBand::new(rate_hz, window_secs, cells.clone(), low_hz);
            let mut spectrum = CellSpectrum::silent(cells.len());
            for step in 0..cells.len() * 3 {
                let cell = cells.start as f64
                    + 2.0
                    + step as f64 * (cells.len() - 5) as f64 / (cells.len() * 3) as f64;
                let frequency_hz = hz_from_bin(cell);
                let radians = TAU * frequency_hz / rate_hz;
                let sine = |n: usize| (radians * n as f64 + 0.3).sin() as f32;
                let frames: Vec<_> = (0..band.window_frames()).map(|n| [sine(n); 2]).collect();
                band.transform(&frames, &mut spectrum);
                let (peak, level_db) = spectrum
                    .level_db
                    .iter()
                    .copied()
                    .enumerate()
                    .max_by(|a, b| a.1.total_cmp(&b.1))
                    .expect("there are cells");
                assert!(
                    level_db.abs() < 0.05,
                    "{frequency_hz} Hz reads {level_db} dB"
                );
                // Half a cell, and what interpolation between transform bins may be off.
                let bin_cells =
                    band.bin_width_hz() * BINS_PER_OCTAVE * std::f64::consts::LOG2_E / frequency_hz;
                let distance = (peak + cells.start) as f64 - cell;
                assert!(
                    distance.abs() < 0.55 + 0.06 * bin_cells,
                    "{frequency_hz} Hz shows {distance} cells off"
                );
                assert!(spectrum.left_to_right_db[peak].abs() < 0.01);
                assert!(spectrum.side_to_mid_db[peak] < -48.0);
            }
        }
    }
}
