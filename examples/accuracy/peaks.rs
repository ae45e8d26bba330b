//! True peak: Tech 3341 cases 15 to 23, and full-scale sines at 64 phases.

use std::f64::consts::TAU;

use abscope::dsp::signals::Signal;
use abscope::dsp::true_peak::TruePeakMeter;
use abscope::units::db::db_from_amplitude;
use ebur128::{EbuR128, Mode};

use crate::loudness::write_case;
use crate::signals::true_peak_cases;
use crate::table::{Expect, Page};

/// Phases are heard eight at a time, in eight channels.
const CHANNELS: usize = 8;

pub fn write(page: &mut Page) {
    page.heading(2, "True peak: EBU Tech 3341");
    page.paragraph(
        "dBTP. ffmpeg gives its peaks to a thousandth of full scale; cases 20 to 23 last 50 ms, and because it reports every \
         100 ms, silence is appended for it.",
    );
    page.table_head(&[
        "case",
        "figure",
        "expected",
        "tolerance",
        "Abscope 44.1 kHz",
        "Abscope 48 kHz",
        "Abscope 96 kHz",
        "ebur128",
        "ffmpeg",
    ]);
    for case in true_peak_cases() {
        write_case(page, &case);
    }
    page.table_end();

    page.heading(2, "True peak: sines up to 20 kHz");
    page.paragraph(
        "dBTP of full-scale sines at fifteen frequencies from 60 Hz to 20 kHz, simple parts of the sample rate among them, \
         each at 64 phases: the lowest and the highest reading. ffmpeg is not in this table, because it tells only a \
         running maximum. The tolerance is Abscope's own, not the standard's.",
    );
    page.table_head(&[
        "rate",
        "expected",
        "tolerance",
        "Abscope lowest",
        "Abscope highest",
        "ebur128 lowest",
        "ebur128 highest",
    ]);
    for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
        write_rate(page, rate);
    }
    page.table_end();
}

fn write_rate(page: &mut Page, rate: u32) {
    let expect = Expect::within(0.0, 0.1);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for frequency_hz in frequencies_hz(rate) {
        for group in 0..64 / CHANNELS {
            let signal = sines(rate, frequency_hz, group);
            let mut meter = TruePeakMeter::new(rate, CHANNELS);
            meter.process(&signal.samples);
            meter.finish();
            let levels = meter.channel_peaks();
            ours.extend(levels.map(|peak| db_from_amplitude(f64::from(peak.true_peak))));
            let mut meter =
                EbuR128::new(CHANNELS as u32, rate, Mode::TRUE_PEAK).expect("a valid format");
            meter.add_frames_f32(&signal.samples).expect("whole frames");
            theirs
                .extend((0..CHANNELS as u32).map(|channel| {
                    db_from_amplitude(meter.true_peak(channel).expect("a channel"))
                }));
        }
    }
    let lowest = |levels: &[f64]| levels.iter().copied().min_by(f64::total_cmp);
    let highest = |levels: &[f64]| levels.iter().copied().max_by(f64::total_cmp);
    let row = [
        format!("{} kHz", f64::from(rate) / 1000.0),
        "0".to_owned(),
        expect.tolerance_words(),
        page.ours(expect, lowest(&ours), 3),
        page.ours(expect, highest(&ours), 3),
        Page::theirs(expect, lowest(&theirs), 3),
        Page::theirs(expect, highest(&theirs), 3),
    ];
    page.row(&row);
}

fn frequencies_hz(rate: u32) -> impl Iterator<Item = f64> {
    let simple = [8.0, 6.0, 5.0, 4.0, 3.0, 2.5, 2.4].map(|divisor| f64::from(rate) / divisor);
    let plain = [
        60.0, 997.0, 5_000.0, 11_111.0, 15_000.0, 18_500.0, 19_997.0, 20_000.0,
    ];
    simple
        .into_iter()
        .chain(plain)
        .filter(|&frequency_hz| frequency_hz <= 20_000.0)
}

/// Eight phases of a faded full-scale sine.
fn sines(rate: u32, frequency_hz: f64, group: usize) -> Signal {
    const SECS: f64 = 0.06;
    const FADE_SECS: f64 = 0.015;
    Signal::new(rate, CHANNELS).piece(SECS, |frame, rate_hz, channel| {
        let at_secs = frame as f64 / rate_hz;
        let fade = (at_secs.min(SECS - at_secs) / FADE_SECS).clamp(0.0, 1.0);
        let phase = (group * CHANNELS + channel) as f64 / 64.0;
        fade * (TAU * ((at_secs * frequency_hz).fract() + phase)).sin()
    })
}
