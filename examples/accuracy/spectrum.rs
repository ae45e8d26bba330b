//! Spectrum: tone level over frequency and rate, third-octave bands, and what one picture resolves.
//!
//! ebur128 and ffmpeg's filter have no spectrum, so what stands beside these figures is mathematics alone.

use std::f64::consts::TAU;

use abscope::analysis::analyzer::Analyzer;
use abscope::analysis::column::{Column, level_db};
use abscope::analysis::spectral::Purpose;
use abscope::dsp::fractional_octave::{NUM_THIRD_OCTAVES, third_octave, third_octave_center_hz};
use abscope::dsp::grid::{bin_from_hz, hz_from_bin};
use abscope::dsp::signals::Signal;
use abscope::units::db::{db_from_power, power_from_db};

use crate::meters::format_of;
use crate::table::{Expect, Page};

pub fn write(page: &mut Page) {
    page.heading(2, "Spectrum: tone level");
    page.paragraph(
        "dB. Full-scale sines from 22 Hz to 20 kHz (or 0.45 of the rate), on and between bins, through both cross-fades of \
         the three resolutions: the lowest and the highest level that the peak of a column reads.",
    );
    page.table_head(&[
        "rate",
        "frequencies",
        "expected",
        "tolerance",
        "lowest",
        "highest",
    ]);
    for rate in [32_000, 44_100, 48_000, 88_200, 96_000, 192_000] {
        write_tones(page, rate);
    }
    page.table_end();

    page.heading(2, "Spectrum: third-octave bands");
    page.paragraph(
        "dB, the band farthest off of the 31 from 20 Hz to 20 kHz. A sine of −6.02 dBFS at each band's centre must read \
         its level; white noise of 60 s must read by bandwidth, within 0.1 dB and three standard errors of a noise power, \
         and pink noise is flat then.",
    );
    page.table_head(&["rate", "signal", "band", "expected", "tolerance", "Abscope"]);
    for rate in [44_100, 48_000, 96_000] {
        write_band_sines(page, rate);
        write_band_noise(page, rate);
    }
    page.table_end();

    page.heading(2, "Spectrum: resolution of one picture");
    page.paragraph(
        "In the same columns: two tones 6 Hz apart at 50 Hz must show a dip of at least 6 dB between them, and of a click \
         at least 90 % of the energy at 10 kHz must lie within ±10 ms, its centre within ±3 ms.",
    );
    page.table_head(&[
        "rate",
        "dip, dB",
        "click within ±10 ms, %",
        "click centre, ms",
    ]);
    for rate in [44_100, 48_000, 96_000, 192_000] {
        write_resolution(page, rate);
    }
    page.table_end();
    eprintln!("accuracy: spectrum");
}

fn write_tones(page: &mut Page, rate: u32) {
    let expect = Expect::within(0.0, 0.1);
    let top_hz = 20_000f64.min(0.45 * f64::from(rate));
    let mut levels = Vec::new();
    let mut bin = bin_from_hz(22.0);
    while bin < bin_from_hz(top_hz) {
        let columns = columns_of(&Signal::new(rate, 2).tone(hz_from_bin(bin), 0.0, 0.8));
        levels.push(peak_db(&columns[columns.len() / 2]));
        // No multiple of the grid or of a transform's bins.
        bin += 11.37;
    }
    let lowest = levels.iter().copied().min_by(f64::total_cmp);
    let highest = levels.iter().copied().max_by(f64::total_cmp);
    let row = [
        kilohertz(rate),
        levels.len().to_string(),
        "0".to_owned(),
        expect.tolerance_words(),
        page.ours(expect, lowest, 3),
        page.ours(expect, highest, 3),
    ];
    page.row(&row);
}

fn write_band_sines(page: &mut Page, rate: u32) {
    let expect = Expect::within(-6.0206, 0.4);
    let mut worst: Option<(usize, f64)> = None;
    for band in 0..NUM_THIRD_OCTAVES {
        let signal = Signal::new(rate, 2).tone(third_octave_center_hz(band), -6.0206, 4.0);
        let Some(level) = third_octaves_of(&signal)[band] else {
            continue;
        };
        if worst.is_none_or(|(_, w)| (level + 6.0206).abs() > (w + 6.0206).abs()) {
            worst = Some((band, level));
        }
    }
    write_band(page, rate, "sine", expect, worst);
}

fn write_band_noise(page: &mut Page, rate: u32) {
    const SECS: f64 = 60.0;
    let levels = third_octaves_of(&Signal::new(rate, 2).noise(1.0, SECS, 99));
    let nyquist_hz = f64::from(rate) / 2.0;
    let mut worst: Option<(usize, f64, Expect)> = None;
    for (band, level) in levels.iter().enumerate() {
        let edges = third_octave(band);
        let width_hz = edges.high_hz.min(nyquist_hz) - edges.low_hz;
        // Noise uniform in ±1 has an AES17 level of 2/3.
        let value = db_from_power(2.0 / 3.0 * width_hz / nyquist_hz);
        let standard_error_db = 4.34 / (width_hz * SECS * 2.0).sqrt();
        let expect = Expect::within(value, 0.1 + 3.0 * standard_error_db);
        let Some(level) = *level else { continue };
        let share = |(_, level, e): &(usize, f64, Expect)| (level - e.value).abs() / e.tolerance[1];
        let this = (band, level, expect);
        if worst
            .as_ref()
            .is_none_or(|worst| share(&this) > share(worst))
        {
            worst = Some(this);
        }
    }
    if let Some((band, level, expect)) = worst {
        write_band(page, rate, "white noise", expect, Some((band, level)));
    }
}

