//! What is known of a reference: it grows while the file is read, and is looked at by picture, companion and shelf.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::analysis::column::{Column, NUM_TIERS, TIER_FACTOR};
use crate::analysis::distribution::SpectrumCurves;
use crate::analysis::programme::Programme;
use crate::analysis::summary::Summary;
use crate::compare::fingerprint::{FingerprintBuilder, ReferenceFingerprint};
use crate::compare::sections::Section;
use crate::compare::target::Target;
use crate::dsp::grid::NUM_BINS;
use crate::dsp::loudness::region_loudness;
use crate::session::references::budget::{Claim, bytes_of};
use crate::session::references::content_key::ContentKey;
use crate::session::references::file_stamp::FileStamp;
pub use crate::session::references::fine_columns::FINE_TIERS;
use crate::session::references::fine_columns::FineColumns;
use crate::session::references::in_song::InSong;
use crate::session::references::overview::{Overview, Thumbnail};
use crate::session::references::part::PartFigures;
use crate::session::references::sound::Sound;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::loudness_history::{LoudnessHistory, POINT_SECS};
use crate::session::sides::region::Region;

/// Tiers that only references in use have at all: all but a sixty-fourth of the bytes.
pub const DETAIL_TIERS: usize = 3;
/// The shortest region: what integrated loudness and a short-term value need, and a little.
pub const SHORTEST_REGION_SECS: f64 = 4.0;
/// How far a trim goes, in dB.
pub const MOST_TRIM_DB: f64 = 12.0;
/// The length of what is read and promises none, until all of it has come.
const LONGEST_SECS: f64 = 86_400.0;
/// A region that leaves out less than this is the whole.
const WHOLE_WITHIN_SECS: f64 = 0.05;

/// What is known of a reference so far.
// Many fields: each is found out, chosen or let go by itself, and all are under one lock, so that nobody sees halves.
#[derive(Debug, Default)]
pub struct ReferenceData {
    /// `tiers[tier][column]`; [`column`](Self::column) has those that are left in a file as well.
    pub tiers: Vec<Vec<Column>>,
    /// The fine tiers, where they are left in a file.
    pub(crate) fine: Option<FineColumns>,
    /// Loudness points.
    pub loudness: LoudnessHistory,
    /// Left and right.
    pub pcm: Sound,
    /// Whether `pcm` is all of it.
    pub pcm_is_whole: bool,
    /// Length in frames of what has been analysed.
    pub frames: u64,
    /// Length in frames that the file promises; 0 where it does not.
    pub expected_frames: u64,
    /// Frames per second, 0 until known.
    pub sample_rate_hz: u32,
    /// Frames between columns.
    pub hop_frames: usize,
    /// 0 … 1.
    pub progress: f32,
    /// All figures of the whole, when it is read; [`summary`](Self::summary) has those of the region.
    pub programme: Option<Programme>,
    /// Its sections, when it is read: from the beginning to the end, without a gap.
    pub sections: Vec<Section>,
    /// Why it could not be read: one line.
    pub failure: Option<String>,
    /// What was odd about the file, in words.
    pub warnings: Vec<String>,
    /// The part that is compared; `None` is all of it.
    pub region: Option<Region>,
    /// The section that is followed: it runs beside the mix instead.
    pub followed: Option<Region>,
    /// Gain in dB given besides the loudness match.
    pub trim_db: f64,
    /// The waveform.
    pub overview: Overview,
    /// The picture on the shelf.
    pub thumbnail: Option<Arc<Thumbnail>>,
    /// Figures of the whole and of the region, once measured.
    pub whole_part: Option<Arc<PartFigures>>,
    /// Figures of a region, which may be one that was chosen before.
    pub region_part: Option<Arc<PartFigures>>,
    /// Counts what changes how its columns are drawn: more of them, another region.
    pub revision: u64,
    /// Where the columns of each tier lie, if only some of them were kept.
    pub excerpts: Option<[Excerpt; NUM_TIERS]>,
    /// What the file holds, once that is known.
    pub content: Option<ContentKey>,
    /// Size and time of the file when it was read.
    pub stamp: Option<FileStamp>,
    /// Whether the file is no longer where it was.
    pub is_missing: bool,
    /// Why the sound of a reference that is read cannot be had: one line.
    pub detail_failure: Option<String>,
    /// Whether its columns and sound are only the last seconds of what its figures are of: it is the mix of a snapshot.
    pub is_kept_sound: bool,
    /// Where that lies in the song, if a record lay beside it.
    pub in_song: Option<InSong>,
    /// What several tracks have in common, if it is that and no recording.
    pub target: Option<Arc<Target>>,
    /// What it has of the memory that all may have together.
    pub(crate) claim: Claim,
    /// Whether sound and fine columns are wanted.
    pub(crate) is_wanted: bool,
    /// Whether a thread reads it.
    pub(crate) is_loading: bool,
}

