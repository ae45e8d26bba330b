//! The test cases of EBU Tech 3341, Tech 3342 and BS.2217 as tables, built from their published descriptions.
//!
//! Tests assert them; the accuracy report prints the same tables with what was measured.

use std::f64::consts::TAU;

use abscope::dsp::loudness::{LoudnessMeter, LoudnessReading, channel_weights};
use abscope::dsp::signals::Signal;
use abscope::dsp::true_peak::{ChannelPeak, TruePeakMeter};

/// The sample rates every case is run at.
pub const RATES_HZ: [u32; 3] = [44_100, 48_000, 96_000];

/// Which figure a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    Momentary,
    ShortTerm,
    Integrated,
    MaxMomentary,
    MaxShortTerm,
    Range,
    TruePeak,
}

/// Pieces of a signal: (level in dBFS, seconds).
type Pieces = &'static [(f64, f64)];

/// A signal and what one figure must read at its end.
pub struct Case {
    pub name: String,
    pub figure: Figure,
    /// In LUFS, LU or dBTP.
    pub expect: f64,
    /// Lowest and highest allowed deviation.
    pub tolerance: [f64; 2],
    /// Builds the signal at a sample rate.
    pub signal: Box<dyn Fn(u32) -> Signal>,
}

impl Case {
    pub fn accepts(&self, measured: f64) -> bool {
        let deviation = measured - self.expect;
        // Steps of the level quantised to f32 must not decide over a case.
        (self.tolerance[0] - 1e-6..=self.tolerance[1] + 1e-6).contains(&deviation)
    }
}

fn case(
    name: &str,
    figure: Figure,
    expect: f64,
    tolerance: f64,
    signal: impl Fn(u32) -> Signal + 'static,
) -> Case {
    Case {
        name: name.to_string(),
        figure,
        expect,
        tolerance: [-tolerance, tolerance],
        signal: Box::new(signal),
    }
}

/// 1 kHz in phase in both channels: pieces of (level in dBFS or none for silence, seconds).
pub fn stereo_1_khz(rate: u32, pieces: &[(Option<f64>, f64)]) -> Signal {
    pieces
        .iter()
        .fold(Signal::new(rate, 2), |signal, &(level, secs)| match level {
            Some(level) => signal.tone(1_000.0, level, secs),
            None => signal.silence(secs),
        })
}

fn steps(levels: Pieces) -> impl Fn(u32) -> Signal + Clone {
    move |rate| {
        let pieces: Vec<_> = levels
            .iter()
            .map(|&(level, secs)| (Some(level), secs))
            .collect();
        stereo_1_khz(rate, &pieces)
    }
}

/// Tech 3341 cases 1 to 6.
pub fn integrated_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (number, level, pieces) in [
        ("1", -23.0, &[(-23.0, 20.0)]),
        ("2", -33.0, &[(-33.0, 20.0)]),
    ] {
        for figure in [Figure::Momentary, Figure::ShortTerm, Figure::Integrated] {
            cases.push(case(
                &format!("Tech 3341 case {number}"),
                figure,
                level,
                0.1,
                steps(pieces),
            ));
        }
    }
    let gated: [(&str, Pieces); 3] = [
        ("3", &[(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)]),
        (
            "4",
            &[
                (-72.0, 10.0),
                (-36.0, 10.0),
                (-23.0, 60.0),
                (-36.0, 10.0),
                (-72.0, 10.0),
            ],
        ),
        ("5", &[(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)]),
    ];
    for (number, pieces) in gated {
        cases.push(case(
            &format!("Tech 3341 case {number}"),
            Figure::Integrated,
            -23.0,
            0.1,
            steps(pieces),
        ));
    }
    cases.push(case(
        "Tech 3341 case 6",
        Figure::Integrated,
        -23.0,
        0.1,
        |rate| {
            let levels = [-28.0, -28.0, -24.0, -30.0, -30.0].map(Some);
            Signal::new(rate, 5).tones(1_000.0, &levels, 20.0)
        },
    ));
    cases.push(case(
        "Tech 3341 case 6 with a loud LFE",
        Figure::Integrated,
        -23.0,
        0.1,
        |rate| {
            let levels = [-28.0, -28.0, -24.0, -3.0, -30.0, -30.0].map(Some);
            Signal::new(rate, 6).tones(1_000.0, &levels, 20.0)
        },
    ));
    cases
}

/// Tech 3341 cases 10 and 13: the maxima must not depend on where the tone falls on any grid.
pub fn maximum_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for i in 0..20 {
        let lead = f64::from(i) * 0.15;
        let name = format!("Tech 3341 case 10, file {}", i + 1);
        cases.push(case(&name, Figure::MaxShortTerm, -23.0, 0.1, move |rate| {
            stereo_1_khz(rate, &[(None, lead), (Some(-23.0), 3.0), (None, 1.0)])
        }));
        let lead = f64::from(i) * 0.02;
        let name = format!("Tech 3341 case 13, file {}", i + 1);
        cases.push(case(&name, Figure::MaxMomentary, -23.0, 0.1, move |rate| {
            stereo_1_khz(rate, &[(None, lead), (Some(-23.0), 0.4), (None, 1.0)])
        }));
    }
    cases
}