fn write_band(
    page: &mut Page,
    rate: u32,
    signal: &str,
    expect: Expect,
    worst: Option<(usize, f64)>,
) {
    let row = [
        kilohertz(rate),
        signal.to_owned(),
        worst.map_or_else(String::new, |(band, _)| {
            format!("{:.0} Hz", third_octave_center_hz(band))
        }),
        crate::table::number(expect.value, 2),
        format!("±{:.2}", expect.tolerance[1]),
        page.ours(expect, worst.map(|(_, level)| level), 2),
    ];
    page.row(&row);
}

fn write_resolution(page: &mut Page, rate: u32) {
    let at_least = |value: f64| Expect {
        value,
        tolerance: [0.0, f64::INFINITY],
    };
    let (centre_ms, percent) = worst_click(rate);
    let row = [
        kilohertz(rate),
        page.ours(at_least(6.0), dip_db(rate), 1),
        page.ours(at_least(90.0), Some(percent), 1),
        page.ours(Expect::within(0.0, 3.0), Some(centre_ms), 2),
    ];
    page.row(&row);
}

/// The shallowest dip of the columns of a second between 47 and 53 Hz.
fn dip_db(rate: u32) -> Option<f64> {
    let signal = Signal::new(rate, 2).piece(2.0, |frame, rate_hz, _| {
        let sine = |hz: f64| (TAU * (frame as f64 * hz / rate_hz).fract()).sin();
        0.5 * sine(47.0) + 0.5 * sine(53.0)
    });
    let columns = columns_of(&signal);
    let dips = columns[60..120].iter().map(|column| {
        let levels = |low_hz: f64, high_hz: f64| {
            let bins = bin_from_hz(low_hz) as usize..=bin_from_hz(high_hz) as usize;
            bins.filter_map(|bin| level_db(column.bins[bin]))
                .map(f64::from)
                .collect::<Vec<_>>()
        };
        let highest = |levels: Vec<f64>| levels.into_iter().fold(f64::MIN, f64::max);
        let lower_tone = highest(levels(45.0, 48.5)).min(highest(levels(51.5, 55.0)));
        lower_tone - levels(48.0, 52.0).into_iter().fold(f64::MAX, f64::min)
    });
    dips.min_by(f64::total_cmp)
}

/// Of clicks at sixteen places between two columns: the centre farthest off in ms, and the least energy within
/// ±10 ms in percent.
fn worst_click(rate: u32) -> (f64, f64) {
    let bin = bin_from_hz(10_000.0).round() as usize;
    let hop = hop_frames(rate);
    let (mut worst_centre_ms, mut worst_percent) = (0.0f64, 100.0f64);
    for sixteenth in 0..16 {
        let click = rate as usize / 2 + hop * sixteenth / 16;
        let signal = Signal::new(rate, 2).piece(1.0, |frame, _, _| f64::from(frame == click));
        let (mut total, mut moment, mut near) = (0.0, 0.0, 0.0);
        for column in columns_of(&signal) {
            let energy = level_db(column.bins[bin]).map_or(0.0, |db| power_from_db(db.into()));
            let frames = column.index as f64 * hop as f64 - click as f64;
            let at_ms = 1000.0 * frames / f64::from(rate);
            total += energy;
            moment += energy * at_ms;
            near += if at_ms.abs() <= 10.0 { energy } else { 0.0 };
        }
        let centre_ms = moment / total;
        if centre_ms.abs() > worst_centre_ms.abs() {
            worst_centre_ms = centre_ms;
        }
        worst_percent = worst_percent.min(100.0 * near / total);
    }
    (worst_centre_ms, worst_percent)
}

fn hop_frames(rate: u32) -> usize {
    Analyzer::new(format_of(&Signal::new(rate, 2))).hop_frames()
}

fn columns_of(signal: &Signal) -> Vec<Column> {
    let mut analyzer = Analyzer::with_purpose(format_of(signal), Purpose::Programme);
    let mut columns = Vec::new();
    analyzer.process(&signal.samples, &mut columns);
    analyzer.finish(&mut columns);
    let finest = columns.iter().filter(|column| column.tier == 0);
    finest.map(|column| column.column).collect()
}

fn peak_db(column: &Column) -> f64 {
    let levels = column.bins.iter().filter_map(|&bin| level_db(bin));
    levels.map(f64::from).fold(f64::MIN, f64::max)
}

fn third_octaves_of(signal: &Signal) -> Vec<Option<f64>> {
    let mut analyzer = Analyzer::with_purpose(format_of(signal), Purpose::Programme);
    let mut columns = Vec::new();
    analyzer.process(&signal.samples, &mut columns);
    analyzer.finish(&mut columns);
    analyzer.summary().third_octave.mean_db
}

fn kilohertz(rate: u32) -> String {
    format!("{} kHz", f64::from(rate) / 1000.0)
}
