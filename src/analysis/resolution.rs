//! The three resolutions of a column: which windows, at which rates, for which part of the grid.
//!
//! One transform size is wrong everywhere: too coarse for the kick, too slow for the hat. Windows of 683, 171 and
//! 40 ms (32768, 8192 and 1920 frames at 48 kHz) are cross-faded over an octave each. The long ones only serve low
//! frequencies and run at a lowered sample rate, which costs a tenth of long transforms at the full one.

use std::ops::Range;

use crate::dsp::grid::{BINS_PER_OCTAVE, NUM_BINS, bin_from_hz, num_bins_below_nyquist};
use crate::dsp::resolution_band::CellSpectrum;
use crate::dsp::wide::widely;

use super::slice::Slice;

/// Number of resolutions; index 0 is the shortest window.
pub const NUM_RESOLUTIONS: usize = 3;
/// Window lengths in seconds, shortest first. 40 ms and not 43: a click then has 90 % of its energy within ±10 ms
/// also at 44.1 kHz, where columns lie a little closer than at 48 kHz.
pub const WINDOW_SECS: [f64; NUM_RESOLUTIONS] = [0.04, 8192.0 / 48_000.0, 32_768.0 / 48_000.0];
/// Each resolution hands over to the next longer one within the octave above this frequency in Hz.
const FADE_START_HZ: [f64; NUM_RESOLUTIONS - 1] = [1600.0, 200.0];
/// Lowest sample rates in Hz that still hold what a resolution serves, shortest window first. 44.1 kHz divided by
/// 4 and by 32 just reaches the latter two.
const LOWEST_RATE_HZ: [f64; NUM_RESOLUTIONS] = [64_000.0, 11_025.0, 1378.125];
/// Highest frequency in Hz a resolution must hold unharmed, main lobe included.
const PASSBAND_HZ: [f64; NUM_RESOLUTIONS] = [26_800.0, 3300.0, 410.0];

/// How far from a tone, in Hz, its lobe has fallen by 20 dB where the shortest window that has a part shows it: 2.5 bins of
/// a transform as long as the window, which is Blackman-Harris.
pub fn lobe_hz(hz: f64) -> f64 {
    let [shortest_from, middle_from] = FADE_START_HZ;
    let resolution = match hz {
        _ if hz >= shortest_from => 0,
        _ if hz >= middle_from => 1,
        _ => 2,
    };
    2.5 / WINDOW_SECS[resolution]
}

/// By how much each resolution lowers the rate of a stream; each factor divides the next.
pub fn decimation_factors(sample_rate_hz: u32) -> [usize; NUM_RESOLUTIONS] {
    LOWEST_RATE_HZ.map(|lowest_hz| {
        let mut factor = 1;
        while f64::from(sample_rate_hz) / (2 * factor) as f64 >= lowest_hz {
            factor *= 2;
        }
        factor
    })
}

/// Highest frequency in Hz that the decimation to a resolution must leave unharmed.
pub fn passband_hz(resolution: usize) -> f64 {
    PASSBAND_HZ[resolution]
}

/// Frames between columns: column `i` is centred on frame `i · hop`. 512 at 48 kHz, never above 10.7 ms, and a
/// multiple of every decimation factor, so that all windows of a column share their centre exactly.
pub fn hop_frames(sample_rate_hz: u32) -> usize {
    let [_, _, factor] = decimation_factors(sample_rate_hz);
    let longest = sample_rate_hz as usize * 512 / 48_000;
    (longest / factor * factor).max(factor)
}

/// The grid cells each resolution serves at a sample rate, cross-fades included.
pub fn cells_of_resolutions(sample_rate_hz: u32) -> [Range<usize>; NUM_RESOLUTIONS] {
    let present = num_bins_below_nyquist(sample_rate_hz);
    let fade_start = FADE_START_HZ.map(|hz| bin_from_hz(hz).ceil() as usize);
    let fade_end = FADE_START_HZ.map(|hz| bin_from_hz(2.0 * hz) as usize + 1);
    let range = |start: usize, end: usize| {
        let end = end.min(present);
        // Streams of very low rates end below a resolution's range: it then serves a few cells for nothing.
        start.min(end.saturating_sub(8))..end
    };
    [
        range(fade_start[0], NUM_BINS),
        range(fade_start[1], fade_end[0]),
        range(0, fade_end[1]),
    ]
}

/// Joins the resolutions, each given with its cells, shortest window first: levels and ratios fade in dB.
pub fn join(parts: [(&Range<usize>, &CellSpectrum); NUM_RESOLUTIONS], slice: &mut Slice) {
    join_values(
        parts.map(|(cells, part)| (cells, &part.level_db[..])),
        &mut slice.level_db,
    );
    join_values(
        parts.map(|(cells, part)| (cells, &part.left_to_right_db[..])),
        &mut slice.left_to_right_db,
    );
    join_values(
        parts.map(|(cells, part)| (cells, &part.side_to_mid_db[..])),
        &mut slice.side_to_mid_db,
    );
}

