//! Side A: the mix, live from a device, a file or the demo, or fed by hand for a still picture.

use std::sync::Arc;

use crate::analysis::analyzer::Analyzer;
use crate::analysis::column::TierColumn;
use crate::analysis::downmix::append_stereo;
use crate::analysis::live::{LiveAnalysis, Resumed};
use crate::analysis::meters::Meters;
use crate::analysis::summary::Summary;
use crate::analysis::tap::Tap;
use crate::audio::frames::StreamFormat;
use crate::audio::wall_clock::wall_clock;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::sides::columns::MixColumns;
use crate::session::sides::input::{InputKeeper, InputState, InputWish, OpenInput};
use crate::session::sides::loudness_history::LoudnessHistory;

/// Seconds of sound kept with a snapshot unless somebody says otherwise.
pub const SOUND_SECS: f64 = 30.0;
/// Seconds of its sound that a mix remembers: those of a snapshot, and a little, for it is copied a moment later.
const TAP_SECS: f64 = SOUND_SECS + 3.0;

/// Where the mix's analysis runs.
enum Engine {
    /// On its own thread.
    Live {
        // Closed before the analysis that hears it.
        input: InputKeeper,
        analysis: LiveAnalysis,
    },
    /// Here, in step with the caller.
    Still(Box<Analyzer>),
    /// Nowhere: it was heard once, and comes from a snapshot.
    Recalled,
}

/// Side A with all it remembers.
pub struct MixSide {
    /// Device, song or file.
    pub name: String,
    /// The newest figures.
    pub meters: Meters,
    /// All columns kept.
    pub columns: MixColumns,
    /// All loudness points.
    pub loudness: LoudnessHistory,
    /// Frames between columns, at [`columns_rate_hz`](Self::columns_rate_hz).
    pub hop_frames: usize,
    /// The rate that the stream began with. Columns keep its grid when another rate comes.
    pub columns_rate_hz: u32,
    /// Whether the input has ended.
    pub has_ended: bool,
    /// When the newest frames shown were taken from the capture ring, on the live path.
    pub published_at: Option<std::time::Instant>,
    /// Seconds since the input was opened, while it has given no sound at all; none once it has.
    pub unheard_secs: Option<f64>,
    /// What is known of the input; none for a side fed by hand.
    pub input: Option<InputState>,
    /// Absences of the input, from … to in mix time, oldest first.
    pub absences: Vec<[f64; 2]>,
    measured_from_secs: f64,
    news: Vec<String>,
    tap: Arc<Tap>,
    engine: Engine,
}

impl MixSide {
    /// A live side on an open input: starts its threads. Fails only where none can be made.
    pub fn live(wish: InputWish, mut input: OpenInput) -> std::io::Result<Self> {
        let reader = input
            .take_reader()
            .ok_or_else(|| std::io::Error::other("the input's ring is already taken"))?;
        let tap = Arc::new(Tap::new(reader.format().sample_rate_hz, TAP_SECS));
        let analysis = LiveAnalysis::spawn_in_real_time(reader, Arc::clone(&tap), wall_clock())?;
        let format = analysis.format();
        let hop_frames = analysis.hop_frames();
        let name = input.name.clone();
        let input = InputKeeper::spawn(wish, input, analysis.connector())?;
        let state = input.state();
        let engine = Engine::Live { input, analysis };
        Ok(Self {
            input: Some(state),
            ..Self::new(name, format, hop_frames, tap, engine)
        })
    }

    /// See [`Analyzer::begin_midway`] (still sides only).
    pub fn begin_midway(&mut self) {
        if let Engine::Still(analyzer) = &mut self.engine {
            analyzer.begin_midway();
        }
    }

    /// A side fed by [`MixSide::feed`], for pictures without a window.
    pub fn still(name: String, format: StreamFormat) -> Self {
        let analyzer = Analyzer::new(format);
        let tap = Arc::new(Tap::new(format.sample_rate_hz, TAP_SECS));
        let hop_frames = analyzer.hop_frames();
        let engine = Engine::Still(Box::new(analyzer));
        Self::new(name, format, hop_frames, tap, engine)
    }

