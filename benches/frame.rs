//! What a frame of the Compare layout costs on this machine's GPU, against one full-screen pass that samples one
//! texture, measured in turn in one run; and what each part of it costs.
//!
//! `cargo bench --bench frame`

use std::time::Instant;

use abscope::app::headless::Headless;
use abscope::app::render_command::still_scene;
use abscope::app::scopes::{ScopeTracks, TrackFeed};
use abscope::audio::demo::{self, DemoSong, DemoVersion};
use abscope::audio::frames::{ChannelLayout, StreamFormat};
use abscope::render::floor::Floor;
use abscope::render::offscreen::Offscreen;
use abscope::session::Session;
use abscope::session::references::Reference;
use abscope::session::sides::still::StillSide;
use abscope::view::build::Moment;
use abscope::view::layout::CompareMode;
use abscope::view::looks::DifferenceOf;
use abscope::view::scene::{Looks, Scene};

const ROUNDS: usize = 60;

/// A row of the table: its name, how it is looked at, and what it leaves out of the scene.
type Row = (&'static str, fn(&mut Looks), fn(&mut Scene));

fn main() {
    let mut headless = match Headless::new() {
        Ok(headless) => headless,
        Err(error) => {
            println!("no GPU to measure: {error}");
            return;
        }
    };
    println!(
        "{}, median of {ROUNDS} frames, in turn with the baseline",
        headless.gpu.name
    );
    let mut session = demo_session();
    for size in [[1920, 1080], [3840, 2160]] {
        println!("\n{}x{}", size[0], size[1]);
        let baseline = Floor::new(&headless.gpu, size);
        let as_is = |_: &mut Looks| ();
        let rows: [Row; 7] = [
            ("compare", as_is, |_| ()),
            ("no spectrograms", as_is, |s| s.layout.panes.clear()),
            ("no vectorscopes", as_is, |s| s.layout.scopes = [None, None]),
            ("no curves", as_is, |s| {
                for side in &mut s.sides {
                    side.spectrum = Default::default();
                    side.loudness.clear();
                }
            }),
            ("no panels at all", as_is, |s| s.layout.clear()),
            (
                "difference",
                |looks| looks.mode = CompareMode::Difference,
                |_| (),
            ),
            (
                "outside the record",
                |looks| {
                    looks.mode = CompareMode::Difference;
                    looks.difference_of = DifferenceOf::Range;
                },
                |_| (),
            ),
        ];
        for (name, look, change) in rows {
            let mut looks = Looks::default();
            look(&mut looks);
            let [frame_ms, baseline_ms, cpu_ms] = measure(
                &mut headless,
                &mut session,
                &baseline,
                (size, &looks),
                change,
            );
            println!(
                "  {name:<18} {frame_ms:7.2} ms   of it before submission {cpu_ms:6.2} ms   baseline {baseline_ms:6.2} ms   ratio {:.2}",
                frame_ms / baseline_ms
            );
        }
    }
}

fn measure(
    headless: &mut Headless,
    session: &mut Session,
    baseline: &Floor,
    (size, looks): ([u32; 2], &Looks),
    change: fn(&mut Scene),
) -> [f64; 3] {
    let target = Offscreen::new(&headless.gpu, size).expect("the size is ordinary");
    let mut tracks = ScopeTracks::default();
    let mut frames_ms = vec![];
    let mut baselines_ms = vec![];
    let mut cpu_ms = vec![];
    let block = vec![0.1f32; 2 * 800];
    for round in 0..ROUNDS + 5 {
        if let Some(mix) = session.pair.mix.still_mut() {
            mix.feed(&block);
            mix.settle();
        }
        let mut scene = still_scene(session, looks, size, "");
        change(&mut scene);
        let feeds = tracks.advance(Moment::now(session));
        let started = Instant::now();
        headless.draw(
            &target,
            &session.pair.histories(),
            &scene,
            feeds.each_ref().map(TrackFeed::feed),
        );
        cpu_ms.push(started.elapsed().as_secs_f64() * 1000.0);
        headless.wait().expect("the GPU draws");
        let frame_ms = started.elapsed().as_secs_f64() * 1000.0;
        let started = Instant::now();
        baseline
            .draw(&headless.gpu, &target)
            .expect("the GPU draws");
        let baseline_ms = started.elapsed().as_secs_f64() * 1000.0;
        // The first rounds fill strips and caches.
        if round < 5 {
            cpu_ms.clear();
        } else {
            frames_ms.push(frame_ms);
            baselines_ms.push(baseline_ms);
        }
    }
    [frames_ms, baselines_ms, cpu_ms].map(median)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn demo_session() -> Session {
    let mut session = Session::default();
    session
        .pair
        .references
        .add(Reference::demo())
        .expect("there is room for one");
    let mut mix = StillSide::new(
        "demo".to_owned(),
        StreamFormat {
            sample_rate_hz: demo::SAMPLE_RATE_HZ,
            layout: ChannelLayout::Stereo,
        },
    );
    let mut song = DemoSong::new(DemoVersion::Mix);
    let mut second = vec![0.0; 2 * demo::SAMPLE_RATE_HZ as usize];
    for _ in 0..30 {
        let frames = song.read(&mut second);
        mix.feed(&second[..2 * frames]);
    }
    mix.settle();
    session.pair.mix = mix.into();
    for reference in session.pair.references.shelf_mut().all_mut() {
        reference.wait();
    }
    session
}
