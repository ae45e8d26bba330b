//! The demo song is what its constants say: the faults of the mix are measured here with means of their own
//! (the `ebur128` crate and plain FFTs), since everything else trusts them.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that unwraps fails with the place it failed at"
)]

use crate::support::parts;
use std::sync::OnceLock;

use abscope::audio::demo::*;
use abscope::units::db;
use ebur128::{EbuR128, Mode};
use rustfft::{FftPlanner, num_complex::Complex};

fn song(version: DemoVersion) -> &'static [f32] {
    static MIX: OnceLock<Vec<f32>> = OnceLock::new();
    static REFERENCE: OnceLock<Vec<f32>> = OnceLock::new();
    static OTHER_SONG: OnceLock<Vec<f32>> = OnceLock::new();
    let cell = match version {
        DemoVersion::Mix => &MIX,
        DemoVersion::Reference => &REFERENCE,
        DemoVersion::OtherSong => &OTHER_SONG,
    };
    cell.get_or_init(|| render(version))
}

fn meter(version: DemoVersion, mode: Mode) -> EbuR128 {
    let mut meter = EbuR128::new(2, SAMPLE_RATE_HZ, mode).unwrap();
    meter.add_frames_f32(song(version)).unwrap();
    meter
}

/// Mean mid and side power of the whole song between two frequencies.
fn mid_side_power(version: DemoVersion, low_hz: f64, high_hz: f64) -> [f64; 2] {
    const LEN: usize = 16_384;
    let fft = FftPlanner::<f64>::new().plan_fft_forward(LEN);
    let bin_hz = f64::from(SAMPLE_RATE_HZ) / LEN as f64;
    let bins = (low_hz / bin_hz).ceil() as usize..(high_hz / bin_hz).ceil() as usize;
    let mut power = [0.0; 2];
    for chunk in song(version).chunks_exact(2 * LEN) {
        for (sum, sign) in power.iter_mut().zip([1.0, -1.0]) {
            let mut x: Vec<Complex<f64>> = chunk
                .chunks_exact(2)
                .enumerate()
                .map(|(i, frame)| {
                    let window = (std::f64::consts::PI * i as f64 / LEN as f64).sin().powi(2);
                    Complex::new(
                        window * (f64::from(frame[0]) + sign * f64::from(frame[1])),
                        0.0,
                    )
                })
                .collect();
            fft.process(&mut x);
            *sum += x[bins.clone()]
                .iter()
                .map(|bin| bin.norm_sqr())
                .sum::<f64>();
        }
    }
    power
}

/// Level of the mix minus that of the reference between two frequencies, beside the frequencies that no fault is about.
fn matched_difference_db(low_hz: f64, high_hz: f64) -> f64 {
    let apart_db = |low_hz, high_hz| {
        let [mix, reference] = [DemoVersion::Mix, DemoVersion::Reference]
            .map(|v| mid_side_power(v, low_hz, high_hz).iter().sum::<f64>());
        db::db_from_power(mix / reference)
    };
    apart_db(low_hz, high_hz) - apart_db(400.0, 2000.0)
}

fn side_to_mid_db(version: DemoVersion, low_hz: f64, high_hz: f64) -> f64 {
    let [mid, side] = mid_side_power(version, low_hz, high_hz);
    db::db_from_power(side / mid)
}

/// Runs of samples above full scale that lie within 10 ms of one another: first and last frame.
fn overs(version: DemoVersion) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (frame, samples) in song(version).chunks_exact(2).enumerate() {
        if samples.iter().any(|x| x.abs() > 1.0) {
            match runs.last_mut() {
                Some((_, last)) if frame - *last < 480 => *last = frame,
                _ => runs.push((frame, frame)),
            }
        }
    }
    runs
}

const ALL: [DemoVersion; 3] = [
    DemoVersion::Mix,
    DemoVersion::Reference,
    DemoVersion::OtherSong,
];

fn true_peak_dbtp(meter: &EbuR128) -> f64 {
    db::db_from_amplitude(meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap()))
}

#[test]
fn the_samples_do_not_depend_on_the_sizes_of_the_reads() {
    if parts::left_to_the_whole_run("the_samples_do_not_depend_on_the_sizes_of_the_reads") {
        return;
    }
    for version in ALL {
        let whole = song(version);
        for block in [1, 7, 128, 480, 4096] {
            // Enough for the small blocks to cross many of the song's own.
            let frames = (block * 20_000).min(version.num_frames() as usize);
            let mut player = DemoSong::new(version);
            let mut buffer = vec![0.0; 2 * block];
            let mut position = 0;
            while position < frames {
                let count = player.read(&mut buffer);
                let expected = &whole[2 * position..2 * (position + count)];
                assert!(
                    buffer[..2 * count] == *expected,
                    "blocks of {block} at frame {position}"
                );
                position += count;
                assert_eq!(player.position(), position as u64);
            }
        }
    }
}

#[test]
fn the_song_ends_and_plays_again_from_the_beginning() {
    for version in [DemoVersion::Mix, DemoVersion::OtherSong] {
        let num_frames = version.num_frames() as usize;
        let mut player = DemoSong::new(version);
        let mut all = vec![0.0; 2 * num_frames + 10];
        assert_eq!(player.read(&mut all), num_frames);
        assert_eq!(player.read(&mut all), 0);
        player.rewind();
        assert_eq!(player.position(), 0);
        let mut again = vec![0.0; 2 * 100_000];
        assert_eq!(player.read(&mut again), 100_000);
        assert!(again == song(version)[..again.len()]);
    }
}

