//! Keeping a picture: from what is open to a [`Snapshot`], a piece a frame, so that the live picture never waits.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use crate::analysis::column::{NUM_TIERS, TIER_FACTOR};
use crate::analysis::distribution::SpectrumCurves;
use crate::analysis::meters::Meters;
use crate::analysis::tap::Recent;
use crate::compare::alignment::AlignmentResult;
use crate::compare::tracker::Tracking;
use crate::dsp::grid::NUM_BINS;
use crate::session::format::check;
use crate::session::format::error::SnapshotError;
use crate::session::format::moment::{Figures, KeptBeside, KeptMeters, KeptReference};
use crate::session::format::snapshot::{Created, Facts, SideData, Snapshot, Sound, TierStretch};
use crate::session::format::song::KeptSong;
use crate::session::pairing::Pair;
use crate::session::references::{Reference, ReferenceData, SharedReference};
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::history::History;
use crate::session::sides::live_reference::LiveReference;
use crate::session::sides::loudness_history::POINT_SECS;
use crate::session::sides::same_tenth::same_tenth;
use crate::session::sides::stretches::Stretches;
use crate::session::snapshots::shelf;
use crate::units::plain::is_hidden;

/// Columns kept of each tier, or more where the picture shows more: 22 s of the finest, 87 s of the next …
const COLUMNS_OF_A_TIER: u64 = 2_048;
/// Most columns of a tier that a picture reads.
const MOST_VISIBLE: u64 = 4_096;
/// Columns beyond the picture's edges, which its smoothing reads.
const MARGIN: u64 = 16;
/// Columns of a finer tier beyond the right edge, which stand in for coarse ones in the making.
const MOST_STAND_INS: u64 = 1_100;
/// Columns copied in one step: 2 MB, a fraction of a millisecond.
const COLUMNS_A_STEP: usize = 512;

/// What is visible of a session, in plain numbers.
#[derive(Clone, Debug)]
pub struct Visible {
    /// Mix time at the right edge.
    pub right_edge_secs: f64,
    /// Seconds from edge to edge.
    pub span_secs: f64,
    /// Tier that the picture reads of mix and reference.
    pub tiers: [usize; 2],
    /// Finer columns than those of this tier are left out.
    pub finest_tier: usize,
    /// Gain on the reference.
    pub match_gain_db: Option<f64>,
    /// The looks, an object.
    pub settings: serde_json::Value,
}

impl Visible {
    /// Mix time at the left edge, and where the picture or what was heard ends.
    fn secs_of(&self, meters: &Meters) -> [f64; 2] {
        let end_secs = meters.end_frame as f64 / f64::from(meters.format.sample_rate_hz.max(1));
        let right_secs = self.right_edge_secs;
        [right_secs - self.span_secs, right_secs.min(end_secs)]
    }
}

/// A snapshot in the making: all but its columns was taken at once; finished columns do not change any more.
pub struct Keeping {
    snapshot: Snapshot,
    stretches: VecDeque<Wanted>,
    /// The one that was shown, whatever is shown now.
    reference: Option<SharedReference>,
    mix_generation: u64,
    generation: u64,
}

/// Columns that are still to be copied.
struct Wanted {
    of_reference: bool,
    /// Place in the side's list of tiers.
    slot: usize,
    tier: usize,
    first: u64,
    count: u64,
    repeats: Option<[u64; 2]>,
    copied: u64,
    /// Columns in the making, which follow the finished ones.
    then: Vec<[u32; NUM_BINS]>,
}

