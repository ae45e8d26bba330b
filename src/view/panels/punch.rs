//! The punch panel: how far the loudest moment of the last seconds stands above their loudness, of both sides over
//! time, and the range in which the reference lies.
//!
//! Measure: the highest momentary loudness (0.4 s) whose window lies within the last 3 s, minus the short-term loudness
//! of these 3 s (ITU-R BS.1770-5, EBU Tech 3341), in LU. It is built like PSR, with the loudest 0.4 s in the place of
//! the true peak, whose history is not kept: 0 LU is a steady sound, 8.75 LU a single hit in silence. Gain cancels out,
//! so it needs no match.

use crate::dsp::loudness::LoudnessPoint;
use crate::dsp::loudness_gating::ABSOLUTE_GATE_LUFS;
use crate::session::references::ReferenceData;
use crate::session::settings::arrangement::Panel;
use crate::session::sides::columns::Region;
use crate::session::sides::loudness_history::LoudnessHistory;
use crate::session::sides::stretches::Stretch;
use crate::view::looks::CompareMode;
use crate::view::ranges::{Range, RangeKey, range_of};
use crate::view::rect::Rect;
use crate::view::visible::{Source, Visible, turns};

/// So far before a moment a window of momentary loudness may end: all of it lies within the last 3 s.
const REACH_SECS: f64 = 2.6;
/// Points of a history in one picture.
const MOST_POINTS: f64 = 1500.0;
/// Points a range is measured from, at most and at least: ten seconds.
const RANGE_POINTS: [usize; 2] = [6000, 100];
/// Ends of the axis, in LU: nothing is below the one; above the other is only what begins anew after a silence, and
/// runs along the edge.
const RANGE_LU: [f64; 2] = [0.0, 5.0];
/// A difference that reaches the ends of its axis.
const DIFFERENCE_LU: f64 = 2.0;
/// Steps of the axis, finest first.
pub const STEPS_LU: [f64; 2] = [1.0, 2.0];

/// One point of the history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PunchSample {
    /// Position on the shared time axis: 0 at the left edge, 1 at the right.
    pub fraction: f32,
    /// The measure in LU, −∞ where there is none.
    pub lu: f32,
}

/// What the panel shows of one side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Punch {
    /// Its history over the visible time.
    pub samples: Vec<PunchSample>,
    /// Of a reference: what a tenth, the half and nine tenths of all that is compared lie below, in LU.
    pub range_lu: Range,
}

impl Punch {
    /// Reads a side where the panel is shown.
    pub fn of(source: Source<'_>, visible: &Visible<'_>) -> Self {
        if !visible.shows(Panel::Punch) {
            return Self::default();
        }
        match source {
            Source::Live(side, offset_secs) => {
                let [from, to] = [visible.left_secs(), visible.right_secs].map(|s| s + offset_secs);
                let points = history_lu(&side.loudness, [from, to], visible.span_secs);
                let samples = points.map(|(secs, lu)| PunchSample {
                    fraction: visible.fraction(secs - offset_secs),
                    lu,
                });
                Self {
                    samples: samples.collect(),
                    range_lu: None,
                }
            }
            Source::Laid(data, region, pieces, generation) => Self {
                samples: laid(data, region, pieces, visible),
                range_lu: compared_range(data, generation, visible),
            },
        }
    }

    /// The value at a place on the time axis, between the samples around it.
    pub fn at(&self, fraction: f32) -> Option<f32> {
        let next = self.samples.partition_point(|s| s.fraction < fraction);
        let after = self.samples.get(next)?;
        let before = match next.checked_sub(1) {
            Some(before) => self.samples[before],
            None if after.fraction == fraction => *after,
            None => return None,
        };
        let part = (fraction - before.fraction) / (after.fraction - before.fraction).max(1e-9);
        let lu = before.lu + (after.lu - before.lu) * part;
        lu.is_finite().then_some(lu)
    }

    /// This side minus another at its own samples. Of another song, which has no moment in common, minus its median.
    pub fn minus(&self, other: &Self, has_same_time: bool) -> Vec<PunchSample> {
        let median = other.range_lu.map(|[_, median, _]| median);
        let difference = |sample: &PunchSample| {
            let of_other = if has_same_time {
                other.at(sample.fraction)
            } else {
                median
            };
            PunchSample {
                lu: of_other.map_or(f32::NEG_INFINITY, |lu| sample.lu - lu),
                ..*sample
            }
        };
        self.samples.iter().map(difference).collect()
    }
}

