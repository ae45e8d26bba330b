//! Stereo and level: signals whose correlation, balance, width and AES17 level are known by construction.

use std::f64::consts::TAU;

use abscope::analysis::analyzer::Analyzer;
use abscope::analysis::spectral::Purpose;
use abscope::analysis::summary::Summary;
use abscope::dsp::signals::Signal;

use crate::meters::format_of;
use crate::table::{Expect, Page};

const RATE_HZ: u32 = 48_000;

/// What of a summary a row shows.
type Read = fn(&Summary) -> Option<f64>;

pub fn write(page: &mut Page) {
    page.heading(2, "Stereo and level");
    page.paragraph("Whole signals of 10 s at 48 kHz.");
    page.table_head(&["signal", "figure", "expected", "tolerance", "Abscope"]);
    let correlation: Read = |s| s.stereo.correlation;
    let half = Some(-6.0206);
    let tones = |levels: [Option<f64>; 2]| Signal::new(RATE_HZ, 2).tones(997.0, &levels, 10.0);
    row(
        page,
        "right = left",
        "correlation",
        1.0,
        0.001,
        &tones([half, half]),
        correlation,
    );
    row(
        page,
        "right = −left",
        "correlation",
        -1.0,
        0.001,
        &shifted(180.0),
        correlation,
    );
    for degrees in [30.0f64, 60.0, 90.0, 120.0] {
        let name = format!("sines {degrees}° apart");
        let expected = degrees.to_radians().cos();
        row(
            page,
            &name,
            "correlation",
            expected,
            0.001,
            &shifted(degrees),
            correlation,
        );
    }
    let noise = Signal::new(RATE_HZ, 2).noise(0.5, 10.0, 5);
    row(
        page,
        "unrelated noise",
        "correlation",
        0.0,
        0.02,
        &noise,
        correlation,
    );
    row(
        page,
        "unrelated noise",
        "side to mid, dB",
        0.0,
        0.1,
        &noise,
        |s| s.stereo.side_to_mid_db,
    );
    let leaning = tones([Some(-6.0), Some(-12.0)]);
    row(
        page,
        "left 6 dB louder",
        "balance, dB",
        6.0,
        0.01,
        &leaning,
        |s| s.stereo.balance_db,
    );
    let sine = tones([Some(0.0), Some(0.0)]);
    row(
        page,
        "full-scale sine",
        "RMS (AES17), dBFS",
        0.0,
        0.01,
        &sine,
        |s| s.levels.rms_dbfs,
    );
    row(
        page,
        "full-scale sine",
        "sample peak, dBFS",
        0.0,
        0.01,
        &sine,
        |s| s.loudness.sample_peak_dbfs,
    );
    let square =
        Signal::new(RATE_HZ, 2).piece(10.0, |n, _, _| if n / 24 % 2 == 0 { 0.5 } else { -0.5 });
    row(
        page,
        "square of half scale",
        "RMS (AES17), dBFS",
        -3.0103,
        0.01,
        &square,
        |s| s.levels.rms_dbfs,
    );
    silence(page);
    page.table_end();
}

fn row(
    page: &mut Page,
    signal_name: &str,
    figure: &str,
    expected: f64,
    tolerance: f64,
    signal: &Signal,
    read: Read,
) {
    let expect = Expect::within(expected, tolerance);
    let cells = [
        signal_name.to_owned(),
        figure.to_owned(),
        crate::table::number(expected, 3),
        expect.tolerance_words(),
        page.ours(expect, read(&summary_of(signal)), 3),
    ];
    page.row(&cells);
}

/// Of silence no figure exists: counted as 1 where each is absent.
fn silence(page: &mut Page) {
    let summary = summary_of(&Signal::new(RATE_HZ, 2).silence(10.0));
    let figures = [
        summary.loudness.integrated_lufs,
        summary.loudness.range_lu,
        summary.loudness.true_peak_dbtp,
        summary.levels.rms_dbfs,
        summary.stereo.correlation,
        summary.stereo.balance_db,
    ];
    let present = figures.iter().flatten().count() as f64;
    let expect = Expect::within(0.0, 0.0);
    let cells = [
        "silence".to_owned(),
        "figures that exist, of six".to_owned(),
        "0".to_owned(),
        "0".to_owned(),
        page.ours(expect, Some(present), 0),
    ];
    page.row(&cells);
}

/// A sine of 997 Hz left, and as much later in phase right.
fn shifted(degrees: f64) -> Signal {
    Signal::new(RATE_HZ, 2).piece(10.0, |frame, rate_hz, channel| {
        let phase = if channel == 1 { degrees / 360.0 } else { 0.0 };
        0.5 * (TAU * ((frame as f64 * 997.0 / rate_hz).fract() + phase)).sin()
    })
}

fn summary_of(signal: &Signal) -> Summary {
    let mut analyzer = Analyzer::with_purpose(format_of(signal), Purpose::Programme);
    let mut columns = Vec::new();
    analyzer.process(&signal.samples, &mut columns);
    analyzer.finish(&mut columns);
    analyzer.summary()
}
