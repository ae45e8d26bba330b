//! References that come from a snapshot: what lay beside its mix, or its mix itself; and a reference as one keeps it.

use std::sync::Arc;

use serde_json::Value;

use crate::analysis::column::{NUM_TIERS, TIER_FACTOR};
use crate::analysis::distribution::{LevelQuantiles, NUM_QUANTILES, SpectrumCurves};
use crate::analysis::programme::Programme;
use crate::analysis::stereo_band_range::StereoBandRanges;
use crate::analysis::summary::{SpectrumSummary, Summary};
use crate::dsp::grid::NUM_BINS;
use crate::session::format::moment::{Figures, KeptReference, format_of, without_spectrum};
use crate::session::format::recall::{LAST_SECS, fitting, history, hop, numbered};
use crate::session::format::snapshot::{SideData, Snapshot};
use crate::session::references::data::{Excerpt, MOST_TRIM_DB, ReferenceData};
use crate::session::references::part::PartFigures;
use crate::session::sides::loudness_history::{LoudnessHistory, POINT_SECS};
use crate::session::sides::region::Region;

impl Snapshot {
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
        with_figures(&mut data, side, &kept.summary, kept.bands);
        Some(data)
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
        let loudness = self.loudness_of_mix([first as f64, count as f64].map(|n| n * hop_secs));
        let mut data = ReferenceData {
            tiers,
            loudness,
            frames: (count * hop(side)) as u64,
            ..nothing_yet(side)
        };
        let figures = Figures::from_json(&self.facts.figures);
        let mix = figures.mix.unwrap_or_default();
        let summary = mix.as_summary(side.sample_rate_hz);
        with_figures(&mut data, side, &summary, StereoBandRanges::default());
        data.is_kept_sound = true;
        Some(data)
    }

    /// Loudness of the mix from a time on, for so many seconds: that of the short term knows what sounded before.
    fn loudness_of_mix(&self, [from_secs, length_secs]: [f64; 2]) -> LoudnessHistory {
        let point = |secs: f64| (secs / POINT_SECS).round() as usize;
        let all = history(&self.mix);
        let points = all.points().iter();
        let mut loudness = LoudnessHistory::default();
        let within = points.skip(point(from_secs)).take(point(length_secs));
        within.for_each(|point| loudness.push(*point));
        loudness
    }

    /// Gives a reference whose columns and sound are the last seconds of the mix the loudness, peaks and levels of all
    /// that was measured of it: those it had as the mix.
    pub(super) fn give_figures(&self, data: &mut ReferenceData) {
        data.is_kept_sound = true;
        if let Some(sound) = &self.sound {
            let length_secs = data.loudness.points().len() as f64 * POINT_SECS;
            let kept = self.loudness_of_mix([sound.from_secs, length_secs]);
            if kept.points().len() == data.loudness.points().len() {
                data.loudness = kept;
            }
        }
        let figures = Figures::from_json(&self.facts.figures);
        let Some(mix) = figures
            .mix
            .filter(|mix| mix.loudness.integrated_lufs.is_some())
        else {
            return;
        };
        let kept = mix.as_summary(self.mix.sample_rate_hz);
        let Ok(kept) = serde_json::from_value::<Summary>(kept) else {
            return;
        };
        let give = |summary: &mut Summary| {
            summary.duration_secs = kept.duration_secs;
            summary.loudness = kept.loudness.clone();
            summary.levels = kept.levels;
        };
        if let Some(programme) = &mut data.programme {
            give(&mut programme.summary);
        }
        if let Some(part) = &mut data.whole_part {
            give(&mut Arc::make_mut(part).summary);
        }
    }
}

impl KeptReference {
    /// The figures of a reference that is read, beside which a section was followed.
    pub fn of(data: &ReferenceData, followed: Option<Region>) -> Self {
        // A region that is still being measured has the figures of the whole until then.
        let whole = data.programme.as_ref().map(|whole| &whole.summary);
        let summary = data.summary().or(whole);
        Self {
            frames: data.frames,
            summary: summary.map_or(Value::Null, without_spectrum),
            region: data.region.map(|part| [part.start_secs, part.length_secs]),
            followed: followed.map(|part| [part.start_secs, part.length_secs]),
            sections: data.sections.clone(),
            trim_db: data.trim_db,
            bands: match followed {
                Some(section) => data.bands_within(section),
                None => data.bands_of(data.compared()).unwrap_or_default(),
            },
        }
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
fn with_figures(
    data: &mut ReferenceData,
    side: &SideData,
    summary: &serde_json::Value,
    bands: StereoBandRanges,
) {
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
        bands,
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
