//! Band powers are true: sines at band centres, noise by bandwidth, stereo relations by band, live and whole.

use std::f64::consts::TAU;

use abscope::analysis::analyzer::Analyzer;
use abscope::analysis::band_power::STEREO_BANDS;
use abscope::analysis::spectral::{Purpose, SpectralAnalyzer};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::dsp::fractional_octave::{NUM_THIRD_OCTAVES, third_octave, third_octave_center_hz};
use abscope::dsp::resolution_band::{CellSpectrum, ResolutionBand};

fn third_octaves_of(
    sample_rate_hz: u32,
    frame: impl FnMut(usize) -> [f32; 2],
    secs: usize,
) -> Vec<Option<f64>> {
    let frames: Vec<_> = (0..secs * sample_rate_hz as usize).map(frame).collect();
    let mut spectral = SpectralAnalyzer::new(sample_rate_hz, Purpose::Programme);
    let mut columns = Vec::new();
    spectral.process(&frames, &mut columns);
    spectral.finish(&mut columns);
    spectral.third_octaves_db().to_vec()
}

/// White noise, uniform in ±1: its AES17 level is 10 log10(2/3) dB.
fn white() -> impl FnMut() -> f64 {
    let mut state = 99u64;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

#[test]
fn a_sine_at_a_band_centre_reads_its_level() {
    for rate_hz in [44_100, 48_000, 96_000] {
        for band in 0..NUM_THIRD_OCTAVES {
            let radians = TAU * third_octave_center_hz(band) / f64::from(rate_hz);
            let sine = |n: usize| [(0.5 * (radians * n as f64).sin()) as f32; 2];
            let level = third_octaves_of(rate_hz, sine, 4)[band].expect("below Nyquist");
            assert!(
                (level + 6.02).abs() < 0.4,
                "band {band} at {rate_hz} Hz reads {level} dB"
            );
        }
    }
}

#[test]
fn white_noise_reads_by_bandwidth_and_so_pink_noise_is_flat() {
    for rate_hz in [44_100, 48_000, 96_000] {
        let mut noise = white();
        let levels = third_octaves_of(rate_hz, |_| [noise() as f32, noise() as f32], 60);
        for (band, level) in levels.iter().enumerate() {
            let edges = third_octave(band);
            let nyquist_hz = f64::from(rate_hz) / 2.0;
            let width_hz = edges.high_hz.min(nyquist_hz) - edges.low_hz;
            let expected = 10.0 * (2.0 / 3.0 * width_hz / nyquist_hz).log10();
            // Standard error of a noise power over bandwidth and time, two channels; three of them.
            let tolerance = 0.1 + 3.0 * 4.34 / (width_hz * 60.0 * 2.0).sqrt();
            let level = level.expect("noise is everywhere");
            assert!(
                (level - expected).abs() < tolerance,
                "band {band} at {rate_hz} Hz: {level}, not {expected} dB"
            );
        }
    }
}

#[test]
fn bands_above_nyquist_do_not_exist() {
    let mut noise = white();
    let levels = third_octaves_of(16_000, |_| [noise() as f32; 2], 2);
    for (band, level) in levels.iter().enumerate() {
        assert_eq!(
            level.is_some(),
            third_octave_center_hz(band) < 8000.0,
            "band {band}"
        );
    }
}

#[test]
fn a_tone_near_either_edge_of_a_stereo_band_reads_its_level_in_that_band_alone() {
    for rate_hz in [44_100, 48_000, 96_000] {
        for (band, edges) in STEREO_BANDS.iter().enumerate() {
            for hz in [edges.low_hz * 1.3, edges.high_hz * 0.8] {
                let radians = TAU * hz / f64::from(rate_hz);
                let frames: Vec<_> = (0..4 * rate_hz as usize)
                    .map(|n| [(0.5 * (radians * n as f64).sin()) as f32; 2])
                    .collect();
                let mut spectral = SpectralAnalyzer::new(rate_hz, Purpose::Live);
                spectral.process(&frames, &mut Vec::new());
                for (way, bands) in [("whole", spectral.bands()), ("live", spectral.live_bands())] {
                    for (other, reading) in bands.iter().enumerate() {
                        let level = reading.level_dbfs.unwrap_or(-200.0);
                        let is_right = match other == band {
                            true => (level + 6.02).abs() < 0.1,
                            // The tone begins hard, and that reaches everywhere.
                            false => level < -40.0,
                        };
                        let at = format!("{hz} Hz at {rate_hz} Hz, {way}");
                        assert!(is_right, "{at}: band {other} reads {level} dB");
                    }
                }
            }
        }
    }
}

#[test]
fn stereo_bands_tell_width_and_correlation_apart_live_and_whole() {
    // Mono bass, opposed 300 Hz, half-correlated 1 kHz, left-only 4 kHz, nothing above 8 kHz.
    let tone = |hz: f64, n: usize| 0.25 * (TAU * hz * n as f64 / 48_000.0).sin();
    let quarter = |hz: f64, n: usize| 0.25 * (TAU * hz * n as f64 / 48_000.0 + TAU / 6.0).sin();
    const FRAMES: usize = 20 * 48_000;
    let samples: Vec<f32> = (0..FRAMES)
        .flat_map(|n| {
            // Faded, so that no cut spills from band to band.
            let fade = (n.min(FRAMES - n) as f64 / 9600.0).min(1.0);
            let left = tone(60.0, n) + tone(300.0, n) + tone(1000.0, n) + tone(4000.0, n);
            let right = tone(60.0, n) - tone(300.0, n) + quarter(1000.0, n);
            [(fade * left) as f32, (fade * right) as f32]
        })
        .collect();
    let format = StreamFormat {
        sample_rate_hz: 48_000,
        layout: ChannelLayout::Stereo,
    };
    let mut analyzer = Analyzer::new(format);
    let mut columns = Vec::new();
    analyzer.process(&samples[..FRAMES], &mut columns);
    let live = analyzer.meters().bands;
    analyzer.process(&samples[FRAMES..], &mut columns);
    analyzer.finish(&mut columns);
    let whole = analyzer.summary().stereo.bands;
    let near = |value: Option<f64>, expected: f64, tolerance: f64| {
        let value = value.expect("there is signal");
        assert!(
            (value - expected).abs() < tolerance,
            "{value}, not {expected}"
        );
    };
    for n in 0..5 {
        let band = &whole[n];
        for (level, correlation, width) in [
            (band.level_dbfs, band.correlation, band.side_to_mid_db),
            (
                live[n].level_dbfs,
                live[n].correlation,
                live[n].side_to_mid_db,
            ),
        ] {
            match n {
                0 => {
                    (
                        near(level, -12.04, 0.2),
                        near(correlation, 1.0, 1e-3),
                        assert_eq!(width, None),
                    )
                        .0
                }
                1 => {
                    (
                        near(level, -12.04, 0.2),
                        near(correlation, -1.0, 1e-3),
                        assert_eq!(width, None),
                    )
                        .0
                }
                2 => {
                    (
                        near(level, -12.04, 0.2),
                        near(correlation, 0.5, 0.01),
                        near(width, -4.77, 0.1),
                    )
                        .0
                }
                3 => (near(level, -15.05, 0.2), near(width, 0.0, 0.1)).0,
                _ => assert!(level.is_none_or(|level| level < -90.0)),
            }
        }
    }
}

/// Pink noise that is pink to the last line: a period of lines of equal power per octave with random phases, and the
/// power that a third-octave band of it holds, in dB of a full-scale sine.
fn pink(rate_hz: u32) -> (Vec<f32>, impl Fn(usize) -> f64) {
    const PERIOD: usize = 1 << 20;
    let line_hz = f64::from(rate_hz) / PERIOD as f64;
    let lines = (10.0 / line_hz) as usize..PERIOD / 2;
    let amplitude = move |line: usize| 0.2 / (line as f64).sqrt();
    let mut noise = white();
    let mut spectrum = vec![rustfft::num_complex::Complex::default(); PERIOD];
    for line in lines.clone() {
        // A sine of amplitude a is two lines of a / 2.
        let half = rustfft::num_complex::Complex::from_polar(amplitude(line) / 2.0, 3.2 * noise());
        spectrum[line] = half;
        spectrum[PERIOD - line] = half.conj();
    }
    rustfft::FftPlanner::new()
        .plan_fft_inverse(PERIOD)
        .process(&mut spectrum);
    let samples = spectrum.iter().map(|value| value.re as f32).collect();
    let level_of_band = move |band: usize| {
        let edges = third_octave(band);
        let inside = lines.clone().filter(|&line| {
            let hz = line as f64 * line_hz;
            (edges.low_hz..edges.high_hz).contains(&hz)
        });
        10.0 * inside
            .map(|line| amplitude(line).powi(2))
            .sum::<f64>()
            .log10()
    };
    (samples, level_of_band)
}

#[test]
fn pink_noise_is_flat_in_third_octaves() {
    for rate_hz in [44_100, 48_000, 96_000] {
        let (period, expected) = pink(rate_hz);
        let flat = expected(20);
        let frame = |n: usize| [period[n % period.len()]; 2];
        // Three whole periods at 44.1 kHz; at 96 kHz the long windows see each of six.
        let levels = third_octaves_of(rate_hz, frame, 66);
        for (band, level) in levels.iter().enumerate() {
            // The last band of 44.1 kHz reaches beyond Nyquist, the lowest ones hold some fifty lines.
            let expected = expected(band);
            let is_whole = third_octave(band).high_hz < f64::from(rate_hz) / 2.0;
            assert!(
                !is_whole || (expected - flat).abs() < 0.2,
                "band {band} at {rate_hz} Hz is not pink: {expected} and not {flat} dB"
            );
            let level = level.expect("noise is everywhere");
            // Low bands hold few lines, and the windows do not lie on the period.
            let tolerance = if band < 8 { 0.3 } else { 0.1 };
            assert!(
                (level - expected).abs() < tolerance,
                "band {band} at {rate_hz} Hz: {level}, not {expected} dB"
            );
        }
    }
}

#[test]
fn white_noise_reads_its_aes17_level_by_window_in_each_transform_bin() {
    let level_db = 10.0 * (2.0f64 / 3.0).log10();
    for (rate_hz, secs, cells) in [
        (48_000.0, 0.04, 700..1000),
        (44_100.0, 0.04, 700..1000),
        (12_000.0, 8192.0 / 48_000.0, 500..700),
        (96_000.0, 0.04, 700..1000),
    ] {
        let mut resolution = ResolutionBand::new(rate_hz, secs, cells.clone(), f64::INFINITY);
        let mut shown = CellSpectrum::silent(cells.len());
        let mut noise = white();
        let frames = resolution.window_frames();
        let (mut sum, mut count) = (0.0, 0);
        for _ in 0..300 {
            let window: Vec<_> = (0..frames)
                .map(|_| [noise() as f32, noise() as f32])
                .collect();
            resolution.transform(&window, &mut shown);
            let powers = resolution.powers();
            let left_and_right = powers.0.iter().map(|[left, right, ..]| left + right);
            sum += left_and_right.map(f64::from).sum::<f64>();
            count += 2 * powers.0.len();
        }
        // Blackman-Harris: 2.0044 bins.
        let expected = level_db + 10.0 * (2.0 * 2.0044 / frames as f64).log10();
        let measured = 10.0 * (sum / count as f64).log10();
        // Neighbouring bins of a window are no independent draws: about a quarter of them are. Three errors.
        let tolerance = 3.0 * 4.34 / (count as f64 / 4.0).sqrt();
        assert!(
            (measured - expected).abs() < tolerance,
            "{rate_hz} Hz, {frames} frames: {measured}, not {expected} ±{tolerance}"
        );
    }
}
