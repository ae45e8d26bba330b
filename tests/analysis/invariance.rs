//! What the Analyzer finds depends on the audio alone: not on block sizes, on which channel is which, on live or
//! file; and gaps stay gaps.

use std::sync::atomic::AtomicBool;

use abscope::analysis::analyzer::Analyzer;
use abscope::analysis::column::{Column, TierColumn, left_to_right_db, level_db, side_to_mid_db};
use abscope::analysis::live::LiveAnalysis;
use abscope::analysis::programme::{Programme, ProgrammeOptions};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::audio::ring::frame_ring;
use abscope::dsp::grid::bin_from_hz;

fn format(sample_rate_hz: u32, channels: u16) -> StreamFormat {
    StreamFormat {
        sample_rate_hz,
        layout: ChannelLayout::from_count(channels),
    }
}

/// Music-like: two tones that come and go, and noise, differing between the channels.
fn signal(sample_rate_hz: u32, channels: usize, secs: f64) -> Vec<f32> {
    let mut state = 7u64;
    let mut noise = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1u64 << 24) as f64 - 0.5
    };
    let frames = (secs * f64::from(sample_rate_hz)) as usize;
    let mut samples = Vec::with_capacity(frames * channels);
    for n in 0..frames {
        let t = n as f64 / f64::from(sample_rate_hz);
        let swell = 0.5 - 0.5 * (t * 5.0).cos();
        for channel in 0..channels {
            let detune = 1.0 + 0.01 * channel as f64;
            let tone = (t * 440.0 * detune * std::f64::consts::TAU).sin()
                + (t * 55.0 * std::f64::consts::TAU).sin();
            samples.push((0.2 * swell * tone + 0.1 * noise()) as f32);
        }
    }
    samples
}

struct Found {
    columns: Vec<TierColumn>,
    figures: String,
}

fn analyse(format: StreamFormat, samples: &[f32], block_frames: usize) -> Found {
    let mut analyzer = Analyzer::new(format);
    let mut columns = Vec::new();
    for block in samples.chunks(block_frames * format.layout.count()) {
        analyzer.process(block, &mut columns);
    }
    let meters = analyzer.meters();
    analyzer.finish(&mut columns);
    let summary = serde_json::to_string(&analyzer.summary()).expect("a summary is plain data");
    let figures = format!(
        "{:?} {:?} {summary} {:?}",
        meters.loudness, meters.bands, meters.spectrum_db
    );
    Found { columns, figures }
}

fn assert_same(a: &Found, b: &Found, what: &str) {
    assert_eq!(a.columns.len(), b.columns.len(), "{what}");
    let same = |a: &TierColumn, b: &TierColumn| a.tier == b.tier && a.column == b.column;
    assert!(
        a.columns.iter().zip(&b.columns).all(|(a, b)| same(a, b)),
        "columns differ: {what}"
    );
    assert_eq!(a.figures, b.figures, "{what}");
}

#[test]
fn block_sizes_change_nothing() {
    for (rate_hz, channels) in [(48_000, 2), (44_100, 1), (96_000, 2), (48_000, 6)] {
        let format = format(rate_hz, channels);
        let samples = signal(rate_hz, channels.into(), 1.7);
        let at_once = analyse(format, &samples, samples.len());
        for block_frames in [1, 7, 64, 480, 4096] {
            let in_blocks = analyse(format, &samples, block_frames);
            assert_same(
                &in_blocks,
                &at_once,
                &format!("{block_frames} frames, {rate_hz} Hz, {channels} channels"),
            );
        }
    }
}

