//! Band levels of the spectrum's curves: what noise and tones of a known power read in thirds of an octave.

use std::sync::atomic::AtomicBool;

use abscope::analysis::distribution::SpectrumCurves;
use abscope::analysis::programme::{Programme, ProgrammeOptions};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::dsp::grid::bin_from_hz;
use abscope::dsp::signals::Random;
use abscope::units::db::{amplitude_from_db, db_from_power};
use abscope::view::curves::Width;

fn curves(sample_rate_hz: u32, samples: &[f32]) -> SpectrumCurves {
    let mut rest = samples;
    let source = |chunk: &mut Vec<f32>| {
        let (now, later) = rest.split_at(rest.len().min(1 << 14));
        chunk.clear();
        chunk.extend_from_slice(now);
        rest = later;
        Ok::<_, ()>(!now.is_empty())
    };
    let format = StreamFormat {
        sample_rate_hz,
        layout: ChannelLayout::Mono,
    };
    let (options, never) = (ProgrammeOptions::default(), AtomicBool::new(false));
    let analysed = Programme::analyse(source, format, options, &mut |_| {}, &never);
    analysed.ok().flatten().expect("nobody cancels").curves
}

fn thirds(curves: &SpectrumCurves) -> Vec<f32> {
    Width::Bands(1.0 / 3.0).smooth(&curves.mean_db)
}

/// Pink within 0.05 dB from 10 Hz on: a sum of one-pole low-passes a half octave apart, whose corners follow the slope.
fn pink(sample_rate_hz: u32, secs: f64) -> Vec<f32> {
    let rate = f64::from(sample_rate_hz);
    let poles: Vec<(f64, f64)> = (0..24)
        .map(|n| {
            let corner_hz = 5.0 * (0.5 * f64::from(n)).exp2();
            let feedback = (-std::f64::consts::TAU * corner_hz / rate).exp();
            // Each pole has the power of its own band: amplitude falls by the root of its corner.
            (feedback, (1.0 - feedback) / corner_hz.sqrt())
        })
        .collect();
    let mut states = vec![0.0; poles.len()];
    let mut noises: Vec<Random> = (0..poles.len() as u64)
        .map(|n| Random::new(n + 1))
        .collect();
    let samples: Vec<f64> = (0..(secs * rate) as usize)
        .map(|_| {
            let bands = states.iter_mut().zip(&poles).zip(&mut noises);
            bands
                .map(|((state, (feedback, gain)), noise)| {
                    *state = *state * feedback + gain * noise.bipolar();
                    *state
                })
                .sum()
        })
        .collect();
    samples.into_iter().map(|sample| sample as f32).collect()
}

/// The power spectrum of that noise at a frequency, as its filters have it, relative.
fn pink_density(sample_rate_hz: u32, hz: f64) -> f64 {
    let rate = f64::from(sample_rate_hz);
    let w = std::f64::consts::TAU * hz / rate;
    (0..24)
        .map(|n| {
            let corner_hz = 5.0 * (0.5 * f64::from(n)).exp2();
            let a = (-std::f64::consts::TAU * corner_hz / rate).exp();
            (1.0 - a).powi(2) / corner_hz / (1.0 - 2.0 * a * w.cos() + a * a)
        })
        .sum()
}

#[test]
fn pink_noise_is_flat_and_reads_its_power_in_every_third_of_an_octave() {
    for rate in [44_100, 48_000] {
        let samples = pink(rate, 240.0);
        let power =
            samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / samples.len() as f64;
        // The density in absolute terms: its integral up to Nyquist is the power.
        let step_hz = 0.5;
        let count = (f64::from(rate) / 2.0 / step_hz) as usize;
        let total: f64 = (0..count)
            .map(|n| pink_density(rate, (n as f64 + 0.5) * step_hz) * step_hz)
            .sum();
        let read = thirds(&curves(rate, &samples));
        for hz in [
            40.0, 63.0, 100.0, 160.0, 250.0, 315.0, 500.0, 1000.0, 2000.0, 2500.0, 4000.0, 8000.0,
            12_500.0,
        ] {
            let [low, high] = [-1.0, 1.0].map(|side: f64| hz * (side / 6.0).exp2());
            let in_band = pink_density(rate, hz) * (high - low) / total * power;
            // A full-scale sine reads 0 dBFS, whose power is a half.
            let expected_db = db_from_power(2.0 * in_band);
            let off = f64::from(read[bin_from_hz(hz).round() as usize]) - expected_db;
            assert!(off.abs() < 0.32, "{rate} Hz, {hz} Hz: {off:+.2} dB off");
        }
    }
}