impl Keeping {
    /// Takes what changes from frame to frame; none where there is no mix to keep.
    pub fn begin(
        pair: &Pair,
        mix_meters: Option<&Meters>,
        beside: &CompanionFrame,
        visible: Visible,
    ) -> Option<Self> {
        let (mix, meters) = pair.mix.history().zip(mix_meters)?;
        // Of the record one run of columns is kept: the section that is followed now, as if it always had been.
        let beside = &CompanionFrame {
            followed_past: Stretches::default(),
            ..beside.clone()
        };
        let mut wanted = VecDeque::new();
        let mut figures = Figures {
            mix: Some(kept_meters(mix, meters)),
            song: KeptSong::of(&mix.song, visible.secs_of(meters)),
            ..Figures::default()
        };
        let mix_side = heard_side(mix, meters, &visible, false, &mut wanted);
        let mut reference_side = None;
        let live = pair.references.input().and_then(LiveReference::history);
        if let Some((live, meters)) = live.zip(beside.meters.as_ref()) {
            figures.reference = Some(KeptReference::of_heard(
                &kept_meters(live, meters),
                live.columns_rate_hz,
            ));
            figures.beside = Some(KeptBeside::of(&at_the_same_clock(beside)));
            let beside_mix = Visible {
                right_edge_secs: visible.right_edge_secs + beside.offset_secs,
                ..visible.clone()
            };
            let side = heard_side(live, meters, &beside_mix, true, &mut wanted);
            reference_side = Some(SideData {
                beside: side.curves.clone(),
                ..side
            });
        } else if let Some(reference) = pair.references.active() {
            let data = reference.data();
            if data.programme.is_some() {
                figures.reference = Some(KeptReference::of(&data, beside.followed));
                figures.beside = Some(KeptBeside::of(beside));
                let name = reference.name.clone();
                keep_same_tenth(&mut figures, (mix, meters), beside);
                let side = side_of_reference(name, &data, beside, &visible, &mut wanted);
                reference_side = Some(side);
            }
        }
        let song = pair.song_name();
        let facts = Facts {
            name: song.clone(),
            song,
            counter: 0,
            note: String::new(),
            created: Created::now(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            settings: visible.settings,
            at_secs: visible.right_edge_secs,
            match_gain_db: visible.match_gain_db,
            offset_secs: reference_side.is_some().then_some(beside.offset_secs),
            figures: figures.to_json(),
        };
        Some(Self {
            snapshot: Snapshot {
                facts,
                mix: mix_side,
                reference: reference_side,
                sound: None,
                thumbnail_png: None,
            },
            stretches: wanted,
            reference: pair.references.active().map(Reference::shared),
            mix_generation: pair.mix.generation(),
            generation: pair.references.generation(),
        })
    }

    /// Copies some columns; whether all are there.
    pub fn step(&mut self, pair: &Pair) -> bool {
        self.copy_some(pair, true)
    }

    fn copy_some(&mut self, pair: &Pair, waits: bool) -> bool {
        let mut budget = COLUMNS_A_STEP;
        while let Some(wanted) = self.stretches.front_mut() {
            if budget == 0 {
                return false;
            }
            let copied = match (wanted.of_reference, &self.reference) {
                (true, Some(reference)) if waits && !wanted.can_copy(reference, budget) => {
                    return false;
                }
                (true, Some(reference)) => wanted.copy_reference(reference, budget),
                (true, None) => {
                    let same = pair.references.generation() == self.generation;
                    let live = pair.references.input().filter(|_| same);
                    wanted.copy_heard(live.and_then(LiveReference::history), budget)
                }
                (false, _) => {
                    let same = pair.mix.generation() == self.mix_generation;
                    wanted.copy_heard(pair.mix.history().filter(|_| same), budget)
                }
            };
            budget -= copied.len().min(budget);
            let side = match (&mut self.snapshot.reference, wanted.of_reference) {
                (Some(reference), true) => reference,
                _ => &mut self.snapshot.mix,
            };
            side.tiers[wanted.slot].columns.extend(copied);
            if wanted.copied == wanted.count {
                side.tiers[wanted.slot].columns.append(&mut wanted.then);
                self.stretches.pop_front();
            }
        }
        true
    }

    /// The snapshot, here and now: coarser columns stand in for those of a record that are still being read.
    pub fn finish(mut self, pair: &Pair) -> Snapshot {
        while !self.copy_some(pair, false) {}
        self.snapshot
    }
}

impl Wanted {
    /// Which columns are next, counted from the first.
    fn next(&mut self, most: usize) -> std::ops::Range<u64> {
        let from = self.copied;
        self.copied = self.count.min(from + most as u64);
        from..self.copied
    }

    fn copy_heard(&mut self, heard: Option<&History>, most: usize) -> Vec<[u32; NUM_BINS]> {
        let range = self.next(most);
        let column = |k: u64| heard?.columns.get(self.tier, self.first + k).copied();
        range.map(|k| column(k).unwrap_or([0; NUM_BINS])).collect()
    }

    /// Which of a reference's columns is the k-th.
    fn source(&self, k: u64) -> u64 {
        let [start, end] = self.repeats.unwrap_or([0, u64::MAX]);
        start + (self.first - start + k) % (end - start)
    }

    /// Whether the next of a reference's columns are there; those that are not are read meanwhile.
    fn can_copy(&self, reference: &SharedReference, most: usize) -> bool {
        let next = self.copied..self.count.min(self.copied + most as u64);
        reference.with(|data| {
            next.filter(|k| !data.want(self.tier, self.source(*k)))
                .count()
                == 0
        })
    }

