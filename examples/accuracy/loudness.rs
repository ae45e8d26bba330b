//! Loudness and loudness range: Tech 3341 cases 1 to 14, the tones of BS.2217, Tech 3342, and the sample rates.

use abscope::dsp::signals::Signal;

use crate::meters::{self, Heard, Point};
use crate::signals::{
    Case, Figure, RATES_HZ, bs2217_cases, case_9, case_11, case_12, case_14, integrated_cases,
    maximum_cases, range_cases, stereo_1_khz,
};
use crate::table::{Expect, Page};

const COLUMNS: [&str; 9] = [
    "case",
    "figure",
    "expected",
    "tolerance",
    "Abscope 44.1 kHz",
    "Abscope 48 kHz",
    "Abscope 96 kHz",
    "ebur128",
    "ffmpeg",
];

/// What the two others are asked at.
pub const COMMON_RATE_HZ: u32 = 48_000;

pub fn write(page: &mut Page) {
    page.heading(2, "Loudness: EBU Tech 3341");
    page.paragraph(
        "LUFS. Of cases 9 and 12 the reading farthest from −23 is shown, of cases 10 and 13 the farthest of the \
         twenty files, of cases 11 and 14 the largest deviation of the twenty maxima, in LU.",
    );
    page.table_head(&COLUMNS);
    for case in integrated_cases() {
        write_case(page, &case);
    }
    write_steady(page, "9", Figure::ShortTerm, case_9, 3.0);
    write_maxima(page, "10", Figure::MaxShortTerm);
    write_rising(page, "11", Figure::MaxShortTerm, case_11, 6.0);
    write_steady(page, "12", Figure::Momentary, case_12, 1.0);
    write_maxima(page, "13", Figure::MaxMomentary);
    write_rising(page, "14", Figure::MaxMomentary, case_14, 0.8);
    page.table_end();

    page.heading(2, "Loudness: tones as in ITU-R BS.2217");
    page.paragraph(
        "LUFS. Stereo tones at the level that K-weighting turns into −23, and a full-scale sine in one channel.",
    );
    page.table_head(&COLUMNS);
    for case in bs2217_cases() {
        write_case(page, &case);
    }
    write_case(
        page,
        &Case {
            name: "997 Hz, 0 dBFS, left only".to_owned(),
            figure: Figure::Integrated,
            expect: -3.01,
            tolerance: [-0.01, 0.01],
            signal: Box::new(|rate| Signal::new(rate, 2).tones(997.0, &[Some(0.0), None], 5.0)),
        },
    );
    page.table_end();

    page.heading(2, "Loudness: sample rates");
    page.paragraph(
        "LUFS of 1 kHz at −23 dBFS in both channels. ebur128 and ffmpeg leave out a gain factor of the high-pass that is \
         1 only near 48 kHz (`src/dsp/k_weighting.rs`). The tolerance is Abscope's own; the standard's is ±0.1.",
    );
    write_rates(page);

    page.heading(2, "Loudness range: EBU Tech 3342");
    page.paragraph("LU. 1.5 s of silence are counted behind the end of a file, as the paper asks.");
    page.table_head(&COLUMNS);
    for case in range_cases() {
        write_case(page, &case);
    }
    page.table_end();
}

/// A row of a case that is one signal.
pub fn write_case(page: &mut Page, case: &Case) {
    let expect = Expect {
        value: case.expect,
        tolerance: case.tolerance,
    };
    let name = case
        .name
        .replace("Tech 3341 ", "")
        .replace("Tech 3342 ", "");
    write_row(page, &name, case.figure, expect, |rate, meter| {
        meter.hear(&(case.signal)(rate), false).figure(case.figure)
    });
}

/// A case that must stand still after a time.
fn write_steady(
    page: &mut Page,
    number: &str,
    figure: Figure,
    signal: fn(u32) -> Signal,
    from_secs: f64,
) {
    let expect = Expect::within(-23.0, 0.1);
    let name = format!("case {number}");
    write_row(page, &name, figure, expect, |rate, meter| {
        let heard = meter.hear(&signal(rate), true);
        let steady = heard.trace.iter().filter(|p| p.secs > from_secs - 1e-6);
        expect.farthest(steady.filter_map(|p| value_of(p, figure)))
    });
}