#[test]
fn a_file_and_the_same_audio_live_give_the_same_columns_and_figures() {
    let format = format(48_000, 2);
    let samples = signal(48_000, 2, 3.3);
    let live = analyse(format, &samples, 441);
    let mut rest = &samples[..];
    let source = |out: &mut Vec<f32>| {
        let (now, later) = rest.split_at(rest.len().min(2 * 1234));
        *out = now.to_vec();
        rest = later;
        Ok::<_, std::convert::Infallible>(!out.is_empty())
    };
    let mut seen = Vec::new();
    let mut points = Vec::new();
    let options = ProgrammeOptions {
        keep_columns: true,
        keep_pcm: true,
        ..ProgrammeOptions::default()
    };
    let programme = Programme::analyse(
        source,
        format,
        options,
        &mut |batch| {
            assert_eq!(batch.first_loudness_point, points.len());
            seen.extend_from_slice(batch.columns);
            points.extend_from_slice(batch.loudness_points);
        },
        &AtomicBool::new(false),
    )
    .expect("nothing fails")
    .expect("nobody cancels");
    for (tier, columns) in programme.tiers.iter().enumerate() {
        let of_tier = |columns: &[TierColumn]| -> Vec<Column> {
            let of_tier = columns.iter().filter(|c| usize::from(c.tier) == tier);
            of_tier.map(|c| c.column).collect()
        };
        assert!(*columns == of_tier(&live.columns), "tier {tier} kept");
        assert!(*columns == of_tier(&seen), "tier {tier} handed on");
    }
    let summary = serde_json::to_string(&programme.summary).expect("plain data");
    assert!(live.figures.contains(&summary));
    assert_eq!(programme.loudness_points, points);
    assert_eq!(programme.frames as usize, samples.len() / 2);
    assert_eq!(programme.pcm.expect("asked for").as_flattened(), samples);
}

#[test]
fn swapping_the_channels_swaps_left_and_right_and_nothing_else() {
    let samples = signal(48_000, 2, 1.5);
    let swapped: Vec<f32> = samples.chunks_exact(2).flat_map(|f| [f[1], f[0]]).collect();
    let (a, b) = (
        analyse(format(48_000, 2), &samples, 4096),
        analyse(format(48_000, 2), &swapped, 4096),
    );
    for (a, b) in a.columns.iter().zip(&b.columns) {
        for (&a, &b) in a.column.bins.iter().zip(&b.column.bins) {
            assert!((level_db(a).unwrap_or(-200.0) - level_db(b).unwrap_or(-200.0)).abs() < 0.02);
            assert!((left_to_right_db(a) + left_to_right_db(b)).abs() < 0.8);
            assert!((side_to_mid_db(a) - side_to_mid_db(b)).abs() < 0.8);
        }
    }
}

#[test]
fn twice_the_amplitude_is_6_02_db_more_everywhere() {
    let samples = signal(48_000, 2, 1.5);
    let louder: Vec<f32> = samples.iter().map(|x| 2.0 * x).collect();
    let (a, b) = (
        analyse(format(48_000, 2), &samples, 4096),
        analyse(format(48_000, 2), &louder, 4096),
    );
    for (a, b) in a.columns.iter().zip(&b.columns) {
        for (&a, &b) in a.column.bins.iter().zip(&b.column.bins) {
            if let (Some(before), Some(after)) = (level_db(a), level_db(b)) {
                assert!(
                    (after - before - 6.0206).abs() < 0.01,
                    "{before} became {after}"
                );
            }
        }
    }
}

#[test]
fn a_shift_by_whole_hops_shifts_the_columns() {
    let samples = signal(48_000, 2, 1.5);
    let hops = 37;
    let mut later = vec![0.0; 2 * 512 * hops];
    later.extend_from_slice(&samples);
    let (a, b) = (
        analyse(format(48_000, 2), &samples, 4096),
        analyse(format(48_000, 2), &later, 4096),
    );
    let finest = |found: &Found| -> Vec<_> {
        found
            .columns
            .iter()
            .filter(|c| c.tier == 0)
            .map(|c| c.column.bins)
            .collect()
    };
    let (a, b) = (finest(&a), finest(&b));
    assert_eq!(b.len(), a.len() + hops);
    assert!(a[..] == b[hops..], "the shifted columns are the same");
}

