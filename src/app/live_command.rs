//! `abscope live`: captures an input without a window, through the same ring and the same Analyzer, and says what it
//! heard, with a reference what `compare` says of two files.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};

use crate::app::headless::Headless;
use crate::app::live_capture::{Enough, Heard, LiveCapture};
use crate::app::live_report::{LiveReport, compare, reference_failure};
use crate::app::render_command::still_scene;
use crate::app::scopes::{ScopeTracks, TrackFeed};
use crate::audio::capture::InputSelector;
use crate::audio::decode::FileDecoder;
use crate::cli::args::LiveArgs;
use crate::cli::picture::write_png;
use crate::session::Session;
use crate::session::references::{Reference, read_target};
use crate::session::sides::still::StillSide;
use crate::view::build::Moment;
use crate::view::scene::Looks;

/// Sleep while nothing has come.
const IDLE: Duration = Duration::from_millis(3);
/// How often the reference is looked after, in seconds of the mix.
const LOOK_EVERY_SECS: f64 = 0.3;

/// Captures and prints.
pub fn run(args: &LiveArgs) -> anyhow::Result<()> {
    let enough = Enough::listen();
    let mut live = Live::open(args)?;
    let why = live.capture(args.seconds, &enough)?;
    live.settle()?;
    let compared = match live.has_reference() {
        true => Some(compare(&live.session)),
        false => None,
    };
    let Live {
        session,
        input,
        report,
        ..
    } = &mut live;
    report.print(mix(session), input, compared)?;
    if let Some(path) = &args.image {
        let pixels = picture(&mut live.session, args.size)?;
        write_png(path, args.size, &pixels)?;
    }
    match why {
        Some(why) => bail!("{}: {why}", live.input.info.name),
        None => Ok(()),
    }
}

/// What is heard, and what it is compared with.
struct Live {
    session: Session,
    input: LiveCapture,
    /// A second input in the place of the reference.
    beside: Option<LiveCapture>,
    report: LiveReport,
    looked_secs: f64,
}

impl Live {
    fn open(args: &LiveArgs) -> anyhow::Result<Self> {
        if let Some(path) = &args.reference {
            // Said before the capture, not after it.
            if read_target(path).map_err(|why| anyhow!(why))?.is_none() {
                FileDecoder::open(path)?;
            }
        }
        let selector = match &args.input {
            Some(name) => InputSelector::with_pair(name),
            None => InputSelector::system(),
        };
        let mut session = Session::default();
        if let Some(path) = &args.reference {
            let reference = Reference::from_file(path);
            let added = session.pair.references.add(reference);
            added.map_err(|why| anyhow!(why))?;
        }
        let beside = match &args.reference_input {
            Some(name) => Some(LiveCapture::open(InputSelector::with_pair(name))?),
            None => None,
        };
        if let Some(beside) = &beside {
            let side = side_of(beside);
            session.pair.set_live_reference(Some(side.into()));
        }
        let input = LiveCapture::open(selector)?;
        session.pair.mix = side_of(&input).into();
        Ok(Self {
            session,
            input,
            beside,
            report: LiveReport::new(args.json, args.every),
            looked_secs: 0.0,
        })
    }

    fn has_reference(&self) -> bool {
        self.beside.is_some() || self.session.pair.references.active().is_some()
    }