/// Case 10 or 13: twenty files.
fn write_maxima(page: &mut Page, number: &str, figure: Figure) {
    let expect = Expect::within(-23.0, 0.1);
    let name = format!("case {number}");
    write_row(page, &name, figure, expect, |rate, meter| {
        let of_figure = maximum_cases().into_iter().filter(|c| c.figure == figure);
        let readings = of_figure.filter_map(|case| {
            let heard = meter.hear(&(case.signal)(rate), false);
            heard.figure(figure)
        });
        expect.farthest(readings)
    });
}

/// Case 11 or 14: twenty maxima in one file, each 1 LU louder.
fn write_rising(
    page: &mut Page,
    number: &str,
    figure: Figure,
    signal: fn(u32) -> Signal,
    period_secs: f64,
) {
    let expect = Expect::within(0.0, 0.1);
    let name = format!("case {number}, −38 … −19");
    write_row(page, &name, figure, expect, |rate, meter| {
        let heard = meter.hear(&signal(rate), true);
        let deviations = (1..=20).filter_map(|n| {
            let end_secs = f64::from(n) * period_secs + 1e-6;
            let until = heard.trace.iter().take_while(|p| p.secs < end_secs);
            let maximum = until
                .filter_map(|p| value_of(p, figure))
                .max_by(f64::total_cmp)?;
            Some(maximum - (-39.0 + f64::from(n)))
        });
        expect.farthest(deviations)
    });
}

fn write_rates(page: &mut Page) {
    page.table_head(&[
        "rate",
        "expected",
        "tolerance",
        "Abscope",
        "ebur128",
        "ffmpeg",
    ]);
    // 1 kHz is raised by 0.698 dB, and −0.691 is added.
    let expect = Expect::within(-22.99, 0.02);
    for rate in [32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000] {
        let signal = stereo_1_khz(rate, &[(Some(-23.0), 10.0)]);
        let ours = meters::abscope(&signal, false).integrated_lufs;
        let row = [
            format!("{} kHz", f64::from(rate) / 1000.0),
            "−22.99".to_owned(),
            expect.tolerance_words(),
            page.ours(expect, ours, 3),
            Page::theirs(expect, meters::ebur128(&signal).integrated_lufs, 3),
            Page::theirs(expect, meters::ffmpeg(&signal).integrated_lufs, 3),
        ];
        page.row(&row);
    }
    page.table_end();
}

/// One of the three.
#[derive(Clone, Copy)]
enum Meter {
    Abscope,
    Ebur128,
    Ffmpeg,
}

impl Meter {
    fn hear(self, signal: &Signal, with_trace: bool) -> Heard {
        match self {
            Self::Abscope => meters::abscope(signal, with_trace),
            Self::Ebur128 => meters::ebur128(signal),
            Self::Ffmpeg => meters::ffmpeg(signal),
        }
    }
}

fn write_row(
    page: &mut Page,
    name: &str,
    figure: Figure,
    expect: Expect,
    reading: impl Fn(u32, Meter) -> Option<f64>,
) {
    let mut row = vec![
        name.to_owned(),
        name_of(figure).to_owned(),
        crate::table::number(expect.value, if expect.value == -3.01 { 2 } else { 0 }),
        expect.tolerance_words(),
    ];
    for rate in RATES_HZ {
        row.push(page.ours(expect, reading(rate, Meter::Abscope), 2));
    }
    for other in [Meter::Ebur128, Meter::Ffmpeg] {
        row.push(Page::theirs(expect, reading(COMMON_RATE_HZ, other), 2));
    }
    page.row(&row);
    eprintln!("accuracy: {name} {}", name_of(figure));
}

fn value_of(point: &Point, figure: Figure) -> Option<f64> {
    match figure {
        Figure::Momentary | Figure::MaxMomentary => point.momentary_lufs,
        _ => point.short_term_lufs,
    }
}

fn name_of(figure: Figure) -> &'static str {
    match figure {
        Figure::Momentary => "M",
        Figure::ShortTerm => "S",
        Figure::Integrated => "I",
        Figure::MaxMomentary => "max M",
        Figure::MaxShortTerm => "max S",
        Figure::Range => "LRA",
        Figure::TruePeak => "true peak",
    }
}