#[test]
fn ratios_tell_mono_side_left_and_right() {
    let ratios = |gains: [f32; 2]| {
        let tone = |n: u32| (f64::from(n) * 1000.0 / 48_000.0 * std::f64::consts::TAU).sin() as f32;
        let samples: Vec<f32> = (0..48_000)
            .flat_map(|n| gains.map(|gain| gain * tone(n)))
            .collect();
        let found = analyse(format(48_000, 2), &samples, 4096);
        let column = found
            .columns
            .iter()
            .find(|c| c.tier == 0 && c.column.index == 45)
            .expect("it is there");
        let bin = column.column.bins[bin_from_hz(1000.0).round() as usize];
        (
            level_db(bin).expect("a tone"),
            left_to_right_db(bin),
            side_to_mid_db(bin),
        )
    };
    let near = |a: f32, b: f32| (a - b).abs() < 0.3;
    let (level, left, side) = ratios([1.0, 1.0]);
    assert!(
        level.abs() < 0.05 && left == 0.0 && side == -48.0,
        "mono: {level} {left} {side}"
    );
    let (level, left, side) = ratios([1.0, -1.0]);
    assert!(
        level.abs() < 0.05 && left == 0.0 && side > 47.0,
        "side: {level} {left} {side}"
    );
    let (level, left, side) = ratios([1.0, 0.0]);
    assert!(
        near(level, -3.01) && left > 47.0 && near(side, 0.0),
        "left: {level} {left} {side}"
    );
    let (_, left, side) = ratios([0.5, 1.0]);
    assert!(
        near(left, -6.02) && near(side, -9.54),
        "right of the middle: {left} {side}"
    );
}

#[test]
fn a_gap_is_absent_keeps_the_time_and_is_counted() {
    let samples = signal(48_000, 2, 2.0);
    let mut analyzer = Analyzer::new(format(48_000, 2));
    let mut columns = Vec::new();
    analyzer.process(&samples, &mut columns);
    analyzer.gap(30_000, &mut columns);
    analyzer.process(&samples, &mut columns);
    analyzer.finish(&mut columns);
    let meters = analyzer.meters();
    assert_eq!(
        (meters.lost_frames, meters.gaps, meters.end_frame),
        (30_000, 1, 2 * 96_000 + 30_000)
    );
    let finest: Vec<_> = columns
        .iter()
        .filter(|c| c.tier == 0)
        .map(|c| c.column)
        .collect();
    for (index, column) in finest.iter().enumerate() {
        assert_eq!(column.index, index as u64);
        let centre = index * 512;
        let is_absent = column.bins.iter().all(|bin| bin & 0xffff == 0);
        if (96_000..126_000).contains(&centre) {
            assert!(is_absent, "column {index} lies in the gap");
        } else if !(94_000..128_000).contains(&centre) {
            assert!(!is_absent, "column {index} lies outside");
        }
    }
    // Far from the gap, everything is as without it.
    let plain = analyse(format(48_000, 2), &samples, 4096);
    let plain: Vec<_> = plain
        .columns
        .iter()
        .filter(|c| c.tier == 0)
        .map(|c| c.column.bins)
        .collect();
    assert!(finest[20].bins == plain[20]);
}

#[test]
fn provisional_columns_do_not_depend_on_how_often_they_were_looked_at() {
    let format = StreamFormat {
        sample_rate_hz: 48_000,
        layout: ChannelLayout::Stereo,
    };
    let samples: Vec<f32> = (0..2 * 60_000)
        .map(|n| {
            let secs = (n / 2) as f64 / 48_000.0;
            let swell = 0.2 + 0.1 * (7.0 * secs).sin();
            let tones = (300.0 * secs).sin() + (1500.0 * secs).sin() + (40_000.0 * secs).sin();
            (swell * tones * if n % 2 == 0 { 1.0 } else { 0.6 }) as f32
        })
        .collect();
    let (mut often, mut once) = (Analyzer::new(format), Analyzer::new(format));
    let mut columns = Vec::new();
    let (mut seen_often, mut seen_once) = (Vec::new(), Vec::new());
    for block in samples.chunks(2 * 480) {
        often.process(block, &mut columns);
        seen_often.clear();
        often.provisional(&mut seen_often);
    }
    once.process(&samples, &mut columns);
    once.provisional(&mut seen_once);
    assert!(seen_often.len() > 20);
    assert!(seen_often == seen_once);
}

