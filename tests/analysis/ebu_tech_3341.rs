//! Every loudness case of EBU Tech 3341 and the tones of BS.2217, at 44.1, 48 and 96 kHz, in odd blocks and at once.

use crate::support::signals::*;
use abscope::dsp::loudness::{LoudnessMeter, region_loudness};
use abscope::dsp::signals::Signal;

#[test]
fn cases_1_to_6_read_the_published_loudness() {
    check_loudness(&integrated_cases(), &RATES_HZ);
}

#[test]
fn integrated_loudness_is_right_at_every_other_rate() {
    let cases: Vec<_> = integrated_cases()
        .into_iter()
        .filter(|case| case.figure == Figure::Integrated)
        .collect();
    check_loudness(&cases, &[22_050, 32_000, 88_200, 192_000]);
}

#[test]
fn cases_10_and_13_find_the_maximum_wherever_the_tone_starts() {
    check_loudness(&maximum_cases(), &RATES_HZ);
}

#[test]
fn the_tones_of_bs2217_all_read_minus_23() {
    check_loudness(&bs2217_cases(), &[32_000, 44_100, 48_000, 96_000, 192_000]);
}

/// Feeds 10 ms at a time and hands over the meter after each.
fn every_10_ms(signal: &Signal, mut look: impl FnMut(f64, &mut LoudnessMeter)) {
    let mut meter = LoudnessMeter::new(signal.sample_rate_hz, &[1.0, 1.0]);
    let block = signal.sample_rate_hz as usize / 100 * 2;
    for (i, frames) in signal.samples.chunks_exact(block).enumerate() {
        meter.process(frames);
        look((i + 1) as f64 / 100.0, &mut meter);
    }
}

#[test]
fn case_9_short_term_stands_still_at_minus_23() {
    for rate in RATES_HZ {
        every_10_ms(&case_9(rate), |secs, meter| {
            match meter.reading().short_term_lufs {
                None => assert!(secs < 3.0, "no S after {secs} s"),
                Some(lufs) => assert!((lufs + 23.0).abs() <= 0.1, "{rate} Hz, {secs} s: {lufs}"),
            }
        });
    }
}

#[test]
fn case_12_momentary_stands_still_at_minus_23() {
    for rate in RATES_HZ {
        every_10_ms(&case_12(rate), |secs, meter| {
            match meter.reading().momentary_lufs {
                None => assert!(secs < 0.4, "no M after {secs} s"),
                Some(lufs) => assert!(
                    secs < 1.0 || (lufs + 23.0).abs() <= 0.1,
                    "{rate} Hz, {secs} s: {lufs}"
                ),
            }
        });
    }
}

#[test]
fn cases_11_and_14_follow_twenty_rising_maxima() {
    for rate in RATES_HZ {
        every_10_ms(&case_11(rate), |secs, meter| {
            check_rising(rate, secs, 6.0, meter.reading().max_short_term_lufs)
        });
        every_10_ms(&case_14(rate), |secs, meter| {
            check_rising(rate, secs, 0.8, meter.reading().max_momentary_lufs)
        });
    }
}

fn check_rising(rate: u32, secs: f64, period_secs: f64, maximum_lufs: Option<f64>) {
    let periods = (secs / period_secs).round();
    if (secs - periods * period_secs).abs() < 1e-6 {
        let expected = -38.0 + periods - 1.0;
        let measured = maximum_lufs.expect("a tone has gone by");
        assert!(
            (measured - expected).abs() <= 0.1,
            "{rate} Hz, {secs} s: {measured} instead of {expected}"
        );
    }
}

#[test]
fn a_full_scale_sine_in_one_channel_reads_minus_3_01() {
    for rate in RATES_HZ {
        let signal = Signal::new(rate, 2).tones(997.0, &[Some(0.0), None], 5.0);
        let lufs = measured_loudness(&signal)
            .integrated_lufs
            .expect("it is loud");
        assert!((lufs + 3.01).abs() < 0.01, "{rate} Hz: {lufs}");
        let mono = Signal::new(rate, 1).tone(997.0, 0.0, 5.0);
        let lufs = measured_loudness(&mono)
            .integrated_lufs
            .expect("it is loud");
        assert!((lufs + 3.01).abs() < 0.01, "{rate} Hz, mono: {lufs}");
    }
}

#[test]
fn silence_and_nothing_have_no_loudness_at_all() {
    for signal in [
        Signal::new(48_000, 2),
        Signal::new(48_000, 2).silence(10.0),
        Signal::new(48_000, 2).tone(1_000.0, -75.0, 10.0),
    ] {
        let reading = measured_loudness(&signal);
        assert_eq!(reading.integrated_lufs, None);
        assert_eq!(reading.range_lu, None);
        assert_eq!(reading.gated_secs, 0.0);
    }
}