    /// A side of a snapshot, as it stood then.
    pub fn recalled(
        name: String,
        meters: Meters,
        columns: MixColumns,
        loudness: LoudnessHistory,
        hop_frames: usize,
        tap: Tap,
    ) -> Self {
        Self {
            columns,
            loudness,
            has_ended: true,
            ..Self::new(
                name,
                meters.format,
                hop_frames,
                Arc::new(tap),
                Engine::Recalled,
            )
        }
        .with_meters(meters)
    }

    fn with_meters(mut self, meters: Meters) -> Self {
        self.meters = meters;
        self
    }

    /// Whether it comes from a device, whose name says nothing about what it plays.
    pub fn is_device(&self) -> bool {
        let wish = self.input.as_ref().map(|input| &input.wish);
        matches!(wish, Some(InputWish::Device(_)))
    }

    fn new(
        name: String,
        format: StreamFormat,
        hop_frames: usize,
        tap: Arc<Tap>,
        engine: Engine,
    ) -> Self {
        Self {
            name,
            meters: Meters::silent(format),
            columns: MixColumns::default(),
            loudness: LoudnessHistory::default(),
            hop_frames,
            columns_rate_hz: format.sample_rate_hz,
            has_ended: false,
            published_at: None,
            unheard_secs: None,
            input: None,
            absences: vec![],
            measured_from_secs: 0.0,
            news: vec![],
            tap,
            engine,
        }
    }

    /// The last seconds of its sound.
    pub fn tap(&self) -> Arc<Tap> {
        Arc::clone(&self.tap)
    }

    /// Stream time from which on integrated loudness, range and maxima count.
    pub fn measured_from_secs(&self) -> f64 {
        self.measured_from_secs
    }

    /// Rate and channels.
    pub fn format(&self) -> StreamFormat {
        self.meters.format
    }

    /// Seconds between columns of tier 0.
    pub fn hop_secs(&self) -> f64 {
        self.hop_frames as f64 / f64::from(self.columns_rate_hz)
    }

    /// Stream time up to which everything has been heard.
    pub fn end_secs(&self) -> f64 {
        self.meters.end_frame as f64 / f64::from(self.format().sample_rate_hz)
    }

    /// Id of the device, and whether it hears what an output plays; `None` for what is no device.
    pub fn input_id(&self) -> Option<(String, bool)> {
        let info = self.input.as_ref()?.info.as_ref()?;
        Some((info.id.clone(), info.is_monitor))
    }

    /// Seconds missing so far.
    pub fn lost_secs(&self) -> f64 {
        self.meters.lost_frames as f64 / f64::from(self.format().sample_rate_hz)
    }

    /// Why the input does not deliver, if it does not: one line.
    pub fn lost_reason(&self) -> Option<String> {
        self.input.as_ref().and_then(|input| input.away.clone())
    }

    /// Hears another input from now on; what was heard stays, with a gap between (live sides only).
    pub fn select_input(&mut self, wish: InputWish) {
        if let Engine::Live { input, .. } = &self.engine {
            input.select(wish);
        }
    }