/// Ends of the panel's axis in LU, or of a difference.
pub fn axis_lu(mode: CompareMode) -> [f64; 2] {
    match mode {
        CompareMode::Difference => [-DIFFERENCE_LU, DIFFERENCE_LU],
        _ => RANGE_LU,
    }
}

/// Vertical pixel of a value in the panel's plot.
pub fn y_from_lu(mode: CompareMode, plot: Rect, lu: f64) -> f32 {
    let [low, high] = axis_lu(mode);
    let fraction = ((lu - low) / (high - low)).clamp(0.0, 1.0);
    plot.bottom() - fraction as f32 * plot.h
}

/// A reference under the visible time, where it lay in pieces; its region repeats within each.
fn laid(
    data: &ReferenceData,
    region: Region,
    pieces: &[Stretch],
    visible: &Visible<'_>,
) -> Vec<PunchSample> {
    let mut samples: Vec<PunchSample> = vec![];
    for turn in turns(region, pieces) {
        if samples.len() as f64 > 2.0 * MOST_POINTS {
            break;
        }
        let before = samples.len();
        let part = [
            turn.reference_secs,
            turn.reference_secs + turn.length_secs(),
        ];
        for (secs, lu) in history_lu(&data.loudness, part, visible.span_secs) {
            let mix_secs = turn.mix_secs[0] + secs - turn.reference_secs;
            samples.push(PunchSample {
                fraction: visible.fraction(mix_secs),
                lu,
            });
        }
        if before > 0 && samples.len() > before {
            // The line must not be drawn across a jump, nor from the region's end to its start.
            samples[before].lu = f32::NEG_INFINITY;
        }
    }
    samples
}

/// The range of all that is compared of a reference, once it is read.
fn compared_range(data: &ReferenceData, generation: u64, visible: &Visible<'_>) -> Range {
    data.programme.as_ref()?;
    let region = data.compared();
    let part = [region.start_secs, region.start_secs + region.length_secs];
    let key = RangeKey {
        panel: Panel::Punch,
        generation,
        part: part.map(f64::to_bits),
    };
    visible.last.ranges.range(key, || {
        let [most, least] = RANGE_POINTS;
        let span_secs = region.length_secs * MOST_POINTS / most as f64;
        let values = history_lu(&data.loudness, part, span_secs).map(|(_, lu)| lu);
        range_of(values.filter(|lu| lu.is_finite()).collect(), least)
    })
}