#[test]
fn the_song_is_long_enough_and_every_sample_is_a_number() {
    const { assert!(DURATION_SECS >= 60.0) };
    for version in ALL {
        assert_eq!(song(version).len(), 2 * version.num_frames() as usize);
        assert!(song(version).iter().all(|x| x.is_finite()));
        let mean =
            song(version).iter().map(|&x| f64::from(x)).sum::<f64>() / song(version).len() as f64;
        assert!(mean.abs() < 1e-3, "DC {mean}");
    }
}

#[test]
fn sections_follow_one_another_within_the_song() {
    for version in ALL {
        let sections = version.sections();
        let end_secs = version.num_frames() as f64 / f64::from(SAMPLE_RATE_HZ);
        assert!(sections.len() >= 3 && sections.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(sections[0].0, 0.0);
        assert!(sections.iter().all(|section| section.0 < end_secs));
    }
}

#[test]
fn the_reference_is_a_finished_master() {
    let meter = meter(DemoVersion::Reference, Mode::all());
    let loudness = meter.loudness_global().unwrap();
    assert!((-14.0..=-13.0).contains(&loudness), "{loudness:.2} LUFS");
    let range = meter.loudness_range().unwrap();
    assert!((5.0..=8.0).contains(&range), "{range:.1} LU");
    let true_peak = true_peak_dbtp(&meter);
    assert!(true_peak <= -1.0, "{true_peak:.2} dBTP");
    let bass = side_to_mid_db(DemoVersion::Reference, 20.0, 90.0);
    assert!(bass < -40.0, "side/mid in the bass {bass:.1} dB");
}

#[test]
fn the_other_song_is_a_finished_master_of_the_same_balance() {
    if parts::left_to_the_whole_run("the_other_song_is_a_finished_master_of_the_same_balance") {
        return;
    }
    let meter = meter(DemoVersion::OtherSong, Mode::all());
    let loudness = meter.loudness_global().unwrap();
    assert!((-13.5..=-12.5).contains(&loudness), "{loudness:.2} LUFS");
    let true_peak = true_peak_dbtp(&meter);
    assert!(true_peak <= -1.0, "{true_peak:.2} dBTP");
    assert_eq!(overs(DemoVersion::OtherSong), []);
    // What the mix does wrong beside its own master it does wrong beside this one too: both are alike in octaves.
    let apart_db = |low_hz: f64| {
        let [other, reference] = [DemoVersion::OtherSong, DemoVersion::Reference]
            .map(|v| mid_side_power(v, low_hz, 2.0 * low_hz).iter().sum::<f64>());
        db::db_from_power(other / reference)
    };
    let octaves = [
        40.0, 80.0, 160.0, 320.0, 640.0, 1280.0, 2560.0, 5120.0, 9000.0,
    ]
    .map(apart_db);
    let mean = octaves.iter().sum::<f64>() / octaves.len() as f64;
    for octave in octaves {
        assert!((octave - mean).abs() < 1.5, "{octaves:.1?}");
    }
}

#[test]
fn the_mix_is_quieter_by_the_published_figure() {
    let [mix, reference] = [DemoVersion::Mix, DemoVersion::Reference]
        .map(|v| meter(v, Mode::I).loudness_global().unwrap());
    let difference = mix - reference;
    assert!(
        (difference - FAULT_LOUDNESS_LU).abs() < 0.1,
        "{difference:.3} LU"
    );
}

#[test]
fn the_mix_is_dull_by_the_published_figure() {
    for (low_hz, high_hz) in [(8_900.0, 11_200.0), (11_200.0, 14_100.0)] {
        let difference = matched_difference_db(low_hz, high_hz);
        assert!(
            (difference - FAULT_SHELF_DB).abs() < 0.3,
            "{low_hz} Hz: {difference:.2} dB"
        );
    }
}

#[test]
fn the_mix_is_boomy_by_the_published_figure() {
    let difference = matched_difference_db(FAULT_BELL_HZ * 0.94, FAULT_BELL_HZ * 1.06);
    assert!(
        (difference - FAULT_BELL_DB).abs() < 0.3,
        "{difference:.2} dB"
    );
}

#[test]
fn the_mix_is_narrow_by_the_published_figure_at_every_frequency() {
    for (low_hz, high_hz) in [
        (200.0, 400.0),
        (400.0, 1000.0),
        (1000.0, 4000.0),
        (4000.0, 16_000.0),
    ] {
        let difference = side_to_mid_db(DemoVersion::Mix, low_hz, high_hz)
            - side_to_mid_db(DemoVersion::Reference, low_hz, high_hz);
        assert!(
            (difference - FAULT_SIDE_DB).abs() < 0.1,
            "{low_hz} Hz: {difference:.2} dB"
        );
    }
}

#[test]
fn the_mix_passes_full_scale_at_a_few_short_places_and_the_reference_nowhere() {
    assert_eq!(overs(DemoVersion::Reference), []);
    let mix = overs(DemoVersion::Mix);
    assert_eq!(mix.len(), NUM_FAULT_OVERS, "{mix:?}");
    assert!(
        mix.iter().all(|(first, last)| last - first < 192),
        "{mix:?}"
    );
}