/// Tech 3341 case 11: twenty tones of 3 s, each 1 dB louder, each 0.15 s later in its 6 s.
pub fn case_11(rate: u32) -> Signal {
    rising_tones(rate, 3.0, 0.15)
}

/// Tech 3341 case 14: the same for momentary loudness, 0.4 s and 20 ms.
pub fn case_14(rate: u32) -> Signal {
    rising_tones(rate, 0.4, 0.02)
}

fn rising_tones(rate: u32, tone_secs: f64, step_secs: f64) -> Signal {
    let pieces: Vec<_> = (0..20)
        .flat_map(|i| {
            let lead = f64::from(i) * step_secs;
            [
                (None, lead),
                (Some(-38.0 + f64::from(i)), tone_secs),
                (None, tone_secs - lead),
            ]
        })
        .collect();
    stereo_1_khz(rate, &pieces)
}

/// Tech 3341 case 9: short-term loudness constant at −23 after 3 s.
pub fn case_9(rate: u32) -> Signal {
    stereo_1_khz(rate, &[(Some(-20.0), 1.34), (Some(-30.0), 1.66)].repeat(5))
}

/// Tech 3341 case 12: momentary loudness constant at −23 after 1 s.
pub fn case_12(rate: u32) -> Signal {
    stereo_1_khz(rate, &[(Some(-20.0), 0.18), (Some(-30.0), 0.22)].repeat(25))
}

/// Stereo tones that must all read −23 LUFS: at each frequency the level that K-weighting turns into −23.
/// The gains are those published for 48 kHz, so the table does not come from the filter it tests.
pub fn bs2217_cases() -> Vec<Case> {
    let gains_db = [
        (25.0, -10.393),
        (100.0, -1.134),
        (500.0, 0.043),
        (1_000.0, 0.698),
        (2_000.0, 3.071),
        (10_000.0, 4.042),
    ];
    gains_db
        .into_iter()
        .map(|(frequency_hz, gain_db)| {
            let name = format!("BS.2217, {frequency_hz} Hz");
            // Two channels of a sine: +3.01 of the pair and −3.01 of the mean square cancel; −0.691 remains.
            let level = -23.0 + 0.691 - gain_db;
            case(&name, Figure::Integrated, -23.0, 0.1, move |rate| {
                Signal::new(rate, 2).tone(frequency_hz, level, 10.0)
            })
        })
        .collect()
}

/// Tech 3342 cases 1 to 4.
pub fn range_cases() -> Vec<Case> {
    let tables: [(&str, f64, Pieces); 4] = [
        ("1", 10.0, &[(-20.0, 20.0), (-30.0, 20.0)]),
        ("2", 5.0, &[(-20.0, 20.0), (-15.0, 20.0)]),
        ("3", 20.0, &[(-40.0, 20.0), (-20.0, 20.0)]),
        (
            "4",
            15.0,
            &[
                (-50.0, 20.0),
                (-35.0, 20.0),
                (-20.0, 20.0),
                (-35.0, 20.0),
                (-50.0, 20.0),
            ],
        ),
    ];
    tables
        .into_iter()
        .map(|(number, range, pieces)| {
            case(
                &format!("Tech 3342 case {number}"),
                Figure::Range,
                range,
                1.0,
                steps(pieces),
            )
        })
        .collect()
}

/// Block sizes in frames that no grid divides, used in turn.
pub const ODD_BLOCKS: [usize; 6] = [1, 997, 64, 4_801, 3, 441];

/// Calls `feed` with the whole signal in odd pieces.
pub fn in_odd_blocks(signal: &Signal, mut feed: impl FnMut(&[f32])) {
    let mut rest = &signal.samples[..];
    for block in ODD_BLOCKS.into_iter().cycle() {
        if rest.is_empty() {
            return;
        }
        let (now, later) = rest.split_at((block * signal.channels).min(rest.len()));
        feed(now);
        rest = later;
    }
}

/// Loudness of a signal fed at once and in odd blocks; panics if the two differ in a single bit.
pub fn measured_loudness(signal: &Signal) -> LoudnessReading {
    let weights = channel_weights(signal.channels);
    let mut at_once = LoudnessMeter::new(signal.sample_rate_hz, &weights);
    at_once.process(&signal.samples);
    at_once.finish_range();
    let mut in_blocks = LoudnessMeter::new(signal.sample_rate_hz, &weights);
    in_odd_blocks(signal, |block| in_blocks.process(block));
    in_blocks.finish_range();
    assert_eq!(at_once.reading(), in_blocks.reading(), "block sizes matter");
    assert_eq!(at_once.history(), in_blocks.history(), "block sizes matter");
    at_once.reading()
}

