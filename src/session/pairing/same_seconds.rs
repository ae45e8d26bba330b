//! Loudness of mix and reference over the same seconds: what the match of an aligned song is made of.
//!
//! Both sides are measured from their histories, a point every 0.1 s, as the mix goes on. A point counts once it is
//! known what lay beside it, and only where both sides sound: a pause of the mix is no quiet reference.

use std::collections::VecDeque;

use crate::dsp::loudness::LoudnessPoint;
use crate::dsp::loudness_gating::{ABSOLUTE_GATE_LUFS, LoudnessHistogram, energy_from_lufs};
use crate::session::references::References;
use crate::session::sides::beside::CompanionFrame;
use crate::session::sides::live_reference::LiveReference;
use crate::session::sides::loudness_history::{LoudnessHistory, POINT_SECS};
use crate::session::sides::mix::Mix;
use crate::session::sides::stretches::{Stretch, Stretches};
use crate::units::db;

/// A point tells of the 0.4 s that end with it.
const WINDOW_SECS: f64 = 0.4;
/// Points of a live reference are there this much later than its meters.
const LATE_SECS: f64 = 0.5;

/// Points that two levels are told from: 8 s each.
const STEADY_POINTS: usize = 80;
/// So steady they are at least, but for a few.
const STEADY_WITHIN_DB: f64 = 1.5;
/// And so far apart: less may be what a limiter does to a chorus.
const MOVED_DB: f64 = 4.0;

/// The running measurement.
#[derive(Default)]
pub(super) struct SameSeconds {
    of: Option<Key>,
    /// Points of the mix up to which all is counted.
    counted: usize,
    sides: [LoudnessHistogram; 2],
    /// Integrated loudness of mix and reference, LUFS.
    integrated_lufs: Option<[f64; 2]>,
    /// How far the mix lay above the reference at the newest points, in dB.
    above_db: VecDeque<f64>,
    /// Points of the mix up to which that was looked at: what is counted again is no news.
    watched: usize,
    /// Where they lay, reference time less mix time.
    watched_offset_secs: f64,
    /// By how much it has moved against it, until that is told.
    moved_db: Option<f64>,
}

/// What is measured: another one begins it anew.
#[derive(Clone, Copy, PartialEq)]
struct Key {
    mix_generation: u64,
    generation: u64,
    epoch: u64,
    /// Of the mix, and of a live reference in its own time.
    measured_from_secs: [f64; 2],
}

/// A point of the mix, and the reference time at which the point beside it ends.
struct Pair {
    /// Number of the mix's point.
    number: usize,
    mix: LoudnessPoint,
    reference_secs: f64,
}

impl SameSeconds {
    /// Begins anew where that is called for. What was known stays until there is something new, if it is of the same
    /// two songs: after a reset the match goes on from where it was.
    fn begin(&mut self, key: Key) {
        if self.of == Some(key) {
            return;
        }
        let is_same_song = self.of.is_some_and(|of| {
            let measured_from_secs = key.measured_from_secs;
            key == Key {
                measured_from_secs,
                ..of
            }
        });
        if !is_same_song {
            self.integrated_lufs = None;
        }
        if self.of.map(|of| of.mix_generation) != Some(key.mix_generation) {
            self.watched = 0;
        }
        self.of = Some(key);
        self.counted = 0;
        self.above_db.clear();
        self.sides.iter_mut().for_each(LoudnessHistogram::clear);
    }

    /// Points of the mix within stretches that are not counted yet; from now on they are.
    fn new_pairs(&mut self, stretches: &[Stretch], mix: &LoudnessHistory) -> Vec<Pair> {
        let measured_from_secs = self.of.map_or(0.0, |of| of.measured_from_secs[0]);
        let points = mix.points();
        let mut pairs = vec![];
        for stretch in stretches {
            let heard_from_secs = stretch.from_secs.max(measured_from_secs) + WINDOW_SECS;
            // Point n ends at (n + 1) tenths.
            let first = (heard_from_secs / POINT_SECS - 1e-6).ceil().max(1.0) as usize - 1;
            let end = (stretch.to_secs / POINT_SECS + 1e-6).floor().max(0.0) as usize;
            let end = end.min(points.len());
            let first = first.max(self.counted);
            let new = points.iter().enumerate().take(end).skip(first);
            pairs.extend(new.map(|(n, mix)| Pair {
                number: n,
                mix: *mix,
                reference_secs: (n + 1) as f64 * POINT_SECS + stretch.offset_secs,
            }));
            self.counted = self.counted.max(end);
        }
        pairs
    }

