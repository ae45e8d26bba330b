//! True peak: Tech 3341 cases 15 to 23, sines up to 20 kHz at 64 phases, and what gaps, resets and clipping do.

use crate::support::signals::*;
use abscope::dsp::signals::Signal;
use abscope::dsp::true_peak::{CLIP_LEVEL, TruePeakMeter};
use abscope::units::db::db_from_amplitude;

fn true_peak_db(signal: &Signal) -> f64 {
    db_from_amplitude(f64::from(measured_peak(signal).true_peak))
}

#[test]
fn cases_15_to_23_read_the_published_true_peak() {
    for case in true_peak_cases() {
        for rate in RATES_HZ {
            let measured = true_peak_db(&(case.signal)(rate));
            println!("{} at {rate} Hz: {measured:.3} dBTP", case.name);
            assert!(
                case.accepts(measured),
                "{} at {rate} Hz: {measured:.3} dBTP",
                case.name
            );
        }
    }
}

#[test]
fn sines_up_to_20_khz_read_their_level_at_every_phase() {
    for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
        let rate_hz = f64::from(rate);
        let simple = [8.0, 6.0, 5.0, 4.0, 3.0, 2.5, 2.4].map(|divisor| rate_hz / divisor);
        let plain = [
            60.0, 997.0, 5_000.0, 11_111.0, 15_000.0, 18_500.0, 19_997.0, 20_000.0,
        ];
        let (mut lowest, mut highest) = (0.0f64, 0.0f64);
        for frequency_hz in simple.into_iter().chain(plain).filter(|&hz| hz <= 20_000.0) {
            for phase in 0..64 {
                let degrees = f64::from(phase) * 360.0 / 64.0;
                let signal =
                    Signal::new(rate, 1).faded_tone(frequency_hz, 1.0, degrees, 0.06, 0.015);
                let mut meter = TruePeakMeter::new(rate, 1);
                meter.process(&signal.samples);
                meter.finish();
                let level = db_from_amplitude(f64::from(meter.peak().true_peak));
                assert!(
                    level.abs() <= 0.1,
                    "{frequency_hz} Hz at {rate} Hz, {degrees}°: {level:.3} dB"
                );
                (lowest, highest) = (lowest.min(level), highest.max(level));
            }
        }
        println!("{rate} Hz: {lowest:.4} … {highest:.4} dB");
    }
}

#[test]
fn peaks_above_full_scale_are_kept_and_each_channel_has_its_own() {
    let signal = Signal::new(48_000, 2).tones(997.0, &[Some(9.0), Some(-20.0)], 1.0);
    let mut meter = TruePeakMeter::new(48_000, 2);
    meter.process(&signal.samples);
    let levels: Vec<_> = meter
        .channel_peaks()
        .map(|peak| db_from_amplitude(f64::from(peak.true_peak)))
        .collect();
    assert!(
        (levels[0] - 9.0).abs() < 0.05 && (levels[1] + 20.0).abs() < 0.3,
        "{levels:?}"
    );
}

#[test]
fn the_peak_behind_the_last_sample_is_found_at_the_end_of_a_file() {
    // Half a period of fs/4 at 45°: the peak lies between the last two samples.
    let mut samples = vec![0.0f32; 1_000];
    samples.extend([0.7, 0.7]);
    let mut meter = TruePeakMeter::new(48_000, 1);
    meter.process(&samples);
    let before = meter.peak().true_peak;
    meter.finish();
    assert_eq!(before, 0.7, "only the samples themselves so far");
    assert!(meter.peak().true_peak > 0.85, "{}", meter.peak().true_peak);
}