    fn copy_reference(&mut self, reference: &SharedReference, most: usize) -> Vec<[u32; NUM_BINS]> {
        let range = self.next(most);
        let copy = |data: &ReferenceData| {
            range
                .map(|k| data.column(self.tier, self.source(k)).copied())
                .map(|column| column.unwrap_or([0; NUM_BINS]))
                .collect()
        };
        reference.with(copy)
    }
}

/// Columns of a tier in a second of time.
fn per_sec(hop_secs: f64, tier: usize) -> f64 {
    1.0 / (hop_secs * (TIER_FACTOR as f64).powi(tier as i32))
}

/// Columns to keep of a tier left of the right edge.
fn count_of(visible: &Visible, per_sec: f64) -> u64 {
    let shown = (visible.span_secs * per_sec).ceil() as u64 + 2 * MARGIN;
    let shown = if shown <= MOST_VISIBLE { shown } else { 0 };
    shown.max(COLUMNS_OF_A_TIER)
}

/// Columns keep the rate that the stream began with, and so does all that is kept.
fn kept_meters(heard: &History, meters: &Meters) -> KeptMeters {
    let rate = f64::from(meters.format.sample_rate_hz.max(1));
    let scale = f64::from(heard.columns_rate_hz) / rate;
    KeptMeters {
        end_frame: (meters.end_frame as f64 * scale).round() as u64,
        ..KeptMeters::of(meters)
    }
}

/// Beside the same song, what moves within tenths of a second is kept as it is shown: of the same tenth on both sides.
fn keep_same_tenth(
    figures: &mut Figures,
    (mix, meters): (&History, &Meters),
    beside: &CompanionFrame,
) {
    let besides = beside.meters.as_ref().filter(|_| beside.is_aligned());
    let both = besides.and_then(|besides| same_tenth(meters, &mix.loudness, besides));
    let kept_beside = figures
        .beside
        .as_mut()
        .and_then(|kept| kept.meters.as_mut());
    let kept = figures.mix.as_mut().zip(kept_beside);
    if let Some(((tenth, [point, other]), (mix, reference))) = both.zip(kept) {
        mix.keep_point(tenth, point);
        reference.keep_point(tenth, other);
    }
}

/// Two inputs lie where their clocks say, and that is sure.
fn at_the_same_clock(beside: &CompanionFrame) -> CompanionFrame {
    CompanionFrame {
        tracking: Some(Tracking::Locked(AlignmentResult::at(
            beside.offset_secs,
            1.0,
        ))),
        ..beside.clone()
    }
}

/// A side that is heard live: the mix, or a second input in the place of the reference.
fn heard_side(
    mix: &History,
    meters: &Meters,
    visible: &Visible,
    of_reference: bool,
    wanted: &mut VecDeque<Wanted>,
) -> SideData {
    let points = mix.loudness.points();
    let from = points.len().saturating_sub(check::MAX_LOUDNESS_POINTS);
    let mut side = SideData {
        source: plain(&mix.name),
        sample_rate_hz: mix.columns_rate_hz,
        loudness_from_secs: (from + 1) as f64 * POINT_SECS,
        loudness: points[from..].to_vec(),
        curves: Some(SpectrumCurves::clone(&meters.curves)),
        spectrum_db: meters.spectrum_db.clone(),
        scope: meters.scope.clone(),
        ..SideData::default()
    };
    for tier in visible.finest_tier..NUM_TIERS {
        let kept = mix.columns.kept(tier);
        if kept.is_empty() {
            continue;
        }
        let per_sec = per_sec(mix.hop_secs(), tier);
        let steps = visible.tiers[usize::from(of_reference)].saturating_sub(tier) as u32;
        let margin = (MARGIN * (TIER_FACTOR as u64).pow(steps)).clamp(MARGIN, MOST_STAND_INS);
        let right = (visible.right_edge_secs * per_sec).ceil().max(0.0) as u64;
        let end = kept.end.min(right + margin);
        let first = end.saturating_sub(count_of(visible, per_sec) + margin);
        let first = mix.columns.known_from(tier, first);
        let end = end.max(first + 1);
        let then: Vec<_> = match tier == 0 && end == kept.end {
            true => mix.columns.provisional.iter().map(|c| c.bins).collect(),
            false => vec![],
        };
        side.provisional_columns += then.len();
        wanted.push_back(Wanted {
            of_reference,
            slot: side.tiers.len(),
            tier,
            first,
            count: end - first,
            repeats: None,
            copied: 0,
            then,
        });
        side.tiers.push(stretch(tier, first, mix.hop_frames, None));
    }
    side
}

fn side_of_reference(
    name: String,
    data: &ReferenceData,
    beside: &CompanionFrame,
    visible: &Visible,
    wanted: &mut VecDeque<Wanted>,
) -> SideData {
    let points = data.loudness.points();
    let meters = beside.meters.as_ref();
    let mut side = SideData {
        source: plain(&name),
        sample_rate_hz: data.sample_rate_hz,
        loudness_from_secs: POINT_SECS,
        loudness: points[..points.len().min(check::MAX_LOUDNESS_POINTS)].to_vec(),
        curves: data.curves().cloned(),
        beside: meters.map(|meters| SpectrumCurves::clone(&meters.curves)),
        spectrum_db: meters.map_or_else(Vec::new, |meters| meters.spectrum_db.clone()),
        scope: meters.map_or_else(Vec::new, |meters| meters.scope.clone()),
        ..SideData::default()
    };
    let region = beside.region(data);
    let right_secs = region
        .reference_secs(region.laid_offset_secs(beside.offset_secs) + visible.right_edge_secs);
    for tier in visible.finest_tier..NUM_TIERS {
        let per_sec = per_sec(data.hop_secs(), tier);
        let len = data.num_columns(tier);
        let begin = ((region.start_secs * per_sec).floor() as u64).min(len);
        let end = (((region.start_secs + region.length_secs) * per_sec).ceil() as u64 + 2).min(len);
        if begin >= end {
            continue;
        }
        let count = (count_of(visible, per_sec) + MARGIN).min(end - begin);
        let last = (right_secs * per_sec).ceil() as i64 + MARGIN as i64;
        let back = (last - count as i64 - begin as i64).rem_euclid((end - begin) as i64);
        let first = match count == end - begin {
            true => begin,
            false => begin + back as u64,
        };
        let repeats = Some([begin, end]);
        wanted.push_back(Wanted {
            of_reference: true,
            slot: side.tiers.len(),
            tier,
            first,
            count,
            repeats,
            copied: 0,
            then: vec![],
        });
        side.tiers
            .push(stretch(tier, first, data.hop_frames, repeats));
    }
    side
}

fn stretch(tier: usize, first: u64, hop_frames: usize, repeats: Option<[u64; 2]>) -> TierStretch {
    TierStretch {
        tier: tier as u8,
        first_index: first,
        hop_frames: (hop_frames * TIER_FACTOR.pow(tier as u32)) as u32,
        repeats,
        columns: vec![],
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !is_hidden(*c)).take(300).collect()
}

/// The sound up to a time, at most so many seconds of it; none where what was heard then is forgotten.
pub fn sound(recent: &Recent, at_secs: f64, secs: f64) -> Option<Sound> {
    let rate = f64::from(recent.sample_rate_hz);
    let first_frame = recent.end_frame.checked_sub(recent.frames.len() as u64)?;
    let end = ((at_secs * rate).round() as u64).clamp(first_frame, recent.end_frame);
    let from = end.saturating_sub((secs * rate) as u64).max(first_frame);
    let frames = &recent.frames[(from - first_frame) as usize..(end - first_frame) as usize];
    let finite = |frame: &[f32; 2]| frame.map(|s| if s.is_finite() { s } else { 0.0 });
    (!frames.is_empty()).then(|| Sound {
        sample_rate_hz: recent.sample_rate_hz,
        from_secs: from as f64 / rate,
        frames: frames.iter().map(finite).collect(),
    })
}

/// Names a snapshot after its song and the next free number, and saves it on the shelf; where it lies then.
pub fn save(snapshot: &mut Snapshot, folder: &Path) -> Result<PathBuf, SnapshotError> {
    let failed = |source| SnapshotError::Write {
        path: folder.to_owned(),
        source,
    };
    if snapshot.facts.counter == 0 {
        let items = shelf::items(folder).map_err(failed)?;
        let facts = &mut snapshot.facts;
        facts.counter = shelf::next_counter(&items, &facts.song);
        facts.name = format!("{} {}", facts.song, facts.counter);
    }
    shelf::add(folder, snapshot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sound_ends_at_the_picture_and_what_is_forgotten_is_not_made_up() {
        let recent = Recent {
            frames: (0..100).map(|n| [n as f32, 0.0]).collect(),
            end_frame: 1_000,
            heard_from: 0,
            sample_rate_hz: 10,
        };
        let kept = sound(&recent, 95.0, 3.0).expect("it is remembered");
        assert_eq!(kept.frames.len(), 30);
        assert_eq!((kept.from_secs, kept.frames[0][0]), (92.0, 20.0));
        let kept = sound(&recent, 91.0, 3.0).expect("a second is remembered");
        assert_eq!((kept.from_secs, kept.frames.len()), (90.0, 10));
        assert_eq!(sound(&recent, 80.0, 3.0), None);
        assert_eq!(sound(&recent, 95.0, 0.0), None);
    }
}
