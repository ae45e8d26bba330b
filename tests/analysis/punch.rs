//! Attacks of bands tell what a limiter took; gain does not move them, and an equaliser half as much in one band.

use crate::support::music::{limit_peaks, shelve};
use crate::support::parts;
use abscope::analysis::analyzer::Analyzer;
use abscope::analysis::metering::Metering;
use abscope::analysis::punch::PunchSummary;
use abscope::analysis::spectral::Purpose;
use abscope::audio::demo::{DemoVersion, SAMPLE_RATE_HZ, render};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::dsp::loudness::LoudnessPoint;
use abscope::dsp::punch::PunchPoint;

type Frames = Vec<[f32; 2]>;

const FORMAT: StreamFormat = StreamFormat {
    sample_rate_hz: SAMPLE_RATE_HZ,
    layout: ChannelLayout::Stereo,
};

fn song(version: DemoVersion) -> Frames {
    render(version).as_chunks().0.to_vec()
}

fn metering(frames: &[[f32; 2]], block: usize) -> Metering {
    let mut metering = Metering::new(FORMAT, Purpose::Programme);
    for frames in frames.chunks(block) {
        metering.process(frames.as_flattened(), frames);
    }
    metering
}

/// Medians of attack and crest of each band.
fn medians(frames: &[[f32; 2]]) -> Vec<[f64; 2]> {
    let punch = PunchSummary::of(metering(frames, 4096).measured_points());
    let of_band = |band: abscope::analysis::punch::PunchBand| {
        [band.attack_db, band.crest_db].map(|tenths| tenths.expect("it sounds").p50)
    };
    punch.bands.into_iter().map(of_band).collect()
}

/// By how much something moves attack and crest of each band of a song.
fn moved(song: &Frames, deed: impl Fn(&mut Frames)) -> Vec<[f64; 2]> {
    let mut done = song.clone();
    deed(&mut done);
    let pairs = medians(&done).into_iter().zip(medians(song));
    pairs
        .map(|(done, song)| [done[0] - song[0], done[1] - song[1]])
        .collect()
}

#[test]
fn a_limiter_takes_attack_and_crest_from_the_bands_of_the_drums() {
    // Kick and body of the snare, its snap, its noise: bands 1 to 3.
    for (version, least_db) in [
        (DemoVersion::Reference, [-1.4, -1.6, -1.6]),
        (DemoVersion::OtherSong, [-1.4, -2.2, -0.2]),
    ] {
        let song = song(version);
        let limited = moved(&song, |song| limit_peaks(song, SAMPLE_RATE_HZ, 10.0));
        eprintln!("{version:?} limited: {limited:.2?}");
        for (band, least_db) in (1..).zip(least_db) {
            assert!(limited[band][0] < least_db, "{version:?}: {limited:?}");
        }
        assert!(limited[1][1] < -1.5, "{version:?}: {limited:?}");
    }
}

#[test]
fn gain_moves_no_attack_and_an_equaliser_only_those_of_the_band_it_is_steep_in() {
    if parts::left_to_the_whole_run(
        "gain_moves_no_attack_and_an_equaliser_only_those_of_the_band_it_is_steep_in",
    ) {
        return;
    }
    for version in [DemoVersion::Reference, DemoVersion::OtherSong] {
        let song = song(version);
        let quieter = moved(&song, |song| {
            song.as_flattened_mut().iter_mut().for_each(|x| *x *= 0.3);
        });
        eprintln!("{version:?} quieter: {quieter:.3?}");
        assert!(quieter.as_flattened().iter().all(|db| db.abs() < 0.1));
        // An equaliser changes the balance of drums and the rest within the band in which it is steep, and in no other.
        let tilted = ("tilt about 700 Hz", 2, moved(&song, tilt));
        let shelves = [(300.0, 3.0, 1), (1_000.0, -3.0, 2), (4_000.0, 3.0, 3)];
        let shelved = shelves.map(|(hz, level_db, own)| {
            let deed = |song: &mut Frames| shelve(song, SAMPLE_RATE_HZ, hz, level_db);
            ("shelf", own, moved(&song, deed))
        });
        for (what, own, moved) in std::iter::once(tilted).chain(shelved) {
            eprintln!("{version:?} {what}, steep in band {own}: {moved:.2?}");
            for (band, [attack, _]) in moved.into_iter().enumerate() {
                let most = if band == own { 1.0 } else { 0.5 };
                assert!(attack.abs() < most, "{version:?} {what}, {band}: {attack}");
            }
        }
    }
}

/// 3 dB up at the bottom, 3 dB down at the top, 6 dB an octave about 700 Hz at most.
fn tilt(song: &mut Frames) {
    let step = 1.0 - (-std::f32::consts::TAU * 700.0 / SAMPLE_RATE_HZ as f32).exp();
    let mut low = [0f32; 2];
    for frame in song {
        for (x, low) in frame.iter_mut().zip(&mut low) {
            *low += step * (*x - *low);
            *x = 1.41 * *low + 0.71 * (*x - *low);
        }
    }
}

#[test]
fn how_a_stream_is_cut_and_by_whom_changes_nothing_to_the_bit() {
    let song = &song(DemoVersion::Reference)[..48_000 * 8];
    let whole = metering(song, song.len());
    let points = whole.loudness_points();
    let newest = points.last().expect("8 s").punch;
    assert!(newest.psr_lu > PunchPoint::ABSENT_DB && newest.attack_db[3] > 0.0);
    for block in [1, 441, 4801] {
        assert_eq!(metering(song, block).loudness_points(), points, "{block}");
    }
    let mut analyzer = Analyzer::new(FORMAT);
    let mut columns = vec![];
    for block in song.chunks(997) {
        analyzer.process(block.as_flattened(), &mut columns);
    }
    assert_eq!(analyzer.loudness_points(), points);
}

#[test]
fn a_gap_is_absent_and_a_reset_begins_what_is_measured_anew() {
    let song = &song(DemoVersion::Reference)[..48_000 * 16];
    let mut metering = metering(&song[..48_000 * 8], 4096);
    let whole = metering.measured_points().to_vec();
    metering.gap(48_000);
    let behind = &song[48_000 * 8..];
    metering.process(behind.as_flattened(), behind);
    let points = metering.loudness_points();
    assert_eq!(points.len(), 170);
    let is_absent = |point: &LoudnessPoint| point.punch == PunchPoint::ABSENT;
    assert!(points[80..119].iter().all(is_absent), "3 s behind a gap");
    assert!(!points[120..].iter().any(is_absent));
    assert!(metering.measured_points()[..80] == whole);
    metering.reset_measurement();
    assert_eq!(metering.measured_points(), []);
    metering.process(behind.as_flattened(), behind);
    // What reaches back before the reset does not count.
    assert_eq!(metering.measured_points().len(), 80 - 29);
    metering.undo_reset();
    assert_eq!(metering.measured_points().len(), 250);
}
