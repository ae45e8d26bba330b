//! The punch panel: how far peaks stand above loudness and attacks above what is around them, of both sides over time, and
//! the range in which the reference's lie. What is measured is said in [`crate::dsp::punch`].
//!
//! Gain cancels out of all of it, so nothing here is matched.

use crate::analysis::punch::PunchSummary;
use crate::dsp::punch::{FIRST_POINTS, PunchPoint};
use crate::session::references::ReferenceData;
use crate::session::settings::arrangement::Panel;
use crate::session::sides::loudness_history::{LoudnessHistory, POINT_SECS};
use crate::session::sides::region::Region;
use crate::session::sides::stretches::Stretch;
use crate::view::panels::punch_figure::{PunchFigure, PunchRanges, ranges_of};
use crate::view::visible::{Source, Visible, turns};

/// Points of a history in one picture.
const MOST_POINTS: f64 = 1500.0;
/// What is so far below the loudest in the picture is not what a side usually is: where a sound stops, its last peaks stand
/// high over what is left of it.
const ENDS_LU: f32 = 12.0;

/// One point of the history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PunchSample {
    /// Position on the shared time axis: 0 at the left edge, 1 at the right.
    pub fraction: f32,
    /// Its figures.
    pub punch: PunchPoint,
    /// How loud it is there, if anything sounds.
    pub short_term_lufs: Option<f32>,
}

/// What the panel shows of one side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Punch {
    /// Its history over the visible time.
    pub samples: Vec<PunchSample>,
    /// Of a reference: between which figures what runs beside the mix moves.
    pub ranges: PunchRanges,
    /// What of it those are of: "all", "region" or "section".
    pub ranges_of: &'static str,
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
                let points = side.loudness.between(from, to, MOST_POINTS as usize);
                let samples = points.map(|(secs, point)| PunchSample {
                    fraction: visible.fraction(secs - offset_secs),
                    punch: point.punch,
                    short_term_lufs: point.short_term(),
                });
                Self {
                    samples: samples.collect(),
                    ..Self::default()
                }
            }
            Source::Laid(data, region, pieces, generation) => Self {
                samples: laid(data, region, pieces, visible),
                ranges: ranges(data, region, generation, visible),
                ranges_of: match (region == data.compared(), data.region) {
                    (true, None) => "all",
                    (true, Some(_)) => "region",
                    (false, _) => "section",
                },
            },
        }
    }

    /// A figure over the visible time, −∞ where there is none.
    pub fn line(&self, figure: PunchFigure) -> impl Iterator<Item = (f32, f32)> + '_ {
        let value = move |sample: &PunchSample| figure.of(&sample.punch);
        let samples = self.samples.iter();
        samples.map(move |sample| (sample.fraction, value(sample).unwrap_or(f32::NEG_INFINITY)))
    }

    /// A figure at a place on the time axis, between the samples around it.
    pub fn at(&self, figure: PunchFigure, fraction: f32) -> Option<f64> {
        let next = self.samples.partition_point(|s| s.fraction < fraction);
        let after = self.samples.get(next)?;
        let before = match next.checked_sub(1) {
            Some(before) => self.samples[before],
            None if after.fraction == fraction => *after,
            None => return None,
        };
        let part = (fraction - before.fraction) / (after.fraction - before.fraction).max(1e-9);
        let [from, to] = [figure.of(&before.punch)?, figure.of(&after.punch)?];
        Some(f64::from(from + (to - from) * part))
    }

    /// What half of the visible time lies below, without what fades away.
    pub fn median(&self, figure: PunchFigure) -> Option<f64> {
        let loudness = self.samples.iter().filter_map(|s| s.short_term_lufs);
        let loudest = loudness.reduce(f32::max).unwrap_or(f32::NEG_INFINITY);
        let is_music = |sample: &PunchSample| {
            let lufs = sample.short_term_lufs.unwrap_or(f32::NEG_INFINITY);
            lufs >= loudest - ENDS_LU
        };
        // What is quiet in between is music too.
        let first = self.samples.iter().position(is_music)?;
        let last = self.samples.iter().rposition(is_music)?;
        let music = self.samples[first..=last].iter();
        let mut values: Vec<f32> = music
            .filter_map(|sample| figure.of(&sample.punch))
            .collect();
        let middle = values.len() / 2;
        (!values.is_empty()).then(|| {
            let (_, median, _) = values.select_nth_unstable_by(middle, f32::total_cmp);
            f64::from(*median)
        })
    }

    /// What stands for a reference: what was beside the mix, or the median of all that is compared.
    pub fn stands_for(&self, figure: PunchFigure, has_same_time: bool) -> Option<f64> {
        let of_all = self.ranges[figure.index()].map(|[_, median, _]| median);
        let beside = self.median(figure);
        match has_same_time {
            true => beside.or(of_all),
            false => of_all.or(beside),
        }
    }

    /// This side minus a reference, at its own samples.
    pub fn minus(&self, other: &Self, figure: PunchFigure, has_same_time: bool) -> Vec<(f32, f32)> {
        let median = other.stands_for(figure, has_same_time);
        let minus = |(fraction, value): (f32, f32)| {
            let other = match has_same_time {
                true => other.at(figure, fraction),
                false => median,
            };
            let value = other.map_or(f32::NEG_INFINITY, |other| value - other as f32);
            (fraction, value)
        };
        self.line(figure).map(minus).collect()
    }
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
        let from = turn.reference_secs;
        let to = from + turn.length_secs();
        // The same tier for every part of one picture.
        let most = (MOST_POINTS * (to - from) / visible.span_secs).ceil();
        for (secs, point) in data.loudness.between(from, to, most as usize) {
            let mix_secs = turn.mix_secs[0] + secs - turn.reference_secs;
            samples.push(PunchSample {
                fraction: visible.fraction(mix_secs),
                punch: point.punch,
                short_term_lufs: point.short_term(),
            });
        }
        if before > 0 && samples.len() > before {
            // The line must not be drawn across a jump, nor from the region's end to its start.
            samples[before].punch = PunchPoint::ABSENT;
        }
    }
    samples
}

