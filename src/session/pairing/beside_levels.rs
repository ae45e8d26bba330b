//! Peaks and levels of what of a record lay beside the mix, and of the mix there: of the same seconds as all else that is
//! compared.

use std::ops::Range;

use crate::analysis::summary::LevelSummary;
use crate::analysis::tap::{Recent, Tap};
use crate::compare::heard::HeardSide;
use crate::dsp::levels::LevelMeter;
use crate::dsp::true_peak::TruePeakMeter;
use crate::session::references::SharedReference;
use crate::session::sides::stretches::Stretch;
use crate::units::db;

/// Frames copied at once, so that nobody waits long for the lock.
const CHUNK_FRAMES: usize = 16_384;
const CHANNELS: usize = 2;
/// Places are known to so much.
const SLACK_SECS: f64 = 0.05;

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
    let mut measuring = Measuring::new(sample_rate_hz);
    let mut frames = vec![];
    let ranges = once(places, sample_rate_hz, num_frames);
    for range in &ranges {
        let mut at = range.start;
        if at > 0 || is_excerpt {
            measuring.begin_amid();
        }
        while at < range.end {
            let to = range.end.min(at + CHUNK_FRAMES);
            frames.clear();
            reference.with(|data| data.pcm.copy(at..to, &mut frames));
            measuring.hear(&frames);
            at = to;
        }
    }
    let ends_amid = ranges
        .last()
        .is_some_and(|last| last.end < num_frames || is_excerpt);
    measuring.finish(ends_amid, side);
    true
}

/// Gives the mix the true peak and the levels of the same seconds, where its sound is still kept for all of them. Else what was
/// measured of it stays.
pub(super) fn measure_mix(side: &mut HeardSide, sound: &Tap, pieces: &[Stretch]) {
    let mut kept = Recent::default();
    sound.copy(usize::MAX, &mut kept);
    let rate = f64::from(kept.sample_rate_hz.max(1));
    let first = kept.end_frame - kept.frames.len() as u64;
    let known = first.max(kept.heard_from)..kept.end_frame;
    let frame = |secs: f64| (secs * rate).round().max(0.0) as u64;
    let slack = frame(SLACK_SECS);
    let ranges: Option<Vec<Range<usize>>> = pieces
        .iter()
        .map(|piece| {
            let (from, to) = (frame(piece.from_secs), frame(piece.to_secs));
            let within = |at: u64| at.clamp(known.start, known.end);
            let is_kept = [from, to]
                .iter()
                .all(|at| within(*at).abs_diff(*at) <= slack);
            is_kept.then(|| (within(from) - first) as usize..(within(to) - first) as usize)
        })
        .collect();
    let Some(ranges) = ranges else {
        return;
    };
    let mut measuring = Measuring::new(kept.sample_rate_hz);
    for range in ranges {
        measuring.begin_amid();
        measuring.hear(&kept.frames[range]);
    }
    measuring.finish(true, side);
    side.is_measured_whole = true;
}

/// Levels and true peak of some stretches.
struct Measuring {
    levels: LevelMeter,
    peaks: TruePeakMeter,
}

impl Measuring {
    fn new(sample_rate_hz: u32) -> Self {
        Self {
            levels: LevelMeter::new(CHANNELS),
            peaks: TruePeakMeter::new(sample_rate_hz, CHANNELS),
        }
    }

    /// What comes next begins amid music: nothing is interpolated from silence, or from the stretch before.
    fn begin_amid(&mut self) {
        self.peaks.skip(1);
    }

    fn hear(&mut self, frames: &[[f32; CHANNELS]]) {
        self.levels.process(frames.as_flattened());
        self.peaks.process(frames.as_flattened());
    }

    fn finish(mut self, ends_amid: bool, side: &mut HeardSide) {
        match ends_amid {
            true => self.peaks.skip(1),
            false => self.peaks.finish(),
        }
        let peak = self.peaks.peak();
        side.levels = LevelSummary::of(self.levels.levels(), peak.clipped_samples);
        side.true_peak_dbtp = db::existing(db::db_from_amplitude(peak.true_peak.into()));
    }
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
    fn the_mix_is_measured_over_the_seconds_that_are_compared_where_its_sound_is_kept() {
        let sound = Tap::new(1_000, 8.0);
        let second = |level: f32| vec![[level, -level]; 1_000];
        for level in [0.1, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.9] {
            sound.push(&second(level));
        }
        let place = |from_secs: f64, to_secs: f64| Stretch {
            from_secs,
            to_secs,
            offset_secs: 7.0,
        };
        let rms_dbfs = |places: &[Stretch]| {
            let mut side = HeardSide::default();
            measure_mix(&mut side, &sound, places);
            assert_eq!(side.is_measured_whole, side.levels.rms_dbfs.is_some());
            side.levels.rms_dbfs
        };
        let of = |amplitude: f64| 20.0 * amplitude.log10() + 3.0103;
        let is_near = |found: Option<f64>, db: f64| {
            assert!(
                found.is_some_and(|found| (found - db).abs() < 0.01),
                "{found:?}"
            );
        };
        is_near(rms_dbfs(&[place(3.0, 9.0)]), of(0.1));
        is_near(rms_dbfs(&[place(2.0, 3.0)]), of(0.5));
        let both = (0.5 * (0.25 + 0.01f64)).sqrt();
        is_near(rms_dbfs(&[place(2.0, 3.0), place(5.0, 6.0)]), of(both));
        assert_eq!(rms_dbfs(&[place(1.0, 3.0)]), None, "its beginning is gone");
        assert_eq!(rms_dbfs(&[place(8.0, 10.5)]), None, "it is not heard yet");
    }

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