#[test]
fn recent_peaks_fade_after_their_span_and_survive_a_reset() {
    let mut meter = TruePeakMeter::new(22_050, 1);
    meter.process(&Signal::new(22_050, 1).tone(1_000.0, 0.0, 0.5).samples);
    let silence = Signal::new(22_050, 1).silence(0.5);
    meter.reset();
    assert!(meter.recent_true_peak(3.0) > 0.99);
    meter.process(&silence.samples);
    assert!(meter.recent_true_peak(0.4) < 1e-6);
    assert!(meter.recent_true_peak(1.0) > 0.99);
    for _ in 0..6 {
        meter.process(&silence.samples);
    }
    assert_eq!(meter.recent_true_peak(3.0), 0.0);
    assert!(
        meter.peak().true_peak < 1.2,
        "the reset kept an old maximum"
    );
}

#[test]
fn a_reset_in_the_middle_of_a_slot_forgets_what_the_slot_held() {
    let mut meter = TruePeakMeter::new(48_000, 1);
    meter.process(&[1.0; 100]);
    meter.process(&[0.0; 100]);
    meter.reset();
    meter.process(&[0.0; 100]);
    assert_eq!(meter.peak().true_peak, 0.0);
    assert!(
        meter.recent_true_peak(0.01) > 0.99,
        "the slot itself goes on"
    );
}

#[test]
fn a_sound_that_is_met_midway_has_no_peak_that_nobody_played() {
    for start in 0..48 {
        let tone = Signal::new(48_000, 1)
            .faded_tone(1_000.0, 0.5, 0.0, 1.0, 0.01)
            .samples;
        let midway = &tone[10_000 + start..20_000];
        let mut meter = TruePeakMeter::new(48_000, 1);
        meter.begin_midway();
        meter.process(midway);
        // Nor is the end before a gap one, or the start behind it.
        meter.skip(4_800);
        meter.process(midway);
        let level = db_from_amplitude(f64::from(meter.peak().true_peak));
        assert!((level + 6.02).abs() < 0.05, "from {start}: {level}");
    }
}

#[test]
fn a_gap_of_any_length_neither_clicks_nor_keeps_old_peaks() {
    for gap in [1, 479, 480, 48_000 * 3, 48_000 * 1_000, u64::MAX] {
        let tone = Signal::new(48_000, 1)
            .faded_tone(1_000.0, 0.5, 0.0, 1.0, 0.01)
            .samples;
        let mut meter = TruePeakMeter::new(48_000, 1);
        meter.process(&tone);
        meter.skip(gap);
        let recent = meter.recent_true_peak(3.0);
        assert_eq!(
            recent > 0.0,
            gap < 48_000 * 3,
            "gap of {gap} frames: {recent}"
        );
        meter.process(&tone);
        let level = db_from_amplitude(f64::from(meter.peak().true_peak));
        assert!((level + 6.02).abs() < 0.05, "gap of {gap} frames: {level}");
    }
}

#[test]
fn clipped_samples_and_overs_are_counted_across_blocks_and_by_channel() {
    let mut samples = vec![0.1f32; 2 * 1_000];
    // Left: a run of 2 (no over), of 3 and of 700 (one over each). Right: one sample at −1.
    let runs = [(10usize, 2usize), (20, 3), (100, 700)];
    for (start, length) in runs {
        (start..start + length)
            .for_each(|i| samples[2 * i] = if i % 2 == 0 { 1.0 } else { -CLIP_LEVEL });
    }
    samples[2 * 500 + 1] = -1.0;
    for block in [1, 7, 1_000] {
        let mut meter = TruePeakMeter::new(48_000, 2);
        samples
            .chunks(2 * block)
            .for_each(|frames| meter.process(frames));
        let counts: Vec<_> = meter
            .channel_peaks()
            .map(|p| (p.clipped_samples, p.overs))
            .collect();
        assert_eq!(counts, [(705, 2), (1, 0)], "blocks of {block}");
        assert_eq!(meter.peak().clipped_samples, 706);
    }
}

#[test]
fn broken_samples_are_silence() {
    let mut meter = TruePeakMeter::new(48_000, 1);
    meter.process(&[
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        1e30,
        1e-40,
        0.25,
    ]);
    meter.process(&[0.0; 100]);
    assert!(meter.peak().true_peak < 0.3 && meter.peak().sample_peak == 0.25);
}
