//! A live analysis on a clock that is set by hand: what is missing is a gap of its length, and nothing else is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::analysis::meters::Meters;
use crate::audio::frames::ChannelLayout;
use crate::audio::ring::{FrameWriter, frame_ring, song_ring};

fn stereo(sample_rate_hz: u32) -> StreamFormat {
    StreamFormat {
        sample_rate_hz,
        layout: ChannelLayout::Stereo,
    }
}

/// A live analysis whose clock is set by hand.
struct Bench {
    live: LiveAnalysis,
    writer: FrameWriter,
    rate: u32,
    millis: Arc<AtomicU64>,
    columns: Vec<TierColumn>,
    num_points: usize,
}

impl Bench {
    fn new(rate: u32) -> Self {
        Self::on(rate, frame_ring(stereo(rate), 4.0))
    }

    fn on(rate: u32, (writer, reader): (FrameWriter, FrameReader)) -> Self {
        let millis = Arc::new(AtomicU64::new(1_000));
        let time = Arc::clone(&millis);
        let clock = Box::new(move || {
            let millis = time.load(Ordering::SeqCst);
            assert_ne!(millis, u64::MAX, "a planted fault");
            Duration::from_millis(millis)
        });
        let tap = Arc::new(Tap::new(rate, 1.0));
        let live = LiveAnalysis::spawn_in_real_time(reader, tap, clock);
        Self {
            live: live.expect("a thread can be made"),
            writer,
            rate,
            millis,
            columns: vec![],
            num_points: 0,
        }
    }

    /// Hands over a tone of so many seconds.
    fn play(&mut self, secs: f64) {
        let frames = (secs * f64::from(self.rate)) as usize;
        let tone: Vec<f32> = (0..frames * 2)
            .map(|n| 0.1 * (n as f32 / 2.0 * 0.13).sin())
            .collect();
        self.writer.push(&tone);
    }

    fn meters(&mut self) -> Meters {
        self.columns.extend(self.live.columns());
        self.num_points += self.live.loudness_points().count();
        self.live.latest().meters.clone()
    }

    fn wait(&mut self, mut holds: impl FnMut(&Meters) -> bool) -> Meters {
        let begin = Instant::now();
        loop {
            let meters = self.meters();
            if holds(&meters) {
                return meters;
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "{meters:?}");
            std::thread::yield_now();
        }
    }

    fn pass(&self, secs: f64) {
        let millis = (secs * 1000.0) as u64;
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    fn newest_column(&self) -> u64 {
        let mut finest = self.columns.iter().filter(|column| column.tier == 0);
        finest.next_back().expect("there are columns").column.index
    }
}

#[test]
fn a_night_of_sleep_is_a_gap_of_its_length_and_costs_nothing() {
    let mut bench = Bench::new(48_000);
    bench.play(1.0);
    bench.wait(|meters| meters.end_frame == 48_000);
    let night_secs = 8.0 * 3600.0;
    bench.play(0.5);
    bench.wait(|meters| meters.end_frame == 72_000);
    bench.pass(night_secs + 0.5);
    bench.play(0.5);
    let end = ((2.0 + night_secs) * 48_000.0) as u64;
    let meters = bench.wait(|meters| meters.end_frame >= end);
    assert_eq!(meters.end_frame, end);
    assert_eq!(meters.lost_frames, (night_secs * 48_000.0) as u64);
    assert_eq!(meters.gaps, 1);
    let points = ((night_secs + 2.0) * 10.0) as usize;
    assert_eq!(meters.num_loudness_points, points);
    let begin = Instant::now();
    while bench.num_points < points {
        bench.meters();
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "points are missing"
        );
    }
    assert!(bench.columns.len() < 1000, "{}", bench.columns.len());
    assert!(end / 512 - bench.newest_column() < 50);
    let told = bench.live.resumed().next().expect("it was told");
    assert!((told.missing_secs - night_secs).abs() < 0.01 && !told.is_new_input);
}

#[test]
fn an_analysis_that_breaks_is_known_to_have_stopped() {
    let mut bench = Bench::new(48_000);
    bench.play(0.5);
    bench.wait(|meters| meters.end_frame == 24_000);
    assert!(!bench.live.has_stopped());
    // Half a millennium later the clock itself breaks.
    bench.millis.store(u64::MAX, Ordering::SeqCst);
    bench.play(0.5);
    let begin = Instant::now();
    while !bench.live.has_stopped() {
        assert!(begin.elapsed() < Duration::from_secs(20));
        std::thread::yield_now();
    }
    assert!(threads::broken().iter().any(|one| one.name == "analysis"));
}

#[test]
fn frames_that_only_came_late_are_not_missing() {
    let mut bench = Bench::new(48_000);
    bench.play(0.5);
    bench.wait(|meters| meters.end_frame == 24_000);
    bench.pass(3.1);
    bench.play(3.0);
    let meters = bench.wait(|meters| meters.end_frame >= 168_000);
    let found = (meters.end_frame, meters.lost_frames, meters.gaps);
    assert_eq!(found, (168_000, 0, 0));
}

#[test]
fn a_stall_of_half_a_second_is_a_gap_and_one_that_is_made_up_for_is_none() {
    let mut bench = Bench::new(48_000);
    bench.play(0.5);
    bench.wait(|meters| meters.end_frame == 24_000);
    for end in [52_800, 81_600] {
        bench.pass(0.6);
        bench.play(0.6);
        bench.wait(|meters| meters.end_frame == end);
    }
    bench.pass(0.6);
    bench.play(0.1);
    let meters = bench.wait(|meters| meters.end_frame >= 110_400);
    let found = (meters.end_frame, meters.lost_frames, meters.gaps);
    assert_eq!(found, (110_400, 24_000, 1));
    // Frames that came ahead of their time are not missing later.
    bench.play(0.5);
    bench.wait(|meters| meters.end_frame == 134_400);
    bench.pass(0.6);
    bench.play(0.1);
    let meters = bench.wait(|meters| meters.end_frame >= 139_200);
    assert_eq!((meters.end_frame, meters.gaps), (139_200, 1));
}