/// Consecutive columns of a tier that were kept of a reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// Index of the first.
    pub first_index: u64,
    /// After the column before the second index follows the first.
    pub repeats: Option<[u64; 2]>,
}

impl Excerpt {
    /// Which of the columns kept has an index.
    fn place(&self, index: u64) -> Option<u64> {
        match self.repeats {
            Some([first, end]) if (first..end).contains(&index) => {
                Some((index + (end - first) - self.first_index) % (end - first))
            }
            Some(_) => None,
            None => index.checked_sub(self.first_index),
        }
    }
}

/// What takes most of the memory: sound and fine columns.
pub struct Detail {
    _tiers: Vec<Vec<Column>>,
    _fine: Option<FineColumns>,
    _pcm: Sound,
}

/// A reference's data for threads beside the picture's.
#[derive(Clone)]
pub struct SharedReference(pub(super) Arc<Mutex<ReferenceData>>);

impl SharedReference {
    /// What is known now. Held only while a picture is put together: the loader waits for it.
    pub fn data(&self) -> MutexGuard<'_, ReferenceData> {
        locked(&self.0)
    }

    /// Looks at the data. Held briefly: the loader and the picture wait for it.
    pub fn with<T>(&self, look: impl FnOnce(&ReferenceData) -> T) -> T {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The fingerprint of one that is read, taken a second at a time so that nobody waits long for the lock.
    pub fn fingerprint(&self) -> ReferenceFingerprint {
        let rate = self.with(|data| data.sample_rate_hz);
        let mut builder = FingerprintBuilder::new(rate);
        let mut second = vec![];
        let mut at = 0;
        loop {
            second.clear();
            self.with(|data| {
                data.pcm.copy(at..at + rate.max(1) as usize, &mut second);
            });
            if second.is_empty() {
                return builder.finish();
            }
            builder.push(&second);
            at += second.len();
        }
    }

    /// Whether both are the same data, not only those of the same reference.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Locks the data. A loader that panicked leaves data that is whole: each batch is added at once.
pub(super) fn locked(data: &Mutex<ReferenceData>) -> MutexGuard<'_, ReferenceData> {
    data.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ReferenceData {
    /// Nothing yet.
    pub fn empty() -> Self {
        Self {
            tiers: vec![vec![]; NUM_TIERS],
            is_wanted: true,
            ..Self::default()
        }
    }

    /// Whether sound and fine columns are there.
    pub fn has_detail(&self) -> bool {
        self.target.is_some() || (self.pcm_is_whole && self.has_tier(0))
    }

    /// Whether a tier is there: in memory or in a file.
    fn has_tier(&self, tier: usize) -> bool {
        !self.tiers[tier].is_empty() || self.of_fine(tier).is_some()
    }

    fn of_fine(&self, tier: usize) -> Option<&FineColumns> {
        self.fine.as_ref().filter(|fine| fine.count(tier) > 0)
    }

    /// Takes sound and fine columns out.
    pub(super) fn take_detail(&mut self) -> Detail {
        self.pcm_is_whole = false;
        self.revision += 1;
        let coarse = bytes_of(self.frames, self.sample_rate_hz, false, false);
        // Less is always possible.
        let _ = self.claim.hold(coarse);
        Detail {
            _tiers: self.tiers[..DETAIL_TIERS]
                .iter_mut()
                .map(std::mem::take)
                .collect(),
            _fine: self.fine.take(),
            _pcm: std::mem::take(&mut self.pcm),
        }
    }

    /// Says why something could not be read: all of it, or only its detail.
    pub(super) fn fail(&mut self, why: String) {
        if self.programme.is_some() {
            self.detail_failure = Some(why);
        } else {
            self.failure = Some(why);
        }
    }

    /// The tier to read a tier's columns from: itself, or the finest that is there.
    pub fn tier_there(&self, tier: usize) -> usize {
        let coarser = tier..self.tiers.len();
        let mut there = coarser.filter(|tier| self.has_tier(*tier));
        there.next().unwrap_or(tier)
    }

    /// Length in seconds of what has arrived.
    pub fn duration_secs(&self) -> f64 {
        self.frames as f64 / f64::from(self.sample_rate_hz.max(1))
    }

    /// Length in seconds of all of it, as far as the file says.
    pub fn expected_secs(&self) -> f64 {
        let frames = self.frames.max(self.expected_frames);
        frames as f64 / f64::from(self.sample_rate_hz.max(1))
    }

    /// A column of a tier; none where it was not kept or has not arrived. While one that is left in a file is read, a
    /// coarser one of that moment stands in for it.
    pub fn column(&self, tier: usize, index: u64) -> Option<&[u32; NUM_BINS]> {
        if let Some(fine) = self.of_fine(tier) {
            let factor = TIER_FACTOR.pow((FINE_TIERS - tier) as u32) as u64;
            let is_there = index < fine.count(tier);
            let coarser = || self.column(FINE_TIERS, index / factor);
            return is_there.then(|| fine.column(tier, index).or_else(coarser))?;
        }
        let columns = self.tiers.get(tier)?;
        let at = match &self.excerpts {
            None => index,
            Some(excerpts) => excerpts[tier].place(index)?,
        };
        let column = columns.get(usize::try_from(at).ok()?)?;
        Some(&column.bins)
    }

    /// Has a column read that is going to be looked at; whether it is there already, as far as there is one.
    pub fn want(&self, tier: usize, index: u64) -> bool {
        self.of_fine(tier).is_none_or(|fine| fine.want(tier, index))
    }

    /// Columns that a tier has, those included that were not kept.
    pub fn num_columns(&self, tier: usize) -> u64 {
        if let Some(fine) = self.of_fine(tier) {
            return fine.count(tier);
        }
        let excerpts = self.excerpts.as_ref();
        let repeats = excerpts.and_then(|excerpts| excerpts[tier].repeats);
        repeats.map_or(self.tiers[tier].len() as u64, |[_, end]| end)
    }

    /// Length in seconds once all of it is there to be played; `None` before, and for one without sound.
    pub fn finished_secs(&self) -> Option<f64> {
        let is_there = self.programme.is_some() && self.pcm_is_whole && !self.pcm.is_empty();
        is_there.then(|| self.duration_secs())
    }

    /// Seconds between columns of tier 0.
    pub fn hop_secs(&self) -> f64 {
        self.hop_frames as f64 / f64::from(self.sample_rate_hz.max(1))
    }

    /// Seconds between columns of a tier.
    pub fn tier_secs(&self, tier: usize) -> f64 {
        self.hop_secs() * TIER_FACTOR.pow(tier as u32) as f64
    }

    /// The whole of it as a region.
    pub fn whole(&self) -> Region {
        Region {
            start_secs: 0.0,
            length_secs: self.duration_secs().max(0.1),
        }
    }

    /// What is compared: the region, or the whole.
    pub fn compared(&self) -> Region {
        self.region.unwrap_or_else(|| self.whole())
    }

    /// What runs beside the mix: of a song that is aligned all of it, since it has to follow; else
    /// the section that is followed, or what is compared.
    pub fn beside(&self, is_aligned: bool) -> Region {
        self.beside_following(is_aligned, self.followed)
    }

    /// The same, with the section that was followed at another time.
    pub fn beside_following(&self, is_aligned: bool, followed: Option<Region>) -> Region {
        let is_chosen = self.region.or(followed).is_some();
        if self.is_loading && self.programme.is_none() && !is_chosen {
            // What has come does not repeat: the rest of it is still to come.
            let length_secs = match self.expected_frames {
                0 => LONGEST_SECS,
                _ => self.expected_secs().max(0.1),
            };
            Region {
                start_secs: 0.0,
                length_secs,
            }
        } else if is_aligned {
            self.whole()
        } else {
            followed.unwrap_or_else(|| self.compared())
        }
    }

    /// The region between two times as it can be had: in order, within the file and not too short. `None` for the
    /// whole. Before the length is known anything goes.
    pub fn possible_region(&self, [a, b]: [f64; 2]) -> Option<Region> {
        if !(a.is_finite() && b.is_finite()) || self.target.is_some() {
            return None;
        }
        let length = match self.programme {
            Some(_) => self.duration_secs(),
            None => self.expected_secs().max(a).max(b),
        };
        let shortest = SHORTEST_REGION_SECS.min(length);
        let start = a.min(b).clamp(0.0, length - shortest);
        let end = a.max(b).clamp(start + shortest, length);
        let is_whole = start < WHOLE_WITHIN_SECS && end > length - WHOLE_WITHIN_SECS;
        (!is_whole).then_some(Region {
            start_secs: start,
            length_secs: end - start,
        })
    }

    /// Figures of what is compared; `None` while it is being measured.
    pub fn part(&self) -> Option<&Arc<PartFigures>> {
        match self.region {
            None => self.whole_part.as_ref(),
            Some(region) => self
                .region_part
                .as_ref()
                .filter(|part| part.region == region),
        }
    }

    /// All figures of what is compared; `None` while it is being measured.
    pub fn summary(&self) -> Option<&Summary> {
        self.part().map(|part| &part.summary)
    }

    /// Curves of what is compared; `None` while it is being measured.
    pub fn curves(&self) -> Option<&SpectrumCurves> {
        self.part().map(|part| &part.curves)
    }

    /// Integrated loudness and range of what is compared. A region that is not measured yet is read from the
    /// loudness history, to a hundredth.
    pub fn loudness_of_part(&self) -> (Option<f64>, Option<f64>) {
        match (self.summary(), self.region) {
            (Some(summary), _) => (summary.loudness.integrated_lufs, summary.loudness.range_lu),
            (None, Some(region)) => {
                let point = |secs: f64| (secs / POINT_SECS).round().max(0.0) as usize;
                let end_secs = region.start_secs + region.length_secs;
                region_loudness(
                    self.loudness.points(),
                    point(region.start_secs)..point(end_secs),
                )
            }
            (None, None) => (None, None),
        }
    }
}

impl CompanionFrame {
    /// What of a reference runs beside the mix. A frozen picture keeps what ran there, whatever is followed since.
    pub fn region(&self, data: &ReferenceData) -> Region {
        data.beside_following(self.is_aligned() || self.has_followed(), self.followed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(secs: u64) -> ReferenceData {
        ReferenceData {
            sample_rate_hz: 48_000,
            expected_frames: secs * 48_000,
            ..ReferenceData::empty()
        }
    }

    #[test]
    fn the_first_second_of_what_is_being_read_does_not_repeat() {
        let mut data = data(100);
        (data.frames, data.is_loading) = (48_000, true);
        assert_eq!(data.beside(false).length_secs, 100.0);
        data.expected_frames = 0;
        assert_eq!(data.beside(false).length_secs, LONGEST_SECS);
        data.is_loading = false;
        assert_eq!(data.beside(false).length_secs, 1.0);
    }

    #[test]
    fn regions_are_put_in_order_kept_inside_and_long_enough() {
        let data = data(100);
        let region = |a, b| {
            let region = data.possible_region([a, b])?;
            Some((region.start_secs, region.length_secs))
        };
        assert_eq!(region(20.0, 50.0), Some((20.0, 30.0)));
        assert_eq!(region(50.0, 20.0), Some((20.0, 30.0)));
        assert_eq!(region(30.0, 30.0), Some((30.0, SHORTEST_REGION_SECS)));
        assert_eq!(region(0.0, 100.0), None);
        assert_eq!(region(-5.0, 40.0), Some((0.0, 40.0)));
        assert_eq!(region(f64::NAN, 40.0), None);
    }
}
