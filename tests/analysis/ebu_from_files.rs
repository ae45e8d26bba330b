//! The cases of EBU Tech 3341 and 3342 and the tones of BS.2217 through the whole path, at 44.1, 48 and 96 kHz: as WAV
//! files through decoder and programme, and through the capture ring in odd blocks into the live Analyzer.
//!
//! The meters by themselves are held by `ebu_tech_3341.rs`, `ebu_tech_3342.rs` and `true_peak.rs`; what is between a
//! file or a device and the figure that is shown is held here. Both ways must agree to the last bit.

use std::sync::atomic::AtomicBool;

use crate::support::parts;
use crate::support::signals::*;
use abscope::analysis::analyzer::Analyzer;
use abscope::analysis::column::TierColumn;
use abscope::analysis::programme::{Programme, ProgrammeOptions};
use abscope::analysis::summary::Summary;
use abscope::audio::decode::FileDecoder;
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::audio::ring::{ReadEvent, frame_ring};
use abscope::dsp::loudness::LoudnessPoint;
use abscope::dsp::signals::Signal;

/// What a path says of a signal.
struct Heard {
    summary: Summary,
    points: Vec<LoudnessPoint>,
}

impl Heard {
    fn figure(&self, figure: Figure) -> f64 {
        let last = self.points.last().copied();
        let loudness = &self.summary.loudness;
        let value = match figure {
            Figure::Momentary => last.and_then(LoudnessPoint::momentary).map(f64::from),
            Figure::ShortTerm => last.and_then(LoudnessPoint::short_term).map(f64::from),
            Figure::Integrated => loudness.integrated_lufs,
            Figure::MaxMomentary => loudness.max_momentary_lufs,
            Figure::MaxShortTerm => loudness.max_short_term_lufs,
            Figure::Range => loudness.range_lu,
            Figure::TruePeak => loudness.true_peak_dbtp,
        };
        value.unwrap_or_else(|| panic!("no {figure:?}"))
    }
}

fn format_of(signal: &Signal) -> StreamFormat {
    StreamFormat {
        sample_rate_hz: signal.sample_rate_hz,
        layout: ChannelLayout::from_count(signal.channels as u16),
    }
}

fn as_wav(signal: &Signal) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new()
        .suffix(".wav")
        .tempfile()
        .expect("a temporary file can be written and read");
    let spec = hound::WavSpec {
        channels: signal.channels as u16,
        sample_rate: signal.sample_rate_hz,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(file.path(), spec)
        .expect("a temporary file can be written and read");
    for &sample in &signal.samples {
        writer
            .write_sample(sample)
            .expect("a temporary file can be written and read");
    }
    writer
        .finalize()
        .expect("a temporary file can be written and read");
    file
}

/// As `abscope analyze` reads it.
fn from_file(signal: &Signal) -> Heard {
    let file = as_wav(signal);
    let mut decoder =
        FileDecoder::open(file.path()).expect("a temporary file can be written and read");
    let format = decoder.format();
    assert_eq!(format, format_of(signal));
    let programme = Programme::analyse(
        |chunk| decoder.read(chunk),
        format,
        ProgrammeOptions::default(),
        &mut |_| (),
        &AtomicBool::new(false),
    );
    let programme = programme.expect("a whole file").expect("nobody cancels");
    assert_eq!(decoder.warnings(), []);
    Heard {
        summary: programme.summary,
        points: programme.loudness_points,
    }
}

/// As the analysis thread reads a device: odd blocks into the ring, what is there out of it. `look` sees the maxima
/// M and S each time a number of frames has been heard.
fn from_ring(
    signal: &Signal,
    look_every: Option<usize>,
    mut look: impl FnMut(usize, Option<f64>, Option<f64>),
) -> Heard {
    let format = format_of(signal);
    let (mut writer, mut reader) = frame_ring(format, 0.5);
    let mut analyzer = Analyzer::new(format);
    let mut columns: Vec<TierColumn> = Vec::new();
    let mut arrived = Vec::new();
    let mut heard = 0;
    in_odd_blocks(signal, |block| {
        writer.push(block);
        arrived.clear();
        while let ReadEvent::Frames(_) = reader.read(&mut arrived) {}
        let mut rest = &arrived[..];
        while !rest.is_empty() {
            let frames = rest.len() / signal.channels;
            let now = look_every.map_or(frames, |every| frames.min(every - heard % every));
            let (piece, later) = rest.split_at(now * signal.channels);
            analyzer.process(piece, &mut columns);
            heard += now;
            if look_every.is_some_and(|every| heard.is_multiple_of(every)) {
                let loudness = analyzer.meters().loudness;
                look(
                    heard,
                    loudness.max_momentary_lufs,
                    loudness.max_short_term_lufs,
                );
            }
            rest = later;
        }
        columns.clear();
    });
    assert_eq!(reader.lost_frames(), 0);
    analyzer.finish(&mut columns);
    Heard {
        summary: analyzer.summary(),
        points: analyzer.loudness_points().to_vec(),
    }
}