#[test]
fn provisional_columns_reach_the_present_and_short_windows_are_final() {
    let format = format(48_000, 2);
    let samples = signal(48_000, 2, 2.0);
    let whole = analyse(format, &samples, 4096);
    let mut analyzer = Analyzer::new(format);
    let mut columns = Vec::new();
    analyzer.process(&samples[..2 * 60_000], &mut columns);
    let mut provisional = Vec::new();
    analyzer.provisional(&mut provisional);
    // What is packed once and kept is the same as what is packed anew.
    let mut again = Vec::new();
    analyzer.provisional(&mut again);
    assert!(again == provisional);
    let emitted = columns.iter().filter(|c| c.tier == 0).count() as u64;
    assert_eq!(provisional[0].index, emitted);
    let newest = provisional.last().expect("some are under way");
    let delay_ms = (60_000.0 - newest.index as f64 * 512.0) / 48.0;
    assert!(delay_ms < 32.0, "the newest column is {delay_ms} ms old");
    let highs = bin_from_hz(3300.0) as usize..1000;
    for column in &provisional {
        let finished = whole
            .columns
            .iter()
            .find(|c| c.tier == 0 && c.column.index == column.index);
        let finished = finished.expect("the whole has it").column.bins;
        assert!(
            column.bins[highs.clone()] == finished[highs.clone()],
            "column {}",
            column.index
        );
        assert!(column.bins[100] & 0xffff > 0, "lows are held, not missing");
    }
}

#[test]
fn silence_has_no_levels_and_nothing_is_nan() {
    let found = analyse(format(48_000, 2), &vec![0.0; 2 * 48_000], 4096);
    assert!(
        found
            .columns
            .iter()
            .all(|c| c.column.bins.iter().all(|bin| bin & 0xffff == 0))
    );
    assert!(!found.figures.contains("NaN") && !found.figures.contains("inf"));
    let mut analyzer = Analyzer::new(format(48_000, 2));
    let mut columns = Vec::new();
    analyzer.process(&[f32::NAN, f32::INFINITY, 1e38, -1e38], &mut columns);
    analyzer.process(&signal(48_000, 2, 1.0), &mut columns);
    analyzer.finish(&mut columns);
    let summary = serde_json::to_value(analyzer.summary()).expect("plain data");
    assert!(summary["spectrum"]["mean_db"][400].is_number());
    assert!(
        summary["loudness"]["integrated_lufs"].is_number(),
        "{}",
        summary["loudness"]
    );
}

#[test]
fn a_reset_forgets_the_measurement_but_not_the_columns() {
    let format = format(48_000, 2);
    let loud = signal(48_000, 2, 2.0);
    let quiet: Vec<f32> = loud.iter().map(|x| 0.1 * x).collect();
    let mut analyzer = Analyzer::new(format);
    let mut columns = Vec::new();
    analyzer.process(&loud, &mut columns);
    let before = analyzer.meters();
    analyzer.reset_measurement();
    analyzer.process(&quiet, &mut columns);
    analyzer.process(&quiet, &mut columns);
    let after = analyzer.meters();
    let integrated = |meters: &abscope::analysis::meters::Meters| {
        meters.loudness.integrated_lufs.expect("signal")
    };
    assert!((integrated(&before) - integrated(&after) - 20.0).abs() < 0.5);
    assert!(columns.windows(2).all(|pair| pair[0].tier != pair[1].tier || pair[0].column.index < pair[1].column.index));
}

