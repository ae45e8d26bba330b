//! A record's columns on the grid of the mix: each centred on the very moment of the song that the mix's is.
//!
//! A record's own columns lie anywhere between those of the mix, up to half a hop away. To the eye that is nothing, but a
//! difference of two hits that were cut into columns at other moments is 10 dB and more of something that is not there. So
//! what lies beside the mix in a difference is analysed once more, from the record's sound, where the mix's columns are.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use crate::analysis::column::{TIER_FACTOR, TierColumn, column_secs};
use crate::analysis::spectral::{Purpose, SpectralAnalyzer};
use crate::audio::resample::resample;
use crate::dsp::frame_history::StereoFrame;
use crate::dsp::grid::NUM_BINS;
use crate::session::background;
use crate::session::references::SharedReference;
use crate::session::sides::region::Region;
use crate::session::sides::stretches::Stretches;

/// The coarsest tier that is made anew: of longer columns, 0.7 s, less than a twentieth lies elsewhere.
pub const COARSEST_TIER: usize = 2;
/// Columns of tier 0 that pass before the longest window and the filters before it know nothing of a beginning any more.
const WARM_UP_COLUMNS: u64 = 64;
/// What a live picture will need next is made as well.
const AHEAD_SECS: f64 = 4.0;
/// Frames copied and analysed at a time.
const BLOCK_FRAMES: usize = 8_192;
/// Frames around what is resampled, so that its ends are outside of what counts.
const RESAMPLING_MARGIN: i64 = 8_192;

/// How a record lies beside the mix: what its columns on the mix's grid depend on, besides which of them are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Lie {
    /// Counts what changes the record, its choice and where it lay.
    pub generation: u64,
    /// Tier of the columns.
    pub tier: usize,
    /// Rate of the mix.
    pub mix_rate_hz: u32,
    /// Frames of the mix from one column of tier 0 to the next.
    pub hop_frames: usize,
    /// The part of the record that repeats.
    pub region: Region,
    /// Laid time under mix time 0, in the newest stretch.
    pub offset_secs: f64,
    /// Where it lay before.
    pub stretches: Stretches,
}

impl Lie {
    /// Mix time at the centre of a column.
    fn mix_secs(&self, column: u64) -> f64 {
        let hop_secs = self.hop_frames as f64 / f64::from(self.mix_rate_hz);
        column_secs(hop_secs, self.tier, column as f64)
    }

    /// By how many frames of the mix's rate the record is ahead there; `None` where nothing of it lay.
    fn frames_ahead(&self, column: u64) -> Option<i64> {
        let mix_secs = self.mix_secs(column);
        let offset_secs = self.stretches.offset_at(mix_secs, self.offset_secs)?;
        let secs = self.region.reference_secs(mix_secs + offset_secs);
        Some(((secs - mix_secs) * f64::from(self.mix_rate_hz)).round() as i64)
    }

    /// Whether the record lies by whole hops off the mix, to a frame and wherever it lay.
    pub fn keeps_to_hops(&self) -> bool {
        let before = self.stretches.all().iter();
        let offsets_secs = before.map(|stretch| stretch.offset_secs);
        // Laid time is off by turns of the region, which are no whole hops: only its first turn is meant here.
        let newest_secs = self.region.reference_secs(self.offset_secs);
        offsets_secs.chain([newest_secs]).all(|secs| {
            let frames = (secs * f64::from(self.mix_rate_hz)).round() as i64;
            let off = frames.rem_euclid(self.hop_frames as i64);
            off.min(self.hop_frames as i64 - off) <= 1
        })
    }

    /// Whether both give the same columns: to a frame.
    fn is_same(&self, other: &Self) -> bool {
        let off_secs = (self.offset_secs - other.offset_secs).abs();
        let without_end = |lie: &Self| Self {
            offset_secs: 0.0,
            stretches: Stretches::default(),
            ..lie.clone()
        };
        off_secs * f64::from(self.mix_rate_hz) < 0.5 && without_end(self) == without_end(other)
    }
}

/// Columns that a picture needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// How the record lies.
    pub lie: Lie,
    /// Indices of the mix.
    pub columns: Range<u64>,
}