/// The figure of a case in a reading.
pub fn figure_of(reading: &LoudnessReading, figure: Figure) -> Option<f64> {
    match figure {
        Figure::Momentary => reading.momentary_lufs,
        Figure::ShortTerm => reading.short_term_lufs,
        Figure::Integrated => reading.integrated_lufs,
        Figure::MaxMomentary => reading.max_momentary_lufs,
        Figure::MaxShortTerm => reading.max_short_term_lufs,
        Figure::Range => reading.range_lu,
        Figure::TruePeak => None,
    }
}

/// Runs loudness cases at the given rates.
pub fn check_loudness(cases: &[Case], rates_hz: &[u32]) {
    for case in cases {
        for &rate in rates_hz {
            let reading = measured_loudness(&(case.signal)(rate));
            let measured = figure_of(&reading, case.figure)
                .unwrap_or_else(|| panic!("{} at {rate} Hz: no {:?}", case.name, case.figure));
            assert!(
                case.accepts(measured),
                "{} at {rate} Hz: {:?} is {measured:.3} instead of {}",
                case.name,
                case.figure,
                case.expect
            );
        }
    }
}

/// Tech 3341 cases 15 to 23. Levels are those of the continuous sine through the samples.
pub fn true_peak_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (number, divisor, amplitude, phase_degrees, expect) in [
        ("15", 4.0, 0.5, 0.0, -6.0),
        ("16", 4.0, 0.5, 45.0, -6.0),
        ("17", 6.0, 0.5, 60.0, -6.0),
        ("18", 8.0, 0.5, 67.5, -6.0),
        ("19", 4.0, 1.41, 45.0, 3.0),
    ] {
        cases.push(peak_case(number, expect, move |rate| {
            let frequency_hz = f64::from(rate) / divisor;
            Signal::new(rate, 2).faded_tone(frequency_hz, amplitude, phase_degrees, 1.0, 0.01)
        }));
    }
    for offset in 0..4 {
        let number = (20 + offset).to_string();
        cases.push(peak_case(&number, 0.0, move |rate| {
            inter_sample_burst(rate, offset)
        }));
    }
    cases
}

fn peak_case(number: &str, expect: f64, signal: impl Fn(u32) -> Signal + 'static) -> Case {
    Case {
        tolerance: [-0.4, 0.2],
        ..case(
            &format!("Tech 3341 case {number}"),
            Figure::TruePeak,
            expect,
            0.0,
            signal,
        )
    }
}

/// At four times the rate: a sine of fs/6 at 0.5 that turns, without a jump of phase, into one period of fs/4 at 1.0
/// and back; limited to the band of fs, then every fourth sample of it, from an offset. Without the limit the corners
/// of the burst would alias, and the four offsets differ by 0.4 dB in their true peaks.
fn inter_sample_burst(rate: u32, offset: usize) -> Signal {
    // 200 periods of 24 samples, one of 16, 200 of 24.
    let (before, burst) = (200 * 24, 16);
    let built: Vec<f64> = (0..2 * before + burst)
        .map(|i| match i {
            i if i < before => 0.5 * (TAU * i as f64 / 24.0).sin(),
            i if i < before + burst => (TAU * (i - before) as f64 / 16.0).sin(),
            i => 0.5 * (TAU * (i - before - burst) as f64 / 24.0).sin(),
        })
        .collect();
    let frames = built.len() / 4;
    let fade_frames = 0.01 * f64::from(rate);
    let samples: Vec<f64> = (0..frames)
        .map(|frame| {
            let fade = (frame.min(frames - frame) as f64 / fade_frames).min(1.0);
            fade * band_limited(&built, 4 * frame + offset)
        })
        .collect();
    let secs = frames as f64 / f64::from(rate);
    Signal::new(rate, 2).piece(secs, move |frame, _, _| samples[frame])
}

/// A sample of a signal through a windowed-sinc low-pass at an eighth of its rate.
fn band_limited(signal: &[f64], at: usize) -> f64 {
    const REACH: usize = 128;
    (at.saturating_sub(REACH)..(at + REACH).min(signal.len()))
        .map(|i| {
            let distance = i as f64 - at as f64;
            let x = TAU / 2.0 * distance / 4.0;
            let sinc = if i == at { 1.0 } else { x.sin() / x };
            let window = 0.5 + 0.5 * (TAU / 2.0 * distance / REACH as f64).cos();
            signal[i] * 0.25 * sinc * window
        })
        .sum()
}

/// Peaks of a signal fed at once and in odd blocks; panics if the two differ in a single bit.
pub fn measured_peak(signal: &Signal) -> ChannelPeak {
    let mut at_once = TruePeakMeter::new(signal.sample_rate_hz, signal.channels);
    at_once.process(&signal.samples);
    at_once.finish();
    let mut in_blocks = TruePeakMeter::new(signal.sample_rate_hz, signal.channels);
    in_odd_blocks(signal, |block| in_blocks.process(block));
    in_blocks.finish();
    assert_eq!(at_once.peak(), in_blocks.peak(), "block sizes matter");
    assert_eq!(
        at_once.recent_true_peak(3.0),
        in_blocks.recent_true_peak(3.0),
        "block sizes matter"
    );
    at_once.peak()
}