/// Both ways; panics where they differ.
fn heard(signal: &Signal) -> Heard {
    let file = from_file(signal);
    let live = from_ring(signal, None, |_, _, _| ());
    assert_same(&file, &live);
    file
}

fn assert_same(file: &Heard, live: &Heard) {
    let text = |heard: &Heard| serde_json::to_string(&heard.summary).expect("plain data");
    assert_eq!(text(file), text(live), "live and file differ");
    assert_eq!(file.points, live.points, "live and file differ");
}

fn check(cases: &[Case], rate: u32) {
    let mut last: Option<(&str, Heard)> = None;
    for case in cases {
        // A case may be about several figures of one signal.
        if last.as_ref().is_none_or(|(name, _)| *name != case.name) {
            last = Some((&case.name, heard(&(case.signal)(rate))));
        }
        let (_, heard) = last.as_ref().expect("just heard");
        let measured = heard.figure(case.figure);
        assert!(
            case.accepts(measured),
            "{} at {rate} Hz: {:?} is {measured:.3} instead of {}",
            case.name,
            case.figure,
            case.expect
        );
    }
}

fn check_constant(case: &str, file: &Heard, after: usize, value: fn(LoudnessPoint) -> Option<f32>) {
    for (point, &lufs) in file.points.iter().enumerate().skip(after) {
        let lufs = value(lufs).unwrap_or_else(|| panic!("{case}: nothing at point {point}"));
        assert!((lufs + 23.0).abs() <= 0.1, "{case}, point {point}: {lufs}");
    }
}

/// The maxima after each of twenty tones, −38 … −19, on the live way, and the last one from the file.
fn check_rising(signal: &Signal, period_secs: f64, figure: Figure) {
    let every = (period_secs * f64::from(signal.sample_rate_hz)).round() as usize;
    let mut maxima = Vec::new();
    let live = from_ring(signal, Some(every), |_, momentary, short_term| {
        let maximum = match figure {
            Figure::MaxMomentary => momentary,
            _ => short_term,
        };
        maxima.push(maximum.expect("a tone has gone by"));
    });
    assert_eq!(maxima.len(), 20);
    for (n, maximum) in maxima.iter().enumerate() {
        let expected = -38.0 + n as f64;
        assert!(
            (maximum - expected).abs() <= 0.1,
            "{figure:?} of tone {n} at {} Hz: {maximum}",
            signal.sample_rate_hz
        );
    }
    let file = from_file(signal);
    assert_same(&file, &live);
    assert!((file.figure(figure) + 19.0).abs() <= 0.1);
}

fn check_all_but_integrated(rate: u32) {
    check(&range_cases(), rate);
    check(&bs2217_cases(), rate);
    check(&true_peak_cases(), rate);
    let short_term = heard(&case_9(rate));
    check_constant("case 9", &short_term, 30, LoudnessPoint::short_term);
    let momentary = heard(&case_12(rate));
    check_constant("case 12", &momentary, 10, LoudnessPoint::momentary);
    check_rising(&case_11(rate), 6.0, Figure::MaxShortTerm);
    check_rising(&case_14(rate), 0.8, Figure::MaxMomentary);
}

#[test]
fn integrated_loudness_at_44_1_khz() {
    if parts::left_to_the_whole_run("integrated_loudness_at_44_1_khz") {
        return;
    }
    check(&integrated_cases(), 44_100);
}

#[test]
fn integrated_loudness_at_48_khz() {
    check(&integrated_cases(), 48_000);
}

#[test]
fn integrated_loudness_at_96_khz() {
    if parts::left_to_the_whole_run("integrated_loudness_at_96_khz") {
        return;
    }
    check(&integrated_cases(), 96_000);
}

#[test]
fn maxima_wherever_the_tone_starts() {
    if parts::left_to_the_whole_run("maxima_wherever_the_tone_starts") {
        return;
    }
    for rate in RATES_HZ {
        check(&maximum_cases(), rate);
    }
}

#[test]
fn range_tones_peaks_and_the_moving_cases_at_44_1_khz() {
    if parts::left_to_the_whole_run("range_tones_peaks_and_the_moving_cases_at_44_1_khz") {
        return;
    }
    check_all_but_integrated(44_100);
}

#[test]
fn range_tones_peaks_and_the_moving_cases_at_48_khz() {
    if parts::left_to_the_whole_run("range_tones_peaks_and_the_moving_cases_at_48_khz") {
        return;
    }
    check_all_but_integrated(48_000);
}

#[test]
fn range_tones_peaks_and_the_moving_cases_at_96_khz() {
    if parts::left_to_the_whole_run("range_tones_peaks_and_the_moving_cases_at_96_khz") {
        return;
    }
    check_all_but_integrated(96_000);
}
