//! From a snapshot back to what the picture is made of: a mix that stands still, a reference, and what lay beside it.
//!
//! Numbers of a stranger's file are brought into the bounds that the rest of the program relies on.

use std::sync::Arc;

use crate::analysis::column::{Column, NUM_TIERS, TIER_FACTOR, TierColumn};
use crate::analysis::distribution::{LevelQuantiles, NUM_QUANTILES, SpectrumCurves};
use crate::analysis::programme::Programme;
use crate::analysis::resolution;
use crate::analysis::summary::{SpectrumSummary, Summary};
use crate::analysis::tap::Tap;
use crate::dsp::grid::NUM_BINS;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::pairing::companion::CompanionFrame;
use crate::session::references::data::Excerpt;
use crate::session::references::figures::PartFigures;
use crate::session::references::{MOST_TRIM_DB, ReferenceData};
use crate::session::sides::columns::MixColumns;
use crate::session::sides::loudness_history::{LoudnessHistory, POINT_SECS};
use crate::session::sides::mix::MixSide;
use crate::session::snapshots::moment::{Figures, KeptBeside, format_of};
use crate::session::snapshots::snapshot::{SideData, Snapshot, TierStretch};

/// No session lasts longer: four months.
const LAST_SECS: f64 = 1e7;

impl Snapshot {
    /// Mix time at the right edge of the picture, within bounds.
    pub fn edge_secs(&self) -> f64 {
        self.facts.at_secs.clamp(0.0, LAST_SECS)
    }

    /// Side A as it stood then, with its sound where that was kept.
    pub fn mix_side(&self) -> MixSide {
        let side = &self.mix;
        let figures = Figures::from_json(&self.facts.figures);
        let mut meters = figures.mix_meters(side);
        let rate = f64::from(side.sample_rate_hz);
        let last_frame = (LAST_SECS * rate) as u64;
        meters.end_frame = match figures.mix {
            Some(_) => meters.end_frame.min(last_frame),
            None => (self.edge_secs() * rate) as u64,
        };
        let tap = Tap::new(side.sample_rate_hz, 0.0);
        let tap = match &self.sound {
            Some(sound) => {
                let secs = sound.frames.len() as f64 / f64::from(sound.sample_rate_hz);
                let tap = Tap::new(sound.sample_rate_hz, secs + 1.0);
                let from = sound.from_secs.clamp(0.0, LAST_SECS) * f64::from(sound.sample_rate_hz);
                tap.skip(from.round() as u64);
                tap.push(&sound.frames);
                tap
            }
            None => {
                tap.skip(meters.end_frame);
                tap
            }
        };
        let name = side.source.clone();
        MixSide::recalled(name, meters, columns(side), history(side), hop(side), tap)
    }

    /// The reference as it was, as far as it was kept; none where there was none.
    pub fn reference_data(&self) -> Option<ReferenceData> {
        let side = self.reference.as_ref()?;
        let figures = Figures::from_json(&self.facts.figures);
        let kept = figures.reference.unwrap_or_default();
        let last_frame = LAST_SECS * f64::from(side.sample_rate_hz);
        let mut excerpts: [Excerpt; NUM_TIERS] = Default::default();
        let mut tiers = vec![vec![]; NUM_TIERS];
        for stretch in fitting(side) {
            let tier = usize::from(stretch.tier);
            excerpts[tier] = Excerpt {
                first_index: stretch.first_index,
                repeats: stretch.repeats,
            };
            tiers[tier] = numbered(stretch).collect();
        }
        let mut data = ReferenceData {
            tiers,
            loudness: history(side),
            frames: kept.frames.min(last_frame as u64),
            trim_db: kept.trim_db.clamp(-MOST_TRIM_DB, MOST_TRIM_DB),
            excerpts: Some(excerpts),
            ..nothing_yet(side)
        };
        data.sections = kept.sections();
        [data.region, data.followed] = kept.regions(data.duration_secs());
        with_figures(&mut data, side, &kept.summary);
        Some(data)
    }

    /// What lay beside the mix then; none where there was no reference.
    pub fn beside(&self) -> Option<CompanionFrame> {
        let figures = Figures::from_json(&self.facts.figures);
        let kept: KeptBeside = figures.beside?;
        let side = self.reference.as_ref()?;
        let mut frame = kept.frame(side);
        if let Some(reference) = figures.reference {
            let duration_secs = reference.frames as f64 / f64::from(side.sample_rate_hz);
            [_, frame.followed] = reference.regions(duration_secs);
        }
        Some(frame)
    }