#[test]
fn a_region_of_the_history_reads_as_a_file_cut_there() {
    let whole = Signal::new(44_100, 2)
        .noise(0.5, 20.0, 1)
        .noise(0.1, 20.0, 2)
        .noise(0.3, 20.0, 3);
    let mut meter = LoudnessMeter::new(44_100, &[1.0, 1.0]);
    meter.process(&whole.samples);
    let mut cut = LoudnessMeter::new(44_100, &[1.0, 1.0]);
    cut.process(&whole.samples[2 * 44_100 * 15..2 * 44_100 * 50]);
    let (integrated, range) = region_loudness(meter.history(), 150..500);
    let expected = cut.reading();
    let difference = integrated.expect("noise") - expected.integrated_lufs.expect("noise");
    // The cut file's filters start at rest: that is all that may differ.
    assert!(difference.abs() < 0.002, "{difference}");
    let difference = range.expect("noise") - expected.range_lu.expect("noise");
    assert!(difference.abs() < 0.02, "{difference}");
    let everything = region_loudness(meter.history(), 0..usize::MAX)
        .0
        .expect("noise");
    assert!((everything - meter.reading().integrated_lufs.expect("noise")).abs() < 1e-4);
}

#[test]
fn a_gap_is_not_glued_and_the_gated_loudness_goes_on_without_it() {
    let tone = |secs| Signal::new(48_000, 2).tone(1_000.0, -23.0, secs).samples;
    let mut meter = LoudnessMeter::new(48_000, &[1.0, 1.0]);
    meter.process(&tone(10.0));
    meter.skip(48_000 * 7 + 123);
    assert_eq!(meter.history().len(), 170);
    assert_eq!(meter.reading().momentary_lufs, None);
    assert!(
        meter.history()[100..]
            .iter()
            .all(|point| point.momentary().is_none())
    );
    meter.process(&tone(10.0));
    let reading = meter.reading();
    assert!((reading.integrated_lufs.expect("tone") + 23.0).abs() < 0.02);
    assert!(
        (reading.max_momentary_lufs.expect("tone") + 23.0).abs() < 0.05,
        "the gap must not click"
    );
    assert_eq!(reading.measured_secs, 20.0);
    assert_eq!(meter.history().len(), 270);
    let first_after = meter
        .history()
        .iter()
        .skip(170)
        .position(|p| p.momentary().is_some());
    assert_eq!(first_after, Some(4), "0.4 s of whole slots after the gap");
}

#[test]
fn reset_restarts_what_is_gated_and_lets_the_windows_go_on() {
    let mut meter = LoudnessMeter::new(48_000, &[1.0, 1.0]);
    meter.process(&Signal::new(48_000, 2).tone(1_000.0, -10.0, 5.0).samples);
    let before = meter.reading();
    meter.reset();
    let after = meter.reading();
    assert_eq!(after.momentary_lufs, before.momentary_lufs);
    assert_eq!(after.short_term_lufs, before.short_term_lufs);
    for gone in [
        after.integrated_lufs,
        after.range_lu,
        after.max_momentary_lufs,
        after.max_short_term_lufs,
    ] {
        assert_eq!(gone, None);
    }
    meter.process(&Signal::new(48_000, 2).tone(1_000.0, -30.0, 5.0).samples);
    let reading = meter.reading();
    for figure in [
        reading.integrated_lufs,
        reading.max_momentary_lufs,
        reading.max_short_term_lufs,
    ] {
        let lufs = figure.expect("5 s of tone");
        assert!(
            (lufs + 30.0).abs() < 0.1,
            "what was before the reset leaks in: {reading:?}"
        );
    }
    assert_eq!(meter.history().len(), 100);
}

#[test]
fn broken_samples_are_silence_for_one_slot_and_poison_nothing() {
    let mut signal = Signal::new(48_000, 2).tone(1_000.0, -23.0, 10.0);
    signal.samples[2 * 48_000] = f32::NAN;
    signal.samples[2 * 96_000 + 1] = f32::INFINITY;
    let reading = measured_loudness(&signal);
    for figure in [
        reading.integrated_lufs,
        reading.momentary_lufs,
        reading.max_short_term_lufs,
    ] {
        let lufs = figure.expect("tone before and after");
        assert!((lufs + 23.0).abs() < 0.05, "{reading:?}");
    }
    assert!(
        (reading.gated_secs - 9.7).abs() < 1e-9,
        "every block of 10 s counts"
    );
}
