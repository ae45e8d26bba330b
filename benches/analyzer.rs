//! How many times faster than real time the Analyzer is, by halves: medians of nine, one core. The metering half is held
//! against the crate ebur128, which finds loudness, range and peaks, and knows no levels and no stereo image.

use std::hint::black_box;
use std::time::Instant;

use abscope::analysis::analyzer::Analyzer;
use abscope::analysis::downmix::append_stereo;
use abscope::analysis::metering::Metering;
use abscope::analysis::spectral::{Purpose, SpectralAnalyzer};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use ebur128::{EbuR128, Mode};

const SECS: usize = 20;
const RUNS: usize = 9;

fn main() {
    println!(
        "{:>9}  {:>10}  {:>10}  {:>10}  {:>10}   × real time   metering's time / ebur128's",
        "rate", "spectral", "metering", "programme", "live"
    );
    for sample_rate_hz in [44_100, 48_000, 96_000, 192_000] {
        let format = StreamFormat {
            sample_rate_hz,
            layout: ChannelLayout::Stereo,
        };
        let samples = noise(SECS * sample_rate_hz as usize);
        let mut stereo = Vec::new();
        append_stereo(format, &samples, &mut stereo);
        let spectral = times_real_time(|| {
            let mut columns = Vec::new();
            let mut half = SpectralAnalyzer::new(sample_rate_hz, Purpose::Programme);
            for block in stereo.chunks(4096) {
                half.process(block, &mut columns);
                columns.clear();
            }
        });
        let own_metering = || {
            let mut half = Metering::new(format, Purpose::Programme);
            for (block, stereo) in samples.chunks(8192).zip(stereo.chunks(4096)) {
                half.process(block, stereo);
            }
        };
        let ebur128 = || loudness_by_ebur128(sample_rate_hz, &samples);
        let [metering, ebur128] = in_turn([&own_metering, &ebur128]);
        let whole = |purpose| {
            times_real_time(|| {
                let mut columns = Vec::new();
                let mut analyzer = Analyzer::with_purpose(format, purpose);
                for block in samples.chunks(8192) {
                    analyzer.process(block, &mut columns);
                    columns.clear();
                }
            })
        };
        let (programme, live) = (whole(Purpose::Programme), whole(Purpose::Live));
        println!(
            "{sample_rate_hz:>6} Hz  {spectral:>10.0}  {metering:>10.0}  {programme:>10.0}  {live:>10.0}  {:>10.2}",
            ebur128 / metering
        );
    }
}

/// What the crate finds of stereo sound with all that it has, asked ten times a second as a meter is.
fn loudness_by_ebur128(sample_rate_hz: u32, samples: &[f32]) {
    let mode = Mode::M | Mode::S | Mode::I | Mode::LRA | Mode::SAMPLE_PEAK | Mode::TRUE_PEAK;
    let mut meter = EbuR128::new(2, sample_rate_hz, mode).expect("an ordinary stream");
    for block in samples.chunks(2 * sample_rate_hz as usize / 10) {
        meter.add_frames_f32(block).expect("whole frames");
        black_box(meter.loudness_momentary().expect("a mode it has"));
        black_box(meter.loudness_shortterm().expect("a mode it has"));
    }
    black_box(meter.loudness_global().expect("a mode it has"));
    black_box(meter.loudness_range().expect("a mode it has"));
}

/// Median speed of a run over [`SECS`] of audio.
fn times_real_time(run: impl Fn()) -> f64 {
    let [speed] = in_turn([&run]);
    speed
}

/// Median speeds of some, each run beside the others: what else the machine does meets all of them.
fn in_turn<const N: usize>(all: [&dyn Fn(); N]) -> [f64; N] {
    let mut speeds = [const { vec![] }; N];
    for _ in 0..RUNS {
        for (run, speeds) in all.iter().zip(&mut speeds) {
            let start = Instant::now();
            run();
            speeds.push(SECS as f64 / start.elapsed().as_secs_f64());
        }
    }
    speeds.map(|mut speeds| {
        speeds.sort_by(f64::total_cmp);
        speeds[RUNS / 2]
    })
}

/// Stereo noise, interleaved.
fn noise(frames: usize) -> Vec<f32> {
    let mut state = 1u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    (0..2 * frames).map(|_| next()).collect()
}