    /// The mix as a reference beside another mix, where no sound was kept: it begins with the finest columns kept.
    ///
    /// Coarser tiers begin at their nearest column: they lie off by at most half a column.
    pub fn silent_reference_data(&self) -> Option<ReferenceData> {
        let side = &self.mix;
        let finest = fitting(side).find(|stretch| stretch.tier == 0)?;
        let (first, count) = (finest.first_index, finest.columns.len());
        let mut tiers = vec![vec![]; NUM_TIERS];
        for stretch in fitting(side) {
            let factor = (TIER_FACTOR as u64).pow(u32::from(stretch.tier));
            let begin = (first + factor / 2) / factor;
            let end = begin + (count as u64).div_ceil(factor);
            let of_stretch = numbered(stretch).filter(|c| (begin..end).contains(&c.index));
            tiers[usize::from(stretch.tier)] = of_stretch.collect();
        }
        let hop_secs = hop(side) as f64 / f64::from(side.sample_rate_hz);
        let from_point = (first as f64 * hop_secs / POINT_SECS).round() as usize;
        let num_points = (count as f64 * hop_secs / POINT_SECS).round() as usize;
        let mut loudness = LoudnessHistory::default();
        let all = history(side);
        let points = all.points().iter().skip(from_point).take(num_points);
        points.for_each(|point| loudness.push(*point));
        let mut data = ReferenceData {
            tiers,
            loudness,
            frames: (count * hop(side)) as u64,
            ..nothing_yet(side)
        };
        let figures = Figures::from_json(&self.facts.figures);
        let mix = figures.mix.unwrap_or_default();
        with_figures(&mut data, side, &mix.as_summary(side.sample_rate_hz));
        Some(data)
    }
}

fn nothing_yet(side: &SideData) -> ReferenceData {
    ReferenceData {
        sample_rate_hz: side.sample_rate_hz,
        hop_frames: hop(side),
        progress: 1.0,
        ..ReferenceData::empty()
    }
}

/// Gives a reference the figures and curves of what is compared of it; none where the file does not have them whole.
fn with_figures(data: &mut ReferenceData, side: &SideData, summary: &serde_json::Value) {
    let Ok(mut summary) = serde_json::from_value::<Summary>(summary.clone()) else {
        return;
    };
    let curves = side.curves.clone().unwrap_or_else(SpectrumCurves::silent);
    summary.spectrum = SpectrumSummary::new(&curves);
    let part = Arc::new(PartFigures {
        region: data.compared(),
        summary: summary.clone(),
        curves: curves.clone(),
        quantiles: LevelQuantiles(vec![[f32::NEG_INFINITY; NUM_QUANTILES]; NUM_BINS]),
    });
    match data.region {
        Some(_) => data.region_part = Some(part),
        None => data.whole_part = Some(part),
    }
    data.programme = Some(Programme {
        name: side.source.clone(),
        path: None,
        format: format_of(side),
        frames: data.frames,
        hop_frames: data.hop_frames,
        tiers: vec![],
        loudness_points: vec![],
        curves,
        summary,
        pcm: None,
    });
}

/// Frames between columns of tier 0.
fn hop(side: &SideData) -> usize {
    let of_rate = resolution::hop_frames(side.sample_rate_hz);
    let fits = |hop: &u32| *hop >= 1 && *hop as usize <= 16 * of_rate;
    let first = side.tiers.first();
    let finest = first.map(|s| s.hop_frames >> (2 * u32::from(s.tier)));
    finest.filter(fits).map_or(of_rate, |hop| hop as usize)
}

/// The stretches whose columns lie as far apart as those of their tier do.
fn fitting(side: &SideData) -> impl Iterator<Item = &TierStretch> {
    let hop = hop(side) as u64;
    side.tiers
        .iter()
        .filter(move |s| u64::from(s.hop_frames) == hop << (2 * u32::from(s.tier)))
}

fn numbered(stretch: &TierStretch) -> impl Iterator<Item = Column> + '_ {
    let indices = stretch.first_index..;
    let columns = indices.zip(&stretch.columns);
    columns.map(|(index, bins)| Column { index, bins: *bins })
}

fn columns(side: &SideData) -> MixColumns {
    let mut columns = MixColumns::default();
    for stretch in fitting(side) {
        let provisional = match stretch.tier {
            0 => side.provisional_columns,
            _ => 0,
        };
        let finished = stretch.columns.len().saturating_sub(provisional);
        for (n, column) in numbered(stretch).enumerate() {
            if n < finished {
                let tier = stretch.tier;
                columns.push(&TierColumn { tier, column });
            } else {
                columns.provisional.push(column);
            }
        }
    }
    columns
}

/// The loudness from time 0 on; what came before the first point kept is absent.
fn history(side: &SideData) -> LoudnessHistory {
    let mut history = LoudnessHistory::default();
    let before = (side.loudness_from_secs / POINT_SECS).round() - 1.0;
    let absent = LoudnessPoint {
        momentary_lufs: LoudnessPoint::ABSENT_LUFS,
        short_term_lufs: LoudnessPoint::ABSENT_LUFS,
    };
    let before = before.clamp(
        0.0,
        crate::session::snapshots::check::MAX_LOUDNESS_POINTS as f64,
    ) as usize;
    (0..before).for_each(|_| history.push(absent));
    side.loudness.iter().for_each(|point| history.push(*point));
    history
}
