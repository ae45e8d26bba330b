//! Figures of a part of a reference: as if that part were cut out and read as a file.
//!
//! The part's sound goes through the same Analyzer as a whole file, so that its loudness, peaks, widths and curves are
//! measured in the same way. More than two channels are kept folded down: their loudness comes from the history of all
//! channels, and their peaks are not known.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::analysis::distribution::{Distribution, LevelQuantiles};
use crate::analysis::programme::{Programme, ProgrammeOptions};
use crate::analysis::summary::Summary;
use crate::audio::frames::{ChannelLayout, StreamFormat};
use crate::dsp::loudness::region_loudness;
use crate::session::references::data::SharedReference;
use crate::session::references::part::PartFigures;
use crate::session::sides::loudness_history::POINT_SECS;
use crate::session::sides::region::Region;

/// Frames copied at once, so that nobody waits long for the lock.
const CHUNK_FRAMES: usize = 16_384;

/// Measures a region of a reference whose sound is there. `None` when it is not, or when `is_stale` says that nobody
/// wants to know any more.
pub fn measure(
    reference: &SharedReference,
    region: Region,
    is_stale: &(dyn Fn() -> bool + Sync),
) -> Option<Arc<PartFigures>> {
    let (layout, sample_rate_hz) = reference.with(|data| {
        let programme = data.programme.as_ref()?;
        data.pcm_is_whole
            .then_some((programme.format.layout, data.sample_rate_hz))
    })?;
    let frame = |secs: f64| (secs * f64::from(sample_rate_hz)).round() as usize;
    let mut at = frame(region.start_secs);
    let end = frame(region.start_secs + region.length_secs);
    let is_mono = layout == ChannelLayout::Mono;
    let mut frames = vec![];
    let source = |chunk: &mut Vec<f32>| {
        if is_stale() {
            return Err(());
        }
        chunk.clear();
        reference.with(|data| {
            let to = end.min(at + CHUNK_FRAMES).min(data.pcm.len());
            frames.clear();
            data.pcm.copy(at..to, &mut frames);
            at = to.max(at);
        });
        if is_mono {
            chunk.extend(frames.iter().map(|frame| frame[0]));
        } else {
            chunk.extend_from_slice(frames.as_flattened());
        }
        Ok(!chunk.is_empty())
    };
    let format = StreamFormat {
        sample_rate_hz,
        layout: if is_mono {
            layout
        } else {
            ChannelLayout::Stereo
        },
    };
    let mut distribution = Distribution::default();
    let programme = Programme::analyse(
        source,
        format,
        ProgrammeOptions::default(),
        &mut |batch| distribution.add_finest(batch.columns),
        &AtomicBool::new(false),
    )
    .ok()??;
    let mut summary = programme.summary;
    let bands = reference.with(|data| {
        if let Some(whole) = &data.programme {
            summary.file.clone_from(&whole.summary.file);
            summary.channels = whole.summary.channels;
        }
        if layout.count() > 2 {
            take_loudness_of_all_channels(&mut summary, data.loudness.points(), region);
        }
        data.bands_within(region)
    });
    Some(Arc::new(PartFigures {
        region,
        summary,
        curves: programme.curves,
        quantiles: LevelQuantiles::new(&distribution),
        bands,
    }))
}

fn take_loudness_of_all_channels(
    summary: &mut Summary,
    points: &[crate::dsp::loudness::LoudnessPoint],
    region: Region,
) {
    let point = |secs: f64| ((secs / POINT_SECS).round().max(0.0) as usize).min(points.len());
    let range = point(region.start_secs)..point(region.start_secs + region.length_secs);
    let loudness = &mut summary.loudness;
    (loudness.integrated_lufs, loudness.range_lu) = region_loudness(points, range.clone());
    let highest = |value: fn(&crate::dsp::loudness::LoudnessPoint) -> Option<f32>| {
        let values = points[range.clone()].iter().filter_map(value);
        values.reduce(f32::max).map(f64::from)
    };
    loudness.max_momentary_lufs = highest(|point| point.momentary());
    loudness.max_short_term_lufs = highest(|point| point.short_term());
    loudness.true_peak_dbtp = None;
    loudness.sample_peak_dbfs = None;
    loudness.plr_lu = None;
    summary.punch.psr_lu = None;
}
