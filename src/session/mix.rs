//! Side A: the mix, live from a device, a file or the demo, or fed by hand for a still picture.

use std::sync::Arc;

use crate::analysis::analyzer::Analyzer;
use crate::analysis::column::TierColumn;
use crate::analysis::downmix::append_stereo;
use crate::analysis::live::LiveAnalysis;
use crate::analysis::meters::Meters;
use crate::analysis::summary::Summary;
use crate::analysis::tap::Tap;
use crate::audio::capture::Capture;
use crate::audio::feed::Feed;
use crate::audio::frames::StreamFormat;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::columns::MixColumns;
use crate::session::keep::SOUND_SECS;
use crate::session::loudness_history::LoudnessHistory;

/// Seconds of its sound that a mix remembers: those of a snapshot, and a little, for it is copied a moment later.
const TAP_SECS: f64 = SOUND_SECS + 3.0;

/// What keeps a live input open; dropping it closes the input.
pub enum Input {
    /// A device.
    Device(Box<Capture>),
    /// The demo or a file, played into the same ring in real time.
    Feed(Box<Feed>),
}

/// Where the mix's analysis runs.
enum Engine {
    /// On its own thread.
    Live {
        analysis: LiveAnalysis,
        input: Input,
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
    /// Frames between columns.
    pub hop_frames: usize,
    /// Whether the input has ended.
    pub has_ended: bool,
    /// When the newest frames shown were taken from the capture ring, on the live path.
    pub published_at: Option<std::time::Instant>,
    measured_from: u64,
    tap: Arc<Tap>,
    engine: Engine,
}

impl MixSide {
    /// A live side: starts its analysis thread. Fails only where no thread can be made.
    pub fn live(name: String, mut input: Input) -> std::io::Result<Self> {
        let reader = match &mut input {
            Input::Device(capture) => capture.reader.take(),
            Input::Feed(feed) => feed.reader.take(),
        }
        .ok_or_else(|| std::io::Error::other("the input's ring is already taken"))?;
        let tap = Arc::new(Tap::new(reader.format().sample_rate_hz, TAP_SECS));
        let analysis = LiveAnalysis::spawn(reader, Arc::clone(&tap))?;
        Ok(Self {
            name,
            meters: Meters::silent(analysis.format()),
            columns: MixColumns::default(),
            loudness: LoudnessHistory::default(),
            hop_frames: analysis.hop_frames(),
            has_ended: false,
            published_at: None,
            measured_from: 0,
            tap,
            engine: Engine::Live { analysis, input },
        })
    }

    /// A side fed by [`MixSide::feed`], for pictures without a window.
    pub fn still(name: String, format: StreamFormat) -> Self {
        let analyzer = Analyzer::new(format);
        Self {
            name,
            meters: Meters::silent(format),
            columns: MixColumns::default(),
            loudness: LoudnessHistory::default(),
            hop_frames: analyzer.hop_frames(),
            has_ended: false,
            published_at: None,
            measured_from: 0,
            tap: Arc::new(Tap::new(format.sample_rate_hz, TAP_SECS)),
            engine: Engine::Still(Box::new(analyzer)),
        }
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
            name,
            meters,
            columns,
            loudness,
            hop_frames,
            has_ended: true,
            published_at: None,
            measured_from: 0,
            tap: Arc::new(tap),
            engine: Engine::Recalled,
        }
    }

    /// Whether it comes from a device, whose name says nothing about what it plays.
    pub fn is_device(&self) -> bool {
        let device = |input: &Input| matches!(input, Input::Device(_));
        matches!(&self.engine, Engine::Live { input, .. } if device(input))
    }

    /// The last seconds of its sound.
    pub fn tap(&self) -> Arc<Tap> {
        Arc::clone(&self.tap)
    }

    /// Frame from which on integrated loudness, range and maxima count.
    pub fn measured_from(&self) -> u64 {
        self.measured_from
    }

    /// Rate and channels.
    pub fn format(&self) -> StreamFormat {
        self.meters.format
    }

    /// Seconds between columns of tier 0.
    pub fn hop_secs(&self) -> f64 {
        self.hop_frames as f64 / f64::from(self.format().sample_rate_hz)
    }

    /// Stream time up to which everything has been heard.
    pub fn end_secs(&self) -> f64 {
        self.meters.end_frame as f64 / f64::from(self.format().sample_rate_hz)
    }

    /// Why the device no longer delivers, if it does not.
    pub fn lost_reason(&self) -> Option<String> {
        match &self.engine {
            Engine::Live {
                input: Input::Device(capture),
                ..
            } => capture.status.lost_reason(),
            _ => None,
        }
    }

    /// Takes what the analysis thread has made since the last call. Never waits.
    pub fn poll(&mut self) {
        let Engine::Live { analysis, .. } = &mut self.engine else {
            return;
        };
        for column in analysis.columns() {
            self.columns.push(&column);
        }
        for point in analysis.loudness_points() {
            self.loudness.push(point);
        }
        let latest = analysis.latest();
        if self.published_at != Some(latest.published_at) {
            self.meters.clone_from(&latest.meters);
            self.columns.provisional.clone_from(&latest.provisional);
            self.published_at = Some(latest.published_at);
            self.has_ended = latest.has_ended;
        }
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
        self.measured_from = self.meters.end_frame;
        match &mut self.engine {
            Engine::Live { analysis, .. } => analysis.reset_measurement(),
            Engine::Still(analyzer) => analyzer.reset_measurement(),
            Engine::Recalled => {}
        }
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
