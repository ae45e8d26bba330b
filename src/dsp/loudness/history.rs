//! The history of a stream's loudness, and what a part of it reads.

use std::ops::Range;

use super::windows::{Energies, HOP_SLOTS, MOMENTARY_SLOTS, SHORT_TERM_SLOTS};
use crate::dsp::loudness_gating::{
    ABSOLUTE_GATE_LUFS, energy_from_lufs, integrated_of, lufs_from_energy, range_of,
};
use crate::dsp::punch::PunchPoint;

/// Seconds between two points of the history.
pub const HISTORY_STEP_SECS: f64 = 0.1;

/// One point of the history, for the 100 ms that ended at `(index + 1) · 0.1 s` of the stream.
///
/// Plain finite numbers, as they go to the GPU: [`LoudnessPoint::ABSENT_LUFS`] stands for silence, for a window not
/// yet full and for a gap.
#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct LoudnessPoint {
    /// Momentary loudness in LUFS, or the sentinel.
    pub momentary_lufs: f32,
    /// Short-term loudness in LUFS, or the sentinel.
    pub short_term_lufs: f32,
    /// How punchy the last 3 s are: what stands beside loudness everywhere, from the analysis to the file.
    pub punch: PunchPoint,
}

impl LoudnessPoint {
    /// Means that there is no value.
    pub const ABSENT_LUFS: f32 = -200.0;
    /// A point without values.
    pub const ABSENT: Self = Self {
        momentary_lufs: Self::ABSENT_LUFS,
        short_term_lufs: Self::ABSENT_LUFS,
        punch: PunchPoint::ABSENT,
    };

    /// Momentary loudness in LUFS, if it exists.
    pub fn momentary(self) -> Option<f32> {
        (self.momentary_lufs > Self::ABSENT_LUFS).then_some(self.momentary_lufs)
    }

    /// Short-term loudness in LUFS, if it exists.
    pub fn short_term(self) -> Option<f32> {
        (self.short_term_lufs > Self::ABSENT_LUFS).then_some(self.short_term_lufs)
    }

    /// Whether the 0.4 s before it sound: silence is below the absolute gate of BS.1770.
    pub fn sounds(self) -> bool {
        let momentary = self.momentary();
        momentary.is_some_and(|lufs| f64::from(lufs) > ABSOLUTE_GATE_LUFS)
    }

    pub(super) fn of(energies: Energies) -> Self {
        let stored = |energy: Option<f64>| match energy {
            Some(energy) => (lufs_from_energy(energy) as f32).max(Self::ABSENT_LUFS),
            None => Self::ABSENT_LUFS,
        };
        Self {
            momentary_lufs: stored(energies.momentary),
            short_term_lufs: stored(energies.short_term),
            punch: PunchPoint::ABSENT,
        }
    }
}

/// Integrated loudness and range of a part of a history, as a file cut there would read.
///
/// The windows of a point reach back 0.4 and 3 s, so those of the first points of the region are left out. Stored
/// values have 24 bits: the result is within 0.0001 LU of one from the energies.
pub fn region_loudness(
    history: &[LoudnessPoint],
    region: Range<usize>,
) -> (Option<f64>, Option<f64>) {
    let values = points_behind(history, &region, SHORT_TERM_SLOTS);
    let range = range_of(
        values
            .iter()
            .filter_map(|p| p.short_term())
            .map(|lufs| energy_from_lufs(lufs.into())),
    );
    (region_integrated(history, region), range)
}

/// The integrated loudness alone: the range has to sort.
pub fn region_integrated(history: &[LoudnessPoint], region: Range<usize>) -> Option<f64> {
    let blocks = points_behind(history, &region, MOMENTARY_SLOTS);
    integrated_of(
        blocks
            .iter()
            .filter_map(|p| p.momentary())
            .map(|lufs| energy_from_lufs(lufs.into())),
    )
}

/// The points of a region whose window of so many slots lies within it.
fn points_behind<'a>(
    history: &'a [LoudnessPoint],
    region: &Range<usize>,
    window_slots: u64,
) -> &'a [LoudnessPoint] {
    let end = region.end.min(history.len());
    let skipped = (window_slots / HOP_SLOTS) as usize - 1;
    &history[region.start.saturating_add(skipped).min(end)..end]
}