/// What the band around a tone reads beside a noise at `noise_db`, less the tone's level.
fn off_of_a_tone_db(rate: u32, hz: f64, noise: Option<f64>) -> f64 {
    const LEVEL_DB: f64 = -20.0;
    let mut random = Random::new(hz.to_bits());
    let amplitude = amplitude_from_db(LEVEL_DB);
    let noise = noise.map_or(0.0, amplitude_from_db);
    let sample = |n: usize| {
        let phase = std::f64::consts::TAU * hz * n as f64 / f64::from(rate);
        (amplitude * phase.sin() + noise * random.bipolar()) as f32
    };
    let samples: Vec<f32> = (0..8 * rate as usize).map(sample).collect();
    let read = thirds(&curves(rate, &samples));
    f64::from(read[bin_from_hz(hz).round() as usize]) - LEVEL_DB
}

#[test]
fn a_tone_reads_its_level_in_its_band() {
    let mut random = Random::new(12);
    for n in 0..40 {
        // From 25 Hz to 16 kHz: in each window, between them, and on and between the borders of cells.
        let hz = 25.0 * (640.0f64).powf((f64::from(n) + random.unit()) / 40.0);
        let rate = [44_100, 48_000, 96_000][n as usize % 3];
        for noise in [None, Some(-50.0)] {
            let off = off_of_a_tone_db(rate, hz, noise);
            assert!(
                off.abs() < 0.3,
                "{rate} Hz, a tone of {hz:.1} Hz, noise {noise:?}: {off:+.2} dB off"
            );
        }
    }
}

#[test]
fn two_tones_that_nearly_are_one_and_vibrato_read_their_power() {
    let rate = 48_000;
    let secs = 12;
    let read = |hz: f64, sample: &dyn Fn(f64) -> f64| {
        let samples: Vec<f32> = (0..secs * rate as usize)
            .map(|n| (0.1 * sample(n as f64 / f64::from(rate))) as f32)
            .collect();
        let power =
            samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / samples.len() as f64;
        let level = thirds(&curves(rate, &samples))[bin_from_hz(hz).round() as usize];
        f64::from(level) - db_from_power(2.0 * power)
    };
    let turn = std::f64::consts::TAU;
    for hz in [110.0, 190.0, 330.0, 700.0, 1500.0, 4000.0, 8000.0] {
        // Where cells are wider than a lobe, two tones look like one on the border between two.
        let bounds = if hz < 6000.0 { -1.15..1.3 } else { -2.9..2.0 };
        for apart in [1.004, 1.008, 1.01, 1.015, 1.02, 1.03] {
            let off = read(hz, &|t| {
                (turn * hz * t).sin() + (turn * hz * apart * t).sin()
            });
            assert!(
                bounds.contains(&off),
                "{hz} Hz and {apart} of it: {off:+.2} dB off"
            );
        }
        // Five times a second, by so many cents.
        for cents in [5.0, 10.0, 30.0] {
            let depth = hz * cents / 1200.0 * std::f64::consts::LN_2 / 5.0;
            let off = read(hz, &|t| {
                (turn * hz * t + depth * (turn * 5.0 * t).sin()).sin()
            });
            assert!(
                bounds.contains(&off),
                "{hz} Hz, vibrato of {cents} cents: {off:+.2} dB off"
            );
        }
    }
}

#[test]
fn a_steady_noise_has_a_narrow_range_about_its_mean_and_swells_widen_it() {
    let rate = 48_000;
    let mut noise = Random::new(9);
    let steady: Vec<f32> = (0..60 * rate as usize)
        .map(|_| (0.1 * noise.bipolar()) as f32)
        .collect();
    // Half of the time 12 dB up.
    let swelling: Vec<f32> = steady
        .iter()
        .enumerate()
        .map(|(n, x)| {
            if (n / (2 * rate as usize)).is_multiple_of(2) {
                *x
            } else {
                4.0 * x
            }
        })
        .collect();
    let width = |samples: &[f32]| {
        let curves = curves(rate, samples);
        let mean = thirds(&curves);
        let (low, high) = (curves.range.low_db(), curves.range.high_db());
        let band = (bin_from_hz(2000.0) / 4.0) as usize;
        assert!(low[band] < mean[4 * band] && mean[4 * band] < high[band] + 0.5);
        f64::from(high[band] - low[band])
    };
    let (steady, swelling) = (width(&steady), width(&swelling));
    assert!(steady < 3.0, "{steady:.1} dB");
    assert!((swelling - 12.0).abs() < 2.0, "{swelling:.1} dB");
}
