//! A side that is fed by hand, in step with its caller: for pictures and figures without a window.

use std::sync::Arc;

use crate::analysis::analyzer::Analyzer;
use crate::analysis::column::TierColumn;
use crate::analysis::downmix::append_stereo;
use crate::analysis::summary::Summary;
use crate::analysis::tap::Tap;
use crate::audio::frames::StreamFormat;
use crate::session::sides::history::{History, TAP_SECS};

/// Sound that is analysed where it is fed.
pub struct StillSide {
    /// What was heard.
    pub history: History,
    analyzer: Box<Analyzer>,
}

impl StillSide {
    /// A side that has heard nothing yet.
    pub fn new(name: String, format: StreamFormat) -> Self {
        let analyzer = Box::new(Analyzer::new(format));
        let tap = Arc::new(Tap::new(format.sample_rate_hz, TAP_SECS));
        Self {
            history: History::new(name, format, analyzer.hop_frames(), tap),
            analyzer,
        }
    }

    /// See [`Analyzer::begin_midway`].
    pub fn begin_midway(&mut self) {
        self.analyzer.begin_midway();
    }

    /// Analyses interleaved frames here and now.
    pub fn feed(&mut self, interleaved: &[f32]) {
        let mut stereo = vec![];
        append_stereo(self.analyzer.format(), interleaved, &mut stereo);
        self.history.tap().push(&stereo);
        self.hear(|analyzer, made| analyzer.process(interleaved, made));
    }

    /// Leaves out frames that are known to be missing.
    pub fn feed_gap(&mut self, frames: u64) {
        self.history.tap().skip(frames);
        self.hear(|analyzer, made| analyzer.gap(frames, made));
    }

    fn hear(&mut self, hear: impl FnOnce(&mut Analyzer, &mut Vec<TierColumn>)) {
        let mut made = vec![];
        let known = self.analyzer.loudness_points().len();
        hear(&mut self.analyzer, &mut made);
        self.history
            .keep(&made, &self.analyzer.loudness_points()[known..]);
    }

    /// Every figure of what was fed.
    pub fn summary(&mut self) -> Summary {
        self.analyzer.summary()
    }

    /// Brings meters and columns in the making up to what was fed.
    pub fn settle(&mut self) {
        self.analyzer.write_meters(&mut self.history.meters);
        self.history.columns.provisional.clear();
        self.analyzer
            .provisional(&mut self.history.columns.provisional);
    }

    /// Starts integrated loudness, range, maxima and curves anew.
    pub fn reset_measurement(&mut self) {
        self.history.begin_measuring();
        self.analyzer.reset_measurement();
    }

    /// Measures on as if it had not been reset the last time; false where there is nothing to go back to.
    pub fn undo_reset(&mut self) -> bool {
        let is_undone = self.history.undo_reset();
        if is_undone {
            self.analyzer.undo_reset();
        }
        is_undone
    }
}
