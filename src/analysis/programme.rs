//! A whole file analysed by the same Analyzer as the live stream.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::analysis::analyzer::Analyzer;
use crate::analysis::column::{Column, NUM_TIERS, TierColumn};
use crate::analysis::distribution::SpectrumCurves;
use crate::analysis::downmix::append_stereo;
use crate::analysis::spectral::Purpose;
use crate::analysis::summary::Summary;
use crate::audio::frames::StreamFormat;
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::loudness::LoudnessPoint;

/// Everything known of a file.
#[derive(Clone, Debug)]
pub struct Programme {
    /// What to call it.
    pub name: String,
    /// Where it came from, if it is a file.
    pub path: Option<PathBuf>,
    /// Rate and channels.
    pub format: StreamFormat,
    /// Length.
    pub frames: u64,
    /// Frames between columns of tier 0; column `i` is centred on frame `i · hop`.
    pub hop_frames: usize,
    /// `tiers[tier][column]`, finest first; empty unless asked for.
    pub tiers: Vec<Vec<Column>>,
    /// One point per 100 ms.
    pub loudness_points: Vec<LoudnessPoint>,
    /// Every figure.
    pub summary: Summary,
    /// Mean, percentiles and maximum over the whole.
    pub curves: SpectrumCurves,
    /// The stereo downmix, if asked for.
    pub pcm: Option<Vec<StereoFrame>>,
}

/// What to analyse and to keep.
#[derive(Clone, Debug, Default)]
pub struct ProgrammeOptions {
    /// What to call it.
    pub name: String,
    /// Where it comes from.
    pub path: Option<PathBuf>,
    /// Its promised length, for progress only.
    pub expected_frames: Option<u64>,
    /// Whether to keep the columns: 0.5 MB a second.
    pub keep_columns: bool,
    /// Whether to keep the downmix: 0.4 MB a second at 48 kHz.
    pub keep_pcm: bool,
}

/// What has been added to a programme since the last batch.
pub struct ProgrammeBatch<'a> {
    /// Columns of all tiers, in order within each.
    pub columns: &'a [TierColumn],
    /// Loudness points.
    pub loudness_points: &'a [LoudnessPoint],
    /// Position number of the first of them.
    pub first_loudness_point: usize,
    /// 0 … 1; stays 0 while the length is not known.
    pub progress: f32,
}

impl Programme {
    /// Analyses a source: it replaces what is in the given vector with the next interleaved frames and says whether
    /// there were any. Each second or so of audio, `sink` sees what has been added, in the caller's thread.
    /// `Ok(None)` when cancelled.
    pub fn analyse<E: Send>(
        mut source: impl FnMut(&mut Vec<f32>) -> Result<bool, E> + Send,
        format: StreamFormat,
        options: ProgrammeOptions,
        sink: &mut dyn FnMut(ProgrammeBatch),
        cancel: &AtomicBool,
    ) -> Result<Option<Self>, E> {
        let mut growing = Growing::new(format, &options);
        let mut current = Vec::new();
        let mut next = Vec::new();
        fill(&mut source, &mut current, growing.batch_samples)?;
        while !current.is_empty() {
            if cancel.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let batch_samples = growing.batch_samples;
            let read = growing.add(&current, || fill(&mut source, &mut next, batch_samples));
            growing.hand_on(sink);
            read?;
            std::mem::swap(&mut current, &mut next);
        }
        Ok(Some(growing.finish(options, sink)))
    }
}

/// A programme under way.
struct Growing {
    analyzer: Analyzer,
    expected_frames: Option<u64>,
    batch_samples: usize,
    columns: Vec<TierColumn>,
    num_points: usize,
    tiers: Option<Vec<Vec<Column>>>,
    pcm: Option<Vec<StereoFrame>>,
}

impl Growing {
    fn new(format: StreamFormat, options: &ProgrammeOptions) -> Self {
        Self {
            analyzer: Analyzer::with_purpose(format, Purpose::Programme),
            expected_frames: options.expected_frames,
            batch_samples: format.sample_rate_hz as usize * format.layout.count().max(1),
            columns: Vec::new(),
            num_points: 0,
            tiers: options.keep_columns.then(|| vec![Vec::new(); NUM_TIERS]),
            pcm: options.keep_pcm.then(Vec::new),
        }
    }

    fn add<T: Send>(&mut self, interleaved: &[f32], meanwhile: impl FnOnce() -> T + Send) -> T {
        if let Some(pcm) = &mut self.pcm {
            append_stereo(self.analyzer.format(), interleaved, pcm);
        }
        self.analyzer
            .process_in_parallel(interleaved, &mut self.columns, meanwhile)
    }

    fn hand_on(&mut self, sink: &mut dyn FnMut(ProgrammeBatch)) {
        let points = self.analyzer.loudness_points();
        let done = self.analyzer.end_frame() as f32;
        sink(ProgrammeBatch {
            columns: &self.columns,
            loudness_points: &points[self.num_points..],
            first_loudness_point: self.num_points,
            progress: self
                .expected_frames
                .map_or(0.0, |frames| (done / frames.max(1) as f32).min(1.0)),
        });
        self.num_points = points.len();
        if let Some(tiers) = &mut self.tiers {
            for column in &self.columns {
                tiers[usize::from(column.tier)].push(column.column);
            }
        }
        self.columns.clear();
    }

    fn finish(
        mut self,
        options: ProgrammeOptions,
        sink: &mut dyn FnMut(ProgrammeBatch),
    ) -> Programme {
        self.analyzer.finish(&mut self.columns);
        self.expected_frames = Some(self.analyzer.end_frame());
        self.hand_on(sink);
        let mut summary = self.analyzer.summary();
        if let Some(path) = &options.path {
            summary.file = path.display().to_string();
        }
        Programme {
            name: options.name,
            path: options.path,
            format: self.analyzer.format(),
            frames: self.analyzer.end_frame(),
            hop_frames: self.analyzer.hop_frames(),
            tiers: self.tiers.unwrap_or_default(),
            loudness_points: self.analyzer.loudness_points().to_vec(),
            curves: self.analyzer.curves(),
            summary,
            pcm: self.pcm,
        }
    }
}

/// Collects at least `enough` samples, or what is left.
fn fill<E>(
    source: &mut impl FnMut(&mut Vec<f32>) -> Result<bool, E>,
    samples: &mut Vec<f32>,
    enough: usize,
) -> Result<(), E> {
    samples.clear();
    let mut chunk = Vec::new();
    while samples.len() < enough && source(&mut chunk)? {
        samples.extend_from_slice(&chunk);
    }
    Ok(())
}
