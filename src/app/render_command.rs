//! `abscope render`: a picture of a moment, from files or the demo, with no window and no sound card.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, anyhow};
use serde_json::json;

use crate::app::costs::{self, Durations};
use crate::app::headless::Headless;
use crate::app::scopes::{ScopeTracks, TrackFeed};
use crate::audio::decode::FileDecoder;
use crate::audio::demo::{self, DemoSong, DemoVersion};
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::cli::args::RenderArgs;
use crate::cli::picture::write_png;
use crate::render::floor::Floor;
use crate::render::gpu::Gpu;
use crate::render::offscreen::Offscreen;
use crate::session::Session;
use crate::session::action::Drawer;
use crate::session::pairing::heard::HeardJob;
use crate::session::references::Reference;
use crate::session::replace::replace_file;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::history::History;
use crate::session::sides::still::StillSide;
use crate::view::build::{Moment, PictureRequest, scene};
use crate::view::context_items::context_amid;
use crate::view::cursor::{Pointer, cursor};
use crate::view::fit::fit_db;
use crate::view::looks::DifferenceOf;
use crate::view::mark::MarkState;
use crate::view::masking::masking_json;
use crate::view::palette::Side;
use crate::view::scene::{Figures, Looks, Scene, Status};

/// Frames a second of `--frames`.
const FRAMES_PER_SEC: f64 = 60.0;

/// Draws the picture; the reference lies where it was `placed`, if somebody knows better than the picture itself.
pub fn run(args: &RenderArgs, placed: Option<&CompanionFrame>) -> anyhow::Result<()> {
    let (mode, difference_of) = args.layout.mode_of(DifferenceOf::default());
    let mut looks = Looks {
        mode,
        difference_of,
        span_secs: args.span.unwrap_or(Looks::default().span_secs).max(0.05),
        light: args.light,
        ..Looks::default()
    };
    looks.arrangement.choose(args.layout.kind());
    looks.arrangement.filled = args.fill;
    for panel in &args.show {
        if !looks.arrangement.shows(*panel) {
            looks.arrangement.toggle_hidden(*panel);
        }
    }
    let mut session = Session::default();
    let reference = match (&args.reference, args.demo) {
        (Some(path), _) => Some(Reference::from_file(path)),
        (None, true) if args.other_song => Some(Reference::of_demo(DemoVersion::OtherSong)),
        (None, true) => Some(Reference::demo()),
        (None, false) => None,
    };
    // The reference is read on its own thread while the mix is analysed here.
    if let Some(reference) = reference {
        session
            .pair
            .references
            .add(reference)
            .map_err(|why| anyhow!(why))?;
    }
    let mut source = MixSource::open(args.mix.as_deref())?;
    let mut mix = StillSide::new(source.name.clone(), source.format);
    let rate = f64::from(source.format.sample_rate_hz);
    let extra_frames = f64::from(args.frames - 1) / FRAMES_PER_SEC;
    let at = args.at.map(|at| (at - extra_frames).max(0.0));
    source.play_into(&mut mix, at.map(|at| (at * rate) as u64))?;
    mix.settle();
    if looks.span_secs.is_infinite() {
        looks.span_secs = mix.history.end_secs().max(1.0);
    }
    session.pair.mix = mix.into();
    for reference in session.pair.references.shelf_mut().all_mut() {
        reference.wait();
        let failure = reference.data().failure.clone();
        if let Some(why) = failure {
            return Err(anyhow!(why));
        }
    }
    session.pair.settle();
    if let Some(placed) = placed {
        let beside = &mut session.pair.beside;
        beside.tracking.clone_from(&placed.tracking);
        if placed.is_aligned() {
            beside.offset_secs = placed.offset_secs;
        }
    }
    let mut headless = Headless::new()?;
    let stats = draw(&mut headless, &mut session, &mut source, &looks, args)?;
    if let Some(path) = &args.stats {
        let text = serde_json::to_string_pretty(&stats)?;
        let written = replace_file(path, |file| writeln!(file, "{text}"));
        written.with_context(|| {
            format!(
                "{}: the figures cannot be written; choose another place with --stats",
                path.display()
            )
        })?;
    }
    Ok(())
}