/// The ranges of what runs beside the mix, once the reference is read.
fn ranges(
    data: &ReferenceData,
    region: Region,
    generation: u64,
    visible: &Visible<'_>,
) -> PunchRanges {
    let is_compared = region == data.compared();
    match data.summary().filter(|_| is_compared) {
        Some(summary) => ranges_of(&summary.punch),
        None if data.programme.is_none() || is_compared => PunchRanges::default(),
        None => (visible.last).punch_of_section(generation, region, || {
            ranges_of(&punch_within(&data.loudness, region))
        }),
    }
}

/// Figures of a part of a history: of the points whose 3 s lie within it.
fn punch_within(history: &LoudnessHistory, part: Region) -> PunchSummary {
    let points = history.points();
    let index = |secs: f64| ((secs / POINT_SECS).round().max(0.0) as usize).min(points.len());
    let end = index(part.start_secs + part.length_secs);
    let first = (index(part.start_secs) + FIRST_POINTS).min(end);
    PunchSummary::of(&points[first..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn punch(values: &[f32]) -> Punch {
        let samples = values.iter().enumerate().map(|(n, psr_lu)| PunchSample {
            fraction: n as f32 / 4.0,
            punch: PunchPoint {
                psr_lu: *psr_lu,
                ..PunchPoint::ABSENT
            },
            short_term_lufs: Some(-14.0),
        });
        Punch {
            samples: samples.collect(),
            ..Punch::default()
        }
    }

    #[test]
    fn what_fades_away_is_not_what_a_side_usually_is() {
        let mut side = punch(&[9.0, 9.0, 8.0, 15.0, 16.0, 17.0, 18.0]);
        for (sample, lufs) in side.samples[3..]
            .iter_mut()
            .zip([-27.0, -32.0, -38.0, -45.0])
        {
            sample.short_term_lufs = Some(lufs);
        }
        assert_eq!(side.median(PunchFigure::Psr), Some(9.0));
        // All of it as quiet as that is quiet music.
        side.samples
            .iter_mut()
            .for_each(|sample| sample.short_term_lufs = Some(-45.0));
        assert_eq!(side.median(PunchFigure::Psr), Some(15.0));
        // So is what is quiet between two loud parts.
        for sample in [0, 6] {
            side.samples[sample].short_term_lufs = Some(-14.0);
        }
        assert_eq!(side.median(PunchFigure::Psr), Some(15.0));
    }

    #[test]
    fn a_value_lies_between_its_samples_and_nowhere_beside_an_absence() {
        let side = punch(&[3.0, 4.0, PunchPoint::ABSENT_DB, 5.0, 2.0]);
        assert_eq!(side.at(PunchFigure::Psr, 0.125), Some(3.5));
        assert_eq!(side.at(PunchFigure::Psr, 0.4), None);
        assert_eq!(side.at(PunchFigure::Psr, 1.5), None);
        assert_eq!(side.at(PunchFigure::Attack(2), 0.125), None);
        assert_eq!(side.median(PunchFigure::Psr), Some(4.0));
        assert_eq!(side.median(PunchFigure::Crest(0)), None);
    }

    #[test]
    fn beside_another_song_a_difference_is_taken_from_its_median() {
        let psr = PunchFigure::Psr;
        let mix = punch(&[10.0, 9.0, 8.0]);
        let mut reference = punch(&[12.0, 14.0, 12.0]);
        let differences = |reference: &Punch, has_same_time| -> Vec<f32> {
            let line = mix.minus(reference, psr, has_same_time);
            line.into_iter().map(|(_, value)| value).collect()
        };
        assert_eq!(differences(&reference, true), [-2.0, -5.0, -4.0]);
        // As long as nothing else is known of it, what lies beside the mix.
        assert_eq!(differences(&reference, false), [-2.0, -3.0, -4.0]);
        reference.ranges[psr.index()] = Some([10.0, 11.0, 12.0]);
        assert_eq!(differences(&reference, false), [-1.0, -2.0, -3.0]);
        assert_eq!(reference.stands_for(psr, false), Some(11.0));
        assert_eq!(reference.stands_for(psr, true), Some(12.0));
    }
}