    /// Hears the input for so many seconds; why it ended before, if it did.
    fn capture(&mut self, seconds: f64, enough: &Enough) -> anyhow::Result<Option<String>> {
        let format = self.input.info.format;
        let rate = f64::from(format.sample_rate_hz);
        let wanted = (seconds * rate).round() as u64;
        let channels = format.layout.count().max(1);
        let mut heard = 0u64;
        let mut block = vec![];
        while heard < wanted && !enough.is_enough() {
            self.hear_beside()?;
            block.clear();
            match self.input.hear(&mut block)? {
                Heard::Frames(frames) => {
                    let frames = frames.min(wanted - heard);
                    mix(&mut self.session).feed(&block[..frames as usize * channels]);
                    heard += frames;
                    self.look(heard as f64 / rate);
                    let side = mix(&mut self.session);
                    self.report
                        .print_if_due(side, &self.input, heard as f64 / rate)?;
                }
                Heard::Gap(frames) => {
                    mix(&mut self.session).feed_gap(frames);
                    heard += frames;
                }
                Heard::Ended(why) if heard == 0 => bail!("{}: {why}", self.input.info.name),
                Heard::Ended(why) => return Ok(Some(why)),
                Heard::Idle => std::thread::sleep(IDLE),
            }
        }
        Ok(None)
    }

    /// Hears the second input as far as it has come.
    fn hear_beside(&mut self) -> anyhow::Result<()> {
        let (Some(beside), Some(live)) =
            (&mut self.beside, self.session.pair.references.input_mut())
        else {
            return Ok(());
        };
        let side = live.heard.still_mut().context("it is fed by hand")?;
        let mut block = vec![];
        loop {
            block.clear();
            match beside.hear(&mut block)? {
                Heard::Frames(_) => side.feed(&block),
                Heard::Gap(frames) => side.feed_gap(frames),
                Heard::Idle => return Ok(()),
                Heard::Ended(why) => bail!("{}: {why}", beside.info.name),
            }
        }
    }

    /// Brings what is known of the reference beside the mix up to now, from time to time.
    fn look(&mut self, heard_secs: f64) {
        if !self.has_reference() || heard_secs - self.looked_secs < LOOK_EVERY_SECS {
            return;
        }
        self.looked_secs = heard_secs;
        self.bring_up();
        self.session.pair.poll();
    }

    fn bring_up(&mut self) {
        mix(&mut self.session).settle();
        if let Some(live) = self.session.pair.references.input_mut()
            && let Some(side) = live.heard.still_mut()
        {
            side.settle();
        }
        self.lay_inputs();
    }

    /// Both inputs were read up to now: their ends lie at the same time.
    fn lay_inputs(&mut self) {
        let mix_secs = self.session.pair.mix.history().map(|mix| mix.end_secs());
        let live = self.session.pair.references.input_mut();
        if let (Some(mix_secs), Some(live)) = (mix_secs, live)
            && let Some(own_secs) = live.history().map(|own| own.end_secs())
        {
            live.lie_at(own_secs - mix_secs);
        }
    }

    /// Everything is heard: the reference is read to its end, and found if that was too late for the companion.
    fn settle(&mut self) -> anyhow::Result<()> {
        self.bring_up();
        for reference in self.session.pair.references.shelf_mut().all_mut() {
            reference.wait();
        }
        if let Some(why) = reference_failure(&self.session) {
            bail!(why);
        }
        self.session.pair.poll();
        if self.session.pair.beside.stretches.is_empty() && self.beside.is_none() {
            self.session.pair.settle_anew();
        }
        Ok(())
    }
}

/// A side that hears an input from amid what it plays.
fn side_of(input: &LiveCapture) -> StillSide {
    let mut side = StillSide::new(input.info.name.clone(), input.info.format);
    side.begin_midway();
    side
}

/// The mix, which is fed by hand.
fn mix(session: &mut Session) -> &mut StillSide {
    let mix = session.pair.mix.still_mut();
    mix.expect("it was put there")
}

fn picture(session: &mut Session, size: [u32; 2]) -> anyhow::Result<Vec<u8>> {
    if session.pair.references.input().is_none() {
        session.pair.settle_anew();
    }
    let mut headless = Headless::new()?;
    let scene = still_scene(session, &Looks::default(), size, &headless.gpu.name);
    let feeds = ScopeTracks::default().advance(Moment::now(session));
    Ok(headless.picture(
        &session.pair.histories(),
        &scene,
        feeds.each_ref().map(TrackFeed::feed),
    )?)
}