/// A session of two whole files, heard to the end, for pictures without a window.
pub(super) fn whole_session(mix: &Path, reference: &Path) -> anyhow::Result<Session> {
    let mut session = Session::default();
    session
        .pair
        .references
        .add(Reference::from_file(reference))
        .map_err(|why| anyhow!(why))?;
    let mut source = MixSource::open(Some(mix))?;
    let mut side = StillSide::new(source.name.clone(), source.format);
    source.play_into(&mut side, None)?;
    side.settle();
    session.pair.mix = side.into();
    for reference in session.pair.references.shelf_mut().all_mut() {
        reference.wait();
        let failure = reference.data().failure.clone();
        if let Some(why) = failure {
            return Err(anyhow!(why));
        }
    }
    Ok(session)
}

fn draw(
    headless: &mut Headless,
    session: &mut Session,
    source: &mut MixSource,
    looks: &Looks,
    args: &RenderArgs,
) -> anyhow::Result<serde_json::Value> {
    let target = Offscreen::new(&headless.gpu, args.size)?;
    let mut costs = Costs::of(args, &headless.gpu);
    let mut scopes = ScopeTracks::default();
    let mut shown = None;
    for frame in 0..args.frames {
        if let (Some(mix), true) = (session.pair.mix.still_mut(), frame > 0) {
            let rate = f64::from(source.format.sample_rate_hz);
            let end = mix.history.meters.end_frame as f64 + rate / FRAMES_PER_SEC;
            source.play_into(mix, Some(end as u64))?;
            mix.settle();
            session.pair.settle();
        }
        costs.draw_floor(&headless.gpu, &target)?;
        let started = Instant::now();
        if args.drawer == Some(Drawer::Findings) {
            let heard = HeardJob::of(&session.pair).map(HeardJob::compare);
            session.heard = Some(heard);
        }
        let request = PictureRequest {
            drawer: args.drawer,
            ..still_request(session, args.size, &headless.gpu.name)
        };
        let looks = &fitted(session, looks);
        let mut scene = scene(session, Moment::now(session), looks, request);
        headless.complete(&session.pair.histories(), &mut scene);
        let mut mark = MarkState::default();
        mark.set(
            args.mark
                .and_then(|mark| mark.at_edge(scene.right_edge_secs)),
        );
        mark.measure(session, (&session.pair.beside, f64::INFINITY), looks);
        mark.show(&mut scene);
        scene.cursor = args
            .cursor
            .and_then(|place| cursor(session, &scene, Pointer::Place(place)));
        scene.context = args.context.map(|about| context_amid(about, &scene));
        let feeds = scopes.advance(Moment::now(session));
        headless.draw(
            &target,
            &session.pair.histories(),
            &scene,
            feeds.each_ref().map(TrackFeed::feed),
        );
        headless.wait()?;
        costs.frames.note_since(started);
        shown = Some(scene);
    }
    let scene = shown.context("no frame was drawn")?;
    write_png(&args.output, args.size, &target.read(&headless.gpu)?)?;
    let figures = |side: Side| figures_json(&scene.side(side).figures);
    let mut stats = json!({
        "gpu": headless.gpu.name,
        "size": args.size,
        "frames": args.frames,
    });
    costs.write(&headless.gpu, &mut stats);
    stats["at_secs"] = json!(scene.right_edge_secs);
    stats["match_gain_db"] = json!(scene.match_gain_db);
    stats["mix"] = figures(Side::Mix);
    stats["reference"] = figures(Side::Reference);
    stats["masking"] = json!(scene.masking.map(|masking| masking_json(&masking.octaves)));
    Ok(stats)
}

/// What frames cost, each measured in turn with the least that a picture can cost, where that is asked for.
struct Costs {
    floor: Option<Floor>,
    frames: Durations,
    floors: Durations,
}

impl Costs {
    fn of(args: &RenderArgs, gpu: &Gpu) -> Self {
        Self {
            floor: args.stats.is_some().then(|| Floor::new(gpu, args.size)),
            frames: Durations::default(),
            floors: Durations::default(),
        }
    }

    /// Before a frame, which is what stays.
    fn draw_floor(&mut self, gpu: &Gpu, target: &Offscreen) -> anyhow::Result<()> {
        if let Some(floor) = &self.floor {
            let started = Instant::now();
            floor.draw(gpu, target)?;
            self.floors.note_since(started);
        }
        Ok(())
    }