/// The measure over a part of a history, in its own time, as fine as a picture of a span needs it; −∞ where there is
/// no loudness, or less than anybody hears.
fn history_lu(
    history: &LoudnessHistory,
    [from_secs, to_secs]: [f64; 2],
    span_secs: f64,
) -> impl Iterator<Item = (f64, f32)> {
    let read_from = from_secs - REACH_SECS;
    // The same tier for every part of one picture.
    let most = (MOST_POINTS * (to_secs - read_from) / span_secs).ceil();
    let points: Vec<(f64, LoudnessPoint)> =
        history.between(read_from, to_secs, most as usize).collect();
    let first = points.partition_point(|(secs, _)| *secs <= from_secs);
    (first..points.len()).map(move |at| {
        let (secs, point) = points[at];
        let is_within = |(of, _): &&(f64, LoudnessPoint)| secs - of < REACH_SECS + 1e-6;
        let loudest = points[..=at].iter().rev().take_while(is_within);
        let loudest = loudest.map(|(_, point)| point.momentary_lufs);
        let lu = match point.short_term() {
            Some(lufs) if f64::from(lufs) > ABSOLUTE_GATE_LUFS => {
                loudest.fold(f32::NEG_INFINITY, f32::max) - lufs
            }
            _ => f32::NEG_INFINITY,
        };
        (secs, lu)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::loudness::LoudnessMeter;

    const RATE_HZ: u32 = 48_000;

    /// The measure at every tenth of a second of a tone with a level for each tenth, in dBFS.
    fn measured(levels_dbfs: &[f64]) -> Vec<(f64, f32)> {
        let mut meter = LoudnessMeter::new(RATE_HZ, &[1.0, 1.0]);
        let mut phase = 0.0f64;
        for level in levels_dbfs {
            let amplitude = 10f64.powf(level / 20.0);
            for _ in 0..RATE_HZ / 10 {
                phase += 1000.0 / f64::from(RATE_HZ);
                let value = (amplitude * (phase * std::f64::consts::TAU).sin()) as f32;
                meter.process(&[value, value]);
            }
        }
        let mut history = LoudnessHistory::default();
        for point in meter.history() {
            history.push(*point);
        }
        let secs = levels_dbfs.len() as f64 / 10.0;
        history_lu(&history, [0.0, secs], secs).collect()
    }

    fn value_at(values: &[(f64, f32)], secs: f64) -> f32 {
        let nearest = values.iter().min_by(|a, b| {
            let off = |value: &(f64, f32)| (value.0 - secs).abs();
            off(a).total_cmp(&off(b))
        });
        nearest.expect("something was measured").1
    }

    #[test]
    fn a_steady_tone_has_none_at_any_level_and_silence_no_value() {
        for level in [-6.0, -40.0] {
            let values = measured(&vec![level; 60]);
            assert!(value_at(&values, 2.0).is_infinite(), "3 s are needed");
            assert!(value_at(&values, 5.0).abs() < 0.01, "{level}");
        }
        let values = measured(&vec![-200.0; 60]);
        assert!(values.iter().all(|(_, lu)| lu.is_infinite()));
    }

    #[test]
    fn hits_read_what_their_energy_says() {
        // 0.4 s of sound in every 3 s: the loudest 0.4 s hold all of the energy of 3 s.
        let mut levels = vec![-200.0; 90];
        for hit in [10, 40, 70] {
            levels[hit..hit + 4].fill(-20.0);
        }
        let values = measured(&levels);
        let expected = 10.0 * (3.0f32 / 0.4).log10();
        let read = value_at(&values, 8.0);
        assert!((read - expected).abs() < 0.05, "{read}, not {expected}");
        // Half of them 6 dB lower under a carpet: less stands out.
        levels.fill(-26.0);
        levels[70..74].fill(-20.0);
        let louder = 10f32.powf(0.6);
        let mean = (louder * 0.4 + 2.6) / 3.0;
        let expected = 10.0 * (louder / mean).log10();
        let read = value_at(&measured(&levels), 8.0);
        assert!((read - expected).abs() < 0.05, "{read}, not {expected}");
    }

    #[test]
    fn a_hit_counts_for_as_long_as_it_lies_within_three_seconds() {
        let mut levels = vec![-26.0; 100];
        levels[40..44].fill(-20.0);
        let values = measured(&levels);
        assert!(value_at(&values, 4.0).abs() < 0.1);
        assert!(value_at(&values, 7.0) > 3.0);
        assert!(value_at(&values, 7.4).abs() < 0.1, "it is over");
    }

    #[test]
    fn where_a_picture_begins_changes_no_value() {
        let mut history = LoudnessHistory::default();
        for n in 0..600 {
            history.push(LoudnessPoint {
                momentary_lufs: -20.0 + ((n * 37) % 11) as f32,
                short_term_lufs: -18.0 + ((n * 13) % 5) as f32,
            });
        }
        let whole: Vec<_> = history_lu(&history, [0.0, 60.0], 20.0).collect();
        let later: Vec<_> = history_lu(&history, [23.05, 43.05], 20.0).collect();
        // A point a tenth of a second, and those on either side of the edges.
        assert_eq!(later.len(), 201);
        let same = whole.iter().filter(|value| later.contains(value)).count();
        assert_eq!(same, later.len());
    }

    #[test]
    fn a_difference_is_taken_at_the_same_moment_or_from_the_median() {
        let punch = |values: &[f32], range_lu| Punch {
            samples: values
                .iter()
                .enumerate()
                .map(|(n, lu)| PunchSample {
                    fraction: n as f32 / 4.0,
                    lu: *lu,
                })
                .collect(),
            range_lu,
        };
        let mix = punch(&[3.0, 4.0, f32::NEG_INFINITY, 5.0, 2.0], None);
        let reference = punch(&[1.0, 1.0, 1.0, 2.0, 2.0], Some([1.0, 2.5, 4.0]));
        let lu = |samples: Vec<PunchSample>| samples.iter().map(|s| s.lu).collect::<Vec<_>>();
        let absent = f32::NEG_INFINITY;
        let same = lu(mix.minus(&reference, true));
        assert_eq!(same, [2.0, 3.0, absent, 3.0, 0.0]);
        let other = lu(mix.minus(&reference, false));
        assert_eq!(other, [0.5, 1.5, absent, 2.5, -0.5]);
        assert_eq!(reference.at(0.625), Some(1.5));
        assert_eq!(reference.at(1.5), None);
    }
}