/// As [`join`], for the cells of the longest window only, from cell `first` on, which lies not above those that it shares
/// with the next.
pub fn join_lows(
    parts: [(&Range<usize>, &CellSpectrum); NUM_RESOLUTIONS],
    first: usize,
    slice: &mut Slice,
) {
    let [(_, _), (middle_cells, middle), (long_cells, long)] = parts;
    let end = long_cells.end;
    let fading = middle_cells.start..end.max(middle_cells.start);
    let (nothing, wanted) = (end..end, first..end);
    let lows = |middle: &[f32], long: &[f32], joined: &mut [f32]| {
        let (middle, long) = (&middle[..fading.len()], &long[wanted.clone()]);
        join_values(
            [(&nothing, &[]), (&fading, middle), (&wanted, long)],
            joined,
        );
    };
    lows(&middle.level_db, &long.level_db, &mut slice.level_db);
    lows(
        &middle.left_to_right_db,
        &long.left_to_right_db,
        &mut slice.left_to_right_db,
    );
    lows(
        &middle.side_to_mid_db,
        &long.side_to_mid_db,
        &mut slice.side_to_mid_db,
    );
}

/// Joins one value per cell in dB. Cells above the highest keep what they have.
pub fn join_values(parts: [(&Range<usize>, &[f32]); NUM_RESOLUTIONS], joined: &mut [f32]) {
    let [short, middle, long] = parts;
    joined[long.0.clone()].copy_from_slice(long.1);
    for ((cells, values), fade_start_hz) in [(middle, FADE_START_HZ[1]), (short, FADE_START_HZ[0])]
    {
        let fade_start = bin_from_hz(fade_start_hz) as f32;
        let fade_end = bin_from_hz(2.0 * fade_start_hz) as usize + 1;
        let fade_len = fade_end.saturating_sub(cells.start).min(cells.len());
        let (fading, alone) = values.split_at(fade_len);
        let first = cells.start as f32 - fade_start;
        fade(fading, first, &mut joined[cells.start..][..fade_len]);
        joined[cells.start + fade_len..cells.end].copy_from_slice(alone);
    }
}

widely! {
    /// Goes over to other values within an octave, the first of which lies so many cells behind its start.
    fn fade(values: &[f32], first: f32, joined: &mut [f32]) {
        for (n, (joined, value)) in joined.iter_mut().zip(values).enumerate() {
            let weight = ((first + n as f32) / BINS_PER_OCTAVE as f32).clamp(0.0, 1.0);
            *joined += weight * (value - *joined);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_are_whole_frames_of_every_resolution_and_never_too_long() {
        assert_eq!(hop_frames(48_000), 512);
        for rate_hz in [
            8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000, 176_400,
            192_000, 352_800, 384_000,
        ] {
            let hop = hop_frames(rate_hz);
            for factor in decimation_factors(rate_hz) {
                assert_eq!(hop % factor, 0, "{rate_hz} Hz");
            }
            let hop_ms = 1000.0 * hop as f64 / f64::from(rate_hz);
            assert!((9.8..10.7).contains(&hop_ms), "{hop_ms} ms at {rate_hz} Hz");
        }
    }

    #[test]
    fn resolutions_cover_the_grid_up_to_nyquist() {
        for rate_hz in [8000, 44_100, 48_000, 192_000] {
            let [short, middle, long] = cells_of_resolutions(rate_hz);
            assert_eq!(long.start, 0);
            assert!(middle.start < long.end && short.start < middle.end);
            assert_eq!(short.end, num_bins_below_nyquist(rate_hz));
        }
    }

    #[test]
    fn cross_fades_run_from_one_resolution_to_the_next() {
        let ranges = cells_of_resolutions(48_000);
        let values: Vec<Vec<f32>> = (0..3).map(|n| vec![n as f32; ranges[n].len()]).collect();
        let mut joined = vec![-1.0; NUM_BINS];
        join_values(
            std::array::from_fn(|n| (&ranges[n], &values[n][..])),
            &mut joined,
        );
        let at = |hz: f64| joined[bin_from_hz(hz).round() as usize];
        assert_eq!(
            (at(50.0), at(199.0), at(800.0), at(10_000.0)),
            (2.0, 2.0, 1.0, 0.0)
        );
        assert!((at(200.0 * 2f64.sqrt()) - 1.5).abs() < 0.02);
        assert!((at(1600.0 * 2f64.sqrt()) - 0.5).abs() < 0.02);
        assert!(
            joined
                .windows(2)
                .all(|pair| pair[1] <= pair[0] || pair[1] == -1.0)
        );
    }
}