    /// Counts pairs; `point_at` is the reference's point that ends nearest to a reference time.
    fn count(&mut self, pairs: &[Pair], point_at: impl Fn(f64) -> Option<LoudnessPoint>) {
        for pair in pairs {
            let energies = [Some(pair.mix), point_at(pair.reference_secs)].map(energy);
            let [Some(mix), Some(reference)] = energies else {
                continue;
            };
            self.sides[0].add(mix);
            self.sides[1].add(reference);
            if pair.number >= self.watched {
                self.watched = pair.number + 1;
                // Another part of the song may lie otherwise beside the mix.
                let offset_secs = pair.reference_secs - pair.number as f64 * POINT_SECS;
                if (offset_secs - self.watched_offset_secs).abs() > 0.5 * POINT_SECS {
                    self.watched_offset_secs = offset_secs;
                    self.above_db.clear();
                }
                self.watch(db::db_from_power(mix / reference));
            }
        }
        let lufs = |side: &LoudnessHistogram| side.integrated().map(|(lufs, _)| lufs);
        if let [Some(mix), Some(reference)] = self.sides.each_ref().map(lufs) {
            self.integrated_lufs = Some([mix, reference]);
        }
    }
}

impl SameSeconds {
    /// Notices a fader: what is measured is then of two levels, and a match of both is that of neither.
    fn watch(&mut self, above_db: f64) {
        self.above_db.push_back(above_db);
        if self.above_db.len() < 2 * STEADY_POINTS {
            return;
        }
        let points = self.above_db.make_contiguous();
        let [before, now] =
            [&points[..STEADY_POINTS], &points[STEADY_POINTS..]].map(middle_and_spread);
        let moved_db = now.0 - before.0;
        let is_steady = before.1.max(now.1) < STEADY_WITHIN_DB;
        if is_steady && moved_db.abs() >= MOVED_DB {
            self.moved_db = Some(moved_db);
            self.above_db.clear();
        } else {
            self.above_db.pop_front();
        }
    }

    /// That the mix has moved against the reference, in words, once.
    pub(super) fn news(&mut self) -> Option<String> {
        let moved_db = self.moved_db.take()?;
        let way = if moved_db > 0.0 { "louder" } else { "quieter" };
        Some(format!(
            "the mix is {:.1} dB {way} beside the reference than before · R measures anew",
            moved_db.abs()
        ))
    }
}

/// Median, and the deviation from it that few values exceed.
fn middle_and_spread(values: &[f64]) -> (f64, f64) {
    let lower = |mut values: Vec<f64>, part: f64| {
        let n = (values.len() as f64 * part) as usize;
        *values.select_nth_unstable_by(n, f64::total_cmp).1
    };
    let middle = lower(values.to_vec(), 0.5);
    let off = values.iter().map(|value| (value - middle).abs());
    (middle, lower(off.collect(), 0.85))
}

/// Energy of a point that sounds.
fn energy(point: Option<LoudnessPoint>) -> Option<f64> {
    let lufs = f64::from(point?.momentary()?);
    (lufs > ABSOLUTE_GATE_LUFS).then(|| energy_from_lufs(lufs))
}

/// The point of a history that ends nearest to a time.
fn nearest(history: &LoudnessHistory, secs: f64) -> Option<LoudnessPoint> {
    let n = (secs / POINT_SECS).round() - 1.0;
    (n >= 0.0)
        .then(|| history.points().get(n as usize).copied())
        .flatten()
}