    /// Takes what a person should hear of since the last call, a line each.
    pub fn news(&mut self) -> impl Iterator<Item = String> + '_ {
        self.news.drain(..)
    }

    /// Takes what the threads have made since the last call. Never waits.
    pub fn poll(&mut self) {
        let Engine::Live { analysis, input } = &mut self.engine else {
            return;
        };
        // The frame first: the columns it builds on went through the ring before it, so they are taken behind it. Taken
        // before, a column could be in neither, and the right edge would blink.
        let latest = analysis.latest();
        let before = self.meters.format;
        if self.published_at != Some(latest.published_at) {
            self.meters.clone_from(&latest.meters);
            self.columns.provisional.clone_from(&latest.provisional);
            self.published_at = Some(latest.published_at);
            self.has_ended = latest.has_ended;
        }
        let sounded_at = latest.has_sounded.then_some(latest.published_at);
        for column in analysis.columns() {
            self.columns.push(&column);
        }
        for point in analysis.loudness_points() {
            self.loudness.push(point);
        }
        let state = input.state();
        self.name.clone_from(&state.name);
        self.news.extend(input.news());
        for resumed in analysis.resumed() {
            let from_secs = resumed.at_secs - resumed.missing_secs;
            self.absences.push([from_secs, resumed.at_secs]);
            self.news.push(resumption(&state, before, &resumed));
        }
        let has_sounded = sounded_at.is_some_and(|at| at > state.since);
        self.unheard_secs = (!has_sounded).then(|| state.since.elapsed().as_secs_f64());
        self.input = Some(state);
    }

    /// Analyses interleaved frames here and now (still sides only).
    pub fn feed(&mut self, interleaved: &[f32]) {
        let Engine::Still(analyzer) = &mut self.engine else {
            return;
        };
        let mut made: Vec<TierColumn> = vec![];
        let known = analyzer.loudness_points().len();
        analyzer.process(interleaved, &mut made);
        let mut stereo = vec![];
        append_stereo(analyzer.format(), interleaved, &mut stereo);
        self.tap.push(&stereo);
        keep(
            &mut self.columns,
            &mut self.loudness,
            &made,
            &analyzer.loudness_points()[known..],
        );
    }

    /// Leaves out frames that are known to be missing (still sides only).
    pub fn feed_gap(&mut self, frames: u64) {
        let Engine::Still(analyzer) = &mut self.engine else {
            return;
        };
        let mut made: Vec<TierColumn> = vec![];
        let known = analyzer.loudness_points().len();
        analyzer.gap(frames, &mut made);
        self.tap.skip(frames);
        keep(
            &mut self.columns,
            &mut self.loudness,
            &made,
            &analyzer.loudness_points()[known..],
        );
    }

    /// Every figure of what was fed (still sides only).
    pub fn summary(&mut self) -> Option<Summary> {
        match &mut self.engine {
            Engine::Still(analyzer) => Some(analyzer.summary()),
            Engine::Live { .. } | Engine::Recalled => None,
        }
    }

    /// Brings meters and columns in the making up to what was fed (still sides only).
    pub fn settle(&mut self) {
        if let Engine::Still(analyzer) = &mut self.engine {
            analyzer.write_meters(&mut self.meters);
            self.columns.provisional.clear();
            analyzer.provisional(&mut self.columns.provisional);
        }
    }

    /// Starts integrated loudness, range, maxima and curves anew.
    pub fn reset_measurement(&mut self) {
        if matches!(self.engine, Engine::Recalled) {
            return;
        }
        self.measured_from_secs = self.end_secs();
        match &mut self.engine {
            Engine::Live { analysis, .. } => analysis.reset_measurement(),
            Engine::Still(analyzer) => analyzer.reset_measurement(),
            Engine::Recalled => {}
        }
    }
}

/// What to say when the stream goes on after an absence.
fn resumption(input: &InputState, before: StreamFormat, resumed: &Resumed) -> String {
    let missing = absence(resumed.missing_secs);
    let mut words = if resumed.is_new_input {
        let gap = match resumed.missing_secs {
            ..0.05 => String::new(),
            _ => format!("; {missing} missing"),
        };
        format!("{} {}{gap}", input.name, input.came)
    } else {
        format!("{missing} missing: the input paused, or the computer slept")
    };
    if resumed.format.sample_rate_hz != before.sample_rate_hz {
        let rate_khz = f64::from(resumed.format.sample_rate_hz) / 1000.0;
        words += &format!("; it runs at {rate_khz} kHz now");
    }
    words
}

/// A length of time in words: "0.24 s", "3.2 s", "12 min 5 s", "7 h 40 min".
pub fn absence(secs: f64) -> String {
    let whole = secs.round() as u64;
    match whole {
        _ if secs < 1.0 => format!("{secs:.2} s"),
        0..100 => format!("{secs:.1} s"),
        100..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole / 60 % 60),
    }
}

fn keep(
    columns: &mut MixColumns,
    loudness: &mut LoudnessHistory,
    made: &[TierColumn],
    points: &[LoudnessPoint],
) {
    for column in made {
        columns.push(column);
    }
    for point in points {
        loudness.push(*point);
    }
}
