//! From a snapshot back to what the picture is made of: a mix that stands still, a reference, and what lay beside it.
//!
//! Numbers of a stranger's file are brought into the bounds that the rest of the program relies on.

use std::sync::Arc;

use crate::analysis::column::{Column, TierColumn};
use crate::analysis::resolution;
use crate::analysis::tap::Tap;
use crate::dsp::loudness::LoudnessPoint;
use crate::session::format::moment::{Figures, KeptBeside};
use crate::session::format::snapshot::{SideData, Snapshot, TierStretch};
use crate::session::format::song::KeptSong;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::columns::MixColumns;
use crate::session::sides::history::History;
use crate::session::sides::loudness_history::{LoudnessHistory, POINT_SECS};

/// No session lasts longer: four months.
pub(crate) const LAST_SECS: f64 = 1e7;

impl Snapshot {
    /// Mix time at the right edge of the picture, within bounds.
    pub fn edge_secs(&self) -> f64 {
        self.facts.at_secs.clamp(0.0, LAST_SECS)
    }

    /// Mix time from which on its figures counted: the start, or when measuring was begun anew.
    fn measured_from_secs(&self) -> f64 {
        let figures = Figures::from_json(&self.facts.figures);
        let Some(mix) = figures.mix else {
            return 0.0;
        };
        let end_secs = mix.end_frame as f64 / f64::from(self.mix.sample_rate_hz.max(1));
        (end_secs - mix.loudness.measured_secs).clamp(0.0, LAST_SECS)
    }

    /// Side A as it stood then, with its sound where that was kept.
    pub fn mix_history(&self) -> History {
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
                // The sound reaches to the edge of the picture, the figures are of a little before it: what is measured
                // beside them ends where they do.
                let end_frame = meters.end_frame as f64 * f64::from(sound.sample_rate_hz) / rate;
                let heard = (end_frame - from).round().max(0.0) as usize;
                tap.push(&sound.frames[..heard.min(sound.frames.len())]);
                tap
            }
            None => {
                tap.skip(meters.end_frame);
                tap
            }
        };
        let mut kept = History::new(side.source.clone(), meters.format, hop(side), Arc::new(tap));
        kept.measured_from_secs = self.measured_from_secs();
        kept.meters = meters;
        kept.song = figures
            .song
            .as_ref()
            .map_or_else(Default::default, KeptSong::timeline);
        kept.columns = columns(side);
        kept.loudness = history(side);
        kept
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
}

/// Frames between columns of tier 0.
pub(crate) fn hop(side: &SideData) -> usize {
    let of_rate = resolution::hop_frames(side.sample_rate_hz);
    let fits = |hop: &u32| *hop >= 1 && *hop as usize <= 16 * of_rate;
    let first = side.tiers.first();
    let finest = first.map(|s| s.hop_frames >> (2 * u32::from(s.tier)));
    finest.filter(fits).map_or(of_rate, |hop| hop as usize)
}

/// The stretches whose columns lie as far apart as those of their tier do.
pub(crate) fn fitting(side: &SideData) -> impl Iterator<Item = &TierStretch> {
    let hop = hop(side) as u64;
    side.tiers
        .iter()
        .filter(move |s| u64::from(s.hop_frames) == hop << (2 * u32::from(s.tier)))
}

pub(crate) fn numbered(stretch: &TierStretch) -> impl Iterator<Item = Column> + '_ {
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
pub(crate) fn history(side: &SideData) -> LoudnessHistory {
    let mut history = LoudnessHistory::default();
    let before = (side.loudness_from_secs / POINT_SECS).round() - 1.0;
    let before = before.clamp(
        0.0,
        crate::session::format::check::MAX_LOUDNESS_POINTS as f64,
    ) as usize;
    (0..before).for_each(|_| history.push(LoudnessPoint::ABSENT));
    side.loudness.iter().for_each(|point| history.push(*point));
    history
}