/// Columns of a record with the indices of the mix's.
#[derive(Debug)]
pub struct GridColumns {
    /// Tells all that were made of one lie from those of another.
    pub number: u64,
    /// How it lies.
    pub lie: Lie,
    first: u64,
    columns: Vec<[u32; NUM_BINS]>,
}

impl PartialEq for GridColumns {
    fn eq(&self, other: &Self) -> bool {
        (self.number, self.range()) == (other.number, other.range())
    }
}

impl GridColumns {
    /// Makes the columns that are wanted, from the sound of a record; those that are known are not made again.
    pub fn new(record: &SharedReference, wanted: &Wanted, known: Option<&Self>) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let known = known.filter(|known| known.lie.is_same(&wanted.lie));
        let known = known.filter(|known| known.range().contains(&wanted.columns.start));
        let number = known.map_or_else(
            || NUMBER.fetch_add(1, Ordering::Relaxed),
            |known| known.number,
        );
        let mut columns = Vec::with_capacity((wanted.columns.end - wanted.columns.start) as usize);
        if let Some(known) = known {
            let end = wanted.columns.end.min(known.range().end);
            let kept = (wanted.columns.start - known.first) as usize..(end - known.first) as usize;
            columns.extend_from_slice(&known.columns[kept]);
        }
        let mut next = wanted.columns.start + columns.len() as u64;
        while next < wanted.columns.end {
            let ahead = wanted.lie.frames_ahead(next);
            let more = next + 1..wanted.columns.end;
            let is_same_run = |column: &u64| wanted.lie.frames_ahead(*column) == ahead;
            let end = next + 1 + more.take_while(is_same_run).count() as u64;
            match ahead {
                Some(ahead) => columns.extend(run(record, &wanted.lie, next..end, ahead)),
                None => columns.extend((next..end).map(|_| [0; NUM_BINS])),
            }
            next = end;
        }
        Self {
            number,
            lie: wanted.lie.clone(),
            first: wanted.columns.start,
            columns,
        }
    }

    /// Indices of what is there.
    pub fn range(&self) -> Range<u64> {
        self.first..self.first + self.columns.len() as u64
    }

    /// A column.
    pub fn get(&self, index: u64) -> Option<&[u32; NUM_BINS]> {
        let at = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.columns.get(at)
    }

    /// Mix time at the centre of the last one.
    pub fn last_secs(&self) -> f64 {
        self.lie.mix_secs(self.range().end.saturating_sub(1))
    }

    /// Whether it has what is wanted.
    fn has(&self, wanted: &Wanted) -> bool {
        let range = self.range();
        self.lie.is_same(&wanted.lie)
            && range.start <= wanted.columns.start
            && wanted.columns.end <= range.end
    }
}

/// Columns of the mix's indices, beside which the record is ahead by so many frames of the mix's rate.
fn run(
    record: &SharedReference,
    lie: &Lie,
    columns: Range<u64>,
    ahead: i64,
) -> Vec<[u32; NUM_BINS]> {
    let factor = TIER_FACTOR.pow(lie.tier as u32) as u64;
    let first = (columns.start * factor).saturating_sub(WARM_UP_COLUMNS) / factor * factor;
    let mut analyzer = SpectralAnalyzer::from_column(lie.mix_rate_hz, Purpose::Programme, first);
    let from = (first * lie.hop_frames as u64) as i64 + ahead;
    // The last column waits for half its longest window, and for filters.
    let last = columns.end * factor + WARM_UP_COLUMNS;
    let frames = ((last - first) * lie.hop_frames as u64) as i64;
    let sound = sound(record, lie.mix_rate_hz, from..from + frames);
    let mut made: Vec<TierColumn> = vec![];
    let mut found = Vec::with_capacity((columns.end - columns.start) as usize);
    for block in sound.chunks(BLOCK_FRAMES) {
        made.clear();
        analyzer.process(block, &mut made);
        let is_meant = |made: &&TierColumn| {
            usize::from(made.tier) == lie.tier && columns.contains(&made.column.index)
        };
        found.extend(made.iter().filter(is_meant).map(|made| made.column.bins));
    }
    debug_assert_eq!(found.len() as u64, columns.end - columns.start);
    found.resize((columns.end - columns.start) as usize, [0; NUM_BINS]);
    found
}