impl SameSeconds {
    /// Brings the loudness of both sides over the same seconds up to what has been heard; none while that is not known.
    /// `beside` is how they lie to each other.
    pub(super) fn measure(
        &mut self,
        mix: &Mix,
        references: &References,
        beside: &CompanionFrame,
    ) -> Option<[f64; 2]> {
        let heard = mix.history()?;
        let live = references.input().and_then(LiveReference::history);
        let of_live = live.map(|live| {
            let offset_secs = beside.offset_secs;
            let began_secs = live.measured_from_secs - offset_secs;
            Stretches::of(vec![Stretch {
                from_secs: began_secs.max(heard.measured_from_secs),
                to_secs: heard.end_secs().min(live.end_secs() - offset_secs) - LATE_SECS,
                offset_secs,
            }])
        });
        let stretches = of_live.as_ref().unwrap_or(&beside.stretches);
        if stretches.is_empty() {
            return None;
        }
        self.begin(Key {
            mix_generation: mix.generation(),
            generation: references.generation(),
            epoch: stretches.epoch,
            measured_from_secs: [
                heard.measured_from_secs,
                live.map_or(0.0, |live| live.measured_from_secs),
            ],
        });
        let pairs = self.new_pairs(stretches.all(), &heard.loudness);
        // The picture and the loader share the reference: it is only looked at where there is something to count.
        if !pairs.is_empty() {
            if let Some(live) = live {
                self.count(&pairs, |secs| nearest(&live.loudness, secs));
            } else if let Some(reference) = references.active() {
                let data = reference.data();
                let whole = data.whole();
                let point_at = |secs| nearest(&data.loudness, whole.reference_secs(secs));
                self.count(&pairs, point_at);
            }
        }
        self.integrated_lufs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(stretches: &[(usize, f32)]) -> LoudnessHistory {
        let mut history = LoudnessHistory::default();
        for (points, momentary_lufs) in stretches {
            for _ in 0..*points {
                history.push(LoudnessPoint {
                    momentary_lufs: *momentary_lufs,
                    short_term_lufs: *momentary_lufs,
                    ..LoudnessPoint::ABSENT
                });
            }
        }
        history
    }

    fn key(measured_from_secs: f64) -> Key {
        Key {
            mix_generation: 0,
            generation: 0,
            epoch: 0,
            measured_from_secs: [measured_from_secs, 0.0],
        }
    }

    fn stretch(from_secs: f64, to_secs: f64, offset_secs: f64) -> Stretch {
        Stretch {
            from_secs,
            to_secs,
            offset_secs,
        }
    }

    #[test]
    fn a_fader_that_was_moved_is_told_once_and_what_a_limiter_does_is_not() {
        let mut random = crate::dsp::signals::Random::new(4);
        let mut hear = |levels: &dyn Fn(usize) -> f64| {
            let mut measured = SameSeconds::default();
            let news = (0..600).filter_map(|n| {
                measured.watch(levels(n) + 0.8 * random.bipolar());
                measured.news()
            });
            news.collect::<Vec<String>>()
        };
        let moved = hear(&|n| if n < 300 { -3.0 } else { -9.0 });
        assert_eq!(moved.len(), 1, "{moved:?}");
        let words = "quieter beside the reference than before · R measures anew";
        assert!(moved[0].ends_with(words), "{moved:?}");
        let db: f64 = moved[0]["the mix is ".len()..]
            .split(' ')
            .next()
            .and_then(|db| db.parse().ok())
            .expect("a number");
        assert!((db - 6.0).abs() < 0.5, "{moved:?}");
        // A chorus that a limiter holds, a slow ride, hits that differ.
        assert!(hear(&|n| if n / 200 == 1 { -3.0 } else { 0.0 }).is_empty());
        assert!(hear(&|n| 0.01 * n as f64).is_empty());
        assert!(hear(&|n| if n.is_multiple_of(3) { 6.0 } else { -2.0 }).is_empty());
    }

    #[test]
    fn both_sides_are_measured_over_the_same_sounding_seconds_each_counted_once() {
        // A loud minute before the lock, music, a pause, and music from elsewhere.
        let mix = history(&[
            (600, -6.0),
            (300, -20.0),
            (100, LoudnessPoint::ABSENT_LUFS),
            (300, -20.0),
        ]);
        let reference = history(&[(300, -14.0), (1000, -30.0), (300, -14.0)]);
        let mut same = SameSeconds::default();
        same.begin(key(0.0));
        // Mix 60 … 90 is reference 0 … 30, the pause would be its quiet part, mix 100 … 130 is 130 … 160.
        let mut stretches = vec![stretch(60.0, 80.0, -60.0)];
        for to_secs in [85.0, 100.0] {
            let pairs = same.new_pairs(&stretches, &mix);
            same.count(&pairs, |secs| nearest(&reference, secs));
            assert!(same.new_pairs(&stretches, &mix).is_empty());
            stretches[0].to_secs = to_secs;
        }
        stretches.push(stretch(100.0, 130.0, 30.0));
        let pairs = same.new_pairs(&stretches, &mix);
        same.count(&pairs, |secs| nearest(&reference, secs));
        let [of_mix, of_reference] = same.integrated_lufs.expect("both sound");
        assert!((of_mix + 20.0).abs() < 0.01, "{of_mix}");
        assert!((of_reference + 14.0).abs() < 0.01, "{of_reference}");
    }

    #[test]
    fn a_reset_begins_anew_and_keeps_what_was_known_until_there_is_more() {
        let mix = history(&[(300, -20.0), (300, -12.0)]);
        let reference = history(&[(600, -14.0)]);
        let stretches = [stretch(0.0, 60.0, 0.0)];
        let mut same = SameSeconds::default();
        let mut measure = |from_secs: f64, to_secs: f64| {
            same.begin(key(from_secs));
            let stretches = stretches.map(|all| Stretch { to_secs, ..all });
            let pairs = same.new_pairs(&stretches, &mix);
            same.count(&pairs, |secs| nearest(&reference, secs));
            same.integrated_lufs.map(|[mix, _]| mix.round())
        };
        assert_eq!(measure(0.0, 30.0), Some(-20.0));
        assert_eq!(measure(30.0, 30.0), Some(-20.0));
        assert_eq!(measure(30.0, 50.0), Some(-12.0));
        same.begin(Key {
            epoch: 1,
            ..key(30.0)
        });
        assert_eq!(same.integrated_lufs, None);
    }
}
