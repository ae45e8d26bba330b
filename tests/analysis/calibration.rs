//! Tone levels are true: on and between bins, at every sample rate, through the cross-fades; and two close tones and
//! a click are both resolved in the same picture.

use std::f64::consts::TAU;

use abscope::analysis::analyzer::Analyzer;
use abscope::analysis::column::{Column, TierColumn, level_db};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::dsp::grid::{bin_from_hz, hz_from_bin};

fn stereo(sample_rate_hz: u32) -> StreamFormat {
    StreamFormat {
        sample_rate_hz,
        layout: ChannelLayout::Stereo,
    }
}

/// All columns of tier 0 of a mono signal in both channels.
fn columns_of(sample_rate_hz: u32, signal: impl Fn(usize) -> f64, frames: usize) -> Vec<Column> {
    let samples: Vec<f32> = (0..frames).flat_map(|n| [signal(n) as f32; 2]).collect();
    let mut analyzer = Analyzer::new(stereo(sample_rate_hz));
    let mut columns = Vec::new();
    analyzer.process(&samples, &mut columns);
    analyzer.finish(&mut columns);
    finest(&columns)
}

/// White noise, uniform in ±0.5, by hashing the frame's number.
fn noise(n: usize) -> f64 {
    let mut bits = (n as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits >> 11) as f64 / (1u64 << 53) as f64 - 0.5
}

fn finest(columns: &[TierColumn]) -> Vec<Column> {
    columns
        .iter()
        .filter(|c| c.tier == 0)
        .map(|c| c.column)
        .collect()
}

fn peak(column: &Column) -> (usize, f32) {
    let levels = column
        .bins
        .iter()
        .map(|&bin| level_db(bin).unwrap_or(-200.0));
    levels
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .expect("a column has bins")
}

#[test]
fn a_full_scale_sine_reads_its_level_at_every_rate_and_frequency() {
    for rate_hz in [
        8000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000, 384_000,
    ] {
        let top_hz = 20_000f64.min(0.45 * f64::from(rate_hz));
        let mut worst: (f32, f64) = (0.0, 0.0);
        // A step that is no multiple of the grid: frequencies fall on and between bins of grid and transforms.
        let mut bin = bin_from_hz(22.0);
        while bin < bin_from_hz(top_hz) {
            let frequency_hz = hz_from_bin(bin);
            let radians = TAU * frequency_hz / f64::from(rate_hz);
            let columns = columns_of(
                rate_hz,
                |n| (radians * n as f64).sin(),
                rate_hz as usize * 8 / 10,
            );
            let (peak_bin, peak_db) = peak(&columns[columns.len() / 2]);
            if peak_db.abs() > worst.0.abs() {
                worst = (peak_db, frequency_hz);
            }
            assert!(
                peak_db.abs() < 0.1,
                "{frequency_hz} Hz at {rate_hz} Hz reads {peak_db} dB"
            );
            let distance = peak_bin as f64 - bin;
            assert!(
                distance.abs() < 1.05,
                "{frequency_hz} Hz at {rate_hz} Hz is {distance} bins off"
            );
            bin += if rate_hz == 48_000 { 5.37 } else { 29.37 };
        }
        println!("{rate_hz} Hz: worst {:.3} dB at {:.1} Hz", worst.0, worst.1);
    }
}

#[test]
fn one_kilohertz_at_full_scale_peaks_at_its_bin_at_0_db() {
    for rate_hz in [44_100, 48_000, 96_000] {
        let radians = TAU * 1000.0 / f64::from(rate_hz);
        let columns = columns_of(rate_hz, |n| (radians * n as f64).sin(), rate_hz as usize);
        for column in &columns[40..60] {
            let (bin, level) = peak(column);
            assert_eq!(bin, bin_from_hz(1000.0).round() as usize);
            assert!(level.abs() < 0.05, "{level} dB at {rate_hz} Hz");
        }
    }
}

#[test]
fn tones_6_hz_apart_at_50_hz_are_told_apart() {
    for rate_hz in [44_100, 48_000, 96_000] {
        let radians = |hz: f64| TAU * hz / f64::from(rate_hz);
        let columns = columns_of(
            rate_hz,
            |n| 0.5 * (radians(47.0) * n as f64).sin() + 0.5 * (radians(53.0) * n as f64).sin(),
            rate_hz as usize * 2,
        );
        for column in &columns[60..120] {
            let level = |bin: usize| level_db(column.bins[bin]).expect("present");
            let highest = |low_hz: f64, high_hz: f64| {
                let bins = bin_from_hz(low_hz) as usize..=bin_from_hz(high_hz) as usize;
                bins.map(level).fold(f32::MIN, f32::max)
            };
            let between = bin_from_hz(48.0) as usize..=bin_from_hz(52.0) as usize;
            let dip = between.map(level).fold(f32::MAX, f32::min);
            let lower_tone = highest(45.0, 48.5).min(highest(51.5, 55.0));
            assert!(
                lower_tone - dip >= 6.0,
                "dip {} dB at {rate_hz} Hz",
                lower_tone - dip
            );
        }
    }
}

#[test]
fn a_click_stays_within_10_ms_at_10_khz() {
    for rate_hz in [44_100u32, 48_000, 96_000, 192_000] {
        for offset in (0..rate_hz as usize / 94).step_by(rate_hz as usize / 1500) {
            let click = rate_hz as usize / 2 + offset;
            let columns = columns_of(rate_hz, |n| f64::from(n == click), rate_hz as usize);
            let bin = bin_from_hz(10_000.0).round() as usize;
            let hop = Analyzer::new(stereo(rate_hz)).hop_frames() as f64;
            let ms = |index: u64| 1000.0 * (index as f64 * hop - click as f64) / f64::from(rate_hz);
            let (mut total, mut moment, mut near) = (0.0, 0.0, 0.0);
            for column in &columns {
                let energy =
                    level_db(column.bins[bin]).map_or(0.0, |db| 10f64.powf(f64::from(db) / 10.0));
                let at = ms(column.index);
                total += energy;
                moment += energy * at;
                near += if at.abs() <= 10.0 { energy } else { 0.0 };
            }
            assert!(
                (moment / total).abs() < 3.0,
                "centre {} ms at {rate_hz} Hz",
                moment / total
            );
            assert!(
                near / total >= 0.9,
                "{} of the energy at {rate_hz} Hz",
                near / total
            );
        }
    }
}

#[test]
fn columns_lie_at_their_hops_and_bins_above_nyquist_are_absent() {
    let columns = columns_of(32_000, noise, 32_000);
    let hop = Analyzer::new(stereo(32_000)).hop_frames();
    assert_eq!(columns.len(), 32_000usize.div_ceil(hop));
    for (index, column) in columns.iter().enumerate() {
        assert_eq!(column.index, index as u64);
        let above = bin_from_hz(16_000.0) as usize + 1;
        assert!(
            column.bins[above..]
                .iter()
                .all(|&bin| level_db(bin).is_none())
        );
        assert!(
            column.bins[..above]
                .iter()
                .all(|&bin| level_db(bin).is_some())
        );
    }
}
