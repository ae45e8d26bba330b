//! `abscope live`: captures an input without a window, through the same ring and the same Analyzer.

use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use serde_json::{Value, json};

use crate::app::headless::Headless;
use crate::app::render_command::{still_moment, still_scene};
use crate::app::scopes::{ScopeTracks, TrackFeed};
use crate::audio::capture::{Capture, CaptureInfo, InputSelector, open_input};
use crate::audio::decode::FileDecoder;
use crate::audio::ring::{FrameReader, ReadEvent, SongMark};
use crate::cli::args::LiveArgs;
use crate::cli::output::say;
use crate::cli::picture::write_png;
use crate::session::Session;
use crate::session::references::{Reference, read_target};
use crate::session::sides::still::StillSide;
use crate::view::scene::Looks;

/// How long an input may be silent in the sense of delivering nothing at all before that is an error. A sound
/// server may first play out what it had already mixed.
const FIRST_FRAMES_SECS: f64 = 10.0;
/// Sleep while nothing has come.
const IDLE: Duration = Duration::from_millis(3);

/// Captures and prints.
pub fn run(args: &LiveArgs) -> anyhow::Result<()> {
    if let Some(path) = &args.reference {
        // Said before the capture, not after it.
        if read_target(path).map_err(|why| anyhow!(why))?.is_none() {
            FileDecoder::open(path)?;
        }
    }
    let reference = args.reference.as_deref().map(Reference::from_file);
    let selector = match &args.input {
        Some(name) => InputSelector::named(name),
        None => InputSelector::system(),
    };
    let mut capture = open_input(&selector)?;
    let mut reader = capture.reader.take().context("the input has no ring")?;
    let info = capture.info.clone();
    let mut mix = StillSide::new(info.name.clone(), info.format);
    mix.begin_midway();
    let mut report = Report {
        info: &info,
        json: args.json || args.every.is_some(),
        every: args.every,
        printed_secs: 0.0,
    };
    capture_into(&mut mix, &mut reader, &capture, args.seconds, &mut report)?;
    report.print(&mut mix, &reader)?;
    if let Some(path) = &args.image {
        let pixels = picture(mix, reference, args.size)?;
        write_png(path, args.size, &pixels)?;
    }
    Ok(())
}

/// Feeds the mix from the ring until it has heard so many seconds.
fn capture_into(
    mix: &mut StillSide,
    reader: &mut FrameReader,
    capture: &Capture,
    seconds: f64,
    report: &mut Report<'_>,
) -> anyhow::Result<()> {
    let rate = f64::from(mix.history.format().sample_rate_hz);
    let wanted = (seconds * rate).round() as u64;
    let channels = mix.history.format().layout.count().max(1);
    let mut heard = 0u64;
    let mut block = vec![];
    let mut last_frames = Instant::now();
    while heard < wanted {
        block.clear();
        match reader.read(&mut block) {
            ReadEvent::Frames(frames) => {
                let frames = (frames as u64).min(wanted - heard);
                mix.feed(&block[..frames as usize * channels]);
                heard += frames;
                last_frames = Instant::now();
                report.print_if_due(mix, reader, heard as f64 / rate)?;
            }
            ReadEvent::Gap { frames } => {
                mix.feed_gap(frames);
                heard += frames;
            }
            ReadEvent::Closed => bail!("{}: the input ended", report.info.name),
            ReadEvent::Idle => {
                if let Some(why) = capture.status.lost_reason() {
                    bail!("{}: {why}", report.info.name);
                }
                if last_frames.elapsed().as_secs_f64() > FIRST_FRAMES_SECS {
                    bail!(
                        "{}: nothing has arrived for {FIRST_FRAMES_SECS} s; is something playing, and is it the \
                         right input? `abscope devices` lists them",
                        report.info.name
                    );
                }
                std::thread::sleep(IDLE);
            }
        }
    }
    Ok(())
}

/// What is printed, and when.
struct Report<'a> {
    info: &'a CaptureInfo,
    json: bool,
    every: Option<f64>,
    printed_secs: f64,
}

impl Report<'_> {
    fn print_if_due(
        &mut self,
        mix: &mut StillSide,
        reader: &FrameReader,
        heard_secs: f64,
    ) -> anyhow::Result<()> {
        if let Some(every) = self.every
            && heard_secs - self.printed_secs >= every.max(0.1)
        {
            self.printed_secs = heard_secs;
            self.print(mix, reader)?;
        }
        Ok(())
    }

    fn print(&self, mix: &mut StillSide, reader: &FrameReader) -> anyhow::Result<()> {
        let summary = mix.summary();
        if !self.json {
            let decimal = crate::view::readout::one_decimal;
            say(format_args!(
                "{}: {} s, integrated {} LUFS, short-term max {} LUFS, true peak {} dBTP, lost {} frames",
                self.info.name,
                decimal(Some(summary.duration_secs)),
                decimal(summary.loudness.integrated_lufs),
                decimal(summary.loudness.max_short_term_lufs),
                decimal(summary.loudness.true_peak_dbtp),
                reader.lost_frames(),
            ))?;
            return Ok(());
        }
        let mut object = serde_json::to_value(&summary)?;
        let fields = object
            .as_object_mut()
            .ok_or_else(|| anyhow!("a summary is an object"))?;
        fields.insert("input".to_owned(), self.input());
        fields.insert("lost_frames".to_owned(), json!(reader.lost_frames()));
        fields.insert("gaps".to_owned(), json!(reader.gaps()));
        if let Some(song) = reader.song() {
            fields.insert("song".to_owned(), song_json(song, reader));
        }
        say(object)?;
        Ok(())
    }

    fn input(&self) -> Value {
        json!({
            "name": self.info.name,
            "host": self.info.host,
            "is_monitor": self.info.is_monitor,
        })
    }
}

/// Where the DAW is in its song at the end of what was captured, and how often it jumped on the way.
fn song_json(song: &SongMark, reader: &FrameReader) -> Value {
    let rate = f64::from(reader.format().sample_rate_hz.max(1));
    let frames = song.song_frames_at(reader.position());
    let transport = &song.transport;
    let meter = transport.meter.map(|meter| [meter.beats, meter.unit]);
    let looped = transport.loop_beats.filter(|_| transport.is_looping);
    json!({
        "playing": transport.is_playing,
        "position_secs": frames.map(|frames| frames as f64 / rate),
        "tempo_bpm": transport.tempo_bpm,
        "meter": meter,
        // As people count, from 1.
        "bar": transport.bar_number().map(|bar| bar + 1),
        "loop_beats": looped.map(|span| [span.start, span.end]),
        "jumps": reader.jumps(),
    })
}

fn picture(
    mut mix: StillSide,
    reference: Option<Reference>,
    size: [u32; 2],
) -> anyhow::Result<Vec<u8>> {
    mix.settle();
    let mut session = Session::default();
    session.pair.mix = mix.into();
    if let Some(mut reference) = reference {
        reference.wait();
        let failure = reference.data().failure.clone();
        if let Some(why) = failure {
            bail!(why);
        }
        session
            .pair
            .references
            .add(reference)
            .map_err(|why| anyhow!(why))?;
    }
    session.pair.settle();
    let mut headless = Headless::new()?;
    let scene = still_scene(&session, &Looks::default(), size, &headless.gpu.name);
    let feeds = ScopeTracks::default().advance(still_moment(&session));
    Ok(headless.picture(
        &session.pair.histories(),
        &scene,
        feeds.each_ref().map(TrackFeed::feed),
    )?)
}