    fn write(&self, gpu: &Gpu, stats: &mut serde_json::Value) {
        let [frame, floor] = [&self.frames, &self.floors].map(|times| times.percentile_ms(50));
        stats["frame_ms"] = json!({
            "median": frame,
            "p50": frame,
            "p95": self.frames.percentile_ms(95),
            "p99": self.frames.percentile_ms(99),
            "max": self.frames.percentile_ms(100),
        });
        stats["floor_ms"] = json!({ "p50": floor });
        stats["ratio"] = json!(frame.zip(floor).map(|(frame, floor)| frame / floor));
        stats["gpu_memory_bytes"] = json!(costs::gpu_bytes(gpu));
        stats["rss_bytes"] = json!(costs::resident_bytes());
    }
}

/// The scene of a still session with all that was heard at the right edge.
pub fn still_scene(session: &Session, looks: &Looks, size: [u32; 2], gpu: &str) -> Scene {
    let request = still_request(session, size, gpu);
    scene(
        session,
        Moment::now(session),
        &fitted(session, looks),
        request,
    )
}

/// The looks with scales that fit the mix, as a window has after some seconds.
fn fitted(session: &Session, looks: &Looks) -> Looks {
    let mix = session.pair.mix.history();
    let lufs = mix.and_then(|mix| mix.meters.loudness.max_short_term_lufs);
    Looks {
        fit_db: lufs.map_or(0.0, fit_db),
        ..looks.clone()
    }
}

fn still_request(session: &Session, size: [u32; 2], gpu: &str) -> PictureRequest {
    let mix = session.pair.mix.history();
    PictureRequest {
        size,
        right_edge_secs: mix.map_or(0.0, History::end_secs),
        status: Status {
            lost_frames: mix.map_or(0, |mix| mix.meters.lost_frames),
            lost_secs: mix.map_or(0.0, |mix| mix.lost_secs()),
            gaps: mix.map_or(0, |mix| mix.meters.gaps),
            gpu: gpu.to_owned(),
            ..Status::default()
        },
        ..PictureRequest::default()
    }
}

/// The figures of a side as JSON, `null` where a value does not exist.
pub fn figures_json(figures: &Figures) -> serde_json::Value {
    json!({
        "momentary_lufs": figures.momentary_lufs,
        "short_term_lufs": figures.short_term_lufs,
        "integrated_lufs": figures.integrated_lufs,
        "range_lu": figures.range_lu,
        "true_peak_dbtp": figures.true_peak_dbtp,
        "plr_lu": figures.plr_lu,
        "correlation": figures.correlation,
    })
}

/// Replaces a buffer with the next interleaved samples; false at the end.
type NextChunk = Box<dyn FnMut(&mut Vec<f32>) -> anyhow::Result<bool>>;

/// Where the mix of a still picture comes from.
struct MixSource {
    name: String,
    format: StreamFormat,
    next: NextChunk,
    /// Samples read but not yet fed.
    rest: Vec<f32>,
    fed_frames: u64,
}

impl MixSource {
    fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self::demo());
        };
        let mut decoder = FileDecoder::open(path)?;
        let format = decoder.format();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Ok(Self {
            name,
            format,
            next: Box::new(move |chunk| Ok(decoder.read(chunk)?)),
            rest: vec![],
            fed_frames: 0,
        })
    }

    fn demo() -> Self {
        let mut song = DemoSong::new(DemoVersion::Mix);
        Self {
            name: DemoVersion::Mix.name(),
            format: StreamFormat {
                sample_rate_hz: demo::SAMPLE_RATE_HZ,
                layout: ChannelLayout::Stereo,
            },
            next: Box::new(move |chunk| {
                chunk.resize(2 * 4096, 0.0);
                let frames = song.read(chunk);
                chunk.truncate(2 * frames);
                Ok(frames > 0)
            }),
            rest: vec![],
            fed_frames: 0,
        }
    }

    /// Feeds the mix up to a frame, or to the end.
    fn play_into(&mut self, mix: &mut StillSide, end_frame: Option<u64>) -> anyhow::Result<()> {
        let channels = self.format.layout.count().max(1);
        let mut chunk = vec![];
        loop {
            let room = end_frame.map_or(u64::MAX, |end| end.saturating_sub(self.fed_frames));
            let frames = ((self.rest.len() / channels) as u64).min(room);
            let samples = frames as usize * channels;
            mix.feed(&self.rest[..samples]);
            self.rest.drain(..samples);
            self.fed_frames += frames;
            if room == frames || !(self.next)(&mut chunk)? {
                return Ok(());
            }
            self.rest.extend_from_slice(&chunk);
        }
    }
}