/// Every number of two summaries with its place.
fn apart(
    a: &serde_json::Value,
    b: &serde_json::Value,
    place: &str,
    found: &mut Vec<(String, f64)>,
) {
    use serde_json::Value;
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(a.len(), b.len(), "{place}");
            a.iter()
                .for_each(|(name, a)| apart(a, &b[name], &format!("{place}/{name}"), found));
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{place}");
            a.iter().zip(b).for_each(|(a, b)| apart(a, b, place, found));
        }
        (Value::Number(a), Value::Number(b)) => {
            let difference = a.as_f64().expect("finite") - b.as_f64().expect("finite");
            found.push((place.to_owned(), difference.abs()));
        }
        _ => assert_eq!(a, b, "{place}"),
    }
}

#[test]
fn a_reset_that_is_undone_leaves_the_figures_of_the_whole() {
    let loud = signal(48_000, 2, 20.0);
    let quiet: Vec<f32> = loud.iter().map(|x| 0.3 * x).collect();
    let summary_of = |is_reset: bool| {
        let mut analyzer = Analyzer::new(format(48_000, 2));
        let mut columns = Vec::new();
        analyzer.process(&loud, &mut columns);
        if is_reset {
            analyzer.reset_measurement();
        }
        analyzer.process(&quiet, &mut columns);
        if is_reset {
            analyzer.undo_reset();
        }
        analyzer.process(&quiet, &mut columns);
        analyzer.finish(&mut columns);
        serde_json::to_value(analyzer.summary()).expect("plain data")
    };
    let mut found = vec![];
    apart(&summary_of(false), &summary_of(true), "", &mut found);
    assert!(found.len() > 1_000, "{}", found.len());
    for (place, difference) in found {
        // Windows that reach back over a reset are of neither side: a few blocks of 100 ms among 600 are missing.
        let tolerance = if place.starts_with("/loudness") {
            0.1
        } else {
            1e-3
        };
        assert!(difference <= tolerance, "{place}: {difference} apart");
    }
}

#[test]
fn the_analysis_thread_loses_nothing_even_if_nobody_looks() {
    let format = format(48_000, 2);
    let samples = signal(48_000, 2, 6.0);
    let expected = analyse(format, &samples, 4096);
    let (mut writer, reader) = frame_ring(format, 10.0);
    let tap = std::sync::Arc::new(abscope::analysis::tap::Tap::new(48_000, 1.0));
    let mut live = LiveAnalysis::spawn(reader, tap).expect("a thread can be made");
    writer.push(&samples);
    drop(writer);
    let mut columns = Vec::new();
    let mut num_points = 0;
    let patience = std::time::Instant::now();
    loop {
        std::thread::sleep(std::time::Duration::from_millis(50));
        columns.extend(live.columns());
        num_points += live.loudness_points().count();
        let frame = live.latest();
        let waiting = frame.provisional.first().map_or(0, |c| c.index);
        let finest = columns.iter().filter(|c: &&TierColumn| c.tier == 0).count() as u64;
        if frame.has_ended && finest == waiting {
            assert_eq!(frame.meters.end_frame as usize, samples.len() / 2);
            break;
        }
        assert!(
            patience.elapsed().as_secs() < 60,
            "{finest} columns, {waiting} expected"
        );
    }
    assert_eq!(num_points, 60);
    assert!(columns.len() > 600);
    let same = |a: &TierColumn, b: &TierColumn| a.tier == b.tier && a.column == b.column;
    assert!(
        columns
            .iter()
            .zip(&expected.columns)
            .all(|(a, b)| same(a, b))
    );
}

#[test]
fn the_slowest_and_fastest_sample_rates_give_columns_and_figures() {
    for rate_hz in [4000, 768_000] {
        let found = analyse(format(rate_hz, 2), &signal(rate_hz, 2, 1.2), 4096);
        let finest = found.columns.iter().filter(|c| c.tier == 0);
        assert!(finest.clone().count() > 100, "{rate_hz} Hz");
        let bin = bin_from_hz(440.0).round() as usize;
        let loudest = finest
            .filter_map(|c| level_db(c.column.bins[bin]))
            .fold(f32::MIN, f32::max);
        assert!(
            (-25.0..-10.0).contains(&loudest),
            "{loudest} dB at {rate_hz} Hz"
        );
    }
}