/// Frames of a record at a rate, which may reach beyond its ends into silence.
fn sound(record: &SharedReference, rate_hz: u32, frames: Range<i64>) -> Vec<StereoFrame> {
    let own_rate_hz = record.with(|data| data.sample_rate_hz).max(1);
    if own_rate_hz == rate_hz {
        return copied(record, frames);
    }
    let ratio = f64::from(own_rate_hz) / f64::from(rate_hz);
    let own = |frame: i64| (frame as f64 * ratio).floor() as i64;
    let from = own(frames.start) - RESAMPLING_MARGIN;
    let copied = copied(record, from..own(frames.end) + RESAMPLING_MARGIN);
    let resampled = resample(copied.as_flattened(), 2, own_rate_hz, rate_hz);
    let skipped = (frames.start as f64 - from as f64 / ratio).round() as usize;
    let mut sound = resampled.as_chunks::<2>().0[skipped..].to_vec();
    sound.resize((frames.end - frames.start) as usize, [0.0; 2]);
    sound
}

fn copied(record: &SharedReference, frames: Range<i64>) -> Vec<StereoFrame> {
    let count = (frames.end - frames.start).max(0) as usize;
    let before = (-frames.start).clamp(0, count as i64) as usize;
    let mut sound = vec![[0.0; 2]; before];
    let mut at = (frames.start + before as i64) as usize;
    // The loader and the picture wait for the lock.
    while sound.len() < count {
        let end = at + BLOCK_FRAMES.min(count - sound.len());
        let had = sound.len();
        record.with(|data| data.pcm.copy(at..end, &mut sound));
        if sound.len() == had {
            break;
        }
        at = end;
    }
    sound.resize(count, [0.0; 2]);
    sound
}

/// Has columns made beside the window, and remembers the newest.
#[derive(Default)]
pub struct OnGrid {
    newest: Option<Arc<GridColumns>>,
    making: Option<Receiver<GridColumns>>,
}

impl OnGrid {
    /// Those that have all that is wanted.
    pub fn ready(&self, wanted: &Wanted) -> Option<Arc<GridColumns>> {
        self.newest
            .as_ref()
            .filter(|newest| newest.has(wanted))
            .cloned()
    }

    /// Whether some are being made.
    pub fn is_making(&self) -> bool {
        self.making.is_some()
    }