#[test]
fn gaps_that_wait_when_another_input_takes_over_stand_at_their_place_and_are_counted() {
    let mut bench = Bench::new(48_000);
    bench.play(1.0);
    bench.wait(|meters| meters.end_frame == 48_000);
    let (writer, reader) = frame_ring(stereo(48_000), 4.0);
    bench.pass(1.5);
    bench.writer.skip(24_000);
    bench.play(1.0);
    bench.writer.skip(24_000);
    bench.pass(0.5);
    bench.live.connector().connect(reader);
    bench.writer = writer;
    bench.wait(|meters| meters.end_frame >= 120_000);
    bench.pass(1.0);
    bench.play(0.5);
    let end = (4.0 * 48_000.0) as u64;
    let meters = bench.wait(|meters| meters.end_frame >= end);
    let found = (meters.end_frame, meters.lost_frames);
    assert_eq!(found, (end, end - 120_000));
    assert!(meters.loudness.measured_secs > 2.4);
}

#[test]
fn another_input_at_another_rate_goes_on_in_seconds() {
    let mut bench = Bench::new(48_000);
    bench.play(3.5);
    let before = bench.wait(|meters| meters.num_loudness_points == 35);
    let (writer, reader) = frame_ring(stereo(44_100), 4.0);
    bench.live.connector().connect(reader);
    bench.writer = writer;
    bench.rate = 44_100;
    bench.pass(6.0);
    bench.play(1.0);
    let end = (9.5 * 44_100.0) as u64;
    let is_at_end = |meters: &Meters| meters.format == stereo(44_100) && meters.end_frame >= end;
    let meters = bench.wait(is_at_end);
    assert_eq!((meters.end_frame, meters.gaps), (end, 1));
    assert_eq!(meters.lost_frames, 5 * 44_100);
    assert_eq!(meters.num_loudness_points, 95);
    let (was, is) = (before.loudness, meters.loudness);
    assert!(is.measured_secs > 4.49 && is.measured_secs < 4.51);
    assert_eq!(is.max_short_term_lufs, was.max_short_term_lufs);
    let change = is.integrated_lufs.zip(was.integrated_lufs);
    let change = change.map(|(is, was)| (is - was).abs());
    assert!(change.is_some_and(|lu| lu < 0.5), "{change:?}");
    assert!(meters.true_peak_dbtp >= before.true_peak_dbtp);
    // Column `i` still stands at `i` hops of the first rate.
    assert!((9.5 * 48_000.0 / 512.0) as u64 - bench.newest_column() < 50);
    let mut next = 0;
    for column in bench.columns.iter().filter(|column| column.tier == 0) {
        assert!(column.column.index >= next, "{} twice", column.column.index);
        next = column.column.index + 1;
    }
}

#[test]
fn where_the_song_is_is_told_where_it_does_not_follow_and_not_over_an_absence() {
    let mut bench = Bench::on(48_000, song_ring(stereo(48_000), 8.0));
    let at = |song_frames| abscope_link::Transport {
        is_playing: true,
        song_frames: Some(song_frames),
        ..abscope_link::Transport::default()
    };
    // It goes on after half a second, and jumps after one.
    for (song_frames, has_jumped) in [(96_000, false), (120_000, false), (9_600, true)] {
        assert!(bench.writer.mark(at(song_frames), has_jumped));
        bench.play(0.5);
    }
    bench.wait(|meters| meters.end_frame == 72_000);
    // The computer sleeps, and the DAW with it.
    bench.pass(3_600.0);
    assert!(bench.writer.mark(at(33_600), false));
    bench.play(0.5);
    bench.wait(|meters| meters.end_frame > 3_500 * 48_000);
    let places: Vec<(f64, Option<f64>)> = bench
        .live
        .song_places()
        .map(|place| (place.at_secs, place.song_secs))
        .collect();
    let [first, jump, unknown, again] = places[..] else {
        panic!("{places:?}");
    };
    assert_eq!([first, jump], [(0.0, Some(2.0)), (1.0, Some(0.2))]);
    assert_eq!(unknown.1, None, "{places:?}");
    assert!((unknown.0 - 3_600.0).abs() < 2.0, "{places:?}");
    assert_eq!(again, (unknown.0, Some(0.7)));
}

#[test]
fn a_sound_behind_a_long_silence_is_told_of_and_nothing_of_either_is_lost() {
    let mut bench = Bench::new(48_000);
    let (told, tell) = std::sync::mpsc::channel();
    bench.live.tell_of_sound(move || {
        // Nobody listens any more once the test has ended.
        let _ = told.send(());
    });
    let mut frames = 0;
    for _ in 0..32 {
        bench.writer.push(&[0.0; 2 * 48_000]);
        frames += 48_000;
        bench.pass(1.0);
        bench.wait(|meters| meters.end_frame == frames);
    }
    assert!(tell.try_recv().is_err());
    // Less than a piece of it waits until something sounds.
    bench.writer.push(&[0.0; 2 * 480]);
    bench.play(0.05);
    frames += 480 + 2_400;
    let meters = bench.wait(|meters| meters.end_frame == frames);
    assert_eq!(meters.lost_frames, 0);
    assert!(meters.sample_peak_dbfs.is_some());
    let limit = Duration::from_secs(20);
    assert!(tell.recv_timeout(limit).is_ok());
    assert!(bench.newest_column() * bench.live.hop_frames() as u64 > frames - 48_000);
}
