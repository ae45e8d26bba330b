//! The loudness panel: the histories of both sides over the visible time, their difference, and loudness to pixels.

use crate::dsp::loudness::LoudnessPoint;
use crate::session::references::ReferenceData;
use crate::session::settings::arrangement::Panel;
use crate::session::sides::history::History;
use crate::session::sides::region::Region;
use crate::session::sides::stretches::Stretch;
use crate::view::looks::CompareMode;
use crate::view::panels::taken_up::{MOMENTARY_SECS, SHORT_TERM_SECS, TakenUp};
use crate::view::rect::Rect;
use crate::view::scene::Scene;
use crate::view::side::LoudnessSample;
use crate::view::visible::{Visible, turns};

/// Points of a loudness history in one picture.
const MOST_POINTS: usize = 1500;

/// The loudness of a live side, whose own time lies `offset_secs` under mix time 0; none where no panel shows it.
pub fn live_loudness(
    side: &History,
    offset_secs: f64,
    visible: &Visible<'_>,
) -> Vec<LoudnessSample> {
    let points = if visible.shows(Panel::Loudness) {
        MOST_POINTS
    } else {
        0
    };
    side.loudness
        .between(
            visible.left_secs() + offset_secs,
            visible.right_secs + offset_secs,
            points,
        )
        .map(|(secs, point)| sample(visible.fraction(secs - offset_secs), point))
        .collect()
}

/// The reference's loudness under the visible mix time, where it lay in pieces; its region repeats within each. Of the same
/// song it is that of what the mix has taken up.
pub fn reference_loudness(
    data: &ReferenceData,
    (region, pieces): (Region, &[Stretch]),
    taken_up: Option<TakenUp<'_>>,
    visible: &Visible<'_>,
) -> Vec<LoudnessSample> {
    let mut samples: Vec<LoudnessSample> = vec![];
    if !visible.shows(Panel::Loudness) {
        return samples;
    }
    for turn in turns(region, pieces) {
        if samples.len() > 2 * MOST_POINTS {
            break;
        }
        let before = samples.len();
        let share = (MOST_POINTS as f64 * turn.length_secs() / visible.span_secs).ceil() as usize;
        let to_secs = turn.reference_secs + turn.length_secs();
        let points = data
            .loudness
            .between(turn.reference_secs, to_secs, share.max(2));
        for (secs, point) in points {
            let mix_secs = turn.mix_secs[0] + secs - turn.reference_secs;
            let mut sample = sample(visible.fraction(mix_secs), point);
            let ago_secs = taken_up.and_then(|it| Some((it, it.ago_secs(mix_secs)?)));
            if let Some((taken_up, ago_secs)) = ago_secs {
                if ago_secs < SHORT_TERM_SECS {
                    let lufs = taken_up.short_term_lufs(&data.loudness, region, mix_secs);
                    sample.short_term_lufs = lufs;
                }
                if ago_secs < MOMENTARY_SECS {
                    sample.momentary_lufs = f32::NEG_INFINITY;
                }
            }
            samples.push(sample);
        }
        if before > 0 && samples.len() > before {
            // The line must not be drawn across a jump, nor from the region's end to its start.
            samples[before].momentary_lufs = f32::NEG_INFINITY;
            samples[before].short_term_lufs = f32::NEG_INFINITY;
        }
    }
    samples
}

fn sample(fraction: f32, point: LoudnessPoint) -> LoudnessSample {
    let lufs = |value: f32| {
        if value > LoudnessPoint::ABSENT_LUFS {
            value
        } else {
            f32::NEG_INFINITY
        }
    };
    LoudnessSample {
        fraction,
        momentary_lufs: lufs(point.momentary_lufs),
        short_term_lufs: lufs(point.short_term_lufs),
    }
}

impl Scene {
    /// Whether the loudness panel shows a difference. Two songs have no moments in common: they are shown beside each other.
    pub fn loudness_is_difference(&self) -> bool {
        self.looks.mode == CompareMode::Difference && self.outside.is_none() && self.has_same_time()
    }

    /// Lower and upper edge of the loudness panel: LUFS, or LU about zero where the difference is shown.
    pub fn loudness_range(&self) -> [f64; 2] {
        if self.loudness_is_difference() {
            let range = f64::from(self.looks.difference_range_db);
            [-range, range]
        } else {
            self.looks.loudness_axis_lufs()
        }
    }

    /// Whether a loudness lies on the axis of the loudness panel.
    pub fn shows_lufs(&self, lufs: f64) -> bool {
        let [low, high] = self.loudness_range();
        (low..=high).contains(&lufs)
    }

    /// Vertical pixel of a loudness, or of a difference of loudness, in the loudness panel.
    pub fn y_from_lufs(&self, plot: Rect, lufs: f64) -> f32 {
        let [low, high] = self.loudness_range();
        let fraction = ((lufs - low) / (high - low)).clamp(0.0, 1.0);
        plot.bottom() - fraction as f32 * plot.h
    }

    /// A − B of the loudness histories in LU with the match applied, at the mix's points; −∞ where either is absent.
    pub fn loudness_difference(&self) -> Vec<LoudnessSample> {
        let gain = self.reference_gain_db() as f32;
        let [mix, reference] = [&self.sides[0].loudness, &self.sides[1].loudness];
        let mut next = 0;
        mix.iter()
            .map(|a| {
                while next < reference.len() && reference[next].fraction < a.fraction {
                    next += 1;
                }
                let around =
                    [next.checked_sub(1), Some(next)].map(|at| at.and_then(|at| reference.get(at)));
                let at = |value: fn(&LoudnessSample) -> f32| {
                    let between = match around {
                        [Some(before), Some(after)] => {
                            let span = (after.fraction - before.fraction).max(1e-9);
                            let t = (a.fraction - before.fraction) / span;
                            value(before) + (value(after) - value(before)) * t
                        }
                        [_, Some(after)] if after.fraction == a.fraction => value(after),
                        _ => f32::NEG_INFINITY,
                    };
                    let difference = value(a) - between - gain;
                    if difference.is_finite() {
                        difference
                    } else {
                        f32::NEG_INFINITY
                    }
                };
                LoudnessSample {
                    fraction: a.fraction,
                    momentary_lufs: at(|sample| sample.momentary_lufs),
                    short_term_lufs: at(|sample| sample.short_term_lufs),
                }
            })
            .collect()
    }
}
