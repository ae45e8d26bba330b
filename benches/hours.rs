//! A night through the live path, faster than it is heard: a song goes round and round through the capture ring, the
//! analysis thread and the histories, and a picture is drawn of every other second. What stays of it is told every half
//! hour: memory, threads, open files, the time of a picture, and how many frames were lost.
//!
//! `cargo bench --bench hours [-- HOURS]`, six unless you say otherwise.

use std::sync::Arc;
use std::time::{Duration, Instant};

use abscope::analysis::column::TierColumn;
use abscope::analysis::live::LiveAnalysis;
use abscope::app::costs::resident_bytes;
use abscope::app::headless::Headless;
use abscope::app::render_command::still_scene;
use abscope::app::scopes::{ScopeTracks, TrackFeed};
use abscope::audio::demo::{self, DemoSong, DemoVersion};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::audio::ring::{FrameWriter, frame_ring};
use abscope::render::offscreen::Offscreen;
use abscope::session::Session;
use abscope::session::references::Reference;
use abscope::session::sides::history::History;
use abscope::session::sides::still::StillSide;
use abscope::view::build::Moment;
use abscope::view::looks::Looks;

const SIZE: [u32; 2] = [1280, 720];
const RING_SECS: f64 = 4.0;
/// So much audio between two pictures and between two rows.
const PICTURE_SECS: f64 = 2.0;
const ROW_SECS: f64 = 1_800.0;
const FORMAT: StreamFormat = StreamFormat {
    sample_rate_hz: demo::SAMPLE_RATE_HZ,
    layout: ChannelLayout::Stereo,
};

fn main() {
    let hours = std::env::args()
        .skip(1)
        .find_map(|word| word.parse::<f64>().ok());
    let end_secs = 3_600.0 * hours.unwrap_or(6.0);
    let mut headless = match Headless::new() {
        Ok(headless) => headless,
        Err(error) => {
            println!("no GPU to draw with: {error}");
            return;
        }
    };
    let mut session = session();
    let tap = session.pair.mix.history().expect("there is a mix").tap();
    let (writer, reader) = frame_ring(FORMAT, RING_SECS);
    let mut analysis = LiveAnalysis::spawn(reader, tap).expect("a thread can be made");
    let feeding = std::thread::spawn(move || feed(writer, end_secs));
    let target = Offscreen::new(&headless.gpu, SIZE).expect("the size is ordinary");
    let looks = Looks::default();
    let mut tracks = ScopeTracks::default();
    let (mut drawn_secs, mut told_secs, mut frames_ms) = (0.0, 0.0, vec![]);
    println!("| hours | resident, MB | threads | open files | picture, p50 | p99 | frames lost |");
    println!("|---|---|---|---|---|---|---|");
    loop {
        let history = session.pair.mix.history_mut().expect("there is a mix");
        let has_ended = take(&mut analysis, history);
        let (now_secs, lost) = (history.end_secs(), history.meters.lost_frames);
        if now_secs - drawn_secs >= PICTURE_SECS {
            drawn_secs = now_secs;
            let scene = still_scene(&session, &looks, SIZE, "");
            let feeds = tracks.advance(Moment::now(&session));
            let begun = Instant::now();
            let feeds = feeds.each_ref().map(TrackFeed::feed);
            headless.draw(&target, &session.pair.histories(), &scene, feeds);
            headless.wait().expect("the GPU draws");
            frames_ms.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        if now_secs - told_secs >= ROW_SECS || has_ended {
            told_secs = now_secs;
            row(now_secs / 3_600.0, &mut frames_ms, lost);
        }
        if has_ended {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    feeding.join().expect("the feeder ends");
}

/// A mix that hears nothing by itself, beside the demo's reference.
fn session() -> Session {
    let mut session = Session::default();
    let added = session.pair.references.add(Reference::demo());
    added.expect("there is room for one");
    session.pair.mix = StillSide::new("night".to_owned(), FORMAT).into();
    for reference in session.pair.references.shelf_mut().all_mut() {
        reference.wait();
    }
    session
}

/// Plays the song round and round, as fast as it is heard: nothing is pushed that has no room.
fn feed(mut writer: FrameWriter, end_secs: f64) {
    let rate = FORMAT.sample_rate_hz as usize;
    let mut block = vec![0.0; 2 * (rate / 100)];
    let mut song = DemoSong::new(DemoVersion::Mix);
    for _ in 0..(end_secs * 100.0) as u64 {
        let frames = song.read(&mut block);
        if 2 * frames < block.len() {
            song = DemoSong::new(DemoVersion::Mix);
            block[2 * frames..].fill(0.0);
        }
        while writer.free_frames() < block.len() / 2 {
            std::thread::sleep(Duration::from_micros(200));
        }
        writer.push(&block);
    }
}

/// Takes what the analysis has made, as a live side does; whether it has ended.
fn take(analysis: &mut LiveAnalysis, history: &mut History) -> bool {
    let latest = analysis.latest();
    history.meters.clone_from(&latest.meters);
    history.columns.provisional.clone_from(&latest.provisional);
    let has_ended = latest.has_ended;
    for TierColumn { tier, column } in analysis.columns() {
        let bins = Arc::new(column.bins);
        history.columns.push_shared(tier.into(), column.index, bins);
    }
    for (point, _) in analysis.loudness_points() {
        history.loudness.push(point);
    }
    has_ended
}

fn row(hours: f64, frames_ms: &mut Vec<f64>, lost: u64) {
    frames_ms.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let last = frames_ms.len().saturating_sub(1);
        frames_ms
            .get((part * last as f64) as usize)
            .copied()
            .unwrap_or(f64::NAN)
    };
    let (p50, p99) = (at(0.5), at(0.99));
    let count = |folder: &str| std::fs::read_dir(folder).map_or(0, Iterator::count);
    let resident_mb = resident_bytes().unwrap_or(0) >> 20;
    let [threads, files] = ["/proc/self/task", "/proc/self/fd"].map(count);
    println!(
        "| {hours:.1} | {resident_mb} | {threads} | {files} | {p50:.1} ms | {p99:.1} ms | {lost} |"
    );
    frames_ms.clear();
}