    /// Takes what was made, and has made what a picture wants and soon will.
    pub fn want(&mut self, record: &SharedReference, wanted: &Wanted) {
        match self.making.as_ref().map(Receiver::try_recv) {
            Some(Ok(made)) => {
                self.newest = Some(Arc::new(made));
                self.making = None;
            }
            Some(Err(TryRecvError::Empty)) => return,
            // It broke, which is said elsewhere.
            Some(Err(TryRecvError::Disconnected)) => self.making = None,
            None => {}
        }
        let lie = &wanted.lie;
        let hop_secs = lie.hop_frames as f64 / f64::from(lie.mix_rate_hz);
        let per_column = TIER_FACTOR.pow(lie.tier as u32) as f64 * hop_secs;
        let ahead = |secs: f64| Wanted {
            columns: wanted.columns.start..wanted.columns.end + (secs / per_column).ceil() as u64,
            ..wanted.clone()
        };
        let newest = self.newest.clone();
        if newest
            .as_ref()
            .is_some_and(|newest| newest.has(&ahead(0.5 * AHEAD_SECS)))
        {
            return;
        }
        let (tell, made) = channel();
        let (record, wanted) = (record.clone(), ahead(AHEAD_SECS));
        let making = background::spawn("grid", background::BESIDE, move || {
            // A window that has closed needs no columns.
            let _ = tell.send(GridColumns::new(&record, &wanted, newest.as_deref()));
        });
        match making {
            Ok(_) => self.making = Some(made),
            Err(error) => tracing::debug!("no thread for columns on the grid: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::column::level_db;
    use crate::audio::demo::{DemoSong, DemoVersion};
    use crate::audio::frames::{ChannelLayout, StreamFormat};
    use crate::session::references::Reference;
    use crate::session::sides::still::StillSide;

    const RECORD_HZ: u32 = crate::audio::demo::SAMPLE_RATE_HZ;

    /// The demo's master from a frame on, as a mix at a rate.
    fn mix(rate_hz: u32, from_frame: usize) -> StillSide {
        let mut samples = vec![0.0; 2 * RECORD_HZ as usize * 12];
        DemoSong::new(DemoVersion::Reference).read(&mut samples);
        let sound = resample(&samples[2 * from_frame..], 2, RECORD_HZ, rate_hz);
        let format = StreamFormat {
            sample_rate_hz: rate_hz,
            layout: ChannelLayout::Stereo,
        };
        let mut mix = StillSide::new("mix".to_owned(), format);
        mix.feed(&sound);
        mix.settle();
        mix
    }

    fn wanted(mix: &StillSide, tier: usize, from_frame: usize, columns: Range<u64>) -> Wanted {
        Wanted {
            lie: Lie {
                generation: 1,
                tier,
                mix_rate_hz: mix.history.columns_rate_hz,
                hop_frames: mix.history.hop_frames,
                region: Region {
                    start_secs: 0.0,
                    length_secs: 1000.0,
                },
                offset_secs: from_frame as f64 / f64::from(RECORD_HZ),
                stretches: Stretches::default(),
            },
            columns,
        }
    }

    #[test]
    fn the_same_song_has_the_same_columns_wherever_it_begins_and_at_any_rate() {
        let mut reference = Reference::demo();
        reference.wait();
        let record = reference.shared();
        for (rate_hz, tier, from_frame) in [
            (48_000, 0, 777),
            (48_000, 1, 40_201),
            (44_100, 1, 12_345),
            (96_000, 2, 5),
        ] {
            let mix = mix(rate_hz, from_frame);
            let columns = match tier {
                0 => 300..420,
                1 => 80..120,
                _ => 20..30,
            };
            let made = GridColumns::new(&record, &wanted(&mix, tier, from_frame, columns), None);
            let mut compared = 0;
            for index in made.range() {
                let own = mix.history.columns.get(tier, index).expect("it was heard");
                let others = made.get(index).expect("it was made");
                for (own, other) in own.iter().zip(others) {
                    let (Some(own), Some(other)) = (level_db(*own), level_db(*other)) else {
                        continue;
                    };
                    if own > -90.0 {
                        let off = (own - other).abs();
                        assert!(off < 0.5, "{rate_hz} Hz, tier {tier}, {index}: {off:.2} dB");
                        compared += 1;
                    }
                }
            }
            assert!(compared > 5_000, "{rate_hz} Hz: {compared}");
        }
    }

    #[test]
    fn what_is_known_is_gone_on_with_and_another_place_is_made_anew() {
        let mut reference = Reference::demo();
        reference.wait();
        let record = reference.shared();
        let mix = mix(48_000, 0);
        let at_once = GridColumns::new(&record, &wanted(&mix, 1, 777, 40..90), None);
        let begun = GridColumns::new(&record, &wanted(&mix, 1, 777, 30..60), None);
        let gone_on = GridColumns::new(&record, &wanted(&mix, 1, 777, 40..90), Some(&begun));
        assert_eq!(gone_on.number, begun.number);
        assert_eq!(gone_on.range(), 40..90);
        assert!((40..90).all(|n| at_once.get(n) == gone_on.get(n)));
        let elsewhere = GridColumns::new(&record, &wanted(&mix, 1, 900, 40..90), Some(&begun));
        assert_ne!(elsewhere.number, begun.number);
        assert_ne!(elsewhere.get(50), gone_on.get(50));
        assert!(gone_on.has(&wanted(&mix, 1, 777, 45..90)));
        assert!(!gone_on.has(&wanted(&mix, 1, 777, 45..91)));
        assert!(wanted(&mix, 1, 512 * 9, 0..1).lie.keeps_to_hops());
        assert!(!wanted(&mix, 1, 700, 0..1).lie.keeps_to_hops());
    }
}
