//! What a side has heard and remembers, as plain data: figures, columns, loudness, the last seconds of its sound. It is
//! what every picture of a side is drawn from, whether the side is live, fed by hand or comes from a snapshot.

use std::sync::Arc;

use crate::analysis::column::{TIER_FACTOR, TierColumn, column_index, column_secs};
use crate::analysis::meters::Meters;
use crate::analysis::song_clock::SongTimeline;
use crate::analysis::tap::Tap;
use crate::audio::frames::StreamFormat;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::sides::columns::MixColumns;
use crate::session::sides::loudness_history::LoudnessHistory;

/// Seconds of sound kept with a snapshot unless somebody says otherwise.
pub const SOUND_SECS: f64 = 30.0;
/// Seconds of its sound that a side remembers: those of a snapshot, and a little, for it is copied a moment later.
pub(super) const TAP_SECS: f64 = SOUND_SECS + 3.0;

/// What a side remembers.
pub struct History {
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
    /// Absences of the input, from … to in the side's time, oldest first.
    pub absences: Vec<[f64; 2]>,
    /// Stream time from which on integrated loudness, range and maxima count.
    pub measured_from_secs: f64,
    /// The same before the last reset, and the format it had; none once that was undone.
    pub before_reset: Option<(f64, StreamFormat)>,
    /// Where the song was, of an input that tells.
    pub song: SongTimeline,
    /// Of a song as it stands: song time up to which anything of it was heard. Its columns and points lie over song time.
    pub song_end_secs: Option<f64>,
    tap: Arc<Tap>,
}

impl History {
    /// Of a stream that begins.
    pub fn new(name: String, format: StreamFormat, hop_frames: usize, tap: Arc<Tap>) -> Self {
        Self {
            name,
            meters: Meters::silent(format),
            columns: MixColumns::default(),
            loudness: LoudnessHistory::default(),
            hop_frames,
            columns_rate_hz: format.sample_rate_hz,
            absences: vec![],
            measured_from_secs: 0.0,
            before_reset: None,
            song: SongTimeline::default(),
            song_end_secs: None,
            tap,
        }
    }

    /// The same stream's song, of which nothing is known yet.
    pub(super) fn of_song(&self) -> Self {
        Self {
            columns_rate_hz: self.columns_rate_hz,
            song_end_secs: Some(0.0),
            ..Self::new(
                self.name.clone(),
                self.format(),
                self.hop_frames,
                self.tap(),
            )
        }
    }

    /// Counts from now on.
    pub fn begin_measuring(&mut self) {
        self.before_reset = Some((self.measured_from_secs, self.format()));
        self.measured_from_secs = self.end_secs();
    }

    /// Counts from where it did before the last reset; false where there is nothing to go back to.
    pub fn undo_reset(&mut self) -> bool {
        let format = self.format();
        let before = self.before_reset.take().filter(|(_, of)| *of == format);
        if let Some((from_secs, _)) = before {
            self.measured_from_secs = from_secs;
        }
        before.is_some()
    }

    /// The last seconds of its sound.
    pub fn tap(&self) -> Arc<Tap> {
        Arc::clone(&self.tap)
    }

    /// Rate and channels.
    pub fn format(&self) -> StreamFormat {
        self.meters.format
    }

    /// Seconds between columns of tier 0.
    pub fn hop_secs(&self) -> f64 {
        self.hop_frames as f64 / f64::from(self.columns_rate_hz)
    }

    /// Seconds between columns of a tier.
    pub fn tier_secs(&self, tier: usize) -> f64 {
        self.hop_secs() * TIER_FACTOR.pow(tier as u32) as f64
    }

    /// Stream time from which on the columns of a tier are there; infinite where it has none.
    pub fn kept_from_secs(&self, tier: usize) -> f64 {
        let columns = self.columns.kept(tier);
        match columns.is_empty() {
            true => f64::INFINITY,
            false => columns.start as f64 * self.tier_secs(tier),
        }
    }

    /// Stream time up to which everything has been heard; of a song, song time up to which anything has.
    pub fn end_secs(&self) -> f64 {
        if let Some(end_secs) = self.song_end_secs {
            return end_secs;
        }
        self.meters.end_frame as f64 / f64::from(self.format().sample_rate_hz)
    }

    /// Whether a tier no longer has the columns of a stretch of its time, which a coarser one still has.
    pub fn has_let_go(&self, tier: usize, [from_secs, to_secs]: [f64; 2]) -> bool {
        let index = |secs: f64| {
            let at = column_index(self.hop_secs(), tier, secs.max(0.0));
            at.floor().max(0.0) as u64
        };
        let from_secs = from_secs.max(0.0);
        if self.song_end_secs.is_some() {
            let range = index(from_secs)..index(to_secs) + 1;
            return self.columns.has_let_placed_go(tier, range);
        }
        let first = self.columns.known_from(tier, index(from_secs));
        let is_left_out =
            self.columns.kept(tier).is_empty() && !self.columns.kept(tier + 1).is_empty();
        is_left_out || first > 0 && column_secs(self.hop_secs(), tier, first as f64) > from_secs
    }

    /// Seconds missing so far.
    pub fn lost_secs(&self) -> f64 {
        self.meters.lost_frames as f64 / f64::from(self.format().sample_rate_hz)
    }

    /// Adds what an analysis has made.
    pub(super) fn keep(&mut self, columns: &[TierColumn], points: &[LoudnessPoint]) {
        for column in columns {
            self.columns.push(column);
        }
        for point in points {
            self.loudness.push(*point);
        }
    }
}
