//! Peaks and levels of what of a record lay beside the mix: of the same seconds as all else that is compared.

use std::ops::Range;

use crate::analysis::summary::LevelSummary;
use crate::compare::heard::HeardSide;
use crate::dsp::levels::LevelMeter;
use crate::dsp::true_peak::TruePeakMeter;
use crate::session::references::SharedReference;
use crate::session::sides::stretches::Stretch;
use crate::units::db;

/// Frames copied at once, so that nobody waits long for the lock.
const CHUNK_FRAMES: usize = 16_384;
const CHANNELS: usize = 2;

/// Gives a side the true peak and the levels of the places where a record lay beside the mix, each second of it once.
/// Whether they are known: not without its sound, nor of more channels than are kept.
pub(super) fn measure(
    side: &mut HeardSide,
    reference: &SharedReference,
    places: &[Stretch],
) -> bool {
    let known = reference.with(|data| {
        let programme = data.programme.as_ref()?;
        let is_kept_whole = programme.format.layout.count() <= 2 && data.pcm_is_whole;
        let sound = (data.sample_rate_hz, data.pcm.len(), data.is_kept_sound);
        (is_kept_whole && !data.pcm.is_empty()).then_some(sound)
    });
    let Some((sample_rate_hz, num_frames, is_excerpt)) = known else {
        return false;
    };
    let mut levels = LevelMeter::new(CHANNELS);
    let mut peaks = TruePeakMeter::new(sample_rate_hz, CHANNELS);
    let mut frames = vec![];
    let ranges = once(places, sample_rate_hz, num_frames);
    for range in &ranges {
        let mut at = range.start;
        if at > 0 || is_excerpt {
            // Nothing is interpolated from silence, or from the stretch before.
            peaks.skip(1);
        }
        while at < range.end {
            let to = range.end.min(at + CHUNK_FRAMES);
            frames.clear();
            reference.with(|data| data.pcm.copy(at..to, &mut frames));
            levels.process(frames.as_flattened());
            peaks.process(frames.as_flattened());
            at = to;
        }
    }
    match ranges.last() {
        Some(last) if last.end < num_frames || is_excerpt => peaks.skip(1),
        _ => peaks.finish(),
    }
    let peak = peaks.peak();
    side.levels = LevelSummary::of(levels.levels(), peak.clipped_samples);
    side.true_peak_dbtp = db::existing(db::db_from_amplitude(peak.true_peak.into()));
    true
}

/// The frames of the record that lay beside the mix, in order, those of two turns once.
fn once(places: &[Stretch], sample_rate_hz: u32, num_frames: usize) -> Vec<Range<usize>> {
    let frame =
        |secs: f64| ((secs * f64::from(sample_rate_hz)).round().max(0.0) as usize).min(num_frames);
    let mut ranges: Vec<Range<usize>> = places
        .iter()
        .map(|at| frame(at.from_secs + at.offset_secs)..frame(at.to_secs + at.offset_secs))
        .collect();
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_that_lay_beside_the_mix_twice_is_measured_once() {
        let place = |from_secs: f64, to_secs: f64, offset_secs: f64| Stretch {
            from_secs,
            to_secs,
            offset_secs,
        };
        let places = [
            place(0.0, 10.0, 20.0),
            place(10.0, 15.0, -5.0),
            place(15.0, 18.0, 12.0),
            place(18.0, 25.0, 80.0),
        ];
        assert_eq!(once(&places, 10, 1_000), [50..100, 200..300, 980..1_000]);
        assert!(once(&[], 10, 1_000).is_empty());
    }
}
